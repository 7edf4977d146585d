"""Supports: what is promised is delivered and attested by whoever held it, and nothing ends in silence."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import LEAD, MONDAY, PROVIDER, SUPERVISOR, Story, note, opened, person
from tests.case.walk import Move, moves, perform
from workflows.case.support_form import SupportCompleted, SupportEnded, SupportStalled
from workflows.core.obligation import ObligationEscalated

OTHER = person("intervention_provider", 2)
"""A provider's person, of another organization than PROVIDER's."""


def planned(story: Story, kind: str = "mentoring", *, sessions: int = 2) -> int:
    """A support of PROVIDER's organization, planned for now; its number."""
    number = story.case.support.next_number
    story.do(
        LEAD, "plan_support", kind=kind, provider="civil", sessions=sessions, starts=story.at.isoformat(), agreed=note(),
    )  # fmt: skip
    return number


def begun(story: Story, kind: str = "mentoring", *, sessions: int = 2) -> int:
    """A support that has begun; its number."""
    number = planned(story, kind, sessions=sessions)
    story.do(LEAD, "begin_support", support=number)
    return number


def attested(story: Story, number: int, *, times: int = 1) -> None:
    """So many sessions attested, an hour apart."""
    for _ in range(times):
        story.later(hours=1)
        story.do(PROVIDER, "attest_session", support=number)


def test_a_session_counts_when_a_person_of_the_provider_attests_it() -> None:
    """Neither another organization, nor a role that the catalogue does not name, attests a session."""
    story = opened()
    number = begun(story)

    story.refuse("not_attested_by_provider", OTHER, "attest_session", support=number)
    attested(story, number)

    assert story.case.support.active[number].sessions == 1


def test_whoever_leads_or_led_the_case_attests_nothing_in_it() -> None:
    """A lead who is also a person of the provider does not attest what they ordered themself, nor after they handed the case over."""
    story = opened()
    number = begun(story)
    story.staff[LEAD] = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "intervention_provider")})

    story.refuse("not_independent", LEAD, "attest_session", support=number)
    story.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), reasons=note())
    story.refuse("not_independent", LEAD, "attest_session", support=number)


def test_a_session_is_dated_when_it_was_held() -> None:
    """A session lies neither in the future, nor before the support began, nor before the one attested last."""
    story = opened()
    number = begun(story)
    held = story.at + timedelta(hours=1)
    attested(story, number)

    later, before = (story.at + timedelta(hours=1)).isoformat(), (held - timedelta(minutes=1)).isoformat()
    story.refuse("observed_in_future", PROVIDER, "attest_session", support=number, observed_at=later)
    story.refuse("session_out_of_order", PROVIDER, "attest_session", support=number, observed_at=before)


def test_a_support_without_a_session_in_its_period_stalls_and_escalates_and_goes_on() -> None:
    """Three weeks without a session: the stall is on record, the lead and then the supervisor are told, and the support is owed as before (F1)."""
    story = opened()
    number = begun(story, sessions=6)
    attested(story, number)
    story.later(days=45)

    (stalled,) = story.events(SupportStalled)
    told = [event.tell for event in story.events(ObligationEscalated) if event.kind == "support_session"]
    assert (stalled.support, stalled.sessions) == (number, 1)
    assert told[:4] == ["lead_practitioner", "lead_practitioner", "supervisor", "panel_chair"]
    assert story.owed("support_session") == [f"support_session/{number}/2"]
    assert number in story.case.support.active


def test_a_late_session_is_accepted_and_the_next_is_owed_from_it() -> None:
    """After a stall the session that comes is attested, and the period begins anew."""
    story = opened()
    number = begun(story)
    story.later(days=30)
    attested(story, number)

    assert story.owed("support_session") == [f"support_session/{number}/2"]
    assert story.due("support_session") > story.at


def test_a_planned_support_is_owed_its_beginning() -> None:
    """What was promised and never began escalates until it begins."""
    story = opened()
    number = planned(story)

    assert story.owed("support_start") == [f"support_start/{number}"]
    story.refuse("support_not_begun", PROVIDER, "attest_session", support=number)
    story.later(days=20)
    assert {e.tell for e in story.events(ObligationEscalated) if e.kind == "support_start"} >= {"supervisor"}
    story.do(LEAD, "begin_support", support=number)
    assert story.owed("support_start") == []
    story.refuse("support_begun", LEAD, "begin_support", support=number)


def test_a_support_is_complete_when_every_promised_session_was_attested() -> None:
    """One session of two is not a support delivered."""
    story = opened()
    number = begun(story)
    attested(story, number)

    refused = story.refuse("sessions_missing", LEAD, "complete_support", support=number)
    assert "sessions 1/2" in refused.why
    attested(story, number)
    story.do(LEAD, "complete_support", support=number)
    assert story.case.support.delivered == ("mentoring",)
    story.refuse("no_such_support", LEAD, "complete_support", support=number)


def test_a_need_is_addressed_by_a_support_that_was_delivered() -> None:
    """A need is not closed as addressed by a plan, and by the lead's own judgement not at all."""
    story = opened()
    story.refuse("no_such_need", LEAD, "close_need", need="identity", how="addressed", reasons=note())
    story.do(LEAD, "identify_need", need="identity", note=note())
    number = begun(story, sessions=1)

    story.refuse("need_open_already", LEAD, "identify_need", need="identity", note=note())
    story.refuse("need_unserved", LEAD, "close_need", need="identity", how="addressed", reasons=note())
    story.refuse("not_independent", LEAD, "close_need", need="identity", how="not_wanted", reasons=note())
    attested(story, number)
    story.do(LEAD, "complete_support", support=number)
    story.do(LEAD, "close_need", need="identity", how="addressed", reasons=note())
    assert story.case.support.needs == ()


def test_another_person_judges_that_a_need_is_wanted_no_more() -> None:
    """Somebody else than the lead closes a need that no support answered, with reasons."""
    story = opened()
    story.do(LEAD, "identify_need", need="education", note=note())
    story.do(SUPERVISOR, "close_need", need="education", how="not_wanted", reasons=note())

    assert story.case.support.needs == ()


def test_nothing_ends_before_its_successor_has_begun() -> None:
    """A support gives way to one that answers the same need and has begun, and to no other."""
    story = opened()
    first, second, other = begun(story), planned(story, "dialogue"), begun(story, "livelihood")

    story.refuse("gap_not_reasoned", LEAD, "end_support", support=first)
    story.refuse("successor_not_begun", LEAD, "end_support", support=first, successor=second)
    story.refuse("successor_not_begun", LEAD, "end_support", support=first, successor=other)
    story.refuse("successor_not_begun", LEAD, "end_support", support=first, successor=first)
    story.do(LEAD, "begin_support", support=second)
    story.do(LEAD, "end_support", support=first, successor=second)
    assert list(story.case.support.active) == [second, other]


def test_a_gap_is_a_reasoned_decision_of_another_person_than_the_lead() -> None:
    """Without a successor the lead ends nothing; a supervisor may, with reasons."""
    story = opened()
    number = begun(story)

    story.refuse("not_independent", LEAD, "end_support", support=number, gap=note())
    story.do(SUPERVISOR, "end_support", support=number, gap=note())
    assert story.case.support.active == {}


def test_an_entitlement_is_due_by_its_rule_and_no_favor() -> None:
    """Before the rule holds nobody grants it; once it holds it is granted, once, and what becomes of the support takes nothing back."""
    story = opened()
    number = begun(story, "livelihood")
    attested(story, number)

    story.refuse("entitlement_not_due", LEAD, "grant_entitlement", entitlement="travel_pass")
    story.refuse("unknown_entitlement", LEAD, "grant_entitlement", entitlement="favor")
    attested(story, number)
    story.do(LEAD, "grant_entitlement", entitlement="travel_pass")
    story.refuse("entitlement_granted", LEAD, "grant_entitlement", entitlement="travel_pass")
    story.do(SUPERVISOR, "end_support", support=number, gap=note())
    assert story.case.support.granted == ("travel_pass",)


def test_what_the_definition_does_not_know_is_refused() -> None:
    """Needs and supports come from the catalogue; a program without one offers none."""
    story = opened()
    plan = {"provider": "civil", "sessions": 1, "starts": MONDAY.isoformat(), "agreed": note()}

    story.refuse("unknown_need", LEAD, "identify_need", need="obedience", note=note())
    story.refuse("unknown_support_kind", LEAD, "plan_support", kind="ideology", **plan)
    story.program = story.program.model_copy(update={"care": None})
    story.refuse("unknown_support_kind", LEAD, "plan_support", kind="mentoring", **plan)


@pytest.mark.parametrize("code", ["disengagement"])
@given(steps=st.lists(moves(), max_size=30))
def test_no_support_is_withdrawn_but_by_its_own_decision(code: str, steps: list[Move]) -> None:
    """Whatever happens otherwise (silence, a move, a setback, a withdrawal), a support stays in force until it is completed or ended by a decision."""
    story = opened(code)
    begun(story)
    for move in steps:
        before, told = set(story.case.support.active), len(story.told)
        perform(story, move)
        events = [event for one in story.told[told:] for event in one.events]
        decided = {e.support for e in events if isinstance(e, (SupportCompleted, SupportEnded))}
        assert before - set(story.case.support.active) <= decided
