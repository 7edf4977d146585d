"""Whoever looks at a workflow while commands arrive changes nothing of what its history tells: it replays, and the case goes on."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from tests.door import commands
from tests.door.rig import Door, until
from workflows import sandbox

LOOKING_SECONDS = 1.0
"""Far longer than a command takes to be recorded, and below the two seconds after which the SDK takes a workflow for deadlocked."""


async def waits(door: Door, stream: str) -> bool:
    """Whether a workflow task waits for a worker."""
    return (await door.handle(stream).describe()).raw_description.HasField("pending_workflow_task")


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Every query takes its time from now on; set as soon as the first is heard."""
    begun = threading.Event()
    activate = sandbox.SandboxedInstance.activate

    def slowly(self: sandbox.SandboxedInstance, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if any(job.HasField("query_workflow") for job in act.jobs):
            begun.set()
            time.sleep(LOOKING_SECONDS)
        return activate(self, act)

    monkeypatch.setattr(sandbox.SandboxedInstance, "activate", slowly)
    return begun


async def test_a_query_among_commands_leaves_a_history_that_replays(door: Door, looked_at: threading.Event) -> None:
    """A command is recorded while a query of the same workflow task waits, and the next command comes right after: the query is told of the first, and all of it replays."""
    async with door.worker():
        stream = await door.opened()
    await door.client.forget_worker(stream)

    async def kept(command_id: str) -> None:
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id=command_id)

    async with asyncio.TaskGroup() as group:
        await door.handle(stream).signal("nudge")
        group.create_task(kept("first"))
        asked = group.create_task(door.client.state(stream))
        await until(lambda: waits(door, stream))
        await asyncio.sleep(0.2)
        async with door.worker():
            await asyncio.to_thread(looked_at.wait)
            await kept("second")
            held = await asked
    assert await door.client.replay(stream) > 0
    assert [entry.command_id for entry in await door.entries(stream)][1:] == ["first", "second"]
    assert held.position == 2
