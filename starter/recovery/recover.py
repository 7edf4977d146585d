"""Recovering a ledger: what it lacks is looked for, judged as a whole, and put back; nothing is written unless all of it can be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from activities.store.erasure_journal import Journal
from activities.store.escrow import Escrow, Row
from activities.store.kept import Lag, discontinuities, lag, not_given_up
from activities.store.keys import KeyRing
from activities.store.ledger import read
from activities.store.lost import keyless
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.restoring import Companions, Restored, restore, restore_texts, standing
from activities.store.stream_key import StreamKey
from activities.store.tail import Held, Place, Plan, Standing, plan
from starter.recovery.gather import Gathered, from_bundles, from_escrow, opened, rebuilt, tags_of, wrapped
from starter.recovery.notes import LostNote, lost_notes
from starter.recovery.receipts import Promise, promises_in
from workflows.core.checkpoint import Checkpoint
from workflows.core.envelope import RecordedEntry


class Sources(NamedTuple):
    """Where to look: checkpoints that others hold (who → what), the escrow, bundles, the answers that Temporal remembers by stream, receipts, the journal."""

    checkpoints: Mapping[str, Checkpoint]
    escrow: Escrow | None = None
    bundles: Sequence[Path] = ()
    remembered: Mapping[str, Sequence[RecordedEntry]] = {}
    promises: Sequence[Promise] = ()
    journal: Journal | None = None


class Looked(NamedTuple):
    """What was found out: how the ledger stands, what it lacks against the largest checkpoint, and what would be put back.

    unkept: receipts that would still have no entry. forgotten: entries that Temporal remembers and nobody holds. keyless: streams without a key, and
    found_keys: those of them whose key was found. notes: texts that entries refer to and that nobody holds; they are told, and no entry waits for them.
    """

    standing: Standing
    gap: Lag | None
    planned: Plan
    companions: Companions
    keys: Mapping[str, StreamKey]
    unkept: list[Promise]
    forgotten: list[Promise]
    keyless: list[str]
    found_keys: list[str]
    notes: list[LostNote]

    @property
    def whole(self) -> bool:
        """Whether, once it is put back, nothing is missing that anybody knows of."""
        return self.planned.whole and not self.unkept and not self.forgotten and len(self.found_keys) == len(self.keyless)  # fmt: skip

    @property
    def nothing_to_do(self) -> bool:
        """Whether the ledger lacks nothing."""
        return self.whole and not (self.gap or self.planned.append or self.planned.leaves or self.found_keys)


async def look(connection: Connection, keyring: KeyRing, sources: Sources) -> Looked:
    """Find out what is missing and who holds it. Reads only.

    Raises:
        StoreRefused: a bundle is none; or the log is another one than the one that was signed, which nothing can mend.
    """
    found = await standing(connection)
    declared = await discontinuities(connection)
    given_up = max((one.at for one in declared), default=None)
    named = {lost for one in declared for lost in promises_in(one.note)}
    checkpoints = await not_given_up(connection, sources.checkpoints)
    gap = await _gap(connection, checkpoints)
    target = max(checkpoints.values(), key=lambda one: one.size, default=None)
    gathered = _merged(
        from_escrow(sources.escrow, found.heads, found.size) if sources.escrow is not None else None,
        from_bundles(sources.bundles),
    )
    destroyed = frozenset() if sources.journal is None else frozenset(one.stream for one in sources.journal.read())
    lost = [stream for stream in await keyless(connection) if stream not in destroyed]
    streams = found.heads.keys() | {one.entry.stream for one in gathered.held} | {stream for stream, _ in found.waiting} | sources.remembered.keys() | set(lost)  # fmt: skip
    keys, rows = await _keys(connection, keyring, gathered, streams - destroyed)
    remembered = {stream: [one for one in entries if given_up is None or one.at >= given_up] for stream, entries in sources.remembered.items()}  # fmt: skip
    missed = await _missed(connection, remembered)
    held = [*gathered.held, *_rebuilt(missed, gathered.held, found, keys)]
    # What was missing when two people let the system go on is given up: it is not put back behind their backs.
    held = [one for one in held if given_up is None or one.entry.recorded_at >= given_up]
    planned = plan(found, held, target, tags_of(keys, gathered.tags).get)
    there = {one.place: one.entry.hash for one in planned.append}
    companions = Companions(
        keys=rows,
        accesses=gathered.accesses,
        programs=[] if sources.escrow is None else list(sources.escrow.programs().values()),
        staff=[] if sources.escrow is None else sources.escrow.staff(),
        checkpoints=sorted(gathered.checkpoints),
    )
    return Looked(
        found, gap, planned, companions, keys,
        unkept=[one for one in sources.promises if one not in named and not await is_kept(connection, one, there)],
        forgotten=sorted(
            Promise(stream, one.position, one.hash)
            for stream, entries in missed.items()
            for one in entries
            if there.get((stream, one.position), b"").hex() != one.hash and Promise(stream, one.position, one.hash) not in named
        ),
        keyless=lost,
        found_keys=[stream for stream in lost if any(row["stream"] == stream for row in rows)],
        notes=await lost_notes(connection, keys, planned.append, sources.escrow),
    )  # fmt: skip


async def put_back(owner: Connection, looked: Looked, *, escrow: Escrow | None, by: str) -> Restored:
    """Write what was found, in one transaction; then the notes of every stream of the escrow. A second run changes nothing.

    Raises:
        StoreRefused: the ledger moved on meanwhile.
    """
    made = await restore(owner, looked.standing, looked.planned, looked.companions, keys=looked.keys, by=by)
    if escrow is not None:
        await restore_texts(owner, escrow, sorted(escrow.keys()))
    return made


async def _gap(connection: Connection, checkpoints: Mapping[str, Checkpoint]) -> Lag | None:
    worst = None
    for where, one in sorted(checkpoints.items(), key=lambda named: named[1].size):
        gap = await lag(connection, one, where=where)
        if gap is not None and gap.now >= gap.kept:
            raise StoreRefused(
                gap.what,
                "Nothing can be put into a log that went on otherwise: restore a copy from before that. Only if none is to be had, two people go on "
                "with this one with 'offramp audit discontinuity'.",
            )
        worst = gap or worst
    return worst


def _merged(*parts: Gathered | None) -> Gathered:
    every = [one for one in parts if one is not None]
    return Gathered(
        [held for one in every for held in one.held], [row for one in every for row in one.accesses], [note for one in every for note in one.checkpoints],
        {stream: row for one in every for stream, row in one.keys.items()}, {stream: tags for one in every for stream, tags in one.tags.items()},
        {stream: key for one in every for stream, key in one.opens.items()},
    )  # fmt: skip


async def _keys(
    connection: Connection, keyring: KeyRing, gathered: Gathered, streams: Iterable[str]
) -> tuple[dict[str, StreamKey], list[Row]]:
    """The keys of these streams, from the ledger, the escrow or a bundle; and the rows of those that the ledger lacks and may have again.

    A key counts as found if it opens what is sealed there: nobody can put another in its place.
    """
    found: dict[str, StreamKey] = {}
    rows: list[Row] = []
    sample = {one.entry.stream: one.entry for one in gathered.held}
    for stream in sorted(streams):
        with suppress(StoreRefused):
            found[stream] = await keyring.stream_key(connection, stream)
            continue
        offered = [gathered.keys[stream]] if stream in gathered.keys else []
        offered += [await wrapped(keyring, stream, gathered.opens[stream])] if stream in gathered.opens else []
        first = await anext(read(connection, stream), None) or sample.get(stream)
        for row in offered:
            key = await opened(keyring, row)
            if key is not None and (first is None or _opens(key, first.body, position=first.position)):
                found[stream] = key
                rows.append(row)
                break
    return found, rows


def _opens(key: StreamKey, body: bytes, *, position: int) -> bool:
    try:
        key.open(body, position=position)
    except StoreRefused:
        return False
    return True


async def _missed(
    connection: Connection, remembered: Mapping[str, Sequence[RecordedEntry]]
) -> dict[str, list[RecordedEntry]]:
    """What Temporal remembers to have been recorded, and the ledger does not hold, or holds another entry of."""
    missed: dict[str, list[RecordedEntry]] = {}
    for stream, entries in remembered.items():
        hashes = {entry.hash.hex() async for entry in read(connection, stream)} if entries else set()
        if found := [one for one in {one.hash: one for one in entries}.values() if one.hash not in hashes]:
            missed[stream] = found
    return missed


def _rebuilt(
    missed: Mapping[str, Sequence[RecordedEntry]], held: Sequence[Held], found: Standing, keys: Mapping[str, StreamKey]
) -> list[Held]:
    known = {one.place: one.entry.hash for one in held} | {(stream, position): hashed for stream, (position, hashed) in found.heads.items()}  # fmt: skip
    return [
        one for stream, entries in missed.items() if stream in keys for one in rebuilt(stream, entries, known, keys[stream])
    ]  # fmt: skip


async def is_kept(connection: Connection, promise: Promise, there: Mapping[Place, bytes] = {}) -> bool:
    """Whether the entry of a receipt is in the ledger, or is about to be."""
    planned = there.get((promise.stream, promise.position))
    if planned is not None:
        return planned.hex() == promise.hash
    entry = await anext(read(connection, promise.stream, after=promise.position - 1), None)
    return entry is not None and (entry.position, entry.hash.hex()) == (promise.position, promise.hash)
