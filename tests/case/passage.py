"""A whole passage through a program, step by step: who sends which command when, from opening to closure.

The steps say nothing of the clock: whoever plays them lets time act in between, on the pure core or on the real engine, and every step is accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from tests.case.examples import MONDAY, Story, enough_evidence, judged, note, person
from workflows.case.assessment import fresh
from workflows.case.facts import involved
from workflows.core.calendar import Term
from workflows.program.model import Panel, Transition

SETTLING_IN = Term(3, "weeks")
"""How long the participant of this passage stays in a phase that asks for no shortest stay."""
AHEAD = timedelta(hours=3)
"""How long before it is due the lead keeps in touch and reviews progress."""
MEETING = timedelta(minutes=10)
TOMORROW = timedelta(days=1)


class Step(NamedTuple):
    """A command, who sends it, and when."""

    at: datetime
    actor: str
    command: dict[str, Any]


def passage(code: str, *, start: datetime = MONDAY) -> Iterator[Step]:
    """The steps by which a made-up participant passes through the shipped program `code`, by the first way on of each phase."""
    story = Story(code, at=start)
    yield from _opening(story)
    while not story.case.closed:
        transition = story.program.phases[story.case.phase.phase or ""].transitions[0]
        yield from _staying(story, transition)
        yield from _delivering(story, transition)
        yield from _assessing(story, transition)
        yield from _verifying(story, transition)
        yield from _deciding(story, transition)
        yield from _telling(story)


def _telling(story: Story) -> Iterator[Step]:
    """The lead tells the person what was decided."""
    for notice in story.case.service.owed:
        yield _step(story, person(story.program.lead_role), "record_service", notice=notice, how="in_person", language="de", proof=note(9))  # fmt: skip


def _step(story: Story, actor: str, command: str, **fields: Any) -> Step:
    story.do(actor, command, **fields)
    return Step(story.at, actor, {"type": command, **fields})


def _opening(story: Story) -> Iterator[Step]:
    """The case is opened for its lead, its lawful basis is recorded, and an hour later a safety plan is agreed and the person consents to what the gates ask for."""
    program, lead = story.program, person(story.program.lead_role)
    (opener, *_) = story.holders(*program.permissions["open_case"])
    yield _step(
        story, opener, "open_case", program=program.program, version=program.version, lead=lead, support_level="medium",
        eligibility=note(2),
    )  # fmt: skip
    if program.lawful_basis is not None:
        (recorder, *_) = story.holders(*program.permissions["record_lawful_basis"])
        yield _step(story, recorder, "record_lawful_basis", basis=program.lawful_basis.otherwise, reasons=note(8))
    story.later(hours=1)
    yield from _telling(story)
    if program.care is not None and program.care.safety is not None:
        threat = next(iter(program.care.safety.threats))
        plan = {"layer": "person", "threat": threat, "trigger": note(13), "response": note(14), "words": note(15)}
        yield _step(story, lead, "plan_safety", **plan, responders=["person", program.lead_role])
    for scope in {scope: None for _, transition in program.gates() for scope in transition.gate.consent}:
        yield _step(story, lead, "give_consent", scope=scope, form_version="form_1", language="en", explained_by=lead)


def _staying(story: Story, transition: Transition) -> Iterator[Step]:
    """Whatever the schedule asks (check-ins, reviews, consents and bases asked again) is done shortly before it is due, until the phase may end."""
    entered = story.case.phase.entered_at or story.at
    leaving = story.program.calendar.after(entered, transition.gate.minimum_stay or SETTLING_IN).at
    while owed := [(o.due, o.key) for o in story.case.obligations.values() if _kept(story, o.key)]:
        due, key = min(owed)
        if due - AHEAD > leaving:
            break
        story.until(due - AHEAD)
        command, fields = _kept(story, key) or ("", {})
        (actor, *_) = story.holders(*story.program.permissions[command])
        yield _step(story, actor, command, **fields)
    story.until(leaving)


def _kept(story: Story, key: str) -> tuple[str, dict[str, Any]] | None:
    """The command that keeps what is owed by a schedule; None for what is not kept here."""
    kind, _, rest = key.partition("/")
    subject, lead = rest.split("/")[0], person(story.program.lead_role)
    acts: dict[str, tuple[str, dict[str, Any]]] = {
        "check_in": ("keep_check_in", {"channel": "in_person"}),
        "progress_review": ("review_progress", {"direction": "forward", "summary": note(3)}),
        "safety_plan_review": ("review_safety_plan", {"summary": note(16)}),
        "consent_renewal": ("give_consent", {"scope": subject, "form_version": "form_1", "language": "en", "explained_by": lead}),
        "assessment_baseline": ("record_assessment", {"trigger": "entry", **judged(story.program)}),
        "assessment_renewal": ("record_assessment", {"trigger": "schedule", **judged(story.program)}),
        "follow_up": ("record_follow_up", {"follow_up": int(subject) if subject.isdigit() else 0, "channel": "call", "account": note(13)}),
        "lawful_basis_review": ("record_lawful_basis", {"basis": subject, "reasons": note(8)}),
    }  # fmt: skip
    return acts.get(kind)


def _delivering(story: Story, transition: Transition) -> Iterator[Step]:
    """Where the gate asks for it: a need, the support that answers it, its sessions attested by the provider, and the referrer heard."""
    lead = person(story.program.lead_role)
    if transition.gate.support_delivered and story.program.care is not None:
        number, (code, kind) = story.case.support.next_number, next(iter(story.program.care.supports.items()))
        attester = next(iter(story.holders(*kind.attest_by)))
        provider, starts = story.staff[attester].organization or "", (story.at + TOMORROW).isoformat()
        yield _step(story, lead, "identify_need", need=kind.answers, note=note(9))
        yield _step(
            story, lead, "plan_support", kind=code, provider=provider, sessions=2, starts=starts, agreed=note(10)
        )
        yield _step(story, lead, "begin_support", support=number)
        for _ in range(2):
            story.later(hours=1)
            yield _step(story, attester, "attest_session", support=number)
        yield _step(story, lead, "complete_support", support=number)
        yield _step(story, lead, "close_need", need=kind.answers, how="addressed", reasons=note(11))
    if transition.gate.referrer_feedback:
        yield _step(story, lead, "record_referrer_feedback", outcome="heard", note=note(12))


def _assessing(story: Story, transition: Transition) -> Iterator[Step]:
    """Where the gate asks for it and the last is too old, the person is assessed anew."""
    within, made = transition.gate.assessed_within, story.case.assessment
    if within is not None and not fresh(made, within, calendar=story.program.calendar, at=story.at):
        (assessor, *_) = story.holders(*story.program.permissions["record_assessment"])
        yield _step(story, assessor, "record_assessment", trigger="before_move", **judged(story.program))


def _verifying(story: Story, transition: Transition) -> Iterator[Step]:
    """Each milestone of the gate is claimed by one person and verified by another."""
    for milestone in transition.gate.milestones:
        rule = story.program.milestones[milestone]
        (claimant, *_) = story.holders(*rule.claim_by)
        pieces = enough_evidence(story.program, milestone, story.at)
        yield _step(story, claimant, "claim_milestone", milestone=milestone, evidence=pieces)
        story.later(minutes=10)
        verifier = next(who for who in story.holders(*rule.verify_by) if who != claimant)
        yield _step(story, verifier, "verify_milestone", milestone=milestone, reasons=note(4))


def _deciding(story: Story, transition: Transition) -> Iterator[Step]:
    """The panel is asked, and its members approve one after the other until it is decided."""
    panel, number = story.program.reviews[transition.gate.review], story.case.review.next_number
    (asker, *_) = story.holders(*panel.request_by)
    view = {"participant_view": note(6)} if transition.gate.participant_view else {}
    yield _step(story, asker, "request_review", to=transition.to, reasons=note(5), **view)
    for voter in _voters(story, panel, involved(story.case, story.program, transition, asker)):
        if number not in story.case.review.open:
            break
        story.later(seconds=MEETING.total_seconds())
        yield _step(story, voter, "approve_review", review=number, reasons=note(7))


def _voters(story: Story, panel: Panel, taking_part: Mapping[str, str]) -> Iterator[str]:
    """People for the seats of the panel, those that must be heard first, and nobody who took part in what is judged."""
    for seat in sorted(panel.seats, key=lambda seat: seat.role not in panel.must_include):
        free = [who for who in story.holders(seat.role) if who not in taking_part]
        yield from free[: seat.people]
