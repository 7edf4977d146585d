"""Concerns: a worry that somebody voiced is on record, is answered by somebody in time, and is closed by another person than who leads.

Facts known to some never reached those who could have acted (Vienna), and three referrals passed without a look at their sum (Southport). So a
concern is owed an answer from the moment it is voiced, the silence about it climbs, and no case is closed over it. A concern is a call for
care: it proposes nothing against the person, shares nothing with anybody, and takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import Care, ConcernKind

Voice = Literal["participant", "family", "practitioner", "provider", "partner", "other"]
ConcernNumber = Annotated[int, Field(ge=1, description="number of the concern in the case")]


class RaiseConcern(Command):
    """Put a concern on record: what kind, whose voice it is, what was seen or said, and when."""

    type: Literal["raise_concern"] = "raise_concern"
    kind: Annotated[Code, Field(description="from the definition")]
    reported_by: Annotated[Voice, Field(description="whose voice it is")]
    note: NoteRef
    observed_at: Annotated[Instant | None, Field(description="when it was seen or said, if not now")] = None


class AnswerConcern(Command):
    """Record what was done about a concern."""

    type: Literal["answer_concern"] = "answer_concern"
    concern: ConcernNumber
    response: Annotated[NoteRef, Field(description="what was done, with whom")]


class CloseConcern(Command):
    """Close a concern that was answered, with reasons; never by whoever leads or led the case."""

    type: Literal["close_concern"] = "close_concern"
    concern: ConcernNumber
    reasons: NoteRef


class ConcernRaised(Event):
    """The concern is on record, and owed an answer."""

    type: Literal["concern_raised"] = "concern_raised"
    concern: int
    kind: Code
    reported_by: Voice
    by: PersonId
    observed_at: Instant
    note: NoteRef


class ConcernAnswered(Event):
    """Somebody did something about it."""

    type: Literal["concern_answered"] = "concern_answered"
    concern: int
    by: PersonId
    response: NoteRef


class ConcernClosed(Event):
    """Another person than who leads judged that it is over."""

    type: Literal["concern_closed"] = "concern_closed"
    concern: int
    kind: Code
    by: PersonId
    reasons: NoteRef


ConcernCommand = RaiseConcern | AnswerConcern | CloseConcern
ConcernEvent = ConcernRaised | ConcernAnswered | ConcernClosed


class Open(Frozen):
    """A concern that is not closed: since when it is on record, and since when it is answered."""

    kind: Code
    since: Instant
    answered_at: Instant | None = None


class State(Frozen):
    """Concerns that are open by number, the next number, and who closed one."""

    open: dict[int, Open] = {}
    next_number: int = 1
    closed_by: tuple[PersonId, ...] = ()


class Facts(Frozen):
    """The program's kinds of concern (None: it offers no care), and who leads or led the case."""

    care: Care | None
    leads: frozenset[PersonId]

    @property
    def kinds(self) -> dict[str, ConcernKind]:
        """Kinds of concern, none where the program has none."""
        return {} if self.care is None else self.care.concerns


def decide(
    state: State, command: ConcernCommand, *, facts: Facts, actor: str, at: datetime
) -> tuple[ConcernEvent, ...]:
    """Answer a command about concerns.

    Raises:
        Refused: `unknown_concern_kind`, `observed_in_future`, `no_such_concern`, `not_independent`, `concern_unanswered`.
    """
    if isinstance(command, RaiseConcern):
        return (_raise(state, command, facts, actor=actor, at=at),)
    found = state.open.get(command.concern)
    if found is None:
        open_ones = listed(state.open)
        raise Refused("no_such_concern", f"no concern {command.concern} is open", f"open: {open_ones}")
    if isinstance(command, AnswerConcern):
        return (ConcernAnswered(concern=command.concern, by=actor, response=command.response),)
    if actor in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor} leads or led this case, and closes no concern of it",
            "ask another person to judge whether it is over",
        )
    if found.answered_at is None:
        raise Refused("concern_unanswered", "nobody did anything about it yet", "record what was done with answer_concern")  # fmt: skip
    return (ConcernClosed(concern=command.concern, kind=found.kind, by=actor, reasons=command.reasons),)


def _raise(state: State, command: RaiseConcern, facts: Facts, *, actor: str, at: datetime) -> ConcernRaised:
    seen = command.observed_at or at
    if command.kind not in facts.kinds:
        known = listed(facts.kinds)
        raise Refused("unknown_concern_kind", f"the program knows no concern {command.kind}", f"known: {known}")
    if seen > at:
        raise Refused("observed_in_future", "the concern is dated after now", "give the instant at which it was seen or said")  # fmt: skip
    return ConcernRaised(
        concern=state.next_number, kind=command.kind, reported_by=command.reported_by, by=actor, observed_at=seen, note=command.note
    )  # fmt: skip


def evolve(state: State, event: ConcernEvent, at: datetime) -> State:
    """The state after the event; an event about a concern that is not open changes nothing."""
    match event:
        case ConcernRaised():
            raised = {**state.open, event.concern: Open(kind=event.kind, since=at)}
            return state.model_copy(update={"open": raised, "next_number": event.concern + 1})
        case ConcernAnswered():
            found = state.open.get(event.concern)
            if found is None or found.answered_at is not None:
                return state
            answered = {**state.open, event.concern: found.model_copy(update={"answered_at": at})}
            return state.model_copy(update={"open": answered})
        case ConcernClosed():
            rest = {number: one for number, one in state.open.items() if number != event.concern}
            closers = tuple(dict.fromkeys((*state.closed_by, event.by)))
            return state.model_copy(update={"open": rest, "closed_by": closers})
        case _:
            assert_never(event)


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """An answer to each concern, and once it is answered somebody's judgement whether it is over."""
    for number, one in state.open.items():
        kind = facts.kinds.get(one.kind)
        if one.answered_at is not None:
            yield Owed(key=f"concern_closure/{number}", kind="concern_closure", since=one.answered_at)
        elif kind is not None:
            key = f"concern_response/{number}"
            yield Owed(key=key, kind="concern_response", since=one.since, term=kind.respond_within)


def settles(event: ConcernEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case ConcernAnswered():
            return tuple(key for key in keys if key == f"concern_response/{event.concern}")
        case ConcernClosed():
            return tuple(key for key in keys if key == f"concern_closure/{event.concern}")
        case ConcernRaised():
            return ()
        case _:
            assert_never(event)
