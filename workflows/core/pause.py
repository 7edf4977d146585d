"""Pauses and extensions: an obligation's clock can stand still and go on with the time that it had left, or be given more.

Who may stop which clock is the case's law (a clock that protects the participant is never stopped). Here is how it is done: while an obligation is paused no
rung fires and no silence falls; when it goes on, whatever had not yet happened happens later by as long as it stood still, and the
derivation of the due instant says so. More time moves what has not happened yet in the same way, all of it by as much.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, assert_never

from workflows.core.calendar import Calendar, Due
from workflows.core.kinds import Code, Event, Instant
from workflows.core.obligation import Obligation, Pause, Rung, next_at, stretch


class ObligationPaused(Event):
    """Its clock stands still from now on."""

    type: Literal["obligation_paused"] = "obligation_paused"
    key: str
    kind: Code


class ObligationResumed(Event):
    """Its clock goes on: when it is due now and how that came about, and the rungs that are still to come."""

    type: Literal["obligation_resumed"] = "obligation_resumed"
    key: str
    kind: Code
    due: Instant
    derivation: str
    rungs: tuple[Rung, ...]
    next_at: Instant | None = None


class ObligationExtended(Event):
    """It was given more time: when it is due now and how that came about, and its rungs, of which those still to come are later by as much."""

    type: Literal["obligation_extended"] = "obligation_extended"
    key: str
    kind: Code
    due: Instant
    derivation: str
    rungs: tuple[Rung, ...]
    next_at: Instant | None = None


PauseEvent = ObligationPaused | ObligationResumed | ObligationExtended


def pause(obligation: Obligation) -> ObligationPaused:
    """Stop its clock."""
    return ObligationPaused(key=obligation.key, kind=obligation.kind)


def resume(obligation: Obligation, *, calendar: Calendar, at: datetime) -> ObligationResumed:
    """Let its clock go on. What had happened before the pause (a rung, the silence) stays where it was."""
    since = obligation.paused_at or at
    due = Due(obligation.due, obligation.derivation)
    if not obligation.silent:
        due = stretch(due, since=since, pauses=(Pause(since, at),), calendar=calendar)
    rungs = tuple(
        _later(rung, at - since) if n >= obligation.climbed else rung for n, rung in enumerate(obligation.rungs)
    )
    changes = {"due": due.at, "derivation": due.derivation, "rungs": rungs}
    going = obligation.model_copy(update={**changes, "paused_at": None})
    return ObligationResumed(
        key=obligation.key, kind=obligation.kind, due=due.at, derivation=due.derivation, rungs=rungs,
        next_at=next_at(going, calendar, at),
    )  # fmt: skip


def extend(obligation: Obligation, *, by: timedelta, why: str, calendar: Calendar, at: datetime) -> ObligationExtended:
    """Give it more time; `why` joins the derivation. What had happened stays where it was, and one that fell silent is not due again."""
    due = obligation.due if obligation.silent else obligation.due + by
    rungs = tuple(_later(rung, by) if n >= obligation.climbed else rung for n, rung in enumerate(obligation.rungs))
    derivation = f"{obligation.derivation}; {why}"
    going = obligation.model_copy(update={"due": due, "derivation": derivation, "rungs": rungs})
    return ObligationExtended(
        key=obligation.key, kind=obligation.kind, due=due, derivation=derivation, rungs=rungs,
        next_at=None if obligation.paused_at is not None else next_at(going, calendar, at),
    )  # fmt: skip


def _later(rung: Rung, by: timedelta) -> Rung:
    return rung.model_copy(update={"at": rung.at + by})


def evolve_paused(obligation: Obligation, event: PauseEvent, at: datetime) -> Obligation:
    """The obligation after the event, recorded at `at`."""
    match event:
        case ObligationPaused():
            return obligation.model_copy(update={"paused_at": at, "next_at": None})
        case ObligationResumed():
            changes = {"due": event.due, "derivation": event.derivation, "rungs": event.rungs}
            return obligation.model_copy(update={**changes, "next_at": event.next_at, "paused_at": None})
        case ObligationExtended():
            changes = {"due": event.due, "derivation": event.derivation, "rungs": event.rungs}
            return obligation.model_copy(update={**changes, "next_at": event.next_at})
        case _:
            assert_never(event)


def evolve_pauses(open_ones: dict[str, Obligation], event: PauseEvent, at: datetime) -> dict[str, Obligation]:
    """The case's open obligations after the event; an event about an unknown key changes nothing."""
    known = open_ones.get(event.key)
    return open_ones if known is None else {**open_ones, event.key: evolve_paused(known, event, at)}
