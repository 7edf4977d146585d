"""Replay: the histories of a case that Temporal holds, and the history of a run through this build's workflow code, which must decide what was decided then."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, HeaderCodecBehavior, WorkflowHistory
from temporalio.converter import DataConverter
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Interceptor, Replayer

from activities import running
from workflows import wire
from workflows.participant import ParticipantWorkflow

PATIENCE = timedelta(minutes=5)
"""How long a replay may take: thousands of events take seconds, and one that does not come to an end proves nothing."""


class EndlessReplay(Exception):  # noqa: N818 - named for what an auditor sees
    """The replay did not come to its end in time."""


async def histories(client: Client, stream: str) -> dict[str, WorkflowHistory]:
    """The history of every run of the case that Temporal still holds, by the run's id.

    Raises:
        RPCError: Temporal does not answer.
    """
    listed = [run.execution.run_id async for run in running.listed(client, f"WorkflowId = '{stream}'")]
    found = {run_id: history for run_id in listed if (history := await _history(client, stream, run_id)) is not None}
    try:
        # What has only just begun may not be listed yet.
        newest = await running.newest(client, stream)
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return found
    history = None if newest in found else await _history(client, stream, newest)
    return found if history is None else found | {newest: history}


def canonical(history: WorkflowHistory) -> str:
    """The one text of a history, over which its digest is taken: JSON in the form in which Temporal gives it out, with sorted keys and without spaces.

    As it comes, the order of some of its fields is another each time.
    """
    return json.dumps(history.to_json_dict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def _history(client: Client, stream: str, run_id: str) -> WorkflowHistory | None:
    """None if the run was deleted, and is still listed."""
    try:
        return await client.get_workflow_handle(stream, run_id=run_id).fetch_history()
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise
        return None


def decided(history: WorkflowHistory) -> WorkflowHistory:
    """The history as far as the workflow decided: without a task that was begun and not completed, and what came behind that.

    Such a task is that of a run under way, or one that was cut short from outside; replayed, it would wait for ever for an answer that nobody gave.
    """
    kinds = [event.event_type for event in history.events]
    completed = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    begin = len(kinds) - kinds[::-1].index(completed) if completed in kinds else 0
    scheduled = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    end = kinds.index(scheduled, begin) if scheduled in kinds[begin:] else len(kinds)
    return WorkflowHistory(history.workflow_id, history.events[:end])


async def replay(
    history: WorkflowHistory, converter: DataConverter, *, interceptors: Sequence[Interceptor] = ()
) -> None:
    """Run a history through this build's workflow code, watched by `interceptors`; one in which nothing was decided yet has nothing to be replayed.

    Raises:
        temporalio.workflow.NondeterminismError: this build would not have done what was done.
        EndlessReplay: it does not come to its end.
    """
    part = decided(history)
    if all(event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED for event in part.events):
        return
    replayer = Replayer(
        workflows=[ParticipantWorkflow], data_converter=converter, workflow_runner=wire.RUNNER, interceptors=interceptors,
        header_codec_behavior=HeaderCodecBehavior.CODEC,
    )  # fmt: skip
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            await replayer.replay_workflow(part)
    except TimeoutError:
        raise EndlessReplay(f"the replay did not end within {PATIENCE}") from None
