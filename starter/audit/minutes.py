"""The minutes of a case: each entry of the ledger in words that a practitioner reads, from codes and references alone.

Every type of event has its sentence. What a reader of the whole would not miss (an obligation that follows from another event of the same entry,
the notice of a rung that is told anyway) is left out of `minutes` and stands in the sentences of `tell`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from starter.audit import against, agreeing, care_referral, care_safety, care_support, charge, keeping, kin, timing
from starter.audit.asked import ASKED
from starter.audit.words import Words, plain, span
from starter.audit.words import sealed as _note
from workflows.case import (
    contact_form,
    hold,
    lawful_basis,
    milestone,
    notice,
    partner,
    phase,
    review,
)
from workflows.core.entry import Entry
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import CLOCK, ENGINE, Event
from workflows.core.notice import Notice
from workflows.core.obligation import (
    ObligationClosed,
    ObligationEscalated,
    ObligationHandedOver,
    ObligationOpened,
    SilenceFell,
)
from workflows.program.model import Program

_HASH_SHOWN = 8
_WHO = {CLOCK: "the clock", ENGINE: "the engine"}
_LEAST_LATE_SECONDS = 60
"""Less is how long a machine takes, and says nothing about anybody."""
_NEWS = {"review_requested": "{} waits for votes", "review_decided": "{} is decided"}
"""What a notice that is no rung says, by its template."""
_OUTCOMES = {
    "stays_open": "it stays open until somebody acts",
    "welfare_ladder": "the welfare ladder is climbed; no sanction follows",
    "asks_again": "it is asked for again; nothing granted is withdrawn",
    "lapses": "it ends by itself",
    "sealed": "the record is sealed from operators",
    "sharing_stops": "sharing stops; the offer of support goes on",
    "returns_to_owner": "it returns to its owner, who owes another way",
    "resumes": "the pause ends, and what it stopped goes on",
    "sender_stays_owner": "whoever offered it stays its owner",
    "deputy_stays": "the deputy stays in charge",
    "own_consent_asked": "the person is asked for their own consent, and a guardian has no say any more",
    "guarded_sharing_stops": "what a guardian agreed may reach beyond the team stops; support goes on",
    "effect_suspended": "the effect stays suspended until it is decided",
}


class Minute(NamedTuple):
    """An entry in words: when (the program's local time), who, what (a sentence each), and its short receipt."""

    when: str
    who: str
    what: tuple[str, ...]
    receipt: str


def minutes(entry: Entry, events: Sequence[Event], program: Program | None) -> list[str]:
    """The entry as lines of text: the first begins with date and person and ends with the receipt, the others are indented.

    Args:
        entry: the stored entry.
        events: what was sealed in it.
        program: the case's program, for titles and the time zone; None where it is not at hand.
    """
    told = minute(entry, events, program)
    first, *rest = told.what
    lead = f"{told.when}  {told.who:<18} "
    return [f"{lead}{first}  [{told.receipt}]", *(" " * len(lead) + line for line in rest)]


def minute(entry: Entry, events: Sequence[Event], program: Program | None) -> Minute:
    """The entry in words, in parts; arguments as for `minutes`."""
    words = Words(program)
    what = [
        *(tell(event, program) for event in events if not _follows(event, events)),
        *_now_owed(events, words),
        *_told(events, words),
    ]
    if not what:
        what = [tell(event, program) for event in events] or [f"{plain(entry.type)}: nothing changed"]
    return Minute(
        when=words.when(entry.at),
        who=_WHO.get(entry.actor, entry.actor),
        what=tuple(what),
        receipt=short_receipt(entry),
    )


def short_receipt(entry: Entry) -> str:
    """Position and the first digits of the hash: enough to find the entry and to notice another one in its place."""
    return f"{entry.position}:{entry.hash.hex()[:_HASH_SHOWN]}"


def tell(event: Event, program: Program | None) -> str:
    """One sentence for one event; a type that has none yet (a test walks all of them) is named by its stored type."""
    sentence = SENTENCES.get(type(event))
    return (
        f"{_capital(plain(str(getattr(event, 'type', ''))))}." if sentence is None else sentence(event, Words(program))
    )


def _follows(event: Event, events: Sequence[Event]) -> bool:
    """Whether the event says nothing that another one of the entry, or the lines made from all of them, does not say."""
    match event:
        case (
            ObligationOpened()
            | notice.NoticeIssued()
            | contact_form.ContactScheduleStarted()
            | contact_form.ContactResumed()
        ):
            return True
        case ObligationClosed():
            return not _late(event.late_seconds)
        case SilenceFell():
            return any(isinstance(other, contact_form.CheckInMissed | milestone.MilestoneExpired) for other in events)
        case _:
            return False


def _now_owed(events: Iterable[Event], words: Words) -> list[str]:
    opened = [event.obligation for event in events if isinstance(event, ObligationOpened)]
    return [
        f"Owed from now: {words.owed(o.key)}, by {words.day(o.due)} ({o.holder or words.name('role', o.owner)})."
        for o in opened
    ]


def _told(events: Sequence[Event], words: Words) -> list[str]:
    climbed = {event.key for event in events if isinstance(event, ObligationEscalated)}
    issued = [event.notice for event in events if isinstance(event, notice.NoticeIssued)]
    return [_issued(one, words) for one in issued if one.about not in climbed]


def _issued(one: Notice, words: Words) -> str:
    whom, about = one.to_person or words.name("role", one.to_role), words.owed(one.about)
    if one.template in ASKED:
        return f"Notice {one.key}: {whom} {ASKED[one.template]} ({about})."
    if one.template in _NEWS:
        return f"Notice {one.key} tells {whom} that {_NEWS[one.template].format(about)}."
    return f'Notice {one.key} goes to {whom}: "{plain(one.template)}" about {about}.'


def _phase_entered(event: phase.PhaseEntered, words: Words) -> str:
    entered = f"Phase {words.name('phase', event.phase)} begins"
    former = f", after {words.name('phase', event.former)}" if event.former else ""
    return f"{entered}{former}" + (f"; decided by review {event.review}." if event.review else ".")


def _reentered(event: phase.CaseReentered, words: Words) -> str:
    since = "after the closure" if event.closed else f"out of {words.name('phase', event.former)}"
    return f"The person comes back {since}, as they wish{_note(event.wish, 'wish')}: episode {event.episode} of the case begins."


def _claimed(event: milestone.MilestoneClaimed, words: Words) -> str:
    voices = ", ".join(
        f"{words.name('evidence', piece.kind)} by {piece.source} of {words.day(piece.observed_at)}"
        for piece in event.evidence
    )
    return (
        f'{event.claimant} claims "{words.name("milestone", event.milestone)}" (claim {event.claim}), '
        f"{event.independent_sources} independent kinds of source: {voices}."
    )


def _decided(event: review.ReviewDecided, words: Words) -> str:
    sides = (("for", event.approved_by), ("against", event.rejected_by))
    votes = "; ".join(f"{side}: {', '.join(people)}" for side, people in sides if people)
    dissent = f" Dissent on record: {', '.join(event.dissent)}." if event.dissent else ""
    return f"Review {event.review}, the move to {words.name('phase', event.to)}, is {event.outcome} ({votes}).{dissent}"


def _late(seconds: int | None) -> bool:
    return seconds is not None and seconds >= _LEAST_LATE_SECONDS


def _escalated(event: ObligationEscalated, words: Words) -> str:
    late = f" (told {span(event.late_seconds)} late)" if _late(event.late_seconds) else ""
    asked = ASKED.get(event.action, f'is asked to "{plain(event.action)}"')
    return f"{_capital(words.owed(event.key))}: rung {event.level}, {words.name('role', event.tell)} {asked}{late}."


def _silence(event: SilenceFell, words: Words) -> str:
    outcome = _OUTCOMES.get(event.outcome, plain(event.outcome))
    return f"{_capital(words.owed(event.key))} was due {words.day(event.due)} and nobody acted: {outcome}."


def _closed(event: ObligationClosed, words: Words) -> str:
    if event.how == "released":
        return f"{_capital(words.owed(event.key))} is no longer owed."
    late = f", {span(event.late_seconds)} late" if _late(event.late_seconds) else ""
    return f"{_capital(words.owed(event.key))} is done{late}."


def _opened(event: ObligationOpened, words: Words) -> str:
    o = event.obligation
    return f"{_capital(words.owed(o.key))} is owed by {o.holder or words.name('role', o.owner)} until {words.when(o.due)} ({o.derivation})."


def _kept(event: contact_form.CheckInKept, words: Words) -> str:
    when = f" on {words.day(event.observed_at)}" if event.observed_at else ""
    counted = f"check-in {event.number} is kept" if event.counted else "welcome, and besides what is owed"
    return f"Contact by {plain(event.channel)}{when}: {counted}{_note(event.note, 'note')}."


def _level(event: contact_form.SupportLevelSet, _words: Words) -> str:
    direction = f" ({event.direction} support than before)" if event.direction in {"more", "less"} else ""
    return f"Support level: {event.level}{direction}{_note(event.reasons)}."


def _based(event: lawful_basis.LawfulBasisRecorded, words: Words) -> str:
    instead = f", instead of {words.basis(event.replaces)}" if event.replaces else ""
    again = f"to be looked at again by {words.day(event.review_by)}"
    return f"Processing rests on: {words.basis(event.basis)}{instead}; {again}{_note(event.reasons)}."


def _held(event: hold.HoldBegan, words: Words) -> str:
    return (
        f"{event.approved_by} approves pause {event.hold} ({words.name('hold', event.kind)}), "
        f"until {words.when(event.until)}{_note(event.reasons)}."
    )


def _hold_ended(event: hold.HoldEnded, _words: Words) -> str:
    how = {"ran_out": "is over: its time has passed", "ended": "is ended", "dropped": "is not approved, and dropped"}
    return f"Pause {event.hold} {how[event.how]}{_note(event.reasons)}."


def _refused(event: CommandRefused, _words: Words) -> str:
    asked = plain(str(event.command.get("type", "a command")))
    return f"Refused: {asked}; {event.why} [{event.code}]. Cure: {event.cure}."


def _requested(event: review.ReviewRequested, words: Words) -> str:
    view = "; the participant's own view is with it" if event.participant_view else ""
    because = f"; because: {plain(event.because)}" if event.because else ""
    return (
        f"{event.requested_by} asks {words.name('panel', event.panel)} for the move to {words.name('phase', event.to)} "
        f"(review {event.review}{because}{view}){_note(event.reasons)}."
    )


def _voted(event: review.VoteCast, words: Words) -> str:
    where = f", {plain(event.organization)}" if event.organization else ""
    votes = "votes for it" if event.choice == "approve" else "votes against it"
    return f"Review {event.review}: {event.person} ({words.name('role', event.seat)}{where}) {votes}{_note(event.reasons)}."


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _milestone(words: Words, code: str) -> str:
    return f'"{words.name("milestone", code)}"'


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    phase.CaseOpened: lambda e, _: f"The case is opened in {plain(e.program)} {e.version}{_note(e.eligibility, 'eligibility')}.",
    phase.PhaseEntered: _phase_entered,
    phase.CaseReentered: _reentered,
    phase.ProgressReviewed: lambda e, w: f"Progress in {w.name('phase', e.phase)} is reviewed: {e.direction}{_note(e.summary, 'summary')}.",
    phase.CaseClosed: lambda e, w: f"The case is closed in {w.name('phase', e.phase)}.",
    milestone.MilestoneClaimed: _claimed,
    milestone.MilestoneVerified: lambda e, w: f"{e.verifier} verifies {_milestone(w, e.milestone)} (claim {e.claim}){_note(e.reasons)}.",
    milestone.MilestoneReturned: lambda e, w: f"Claim {e.claim} of {_milestone(w, e.milestone)} is returned{_note(e.reasons)}.",
    milestone.MilestoneContradicted: lambda e, w: f"New facts of {w.day(e.observed_at)} speak against {_milestone(w, e.milestone)}{_note(e.facts, 'facts')}.",
    milestone.MilestoneExpired: lambda e, w: f"{_milestone(w, e.milestone)} was verified too long ago for a gate and is asked for again.",
    review.ReviewRequested: _requested,
    review.VoteCast: _voted,
    review.ReviewerRecused: lambda e, _: f"Review {e.review}: {e.person} steps back{_note(e.reasons)}.",
    review.ReviewDecided: _decided,
    review.ReviewSuperseded: lambda e, w: f"Review {e.review}, the move to {w.name('phase', e.to)}, is not decided any more: the case moved on.",
    contact_form.CheckInKept: _kept,
    contact_form.CheckInMissed: lambda e, _: f"Check-in {e.number} is missed: a worry about the person, never a fault of theirs.",
    contact_form.CheckInExcused: lambda e, _: f"Check-in {e.number} is excused{_note(e.reasons)}.",
    contact_form.SupportLevelSet: _level,
    contact_form.ContactScheduleStarted: lambda e, w: f"The contact schedule of {w.name('phase', e.phase)} begins.",
    contact_form.ContactPaused: lambda _e, _w: "No contact is owed until the person takes part again; nothing is held against them.",
    contact_form.ContactResumed: lambda _e, _w: "Contact is owed again from now.",
    partner.PartnerJoined: lambda e, w: f"{w.name('partner', e.partner)} joins the work on this case{_note(e.reasons)}.",
    partner.PartnerLeft: lambda e, w: f"{w.name('partner', e.partner)} no longer works on this case{_note(e.reasons)}.",
    lawful_basis.LawfulBasisRecorded: _based,
    hold.HoldRequested: lambda e, w: f"{e.requested_by} asks for pause {e.hold} ({w.name('hold', e.kind)}) until {w.when(e.until)}{_note(e.reasons)}.",
    hold.HoldBegan: _held,
    hold.HoldEnded: _hold_ended,
    notice.NoticeIssued: lambda e, w: _issued(e.notice, w),
    notice.NoticeServed: lambda e, _: f"Notice {e.key} has arrived ({plain(e.channel)}).",
    notice.NoticeFailed: lambda e, _: f"Notice {e.key} could not be delivered by {plain(e.channel)}: {plain(e.reason)}.",
    notice.NoticeStopped: lambda e, _: f"Notice {e.key} is not delivered any more: what it was about has ended.",
    ObligationOpened: _opened,
    ObligationEscalated: _escalated,
    SilenceFell: _silence,
    ObligationHandedOver: lambda e, w: f"{_capital(w.owed(e.key))} is owed by {e.holder or w.name('role', e.owner)} from now.",
    ObligationClosed: _closed,
    CommandRefused: _refused,
    **agreeing.SENTENCES,
    **against.SENTENCES,
    **charge.SENTENCES,
    **keeping.SENTENCES,
    **timing.SENTENCES,
    **care_support.SENTENCES,
    **kin.SENTENCES,
    **care_referral.SENTENCES,
    **care_safety.SENTENCES,
}  # fmt: skip
"""Type of event → its sentence."""
