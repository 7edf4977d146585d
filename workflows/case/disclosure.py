"""Disclosure: each sharing with another agency is an act, with a basis, a minimum, an approver, and the person told.

No live agreement, no share; nobody reads by default, the police included (field guide §3: police reading by default would destroy a program, and
practitioners disclose only on reasoned danger, with the most openness to the person). The basis is the person's consent to share with that
partner, or one of four exceptions, by code and never in free words. Another person approves. The person is told, or is told
later for reasons that end on a day. Whoever received something is told when it is corrected, and when it is erased.
A request that lost its basis stops at once; one that nobody decides shares nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case.sharing import Basis, Facts, basis_of, delay, ground_of, minimum
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.keeping import ExceptionCode

DisclosureNumber = Annotated[int, Field(ge=1, description="number of the disclosure in the case")]
Fields = Annotated[tuple[Code, ...], Field(min_length=1, max_length=50, description="what is shared, by the definition's field codes")]  # fmt: skip


class RequestDisclosure(Command):
    """Ask that something be shared with a partner: under an agreement and the person's consent, or under an exception."""

    type: Literal["request_disclosure"] = "request_disclosure"
    partner: Annotated[Code, Field(description="partner, by its code")]
    recipient: Annotated[Code, Field(description="role at the partner that receives it")]
    purpose: Annotated[Code, Field(description="what it is for, by the definition's code")]
    fields: Fields
    reasons: NoteRef
    agreement: Annotated[Code | None, Field(description="sharing agreement; the person's consent is its basis")] = None
    exception: Annotated[ExceptionCode | None, Field(description="instead of an agreement and consent")] = None
    tell_from: Annotated[Instant | None, Field(description="leave the person untold until then, at most as long as the definition allows")] = None  # fmt: skip
    delay_reasons: Annotated[NoteRef | None, Field(description="why the person is told only from then on")] = None


class ApproveDisclosure(Command):
    """Approve a disclosure that somebody else asked for; it is made herewith."""

    type: Literal["approve_disclosure"] = "approve_disclosure"
    disclosure: DisclosureNumber
    reasons: NoteRef


class DeclineDisclosure(Command):
    """Decline a disclosure, or take back one's own request: nothing is shared."""

    type: Literal["decline_disclosure"] = "decline_disclosure"
    disclosure: DisclosureNumber
    reasons: NoteRef


class RecordTold(Command):
    """Record that the person was told of a disclosure, in a language they understand."""

    type: Literal["record_told"] = "record_told"
    disclosure: DisclosureNumber
    how: Literal["in_person", "call", "letter", "through_advocate"]
    language: Code
    proof: NoteRef | None = None


class CorrectDisclosure(Command):
    """Record that something which was shared was wrong: everybody who received it is owed the correction."""

    type: Literal["correct_disclosure"] = "correct_disclosure"
    fields: Fields
    correction: NoteRef


class RecordRecipientTold(Command):
    """Record that the recipient of a disclosure was told of every correction of it so far, or of the erasure."""

    type: Literal["record_recipient_told"] = "record_recipient_told"
    disclosure: DisclosureNumber
    about: Literal["correction", "erasure"]
    proof: NoteRef


class DisclosureRequested(Event):
    """Somebody asks to share this, on this basis."""

    type: Literal["disclosure_requested"] = "disclosure_requested"
    disclosure: int
    partner: Code
    recipient: Code
    purpose: Code
    fields: tuple[Code, ...]
    basis: Basis
    agreement: Code | None = None
    requested_by: PersonId
    reasons: NoteRef
    tell_from: Instant | None = None
    delay_reasons: NoteRef | None = None


class DisclosureMade(Event):
    """It is shared: with whom, on which basis, these fields and nothing else."""

    type: Literal["disclosure_made"] = "disclosure_made"
    disclosure: int
    partner: Code
    recipient: Code
    purpose: Code
    fields: tuple[Code, ...]
    basis: Basis
    agreement: Code | None = None
    requested_by: PersonId
    approved_by: PersonId
    reasons: NoteRef


class DisclosureDeclined(Event):
    """It is not shared."""

    type: Literal["disclosure_declined"] = "disclosure_declined"
    disclosure: int
    declined_by: PersonId
    reasons: NoteRef


class DisclosureStopped(Event):
    """A request lost its basis before anybody approved it: nothing is shared."""

    type: Literal["disclosure_stopped"] = "disclosure_stopped"
    disclosure: int
    because: Literal["no_consent", "case_closed"]


class DisclosureTold(Event):
    """The person knows of the disclosure."""

    type: Literal["disclosure_told"] = "disclosure_told"
    disclosure: int
    how: Code
    language: Code
    proof: NoteRef | None = None


class DisclosureCorrected(Event):
    """What was shared in these disclosures was wrong, in these fields."""

    type: Literal["disclosure_corrected"] = "disclosure_corrected"
    correction: int
    fields: tuple[Code, ...]
    disclosures: tuple[int, ...]
    text: NoteRef


class RecipientTold(Event):
    """The recipient knows of the corrections so far, or of the erasure."""

    type: Literal["recipient_told"] = "recipient_told"
    disclosure: int
    about: Literal["correction", "erasure"]
    proof: NoteRef


DisclosureCommand = RequestDisclosure | ApproveDisclosure | DeclineDisclosure | RecordTold | CorrectDisclosure | RecordRecipientTold  # fmt: skip
DisclosureEvent = DisclosureRequested | DisclosureMade | DisclosureDeclined | DisclosureStopped | DisclosureTold | DisclosureCorrected | RecipientTold  # fmt: skip


class Made(Frozen):
    """A disclosure that was made. `tell_from`: since when the person is owed word of it (None: they know); corrections not yet passed on, by number."""

    partner: Code
    recipient: Code
    fields: tuple[Code, ...]
    tell_from: Instant | None
    corrections: dict[int, Instant] = {}
    erasure_told: bool = False


class Pending(Frozen):
    """A request that waits for its approval."""

    request: DisclosureRequested
    since: Instant


class State(Frozen):
    """Requests that wait, and disclosures made, by number; how many requests and corrections there were."""

    pending: dict[int, Pending] = {}
    made: dict[int, Made] = {}
    number: int = 0
    corrections: int = 0


def decide(
    state: State, command: DisclosureCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[DisclosureEvent, ...]:
    """Answer a disclosure command.

    Raises:
        Refused: `unknown_partner`, `unknown_recipient`, `no_such_request`, `not_independent`, `no_such_disclosure`, `told_already`, `never_shared`,
            `nothing_to_tell`, or what `sharing` refuses: basis, minimum, delay.
    """
    match command:
        case RequestDisclosure():
            return (_request(state, command, facts, actor=actor, at=at),)
        case ApproveDisclosure():
            return (_approve(_pending(state, command.disclosure).request, command, facts, actor=actor, at=at),)
        case DeclineDisclosure():
            _pending(state, command.disclosure)
            return (DisclosureDeclined(disclosure=command.disclosure, declined_by=actor.person, reasons=command.reasons),)  # fmt: skip
        case RecordTold():
            if _made(state, command.disclosure).tell_from is None:
                raise Refused("told_already", "the person knows of this disclosure", "nothing to do")
            return (DisclosureTold(**command.model_dump(exclude={"type"})),)
        case CorrectDisclosure():
            return (_correct(state, command),)
        case RecordRecipientTold():
            made = _made(state, command.disclosure)
            erasure_owed = facts.erased_at is not None and not made.erasure_told
            if not (made.corrections if command.about == "correction" else erasure_owed):
                raise Refused("nothing_to_tell", f"this recipient is owed word of no {command.about}", "nothing to do")
            return (RecipientTold(disclosure=command.disclosure, about=command.about, proof=command.proof),)
        case _:
            assert_never(command)


def _request(
    state: State, command: RequestDisclosure, facts: Facts, *, actor: Actor, at: datetime
) -> DisclosureRequested:
    if command.partner not in facts.partners:
        raise Refused("unknown_partner", f"the program has no partner {command.partner}", f"use one of: {listed(sorted(facts.partners))}")  # fmt: skip
    if facts.recipients.get(command.recipient) != command.partner:
        theirs = listed(sorted(role for role, partner in facts.recipients.items() if partner == command.partner))
        raise Refused("unknown_recipient", f"{command.recipient} is no role at {command.partner}", f"name a role there: {theirs}")  # fmt: skip
    basis = basis_of(command.partner, facts, at, purpose=command.purpose, agreement=command.agreement, exception=command.exception)  # fmt: skip
    minimum(command.purpose, command.fields, ground_of(command.agreement, command.exception, facts))
    delay(command.tell_from, command.delay_reasons, facts, at)
    known = command.model_dump(exclude={"type", "exception"})
    return DisclosureRequested(disclosure=state.number + 1, basis=basis, requested_by=actor.person, **known)


def _approve(
    request: DisclosureRequested, command: ApproveDisclosure, facts: Facts, *, actor: Actor, at: datetime
) -> DisclosureMade:
    if actor.person == request.requested_by:
        raise Refused("not_independent", f"{actor.person} asked for this disclosure", "ask another person who may approve: nobody decides on their own work")  # fmt: skip
    basis_of(request.partner, facts, at, purpose=request.purpose, agreement=request.agreement, exception=None if request.agreement else request.basis)  # fmt: skip
    shared = request.model_dump(exclude={"type", "reasons", "tell_from", "delay_reasons"})
    return DisclosureMade(**shared, approved_by=actor.person, reasons=command.reasons)


def _correct(state: State, command: CorrectDisclosure) -> DisclosureCorrected:
    wrong = set(command.fields)
    received = tuple(number for number, made in state.made.items() if wrong.intersection(made.fields))
    if not received:
        raise Refused("never_shared", f"{listed(sorted(wrong))} was shared with nobody", "nothing to do: only what was shared is corrected here")  # fmt: skip
    number = state.corrections + 1
    return DisclosureCorrected(correction=number, fields=command.fields, disclosures=received, text=command.correction)


def _pending(state: State, number: int) -> Pending:
    if number not in state.pending:
        waiting = listed(state.pending)
        raise Refused("no_such_request", f"no request {number} waits for a decision", f"these wait: {waiting}")
    return state.pending[number]


def _made(state: State, number: int) -> Made:
    if number not in state.made:
        known = listed(state.made)
        raise Refused("no_such_disclosure", f"no disclosure {number} was made", f"these were made: {known}")
    return state.made[number]


def without_basis(state: State, *, consented: Collection[str], closed: bool) -> tuple[DisclosureStopped, ...]:
    """The requests that stop now: their consent is no longer in force, or the case is closed."""
    asked = {number: waiting.request for number, waiting in state.pending.items()}
    lost = [n for n, request in asked.items() if closed or (request.agreement and request.basis not in consented)]
    return tuple(DisclosureStopped(disclosure=n, because="case_closed" if closed else "no_consent") for n in lost)


def evolve(state: State, event: DisclosureEvent, at: datetime) -> State:
    """The state after the event; an event about an unknown disclosure changes nothing."""
    match event:
        case DisclosureRequested():
            pending = {**state.pending, event.disclosure: Pending(request=event, since=at)}
            return state.model_copy(update={"pending": pending, "number": max(state.number, event.disclosure)})
        case DisclosureMade():
            asked = state.pending.get(event.disclosure)
            tell_from = asked.request.tell_from if asked is not None else None
            made = Made(partner=event.partner, recipient=event.recipient, fields=event.fields, tell_from=max(tell_from or at, at))  # fmt: skip
            return _settled(state, event.disclosure).model_copy(update={"made": {**state.made, event.disclosure: made}})
        case DisclosureDeclined() | DisclosureStopped():
            return _settled(state, event.disclosure)
        case DisclosureTold():
            return _changed(state, event.disclosure, tell_from=None)
        case DisclosureCorrected():
            for number in event.disclosures:
                known = state.made[number].corrections if number in state.made else {}
                state = _changed(state, number, corrections={**known, event.correction: at})
            return state.model_copy(update={"corrections": max(state.corrections, event.correction)})
        case RecipientTold():
            if event.about == "correction":
                return _changed(state, event.disclosure, corrections={})
            return _changed(state, event.disclosure, erasure_told=True)
        case _:
            assert_never(event)


def _settled(state: State, number: int) -> State:
    return state.model_copy(update={"pending": {n: waiting for n, waiting in state.pending.items() if n != number}})


def _changed(state: State, number: int, **changes: object) -> State:
    if number not in state.made:
        return state
    return state.model_copy(update={"made": {**state.made, number: state.made[number].model_copy(update=changes)}})


def owes(state: State, *, erased_at: datetime | None) -> Iterator[Owed]:
    """A decision on each request; word to the person of each disclosure; to each recipient of what was corrected or erased."""
    for number, waiting in state.pending.items():
        yield Owed(key=f"disclosure_decision/{number}", kind="disclosure_decision", since=waiting.since)
    for number, made in state.made.items():
        if made.tell_from is not None:
            yield Owed(key=f"tell_of_disclosure/{number}", kind="tell_of_disclosure", since=made.tell_from)
        for correction, since in made.corrections.items():
            yield Owed(key=f"tell_recipient/{number}/{correction}", kind="tell_recipient", since=since)
        if erased_at is not None and not made.erasure_told:
            yield Owed(key=f"tell_recipient/{number}/erasure", kind="tell_recipient", since=erased_at)


def settles(event: DisclosureEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills; a request that stopped needs no decision any more."""
    match event:
        case DisclosureMade() | DisclosureDeclined():
            return tuple(key for key in keys if key == f"disclosure_decision/{event.disclosure}")
        case DisclosureTold():
            return tuple(key for key in keys if key == f"tell_of_disclosure/{event.disclosure}")
        case RecipientTold():
            erasure = f"tell_recipient/{event.disclosure}/erasure"
            mine = [key for key in keys if key.startswith(f"tell_recipient/{event.disclosure}/")]
            return tuple(key for key in mine if (key == erasure) == (event.about == "erasure"))
        case DisclosureRequested() | DisclosureStopped() | DisclosureCorrected():
            return ()
        case _:
            assert_never(event)
