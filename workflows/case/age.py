"""Age: a child comes of age while the case goes on, and from then on nobody consents for them.

For a child a guardian consents as well (field guide §3). That ends with childhood, at an instant that is on record from early on, so that no birthday passes
unseen: then the person is asked for their own consent to all that was agreed with a guardian, and is told so. Until they answer, nothing new opens on
the former consent; where they do not answer in time, what it let reach beyond the team stops, and support goes on. What happened in
childhood stays a child's: the record is classified by the age at the referral. Only the instant is known here, not the date of birth.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Command, Event, Frozen, Instant, NoteRef
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused

_LONGEST_CHILDHOOD = Term(21, "years")


class RecordComingOfAgeDue(Command):
    """Record when a child comes of age; recorded again, it corrects what was known. An instant that has passed takes effect at once."""

    type: Literal["record_coming_of_age_due"] = "record_coming_of_age_due"
    due: Annotated[Instant, Field(description="when the person is of age by the law of the place")]
    proof: Annotated[NoteRef | None, Field(description="what it is known from, sealed")] = None


class ComingOfAgeDueRecorded(Event):
    """The person comes of age at this instant."""

    type: Literal["coming_of_age_due_recorded"] = "coming_of_age_due_recorded"
    number: int
    due: Instant
    proof: NoteRef | None = None


class CameOfAge(Event):
    """The person is of age since then: a guardian has no say any more, and what one agreed to is asked of the person."""

    type: Literal["came_of_age"] = "came_of_age"
    since: Instant


AgeEvent = ComingOfAgeDueRecorded | CameOfAge


class State(Frozen):
    """When the child comes of age, since when that is on record and how often it was recorded; since when they are of age."""

    due: Instant | None = None
    recorded_at: Instant | None = None
    number: int = 0
    of_age_since: Instant | None = None


def decide(
    state: State, command: RecordComingOfAgeDue, *, child: bool, calendar: Calendar, at: datetime
) -> tuple[ComingOfAgeDueRecorded, ...]:
    """Record when the child comes of age. `child`: whether the participant was one when the case was opened.

    Raises:
        Refused: `not_a_child`, `of_age_already`, `coming_of_age_too_far`.
    """
    if not child:
        raise Refused(
            "not_a_child",
            "the participant was no child when the case was opened",
            "nothing to do: an adult consents alone",
        )
    if state.of_age_since is not None:
        raise Refused(
            "of_age_already",
            f"the person is of age since {calendar.local(state.of_age_since):%Y-%m-%d}",
            "nothing to do: they consent alone",
        )
    latest = calendar.after(at, _LONGEST_CHILDHOOD).at
    if command.due > latest:
        raise Refused(
            "coming_of_age_too_far",
            f"no childhood lasts {_LONGEST_CHILDHOOD} from now",
            f"give the instant of coming of age, before {calendar.local(latest):%Y-%m-%d}",
        )
    return (ComingOfAgeDueRecorded(number=state.number + 1, due=command.due, proof=command.proof),)


def evolve(state: State, event: AgeEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case ComingOfAgeDueRecorded():
            return state.model_copy(update={"due": event.due, "recorded_at": at, "number": event.number})
        case CameOfAge():
            return state.model_copy(update={"of_age_since": event.since})
        case _:
            assert_never(event)


def owes(state: State, *, child_since: datetime | None) -> Iterator[Owed]:
    """Of a child that the instant is on record, and then the instant itself. `child_since`: when a child's case was opened."""
    if child_since is None or state.of_age_since is not None:
        return
    if state.due is None or state.recorded_at is None:
        yield Owed(key="coming_of_age_date/1", kind="coming_of_age_date", since=child_since)
    else:
        key = f"coming_of_age/{state.number}"
        yield Owed(key=key, kind="coming_of_age", since=state.recorded_at, until=state.due)


def fall_silent(state: State, key: str, due: datetime) -> tuple[CameOfAge, ...]:
    """What the room adds when the instant comes: the person is of age."""
    return (CameOfAge(since=state.due or due),) if key == f"coming_of_age/{state.number}" else ()


def settles(event: AgeEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, ComingOfAgeDueRecorded):
        return tuple(key for key in keys if key.startswith("coming_of_age_date/"))
    return ()
