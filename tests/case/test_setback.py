"""Setbacks: more support and one learning review for each, and never a sanction."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.against import in_stabilization
from tests.case.examples import LEAD, SHIPPED, SUPERVISOR, Story, closed, erased, note, opened, person
from tests.case.walk import Move, moves, perform
from workflows.case.adverse import AdverseActProposed
from workflows.case.commands import PAUSABLE, VOLUNTARY
from workflows.case.contact_form import SupportLevelSet
from workflows.case.safety_form import SafetyReviewCalled
from workflows.case.setback_form import SetbackRecorded
from workflows.core.kinds import Event
from workflows.core.obligation import ObligationEscalated, ObligationOpened
from workflows.program.model import SUPPORT_LEVELS


def set_back(story: Story, kind: str = "relapse", **fields: object) -> tuple[Event, ...]:
    """The events of a setback just now, recorded by the lead."""
    return story.do(LEAD, "record_setback", kind=kind, observed_at=story.at.isoformat(), note=note(1), **fields)


def learned(story: Story, number: int = 1, *owners: str) -> Story:
    """The story after the learning review of a setback, with an action in three weeks for each owner."""
    due = (story.at + timedelta(weeks=3)).isoformat()
    actions = [{"what": note(2), "owner": owner, "due": due} for owner in owners]
    story.do(SUPERVISOR, "record_learning", setback=number, learnings=note(3), actions=actions)
    return story


@pytest.mark.parametrize(("level", "more"), [("low", "medium"), ("medium", "high"), ("high", "acute")])
def test_support_steps_up_in_the_same_entry(level: str, more: str) -> None:
    """With a setback support goes one step up, in the entry that records it, and contact comes sooner."""
    story = opened(level=level)
    before = story.due("check_in")
    events = set_back(story)

    (step,) = [event for event in events if isinstance(event, SupportLevelSet)]
    assert (step.level, step.direction, step.reasons) == (more, "more", note(1))
    assert story.case.contact.level == more
    assert story.due("check_in") < before


def test_there_is_no_more_than_the_most_support() -> None:
    """Where support is at its highest it stays there."""
    story = opened(level="acute")

    assert not any(isinstance(event, SupportLevelSet) for event in set_back(story))
    assert story.case.contact.level == "acute"


def test_an_incident_is_looked_at_once() -> None:
    """Who reports again what is on record opens no second review and steps nothing up; another one of the same day says that it is another."""
    story = opened(level="low")
    set_back(story)
    story.later(hours=2)

    seen = (story.at - timedelta(hours=1)).isoformat()
    story.refuse("setback_on_record", SUPERVISOR, "record_setback", kind="relapse", observed_at=seen, note=note(9))
    assert story.owed("learning_review") == ["learning_review/1"]
    learned(story)
    story.refuse("setback_on_record", SUPERVISOR, "record_setback", kind="relapse", observed_at=seen, note=note(9))
    set_back(story, another=True)
    set_back(story, "home_lost")
    assert story.owed("learning_review") == ["learning_review/2", "learning_review/3"]


def test_a_setback_is_what_the_definition_knows() -> None:
    """The kinds are the definition's, and none lies in the future."""
    story = opened()
    ahead = (story.at + timedelta(hours=1)).isoformat()

    story.refuse("unknown_setback_kind", LEAD, "record_setback", kind="disloyalty", observed_at=story.at.isoformat(), note=note())  # fmt: skip
    story.refuse("observed_in_future", LEAD, "record_setback", kind="relapse", observed_at=ahead, note=note())


def test_a_learning_review_that_nobody_holds_is_told_of() -> None:
    """Silence about learning climbs to the director, and acts against nobody."""
    story = opened()
    set_back(story)
    story.later(days=30)

    told = [event.tell for event in story.events(ObligationEscalated) if event.kind == "learning_review"]
    assert told[:3] == ["supervisor", "supervisor", "program_director"]
    assert story.owed("learning_review") == ["learning_review/1"]


def test_what_was_learned_has_owners_and_days() -> None:
    """Each action is owed by the role that took it on until it was done, or is reasoned as not possible."""
    story = opened()
    set_back(story)
    due = (story.at + timedelta(weeks=3)).isoformat()
    for owner, when, code in (("panel_chair", due, "unknown_action_owner"), ("supervisor", story.at.isoformat(), "action_due_in_past")):  # fmt: skip
        actions = [{"what": note(2), "owner": owner, "due": when}]
        story.refuse(code, SUPERVISOR, "record_learning", setback=1, learnings=note(3), actions=actions)
    learned(story, 1, "lead_practitioner", "program_director")

    owed = [story.case.obligations[f"learning_action/{number}"] for number in (1, 2)]
    assert [(one.owner, one.holder) for one in owed] == [("lead_practitioner", LEAD), ("program_director", None)]
    assert {one.due for one in owed} == {story.at + timedelta(weeks=3)}
    story.refuse("no_such_learning_review", SUPERVISOR, "record_learning", setback=1, learnings=note(3))
    story.do(LEAD, "close_learning_action", action=1, how="done", reasons=note(4))
    story.later(weeks=8)
    assert story.owed("learning_action") == ["learning_action/2"]
    story.do(person("program_director"), "close_learning_action", action=2, how="not_possible", reasons=note(5))
    assert story.owed("learning_action") == []
    story.refuse("no_such_learning_action", LEAD, "close_learning_action", action=2, how="done", reasons=note(4))


def test_learning_goes_on_after_the_case_is_closed() -> None:
    """What a team owes to learn does not end with the case, and ends with its record."""
    story = opened()
    set_back(story)
    learned(story, 1, "supervisor")
    set_back(story, "arrest")
    closed(story)

    assert story.owed("learning_review") == ["learning_review/2"]
    story.do(SUPERVISOR, "close_learning_action", action=1, how="done", reasons=note(4))
    story.refuse("case_closed", LEAD, "record_setback", kind="relapse", observed_at=story.at.isoformat(), note=note())
    erased(story)
    assert story.owed("learning_review") == []


def test_the_safety_plan_is_looked_at_again() -> None:
    """After a setback the safety plan is due for review, besides its usual one, once."""
    story = opened()
    assert not any(isinstance(event, SafetyReviewCalled) for event in set_back(story, "work_lost"))
    plan = {"layer": "person", "threat": "stigma", "trigger": note(1), "response": note(2), "words": note(3)}
    story.do(LEAD, "plan_safety", **plan, responders=["person"])
    set_back(story)
    set_back(story, "home_lost")

    assert story.events(SafetyReviewCalled) == [SafetyReviewCalled(because="setback")]
    assert story.owed("safety_plan_review") == ["safety_plan_review/1", "safety_plan_review/1/called"]


def test_a_setback_is_no_ground_by_itself() -> None:
    """Before the team has looked at what it can learn nobody proposes to act against the person; after it that takes the whole way, as ever."""
    story = in_stabilization()
    set_back(story)
    act = {
        "kind": "step_back",
        "subject": "intake",
        "reasons": note(1),
        "necessity": note(2),
        "nothing_milder": note(3),
    }

    story.refuse("learning_owed", LEAD, "propose_adverse_act", **act)
    learned(story)
    story.do(LEAD, "propose_adverse_act", **act)
    assert len(story.events(AdverseActProposed)) == 1


def test_learning_rests_on_no_consent_and_stands_still_for_no_pause() -> None:
    """What the team owes to learn waits for nobody."""
    assert not {"learning_review", "learning_action"} & (VOLUNTARY | PAUSABLE)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=25), kind=st.integers(0, 9))
def test_a_setback_takes_nothing_away(code: str, steps: list[Move], kind: int) -> None:
    """From wherever a case stands: with a setback the phase, supports, entitlements, milestones, acts and measures stay as they were, and support never goes down."""
    story = opened(code)
    for move in steps:
        perform(story, move)
    story.tick()
    before, told = story.case, len(story.told)
    assert story.program.care is not None
    assert story.program.care.setbacks is not None
    kinds = list(story.program.care.setbacks.kinds)
    fields = {"kind": kinds[kind % len(kinds)], "observed_at": story.at.isoformat(), "note": note(1), "another": True}
    story.send(person(story.program.lead_role), {"type": "record_setback", **fields})

    after, events = story.case, [event for one in story.told[told:] for event in one.events]
    if before.closed:
        return
    assert any(isinstance(event, SetbackRecorded) for event in events)
    assert SUPPORT_LEVELS.index(after.contact.level) == max(0, SUPPORT_LEVELS.index(before.contact.level) - 1)
    assert after.support.active == before.support.active
    for room in ("phase", "milestone", "adverse", "appeal", "measure", "danger", "consent", "review", "custody"):
        assert getattr(after, room) == getattr(before, room), room
    opened_kinds = {event.obligation.kind for event in events if isinstance(event, ObligationOpened)}
    assert "learning_review" in opened_kinds
