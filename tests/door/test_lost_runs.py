"""A run that Temporal lost before it was kept is named, and so is the danger of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration
from psycopg import AsyncConnection
from structlog.testing import capture_logs
from temporalio import client as temporal
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest

from activities import keeping as archive
from activities.keeping import Keeper, keeping
from activities.record import Recorder
from activities.store.fold import read_told
from activities.store.runs import runs_of
from starter.audit.compare import caught_up, compare_cases
from starter.audit.runs import Found, examine
from starter.client import CaseUnknown
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, until
from tests.door.test_runs import delete_runs, ended_runs, keeper, renewed
from workflows.case.run import RunKept


async def examined(door: Door, stream: str) -> Found:
    """What an auditor finds."""
    try:
        held = {run_id: text.encode() for run_id, text in await door.client.histories(stream)}
    except CaseUnknown:
        held = {}
    async with door.pool.connection() as connection:
        key, kept = await door.keyring.stream_key(connection, stream), await runs_of(connection, stream)
        told = [one async for batch in read_told(connection, door.keyring, stream) for one in batch]
    return examine(told, kept, held, key=key)


async def test_a_run_that_was_lost_is_named_by_its_neighbors(door: Door, patch: pytest.MonkeyPatch) -> None:
    """If retention takes a run before it is kept, the runs that follow name it; nothing else is amiss, and what is kept later does not hide it."""
    async with door.worker():
        stream = await renewed(door, patch)
        first, second, *_ = await door.runs(stream)
        before = await examined(door, stream)
        await delete_runs(door, stream, first)
        await keeper(door).keep()
        await door.settled(stream)
        after = await examined(door, stream)

    assert before.faults == []
    assert [what.partition(" has ended")[0] for what in before.waiting][:2] == [f"run {first[:8]}", f"run {second[:8]}"]
    assert after.faults[0] == f"run {first[:8]}, which went on as run {second[:8]}, is missing: neither kept nor held by Temporal"  # fmt: skip
    assert after.waiting == []


async def test_a_run_without_neighbors_is_missed_by_its_entries(door: Door) -> None:
    """Where the case began again from the ledger, no run names the lost one: the entries of its time do."""
    stream = await door.opened_at(datetime.now(UTC) - timedelta(days=1))
    async with door.worker():
        assert await door.client.recover(stream)
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.settled(stream)
        found = await examined(door, stream)

    (lost,) = found.faults
    assert lost.startswith("2 entries were recorded when no known run was at work (positions 1 to 2, ")


async def test_a_workflow_that_ended_does_not_differ_from_the_ledger_by_its_kept_run(door: Door) -> None:
    """The ended run of a case knows nothing of being kept, and the comparison says that they are the same; of anything else it says that they differ."""
    async with door.worker():
        stream = await door.opened()
        await door.settled(stream)
        await door.handle(stream).terminate("gone")
        await ended_runs(door, at_least=1)
        held = await door.client.state(stream)
        await keeper(door).keep()
        case = await door.folded(stream)
        async with door.pool.connection() as connection:
            beyond = [one async for batch in read_told(connection, door.keyring, stream, after=held) for one in batch]
        await door.recorded_at(stream, datetime.now(UTC), actor="lena", command=commands.keep_check_in(), command_id="call/1")  # fmt: skip
        further = await door.folded(stream)
        async with door.pool.connection() as connection:
            more = [one async for batch in read_told(connection, door.keyring, stream, after=held) for one in batch]

    assert held != case
    assert compare_cases(case, caught_up(held, beyond)) is None
    assert compare_cases(further, caught_up(held, more)) is not None


async def test_runs_that_cannot_be_kept_are_told(door: Door, database: Database, patch: pytest.MonkeyPatch) -> None:
    """While the store takes nothing each pass says so, and, once part of the retention has passed, that runs wait; afterwards they are kept."""
    measured: list[tuple[int, float]] = []
    patch.setattr("activities.telemetry.runs_unkept", lambda count, share: measured.append((count, share)))
    patch.setattr(archive, "SHARE_TO_WARN", 0.0)
    async with await AsyncConnection.connect(database.dsn_owner, autocommit=True) as owner, door.worker():
        stream = await renewed(door, patch, times=1)
        await owner.execute(b"REVOKE INSERT ON temporal_run FROM offramp_app")
        with capture_logs() as refused:
            await keeper(door).keep()
        await owner.execute(b"GRANT INSERT ON temporal_run TO offramp_app")
        with capture_logs() as granted:
            await keeper(door).keep()

    assert {"a run was not kept", "runs that have ended are not kept"} <= {one["event"] for one in refused}
    assert granted == []
    (count, share), after = measured
    assert count == 1
    assert 0 < share < 0.1
    assert after == (0, 0.0)
    assert len(await door.events(stream, RunKept)) == 1


async def test_a_retention_that_is_too_short_is_told(door: Door) -> None:
    """A worker that begins where Temporal keeps runs for an hour says so; where it keeps them for a day it is silent."""
    service, name = door.client.temporal.workflow_service, f"short-{door.settings.task_queue}"
    await service.register_namespace(RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=Duration(seconds=3600)))  # fmt: skip
    short = await temporal.Client.connect(door.settings.temporal_address, namespace=name)
    there = Keeper(door.pool, door.keyring, Recorder(door.pool, door.keyring), short, door.settings.task_queue)

    async def known() -> bool:
        return await there.retention() == timedelta(hours=1)

    await until(known)
    with capture_logs() as told:
        async with keeping(there):
            pass
    with capture_logs() as silent:
        async with keeping(keeper(door)):
            pass

    assert "Temporal deletes runs too soon" in {one["event"] for one in told}
    assert not any("too soon" in one["event"] for one in silent)
