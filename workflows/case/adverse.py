"""Adverse acts: nothing is done against the participant in the dark, at once, or by those who asked for it.

A step back, a measure, an exit for cause, a refusal to advance through an open gate, less support: each is proposed with reasons written at
the time (courts rarely accept reasons supplied afterwards), served on the person, heard, decided by people who took no part before,
served again with the way to appeal, and has its effect only once the time to appeal is over or the appeal is dismissed and
that was served too (field guide §3). Somebody must then still put it into effect: time alone does nothing against the person,
and an act that nobody decides or carries out lapses. In doubt it is dropped: a tie upholds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case import vote
from workflows.case.grounds import Grounds, check, plain
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.model import AdverseKind, DueProcess

ActNumber = Annotated[int, Field(ge=1, description="number of the adverse act in the case")]
Choice = Literal["uphold", "drop"]
Because = Literal["nobody_decided", "case_moved_on", "ended_by_court"]


class ProposeAdverseAct(Command):
    """Propose to act against the participant's wish, with the reasons as they are now. Nothing happens before it was served, heard and decided."""

    type: Literal["propose_adverse_act"] = "propose_adverse_act"
    kind: Literal["step_back", "exit_for_cause", "refuse_advance", "reduce_support"]
    subject: Annotated[Code, Field(description="the phase to go to or not to enter, or the support level")]
    reasons: NoteRef
    legal_basis: Annotated[Code | None, Field(description="legal basis, from the definition")] = None
    necessity: Annotated[NoteRef | None, Field(description="why it is needed now")] = None
    nothing_milder: Annotated[NoteRef | None, Field(description="why nothing milder serves")] = None


class RecordRepresentation(Command):
    """Record what the participant, or somebody for them, says to the proposal. It is welcome until the act is decided."""

    type: Literal["record_representation"] = "record_representation"
    act: ActNumber
    representation: NoteRef


class DecideAdverseAct(Command):
    """Vote on a proposed act, with reasons, as somebody who took no part before. Dropping it needs no hearing; upholding it does."""

    type: Literal["decide_adverse_act"] = "decide_adverse_act"
    act: ActNumber
    choice: Choice
    reasons: NoteRef


class AdverseActProposed(Event):
    """The act is proposed; nothing has changed for the participant."""

    type: Literal["adverse_act_proposed"] = "adverse_act_proposed"
    act: int
    kind: AdverseKind
    subject: str
    by: PersonId
    reasons: NoteRef
    legal_basis: Code | None = None
    necessity: NoteRef | None = None
    nothing_milder: NoteRef | None = None


class HearingOpened(Event):
    """The proposal was served: the person can be heard until this instant, and nobody upholds it before."""

    type: Literal["hearing_opened"] = "hearing_opened"
    act: int
    until: Instant
    derivation: str


class RepresentationRecorded(Event):
    """The person's side is on record."""

    type: Literal["representation_recorded"] = "representation_recorded"
    act: int
    by: PersonId
    representation: NoteRef


class AdverseVoteCast(Event):
    """A decider voted, with reasons."""

    type: Literal["adverse_vote_cast"] = "adverse_vote_cast"
    act: int
    person: PersonId
    choice: Choice
    reasons: NoteRef


class AdverseActDecided(Event):
    """The deciders decided. An upheld act waits for its notice and the time to appeal; a dropped one is over."""

    type: Literal["adverse_act_decided"] = "adverse_act_decided"
    act: int
    outcome: Literal["upheld", "dropped"]
    uphold: tuple[PersonId, ...]
    drop: tuple[PersonId, ...]


class AdverseActLapsed(Event):
    """The act is over without effect, because of this."""

    type: Literal["adverse_act_lapsed"] = "adverse_act_lapsed"
    act: int
    because: Because


AdverseCommand = ProposeAdverseAct | RecordRepresentation | DecideAdverseAct
AdverseEvent = (
    AdverseActProposed | HearingOpened | RepresentationRecorded | AdverseVoteCast | AdverseActDecided | AdverseActLapsed
)  # fmt: skip


class Act(Frozen):
    """A proposal that nobody decided yet: who proposed it and why, since when and until when it is heard, and how it was voted on."""

    kind: AdverseKind
    subject: str
    by: PersonId
    reasons: NoteRef
    hearing_until: Instant | None = None
    votes: dict[PersonId, Choice] = {}


class State(Frozen):
    """Proposals that wait for their decision by number, and the number of the next one."""

    open: dict[int, Act] = {}
    next_number: int = 1


class Facts(Frozen):
    """The program's rule (None: it provides for no adverse act), acts of which an upheld one waits for its effect, who is involved and how."""

    rule: DueProcess | None
    pending: frozenset[tuple[str, str]] = frozenset()
    involved: Mapping[str, str] = {}


def propose(
    state: State, kind: AdverseKind, grounds: Grounds, facts: Facts, *, subject: str, by: str
) -> tuple[AdverseActProposed, ...]:
    """Propose an act of any kind, with its grounds.

    Raises:
        Refused: `act_not_provided_for`, `act_already_open`, and as `grounds.check` says.
    """
    if facts.rule is None or kind not in facts.rule.acts:
        raise Refused(
            "act_not_provided_for",
            f"the program provides for no {plain(kind)}",
            "it cannot be done; look for another way together with the person",
        )
    check(grounds, kind, facts.rule)
    if (kind, subject) in {*facts.pending, *((act.kind, act.subject) for act in state.open.values())}:
        raise Refused(
            "act_already_open",
            f"{plain(kind)} about {subject} is under way",
            "wait for its end: nobody is proceeded against twice at once",
        )
    return (AdverseActProposed(act=state.next_number, kind=kind, subject=subject, by=by, **grounds.model_dump()),)


def decide(
    state: State, command: RecordRepresentation | DecideAdverseAct, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[AdverseEvent, ...]:
    """Answer a command about a proposal.

    Raises:
        Refused: `no_such_act`, `not_a_decider`, `notice_not_served`, `hearing_open`, and as `vote` says.
    """
    act = find(state, command.act)
    match command:
        case RecordRepresentation():
            return (RepresentationRecorded(act=command.act, by=actor.person, representation=command.representation),)
        case DecideAdverseAct():
            return _vote(act, command, facts, actor=actor, at=at)
        case _:
            assert_never(command)


def find(state: State, number: int) -> Act:
    """The proposal with that number.

    Raises:
        Refused: `no_such_act`.
    """
    act = state.open.get(number)
    if act is None:
        known = listed(state.open)
        raise Refused("no_such_act", f"no proposed act {number} waits for a decision", f"acts that do: {known}")
    return act


def _vote(act: Act, command: DecideAdverseAct, facts: Facts, *, actor: Actor, at: datetime) -> tuple[AdverseEvent, ...]:
    rule = facts.rule
    if rule is None or not actor.holds(rule.decide_by):
        roles = ", ".join(rule.decide_by) if rule is not None else "nobody"
        raise Refused("not_a_decider", f"adverse acts are decided by {roles}", "ask one of them")
    vote.require_independent(actor.person, facts.involved)
    if command.choice == "uphold":
        _heard(act, command.act, at)
    cast = AdverseVoteCast(act=command.act, person=actor.person, choice=command.choice, reasons=command.reasons)
    votes = {**vote.counting(act.votes, facts.involved), actor.person: command.choice}
    tally = vote.tally(votes, people=rule.deciders, against="uphold", in_favor="drop")
    if tally is None:
        return (cast,)
    outcome: Literal["upheld", "dropped"] = "upheld" if tally.carries else "dropped"
    return (cast, AdverseActDecided(act=command.act, outcome=outcome, uphold=tally.against, drop=tally.in_favor))


def _heard(act: Act, number: int, at: datetime) -> None:
    """Nobody upholds before the person was told and had the time to be heard. Every vote to uphold passes here, so that none waits for it."""
    if act.hearing_until is None:
        raise Refused(
            "notice_not_served",
            f"the person was not told of act {number}",
            "serve the notice and record it with record_service; dropping the act needs no hearing",
        )
    if at < act.hearing_until:
        raise Refused(
            "hearing_open",
            f"the person can be heard until {act.hearing_until:%Y-%m-%d %H:%M} UTC",
            "decide after that; dropping the act is possible at any time",
        )


def served(
    state: State, number: int, rule: DueProcess, *, calendar: Calendar, at: datetime
) -> tuple[HearingOpened, ...]:
    """What follows from the service of a proposal: the time to be heard begins, once."""
    act = state.open.get(number)
    if act is None or act.hearing_until is not None:
        return ()
    due = calendar.after(at, rule.hearing)
    return (HearingOpened(act=number, until=due.at, derivation=due.derivation),)


def end(state: State, *, kinds: Collection[str], because: Because) -> tuple[AdverseActLapsed, ...]:
    """What becomes of the proposals of these kinds when what they are about is gone."""
    return tuple(AdverseActLapsed(act=n, because=because) for n, act in state.open.items() if act.kind in kinds)


def evolve(state: State, event: AdverseEvent, _at: datetime) -> State:
    """The state after the event; an event about an act that is not open changes nothing."""
    match event:
        case AdverseActProposed():
            act = Act(kind=event.kind, subject=event.subject, by=event.by, reasons=event.reasons)
            return state.model_copy(update={"open": {**state.open, event.act: act}, "next_number": event.act + 1})
        case HearingOpened():
            return _changed(state, event.act, lambda _act: {"hearing_until": event.until})
        case AdverseVoteCast():
            return _changed(state, event.act, lambda act: {"votes": {**act.votes, event.person: event.choice}})
        case AdverseActDecided() | AdverseActLapsed():
            return state.model_copy(update={"open": {n: act for n, act in state.open.items() if n != event.act}})
        case RepresentationRecorded():
            return state
        case _:
            assert_never(event)


def _changed(state: State, number: int, change: Callable[[Act], dict[str, object]]) -> State:
    act = state.open.get(number)
    if act is None:
        return state
    return state.model_copy(update={"open": {**state.open, number: act.model_copy(update=change(act))}})


def owes(state: State) -> Iterator[Owed]:
    """A decision on each proposal, from the end of its hearing."""
    for number, act in state.open.items():
        if act.hearing_until is not None:
            yield Owed(key=f"adverse_decision/{number}", kind="adverse_decision", since=act.hearing_until)


def fall_silent(state: State, key: str) -> tuple[AdverseActLapsed, ...]:
    """What the room adds when a decision's due instant passes: the proposal is dropped."""
    return tuple(
        AdverseActLapsed(act=number, because="nobody_decided")
        for number in state.open
        if key == f"adverse_decision/{number}"
    )


def settles(event: AdverseEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, AdverseActDecided):
        return tuple(key for key in keys if key == f"adverse_decision/{event.act}")
    return ()
