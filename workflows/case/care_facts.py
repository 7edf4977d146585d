"""What the rooms of care must know of one another and of the rights, filled from the case and its program; and what is owed in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from workflows.case import celebration, consent, contact, custody, fitness, link, support
from workflows.case.state import Case
from workflows.core.obligation import Owed
from workflows.program.model import Gate, Program

ExitCondition = Literal["sessions", "need", "referrer_feedback"]


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
    leads = frozenset((*case.custody.former, *((case.custody.lead,) if case.custody.lead else ())))
    return support.Facts.model_construct(care=program.care, leads=leads)


def exit_unmet(case: Case, gate: Gate) -> Iterator[tuple[ExitCondition, str]]:
    """What a gate asks of support, needs and the referrer and does not find: (condition, subject) each."""
    needs = case.support.needs if gate.needs_addressed else ()
    if gate.support_delivered:
        # Where nothing was delivered and needs are open, whatever answers the first of them is what is missing.
        missing = () if needs and not case.support.active else tuple(support.undelivered(case.support))
        yield from (("sessions", subject) for subject in missing)
    yield from (("need", need) for need in needs)
    if gate.referrer_feedback and case.referrer.recorded_at is None:
        yield "referrer_feedback", "missing"


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """What is owed in the rooms of care of an open case."""
    yield from contact.owes(case.contact, contact_facts(case, program))
    yield from custody.owes(case.custody)
    yield from support.owes(case.support, support_facts(case, program))
    yield from celebration.owes(case.celebration)
    yield from link.owes(case.link)
