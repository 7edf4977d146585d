"""The sentences of people close to the participant, and of what they get for themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, counted, plain, sealed
from workflows.case import network_form as network
from workflows.case import relative_support as support
from workflows.core.kinds import Event

_SCOPES = {
    "contact": "being contacted about the participant", "support": "support for themselves", "mention": "the participant's reading of it",
}  # fmt: skip


def _added(event: network.RelatedPersonAdded, words: Words) -> str:
    came = (
        "came themselves; the participant may not know"
        if event.origin == "came_themselves"
        else "named by the participant"
    )
    return f"Related person {event.relative} is on record: {words.name('kin', event.kind)}, {came}{sealed(event.identity, 'who')}."


def _given(event: network.RelativeConsentGiven, words: Words) -> str:
    until = f", until {words.day(event.until)}" if event.until else ""
    guardian = ", with the guardian's consent" if event.guardian else ""
    return (
        f"Related person {event.relative} consents to {_SCOPES[event.scope]} "
        f"(form {event.form_version}, in {event.language}, explained by {event.explained_by}{guardian}{until})."
    )


def _withdrawn(event: network.RelativeConsentWithdrawn, words: Words) -> str:
    text = f"Related person {event.relative} takes back their consent to {_SCOPES[event.scope]}; no reason is asked."
    return f"{text} It stops: {'; '.join(words.owed(key) for key in event.stops)}." if event.stops else text


def _goal(event: network.FamilyGoalReviewed, _words: Words) -> str:
    how = {"goes_on": "goes on", "met": "is met", "set_aside": "is set aside, and that is nobody's failure"}
    views = f"{sealed(event.participant_view, 'participant')}{sealed(event.relative_view, 'related person')}"
    return f"Family goal {event.goal} is looked at by both sides: it {how[event.outcome]}{views}."


def _offered(event: support.RelativeSupportOffered, words: Words) -> str:
    what = f'"{words.name("kin_support", event.kind)}" by {plain(event.provider)}'
    taken = f"they take it, as support {event.support} of theirs" if event.support else "they do not want it"
    return f"Related person {event.relative} is offered {what}, as they asked (request {event.request}); {taken}."


def _ended(event: support.RelativeSupportEnded, _words: Words) -> str:
    held = counted(event.sessions, "session", "sessions")
    return f"Support {event.support} of related person {event.relative} ends after {held}: {plain(event.because)}{sealed(event.view, 'their view')}."


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    network.RelatedPersonAdded: _added,
    network.RelatedPersonRemoved: lambda e, _: f"Related person {e.relative} is no longer part of the network{sealed(e.reasons)}.",
    network.RelativeConsentGiven: _given,
    network.RelativeConsentWithdrawn: _withdrawn,
    network.RelativeConsentLapsed: lambda e, _: f"The consent of related person {e.relative} to {_SCOPES[e.scope]} has come to its end: it stops; support of their own goes on.",
    network.RelativeContacted: lambda e, _: f"{e.by} is in contact with related person {e.relative} by {plain(e.channel)} ({plain(e.about)}); both sides had consented{sealed(e.note, 'note')}.",
    network.FamilyGoalAgreed: lambda e, _: f"The participant and related person {e.relative} agree on family goal {e.goal}{sealed(e.text, 'goal')}.",
    network.FamilyGoalReviewed: _goal,
    support.RelativeSupportRequested: lambda e, _: f"Related person {e.relative} asks for support for themselves (request {e.request}){sealed(e.need, 'need')}.",
    support.RelativeSupportOffered: _offered,
    support.RelativeSessionAttested: lambda e, w: f"{e.by} attests session {e.session} of support {e.support} of related person {e.relative}, held on {w.day(e.observed_at)}{sealed(e.note, 'note')}.",
    support.RelativeSupportEnded: _ended,
}  # fmt: skip
"""Type of event → its sentence."""
