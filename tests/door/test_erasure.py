"""An erased record is gone from Temporal too, and its case answers nobody any more."""

import pytest
from temporalio.api.workflowservice.v1 import PauseWorkflowExecutionRequest

from activities.erasing import erasing, histories
from activities.running import newest
from activities.store import erasure
from activities.store.erasure_journal import Journal
from starter.client import CaseErased, CaseUnknown
from tests.door import commands
from tests.door.rig import Door, until
from workflows import wire
from workflows.core.envelope import Start


async def test_an_erased_record_is_forgotten_by_temporal_and_answers_nobody(door: Door, tmp_path_factory: pytest.TempPathFactory) -> None:  # fmt: skip
    """Once the case has ended, its key is destroyed and Temporal's histories go; a command to it, or a restart, says that it was erased."""
    journal = Journal(tmp_path_factory.mktemp("journal") / "erasures.jsonl")
    async with door.worker():
        stream, other = await door.opened(), await door.opened()
        for actor, command in [*commands.leave(), *commands.forget()]:
            await door.client.submit(stream, actor=actor, command=command)
        await door.handle(stream).result()
        forget = histories(door.client.temporal)

        async def gone() -> bool:
            async with door.pool.connection() as connection:
                (one,) = await erasure.erasures(connection)
            return one.forgotten_at is not None

        async with erasing(door.pool, door.keyring, journal=journal, forget=forget, every_seconds=0.2):
            await until(gone)
        assert [one.stream for one in journal.read()] == [stream]
        with pytest.raises(CaseUnknown):
            await door.client.replay(stream)
        with pytest.raises(CaseErased):
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        with pytest.raises(CaseErased):
            await door.client.recover(stream)
        await door.client.submit(other, actor="lena", command=commands.give_consent())


async def test_runs_that_a_restored_backup_of_temporal_brought_back_are_gone_together(door: Door) -> None:
    """They run there again: each is ended and then deleted, also a paused one, and none waits for another."""
    temporal, forget = door.client.temporal, histories(door.client.temporal)
    left = {wire.new_case_stream() for _ in range(8)}
    for stream in left:
        await temporal.start_workflow("Participant", Start(stream=stream), id=stream, task_queue="nobody's")
    # One of them is paused by an administrator: a status that the SDK does not know.
    paused = min(left)
    await temporal.workflow_service.pause_workflow_execution(PauseWorkflowExecutionRequest(
        namespace=temporal.namespace, workflow_id=paused, run_id=await newest(temporal, paused), request_id="1"
    ))  # fmt: skip

    async def gone() -> bool:
        for stream in list(left):
            if await forget(stream):
                left.remove(stream)
        return not left

    await until(gone, seconds=75.0)
