"""Reviews: a panel decides a transition, by people who took no part in what they judge.

Quorum counts people, not roles; each vote carries reasons written at the time; dissent is recorded and stays (field guide §5: two thirds, a chair, declared
interests, recusal; courts rarely accept reasons supplied afterwards). Whoever claimed or verified a milestone of the gate, leads the case or
asked for the review may not vote, and a vote no longer counts once its author became so involved. A review that nobody decides stays open
and escalates; it never approves itself. Once the case has moved on, its other open reviews have nothing left to decide.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case.grounds import ExitReason
from workflows.case.vote import counting, of, require_independent
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.model import Panel

ReviewNumber = Annotated[int, Field(ge=1, description="number of the review in the case")]
Choice = Literal["approve", "reject"]


class RequestReview(Command):
    """Ask the panel to decide a transition, once every other condition of its gate holds."""

    type: Literal["request_review"] = "request_review"
    to: Code
    reasons: NoteRef
    participant_view: Annotated[
        NoteRef | None, Field(description="the participant's own view; some gates require it")
    ] = None
    because: ExitReason = None


class ApproveReview(Command):
    """Vote to approve, with reasons. The last vote of a person counts while the review is open."""

    type: Literal["approve_review"] = "approve_review"
    review: ReviewNumber
    reasons: NoteRef


class RejectReview(Command):
    """Vote to reject, with reasons. Nothing changes for the participant; the review can be asked for again."""

    type: Literal["reject_review"] = "reject_review"
    review: ReviewNumber
    reasons: NoteRef


class RecuseFromReview(Command):
    """Step back from a review because of an interest in it; a recusal cannot be taken back."""

    type: Literal["recuse_from_review"] = "recuse_from_review"
    review: ReviewNumber
    reasons: NoteRef


class ReviewRequested(Event):
    """The panel is asked to decide. `barred`: who voted on it before, where an objection was allowed and it is held again."""

    type: Literal["review_requested"] = "review_requested"
    review: int
    to: Code
    panel: Code
    requested_by: PersonId
    reasons: NoteRef
    participant_view: NoteRef | None = None
    barred: tuple[PersonId, ...] = ()
    because: ExitReason = None


class VoteCast(Event):
    """A person voted, in this seat, for this organization, with reasons."""

    type: Literal["vote_cast"] = "vote_cast"
    review: int
    person: PersonId
    choice: Choice
    seat: Code
    organization: Code | None = None
    reasons: NoteRef


class ReviewerRecused(Event):
    """A person stepped back; an earlier vote of theirs no longer counts."""

    type: Literal["reviewer_recused"] = "reviewer_recused"
    review: int
    person: PersonId
    reasons: NoteRef


class ReviewDecided(Event):
    """The panel decided: the people for and against; those on the other side than the outcome dissent, with their reasons on record."""

    type: Literal["review_decided"] = "review_decided"
    review: int
    to: Code
    outcome: Literal["approved", "rejected"]
    approved_by: tuple[PersonId, ...]
    rejected_by: tuple[PersonId, ...]
    dissent: tuple[PersonId, ...]


class ReviewSuperseded(Event):
    """The case moved on by another review; nobody decides this one any more."""

    type: Literal["review_superseded"] = "review_superseded"
    review: int
    to: Code


ReviewCommand = RequestReview | ApproveReview | RejectReview | RecuseFromReview
ReviewEvent = ReviewRequested | VoteCast | ReviewerRecused | ReviewDecided | ReviewSuperseded


class Vote(Frozen):
    """A person's last vote."""

    choice: Choice
    seat: Code
    organization: Code | None = None


class OpenReview(Frozen):
    """A review that waits for votes."""

    to: Code
    panel: Code
    requested_by: PersonId
    since: Instant
    votes: dict[str, Vote] = {}
    recused: tuple[PersonId, ...] = ()
    barred: tuple[PersonId, ...] = ()


class State(Frozen):
    """Open reviews by number, and the number of the next one. A decided review is history and stands in the ledger."""

    open: dict[int, OpenReview] = {}
    next_number: int = 1


class Facts(Frozen):
    """What the review must know: the panels, the gate it is about, what is unmet there, and who is involved and how."""

    panels: Mapping[str, Panel]
    panel: Code
    needs_view: bool
    unmet: tuple[str, ...]
    involved: Mapping[str, str]


def request(state: State, command: RequestReview, facts: Facts, *, actor: Actor) -> tuple[ReviewEvent, ...]:
    """Open a review.

    Raises:
        Refused: `not_entitled_to_request`, `review_already_open`, `gate_closed`, `participant_view_missing`.
    """
    panel = facts.panels[facts.panel]
    if not actor.holds(panel.request_by):
        raise Refused(
            "not_entitled_to_request",
            f"{facts.panel} is asked by {', '.join(panel.request_by)}",
            "ask one of them to request it",
        )
    if any(review.to == command.to for review in state.open.values()):
        raise Refused(
            "review_already_open",
            f"a review of the move to {command.to} is open",
            "see 'offramp review list'; wait for its decision",
        )
    _gate_open(facts)
    if facts.needs_view and command.participant_view is None:
        raise Refused(
            "participant_view_missing",
            f"the move to {command.to} needs the participant's own view",
            "ask them, and give it as participant_view",
        )
    number = state.next_number
    return (ReviewRequested(review=number, to=command.to, panel=facts.panel, requested_by=actor.person, reasons=command.reasons, participant_view=command.participant_view, because=command.because),)  # fmt: skip


def _gate_open(facts: Facts) -> None:
    if facts.unmet:
        raise Refused(
            "gate_closed",
            f"unmet: {', '.join(facts.unmet)}",
            "'offramp case why' lists who holds each condition and by when",
        )


def vote(
    state: State, command: ApproveReview | RejectReview | RecuseFromReview, facts: Facts, *, actor: Actor
) -> tuple[ReviewEvent, ...]:
    """Vote on a review, or step back from it; a vote may decide it.

    Raises:
        Refused: `no_such_review`, `not_on_panel`, `recused`, `gate_closed`, `no_free_seat`, and as `vote` says.
    """
    review = find(state, command.review)
    panel = facts.panels[review.panel]
    roles = tuple(seat.role for seat in panel.seats)
    if not actor.holds(roles):
        raise Refused(
            "not_on_panel", f"{review.panel} seats {', '.join(roles)}", "ask somebody who holds one of these roles"
        )
    if actor.person in review.recused:
        raise Refused(
            "recused",
            f"{actor.person} stepped back from this review",
            "another member votes; a recusal cannot be taken back",
        )
    if isinstance(command, RecuseFromReview):
        return (ReviewerRecused(review=command.review, person=actor.person, reasons=command.reasons),)
    require_independent(actor.person, facts.involved)
    choice: Choice = "approve" if isinstance(command, ApproveReview) else "reject"
    if choice == "approve":
        _gate_open(facts)
    votes = independent(review, facts.involved)
    seat = _seat(votes, panel, actor)
    cast = VoteCast(review=command.review, person=actor.person, choice=choice, seat=seat, organization=actor.organization, reasons=command.reasons)  # fmt: skip
    votes[actor.person] = Vote(choice=choice, seat=seat, organization=actor.organization)
    outcome = _outcome(votes, panel, gate_open=not facts.unmet)
    return (cast,) if outcome is None else (cast, _decided(command.review, review.to, outcome, votes=votes))


def independent(review: OpenReview, involved: Collection[str]) -> dict[str, Vote]:
    """The votes that count: those of people who have not taken part since in what is judged."""
    return counting(review.votes, involved)


def find(state: State, number: int) -> OpenReview:
    """The open review with that number.

    Raises:
        Refused: `no_such_review`.
    """
    review = state.open.get(number)
    if review is None:
        known = listed(state.open)
        raise Refused("no_such_review", f"no review {number} is open in this case", f"open reviews: {known}")
    return review


def _seat(votes: Mapping[str, Vote], panel: Panel, actor: Actor) -> str:
    """The seat in which the person votes: the one they have, else one that the panel waits for, else the freest."""
    if actor.person in votes:
        return votes[actor.person].seat
    taken = Counter(vote.seat for vote in votes.values())
    free = {seat.role: seat.people - taken[seat.role] for seat in panel.seats if actor.holds((seat.role,))}
    awaited = {role for role in panel.must_include if not taken[role]}
    role, places = max(free.items(), key=lambda item: (item[1] > 0, item[0] in awaited, item[1], item[0]))
    if places <= 0:
        raise Refused(
            "no_free_seat",
            f"every seat of {', '.join(free)} has voted",
            "the panel is complete; a member may still change their own vote",
        )
    return role


def _outcome(votes: Mapping[str, Vote], panel: Panel, *, gate_open: bool) -> Literal["approved", "rejected"] | None:
    """What these votes decide, if the panel is quorate and either side has what it needs; nothing is approved through a shut gate."""
    if not quorate(votes, panel):
        return None
    choices = Counter(vote.choice for vote in votes.values())
    if choices["reject"] >= panel.reject_with:
        return "rejected"
    return "approved" if gate_open and choices["approve"] >= panel.approve_with else None


def _decided(
    number: int, to: str, outcome: Literal["approved", "rejected"], *, votes: Mapping[str, Vote]
) -> ReviewDecided:
    choices = {person: vote.choice for person, vote in votes.items()}
    approved, rejected = of(choices, "approve"), of(choices, "reject")
    dissent = rejected if outcome == "approved" else approved
    return ReviewDecided(review=number, to=to, outcome=outcome, approved_by=approved, rejected_by=rejected, dissent=dissent)  # fmt: skip


def supersede(state: State, *, by: int) -> tuple[ReviewSuperseded, ...]:
    """What becomes of the other open reviews when the case moves on by review `by`."""
    return tuple(ReviewSuperseded(review=number, to=review.to) for number, review in state.open.items() if number != by)


def quorate(votes: Mapping[str, Vote], panel: Panel) -> bool:
    """Whether enough people, of every role and of as many organizations as the panel must include, have voted."""
    seats = {vote.seat for vote in votes.values()}
    organizations = {vote.organization for vote in votes.values() if vote.organization is not None}
    return (
        len(votes) >= panel.quorum
        and seats.issuperset(panel.must_include)
        and len(organizations) >= panel.organizations
    )


def evolve(state: State, event: ReviewEvent, at: datetime) -> State:
    """The state after the event; an event about a review that is not open changes nothing."""
    match event:
        case ReviewRequested():
            opened = OpenReview(to=event.to, panel=event.panel, requested_by=event.requested_by, since=at, barred=event.barred)  # fmt: skip
            return state.model_copy(
                update={"open": {**state.open, event.review: opened}, "next_number": event.review + 1}
            )
        case VoteCast():
            vote = Vote(choice=event.choice, seat=event.seat, organization=event.organization)
            return _changed(state, event.review, lambda r: {"votes": {**r.votes, event.person: vote}})
        case ReviewerRecused():
            return _changed(state, event.review, lambda r: _recusal(r, event.person))
        case ReviewDecided() | ReviewSuperseded():
            return state.model_copy(update={"open": {n: r for n, r in state.open.items() if n != event.review}})
        case _:
            assert_never(event)


def _changed(state: State, number: int, change: Callable[[OpenReview], dict[str, object]]) -> State:
    review = state.open.get(number)
    if review is None:
        return state
    return state.model_copy(update={"open": {**state.open, number: review.model_copy(update=change(review))}})


def _recusal(review: OpenReview, person: str) -> dict[str, object]:
    return {"recused": (*review.recused, person), "votes": {p: v for p, v in review.votes.items() if p != person}}


def owes(state: State) -> Iterator[Owed]:
    """A decision on every open review."""
    for number, review in state.open.items():
        yield Owed(key=f"review_decision/{number}", kind="review_decision", since=review.since)


def settles(event: ReviewEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    return (
        tuple(key for key in keys if key == f"review_decision/{event.review}")
        if isinstance(event, ReviewDecided)
        else ()
    )
