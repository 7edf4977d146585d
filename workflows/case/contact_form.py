"""The words of contact: a contact, an absence and how it is classified, and the support level."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Instant, NoteRef, PersonId
from workflows.program.model import SupportLevel


class KeepCheckIn(Command):
    """Record a contact that took place with the participant."""

    type: Literal["keep_check_in"] = "keep_check_in"
    channel: Annotated[Code, Field(description="how: in_person, call, video, message, visit, ...")]
    observed_at: Annotated[Instant | None, Field(description="when it took place, if not now")] = None
    note: NoteRef | None = None


class ExcuseCheckIn(Command):
    """Record that contact cannot be had for the check-in that is still to come, with reasons; never by the case's own lead. A missed one is classified."""

    type: Literal["excuse_check_in"] = "excuse_check_in"
    reasons: NoteRef


Classification = Literal["excused", "unexcused", "unknown"]
MissedNumber = Annotated[int, Field(ge=1, description="number of the check-in that was missed")]


class ClassifyAbsence(Command):
    """Classify the absence from a check-in that was missed, once. The response to it runs the same whatever is said here, and nothing follows for the person."""

    type: Literal["classify_absence"] = "classify_absence"
    check_in: MissedNumber
    absence: Classification
    reasons: NoteRef


class CorrectAbsence(Command):
    """Correct how an absence was classified, with reasons: as another person than whoever classified it. Both versions stay."""

    type: Literal["correct_absence"] = "correct_absence"
    check_in: MissedNumber
    absence: Classification
    reasons: NoteRef


class SetSupportLevel(Command):
    """Set how much support the person needs now: a reasoned judgement with its direction of change, never a score. Less takes their agreement."""

    type: Literal["set_support_level"] = "set_support_level"
    level: SupportLevel
    direction: Literal["more", "same", "less"]
    reasons: NoteRef
    agreed: Annotated[
        NoteRef | None, Field(description="the person's own agreement, where the level is lower than before")
    ] = None


class CheckInKept(Event):
    """Contact took place. `counted`: it stands for the check-in that was owed, and for so many fixed `terms` of the phase."""

    type: Literal["check_in_kept"] = "check_in_kept"
    number: int
    channel: Code
    counted: bool = True
    terms: int = 0
    observed_at: Instant | None = None
    note: NoteRef | None = None


class CheckInMissed(Event):
    """The check-in's due instant passed without contact. A worry about the person, never a fault of theirs."""

    type: Literal["check_in_missed"] = "check_in_missed"
    number: int


class CheckInExcused(Event):
    """Contact was not to be had for this check-in, with reasons (in older records also: after it was missed); whether it had been missed stays on record."""

    type: Literal["check_in_excused"] = "check_in_excused"
    number: int
    reasons: NoteRef
    terms: int = 0


class AbsenceClassified(Event):
    """How the absence from a missed check-in is classified, for the first time."""

    type: Literal["absence_classified"] = "absence_classified"
    check_in: int
    absence: Classification
    by: PersonId
    reasons: NoteRef


class AbsenceCorrected(Event):
    """The classification of an absence is corrected; what was said before (`was`) stays where it stands."""

    type: Literal["absence_corrected"] = "absence_corrected"
    check_in: int
    absence: Classification
    was: Classification
    by: PersonId
    reasons: NoteRef


class SupportLevelSet(Event):
    """The support level from here on. `sooner`: the new rhythm asks for contact before the check-in that was owed, and replaces it."""

    type: Literal["support_level_set"] = "support_level_set"
    level: SupportLevel
    direction: Literal["more", "same", "less"] | None = None
    reasons: NoteRef | None = None
    sooner: bool = False
    agreed: NoteRef | None = None


class ContactScheduleStarted(Event):
    """The phase's schedule begins; a check-in that was missed before stays owed."""

    type: Literal["contact_schedule_started"] = "contact_schedule_started"
    phase: Code


class ContactPaused(Event):
    """The person no longer takes part: nothing is owed until they do again, and nothing is held against them."""

    type: Literal["contact_paused"] = "contact_paused"


class ContactResumed(Event):
    """The person takes part from here on: contact is owed from now, and `terms` that passed meanwhile are not asked for."""

    type: Literal["contact_resumed"] = "contact_resumed"
    terms: int = 0


ContactCommand = KeepCheckIn | ExcuseCheckIn | ClassifyAbsence | CorrectAbsence | SetSupportLevel
ContactEvent = (
    CheckInKept | CheckInMissed | CheckInExcused | AbsenceClassified | AbsenceCorrected | SupportLevelSet | ContactScheduleStarted
    | ContactPaused | ContactResumed
)  # fmt: skip
