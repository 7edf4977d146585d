"""Every run of a workflow that has ended is kept, with its digest in the ledger, whatever is killed when; and nothing of an erased case."""

from __future__ import annotations

import asyncio
from datetime import datetime
from hashlib import sha256
from typing import Any

import psycopg
import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from activities.erasing import erasing, histories
from activities.keeping import Keeper, keeping
from activities.record import Recorder
from activities.store import erasure, runs
from activities.store.erasure_journal import Journal
from starter.client import RefusedAnswer
from starter.stack import Stack
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, ended, shorten, spawn, until
from workflows import wire
from workflows.case.run import RunKept
from workflows.core.kinds import ENGINE
from workflows.participant import ParticipantWorkflow


def keeper(door: Door) -> Keeper:
    """What keeps the runs of the door's task queue."""
    return Keeper(
        door.pool, door.keyring, Recorder(door.pool, door.keyring), door.client.temporal, door.settings.task_queue
    )


async def kept(door: Door, stream: str) -> dict[str, bytes]:
    """The histories of the case that are kept, by run, each the one that its row names."""
    async with door.pool.connection() as connection:
        key = await door.keyring.stream_key(connection, stream)
        found = {one.run.run_id: (one.run, one.open(key)) for one in await runs.runs_of(connection, stream)}
    assert all(sha256(text).digest() == run.sha256 for run, text in found.values())
    return {run_id: text for run_id, (_, text) in found.items()}


async def ended_runs(door: Door, *, at_least: int, stream: str | None = None) -> None:
    """Wait until Temporal lists so many runs as ended, of the case or of the door's task queue."""

    async def listed() -> bool:
        return sum(stream in {of, None} for (of, _), _ in await keeper(door)._waiting()) >= at_least

    await until(listed)


async def renewed(door: Door, patch: pytest.MonkeyPatch, *, times: int = 2) -> str:
    """A case whose workflow went on as another run so many times, and runs."""
    shorten(patch, COMMANDS_PER_RUN=6)
    stream = await door.opened()
    while len(await door.runs(stream)) <= times:
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
    await door.settled(stream)
    await ended_runs(door, at_least=len(await door.runs(stream)) - 1, stream=stream)
    return stream


async def delete_runs(door: Door, stream: str, *run_ids: str) -> None:
    """Have Temporal delete these runs, as retention does, and wait until they are gone."""
    temporal = door.client.temporal
    for run_id in run_ids:
        execution = WorkflowExecution(workflow_id=stream, run_id=run_id)
        await temporal.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(namespace=temporal.namespace, workflow_execution=execution)
        )

    async def gone() -> bool:
        held = {run.run_id async for run in temporal.list_workflows(f"WorkflowId = '{stream}'")}
        return held.isdisjoint(run_ids)

    await until(gone)


async def test_runs_that_have_ended_are_kept_and_the_ledger_names_them(door: Door, patch: pytest.MonkeyPatch) -> None:
    """Each run that went on as another stands in the store, its digest in the ledger; the running one takes that in by itself, once, and still replays."""
    async with door.worker():
        stream = await renewed(door, patch)
        *before, running = await door.runs(stream)
        assert before
        await keeper(door).keep()
        after = await door.settled(stream)
        position = after.position
        await keeper(door).keep()
        again = await door.settled(stream)
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
    texts, named = await kept(door, stream), await door.events(stream, RunKept)

    assert list(texts) == before
    assert [event.run_id for event in named] == before
    assert [event.sha256 for event in named] == [sha256(text).hexdigest() for text in texts.values()]
    assert {event.status for event in named} == {"continued_as_new"}
    assert (again, again.run.kept) == (after, len(before))
    assert position == again.position
    entries = {entry.command_id: entry.actor for entry in await door.entries(stream)}
    assert {f"run/{run_id}": ENGINE for run_id in before}.items() <= entries.items()
    counted = await door.counted(stream, running)
    assert counted["WORKFLOW_EXECUTION_SIGNALED"] == len(before)
    assert await door.client.replay(stream) > 0


async def test_what_was_kept_replays_after_temporal_deleted_it(door: Door, patch: pytest.MonkeyPatch) -> None:
    """After retention took the runs, what is kept is what Temporal held, byte for byte, and replays through this build."""
    async with door.worker():
        stream = await renewed(door, patch)
        *before, _ = await door.runs(stream)
        held = dict(await door.client.histories(stream))
        await keeper(door).keep()
        await delete_runs(door, stream, *before)
        await keeper(door).keep()
    texts = await kept(door, stream)

    assert {run_id: text.decode() for run_id, text in texts.items()} == {run_id: held[run_id] for run_id in before}
    otherwise = {run_id: await door.client.replayed(stream, text.decode()) for run_id, text in texts.items()}
    assert otherwise == dict.fromkeys(before, "")
    (first, *_) = texts.values()
    other = first.decode().replace('"activityType"', '"activityTypo"', 1).replace("TIMER_STARTED", "TIMER_CANCELED", 1)
    assert await door.client.replayed(stream, other) != ""


async def test_runs_that_were_terminated_or_completed_are_kept_too(door: Door) -> None:
    """A terminated run, and that of a case that was never opened, are kept; nothing is opened or owed by that, nor due earlier or later."""
    async with door.worker():
        stream = await door.opened()
        before = await door.settled(stream)
        await door.handle(stream).terminate("a slip of the hand")
        refused = wire.new_case_stream()
        with pytest.raises(RefusedAnswer):
            await door.client.open_case(actor="omar", stream=refused, command=commands.open_case(version="0"))
        await door.handle(refused).result()
        await ended_runs(door, at_least=2)
        await keeper(door).keep()
        assert await door.client.recover(stream)
        after = await door.settled(stream)
    (terminated,), (completed,) = await door.events(stream, RunKept), await door.events(refused, RunKept)

    assert (terminated.status, completed.status) == ("terminated", "completed")
    assert after.obligations == before.obligations
    assert after.position == before.position + 1
    unopened = await door.folded(refused)
    assert (unopened.opened, unopened.position, unopened.obligations) == (False, 2, {})


async def test_a_closed_case_stays_closed_and_its_record_is_destroyed_no_later(door: Door) -> None:
    """The run of a closed case is kept without anything coming due or moving, the day of its record's destruction least of all."""
    async with door.worker():
        stream = await door.opened()
        for actor, command in commands.leave():
            await door.client.submit(stream, actor=actor, command=command)
        before = await door.settled(stream)
        await door.handle(stream).terminate("gone")
        await ended_runs(door, at_least=1)
        await keeper(door).keep()
        after = await door.folded(stream)

    changed = {"position", "head", "as_of", "run"}
    assert before.closed
    assert before.retention.keep_until is not None
    assert after.model_dump(exclude=changed) == before.model_dump(exclude=changed)
    assert after.run.kept == 1


async def rows(database: Database) -> list[tuple[Any, ...]]:
    """Every row of the table, as its owner sees it."""
    async with await psycopg.AsyncConnection.connect(database.dsn_owner) as owner:
        cursor = await owner.execute(b"SELECT stream, run_id, settled_at FROM temporal_run ORDER BY ended")
        return await cursor.fetchall()


@pytest.mark.parametrize("stopped_after", ["add", "record"])
async def test_whatever_is_cut_short_is_ended_by_the_next_pass(
    door: Door, database: Database, patch: pytest.MonkeyPatch, stopped_after: str
) -> None:
    """If the work ends between row and entry, or between entry and the word to the workflow, the next pass goes on: each stands there once."""
    async with door.worker():
        stream = await renewed(door, patch, times=1)
        place = {"add": (runs, "add"), "record": (Keeper, "_record")}[stopped_after]
        reached = asyncio.Event()

        async def and_no_further(*given: Any) -> None:
            await whole(*given)
            reached.set()
            await asyncio.Event().wait()

        whole = getattr(*place)
        with pytest.MonkeyPatch.context() as cut:
            cut.setattr(*place, and_no_further)
            task = asyncio.create_task(keeper(door).keep())
            await asyncio.wait_for(reached.wait(), 30)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        between = [settled_at for *_, settled_at in await rows(database)]
        entries = len(await door.events(stream, RunKept))
        await keeper(door).keep()
        await door.settled(stream)

    assert (between, entries) == ([None], int(stopped_after == "record"))
    assert [settled_at is not None for *_, settled_at in await rows(database)] == [True]
    assert len(await door.events(stream, RunKept)) == 1


@pytest.mark.long
async def test_a_killed_worker_leaves_what_another_ends(
    stack: Stack, door: Door, database: Database, patch: pytest.MonkeyPatch
) -> None:
    """A worker process killed right after the entry was committed leaves a row and an entry; the next worker ends it, and neither stands twice."""
    async with door.worker():
        stream = await renewed(door, patch, times=1)
        killed = await spawn(stack, door, die_after_commit="keep_run", keep=True)
        await ended(killed)
        between = [settled_at for *_, settled_at in await rows(database)]
        await spawn(stack, door, keep=True)

        async def settled() -> bool:
            return all(settled_at is not None for *_, settled_at in await rows(database))

        await until(settled)
        await door.settled(stream)

    assert between == [None]
    assert len(await door.events(stream, RunKept)) == 1


async def test_many_workers_keep_each_run_once(door: Door, database: Database, patch: pytest.MonkeyPatch) -> None:
    """Four loops at the same time over the runs of three cases: one row and one entry for each."""
    async with door.worker():
        streams = [await renewed(door, patch, times=number) for number in (1, 2, 3)]
        await asyncio.gather(*(keeper(door).keep() for _ in range(4)))
        for stream in streams:
            await door.settled(stream)
        expected = [(await door.runs(stream))[:-1] for stream in streams]

    named = [sorted(event.run_id for event in await door.events(stream, RunKept)) for stream in streams]
    assert named == [sorted(found) for found in expected]
    assert len(await rows(database)) == sum(len(found) for found in expected)


async def test_commands_and_kept_runs_do_not_disturb_each_other(door: Door, patch: pytest.MonkeyPatch) -> None:
    """While commands come in and runs go on as others, the loop records beside them: each command has one answer, and no case stops."""
    shorten(patch, COMMANDS_PER_RUN=6)
    async with door.worker(), keeping(keeper(door), every_seconds=0.05):
        stream = await door.opened()
        for number in range(30):
            await door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id=f"call/{number}")

        async def several() -> bool:
            return len(await door.events(stream, RunKept)) >= 3

        await until(several)
        await door.settled(stream)
    entries = [entry.command_id for entry in await door.entries(stream)]

    assert len(entries) == len(set(entries))
    assert {f"call/{number}" for number in range(30)} <= set(entries)


async def test_a_word_that_an_older_build_let_pass_still_replays(door: Door, patch: pytest.MonkeyPatch) -> None:
    """Where a worker that did not know of kept runs let the word pass, the case goes on under this build, and replays."""
    with pytest.MonkeyPatch.context() as before:
        signals: Any = vars(ParticipantWorkflow)["__temporal_workflow_definition"].signals
        before.delitem(signals, "catch_up")
        async with door.worker():
            stream = await renewed(door, patch, times=1)
            await keeper(door).keep()
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
            await door.settled(stream)
    await door.client.forget_worker(stream)
    async with door.worker():
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.settled(stream)

    assert len(await door.events(stream, RunKept)) == 1
    assert await door.client.replay(stream) > 0


async def test_nothing_of_an_erased_case_is_kept(
    door: Door, database: Database, patch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With the key go the kept histories; from the approval of an erasure on none is made, nor can one be put there."""
    journal = Journal(tmp_path_factory.mktemp("journal") / "erasures.jsonl")
    async with door.worker():
        stream = await renewed(door, patch)
        await keeper(door).keep()
        before = await rows(database)
        for actor, command in [*commands.leave(), *commands.forget()]:
            await door.client.submit(stream, actor=actor, command=command)
        await door.handle(stream).result()
        await keeper(door).keep()
        approved = await rows(database)
        async with door.pool.connection() as connection:
            sealed = (await runs.runs_of(connection, stream))[0]

        async def gone() -> bool:
            async with door.pool.connection() as connection:
                (one,) = await erasure.erasures(connection)
            return one.forgotten_at is not None

        forget = histories(door.client.temporal)
        async with erasing(door.pool, door.keyring, journal=journal, forget=forget, every_seconds=0.2):
            await until(gone)
        await keeper(door).keep()

    assert len(before) >= 2
    assert approved == before, "what ended after the approval is not kept"
    assert await rows(database) == []
    async with door.pool.connection() as connection:
        await runs.add(connection, sealed)
    assert await rows(database) == []
    async with await psycopg.AsyncConnection.connect(database.dsn_owner) as owner:
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            await owner.execute(b"INSERT INTO temporal_run (stream, run_id, status, events, began, ended, sha256, sealed) VALUES (%s, %s, 'completed', 1, now(), now(), %s, %s)",
                                (stream, sealed.run.run_id, bytes(32), bytes(64)))  # fmt: skip


async def test_a_kept_history_is_never_changed(door: Door, database: Database, patch: pytest.MonkeyPatch) -> None:
    """Neither the application nor the owner changes, deletes or empties what is kept, and what is settled stays so."""
    async with door.worker():
        await renewed(door, patch, times=1)
        await keeper(door).keep()
    for dsn in (database.dsn_app, database.dsn_owner):
        for statement in ("UPDATE temporal_run SET sealed = sealed || sealed", "DELETE FROM temporal_run", "TRUNCATE temporal_run", "UPDATE temporal_run SET settled_at = NULL",
                          "UPDATE temporal_run SET sha256 = sha256(sha256)"):  # fmt: skip
            async with await psycopg.AsyncConnection.connect(dsn) as connection:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    await connection.execute(statement.encode())


async def test_the_runs_of_other_ledgers_are_left_alone(door: Door, database: Database) -> None:
    """A run of a case that this ledger does not know, and one on another task queue, are neither kept nor waited for."""
    async with door.worker():
        stranger = wire.new_case_stream()
        temporal, start = door.client.temporal, {"stream": stranger}
        for queue in (door.settings.task_queue, "elsewhere"):
            name = stranger if queue != "elsewhere" else f"{stranger}-x"
            await temporal.start_workflow("Participant", start, id=name, task_queue=queue)
            await temporal.get_workflow_handle(name).terminate()

        async def listed() -> bool:
            return bool([run async for run in temporal.list_workflows(f"WorkflowId = '{stranger}' AND ExecutionStatus = 'Terminated'")])  # fmt: skip

        await until(listed)
        waiting = await keeper(door)._waiting()
        await keeper(door).keep()

    assert waiting == []
    assert await rows(database) == []


async def test_a_person_cannot_send_what_the_engine_sends(door: Door) -> None:
    """Whoever claims that a run was kept is refused like anybody else, on record."""
    at = datetime.fromisoformat("2026-01-05T08:00:00+00:00").isoformat()
    forged = {"type": "keep_run", "run_id": "0" * 36, "status": "completed", "events": 1, "began": at, "ended": at, "sha256": "0" * 64}  # fmt: skip
    async with door.worker():
        stream = await door.opened()
        with pytest.raises(RefusedAnswer) as refused:
            await door.client.submit(stream, actor="omar", command=forged)

    assert refused.value.code == "not_authorized"
    assert await door.events(stream, RunKept) == []
