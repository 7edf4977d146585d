"""A run that this build cannot go on with holds nobody up: the next command, or `case recover`, begins it again from the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio import workflow
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.worker import Worker

from activities.running import FAILED_TASKS
from tests.door import commands
from tests.door.rig import Door, until
from workflows.core.envelope import Start


@workflow.defn(name="Participant", sandboxed=False)
class _OtherBuild:
    """A case's workflow as some other build had it: its history begins with a timer, where this one reads the ledger."""

    @workflow.run
    async def run(self, start: Start) -> None:
        """Sleep."""
        await workflow.sleep(timedelta(days=30))


@asynccontextmanager
async def other_build(door: Door) -> AsyncIterator[None]:
    """A worker of that other build on the same task queue."""
    async with Worker(door.client.temporal, task_queue=door.settings.task_queue, workflows=[_OtherBuild]):
        yield


@asynccontextmanager
async def stuck(door: Door, stream: str) -> AsyncIterator[None]:
    """The case's run was recorded by the other build, while this build's worker fails at it again and again."""
    async with other_build(door):
        await door.client.temporal.start_workflow(
            _OtherBuild.run, Start(stream=stream), id=stream, task_queue=door.settings.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )  # fmt: skip
        await until(lambda: slept(door, stream))
    async with door.worker():
        await door.handle(stream).signal("nudge")
        await until(lambda: tried(door, stream))
        yield


async def rested(door: Door) -> str:
    """The stream of a case whose run sleeps, and which no worker serves any more."""
    async with door.worker():
        stream = await door.opened()
        await door.settled(stream)
    return stream


async def slept(door: Door, stream: str) -> bool:
    """Whether the other build's run is under way."""
    return (await door.counted(stream))["TIMER_STARTED"] == 1


async def tried(door: Door, stream: str) -> bool:
    """Whether the run's task has failed as often as makes a run one that cannot go on."""
    described = await door.handle(stream).describe()
    return described.raw_description.pending_workflow_task.attempt >= FAILED_TASKS


async def test_the_next_command_begins_a_case_again_whose_run_cannot_go_on(door: Door) -> None:
    """It is recorded once, behind all that was recorded before, and the run that could not go on is over."""
    stream = await rested(door)
    async with stuck(door, stream):
        (run,) = await door.runs(stream)
        before = await door.entries(stream)
        receipt = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="after")
        (another,) = await door.runs(stream)
        after = await door.entries(stream)

    assert another != run
    assert after[: len(before)] == before
    assert [entry.position for entry in after if entry.command_id == "after"] == [receipt.position]


async def test_recovering_a_case_begins_it_again_whose_run_cannot_go_on(door: Door) -> None:
    """`case recover` says that it began the case again; the workflow then holds what the ledger holds."""
    stream = await rested(door)
    async with stuck(door, stream):
        assert await door.client.recover(stream)
        held = await door.settled(stream)

    assert held == await door.folded(stream)
