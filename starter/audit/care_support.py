"""The sentences of needs and supports."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, counted, plain, sealed
from workflows.case import celebration, referrer
from workflows.case import support_form as support
from workflows.core.kinds import Event


def _planned(event: support.SupportPlanned, words: Words) -> str:
    what = words.name("support", event.kind)
    return (
        f'Support {event.support} is planned: "{what}" by {plain(event.provider)}, {counted(event.sessions, "session", "sessions")}, '
        f"from {words.day(event.starts)}{sealed(event.agreed, 'agreed')}."
    )


def _ended(event: support.SupportEnded, _words: Words) -> str:
    held = f"after {counted(event.sessions, 'session', 'sessions')}"
    if event.successor is not None:
        return f"Support {event.support} ends {held}: support {event.successor} goes on in its place."
    return f"Support {event.support} ends {held}; {event.by} reasons the gap{sealed(event.gap)}."


def _closed(event: support.NeedClosed, words: Words) -> str:
    return f'The need "{words.name("need", event.need)}" is closed: {plain(event.how)}{sealed(event.reasons)}.'


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    support.NeedIdentified: lambda e, w: f'A need is on record: "{w.name("need", e.need)}"{sealed(e.note, "note")}.',
    support.NeedClosed: _closed,
    support.SupportPlanned: _planned,
    support.SupportBegun: lambda e, _: f"Support {e.support} has begun.",
    support.SessionAttested: lambda e, w: f"{e.by} attests session {e.session} of support {e.support}, held on {w.day(e.observed_at)}{sealed(e.note, 'note')}.",
    support.SupportStalled: lambda e, _: f"Support {e.support} has stalled after {counted(e.sessions, 'session', 'sessions')}: none was attested in its period. It goes on.",
    support.SupportCompleted: lambda e, _: f"Support {e.support} is delivered as promised: {counted(e.sessions, 'session', 'sessions')} attested.",
    support.SupportEnded: _ended,
    celebration.CelebrationSet: lambda e, _: f"The person wants to hear of what they reach: {plain(e.channel)}, in {e.language}." if e.wanted else "The person does not want to be told of what they reach.",
    celebration.CelebrationOwed: lambda e, w: f'The person reached "{w.name(e.about, e.subject)}" and is to hear of it (celebration {e.celebration}).',
    celebration.CelebrationRecorded: lambda e, _: f"{e.by} tells the person of it ({plain(e.channel)}, in {e.language}; celebration {e.celebration}){sealed(e.note, 'words')}.",
    referrer.ReferrerFeedbackRecorded: lambda e, _: f"The referrer: {plain(e.outcome)}{sealed(e.note, 'note')}.",
    support.EntitlementGranted: lambda e, w: f'"{w.name("entitlement", e.entitlement)}" is granted: it is due by the rule.',
}  # fmt: skip
"""Type of event → its sentence."""
