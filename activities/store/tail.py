"""The tail that a log lacks, put together again from what others hold of it, and proved before anything is written.

Whoever holds an entry may be wrong or a liar, so nothing is believed: an entry counts if its hash is that of its columns and it follows the one before it;
a leaf, if it is the entry's under the key of its stream; and all of them together, if the root that comes of them is the one that was signed and kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from activities.store.stream_key import leaf_data
from workflows.core.checkpoint import Checkpoint
from workflows.core.entry import GENESIS, BrokenChain, Entry, entry_hash
from workflows.core.merkle import Node, Read, grown, leaf_hash, root

MOST_HASHED = 2_000_000
"""Leaves that are hashed at most to find an order that nobody wrote down: some seconds."""
IN_THE_LEDGER = "the ledger"
Place = tuple[str, int]
"""A stream and a position in it."""
Tags = Callable[[str], bytes | None]
"""The key of a stream's leaves; None if it cannot be had."""


class Held(NamedTuple):
    """An entry that somebody holds: who, and, where they know, which leaf of the log it is and that leaf's hash."""

    entry: Entry
    source: str
    leaf: int | None = None
    leaf_hash: bytes | None = None

    @property
    def place(self) -> Place:
        """Its stream and position."""
        return self.entry.stream, self.entry.position


class Standing(NamedTuple):
    """The ledger as it is: leaves of its log, the nodes at their edge, the last position and hash of each stream, and the entries without a place."""

    size: int
    read: Read
    heads: Mapping[str, tuple[int, bytes]]
    waiting: Mapping[Place, Entry]


class Leaf(NamedTuple):
    """The next leaf of the log: which entry's it is, and its hash."""

    stream: str
    position: int
    hash: bytes


class Plan(NamedTuple):
    """What would be put back: entries in an order in which each follows, leaves from the ledger's size on; and what cannot be had.

    missing: ranges of leaves (first, and the one behind the last) that nobody holds.
    lacking: places of entries that somebody holds, and that follow nothing, since one before them is missing.
    contradictions: in words, what is held in two versions, or does not fit what was signed.
    """

    append: list[Held]
    leaves: list[Leaf]
    missing: list[tuple[int, int]]
    lacking: list[Place]
    contradictions: list[str]

    @property
    def whole(self) -> bool:
        """Whether nothing that is known to have been recorded is left out."""
        return not (self.missing or self.lacking or self.contradictions)


def plan(standing: Standing, held: Iterable[Held], target: Checkpoint | None, tags: Tags) -> Plan:
    """What is to be put back so that the log becomes the one of the `target` (None: nothing is known of it), and every stream is as long as can be."""
    planning = _Planning(standing, target, tags)
    for one in held:
        planning.take(one)
    return planning.plan()


def grown_root(standing: Standing, leaves: Sequence[bytes]) -> tuple[bytes, dict[Node, bytes]]:
    """The root of the ledger's log with these leaves behind it, and the nodes that are new."""
    fresh = dict(grown(standing.size, leaves, standing.read))

    def read(level: int, index: int) -> bytes:
        found = fresh.get((level, index))
        return standing.read(level, index) if found is None else found

    return root(standing.size + len(leaves), read), fresh


class _Planning:
    def __init__(self, standing: Standing, target: Checkpoint | None, tags: Tags) -> None:
        self._standing, self._tags = standing, tags
        self._end = standing.size if target is None else max(target.size, standing.size)
        self._target = target
        self._known: dict[Place, dict[bytes, Held]] = defaultdict(dict)
        self._leaves: dict[int, Held] = {}
        self._hashes: dict[Place, bytes] = {}

    def take(self, one: Held) -> None:
        """Take note of what somebody holds, if it is sound by itself and not in the ledger already."""
        position, _ = self._standing.heads.get(one.entry.stream, (0, GENESIS))
        try:
            sound = entry_hash(one.entry) == one.entry.hash
        except BrokenChain:
            sound = False
        if not sound:
            return
        if one.entry.position > position:
            self._known[one.place].setdefault(one.entry.hash, one)
        if one.leaf is not None and self._standing.size <= one.leaf < self._end and self._fits(one):
            # Whoever wrote last knows best: the log may have gone on otherwise after two people let it.
            self._leaves[one.leaf] = one

    def plan(self) -> Plan:
        pinned = {one.place: one.entry.hash for one in self._leaves.values()}
        contradictions: list[str] = []
        chains, lacking = self._chains(pinned, contradictions)
        there = {**self._standing.waiting, **{one.place: one.entry for one in chains}}
        known = {leaf: one.place for leaf, one in self._leaves.items() if one.place in there and there[one.place].hash == one.entry.hash}  # fmt: skip
        order = [known.get(leaf) for leaf in range(self._standing.size, self._end)]
        self._hashes = {place: found for place, entry in there.items() if (found := self._leaf(entry)) is not None}
        self._hashes |= {one.place: one.leaf_hash for one in self._leaves.values() if one.leaf_hash is not None and one.place in known.values()}  # fmt: skip
        filled = self._filled(order, there)
        if filled is None:
            unproved = [place for place in order if place is not None] if None not in order else []
            if unproved:
                contradictions.append(f"the {len(order)} entries that the log lacks are held, and in no order that could be found do they make up the root that was signed")  # fmt: skip
                order = []
            missing, filled = _ranges(order, self._standing.size), _prefix(order)
        else:
            missing = []
        leaves = [Leaf(*place, self._hashes[place]) for place in filled]
        return Plan(chains, leaves, missing, lacking, contradictions)

    def _fits(self, one: Held) -> bool:
        own = self._leaf(one.entry)
        return one.leaf_hash is None or own is None or own == one.leaf_hash

    def _leaf(self, entry: Entry) -> bytes | None:
        tags = self._tags(entry.stream)
        return None if tags is None else leaf_hash(leaf_data(tags, entry.hash, position=entry.position))

    def _chains(self, pinned: Mapping[Place, bytes], contradictions: list[str]) -> tuple[list[Held], list[Place]]:
        """What follows the end of each stream, and what is held behind a gap."""
        chains: list[Held] = []
        for stream in sorted({stream for stream, _ in self._known}):
            position, prev = self._standing.heads.get(stream, (0, GENESIS))
            while follows := [one for one in self._known.get((stream, position + 1), {}).values() if one.entry.prev == prev]:  # fmt: skip
                wanted = pinned.get((stream, position + 1))
                chosen = [one for one in follows if one.entry.hash == wanted] or follows
                if len(chosen) > 1:
                    contradictions.append(f"{stream} position {position + 1} is held in {len(chosen)} versions")
                    break
                chains.append(chosen[0])
                position, prev = chosen[0].entry.position, chosen[0].entry.hash
        reached = {one.place for one in chains}
        return chains, sorted(place for place in self._known if place not in reached)

    def _filled(self, order: Sequence[Place | None], there: Mapping[Place, Entry]) -> list[Place] | None:
        """The entries of the leaves that are lacking, proved by the root that was signed; None if they are not all there, or make up another root."""
        if not order:
            return []
        named = {place for place in order if place is not None}
        loose = sorted((place for place in there if place not in named and place in self._hashes), key=lambda place: (there[place].recorded_at, place))  # fmt: skip
        holes = order.count(None)
        if len(loose) < holes:
            return None
        budget = MOST_HASHED
        for filling in _orders(loose[:holes]):
            rest = iter(filling)
            tried = [place if place is not None else next(rest) for place in order]
            if self._proved(tried):
                return tried
            budget -= len(tried)
            if budget < 0:
                return None
        return None

    def _proved(self, order: Sequence[Place]) -> bool:
        assert self._target is not None
        found, _ = grown_root(self._standing, [self._hashes[place] for place in order])
        return found == self._target.root


def _orders(loose: Sequence[Place]) -> Iterator[list[Place]]:
    """The orders in which the sequencer can have taken these entries, which are given by when they were recorded: in batches, each by stream and position."""
    for cuts in range(max(1, len(loose))):
        for places in combinations(range(1, len(loose)), cuts):
            bounds = [0, *places, len(loose)]
            yield [one for begin, end in pairwise(bounds) for one in sorted(loose[begin:end])]


def _ranges(order: Sequence[Place | None], first: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for leaf, place in enumerate(order, start=first):
        if place is None:
            if found and found[-1][1] == leaf:
                found[-1] = (found[-1][0], leaf + 1)
            else:
                found.append((leaf, leaf + 1))
    return found


def _prefix(order: Sequence[Place | None]) -> list[Place]:
    found = []
    for place in order:
        if place is None:
            break
        found.append(place)
    return found
