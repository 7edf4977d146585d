"""Custody: whose case this is, at every instant.

In failed cases an agency closed when the person moved on (Reading, F5), and a file whose owner went on leave was nobody's (F6). So a case always has
exactly one lead practitioner. A handover is offered and accepted: until it is, the sender stays the owner and everything goes on. While the
lead is absent a deputy who agreed is in charge: from that instant, in the same entry, whatever the lead owed the deputy owes, and an absence
that would leave it to nobody is refused. Silence hands nothing over and takes nothing away. When whoever is in charge is no longer here, those who may
assign a lead owe all of it from that instant, until somebody leads again; a certificate that expires takes no case away, and is owed to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import NamedTuple, assert_never

from workflows.case import fitness
from workflows.case.custody_form import (
    AbsenceBegan,
    AbsenceEnded,
    AcceptHandover,
    AssignLead,
    BeginAbsence,
    ConfirmLead,
    CustodyCommand,
    CustodyEvent,
    DeclineHandover,
    EndAbsence,
    HandoverAccepted,
    HandoverDeclined,
    HandoverOffered,
    HandoverWithdrawn,
    LeadAssigned,
    LeadConfirmed,
    LeadLeft,
    OfferHandover,
    WithdrawHandover,
)
from workflows.case.fitness import Candidate, Standing
from workflows.core.kinds import Actor, Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.model import Program


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
    standing: Standing | None = None


class State(Frozen):
    """Who leads the case (None only before it is opened), who led it or stood in before, and what is under way.

    `since`: when the person in charge took it; `vacant`: they are no longer here.
    """

    lead: PersonId | None = None
    former: tuple[PersonId, ...] = ()
    offer: Offer | None = None
    absence: Absence | None = None
    number: int = 0
    standing: Standing | None = None
    since: Instant | None = None
    vacant: bool = False

    @property
    def named(self) -> PersonId | None:
        """Whose case it is now, also where they are no longer here: the lead, or the deputy while the lead is absent."""
        return self.lead if self.absence is None else self.absence.deputy

    @property
    def in_charge(self) -> PersonId | None:
        """Who owes what the lead owes; None while nobody leads the case, and those who may assign a lead are in charge."""
        return None if self.vacant else self.named


class Facts(NamedTuple):
    """The person named as the staff directory knows them now, the definition, and what is owed by whoever leads."""

    candidate: Candidate
    program: Program
    held: tuple[str, ...] = ()


def decide(
    state: State, command: CustodyCommand, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[CustodyEvent, ...]:
    """Answer a command about whose case this is.

    Raises:
        Refused: `already_lead`, `handover_open`, `not_in_charge`, `no_handover_offered`, `offered_to_another`, `orphans_obligations`,
            `own_deputy`, `ends_in_past`, `not_absent`, `lead_has_left`, `nothing_new`, and as `fitness.take` says.
    """
    match command:
        case AssignLead():
            if not state.vacant or state.absence is not None:
                _another(state, command.person)
            taken = fitness.take(facts.candidate, facts.program, by=actor, over_caseload=command.over_caseload, at=at)
            return (LeadAssigned.model_validate({"person": command.person, "former": state.lead, "reasons": command.reasons, **taken}),)  # fmt: skip
        case OfferHandover():
            return (_offered(state, command, facts, actor=actor, at=at),)
        case AcceptHandover():
            offer = _addressed(state, actor)
            taken = fitness.take(facts.candidate, facts.program, by=actor, at=at)
            led = LeadAssigned.model_validate({"person": actor.person, "former": state.lead, **taken})
            return (HandoverAccepted(offer=offer.number, person=actor.person), led)
        case DeclineHandover():
            offer = _addressed(state, actor)
            return (HandoverDeclined(offer=offer.number, person=actor.person, reasons=command.reasons),)
        case WithdrawHandover():
            number = _open(state).number
            _in_charge(state, actor)
            return (HandoverWithdrawn(offer=number, by=actor.person, reasons=command.reasons),)
        case BeginAbsence():
            return (_absent(state, command, facts, actor=actor, at=at),)
        case EndAbsence():
            return (_back(state, at),)
        case ConfirmLead():
            return (_confirmed(state, command, facts, at),)
        case _:
            assert_never(command)


def _another(state: State, person: str) -> None:
    if person == state.lead:
        raise Refused("already_lead", f"{person} leads this case already", "name another person")


def _offered(state: State, command: OfferHandover, facts: Facts, *, actor: Actor, at: datetime) -> HandoverOffered:
    _in_charge(state, actor)
    if state.offer is not None:
        raise Refused(
            "handover_open",
            f"the case is offered to {state.offer.person} already",
            "wait for their answer, or take it back with withdraw_handover",
        )
    _another(state, command.person)
    fitness.require_fit(facts.candidate, facts.program, at)
    return HandoverOffered(offer=state.number + 1, person=command.person, by=actor.person, reasons=command.reasons)


def _in_charge(state: State, actor: Actor) -> None:
    if actor.person != state.in_charge:
        raise Refused(
            "not_in_charge",
            f"{state.in_charge or 'whoever may assign a lead'} is in charge of this case",
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


def _absent(state: State, command: BeginAbsence, facts: Facts, *, actor: Actor, at: datetime) -> AbsenceBegan:
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
    taken = fitness.take(facts.candidate, facts.program, by=actor, over_caseload=command.over_caseload, at=at)
    number = state.number + 1 if state.absence is None else state.absence.number
    absence = {"absence": number, "person": lead, "deputy": command.deputy, "until": command.until, "agreed": command.agreed}  # fmt: skip
    return AbsenceBegan.model_validate({**absence, **taken})


def _back(state: State, at: datetime) -> AbsenceEnded:
    if state.absence is None:
        raise Refused("not_absent", f"{state.lead} is not absent", "nothing to do")
    if _gone(state.standing, at):
        raise Refused(
            "lead_has_left",
            f"{state.lead} is no longer here, as far as the case knows",
            "have the case led by another with assign_lead, or record with confirm_lead that they are here",
        )
    return AbsenceEnded(absence=state.absence.number, person=state.lead or "", deputy=state.absence.deputy)


def _gone(standing: Standing | None, at: datetime) -> bool:
    return standing is not None and standing.leaves is not None and standing.leaves <= at


def _confirmed(state: State, command: ConfirmLead, facts: Facts, at: datetime) -> LeadConfirmed:
    deputy = None if state.absence is None else state.absence.deputy
    if command.person not in {state.lead, deputy}:
        raise Refused(
            "not_in_charge", f"{command.person} neither leads this case nor stands in", f"name {state.named}"
        )  # fmt: skip
    fitness.require_lead(facts.candidate, facts.program)
    told = fitness.standing(facts.candidate, facts.program, at)
    known = state.absence.standing if state.absence is not None and command.person == deputy else state.standing
    if told == (known or Standing()):
        raise Refused(
            "nothing_new",
            f"the staff directory says of {command.person} what the case knows already",
            "import what is new with 'offramp staff import' first",
        )
    return LeadConfirmed(person=command.person, standing=told)


def evolve(state: State, event: CustodyEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case LeadAssigned():
            left = () if state.lead is None else (state.lead, *_stood_in(state))
            former = tuple(dict.fromkeys((*state.former, *left)))
            led = {"lead": event.person, "standing": event.standing, "since": at, "vacant": False}
            return state.model_copy(update={**led, "former": former, "offer": None, "absence": None})
        case HandoverOffered():
            offer = Offer(number=event.offer, person=event.person, since=at)
            return state.model_copy(update={"offer": offer, "number": event.offer})
        case HandoverAccepted() | HandoverDeclined() | HandoverWithdrawn():
            return state.model_copy(update={"offer": None})
        case AbsenceBegan():
            absence = Absence(number=event.absence, deputy=event.deputy, until=event.until, since=at, standing=event.standing)  # fmt: skip
            changes = {"number": max(state.number, event.absence), "former": _with(state, event.deputy)}
            return state.model_copy(update={"absence": absence, "since": at, "vacant": False, **changes})
        case AbsenceEnded():
            former = _with(state, *_stood_in(state))
            return state.model_copy(update={"absence": None, "since": at, "vacant": False, "former": former})
        case LeadConfirmed():
            return _known(state, event, at)
        case LeadLeft():
            return state.model_copy(update={"vacant": True})
        case _:
            assert_never(event)


def _known(state: State, event: LeadConfirmed, at: datetime) -> State:
    here = {"vacant": state.vacant and (event.person != state.named or _gone(event.standing, at))}
    if state.absence is not None and event.person == state.absence.deputy:
        absence = state.absence.model_copy(update={"standing": event.standing})
        return state.model_copy(update={"absence": absence, **here})
    return state.model_copy(update={"standing": event.standing, **here})


def _stood_in(state: State) -> tuple[PersonId, ...]:
    return () if state.absence is None else (state.absence.deputy,)


def _with(state: State, *people: PersonId) -> tuple[PersonId, ...]:
    """Whoever is or was in charge of the case does not judge it."""
    return tuple(dict.fromkeys((*state.former, *people)))


def owes(state: State) -> Iterator[Owed]:
    """An answer to an offer, the end of an absence, another lead before this one leaves, and certificates before they expire."""
    if state.offer is not None:
        yield Owed(key=f"handover_acceptance/{state.offer.number}", kind="handover_acceptance", since=state.offer.since)
    if state.absence is not None:
        key = f"absence_end/{state.absence.number}"
        yield Owed(key=key, kind="absence_end", since=state.absence.since, until=state.absence.until)
    yield from succession(state)
    standing = state.standing if state.absence is None else state.absence.standing
    if standing is None or state.since is None:
        return
    certified = standing.certified_until
    if certified is not None and not state.vacant:
        yield Owed(key=_key("certificate_renewal", certified), kind="certificate_renewal", since=state.since, until=certified)  # fmt: skip


def succession(state: State) -> Iterator[Owed]:
    """Another lead before whoever is in charge leaves, where that is known; and afterwards, until somebody leads."""
    standing = state.standing if state.absence is None else state.absence.standing
    if standing is not None and standing.leaves is not None and state.since is not None:
        leaves = standing.leaves
        yield Owed(key=_key("lead_succession", leaves), kind="lead_succession", since=state.since, until=leaves)


def _key(kind: str, at: datetime) -> str:
    """By the instant: who takes the case with the same end owes, and is owed, the same."""
    return f"{kind}/{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def left(state: State, at: datetime) -> tuple[LeadLeft, ...]:
    """That whoever is in charge is no longer here at `at`, where the case knows: nobody is taken for being there who is not."""
    standing = state.standing if state.absence is None else state.absence.standing
    return (LeadLeft(person=state.named or ""),) if not state.vacant and _gone(standing, at) else ()


def settles(event: CustodyEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case HandoverAccepted() | HandoverDeclined():
            return tuple(key for key in keys if key == f"handover_acceptance/{event.offer}")
        case AbsenceEnded():
            return tuple(key for key in keys if key == f"absence_end/{event.absence}" or key.startswith("lead_succession/"))  # fmt: skip
        case AbsenceBegan():
            return tuple(key for key in keys if key.startswith("lead_succession/"))
        case LeadAssigned():
            return tuple(key for key in keys if key.startswith(("handover_acceptance/", "lead_succession/")))
        case LeadConfirmed():
            return tuple(key for key in keys if key.startswith(("lead_succession/", "certificate_renewal/")))
        case _:
            return ()
