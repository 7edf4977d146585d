"""The ledger: reading it, and adding to its end. Nothing here can change what was recorded.

A stream is taken for one transaction at a time (`open_stream` locks it), so that whoever decides has seen everything before. The
position is checked by the primary key besides, and the database itself checks that an entry follows the one before it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.staff import as_actor
from activities.store.statements import sql
from workflows.core.entry import Entry
from workflows.core.kinds import Actor

BATCH = 2000
"""Entries fetched at once by `read`: about a megabyte."""


class Opened(NamedTuple):
    """A stream as its taker finds it, under the stream's lock.

    known: the entry that already answers the command, if there is one.
    tail: the entries from the given position on, the first being the one that the caller believes to be the last.
    now: the database's clock, for `recorded_at`.
    staff: the people asked for who hold an appointment at the given instant.
    """

    known: Entry | None
    tail: list[Entry]
    now: datetime
    staff: dict[str, Actor]


def as_entry(_cursor: object) -> Any:
    """Row factory for the ten columns of an entry, in their order."""
    # An Entry is a tuple: built by the tuple's own constructor, a row costs no call of Python.
    return partial(tuple.__new__, Entry)


async def open_stream(
    connection: Connection, *, stream: str, position: int, command_id: str, people: tuple[str, ...], at: datetime
) -> Opened:
    """Lock the stream until the transaction ends, and read what a decision needs; one round trip inside `pool.transaction`.

    Args:
        connection: inside a transaction.
        stream: the stream to take; it need not exist yet.
        position: of the last entry that the caller knows; 0 for none.
        command_id: of the command to be decided.
        people: person ids to look up in the staff directory.
        at: the instant at which their appointments must be valid (the engine's time, not the wall clock).
    """
    taken = AsyncRawCursor(connection)
    await taken.execute(sql("stream_take"), (stream, list(people), at), binary=True)
    entries: AsyncRawCursor[Entry] = AsyncRawCursor(connection, row_factory=as_entry)
    await entries.execute(sql("stream_tail"), (stream, position, command_id), binary=True)
    found = await entries.fetchall()
    appointments = await taken.fetchall()
    return Opened(
        known=next((entry for entry in found if entry.command_id == command_id), None),
        tail=[entry for entry in found if entry.position >= position],
        now=appointments[0][0],
        staff={row[1]: as_actor(row[1:]) for row in appointments if row[1] is not None},
    )


async def append(connection: Connection, entry: Entry) -> None:
    """Add the entry at the end of its stream; inside `pool.transaction` nothing is awaited here.

    Raises:
        psycopg.errors.UniqueViolation: the position is taken, or the command was answered already.
        psycopg.errors.IntegrityError: it does not follow the entry before it, or `recorded_at` is not the database's clock.
    """
    await AsyncRawCursor(connection).execute(sql("entry_append"), entry, binary=True)


async def read(connection: Connection, stream: str, *, after: int = 0) -> AsyncIterator[Entry]:
    """The entries of a stream behind position `after`, in order, fetched in batches by position."""
    async for batch in read_batches(connection, stream, after=after):
        for entry in batch:
            yield entry


async def read_batches(
    connection: Connection, stream: str, *, after: int = 0, size: int = BATCH
) -> AsyncIterator[list[Entry]]:
    """The same in lists of up to `size` entries: for whoever folds many of them."""
    while True:
        cursor: AsyncRawCursor[Entry] = AsyncRawCursor(connection, row_factory=as_entry)
        await cursor.execute(sql("entries_after"), (stream, after, size), binary=True)
        batch = await cursor.fetchall()
        if batch:
            yield batch
            after = batch[-1].position
        if len(batch) < size:
            return


async def head(connection: Connection, stream: str) -> Entry | None:
    """The last entry of the stream; None if there is no such stream."""
    cursor: AsyncRawCursor[Entry] = AsyncRawCursor(connection, row_factory=as_entry)
    await cursor.execute(sql("entry_head"), (stream,), binary=True)
    return await cursor.fetchone()
