"""Danger: the one case in which something is done before it was decided, and the only one.

An imminent danger takes two approvers, lasts 72 hours from the moment it was asked for and never longer, and is told to the person at once. It ends there by
itself whether or not a measure was proposed meanwhile: then only a decision carries it on (field guide §4, the silence table). The same is not done
twice on the same basis, so that 72 hours do not follow upon 72 hours.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case.measure_form import Limits, StatesBasis, basis, kind_of, new_basis, scoped
from workflows.core.calendar import Term
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

LASTS = Term(72, "hours")
"""The most that imminent danger carries, from the moment it was asked for: principle, not policy."""
DangerNumber = Annotated[int, Field(ge=1, description="number of the act in danger in the case")]


class ActInDanger(StatesBasis):
    """Ask for a measure against an imminent danger. With another approver it begins at once, and ends 72 hours from now at the latest."""

    type: Literal["act_in_danger"] = "act_in_danger"


class ConfirmDanger(Command):
    """Confirm, as another approver than whoever asked, that the danger is imminent: the measure begins now."""

    type: Literal["confirm_danger"] = "confirm_danger"
    danger: DangerNumber
    reasons: NoteRef


class EndDanger(Command):
    """End an act in danger at once, because the danger is over or because a court says so."""

    type: Literal["end_danger"] = "end_danger"
    danger: DangerNumber
    reasons: NoteRef
    order: Annotated[NoteRef | None, Field(description="the court's order, if there is one")] = None


class DangerAsked(Event):
    """Somebody asks for a measure against an imminent danger. Nothing happens before another approver confirmed it."""

    type: Literal["danger_asked"] = "danger_asked"
    danger: int
    kind: Code
    content: Code
    by: PersonId
    reasons: NoteRef
    legal_basis: Code
    basis_issued_at: Instant
    necessity: NoteRef
    nothing_milder: NoteRef
    scope: NoteRef
    until: Instant


class DangerConfirmed(Event):
    """Two approvers found the danger imminent: the measure is in force until this instant and not longer."""

    type: Literal["danger_confirmed"] = "danger_confirmed"
    danger: int
    content: Code
    approved_by: tuple[PersonId, PersonId]
    reasons: NoteRef
    until: Instant
    derivation: str


class DangerEnded(Event):
    """What was done in danger is over as of `ended_at`."""

    type: Literal["danger_ended"] = "danger_ended"
    danger: int
    content: Code
    how: Literal["time_over", "ended", "court_order", "case_closed"]
    ended_at: Instant
    in_force: bool
    reference: NoteRef | None = None


DangerCommand = ActInDanger | ConfirmDanger | EndDanger
DangerEvent = DangerAsked | DangerConfirmed | DangerEnded


class Danger(Frozen):
    """An act in danger that is not over: what it does, who asked, since when and until when, and whether it is in force."""

    content: Code
    by: PersonId
    since: Instant
    until: Instant
    in_force: bool = False


class State(Frozen):
    """Acts in danger that are not over by number; content → when it was last asked for, and when a court ended it; the next number."""

    open: dict[int, Danger] = {}
    past: dict[Code, Instant] = {}
    by_court: dict[Code, Instant] = {}
    next_number: int = 1


class Facts(Frozen):
    """Kinds of measure and the calendar; the roles that judge a danger; contents proposed or in force as measures, since when."""

    limits: Limits
    danger_by: tuple[Code, ...] = ()
    measures: dict[Code, Instant] = {}


def decide(state: State, command: DangerCommand, facts: Facts, *, actor: Actor) -> tuple[DangerEvent, ...]:
    """Answer a command about an imminent danger.

    Raises:
        Refused: `not_a_danger_approver`, `nothing_to_confirm`, `not_independent`, `no_such_danger`, `same_content`, and as `measure_form` says.
    """
    match command:
        case ActInDanger():
            _approver(facts, actor)
            return (_asked(state, command, facts, actor.person),)
        case ConfirmDanger():
            _approver(facts, actor)
            return (_confirmed(state, command, facts, actor.person),)
        case EndDanger():
            one = state.open.get(command.danger)
            if one is None:
                known = listed(state.open)
                raise Refused("no_such_danger", f"no act in danger {command.danger} is open", f"acts that are: {known}")
            how: Literal["court_order", "ended"] = "court_order" if command.order is not None else "ended"
            return (DangerEnded(danger=command.danger, content=one.content, how=how, ended_at=facts.limits.at, in_force=one.in_force, reference=command.order or command.reasons),)  # fmt: skip
        case _:
            assert_never(command)


def _approver(facts: Facts, actor: Actor) -> None:
    if not actor.holds(facts.danger_by):
        roles = ", ".join(facts.danger_by) or "nobody"
        raise Refused("not_a_danger_approver", f"imminent danger is judged by {roles}", "ask one of them")


def _asked(state: State, command: ActInDanger, facts: Facts, by: str) -> DangerAsked:
    content = kind_of(facts.limits, command.kind).content
    legal_basis, issued, necessity, nothing_milder = basis(command, facts.limits)
    new_basis(content, issued, state.past, state.by_court, facts.measures)
    return DangerAsked(
        danger=state.next_number, kind=command.kind, content=content, by=by, reasons=command.reasons, legal_basis=legal_basis,
        basis_issued_at=issued, necessity=necessity, nothing_milder=nothing_milder, scope=scoped(command.scope),
        until=facts.limits.calendar.after(facts.limits.at, LASTS).at,
    )  # fmt: skip


def _confirmed(state: State, command: ConfirmDanger, facts: Facts, by: str) -> DangerConfirmed:
    one = state.open.get(command.danger)
    if one is None or one.in_force or facts.limits.at >= one.until:
        raise Refused(
            "nothing_to_confirm",
            f"no act in danger {command.danger} waits for another approver",
            "ask for one with act_in_danger if the danger is imminent",
        )
    if by == one.by:
        raise Refused("not_independent", f"{by} asked for it", "another approver confirms that the danger is imminent")
    due = facts.limits.calendar.after(one.since, LASTS)
    return DangerConfirmed(
        danger=command.danger, content=one.content, approved_by=(one.by, by), reasons=command.reasons, until=one.until,
        derivation=due.derivation,
    )  # fmt: skip


def close(state: State, at: datetime) -> tuple[DangerEnded, ...]:
    """What becomes of acts in danger when the case is closed."""
    return tuple(
        DangerEnded(danger=n, content=one.content, how="case_closed", ended_at=at, in_force=one.in_force)
        for n, one in state.open.items()
    )


def evolve(state: State, event: DangerEvent, at: datetime) -> State:
    """The state after the event; one about an unknown act changes nothing."""
    match event:
        case DangerAsked():
            one = Danger(content=event.content, by=event.by, since=at, until=event.until)
            past = {**state.past, event.content: at}
            return state.model_copy(update={"open": {**state.open, event.danger: one}, "past": past, "next_number": event.danger + 1})  # fmt: skip
        case DangerConfirmed():
            known = state.open.get(event.danger)
            changed = {} if known is None else {event.danger: known.model_copy(update={"in_force": True})}
            return state.model_copy(update={"open": {**state.open, **changed}})
        case DangerEnded():
            court: Mapping[str, datetime] = {event.content: event.ended_at} if event.how == "court_order" else {}
            kept = {n: one for n, one in state.open.items() if n != event.danger}
            return state.model_copy(update={"open": kept, "by_court": {**state.by_court, **court}})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """The end of each act in danger, 72 hours after it was asked for."""
    for number, one in state.open.items():
        yield Owed(key=f"danger_end/{number}", kind="danger_end", since=one.since, term=LASTS)


def fall_silent(state: State, key: str, due: datetime) -> tuple[DangerEnded, ...]:
    """What the room adds when the 72 hours are over: so is the act."""
    return tuple(
        DangerEnded(danger=number, content=one.content, how="time_over", ended_at=due, in_force=one.in_force)
        for number, one in state.open.items()
        if key == f"danger_end/{number}"
    )


def settles(event: DangerEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: an act in danger that is ended before its time."""
    if isinstance(event, DangerEnded) and event.how in {"ended", "court_order"}:
        return tuple(key for key in keys if key == f"danger_end/{event.danger}")
    return ()
