"""Erasure: what two people decided is carried out on the store, so that nothing of the record can be read again anywhere.

The texts and the names go in the transaction that records the decision. The key of the stream is still needed for what the end of the case owes
(recipients are told, notices served); once nothing is owed it is destroyed, and with it every entry's content, in backups too as far
as the journal reaches. The chain of hashes, the leaves of the log and the tombstone stay: that there was a record, and who had it erased, is no secret.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store.erasure_journal import Erased, Journal
from activities.store.fold import fold
from activities.store.keys import KeyRing
from activities.store.log import sequence
from activities.store.pool import Connection, Pool
from activities.store.read_model import clear
from activities.store.statements import sql
from workflows.case.folded import FOLDED
from workflows.case.retention import ErasureApproved
from workflows.core.kinds import Event

_REWRITES_FROM = 170000
"""The first server version that lets the application have a table rewritten without owning it."""


class Erasure(NamedTuple):
    """A tombstone: as `Erased`, with when the key was destroyed and when Temporal had forgotten the histories (None: not yet)."""

    stream: str
    position: int
    requested_by: str
    approved_by: str
    approved_at: datetime
    destroyed_at: datetime | None
    forgotten_at: datetime | None

    @property
    def erased(self) -> Erased:
        """The line of the journal that stands for it."""
        return Erased(*self[:5])


async def apply(connection: Connection, *, stream: str, position: int, events: Sequence[Event], at: datetime) -> None:
    """Where the entry approves an erasure: write the tombstone and destroy texts and names, in the transaction that appends the entry."""
    for event in events:
        if isinstance(event, ErasureApproved):
            cursor = AsyncRawCursor(connection)
            await cursor.execute(sql("erasure_add"), (stream, position, event.requested_by, event.approved_by, at))
            await cursor.execute(sql("erase_texts"), (stream,))


async def erasures(connection: Connection) -> list[Erasure]:
    """Every tombstone by the instant of its decision."""
    rows = await (await AsyncRawCursor(connection).execute(sql("erasures"))).fetchall()
    return [Erasure(*row) for row in rows]


async def tombstone(connection: Connection, stream: str) -> Erasure | None:
    """The stream's tombstone; None where nobody decided its erasure."""
    row = await (await AsyncRawCursor(connection).execute(sql("erasure_of_stream"), (stream,))).fetchone()
    return None if row is None else Erasure(*row)


async def is_destroyed(connection: Connection, stream: str) -> bool:
    """Whether the stream's key was destroyed."""
    row = await (await AsyncRawCursor(connection).execute(sql("erasure_of_stream"), (stream,))).fetchone()
    return row is not None and Erasure(*row).destroyed_at is not None


async def rightly(connection: Connection, journal: Journal | None) -> frozenset[str]:
    """The streams whose key was destroyed rightly: as the journal says; where there is none at hand, as tombstone and ledger say together.

    A key that is gone without that was destroyed by somebody else, whatever a tombstone claims.

    Raises:
        StoreRefused: the journal cannot be read.
    """
    if journal is not None:
        return frozenset(one.stream for one in journal.read())
    rows = await (await AsyncRawCursor(connection).execute(sql("erasures_decided"))).fetchall()
    return frozenset(stream for (stream,) in rows)


async def carry_out(pool: Pool, keyring: KeyRing, journal: Journal) -> list[Erasure]:
    """Destroy the key of every record whose erasure was approved and of whose case nothing is owed any more; those that were.

    Running twice, or after a crash at any point, does not matter.

    Raises:
        StoreRefused: the journal cannot be written; no key was destroyed then.
    """
    async with pool.connection() as connection:
        waiting = [one for one in await erasures(connection) if one.destroyed_at is None]
        ready = [one for one in waiting if (await fold(connection, keyring, one.stream)).finished]
    if ready:
        await sequence(pool, keyring)
        for one in ready:
            journal.add(one.erased)
        await _destroy(pool, keyring, [one.stream for one in ready])
    return ready


async def erase_again(pool: Pool, keyring: KeyRing, journal: Journal) -> list[str]:
    """Destroy again what the journal says was destroyed: a restored backup must not open it. The streams in which that was needed.

    Raises:
        StoreRefused: the journal cannot be read, or a stream of it cannot be destroyed: then nothing of this database may be served.
    """
    known = {one.stream: one for one in journal.read()}
    async with pool.connection() as connection:
        rows = await (await AsyncRawCursor(connection).execute(sql("keys_of_streams"), (list(known),))).fetchall()
        back = [stream for (stream,) in rows]
        for one in (known[stream] for stream in back):
            await AsyncRawCursor(connection).execute(sql("erasure_add"), one)
    if back:
        await sequence(pool, keyring)
        await _destroy(pool, keyring, back)
    return back


async def forgotten(connection: Connection, stream: str) -> None:
    """Note that Temporal holds no history of the stream any more."""
    await AsyncRawCursor(connection).execute(sql("erasure_forgotten"), (stream,))


def forget(keyring: KeyRing, streams: Sequence[str]) -> None:
    """Drop from this process what it knows of these streams: their keys and their folded cases."""
    for stream in streams:
        keyring.forget(stream)
        FOLDED.forget(stream)


async def _destroy(pool: Pool, keyring: KeyRing, streams: Sequence[str]) -> None:
    """Destroy the keys of these streams, which the journal names, and whose entries have their places in the log: that takes the key."""
    for stream in streams:
        async with pool.connection() as connection, connection.transaction():
            await AsyncRawCursor(connection).execute(sql("stream_lock"), (stream,))
            await clear(connection, stream)
            await AsyncRawCursor(connection).execute(sql("destroy_key"), (stream,))
        forget(keyring, (stream,))
    await _rewrite(pool)


async def _rewrite(pool: Pool) -> None:
    """Have the table of keys written anew: a deleted row would stay in its page until something else takes its place."""
    async with pool.connection() as connection:
        if connection.info.server_version >= _REWRITES_FROM:
            await connection.execute(b"VACUUM (FULL) key")
