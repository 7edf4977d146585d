"""The network: people close to the participant, each with a number and a will of their own.

Reintegration begins early, with the social circle involved; and a relative is nobody's instrument. So contact about the participant takes two consents,
the participant's and the relative's own; either ends it at a word, and silence ends it with its term. Who somebody is stands sealed: here stand a
number, a kind and what was agreed. A goal of coming together again is agreed by both sides and looked at again by both. What a relative
gets for themselves is a room of its own, and hangs on nobody's consent but theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal, assert_never

from workflows.case.network_form import (
    AddRelatedPerson,
    AgreeFamilyGoal,
    ContactRelative,
    FamilyGoalAgreed,
    FamilyGoalReviewed,
    GiveRelativeConsent,
    NetworkCommand,
    NetworkEvent,
    RelatedPersonAdded,
    RelatedPersonRemoved,
    RelativeConsentGiven,
    RelativeConsentLapsed,
    RelativeConsentWithdrawn,
    RelativeContacted,
    RemoveRelatedPerson,
    ReviewFamilyGoal,
    WithdrawRelativeConsent,
)
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Frozen, Instant
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.care import Network
from workflows.program.keeping import AgeGroup


class Consented(Frozen):
    """A consent of a relative: its number, since when, and until when where it has an end."""

    number: int
    since: Instant
    until: Instant | None = None


class Relative(Frozen):
    """A related person: of which kind, whether they came themselves, and what they consent to now."""

    kind: Code
    came_themselves: bool = False
    age: AgeGroup = "adult"
    consents: dict[str, Consented] = {}


class Goal(Frozen):
    """A family goal: with whom, since when it was agreed or last looked at, and how often it was."""

    relative: int
    since: Instant
    reviews: int = 0


class State(Frozen):
    """Related persons and open family goals by number, and the next numbers."""

    relatives: dict[int, Relative] = {}
    goals: dict[int, Goal] = {}
    next_relative: int = 1
    next_goal: int = 1
    next_consent: int = 1


class Facts(Frozen):
    """The program's rule (None: it knows no network), its calendar, whether the participant permits contact now, the staff that the command
    names, and what rests on a relative's own support: key by relative.
    """  # fmt: skip

    rule: Network | None
    calendar: Calendar
    permitted: bool
    staff: Mapping[str, Actor]
    supported: Mapping[int, tuple[str, ...]]


def decide(
    state: State, command: NetworkCommand, *, facts: Facts, actor: str, at: datetime
) -> tuple[NetworkEvent, ...]:
    """Answer a command about the network.

    Raises:
        Refused: `relative_supported`, and as the functions below say.
    """
    match command:
        case AddRelatedPerson():
            return (_added(state, command, facts),)
        case RemoveRelatedPerson():
            _find(state, command.relative)
            if facts.supported.get(command.relative):
                raise Refused(
                    "relative_supported",
                    f"support of related person {command.relative} goes on, or they asked for it",
                    "it is theirs: answer or end it with them first",
                )
            return (RelatedPersonRemoved(relative=command.relative, reasons=command.reasons, by=actor),)
        case GiveRelativeConsent():
            return (_given(state, command, facts, at),)
        case WithdrawRelativeConsent():
            return (_withdrawn(state, command, facts),)
        case ContactRelative():
            _both_permit(state, command.relative, facts, at)
            told = command.model_dump(exclude={"type"})
            return (RelativeContacted(by=actor, **told),)
        case AgreeFamilyGoal():
            _both_permit(state, command.relative, facts, at)
            return (_agreed(state, command),)
        case ReviewFamilyGoal():
            return (_reviewed(state, command, facts, at),)
        case _:
            assert_never(command)


def _added(state: State, command: AddRelatedPerson, facts: Facts) -> RelatedPersonAdded:
    """Put somebody on record.

    Raises:
        Refused: `unknown_relation`.
    """
    kinds = {} if facts.rule is None else facts.rule.kinds
    if command.kind not in kinds:
        known = listed(kinds)
        raise Refused("unknown_relation", f"the program knows no relation {command.kind}", f"known: {known}")
    return RelatedPersonAdded(relative=state.next_relative, **command.model_dump(exclude={"type"}))


def _find(state: State, number: int) -> Relative:
    """The related person of that number.

    Raises:
        Refused: `no_such_relative`.
    """
    found = state.relatives.get(number)
    if found is None:
        known = listed(state.relatives)
        raise Refused("no_such_relative", f"no related person {number} is on record", f"on record: {known}")
    return found


def _given(state: State, command: GiveRelativeConsent, facts: Facts, at: datetime) -> RelativeConsentGiven:
    """Record a consent.

    Raises:
        Refused: `not_in_directory`, `guardian_missing`, and as `_find` says.
    """
    found = _find(state, command.relative)
    if command.explained_by not in facts.staff:
        raise Refused(
            "not_in_directory",
            f"{command.explained_by} is not in the staff directory",
            "name whoever explained it to them",
        )
    if found.age == "child" and command.guardian is None:
        raise Refused(
            "guardian_missing",
            "they are a child, and their guardian did not consent",
            "ask the guardian too, and give their consent as guardian",
        )
    assert facts.rule is not None
    lasts = facts.rule.contact_lasts if command.scope == "contact" else None
    until = None if lasts is None else facts.calendar.after(at, lasts).at
    given = command.model_dump(exclude={"type"})
    return RelativeConsentGiven(number=state.next_consent, until=until, **given)


def _withdrawn(state: State, command: WithdrawRelativeConsent, facts: Facts) -> RelativeConsentWithdrawn:
    """Record that a consent was taken back, with everything that rested on it.

    Raises:
        Refused: `relative_consent_missing`, and as `_find` says.
    """
    found = _find(state, command.relative)
    if command.scope not in found.consents:
        raise Refused(
            "relative_consent_missing",
            f"related person {command.relative} has not consented to {command.scope}",
            f"they consented to: {', '.join(found.consents) or 'nothing'}",
        )
    resting: tuple[str, ...] = ()
    if command.scope == "contact":
        goals = (f"family_goal/{number}" for number, goal in state.goals.items() if goal.relative == command.relative)
        resting = (f"relative_contact/{command.relative}", *goals)
    elif command.scope == "support":
        resting = tuple(key for key in facts.supported.get(command.relative, ()) if key.startswith("relative_support/"))
    return RelativeConsentWithdrawn(relative=command.relative, scope=command.scope, stops=resting)


def _both_permit(state: State, number: int, facts: Facts, at: datetime) -> None:
    """Check that both sides permit contact now, however late the clock is.

    Raises:
        Refused: `participant_does_not_permit`, `relative_consent_missing`, and as `_find` says.
    """
    found = _find(state, number)
    if not facts.permitted:
        scope = "" if facts.rule is None else facts.rule.participant_scope
        raise Refused(
            "participant_does_not_permit",
            "the participant does not consent to contact with people close to them",
            f"ask them for {scope}; support of the relative's own does not need it",
        )
    if not in_force(found, "contact", at):
        raise Refused(
            "relative_consent_missing",
            f"related person {number} does not consent to being contacted about the participant",
            "ask them; if they say no, that is the answer",
        )


def in_force(found: Relative, scope: str, at: datetime) -> bool:
    """Whether a relative's consent counts at `at`, however late the clock is."""
    consented = found.consents.get(scope)
    return consented is not None and (consented.until is None or at < consented.until)


def _agreed(state: State, command: AgreeFamilyGoal) -> FamilyGoalAgreed:
    """Record a goal.

    Raises:
        Refused: `agreed_by_one_side`.
    """
    if command.agreed_by_participant == command.agreed_by_relative:
        raise Refused(
            "agreed_by_one_side",
            "both agreements are the same text",
            "each side agrees in their own words; ask the other one too",
        )
    return FamilyGoalAgreed(goal=state.next_goal, **command.model_dump(exclude={"type"}))


def _reviewed(state: State, command: ReviewFamilyGoal, facts: Facts, at: datetime) -> FamilyGoalReviewed:
    """Record that a goal was looked at again.

    Raises:
        Refused: `no_such_goal`, and as `_both_permit` says where it is to go on.
    """
    goal = state.goals.get(command.goal)
    if goal is None:
        known = listed(state.goals)
        raise Refused("no_such_goal", f"no family goal {command.goal} is open", f"open: {known}")
    if command.outcome == "goes_on":
        _both_permit(state, goal.relative, facts, at)
    return FamilyGoalReviewed(review=goal.reviews + 1, **command.model_dump(exclude={"type"}))


def evolve(state: State, event: NetworkEvent, at: datetime) -> State:
    """The state after the event; an event about somebody or something that is not on record changes nothing."""
    match event:
        case RelatedPersonAdded():
            added = Relative(kind=event.kind, came_themselves=event.origin == "came_themselves", age=event.age)
            return state.model_copy(
                update={"relatives": {**state.relatives, event.relative: added}, "next_relative": event.relative + 1}
            )
        case RelatedPersonRemoved():
            relatives = {n: one for n, one in state.relatives.items() if n != event.relative}
            goals = {n: goal for n, goal in state.goals.items() if goal.relative != event.relative}
            return state.model_copy(update={"relatives": relatives, "goals": goals})
        case RelativeConsentGiven():
            given = Consented(number=event.number, since=at, until=event.until)
            changed = _consents(state, event.relative, lambda held: {**held, event.scope: given})
            return changed.model_copy(update={"next_consent": event.number + 1})
        case RelativeConsentWithdrawn() | RelativeConsentLapsed():
            return _consents(
                state, event.relative, lambda held: {scope: one for scope, one in held.items() if scope != event.scope}
            )
        case RelativeContacted():
            return state
        case FamilyGoalAgreed():
            goal = Goal(relative=event.relative, since=at)
            return state.model_copy(update={"goals": {**state.goals, event.goal: goal}, "next_goal": event.goal + 1})
        case FamilyGoalReviewed():
            return state.model_copy(update={"goals": dict(_looked_at(state, event, at))})
        case _:
            assert_never(event)


def _consents(state: State, number: int, change: Callable[[dict[str, Consented]], dict[str, Consented]]) -> State:
    found = state.relatives.get(number)
    if found is None:
        return state
    changed = found.model_copy(update={"consents": change(found.consents)})
    return state.model_copy(update={"relatives": {**state.relatives, number: changed}})


def _looked_at(state: State, event: FamilyGoalReviewed, at: datetime) -> Iterator[tuple[int, Goal]]:
    for number, goal in state.goals.items():
        if number != event.goal:
            yield number, goal
        elif event.outcome == "goes_on":
            yield number, goal.model_copy(update={"since": at, "reviews": event.review})


def trusted(
    state: State, facts: Facts, at: datetime
) -> tuple[tuple[int, ...], Literal["none", "not_permitted", "may"]]:
    """The trusted contacts on record, and whether they may be called now: the welfare ladder's `call` may go to them only where both sides permit it."""
    kinds = {} if facts.rule is None else facts.rule.kinds
    known = {number: one for number, one in state.relatives.items() if one.kind in kinds and kinds[one.kind].trusted}
    if not known:
        return (), "none"
    callable_now = tuple(number for number, one in known.items() if facts.permitted and in_force(one, "contact", at))
    return (callable_now, "may") if callable_now else (tuple(known), "not_permitted")


def owes(state: State, rule: Network | None) -> Iterator[Owed]:
    """A fresh consent before a relative's consent to contact ends, and a look at each family goal while the relative permits it."""
    if rule is None:
        return
    for number, one in state.relatives.items():
        consented = one.consents.get("contact")
        if consented is not None and consented.until is not None:
            key = f"relative_consent_renewal/{number}/{consented.number}"
            yield Owed(key=key, kind="relative_consent_renewal", since=consented.since, until=consented.until)
    for number, goal in state.goals.items():
        with_whom = state.relatives.get(goal.relative)
        if with_whom is not None and "contact" in with_whom.consents:
            key = f"family_goal_review/{number}/{goal.reviews + 1}"
            yield Owed(key=key, kind="family_goal_review", since=goal.since, term=rule.goals_reviewed_every)


def fall_silent(state: State, key: str) -> tuple[RelativeConsentLapsed, ...]:
    """What the room adds when a relative's consent to contact came to its end: contact stops."""
    return tuple(
        RelativeConsentLapsed(relative=number, scope="contact")
        for number, one in state.relatives.items()
        if "contact" in one.consents and key == f"relative_consent_renewal/{number}/{one.consents['contact'].number}"
    )


def settles(event: NetworkEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case RelativeConsentGiven(scope="contact"):
            return tuple(key for key in keys if key.startswith(f"relative_consent_renewal/{event.relative}/"))
        case FamilyGoalReviewed():
            return tuple(key for key in keys if key == f"family_goal_review/{event.goal}/{event.review}")
        case _:
            return ()
