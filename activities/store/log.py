"""The log over all streams: one sequencer gives each committed entry its place in a Merkle tree, and signs what the tree then is.

The order is the sequencer's, never a sequence's: numbers of a sequence are given before a transaction commits, so that a reader can pass an
entry by (reliability: a skipped event). Here an entry waits in a table that its own transaction fills, and is taken from it once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple, TypeVar

from psycopg import AsyncRawCursor

from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey
from activities.store.statements import sql
from workflows.core.merkle import Node, Read, consistency, edge, grown, inclusion, leaf_hash, needed, root

AT_ONCE = 2000
"""Entries that are given their places in one transaction."""
T = TypeVar("T")
BeforeSigning = Callable[[Connection, int], Awaitable[None]]
"""What is done with the first so many leaves, under the log's lock, before a checkpoint of them is signed: where it fails, nothing is signed."""


class Sealed(NamedTuple):
    """A signed checkpoint as it is stored: how many leaves it covers, their root, and the signed note."""

    size: int
    root: bytes
    note: str


class Place(NamedTuple):
    """Where an entry stands in the log, and the hash of its leaf."""

    position: int
    leaf: int
    hash: bytes


async def sequence(pool: Pool, keyring: KeyRing) -> int:
    """Give every committed entry that waits its place in the log, in batches; how many got one. Several at a time take turns.

    Raises:
        StoreRefused: the key of a stream cannot be had; its entries, and those of its batch, go on waiting.
    """
    placed = 0
    while True:
        async with pool.connection() as connection, connection.transaction():
            taken = await _batch(connection, keyring)
        placed += taken
        if taken < AT_ONCE:
            return placed


async def _batch(connection: Connection, keyring: KeyRing) -> int:
    await AsyncRawCursor(connection).execute(sql("log_lock"))
    rows = await (await AsyncRawCursor(connection).execute(sql("log_take"), (AT_ONCE,))).fetchall()
    if not rows:
        return 0
    rows.sort(key=lambda row: (row[0], row[1]))
    begin = await size(connection)
    leaves = []
    for stream, position, entry_hash in rows:
        key = await keyring.stream_key(connection, stream)
        leaves.append(leaf_hash(key.leaf(entry_hash, position=position)))
    read = await reading(connection, edge(begin))
    nodes = list(grown(begin, leaves, read))
    places = ([stream for stream, _, _ in rows], [position for _, position, _ in rows], list(range(begin, begin + len(rows))))  # fmt: skip
    hashed = ([level for (level, _), _ in nodes], [index for (_, index), _ in nodes], [hashed for _, hashed in nodes])
    await AsyncRawCursor(connection).execute(sql("log_grow"), hashed)
    await AsyncRawCursor(connection).execute(sql("log_put"), places)
    return len(rows)


async def seal(
    pool: Pool, keyring: KeyRing, key: LogKey, *, before_signing: BeforeSigning | None = None
) -> Sealed | None:
    """Place what waits, and sign a checkpoint of the whole log; None while the log is empty. A second run over the same log signs nothing new."""
    await sequence(pool, keyring)
    async with pool.connection() as connection, connection.transaction():
        await AsyncRawCursor(connection).execute(sql("log_lock"))
        leaves = await size(connection)
        if leaves == 0:
            return None
        if before_signing is not None:
            await before_signing(connection, leaves)
        top = await root_of(connection, leaves)
        last = await last_checkpoint(connection)
        if last is None or last.size != leaves:
            await AsyncRawCursor(connection).execute(sql("checkpoint_add"), (leaves, top, str(key.sign(leaves, top))))
        return await last_checkpoint(connection)


async def size(connection: Connection) -> int:
    """How many leaves the log has."""
    row = await (await AsyncRawCursor(connection).execute(sql("log_size"))).fetchone()
    return int(row[0]) if row is not None else 0


async def root_of(connection: Connection, leaves: int) -> bytes:
    """The root over the first so many leaves, from the stored nodes.

    Raises:
        StoreRefused: a node is not there: it was destroyed.
    """
    return root(leaves, await reading(connection, edge(leaves)))


async def waiting(connection: Connection) -> int:
    """How many entries have no place in the log yet."""
    row = await (await AsyncRawCursor(connection).execute(sql("log_waiting_count"))).fetchone()
    return int(row[0]) if row is not None else 0


async def last_checkpoint(connection: Connection) -> Sealed | None:
    """The checkpoint that covers most."""
    row = await (await AsyncRawCursor(connection).execute(sql("checkpoint_last"))).fetchone()
    return None if row is None else Sealed(row[0], row[1], row[2])


async def reading(connection: Connection, nodes: Iterable[Node]) -> Read:
    """These nodes of the tree, fetched at once.

    Raises:
        StoreRefused: (when read) a node is not there: it was destroyed.
    """
    found = await stored_nodes(connection, nodes)

    def read(level: int, index: int) -> bytes:
        try:
            return found[level, index]
        except KeyError:
            what = f"the log has no hash at level {level}, index {index}"
            raise StoreRefused(what, "The log was damaged: leave it as it is, and restore it from a backup.") from None

    return read


async def stored_nodes(connection: Connection, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The hashes of these nodes, as far as they are stored."""
    wanted = sorted(nodes)
    parameters = ([level for level, _ in wanted], [index for _, index in wanted])
    rows = await (await AsyncRawCursor(connection).execute(sql("log_nodes"), parameters)).fetchall()
    return {(level, index): bytes(hashed) for level, index, hashed in rows}


async def proved(connection: Connection, prove: Callable[[Read], T]) -> T:
    """A proof, made from the stored nodes that it needs."""
    return prove(await reading(connection, needed(prove)))


async def inclusion_of(connection: Connection, leaf: int, *, leaves: int) -> tuple[bytes, ...]:
    """The proof that a leaf is in the tree of the first `leaves` leaves."""
    return await proved(connection, lambda read: inclusion(leaf, leaves, read))


async def consistency_of(connection: Connection, older: int, newer: int) -> tuple[bytes, ...]:
    """The proof that the tree of the first `older` leaves is the beginning of that of the first `newer`."""
    return await proved(connection, lambda read: consistency(older, newer, read))


async def place(connection: Connection, stream: str, position: int) -> Place | None:
    """Where an entry stands in the log; None while it waits."""
    row = await (await AsyncRawCursor(connection).execute(sql("log_place"), (stream, position))).fetchone()
    return None if row is None else Place(position, row[0], row[1])


async def places(connection: Connection, stream: str) -> list[Place]:
    """Where the entries of a stream stand, in the order of their positions."""
    rows = await (await AsyncRawCursor(connection).execute(sql("log_places"), (stream,))).fetchall()
    return [Place(*row) for row in rows]


async def places_between(connection: Connection, stream: str, after: int, last: int) -> list[Place]:
    """Where the entries of a stream behind position `after` and up to position `last` stand."""
    rows = await (await AsyncRawCursor(connection).execute(sql("log_places_between"), (stream, after, last))).fetchall()
    return [Place(*row) for row in rows]


async def last_place(connection: Connection, stream: str) -> int:
    """The last position of the stream that has a place in the log; 0 if none has."""
    row = await (await AsyncRawCursor(connection).execute(sql("log_place_last"), (stream,))).fetchone()
    return 0 if row is None else int(row[0])


async def leaf_hashes(connection: Connection, begin: int, count: int) -> list[bytes]:
    """The hashes of `count` leaves from leaf `begin` on, fewer at the end."""
    rows = await (await AsyncRawCursor(connection).execute(sql("log_leaves"), (begin, count))).fetchall()
    return [bytes(hashed) for (hashed,) in rows]


async def unplaced_leaf(connection: Connection) -> int | None:
    """The first leaf that is no entry's; None if every leaf is one's."""
    row = await (await AsyncRawCursor(connection).execute(sql("log_unplaced"))).fetchone()
    return None if row is None else int(row[0])


async def unlogged_entry(connection: Connection) -> tuple[str, int] | None:
    """The first entry (stream and position) that has no place in the log and waits for none; None if there is none such."""
    row = await (await AsyncRawCursor(connection).execute(sql("entry_unlogged"))).fetchone()
    return None if row is None else (str(row[0]), int(row[1]))
