"""Custody: whose case this is, at every instant.

In failed cases an agency closed when the person moved on (Reading, F5), and a file whose owner went on leave was nobody's (F6). So a case always has
exactly one lead practitioner. A handover is offered and accepted: until it is, the sender stays the owner and everything goes on. While the
lead is absent a deputy who agreed is in charge: from that instant, in the same entry, whatever the lead owed the deputy owes, and an absence
that would leave it to nobody is refused. Silence hands nothing over and takes nothing away.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Literal, assert_never

from workflows.case.custody_form import (
    AcceptHandover,
    AssignLead,
    BeginAbsence,
    CustodyCommand,
    DeclineHandover,
    EndAbsence,
    OfferHandover,
    WithdrawHandover,
)
from workflows.core.kinds import Actor, Code, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused


class LeadAssigned(Event):
    """The person leads the case from here on."""

    type: Literal["lead_assigned"] = "lead_assigned"
    person: PersonId
    former: PersonId | None = None
    reasons: NoteRef | None = None


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


class AbsenceEnded(Event):
    """The lead is back in charge."""

    type: Literal["absence_ended"] = "absence_ended"
    absence: int
    person: PersonId
    deputy: PersonId


CustodyEvent = (
    LeadAssigned
    | HandoverOffered
    | HandoverAccepted
    | HandoverDeclined
    | HandoverWithdrawn
    | AbsenceBegan
    | AbsenceEnded
)


class Offer(Frozen):
    """An offer that waits for an answer."""

    number: int
    person: PersonId
    since: Instant


class Absence(Frozen):
    """The lead's absence: who is in charge, and until when."""

    number: int
    deputy: PersonId
    until: Instant
    since: Instant


class State(Frozen):
    """Who leads the case (None only before it is opened), who led it or stood in before, and what is under way."""

    lead: PersonId | None = None
    former: tuple[PersonId, ...] = ()
    offer: Offer | None = None
    absence: Absence | None = None
    number: int = 0

    @property
    def in_charge(self) -> PersonId | None:
        """Who owes what the lead owes: the lead, or the deputy while the lead is absent."""
        return self.lead if self.absence is None else self.absence.deputy


class Facts(Frozen):
    """The person named, as the staff directory knows them now (None: unknown or no longer active), the lead role, and what is owed by whoever leads."""

    candidate: Actor | None
    lead_role: Code
    held: tuple[str, ...] = ()


def decide(
    state: State, command: CustodyCommand, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[CustodyEvent, ...]:
    """Answer a command about whose case this is.

    Raises:
        Refused: `already_lead`, `not_eligible_to_lead`, `handover_open`, `not_in_charge`, `no_handover_offered`, `offered_to_another`,
            `orphans_obligations`, `own_deputy`, `ends_in_past`, `not_absent`.
    """
    match command:
        case AssignLead():
            _another(state, command.person)
            require_lead(command.person, facts)
            return (LeadAssigned(person=command.person, former=state.lead, reasons=command.reasons),)
        case OfferHandover():
            return (_offered(state, command, facts, actor),)
        case AcceptHandover():
            offer = _addressed(state, actor)
            require_lead(actor.person, facts)
            return (HandoverAccepted(offer=offer.number, person=actor.person), LeadAssigned(person=actor.person, former=state.lead))  # fmt: skip
        case DeclineHandover():
            offer = _addressed(state, actor)
            return (HandoverDeclined(offer=offer.number, person=actor.person, reasons=command.reasons),)
        case WithdrawHandover():
            number = _open(state).number
            _in_charge(state, actor)
            return (HandoverWithdrawn(offer=number, by=actor.person, reasons=command.reasons),)
        case BeginAbsence():
            return (_absent(state, command, facts, at),)
        case EndAbsence():
            return (_back(state),)
        case _:
            assert_never(command)


def _another(state: State, person: str) -> None:
    if person == state.lead:
        raise Refused("already_lead", f"{person} leads this case already", "name another person")


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


def _offered(state: State, command: OfferHandover, facts: Facts, actor: Actor) -> HandoverOffered:
    _in_charge(state, actor)
    if state.offer is not None:
        raise Refused(
            "handover_open",
            f"the case is offered to {state.offer.person} already",
            "wait for their answer, or take it back with withdraw_handover",
        )
    _another(state, command.person)
    require_lead(command.person, facts)
    return HandoverOffered(offer=state.number + 1, person=command.person, by=actor.person, reasons=command.reasons)


def _in_charge(state: State, actor: Actor) -> None:
    if actor.person != state.in_charge:
        raise Refused(
            "not_in_charge",
            f"{state.in_charge} is in charge of this case",
            "ask them, or a supervisor, who can decide with assign_lead",
        )


def _open(state: State) -> Offer:
    if state.offer is None:
        raise Refused("no_handover_offered", "the case is not offered to anybody", "offer it with offer_handover")
    return state.offer


def _addressed(state: State, actor: Actor) -> Offer:
    offer = _open(state)
    if actor.person != offer.person:
        raise Refused(
            "offered_to_another", f"the case is offered to {offer.person}", "only they answer; ask them to do so"
        )
    return offer


def _absent(state: State, command: BeginAbsence, facts: Facts, at: datetime) -> AbsenceBegan:
    lead = state.lead or ""
    if command.deputy is None or command.agreed is None:
        raise Refused(
            "orphans_obligations",
            f"without a deputy who agreed nobody would owe: {', '.join(facts.held) or 'what comes'}",
            "name a deputy and their agreement, or have the case led by another with assign_lead",
        )
    if command.deputy == lead:
        raise Refused("own_deputy", f"{lead} cannot stand in for themselves", "name another person as deputy")
    if command.until <= at:
        raise Refused("ends_in_past", "the absence would end before it begins", "give an instant that is still to come")
    require_lead(command.deputy, facts)
    number = state.number + 1 if state.absence is None else state.absence.number
    return AbsenceBegan(absence=number, person=lead, deputy=command.deputy, until=command.until, agreed=command.agreed)


def _back(state: State) -> AbsenceEnded:
    if state.absence is None:
        raise Refused("not_absent", f"{state.lead} is not absent", "nothing to do")
    return AbsenceEnded(absence=state.absence.number, person=state.lead or "", deputy=state.absence.deputy)


def evolve(state: State, event: CustodyEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case LeadAssigned():
            left = () if state.lead is None else (state.lead, *_stood_in(state))
            former = tuple(dict.fromkeys((*state.former, *left)))
            return state.model_copy(update={"lead": event.person, "former": former, "offer": None, "absence": None})
        case HandoverOffered():
            offer = Offer(number=event.offer, person=event.person, since=at)
            return state.model_copy(update={"offer": offer, "number": event.offer})
        case HandoverAccepted() | HandoverDeclined() | HandoverWithdrawn():
            return state.model_copy(update={"offer": None})
        case AbsenceBegan():
            absence = Absence(number=event.absence, deputy=event.deputy, until=event.until, since=at)
            number = max(state.number, event.absence)
            return state.model_copy(update={"absence": absence, "number": number, "former": _with(state, event.deputy)})
        case AbsenceEnded():
            return state.model_copy(update={"absence": None, "former": _with(state, *_stood_in(state))})
        case _:
            assert_never(event)


def _stood_in(state: State) -> tuple[PersonId, ...]:
    return () if state.absence is None else (state.absence.deputy,)


def _with(state: State, *people: PersonId) -> tuple[PersonId, ...]:
    """Whoever is or was in charge of the case does not judge it."""
    return tuple(dict.fromkeys((*state.former, *people)))


def owes(state: State) -> Iterator[Owed]:
    """An answer to an offer, and the end of an absence."""
    if state.offer is not None:
        yield Owed(key=f"handover_acceptance/{state.offer.number}", kind="handover_acceptance", since=state.offer.since)
    if state.absence is not None:
        key = f"absence_end/{state.absence.number}"
        yield Owed(key=key, kind="absence_end", since=state.absence.since, until=state.absence.until)


def settles(event: CustodyEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case HandoverAccepted() | HandoverDeclined():
            return tuple(key for key in keys if key == f"handover_acceptance/{event.offer}")
        case AbsenceEnded():
            return tuple(key for key in keys if key == f"absence_end/{event.absence}")
        case LeadAssigned():
            return tuple(key for key in keys if key.startswith("handover_acceptance/"))
        case _:
            return ()
