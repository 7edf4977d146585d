"""What the history of a workflow run says of itself, in the JSON form in which Temporal gives it out. Payloads are not looked into."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args

from activities.store.refused import StoreRefused
from workflows.case.run import Ending

RUNNING = "running"
_PREFIX = "EVENT_TYPE_WORKFLOW_EXECUTION_"
_ENDINGS = frozenset(get_args(Ending))
_STARTED, _RENEWED = "workflowExecutionStartedEventAttributes", "workflowExecutionContinuedAsNewEventAttributes"


class RunHistory(NamedTuple):
    """A run by its history: how it ended (`running`: it did not), how many events, of when the first and the last are, which run went on as this
    one, which was the first of these, and as which it went on (empty: none).
    """  # fmt: skip

    status: str
    events: int
    began: datetime
    ended: datetime
    continues: str
    first: str
    goes_on: str


def read_history(text: bytes) -> RunHistory:
    """What a history says of its run.

    Raises:
        StoreRefused: this is no history.
    """
    try:
        events = json.loads(text)["events"]
        first, last = events[0], events[-1]
        started = first[_STARTED]
        return RunHistory(
            status=_status(str(last["eventType"])), events=len(events), began=_instant(first), ended=_instant(last),
            continues=started.get("continuedExecutionRunId", ""), first=started.get("firstExecutionRunId", ""),
            goes_on=last.get(_RENEWED, {}).get("newExecutionRunId", ""),
        )  # fmt: skip
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise StoreRefused(
            "this is no history of a workflow run", "Have it exported anew, or restore it from a backup."
        ) from error


def _status(event_type: str) -> str:
    ending = event_type.removeprefix(_PREFIX).lower()
    return ending if ending in _ENDINGS else RUNNING


def _instant(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event["eventTime"]).astimezone(UTC)
