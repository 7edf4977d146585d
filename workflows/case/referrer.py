"""The referrer: whoever asked for help for the person is heard before the case leaves the program.

The school that referred a young man was left out of everything that followed, and nobody asked what it still saw (field guide §6). So an exit
can ask that the referrer was heard, or that somebody recorded why that was not possible; their words stand sealed, and decide nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Command, Event, Frozen, Instant, NoteRef

Heard = Literal["heard", "not_reached", "no_referrer"]


class RecordReferrerFeedback(Command):
    """Record what the referrer says now, or why they were not heard: not reached in spite of trying, or the person came on their own."""

    type: Literal["record_referrer_feedback"] = "record_referrer_feedback"
    outcome: Heard
    note: Annotated[NoteRef, Field(description="what they said, or what was tried")]


class ReferrerFeedbackRecorded(Event):
    """The referrer was heard, or it stands on record why not."""

    type: Literal["referrer_feedback_recorded"] = "referrer_feedback_recorded"
    outcome: Heard
    note: NoteRef


class State(Frozen):
    """When the referrer's feedback was recorded last."""

    recorded_at: Instant | None = None


def decide(command: RecordReferrerFeedback) -> tuple[ReferrerFeedbackRecorded, ...]:
    """Record the feedback; it may be recorded anew at any time."""
    return (ReferrerFeedbackRecorded(outcome=command.outcome, note=command.note),)


def evolve(state: State, _event: ReferrerFeedbackRecorded, at: datetime) -> State:
    """The state after the event."""
    return state.model_copy(update={"recorded_at": at})
