"""Measures: monitoring, supervision, restriction, each with a basis, an end, and a date on which somebody asks whether it is still needed.

A measure against the person's wish begins only through due process, is recorded as voluntary or mandated, and ends by itself when nobody acts: a review
that is not held and a term that is not renewed let it lapse, visibly (field guide §4; TPIM as the model of sunset, §3). What ended does not come
back under another name: the same content needs a basis issued after it ended (F7: 101 people were held on after courts had ordered their release).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Literal, assert_never

from workflows.case import measure_form as form
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Code, Event, Frozen, Instant, NoteRef
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

Mode = Literal["mandated", "voluntary"]
How = Literal["lapsed", "withdrawn", "ended", "court_order", "case_closed"]


class MeasureProposed(Event):
    """A measure is proposed; nothing has changed for the participant."""

    type: Literal["measure_proposed"] = "measure_proposed"
    measure: int
    kind: Code
    content: Code
    legal_basis: Code
    basis_issued_at: Instant
    scope: NoteRef
    lasts: Term
    review_every: Term


class MeasureBegan(Event):
    """The measure is in force until this instant and not longer. `act`: the adverse act that carries it (None: it was agreed)."""

    type: Literal["measure_began"] = "measure_began"
    measure: int
    kind: Code
    content: Code
    mode: Mode
    until: Instant
    derivation: str
    lasts: Term
    review_every: Term | None = None
    scope: NoteRef
    agreement: NoteRef | None = None
    act: int | None = None


class RenewalProposed(Event):
    """It is proposed that the measure lasts longer, on facts observed at this instant."""

    type: Literal["renewal_proposed"] = "renewal_proposed"
    measure: int
    observed_at: Instant
    lasts: Term


class MeasureRenewed(Event):
    """The measure lasts until this instant."""

    type: Literal["measure_renewed"] = "measure_renewed"
    measure: int
    until: Instant
    derivation: str
    lasts: Term
    act: int


class MeasureReviewed(Event):
    """It was reviewed, and is still necessary."""

    type: Literal["measure_reviewed"] = "measure_reviewed"
    measure: int
    necessity: NoteRef


class MeasureEnded(Event):
    """The measure is over as of `ended_at`, for this reason; a lapse shows that nobody renewed or reviewed it in time."""

    type: Literal["measure_ended"] = "measure_ended"
    measure: int
    content: Code
    how: How
    ended_at: Instant
    reference: NoteRef | None = None


MeasureEvent = (
    MeasureProposed | MeasureBegan | RenewalProposed | MeasureRenewed | MeasureReviewed | MeasureEnded
)  # fmt: skip


class Measure(Frozen):
    """A measure that is proposed, or in force (`begun`); since when its term and its review count."""

    kind: Code
    content: Code
    mode: Mode
    legal_basis: Code | None = None
    scope: NoteRef
    lasts: Term
    review_every: Term | None = None
    begun: Instant | None = None
    since: Instant
    until: Instant | None = None
    reviewed_at: Instant | None = None
    reviews: int = 0
    renewals: int = 0
    renewal: tuple[Instant, Term] | None = None


class State(Frozen):
    """Measures that are not over by number; content → when it was last proposed or ended; the next number."""

    known: dict[int, Measure] = {}
    past: dict[Code, Instant] = {}
    next_number: int = 1


class Facts(Frozen):
    """Kinds of measure and the calendar; measures whose proposal is under way; contents that a court ended elsewhere, and when."""

    limits: form.Limits
    under_way: frozenset[int] = frozenset()
    barred: dict[Code, Instant] = {}


def decide(state: State, command: form.MeasureCommand, facts: Facts) -> tuple[MeasureEvent, ...]:
    """Answer a command about measures. What opens a bundle is followed by its proposal, which the case adds.

    Raises:
        Refused: `same_content`, `no_such_measure`, `measure_not_in_force`, `measure_not_voluntary`, `necessity_not_fresh`, `not_renewable`, and as `measure_form` says.
    """
    match command:
        case form.ProposeMeasure():
            return (_proposed(state, command, facts),)
        case form.AgreeMeasure():
            return (_agreed(state, command, facts),)
        case form.RenewMeasure():
            return (_renewal(state, command, facts),)
        case form.ReviewMeasure():
            in_force(state, command.measure, facts.limits.at)
            return (MeasureReviewed(measure=command.measure, necessity=command.necessity),)
        case form.WithdrawFromMeasure() | form.EndMeasure() | form.RecordCourtOrder():
            return (_ended(state, command, facts.limits.at),)
        case _:
            assert_never(command)


def _proposed(state: State, command: form.ProposeMeasure, facts: Facts) -> MeasureProposed:
    kind = form.kind_of(facts.limits, command.kind)
    legal_basis, issued, *_ = form.basis(command, facts.limits)
    form.untaken(kind.content, _taken(state, facts))
    form.new_basis(kind.content, issued, state.past, facts.barred)
    return MeasureProposed(
        measure=state.next_number, kind=command.kind, content=kind.content, legal_basis=legal_basis, basis_issued_at=issued,
        scope=form.scoped(command.scope), lasts=form.lasting(command.lasts, kind, facts.limits),
        review_every=form.reviewed(command.review_every, kind, facts.limits),
    )  # fmt: skip


def _agreed(state: State, command: form.AgreeMeasure, facts: Facts) -> MeasureBegan:
    kind, limits = form.kind_of(facts.limits, command.kind), facts.limits
    form.untaken(kind.content, _taken(state, facts))
    lasts = form.lasting(command.lasts, kind, limits)
    due = limits.calendar.after(limits.at, lasts)
    return MeasureBegan(
        measure=state.next_number, kind=command.kind, content=kind.content, mode="voluntary", until=due.at, derivation=due.derivation,
        lasts=lasts, review_every=form.reviewed(command.review_every, kind, limits), scope=form.scoped(command.scope), agreement=command.agreement,
    )  # fmt: skip


def _renewal(state: State, command: form.RenewMeasure, facts: Facts) -> RenewalProposed:
    measure = in_force(state, command.measure, facts.limits.at)
    if measure.mode != "mandated":
        raise Refused(
            "not_renewable",
            f"measure {command.measure} is voluntary",
            "agree on it anew with agree_measure, or propose it with propose_measure",
        )
    if command.observed_at <= measure.since or command.observed_at > facts.limits.at:
        raise Refused(
            "necessity_not_fresh",
            "the facts are not of the time since it began or was last renewed",
            "observe anew, and give the instant as observed_at; or let it end",
        )
    form.needed(command.necessity, command.nothing_milder)
    lasts = form.lasting(command.lasts, form.kind_of(facts.limits, measure.kind), facts.limits)
    return RenewalProposed(measure=command.measure, observed_at=command.observed_at, lasts=lasts)


def _ended(
    state: State, command: form.WithdrawFromMeasure | form.EndMeasure | form.RecordCourtOrder, at: datetime
) -> MeasureEnded:
    measure = state.known.get(command.measure)
    if measure is None:
        raise _unknown(state, command.measure)
    match command:
        case form.WithdrawFromMeasure():
            if measure.mode != "voluntary":
                raise Refused("measure_not_voluntary", f"measure {command.measure} is mandated", "end it with end_measure")  # fmt: skip
            return _over(command.measure, measure, "withdrawn", at)
        case form.EndMeasure():
            in_force(state, command.measure, at)
            return _over(command.measure, measure, "ended", at, reference=command.reasons)
        case form.RecordCourtOrder():
            return _over(command.measure, measure, "court_order", at, reference=command.order)
        case _:
            assert_never(command)


def in_force(state: State, number: int, at: datetime) -> Measure:
    """The measure with that number, which is in force at `at`.

    Raises:
        Refused: `no_such_measure`, `measure_not_in_force`.
    """
    measure = state.known.get(number)
    if measure is None:
        raise _unknown(state, number)
    if measure.begun is None or measure.until is None or at >= measure.until:
        raise Refused("measure_not_in_force", f"measure {number} is not in force", "propose it with propose_measure")
    return measure


def _unknown(state: State, number: int) -> Refused:
    known = listed(state.known)
    return Refused("no_such_measure", f"no measure {number} is known that is not over", f"measures that are: {known}")


def _taken(state: State, facts: Facts) -> set[str]:
    """Contents that are in force or under way: none of them takes a second measure beside it."""
    return {known.content for n, known in state.known.items() if known.begun is not None or n in facts.under_way}


def begin(state: State, number: int, *, act: int, calendar: Calendar, at: datetime) -> MeasureBegan:
    """The proposed measure begins, carried by the adverse act: its term counts from now. Refused with `no_such_measure` if it is over."""
    measure = state.known.get(number)
    if measure is None:
        raise _unknown(state, number)
    due = calendar.after(at, measure.lasts)
    return MeasureBegan(
        measure=number, kind=measure.kind, content=measure.content, mode="mandated", until=due.at, derivation=due.derivation,
        lasts=measure.lasts, review_every=measure.review_every, scope=measure.scope, act=act,
    )  # fmt: skip


def renew(state: State, number: int, *, act: int, calendar: Calendar, at: datetime) -> MeasureRenewed:
    """The measure lasts longer, from its former end.

    Raises:
        Refused: `no_such_measure`, `measure_not_in_force`.
    """
    measure = in_force(state, number, at)
    lasts = measure.renewal[1] if measure.renewal is not None else measure.lasts
    due = calendar.after(measure.until or at, lasts)
    return MeasureRenewed(measure=number, until=due.at, derivation=due.derivation, lasts=lasts, act=act)


def withdraw(state: State, at: datetime) -> tuple[MeasureEnded, ...]:
    """What becomes of voluntary measures when the person takes part no longer: they end."""
    return tuple(_over(n, m, "withdrawn", at) for n, m in state.known.items() if m.mode == "voluntary")


def close(state: State, at: datetime) -> tuple[MeasureEnded, ...]:
    """What becomes of every measure when the case is closed: it ends."""
    return tuple(_over(n, m, "case_closed", at) for n, m in state.known.items() if m.begun is not None)


def _over(number: int, measure: Measure, how: How, at: datetime, *, reference: str | None = None) -> MeasureEnded:
    return MeasureEnded(measure=number, content=measure.content, how=how, ended_at=at, reference=reference)


def evolve(state: State, event: MeasureEvent, at: datetime) -> State:
    """The state after the event; one about an unknown measure changes nothing."""
    match event:
        case MeasureProposed():
            shared = event.model_dump(exclude={"type", "measure", "basis_issued_at"})
            changed = _put(state, event.measure, Measure(mode="mandated", since=at, **shared))
            return changed.model_copy(update={"past": {**state.past, event.content: at}})
        case MeasureBegan():
            return _put(state, event.measure, _begun(state.known.get(event.measure), event, at))
        case RenewalProposed():
            return _changed(state, event.measure, lambda _: {"renewal": (event.observed_at, event.lasts)})
        case MeasureRenewed():
            return _changed(state, event.measure, lambda m: {"since": m.until or at, "until": event.until, "lasts": event.lasts, "renewals": m.renewals + 1, "renewal": None})  # fmt: skip
        case MeasureReviewed():
            return _changed(state, event.measure, lambda m: {"reviewed_at": at, "reviews": m.reviews + 1})
        case MeasureEnded():
            known = {n: m for n, m in state.known.items() if n != event.measure}
            ended = state.known.get(event.measure)
            restricts = event.how == "court_order" or (ended is not None and ended.mode == "mandated")
            past = {event.content: event.ended_at} if restricts else {}
            return state.model_copy(update={"known": known, "past": {**state.past, **past}})
        case _:
            assert_never(event)


def _begun(measure: Measure | None, event: MeasureBegan, at: datetime) -> Measure:
    if measure is not None:
        return measure.model_copy(update={"begun": at, "since": at, "until": event.until, "lasts": event.lasts})
    return Measure(kind=event.kind, content=event.content, mode=event.mode, scope=event.scope, review_every=event.review_every, lasts=event.lasts, begun=at, since=at, until=event.until)  # fmt: skip


def _put(state: State, number: int, measure: Measure) -> State:
    return state.model_copy(
        update={"known": {**state.known, number: measure}, "next_number": max(state.next_number, number + 1)}
    )


def _changed(state: State, number: int, change: Callable[[Measure], dict[str, object]]) -> State:
    measure = state.known.get(number)
    return state if measure is None else _put(state, number, measure.model_copy(update=change(measure)))


def owes(state: State) -> Iterator[Owed]:
    """For each measure in force its end, and the next review of its necessity."""
    for number, one in state.known.items():
        if one.begun is not None:
            yield Owed(key=f"measure_expiry/{number}/{one.renewals}", kind="measure_expiry", since=one.since, term=one.lasts)  # fmt: skip
            since = one.reviewed_at or one.begun
            yield Owed(key=f"measure_review/{number}/{one.reviews}", kind="measure_review", since=since, term=one.review_every)  # fmt: skip


def fall_silent(state: State, key: str, due: datetime) -> tuple[MeasureEnded, ...]:
    """What the room adds when the end of a measure or its review passes: it is over."""
    kind, _, rest = key.partition("/")
    if kind not in {"measure_expiry", "measure_review"}:
        return ()
    number = int(rest.partition("/")[0])
    one = state.known.get(number)
    return () if one is None else (_over(number, one, "lapsed", due),)


def settles(event: MeasureEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case MeasureReviewed():
            return tuple(key for key in keys if key.startswith(f"measure_review/{event.measure}/"))
        case MeasureRenewed():
            return tuple(key for key in keys if key.startswith(f"measure_expiry/{event.measure}/"))
        case _:
            return ()
