"""The words of assessments: what an assessor records, what a correction replaces, and what is recorded of both.

There is no field for an item, a total or a score: a command that carries one is malformed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId, VersionTag

Trigger = Literal["entry", "schedule", "incident", "before_move"]
Likelihood = Literal["unlikely", "possible", "likely", "unclear"]
Severity = Literal["minor", "serious", "grave", "unclear"]
Imminence = Literal["not_foreseen", "months", "weeks", "now", "unclear"]
Direction = Literal["easing", "steady", "growing", "mixed", "unclear"]
Confidence = Literal["tentative", "fair", "firm"]
AssessmentNumber = Annotated[int, Field(ge=1, description="number of the assessment in the case")]


class Judged(Frozen):
    """What an assessor judged, in words. How likely, how grave, how near and where it moves stand apart: a grave outcome that is feared hides no change."""

    instrument: Annotated[Code, Field(description="from the definition")]
    edition: Annotated[VersionTag, Field(description="edition of the instrument that was used")]
    domains: Annotated[dict[Code, NoteRef], Field(min_length=1, description="domain → summary in own words")]
    scenarios: Annotated[NoteRef | None, Field(description="what could happen, and what would help")] = None
    judgement: Annotated[Code, Field(description="overall judgement about support, from the instrument")]
    likelihood: Annotated[Likelihood, Field(description="how likely it is that somebody comes to harm")]
    severity: Annotated[Severity, Field(description="how grave that would be")]
    imminence: Annotated[Imminence, Field(description="how near that is")]
    direction: Annotated[Direction, Field(description="where the worries move")]
    confidence: Annotated[Confidence, Field(description="how sure the assessor is")]
    certificate: Annotated[NoteRef | None, Field(description="the assessor's certificate in the instrument")] = None
    certificate_until: Annotated[Instant | None, Field(description="when the certificate expires")] = None
    attachment: Annotated[NoteRef | None, Field(description="the filled form, sealed")] = None


class RecordAssessment(Judged, Command):
    """Record an assessment by structured professional judgement: one summary a domain, and judgements in words."""

    type: Literal["record_assessment"] = "record_assessment"
    trigger: Annotated[Trigger, Field(description="why it was made")]
    observed_at: Annotated[Instant | None, Field(description="when it was made, if not now")] = None
    next_due: Annotated[Instant | None, Field(description="when the next is due, if sooner than by schedule")] = None


class CorrectAssessment(Judged, Command):
    """Correct an assessment by a new version, with reasons; both stay. What changed in the person's life takes a new assessment."""

    type: Literal["correct_assessment"] = "correct_assessment"
    assessment: AssessmentNumber
    reasons: NoteRef


class AssessmentRecorded(Judged, Event):
    """An assessment was made. It informs whoever judges, and does nothing by itself."""

    type: Literal["assessment_recorded"] = "assessment_recorded"
    assessment: int
    by: PersonId
    trigger: Trigger
    observed_at: Instant
    next_due: Instant | None = None
    by_schedule: bool = True


class AssessmentCorrected(Judged, Event):
    """Version `version` of the assessment; those before it stay on record."""

    type: Literal["assessment_corrected"] = "assessment_corrected"
    assessment: int
    version: int
    by: PersonId
    reasons: NoteRef


class ReassessmentOwed(Event):
    """Something happened after which the person is looked at anew: never a measure, only a fresh look."""

    type: Literal["reassessment_owed"] = "reassessment_owed"
    reassessment: int
    about: Code
    subject: int


AssessmentCommand = RecordAssessment | CorrectAssessment
AssessmentEvent = AssessmentRecorded | AssessmentCorrected | ReassessmentOwed
