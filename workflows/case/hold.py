"""Hold: a pause of the whole case, while life stands in the way of the work (hospital, custody, relocation, a shock).

It is asked for by one person with reasons and approved by another, it has an end from the beginning, and it ends there by itself, visibly: a pause that nobody ends
is the ghost that inquiries find ("allowed to peter out"). The definition says which clocks stand still meanwhile; a clock that protects the participant
(an offer, a notice, a consent's end, an appeal) is never among them. What stood still goes on with the time that it had left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed, Pause
from workflows.core.refusal import Refused
from workflows.program.model import Hold


class HoldCase(Command):
    """Ask for a pause of the whole case, with reasons and an end; another person approves it."""

    type: Literal["hold_case"] = "hold_case"
    kind: Annotated[Code, Field(description="kind of pause, by its code")]
    until: Annotated[Instant, Field(description="when it ends by itself")]
    reasons: NoteRef


class ApproveHold(Command):
    """Approve the pause that was asked for, as another person than whoever asked. It begins now."""

    type: Literal["approve_hold"] = "approve_hold"
    reasons: NoteRef


class EndHold(Command):
    """End the pause before its time, or drop the request for one."""

    type: Literal["end_hold"] = "end_hold"
    reasons: NoteRef


class HoldRequested(Event):
    """A pause is asked for."""

    type: Literal["hold_requested"] = "hold_requested"
    hold: int
    kind: Code
    until: Instant
    requested_by: PersonId
    reasons: NoteRef


class HoldBegan(Event):
    """The pause is approved and begins."""

    type: Literal["hold_began"] = "hold_began"
    hold: int
    kind: Code
    until: Instant
    approved_by: PersonId
    reasons: NoteRef


class HoldEnded(Event):
    """The pause is over: it `ran_out`, was `ended` before its time, or was `dropped` before anybody approved it."""

    type: Literal["hold_ended"] = "hold_ended"
    hold: int
    how: Literal["ran_out", "ended", "dropped"]
    reasons: NoteRef | None = None


HoldCommand = HoldCase | ApproveHold | EndHold
HoldEvent = HoldRequested | HoldBegan | HoldEnded


class Current(Frozen):
    """The pause that is asked for, or in force since `began`."""

    number: int
    kind: Code
    until: Instant
    requested_by: PersonId
    since: Instant
    began: Instant | None = None


class Past(Frozen):
    """A pause that is over: what stood still in it does not count."""

    kind: Code
    began: Instant
    ended: Instant


class State(Frozen):
    """The pause that is asked for or in force, those that are over, and how many were asked for."""

    current: Current | None = None
    past: tuple[Past, ...] = ()
    count: int = 0


class Facts(Frozen):
    """The definition's kinds of pause, and its calendar."""

    kinds: Mapping[str, Hold]
    calendar: Calendar


def decide(state: State, command: HoldCommand, facts: Facts, *, actor: str, at: datetime) -> tuple[HoldEvent, ...]:
    """Answer a hold command.

    Raises:
        Refused: `hold_open`, `unknown_hold`, `hold_out_of_range`, `no_hold`, `hold_approved`, `not_independent`, `hold_ran_out`.
    """
    match command:
        case HoldCase():
            return (_requested(state, command, facts, actor=actor, at=at),)
        case ApproveHold():
            current = _current(state)
            _approvable(current, actor, at)
            began = HoldBegan(hold=current.number, kind=current.kind, until=current.until, approved_by=actor, reasons=command.reasons)  # fmt: skip
            return (began,)
        case EndHold():
            current = _current(state)
            how: Literal["ended", "dropped"] = "dropped" if current.began is None else "ended"
            return (HoldEnded(hold=current.number, how=how, reasons=command.reasons),)
        case _:
            assert_never(command)


def _requested(state: State, command: HoldCase, facts: Facts, *, actor: str, at: datetime) -> HoldRequested:
    if state.current is not None:
        raise Refused(
            "hold_open",
            "a pause of this case is asked for or in force",
            "end it with end_hold first, or wait until it ends",
        )
    rule = facts.kinds.get(command.kind)
    if rule is None:
        known = ", ".join(sorted(facts.kinds)) or "none is defined"
        raise Refused("unknown_hold", f"the program has no kind of pause {command.kind}", f"use one of: {known}")
    latest = facts.calendar.after(at, rule.longest).at
    if not at < command.until <= latest:
        raise Refused(
            "hold_out_of_range",
            f"a pause of the kind {command.kind} ends after now and within {rule.longest}",
            f"give an end until {facts.calendar.local(latest):%Y-%m-%d %H:%M}; another can be asked for then",
        )
    return HoldRequested(
        hold=state.count + 1, kind=command.kind, until=command.until, requested_by=actor, reasons=command.reasons
    )


def _current(state: State) -> Current:
    if state.current is None:
        raise Refused(
            "no_hold", "no pause of this case is asked for or in force", "ask for one with hold_case, if it is needed"
        )
    return state.current


def _approvable(current: Current, actor: str, at: datetime) -> None:
    if current.began is not None:
        raise Refused("hold_approved", "the pause is in force already", "nothing to do; end_hold ends it")
    if actor == current.requested_by:
        raise Refused(
            "not_independent", f"{actor} asked for this pause", "ask another person who may approve_hold to look at it"
        )
    if current.until <= at:
        raise Refused(
            "hold_ran_out",
            "the end of the pause that was asked for has passed",
            "drop it with end_hold, and ask anew with hold_case if it is still needed",
        )


def evolve(state: State, event: HoldEvent, at: datetime) -> State:
    """The state after the event; an event about another pause than the present one changes nothing."""
    current = state.current
    if isinstance(event, HoldRequested):
        asked = Current(
            number=event.hold, kind=event.kind, until=event.until, requested_by=event.requested_by, since=at
        )
        return state.model_copy(update={"current": asked, "count": event.hold})
    if current is None or current.number != event.hold:
        return state
    match event:
        case HoldBegan():
            return state.model_copy(update={"current": current.model_copy(update={"began": at})})
        case HoldEnded():
            over = () if current.began is None else (Past(kind=current.kind, began=current.began, ended=at),)
            return state.model_copy(update={"current": None, "past": (*state.past, *over)})
        case _:
            assert_never(event)


def stands_still(state: State, kinds: Mapping[str, Hold]) -> frozenset[str]:
    """The kinds of obligation whose clocks stand still now."""
    current = state.current
    if current is None or current.began is None or current.kind not in kinds:
        return frozenset()
    return frozenset(kinds[current.kind].stops)


def pauses(state: State, kinds: Mapping[str, Hold], *, of: str, at: datetime) -> tuple[Pause, ...]:
    """When obligations of the kind `of` stood still up to `at`, in order; the present pause counts until then, at most until its end."""
    over = [(past.kind, Pause(past.began, past.ended)) for past in state.past]
    if state.current is not None and state.current.began is not None:
        over.append((state.current.kind, Pause(state.current.began, min(at, state.current.until))))
    return tuple(pause for kind, pause in over if kind in kinds and of in kinds[kind].stops)


def owes(state: State) -> Iterator[Owed]:
    """A decision on a pause that is asked for; the end of one that is in force."""
    current = state.current
    if current is not None and current.began is None:
        yield Owed(key=f"hold_approval/{current.number}", kind="hold_approval", since=current.since)
    elif current is not None:
        yield Owed(key=f"hold_end/{current.number}", kind="hold_end", since=current.since, until=current.until)


def fall_silent(state: State, key: str) -> tuple[HoldEvent, ...]:
    """What the room adds when the pause's end passes: it ends by itself."""
    current = state.current
    if current is None or key != f"hold_end/{current.number}":
        return ()
    return (HoldEnded(hold=current.number, how="ran_out"),)


def settles(event: HoldEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: whoever approves, drops or ends has acted."""
    if isinstance(event, HoldBegan) or (isinstance(event, HoldEnded) and event.how != "ran_out"):
        return tuple(key for key in keys if key in {f"hold_approval/{event.hold}", f"hold_end/{event.hold}"})
    return ()
