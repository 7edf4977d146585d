"""The safety plan: who is threatened by what, how one knows that it begins, what is then done, and who agreed to do it.

It has layers for the person, the family, the neighborhood and the staff, each in the own words of those whom it protects, because what follows upon a
departure seldom stops at the person who leaves. A safety plan is no reward and no condition: an entry ends only by its successor, or by the reasoned
judgement of another person than the lead, and no move, withdrawal, pause, setback or measure takes one away or stops its review. Once a trigger
occurred, those who agreed to respond owe it at once. That a protective service refuses is the service's answer, never the person's fault.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal, TypeVar, assert_never

from workflows.case.safety_form import (
    CIRCLE,
    ActivateSafety,
    Layer,
    PlanSafety,
    ProtectionRecorded,
    RecordProtection,
    RecordSafetyResponse,
    RetireSafetyEntry,
    ReviewSafetyPlan,
    SafetyActivated,
    SafetyCommand,
    SafetyEntryRetired,
    SafetyEvent,
    SafetyPlanned,
    SafetyPlanReviewed,
    SafetyResponseRecorded,
    SafetyReviewCalled,
)
from workflows.core.kinds import Code, Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import SafetyPolicy

T = TypeVar("T")


class Entry(Frozen):
    """An entry in force: whom it protects, from what, and who agreed to respond."""

    layer: Layer
    threat: Code
    responders: tuple[Code, ...]


class Activation(Frozen):
    """A trigger that occurred, and whose response is not on record yet."""

    entry: int
    since: Instant


class State(Frozen):
    """Entries in force and responses that are owed, by number; when the plan began, was reviewed last, and called for a review; services."""

    entries: dict[int, Entry] = {}
    next_entry: int = 1
    activations: dict[int, Activation] = {}
    next_activation: int = 1
    planned_at: Instant | None = None
    reviewed_at: Instant | None = None
    reviews: int = 0
    called_at: Instant | None = None
    services: dict[Code, Literal["reached", "refused_by_service"]] = {}


class Facts(Frozen):
    """The program's policy (None: it has none), its partners, and who leads or led the case."""

    policy: SafetyPolicy | None
    partners: tuple[Code, ...]
    leads: frozenset[PersonId]


def decide(
    state: State, command: SafetyCommand, *, facts: Facts, actor: PersonId, at: datetime
) -> tuple[SafetyEvent, ...]:
    """Answer a command about the safety plan.

    Raises:
        Refused: `unknown_protection`, `no_such_activation`, `no_safety_plan`, and as the functions below say.
    """
    match command:
        case PlanSafety():
            return (_plan(state, command, facts),)
        case RetireSafetyEntry():
            return (_retire(state, command, facts, actor),)
        case ActivateSafety():
            return (_activate(state, command, at),)
        case RecordSafetyResponse():
            if command.activation not in state.activations:
                raise Refused(
                    "no_such_activation",
                    f"no response to activation {command.activation} is owed",
                    f"owed are responses to: {listed(state.activations)}",
                )
            return (SafetyResponseRecorded(activation=command.activation, note=command.note),)
        case ReviewSafetyPlan():
            if state.planned_at is None:
                raise Refused("no_safety_plan", "there is no safety plan yet", "write its first entry with plan_safety")
            return (SafetyPlanReviewed(review=state.reviews + 1, summary=command.summary, view=command.view),)
        case RecordProtection():
            known = {} if facts.policy is None else facts.policy.services
            if command.service not in known:
                raise Refused(
                    "unknown_protection", f"the program knows no service {command.service}", f"known: {listed(known)}"
                )
            return (ProtectionRecorded(service=command.service, outcome=command.outcome, note=command.note),)
        case _:
            assert_never(command)


def _plan(state: State, command: PlanSafety, facts: Facts) -> SafetyPlanned:
    """Add or change an entry.

    Raises:
        Refused: `unknown_threat`, `unknown_responder`, and as `_in_place_of` says.
    """
    threats = {} if facts.policy is None else facts.policy.threats
    if command.threat not in threats:
        raise Refused("unknown_threat", f"the program knows no threat {command.threat}", f"known: {listed(threats)}")
    roles = () if facts.policy is None else facts.policy.respond_by
    for who in command.responders:
        if who not in {*CIRCLE, *roles, *facts.partners}:
            raise Refused(
                "unknown_responder",
                f"{who} is neither a role that may respond, nor a partner, nor the person or their family",
                f"name some of: {listed((*CIRCLE, *roles, *facts.partners))}",
            )
    entry = Entry(layer=command.layer, threat=command.threat, responders=tuple(dict.fromkeys(command.responders)))
    if command.replaces is not None:
        _in_place_of(state, command.replaces, entry)
    told = command.model_dump(exclude={"type", "responders"})
    return SafetyPlanned(entry=state.next_entry, responders=entry.responders, **told)


def _entry(state: State, number: int) -> Entry:
    """The entry in force with this number.

    Raises:
        Refused: `no_such_safety_entry`.
    """
    found = state.entries.get(number)
    if found is None:
        raise Refused(
            "no_such_safety_entry", f"no entry {number} is in force", f"in force: {listed(state.entries)}"
        )  # fmt: skip
    return found


def _in_place_of(state: State, former: int, after: Entry) -> None:
    """Check that an entry may give way to another one.

    Raises:
        Refused: `successor_unfit`, and as `_entry` and `_answered` say.
    """
    before = _entry(state, former)
    _answered(state, former)
    if (before.layer, before.threat) != (after.layer, after.threat):
        raise Refused(
            "successor_unfit",
            f"entry {former} protects {before.layer} from {before.threat}, and the other one does not",
            "name an entry of the same layer against the same threat, or leave entry and successor both in force",
        )


def _answered(state: State, number: int) -> None:
    """Whose trigger occurred stays in force until the response was made.

    Raises:
        Refused: `response_owed`.
    """
    waiting = [activation for activation, one in state.activations.items() if one.entry == number]
    if waiting:
        raise Refused(
            "response_owed",
            f"the response to activation {listed(waiting)} of entry {number} is still owed",
            "record with record_safety_response that it was made",
        )


def _retire(state: State, command: RetireSafetyEntry, facts: Facts, actor: PersonId) -> SafetyEntryRetired:
    """Take an entry out of the plan without a silent gap.

    Raises:
        Refused: `not_independent`, `successor_unfit`, and as `_entry`, `_in_place_of` and `_answered` say.
    """
    _entry(state, command.entry)
    _answered(state, command.entry)
    if command.successor == command.entry:
        raise Refused("successor_unfit", "an entry does not succeed itself", "name another entry as successor")
    if command.successor is not None:
        _in_place_of(state, command.entry, _entry(state, command.successor))
    elif actor in facts.leads:
        raise Refused(
            "not_independent",
            f"{actor} leads or led this case, and takes nobody's protection away without a successor",
            "ask another person to judge it, or name the entry that goes on in its place",
        )
    return SafetyEntryRetired(entry=command.entry, reasons=command.reasons, successor=command.successor, by=actor)


def _activate(state: State, command: ActivateSafety, at: datetime) -> SafetyActivated:
    """Record that a trigger occurred.

    Raises:
        Refused: `observed_in_future`, and as `_entry` says.
    """
    entry = _entry(state, command.entry)
    if command.observed_at is not None and command.observed_at > at:
        raise Refused("observed_in_future", "it is dated after now", "give the instant at which it happened")
    return SafetyActivated(
        activation=state.next_activation, entry=command.entry, threat=entry.threat, layer=entry.layer, note=command.note,
        observed_at=command.observed_at,
    )  # fmt: skip


def call_review(state: State) -> tuple[SafetyReviewCalled, ...]:
    """That the plan is to be looked at again after a setback; nothing where it is called for already, or there is none yet and it is owed anyhow."""
    due = state.planned_at is not None and state.called_at is None
    return (SafetyReviewCalled(because="setback"),) if due else ()


def evolve(state: State, event: SafetyEvent, at: datetime) -> State:
    """The state after the event; an event about an unknown entry or activation takes nothing away."""
    match event:
        case SafetyPlanned():
            entry = Entry(layer=event.layer, threat=event.threat, responders=event.responders)
            entries = {**_without(state.entries, event.replaces), event.entry: entry}
            begun = state.planned_at or at
            return state.model_copy(
                update={"entries": entries, "next_entry": event.entry + 1, "planned_at": begun}
            )  # fmt: skip
        case SafetyEntryRetired():
            return state.model_copy(update={"entries": _without(state.entries, event.entry)})
        case SafetyActivated():
            owed = {**state.activations, event.activation: Activation(entry=event.entry, since=at)}
            called = state.called_at or at
            return state.model_copy(
                update={"activations": owed, "next_activation": event.activation + 1, "called_at": called}
            )
        case SafetyResponseRecorded():
            return state.model_copy(update={"activations": _without(state.activations, event.activation)})
        case SafetyPlanReviewed():
            return state.model_copy(update={"reviewed_at": at, "reviews": event.review, "called_at": None})
        case SafetyReviewCalled():
            return state.model_copy(update={"called_at": state.called_at or at})
        case ProtectionRecorded():
            services = {"services": {**state.services, event.service: event.outcome}}
            refused = event.outcome == "refused_by_service" and state.planned_at is not None
            return state.model_copy(update={**services, "called_at": state.called_at or at} if refused else services)
        case _:
            assert_never(event)


def _without(numbered: Mapping[int, T], number: int | None) -> dict[int, T]:
    return {one: what for one, what in numbered.items() if one != number}


def owes(state: State, policy: SafetyPolicy | None, *, phase: str, opened_at: datetime | None) -> Iterator[Owed]:
    """The plan itself until it is written; then its review by the phase's schedule, another one soon after it was called for, and each response."""
    if policy is None or opened_at is None:
        return
    if state.planned_at is None:
        yield Owed(key="safety_plan/first", kind="safety_plan", since=opened_at)
        return
    key, every = f"safety_plan_review/{state.reviews + 1}", policy.review_in.get(phase, policy.review_every)
    yield Owed(key=key, kind="safety_plan_review", since=state.reviewed_at or state.planned_at, term=every)
    if state.called_at is not None:
        yield Owed(
            key=f"{key}/called", kind="safety_plan_review", since=state.called_at, term=policy.review_within
        )  # fmt: skip
    for number, activation in state.activations.items():
        entry = state.entries.get(activation.entry)
        agreed = () if entry is None else entry.responders
        first = next((who for who in agreed if who in policy.respond_by), None)
        yield Owed(key=f"safety_response/{number}", kind="safety_response", since=activation.since, owner=first)


def settles(event: SafetyEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case SafetyPlanned():
            return tuple(key for key in keys if key == "safety_plan/first")
        case SafetyResponseRecorded():
            return tuple(key for key in keys if key == f"safety_response/{event.activation}")
        case SafetyPlanReviewed():
            due = f"safety_plan_review/{event.review}"
            return tuple(key for key in keys if key in {due, f"{due}/called"})
        case _:
            return ()
