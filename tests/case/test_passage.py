"""Two quite different programs, each passed from opening to closure."""

from datetime import timedelta

import pytest

from tests.case.examples import MONDAY, SHIPPED, Story
from tests.case.passage import passage
from workflows.case.contact_form import CheckInMissed
from workflows.case.phase import CaseClosed, PhaseEntered
from workflows.case.review import ReviewDecided
from workflows.core.obligation import SilenceFell


def played(code: str) -> Story:
    """The story of the program's passage, with its clock."""
    story = Story(code)
    for step in passage(code):
        story.until(step.at)
        assert story.at == step.at
        fields = dict(step.command)
        story.do(step.actor, fields.pop("type"), **fields)
    return story


def test_the_flagship_program_from_intake_to_closure() -> None:
    """A participant passes through all six phases of the disengagement program in order, in some two years, each move approved."""
    story = played("disengagement")

    entered = {event.phase: told.at for told in story.told for event in told.events if isinstance(event, PhaseEntered)}
    assert list(entered) == ["intake", "stabilization", "reintegration", "normalization", "aftercare", "closed"]
    assert entered["closed"] - entered["intake"] > timedelta(days=540)
    assert entered["aftercare"] - entered["normalization"] >= timedelta(days=180)
    assert entered["closed"] - entered["aftercare"] >= timedelta(days=365)
    assert [(event.to, event.outcome) for event in story.events(ReviewDecided)] == [
        (phase, "approved") for phase in list(entered)[1:]
    ]


def test_housing_first_from_outreach_to_the_end() -> None:
    """The same engine carries a program with other phases, roles, evidence, panels and terms to its end."""
    story = played("housing_first")

    assert [event.phase for event in story.events(PhaseEntered)] == [
        "outreach",
        "moving_in",
        "settled",
        "on_call",
        "ended",
    ]


@pytest.mark.parametrize("code", SHIPPED)
def test_a_passage_kept_in_time_misses_nothing(code: str) -> None:
    """Where everybody acts in time no silence falls on what the lead owes, and of the closed case only its record's review is owed."""
    story = played(code)

    assert story.events(CheckInMissed) == []
    assert {event.kind for event in story.events(SilenceFell)} <= {"milestone_renewal", "phase_overstay"}
    assert [event.phase for event in story.events(CaseClosed)] == [story.case.phase.phase]
    assert {owed.kind for owed in story.case.obligations.values()} == {"retention_review"}


@pytest.mark.parametrize("code", SHIPPED)
def test_a_passage_is_the_same_every_time(code: str) -> None:
    """The same steps at the same instants give the same entries, to the byte."""
    assert [told.events for told in played(code).told] == [told.events for told in played(code).told]
    assert next(passage(code)).at == MONDAY
