"""Verify: whether the ledger is what was once recorded, stream by stream, and where its two clocks disagree.

The chain is checked over what is stored, so it holds also where a key was destroyed. Where the key is there, each entry is opened besides: whoever
can write to the database but has no key can forge a chain, and cannot forge a sealed body. A chain that was cut off at its end is sound by itself:
receipts, and what the read model was last made from, bear witness to what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from activities.store.fold import open_entry
from activities.store.keys import KeyRing, StreamKey
from activities.store.ledger import read_batches
from activities.store.log import Place
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from workflows.core.entry import GENESIS, BrokenChain, Entry, verify
from workflows.core.merkle import leaf_hash

TOLERANCE = timedelta(minutes=5)
"""By how much the engine's clock and the database's may differ unremarked."""


class Witness(NamedTuple):
    """What somebody besides the ledger holds of an entry: its position, and its hash or the first digits of it; `who` as in `a receipt`."""

    position: int
    hash: str
    who: str


class Fault(NamedTuple):
    """The first entry of a stream that is not what it should be."""

    stream: str
    position: int
    what: str


class Clocks(NamedTuple):
    """How often `at` and `recorded_at` disagree by more than the tolerance; where first, where most, and by how much there."""

    times: int
    first: int
    most: int
    largest: timedelta


class Verified(NamedTuple):
    """What was found in one stream. `entries` were checked; `head` is the hash of the last good one.

    `sealed` says why the entries could not be opened; `clocks` is information: skipped time disagrees legitimately.
    """

    stream: str
    entries: int
    head: str
    fault: Fault | None
    sealed: str | None
    clocks: Clocks | None


async def verify_stream(
    connection: Connection,
    stream: str,
    *,
    keyring: KeyRing | None = None,
    tolerance: timedelta = TOLERANCE,
    witnesses: Sequence[Witness] = (),
    places: Sequence[Place] = (),
    erased: bool = False,
    lost: bool = False,
) -> Verified:
    """Check one stream from its first entry to its last; never raises for what it finds there.

    Args:
        connection: to the ledger.
        stream: any stream.
        keyring: opens each entry besides; None: the chain alone.
        tolerance: by how much the clocks may differ.
        witnesses: entries that others hold proof of. A chain that was cut off at its end is sound by itself; only they can tell.
        places: where the stream's entries stand in the log: each must be the leaf that it is said to be, and none may be missing.
        erased: its key was destroyed rightly; else a stream with a place in the log whose key cannot be had is a fault.
        lost: its key is not there and nobody had it destroyed: a fault, wherever its entries stand.
    """
    key, sealed = await _key(connection, stream, keyring)
    position, prev, clocks = 0, GENESIS, None
    if sealed is not None and (places or lost) and not erased:
        return Verified(
            stream, 0, prev.hex(), Fault(stream, 1, f"cannot be opened, and was not erased: {sealed}"), sealed, None
        )
    placed = {place.position: place for place in places}
    async for batch in read_batches(connection, stream):
        for entry in batch:
            fault = (
                _fault(entry, key, prev=prev, position=position + 1)
                or _denied(entry, witnesses)
                or _misplaced(entry, key, placed)
            )
            if fault is not None:
                return Verified(stream, position, prev.hex(), fault, sealed, clocks)
            position, prev = entry.position, entry.hash
            clocks = _compared(clocks, entry, tolerance)
    return Verified(
        stream,
        position,
        prev.hex(),
        _missing(stream, position, [*witnesses, *(Witness(p, "", "the log") for p in placed)]),
        sealed,
        clocks,
    )


def _denied(entry: Entry, witnesses: Sequence[Witness]) -> Fault | None:
    for one in witnesses:
        if one.position == entry.position and not entry.hash.hex().startswith(one.hash):
            return Fault(entry.stream, entry.position, f"is another entry than the one that {one.who} names")
    return None


def _misplaced(entry: Entry, key: StreamKey | None, placed: Mapping[int, Place]) -> Fault | None:
    place = placed.get(entry.position)
    if key is None or place is None or leaf_hash(key.leaf(entry.hash, position=entry.position)) == place.hash:
        return None
    return Fault(entry.stream, entry.position, f"is another entry than leaf {place.leaf} of the log")


def _missing(stream: str, last: int, witnesses: Sequence[Witness]) -> Fault | None:
    """A witness to an entry behind the last one."""
    beyond = max((one for one in witnesses if one.position > last), default=None)
    if beyond is None:
        return None
    what = f"is missing, and {beyond.who} names position {beyond.position}: entries were cut off, or an older copy was restored"
    return Fault(stream, last + 1, what)


async def _key(connection: Connection, stream: str, keyring: KeyRing | None) -> tuple[StreamKey | None, str | None]:
    if keyring is None:
        return None, None
    try:
        return await keyring.stream_key(connection, stream), None
    except StoreRefused as refused:
        return None, refused.what


def _fault(entry: Entry, key: StreamKey | None, *, prev: bytes, position: int) -> Fault | None:
    try:
        verify(entry, prev=prev, position=position)
        if key is not None:
            open_entry(entry, key)
    except BrokenChain as broken:
        return Fault(entry.stream, broken.position, broken.what)
    except StoreRefused as refused:
        return Fault(entry.stream, entry.position, refused.what)
    return None


def _compared(clocks: Clocks | None, entry: Entry, tolerance: timedelta) -> Clocks | None:
    apart = abs(entry.recorded_at - entry.at)
    if apart <= tolerance:
        return clocks
    if clocks is None:
        return Clocks(times=1, first=entry.position, most=entry.position, largest=apart)
    if apart > clocks.largest:
        return clocks._replace(times=clocks.times + 1, most=entry.position, largest=apart)
    return clocks._replace(times=clocks.times + 1)
