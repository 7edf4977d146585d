"""The words of setbacks: what happened, what is learned from it, what is to be done about it by whom, and what is recorded of that."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId


class RecordSetback(Command):
    """Record that something went hard for the person. Support goes up, what was granted goes on, and the team looks at what it can learn."""

    type: Literal["record_setback"] = "record_setback"
    kind: Annotated[Code, Field(description="from the definition")]
    observed_at: Annotated[Instant, Field(description="when it happened")]
    note: Annotated[NoteRef, Field(description="what happened, without blame")]
    another: Annotated[bool, Field(description="one of this kind on the same day is on record, and this is another")] = False  # fmt: skip


class PlannedAction(Frozen):
    """Something that the team will do differently: what, which role owes it, and by when."""

    what: NoteRef
    owner: Annotated[Code, Field(description="role that owes it")]
    due: Instant


class RecordLearning(Command):
    """Record the learning review of a setback: what the team learned, and what it will do. It asks what happened, never whose fault it was."""

    type: Literal["record_learning"] = "record_learning"
    setback: Annotated[int, Field(ge=1, description="number of the setback in the case")]
    learnings: NoteRef
    actions: Annotated[tuple[PlannedAction, ...], Field(max_length=16, description="what will be done")] = ()


class CloseLearningAction(Command):
    """Record that an action of a learning review was done, or why it is not possible."""

    type: Literal["close_learning_action"] = "close_learning_action"
    action: Annotated[int, Field(ge=1, description="number of the action in the case")]
    how: Literal["done", "not_possible"]
    reasons: Annotated[NoteRef, Field(description="what was done, or why it is not possible")]


class SetbackRecorded(Event):
    """The setback is on record, and is owed a learning review. It is no breach, and nothing is taken away for it."""

    type: Literal["setback_recorded"] = "setback_recorded"
    setback: int
    kind: Code
    observed_at: Instant
    note: NoteRef


class LearningAction(Frozen):
    """An action, with its number in the case."""

    action: int
    what: NoteRef
    owner: Code
    due: Instant


class LearningRecorded(Event):
    """The team looked at what it can learn; each action is owed from here on."""

    type: Literal["learning_recorded"] = "learning_recorded"
    setback: int
    learnings: NoteRef
    actions: tuple[LearningAction, ...] = ()


class LearningActionClosed(Event):
    """The action was done, or is not possible, with reasons."""

    type: Literal["learning_action_closed"] = "learning_action_closed"
    action: int
    how: Literal["done", "not_possible"]
    reasons: NoteRef
    by: PersonId


SetbackCommand = RecordSetback | RecordLearning | CloseLearningAction
SetbackEvent = SetbackRecorded | LearningRecorded | LearningActionClosed
