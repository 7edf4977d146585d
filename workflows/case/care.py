"""Where the rooms of care meet the rest of the case: their commands, what silence adds, and what their events fulfill.

Care is never a reward and never a sanction: nothing in here is withdrawn by a move between phases, a setback, a complaint or a silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple, assert_never

from workflows.case import (
    care_facts,
    celebration,
    contact,
    custody,
    custody_form,
    follow_up,
    follow_up_form,
    link,
    milestone,
    phase,
    referral,
    referral_form,
    referrer,
    safety,
    safety_form,
    setback,
    setback_form,
    support,
    support_form,
)
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.program.model import Program

CareCommand = (
    contact.ContactCommand
    | custody_form.CustodyCommand
    | link.LinkCommand
    | support_form.SupportCommand
    | referral_form.ReferralCommand
    | referrer.RecordReferrerFeedback
    | celebration.CelebrationCommand
    | follow_up_form.FollowUpCommand
    | safety_form.SafetyCommand
    | setback_form.SetbackCommand
)


class Sender(NamedTuple):
    """Who acts, when, and the people whom the command names, as the staff directory knows them."""

    actor: Actor
    at: datetime
    staff: Mapping[str, Actor]
    priors: Mapping[str, link.Prior]


def decide(case: Case, command: CareCommand, program: Program, by: Sender) -> tuple[Event, ...]:
    """Answer a command of care.

    Raises:
        Refused: as the rooms say.
    """
    if isinstance(command, support_form.SupportCommand):
        catalogue = care_facts.support_facts(case, program)
        return support.decide(case.support, command, facts=catalogue, actor=by.actor, at=by.at)
    if isinstance(command, referral_form.ReferralCommand):
        grounds = care_facts.referral_facts(case, program, by.at)
        return referral.decide(case.referral, command, facts=grounds, actor=by.actor, at=by.at)
    if isinstance(command, follow_up_form.FollowUpCommand):
        known_rule = care_facts.follow_up_facts(case, program)
        return follow_up.decide(case.follow_up, command, facts=known_rule, actor=by.actor.person, at=by.at)
    if isinstance(command, safety_form.SafetyCommand):
        policy = care_facts.safety_facts(case, program)
        return safety.decide(case.safety, command, facts=policy, actor=by.actor.person, at=by.at)
    if isinstance(command, setback_form.SetbackCommand):
        return _setback(case, command, program, by)
    return _with_people(case, command, program, by)


_WithPeople = (
    contact.ContactCommand | celebration.CelebrationCommand | referrer.RecordReferrerFeedback | custody_form.CustodyCommand | link.LinkCommand
)  # fmt: skip


def _with_people(case: Case, command: _WithPeople, program: Program, by: Sender) -> tuple[Event, ...]:
    """Who is in touch with the person, who leads, and who they are."""
    match command:
        case contact.KeepCheckIn() | contact.ExcuseCheckIn() | contact.SetSupportLevel():
            known, calendar = care_facts.contact_facts(case, program), program.calendar
            return contact.decide(
                case.contact, command, facts=known, calendar=calendar, actor=by.actor.person, at=by.at
            )
        case celebration.SetCelebration() | celebration.RecordCelebration():
            return celebration.decide(case.celebration, command, actor=by.actor.person)
        case referrer.RecordReferrerFeedback():
            return referrer.decide(command)
        case (
            custody_form.AssignLead() | custody_form.OfferHandover() | custody_form.AcceptHandover() | custody_form.DeclineHandover()
            | custody_form.WithdrawHandover() | custody_form.BeginAbsence() | custody_form.EndAbsence()
        ):  # fmt: skip
            named = next(iter(command.people()), by.actor.person)
            who = care_facts.candidate(named, program, by.staff, case=case)
            return custody.decide(case.custody, command, who, actor=by.actor, at=by.at)
        case link.ReportLink() | link.ConfirmLink() | link.RejectLink():
            known_of = link.Facts(stream=case.stream, priors=by.priors)
            return link.decide(case.link, command, known_of, actor=by.actor.person)
        case _:
            assert_never(command)


def _setback(case: Case, command: setback_form.SetbackCommand, program: Program, by: Sender) -> tuple[Event, ...]:
    """With a setback support steps up, never down, and the safety plan is looked at again; nothing else follows of it."""
    known = care_facts.setback_facts(program)
    events = setback.decide(case.setback, command, facts=known, actor=by.actor.person, at=by.at)
    if not isinstance(command, setback_form.RecordSetback):
        return events
    schedule = care_facts.contact_facts(case, program)
    more = contact.step_up(case.contact, schedule, command.note, calendar=program.calendar, at=by.at)
    return (*events, *more, *safety.call_review(case.safety))


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
    )  # fmt: skip


SETTLES: tuple[tuple[Any, Any], ...] = (
    (contact.ContactEvent, contact.settles),
    (custody.CustodyEvent, custody.settles),
    (link.LinkEvent, link.settles),
    (support_form.SupportEvent, support.settles),
    (referral_form.ReferralEvent, referral.settles),
    (celebration.CelebrationEvent, celebration.settles),
    (follow_up_form.FollowUpEvent, follow_up.settles),
    (safety_form.SafetyEvent, safety.settles),
    (setback_form.SetbackEvent, setback.settles),
)
"""Events of a room of care, and the obligations that they fulfill."""
