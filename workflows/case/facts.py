"""What the rooms must know of one another, filled from the case and its program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from workflows.case import consent, contact, milestone, notice, phase, review
from workflows.case.state import Case
from workflows.core.obligation import Owed
from workflows.program.model import Program, Transition


def gate_facts(case: Case, program: Program, at: datetime) -> phase.Facts:
    """What a gate asks: the milestones that stand verified at `at`, however late the clock is, and the scopes of consent in force."""
    verified = frozenset(
        code
        for code, standing in case.milestone.standing.items()
        if milestone.holds(standing, program.milestones[code], calendar=program.calendar, at=at)
    )
    return phase.Facts(verified=verified, consented=frozenset(case.consent.given))


def gate_unmet(case: Case, program: Program, transition: Transition, at: datetime) -> tuple[phase.Unmet, ...]:
    """The conditions of the transition's gate that do not hold at `at`, apart from the panel's approval."""
    return phase.unmet(
        case.phase, transition.gate, facts=gate_facts(case, program, at), calendar=program.calendar, at=at
    )


def involved(case: Case, transition: Transition, requested_by: str | None) -> Mapping[str, str]:
    """Who took part in what the panel judges, and how: they may not vote (separation of duties)."""
    people: dict[str, str] = {}
    for code in transition.gate.milestones:
        standing = case.milestone.standing.get(code)
        if standing is not None:
            people.setdefault(standing.claimant, f"claimed the milestone {code}")
            if standing.verification is not None:
                people.setdefault(standing.verification.claimant, f"claimed the milestone {code}")
                people.setdefault(standing.verification.verifier, f"verified the milestone {code}")
    if requested_by is not None:
        people.setdefault(requested_by, "asked for this review")
    if case.custody.lead is not None:
        people.setdefault(case.custody.lead, "leads this case")
    for person in case.custody.former:
        people.setdefault(person, "led this case before")
    return people


def review_facts(
    case: Case, program: Program, transition: Transition, *, requested_by: str | None, at: datetime
) -> review.Facts:
    """What a review must know."""
    return review.Facts(
        panels=program.reviews, panel=transition.gate.review, needs_view=transition.gate.participant_view,
        unmet=tuple(f"{u.condition} {u.subject}" for u in gate_unmet(case, program, transition, at)),
        involved=involved(case, transition, requested_by),
    )  # fmt: skip


def contact_facts(case: Case, program: Program) -> contact.Facts:
    """The present phase's schedule, the lead, whether the person takes part, and when the check-in owed now is due."""
    owed = case.obligations.get(contact.key(case.contact))
    return contact.Facts(
        schedule=program.contact.get(case.phase.phase or ""), lead=case.custody.lead,
        consented=consent.PARTICIPATION in case.consent.given, due=None if owed is None else owed.due,
    )  # fmt: skip


def milestone_facts(program: Program) -> milestone.Facts:
    """The program's milestones and kinds of evidence."""
    return milestone.Facts.model_construct(
        milestones=program.milestones, evidence_kinds=program.evidence_kinds, calendar=program.calendar
    )


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """Everything that is owed in the case now: an obligation is open exactly while a room says so."""
    yield from notice.owes(case.notice)
    if case.closed or not case.opened:
        return
    present = program.phases[case.phase.phase or program.first_phase]
    needed = {code for transition in present.transitions for code in transition.gate.milestones}
    yield from phase.owes(case.phase, program.phases)
    yield from consent.owes(case.consent, asked_since=case.phase.opened_at)
    yield from contact.owes(case.contact, contact_facts(case, program))
    yield from milestone.owes(case.milestone, milestones=program.milestones, needed=needed)
    yield from review.owes(case.review)
