"""Phases: how a case is opened and closed, and what overstaying does not do."""

from datetime import timedelta

import pytest

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    approved,
    asked,
    note,
    opened,
    verified,
)
from workflows.case.phase import CaseOpened, PhaseEntered, ProgressReviewed, ReviewProgress, State, decide
from workflows.core.calendar import Term
from workflows.core.obligation import ObligationClosed
from workflows.core.refusal import Refused


def test_a_case_opens_in_the_first_phase_with_its_whole_schedule() -> None:
    """A case that nobody gave a date to owes a check-in, a first assessment, a safety plan, a review of progress, a look at its length, and to ask again what was agreed and why."""
    story = opened()

    assert story.events(PhaseEntered) == [PhaseEntered(phase="intake", kind="open")]
    assert {o.kind for o in story.case.obligations.values()} == {
        "check_in", "progress_review", "phase_overstay", "consent_renewal", "lawful_basis_review", "assessment_baseline",
        "safety_plan",
    }  # fmt: skip


def test_a_case_is_pinned_to_its_version() -> None:
    """The case names the program, the version and the hash of what it runs under."""
    story = opened()
    (event,) = story.events(CaseOpened)

    assert (event.program, event.version, event.sha256) == ("disengagement", story.program.version, story.sha256)
    assert story.case.program is not None


def test_progress_is_reviewed_on_schedule() -> None:
    """A review of progress meets the one owed, and the next is due one term after it."""
    story = opened().later(days=10)
    events = story.do(LEAD, "review_progress", direction="backward", summary=note(4))

    assert events[0] == ProgressReviewed(phase="intake", direction="backward", summary=note(4))
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [("progress_review/intake/1", "met")]
    assert story.due("progress_review") == story.program.calendar.after(story.at, Term(15, "working days")).at


def test_overstaying_is_made_visible_and_changes_nothing() -> None:
    """A phase that lasts longer than expected escalates; time alone never moves or closes a case."""
    story = opened()
    phase = story.case.phase
    story.later(days=700)

    assert story.case.phase == phase
    assert story.case.obligations["phase_overstay/intake"].climbed > 10


def test_moving_on_meets_the_overstay_late() -> None:
    """A move after the expected time is accepted, and shows how long the phase was overstayed."""
    story = opened()
    due = story.due("phase_overstay")
    story.until(due + timedelta(days=4))
    events = approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert [e.late_seconds for e in events if isinstance(e, ObligationClosed) and e.kind == "phase_overstay"] == [
        4 * 24 * 3600
    ]
    assert story.owed("phase_overstay") == ["phase_overstay/stabilization"]


def test_the_shortest_stay_shuts_the_gate_to_the_second() -> None:
    """A gate with a shortest stay opens at its instant, local time kept, and not a second before."""
    story = opened()
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])
    entered = story.at
    until = story.program.calendar.after(entered, Term(8, "weeks")).at
    story.until(until - timedelta(hours=1))
    for milestone in story.program.phases["stabilization"].transitions[0].gate.milestones:
        verified(story, milestone)
    story.until(until - timedelta(seconds=1))
    fields = {"to": "reintegration", "reasons": note(), "participant_view": note()}

    assert story.refuse("gate_closed", LEAD, "request_review", **fields).why == "unmet: minimum_stay 8 weeks"
    story.until(until).do(LEAD, "request_review", **fields)


def test_a_closed_case_takes_no_more_commands() -> None:
    """After closure whoever asks is told so, and what to do instead."""
    story = opened()
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])

    refused = story.refuse("case_closed", LEAD, "keep_check_in", channel="call")

    assert "reenter" in refused.cure
    assert story.tick() == ()


def test_a_case_is_opened_once() -> None:
    """A second opening of the same case is refused."""
    story = opened()

    story.refuse(
        "case_exists", SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=LEAD,
        support_level="low", eligibility=note(),
    )  # fmt: skip


def test_a_phase_must_be_entered_to_be_reviewed() -> None:
    """The room refuses a review of progress where there is no phase."""
    with pytest.raises(Refused, match="phase_not_entered"):
        decide(State(), ReviewProgress(direction="steady", summary=note()))
