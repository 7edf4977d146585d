"""Extension: a single clock is given more time, or stands still until a day, for a reason and with another's approval.

A term that moves because somebody found it inconvenient is no term: inquiries find dates that were put off one by one, each for a good reason nobody wrote down.
So one person asks with reasons, another approves, and until then the clock runs as it did; silence approves nothing. All the time that one clock is given
stays within the longest that the definition allows, counted from when it was first due. What fell already stays fallen. A clock that protects the participant,
or ends what restricts them, is never given time against them; the time to be heard and to appeal can be, for them, and
what is counted from its end moves with it (field guide §4).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

WINDOWS = frozenset({"hearing", "appeal_window"})
"""Times of the participant's own, which are given more time for them: to be heard on an act, and to appeal."""
Number = Annotated[int, Field(ge=1, description="number of the request in the case")]
Form = Literal["extension", "pause"]


class RequestExtension(Command):
    """Ask for more time for one clock, or for a pause of it with an end; another person approves it."""

    type: Literal["request_extension"] = "request_extension"
    clock: Annotated[str, Field(pattern=r"^[a-z0-9_.:/-]{1,120}$", description="what is owed, by its key; or hearing/ACT, appeal_window/ACT")]  # fmt: skip
    form: Annotated[Form, Field(description="more time, or a pause")] = "extension"
    until: Annotated[Instant, Field(description="when it is due then; of a pause, when the clock goes on")]
    reasons: NoteRef


class ApproveExtension(Command):
    """Approve what was asked for, as another person than whoever asked."""

    type: Literal["approve_extension"] = "approve_extension"
    extension: Number
    reasons: NoteRef


class DeclineExtension(Command):
    """Decline it, or take it back: the clock runs as it did."""

    type: Literal["decline_extension"] = "decline_extension"
    extension: Number
    reasons: NoteRef


class ExtensionRequested(Event):
    """More time is asked for; the clock runs as it did."""

    type: Literal["extension_requested"] = "extension_requested"
    extension: int
    clock: str
    form: Form
    until: Instant
    requested_by: PersonId
    reasons: NoteRef


class ExtensionApproved(Event):
    """The clock, due at `was` so far, is due at `due`."""

    type: Literal["extension_approved"] = "extension_approved"
    extension: int
    clock: str
    was: Instant
    due: Instant
    approved_by: PersonId
    reasons: NoteRef


class ExtensionDeclined(Event):
    """It is not given: the clock runs as it did."""

    type: Literal["extension_declined"] = "extension_declined"
    extension: int
    clock: str
    by: PersonId
    reasons: NoteRef


class ExtensionOvertaken(Event):
    """Nothing is left to decide: the clock ran out, or what it was about is no longer owed."""

    type: Literal["extension_overtaken"] = "extension_overtaken"
    extension: int
    clock: str


ExtensionCommand = RequestExtension | ApproveExtension | DeclineExtension
ExtensionEvent = ExtensionRequested | ExtensionApproved | ExtensionDeclined | ExtensionOvertaken


class Asked(Frozen):
    """A request that nobody decided yet."""

    clock: str
    form: Form
    until: Instant
    requested_by: PersonId
    since: Instant


class State(Frozen):
    """Open requests by number, how many there were, and when each clock that was given time was first due."""

    open: dict[int, Asked] = {}
    count: int = 0
    first_due: dict[str, Instant] = {}


class Clock(NamedTuple):
    """A clock of the case: its kind, when it is due, whether that passed, and whether it stands still."""

    kind: str
    due: datetime
    over: bool = False
    still: bool = False


class Facts(Frozen):
    """The clocks of the case by key, the longest extension of each kind that may have one, and the calendar."""

    clocks: Mapping[str, Clock]
    longest: Mapping[str, Term]
    calendar: Calendar


def decide(
    state: State, command: ExtensionCommand, facts: Facts, *, actor: str, at: datetime
) -> tuple[ExtensionEvent, ...]:
    """Answer an extension command.

    Raises:
        Refused: `no_such_clock`, `clock_not_extendable`, `clock_ran_out`, `clock_stands_still`, `extension_open`, `extension_out_of_range`,
            `no_such_extension`, `not_independent`.
    """
    match command:
        case RequestExtension():
            asked = Asked(clock=command.clock, form=command.form, until=command.until, requested_by=actor, since=at)
            if any(one.clock == command.clock for one in state.open.values()):
                raise Refused(
                    "extension_open", f"more time for {command.clock} is asked for", "approve or decline that first"
                )
            _later(state, asked, facts, at)
            fields = command.model_dump(exclude={"type"})
            return (ExtensionRequested(extension=state.count + 1, requested_by=actor, **fields),)
        case ApproveExtension():
            asked = _find(state, command.extension)
            if actor == asked.requested_by:
                raise Refused(
                    "not_independent", f"{actor} asked for it", "ask another person who may approve_extension to decide"
                )
            was, due = _later(state, asked, facts, at)
            return (ExtensionApproved(extension=command.extension, clock=asked.clock, was=was, due=due, approved_by=actor, reasons=command.reasons),)  # fmt: skip
        case DeclineExtension():
            asked = _find(state, command.extension)
            return (ExtensionDeclined(extension=command.extension, clock=asked.clock, by=actor, reasons=command.reasons),)  # fmt: skip
        case _:
            assert_never(command)


def _find(state: State, number: int) -> Asked:
    asked = state.open.get(number)
    if asked is None:
        known = listed(state.open)
        raise Refused("no_such_extension", f"no request {number} for more time is open", f"requests that are: {known}")
    return asked


def _later(state: State, asked: Asked, facts: Facts, at: datetime) -> tuple[datetime, datetime]:
    """When the clock is due now, and when it would be due then."""
    clock, longest = _running(asked.clock, facts)
    due = asked.until if asked.form == "extension" else clock.due + (asked.until - at)
    latest = facts.calendar.after(state.first_due.get(asked.clock, clock.due), longest).at
    if not clock.due < due <= latest:
        raise Refused(
            "extension_out_of_range",
            f"it would be due at {due:%Y-%m-%d %H:%M} UTC; a {clock.kind} is given time after {clock.due:%Y-%m-%d %H:%M} and {longest} at most",
            f"ask anew, for a time that ends by {latest:%Y-%m-%d %H:%M} UTC, and decline what is asked for now",
        )
    return clock.due, due


def _running(key: str, facts: Facts) -> tuple[Clock, Term]:
    clock = facts.clocks.get(key)
    if clock is None:
        raise Refused("no_such_clock", f"no {key} runs in this case", "'offramp case show' lists what is owed")
    longest = facts.longest.get(clock.kind)
    if longest is None:
        may = listed(sorted(facts.longest))
        raise Refused(
            "clock_not_extendable", f"the program gives a {clock.kind} no more time", f"these may have it: {may}"
        )
    if clock.over:
        raise Refused("clock_ran_out", f"{key} was due already", "do what is owed; being late is accepted, and shown")
    if clock.still:
        raise Refused(
            "clock_stands_still", f"{key} stands still while the case is on hold", "ask once the hold is over"
        )
    return clock, longest


def overtaken(state: State, clocks: Mapping[str, Clock]) -> Iterator[ExtensionOvertaken]:
    """The open requests whose clock ran out, or is gone."""
    for number, asked in state.open.items():
        clock = clocks.get(asked.clock)
        if clock is None or clock.over:
            yield ExtensionOvertaken(extension=number, clock=asked.clock)


def evolve(state: State, event: ExtensionEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case ExtensionRequested():
            asked = Asked(
                clock=event.clock, form=event.form, until=event.until, requested_by=event.requested_by, since=at
            )
            return state.model_copy(update={"open": {**state.open, event.extension: asked}, "count": event.extension})
        case ExtensionApproved():
            first = {event.clock: event.was} | state.first_due
            return state.model_copy(update={"open": _without(state, event.extension), "first_due": first})
        case ExtensionDeclined() | ExtensionOvertaken():
            return state.model_copy(update={"open": _without(state, event.extension)})
        case _:
            assert_never(event)


def _without(state: State, number: int) -> dict[int, Asked]:
    return {n: asked for n, asked in state.open.items() if n != number}


def owes(state: State, owed: Collection[str]) -> Iterator[Owed]:
    """A decision on each open request whose clock still runs: `owed` are the clocks that do."""
    for number, asked in state.open.items():
        if asked.clock in owed or asked.clock.partition("/")[0] in WINDOWS:
            yield Owed(key=f"extension_decision/{number}", kind="extension_decision", since=asked.since)


def settles(event: ExtensionEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: whoever approves or declines has acted."""
    if isinstance(event, ExtensionApproved | ExtensionDeclined):
        return tuple(key for key in keys if key == f"extension_decision/{event.extension}")
    return ()
