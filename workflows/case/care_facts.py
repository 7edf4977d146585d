"""What the rooms of care must know of one another and of the rights, filled from the case and its program; and what is owed in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflows.case import consent, contact, custody, link
from workflows.case.state import Case
from workflows.core.kinds import Actor
from workflows.core.obligation import Owed
from workflows.program.model import Program


def contact_facts(case: Case, program: Program) -> contact.Facts:
    """The present phase's schedule, the lead, whether the person takes part, and when the check-in owed now is due."""
    owed = case.obligations.get(contact.key(case.contact))
    return contact.Facts(
        schedule=program.contact.get(case.phase.phase or ""), lead=case.custody.lead,
        consented=consent.PARTICIPATION in case.consent.given, due=None if owed is None else owed.due,
        less_takes_agreement=program.due_process is not None,
    )  # fmt: skip


def candidate(person: str, program: Program, staff: Mapping[str, Actor]) -> custody.Facts:
    """Whether a person may lead: as the staff directory knows them at the instant of the command."""
    return custody.Facts(candidate=staff.get(person), lead_role=program.lead_role)


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """What is owed in the rooms of care of an open case."""
    yield from contact.owes(case.contact, contact_facts(case, program))
    yield from link.owes(case.link)
