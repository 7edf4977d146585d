"""Referrals out: a person is referred to a provider for a need, and the loop is closed.

Referrals that nobody followed up are the gap between services: treatment demanded a stability that nobody supplied (Reading), and those whom a case was passed to never
began (Southport). So a referral is requested, accepted or rejected, in progress, and completed, failed or cancelled (the states of FHIR's Task), and each of them
is owed its next step by somebody. Referral is not receipt: only a person of the provider attests that it was completed. Where nobody replies the referral returns to
its owner, who owes another way until one is tried, or until another person than the lead reasons that there is none. Where a provider wants another need met first and
that one waits, over however many steps, for this one, the circle is put before the chair of the panel, once, and stays there until a chair records how it is broken (F5).
Codes alone travel, and only to whom the person consented to share with.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import assert_never

from workflows.case import attested
from workflows.case.referral_form import (
    AcceptReferral,
    AlternativeRuledOut,
    Answering,
    Because,
    BeginReferral,
    BreakCircle,
    CancelReferral,
    CircleBroken,
    CircularPreconditionFound,
    CompleteReferral,
    FailReferral,
    ProviderTold,
    RecordProviderTold,
    ReferralAccepted,
    ReferralBegun,
    ReferralCancelled,
    ReferralCommand,
    ReferralCompleted,
    ReferralEvent,
    ReferralFailed,
    ReferralRejected,
    ReferralRequested,
    ReferralReturned,
    RejectReferral,
    RequestReferral,
    RuleOutAlternative,
)
from workflows.case.referring import (
    Circle,
    Facts,
    Referral,
    State,
    Status,
    begun,
    circle,
    requested,
    shared,
    stands,
)
from workflows.core.kinds import Actor
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

_STAGES: dict[type[Answering], tuple[Status, ...]] = {
    AcceptReferral: ("requested",), RejectReferral: ("requested",), BeginReferral: ("accepted",),
    CompleteReferral: ("accepted", "in_progress"), FailReferral: ("accepted", "in_progress"),
    CancelReferral: ("requested", "accepted", "in_progress"),
}  # fmt: skip
"""Command → how the referral must stand; one that came back by silence can still be accepted or rejected."""


def decide(
    state: State, command: ReferralCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[ReferralEvent, ...]:
    """Answer a command about referrals.

    Raises:
        Refused: `no_such_referral`, `referral_stage`, `not_the_provider`, `nothing_to_tell`, and as the functions below say.
    """
    match command:
        case RequestReferral():
            return (requested(state, command, facts),)
        case BreakCircle():
            return _break(state, command, facts, actor)
        case RuleOutAlternative():
            return (_rule_out(state, command, facts, actor),)
        case RecordProviderTold():
            if facts.erased_at is None or command.provider not in state.knowing:
                raise Refused("nothing_to_tell", f"{command.provider} is owed word of no erasure", "nothing to do: it is told once, after an erasure")  # fmt: skip
            return (ProviderTold(provider=command.provider, proof=command.proof),)
        case _:
            one = _at_stage(state, command)
            if not actor.holds(facts.referring) and actor.organization != one.provider:
                raise Refused(
                    "not_the_provider",
                    f"referral {command.referral} is answered by people of {one.provider}",
                    "ask a person of that provider, or whoever refers to record what it said",
                )
            return _answer(state, command, facts, actor=actor, at=at)


def _at_stage(state: State, command: Answering) -> Referral:
    one, stages = _known(state, command.referral), _STAGES[type(command)]
    late = one.because == "silence" and "requested" in stages and not isinstance(command, CancelReferral)
    if one.status not in stages and not late:
        raise Refused(
            "referral_stage",
            f"referral {command.referral} is {one.status}, and {command.type} takes one that is {' or '.join(stages)}",
            "record its steps in order: accept_referral or reject_referral, begin_referral, complete_referral",
        )
    return one


def _known(state: State, number: int) -> Referral:
    if number not in state.open:
        raise Refused("no_such_referral", f"no referral {number} is open", f"open referrals: {listed(state.open)}")
    return state.open[number]


def _answer(state: State, command: Answering, facts: Facts, *, actor: Actor, at: datetime) -> tuple[ReferralEvent, ...]:
    number, by = command.referral, actor.person
    match command:
        case AcceptReferral():
            return (ReferralAccepted(referral=number, by=by),)
        case RejectReferral():
            return _reject(state, command, facts, actor=actor, at=at)
        case BeginReferral():
            return (begun(command, facts, actor=actor, at=at),)
        case CompleteReferral():
            return (_complete(state.open[number], command, facts, actor),)
        case FailReferral():
            return (ReferralFailed(referral=number, reasons=command.reasons, by=by),)
        case CancelReferral():
            return (ReferralCancelled(referral=number, reasons=command.reasons, by=by),)
        case _:
            assert_never(command)


def _reject(
    state: State, command: RejectReferral, facts: Facts, *, actor: Actor, at: datetime
) -> tuple[ReferralEvent, ...]:
    """Record a rejection; one that closes a circle is put before the panel.

    Raises:
        Refused: `unknown_need`.
    """
    known = {} if facts.care is None else facts.care.needs
    if command.needs is not None and command.needs not in known:
        raise Refused("unknown_need", f"the program knows no need {command.needs}", f"known: {listed(known)}")
    rejected = ReferralRejected(referral=command.referral, reasons=command.reasons, needs=command.needs, by=actor.person)  # fmt: skip
    after = evolve(state, rejected, at)
    around = circle(after, command.referral)
    if not around:
        return (rejected,)
    needs = tuple(after.open[number].need for number in around)
    return rejected, CircularPreconditionFound(circle=state.circle + 1, referrals=around, needs=needs)


def _complete(one: Referral, command: CompleteReferral, facts: Facts, actor: Actor) -> ReferralCompleted:
    """Attest that the person received it.

    Raises:
        Refused: `not_independent`, and as `attested` says.
    """
    kind = facts.kind(one.kind)
    if actor.person in facts.leads:
        raise Refused("not_independent", f"{actor.person} leads or led this case, and attests nothing in it", "have the person of the provider attest it")  # fmt: skip
    roles = None if kind is None else kind.attest_by
    attested.require_by_provider(actor, one.provider, roles, what=f"referral {command.referral} is")
    return ReferralCompleted(referral=command.referral, output=command.output, by=actor.person)


def _rule_out(state: State, command: RuleOutAlternative, facts: Facts, actor: Actor) -> AlternativeRuledOut:
    """Reason that there is no other provider.

    Raises:
        Refused: `not_returned`, `not_independent`.
    """
    one = _known(state, command.referral)
    if one.status != "returned":
        raise Refused("not_returned", f"referral {command.referral} is with {one.provider}", "cancel it first, or wait for the reply")  # fmt: skip
    if actor.person in facts.leads:
        raise Refused("not_independent", f"{actor.person} leads or led this case, and rules out no way in it", "ask another person to judge it")  # fmt: skip
    return AlternativeRuledOut(referral=command.referral, need=one.need, reasons=command.reasons, by=actor.person)


def _break(state: State, command: BreakCircle, facts: Facts, actor: Actor) -> tuple[ReferralEvent, ...]:
    """Break a circle, and refer again where the precondition was waived.

    Raises:
        Refused: `no_such_circle`, `not_independent`, `waiver_missing`, `nothing_to_waive`.
    """
    found = state.circles.get(command.circle)
    if found is None:
        raise Refused("no_such_circle", f"no circle {command.circle} waits for the panel", f"these do: {listed(state.circles)}")  # fmt: skip
    if actor.person in facts.leads:
        raise Refused("not_independent", f"{actor.person} leads or led this case", "ask a chair who did not")
    holds = stands(state, command.circle)
    if holds and (command.waived not in found.referrals or command.waived_by is None):
        raise Refused(
            "waiver_missing",
            f"the circle holds while none of its preconditions is waived (referrals {listed(found.referrals)})",
            "name in 'waived' the referral whose precondition is waived, and in 'waived_by' the organization that waives it",
        )
    if not holds and (command.waived is not None or command.waived_by is not None):
        raise Refused("nothing_to_waive", "the circle holds no more: one of its needs is answered in another way", "leave waived and waived_by out, and say in the reasons how it was broken")  # fmt: skip
    broken = CircleBroken(**command.model_dump(exclude={"type"}), by=actor.person)
    one = None if command.waived is None else state.open[command.waived]
    if one is None or one.need not in facts.needs or one.provider not in facts.permitted:
        return (broken,)
    again = ReferralRequested(referral=state.number + 1, need=one.need, kind=one.kind, provider=one.provider, support=one.support, replaces=command.waived, shared=shared(one.provider, facts))  # fmt: skip
    return broken, again


def without_consent(state: State, permitted: Collection[str]) -> Iterator[ReferralReturned]:
    """What comes back since sharing with its provider ended before it replied. What a provider took on goes on: it is the person's own."""
    for number, one in state.open.items():
        if one.status == "requested" and one.provider not in permitted:
            yield ReferralReturned(referral=number, because="no_consent")


def evolve(state: State, event: ReferralEvent, at: datetime) -> State:
    """The state after the event; an event about a referral that is not open changes nothing."""
    match event:
        case ReferralRequested():
            asked = Referral(need=event.need, kind=event.kind, provider=event.provider, support=event.support, requested_at=at, since=at)  # fmt: skip
            rest = {n: one for n, one in state.open.items() if one.need != event.need or one.status != "returned"}
            knowing = tuple(dict.fromkeys((*state.knowing, event.provider))) if event.shared else state.knowing
            return state.model_copy(
                update={"open": {**rest, event.referral: asked}, "number": max(state.number, event.referral), "knowing": knowing}
            )  # fmt: skip
        case ProviderTold():
            return state.model_copy(update={"knowing": tuple(one for one in state.knowing if one != event.provider)})
        case CircularPreconditionFound():
            found = Circle(referrals=event.referrals, needs=event.needs, since=at)
            return state.model_copy(update={"circles": {**state.circles, event.circle: found}, "circle": max(state.circle, event.circle)})  # fmt: skip
        case CircleBroken():
            left = {number: one for number, one in state.circles.items() if number != event.circle}
            waived = state.model_copy(update={"circles": left})
            known = event.waived is not None and event.waived in state.open
            return _back(waived, event.waived or 0, "waived", at) if known else waived
        case _:
            return _evolve_one(state, event, at) if event.referral in state.open else state


def _evolve_one(
    state: State,
    event: ReferralAccepted | ReferralRejected | ReferralBegun | ReferralCompleted | ReferralFailed | ReferralCancelled
    | ReferralReturned | AlternativeRuledOut,
    at: datetime,
) -> State:  # fmt: skip
    number = event.referral
    match event:
        case ReferralAccepted():
            return _changed(state, number, status="accepted", since=at, because=None, needs=None)
        case ReferralBegun():
            return _changed(state, number, status="in_progress", since=at, expected=event.expected)
        case ReferralRejected():
            return _back(state, number, "rejected", at, needs=event.needs)
        case ReferralFailed():
            return _back(state, number, "failed", at)
        case ReferralCancelled():
            return _back(state, number, "cancelled", at)
        case ReferralReturned():
            return _back(state, number, event.because, at)
        case AlternativeRuledOut():
            return _without(state, number).model_copy(update={"changed": at})
        case ReferralCompleted():
            one = state.open[number]
            # What is tied to a support is served by its sessions.
            served = (*state.served, one.need) if one.support is None else state.served
            return _without(state, number).model_copy(update={"served": tuple(dict.fromkeys(served)), "changed": at})
        case _:
            assert_never(event)


def _changed(state: State, number: int, **changes: object) -> State:
    return state.model_copy(update={"open": {**state.open, number: state.open[number].model_copy(update=changes)}})


def _without(state: State, number: int) -> State:
    return state.model_copy(update={"open": {n: one for n, one in state.open.items() if n != number}})


def _back(state: State, number: int, because: Because, at: datetime, *, needs: str | None = None) -> State:
    """The referral is back with its owner; where another one for the same need is open, that one stands for both."""
    need = state.open[number].need
    if any(one.need == need for other, one in state.open.items() if other != number):
        return _without(state, number)
    return _changed(state, number, status="returned", since=at, because=because, needs=needs)


def owes(state: State, needs: Collection[str]) -> Iterator[Owed]:
    """The next step of each referral, and an answer of the panel to each circle; another way while the need of what came back is among the open `needs`."""
    for number, one in state.open.items():
        match one.status:
            case "requested":
                yield Owed(key=f"referral_reply/{number}", kind="referral_reply", since=one.since)
            case "accepted":
                yield Owed(key=f"referral_progress/{number}", kind="referral_progress", since=one.since)
            case "in_progress":
                yield Owed(key=f"referral_outcome/{number}", kind="referral_outcome", since=one.since, until=one.expected)  # fmt: skip
            case "returned":
                if one.need in needs:
                    yield Owed(key=f"referral_alternative/{number}", kind="referral_alternative", since=one.since)
            case _:
                assert_never(one.status)
    for number, found in state.circles.items():
        yield Owed(key=f"circular_precondition/{number}", kind="circular_precondition", since=found.since)


def owes_erased(state: State, erased_at: datetime | None) -> Iterator[Owed]:
    """Word of the erasure to each provider that knows of the person by a referral."""
    if erased_at is not None:
        for provider in state.knowing:
            yield Owed(key=f"tell_provider/{provider}", kind="tell_provider", since=erased_at)


def fall_silent(state: State, key: str) -> tuple[ReferralReturned, ...]:
    """What the room adds when nobody replied in time: the referral returns to its owner."""
    return tuple(
        ReferralReturned(referral=number, because="silence")
        for number, one in state.open.items()
        if one.status == "requested" and key == f"referral_reply/{number}"
    )


_MET: dict[type[object], tuple[str, ...]] = {
    ReferralAccepted: ("referral_reply", "referral_alternative"), ReferralRejected: ("referral_reply",), ReferralBegun: ("referral_progress",),
    ReferralCompleted: ("referral_progress", "referral_outcome"), ReferralFailed: ("referral_progress", "referral_outcome"),
    AlternativeRuledOut: ("referral_alternative",),
}  # fmt: skip


def settles(event: ReferralEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case ReferralRequested():
            met = {f"referral_alternative/{event.replaces}", f"need_answer/{event.need}"}
        case CircleBroken():
            met = {f"circular_precondition/{event.circle}"}
        case CircularPreconditionFound():
            met = set()
        case ProviderTold():
            met = {f"tell_provider/{event.provider}"}
        case _:
            met = {f"{kind}/{event.referral}" for kind in _MET.get(type(event), ())}
    return tuple(key for key in keys if key in met)
