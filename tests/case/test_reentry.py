"""Re-entry: no door closes for good, and none that opens again leads around a gate."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import (
    LEAD,
    SUPERVISOR,
    Story,
    asked,
    closed,
    erased,
    in_aftercare,
    note,
    opened,
    person,
    verified,
)
from tests.case.starts import STARTS
from tests.case.test_age import child, with_guardian
from tests.case.walk import Move, moves, perform
from workflows.case.contact_form import ContactPaused
from workflows.case.notice import NoticeIssued
from workflows.case.phase import CaseClosed, CaseReentered, PhaseEntered
from workflows.case.retention import RetentionClassSet, RetentionStopped
from workflows.core.kinds import Event

OTHER = person("lead_practitioner", 2)


def wished(to: str, *, lead: str = LEAD, level: str = "high", **fields: Any) -> dict[str, Any]:
    """What is said when a person comes back."""
    consent = {"form_version": "form_2", "language": "en", "explained_by": lead}
    return {"to": to, "wish": note(40), "lead": lead, "support_level": level, **consent, **fields}


def back(story: Story, to: str = "intake", **fields: Any) -> tuple[Event, ...]:
    """The events of the person's coming back now."""
    return story.do(SUPERVISOR, "reenter", **wished(to, **fields))


def test_a_closed_case_is_open_again() -> None:
    """In one entry: a new episode in a phase of before, a lead, fresh consent, contact owed from now."""
    story = closed(opened()).later(days=60)
    events = back(story, lead=OTHER, level="acute")

    assert [event for event in events if isinstance(event, (CaseReentered, PhaseEntered))] == [
        CaseReentered(episode=2, former="closed", closed=True, wish=note(40)),
        PhaseEntered(phase="intake", former="closed", kind="re_entry", episode=2),
    ]
    case = story.case
    assert (case.closed, case.phase.phase, case.phase.episode) == (False, "intake", 2)
    assert (case.custody.lead, case.custody.former, case.contact.level) == (OTHER, (LEAD,), "acute")
    assert case.consent.given["participation"] == story.at
    assert case.obligations["consent_renewal/participation/2"].due > story.at + timedelta(days=300)
    assert story.due("check_in") > story.at
    assert story.due("phase_overstay") > story.at


def test_the_clock_of_the_record_stops() -> None:
    """No class, no day of erasure and no seal of the earlier end is left, and the person and the officer are told."""
    story = closed(opened()).later(days=90)
    sealed = story.case.retention
    assert sealed.sealed_at is not None
    events = back(story)

    assert [event for event in events if isinstance(event, RetentionStopped)] == [RetentionStopped(episode=2)]
    assert (story.case.retention.retention_class, story.case.retention.keep_until) == (None, None)
    assert story.case.retention.sealed_at is None
    assert story.owed("retention_review") == []
    told = [event.notice for event in events if isinstance(event, NoticeIssued)]
    assert ("data_protection_officer", "retention_stopped") in [(one.to_role, one.template) for one in told]
    assert [one.about for one in story.case.service.owed.values()] == ["reopened"]


def test_the_next_end_begins_the_clock_anew() -> None:
    """A second closure is classed by itself, from its own day; its entries carry the episode."""
    story = closed(opened()).later(days=20)
    back(story)
    story.later(days=20)
    closed(story)

    first, second = story.events(RetentionClassSet)
    assert first.keep_until < second.keep_until == story.case.retention.keep_until
    assert [event.episode for event in story.events(CaseClosed)] == [1, 2]
    assert story.owed("retention_review")
    back(story)
    assert story.case.phase.episode == 3


def test_an_erased_case_has_nothing_to_go_on_from() -> None:
    """After the erasure a new case is opened; while one is asked for, the person is asked first."""
    story = closed(opened())
    officer = person("data_protection_officer")
    story.do(officer, "record_copy_given", how="handed_over", proof=note(11))
    story.do(officer, "request_erasure", reasons=note(12))
    story.refuse("erasure_waits", SUPERVISOR, "reenter", **wished("intake"))
    story.do(officer, "decline_erasure", reasons=note(12))

    erased(story)
    refused = story.refuse("record_erased", SUPERVISOR, "reenter", **wished("intake"))
    assert "open_case" in refused.cure


def test_nobody_comes_back_around_a_gate() -> None:
    """A phase is entered again only where the definition says so and the case was there before; whoever is here does not come back."""
    story = closed(opened())

    story.refuse("no_such_reentry", SUPERVISOR, "reenter", **wished("normalization"))
    story.refuse("not_reached_before", SUPERVISOR, "reenter", **wished("stabilization"))
    back(story)
    story.refuse("no_such_reentry", SUPERVISOR, "reenter", **wished("intake"))


def test_a_return_takes_a_lead_and_an_informed_consent() -> None:
    """Whoever is named has to be able to lead, and consent is as informed as the first one: of a child a guardian's too."""
    story = closed(child(days=400))

    story.refuse("not_eligible_to_lead", SUPERVISOR, "reenter", **wished("intake", lead="supervisor.1"))
    story.refuse("guardian_missing", SUPERVISOR, "reenter", **wished("intake"))
    back(story, guardian=note(41))
    assert story.case.consent.agreed["participation"].guardian


def test_who_came_of_age_meanwhile_consents_alone() -> None:
    """A childhood that ended while the case was closed has ended: no guardian is asked, and what one agreed to is asked of the person."""
    story = closed(with_guardian()).later(days=100)
    story.refuse("guardian_has_no_say", SUPERVISOR, "reenter", **wished("intake", guardian=note(41)))
    events = back(story)

    assert [type(event).__name__ for event in events[:2]] == ["CaseReentered", "CameOfAge"]
    assert not story.case.consent.agreed["participation"].guardian
    assert story.owed("own_consent") == ["own_consent/share:housing_office/4"]


def test_out_of_aftercare_the_person_goes_on_where_work_goes_on() -> None:
    """Who left early and wishes to come back does so from aftercare, without panel or gate; follow-ups of that exit are owed no longer."""
    story = in_aftercare()
    assert story.owed("follow_up")
    events = back(story, "stabilization")

    assert not any(isinstance(event, (RetentionStopped, ContactPaused)) for event in events)
    assert (story.case.phase.phase, story.case.phase.episode) == ("stabilization", 2)
    assert story.owed("follow_up") == []
    assert story.owed("check_in")
    assert [one.about for one in story.case.service.owed.values()].count("reopened") == 0


def test_what_was_missed_before_the_closure_is_not_owed_after_it() -> None:
    """A check-in that was missed before the end is no debt of the new beginning."""
    story = opened()
    number = asked(story, "closed")
    story.later(days=9)
    before = story.case
    assert before.contact.missed
    for voter in ("panel_chair.1", "community_member.1", "panel_member.1", "panel_member.2"):
        story.do(voter, "approve_review", review=number, reasons=note(6))
    back(story)

    assert not story.case.contact.missed
    assert story.due("check_in") > story.at


def test_what_keeps_people_safe_and_what_was_promised_is_still_there() -> None:
    """Safety entries, supports and milestones stand after the return as they stood at the end; the plan is looked at at once."""
    story = verified(opened(), "needs_profile")
    plan = {"layer": "family", "threat": "retaliation", "trigger": note(1), "response": note(2), "words": note(3)}
    story.do(LEAD, "plan_safety", **plan, responders=["family"])
    starts = story.at.isoformat()
    story.do(LEAD, "plan_support", kind="mentoring", provider="civil", sessions=2, starts=starts, agreed=note(4))
    before = closed(story).case
    story.later(days=100)
    back(story)

    assert story.case.safety.entries == before.safety.entries
    assert story.case.support.active == before.support.active
    assert story.case.milestone.standing["needs_profile"].verification is not None
    assert story.due("safety_plan_review") == story.at


@pytest.mark.parametrize("start", ["closed", "followed up", "back again"])
@given(steps=st.lists(moves(), max_size=12))
def test_no_door_closes_for_good(start: str, steps: list[Move]) -> None:
    """From any state after an exit in which the record stands and no erasure waits, a person who wishes to come back is taken back."""
    story = STARTS[start]().fork()
    for move in steps:
        perform(story, move)
    here = story.program.phases[story.case.phase.phase or ""]
    ways = [to for to in here.reentry_to if to in story.case.phase.seen]
    if not ways or story.case.retention.erased_at or story.case.retention.asked:
        assert not here.terminal or story.case.retention.erased_at or story.case.retention.asked
        return
    guardian = {"guardian": note(41), "capacity_judged_by": LEAD}
    before = story.case
    back(story, ways[0], **guardian)

    assert not story.case.closed
    assert story.case.phase.episode == before.phase.episode + 1
    assert before.safety.entries.keys() <= story.case.safety.entries.keys()
    assert before.support.active.keys() <= story.case.support.active.keys()
