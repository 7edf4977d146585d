"""Support for relatives: parents, partners, children and friends are clients in their own right.

In family counseling the index person may never know. So what a relative asks for is owed an offer, and what they accept goes on whatever the participant
consents to, in whichever phase, and after the case is closed: it rests on the relative's own consent alone, and ends when they say so. A session counts when whoever
held it attests it; a support that nobody holds is seen, and is ended by no silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case import attested
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import Network

Number = Annotated[int, Field(ge=1)]
Ending = Literal["completed", "own_wish", "other_help"]


class RequestRelativeSupport(Command):
    """Record that a related person asks for support for themselves."""

    type: Literal["request_relative_support"] = "request_relative_support"
    relative: Annotated[Number, Field(description="number of the related person in the case")]
    need: Annotated[NoteRef, Field(description="what they need, in their own words")]


class OfferRelativeSupport(Command):
    """Record what was offered to a related person who asked, and whether they took it; what they took begins."""

    type: Literal["offer_relative_support"] = "offer_relative_support"
    request: Annotated[Number, Field(description="number of the request in the case")]
    kind: Annotated[Code, Field(description="from the definition's supports for relatives")]
    provider: Annotated[Code, Field(description="organization that provides it")]
    answer: Literal["accepted", "declined"]


class AttestRelativeSession(Command):
    """Attest, as a person of the provider, that a session with a related person was held; never by whoever leads or led the case."""

    type: Literal["attest_relative_session"] = "attest_relative_session"
    support: Annotated[Number, Field(description="number of the relative's support in the case")]
    observed_at: Annotated[Instant | None, Field(description="when it was held, if not now")] = None
    note: NoteRef | None = None


class EndRelativeSupport(Command):
    """Record that a related person's support is over, as they see it."""

    type: Literal["end_relative_support"] = "end_relative_support"
    support: Annotated[Number, Field(description="number of the relative's support in the case")]
    because: Ending
    view: Annotated[NoteRef, Field(description="the related person's own view")]


class RelativeSupportRequested(Event):
    """They asked: an offer is owed."""

    type: Literal["relative_support_requested"] = "relative_support_requested"
    relative: int
    request: int
    need: NoteRef


class RelativeSupportOffered(Event):
    """The offer was made; where it was accepted, support `support` of theirs begins."""

    type: Literal["relative_support_offered"] = "relative_support_offered"
    relative: int
    request: int
    kind: Code
    provider: Code
    answer: Literal["accepted", "declined"]
    support: int | None = None


class RelativeSessionAttested(Event):
    """Session `session` of their support was held, as a person of the provider attests."""

    type: Literal["relative_session_attested"] = "relative_session_attested"
    relative: int
    support: int
    session: int
    by: PersonId
    observed_at: Instant
    note: NoteRef | None = None


class RelativeSupportEnded(Event):
    """Their support is over: as they see it, or since they took their consent back."""

    type: Literal["relative_support_ended"] = "relative_support_ended"
    relative: int
    support: int
    sessions: int
    because: Ending | Literal["consent_withdrawn"]
    view: NoteRef | None = None


RelativeSupportCommand = RequestRelativeSupport | OfferRelativeSupport | AttestRelativeSession | EndRelativeSupport
RelativeSupportEvent = (
    RelativeSupportRequested | RelativeSupportOffered | RelativeSessionAttested | RelativeSupportEnded
)


class Request(Frozen):
    """A request that waits for an offer."""

    relative: int
    since: Instant


class Support(Frozen):
    """A support of a relative that goes on: whose, of which kind, by whom, since when, and its sessions."""

    relative: int
    kind: Code
    provider: Code
    since: Instant
    sessions: int = 0
    last: Instant | None = None


class State(Frozen):
    """Requests that wait and supports that go on, by number, and the next numbers."""

    requests: dict[int, Request] = {}
    active: dict[int, Support] = {}
    next_request: int = 1
    next_support: int = 1


class Facts(Frozen):
    """The program's rule (None: it knows no network), the relatives on record, those who consent to support, and who leads or led the case."""

    rule: Network | None
    known: frozenset[int]
    consenting: frozenset[int]
    leads: frozenset[PersonId]


def decide(
    state: State, command: RelativeSupportCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[RelativeSupportEvent, ...]:
    """Answer a command about a relative's support.

    Raises:
        Refused: `no_such_relative`, and as the functions below say.
    """
    match command:
        case RequestRelativeSupport():
            if command.relative not in facts.known:
                known = listed(sorted(facts.known))
                raise Refused("no_such_relative", f"no related person {command.relative} is on record", f"known: {known}")  # fmt: skip
            return (RelativeSupportRequested(relative=command.relative, request=state.next_request, need=command.need),)
        case OfferRelativeSupport():
            return (_offered(state, command, facts),)
        case AttestRelativeSession():
            return (_attested(state, command, facts, actor=actor, at=at),)
        case EndRelativeSupport():
            found = _find(state, command.support)
            return (
                RelativeSupportEnded(
                    relative=found.relative, support=command.support, sessions=found.sessions, because=command.because,
                    view=command.view,
                ),
            )  # fmt: skip
        case _:
            assert_never(command)


def _find(state: State, number: int) -> Support:
    """The relative's support of that number.

    Raises:
        Refused: `no_such_relative_support`.
    """
    found = state.active.get(number)
    if found is None:
        known = listed(state.active)
        raise Refused("no_such_relative_support", f"no support {number} of a relative goes on", f"these do: {known}")
    return found


def _offered(state: State, command: OfferRelativeSupport, facts: Facts) -> RelativeSupportOffered:
    """Record an offer.

    Raises:
        Refused: `no_such_request`, `unknown_relative_support`, `relative_consent_missing`.
    """
    request = state.requests.get(command.request)
    if request is None:
        known = listed(state.requests)
        raise Refused("no_such_request", f"no request {command.request} waits for an offer", f"these do: {known}")
    kinds = {} if facts.rule is None else facts.rule.supports
    if command.kind not in kinds:
        raise Refused(
            "unknown_relative_support",
            f"the program offers relatives no {command.kind}",
            f"it offers them: {', '.join(kinds) or 'nothing'}",
        )
    accepted = command.answer == "accepted"
    if accepted and request.relative not in facts.consenting:
        raise Refused(
            "relative_consent_missing",
            f"related person {request.relative} has not consented to support for themselves",
            "explain it to them, and record it with give_relative_consent; it needs nobody else's",
        )
    offered = command.model_dump(exclude={"type"})
    return RelativeSupportOffered(
        relative=request.relative, support=state.next_support if accepted else None, **offered
    )


def _attested(
    state: State, command: AttestRelativeSession, facts: Facts, *, actor: Actor, at: datetime
) -> RelativeSessionAttested:
    """Attest a session.

    Raises:
        Refused: `not_independent`, and as `_find` and `attested` say.
    """
    found, held = _find(state, command.support), command.observed_at or at
    kind = None if facts.rule is None else facts.rule.supports.get(found.kind)
    if actor.person in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor.person} leads or led the participant's case, and holds nothing with their relatives",
            "have the person who held the session attest it",
        )
    roles = None if kind is None else kind.attest_by
    attested.require_by_provider(actor, found.provider, roles, what="sessions of this support are")
    attested.require_in_order(held, since=found.last or found.since, at=at)
    return RelativeSessionAttested(
        relative=found.relative, support=command.support, session=found.sessions + 1, by=actor.person, observed_at=held,
        note=command.note,
    )  # fmt: skip


def stop(state: State, relative: int) -> tuple[RelativeSupportEnded, ...]:
    """What becomes of a relative's supports when they take their consent back: each ends at once, and their requests may still be answered."""
    return tuple(
        RelativeSupportEnded(relative=relative, support=number, sessions=one.sessions, because="consent_withdrawn")
        for number, one in state.active.items()
        if one.relative == relative
    )


def resting(state: State) -> dict[int, tuple[str, ...]]:
    """What goes on or waits for each relative, by key."""
    found: dict[int, tuple[str, ...]] = {}
    for number, one in state.active.items():
        found[one.relative] = (*found.get(one.relative, ()), f"relative_support/{one.relative}/{number}")
    for number, request in state.requests.items():
        key = f"relative_support_offer/{request.relative}/{number}"
        found[request.relative] = (*found.get(request.relative, ()), key)
    return found


def evolve(state: State, event: RelativeSupportEvent, at: datetime) -> State:
    """The state after the event; an event about a support that does not go on changes nothing."""
    match event:
        case RelativeSupportRequested():
            waiting = {**state.requests, event.request: Request(relative=event.relative, since=at)}
            return state.model_copy(update={"requests": waiting, "next_request": event.request + 1})
        case RelativeSupportOffered():
            changes: dict[str, object] = {
                "requests": {number: one for number, one in state.requests.items() if number != event.request}
            }
            if event.support is not None:
                begun = Support(relative=event.relative, kind=event.kind, provider=event.provider, since=at)
                changes |= {"active": {**state.active, event.support: begun}, "next_support": event.support + 1}
            return state.model_copy(update=changes)
        case RelativeSessionAttested():
            found = state.active.get(event.support)
            if found is None:
                return state
            after = found.model_copy(update={"sessions": event.session, "last": event.observed_at})
            return state.model_copy(update={"active": {**state.active, event.support: after}})
        case RelativeSupportEnded():
            rest = {number: one for number, one in state.active.items() if number != event.support}
            return state.model_copy(update={"active": rest})
        case _:
            assert_never(event)


def owes(state: State, rule: Network | None) -> Iterator[Owed]:
    """An offer to whoever asked, and the next session of each support that goes on."""
    for number, request in state.requests.items():
        key = f"relative_support_offer/{request.relative}/{number}"
        yield Owed(key=key, kind="relative_support_offer", since=request.since)
    for number, one in state.active.items():
        kind = None if rule is None else rule.supports.get(one.kind)
        if kind is not None:
            key = f"relative_session/{one.relative}/{number}/{one.sessions + 1}"
            yield Owed(key=key, kind="relative_session", since=one.last or one.since, term=kind.session_every)


def settles(event: RelativeSupportEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case RelativeSupportOffered():
            return tuple(key for key in keys if key == f"relative_support_offer/{event.relative}/{event.request}")
        case RelativeSessionAttested():
            about = f"relative_session/{event.relative}/{event.support}/{event.session}"
            return tuple(key for key in keys if key == about)
        case _:
            return ()
