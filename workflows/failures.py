"""What the failure of an activity says, as far as the shell acts on it; and an answer that cannot be read counts as a failure."""

from __future__ import annotations

from typing import TypeVar

from temporalio.exceptions import ActivityError, ApplicationError, FailureError
from temporalio.exceptions import TimeoutError as TimedOut

from workflows import wire

# A local activity's failure comes as it was raised, a regular one's wrapped.
FAILED = (ActivityError, ApplicationError, TimedOut)
"""All that an activity may end with in place of an answer."""
T = TypeVar("T")


def readable(answer: T, kind: type[T]) -> T:
    """The answer, if it could be opened.

    Raises:
        ApplicationError: of type `Unreadable`; what was asked for is to be asked for again.
    """
    if not isinstance(answer, kind):
        raise ApplicationError("the answer could not be opened", type=wire.UNREADABLE, non_retryable=True)
    return answer


def cause(error: FailureError) -> FailureError:
    """What an activity failed of."""
    return error.cause if isinstance(error, ActivityError) and isinstance(error.cause, FailureError) else error


def is_fork(error: FailureError) -> bool:
    """Whether it failed since ledger and workflow disagree about the past."""
    found = cause(error)
    return isinstance(found, ApplicationError) and found.type == wire.LEDGER_FORK


def reason(error: FailureError) -> str:
    """A code for why a delivery failed; the channel's own words may hold addresses and stay out."""
    found = cause(error)
    if not isinstance(found, ApplicationError):
        return "channel_down"
    named = {"NoRecipient": "no_recipient", wire.UNREADABLE: "answer_unreadable"}.get(found.type or "")
    return named or ("refused_by_channel" if found.non_retryable else "channel_down")
