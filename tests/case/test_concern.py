"""Concerns: voiced, answered in time or told of ever higher, closed by another person, and never turned against anybody."""

from datetime import timedelta

import pytest

from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    PROVIDER,
    SHIPPED,
    SUPERVISOR,
    Story,
    asked,
    note,
    opened,
    person,
    shipped,
)
from tests.case.gates import fulfill, reports
from workflows.case.concern import ConcernAnswered, ConcernClosed, ConcernRaised
from workflows.case.disclosure import DisclosureMade, DisclosureRequested
from workflows.core.obligation import ObligationEscalated, SilenceFell


def worried(kind: str = "threat", story: Story | None = None) -> Story:
    """A story in which a provider voiced a concern of the family."""
    story = story or opened()
    story.do(PROVIDER, "raise_concern", kind=kind, reported_by="family", note=note(40))
    return story


def answered() -> Story:
    """A story in which the lead did something about it."""
    story = worried()
    story.do(LEAD, "answer_concern", concern=1, response=note(41))
    return story


def test_a_concern_is_owed_an_answer_as_soon_as_its_kind_says() -> None:
    """A threat within a day, a worry within five working days: from the instant at which it is on record."""
    story = worried("worry", worried())
    dues = {key: story.case.obligations[key].due for key in story.owed("concern_response")}

    assert dues == {
        "concern_response/1": story.at + timedelta(days=1), "concern_response/2": story.at + timedelta(days=7),
    }  # fmt: skip


def test_a_concern_that_nobody_answers_climbs_and_stays() -> None:
    """The lead, their supervisor and the chair hear of it, again and again; nothing closes it, and nothing happens to the person."""
    story = worried()
    before = story.case
    story.later(days=20)
    told = [event for event in story.events(ObligationEscalated) if event.kind == "concern_response"]

    assert [event.tell for event in told[:3]] == ["lead_practitioner", "supervisor", "panel_chair"]
    assert len(told) > 6
    assert [e.outcome for e in story.events(SilenceFell) if e.kind == "concern_response"] == ["stays_open"]
    assert story.case.concern == before.concern
    assert (story.case.phase, story.case.contact.level) == (before.phase, before.contact.level)
    assert (story.events(DisclosureRequested), story.events(DisclosureMade), story.events(ConcernClosed)) == (
        [],
        [],
        [],
    )


def test_an_answer_is_not_yet_an_end() -> None:
    """Once somebody did something about it, another person's judgement is owed whether it is over; a second answer changes no date."""
    story = answered()
    assert (story.owed("concern_response"), story.owed("concern_closure")) == ([], ["concern_closure/1"])
    due = story.due("concern_closure")

    story.later(days=2).do(SUPERVISOR, "answer_concern", concern=1, response=note(42))
    assert story.due("concern_closure") == due
    assert [event.by for event in story.events(ConcernAnswered)] == [LEAD, SUPERVISOR]


def test_another_person_closes_it_with_reasons() -> None:
    """Whoever leads or led the case closes nothing; nobody closes what nobody answered; closed, it is owed no more."""
    story = worried()
    story.staff[LEAD] = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "supervisor")})
    story.refuse("concern_unanswered", SUPERVISOR, "close_concern", concern=1, reasons=note())
    story.do(LEAD, "answer_concern", concern=1, response=note(41))
    story.refuse("not_independent", LEAD, "close_concern", concern=1, reasons=note())
    story.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), reasons=note())
    story.refuse("not_independent", LEAD, "close_concern", concern=1, reasons=note())
    story.do(SUPERVISOR, "close_concern", concern=1, reasons=note(43))

    assert [(e.concern, e.kind, e.by) for e in story.events(ConcernClosed)] == [(1, "threat", SUPERVISOR)]
    assert (story.case.concern.open, story.owed("concern_closure")) == ({}, [])
    story.refuse("no_such_concern", SUPERVISOR, "answer_concern", concern=1, response=note())


def test_a_concern_is_of_a_known_kind_and_lies_behind() -> None:
    """A kind that the program does not know is refused, and so is what nobody can have seen yet."""
    story = opened()
    tomorrow = (story.at + timedelta(days=1)).isoformat()

    fields = {"reported_by": "other", "note": note()}
    story.refuse("unknown_concern_kind", LEAD, "raise_concern", kind="wrong_opinions", **fields)
    story.refuse("observed_in_future", LEAD, "raise_concern", kind="worry", observed_at=tomorrow, **fields)
    assert story.events(ConcernRaised) == []


def test_a_concern_stays_owed_when_the_person_leaves() -> None:
    """Whoever withdraws consent is still somebody about whom a worry must be answered."""
    story = worried()
    story.do(ADVOCATE, "withdraw_consent", scope="participation")

    assert story.owed("concern_response") == ["concern_response/1"]
    assert story.owed("reassessment") == []


def test_no_case_is_closed_over_a_concern() -> None:
    """The way out is shut while one is open; `why` says who answers and who closes it, and doing that opens the way."""
    story = worried()
    refused = story.refuse("gate_closed", LEAD, "request_review", to="closed", reasons=note(), participant_view=note())
    report = next(found for found in reports(story) if found.to == "closed")
    need = report.unmet[0]

    assert refused.why == "unmet: concern 1"
    assert (need.condition, need.do, need.by) == (
        "concern",
        ("answer_concern", "close_concern"),
        story.due("concern_response"),
    )
    assert (
        need.why
        == "Threats against the person, their family or staff: nobody answered it yet; another person than who leads closes it"
    )
    story.do(LEAD, "answer_concern", concern=1, response=note())
    need = next(found for found in reports(story) if found.to == "closed").unmet[0]
    assert (need.do, need.held_by, need.by) == (
        ("close_concern",),
        ("supervisor", "program_director"),
        story.due("concern_closure"),
    )
    fulfill(story, report, need)
    asked(story, "closed")


def test_whoever_closed_a_concern_does_not_vote_on_the_way_out() -> None:
    """That no concern is left was their judgement: others decide on what rests on it."""
    story = answered()
    story.staff[MEMBERS[0]] = story.staff[MEMBERS[0]].model_copy(update={"roles": ("panel_member", "supervisor")})
    story.do(MEMBERS[0], "close_concern", concern=1, reasons=note())
    asked(story, "closed")

    story.refuse("not_independent", MEMBERS[0], "approve_review", review=1, reasons=note())
    for voter in (CHAIR, COMMUNITY, *MEMBERS[1:3]):
        story.do(voter, "approve_review", review=1, reasons=note())
    assert story.case.closed


@pytest.mark.parametrize("code", SHIPPED)
def test_the_shipped_programs_close_over_no_concern(code: str) -> None:
    """Each way into the last phase asks for it, and an early exit into aftercare, where all of it goes on, does not hold anybody back."""
    program = shipped(code)
    closing = [gate.gate for _, gate in program.gates() if program.phases[gate.to].terminal]

    assert all(gate.concerns_closed for gate in closing)
    if code == "disengagement":
        assert not program.phases["stabilization"].transitions[1].gate.concerns_closed
        assert program.phases["stabilization"].transitions[0].gate.concerns_closed
        assert program.phases["normalization"].transitions[0].gate.concerns_closed
