"""Hold: a pause of the whole case, which somebody approves, which ends by itself, and which stops no right."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import ADVOCATE, LEAD, SHIPPED, SUPERVISOR, Story, note, opened, person, verified
from tests.case.walk import Move, moves, perform, walked
from workflows.case.case import next_wake
from workflows.case.commands import PAUSABLE
from workflows.case.contact_form import CheckInMissed
from workflows.case.facts import gate_facts
from workflows.case.hold import HoldBegan, HoldEnded, HoldRequested
from workflows.core.obligation import ObligationClosed, ObligationEscalated, ObligationOpened, SilenceFell
from workflows.core.pause import ObligationPaused, ObligationResumed

DIRECTOR = person("program_director")


def ask(story: Story, *, days: float = 30, kind: str = "hospital") -> None:
    """The lead asks for a pause of so many days."""
    story.do(LEAD, "hold_case", kind=kind, until=(story.at + timedelta(days=days)).isoformat(), reasons=note(1))


def held(story: Story, *, days: float = 30, kind: str = "hospital") -> Story:
    """The story with a pause asked for and approved."""
    ask(story, days=days, kind=kind)
    story.do(SUPERVISOR, "approve_hold", reasons=note(2))
    return story


def dues(story: Story) -> dict[str, datetime]:
    """When each open obligation is due."""
    return {key: one.due for key, one in story.case.obligations.items()}


def test_a_pause_is_asked_by_one_and_approved_by_another() -> None:
    """Who asked, who approved, why and until when are on record; until it is approved nothing stands still."""
    story = opened()
    ask(story)
    until = story.at + timedelta(days=30)

    assert story.events(HoldRequested) == [
        HoldRequested(hold=1, kind="hospital", until=until, requested_by=LEAD, reasons=note(1))
    ]
    assert story.events(ObligationPaused) == []
    assert story.owed("hold_approval") == ["hold_approval/1"]
    story.do(SUPERVISOR, "approve_hold", reasons=note(2))
    assert story.events(HoldBegan) == [
        HoldBegan(hold=1, kind="hospital", until=until, approved_by=SUPERVISOR, reasons=note(2))
    ]
    assert (story.owed("hold_approval"), story.due("hold_end")) == ([], until)


def test_nobody_approves_their_own_request() -> None:
    """Whoever asked for a pause does not approve it."""
    story = opened()
    until = (story.at + timedelta(days=3)).isoformat()
    story.do(SUPERVISOR, "hold_case", kind="shock", until=until, reasons=note())

    story.refuse("not_independent", SUPERVISOR, "approve_hold", reasons=note())
    story.do(DIRECTOR, "approve_hold", reasons=note())


def test_what_stands_still_is_what_the_definition_says() -> None:
    """Only the kinds that the definition names stand still, and each is named; everything else goes on, its rungs with it."""
    story = held(opened())

    paused = {event.kind for event in story.events(ObligationPaused)}
    assert paused == {"check_in", "progress_review", "phase_overstay", "assessment_baseline"}
    assert {one.kind for one in story.case.obligations.values() if one.paused_at is None} == {
        "consent_renewal", "lawful_basis_review", "hold_end", "safety_plan",
    }  # fmt: skip
    story.later(days=29)
    assert story.events(CheckInMissed) == []
    assert {event.kind for event in story.events(ObligationEscalated)} == {"hold_end", "safety_plan"}


def test_what_stood_still_goes_on_with_the_time_it_had_left() -> None:
    """At the end everything is due later by exactly as long as it stood still, and the derivation shows it."""
    story = opened().later(days=2)
    before = dues(story)
    held(story).later(days=30)

    for key, due in dues(story).items():
        if key in before:
            assert due == before[key] + (timedelta(days=30) if key.split("/")[0] in PAUSABLE else timedelta(0))
    check_in = story.case.obligations["check_in/1"]
    assert check_in.derivation.endswith("; stood still 2026-01-07 10:00 to 2026-02-06 10:00, so later by as much")
    assert check_in.next_at == check_in.rungs[0].at > story.at
    story.until(check_in.due)
    assert len(story.events(CheckInMissed)) == 1


def test_a_pause_ends_by_itself_and_is_told_of() -> None:
    """Nobody need end it: at its end it is over, visibly, and silence did nothing else."""
    story = held(opened(), days=20).later(days=20)

    assert story.events(HoldEnded) == [HoldEnded(hold=1, how="ran_out")]
    fell = [(e.kind, e.outcome) for e in story.events(SilenceFell)]
    assert fell == [("safety_plan", "stays_open"), ("hold_end", "resumes")]
    assert story.events(ObligationEscalated)[-1].action == "hold_ended"
    assert [e.key for e in story.events(ObligationResumed)] == [e.key for e in story.events(ObligationPaused)]
    assert (story.owed("hold_end"), story.case.hold.current) == ([], None)


def test_a_pause_can_be_ended_before_its_time() -> None:
    """Whoever may end it, the person's advocate among them, ends it at once."""
    story = held(opened()).later(days=5)
    events = story.do(ADVOCATE, "end_hold", reasons=note(3))

    assert events[0] == HoldEnded(hold=1, how="ended", reasons=note(3))
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [("hold_end/1", "met")]
    assert all(one.paused_at is None for one in story.case.obligations.values())


def test_a_request_can_be_dropped() -> None:
    """A pause that nobody wants any more is dropped, and nothing stood still."""
    story = opened()
    ask(story)
    events = story.do(LEAD, "end_hold", reasons=note(3))

    assert events[0] == HoldEnded(hold=1, how="dropped", reasons=note(3))
    assert (story.case.hold.past, story.owed("hold_approval")) == ((), [])


def test_silence_approves_no_pause() -> None:
    """A request that nobody decides escalates, and nothing ever stands still for it."""
    story = opened()
    ask(story, days=10)
    story.later(days=40)

    assert (story.events(ObligationPaused), story.events(HoldBegan)) == ([], [])
    assert story.case.obligations["hold_approval/1"].climbed > 3
    story.refuse("hold_ran_out", SUPERVISOR, "approve_hold", reasons=note())


def test_pauses_are_of_a_kind_and_within_its_time() -> None:
    """A pause is of a kind that the definition has, ends after now and within the kind's longest time, and there is one at a time."""
    story = opened()
    fields = {"until": (story.at + timedelta(days=9)).isoformat(), "reasons": note()}
    story.refuse("unknown_hold", LEAD, "hold_case", kind="holiday", **fields)
    late: dict[str, Any] = {**fields, "until": (story.at + timedelta(days=100)).isoformat()}
    story.refuse("hold_out_of_range", LEAD, "hold_case", kind="hospital", **late)
    story.refuse("hold_out_of_range", LEAD, "hold_case", kind="hospital", until=story.at.isoformat(), reasons=note())
    story.refuse("no_hold", SUPERVISOR, "approve_hold", reasons=note())
    story.refuse("no_hold", SUPERVISOR, "end_hold", reasons=note())
    held(story)

    story.refuse("hold_open", LEAD, "hold_case", kind="hospital", **fields)
    story.refuse("hold_approved", DIRECTOR, "approve_hold", reasons=note())


def test_what_begins_in_a_pause_waits_for_its_end() -> None:
    """A contact in the pause is welcome; the next is not owed before the pause is over."""
    story = held(opened()).later(days=3)
    story.do(LEAD, "keep_check_in", channel="visit")
    (key,) = story.owed("check_in")

    assert story.case.obligations[key].paused_at == story.at
    story.later(days=27)
    assert story.case.obligations[key].due == story.at + timedelta(days=7)


def test_nothing_verified_grows_old_in_a_pause() -> None:
    """A milestone that a gate asks for counts as much longer as its clock stood still, also where a new claim came between."""
    story = verified(opened(), "safety_plan").later(days=60)
    held(story, days=60)
    story.later(days=60)

    assert "safety_plan" in gate_facts(story.case, story.program, story.at).verified
    due = story.due("milestone_renewal")
    again = verified(story.fork(), "needs_profile")
    again.do(LEAD, "contradict_milestone", milestone="needs_profile", facts=note(), observed_at=again.at.isoformat())
    assert again.due("milestone_renewal") == due
    story.until(due)
    assert "safety_plan" not in gate_facts(story.case, story.program, story.at).verified


def test_a_renewal_that_is_opened_again_keeps_what_stood_still() -> None:
    """A claim that is returned after a pause leaves the older verification its time, the pause not counted."""
    story = verified(opened(), "safety_plan").later(days=10)
    held(story, days=20).later(days=20)
    due = story.due("milestone_renewal")
    from_now = {"milestone": "safety_plan"}
    pieces = [
        {"kind": kind, "source": kind, "observed_at": story.at.isoformat(), "note": note(7)}
        for kind in ("practitioner_assessment", "participant_view")
    ]
    story.do(LEAD, "claim_milestone", **from_now, evidence=pieces)
    story.do(SUPERVISOR, "return_claim", **from_now, reasons=note())

    assert story.due("milestone_renewal") == due


def test_a_withdrawal_takes_effect_in_a_pause() -> None:
    """Rights do not stand still: a withdrawal ends its scope at once, and the offer is due by its own clock."""
    story = held(opened())
    story.do(ADVOCATE, "withdraw_consent", scope="participation")

    assert story.owed("check_in") == []
    offer = story.case.obligations["welfare_offer/1"]
    assert (offer.paused_at, offer.next_at is not None) == (None, True)


def test_an_outage_over_the_end_takes_nothing_from_anybody() -> None:
    """If the clock is late for the end of a pause, what stood still goes on from the late end: nothing is missed meanwhile."""
    story = held(opened(), days=10)
    left = story.due("check_in") - story.at
    story.at += timedelta(days=25)
    story.tick()

    late = [event.late_seconds for event in story.events(SilenceFell) if event.kind == "hold_end"]
    assert late == [15 * 86400]
    assert story.due("check_in") == story.at + left
    assert story.events(CheckInMissed) == []


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=40), days=st.integers(1, 60))
def test_while_a_case_is_on_hold_only_what_may_stands_still(code: str, steps: list[Move], days: int) -> None:
    """Whatever happened before, a pause stops no clock that protects the person, wakes nobody for what stands still, and ends on time."""
    story = walked(Story(code), steps)
    lead, (approver, *_) = person(story.program.lead_role), story.holders(*story.program.permissions["approve_hold"])
    until = (story.at + timedelta(days=days)).isoformat()
    story.send(lead, {"type": "hold_case", "kind": "hospital", "until": until, "reasons": note()})
    story.send(approver, {"type": "approve_hold", "reasons": note()})
    for move in steps[:10]:
        perform(story, move)

    current, open_ones = story.case.hold.current, story.case.obligations.values()
    still = {one.kind for one in open_ones if one.paused_at is not None}
    assert still <= PAUSABLE
    assert all(one.next_at is None for one in open_ones if one.paused_at is not None)
    if current is None or current.began is None:
        assert still == set()
    elif not story.case.closed:
        assert (next_wake(story.case) or current.until) <= current.until
        story.until(current.until)
        assert HoldEnded(hold=current.number, how="ran_out") in story.events(HoldEnded)
        assert all(one.paused_at is None for one in story.case.obligations.values())
        assert all(e.obligation.due >= e.obligation.opened_at for e in story.events(ObligationOpened))
