"""From stream to stream, however many there are: a few hundred are named at a time, and none is held longer than that."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.statements import sql

AT_ONCE = 200
"""Streams that are named by one statement."""


class Known(NamedTuple):
    """A stream of which the ledger, the log or the read model knows; the position and head that its row of the read model was made from, if it has one."""

    stream: str
    position: int | None
    head: bytes | None


class Named(NamedTuple):
    """A stream of the ledger, and whether its key was destroyed, so that nobody can read it."""

    stream: str
    erased: bool


async def streams_after(connection: Connection, after: str) -> list[Named]:
    """The next streams behind `after`, in the database's order, at most `AT_ONCE`; none: there are no more."""
    rows = await (await AsyncRawCursor(connection).execute(sql("streams_after"), (after, AT_ONCE))).fetchall()
    return [Named(*row) for row in rows]


async def streams_in_order(connection: Connection, *, after: str = "") -> AsyncIterator[str]:
    """The ids of all streams behind `after` that can be read, in the database's order; one that begins meanwhile may or may not be among them."""
    while batch := await streams_after(connection, after):
        for one in batch:
            if not one.erased:
                yield one.stream
        after = batch[-1].stream


async def count_streams(connection: Connection) -> int:
    """How many streams the ledger holds."""
    return await _count(connection, "streams_count")


async def known_streams(connection: Connection) -> AsyncIterator[Known]:
    """Every stream that the ledger, the log or the read model knows of, in the database's order: also one whose entries are all gone."""
    after = ""
    while rows := await (
        await AsyncRawCursor(connection).execute(sql("streams_known_after"), (after, AT_ONCE))
    ).fetchall():
        for stream, position, head in rows:
            yield Known(stream, position, None if head is None else bytes(head))
        after = rows[-1][0]


async def count_known_streams(connection: Connection) -> int:
    """How many streams the ledger, the log or the read model knows of."""
    return await _count(connection, "streams_known_count")


async def count_entries(connection: Connection) -> int:
    """How many entries can be read: those of streams whose key was not destroyed."""
    return await _count(connection, "entries_count")


async def _count(connection: Connection, statement: str) -> int:
    row = await (await AsyncRawCursor(connection).execute(sql(statement))).fetchone()
    return int(row[0]) if row is not None else 0
