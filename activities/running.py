"""A case's run in Temporal: how it is begun from the ledger, and how it stands."""

from __future__ import annotations

from typing import Any, Literal

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from workflows import wire
from workflows.core.envelope import Start

Standing = Literal["asleep", "busy", "stuck"]
"""A run that waits for a timer or for somebody; one with a task or an activity under way; one that cannot go on."""
FAILED_TASKS = 3
"""Tries of one workflow task after which a run is not waited for any more: the second already waits out the first one's ten seconds."""
CATCH_UP = "catch_up"
"""The signal by which a run takes in what was recorded beside it, and whatever is due."""
_FAILED, _BEGUN = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED, EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def of_cases(task_queue: str) -> str:
    """Which workflows are cases that stand in the ledger of this task queue, in the language of Temporal's lists."""
    queue = task_queue.replace("\\", "\\\\").replace("'", "\\'")
    return f"WorkflowType = '{wire.WORKFLOW}' AND TaskQueue = '{queue}'"


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


async def standing(client: Client, stream: str) -> Standing:
    """How the case's run stands.

    It is stuck if its workflow task fails again and again, or its very first one did: somebody put it in the case's place, with another type or input; or
    what it did does not fit this build, or was lost on the way. A worker that cannot reach the ledger fails too: whoever begins the run again asks the
    ledger first.

    Raises:
        RPCError: Temporal does not answer, or knows no such run.
    """
    described = await client.get_workflow_handle(stream).describe()
    raw = described.raw_description
    tries = raw.pending_workflow_task.attempt
    if tries >= FAILED_TASKS or (tries > 1 and not await _stepped(client.get_workflow_handle(stream, run_id=described.run_id))):  # fmt: skip
        return "stuck"
    return "busy" if raw.HasField("pending_workflow_task") or raw.pending_activities else "asleep"


async def _stepped(run: WorkflowHandle[Any, Any]) -> bool:
    """Whether the run took a step, or none of its tasks failed yet."""
    taken = {event.event_type async for event in run.fetch_history_events()}
    return _BEGUN in taken or _FAILED not in taken
