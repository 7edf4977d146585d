"""Celebration: what a person reached is told to them in plain words, in their language, over the channel that they chose, if they want it.

Good news gets lost in programs that watch for bad ones. Whoever wants it is told of each milestone verified and each phase reached; whoever does not
want it is owed nothing, and may change their mind at any time. Silence here harms nobody: the lead is reminded, their supervisor hears
of it, and it counts for nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused

Reached = Literal["milestone", "phase"]


class SetCelebration(Command):
    """Record whether the person wants to be told of what they reached, and if so over which channel and in which language."""

    type: Literal["set_celebration"] = "set_celebration"
    wanted: bool
    channel: Annotated[Code | None, Field(description="how: in_person, call, letter, message, ...")] = None
    language: Annotated[Code | None, Field(description="language in which the person wants it, e.g. de")] = None


class RecordCelebration(Command):
    """Record that the person was told of what they reached, over the channel and in the language that they chose."""

    type: Literal["record_celebration"] = "record_celebration"
    celebration: Annotated[int, Field(ge=1, description="number of the celebration in the case")]
    note: Annotated[NoteRef | None, Field(description="the words, sealed")] = None


class CelebrationSet(Event):
    """What the person wants from here on; where they want none, none is owed any more."""

    type: Literal["celebration_set"] = "celebration_set"
    wanted: bool
    channel: Code | None = None
    language: Code | None = None


class CelebrationOwed(Event):
    """The person reached something, and wants to hear it."""

    type: Literal["celebration_owed"] = "celebration_owed"
    celebration: int
    about: Reached
    subject: Code


class CelebrationRecorded(Event):
    """The person was told."""

    type: Literal["celebration_recorded"] = "celebration_recorded"
    celebration: int
    subject: Code
    channel: Code
    language: Code
    by: PersonId
    note: NoteRef | None = None


CelebrationCommand = SetCelebration | RecordCelebration
CelebrationEvent = CelebrationSet | CelebrationOwed | CelebrationRecorded


class Due(Frozen):
    """Something reached that the person was not told of yet."""

    subject: Code
    since: Instant


class State(Frozen):
    """What the person chose (no channel: they want none, or were not asked), what they are to be told by number, the next number."""

    channel: Code | None = None
    language: Code | None = None
    owed: dict[int, Due] = {}
    next_number: int = 1


def decide(state: State, command: CelebrationCommand, *, actor: str) -> tuple[CelebrationEvent, ...]:
    """Answer a command about celebrations.

    Raises:
        Refused: `celebration_unaddressed`, `no_such_celebration`.
    """
    match command:
        case SetCelebration():
            if command.wanted and (command.channel is None or command.language is None):
                raise Refused(
                    "celebration_unaddressed",
                    "it is wanted, and the channel or the language is missing",
                    "ask the person, and give both as channel and language",
                )
            chosen = {"channel": command.channel, "language": command.language} if command.wanted else {}
            return (CelebrationSet(wanted=command.wanted, **chosen),)
        case RecordCelebration():
            due = state.owed.get(command.celebration)
            if due is None or state.channel is None or state.language is None:
                raise Refused(
                    "no_such_celebration",
                    f"no celebration {command.celebration} is owed",
                    f"these are owed: {', '.join(map(str, state.owed)) or 'none'}",
                )
            told = {"channel": state.channel, "language": state.language, "by": actor, "note": command.note}
            return (CelebrationRecorded(celebration=command.celebration, subject=due.subject, **told),)
        case _:
            assert_never(command)


def owe(state: State, reached: Iterable[tuple[Reached, str]]) -> tuple[CelebrationOwed, ...]:
    """What the person is to be told of what they reached just now; nothing where they do not want it."""
    if state.channel is None:
        return ()
    return tuple(
        CelebrationOwed(celebration=number, about=about, subject=subject)
        for number, (about, subject) in enumerate(reached, start=state.next_number)
    )


def evolve(state: State, event: CelebrationEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case CelebrationSet():
            rest: dict[str, object] = {} if event.wanted else {"owed": {}}
            return state.model_copy(update={"channel": event.channel, "language": event.language, **rest})
        case CelebrationOwed():
            due = Due(subject=event.subject, since=at)
            return state.model_copy(
                update={"owed": {**state.owed, event.celebration: due}, "next_number": event.celebration + 1}
            )
        case CelebrationRecorded():
            return state.model_copy(update={"owed": {n: d for n, d in state.owed.items() if n != event.celebration}})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """That the person is told of each thing they reached."""
    for number, due in state.owed.items():
        yield Owed(key=f"celebration/{number}", kind="celebration", since=due.since)


def settles(event: CelebrationEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, CelebrationRecorded):
        return tuple(key for key in keys if key == f"celebration/{event.celebration}")
    return ()
