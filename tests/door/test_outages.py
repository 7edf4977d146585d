"""Postgres or Temporal is gone for a while: nothing is lost, nothing is decided twice, and who asks hears it in bounded time."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities.store.migrate import migrate
from starter.client import LedgerUnavailable
from starter.stack import Ports, Stack
from tests.door import commands
from tests.door.rig import Door, open_door, settings_for, until
from workflows import options
from workflows.core.obligation import ObligationEscalated

pytestmark = pytest.mark.long
SLACK_SECONDS = 8.0
"""For a busy machine, on top of what the options promise."""
LEAD_SECONDS = 10
"""From the opening to the rung that falls due in the outage: longer than a slow machine needs to open two cases, shorter than the outage."""


@pytest.fixture(scope="module")
def own_stack() -> Iterator[Stack]:
    """A stack that may be broken without harm to other tests."""
    path = Path(tempfile.mkdtemp(prefix="offramp-door-"))
    with Stack(path, ports=Ports.free(), ui=False) as running:
        migrate(running.addresses.dsn_owner)
        yield running
    shutil.rmtree(path)


@pytest.fixture
async def door(own_stack: Stack, request: pytest.FixtureRequest) -> AsyncIterator[Door]:
    """A door on the stack that is going to be broken."""
    settings = settings_for(own_stack, database_url=own_stack.addresses.dsn_app, task_queue=request.node.name)
    async with open_door(settings) as opened:
        yield opened


async def test_postgres_is_gone_for_a_while(own_stack: Stack, door: Door) -> None:
    """While Postgres is down a sender hears LedgerUnavailable in bounded time and nothing is decided; the same id succeeds later.

    The clock meanwhile waits, for all to see, with a pending activity; its command is recorded once afterwards, and the database's clock shows how late.
    """
    soon = datetime.now(UTC) + timedelta(seconds=LEAD_SECONDS)
    waiting = await door.opened_at(soon - timedelta(days=6))
    async with door.worker():
        await door.client.recover(waiting)
        stream = await door.opened()
        held = await door.settled(stream)
        await door.settled(waiting)
        own_stack.kill_postgres()
        try:
            begun = time.monotonic()
            with pytest.raises(LedgerUnavailable) as first:
                await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
            first_seconds = time.monotonic() - begun
            begun = time.monotonic()
            with pytest.raises(LedgerUnavailable):
                await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
            second_seconds = time.monotonic() - begun
            still_held = await door.client.state(stream)

            async def clock_waits() -> bool:
                return await door.pending(waiting) == ["wait_for_ledger"]

            await until(clock_waits)
        finally:
            await asyncio.to_thread(own_stack.start_postgres)
        receipt = await door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")

        async def fired() -> list[ObligationEscalated]:
            return await door.events(waiting, ObligationEscalated)

        escalated = await until(fired)
        await door.settled(waiting)
        escalated_in_the_end = await fired()

    bound = (options.RECORD_AT_ONCE + options.RECORD_PATIENCE).total_seconds() + SLACK_SECONDS
    assert first_seconds < bound
    assert second_seconds < bound
    assert "--command-id call/1" in first.value.cure
    assert still_held == held
    assert receipt.position == 2
    assert [entry.command_id for entry in await door.entries(stream)][1:] == ["call/1"]
    assert [(event.kind, event.rung_at) for event in escalated] == [("phase_overstay", soon)]
    # The engine's time is that of the attempt, and an attempt that outlived its own time-out may be the one that is recorded: the
    # database's clock says when it was.
    recorded_at = (await door.entries(waiting))[-1].recorded_at
    assert (recorded_at - soon).total_seconds() >= first_seconds - LEAD_SECONDS
    assert escalated_in_the_end == escalated


async def test_temporal_is_killed_and_started_again(own_stack: Stack, door: Door) -> None:
    """A command sent while Temporal's server is down is answered once after its restart on its file, and the case is as it was."""
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        held = await door.settled(stream)
        run_id = (await door.handle(stream).describe()).run_id
        own_stack.kill_temporal()
        sending = asyncio.create_task(
            door.surely(stream, actor="lena", command=commands.give_consent(), command_id="consent/1")
        )
        with pytest.raises(LedgerUnavailable):
            await door.client.recover(stream)
        await asyncio.to_thread(own_stack.start_temporal)
        receipt = await sending
        after = await door.settled(stream)
        described = await door.handle(stream).describe()

    assert receipt.position == held.position + 1
    assert [entry.command_id for entry in await door.entries(stream)][1:] == ["call/1", "consent/1"]
    assert described.run_id == run_id
    assert after.consent != held.consent
