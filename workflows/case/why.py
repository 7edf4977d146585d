"""`why`: for each way on, every condition that is not met, who holds it, what they would do, and by when.

The promise, held by a property test: doing exactly what is listed opens the gate, and leaving any one out keeps it shut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from workflows.case import care_facts, consent, phase, review
from workflows.case.facts import gate_unmet, involved
from workflows.case.state import Case
from workflows.core.kinds import Code, Frozen, Instant
from workflows.program.model import Panel, Program, Transition

DELIVERING = ("plan_support", "begin_support", "attest_session", "complete_support")
"""The commands by which a support is delivered, in order."""


class Need(Frozen):
    """One unmet condition: what it is about, in words why it is unmet, the roles that hold it, their commands in order, and by when."""

    condition: Code
    subject: str
    why: str
    held_by: tuple[Code, ...]
    do: tuple[Code, ...]
    by: Instant | None = None


class GateReport(Frozen):
    """A way on from the present phase, and what it waits for, in the order in which to do it."""

    to: Code
    kind: Code
    unmet: tuple[Need, ...]


def why(case: Case, program: Program, at: datetime) -> tuple[GateReport, ...]:
    """A report for each way on from the present phase, at the instant `at`."""
    if case.closed or case.phase.phase is None:
        return ()
    return tuple(_report(case, program, transition, at) for transition in program.phases[case.phase.phase].transitions)


def _report(case: Case, program: Program, transition: Transition, at: datetime) -> GateReport:
    now = gate_unmet(case, program, transition, at)
    stay = tuple(unmet for unmet in now if unmet.until is not None)
    # What would grow old before the gate can open is listed too: whoever did only the rest would find it shut again.
    opens = max((unmet.until for unmet in stay if unmet.until is not None), default=at)
    conditions = (*stay, *gate_unmet(case, program, transition, opens))
    return GateReport(
        to=transition.to,
        kind=transition.kind,
        unmet=(*(_need(case, program, unmet) for unmet in conditions), *_approval(case, program, transition)),
    )


def _need(case: Case, program: Program, unmet: phase.Unmet) -> Need:
    match unmet.condition:
        case "consent":
            return _consent(case, program, unmet.subject)
        case "milestone":
            return _milestone(case, program, unmet.subject)
        case "sessions":
            return _sessions(case, program, unmet.subject)
        case "need":
            return _open_need(case, program, unmet.subject)
        case "referrer_feedback":
            roles = program.permissions.get("record_referrer_feedback", ())
            return Need(
                condition="referrer_feedback", subject="missing", why="the referrer was not heard", held_by=roles, do=("record_referrer_feedback",)
            )  # fmt: skip
        case "assessment":
            return _assessment(case, program, unmet.subject)
        case "concern":
            return _concern(case, program, int(unmet.subject))
        case "follow_up":
            return _follow_up(case, program, unmet.subject)
        case "minimum_stay":
            why_not = "the phase lasts at least so long"
            return Need(condition="minimum_stay", subject=unmet.subject, why=why_not, held_by=(), do=(), by=unmet.until)
        case "refusal":
            why_not = "the move was refused, and is not put to a panel before"
            return Need(condition="refusal", subject=unmet.subject, why=why_not, held_by=(), do=(), by=unmet.until)
        case "possible_link":
            asked = case.link.open[int(unmet.subject)]
            return Need(
                condition="possible_link", subject=unmet.subject, held_by=program.permissions.get("confirm_link", ()), do=("confirm_link",),
                why=f"{asked.other} may be a case of the same person; another person than {asked.by} confirms or rejects it",
                by=_due(case, f"possible_link/{unmet.subject}"),
            )  # fmt: skip


def _follow_up(case: Case, program: Program, number: str) -> Need:
    one, do = case.follow_up.open[int(number)], ("record_follow_up",)
    tried = f"{len(one.attempts)} attempts are on record" if one.attempts else "nobody has tried yet"
    reason = f"the one {one.term} after the exit is not held, declined, or judged unreached; {tried}"
    by = _due(case, f"follow_up/{number}")
    return Need(condition="follow_up", subject=number, why=reason, held_by=_holders(program, do), do=do, by=by)


def _holders(program: Program, commands: Iterable[str]) -> tuple[str, ...]:
    """Everybody who may send one of these commands."""
    return tuple(dict.fromkeys(role for command in commands for role in program.permissions.get(command, ())))


def _sessions(case: Case, program: Program, subject: str) -> Need:
    number = int(subject.rpartition(" ")[2]) if subject[0].isdigit() else None
    held = None if number is None else case.support.active.get(number)
    if held is None:
        do: tuple[str, ...] = DELIVERING
        reason = "no support was ever delivered"
    else:
        steps = (held.begun, held.sessions >= held.promised, False)
        do = tuple(command for command, done in zip(DELIVERING[1:], steps, strict=True) if not done)
        reason = f"{held.kind} by {held.provider} is not delivered; a reasoned end_support by another person than the lead ends it too"
    keys = () if held is None else (f"support_session/{number}/{held.sessions + 1}", f"support_start/{number}")
    dues = [due for key in keys if (due := _due(case, key)) is not None]
    return Need(
        condition="sessions",
        subject=subject,
        why=reason,
        held_by=_holders(program, do),
        do=do,
        by=min(dues, default=None),
    )


def _open_need(case: Case, program: Program, need: str) -> Need:
    served = need in care_facts.answered(case, program)
    do = ("close_need",) if served else (*DELIVERING, "close_need")
    reason = "unaddressed" if served else "unaddressed, and no support answers it yet"
    asked = tuple(_asked(case, need))
    dues = [due for _, key in asked if (due := _due(case, key)) is not None]
    return Need(
        condition="need", subject=need, why="; ".join((reason, *(text for text, _ in asked))), held_by=_holders(program, do), do=do,
        by=min(dues, default=None),
    )  # fmt: skip


def _asked(case: Case, need: str) -> Iterator[tuple[str, str]]:
    """What referrals and circles hold the need up, in words, each with the key of what is owed in it."""
    step = {"requested": "reply", "accepted": "progress", "in_progress": "outcome", "returned": "alternative"}
    for number, one in case.referral.open.items():
        if one.need == need:
            back = (
                f" ({one.because}, wants {one.needs} met first)"
                if one.needs
                else f" ({one.because})"
                if one.because
                else ""
            )
            stands = f"referral {number} to {one.provider} is {one.status.replace('_', ' ')}{back}"
            yield stands, f"referral_{step[one.status]}/{number}"
    for number, found in case.referral.circles.items():
        if need in found.needs:
            yield f"circle {number} of preconditions waits for a chair of the panel", f"circular_precondition/{number}"


def _assessment(case: Case, program: Program, subject: str) -> Need:
    made = case.assessment.made_at
    reason = (
        "never made"
        if made is None
        else f"last made on {program.calendar.local(made):%Y-%m-%d}, which is too long ago by then"
    )
    kinds = {"assessment_baseline", "assessment_renewal", "reassessment"}
    dues = [one.due for one in case.obligations.values() if one.kind in kinds]
    do = ("record_assessment",)
    return Need(condition="assessment", subject=subject, why=reason, held_by=_holders(program, do), do=do, by=min(dues, default=None))  # fmt: skip


def _concern(case: Case, program: Program, number: int) -> Need:
    held = case.concern.open[number]
    waits = held.answered_at is None
    do = ("answer_concern", "close_concern") if waits else ("close_concern",)
    kind = program.care.concerns.get(held.kind) if program.care is not None else None
    reason = f"{held.kind if kind is None else kind.title}: {'nobody answered it yet' if waits else 'answered'}; another person than who leads closes it"
    due = _due(case, f"concern_{'response' if waits else 'closure'}/{number}")
    return Need(condition="concern", subject=str(number), why=reason, held_by=_holders(program, do), do=do, by=due)


def _consent(case: Case, program: Program, scope: str) -> Need:
    reason = "not in force"
    if scope in case.consent.given:
        asked = case.consent.asked.get(scope)
        reason = "past its end, and to be given anew" if asked is None else "asked for anew"
        reason = "asked of the person alone, who came of age" if asked is not None and asked.own else reason
    about = tuple(
        f"{kind}/{scope}/" for kind in ("consent_request", "own_consent", "consent_renewal", "sharing_renewal")
    )
    first = ("consent_request/1",) if scope == consent.PARTICIPATION else ()
    dues = [one.due for key, one in case.obligations.items() if key.startswith(about) or key in first]
    return Need(
        condition="consent", subject=scope, why=reason, held_by=program.permissions.get("give_consent", ()), do=("give_consent",),
        by=min(dues, default=None),
    )  # fmt: skip


def _milestone(case: Case, program: Program, code: str) -> Need:
    rule, standing = program.milestones[code], case.milestone.standing.get(code)
    if standing is not None and standing.status == "claimed":
        return Need(
            condition="milestone", subject=code, held_by=rule.verify_by, do=("verify_milestone",),
            why=f"claim {standing.claim} waits for verification by another person than {standing.claimant}",
            by=_due(case, f"milestone_verification/{code}/{standing.claim}"),
        )  # fmt: skip
    reason, by = "never claimed", _due(case, f"phase_overstay/{case.phase.phase}")
    if standing is not None:
        reason = f"{standing.status} since {program.calendar.local(standing.since):%Y-%m-%d}"
        stands = standing.verification
        if stands is not None and rule.valid_for is not None:
            by = program.calendar.after(stands.at, rule.valid_for).at
            reason = f"{reason}, and counts for {rule.valid_for} only"
    roles = tuple(dict.fromkeys((*rule.claim_by, *rule.verify_by)))
    return Need(
        condition="milestone",
        subject=code,
        why=reason,
        held_by=roles,
        do=("claim_milestone", "verify_milestone"),
        by=by,
    )


def _approval(case: Case, program: Program, transition: Transition) -> tuple[Need, ...]:
    panel = program.reviews[transition.gate.review]
    found = next(((n, r) for n, r in case.review.open.items() if r.to == transition.to), None)
    if found is not None:
        number, asked = found
        people = involved(case, program, transition, asked.requested_by, barred=asked.barred)
        counting = review.independent(asked, people)
        return (_votes(transition, panel, counting, by=_due(case, f"review_decision/{number}")),)
    view = ", with the participant's own view" if transition.gate.participant_view else ""
    request = Need(
        condition="review", subject=transition.gate.review, why=f"not asked for{view}", held_by=panel.request_by,
        do=("request_review",), by=_due(case, f"phase_overstay/{case.phase.phase}"),
    )  # fmt: skip
    return (request, _votes(transition, panel, {}, by=None))


def _votes(transition: Transition, panel: Panel, votes: Mapping[str, review.Vote], *, by: datetime | None) -> Need:
    approvals = panel.approve_with - sum(vote.choice == "approve" for vote in votes.values())
    organizations = panel.organizations - len({vote.organization for vote in votes.values() if vote.organization})
    seats = [role for role in panel.must_include if role not in {vote.seat for vote in votes.values()}]
    missing = [
        f"{approvals} more to approve" if approvals > 0 else "",
        f"{panel.quorum - len(votes)} more to vote for the quorum" if len(votes) < panel.quorum else "",
        f"a vote of {' and of '.join(seats)}" if seats else "",
        f"votes from {organizations} more organizations" if organizations > 0 else "",
    ]
    waiting = ", ".join(part for part in missing if part)
    return Need(
        condition="approval", subject=transition.gate.review, do=("approve_review",), by=by,
        held_by=tuple(seat.role for seat in panel.seats),
        why=waiting or "the votes suffice; whoever approved confirms it, now that the conditions hold again",
    )  # fmt: skip


def _due(case: Case, key: str) -> datetime | None:
    obligation = case.obligations.get(key)
    return None if obligation is None else obligation.due
