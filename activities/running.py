"""A case's run in Temporal: how it is begun from the ledger, and how it stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, WorkflowExecutionStatus
from temporalio.api.workflow.v1 import WorkflowExecutionInfo
from temporalio.api.workflowservice.v1 import (
    DescribeWorkflowExecutionRequest,
    DescribeWorkflowExecutionResponse,
    ListWorkflowExecutionsRequest,
)
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows import wire
from workflows.core.envelope import Start

Standing = Literal["asleep", "busy", "over", "gone", "displaced", "stuck"]
"""A run that waits for a timer or for somebody; one with a workflow task that waits or is at work; one that completed, as if by the ledger nothing were left to happen;
none, or one that was ended otherwise; one in whose place is something else; one that cannot go on."""
FAILED_TASKS = 3
"""Tries of one workflow task after which a run is not waited for any more: the second already waits out the first one's ten seconds."""
CATCH_UP = "catch_up"
"""The signal by which a run takes in what was recorded beside it, and whatever is due."""
_COMPLETED = WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_COMPLETED
_ENDED = {
    _COMPLETED, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_FAILED, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_CANCELED,
    WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TIMED_OUT,
}  # fmt: skip
GOES_ON = {WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING, WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_PAUSED}  # fmt: skip
"""Statuses of a run that has not ended."""
_FAILED, _BEGUN = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def of_cases(task_queue: str) -> str:
    """Which workflows are cases that stand in the ledger of this task queue, in the language of Temporal's lists."""
    queue = task_queue.replace("\\", "\\\\").replace("'", "\\'")
    return f"WorkflowType = '{wire.WORKFLOW}' AND TaskQueue = '{queue}'"


@contextmanager
def if_there() -> Iterator[None]:
    """Do it to a run, if it is there: whatever is said of runs is a moment behind, and one may be over, or gone, by now."""
    try:
        yield
    except RPCError as error:
        if error.status != RPCStatusCode.NOT_FOUND:
            raise


async def listed(client: Client, query: str) -> AsyncIterator[WorkflowExecutionInfo]:
    """The runs that Temporal's list shows, a moment behind, and as Temporal tells them: the SDK knows no paused run, and fails at one.

    Raises:
        RPCError: Temporal does not answer.
    """
    token = b""
    while True:
        request = ListWorkflowExecutionsRequest(namespace=client.namespace, query=query, next_page_token=token)
        page = await client.workflow_service.list_workflow_executions(request, retry=True)
        for run in page.executions:
            yield run
        token = page.next_page_token
        if not token:
            return


async def begin(client: Client, stream: str, *, task_queue: str, instead: bool) -> bool:
    """Begin the case's run from the ledger; in the place of whichever runs, or else only if none does. False if one does.

    Raises:
        RPCError: Temporal does not answer.
    """
    policy = WorkflowIDConflictPolicy.TERMINATE_EXISTING if instead else WorkflowIDConflictPolicy.FAIL
    try:
        await client.start_workflow(
            wire.WORKFLOW, Start(stream=stream), id=stream, task_queue=task_queue, static_summary=wire.SUMMARY,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, id_conflict_policy=policy,
        )  # fmt: skip
    except WorkflowAlreadyStartedError:
        return False
    return True


async def standing(client: Client, stream: str, *, task_queue: str) -> Standing:
    """How the case's run stands.

    It is displaced if somebody put another workflow in its place, or on another task queue, or paused it. It is stuck if its workflow task fails again and
    again, or its very first one did: what it did does not fit this build, or was lost on the way. A worker that cannot reach the ledger fails too: whoever
    begins the run again asks the ledger first.

    Raises:
        RPCError: Temporal does not answer.
    """
    try:
        described = await _described(client, stream)
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            return "gone"
        raise
    info, task = described.workflow_execution_info, described.pending_workflow_task
    ours = (info.type.name, info.task_queue) == (wire.WORKFLOW, task_queue)
    if info.status in _ENDED:
        return "over" if ours and info.status == _COMPLETED else "gone"
    if not ours or info.status != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING:
        return "displaced"
    if not described.HasField("pending_workflow_task"):
        return "asleep"
    run = client.get_workflow_handle(stream, run_id=info.execution.run_id)
    return "stuck" if task.attempt >= FAILED_TASKS or (task.attempt > 1 and not await _stepped(run)) else "busy"


async def newest(client: Client, stream: str) -> str:
    """The id of the case's newest run. Raises RPCError: Temporal does not answer, or knows none."""
    return (await _described(client, stream)).workflow_execution_info.execution.run_id


async def _described(client: Client, stream: str) -> DescribeWorkflowExecutionResponse:
    """As Temporal tells it: the SDK knows no paused run, and fails at one."""
    execution = WorkflowExecution(workflow_id=stream)
    request = DescribeWorkflowExecutionRequest(namespace=client.namespace, execution=execution)
    return await client.workflow_service.describe_workflow_execution(request, retry=True)


async def _stepped(run: WorkflowHandle[Any, Any]) -> bool:
    """Whether the run took a step, or none of its tasks failed yet."""
    taken = {event.event_type async for event in run.fetch_history_events()}
    return _BEGUN in taken or _FAILED not in taken
