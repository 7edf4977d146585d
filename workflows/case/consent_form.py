"""What is asked and answered about a consent, and what makes it informed: how it was explained, by whom, for what and how long, and who decided.

Field guide §3: informed, written, purpose and duration explained; under 18 with a guardian; capacity is specific to the decision and to the time. What the
definition asks of a scope is asked of each consent to it; a consent that lacks it is refused, never repaired later.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Actor, Code, Command, Frozen, Instant, NoteRef, PersonId
from workflows.core.refusal import Refused
from workflows.program.model import ConsentScope

Scope = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}(:[a-z][a-z0-9_]{0,63})?$"),
    Field(description="consent scope, by its code; one that concerns a partner names it, e.g. share:PARTNER"),
]
_LONGEST_DAYS = 30 * 366


class GiveConsent(Command):
    """Record that the participant consented to a scope, informed, in their language."""

    type: Literal["give_consent"] = "give_consent"
    scope: Scope
    form_version: Code
    language: Code
    explained_by: PersonId
    note: NoteRef | None = None
    interpreter: Annotated[PersonId | None, Field(description="who interpreted, by id, if somebody did")] = None
    purpose: Annotated[Code | None, Field(description="the one purpose consented to; all of the scope if left out")] = (
        None
    )
    term: Annotated[Term | None, Field(description="for how long, if shorter than the definition says")] = None
    guardian: Annotated[NoteRef | None, Field(description="the consent of a parent or guardian")] = None
    capacity_judged_by: Annotated[
        PersonId | None, Field(description="who judged that the person can decide this, by id")
    ] = None
    capacity_judged_at: Annotated[Instant | None, Field(description="when that was judged, if not now")] = None

    def people(self) -> tuple[str, ...]:
        """Who explained it, and who judged the capacity to decide."""
        return (self.explained_by, *([self.capacity_judged_by] if self.capacity_judged_by else []))


class DeclineConsent(Command):
    """Record that the participant said no to a consent that was asked for. Nothing changes for them, and it is not asked again."""

    type: Literal["decline_consent"] = "decline_consent"
    scope: Scope


class WithdrawConsent(Command):
    """Record that the participant withdrew consent to a scope. No reason is asked."""

    type: Literal["withdraw_consent"] = "withdraw_consent"
    scope: Scope


class AskConsent(Command):
    """Record that the participant is asked for a consent; until they answer, a request for it is owed."""

    type: Literal["ask_consent"] = "ask_consent"
    scope: Scope


class MakeWelfareOffer(Command):
    """Record the one offer that follows a withdrawal: what remains open to the person, and what they answered."""

    type: Literal["make_welfare_offer"] = "make_welfare_offer"
    response: Literal["accepted", "declined", "not_reached"]
    note: NoteRef | None = None


class Agreed(Frozen):
    """What was agreed: the consent's number in the case, its form, its end and its one purpose if it has them, whether it reaches beyond
    the team, and whether a guardian consented too.
    """  # fmt: skip

    number: int
    form: Code
    until: Instant | None = None
    shares: bool = False
    purpose: Code | None = None
    guardian: bool = False


class Asked(Frozen):
    """A consent that is asked for: since when, the number of the asking in the case, and whether the person came of age (`own`)."""

    since: Instant
    number: int
    own: bool = False


class GoesOn(Frozen):
    """What goes on after a withdrawal, and what it rests on: `consent` to another scope, or a lawful basis (`recorded`: in this case)."""

    what: str
    basis: Code | None
    recorded: bool = False


def alone(command: GiveConsent, *, of_age: bool) -> None:
    """Check that nobody consents for whoever came of age.

    Raises:
        Refused: `guardian_has_no_say`.
    """
    if of_age and command.guardian is not None:
        raise Refused(
            "guardian_has_no_say",
            "the person has come of age, and consents alone",
            "ask the person, and leave guardian out",
        )


def informed(
    command: GiveConsent, rule: ConsentScope, *, minor: bool, staff: Mapping[str, Actor], calendar: Calendar, at: datetime
) -> None:  # fmt: skip
    """Check that nothing lacks which the scope asks of a consent.

    Raises:
        Refused: `not_in_directory`, `unknown_purpose`, `guardian_missing`, `observed_in_future`, `capacity_not_judged`, `term_out_of_range`.
    """
    for person in command.people():
        if person not in staff:
            raise Refused(
                "not_in_directory",
                f"{person} is not in the staff directory, or no longer active",
                "name somebody who is ('offramp staff list' shows them)",
            )
    if command.purpose is not None and command.purpose not in rule.purposes:
        known = ", ".join(rule.purposes) or "none is defined, so leave it out"
        raise Refused("unknown_purpose", f"{command.scope} has no purpose {command.purpose}", f"use one of: {known}")
    if minor and rule.guardian_for_minors and command.guardian is None:
        raise Refused(
            "guardian_missing",
            "the participant is a minor, and this scope needs the guardian's consent too",
            "record the guardian's consent as a note, and give it as guardian",
        )
    _able(command, rule, calendar, at)
    _within(command, rule, calendar, at)


def _able(command: GiveConsent, rule: ConsentScope, calendar: Calendar, at: datetime) -> None:
    judged = None if command.capacity_judged_by is None else command.capacity_judged_at or at
    if judged is not None and judged > at:
        raise Refused(
            "observed_in_future", "the capacity is dated after now", "give the instant at which it was judged"
        )
    if rule.capacity_within is None:
        return
    if judged is None or judged < calendar.before(at, rule.capacity_within).at:
        raise Refused(
            "capacity_not_judged",
            f"nobody judged within {rule.capacity_within} that the person can decide this",
            "have it judged, and give capacity_judged_by (and capacity_judged_at if it was not now)",
        )


def _within(command: GiveConsent, rule: ConsentScope, calendar: Calendar, at: datetime) -> None:
    term = command.term
    if term is None:
        return
    longest = None if rule.lasts is None else calendar.after(at, rule.lasts).at
    too_long = term.nominal_days > _LONGEST_DAYS or (longest is not None and calendar.after(at, term).at > longest)
    if term.number == 0 or too_long:
        raise Refused(
            "term_out_of_range",
            f"a consent to {command.scope} lasts at least an hour and at most {rule.lasts or '30 years'}",
            "give a shorter term, or none: then the definition's own counts",
        )


def end(command: GiveConsent, rule: ConsentScope, calendar: Calendar, at: datetime) -> datetime | None:
    """When the consent ends; None if it does not end by itself."""
    term = command.term or rule.lasts
    return None if term is None else calendar.after(at, term).at
