"""Custody: whose case this is.

A case always has exactly one lead practitioner, who holds the program's lead role when the case is handed over; there is no instant
without one (F5 closed because moved, F6 owner absent: in failed cases an agency closed when the person moved on, and a
file whose owner went on leave was nobody's). Handover with acceptance and absence with a deputy build on this.
"""

from __future__ import annotations

from typing import Literal, assert_never

from workflows.core.kinds import Actor, Code, Command, Event, Frozen, NoteRef, PersonId
from workflows.core.refusal import Refused


class AssignLead(Command):
    """Give the case to another lead practitioner, with reasons. The former lead stays owner until this is recorded."""

    type: Literal["assign_lead"] = "assign_lead"
    person: PersonId
    reasons: NoteRef

    def people(self) -> tuple[str, ...]:
        """The new lead."""
        return (self.person,)


class LeadAssigned(Event):
    """The person leads the case from here on."""

    type: Literal["lead_assigned"] = "lead_assigned"
    person: PersonId
    former: PersonId | None = None
    reasons: NoteRef | None = None


CustodyCommand = AssignLead
CustodyEvent = LeadAssigned


class State(Frozen):
    """Who leads the case (None only before it is opened), and who led it before."""

    lead: PersonId | None = None
    former: tuple[PersonId, ...] = ()


class Facts(Frozen):
    """The candidate as the staff directory knows them now (None: unknown or no longer active), and the role it takes."""

    candidate: Actor | None
    lead_role: Code


def decide(state: State, command: AssignLead, facts: Facts) -> tuple[LeadAssigned, ...]:
    """Assign the lead.

    Raises:
        Refused: `not_eligible_to_lead`, `already_lead`.
    """
    if command.person == state.lead:
        raise Refused("already_lead", f"{command.person} leads this case already", "name another person")
    require_lead(command.person, facts)
    return (LeadAssigned(person=command.person, former=state.lead, reasons=command.reasons),)


def require_lead(person: str, facts: Facts) -> None:
    """Check that `person` may lead.

    Raises:
        Refused: `not_eligible_to_lead`.
    """
    if facts.candidate is None or not facts.candidate.holds((facts.lead_role,)):
        raise Refused(
            "not_eligible_to_lead",
            f"{person} does not hold the role {facts.lead_role} now",
            f"name somebody who holds {facts.lead_role} ('offramp staff list' shows them)",
        )


def evolve(state: State, event: LeadAssigned, _at: object) -> State:
    """The state after the event."""
    match event:
        case LeadAssigned():
            former = state.former if state.lead is None else tuple(dict.fromkeys((*state.former, state.lead)))
            return state.model_copy(update={"lead": event.person, "former": former})
        case _:
            assert_never(event)
