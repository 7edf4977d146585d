"""The chain: whatever is changed, by whomever, is found by whoever holds a later hash."""

from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.core.entry import GENESIS, BrokenChain, Entry, entry_hash, seal, verify, verify_chain

STREAM = "case/00000000-0000-4000-8000-000000000001"
AT = datetime(2026, 6, 1, 9, tzinfo=UTC)


def chain(length: int) -> list[Entry]:
    entries: list[Entry] = []
    for position in range(1, length + 1):
        entry = Entry(
            stream=STREAM, position=position, command_id=f"command-{position}", type="keep_check_in", at=AT + timedelta(days=position),
            recorded_at=AT + timedelta(days=position, seconds=1), actor="lead-1", body=f"sealed {position}".encode(),
            prev=entries[-1].hash if entries else GENESIS, hash=b"",
        )  # fmt: skip
        entries.append(seal(entry))
    return entries


CHANGES: list[dict[str, object]] = [
    {"stream": "case/00000000-0000-4000-8000-000000000002"}, {"command_id": "another"}, {"type": "open_case"},
    {"at": AT}, {"recorded_at": AT}, {"actor": "lead-2"}, {"body": b"other"}, {"body": b""}, {"prev": bytes(32)}, {"hash": bytes(32)},
]  # fmt: skip


def test_an_untouched_chain_verifies() -> None:
    """A chain as it was written verifies, and gives its last position and hash."""
    entries = chain(5)

    assert verify_chain(entries) == (5, entries[-1].hash)


def test_a_chain_verifies_from_any_known_entry() -> None:
    """Whoever holds a receipt verifies from there on, without what came before."""
    entries = chain(5)

    assert verify_chain(entries[3:], prev=entries[2].hash, position=3) == (5, entries[-1].hash)
    assert verify_chain([], prev=entries[2].hash, position=3) == (3, entries[2].hash)


@pytest.mark.parametrize(
    "change", CHANGES, ids=lambda value: str(next(iter(value))) if isinstance(value, dict) else str(value)
)
@pytest.mark.parametrize("position", [2, 5])
def test_a_change_of_any_column_is_found_where_it_was_made(change: dict[str, object], position: int) -> None:
    """Every column counts: the first entry that was touched is named."""
    entries = chain(5)
    entries[position - 1] = entries[position - 1]._replace(**change)  # type: ignore[arg-type]  # one column at a time

    with pytest.raises(BrokenChain) as broken:
        verify_chain(entries)

    assert broken.value.position == position


def test_a_change_with_a_new_hash_is_found_at_the_next_entry() -> None:
    """Whoever changes an entry and seals it again must change every later one too, and so every receipt that people hold."""
    entries = chain(5)
    entries[2] = seal(entries[2]._replace(actor="lead-2"))

    with pytest.raises(BrokenChain, match="position 4: does not follow the entry before it"):
        verify_chain(entries)


@pytest.mark.parametrize("kept", [[0, 1, 3, 4], [0, 1, 1, 2], [1, 0, 2], [1, 2]])
def test_a_missing_doubled_or_moved_entry_is_found(kept: list[int]) -> None:
    """An entry that was removed, doubled or put elsewhere breaks the chain."""
    entries = chain(5)

    with pytest.raises(BrokenChain):
        verify_chain([entries[index] for index in kept])


@given(st.data())
def test_no_change_goes_unseen(data: st.DataObject) -> None:
    """Any change of any column of any entry, however small, is found."""
    entries = chain(4)
    index = data.draw(st.integers(0, 3))
    entry = entries[index]
    changed = data.draw(
        st.builds(lambda text: entry._replace(actor=text), st.text(max_size=5))
        | st.builds(lambda text: entry._replace(type=text), st.text(max_size=5))
        | st.builds(lambda text: entry._replace(command_id=text), st.text(max_size=5))
        | st.builds(lambda body: entry._replace(body=body), st.binary(max_size=5))
        | st.builds(lambda micro: entry._replace(at=entry.at + timedelta(microseconds=micro)), st.integers(1, 9))
    )
    entries[index] = changed

    with pytest.raises(BrokenChain):
        verify_chain(entries)


@pytest.mark.parametrize("column", ["stream", "command_id", "type", "actor"])
def test_a_line_break_in_a_column_is_refused(column: str) -> None:
    """No column may hold a line break, which would let two different entries share one hash."""
    (entry,) = chain(1)

    with pytest.raises(BrokenChain, match="a column holds a line break"):
        seal(entry._replace(**{column: "a\nb"}))  # type: ignore[arg-type]  # one column at a time


def test_the_hash_is_that_of_the_instant_and_not_of_its_zone() -> None:
    """A database that answers in another time zone changes no hash."""
    (entry,) = chain(1)
    elsewhere = timezone(timedelta(hours=5, minutes=30))

    assert entry_hash(entry._replace(at=entry.at.astimezone(elsewhere))) == entry.hash


def test_the_hash_can_be_computed_by_anybody() -> None:
    """The format is plain text and SHA-256, written out here, so that an auditor needs none of this code."""
    (entry,) = chain(1)
    lines = [
        "offramp.entry.v1", STREAM, "1", "command-1", "keep_check_in", str(1780390800 * 1_000_000),
        str(1780390801 * 1_000_000), "lead-1", "00" * 32, sha256(b"sealed 1").hexdigest(),
    ]  # fmt: skip

    assert sha256("\n".join(lines).encode()).digest() == entry.hash


def test_an_entry_out_of_place_is_named_by_the_expected_position() -> None:
    """A gap is reported at the position that is missing."""
    entries = chain(3)

    with pytest.raises(BrokenChain, match="position 2: expected here, but the next entry stored is 3"):
        verify(entries[2], prev=entries[0].hash, position=2)
