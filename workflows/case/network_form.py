"""The words of the network: who is close to the person, what they consent to for themselves, contact with them, and goals that both sides agreed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Instant, NoteRef, PersonId
from workflows.program.keeping import AgeGroup

RelativeNumber = Annotated[int, Field(ge=1, description="number of the related person in the case")]
GoalNumber = Annotated[int, Field(ge=1, description="number of the family goal in the case")]
RelativeScope = Annotated[
    Literal["contact", "support", "mention"],
    Field(description="being contacted about the person; support for themselves; that the person may read of it"),
]
Origin = Annotated[
    Literal["named_by_participant", "came_themselves"],
    Field(description="whether the person named them, or they came, and the person may never know"),
]
GoalOutcome = Literal["goes_on", "met", "set_aside"]


class AddRelatedPerson(Command):
    """Put a related person on record, under a number: who they are stands sealed, and no name stands here."""

    type: Literal["add_related_person"] = "add_related_person"
    kind: Annotated[Code, Field(description="from the definition: parent, partner, sibling, trusted_contact, ...")]
    identity: Annotated[NoteRef, Field(description="who they are and how to reach them, sealed")]
    origin: Origin
    age: AgeGroup = "adult"


class RemoveRelatedPerson(Command):
    """Take a related person out of the network; not while support of their own goes on."""

    type: Literal["remove_related_person"] = "remove_related_person"
    relative: RelativeNumber
    reasons: NoteRef


class GiveRelativeConsent(Command):
    """Record what a related person consents to for themselves, informed, in their language; nobody consents for them but a child's guardian."""

    type: Literal["give_relative_consent"] = "give_relative_consent"
    relative: RelativeNumber
    scope: RelativeScope
    form_version: Code
    language: Code
    explained_by: PersonId
    guardian: Annotated[NoteRef | None, Field(description="a guardian's consent, for a child")] = None

    def people(self) -> tuple[str, ...]:
        """Who explained it."""
        return (self.explained_by,)


class WithdrawRelativeConsent(Command):
    """Record that a related person takes a consent back. It stops at once, no reason is asked, and the person's own case is untouched."""

    type: Literal["withdraw_relative_consent"] = "withdraw_relative_consent"
    relative: RelativeNumber
    scope: RelativeScope


class ContactRelative(Command):
    """Record contact with a related person about the participant; it takes the consent of both."""

    type: Literal["contact_relative"] = "contact_relative"
    relative: RelativeNumber
    channel: Annotated[Code, Field(description="how: call, message, letter, in_person, ...")]
    about: Literal["welfare", "family_work"]
    note: NoteRef | None = None


class AgreeFamilyGoal(Command):
    """Record a goal of coming together again that both sides agreed to, each in their own words."""

    type: Literal["agree_family_goal"] = "agree_family_goal"
    relative: RelativeNumber
    text: Annotated[NoteRef, Field(description="the goal, as both put it")]
    agreed_by_participant: Annotated[NoteRef, Field(description="the participant's own agreement")]
    agreed_by_relative: Annotated[NoteRef, Field(description="the related person's own agreement")]


class ReviewFamilyGoal(Command):
    """Look at a family goal again with both sides: it goes on, is met, or is set aside; setting it aside is nobody's failure."""

    type: Literal["review_family_goal"] = "review_family_goal"
    goal: GoalNumber
    outcome: GoalOutcome
    participant_view: NoteRef
    relative_view: NoteRef


class RelatedPersonAdded(Event):
    """A related person is on record under this number."""

    type: Literal["related_person_added"] = "related_person_added"
    relative: int
    kind: Code
    identity: NoteRef
    origin: Origin
    age: AgeGroup = "adult"


class RelatedPersonRemoved(Event):
    """They are no longer part of the network, nor are goals with them."""

    type: Literal["related_person_removed"] = "related_person_removed"
    relative: int
    reasons: NoteRef
    by: PersonId


class RelativeConsentGiven(Event):
    """A related person consents to this, until then where it has an end: what reaches the participant's life ends by itself, support does not."""

    type: Literal["relative_consent_given"] = "relative_consent_given"
    relative: int
    scope: RelativeScope
    number: int
    form_version: Code
    language: Code
    explained_by: PersonId
    until: Instant | None = None
    guardian: NoteRef | None = None


class RelativeConsentWithdrawn(Event):
    """A related person took it back. `stops`: what rested on it, by key."""

    type: Literal["relative_consent_withdrawn"] = "relative_consent_withdrawn"
    relative: int
    scope: RelativeScope
    stops: tuple[str, ...] = ()


class RelativeConsentLapsed(Event):
    """Its time was over and nobody had asked again: contact stops; support of their own goes on."""

    type: Literal["relative_consent_lapsed"] = "relative_consent_lapsed"
    relative: int
    scope: RelativeScope


class RelativeContacted(Event):
    """Somebody was in contact with a related person about the participant; both had consented."""

    type: Literal["relative_contacted"] = "relative_contacted"
    relative: int
    channel: Code
    about: Literal["welfare", "family_work"]
    by: PersonId
    note: NoteRef | None = None


class FamilyGoalAgreed(Event):
    """Both sides agreed to a goal."""

    type: Literal["family_goal_agreed"] = "family_goal_agreed"
    goal: int
    relative: int
    text: NoteRef
    agreed_by_participant: NoteRef
    agreed_by_relative: NoteRef


class FamilyGoalReviewed(Event):
    """Both sides looked at the goal again."""

    type: Literal["family_goal_reviewed"] = "family_goal_reviewed"
    goal: int
    review: int
    outcome: GoalOutcome
    participant_view: NoteRef
    relative_view: NoteRef


NetworkCommand = (
    AddRelatedPerson | RemoveRelatedPerson | GiveRelativeConsent | WithdrawRelativeConsent | ContactRelative | AgreeFamilyGoal
    | ReviewFamilyGoal
)  # fmt: skip
NetworkEvent = (
    RelatedPersonAdded | RelatedPersonRemoved | RelativeConsentGiven | RelativeConsentWithdrawn | RelativeConsentLapsed
    | RelativeContacted | FamilyGoalAgreed | FamilyGoalReviewed
)  # fmt: skip
