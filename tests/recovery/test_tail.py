"""The tail of a log is put together from what others hold, and counts only if it makes up the root that was signed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from activities.store.stream_key import StreamKey
from activities.store.tail import Held, Leaf, Plan, Standing, plan
from workflows.core.checkpoint import Checkpoint
from workflows.core.entry import GENESIS, Entry, seal
from workflows.core.merkle import edge, grown, leaf_hash, root

BEGUN = datetime(2026, 1, 5, 9, tzinfo=UTC)
STREAMS = [f"case/{UUID(int=number)}" for number in range(3)]
KEYS = {stream: StreamKey(stream, bytes([number + 1]) * 32) for number, stream in enumerate(STREAMS)}
TAGS = {stream: key.tags for stream, key in KEYS.items()}
ORDER = [(0, 1), (1, 1), (0, 2), (1, 2), (2, 1), (0, 3), (2, 2)]
"""The log of these tests: which stream's which position each leaf is. Two were sealed before the backup."""
BEFORE = 2


def entries() -> list[Entry]:
    """The entries in the order of their leaves, a second apart."""
    found: list[Entry] = []
    last = dict.fromkeys(STREAMS, GENESIS)
    for number, (which, position) in enumerate(ORDER):
        stream, at = STREAMS[which], BEGUN + timedelta(seconds=number)
        body = KEYS[stream].seal(b"[]", position=position)
        one = seal(Entry(stream, position, f"c{number}", "keep_check_in", at, at, "p.lead", body, last[stream], b""))
        last[stream] = one.hash
        found.append(one)
    return found


def leaf(entry: Entry) -> bytes:
    """The hash of an entry's leaf."""
    return leaf_hash(KEYS[entry.stream].leaf(entry.hash, position=entry.position))


def signed(ordered: Sequence[Entry]) -> Checkpoint:
    """A checkpoint over the leaves of these entries."""
    nodes = dict(grown(0, [leaf(one) for one in ordered], lambda level, index: nodes[level, index]))
    return Checkpoint("test.example/log", len(ordered), root(len(ordered), lambda level, index: nodes[level, index]))


def standing(ordered: Sequence[Entry], waiting: Sequence[Entry] = ()) -> Standing:
    """A ledger that holds these entries, and others that wait for their places."""
    nodes = dict(grown(0, [leaf(one) for one in ordered], lambda level, index: nodes[level, index]))
    heads = {one.stream: (one.position, one.hash) for one in (*ordered, *waiting)}
    waits = {(one.stream, one.position): one for one in waiting}
    return Standing(len(ordered), lambda level, index: {node: nodes[node] for node in edge(len(ordered))}[level, index], heads, waits)  # fmt: skip


def held(ordered: Sequence[Entry], first: int = 0) -> list[Held]:
    """What an escrow holds of them."""
    return [Held(one, "the escrow", number, leaf(one)) for number, one in enumerate(ordered, start=first)]


def planned(offered: Sequence[Held], *, waiting: Sequence[Entry] = (), tags: Mapping[str, bytes] = TAGS) -> Plan:
    """The plan for a ledger that was set back to its first two leaves."""
    every = entries()
    return plan(standing(every[:BEFORE], waiting), offered, signed(every), tags.get)


def test_an_escrow_gives_back_the_exact_tail() -> None:
    """Every entry comes back once, each leaf at its place."""
    every = entries()
    found = planned(held(every))

    assert found.whole
    assert [one.entry for one in found.append] == sorted(every[BEFORE:], key=lambda one: (one.stream, one.position))
    assert found.leaves == [Leaf(one.stream, one.position, leaf(one)) for one in every[BEFORE:]]


def test_entries_that_wait_in_the_backup_get_the_places_that_they_had() -> None:
    """An entry that was in the backup without a place is not added again, and stands where it stood."""
    every = entries()
    found = planned(held(every), waiting=every[2:4])

    assert found.whole
    assert [one.entry.command_id for one in found.append] == ["c5", "c4", "c6"]
    assert len(found.leaves) == len(every) - BEFORE


@pytest.mark.parametrize(
    "batches", [(5,), (1, 4), (2, 3), (2, 1, 2)], ids=lambda batches: "+".join(str(one) for one in batches)
)
def test_an_order_that_nobody_wrote_down_is_found(batches: tuple[int, ...]) -> None:
    """Where only the entries are known, the batches of the sequencer are tried until they make up the root that was signed."""
    every = entries()
    tail, sealed = every[BEFORE:], every[:BEFORE]
    for count in batches:
        sealed += sorted(tail[:count], key=lambda one: (one.stream, one.position))
        tail = tail[count:]
    loose = [Held(one, "Temporal's histories") for one in every[BEFORE:]]
    found = plan(standing(every[:BEFORE]), loose, signed(sealed), TAGS.get)

    assert found.whole
    assert [(one.stream, one.position) for one in found.leaves] == [
        (one.stream, one.position) for one in sealed[BEFORE:]
    ]


def test_what_nobody_holds_is_named() -> None:
    """A leaf that is missing is named; what stands before it could be put back; what follows the missing entry in its stream could not."""
    every = entries()
    lost = 3
    found = planned([one for one in held(every) if one.leaf != lost])

    assert not found.whole
    assert found.missing == [(lost, lost + 1)]
    assert [one.position for one in found.leaves] == [2]
    assert {one.entry.command_id for one in found.append} == {"c2", "c4", "c5", "c6"}


def test_an_entry_behind_a_missing_one_is_not_put_back() -> None:
    """Without the second entry of its stream the third follows nothing: it is told that somebody holds it."""
    every = entries()
    found = planned([one for one in held(every) if one.entry.command_id != "c2"])

    assert found.lacking == [(STREAMS[0], 3)]
    assert "c5" not in {one.entry.command_id for one in found.append}


def _in_another_order(every: list[Entry]) -> list[Held]:
    return held([*every[:3], every[4], every[3], *every[5:]])


def _with_another_actor(every: list[Entry]) -> list[Held]:
    changed = seal(every[6]._replace(actor="p.other"))
    return held([*every[:6], changed])


def _with_a_changed_body(every: list[Entry]) -> list[Held]:
    return held([*every[:6], every[6]._replace(body=every[6].body + b"x")])


def _with_a_leaf_of_its_own(every: list[Entry]) -> list[Held]:
    return [*held(every[:6]), Held(every[6], "the escrow", 6, bytes(32))]


@pytest.mark.parametrize("changed", [_in_another_order, _with_another_actor, _with_a_changed_body])
def test_what_does_not_make_up_the_root_is_not_believed(changed: Callable[[list[Entry]], list[Held]]) -> None:
    """Another order, another entry or a changed body is never put back as what was signed."""
    found = planned(changed(entries()))

    assert not found.whole
    assert found.contradictions or found.missing


def test_a_leaf_that_is_not_its_entrys_is_left_out() -> None:
    """A wrong hash of a leaf does no harm where the key can tell the right one."""
    found = planned(_with_a_leaf_of_its_own(entries()))

    assert found.whole


def test_what_no_checkpoint_covers_is_put_back_without_a_place() -> None:
    """Entries behind the last checkpoint follow their streams, and wait for their places as they did."""
    every = entries()
    found = plan(standing(every[:BEFORE]), held(every), signed(every[:4]), TAGS.get)

    assert found.whole
    assert len(found.leaves) == 4 - BEFORE
    assert len(found.append) == len(every) - BEFORE


def test_two_versions_of_an_entry_are_a_contradiction() -> None:
    """Where two entries claim one place and no leaf tells which, neither is put back, and it is said."""
    every = entries()
    other = seal(every[2]._replace(command_id="c9"))
    found = plan(
        standing(every[:BEFORE]), [Held(every[2], "the escrow"), Held(other, "bundles")], signed(every[:BEFORE]), TAGS.get
    )  # fmt: skip

    assert found.append == []
    assert "2 versions" in found.contradictions[0]


def test_without_the_keys_the_root_alone_decides() -> None:
    """Of an erased stream nobody can make a leaf: the leaves that the escrow kept are believed as far as the root proves them."""
    every = entries()

    assert planned(held(every), tags={}).whole
    assert not planned(_in_another_order(every), tags={}).whole


def test_an_entry_that_follows_another_past_is_not_put_back() -> None:
    """An entry that is sound by itself, and follows another entry than the one that the ledger holds, is left out and told."""
    every = entries()
    stranger = seal(every[2]._replace(prev=bytes(32)))
    found = plan(standing(every[:BEFORE]), [Held(stranger, "bundles")], signed(every[:BEFORE]), TAGS.get)

    assert found.append == []
    assert found.lacking == [(STREAMS[0], 2)]
