"""What the rooms of care must know of one another and of the rights, filled from the case and its program; and what is owed in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from workflows.case import (
    assessment,
    celebration,
    concern,
    consent,
    contact,
    custody,
    fitness,
    follow_up,
    link,
    network,
    referral,
    referring,
    relative_support,
    safety,
    setback,
    sharing,
    support,
)
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.core.obligation import Owed
from workflows.program.model import Gate, Program

OWED_TO_RELATIVES = frozenset({"relative_support_offer", "relative_session", "relative_consent_renewal"})
"""Kinds of obligation that rest on a relative's own consent: no act of the participant touches them, and no word to the participant tells of them."""
CareCondition = Literal["sessions", "need", "referrer_feedback", "follow_up", "assessment", "concern"]


def contact_facts(case: Case, program: Program) -> contact.Facts:
    """The present phase's schedule, the lead, whether the person takes part, and when the check-in owed now is due."""
    owed = case.obligations.get(contact.key(case.contact))
    return contact.Facts(
        schedule=program.contact.get(case.phase.phase or ""), lead=case.custody.in_charge,
        consented=consent.PARTICIPATION in case.consent.given, due=None if owed is None else owed.due,
        less_takes_agreement=program.due_process is not None,
    )  # fmt: skip


def custody_facts(case: Case, program: Program, candidate: fitness.Candidate) -> custody.Facts:
    """Who is to take the case, as the staff directory knows them at the instant of the command, and what whoever leads owes."""
    held = tuple(key for key, one in case.obligations.items() if one.owner == program.lead_role)
    return custody.Facts(candidate, program, held)


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


def answered(case: Case, program: Program, *, plans: bool = True) -> frozenset[str]:
    """The needs that a support in force or a delivered one answers, or a completed referral; with `plans` False, what is only planned left out."""
    kinds = {} if program.care is None else program.care.supports
    found = (*case.support.delivered, *(one.kind for one in case.support.active.values() if plans or one.begun))
    return frozenset((*case.referral.served, *(kinds[kind].answers for kind in found if kind in kinds)))


def _at_work(case: Case, program: Program) -> frozenset[str]:
    """The needs for which a referral is open, or a support owes something yet: its beginning, or a session."""
    kinds = {} if program.care is None else program.care.supports
    found = (one.kind for one in case.support.active.values() if not one.begun or one.sessions < one.promised)
    sent = (one.need for one in case.referral.open.values())
    return frozenset((*sent, *(kinds[kind].answers for kind in found if kind in kinds)))


def referral_facts(case: Case, program: Program, at: datetime) -> referring.Facts:
    """The catalogue and to whom it refers, open and met needs, plans, partners with whom a referral may be shared at `at`, and who refers."""
    known = support_facts(case, program)
    met = {*case.support.met, *answered(case, program, plans=False)}
    planned = {number: (one.kind, one.provider) for number, one in case.support.active.items() if not one.begun}
    return referring.Facts.model_construct(
        care=program.care, needs=case.support.needs, met=frozenset(met), planned=planned, leads=known.leads, calendar=program.calendar,
        permitted=_permitted(case, program, at), referring=program.permissions.get("request_referral", ()),
        erased_at=case.retention.erased_at,
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


def network_facts(case: Case, program: Program, staff: Mapping[str, Actor], at: datetime) -> network.Facts:
    """The program's network and calendar, whether the participant permits contact at `at`, the staff named, and what relatives get for themselves."""
    rule = None if program.care is None else program.care.network
    permitted = rule is not None and consent.in_force(case.consent, rule.participant_scope, at)
    return network.Facts.model_construct(
        rule=rule, calendar=program.calendar, permitted=permitted, staff=staff, supported=relative_support.resting(case.relative_support)
    )  # fmt: skip


def relative_facts(case: Case, program: Program) -> relative_support.Facts:
    """What the program offers relatives, who of them is on record and consents to support, and who leads or led the case; nobody once it is erased."""
    if case.retention.erased_at is not None:
        nobody: frozenset[int] = frozenset()
        return relative_support.Facts.model_construct(rule=None, known=nobody, consenting=nobody, leads=_leads(case))
    rule = None if program.care is None else program.care.network
    consenting = frozenset(n for n, one in case.network.relatives.items() if "support" in one.consents)
    known = frozenset(case.network.relatives)
    return relative_support.Facts.model_construct(rule=rule, known=known, consenting=consenting, leads=_leads(case))


def owed_to_relatives(case: Case, program: Program) -> Iterator[Owed]:
    """What relatives are owed for themselves, whatever becomes of the case, until its record is erased."""
    if case.retention.erased_at is None:
        yield from relative_support.owes(case.relative_support, None if program.care is None else program.care.network)


def enter(case: Case, program: Program, to: str) -> tuple[Event, ...]:
    """What the rooms of care add when the case enters the phase `to`."""
    return follow_up.enter(case.follow_up, None if program.care is None else program.care.follow_up, to=to)


def assessment_facts(case: Case, program: Program) -> assessment.Facts:
    """The program's instruments and schedule, the present phase, since when the person is here, and the number of that beginning."""
    return assessment.Facts.model_construct(
        care=program.care, phase=case.phase.phase, calendar=program.calendar, begun_at=case.phase.begun_at,
        beginning=case.contact.pauses + case.phase.episode,
    )  # fmt: skip


def concern_facts(case: Case, program: Program) -> concern.Facts:
    """The program's kinds of concern, and who leads or led the case: they close none of it."""
    return concern.Facts.model_construct(care=program.care, leads=_leads(case))


def unmet(case: Case, program: Program, gate: Gate, at: datetime) -> Iterator[tuple[CareCondition, str]]:
    """What a gate asks of assessments, concerns, support, needs, the referrer and follow-ups and does not find at `at`: (condition, subject) each."""
    within = gate.assessed_within
    if within is not None and not assessment.fresh(case.assessment, within, calendar=program.calendar, at=at):
        yield "assessment", f"within {within}"
    yield from (("concern", str(number)) for number in (case.concern.open if gate.concerns_closed else ()))
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


def _unanswered(case: Case, program: Program) -> Iterator[Owed]:
    """An answer to each open need for which no support owes anything and no referral is open: it is planned, referred, or closed with reasons."""
    changed = [at for at in (case.support.changed, case.referral.changed) if at is not None]
    if not case.support.needs or not changed:
        return
    at_work = _at_work(case, program)
    for need in case.support.needs:
        if need not in at_work:
            yield Owed(key=f"need_answer/{need}", kind="need_answer", since=max(changed))


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """What is owed in the rooms of care of an open case."""
    yield from contact.owes(case.contact, contact_facts(case, program))
    yield from custody.owes(case.custody)
    yield from support.owes(case.support, support_facts(case, program))
    yield from referral.owes(case.referral, case.support.needs)
    yield from _unanswered(case, program)
    yield from celebration.owes(case.celebration)
    yield from follow_up.owes(case.follow_up)
    yield from network.owes(case.network, None if program.care is None else program.care.network)
    yield from link.owes(case.link)
    yield from assessment.owes(case.assessment, assessment_facts(case, program))
    if case.concern.open:
        yield from concern.owes(case.concern, concern_facts(case, program))
    if program.care is not None:
        phase, opened_at = case.phase.phase or program.first_phase, case.phase.opened_at
        yield from safety.owes(case.safety, program.care.safety, phase=phase, opened_at=opened_at)
