"""What the rooms of care must know of one another and of the rights, filled from the case and its program; and what is owed in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from workflows.case import (
    celebration,
    consent,
    contact,
    custody,
    follow_up,
    link,
    referral,
    referring,
    safety,
    setback,
    sharing,
    support,
)
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.core.obligation import Owed
from workflows.program.model import Gate, Program

ExitCondition = Literal["sessions", "need", "referrer_feedback", "follow_up"]


def contact_facts(case: Case, program: Program) -> contact.Facts:
    """The present phase's schedule, the lead, whether the person takes part, and when the check-in owed now is due."""
    owed = case.obligations.get(contact.key(case.contact))
    return contact.Facts(
        schedule=program.contact.get(case.phase.phase or ""), lead=case.custody.in_charge,
        consented=consent.PARTICIPATION in case.consent.given, due=None if owed is None else owed.due,
        less_takes_agreement=program.due_process is not None,
    )  # fmt: skip


def candidate(person: str, program: Program, staff: Mapping[str, Actor], *, case: Case | None = None) -> custody.Facts:
    """Whether a person may lead, as the staff directory knows them at the instant of the command, and what whoever leads owes."""
    held = () if case is None else tuple(key for key, one in case.obligations.items() if one.owner == program.lead_role)
    return custody.Facts(candidate=staff.get(person), lead_role=program.lead_role, held=held)


def support_facts(case: Case, program: Program) -> support.Facts:
    """The program's catalogue, and who leads or led the case: they attest nothing in it."""
    return support.Facts.model_construct(care=program.care, leads=_leads(case), referred=case.referral.served)


def _leads(case: Case) -> frozenset[str]:
    return frozenset((*case.custody.former, *((case.custody.lead,) if case.custody.lead else ())))


def safety_facts(case: Case, program: Program) -> safety.Facts:
    """The policy of safety plans, the partners, and who leads or led the case: they take nobody's protection away."""
    policy = None if program.care is None else program.care.safety
    return safety.Facts.model_construct(policy=policy, partners=tuple(program.partners), leads=_leads(case))


def setback_facts(program: Program) -> setback.Facts:
    """The policy of setbacks, and the calendar."""
    policy = None if program.care is None else program.care.setbacks
    return setback.Facts.model_construct(policy=policy, calendar=program.calendar)


def referral_facts(case: Case, program: Program, at: datetime) -> referring.Facts:
    """The catalogue and to whom it refers, open and met needs, plans, partners with whom a referral may be shared at `at`, and who refers."""
    known = support_facts(case, program)
    met = {*case.support.met, *case.referral.served, *support.answered(case.support, known, plans=False)}
    planned = {number: (one.kind, one.provider) for number, one in case.support.active.items() if not one.begun}
    return referring.Facts.model_construct(
        care=program.care, needs=case.support.needs, met=frozenset(met), planned=planned, leads=known.leads, calendar=program.calendar,
        permitted=_permitted(case, program, at), referring=program.permissions.get("request_referral", ()),
    )  # fmt: skip


def _permitted(case: Case, program: Program, at: datetime) -> frozenset[str]:
    """The partners with whom a referral may be shared: consent to it is in force and covers this purpose, or the definition asks for none."""
    rule = None if program.care is None else program.care.referrals
    if rule is None:
        return frozenset()

    def consented(partner: str) -> bool:
        scope = sharing.share_scope(partner)
        agreed = case.consent.agreed.get(scope)
        covers = agreed is None or agreed.purpose is None or agreed.purpose == rule.purpose
        return covers and consent.in_force(case.consent, scope, at)

    return frozenset(one for one in rule.providers if one in rule.without_consent or consented(one))


def follows(case: Case, program: Program, at: datetime) -> Iterator[Event]:
    """What follows of itself in the rooms of care: a referral that nobody took on yet comes back when sharing with its provider ends."""
    if not case.closed and any(one.status == "requested" for one in case.referral.open.values()):
        yield from referral.without_consent(case.referral, _permitted(case, program, at))


def follow_up_facts(case: Case, program: Program) -> follow_up.Facts:
    """The program's follow-ups and calendar, who leads or led the case, and whether the person may be sought."""
    rule = None if program.care is None else program.care.follow_up
    return follow_up.Facts.model_construct(
        rule=rule, calendar=program.calendar, leads=_leads(case), takes_part=_followed(case, program), erased=case.retention.erased_at is not None
    )  # fmt: skip


def _followed(case: Case, program: Program) -> bool:
    """Whether the consent is in force on which follow-ups rest."""
    scope = program.rests_on.get("follow_up")
    return scope is None or scope in case.consent.given


def enter(case: Case, program: Program, to: str) -> tuple[Event, ...]:
    """What the rooms of care add when the case enters the phase `to`."""
    return follow_up.enter(case.follow_up, None if program.care is None else program.care.follow_up, to=to)


def exit_unmet(case: Case, program: Program, gate: Gate) -> Iterator[tuple[ExitCondition, str]]:
    """What a gate asks of support, needs, the referrer and follow-ups and does not find: (condition, subject) each."""
    needs = case.support.needs if gate.needs_addressed else ()
    if gate.support_delivered:
        # Where nothing was delivered and needs are open, whatever answers the first of them is what is missing.
        missing = () if needs and not case.support.active else tuple(support.undelivered(case.support))
        yield from (("sessions", subject) for subject in missing)
    yield from (("need", need) for need in needs)
    if gate.referrer_feedback and case.referrer.recorded_at is None:
        yield "referrer_feedback", "missing"
    if gate.follow_ups_settled and _followed(case, program):
        yield from (("follow_up", str(number)) for number in case.follow_up.open)


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """What is owed in the rooms of care of an open case."""
    yield from contact.owes(case.contact, contact_facts(case, program))
    yield from custody.owes(case.custody)
    yield from support.owes(case.support, support_facts(case, program))
    yield from referral.owes(case.referral, case.support.needs)
    yield from celebration.owes(case.celebration)
    yield from follow_up.owes(case.follow_up)
    yield from link.owes(case.link)
    if program.care is not None:
        phase, opened_at = case.phase.phase or program.first_phase, case.phase.opened_at
        yield from safety.owes(case.safety, program.care.safety, phase=phase, opened_at=opened_at)
