"""Where adverse acts meet the rest of the case: what may be proposed, what follows from a service, and what an effect does.

The rooms `adverse` and `appeal` hold the way there; what an act is about (a phase, a move, a level of support) belongs to other rooms. Nothing
that was granted is touched by any effect: milestones stand as they stood, and support goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from workflows.case import (
    adverse,
    age,
    appeal,
    care_facts,
    consent,
    contact_form,
    danger,
    extension,
    facts,
    link,
    measure,
    measure_form,
    objection,
    phase,
    review,
    service,
)
from workflows.case.grounds import Grounds
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.core.refusal import Refused, listed
from workflows.program.model import SUPPORT_LEVELS, DueProcess, Program

ABOUT_THE_PHASE = frozenset({"step_back", "exit_for_cause", "refuse_advance"})
"""Kinds of act that have no subject any more once the case is in another phase."""
ALL_KINDS = ABOUT_THE_PHASE | {"reduce_support", "measure"}
DueProcessCommand = (
    adverse.AdverseCommand | appeal.AppealCommand | service.RecordService | measure_form.MeasureCommand | danger.DangerCommand
    | objection.ObjectionCommand
)  # fmt: skip


def decide(
    case: Case, command: DueProcessCommand, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    """Answer a command of the way from a proposal to its effect.

    Raises:
        Refused: `act_not_provided_for`, and as the rooms say.
    """
    match command:
        case adverse.ProposeAdverseAct():
            _learned(case)
            _has_subject(case, command, program, at)
            grounds = Grounds(**command.model_dump(exclude={"type", "kind", "subject"}))
            known = facts.adverse_facts(case, program)
            return adverse.propose(case.adverse, command.kind, grounds, known, subject=command.subject, by=actor.person)
        case adverse.RecordRepresentation() | adverse.DecideAdverseAct():
            known = facts.adverse_facts(case, program, act=command.act)
            events = adverse.decide(case.adverse, command, known, actor=actor, at=at)
            return (*events, *(route for event in events for route in _route(case, event)))
        case appeal.FileAppeal() | appeal.DecideAppeal():
            return appeal.decide(case.appeal, command, _appeal_facts(case, program), actor=actor, at=at)
        case appeal.CarryOutAdverseAct():
            (effect,) = appeal.decide(case.appeal, command, _appeal_facts(case, program), actor=actor, at=at)
            return (effect, *_effects(case, program, command.act, at))
        case service.RecordService():
            served = service.decide(case.service, command, actor=actor.person)
            return (*served, *(event for one in served for event in _after_service(case, program, one, at)))
        case objection.ObjectToReview() | objection.DecideObjection():
            return _objection(case, command, program, actor=actor)
        case danger.ActInDanger() | danger.ConfirmDanger() | danger.EndDanger():
            return danger.decide(case.danger, command, facts.danger_facts(case, program, at), actor=actor)
        case _:
            return _measure(case, command, program, actor=actor, at=at)


def _objection(case: Case, command: objection.ObjectionCommand, program: Program, *, actor: Actor) -> tuple[Event, ...]:
    """An objection that is allowed has the review held again, at once, by others; what the person says is their view in it."""
    known = objection.Facts(
        rule=_rule(program), involved=facts.involved_in_case(case), next_review=case.review.next_number
    )
    events = objection.decide(case.objection, command, known, actor=actor)
    decided, rejected = events[-1], case.objection.open[command.review]
    transition = program.transition(case.phase.phase or "", rejected.to)
    if not isinstance(decided, objection.ObjectionDecided) or decided.again is None or transition is None:
        return events
    (cast,) = (event for event in events if isinstance(event, objection.ObjectionVoteCast))
    again = review.ReviewRequested(
        review=decided.again, to=rejected.to, panel=transition.gate.review, requested_by=rejected.filed_by or cast.person,
        reasons=cast.reasons, participant_view=rejected.grounds, barred=rejected.took_part,
    )  # fmt: skip
    return (*events, again)


def _measure(
    case: Case, command: measure_form.MeasureCommand, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    """A measure against the person's wish is proposed as an adverse act; what ends one ends the acts about it."""
    if isinstance(command, measure_form.AgreeMeasure):
        _takes_part(case)
    (event,) = measure.decide(case.measure, command, facts.measure_facts(case, program, at))
    match command:
        case measure_form.ProposeMeasure():
            about, basis = f"measure/{event.measure}", command.legal_basis
        case measure_form.RenewMeasure():
            about, basis = f"renewal/{event.measure}", case.measure.known[event.measure].legal_basis
        case measure_form.RecordCourtOrder():
            return (event, *_ended_by_court(case, event.measure))
        case _:
            return (event,)
    grounds = Grounds(
        reasons=command.reasons, legal_basis=basis, necessity=command.necessity, nothing_milder=command.nothing_milder
    )
    known = facts.adverse_facts(case, program)
    return (event, *adverse.propose(case.adverse, "measure", grounds, known, subject=about, by=actor.person))


def _takes_part(case: Case) -> None:
    """What ends with participation does not begin without it.

    Raises:
        Refused: `not_taking_part`.
    """
    if consent.PARTICIPATION not in case.consent.given:
        raise Refused(
            "not_taking_part",
            "the participant does not take part, and is not to be asked for more",
            "wait until they take part (give_consent to participation)",
        )


def _ended_by_court(case: Case, number: int) -> Iterator[Event]:
    about = {f"measure/{number}", f"renewal/{number}"}
    for act, proposed in case.adverse.open.items():
        if proposed.subject in about:
            yield adverse.AdverseActLapsed(act=act, because="ended_by_court")
    for act, upheld in case.appeal.open.items():
        if upheld.subject in about:
            yield appeal.UpheldActLapsed(act=act, because="ended_by_court")


def _rule(program: Program) -> DueProcess:
    if program.due_process is None:
        raise Refused(
            "act_not_provided_for",
            "the program provides for no adverse act",
            "it cannot be done; look for another way together with the person",
        )
    return program.due_process


def _appeal_facts(case: Case, program: Program) -> appeal.Facts:
    return appeal.Facts(rule=_rule(program), calendar=program.calendar, involved=facts.involved_in_case(case))


def _learned(case: Case) -> None:
    """A setback is no ground by itself: what the team has to learn from it comes before anything against the person.

    Raises:
        Refused: `learning_owed`.
    """
    if case.setback.reviews:
        owed = ", ".join(map(str, case.setback.reviews))
        raise Refused(
            "learning_owed",
            f"the learning review of setback {owed} was not held, and a setback is no ground by itself",
            "hold it first (record_learning); then say in the proposal what makes the act necessary besides the setback",
        )


def _has_subject(case: Case, command: adverse.ProposeAdverseAct, program: Program, at: datetime) -> None:
    """Check that there is what the act is about.

    Raises:
        Refused: `no_such_step_back`, `no_such_exit`, `no_such_advance`, `gate_not_met`, `nothing_to_reduce`.
    """
    here, to = program.phases[case.phase.phase or ""], command.subject
    transition = program.transition(case.phase.phase or "", to)
    match command.kind:
        case "step_back":
            if to not in here.step_back_to:
                ways = listed(here.step_back_to)
                raise Refused("no_such_step_back", f"no step back leads from here to {to}", f"steps back: {ways}")
        case "exit_for_cause":
            if transition is None or transition.kind != "exit":
                ways = listed(t.to for t in here.transitions if t.kind == "exit")
                raise Refused("no_such_exit", f"no exit leads from here to {to}", f"exits from here: {ways}")
        case "refuse_advance":
            if transition is None or transition.kind != "advance":
                ways = listed(t.to for t in here.transitions if t.kind == "advance")
                raise Refused("no_such_advance", f"no advance leads from here to {to}", f"advances from here: {ways}")
            if facts.gate_unmet(case, program, transition, at):
                raise Refused(
                    "gate_not_met",
                    f"the gate to {to} is not met, so nothing is to be refused",
                    "'offramp case why' lists what the gate waits for",
                )
        case "reduce_support":
            _less(case, to)
        case _:
            assert_never(command.kind)


def _less(case: Case, level: str) -> None:
    levels = list(SUPPORT_LEVELS)
    present = levels.index(case.contact.level)
    if level not in levels or levels.index(level) <= present:
        lower = listed(levels[present + 1 :])
        raise Refused("nothing_to_reduce", f"{level} is not less than {case.contact.level}", f"lower levels: {lower}")


def _route(case: Case, event: Event) -> Iterator[Event]:
    """An upheld act can be appealed; whoever took part in it does not decide on that."""
    if isinstance(event, adverse.AdverseActDecided) and event.outcome == "upheld":
        act = case.adverse.open[event.act]
        took_part = tuple(dict.fromkeys((act.by, *act.votes, *event.uphold, *event.drop)))
        yield appeal.AppealRouteOpened(
            act=event.act, kind=act.kind, subject=act.subject, reasons=act.reasons, took_part=took_part
        )


def _after_service(
    case: Case, program: Program, served: service.ParticipantNoticeServed, at: datetime
) -> tuple[Event, ...]:
    match served.about:
        case "act_proposed":
            return adverse.served(case.adverse, int(served.subject), _rule(program), calendar=program.calendar, at=at)
        case "act_upheld":
            return appeal.served(case.appeal, int(served.subject), _appeal_facts(case, program), of="decision", at=at)
        case "appeal_dismissed":
            return appeal.served(case.appeal, int(served.subject), _appeal_facts(case, program), of="dismissal", at=at)
        case _:
            return ()


def _effects(case: Case, program: Program, number: int, at: datetime) -> tuple[Event, ...]:
    """What the act does, in the rooms that it is about."""
    act = case.appeal.open[number]
    match act.kind:
        case "step_back":
            return enter(case, program, to=act.subject, kind="step_back", act=number, at=at)
        case "exit_for_cause":
            link.require_resolved(case.link)
            return enter(case, program, to=act.subject, kind="exit_for_cause", act=number, at=at)
        case "reduce_support":
            _less(case, act.subject)
            level = next(known for known in SUPPORT_LEVELS if known == act.subject)
            return (contact_form.SupportLevelSet(level=level, direction="less", reasons=act.reasons),)
        case "refuse_advance":
            return ()
        case "measure":
            what, _, which = act.subject.partition("/")
            if what == "renewal":
                return (measure.renew(case.measure, int(which), act=number, calendar=program.calendar, at=at),)
            return (measure.begin(case.measure, int(which), act=number, calendar=program.calendar, at=at),)
        case _:
            assert_never(act.kind)


def enter(
    case: Case,
    program: Program,
    *,
    to: str,
    kind: phase.Move,
    at: datetime,
    number: int | None = None,
    act: int | None = None,
) -> tuple[Event, ...]:
    """The events of entering a phase, by review `number` or by adverse act `act`: what was under way about the former phase is over."""
    closes = program.phases[to].terminal
    over = ALL_KINDS if closes else ABOUT_THE_PHASE
    return (
        *objection.end(case.objection),
        *review.supersede(case.review, by=number or 0),
        *phase.enter(case.phase, to=to, kind=kind, review=number, act=act, phases=program.phases),
        contact_form.ContactScheduleStarted(phase=to),
        *care_facts.enter(case, program, to),
        *adverse.end(case.adverse, kinds=over, because="case_moved_on"),
        *(one for one in appeal.end(case.appeal, kinds=over, because="case_moved_on") if one.act != act),
        *(measure.close(case.measure, at) if closes else ()),
        *(danger.close(case.danger, at) if closes else ()),
    )


def told(event: Event) -> Iterator[tuple[str, str]]:
    """What the participant must be told of an event: (what about, which one)."""
    match event:
        case adverse.AdverseActProposed():
            yield "act_proposed", str(event.act)
        case adverse.AdverseActDecided():
            yield f"act_{event.outcome}", str(event.act)
        case appeal.AppealDecided():
            yield f"appeal_{event.outcome}", str(event.act)
        case appeal.AdverseActTookEffect():
            yield "act_took_effect", str(event.act)
        case adverse.AdverseActLapsed() | appeal.UpheldActLapsed(because="nobody_carried_it_out" | "case_moved_on" | "ended_by_court"):  # fmt: skip
            yield "act_lapsed", str(event.act)
        case measure.MeasureBegan(act=None):
            yield "measure_began", str(event.measure)
        case measure.MeasureEnded():
            yield "measure_ended", str(event.measure)
        case danger.DangerConfirmed():
            yield "danger_confirmed", str(event.danger)
        case danger.DangerEnded(in_force=True):
            yield "danger_ended", str(event.danger)
        case _:
            yield from _told_of_the_way(event)


def _told_of_the_way(event: Event) -> Iterator[tuple[str, str]]:
    """What is told besides acts and measures: how a panel decided, either way, how the case ended, that something takes longer, and that they are of age."""
    match event:
        case review.ReviewDecided():
            yield f"review_{event.outcome}", str(event.review)
        case objection.ObjectionDecided():
            yield f"objection_{event.outcome}", str(event.review)
        case phase.CaseClosed():
            yield "outcome", event.phase
        case phase.CaseReentered(closed=True):
            yield "reopened", str(event.episode)
        case extension.ExtensionApproved():
            yield "more_time", event.clock
        case age.CameOfAge():
            yield "came_of_age", ""
        case _:
            return
