"""What may be asked about whose case it is: an assignment, an offer and its answer, an absence and its end."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Command, Instant, NoteRef, PersonId


class AssignLead(Command):
    """Give the case to another lead practitioner, with reasons: a supervisor's decision. The former lead stays owner until this is recorded."""

    type: Literal["assign_lead"] = "assign_lead"
    person: PersonId
    reasons: NoteRef

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

    def people(self) -> tuple[str, ...]:
        """The deputy."""
        return () if self.deputy is None else (self.deputy,)


class EndAbsence(Command):
    """The lead is back, and owes again whatever the deputy owed meanwhile."""

    type: Literal["end_absence"] = "end_absence"


CustodyCommand = (
    AssignLead | OfferHandover | AcceptHandover | DeclineHandover | WithdrawHandover | BeginAbsence | EndAbsence
)
