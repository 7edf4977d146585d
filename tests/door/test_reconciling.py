"""No case stands still unseen: whoever terminates its run, loses it or leaves one that cannot go on, the worker begins it again from the ledger, and nobody has to ask."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection
from temporalio.api.workflowservice.v1 import PauseWorkflowExecutionRequest
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities import reconciling
from activities.reconciling import Reconciler
from activities.running import of_cases
from starter.stack import Stack
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, spawn, until
from tests.door.test_cleared import stuck
from tests.door.test_recovery import delete_history
from tests.door.test_reentry import BRIEF, ended, publish_brief
from workflows.core.envelope import Start
from workflows.core.obligation import ObligationEscalated

LONG_AGO = timedelta(days=11)


def reconciler(door: Door) -> Reconciler:
    """The worker's watch, beside a worker that has none."""
    return Reconciler(door.pool, door.client.temporal, door.settings.task_queue)


@pytest.fixture
def told(patch: pytest.MonkeyPatch) -> list[str]:
    """Why cases were begun again, as the metric counts it."""
    counted: list[str] = []
    patch.setattr("activities.telemetry.case_begun_again", counted.append)
    return counted


async def escalated(door: Door, stream: str) -> list[ObligationEscalated]:
    """The rungs that fired in the case."""
    return await door.events(stream, ObligationEscalated)


async def test_a_case_without_a_run_begins_and_what_was_due_fires(door: Door, told: list[str]) -> None:
    """Temporal knows nothing of a case in which eleven days passed: it is begun, what was due fires late, and there is nothing left to begin."""
    stream = await door.opened_at(datetime.now(UTC) - LONG_AGO)
    async with door.worker():
        begun = await reconciler(door).look()
        fired = await until(lambda: escalated(door, stream))
        again = await reconciler(door).look()

    assert (begun, again) == ([stream], [])
    assert all(rung.late_seconds > 0 for rung in fired)
    assert told == ["gone"]


@pytest.mark.parametrize("how", ["terminate", "cancel", "delete"])
async def test_a_run_that_somebody_ended_is_begun_again(door: Door, told: list[str], how: str) -> None:
    """Nothing was due and nobody sent a command: the case runs again all the same, with what the ledger holds."""
    async with door.worker():
        stream = await door.opened()
        before = await door.settled(stream)
        if how == "delete":
            await delete_history(door, stream)
        else:
            await getattr(door.handle(stream), how)()
            await until(lambda: is_over(door, stream))
        begun = await reconciler(door).look()
        after = await door.settled(stream)

    assert begun == [stream]
    assert after == before
    assert told == ["gone"]


@pytest.mark.parametrize("how", ["another queue", "another workflow", "paused"])
async def test_what_somebody_put_in_a_cases_place_is_replaced(door: Door, told: list[str], how: str) -> None:
    """It runs, and serves nobody: the case begins in its place, though nothing was late."""
    temporal, queue = door.client.temporal, door.settings.task_queue
    async with door.worker():
        stream = await door.opened()
        before = await door.settled(stream)
        if how == "paused":
            described = await door.handle(stream).describe()
            await temporal.workflow_service.pause_workflow_execution(PauseWorkflowExecutionRequest(
                namespace=temporal.namespace, workflow_id=stream, run_id=described.run_id, request_id=stream
            ))  # fmt: skip
        else:
            name, on = {"another queue": ("Participant", "nobody's"), "another workflow": ("Other", queue)}[how]
            await temporal.start_workflow(
                name, Start(stream=stream), id=stream, task_queue=on,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            )  # fmt: skip
        await until(lambda: is_over(door, stream, queue))
        begun = await reconciler(door).look()
        after = await door.settled(stream)

    assert begun == [stream]
    assert after == before
    assert told == ["displaced"]


async def test_a_notice_of_a_closed_case_is_not_lost_with_its_run(door: Door, told: list[str]) -> None:
    """A case that was closed a moment ago, with nothing due but notices on their way, is begun again; once that is over it is left alone."""
    await publish_brief(door)
    async with door.worker():
        stream = await ended(door, BRIEF)
        await door.handle(stream).result()
        await delete_history(door, stream)
        begun = await reconciler(door).look()
        await door.handle(stream).result()
        again = await reconciler(door).look()

    assert (begun, again) == ([stream], [])
    assert told == ["gone"]


async def is_over(door: Door, stream: str, queue: str = "") -> bool:
    """Whether the case has no run that is shown as one (on the queue, if one is named) by Temporal's list, which is a moment behind."""
    running = f"WorkflowId = '{stream}' AND ExecutionStatus = 'Running'"
    running += f" AND {of_cases(queue)}" if queue else ""
    return [run async for run in door.client.temporal.list_workflows(running)] == []


async def test_a_run_that_cannot_go_on_is_replaced_once_something_is_late(door: Door, told: list[str]) -> None:
    """Its task fails again and again while deadlines pass: it is begun again in that run's place, and what was due fires."""
    stream = await door.opened_at(datetime.now(UTC) - LONG_AGO)
    async with stuck(door, stream):
        begun = await reconciler(door).look()
        await until(lambda: escalated(door, stream))

    assert begun == [stream]
    assert told == ["stuck"]


async def test_a_task_that_nobody_is_given_is_not_waited_for_for_ever(door: Door, told: list[str]) -> None:
    """It waited before anybody looked, and that says nothing; found waiting for ten minutes more, while deadlines pass, the case is begun again."""
    stream = await door.opened_at(datetime.now(UTC) - LONG_AGO)
    await door.client.begin_again(stream)
    minute, begun = 0, list[int]()
    watch = Reconciler(door.pool, door.client.temporal, door.settings.task_queue, clock=lambda: minute * 60.0)
    for minute in range(12):
        if await watch.look():
            begun.append(minute)
    async with door.worker():
        await until(lambda: escalated(door, stream))

    assert begun == [11]
    assert told == ["stuck"]


async def test_a_run_that_sleeps_though_the_ledger_says_more_is_woken(door: Door, told: list[str]) -> None:
    """Something was recorded beside the run: the run takes it in and keeps its time; it is not replaced, and not woken again and again."""
    async with door.worker():
        stream = await door.opened()
        await door.settled(stream)
        (run,) = await door.runs(stream)
        await door.recorded_at(
            stream, datetime.now(UTC), actor="lena", command=commands.keep_check_in(), command_id="beside"
        )
        watch = Reconciler(
            door.pool, door.client.temporal, door.settings.task_queue, late_seconds=-LONG_AGO.total_seconds()
        )
        begun = [await watch.look() for _ in range(2)]

        async def caught_up() -> bool:
            return (await door.client.state(stream)).position == len(await door.entries(stream))

        await until(caught_up)
        woken = (await door.counted(stream))["WORKFLOW_EXECUTION_SIGNALED"]

    assert begun == [[], []]
    assert woken == 1
    assert await door.runs(stream) == [run]
    assert told == []


async def test_what_goes_on_or_is_over_is_left_alone(door: Door, database: Database, told: list[str]) -> None:
    """A case that runs, one that has ended, and one whose key is gone: none is begun, and no history has one event more."""
    await publish_brief(door)
    async with door.worker():
        runs, over = await door.opened(), await ended(door, BRIEF)
        await door.settled(runs)
        await door.handle(over).result()
        keyless = await door.opened_at(datetime.now(UTC) - LONG_AGO)
        async with await AsyncConnection.connect(database.dsn_owner, autocommit=True) as owner:
            await owner.execute(b"DELETE FROM key WHERE stream = %s", (keyless,))
        before = [await door.counted(stream) for stream in (runs, over)]
        begun = await reconciler(door).look()

    assert begun == []
    assert [await door.counted(stream) for stream in (runs, over)] == before
    assert told == []


async def test_a_run_that_ends_each_time_is_begun_more_and_more_rarely(door: Door, told: list[str]) -> None:
    """Whatever ends it at once fills neither Temporal nor the log: after each time it is left for twice as long, and never given up."""
    stream = await door.opened_at(datetime.now(UTC) - LONG_AGO)
    minute, begun = 0, list[int]()
    watch = Reconciler(door.pool, door.client.temporal, door.settings.task_queue, clock=lambda: minute * 60.0)
    for minute in range(250):
        if await watch.look():
            begun.append(minute)
            await door.handle(stream).terminate()
            await until(lambda: is_over(door, stream))

    assert begun == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert told == ["gone"] * len(begun)


@asynccontextmanager
async def watched(stack: Stack, door: Door) -> AsyncIterator[None]:
    """A worker as a process of its own that looks every second."""
    process = await spawn(stack, door, reconcile_every_seconds=1.0)
    try:
        yield
    finally:
        process.kill()


async def test_the_worker_itself_looks(stack: Stack, door: Door) -> None:
    """A worker's process is all that it takes: it begins what it finds without a run, and again what is terminated while it serves."""
    without = await door.opened_at(datetime.now(UTC) - LONG_AGO)
    async with watched(stack, door):
        await until(lambda: escalated(door, without))
        stream = await door.opened()
        before = await door.settled(stream)
        await door.handle(stream).terminate("somebody with a credential")
        await until(lambda: is_over(door, stream))

        async def runs_again() -> bool:
            return not await is_over(door, stream)

        await until(runs_again)
        after = await door.settled(stream)

    assert after == before
    assert reconciling.EVERY_SECONDS <= 60.0
