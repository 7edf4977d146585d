"""The ledger is the record: a workflow that is gone begins again from it, and one that disagrees with it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from psycopg import AsyncConnection
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.codec import CaseCodec
from activities.store import programs
from starter.client import CaseUnknown, LedgerFork
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, shorten, until
from workflows.core.envelope import CommandRefused
from workflows.core.obligation import ObligationEscalated, SilenceFell

LATE_SECONDS = 5
"""More than a recovery takes here, and far less than what is late by days."""


async def delete_history(door: Door, stream: str) -> None:
    """Delete what Temporal holds of the case, and wait until it is gone."""
    temporal = door.client.temporal
    await temporal.workflow_service.delete_workflow_execution(
        DeleteWorkflowExecutionRequest(
            namespace=temporal.namespace, workflow_execution=WorkflowExecution(workflow_id=stream)
        )
    )

    async def gone() -> bool:
        try:
            await door.handle(stream).describe()
        except RPCError as error:
            return error.status == RPCStatusCode.NOT_FOUND
        return False

    await until(gone)


async def test_a_terminated_case_is_recovered(door: Door) -> None:
    """A terminated case is started again from the ledger by recover, once, with every due instant as it was."""
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="lena", command=commands.give_consent())
        before = await door.settled(stream)
        await door.handle(stream).terminate("a slip of the hand")
        started = [await door.client.recover(stream), await door.client.recover(stream)]
        after = await door.settled(stream)
        receipt = await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

    assert started == [True, False]
    assert after == before
    assert receipt.position == before.position + 1


async def test_a_case_whose_history_was_deleted_goes_on_by_itself(door: Door) -> None:
    """After its history was deleted the case is unknown to Temporal, and the next command begins it again from the ledger."""
    async with door.worker():
        stream = await door.opened()
        first = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        before = await door.settled(stream)
        await delete_history(door, stream)
        with pytest.raises(CaseUnknown):
            await door.client.state(stream)
        again = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        after = await door.settled(stream)

    assert again == first
    assert after == before


async def test_what_fell_due_meanwhile_fires_once_and_late(door: Door) -> None:
    """A case left alone for eleven days has each rung and silence of that time recorded once, late, however often it is recovered."""
    past = datetime.now(UTC) - timedelta(days=11)
    stream = await door.opened_at(past)
    before = (await door.folded(stream)).obligations
    now = datetime.now(UTC)
    overdue = [(key, rung.at) for key, owed in before.items() for rung in owed.rungs if rung.at <= now]
    async with door.worker():
        for _ in range(2):
            assert await door.client.recover(stream)

            async def caught_up() -> bool:
                return all(
                    o.next_at is None or o.next_at > now for o in (await door.settled(stream)).obligations.values()
                )

            await until(caught_up)
            await door.handle(stream).terminate("once more")
    escalated = await door.events(stream, ObligationEscalated)
    fell = await door.events(stream, SilenceFell)

    assert len(overdue) >= 4
    assert sorted((event.key, event.rung_at) for event in escalated) == sorted(overdue)
    in_ten_days = past + timedelta(days=10)
    assert [(event.key.partition("/")[0], event.due) for event in fell] == [("consent_request", in_ten_days)]
    for late_seconds, instant in [(e.late_seconds, e.rung_at) for e in escalated] + [
        (e.late_seconds, e.due) for e in fell
    ]:
        assert late_seconds == pytest.approx((now - instant).total_seconds(), abs=LATE_SECONDS)
    after = (await door.folded(stream)).obligations
    assert {key: owed.due for key, owed in after.items()} == {key: owed.due for key, owed in before.items()}


@asynccontextmanager
async def rewritten(database: Database, stream: str, position: int) -> AsyncIterator[None]:
    """Within, an entry has another body and hash: its owner has lifted the trigger. Afterwards it is as it was."""
    change = b"UPDATE entry SET body = %s, hash = %s WHERE stream = %s AND position = %s"
    async with await AsyncConnection.connect(database.dsn_owner, autocommit=True) as owner:
        where = (stream, position)
        await owner.execute(b"ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
        found = await owner.execute(b"SELECT body, hash FROM entry WHERE stream = %s AND position = %s", where)
        before = await found.fetchone()
        assert before is not None
        await owner.execute(change, (bytes(64), bytes(32), *where))
        yield
        await owner.execute(change, (*before, *where))
        await owner.execute(b"ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_never_changed")


async def test_a_fork_stops_the_case_and_nothing_is_overwritten(door: Door, database: Database) -> None:
    """Where the ledger holds another entry than the workflow, the case stops and tells why; others go on; recover begins it again."""
    async with door.worker():
        stream, other = await door.opened(), await door.opened()
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        held = await door.settled(stream)
        async with rewritten(database, stream, 2):
            with pytest.raises(LedgerFork):
                await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
            with pytest.raises(LedgerFork) as stopped:
                await door.client.submit(stream, actor="lena", command=commands.give_consent())
            assert await door.client.state(stream) == held
            goes_on = await door.client.submit(other, actor="lena", command=commands.keep_check_in())
            described = await door.handle(stream).describe()
        assert await door.client.recover(stream)
        receipt = await door.client.submit(stream, actor="lena", command=commands.give_consent())

    assert "position 2" in stopped.value.what
    assert "offramp case recover" in stopped.value.cure
    assert described.status == WorkflowExecutionStatus.RUNNING
    assert goes_on.position == 2
    assert receipt.position == 3
    assert [entry.position for entry in await door.entries(stream)] == [1, 2, 3]


async def test_a_broken_chain_is_not_restored(door: Door, database: Database) -> None:
    """A case whose past was changed is not begun again on it: whoever asks or commands hears why, and nothing is added."""
    async with door.worker():
        stream = await door.opened()
        for _ in range(2):
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.handle(stream).terminate("gone")
        async with rewritten(database, stream, 2):
            with pytest.raises(LedgerFork) as commanded:
                await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
            with pytest.raises(LedgerFork) as asked:
                await door.client.state(stream)
        assert await door.client.recover(stream)
        receipt = await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

    assert "position 2" in commanded.value.what
    assert asked.value.what == commanded.value.what
    assert receipt.position == 4


async def test_a_ledger_that_reads_and_does_not_write(
    door: Door, database: Database, patch: pytest.MonkeyPatch
) -> None:
    """While the ledger answers and takes no entry, the clock tries again without haste, and fires once when it is mended."""
    shorten(patch, RECORD_PATIENCE=1, STUCK_PAUSE=2)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    stream = await door.opened_at(soon - timedelta(days=6))
    async with await AsyncConnection.connect(database.dsn_owner, autocommit=True) as owner, door.worker():
        await owner.execute(b"REVOKE INSERT ON entry FROM offramp_app")
        await door.client.recover(stream)

        async def paused() -> bool:
            timers = [
                event.user_metadata.summary
                for event in await door.history(stream)
                if event.user_metadata.HasField("summary")
            ]
            opened = await CaseCodec(door.pool, door.keyring).of(stream).decode(timers)
            return any(b"not to this command" in summary.data for summary in opened)

        await until(paused)
        events = len(await door.history(stream))
        nothing = await door.events(stream, ObligationEscalated)
        await owner.execute(b"GRANT INSERT ON entry TO offramp_app")

        async def fired() -> list[ObligationEscalated]:
            return await door.events(stream, ObligationEscalated)

        escalated = await until(fired)
        await door.settled(stream)

    assert nothing == []
    assert events < 60
    assert [event.rung_at for event in escalated] == [soon]
    assert escalated[0].late_seconds > 0


async def test_time_that_is_refused_to_pass(door: Door, database: Database, patch: pytest.MonkeyPatch) -> None:
    """If the clock's own command is refused, the refusal is recorded and tried again later, not for ever at once."""
    shorten(patch, STUCK_PAUSE=3)
    stream = await door.opened_at(datetime.now(UTC) - timedelta(days=7))
    async with await AsyncConnection.connect(database.dsn_owner, autocommit=True) as owner, door.worker():
        await owner.execute(b"ALTER TABLE program_version DISABLE TRIGGER program_version_is_never_changed")
        await owner.execute(b"CREATE TABLE lost AS SELECT * FROM program_version")
        await owner.execute(b"DELETE FROM program_version")
        programs._SEEN.clear()
        await door.client.recover(stream)

        async def refused() -> list[CommandRefused]:
            return await door.events(stream, CommandRefused)

        await until(refused)
        await owner.execute(b"INSERT INTO program_version SELECT * FROM lost")

        async def fired() -> list[ObligationEscalated]:
            return await door.events(stream, ObligationEscalated)

        escalated = await until(fired)
        refusals = await refused()

    assert {(event.code, event.command["type"]) for event in refusals} == {("program_not_published", "elapsed")}
    assert len(refusals) <= 2
    assert {event.kind for event in escalated} == {"phase_overstay"}


async def test_a_closed_case_lives_on_until_its_record_is_erased(door: Door) -> None:
    """After the closure the workflow sleeps until the record's review, takes the person's rights as commands, and ends with the erasure."""
    async with door.worker():
        stream = await door.opened()
        for actor, command in commands.leave():
            await door.client.submit(stream, actor=actor, command=command)
        closed = await door.settled(stream)
        sleeping = (await door.handle(stream).describe()).status
        for actor, command in commands.forget():
            await door.client.submit(stream, actor=actor, command=command)
        await door.handle(stream).result()
        ended = (await door.handle(stream).describe()).status

    assert {owed.kind for owed in closed.obligations.values()} == {"retention_review", "notice_service"}
    assert (sleeping, ended) == (WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED)
    assert (await door.folded(stream)).finished
