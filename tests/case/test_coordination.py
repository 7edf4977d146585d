"""Coordination: every gap between services is seen, named, and stands before whatever goes well."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from starter.audit.words import Words
from starter.cli.coordination import report
from tests.case.examples import CHAIR, LEAD, PROVIDER, SHIPPED, SUPERVISOR, Story, note, opened
from tests.case.test_referral import SECOND, consenting, in_a_circle, referred, rejected
from tests.case.walk import Move, moves, walked
from workflows.case.coordination import GAPS, NeedView, coordination


def views(story: Story) -> tuple[NeedView, ...]:
    """The needs of the story, as its entries tell them now."""
    return coordination(story.case, story.program, [(told.at, told.events) for told in story.told], story.at)


def view(story: Story, need: str) -> NeedView:
    """The need as it is shown."""
    return next(one for one in views(story) if one.need == need)


def said(story: Story) -> str:
    """What a panel reads."""
    return "\n".join(report(story.case, views(story), Words(story.program), story.at))


def with_every_gap() -> Story:
    """A case with a circle, a need that nobody asked anybody about, support that ended, a silent provider, a stall, and one that goes well."""
    story = in_a_circle()
    for need in ("identity", "civic_part", "family", "livelihood"):
        story.do(LEAD, "identify_need", need=need, note=note())
    for kind in ("mentoring", "family_counseling", "livelihood"):
        story.do(LEAD, "plan_support", kind=kind, provider="civil", sessions=4, starts=story.at.isoformat(), agreed=note())  # fmt: skip
    for number in (1, 2, 3):
        story.do(LEAD, "begin_support", support=number)
    story.do(SUPERVISOR, "end_support", support=2, gap=note())
    referred(story, "substance_use")
    story.later(days=25)
    story.do(PROVIDER, "attest_session", support=3)
    return story


def test_every_gap_is_named_the_worst_first() -> None:
    """What waits in a circle comes first, then what nobody answers, what stalled, and last what goes well."""
    found = [(one.need, one.gap) for one in views(with_every_gap())]

    assert {*found[:2]} == {("mental_health", "circle"), ("housing", "circle")}
    assert found[2:] == [
        ("civic_part", "nobody"), ("family", "ended"), ("substance_use", "came_back"), ("identity", "stalled"), ("livelihood", "answered"),
    ]  # fmt: skip


def test_each_gap_says_who_owes_the_next_step_and_how_late_it_is() -> None:
    """The circle is owed by the chair, what came back by the lead, the session by the provider, each with its due instant."""
    story = with_every_gap()
    owed = {one.key: one for need in ("mental_health", "substance_use", "identity") for one in view(story, need).owed}

    assert (owed["circular_precondition/1"].role, owed["circular_precondition/1"].late) == ("panel_chair", True)
    assert owed["referral_alternative/3"].holder == LEAD
    assert owed["support_session/1/1"].role == "intervention_provider"


def test_a_panel_reads_what_waits_for_what() -> None:
    """The page names each need in words, what waits for what, who was asked and what came of it, and nothing of a sealed text."""
    page = said(with_every_gap())

    assert '"Health of the mind", and that for "A safe home"' in page or 'and that for "Health of the mind"' in page
    assert "NOBODY IS ASKED" in page
    assert "Mental health and addiction services: back for" in page
    assert "did not reply" in page
    assert "stalled, no session for 25 days" in page
    assert "next: Chair of the multi-agency panel owes a way out of circle 1 of preconditions, overdue" in page
    assert "note:" not in page


def test_what_was_tried_before_is_told() -> None:
    """Each provider that was asked before stands there with its answer, so that a panel does not send the person there again."""
    story = consenting()
    rejected(story, referred(story))
    referred(story, provider=SECOND)
    (first,) = view(story, "mental_health").past

    assert (first.provider, first.how) == ("health_service", "rejected")
    assert view(story, "mental_health").gap == "waits"
    story.later(days=40)
    story.do(SUPERVISOR, "rule_out_alternative", referral=2, reasons=note())
    assert [one.how for one in view(story, "mental_health").past] == ["rejected", "ruled_out"]
    assert view(story, "mental_health").gap == "ruled_out"


def test_a_circle_that_was_broken_is_no_gap() -> None:
    """Once the clinic is asked again its need waits for a reply, and the other still waits for a first step."""
    story = in_a_circle()
    story.do(CHAIR, "break_circle", circle=1, reasons=note(), waived=1, waived_by="health_service")

    assert (view(story, "mental_health").gap, view(story, "housing").gap) == ("waits", "came_back")


def test_a_received_referral_asks_for_its_need_to_be_closed() -> None:
    """What was received and stands open is named as that."""
    story = consenting()
    number = referred(story)
    story.do(LEAD, "accept_referral", referral=number)
    expected = (story.at + timedelta(days=3)).isoformat()
    story.do(LEAD, "begin_referral", referral=number, expected=expected)
    assert view(story, "mental_health").gap == "answered"
    story.later(days=4)
    assert view(story, "mental_health").gap == "late"
    attester = next(who for who, one in story.staff.items() if one.organization == "health_service")
    story.do(attester, "complete_referral", referral=number, output=note())
    assert view(story, "mental_health").gap == "served"


def test_what_answers_no_open_need_stands_last() -> None:
    """A support whose need is not on record is shown too, behind every open need."""
    story = opened()
    story.do(LEAD, "plan_support", kind="education", provider="civil", sessions=1, starts=story.at.isoformat(), agreed=note())  # fmt: skip
    story.do(LEAD, "identify_need", need="family", note=note())

    assert [(one.need, one.since is None) for one in views(story)] == [("family", False), ("education", True)]
    assert "not on record as open" in said(story)


def test_a_case_without_needs_says_so() -> None:
    """An empty page is a sentence."""
    assert "No need is open, and nothing is under way." in said(opened())


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_every_open_need_and_every_service_is_shown_once(code: str, steps: list[Move]) -> None:
    """From any state: each open need, each support and each open referral stands on the page once, in the order of gaps, and what is owed for it too."""
    story = walked(Story(code), steps)
    found = views(story)

    assert {*story.case.support.needs} <= {one.need for one in found}
    assert len({one.need for one in found}) == len(found)
    ways = [(way.what, way.number) for one in found for way in one.ways]
    open_ones = [("support", n) for n in story.case.support.active] + [("referral", n) for n in story.case.referral.open]  # fmt: skip
    assert sorted(ways) == sorted(open_ones)
    ranks = [GAPS.index(one.gap) for one in found if one.since is not None]
    assert ranks == sorted(ranks)
    kinds = ("support_start", "support_session", "referral_", "circular_")
    owed = {key for key in story.case.obligations if key.startswith(kinds)}
    shown = {one.key for view in found for one in view.owed}
    assert owed <= shown
    assert said(story)
