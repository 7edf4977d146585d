"""Access: whoever is written about may see what is held, in time, and has their own copy before it is erased.

One month is the law's term (field guide §3: one-month access); the silence table holds it, and `program check` that it is no longer.
The right to ask has no condition, and no end with the case.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed

RequestNumber = Annotated[int, Field(ge=1, description="number of the access request in the case")]


class RequestAccess(Command):
    """Record that the person asks to see what is held about them."""

    type: Literal["request_access"] = "request_access"
    note: NoteRef | None = None


class AnswerAccess(Command):
    """Record the answer to a request for access. What was left out, and why, stands in the reasons."""

    type: Literal["answer_access"] = "answer_access"
    request: RequestNumber
    answer: Literal["given", "given_in_part", "nothing_held"]
    reasons: NoteRef


class RecordCopyGiven(Command):
    """Record that the person has their own copy of the record, or was offered one and declined it."""

    type: Literal["record_copy_given"] = "record_copy_given"
    how: Literal["handed_over", "sent", "declined"]
    proof: NoteRef


class AccessRequested(Event):
    """The person asks to see what is held about them."""

    type: Literal["access_requested"] = "access_requested"
    request: int
    note: NoteRef | None = None


class AccessAnswered(Event):
    """The person's request for access was answered."""

    type: Literal["access_answered"] = "access_answered"
    request: int
    answer: Code
    reasons: NoteRef


class CopyGiven(Event):
    """The person has their own copy, or declined one."""

    type: Literal["copy_given"] = "copy_given"
    how: Code
    proof: NoteRef


AccessCommand = RequestAccess | AnswerAccess | RecordCopyGiven
AccessEvent = AccessRequested | AccessAnswered | CopyGiven


class State(Frozen):
    """Requests that wait for an answer, by number, with the instant they were made; how many there were; when the last copy was given."""

    open: dict[int, Instant] = {}
    number: int = 0
    copy_at: Instant | None = None


def decide(state: State, command: AccessCommand) -> tuple[AccessEvent, ...]:
    """Answer an access command.

    Raises:
        Refused: `no_such_access_request`.
    """
    match command:
        case RequestAccess():
            return (AccessRequested(request=state.number + 1, note=command.note),)
        case AnswerAccess():
            if command.request not in state.open:
                waiting = listed(state.open)
                raise Refused(
                    "no_such_access_request",
                    f"no request {command.request} waits for an answer",
                    f"these wait: {waiting}",
                )
            return (AccessAnswered(request=command.request, answer=command.answer, reasons=command.reasons),)
        case RecordCopyGiven():
            return (CopyGiven(how=command.how, proof=command.proof),)
        case _:
            assert_never(command)


def evolve(state: State, event: AccessEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case AccessRequested():
            waiting = {**state.open, event.request: at}
            return state.model_copy(update={"open": waiting, "number": max(state.number, event.request)})
        case AccessAnswered():
            return state.model_copy(
                update={"open": {n: since for n, since in state.open.items() if n != event.request}}
            )
        case CopyGiven():
            return state.model_copy(update={"copy_at": at})
        case _:
            assert_never(event)


def owes(state: State) -> Iterator[Owed]:
    """An answer to each request."""
    for number, since in state.open.items():
        yield Owed(key=f"access_request/{number}", kind="access_request", since=since)


def settles(event: AccessEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    return tuple(key for key in keys if isinstance(event, AccessAnswered) and key == f"access_request/{event.request}")
