"""The contacts of a case as its record tells them, as of any date."""

from datetime import datetime, timedelta

from starter.audit.contacts import CheckIn, contacts
from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened
from workflows.core.entry import Entry
from workflows.core.kinds import Event

DAY = timedelta(days=1)


def told(story: Story, *, until: datetime | None = None) -> list[tuple[Entry, tuple[Event, ...]]]:
    """The entries of the story, up to an instant."""
    return [
        (
            Entry(
                stream=one.case.stream, position=one.case.position, command_id="c", type="t", at=one.at, recorded_at=one.at,
                actor=one.actor, body=b"", prev=b"", hash=b"",
            ),
            one.events,
        )
        for one in story.told
        if until is None or one.at <= until
    ]  # fmt: skip


def relabelled() -> tuple[Story, datetime]:
    """A check-in missed and classified as unexcused, another one kept in time, and a later correction; and the date before that."""
    story = opened()
    story.until(story.due("check_in") + DAY)
    story.do(LEAD, "classify_absence", check_in=1, absence="unexcused", reasons=note(3))
    story.later(days=1).do(LEAD, "keep_check_in", channel="visit")
    story.later(days=3).do(LEAD, "keep_check_in", channel="call")
    date = story.at
    story.later(days=2).do(SUPERVISOR, "correct_absence", check_in=1, absence="excused", reasons=note(4))
    return story, date


def test_a_later_correction_leaves_the_figure_for_a_past_date_as_it_was() -> None:
    """What was counted as of a date is counted so for ever; as of today the correction counts, and both versions stand in order (F9)."""
    story, date = relabelled()
    before, now = contacts(told(story, until=date)), contacts(told(story))

    assert before == contacts(told(story, until=date))
    assert before.figures() == {
        "fell_due": 2, "kept_in_time": 1, "missed": 1, "excused": 0, "unexcused": 1, "unknown": 0, "unclassified": 0,
    }  # fmt: skip
    assert now.figures() == {**before.figures(), "excused": 1, "unexcused": 0}
    assert [(said.by, said.absence, said.reasons) for said in now.check_ins[0].versions] == [
        (LEAD, "unexcused", note(3)),
        (SUPERVISOR, "excused", note(4)),
    ]


def test_an_absence_that_nobody_classified_is_counted_as_such() -> None:
    """What was missed is missed whether anybody says something of it or not; what is still to come is counted as nothing."""
    story = opened()
    due = story.due("check_in")
    early = contacts(told(story))
    story.until(due + DAY)
    late = contacts(told(story))

    assert early.check_ins == (CheckIn(1, due),)
    assert early.figures()["fell_due"] == 0
    assert (late.figures()["missed"], late.figures()["unclassified"]) == (1, 1)
    assert late.check_ins[0].ended_at is None


def test_what_was_released_or_excused_was_neither_kept_nor_missed() -> None:
    """A check-in that was excused beforehand, or that a pause of the person took away, is in no figure, and is listed as what it is."""
    story = opened()
    story.do(SUPERVISOR, "excuse_check_in", reasons=note())
    story.do(LEAD, "withdraw_consent", scope="participation")
    found = contacts(told(story))

    assert [one.how for one in found.check_ins] == ["excused", "released"]
    assert set(found.figures().values()) == {0}
