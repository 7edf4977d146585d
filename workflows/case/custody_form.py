"""The words of custody: an assignment, an offer and its answer, an absence and its end, and what is known of whoever is in charge."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.case.fitness import Standing
from workflows.core.kinds import Command, Event, Instant, NoteRef, PersonId

OverCaseload = Annotated[
    NoteRef | None, Field(description="why they are given more cases than their limit; a supervisor's decision")
]


class AssignLead(Command):
    """Give the case to another lead practitioner, with reasons: a supervisor's decision. The former lead stays owner until this is recorded."""

    type: Literal["assign_lead"] = "assign_lead"
    person: PersonId
    reasons: NoteRef
    over_caseload: OverCaseload = None

    def people(self) -> tuple[str, ...]:
        """The new lead."""
        return (self.person,)


class OfferHandover(Command):
    """Offer the case to another lead practitioner, with reasons. Until they accept, whoever offers it stays its owner."""

    type: Literal["offer_handover"] = "offer_handover"
    person: Annotated[PersonId, Field(description="who is to lead the case")]
    reasons: NoteRef

    def people(self) -> tuple[str, ...]:
        """Whoever is to lead the case."""
        return (self.person,)


class AcceptHandover(Command):
    """Accept the case that was offered to you: from now on it is yours, with all that is owed in it."""

    type: Literal["accept_handover"] = "accept_handover"


class DeclineHandover(Command):
    """Decline the case that was offered to you, with reasons. It stays with whoever offered it."""

    type: Literal["decline_handover"] = "decline_handover"
    reasons: NoteRef


class WithdrawHandover(Command):
    """Take an offer back that nobody has accepted yet."""

    type: Literal["withdraw_handover"] = "withdraw_handover"
    reasons: NoteRef


class BeginAbsence(Command):
    """The lead is absent from now until an instant, and a deputy who agreed is in charge meanwhile. Said again, it names another deputy or end."""

    type: Literal["begin_absence"] = "begin_absence"
    until: Annotated[Instant, Field(description="when the lead is expected back")]
    deputy: Annotated[PersonId | None, Field(description="who is in charge meanwhile; they hold the lead role too")] = (
        None
    )
    agreed: Annotated[NoteRef | None, Field(description="the deputy's own agreement")] = None
    over_caseload: OverCaseload = None

    def people(self) -> tuple[str, ...]:
        """The deputy."""
        return () if self.deputy is None else (self.deputy,)


class EndAbsence(Command):
    """The lead is back, and owes again whatever the deputy owed meanwhile."""

    type: Literal["end_absence"] = "end_absence"


class ConfirmLead(Command):
    """Record what the staff directory says now of whoever leads the case or stands in: how long they are here, and their certificates."""

    type: Literal["confirm_lead"] = "confirm_lead"
    person: Annotated[PersonId, Field(description="who leads the case, or stands in")]

    def people(self) -> tuple[str, ...]:
        """Whoever leads the case, or stands in."""
        return (self.person,)


class LeadAssigned(Event):
    """The person leads the case from here on. `over_caseload`: why, with so many other `cases`, which is more than their limit."""

    type: Literal["lead_assigned"] = "lead_assigned"
    person: PersonId
    former: PersonId | None = None
    reasons: NoteRef | None = None
    standing: Standing | None = None
    over_caseload: NoteRef | None = None
    cases: int | None = None


class HandoverOffered(Event):
    """The case is offered; it stays with whoever offers it until it is accepted."""

    type: Literal["handover_offered"] = "handover_offered"
    offer: int
    person: PersonId
    by: PersonId
    reasons: NoteRef


class HandoverAccepted(Event):
    """The offer is accepted."""

    type: Literal["handover_accepted"] = "handover_accepted"
    offer: int
    person: PersonId


class HandoverDeclined(Event):
    """The offer is declined; the case stays where it is."""

    type: Literal["handover_declined"] = "handover_declined"
    offer: int
    person: PersonId
    reasons: NoteRef


class HandoverWithdrawn(Event):
    """The offer was taken back; the case stays where it is."""

    type: Literal["handover_withdrawn"] = "handover_withdrawn"
    offer: int
    by: PersonId
    reasons: NoteRef


class AbsenceBegan(Event):
    """The lead is absent, and the deputy is in charge until the lead is back."""

    type: Literal["absence_began"] = "absence_began"
    absence: int
    person: PersonId
    deputy: PersonId
    until: Instant
    agreed: NoteRef
    standing: Standing | None = None
    over_caseload: NoteRef | None = None
    cases: int | None = None


class AbsenceEnded(Event):
    """The lead is back in charge."""

    type: Literal["absence_ended"] = "absence_ended"
    absence: int
    person: PersonId
    deputy: PersonId


class LeadConfirmed(Event):
    """What the staff directory says of whoever leads the case or stands in, and from now on counts."""

    type: Literal["lead_confirmed"] = "lead_confirmed"
    person: PersonId
    standing: Standing


class LeadLeft(Event):
    """Whoever was in charge is no longer here, and nobody leads the case: those who may assign a lead owe what is owed, until somebody does."""

    type: Literal["lead_left"] = "lead_left"
    person: PersonId


CustodyCommand = (
    AssignLead
    | OfferHandover
    | AcceptHandover
    | DeclineHandover
    | WithdrawHandover
    | BeginAbsence
    | EndAbsence
    | ConfirmLead
)
CustodyEvent = (
    LeadAssigned
    | HandoverOffered
    | HandoverAccepted
    | HandoverDeclined
    | HandoverWithdrawn
    | AbsenceBegan
    | AbsenceEnded
    | LeadConfirmed
    | LeadLeft
)
