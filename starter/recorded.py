"""What Temporal holds of the ledger: in the histories of a case, the answers that the recorder gave.

Temporal is no record, and never writes the ledger. But each answer carries the entries that it reports, and an entry that can be built again from one,
to the byte, is proved by its hash: it was recorded, whoever kept it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import NamedTuple

from temporalio import client as temporal
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.converter import ActivitySerializationContext, DataConverter
from temporalio.service import RPCError

from activities import running
from activities.record import Restored
from workflows import wire
from workflows.core.envelope import Recorded, RecordedEntry
from workflows.unreadable import Unreadable

_LOCAL = "core_local_activity"
_KINDS: dict[str, type[Recorded] | type[Restored]] = {"record": Recorded, "restore": Restored}


class Remembered(NamedTuple):
    """What Temporal remembers of a case: whether a run is open, the position and hash up to which it holds the case, and the entries in its answers.

    closed: how many of the answers no key at hand opens.
    """

    stream: str
    running: bool
    position: int
    head: str
    entries: tuple[RecordedEntry, ...]
    closed: int = 0


async def remembered(client: temporal.Client, task_queue: str) -> AsyncIterator[Remembered]:
    """What Temporal remembers of each case of this task queue, from the histories that it still holds; `client` has the product's data converter.

    Raises:
        LedgerUnavailable: Temporal does not answer.
    """
    from starter.client import LedgerUnavailable

    runs: dict[str, list[WorkflowExecutionInfo]] = {}
    try:
        async for run in running.listed(client, running.of_cases(task_queue)):
            runs.setdefault(run.execution.workflow_id, []).append(run)
        for stream, found in runs.items():
            yield await _remembered(client, stream, sorted(found, key=lambda run: run.start_time.ToNanoseconds()))
    except RPCError as error:
        raise LedgerUnavailable("Temporal does not answer.") from error


async def _remembered(client: temporal.Client, stream: str, runs: list[WorkflowExecutionInfo]) -> Remembered:
    entries: list[RecordedEntry] = []
    last, closed = Remembered(stream, False, 0, "", ()), 0
    for run in runs:
        history = await client.get_workflow_handle(stream, run_id=run.execution.run_id).fetch_history()
        last = await _answers(stream, history.events, client.data_converter, client.namespace)
        entries += last.entries
        closed += last.closed
    goes_on = runs[-1].status in running.GOES_ON
    return last._replace(running=goes_on, entries=tuple(entries), closed=closed)


async def _answers(stream: str, events: Iterable[HistoryEvent], converter: DataConverter, namespace: str) -> Remembered:
    """Up to where a run that is not open holds the case, and the entries in the answers that it got, in order."""
    position, head, entries, closed = 0, "", list[RecordedEntry](), 0
    for kind, payloads, local in _results(events):
        context = ActivitySerializationContext(
            namespace=namespace, activity_id=None, activity_type=kind, activity_task_queue=None, workflow_id=stream,
            workflow_type=wire.WORKFLOW, is_local=local,
        )  # fmt: skip
        try:
            [answer] = await converter.with_context(context).decode(payloads, [_KINDS[kind]])
        except (ValueError, RuntimeError):
            # Of a version whose cases had another shape.
            continue
        if isinstance(answer, Restored):
            position, head = answer.case.position, answer.case.head
        elif isinstance(answer, Recorded) and answer.entries:
            entries += answer.entries
            position, head = answer.entries[-1].position, answer.entries[-1].hash
        closed += isinstance(answer, Unreadable)
    return Remembered(stream, False, position, head, tuple(entries), closed)


def _results(events: Iterable[HistoryEvent]) -> Iterator[tuple[str, list[Payload], bool]]:
    """The results of the recorder's activities: its name, the payloads, and whether it was a local one."""
    scheduled: dict[int, str] = {}
    for event in events:
        if event.event_type == EventType.EVENT_TYPE_MARKER_RECORDED:
            marker = event.marker_recorded_event_attributes
            if marker.marker_name == _LOCAL and "result" in marker.details:
                kind = json.loads(marker.details["data"].payloads[0].data).get("activity_type", "")
                if kind in _KINDS:
                    yield kind, list(marker.details["result"].payloads), True
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
            scheduled[event.event_id] = event.activity_task_scheduled_event_attributes.activity_type.name
        elif event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
            done = event.activity_task_completed_event_attributes
            kind = scheduled.get(done.scheduled_event_id, "")
            if kind in _KINDS:
                yield kind, list(done.result.payloads), False
