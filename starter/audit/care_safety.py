"""The sentences of safety plans and setbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, sealed
from workflows.case import safety_form as safety
from workflows.case import setback_form as setback
from workflows.core.kinds import Event


def _planned(event: safety.SafetyPlanned, words: Words) -> str:
    instead = f", in place of entry {event.replaces}" if event.replaces else ""
    return (
        f'Safety plan, entry {event.entry} ({event.layer}{instead}): "{words.name("threat", event.threat)}"{sealed(event.trigger, "trigger")}; '
        f"{words.responders(event.responders)} agreed to respond{sealed(event.response, 'response')}{sealed(event.words, 'in their words')}."
    )


def _retired(event: safety.SafetyEntryRetired, _words: Words) -> str:
    after = f": entry {event.successor} goes on in its place" if event.successor else f"; {event.by} judged it"
    return f"Safety plan: entry {event.entry} is in force no more{after}{sealed(event.reasons)}."


def _activated(event: safety.SafetyActivated, words: Words) -> str:
    when = f" on {words.day(event.observed_at)}" if event.observed_at else ""
    return (
        f'The trigger of safety entry {event.entry} occurred{when}: "{words.name("threat", event.threat)}" ({event.layer}; '
        f"activation {event.activation}){sealed(event.note, 'what happened')}. Those who agreed to respond owe it now."
    )


def _protection(event: safety.ProtectionRecorded, words: Words) -> str:
    service = words.name("protection", event.service)
    if event.outcome == "reached":
        return f'"{service}" is reached{sealed(event.note, "note")}.'
    return (
        f'"{service}" refused: that is the service\'s answer, and no fault of the person{sealed(event.note, "note")}.'
    )


def _setback(event: setback.SetbackRecorded, words: Words) -> str:
    what = words.name("setback", event.kind)
    return (
        f'Setback {event.setback}: "{what}", on {words.day(event.observed_at)}{sealed(event.note, "what happened")}. '
        "It is no breach: what was granted goes on, and the team is to learn from it."
    )


def _learned(event: setback.LearningRecorded, words: Words) -> str:
    text = f"The team holds the learning review of setback {event.setback}{sealed(event.learnings, 'learnings')}."
    for one in event.actions:
        owner = words.name("role", one.owner)
        text += f" Action {one.action}: {owner}, by {words.day(one.due)}{sealed(one.what, 'what')}."
    return text


def _acted(event: setback.LearningActionClosed, _words: Words) -> str:
    how = "is done" if event.how == "done" else "is not possible"
    return f"Action {event.action} of a learning review {how}, as {event.by} records{sealed(event.reasons)}."


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    safety.SafetyPlanned: _planned,
    safety.SafetyEntryRetired: _retired,
    safety.SafetyActivated: _activated,
    safety.SafetyResponseRecorded: lambda e, _: f"The agreed response to activation {e.activation} is made{sealed(e.note, 'what was done')}.",
    safety.SafetyPlanReviewed: lambda e, _: f"The safety plan is looked at again (review {e.review}){sealed(e.summary, 'summary')}{sealed(e.view, 'own view')}.",
    safety.ProtectionRecorded: _protection,
    safety.SafetyReviewCalled: lambda e, _: f"The safety plan is to be looked at again soon, because of a {e.because}.",
    setback.SetbackRecorded: _setback,
    setback.LearningRecorded: _learned,
    setback.LearningActionClosed: _acted,
}  # fmt: skip
"""Type of event → its sentence."""
