"""Consent: taking part is the participant's choice, and can be withdrawn at any time without punishment.

Consent is secured before any support, informed, with the form, the language and who explained it on record (field guide §3). Withdrawal
stops the scope's acts at once and opens one welfare offer; it never punishes. Silence on a consent request changes nothing: no
support is withdrawn and no consent is presumed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Literal, assert_never

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused

PARTICIPATION = "participation"
"""The scope without which nothing else of a program happens; every program defines it."""


class GiveConsent(Command):
    """Record that the participant consented to a scope, informed, in their language."""

    type: Literal["give_consent"] = "give_consent"
    scope: Code
    form_version: Code
    language: Code
    explained_by: PersonId
    note: NoteRef | None = None


class WithdrawConsent(Command):
    """Record that the participant withdrew consent to a scope. No reason is asked."""

    type: Literal["withdraw_consent"] = "withdraw_consent"
    scope: Code


class MakeWelfareOffer(Command):
    """Record the one offer that follows a withdrawal: what remains open to the person, and what they answered."""

    type: Literal["make_welfare_offer"] = "make_welfare_offer"
    response: Literal["accepted", "declined", "not_reached"]
    note: NoteRef | None = None


class ConsentGiven(Event):
    """The scope's acts are permitted from here on."""

    type: Literal["consent_given"] = "consent_given"
    scope: Code
    form_version: Code
    language: Code
    explained_by: PersonId
    note: NoteRef | None = None


class ConsentWithdrawn(Event):
    """The scope's acts stop here."""

    type: Literal["consent_withdrawn"] = "consent_withdrawn"
    scope: Code


class WelfareOfferMade(Event):
    """The offer was made."""

    type: Literal["welfare_offer_made"] = "welfare_offer_made"
    response: Literal["accepted", "declined", "not_reached"]
    note: NoteRef | None = None


ConsentCommand = GiveConsent | WithdrawConsent | MakeWelfareOffer
ConsentEvent = ConsentGiven | ConsentWithdrawn | WelfareOfferMade


class State(Frozen):
    """Scopes in force with the instant they were given; since when a welfare offer is owed, and how many there were."""

    given: dict[str, Instant] = {}
    offer_since: Instant | None = None
    number: int = 0


class Facts(Frozen):
    """The scopes that the program defines."""

    scopes: frozenset[str]


def decide(state: State, command: ConsentCommand, facts: Facts) -> tuple[ConsentEvent, ...]:
    """Answer a consent command.

    Raises:
        Refused: `unknown_scope`, `consent_in_force`, `consent_not_in_force`, `no_offer_owed`.
    """
    match command:
        case GiveConsent():
            _known(command.scope, facts)
            if command.scope in state.given:
                raise Refused(
                    "consent_in_force",
                    f"consent to {command.scope} is in force",
                    "nothing to do; withdraw it first if a new form replaces it",
                )
            fields = command.model_dump(exclude={"type"})
            return (ConsentGiven(**fields),)
        case WithdrawConsent():
            _known(command.scope, facts)
            if command.scope not in state.given:
                raise Refused(
                    "consent_not_in_force",
                    f"no consent to {command.scope} is in force",
                    "nothing to do: the scope's acts are stopped already",
                )
            return (ConsentWithdrawn(scope=command.scope),)
        case MakeWelfareOffer():
            if state.offer_since is None:
                raise Refused("no_offer_owed", "no welfare offer is owed", "record contact with keep_check_in instead")
            return (WelfareOfferMade(response=command.response, note=command.note),)
        case _:
            assert_never(command)


def _known(scope: str, facts: Facts) -> None:
    if scope not in facts.scopes:
        raise Refused(
            "unknown_scope",
            f"the program has no consent scope {scope}",
            f"use one of: {', '.join(sorted(facts.scopes))}",
        )


def evolve(state: State, event: ConsentEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case ConsentGiven():
            changes: dict[str, object] = {"given": {**state.given, event.scope: at}}
            if event.scope == PARTICIPATION:
                changes |= {"offer_since": None}
            return state.model_copy(update=changes)
        case ConsentWithdrawn():
            given = {scope: since for scope, since in state.given.items() if scope != event.scope}
            changes = {"given": given}
            if event.scope == PARTICIPATION:
                changes |= {"offer_since": at, "number": state.number + 1}
            return state.model_copy(update=changes)
        case WelfareOfferMade():
            return state.model_copy(update={"offer_since": None})
        case _:
            assert_never(event)


def owes(state: State, *, asked_since: datetime | None) -> Iterator[Owed]:
    """A consent request while participation was never asked and answered; one welfare offer after a withdrawal.

    Args:
        state: this room's state.
        asked_since: when the case was opened.
    """
    if state.offer_since is not None:
        yield Owed(key=f"welfare_offer/{state.number}", kind="welfare_offer", since=state.offer_since)
    elif PARTICIPATION not in state.given and state.number == 0 and asked_since is not None:
        yield Owed(key="consent_request/1", kind="consent_request", since=asked_since)


def settles(event: ConsentEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, ConsentGiven) and event.scope == PARTICIPATION:
        return tuple(key for key in keys if key.startswith("consent_request/"))
    if isinstance(event, WelfareOfferMade):
        return tuple(key for key in keys if key.startswith("welfare_offer/"))
    return ()
