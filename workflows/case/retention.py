"""Retention: no record without an end, and no end without the person's own copy.

A boy of eleven was referred, nothing was found, and his data stood in ten databases for six years; the court found it disproportionate (field
guide §3, F10). So a record has a class by outcome and age, set when the case is closed; until somebody classifies it, the shortest. Its necessity is
reviewed; a review that nobody makes seals the record from operators at once, and the officer for data protection is told. Nothing is
kept beyond its class but under a legal hold. Erasure takes two people, and is refused under a hold, while an appeal is open, and before the
person has their own copy.

`ErasureApproved` is the seam for whoever keeps the keys: from its instant the record may no longer be read, and its keys are to be destroyed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.keeping import AgeGroup, RetentionPolicy

_AT_ONCE = Term(0, "hours")


class ClassifyRecord(Command):
    """Record how the case ended and whether the person was a child when referred: this sets how long the record is kept."""

    type: Literal["classify_record"] = "classify_record"
    outcome: Annotated[Code, Field(description="outcome, by the definition's code")]
    age: Annotated[AgeGroup, Field(description="when referred")]


class ReviewRetention(Command):
    """Record that keeping the closed case's record is still necessary, and why. If it is not, ask for its erasure instead."""

    type: Literal["review_retention"] = "review_retention"
    reasons: NoteRef


class RequestErasure(Command):
    """Ask that the closed case's record be erased, for the person or because it is no longer necessary."""

    type: Literal["request_erasure"] = "request_erasure"
    reasons: NoteRef


class ApproveErasure(Command):
    """Approve an erasure that somebody else asked for. It cannot be undone."""

    type: Literal["approve_erasure"] = "approve_erasure"
    reasons: NoteRef


class DeclineErasure(Command):
    """Decline an erasure, or take back one's own request, with reasons; the record is kept as before."""

    type: Literal["decline_erasure"] = "decline_erasure"
    reasons: NoteRef


class RecordClassified(Event):
    """How the case ended, and whether the person was a child when referred."""

    type: Literal["record_classified"] = "record_classified"
    outcome: Code
    age: AgeGroup


class RetentionClassSet(Event):
    """From here on the record is kept by this class, at most until `keep_until`, legal holds apart."""

    type: Literal["retention_class_set"] = "retention_class_set"
    retention_class: Code
    keep_until: Instant
    derivation: str


class RetentionReviewed(Event):
    """Keeping the record is still necessary; a sealed one is open again."""

    type: Literal["retention_reviewed"] = "retention_reviewed"
    reasons: NoteRef


class RecordSealed(Event):
    """Nobody reviewed whether the record is still necessary: only the officer for data protection acts on it from here on."""

    type: Literal["record_sealed"] = "record_sealed"


class RetentionStopped(Event):
    """The case is open again, as episode `episode`: its record is needed, and no term of its end runs any more."""

    type: Literal["retention_stopped"] = "retention_stopped"
    episode: int


class ErasureRequested(Event):
    """Somebody asks that the record be erased."""

    type: Literal["erasure_requested"] = "erasure_requested"
    erasure: int
    requested_by: PersonId
    reasons: NoteRef


class ErasureApproved(Event):
    """Two people decided that the record be erased. Whoever keeps its keys destroys them from here on; the chain of hashes stays."""

    type: Literal["erasure_approved"] = "erasure_approved"
    erasure: int
    requested_by: PersonId
    approved_by: PersonId
    reasons: NoteRef


class ErasureDeclined(Event):
    """The record is kept as before."""

    type: Literal["erasure_declined"] = "erasure_declined"
    erasure: int
    declined_by: PersonId
    reasons: NoteRef


RetentionCommand = ClassifyRecord | ReviewRetention | RequestErasure | ApproveErasure | DeclineErasure
RetentionEvent = (
    RecordClassified | RetentionClassSet | RetentionReviewed | RecordSealed | RetentionStopped | ErasureRequested | ErasureApproved
    | ErasureDeclined
)  # fmt: skip


class Asked(Frozen):
    """An erasure that waits for a second person: its number, who asked for it, and since when it waits."""

    number: int
    by: PersonId
    since: Instant


class State(Frozen):
    """The class with the end of its term, outcome and age once known; when necessity was last reviewed and how often; seal and erasure."""

    outcome: Code | None = None
    age: AgeGroup | None = None
    retention_class: Code | None = None
    keep_until: Instant | None = None
    reviewed_at: Instant | None = None
    reviews: int = 0
    sealed_at: Instant | None = None
    asked: Asked | None = None
    erasures: int = 0
    erased_at: Instant | None = None


class Facts(Frozen):
    """The definition's policy and calendar; when the case was closed; legal holds in force; open appeals; whether a child was referred; when the person had their copy."""

    policy: RetentionPolicy | None
    calendar: Calendar
    closed_at: Instant | None = None
    holds: int = 0
    open_appeals: int = 0
    child: bool = False
    copy_at: Instant | None = None


def decide(
    state: State, command: RetentionCommand, *, facts: Facts, actor: Actor, at: datetime
) -> tuple[RetentionEvent, ...]:
    """Answer a retention command.

    Raises:
        Refused: `already_erased`, `record_sealed`, `age_when_referred`, `unknown_outcome`, `case_not_closed`, `retention_term_over`, `erasure_asked`,
            `no_erasure_asked`, `not_independent`, `under_legal_hold`, `appeal_open`, `copy_not_given`.
    """
    if state.erased_at is not None:
        raise Refused("already_erased", "the record is erased", "nothing to do")
    match command:
        case ClassifyRecord():
            _unsealed(state, facts, actor)
            return _classify(command, facts)
        case ReviewRetention():
            _unsealed(state, facts, actor)
            _closed(facts)
            _still_permitted(state, facts, at)
            return (RetentionReviewed(reasons=command.reasons),)
        case RequestErasure():
            _unsealed(state, facts, actor)
            return (_ask(state, command, facts, actor),)
        case ApproveErasure():
            asked = _asked(state)
            if actor.person == asked.by:
                raise Refused(
                    "not_independent", f"{actor.person} asked for this erasure",
                    "ask another person who may send approve_erasure: an erasure takes two",
                )  # fmt: skip
            _erasable(facts)
            return (ErasureApproved(erasure=asked.number, requested_by=asked.by, approved_by=actor.person, reasons=command.reasons),)  # fmt: skip
        case DeclineErasure():
            return (ErasureDeclined(erasure=_asked(state).number, declined_by=actor.person, reasons=command.reasons),)
        case _:
            assert_never(command)


def _ask(state: State, command: RequestErasure, facts: Facts, actor: Actor) -> ErasureRequested:
    if state.asked is not None:
        raise Refused(
            "erasure_asked", f"{state.asked.by} asked for it, and it waits for a second person",
            "have somebody else decide with approve_erasure or decline_erasure",
        )  # fmt: skip
    _erasable(facts)
    return ErasureRequested(erasure=state.erasures + 1, requested_by=actor.person, reasons=command.reasons)


def _unsealed(state: State, facts: Facts, actor: Actor) -> None:
    officer = "" if facts.policy is None else facts.policy.officer
    if state.sealed_at is not None and not actor.holds((officer,)):
        raise Refused(
            "record_sealed", "nobody reviewed in time whether the record is still necessary, so it is sealed from operators",
            f"ask somebody who holds {officer} to review it with review_retention",
        )  # fmt: skip


def _classify(command: ClassifyRecord, facts: Facts) -> tuple[RetentionEvent, ...]:
    policy = facts.policy
    if facts.child and command.age != "child":
        raise Refused(
            "age_when_referred", "the person was a child when the case was opened",
            "classify it with age child: what is on record of a child is kept as a child's, also once they are of age",
        )  # fmt: skip
    if policy is None or policy.class_of(command.outcome, command.age) is None:
        known = ", ".join(policy.outcomes) if policy is not None else "none"
        raise Refused("unknown_outcome", f"no class of retention is for {command.outcome}", f"use one of: {known}")
    return (RecordClassified(outcome=command.outcome, age=command.age),)


def _closed(facts: Facts) -> datetime:
    if facts.closed_at is None:
        raise Refused("case_not_closed", "the case is open, and its record is needed", "close the case first, by an exit that its panel approves")  # fmt: skip
    return facts.closed_at


def _still_permitted(state: State, facts: Facts, at: datetime) -> None:
    if state.keep_until is not None and state.keep_until <= at and not facts.holds:
        raise Refused(
            "retention_term_over", f"the class {state.retention_class} permits keeping it no longer, and no legal hold is in force",
            "ask for its erasure with request_erasure, or place_legal_hold if the law demands that it be kept",
        )  # fmt: skip


def _erasable(facts: Facts) -> None:
    closed_at = _closed(facts)
    if facts.holds:
        raise Refused("under_legal_hold", f"legal holds in force: {facts.holds}", "wait until they end, or lift_legal_hold with reasons")  # fmt: skip
    if facts.open_appeals:
        raise Refused("appeal_open", f"appeals open: {facts.open_appeals}", "have them decided first: the record is their evidence")  # fmt: skip
    if facts.copy_at is None or facts.copy_at < closed_at:
        raise Refused(
            "copy_not_given", "the person has no copy of the whole record yet",
            "give them one or offer it, after the closure, and record it with record_copy_given",
        )  # fmt: skip


def _asked(state: State) -> Asked:
    if state.asked is None:
        raise Refused("no_erasure_asked", "nobody asked for an erasure", "ask for it with request_erasure")
    return state.asked


def set_class(state: State, facts: Facts) -> tuple[RetentionEvent, ...]:
    """The class that a closed case's record has now, if it is another one than before; the shortest until it is classified."""
    policy = facts.policy
    if policy is None or facts.closed_at is None:
        return ()
    known = policy.class_of(state.outcome, state.age) if state.outcome and state.age else None
    code = known or policy.shortest
    if code == state.retention_class:
        return ()
    ends = facts.calendar.after(facts.closed_at, policy.classes[code].keep)
    return (RetentionClassSet(retention_class=code, keep_until=ends.at, derivation=ends.derivation),)


def evolve(state: State, event: RetentionEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case RecordClassified():
            return state.model_copy(update={"outcome": event.outcome, "age": event.age})
        case RetentionClassSet():
            return state.model_copy(update={"retention_class": event.retention_class, "keep_until": event.keep_until})
        case RetentionReviewed():
            return state.model_copy(update={"reviewed_at": at, "reviews": state.reviews + 1, "sealed_at": None})
        case RecordSealed():
            return state.model_copy(update={"sealed_at": state.sealed_at or at})
        case RetentionStopped():
            return State(reviews=state.reviews, erasures=state.erasures)
        case ErasureRequested():
            asked = Asked(number=event.erasure, by=event.requested_by, since=at)
            return state.model_copy(update={"asked": asked, "erasures": max(state.erasures, event.erasure)})
        case ErasureApproved():
            return state.model_copy(update={"asked": None, "erased_at": at})
        case ErasureDeclined():
            return state.model_copy(update={"asked": None})
        case _:
            assert_never(event)


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """Of a closed case's record a review of its necessity, until it is erased; the decision on an erasure asked for."""
    if state.erased_at is not None:
        return
    if state.asked is not None:
        yield Owed(key=f"erasure_decision/{state.asked.number}", kind="erasure_decision", since=state.asked.since)
    if facts.policy is None or facts.closed_at is None or state.retention_class not in facts.policy.classes:
        return
    since, term = state.reviewed_at or facts.closed_at, facts.policy.classes[state.retention_class].review_every
    ends, name = state.keep_until, state.retention_class
    # At the end of its term the record is reviewed in any case, and again as soon as no hold keeps it beyond: nothing outlives its class unseen.
    if ends is not None and since < ends < facts.calendar.after(since, term).at:
        since, term = ends, _AT_ONCE
    elif ends is not None and ends <= since and not facts.holds:
        since, term, name = ends, _AT_ONCE, "term_over"
    key = f"retention_review/{state.reviews + 1}/{name}"
    yield Owed(key=key, kind="retention_review", since=since, term=term)


def fall_silent(state: State, key: str) -> tuple[RetentionEvent, ...]:
    """What the room adds when an obligation's due instant passes: an unreviewed record is sealed."""
    return (RecordSealed(),) if key.startswith("retention_review/") and state.sealed_at is None else ()


def settles(event: RetentionEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: a review of necessity ends in reasons to keep the record, or in its erasure."""
    reviews = tuple(key for key in keys if key.startswith("retention_review/"))
    decisions = tuple(key for key in keys if key.startswith("erasure_decision/"))
    match event:
        case RetentionReviewed():
            return reviews
        case ErasureApproved():
            return (*reviews, *decisions)
        case ErasureDeclined():
            return decisions
        case RecordClassified() | RetentionClassSet() | RecordSealed() | RetentionStopped() | ErasureRequested():
            return ()
        case _:
            assert_never(event)
