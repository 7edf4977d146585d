"""Appeal: an upheld act waits, and whoever it is against can have it looked at again by others.

The decision is served with the way to appeal; the time to appeal counts from that service, in the working days of the place. An appeal stays the
effect without anybody's leave, also a late one as long as nothing happened yet, and is decided by people who took no part before, the
first deciders included (field guide §3). While nobody decides it, the effect stays suspended and the silence escalates. Only when the time is over
or the dismissal was served too may the act be carried out, by a person; an act that nobody carries out lapses. In doubt the appeal is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case import vote
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.model import AdverseKind, DueProcess

ActNumber = Annotated[int, Field(ge=1, description="number of the adverse act in the case")]
Choice = Literal["allow", "dismiss"]
Because = Literal["nobody_carried_it_out", "appeal_allowed", "case_moved_on", "ended_by_court"]


class FileAppeal(Command):
    """File the participant's appeal against an upheld act. It stays the effect from now until it is decided."""

    type: Literal["file_appeal"] = "file_appeal"
    act: ActNumber
    grounds: Annotated[NoteRef | None, Field(description="what the person says; an appeal needs no reasons")] = None


class DecideAppeal(Command):
    """Vote on an appeal, with reasons, as somebody who took no part before, not even in the decision."""

    type: Literal["decide_appeal"] = "decide_appeal"
    act: ActNumber
    choice: Choice
    reasons: NoteRef


class CarryOutAdverseAct(Command):
    """Put an upheld act into effect, once the decision was served and no appeal can stay it any more."""

    type: Literal["carry_out_adverse_act"] = "carry_out_adverse_act"
    act: ActNumber


class AppealRouteOpened(Event):
    """The act is upheld and can be appealed; nothing has changed for the participant. `took_part`: who may not decide on the appeal."""

    type: Literal["appeal_route_opened"] = "appeal_route_opened"
    act: int
    kind: AdverseKind
    subject: str
    reasons: NoteRef
    took_part: tuple[PersonId, ...]


class AppealWindowOpened(Event):
    """The decision was served with the way to appeal: there is time until this instant, and no effect before."""

    type: Literal["appeal_window_opened"] = "appeal_window_opened"
    act: int
    until: Instant
    derivation: str


class AppealFiled(Event):
    """The effect is stayed until the appeal is decided. `late`: after the time to appeal, and before any effect."""

    type: Literal["appeal_filed"] = "appeal_filed"
    act: int
    by: PersonId
    late: bool
    grounds: NoteRef | None = None


class AppealVoteCast(Event):
    """Somebody voted on the appeal, with reasons."""

    type: Literal["appeal_vote_cast"] = "appeal_vote_cast"
    act: int
    person: PersonId
    choice: Choice
    reasons: NoteRef


class AppealDecided(Event):
    """The appeal is decided. Allowed, the act is over; dismissed, it waits until the person was told."""

    type: Literal["appeal_decided"] = "appeal_decided"
    act: int
    outcome: Literal["allowed", "dismissed"]
    allow: tuple[PersonId, ...]
    dismiss: tuple[PersonId, ...]


class DismissalServed(Event):
    """The person was told that the appeal is dismissed."""

    type: Literal["dismissal_served"] = "dismissal_served"
    act: int


class AdverseActTookEffect(Event):
    """The act is carried out; what it does stands in the events that follow. `refused_until`: how long a refused move stays refused."""

    type: Literal["adverse_act_took_effect"] = "adverse_act_took_effect"
    act: int
    kind: AdverseKind
    subject: str
    by: PersonId
    refused_until: Instant | None = None


class UpheldActLapsed(Event):
    """The upheld act is over without effect, because of this."""

    type: Literal["upheld_act_lapsed"] = "upheld_act_lapsed"
    act: int
    because: Because


AppealCommand = FileAppeal | DecideAppeal | CarryOutAdverseAct
AppealEvent = (
    AppealRouteOpened | AppealWindowOpened | AppealFiled | AppealVoteCast | AppealDecided | DismissalServed
    | AdverseActTookEffect | UpheldActLapsed
)  # fmt: skip
Stage = Literal["upheld", "served", "appealed", "dismissed", "dismissal_served"]


class Upheld(Frozen):
    """An upheld act without effect: where it stands and since when, until when it can be appealed, and how the appeal was voted on."""

    kind: AdverseKind
    subject: str
    reasons: NoteRef
    took_part: tuple[PersonId, ...]
    stage: Stage = "upheld"
    since: Instant
    window: Instant | None = None
    appealed_by: PersonId | None = None
    votes: dict[PersonId, Choice] = {}


class State(Frozen):
    """Upheld acts without effect by number, and moves that stay refused, until when."""

    open: dict[int, Upheld] = {}
    refused: dict[Code, Instant] = {}


class Facts(Frozen):
    """The program's rule, its calendar, and who is involved in the case and how."""

    rule: DueProcess
    calendar: Calendar
    involved: Mapping[str, str] = {}


def decide(
    state: State, command: AppealCommand, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[AppealEvent, ...]:
    """Answer a command about an upheld act.

    Raises:
        Refused: `no_such_upheld_act`, `appeal_already_filed`, `no_appeal_filed`, `not_an_appeal_decider`, `notice_not_served`, `appeal_window_open`,
            `effect_stayed`, and as `vote` says.
    """
    act = find(state, command.act)
    match command:
        case FileAppeal():
            if act.appealed_by is not None:
                raise Refused(
                    "appeal_already_filed", f"act {command.act} was appealed", "wait for the decision on the appeal"
                )
            late = act.window is not None and at >= act.window
            return (AppealFiled(act=command.act, by=actor.person, late=late, grounds=command.grounds),)
        case DecideAppeal():
            return _vote(act, command, facts, actor=actor)
        case CarryOutAdverseAct():
            _may_take_effect(act, command.act, at)
            lasts = facts.calendar.after(at, facts.rule.refusal_lasts).at if act.kind == "refuse_advance" else None
            return (AdverseActTookEffect(act=command.act, kind=act.kind, subject=act.subject, by=actor.person, refused_until=lasts),)  # fmt: skip
        case _:
            assert_never(command)


def find(state: State, number: int) -> Upheld:
    """The upheld act with that number.

    Raises:
        Refused: `no_such_upheld_act`.
    """
    act = state.open.get(number)
    if act is None:
        known = listed(state.open)
        raise Refused("no_such_upheld_act", f"no upheld act {number} waits for its effect", f"acts that do: {known}")
    return act


def _vote(act: Upheld, command: DecideAppeal, facts: Facts, *, actor: Actor) -> tuple[AppealEvent, ...]:
    rule = facts.rule
    if act.stage != "appealed":
        raise Refused(
            "no_appeal_filed", f"no appeal against act {command.act} waits for a decision", "file it with file_appeal"
        )
    if not actor.holds(rule.appeal_by):
        raise Refused("not_an_appeal_decider", f"appeals are decided by {', '.join(rule.appeal_by)}", "ask one of them")
    barred = dict.fromkeys(act.took_part, "took part in the decision") | dict(facts.involved)
    if act.appealed_by is not None:
        barred.setdefault(act.appealed_by, "filed the appeal")
    vote.require_independent(actor.person, barred)
    cast = AppealVoteCast(act=command.act, person=actor.person, choice=command.choice, reasons=command.reasons)
    votes = {**vote.counting(act.votes, barred), actor.person: command.choice}
    tally = vote.tally(votes, people=rule.appeal_deciders, against="dismiss", in_favor="allow")
    if tally is None:
        return (cast,)
    outcome: Literal["allowed", "dismissed"] = "dismissed" if tally.carries else "allowed"
    decided = AppealDecided(act=command.act, outcome=outcome, allow=tally.in_favor, dismiss=tally.against)
    return (cast, decided, *_if_allowed(command.act, outcome))


def _if_allowed(number: int, outcome: str) -> tuple[UpheldActLapsed, ...]:
    return (UpheldActLapsed(act=number, because="appeal_allowed"),) if outcome == "allowed" else ()


def _may_take_effect(act: Upheld, number: int, at: datetime) -> None:
    if act.stage == "appealed":
        raise Refused(
            "effect_stayed", f"an appeal against act {number} is open", "wait for its decision: it stays the effect"
        )
    if act.window is None or act.stage in {"upheld", "dismissed"}:
        raise Refused(
            "notice_not_served",
            f"the person was not told of the decision on act {number}, or on the appeal",
            "serve the notices that are owed and record it with record_service",
        )
    if act.stage == "served" and at < act.window:
        raise Refused(
            "appeal_window_open",
            f"the person can appeal until {act.window:%Y-%m-%d %H:%M} UTC",
            "carry it out after that, if nobody appealed",
        )


def served(
    state: State, number: int, facts: Facts, *, of: Literal["decision", "dismissal"], at: datetime
) -> tuple[AppealWindowOpened | DismissalServed, ...]:
    """What follows from the service of a decision: the time to appeal begins; or of a dismissal: the person knows of it."""
    if number not in state.open:
        return ()
    if of == "dismissal":
        return (DismissalServed(act=number),)
    due = facts.calendar.after(at, facts.rule.appeal_window)
    return (AppealWindowOpened(act=number, until=due.at, derivation=due.derivation),)


def end(state: State, *, kinds: Collection[str], because: Because) -> tuple[UpheldActLapsed, ...]:
    """What becomes of upheld acts of these kinds when what they are about is gone."""
    return tuple(UpheldActLapsed(act=n, because=because) for n, act in state.open.items() if act.kind in kinds)


def evolve(state: State, event: AppealEvent, at: datetime) -> State:
    """The state after the event; one about an act that is not open changes nothing."""
    match event:
        case AppealRouteOpened():
            act = Upheld(
                kind=event.kind, subject=event.subject, reasons=event.reasons, took_part=event.took_part, since=at
            )
            return state.model_copy(update={"open": {**state.open, event.act: act}})
        case AppealWindowOpened():
            return _changed(state, event.act, lambda act: {"window": event.until, "stage": "served" if act.stage == "upheld" else act.stage})  # fmt: skip
        case AppealFiled():
            return _changed(state, event.act, lambda _: {"stage": "appealed", "appealed_by": event.by, "since": at})
        case AppealVoteCast():
            return _changed(state, event.act, lambda act: {"votes": {**act.votes, event.person: event.choice}})
        case AppealDecided():
            return _changed(state, event.act, lambda _: {"stage": "dismissed", "since": at})
        case DismissalServed():
            return _changed(state, event.act, lambda _: {"stage": "dismissal_served", "since": at})
        case AdverseActTookEffect():
            refused = {event.subject: event.refused_until} if event.refused_until is not None else {}
            return state.model_copy(
                update={"open": _without(state, event.act), "refused": {**state.refused, **refused}}
            )
        case UpheldActLapsed():
            return state.model_copy(update={"open": _without(state, event.act)})
        case _:
            assert_never(event)


def _without(state: State, number: int) -> dict[int, Upheld]:
    return {n: act for n, act in state.open.items() if n != number}


def _changed(state: State, number: int, change: Callable[[Upheld], dict[str, object]]) -> State:
    act = state.open.get(number)
    if act is None:
        return state
    return state.model_copy(update={"open": {**state.open, number: act.model_copy(update=change(act))}})


def owes(state: State) -> Iterator[Owed]:
    """A decision on each appeal; and, once nothing stays an act any more, that it is carried out or given up."""
    for number, act in state.open.items():
        if act.stage == "appealed":
            yield Owed(key=f"appeal_decision/{number}", kind="appeal_decision", since=act.since)
        elif act.stage in {"served", "dismissal_served"} and act.window is not None:
            yield Owed(key=f"adverse_effect/{number}", kind="adverse_effect", since=max(act.since, act.window))


def fall_silent(state: State, key: str) -> tuple[UpheldActLapsed, ...]:
    """What the room adds when nobody carried out an act in time: it is over."""
    return tuple(
        UpheldActLapsed(act=number, because="nobody_carried_it_out")
        for number in state.open
        if key == f"adverse_effect/{number}"
    )


def settles(event: AppealEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case AppealDecided():
            return tuple(key for key in keys if key == f"appeal_decision/{event.act}")
        case AdverseActTookEffect():
            return tuple(key for key in keys if key == f"adverse_effect/{event.act}")
        case _:
            return ()
