"""Safety plans: what keeps people safe is owed from the first day, answered at once, and taken away by nothing else that happens in a case."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import ADVOCATE, LEAD, SHIPPED, SUPERVISOR, Story, note, opened, person
from tests.case.walk import Move, moves, perform
from workflows.case.commands import PAUSABLE, VOLUNTARY
from workflows.case.notice import NoticeIssued
from workflows.case.safety_form import SafetyEntryRetired, SafetyPlanned
from workflows.core.obligation import ObligationEscalated


def agreed(
    story: Story, *responders: str, layer: str = "family", threat: str = "retaliation", replaces: int | None = None
) -> int:
    """An entry of the plan, agreed by the lead; its number."""
    number = story.case.safety.next_entry
    plan = {"layer": layer, "threat": threat, "trigger": note(1), "response": note(2), "words": note(3)}
    who = list(responders or ("supervisor", "family"))
    story.do(LEAD, "plan_safety", **plan, responders=who, **({"replaces": replaces} if replaces else {}))
    return number


@pytest.mark.parametrize("code", SHIPPED)
def test_a_plan_is_owed_from_the_first_day(code: str) -> None:
    """With the opening of a case its safety plan is owed, with or without consent to take part, until its first entry is agreed."""
    story = opened(code, consent=False)

    assert story.owed("safety_plan") == ["safety_plan/first"]
    assert story.owed("safety_plan_review") == []
    lead = person(story.program.lead_role)
    story.refuse("no_safety_plan", lead, "review_safety_plan", summary=note())
    plan = {"trigger": note(1), "response": note(2), "responders": ["person"], "words": note(3)}
    story.do(lead, "plan_safety", layer="person", threat="stigma", **plan)
    assert story.owed("safety_plan") == []
    assert story.owed("safety_plan_review") == ["safety_plan_review/1"]


def test_a_plan_that_nobody_writes_climbs_to_the_supervisor() -> None:
    """Silence about a plan is told, first to the lead and then to the supervisor, and changes nothing for the person."""
    story = opened()
    story.later(days=20)

    told = [event.tell for event in story.events(ObligationEscalated) if event.kind == "safety_plan"]
    assert told[:3] == ["lead_practitioner", "lead_practitioner", "supervisor"]


def test_an_entry_speaks_of_what_the_definition_knows() -> None:
    """Threats come from the definition, and responders are roles that may respond, partners, the person or their family."""
    story = opened()
    plan = {"layer": "person", "trigger": note(1), "response": note(2), "words": note(3)}

    story.refuse("unknown_threat", LEAD, "plan_safety", **plan, threat="disloyalty", responders=["person"])
    story.refuse("unknown_responder", LEAD, "plan_safety", **plan, threat="stigma", responders=["panel_member"])
    agreed(story, "person", "family", "supervisor", "health_service")
    assert story.case.safety.entries[1].responders == ("person", "family", "supervisor", "health_service")


def test_a_trigger_is_answered_at_once_by_those_who_agreed() -> None:
    """Whoever agreed to respond is told in the same entry and owes it within hours; nobody's silence stays unseen overnight."""
    story = opened()
    agreed(story, "supervisor", "family")
    events = story.do(LEAD, "activate_safety", entry=1, note=note(4))

    told = [event.notice.to_role for event in events if isinstance(event, NoticeIssued)]
    assert told == ["supervisor", "lead_practitioner"]
    owed = story.case.obligations["safety_response/1"]
    assert (owed.owner, owed.due) == ("supervisor", story.at + timedelta(hours=4))
    story.later(hours=20)
    climbed = [event.tell for event in story.events(ObligationEscalated) if event.kind == "safety_response"]
    assert climbed[:3] == ["lead_practitioner", "supervisor", "program_director"]
    assert story.owed("safety_response") == ["safety_response/1"]


def test_the_lead_owes_what_nobody_else_of_the_team_agreed_to() -> None:
    """Where only the person, their family or a partner agreed, the lead sees to it that it happens."""
    story = opened()
    agreed(story, "family", "health_service")
    story.do(LEAD, "activate_safety", entry=1, note=note(4))

    owed = story.case.obligations["safety_response/1"]
    assert (owed.owner, owed.holder) == ("lead_practitioner", LEAD)


def test_a_response_is_owed_until_it_is_on_record() -> None:
    """Each trigger is a response of its own, and what is on record is not asked for again."""
    story = opened()
    agreed(story)
    for _ in range(2):
        story.do(LEAD, "activate_safety", entry=1, note=note(4))

    assert story.owed("safety_response") == ["safety_response/1", "safety_response/2"]
    story.do(SUPERVISOR, "record_safety_response", activation=1, note=note(5))
    assert story.owed("safety_response") == ["safety_response/2"]
    story.refuse("no_such_activation", SUPERVISOR, "record_safety_response", activation=1, note=note(5))
    later = (story.at + timedelta(hours=1)).isoformat()
    story.refuse("observed_in_future", LEAD, "activate_safety", entry=1, note=note(4), observed_at=later)
    story.refuse("no_such_safety_entry", LEAD, "activate_safety", entry=2, note=note(4))


def test_a_trigger_calls_for_a_review_besides_the_usual_one() -> None:
    """After a trigger the plan is looked at within days; the usual review, overdue or not, stays owed as it was until then."""
    story = opened()
    agreed(story)
    story.later(days=15)
    usual = story.case.obligations["safety_plan_review/1"]
    story.do(LEAD, "activate_safety", entry=1, note=note(4))
    story.later(days=2)
    story.do(LEAD, "activate_safety", entry=1, note=note(4))

    assert usual.silent
    assert story.owed("safety_plan_review") == ["safety_plan_review/1", "safety_plan_review/1/called"]
    assert story.case.obligations["safety_plan_review/1"].silent
    story.do(LEAD, "review_safety_plan", summary=note(6), view=note(7))
    assert story.owed("safety_plan_review") == ["safety_plan_review/2"]


def test_the_rhythm_of_reviews_follows_the_phase() -> None:
    """In intake a plan is looked at again after two weeks."""
    story = opened()
    agreed(story)

    assert story.due("safety_plan_review") - story.at == timedelta(weeks=2)


def test_an_entry_changes_by_another_in_its_place() -> None:
    """An entry gives way to one for the same people against the same threat, and not before the response to its trigger was made."""
    story = opened()
    agreed(story)
    agreed(story, threat="stigma")
    plan = {"trigger": note(1), "response": note(2), "responders": ["family"], "words": note(3)}
    story.refuse("successor_unfit", LEAD, "plan_safety", layer="staff", threat="retaliation", replaces=1, **plan)
    story.do(LEAD, "activate_safety", entry=1, note=note(4))
    story.refuse("response_owed", LEAD, "plan_safety", layer="family", threat="retaliation", replaces=1, **plan)
    story.do(SUPERVISOR, "record_safety_response", activation=1, note=note(5))

    agreed(story, "family", replaces=1)
    assert list(story.case.safety.entries) == [2, 3]


def test_the_lead_alone_takes_nobodys_protection_away() -> None:
    """An entry ends by a successor, or by the reasons of another person than whoever leads or led the case."""
    story = opened()
    for _ in range(3):
        agreed(story)
    agreed(story, threat="stigma")

    story.refuse("not_independent", LEAD, "retire_safety_entry", entry=1, reasons=note())
    story.refuse("successor_unfit", LEAD, "retire_safety_entry", entry=1, reasons=note(), successor=1)
    story.refuse("successor_unfit", LEAD, "retire_safety_entry", entry=1, reasons=note(), successor=4)
    story.do(LEAD, "retire_safety_entry", entry=1, reasons=note(), successor=2)
    story.do(SUPERVISOR, "retire_safety_entry", entry=2, reasons=note())
    assert list(story.case.safety.entries) == [3, 4]
    assert story.owed("safety_plan_review") == ["safety_plan_review/1"]


def test_a_service_that_refuses_is_no_fault_of_the_persons() -> None:
    """What a protective service answered is on record as its answer, and where it refused the plan is looked at again."""
    story = opened()
    agreed(story)
    story.do(ADVOCATE, "record_protection", service="shelter", outcome="refused_by_service", note=note())

    assert story.case.safety.services == {"shelter": "refused_by_service"}
    assert "safety_plan_review/1/called" in story.owed("safety_plan_review")
    story.do(LEAD, "record_protection", service="shelter", outcome="reached", note=note())
    assert story.case.safety.services == {"shelter": "reached"}
    story.refuse("unknown_protection", LEAD, "record_protection", service="army", outcome="reached", note=note())


def test_safety_rests_on_no_consent_and_stands_still_for_no_pause() -> None:
    """Neither a definition nor a hold can make safety wait: its kinds of obligation may rest on no consent and be paused by nothing."""
    kinds = {"safety_plan", "safety_plan_review", "safety_response"}

    assert not kinds & (VOLUNTARY | PAUSABLE)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_nothing_else_takes_an_entry_away_or_stops_its_review(code: str, steps: list[Move]) -> None:
    """Whatever happens in a case (a move, a withdrawal, a pause, a measure, silence), an entry ends by its own decision alone, and while the case is open its review is owed."""
    story = opened(code)
    lead = person(story.program.lead_role)
    plan = {"trigger": note(1), "response": note(2), "responders": ["family"], "words": note(3)}
    story.do(lead, "plan_safety", layer="family", threat="stigma", **plan)
    for move in steps:
        before, told = set(story.case.safety.entries), len(story.told)
        perform(story, move)
        events = [event for one in story.told[told:] for event in one.events]
        decided = {e.entry for e in events if isinstance(e, SafetyEntryRetired)}
        changed = {e.replaces for e in events if isinstance(e, SafetyPlanned) and e.replaces}
        assert before - set(story.case.safety.entries) <= decided | changed
        reviews = story.owed("safety_plan_review")
        assert story.case.closed or any(not key.endswith("/called") for key in reviews)
