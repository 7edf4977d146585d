"""Consent: taking part is the participant's choice, and can be withdrawn at any time without punishment.

Consent is secured before any support: informed (form, language, interpreter, who explained it), for a purpose and a time, with the guardian's where the
participant is a minor, by somebody judged able to decide this now; it is taken anew when a partner joins, and asked again before it ends (field
guide §3). Withdrawal stops the scope's acts at once, names what stops and what goes on, and opens one welfare offer; it never
punishes. Silence presumes no consent: sharing stops at its end, and support goes on. The lawful basis for processing is another record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal, TypeVar, assert_never

from workflows.case.consent_form import (
    Agreed,
    AskConsent,
    Asked,
    DeclineConsent,
    GiveConsent,
    GoesOn,
    MakeWelfareOffer,
    Scope,
    WithdrawConsent,
    alone,
    end,
    informed,
)
from workflows.core.calendar import Calendar
from workflows.core.kinds import Actor, Code, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.model import ConsentScope

PARTICIPATION = "participation"
"""The scope without which nothing else of a program happens; every program defines it."""
T = TypeVar("T")


class ConsentGiven(Event):
    """The scope's acts are permitted from here on, until `until` if it is set. `shares`: they let something reach beyond the team."""

    type: Literal["consent_given"] = "consent_given"
    scope: Scope
    form_version: Code
    language: Code
    explained_by: PersonId
    note: NoteRef | None = None
    interpreter: PersonId | None = None
    purpose: Code | None = None
    until: Instant | None = None
    guardian: NoteRef | None = None
    capacity_judged_by: PersonId | None = None
    capacity_judged_at: Instant | None = None
    shares: bool = False


class ConsentDeclined(Event):
    """The participant said no to what was asked."""

    type: Literal["consent_declined"] = "consent_declined"
    scope: Scope


class ConsentWithdrawn(Event):
    """The scope's acts stop here. `stops`: every obligation, notice and scope that ends with it, by key; `offer`: it opens the welfare offer."""

    type: Literal["consent_withdrawn"] = "consent_withdrawn"
    scope: Scope
    stops: tuple[str, ...] = ()
    goes_on: tuple[GoesOn, ...] = ()
    offer: bool = False


class ConsentLapsed(Event):
    """The consent came to its end and nobody asked again, its partner left, or it was a guardian's: what it let reach beyond the team stops."""

    type: Literal["consent_lapsed"] = "consent_lapsed"
    scope: Scope
    because: Literal["not_renewed", "partner_left", "came_of_age"] = "not_renewed"


class ConsentAsked(Event):
    """The participant is asked for this consent; one in force opens no further gate until they answered. `own`: they came of age."""

    type: Literal["consent_asked"] = "consent_asked"
    scope: Scope
    own: bool = False


class WelfareOfferMade(Event):
    """The offer was made."""

    type: Literal["welfare_offer_made"] = "welfare_offer_made"
    response: Literal["accepted", "declined", "not_reached"]
    note: NoteRef | None = None


ConsentCommand = AskConsent | GiveConsent | DeclineConsent | WithdrawConsent | MakeWelfareOffer
ConsentEvent = ConsentGiven | ConsentDeclined | ConsentWithdrawn | ConsentLapsed | ConsentAsked | WelfareOfferMade


class State(Frozen):
    """Scopes in force, since when, and what was agreed; those asked for; whether participation was ever answered; the welfare offer owed, and how many were."""

    given: dict[str, Instant] = {}
    agreed: dict[str, Agreed] = {}
    asked: dict[str, Asked] = {}
    count: int = 0
    answered: bool = False
    offer_since: Instant | None = None
    number: int = 0


class Facts(Frozen):
    """The program's scopes (those that concern a partner once for each), the calendar, whether the participant is a minor or came of age, and
    the staff named in the command as the directory knows them now.
    """  # fmt: skip

    scopes: Mapping[str, ConsentScope]
    calendar: Calendar
    minor: bool
    of_age: bool = False
    staff: Mapping[str, Actor]


def decide(state: State, command: ConsentCommand, facts: Facts, *, at: datetime) -> tuple[ConsentEvent, ...]:
    """Answer a consent command. A withdrawal of participation withdraws every other scope with it.

    Raises:
        Refused: `unknown_scope`, `consent_in_force`, `consent_not_in_force`, `consent_not_asked`, `consent_asked`,
            `not_taking_part`, `no_offer_owed`, and what `alone` and `informed` refuse.
    """
    match command:
        case AskConsent():
            return (_asked(state, command, facts),)
        case GiveConsent():
            return (_given(state, command, facts, at=at),)
        case DeclineConsent():
            return (_declined(state, command, facts),)
        case WithdrawConsent():
            _known(command.scope, facts)
            if command.scope not in state.given:
                raise Refused("consent_not_in_force", f"no consent to {command.scope} is in force", "nothing to do: the scope's acts are stopped already")  # fmt: skip
            others = [scope for scope in state.given if command.scope == PARTICIPATION and scope != PARTICIPATION]
            first = ConsentWithdrawn(scope=command.scope, offer=state.offer_since is None)
            return (first, *(ConsentWithdrawn(scope=scope) for scope in others))
        case MakeWelfareOffer():
            if state.offer_since is None:
                raise Refused("no_offer_owed", "no welfare offer is owed", "record contact with keep_check_in instead")
            return (WelfareOfferMade(response=command.response, note=command.note),)
        case _:
            assert_never(command)


def _known(scope: str, facts: Facts) -> ConsentScope:
    rule = facts.scopes.get(scope)
    if rule is None:
        known = ", ".join(sorted(facts.scopes))
        raise Refused("unknown_scope", f"the program has no consent scope {scope}", f"use one of: {known}")
    return rule


def _given(state: State, command: GiveConsent, facts: Facts, *, at: datetime) -> ConsentGiven:
    rule = _known(command.scope, facts)
    agreed = state.agreed.get(command.scope)
    if command.scope in state.given and not (
        command.scope in state.asked or _may_replace(agreed, command, facts.calendar.after(at, rule.ask_again).at)
    ):
        raise Refused(
            "consent_in_force",
            f"consent to {command.scope} is in force on this form",
            "nothing to do; it is given again when it nears its end, or on a newer form",
        )  # fmt: skip
    alone(command, of_age=facts.of_age)
    informed(command, rule, minor=facts.minor, staff=facts.staff, calendar=facts.calendar, at=at)
    judged_at = (command.capacity_judged_at or at) if command.capacity_judged_by else None
    fields = command.model_dump(exclude={"type", "term", "capacity_judged_at"})
    until = end(command, rule, facts.calendar, at)
    return ConsentGiven(**fields, until=until, capacity_judged_at=judged_at, shares=rule.shares)


def _may_replace(agreed: Agreed | None, command: GiveConsent, soon: datetime) -> bool:
    """Whether consent in force may be given anew: on another form, or when it ends `soon`."""
    if agreed is None or agreed.form != command.form_version:
        return True
    return agreed.until is not None and agreed.until <= soon


def _declined(state: State, command: DeclineConsent, facts: Facts) -> ConsentDeclined:
    _known(command.scope, facts)
    if command.scope in state.given:
        raise Refused("consent_in_force", f"consent to {command.scope} is in force", "record it with withdraw_consent: then what rests on it stops")  # fmt: skip
    if command.scope not in state.asked and (command.scope != PARTICIPATION or state.answered):
        raise Refused("consent_not_asked", f"consent to {command.scope} is not asked for", "nothing to do: it is not in force")  # fmt: skip
    return ConsentDeclined(scope=command.scope)


def _asked(state: State, command: AskConsent, facts: Facts) -> ConsentAsked:
    _known(command.scope, facts)
    if command.scope in state.asked:
        raise Refused("consent_asked", f"{command.scope} is asked for already", "record the answer: give_consent or decline_consent")  # fmt: skip
    if PARTICIPATION not in state.given:
        raise Refused(
            "not_taking_part",
            "the participant does not take part, and is not to be asked for more",
            "wait until they take part (give_consent to participation)",
        )
    return ConsentAsked(scope=command.scope)


def with_partner(state: State, scopes: Mapping[str, ConsentScope], partner: str) -> tuple[ConsentEvent, ...]:
    """What is asked when a partner joins: its own consents, and each that the definition wants taken anew."""
    own = [scope for scope in scopes if scope.endswith(f":{partner}") and scope not in state.given]
    again = [scope for scope, rule in scopes.items() if rule.again_with_partner and scope in state.given]
    asked = [scope for scope in (*again, *own) if scope not in state.asked and PARTICIPATION in state.given]
    return tuple(ConsentAsked(scope=scope) for scope in asked)


def without_partner(state: State, partner: str) -> tuple[ConsentEvent, ...]:
    """What ends when a partner leaves: every consent that concerned it alone, and the asking for one."""
    concerned = [scope for scope in (*state.given, *state.asked) if scope.endswith(f":{partner}")]
    return tuple(ConsentLapsed(scope=scope, because="partner_left") for scope in dict.fromkeys(concerned))


def of_age(state: State) -> tuple[ConsentEvent, ...]:
    """What becomes of consents that a guardian gave too: each is asked of the person; of whoever takes no part nothing is, and sharing stops."""
    guarded = {scope: agreed for scope, agreed in state.agreed.items() if agreed.guardian}
    if PARTICIPATION in state.given:
        return tuple(ConsentAsked(scope=scope, own=True) for scope in guarded)
    return tuple(
        ConsentLapsed(scope=scope, because="came_of_age") for scope, agreed in guarded.items() if agreed.shares
    )


def evolve(state: State, event: ConsentEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case ConsentGiven():
            return _with(state, event, at)
        case ConsentDeclined():
            declined = {"asked": _without(state.asked, event.scope)}
            return state.model_copy(update={**declined, **_offered(state, event.scope, at)})
        case ConsentWithdrawn():
            offered = _offered(state, event.scope, at, anyway=event.offer)
            asked = {} if event.scope == PARTICIPATION else _without(state.asked, event.scope)
            return state.model_copy(update={**_ended(state, event.scope), "asked": asked, **offered})
        case ConsentLapsed():
            asked = _without(state.asked, event.scope) if event.because == "partner_left" else state.asked
            return state.model_copy(update={**_ended(state, event.scope), "asked": asked})
        case ConsentAsked():
            asked = {**state.asked, event.scope: Asked(since=at, number=state.count + 1, own=event.own)}
            return state.model_copy(update={"asked": asked, "count": state.count + 1})
        case WelfareOfferMade():
            return state.model_copy(update={"offer_since": None})
        case _:
            assert_never(event)


def _with(state: State, event: ConsentGiven, at: datetime) -> State:
    agreed = Agreed(
        number=state.count + 1, form=event.form_version, until=event.until, shares=event.shares, purpose=event.purpose,
        guardian=event.guardian is not None,
    )  # fmt: skip
    changes: dict[str, object] = {
        "given": {**state.given, event.scope: at}, "agreed": {**state.agreed, event.scope: agreed}, "count": agreed.number,
        "asked": _without(state.asked, event.scope),
    }  # fmt: skip
    if event.scope == PARTICIPATION:
        changes |= {"offer_since": None, "answered": True}
    return state.model_copy(update=changes)


def _ended(state: State, scope: str) -> dict[str, object]:
    return {"given": _without(state.given, scope), "agreed": _without(state.agreed, scope)}


def _offered(state: State, scope: str, at: datetime, *, anyway: bool = False) -> dict[str, object]:
    """One welfare offer follows whoever no longer takes part; while one is owed no second one is."""
    answered = {"answered": state.answered or scope == PARTICIPATION}
    if state.offer_since is not None or not (anyway or scope == PARTICIPATION):
        return {**answered}
    return {**answered, "offer_since": at, "number": state.number + 1}


def _without(found: dict[str, T], key: str) -> dict[str, T]:
    return {k: v for k, v in found.items() if k != key}


def in_force(state: State, scope: str, at: datetime) -> bool:
    """Whether the scope's acts are permitted at `at`, however late the clock is: what reaches beyond the team ends with its term."""
    agreed = state.agreed.get(scope)
    over = agreed is not None and agreed.shares and agreed.until is not None and agreed.until <= at
    return scope in state.given and not over


def counts(state: State, scope: str, at: datetime) -> bool:
    """Whether the consent opens a gate at `at`: in force, not past its end, and not asked for anew."""
    agreed = state.agreed.get(scope)
    aged = agreed is not None and agreed.until is not None and agreed.until <= at
    return scope in state.given and scope not in state.asked and not aged


def owes(state: State, *, asked_since: datetime | None) -> Iterator[Owed]:
    """A request while participation was never answered, and for each consent asked for; a renewal of each that ends; one welfare offer.

    `asked_since` is when the case was opened.
    """
    if state.offer_since is not None:
        yield Owed(key=f"welfare_offer/{state.number}", kind="welfare_offer", since=state.offer_since)
    if not state.answered and asked_since is not None:
        yield Owed(key="consent_request/1", kind="consent_request", since=asked_since)
    for scope, asked in state.asked.items():
        asking = "own_consent" if asked.own else "consent_request"
        yield Owed(key=f"{asking}/{scope}/{asked.number}", kind=asking, since=asked.since)
    for scope, agreed in state.agreed.items():
        if agreed.until is not None:
            kind = "sharing_renewal" if agreed.shares else "consent_renewal"
            yield Owed(key=f"{kind}/{scope}/{agreed.number}", kind=kind, since=state.given[scope], until=agreed.until)


def fall_silent(state: State, key: str) -> tuple[ConsentEvent, ...]:
    """What the room adds when an obligation's due instant passes: sharing stops at its end. Support never does."""
    kind, _, rest = key.partition("/")
    scope, _, number = rest.rpartition("/")
    agreed, asked = state.agreed.get(scope), state.asked.get(scope)
    if kind == "own_consent" and agreed is not None and agreed.shares and asked is not None and asked.own:
        return (ConsentLapsed(scope=scope, because="came_of_age"),)
    if kind != "sharing_renewal" or agreed is None or str(agreed.number) != number:
        return ()
    return (ConsentLapsed(scope=scope),)


def settles(event: ConsentEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    match event:
        case ConsentGiven() | ConsentDeclined():
            kinds = ("consent_request", "own_consent", "consent_renewal", "sharing_renewal")
            about = tuple(f"{kind}/{event.scope}/" for kind in kinds)
            first = event.scope == PARTICIPATION
            return tuple(key for key in keys if key.startswith(about) or (first and key == "consent_request/1"))
        case WelfareOfferMade():
            return tuple(key for key in keys if key.startswith("welfare_offer/"))
        case ConsentWithdrawn():
            return tuple(key for key in keys if key.startswith(f"own_consent/{event.scope}/"))
        case ConsentLapsed() | ConsentAsked():
            return ()
        case _:
            assert_never(event)
