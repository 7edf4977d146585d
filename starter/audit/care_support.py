"""The sentences of needs, supports, assessments, concerns, celebrations and follow-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, counted, plain, sealed
from workflows.case import assessment_form as assessment
from workflows.case import celebration, concern, referrer
from workflows.case import follow_up_form as follow_up
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


def _assessed(event: assessment.AssessmentRecorded, words: Words) -> str:
    due = f"; the next is due by {words.day(event.next_due)}" if event.next_due is not None else ""
    used = f'"{words.name("instrument", event.instrument)}" ({event.edition})'
    return f"{event.by} assessed the person on {words.day(event.observed_at)} (assessment {event.assessment}, {plain(event.trigger)}) with {used}: {_judged(event, words)}{due}."


def _judged(event: assessment.Judged, words: Words) -> str:
    apart = f"likelihood {plain(event.likelihood)}, severity {plain(event.severity)}, imminence {plain(event.imminence)}, direction {plain(event.direction)}"
    return f'"{words.name("judgement", event.judgement)}"; {apart}; confidence {plain(event.confidence)}'


def _corrected(event: assessment.AssessmentCorrected, words: Words) -> str:
    return f"{event.by} corrects assessment {event.assessment} (version {event.version}; those before stay): {_judged(event, words)}{sealed(event.reasons)}."


def _raised(event: concern.ConcernRaised, words: Words) -> str:
    what = f'"{words.name("concern", event.kind)}"'
    return f"Concern {event.concern} is on record: {what}, voiced by {plain(event.reported_by)}, of {words.day(event.observed_at)}{sealed(event.note, 'note')}."


def _recorded(event: follow_up.FollowUpRecorded, words: Words) -> str:
    late = ", late, and welcome all the same" if event.late_contact else ""
    return f"Follow-up {event.follow_up} was held on {words.day(event.observed_at)} ({_channel(event.channel, words)}){late}{sealed(event.account, 'account')}."


def _unreached(event: follow_up.FollowUpUnreached, words: Words) -> str:
    tried = ", ".join(f"{_channel(one.channel, words)} on {words.day(one.observed_at)}" for one in event.attempts)
    return f"{event.by} judges that nobody could be reached for follow-up {event.follow_up} ({tried}); it is not done, and the door stays open{sealed(event.reasons)}."


def _channel(code: str, words: Words) -> str:
    return words.name("channel", code)


def _began(event: follow_up.FollowUpsBegan, words: Words) -> str:
    terms = ", ".join(str(term) for term in event.terms)
    return f"Follow-ups are owed from {words.name('phase', event.phase)} on, {terms} after its beginning."


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    support.NeedIdentified: lambda e, w: f'A need is on record: "{w.name("need", e.need)}"{sealed(e.note, "note")}.',
    support.NeedClosed: _closed,
    support.SupportPlanned: _planned,
    support.SupportBegun: lambda e, _: f"Support {e.support} has begun.",
    support.SessionAttested: lambda e, w: f"{e.by} attests session {e.session} of support {e.support}, held on {w.day(e.observed_at)}{sealed(e.note, 'note')}.",
    support.SupportStalled: lambda e, _: f"Support {e.support} has stalled after {counted(e.sessions, 'session', 'sessions')}: none was attested in its period. It goes on.",
    support.SupportCompleted: lambda e, _: f"Support {e.support} is delivered as promised: {counted(e.sessions, 'session', 'sessions')} attested.",
    support.SupportEnded: _ended,
    assessment.AssessmentRecorded: _assessed,
    assessment.AssessmentCorrected: _corrected,
    assessment.ReassessmentOwed: lambda e, _: f"After {plain(e.about)} {e.subject} the person is to be looked at anew (incident {e.reassessment}).",
    concern.ConcernRaised: _raised,
    concern.ConcernAnswered: lambda e, _: f"{e.by} answered concern {e.concern}{sealed(e.response, 'response')}.",
    concern.ConcernClosed: lambda e, w: f'{e.by} judges that concern {e.concern} ("{w.name("concern", e.kind)}") is over{sealed(e.reasons)}.',
    celebration.CelebrationSet: lambda e, _: f"The person wants to hear of what they reach: {plain(e.channel)}, in {e.language}." if e.wanted else "The person does not want to be told of what they reach.",
    celebration.CelebrationOwed: lambda e, w: f'The person reached "{w.name(e.about, e.subject)}" and is to hear of it (celebration {e.celebration}).',
    celebration.CelebrationRecorded: lambda e, _: f"{e.by} tells the person of it ({plain(e.channel)}, in {e.language}; celebration {e.celebration}){sealed(e.note, 'words')}.",
    referrer.ReferrerFeedbackRecorded: lambda e, _: f"The referrer: {plain(e.outcome)}{sealed(e.note, 'note')}.",
    follow_up.FollowUpsBegan: _began,
    follow_up.FollowUpAttempted: lambda e, w: f"{e.by} tries to reach the person for follow-up {e.follow_up}: attempt {e.attempt}, {_channel(e.channel, w)}, on {w.day(e.observed_at)}.",
    follow_up.FollowUpRecorded: _recorded,
    follow_up.FollowUpDeclined: lambda e, w: f"The person does not want follow-up {e.follow_up} ({_channel(e.channel, w)}); nothing is held against them{sealed(e.words, 'words')}.",
    follow_up.FollowUpUnreached: _unreached,
    follow_up.FollowUpsEnded: lambda e, _: f"{counted(len(e.follow_ups), 'follow-up is', 'follow-ups are')} not owed any more: the case left the phase.",
    support.EntitlementGranted: lambda e, w: f'"{w.name("entitlement", e.entitlement)}" is granted: it is due by the rule.',
}  # fmt: skip
"""Type of event → its sentence."""
