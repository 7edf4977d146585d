"""Setbacks: what went hard for a person calls for more support and for learning, and is no breach.

Whoever relapses, is drawn back or loses a home has not broken a promise to the program. With a setback support steps up in the same entry (`care.py`), what
was granted goes on, and the team owes one learning review for each incident, which asks what happened and never whose fault it was. Each action that
comes of it has an owner and a day, and is owed until it was done or is reasoned as not possible, also once the case is closed. A setback is no ground: who would
act against the person has to hold the learning review first (`due_process.py`), and then goes the whole way of an adverse act.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import assert_never

from workflows.case.setback_form import (
    CloseLearningAction,
    LearningAction,
    LearningActionClosed,
    LearningRecorded,
    RecordLearning,
    RecordSetback,
    SetbackCommand,
    SetbackEvent,
    SetbackRecorded,
)
from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import SetbackPolicy


class Incident(Frozen):
    """A setback on record."""

    kind: Code
    observed_at: Instant


class Action(Frozen):
    """An action that is owed."""

    owner: Code
    due: Instant
    since: Instant


class State(Frozen):
    """Every setback by number, since when learning reviews are owed, actions that are owed, and the next action's number."""

    incidents: dict[int, Incident] = {}
    reviews: dict[int, Instant] = {}
    actions: dict[int, Action] = {}
    next_action: int = 1


class Facts(Frozen):
    """The program's policy (None: it has none), and its calendar."""

    policy: SetbackPolicy | None
    calendar: Calendar


def decide(
    state: State, command: SetbackCommand, *, facts: Facts, actor: PersonId, at: datetime
) -> tuple[SetbackEvent, ...]:
    """Answer a command about setbacks.

    Raises:
        Refused: `no_such_learning_action`, and as the functions below say.
    """
    match command:
        case RecordSetback():
            return (_record(state, command, facts, at),)
        case RecordLearning():
            return (_learn(state, command, facts, at),)
        case CloseLearningAction():
            if command.action not in state.actions:
                raise Refused(
                    "no_such_learning_action",
                    f"no action {command.action} is owed",
                    f"these are owed: {listed(state.actions)}",
                )
            return (
                LearningActionClosed(action=command.action, how=command.how, reasons=command.reasons, by=actor),
            )  # fmt: skip
        case _:
            assert_never(command)


def _record(state: State, command: RecordSetback, facts: Facts, at: datetime) -> SetbackRecorded:
    """Record a setback, once.

    Raises:
        Refused: `unknown_setback_kind`, `observed_in_future`, `setback_on_record`.
    """
    kinds = {} if facts.policy is None else facts.policy.kinds
    if command.kind not in kinds:
        raise Refused(
            "unknown_setback_kind", f"the program knows no setback {command.kind}", f"known: {listed(kinds)}"
        )  # fmt: skip
    if command.observed_at > at:
        raise Refused("observed_in_future", "it is dated after now", "give the instant at which it happened")
    day = facts.calendar.local(command.observed_at).date()
    for number, one in state.incidents.items():
        same = one.kind == command.kind and facts.calendar.local(one.observed_at).date() == day
        if same and not command.another:
            raise Refused(
                "setback_on_record",
                f"it is on record as setback {number}, and one incident is looked at once",
                f"tell what is new in the learning review of setback {number}; if it is another one, say so with another",
            )
    told = command.model_dump(include={"kind", "observed_at", "note"})
    return SetbackRecorded(setback=len(state.incidents) + 1, **told)


def _learn(state: State, command: RecordLearning, facts: Facts, at: datetime) -> LearningRecorded:
    """Record what was learned, and what is to be done about it.

    Raises:
        Refused: `no_such_learning_review`, `unknown_action_owner`, `action_due_in_past`.
    """
    if command.setback not in state.reviews:
        raise Refused(
            "no_such_learning_review",
            f"no learning review of setback {command.setback} is owed",
            f"it is owed for setbacks: {listed(state.reviews)}",
        )
    owners = () if facts.policy is None else facts.policy.act_by
    for planned in command.actions:
        if planned.owner not in owners:
            raise Refused(
                "unknown_action_owner", f"{planned.owner} owns no such action", f"these roles may: {listed(owners)}"
            )
        if planned.due <= at:
            raise Refused("action_due_in_past", "an action is due before now", "give each a due instant to come")
    actions = tuple(
        LearningAction(action=number, what=planned.what, owner=planned.owner, due=planned.due)
        for number, planned in enumerate(command.actions, start=state.next_action)
    )
    return LearningRecorded(setback=command.setback, learnings=command.learnings, actions=actions)


def evolve(state: State, event: SetbackEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case SetbackRecorded():
            incident = Incident(kind=event.kind, observed_at=event.observed_at)
            return state.model_copy(
                update={
                    "incidents": {**state.incidents, event.setback: incident},
                    "reviews": {**state.reviews, event.setback: at},
                }
            )
        case LearningRecorded():
            fresh = {one.action: Action(owner=one.owner, due=one.due, since=at) for one in event.actions}
            reviews = {number: since for number, since in state.reviews.items() if number != event.setback}
            following = max((*(number + 1 for number in fresh), state.next_action))
            return state.model_copy(
                update={"reviews": reviews, "actions": {**state.actions, **fresh}, "next_action": following}
            )
        case LearningActionClosed():
            rest = {number: one for number, one in state.actions.items() if number != event.action}
            return state.model_copy(update={"actions": rest})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """The learning review of each setback, and each action of one."""
    for number, since in state.reviews.items():
        yield Owed(key=f"learning_review/{number}", kind="learning_review", since=since)
    for number, action in state.actions.items():
        yield Owed(
            key=f"learning_action/{number}", kind="learning_action", since=action.since, until=action.due, owner=action.owner,
        )  # fmt: skip


def settles(event: SetbackEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case LearningRecorded():
            return tuple(key for key in keys if key == f"learning_review/{event.setback}")
        case LearningActionClosed():
            return tuple(key for key in keys if key == f"learning_action/{event.action}")
        case _:
            return ()
