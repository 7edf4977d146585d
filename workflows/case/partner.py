"""Partners: which agencies work on this case now.

Being a partner of the program gives no access to any case. When one joins the work on a case the participant is told and asked: consent is taken anew when an
agency joins (field guide §3), and ends with its part. Nobody joins the case of a person who does not take part.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef
from workflows.core.refusal import Refused, listed

Partner = Annotated[Code, Field(description="partner, by its code")]


class JoinPartner(Command):
    """Record that a partner joins the work on this case; the consents that this takes are asked for."""

    type: Literal["join_partner"] = "join_partner"
    partner: Partner
    reasons: NoteRef


class LeavePartner(Command):
    """Record that a partner no longer works on this case; the consents that concerned it alone end."""

    type: Literal["leave_partner"] = "leave_partner"
    partner: Partner
    reasons: NoteRef


class PartnerJoined(Event):
    """The partner works on the case from here on."""

    type: Literal["partner_joined"] = "partner_joined"
    partner: Code
    reasons: NoteRef


class PartnerLeft(Event):
    """The partner no longer works on the case."""

    type: Literal["partner_left"] = "partner_left"
    partner: Code
    reasons: NoteRef


PartnerCommand = JoinPartner | LeavePartner
PartnerEvent = PartnerJoined | PartnerLeft


class State(Frozen):
    """The partners that work on the case, with the instant at which each joined."""

    joined: dict[str, Instant] = {}


class Facts(Frozen):
    """The program's partners, and whether the participant takes part."""

    known: frozenset[str]
    takes_part: bool


def decide(state: State, command: PartnerCommand, facts: Facts) -> tuple[PartnerEvent, ...]:
    """Answer a partner command.

    Raises:
        Refused: `unknown_partner`, `partner_joined`, `partner_not_joined`, `not_taking_part`.
    """
    partner = command.partner
    if isinstance(command, LeavePartner):
        if partner not in state.joined:
            here = listed(sorted(state.joined))
            raise Refused("partner_not_joined", f"{partner} does not work on this case", f"partners here: {here}")
        return (PartnerLeft(partner=partner, reasons=command.reasons),)
    if partner not in facts.known:
        known = ", ".join(sorted(facts.known)) or "none is defined"
        raise Refused("unknown_partner", f"the program has no partner {partner}", f"use one of: {known}")
    if partner in state.joined:
        raise Refused("partner_joined", f"{partner} works on this case already", "nothing to do")
    if not facts.takes_part:
        raise Refused(
            "not_taking_part",
            "the participant does not take part, and is not to be asked for more",
            "wait until they take part (give_consent to participation)",
        )
    return (PartnerJoined(partner=partner, reasons=command.reasons),)


def evolve(state: State, event: PartnerEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case PartnerJoined():
            return state.model_copy(update={"joined": {**state.joined, event.partner: at}})
        case PartnerLeft():
            left = {partner: since for partner, since in state.joined.items() if partner != event.partner}
            return state.model_copy(update={"joined": left})
        case _:
            assert_never(event)
