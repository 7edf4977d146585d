"""Legal holds: a record may be kept beyond its term only for reasons of law, visibly, and until a day.

A hold that nobody ends is how a database outlives its purpose (F10: `legal_hold` needs reason and expiry). So each has reasons written when it is placed and
a last day within the definition's longest term; it is shown among what is owed, with warnings before its day, and ends by itself.
Whoever needs it longer places another one, with reasons again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Command, Event, Frozen, Instant, NoteRef
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

_AT_ONCE = Term(0, "hours")
HoldNumber = Annotated[int, Field(ge=1, description="number of the legal hold in the case")]


class PlaceLegalHold(Command):
    """Keep the record until a day, whatever its class, for reasons of law. Who needs it longer gives reasons again."""

    type: Literal["place_legal_hold"] = "place_legal_hold"
    reasons: NoteRef
    until: Annotated[Instant, Field(description="when the hold ends by itself")]


class LiftLegalHold(Command):
    """End a legal hold before its day."""

    type: Literal["lift_legal_hold"] = "lift_legal_hold"
    hold: HoldNumber
    reasons: NoteRef


class LegalHoldPlaced(Event):
    """The record is kept until then, whatever its class."""

    type: Literal["legal_hold_placed"] = "legal_hold_placed"
    hold: int
    until: Instant
    reasons: NoteRef


class LegalHoldLifted(Event):
    """The hold ended before its day."""

    type: Literal["legal_hold_lifted"] = "legal_hold_lifted"
    hold: int
    reasons: NoteRef


class LegalHoldExpired(Event):
    """The hold's day came, and it ended by itself."""

    type: Literal["legal_hold_expired"] = "legal_hold_expired"
    hold: int


HoldCommand = PlaceLegalHold | LiftLegalHold
HoldEvent = LegalHoldPlaced | LegalHoldLifted | LegalHoldExpired


class State(Frozen):
    """Holds in force, by number, with the instant at which they end; how many there were."""

    holds: dict[int, Instant] = {}
    number: int = 0


class Facts(Frozen):
    """The longest hold that the definition permits (None: it permits none), its calendar, and whether the record is erased."""

    longest: Term | None
    calendar: Calendar
    erased: bool


def decide(state: State, command: HoldCommand, facts: Facts, at: datetime) -> tuple[HoldEvent, ...]:
    """Answer a command about a legal hold.

    Raises:
        Refused: `nothing_to_hold`, `hold_in_past`, `hold_too_long`, `no_such_hold`.
    """
    match command:
        case PlaceLegalHold():
            return (_place(state, command, facts, at),)
        case LiftLegalHold():
            if command.hold not in state.holds:
                known = listed(state.holds)
                raise Refused("no_such_hold", f"no legal hold {command.hold} is in force", f"in force: {known}")
            return (LegalHoldLifted(hold=command.hold, reasons=command.reasons),)
        case _:
            assert_never(command)


def _place(state: State, command: PlaceLegalHold, facts: Facts, at: datetime) -> LegalHoldPlaced:
    if facts.erased:
        raise Refused("nothing_to_hold", "the record is erased", "nothing to do")
    if command.until <= at:
        raise Refused("hold_in_past", "the hold would end before it begins", "give an instant that lies ahead")
    latest = at if facts.longest is None else facts.calendar.after(at, facts.longest).at
    if command.until > latest:
        raise Refused(
            "hold_too_long", f"a hold lasts {facts.longest or 'no time'} at most",
            f"give an instant until {latest:%Y-%m-%d %H:%M} UTC; a further hold takes reasons again",
        )  # fmt: skip
    return LegalHoldPlaced(hold=state.number + 1, until=command.until, reasons=command.reasons)


def evolve(state: State, event: HoldEvent, _at: object) -> State:
    """The state after the event."""
    match event:
        case LegalHoldPlaced():
            holds = {**state.holds, event.hold: event.until}
            return state.model_copy(update={"holds": holds, "number": max(state.number, event.hold)})
        case LegalHoldLifted() | LegalHoldExpired():
            return state.model_copy(update={"holds": {n: ends for n, ends in state.holds.items() if n != event.hold}})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """A look at each hold by its last day: lifted before, placed anew for fresh reasons, or left to end."""
    for number, ends in state.holds.items():
        yield Owed(key=f"legal_hold/{number}", kind="legal_hold", since=ends, term=_AT_ONCE)


def fall_silent(state: State, key: str) -> tuple[HoldEvent, ...]:
    """What the room adds when an obligation's due instant passes: the hold ends."""
    kind, _, number = key.partition("/")
    return tuple(LegalHoldExpired(hold=n) for n in state.holds if kind == "legal_hold" and str(n) == number)


def settles(event: HoldEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    return tuple(key for key in keys if isinstance(event, LegalHoldLifted) and key == f"legal_hold/{event.hold}")
