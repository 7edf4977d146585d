"""Sentences of the minutes about clocks that stand still, go on, or are given more time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, sealed
from workflows.case import extension
from workflows.core.kinds import Event
from workflows.core.pause import ObligationExtended, ObligationPaused, ObligationResumed


def _what(clock: str, words: Words) -> str:
    kind, _, act = clock.partition("/")
    own = {"hearing": f"the time to be heard on act {act}", "appeal_window": f"the time to appeal against act {act}"}
    return own[kind] if kind in own else words.owed(clock)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _asked(event: extension.ExtensionRequested, words: Words) -> str:
    form = "more time, until" if event.form == "extension" else "a pause, until"
    return f"{event.requested_by} asks for {form} {words.when(event.until)}, for {_what(event.clock, words)} (request {event.extension}){sealed(event.reasons)}. Nothing has changed."


def _approved(event: extension.ExtensionApproved, words: Words) -> str:
    return (
        f"{event.approved_by} approves request {event.extension}: {_what(event.clock, words)} ends {words.when(event.due)} "
        f"and not {words.when(event.was)}{sealed(event.reasons)}."
    )


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    extension.ExtensionRequested: _asked,
    extension.ExtensionApproved: _approved,
    extension.ExtensionDeclined: lambda e, w: f"{e.by} declines request {e.extension}: {_what(e.clock, w)} runs as it did{sealed(e.reasons)}.",
    extension.ExtensionOvertaken: lambda e, w: f"Request {e.extension} is over: {_what(e.clock, w)} is not to be given time any more.",
    ObligationPaused: lambda e, w: f"{_capital(w.owed(e.key))}: the clock stands still.",
    ObligationResumed: lambda e, w: f"{_capital(w.owed(e.key))} goes on, due {w.when(e.due)} ({e.derivation}).",
    ObligationExtended: lambda e, w: f"{_capital(w.owed(e.key))} is due {w.when(e.due)} ({e.derivation}).",
}  # fmt: skip
"""Type of event → its sentence."""
