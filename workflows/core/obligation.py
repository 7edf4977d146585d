"""Obligations: one mechanism for every kind of silence.

Whatever somebody owes (a check-in, a verification, a review, a delivery) has an owner, a due instant, a ladder of
escalations and an outcome on silence, all taken from the program's silence table, never typed by hand (a task that exists only
if somebody typed its due date is the finding of inquiry after inquiry). Each rung fires exactly once, never before its
instant; lateness is recorded; a late completion is always accepted, and shown as late.

Silence never acts against the participant: `outcomes.PROTECTIVE_OUTCOMES` is the whole vocabulary of what it may do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, assert_never

from pydantic import Field, model_validator

from workflows.core.calendar import Calendar, Due, Term
from workflows.core.kinds import Code, Event, Frozen, Instant, PersonId


class RungRule(Frozen):
    """One rung of a ladder: who is told, and what is asked of them, so long before or after the due instant."""

    before: Term | None = None
    after: Term | None = None
    tell: Annotated[Code, Field(description="role that is told")]
    action: Annotated[Code, Field(description="what is asked of that role, as a code of the message templates")]

    @model_validator(mode="after")
    def _one_side(self) -> RungRule:
        if (self.before is None) == (self.after is None):
            msg = "a rung stands either 'before' or 'after' the due instant: give exactly one of the two"
            raise ValueError(msg)
        return self


class SilenceRule(Frozen):
    """What one kind of obligation demands, and what happens when nobody acts (a row of the silence table)."""

    owner: Annotated[Code, Field(description="role that owes it")]
    due: Annotated[
        Term | Literal["by_schedule"],
        Field(description="how long after it begins, or set by the schedule that opens it"),
    ]
    ladder: Annotated[tuple[RungRule, ...], Field(min_length=1)]
    repeat_every: Annotated[
        Term | None, Field(description="the last rung is told again so often, until somebody acts")
    ] = None
    outcome: Annotated[Code, Field(description="what silence does, from the engine's protective vocabulary")]

    @model_validator(mode="after")
    def _repeats_in_time(self) -> SilenceRule:
        if self.repeat_every is not None and self.repeat_every.number == 0:
            msg = "'repeat_every' must be longer than nothing: give a term such as '1 week', or leave it out"
            raise ValueError(msg)
        return self


class Owed(Frozen):
    """That something is owed now, as a room says it: the key is unique in the case and stable while it is owed.

    `term` is given where the kind is due by a schedule, or `until` where a recorded decision names the instant; otherwise the silence
    table's own term counts from `since`. `owner` is the role that agreed to it, where another one than the silence table's did.
    """

    key: str
    kind: Code
    since: Instant
    term: Term | None = None
    until: Instant | None = None
    owner: Code | None = None


class Pause(NamedTuple):
    """A time in which an obligation's clock stood still."""

    begin: datetime
    end: datetime


class Rung(Frozen):
    """A rung with its instant."""

    at: Instant
    tell: Code
    action: Code


class Obligation(Frozen):
    """An open obligation. All instants were computed once, when it was opened, on the program's calendar."""

    key: str
    kind: Code
    owner: Code
    holder: PersonId | None = None
    opened_at: Instant
    due: Instant
    derivation: str
    rungs: tuple[Rung, ...]
    repeat_every: Term | None = None
    outcome: Code
    climbed: int = 0
    silent: bool = False
    next_at: Instant | None = None
    paused_at: Instant | None = None


class ObligationOpened(Event):
    """Somebody owes something from now on."""

    type: Literal["obligation_opened"] = "obligation_opened"
    obligation: Obligation


class ObligationEscalated(Event):
    """A rung fired. `late_seconds`: how much later than `rung_at` it was recorded (an outage shows here)."""

    type: Literal["obligation_escalated"] = "obligation_escalated"
    key: str
    kind: Code
    level: int
    tell: Code
    action: Code
    rung_at: Instant
    late_seconds: int
    next_at: Instant | None = None


class SilenceFell(Event):
    """The due instant passed and nobody had acted: the silence table's outcome took effect, and is visible."""

    type: Literal["silence_fell"] = "silence_fell"
    key: str
    kind: Code
    outcome: Code
    due: Instant
    late_seconds: int
    next_at: Instant | None = None


class ObligationClosed(Event):
    """It was met, or is no longer owed (`released`). `late_seconds` is above zero where it was met after its due instant."""

    type: Literal["obligation_closed"] = "obligation_closed"
    key: str
    kind: Code
    how: Literal["met", "released"]
    due: Instant
    late_seconds: int


class ObligationHandedOver(Event):
    """It is owed by another person from now on (`owner`: and by another role); when it is due, and what was climbed, stays as it was."""

    type: Literal["obligation_handed_over"] = "obligation_handed_over"
    key: str
    kind: Code
    holder: PersonId | None = None
    owner: Code | None = None


ObligationEvent = ObligationOpened | ObligationEscalated | SilenceFell | ObligationHandedOver | ObligationClosed


def open_obligation(
    owed: Owed, *, rule: SilenceRule, calendar: Calendar, at: datetime, holder: str | None, pauses: Sequence[Pause] = ()
) -> ObligationOpened:
    """Compute every instant of the obligation, once, from the rule and the calendar.

    What was due before anybody owed it is due at once: no ladder is climbed, and no lateness shown, for time in which nothing was owed.

    Args:
        owed: what a room says is owed.
        rule: its row of the silence table.
        calendar: the program's calendar.
        at: the command's instant.
        holder: the person who owes it now, where the owning role is held by one person in this case.
        pauses: when this kind of obligation stood still in the case, in order; time in them does not count.
    """
    due = stretch(_due(owed, rule, calendar), since=owed.since, pauses=pauses, calendar=calendar)
    if due.at < at:
        due = Due(at, f"{due.derivation}; past when it began to be owed, so due at once")
    rungs = tuple(sorted((_rung(r, due.at, calendar) for r in rule.ladder), key=lambda rung: rung.at))
    # A reminder whose instant passed before the obligation began would only repeat that it began.
    rungs = tuple(rung for rung in rungs if rung.at >= at or rung.at >= due.at)
    obligation = Obligation(
        key=owed.key, kind=owed.kind, owner=owed.owner or rule.owner, holder=holder, opened_at=at, due=due.at, derivation=due.derivation,
        rungs=rungs, repeat_every=rule.repeat_every, outcome=rule.outcome, next_at=None,
    )  # fmt: skip
    return ObligationOpened(obligation=obligation.model_copy(update={"next_at": next_at(obligation, calendar, at)}))


def stretch(due: Due, *, since: datetime, pauses: Sequence[Pause], calendar: Calendar) -> Due:
    """The due instant, later by whatever part of each pause lies between `since` and it."""
    for pause in pauses:
        begin = max(pause.begin, since)
        if begin < pause.end and begin < due.at:
            stood = f"{calendar.local(begin):%Y-%m-%d %H:%M} to {calendar.local(pause.end):%Y-%m-%d %H:%M}"
            due = Due(due.at + (pause.end - begin), f"{due.derivation}; stood still {stood}, so later by as much")
    return due


def _due(owed: Owed, rule: SilenceRule, calendar: Calendar) -> Due:
    if owed.until is not None:
        return Due(owed.until, f"as decided on {calendar.local(owed.since):%Y-%m-%d %H:%M} {calendar.time_zone}")
    term = owed.term if owed.term is not None else rule.due
    if term == "by_schedule":
        msg = f"obligation {owed.key}: its rule says by_schedule, and its room gave no term"
        raise ValueError(msg)
    return calendar.after(owed.since, term)


def _rung(rule: RungRule, due: datetime, calendar: Calendar) -> Rung:
    at = (
        calendar.before(due, rule.before)
        if rule.before is not None
        else calendar.after(due, rule.after or Term(0, "days"))
    )
    return Rung(at=at.at, tell=rule.tell, action=rule.action)


def next_at(obligation: Obligation, calendar: Calendar, at: datetime) -> datetime | None:
    """The next instant at which a rung fires or silence falls, if any; repetitions that an outage swallowed are not caught up."""
    instants = [] if obligation.silent else [obligation.due]
    if obligation.climbed < len(obligation.rungs):
        instants.append(obligation.rungs[obligation.climbed].at)
    elif obligation.repeat_every is not None and obligation.rungs:
        instants.append(_next_repetition(obligation, obligation.repeat_every, calendar, at))
    return min(instants, default=None)


def _next_repetition(obligation: Obligation, every: Term, calendar: Calendar, at: datetime) -> datetime:
    last = (
        obligation.next_at
        if obligation.climbed > len(obligation.rungs) and obligation.next_at
        else obligation.rungs[-1].at
    )
    following = calendar.after(last, every).at
    while following <= at:
        following = calendar.after(following, every).at
    return following


def elapse(
    obligation: Obligation, *, calendar: Calendar, at: datetime
) -> tuple[ObligationEscalated | SilenceFell, ...]:
    """What time alone does to the obligation up to `at`: every rung due by then, once each, and its silence."""
    events: list[ObligationEscalated | SilenceFell] = []
    while obligation.next_at is not None and obligation.next_at <= at:
        event = (
            _fall_silent(obligation, calendar, at) if _silence_is_next(obligation) else _climb(obligation, calendar, at)
        )
        events.append(event)
        obligation = evolve_obligation(obligation, event)
    return tuple(events)


def _silence_is_next(obligation: Obligation) -> bool:
    if obligation.silent:
        return False
    # At the due instant itself silence falls first, so that the rung which tells of it tells the truth.
    return obligation.next_at is not None and obligation.due <= obligation.next_at


def _fall_silent(obligation: Obligation, calendar: Calendar, at: datetime) -> SilenceFell:
    after = obligation.model_copy(update={"silent": True})
    return SilenceFell(
        key=obligation.key, kind=obligation.kind, outcome=obligation.outcome, due=obligation.due,
        late_seconds=_seconds(at, obligation.due), next_at=next_at(after, calendar, at),
    )  # fmt: skip


def _climb(obligation: Obligation, calendar: Calendar, at: datetime) -> ObligationEscalated:
    level = obligation.climbed + 1
    rung = obligation.rungs[min(level, len(obligation.rungs)) - 1]
    rung_at = obligation.next_at or rung.at
    after = obligation.model_copy(update={"climbed": level})
    return ObligationEscalated(
        key=obligation.key, kind=obligation.kind, level=level, tell=rung.tell, action=rung.action,
        rung_at=rung_at, late_seconds=_seconds(at, rung_at), next_at=next_at(after, calendar, at),
    )  # fmt: skip


def close_obligation(obligation: Obligation, *, how: Literal["met", "released"], at: datetime) -> ObligationClosed:
    """Close it; being late is never refused, only shown."""
    late = _seconds(at, obligation.due) if how == "met" else 0
    return ObligationClosed(key=obligation.key, kind=obligation.kind, how=how, due=obligation.due, late_seconds=late)


def _seconds(at: datetime, due: datetime) -> int:
    return max(0, int((at - due).total_seconds()))


def evolve_obligation(
    obligation: Obligation, event: ObligationEscalated | SilenceFell | ObligationHandedOver
) -> Obligation:
    """The obligation after the event."""
    match event:
        case ObligationEscalated():
            return obligation.model_copy(update={"climbed": event.level, "next_at": event.next_at})
        case SilenceFell():
            return obligation.model_copy(update={"silent": True, "next_at": event.next_at})
        case ObligationHandedOver():
            return obligation.model_copy(update={"holder": event.holder, "owner": event.owner or obligation.owner})
        case _:
            assert_never(event)


def evolve_obligations(
    open_ones: dict[str, Obligation], event: ObligationEvent, _at: object = None
) -> dict[str, Obligation]:
    """The case's open obligations after the event; an event about an unknown key changes nothing."""
    match event:
        case ObligationOpened():
            return {**open_ones, event.obligation.key: event.obligation}
        case ObligationClosed():
            return {key: value for key, value in open_ones.items() if key != event.key}
        case ObligationEscalated() | SilenceFell() | ObligationHandedOver():
            known = open_ones.get(event.key)
            return open_ones if known is None else {**open_ones, event.key: evolve_obligation(known, event)}
        case _:
            assert_never(event)
