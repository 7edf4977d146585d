"""Erasure: what two people decided is carried out on the store, so that nothing of the record can be read again anywhere.

The texts and the names go in the transaction that records the decision. The key of the stream is still needed for what the end of the case owes
(recipients are told, notices served); once nothing is owed it is destroyed, and with it every entry's content, in backups too as far
as the journal reaches. The chain of hashes, the leaves of the log and the tombstone stay: that there was a record, and who had it erased, is no secret.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg import AsyncRawCursor

from activities.store.erasure_journal import Erased, Journal
from activities.store.escrowing import Escrowing
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
Seal = Callable[[], Awaitable[bool]]
"""Signs a checkpoint of all that is recorded, with whatever must stand in the escrow before; whether that came to its end."""
_PATIENCE = b"SET lock_timeout = '500ms'"
"""How long the rewriting waits for whoever reads a key just now: who comes after it waits behind it, and a case is not to wait long."""


class Erasure(NamedTuple):
    """A tombstone: as `Erased`, with when the key was destroyed, when Temporal had forgotten the histories, and when no page of the database
    held the key any more (None: not yet).
    """  # fmt: skip

    stream: str
    position: int
    requested_by: str
    approved_by: str
    approved_at: datetime
    destroyed_at: datetime | None
    forgotten_at: datetime | None
    wiped_at: datetime | None

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
    found = await tombstone(connection, stream)
    return found is not None and found.destroyed_at is not None


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


async def carry_out(
    pool: Pool, keyring: KeyRing, journal: Journal, *, escrow: Escrowing | None = None, seal: Seal | None = None
) -> list[Erasure]:
    """Destroy the key of every record whose erasure was approved and of whose case nothing is owed any more, in the escrow too; those that were.

    Without its key nobody can give an entry its place again: where checkpoints are signed, a record is sealed, and so in the escrow, before its key goes.
    Running twice, or after a crash at any point, does not matter.

    Raises:
        StoreRefused: the journal or the escrow cannot be written; no key was destroyed then.
    """
    async with pool.connection() as connection:
        waiting = [one for one in await erasures(connection) if one.destroyed_at is None]
        ready = [one for one in waiting if (await fold(connection, keyring, one.stream)).finished]
    if ready and seal is not None and not await seal():
        ready = []
    if ready:
        await sequence(pool, keyring)
        for one in ready:
            journal.add(one.erased)
        streams = [one.stream for one in ready]
        if escrow is not None:
            await escrow.destroy(streams)
        await _destroy(pool, keyring, streams)
    if escrow is not None:
        # Whoever was writing to the escrow meanwhile may have seen a key that is gone by now; and what is only approved has no texts any more.
        async with pool.connection() as connection:
            every = await erasures(connection)
        gone = [one.stream for one in every if one.destroyed_at is not None]
        await escrow.destroy(gone, texts_of=[one.stream for one in every if one.destroyed_at is None])
    await wipe(pool)
    return ready


async def erase_again(pool: Pool, keyring: KeyRing, journal: Journal, *, escrow: Escrowing | None = None) -> list[str]:
    """Destroy again what the journal says was destroyed: a restored backup must not open it. The streams in which that was needed.

    Where a record was begun and erased after the backup, a recovery puts its entries back alone: they get their tombstone again.

    Raises:
        StoreRefused: the journal cannot be read, or a stream of it cannot be destroyed: then nothing of this database may be served.
    """
    known = {one.stream: one for one in journal.read()}
    if escrow is not None:
        await escrow.destroy(known)
    async with pool.connection() as connection:
        rows = await (await AsyncRawCursor(connection).execute(sql("erasures_undone"), (list(known),))).fetchall()
        back = [stream for (stream,) in rows]
        for one in (known[stream] for stream in back):
            await AsyncRawCursor(connection).execute(sql("erasure_add"), one)
    if back:
        await sequence(pool, keyring)
        await _destroy(pool, keyring, back)
        await wipe(pool)
    return back


async def forgotten(connection: Connection, stream: str) -> None:
    """Note that Temporal holds no history of the stream any more."""
    await AsyncRawCursor(connection).execute(sql("erasure_forgotten"), (stream,))


def forget(keyring: KeyRing, streams: Sequence[str]) -> int:
    """Drop from this process what it knows of these streams, their keys and their folded cases; of how many it knew anything."""
    # Both are asked of each stream: neither may be left out because the other knew nothing.
    return sum(any([keyring.forget(stream), FOLDED.forget(stream)]) for stream in streams)


async def wipe(pool: Pool) -> bool:
    """Have the tables of keys and names written anew, if something was deleted from them that their pages may still hold; True if nothing is left there.

    A deleted row stays in its page until something else takes its place; and rewriting keeps it too while an older transaction might still look at
    it, or is not done while somebody holds the table. Then it is left for the next round, and the tombstones say so.
    """
    async with pool.connection() as connection:
        rows = await (await AsyncRawCursor(connection).execute(sql("erasures_unwiped"))).fetchall()
        streams = [stream for (stream,) in rows]
        if not streams:
            return True
        if connection.info.server_version < _REWRITES_FROM or not await _rewritten(connection):
            return False
        await AsyncRawCursor(connection).execute(sql("erasure_wiped"), (streams,))
    return True


async def _rewritten(connection: Connection) -> bool:
    """Rewrite both tables; whether nothing that was deleted had to be taken along."""
    kept: list[int] = []

    def told(diagnostic: psycopg.errors.Diagnostic) -> None:
        # The server says of each table how many dead rows it could not leave behind, first in the details.
        kept.extend(int(number) for number in re.findall(r"\d+", diagnostic.message_detail or "")[:1])

    await connection.execute(_PATIENCE)
    connection.add_notice_handler(told)
    try:
        await connection.execute(b"VACUUM (FULL, VERBOSE) key, name_index")
    except psycopg.errors.LockNotAvailable:
        return False
    finally:
        connection.remove_notice_handler(told)
        await connection.execute(b"RESET lock_timeout")
    return bool(kept) and not any(kept)


async def _destroy(pool: Pool, keyring: KeyRing, streams: Sequence[str]) -> None:
    """Destroy the keys of these streams, which the journal names, and whose entries have their places in the log: that takes the key."""
    for stream in streams:
        async with pool.connection() as connection, connection.transaction():
            await AsyncRawCursor(connection).execute(sql("stream_lock"), (stream,))
            await clear(connection, stream)
            await AsyncRawCursor(connection).execute(sql("destroy_key"), (stream,))
        forget(keyring, (stream,))
