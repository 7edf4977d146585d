"""Objection: whoever met every condition of a gate and was turned down by the panel can have it looked at again, by others.

A panel may say no at a gate that is met; it says so with reasons, and the person is told. That changes nothing that was granted, and yet it decides when a life goes on,
so it can be objected to, without reasons and for as long as the case stands where it stood. People decide on that who took no part, the panel's
members included; in doubt the objection is allowed. Then the review is held again, at once and by a panel in which none of the former voters
sits (field guide §3). No objection is an act against the person: it stays nothing, carries nothing out, and silence on it escalates.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.case import vote
from workflows.core.kinds import Actor, Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.model import DueProcess

ReviewNumber = Annotated[int, Field(ge=1, description="number of the review that rejected the move")]
Choice = Literal["allow", "dismiss"]


class ObjectToReview(Command):
    """File the participant's objection to a panel's rejection at a gate that was met."""

    type: Literal["object_to_review"] = "object_to_review"
    review: ReviewNumber
    grounds: Annotated[NoteRef | None, Field(description="what the person says; it needs no reasons")] = None


class DecideObjection(Command):
    """Vote on an objection, with reasons, as somebody who took no part before. Allowed, the review is held again by others."""

    type: Literal["decide_objection"] = "decide_objection"
    review: ReviewNumber
    choice: Choice
    reasons: NoteRef


class ObjectionRouteOpened(Event):
    """The rejection can be objected to. `took_part`: who neither decides on that nor sits on the panel again."""

    type: Literal["objection_route_opened"] = "objection_route_opened"
    review: int
    to: Code
    took_part: tuple[PersonId, ...]


class ObjectionFiled(Event):
    """The person objects."""

    type: Literal["objection_filed"] = "objection_filed"
    review: int
    by: PersonId
    grounds: NoteRef | None = None


class ObjectionVoteCast(Event):
    """Somebody voted on the objection, with reasons."""

    type: Literal["objection_vote_cast"] = "objection_vote_cast"
    review: int
    person: PersonId
    choice: Choice
    reasons: NoteRef


class ObjectionDecided(Event):
    """The objection is decided; allowed, review `again` is held in its place."""

    type: Literal["objection_decided"] = "objection_decided"
    review: int
    outcome: Literal["allowed", "dismissed"]
    allow: tuple[PersonId, ...]
    dismiss: tuple[PersonId, ...]
    again: int | None = None


class ObjectionRouteClosed(Event):
    """There is nothing left to object to: the case moved on, or the panel is asked again without it."""

    type: Literal["objection_route_closed"] = "objection_route_closed"
    review: int
    because: Literal["case_moved_on", "asked_again"]


ObjectionCommand = ObjectToReview | DecideObjection
ObjectionEvent = ObjectionRouteOpened | ObjectionFiled | ObjectionVoteCast | ObjectionDecided | ObjectionRouteClosed


class Rejected(Frozen):
    """A rejection that can be objected to; who did so, since when, and how that was voted on."""

    to: Code
    took_part: tuple[PersonId, ...]
    filed_by: PersonId | None = None
    grounds: NoteRef | None = None
    since: Instant
    votes: dict[PersonId, Choice] = {}


class State(Frozen):
    """Rejections that can be objected to, by the number of the review."""

    open: dict[int, Rejected] = {}


class Facts(Frozen):
    """The program's rule, who is involved in the case and how, and the number of the next review."""

    rule: DueProcess
    involved: Mapping[str, str]
    next_review: int


def decide(state: State, command: ObjectionCommand, facts: Facts, *, actor: Actor) -> tuple[ObjectionEvent, ...]:
    """Answer a command about a rejection.

    Raises:
        Refused: `no_such_rejection`, `objection_already_filed`, `no_objection_filed`, `not_an_appeal_decider`, and as `vote` says.
    """
    rejected = find(state, command.review)
    match command:
        case ObjectToReview():
            if rejected.filed_by is not None:
                raise Refused(
                    "objection_already_filed",
                    f"the rejection by review {command.review} was objected to",
                    "wait for the decision on the objection",
                )
            return (ObjectionFiled(review=command.review, by=actor.person, grounds=command.grounds),)
        case DecideObjection():
            return _vote(rejected, command, facts, actor=actor)
        case _:
            assert_never(command)


def find(state: State, number: int) -> Rejected:
    """The rejection by the review with that number.

    Raises:
        Refused: `no_such_rejection`.
    """
    rejected = state.open.get(number)
    if rejected is None:
        known = listed(state.open)
        raise Refused("no_such_rejection", f"no rejection by review {number} can be objected to", f"reviews: {known}")
    return rejected


def _vote(rejected: Rejected, command: DecideObjection, facts: Facts, *, actor: Actor) -> tuple[ObjectionEvent, ...]:
    rule = facts.rule
    if rejected.filed_by is None:
        raise Refused(
            "no_objection_filed", f"nobody objected to review {command.review}", "file it with object_to_review"
        )
    if not actor.holds(rule.appeal_by):
        raise Refused(
            "not_an_appeal_decider", f"objections are decided by {', '.join(rule.appeal_by)}", "ask one of them"
        )
    barred = dict.fromkeys(rejected.took_part, "took part in the review") | dict(facts.involved)
    barred.setdefault(rejected.filed_by, "filed the objection")
    vote.require_independent(actor.person, barred)
    cast = ObjectionVoteCast(review=command.review, person=actor.person, choice=command.choice, reasons=command.reasons)
    votes = {**vote.counting(rejected.votes, barred), actor.person: command.choice}
    tally = vote.tally(votes, people=rule.appeal_deciders, against="dismiss", in_favor="allow")
    if tally is None:
        return (cast,)
    outcome: Literal["allowed", "dismissed"] = "dismissed" if tally.carries else "allowed"
    sides = {"allow": tally.in_favor, "dismiss": tally.against}
    again = None if tally.carries else facts.next_review
    return (cast, ObjectionDecided(review=command.review, outcome=outcome, again=again, **sides))


def asked_again(state: State, to: str) -> tuple[ObjectionRouteClosed, ...]:
    """What becomes of the rejections of a move when the panel is asked for it anew.

    Raises:
        Refused: `objection_open`, for the former panel would decide what the objection is about.
    """
    about = {n: rejected for n, rejected in state.open.items() if rejected.to == to}
    for number, rejected in about.items():
        if rejected.filed_by is not None:
            raise Refused(
                "objection_open",
                f"the person objected to the rejection by review {number}",
                "have it decided with decide_objection: allowed, the review is held again by others",
            )
    return tuple(ObjectionRouteClosed(review=number, because="asked_again") for number in about)


def end(state: State) -> tuple[ObjectionRouteClosed, ...]:
    """What becomes of the rejections when the case moves on."""
    return tuple(ObjectionRouteClosed(review=number, because="case_moved_on") for number in state.open)


def evolve(state: State, event: ObjectionEvent, at: datetime) -> State:
    """The state after the event; one about a rejection that is not open changes nothing."""
    match event:
        case ObjectionRouteOpened():
            rejected = Rejected(to=event.to, took_part=event.took_part, since=at)
            return state.model_copy(update={"open": {**state.open, event.review: rejected}})
        case ObjectionFiled():
            filed = {"filed_by": event.by, "grounds": event.grounds, "since": at}
            return _changed(state, event.review, lambda _: filed)
        case ObjectionVoteCast():
            return _changed(state, event.review, lambda one: {"votes": {**one.votes, event.person: event.choice}})
        case ObjectionDecided() | ObjectionRouteClosed():
            return state.model_copy(update={"open": {n: one for n, one in state.open.items() if n != event.review}})
        case _:
            assert_never(event)


def _changed(state: State, number: int, change: Callable[[Rejected], Mapping[str, object]]) -> State:
    rejected = state.open.get(number)
    if rejected is None:
        return state
    return state.model_copy(update={"open": {**state.open, number: rejected.model_copy(update=change(rejected))}})


def owes(state: State) -> Iterator[Owed]:
    """A decision on each objection."""
    for number, rejected in state.open.items():
        if rejected.filed_by is not None:
            yield Owed(key=f"objection_decision/{number}", kind="objection_decision", since=rejected.since)


def settles(event: ObjectionEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, ObjectionDecided):
        return tuple(key for key in keys if key == f"objection_decision/{event.review}")
    return ()
