"""Assessments: structured professional judgement, made by a person and never computed.

In Vienna the first assessment of a known man took ten months (F3), and elsewhere the form was "a retrospective recording process". So a
baseline is owed from entry on, again by schedule and after an incident, and nobody moves on without a fresh one. Only summaries,
scenarios and judgements in words are kept: no item, no total, no score. An assessment informs whoever decides; by itself it moves nobody,
reduces nothing and shares nothing. A correction is a new version with reasons, and both stay.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import assert_never

from workflows.case.assessment_form import (
    AssessmentCommand,
    AssessmentCorrected,
    AssessmentEvent,
    AssessmentRecorded,
    CorrectAssessment,
    Judged,
    ReassessmentOwed,
    RecordAssessment,
)
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Actor, Code, Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import Care, Instrument

_KINDS = ("assessment_baseline", "assessment_renewal", "reassessment")


class Incident(Frozen):
    """Something after which an assessment made since then is owed."""

    number: int
    since: Instant


class State(Frozen):
    """Who made which assessment, how often one was corrected, when the last was made, whether the next is due sooner, and what it must answer."""

    assessors: dict[int, PersonId] = {}
    corrected: dict[int, int] = {}
    made_at: Instant | None = None
    sooner: Instant | None = None
    incident: Incident | None = None
    incidents: int = 0


class Facts(Frozen):
    """What the program says of assessments (None: it offers no care), the present phase, the calendar, since when this episode lasts, and the number of
    the beginning (with each withdrawal and each episode one more).

    Whoever comes back is owed anew: what ended before does not come back under its old key, nor is it overdue at once.
    """  # fmt: skip

    care: Care | None
    phase: Code | None
    calendar: Calendar
    begun_at: Instant | None = None
    beginning: int = 1

    @property
    def every(self) -> Term | None:
        """How often an assessment is made in the present phase."""
        rule = None if self.care is None else self.care.assessment
        return None if rule is None else rule.every.get(self.phase or "")

    @property
    def asked(self) -> bool:
        """Whether the program has assessments at all."""
        return self.care is not None and bool(self.care.instruments)


def decide(
    state: State, command: AssessmentCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[AssessmentEvent, ...]:
    """Answer a command about assessments.

    Raises:
        Refused: as `_record`, `_correct` and `_fits` say.
    """
    match command:
        case RecordAssessment():
            return (_record(state, command, facts, actor=actor, at=at),)
        case CorrectAssessment():
            return (_correct(state, command, facts, actor=actor, at=at),)
        case _:
            assert_never(command)


def _record(state: State, command: RecordAssessment, facts: Facts, *, actor: Actor, at: datetime) -> AssessmentRecorded:
    """Record an assessment.

    Raises:
        Refused: `observed_in_future`, `assessment_out_of_order`, `assessment_stale`, `assessment_due_too_late`.
    """
    made = command.observed_at or at
    _fits(command, facts, used=made)
    if made > at:
        raise Refused("observed_in_future", "the assessment is dated after now", "record it once it was made")
    if state.made_at is not None and made < state.made_at:
        raise Refused(
            "assessment_out_of_order",
            "a later one is on record already",
            "give the instant at which it was made; record assessments in order",
        )
    due = None if facts.every is None else facts.calendar.after(made, facts.every).at
    if due is not None and due <= at:
        raise Refused(
            "assessment_stale",
            f"it was made so long ago that, with one every {facts.every}, the next is due already",
            "look at the person's situation now, and record that",
        )
    sooner = command.next_due
    if sooner is not None and (sooner <= at or (due is not None and sooner > due)):
        raise Refused(
            "assessment_due_too_late",
            "the next is due by schedule, and may only be due sooner than that, after now",
            "leave next_due out, or give an earlier instant",
        )
    judged = command.model_dump(exclude={"type", "next_due", "observed_at"})
    return AssessmentRecorded(
        assessment=len(state.assessors) + 1, by=actor.person, observed_at=made, next_due=sooner or due, by_schedule=sooner is None, **judged
    )  # fmt: skip


def _correct(
    state: State, command: CorrectAssessment, facts: Facts, *, actor: Actor, at: datetime
) -> AssessmentCorrected:
    """Correct an assessment: when it was made stays as it is.

    Raises:
        Refused: `no_such_assessment`, `not_assessor`.
    """
    assessor = state.assessors.get(command.assessment)
    if assessor is None:
        known = listed(state.assessors)
        raise Refused("no_such_assessment", f"there is no assessment {command.assessment}", f"on record: {known}")
    rule = None if facts.care is None else facts.care.assessment
    may = () if rule is None else rule.correct_by
    if actor.person != assessor and not actor.holds(may):
        raise Refused(
            "not_assessor",
            f"{assessor} made the assessment",
            f"ask them, or one of: {', '.join(may) or 'nobody'}, to correct it; or record one of your own",
        )
    _fits(command, facts, used=at)
    version = state.corrected.get(command.assessment, 1) + 1
    return AssessmentCorrected(version=version, by=actor.person, **command.model_dump(exclude={"type"}))


def _fits(judged: Judged, facts: Facts, *, used: datetime) -> Instrument:
    """The instrument, if what was judged fits it and whoever used it then was certified where it asks for that.

    Raises:
        Refused: `unknown_instrument`, `unknown_edition`, `unknown_domain`, `domains_missing`, `unknown_judgement`, `certificate_missing`,
            `certificate_expired`.
    """
    known = {} if facts.care is None else facts.care.instruments
    found = known.get(judged.instrument)
    if found is None:
        raise Refused("unknown_instrument", f"the program uses no instrument {judged.instrument}", f"it uses: {listed(known)}")  # fmt: skip
    if judged.edition not in found.editions:
        raise Refused("unknown_edition", f"the program does not use this edition of {judged.instrument}", f"it uses: {listed(found.editions)}")  # fmt: skip
    strange = [code for code in judged.domains if code not in found.domains]
    if strange:
        raise Refused(
            "unknown_domain",
            f"{judged.instrument} has no domain {listed(strange)}: items, totals and scores are not recorded here",
            f"sum up in words each of: {listed(found.domains)}",
        )
    missing = [code for code in found.domains if code not in judged.domains]
    if missing:
        raise Refused(
            "domains_missing",
            f"nothing is said of: {listed(missing)}",
            "say of each what is known, or that it was not talked about",
        )
    if judged.judgement not in found.judgements:
        raise Refused(
            "unknown_judgement",
            f"{judged.instrument} knows no such judgement: it is one in words, never a number",
            f"give one of: {listed(found.judgements)}",
        )
    _certified(judged, found, used=used)
    return found


def _certified(judged: Judged, instrument: Instrument, *, used: datetime) -> None:
    if instrument.certificate and (judged.certificate is None or judged.certificate_until is None):
        raise Refused(
            "certificate_missing",
            f"{judged.instrument} is used by certified people only, and the certificate or its end is missing",
            "give certificate and certificate_until, or have somebody assess who is certified",
        )
    if judged.certificate_until is not None and judged.certificate_until <= used:
        raise Refused(
            "certificate_expired",
            "the certificate had expired by then",
            "have it renewed, or have somebody assess who is certified",
        )


def owe(state: State, facts: Facts, *, about: str, subject: int) -> tuple[ReassessmentOwed, ...]:
    """What follows from an incident: a fresh look, unless one is owed for an earlier incident already."""
    before = facts.begun_at is not None and state.incident is not None and state.incident.since < facts.begun_at
    if not facts.asked or (state.incident is not None and not before):
        return ()
    return (ReassessmentOwed(reassessment=state.incidents + 1, about=about, subject=subject),)


def fresh(state: State, within: Term, *, calendar: Calendar, at: datetime) -> bool:
    """Whether the last assessment was made within this time before `at`."""
    return state.made_at is not None and at < calendar.after(state.made_at, within).at


def evolve(state: State, event: AssessmentEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case AssessmentRecorded():
            answered = state.incident is not None and state.incident.since <= event.observed_at
            return state.model_copy(
                update={
                    "assessors": {**state.assessors, event.assessment: event.by}, "made_at": event.observed_at,
                    "sooner": None if event.by_schedule else event.next_due, "incident": None if answered else state.incident,
                }
            )  # fmt: skip
        case AssessmentCorrected():
            return state.model_copy(update={"corrected": {**state.corrected, event.assessment: event.version}})
        case ReassessmentOwed():
            incident = Incident(number=event.reassessment, since=at)
            return state.model_copy(update={"incident": incident, "incidents": event.reassessment})
        case _:
            assert_never(event)


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """The baseline from the entry into the episode on, then the next by schedule or sooner, and a fresh look after an incident."""
    begun = facts.begun_at
    if not facts.asked or begun is None:
        return
    if state.made_at is None or state.made_at < begun:
        yield Owed(key=f"assessment_baseline/{facts.beginning}", kind="assessment_baseline", since=begun)
    else:
        every, kind = facts.every, "assessment_renewal"
        key, since = f"{kind}/{facts.phase}/{len(state.assessors) + 1}/{facts.beginning}", state.made_at
        if state.sooner is not None:
            due = state.sooner if every is None else min(state.sooner, facts.calendar.after(since, every).at)
            yield Owed(key=key, kind=kind, since=since, until=due)
        elif every is not None:
            yield Owed(key=key, kind=kind, since=since, term=every)
    if state.incident is not None and state.incident.since >= begun:
        key = f"reassessment/{state.incident.number}/{facts.beginning}"
        yield Owed(key=key, kind="reassessment", since=state.incident.since)


def settles(event: AssessmentEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills; what it does not answer stays open by itself."""
    if isinstance(event, AssessmentRecorded):
        return tuple(key for key in keys if key.partition("/")[0] in _KINDS)
    return ()
