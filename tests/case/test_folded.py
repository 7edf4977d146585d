"""What a process remembers of the cases that it folded is exactly what the ledger says, or nothing."""

from tests.case.examples import LEAD, Story, note, opened
from workflows.case.folded import Folded
from workflows.case.state import Case, advance, dump_events
from workflows.core.envelope import RecordedEntry


def step(story: Story) -> tuple[Case, RecordedEntry]:
    """One more check-in: the case after it, and the entry as a workflow is told of it."""
    events = story.do(LEAD, "keep_check_in", channel="call", note=note())
    entry = RecordedEntry(
        position=story.case.position, hash=story.case.head, command_id=f"c{story.case.position}", at=story.at,
        events=dump_events(events).decode(),
    )  # fmt: skip
    return story.case, entry


def test_a_case_is_found_at_exactly_its_place_and_hash() -> None:
    """A case is found only by the position and the hash at which it was folded."""
    case, folded = opened().case, Folded(most=2)
    folded.keep(case)

    assert folded.find(case.stream, position=case.position, head=case.head) is case
    assert folded.find(case.stream, position=case.position + 1, head=case.head) is None
    assert folded.find(case.stream, position=case.position, head="0" * 64) is None


def test_the_case_longest_out_of_use_goes_first() -> None:
    """No more cases are kept than was asked for, and those in use stay."""
    folded = Folded(most=2)
    one, two, three = (Case(stream=f"case/00000000-0000-0000-0000-00000000000{n}") for n in range(3))
    for case in (one, two, one, three):
        folded.keep(case)

    found = [folded.find(case.stream, position=0, head=case.head) for case in (one, two, three)]

    assert found == [one, None, three]


def test_a_hit_and_a_miss_give_the_same_case() -> None:
    """Whoever follows the entries alone holds the same case as whoever takes the fold that the recorder made."""
    story, remembering, forgetful = opened(), Folded(most=1), Folded(most=1)
    before = story.case
    after, entry = step(story)
    remembering.keep(after)

    assert remembering.follow(before, (entry,)) is after
    assert forgetful.follow(before, (entry,)) == after
    assert forgetful.follow(before, ()) is before


def test_following_takes_entries_as_they_are_whatever_else_is_remembered() -> None:
    """A memory of an earlier or a later place is never taken for the present one."""
    story, folded = opened(), Folded(most=1)
    before = story.case
    first, one = step(story)
    second, two = step(story)
    folded.keep(second)

    assert (
        folded.follow(before, (one,))
        == first
        == advance(before, position=one.position, head=one.hash, events=story.told[-2].events, at=one.at)
    )
    assert folded.follow(before, (one, two)) is second
