"""`why`: for each way on, every condition that is not met, who holds it, what they would do, and by when.

The promise, held by a property test: doing exactly what is listed opens the gate, and leaving any one out keeps it shut.
"""

from __future__ import annotations

from datetime import datetime

from workflows.case import phase
from workflows.case.facts import gate_unmet
from workflows.case.state import Case
from workflows.core.kinds import Code, Frozen, Instant
from workflows.program.model import Program, Transition


class Need(Frozen):
    """One unmet condition: what it is about, in words why it is unmet, the roles that hold it, their commands in order, and by when."""

    condition: Code
    subject: str
    why: str
    held_by: tuple[Code, ...]
    do: tuple[Code, ...]
    by: Instant | None = None


class GateReport(Frozen):
    """A way on from the present phase, and what it waits for; with no unmet condition the case would have moved."""

    to: Code
    kind: Code
    unmet: tuple[Need, ...]


def why(case: Case, program: Program, at: datetime) -> tuple[GateReport, ...]:
    """A report for each way on from the present phase, at the instant `at`."""
    if case.closed or case.phase.phase is None:
        return ()
    return tuple(_report(case, program, transition, at) for transition in program.phases[case.phase.phase].transitions)


def _report(case: Case, program: Program, transition: Transition, at: datetime) -> GateReport:
    conditions = [_need(case, program, unmet) for unmet in gate_unmet(case, program, transition, at)]
    return GateReport(
        to=transition.to, kind=transition.kind, unmet=(*conditions, *_approval(case, program, transition))
    )


def _need(case: Case, program: Program, unmet: phase.Unmet) -> Need:
    match unmet.condition:
        case "consent":
            return Need(
                condition="consent", subject=unmet.subject, why="not in force", held_by=_roles(program, "give_consent"),
                do=("give_consent",), by=_due(case, "consent_request/1"),
            )  # fmt: skip
        case "milestone":
            return _milestone(case, program, unmet.subject)
        case "minimum_stay":
            return Need(
                condition="minimum_stay",
                subject=unmet.subject,
                why="the phase lasts at least so long",
                held_by=(),
                do=(),
                by=unmet.until,
            )


def _milestone(case: Case, program: Program, code: str) -> Need:
    rule, standing = program.milestones[code], case.milestone.standing.get(code)
    if standing is not None and standing.status == "claimed":
        due = _due(case, f"milestone_verification/{code}/{standing.claim}")
        reason = f"claim {standing.claim} waits for verification by another person than {standing.claimant}"
        return Need(
            condition="milestone", subject=code, why=reason, held_by=rule.verify_by, do=("verify_milestone",), by=due
        )
    reason = (
        "never claimed"
        if standing is None
        else f"{standing.status} since {program.calendar.local(standing.since):%Y-%m-%d}"
    )
    steps = ("claim_milestone", "verify_milestone")
    return Need(condition="milestone", subject=code, why=reason, held_by=(*rule.claim_by, *rule.verify_by), do=steps)


def _approval(case: Case, program: Program, transition: Transition) -> tuple[Need, ...]:
    panel = program.reviews[transition.gate.review]
    seats = tuple(seat.role for seat in panel.seats)
    found = next(((n, r) for n, r in case.review.open.items() if r.to == transition.to), None)
    if found is None:
        view = ", with the participant's own view" if transition.gate.participant_view else ""
        request = Need(
            condition="review",
            subject=transition.gate.review,
            why=f"not asked for{view}",
            held_by=panel.request_by,
            do=("request_review",),
        )
        return (request, _votes(transition, seats, approvals=panel.approve_with, people=panel.quorum, by=None))
    number, review = found
    approvals = sum(vote.choice == "approve" for vote in review.votes.values())
    return (
        _votes(
            transition,
            seats,
            approvals=panel.approve_with - approvals,
            people=panel.quorum - len(review.votes),
            by=_due(case, f"review_decision/{number}"),
        ),
    )


def _votes(transition: Transition, seats: tuple[str, ...], *, approvals: int, people: int, by: datetime | None) -> Need:
    reason = f"{max(approvals, 0)} more approvals and {max(people, 0)} more voters for the quorum"
    return Need(
        condition="approval", subject=transition.gate.review, why=reason, held_by=seats, do=("approve_review",), by=by
    )


def _roles(program: Program, command: str) -> tuple[str, ...]:
    return program.permissions.get(command, ())


def _due(case: Case, key: str) -> datetime | None:
    obligation = case.obligations.get(key)
    return None if obligation is None else obligation.due
