"""Where the rooms of care meet the rest of the case: their commands, what silence adds, and what their events fulfill.

Care is never a reward and never a sanction: nothing in here is withdrawn by a move between phases, a setback, a complaint or a silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, assert_never

from workflows.case import (
    assessment,
    assessment_form,
    care_facts,
    celebration,
    concern,
    contact,
    contact_form,
    custody,
    custody_form,
    fitness,
    follow_up,
    follow_up_form,
    link,
    milestone,
    network,
    network_form,
    phase,
    referral,
    referral_form,
    referrer,
    relative_support,
    safety,
    safety_form,
    setback,
    setback_form,
    support,
    support_form,
)
from workflows.case.state import Case
from workflows.core.kinds import Actor, Command, Event
from workflows.program.model import Program

CareCommand = (
    contact_form.ContactCommand
    | custody_form.CustodyCommand
    | link.LinkCommand
    | support_form.SupportCommand
    | referral_form.ReferralCommand
    | referrer.RecordReferrerFeedback
    | celebration.CelebrationCommand
    | assessment_form.AssessmentCommand
    | concern.ConcernCommand
    | follow_up_form.FollowUpCommand
    | safety_form.SafetyCommand
    | network_form.NetworkCommand
    | relative_support.RelativeSupportCommand
    | setback_form.SetbackCommand
)
_Watching = (
    assessment_form.AssessmentCommand | concern.ConcernCommand | safety_form.SafetyCommand | setback_form.SetbackCommand
)


class Sender(NamedTuple):
    """Who acts, when, the people whom the command names as the staff directory knows them, and how many other cases whoever is to take this one has."""

    actor: Actor
    at: datetime
    staff: Mapping[str, Actor]
    priors: Mapping[str, link.Prior]
    caseload: int


def decide(case: Case, command: CareCommand, program: Program, by: Sender) -> tuple[Event, ...]:
    """Answer a command of care.

    Raises:
        Refused: as the rooms say.
    """
    if isinstance(command, support_form.SupportCommand):
        catalogue = care_facts.support_facts(case, program)
        return support.decide(case.support, command, facts=catalogue, actor=by.actor, at=by.at)
    if isinstance(command, _Watching):
        return _watch(case, command, program, by)
    if isinstance(command, network_form.NetworkCommand | relative_support.RelativeSupportCommand):
        return _of_the_network(case, command, program, by)
    if isinstance(command, referral_form.ReferralCommand):
        grounds = care_facts.referral_facts(case, program, by.at)
        return referral.decide(case.referral, command, facts=grounds, actor=by.actor, at=by.at)
    if isinstance(command, follow_up_form.FollowUpCommand):
        known_rule = care_facts.follow_up_facts(case, program)
        return follow_up.decide(case.follow_up, command, facts=known_rule, actor=by.actor.person, at=by.at)
    if isinstance(command, custody_form.CustodyCommand):
        return _custody(case, command, program, by)
    return _with_people(case, command, program, by)


_WithPeople = (
    contact_form.ContactCommand | celebration.CelebrationCommand | referrer.RecordReferrerFeedback | link.LinkCommand
)  # fmt: skip


def _with_people(case: Case, command: _WithPeople, program: Program, by: Sender) -> tuple[Event, ...]:
    """Who is in touch with the person, who leads, and who they are."""
    match command:
        case (
            contact_form.KeepCheckIn() | contact_form.ExcuseCheckIn() | contact_form.ClassifyAbsence() | contact_form.CorrectAbsence()
            | contact_form.SetSupportLevel()
        ):  # fmt: skip
            owed, calendar = care_facts.contact_facts(case, program), program.calendar
            return contact.decide(case.contact, command, facts=owed, calendar=calendar, actor=by.actor.person, at=by.at)
        case celebration.SetCelebration() | celebration.RecordCelebration():
            return celebration.decide(case.celebration, command, actor=by.actor.person)
        case referrer.RecordReferrerFeedback():
            return referrer.decide(command)
        case link.ReportLink() | link.ConfirmLink() | link.RejectLink():
            known_of = link.Facts(stream=case.stream, priors=by.priors)
            return link.decide(case.link, command, known_of, actor=by.actor.person)
        case _:
            assert_never(command)


def _watch(case: Case, command: _Watching, program: Program, by: Sender) -> tuple[Event, ...]:
    """What watches over the person. After a concern or a setback a fresh look is owed, and nothing else follows against them."""
    person, at = by.actor.person, by.at
    if isinstance(command, safety_form.SafetyCommand):
        policy = care_facts.safety_facts(case, program)
        return safety.decide(case.safety, command, facts=policy, actor=person, at=at)
    if isinstance(command, assessment_form.AssessmentCommand):
        looked = care_facts.assessment_facts(case, program)
        return assessment.decide(case.assessment, command, facts=looked, actor=by.actor, at=at)
    if isinstance(command, concern.ConcernCommand):
        known = care_facts.concern_facts(case, program)
        events: tuple[Event, ...] = concern.decide(case.concern, command, facts=known, actor=person, at=at)
    else:
        events = _setback(case, command, program, by)
    return (*events, *_look_again(case, program, events))


def _look_again(case: Case, program: Program, events: Iterable[Event]) -> tuple[Event, ...]:
    """After a concern or a setback a fresh look at the person is owed."""
    looked, about = care_facts.assessment_facts(case, program), list[tuple[str, int]]()
    for event in events:
        if isinstance(event, concern.ConcernRaised):
            about.append(("concern", event.concern))
        elif isinstance(event, setback_form.SetbackRecorded):
            about.append(("setback", event.setback))
    return tuple(
        owed for what, number in about for owed in assessment.owe(case.assessment, looked, about=what, subject=number)
    )


def _of_the_network(
    case: Case, command: network_form.NetworkCommand | relative_support.RelativeSupportCommand, program: Program, by: Sender
) -> tuple[Event, ...]:  # fmt: skip
    """Answer a command about people close to the participant; a consent of theirs that is taken back ends what rests on it in the same entry."""
    if isinstance(command, relative_support.RelativeSupportCommand):
        theirs = care_facts.relative_facts(case, program)
        return relative_support.decide(case.relative_support, command, facts=theirs, actor=by.actor, at=by.at)
    known = care_facts.network_facts(case, program, by.staff, by.at)
    events = network.decide(case.network, command, facts=known, actor=by.actor.person, at=by.at)
    if isinstance(command, network_form.WithdrawRelativeConsent) and command.scope == "support":
        return (*events, *relative_support.stop(case.relative_support, command.relative))
    return events


def _setback(case: Case, command: setback_form.SetbackCommand, program: Program, by: Sender) -> tuple[Event, ...]:
    """With a setback support steps up, never down, and the safety plan is looked at again; nothing else follows of it."""
    known = care_facts.setback_facts(program)
    events = setback.decide(case.setback, command, facts=known, actor=by.actor.person, at=by.at)
    if not isinstance(command, setback_form.RecordSetback):
        return events
    schedule = care_facts.contact_facts(case, program)
    more = contact.step_up(case.contact, schedule, command.note, calendar=program.calendar, at=by.at)
    return (*events, *more, *safety.call_review(case.safety))


def _custody(case: Case, command: custody_form.CustodyCommand, program: Program, by: Sender) -> tuple[Event, ...]:
    named = next(iter(command.people()), by.actor.person)
    candidate = fitness.Candidate(named, by.staff.get(named), by.caseload)
    known = care_facts.custody_facts(case, program, candidate)
    return custody.decide(case.custody, command, known, actor=by.actor, at=by.at)


def celebrate(case: Case, events: Iterable[Event]) -> tuple[Event, ...]:
    """What the person reached by these events, and is to be told if they want it: milestones verified, and phases reached by moving on."""
    reached: list[tuple[celebration.Reached, str]] = []
    for event in events:
        if isinstance(event, milestone.MilestoneVerified):
            reached.append(("milestone", event.milestone))
        elif isinstance(event, phase.PhaseEntered) and event.kind in {"advance", "exit"}:
            reached.append(("phase", event.phase))
    return celebration.owe(case.celebration, reached)


def responding(case: Case, number: int, program: Program) -> tuple[str, ...]:
    """The roles that are told at once when the trigger of a safety entry occurred: those who agreed to respond, and the lead.

    Partners are not among them: what a partner is told is a disclosure, and takes its own way.
    """
    policy, entry = care_facts.safety_facts(case, program).policy, case.safety.entries.get(number)
    agreed = () if policy is None or entry is None else entry.responders
    roles = (who for who in agreed if policy is not None and who in policy.respond_by)
    return tuple(dict.fromkeys((*roles, program.lead_role)))


def fall_silent(case: Case, key: str) -> tuple[Event, ...]:
    """What the rooms of care add when nobody acted in time."""
    return (
        *contact.fall_silent(case.contact, key), *support.fall_silent(case.support, key), *referral.fall_silent(case.referral, key),
        *network.fall_silent(case.network, key),
    )  # fmt: skip


def first_lead(command: phase.OpenCase | phase.Reenter, program: Program, by: Sender) -> custody_form.LeadAssigned:
    """Who leads the case from its first instant, or from when the person is back.

    Raises:
        Refused: as `fitness.take` says.
    """
    candidate = fitness.Candidate(command.lead, by.staff.get(command.lead), by.caseload)
    taken = fitness.take(candidate, program, by=by.actor, over_caseload=command.over_caseload, at=by.at)
    return custody_form.LeadAssigned.model_validate({"person": command.lead, **taken})


def left(case: Case, at: datetime) -> tuple[Event, ...]:
    """What is to be known before anything is decided: whether whoever is in charge is still here."""
    return custody.left(case.custody, at)


def taker(command: Command, actor: str) -> str | None:
    """Who is to take the case if the command is accepted; None if nobody is."""
    match command:
        case phase.OpenCase() | phase.Reenter():
            return command.lead
        case custody_form.AssignLead():
            return command.person
        case custody_form.AcceptHandover():
            return actor
        case custody_form.BeginAbsence():
            return command.deputy
        case _:
            return None


SETTLES: tuple[tuple[Any, Any], ...] = (
    (contact_form.ContactEvent, contact.settles),
    (custody_form.CustodyEvent, custody.settles),
    (link.LinkEvent, link.settles),
    (support_form.SupportEvent, support.settles),
    (referral_form.ReferralEvent, referral.settles),
    (celebration.CelebrationEvent, celebration.settles),
    (assessment_form.AssessmentEvent, assessment.settles),
    (concern.ConcernEvent, concern.settles),
    (follow_up_form.FollowUpEvent, follow_up.settles),
    (network_form.NetworkEvent, network.settles),
    (relative_support.RelativeSupportEvent, relative_support.settles),
    (safety_form.SafetyEvent, safety.settles),
    (setback_form.SetbackEvent, setback.settles),
)
"""Events of a room of care, and the obligations that they fulfill."""
