"""Sentences of the minutes about consent: given, asked, declined, withdrawn, ended; and whose it is once a child has come of age."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, plain, sealed
from workflows.case import age, consent
from workflows.case.consent_form import GoesOn
from workflows.core.kinds import Event


def _consented(event: consent.ConsentGiven, words: Words) -> str:
    parts = [
        f"form {event.form_version}, in {event.language}, explained by {event.explained_by}",
        f"interpreted by {event.interpreter}" if event.interpreter else "",
        f"for {plain(event.purpose)} only" if event.purpose else "",
        "with the guardian's consent" if event.guardian else "",
        f"{event.capacity_judged_by} judged that the person can decide this" if event.capacity_judged_by else "",
        f"until {words.day(event.until)}" if event.until else "",
    ]
    return f"Consent to {words.scope(event.scope)} is given ({', '.join(part for part in parts if part)})."


def _withdrawn(event: consent.ConsentWithdrawn, words: Words) -> str:
    text = f"Consent to {words.scope(event.scope)} is withdrawn; no reason is asked, nothing is held against it."
    if event.stops:
        text += f" It stops: {'; '.join(words.owed(key) for key in event.stops)}."
    if event.goes_on:
        text += f" It goes on: {'; '.join(_rests(one, words) for one in event.goes_on)}."
    return text


def _rests(one: GoesOn, words: Words) -> str:
    what = words.scope(one.what.partition("/")[2]) if one.what.startswith("scope/") else plain(one.what)
    missing = "" if one.recorded else ", not yet on record in this case"
    return f"{what} (on {words.basis(one.basis)}{missing})"


def _lapsed(event: consent.ConsentLapsed, words: Words) -> str:
    reasons = {
        "partner_left": "its partner left",
        "came_of_age": "a guardian gave it too and the person, of age now, did not",
    }
    why = reasons.get(event.because, "it came to its end and nobody asked again")
    return f"Consent to {words.scope(event.scope)} has ended, since {why}: what it permitted stops; support goes on."


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    consent.ConsentGiven: _consented,
    consent.ConsentDeclined: lambda e, w: f"Consent to {w.scope(e.scope)} is declined; nothing changes, and it is not asked again.",
    consent.ConsentWithdrawn: _withdrawn,
    consent.ConsentLapsed: _lapsed,
    consent.ConsentAsked: lambda e, w: f"The person{', of age now,' if e.own else ''} is asked for {'their own ' if e.own else ''}consent to {w.scope(e.scope)}.",
    age.ComingOfAgeDueRecorded: lambda e, w: f"The person comes of age on {w.day(e.due)}{sealed(e.proof, 'proof')}.",
    age.CameOfAge: lambda e, w: f"The person is of age since {w.day(e.since)}: nobody consents for them any more.",
    consent.WelfareOfferMade: lambda e, _: f"The welfare offer is made: {plain(e.response)}{sealed(e.note, 'note')}.",
}  # fmt: skip
"""Type of event → its sentence."""
