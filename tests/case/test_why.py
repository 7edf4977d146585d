"""`why`: doing exactly what it lists opens the gate, and leaving any one thing out keeps it shut."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SHIPPED,
    Story,
    approved,
    asked,
    enough_evidence,
    note,
    opened,
    verified,
)
from tests.case.gates import fulfill, reports
from tests.case.walk import Move, moves, walked
from workflows.case.why import GateReport, Need
from workflows.core.calendar import Term


def report(story: Story, to: str) -> GateReport:
    return next(found for found in reports(story) if found.to == to)


def need(story: Story, to: str, subject: str) -> Need:
    return next(found for found in report(story, to).unmet if found.subject == subject)


def conditions(found: GateReport) -> list[tuple[str, str]]:
    return [(unmet.condition, unmet.subject) for unmet in found.unmet]


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=25), data=st.data())
def test_doing_what_is_listed_opens_the_gate(code: str, steps: list[Move], data: st.DataObject) -> None:
    """From any state that can be reached, whoever holds the listed conditions opens the gate by fulfilling them, in their order."""
    story = walked(Story(code), steps)
    found = reports(story)
    assert bool(found) is not story.case.closed
    for gate in found:
        way = story.fork()
        for unmet in gate.unmet:
            fulfill(way, gate, unmet)
        assert way.case.phase.phase == gate.to, [unmet.model_dump() for unmet in gate.unmet]

    if found:
        gate = data.draw(st.sampled_from(found))
        left_out = data.draw(st.sampled_from(gate.unmet))
        way = story.fork()
        for unmet in gate.unmet:
            if unmet is not left_out:
                fulfill(way, gate, unmet)
        assert way.case.phase.phase == story.case.phase.phase, left_out.model_dump()


def test_a_new_case_lists_its_whole_gate() -> None:
    """A case that was just opened lists consent, each milestone, an assessment, the request and the approval, in the order in which they are done."""
    assert conditions(report(opened(consent=False), "stabilization")) == [
        ("consent", "participation"), ("milestone", "needs_profile"), ("milestone", "safety_plan"),
        ("assessment", "within 3 months"), ("review", "phase_panel"), ("approval", "phase_panel"),
    ]  # fmt: skip


def test_consent_is_due_when_its_request_is() -> None:
    """Consent to take part is held by whoever may record it, by the instant at which its request is due."""
    story = opened(consent=False)
    found = need(story, "stabilization", "participation")

    assert (found.held_by, found.do) == (("lead_practitioner", "supervisor"), ("give_consent",))
    assert found.by == story.due("consent_request")


def test_a_milestone_is_held_by_claimants_and_verifiers() -> None:
    """A milestone that nobody claimed is held by both roles, by the end of the phase's expected length."""
    story = opened()
    found = need(story, "stabilization", "safety_plan")

    assert (found.held_by, found.do) == (("lead_practitioner", "supervisor"), ("claim_milestone", "verify_milestone"))
    assert (found.why, found.by) == ("never claimed", story.due("phase_overstay"))


def test_a_claim_is_held_by_its_verifiers() -> None:
    """A claim that waits is held by those who may verify it, by the instant at which their decision is due."""
    story = opened()
    story.do(
        LEAD,
        "claim_milestone",
        milestone="safety_plan",
        evidence=enough_evidence(story.program, "safety_plan", story.at),
    )
    found = need(story, "stabilization", "safety_plan")

    assert (found.held_by, found.do) == (("supervisor",), ("verify_milestone",))
    assert found.by == story.due("milestone_verification")


def test_what_speaks_against_a_milestone_is_told() -> None:
    """A contradicted milestone is listed with what it is and since when."""
    story = verified(opened(), "safety_plan")
    story.do(LEAD, "contradict_milestone", milestone="safety_plan", facts=note(), observed_at=story.at.isoformat())

    assert need(story, "stabilization", "safety_plan").why == "contradicted since 2026-01-05"


def test_a_shortest_stay_is_held_by_nobody() -> None:
    """A shortest stay asks for nothing but time, until the very instant that the gate computes."""
    story = opened()
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])
    found = need(story, "reintegration", "8 weeks")

    assert (found.held_by, found.do) == ((), ())
    assert found.by == story.program.calendar.after(story.at, Term(8, "weeks")).at


def test_what_will_be_too_old_is_listed_today() -> None:
    """A verification that grows old before the phase may end is listed already, by the day on which it does."""
    story = opened("housing_first")
    changed = story.case.phase.model_copy(update={"phase": "settled", "entered_at": story.at})
    story.case = story.case.model_copy(update={"phase": changed})
    verified(story, "tenancy_held")

    found = need(story, "on_call", "tenancy_held")

    assert found.why == "verified since 2026-01-05, and counts for 3 months only"
    assert found.by == story.program.calendar.after(story.at, Term(3, "months")).at


def test_a_request_says_whose_view_it_needs() -> None:
    """Where the participant's own view is required, the request's need says so."""
    assert need(opened(), "closed", "exit_panel").why == "not asked for, with the participant's own view"


def test_an_open_review_lists_the_votes_it_waits_for() -> None:
    """While a review is open its approval tells how many, which seats and how many organizations are missing, and when it is due."""
    story = opened()
    asked(story)
    story.do(MEMBERS[0], "approve_review", review=1, reasons=note())
    found = report(story, "stabilization").unmet

    assert [(unmet.condition, unmet.why) for unmet in found] == [
        ("approval", "2 more to approve, 3 more to vote for the quorum, a vote of panel_chair and of community_member, votes from 1 more organizations")
    ]  # fmt: skip
    assert found[0].by == story.due("review_decision")


def test_votes_cast_before_the_gate_shut_are_confirmed() -> None:
    """Where the votes suffice and the gate opened again, a confirmation by somebody who approved is listed."""
    story = opened()
    asked(story)
    for voter in (CHAIR, MEMBERS[0], COMMUNITY):
        story.do(voter, "approve_review", review=1, reasons=note())
    story.do(LEAD, "contradict_milestone", milestone="safety_plan", facts=note(), observed_at=story.at.isoformat())
    story.do(MEMBERS[1], "reject_review", review=1, reasons=note())
    verified(story.later(minutes=1), "safety_plan")

    (found,) = report(story, "stabilization").unmet

    assert "confirms it" in found.why
    fulfill(story, report(story, "stabilization"), found)
    assert story.case.phase.phase == "stabilization"


def test_a_closed_case_waits_for_nothing() -> None:
    """Neither a closed case nor one that was never opened has a gate."""
    story = opened()
    assert reports(Story()) == ()

    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert reports(story.later(days=1)) == ()
    assert story.at > story.told[-1].at - timedelta(days=1)
