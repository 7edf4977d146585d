"""The words of the safety plan: what is asked about its entries, what sets them off, who responds, and what is recorded of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Instant, NoteRef, PersonId

Layer = Literal["person", "family", "neighborhood", "staff"]
"""Whom an entry protects."""
CIRCLE = ("person", "family")
"""Who may agree to respond besides roles of the team and partners."""
EntryNumber = Annotated[int, Field(ge=1, description="number of the entry in the plan")]


class PlanSafety(Command):
    """Add an entry to the safety plan, or change one by putting another in its place."""

    type: Literal["plan_safety"] = "plan_safety"
    layer: Annotated[Layer, Field(description="whom it protects")]
    threat: Annotated[Code, Field(description="kind of threat, from the definition")]
    trigger: Annotated[NoteRef, Field(description="how one knows that it begins")]
    response: Annotated[NoteRef, Field(description="what is then done, as agreed")]
    responders: Annotated[
        tuple[Code, ...],
        Field(min_length=1, max_length=16, description="who agreed to do it: roles, partners, person, family"),
    ]
    words: Annotated[NoteRef, Field(description="in the own words of the person, or of those whom the layer is for")]
    replaces: Annotated[int | None, Field(ge=1, description="the entry that it takes the place of")] = None


class RetireSafetyEntry(Command):
    """Take an entry out of the plan: another one goes on in its place, or another person than the lead judged that it is not needed."""

    type: Literal["retire_safety_entry"] = "retire_safety_entry"
    entry: EntryNumber
    reasons: NoteRef
    successor: Annotated[int | None, Field(ge=1, description="the entry that goes on in its place")] = None


class ActivateSafety(Command):
    """Record that the trigger of an entry occurred: those who agreed to respond owe it from now."""

    type: Literal["activate_safety"] = "activate_safety"
    entry: EntryNumber
    note: Annotated[NoteRef, Field(description="what happened")]
    observed_at: Annotated[Instant | None, Field(description="when it happened, if not now")] = None


class RecordSafetyResponse(Command):
    """Record that the agreed response was made."""

    type: Literal["record_safety_response"] = "record_safety_response"
    activation: Annotated[int, Field(ge=1, description="number of the activation in the case")]
    note: Annotated[NoteRef, Field(description="what was done, and by whom")]


class ReviewSafetyPlan(Command):
    """Record that the whole plan was looked at again, together with those whom it protects."""

    type: Literal["review_safety_plan"] = "review_safety_plan"
    summary: NoteRef
    view: Annotated[NoteRef | None, Field(description="the person's own view, where they gave one")] = None


class RecordProtection(Command):
    """Record whether a de-escalation channel or a protective service was reached; where it was not, that is the service's answer."""

    type: Literal["record_protection"] = "record_protection"
    service: Annotated[Code, Field(description="from the definition")]
    outcome: Literal["reached", "refused_by_service"]
    note: NoteRef


class SafetyPlanned(Event):
    """The entry is in force."""

    type: Literal["safety_planned"] = "safety_planned"
    entry: int
    layer: Layer
    threat: Code
    trigger: NoteRef
    response: NoteRef
    responders: tuple[Code, ...]
    words: NoteRef
    replaces: int | None = None


class SafetyEntryRetired(Event):
    """The entry is in force no more; why, and by whom."""

    type: Literal["safety_entry_retired"] = "safety_entry_retired"
    entry: int
    reasons: NoteRef
    successor: int | None = None
    by: PersonId


class SafetyActivated(Event):
    """The trigger occurred: the response is owed from here on, and the plan is to be looked at again."""

    type: Literal["safety_activated"] = "safety_activated"
    activation: int
    entry: int
    threat: Code
    layer: Layer
    note: NoteRef
    observed_at: Instant | None = None


class SafetyResponseRecorded(Event):
    """The agreed response was made."""

    type: Literal["safety_response_recorded"] = "safety_response_recorded"
    activation: int
    note: NoteRef


class SafetyPlanReviewed(Event):
    """The plan was looked at again."""

    type: Literal["safety_plan_reviewed"] = "safety_plan_reviewed"
    review: int
    summary: NoteRef
    view: NoteRef | None = None


class SafetyReviewCalled(Event):
    """Something happened after which the plan is to be looked at again soon."""

    type: Literal["safety_review_called"] = "safety_review_called"
    because: Literal["setback"]


class ProtectionRecorded(Event):
    """The service was reached; or it refused, which is no fault of the person's, and the plan is to be looked at again."""

    type: Literal["protection_recorded"] = "protection_recorded"
    service: Code
    outcome: Literal["reached", "refused_by_service"]
    note: NoteRef


SafetyCommand = (
    PlanSafety | RetireSafetyEntry | ActivateSafety | RecordSafetyResponse | ReviewSafetyPlan | RecordProtection
)
SafetyEvent = (
    SafetyPlanned | SafetyEntryRetired | SafetyActivated | SafetyResponseRecorded | SafetyPlanReviewed | SafetyReviewCalled
    | ProtectionRecorded
)  # fmt: skip
