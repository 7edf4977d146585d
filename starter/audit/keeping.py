"""The sentences of what was shared from a record, who asked to see it, how long it is kept, and what of the engine's work is kept with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from starter.audit.words import Words, plain, sealed
from workflows.case import access, disclosure, legal_hold, link, retention, run
from workflows.core.kinds import Event


def _fields(words: Words, codes: Iterable[str]) -> str:
    return ", ".join(f'"{words.name("field", code)}"' for code in codes)


def _basis(words: Words, basis: str) -> str:
    scope, _, partner = basis.partition(":")
    return f"consent to share with {words.name('partner', partner)}" if scope == "share" else plain(basis)


def _requested(event: disclosure.DisclosureRequested, words: Words) -> str:
    later = f"; the person is told from {words.when(event.tell_from)}{sealed(event.delay_reasons, 'why')}" if event.tell_from else ""  # fmt: skip
    return (
        f"{event.requested_by} asks to share {_fields(words, event.fields)} with {words.name('role', event.recipient)} "
        f'of {words.name("partner", event.partner)} for "{words.name("purpose", event.purpose)}", on {_basis(words, event.basis)} '
        f"(disclosure {event.disclosure}{later}){sealed(event.reasons)}."
    )


def _made(event: disclosure.DisclosureMade, words: Words) -> str:
    return (
        f"{event.approved_by} approves disclosure {event.disclosure}, asked for by {event.requested_by}: {_fields(words, event.fields)} "
        f"and nothing else to {words.name('role', event.recipient)} of {words.name('partner', event.partner)}, "
        f"on {_basis(words, event.basis)}{sealed(event.reasons)}."
    )


def _stopped(event: disclosure.DisclosureStopped, _words: Words) -> str:
    why = "the person's consent is not in force" if event.because == "no_consent" else "the case is closed"
    return f"Disclosure {event.disclosure} is not made: {why}."


def _corrected(event: disclosure.DisclosureCorrected, words: Words) -> str:
    which = ", ".join(map(str, event.disclosures))
    return f"What was shared of {_fields(words, event.fields)} is corrected; the recipients of disclosure {which} are owed word of it{sealed(event.text, 'correction')}."


def _classed(event: retention.RetentionClassSet, words: Words) -> str:
    kept = words.name("kept", event.retention_class)
    return f'The record is kept as "{kept}", until {words.day(event.keep_until)} at most ({event.derivation}).'


def _erased(event: retention.ErasureApproved, _words: Words) -> str:
    return f"{event.approved_by} approves the erasure that {event.requested_by} asked for: the record may no longer be read{sealed(event.reasons)}."


def _ended(event: link.LinkConfirmed, words: Words) -> str:
    if event.closed_at is None:
        return "still open"
    return f"closed on {words.day(event.closed_at)} ({plain(event.closed_how or 'closed')}) by {', '.join(event.closed_by)}"


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    disclosure.DisclosureRequested: _requested,
    disclosure.DisclosureMade: _made,
    disclosure.DisclosureDeclined: lambda e, _: f"{e.declined_by} declines disclosure {e.disclosure}: nothing is shared{sealed(e.reasons)}.",
    disclosure.DisclosureStopped: _stopped,
    disclosure.DisclosureTold: lambda e, _: f"The person is told of disclosure {e.disclosure} ({plain(e.how)}, in {e.language}){sealed(e.proof, 'proof')}.",
    disclosure.DisclosureCorrected: _corrected,
    disclosure.RecipientTold: lambda e, _: f"The recipient of disclosure {e.disclosure} is told of the {e.about}{sealed(e.proof, 'proof')}.",
    access.AccessRequested: lambda e, _: f"The person asks to see what is held about them (access request {e.request}){sealed(e.note, 'note')}.",
    access.AccessAnswered: lambda e, _: f"Access request {e.request} is answered: {plain(e.answer)}{sealed(e.reasons)}.",
    access.CopyGiven: lambda e, _: f"The person's own copy: {plain(e.how)}{sealed(e.proof, 'proof')}.",
    legal_hold.LegalHoldPlaced: lambda e, w: f"Legal hold {e.hold} keeps the record until {w.when(e.until)}{sealed(e.reasons)}.",
    legal_hold.LegalHoldLifted: lambda e, _: f"Legal hold {e.hold} is lifted{sealed(e.reasons)}.",
    legal_hold.LegalHoldExpired: lambda e, _: f"Legal hold {e.hold} has come to its end.",
    retention.RecordClassified: lambda e, w: f'The case ended as "{w.name("outcome", e.outcome)}"; when referred the person was {"a child" if e.age == "child" else "an adult"}.',
    retention.RetentionClassSet: _classed,
    retention.RetentionReviewed: lambda e, _: f"Keeping the record is still necessary{sealed(e.reasons)}.",
    retention.RecordSealed: lambda _e, _w: "Nobody reviewed whether the record is still necessary: it is sealed from operators.",
    retention.RetentionStopped: lambda e, _: f"The case is open again (episode {e.episode}): no term of its record's retention runs any more.",
    retention.ErasureRequested: lambda e, _: f"{e.requested_by} asks that the record be erased (erasure {e.erasure}){sealed(e.reasons)}.",
    retention.ErasureApproved: _erased,
    retention.ErasureDeclined: lambda e, _: f"{e.declined_by} declines erasure {e.erasure}: the record is kept as before{sealed(e.reasons)}.",
    link.PossibleLinkFound: lambda e, _: f"{e.other} may be a case of the same person (possible link {e.link}, {'its names are alike' if e.how == 'names' else 'reported by ' + e.by}){sealed(e.reasons)}.",
    link.LinkConfirmed: lambda e, w: f"{e.by} confirms link {e.link}: {e.other} is a case of the same person, {_ended(e, w)}{sealed(e.reasons)}.",
    link.LinkRejected: lambda e, _: f"{e.by} rejects link {e.link}: {e.other} is a case of another person{sealed(e.reasons)}.",
    run.RunKept: lambda e, _: f"The history of a run of the engine that ended ({plain(e.status)}) is kept: run {e.run_id[:8]}, {e.events} events.",
}  # fmt: skip
"""Type of event → its sentence."""
