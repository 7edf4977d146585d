"""Notices: what was sent to whom, whether it arrived, and what is owed if it did not."""

from typing import Any

from tests.case.examples import CHAIR, COMMUNITY, LEAD, MEMBERS, Story, approved, asked, erased, note, opened
from workflows.case.notice import NoticeFailed, NoticeIssued, NoticeServed
from workflows.core.kinds import ENGINE
from workflows.core.notice import Notice
from workflows.core.obligation import ObligationClosed, ObligationOpened


def report(story: Story, key: str, outcome: str = "failed") -> tuple[Any, ...]:
    """The events of a delivery's report."""
    reason = {"reason": "unreachable"} if outcome == "failed" else {"proof": "message_1"}
    return story.do(ENGINE, "record_delivery", delivery={"key": key, "outcome": outcome, "channel": "smtp", **reason})


def reminded() -> tuple[Story, Notice]:
    """A story in which the first reminder was just issued, and the reminder."""
    story = opened()
    while not story.case.notice.pending:
        story.until(story.at).later(days=1)
    (notice,) = story.case.notice.pending.values()
    return story, notice


def test_a_notice_has_a_key_of_its_own() -> None:
    """Every notice of a case has another key: its entry's position and its number there."""
    story = opened().later(days=200)
    keys = [event.notice.key for event in story.events(NoticeIssued)]

    assert len(keys) == len(set(keys))
    assert all(
        told.case.position == int(e.notice.key.split("/")[0])
        for told in story.told
        for e in told.events
        if isinstance(e, NoticeIssued)
    )


def test_a_served_notice_is_history() -> None:
    """A delivery with its proof ends the notice; nothing is owed for it."""
    story, notice = reminded()

    events = report(story, notice.key, "delivered")

    assert events == (NoticeServed(key=notice.key, channel="smtp", proof="message_1"),)
    assert (story.case.notice.pending, story.case.notice.failed) == ({}, {})


def test_a_failed_notice_opens_one_debt() -> None:
    """A notice that finally failed is owed to its reader, exactly once."""
    story, notice = reminded()

    events = report(story, notice.key)

    assert events[0] == NoticeFailed(key=notice.key, channel="smtp", reason="unreachable")
    assert [e.obligation.key for e in events if isinstance(e, ObligationOpened)] == [f"notice_delivery/{notice.key}"]
    story.refuse(
        "unknown_notice",
        ENGINE,
        "record_delivery",
        delivery={"key": notice.key, "outcome": "failed", "channel": "smtp"},
    )
    assert story.owed("notice_delivery") == [f"notice_delivery/{notice.key}"]


def test_a_notice_about_a_failed_notice_opens_no_further_debt() -> None:
    """A channel that stays down is owed for once, however long its debt escalates over the same channel."""
    story, notice = reminded()
    report(story, notice.key)
    for _ in range(40):
        story.later(days=1)
        for key in [k for k, n in story.case.notice.pending.items() if n.about.startswith("notice_delivery/")]:
            report(story, key)

    assert story.owed("notice_delivery") == [f"notice_delivery/{notice.key}"]
    assert list(story.case.notice.failed) == [notice.key]


def test_a_channel_that_stays_down_does_not_bury_people_in_debts() -> None:
    """Each reader is owed one notice about one thing: a year in which nothing arrives leaves a handful of debts, not hundreds."""
    story = opened()
    for _ in range(365):
        story.later(days=1)
        for key in list(story.case.notice.pending):
            report(story, key)

    readers = {
        (n.about, n.to_role)
        for n in (e.notice for e in story.events(NoticeIssued))
        if not n.about.startswith("notice_delivery/")
    }
    assert len(story.owed("notice_delivery")) == len(readers)


def test_a_debt_is_met_by_hand() -> None:
    """Whoever served a failed notice in person confirms it with a sealed proof, however late."""
    story, notice = reminded()
    report(story, notice.key)
    story.later(days=30)

    events = story.do(LEAD, "confirm_notice", notice=notice.key, proof=note(9))

    assert events[0] == NoticeServed(key=notice.key, channel="by_hand", proof=note(9))
    (closed,) = [e for e in events if isinstance(e, ObligationClosed)]
    assert (closed.how, closed.late_seconds > 0) == ("met", True)


def test_a_notice_on_its_way_can_be_served_by_hand() -> None:
    """Nobody waits for a channel: a notice on its way may be confirmed, and its later report is refused."""
    story, notice = reminded()
    story.do(LEAD, "confirm_notice", notice=notice.key, proof=note())

    story.refuse(
        "unknown_notice",
        ENGINE,
        "record_delivery",
        delivery={"key": notice.key, "outcome": "delivered", "channel": "inbox"},
    )


def test_only_known_notices_are_confirmed() -> None:
    """A notice that is neither on its way nor undelivered is not confirmed."""
    opened().refuse("unknown_notice", LEAD, "confirm_notice", notice="1/1", proof=note())


def test_an_undelivered_notice_outlives_the_case() -> None:
    """A closed case still owes a notice that did not arrive, can have it confirmed, and is finished only then and once its record is erased."""
    story = opened()
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])
    *others, last = story.case.notice.pending
    for key in others:
        report(story, key, "delivered")
    report(story, last)

    assert story.case.closed
    assert not story.case.finished
    story.later(days=10).do(LEAD, "confirm_notice", notice=last, proof=note())
    assert all(report(story, key, "delivered") for key in list(story.case.notice.pending))
    assert {owed.kind for owed in story.case.obligations.values()} == {"retention_review", "notice_service"}
    assert erased(story).case.finished
