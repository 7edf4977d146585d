"""Deadlines under skipped time: every rung at its instant and once, and one timer for all of them.

On Temporal's time-skipping test server, whose clock moves only while a test lets it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from temporalio import client as temporal
from temporalio.testing import WorkflowEnvironment

from starter.stack import Stack
from starter.stack.skipping import SkippedTime
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, open_door, settings_for
from workflows.case.notice import NoticeServed
from workflows.core.obligation import ObligationEscalated, ObligationOpened, SilenceFell

TEST_SERVER = Path(sys.executable).with_name("temporal-test-server")


@pytest.fixture
async def skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server for this test alone: its clock cannot be set back."""
    environment = await WorkflowEnvironment.start_time_skipping(test_server_existing_path=str(TEST_SERVER))
    async with environment as started:
        yield started


@pytest.fixture
async def door(stack: Stack, database: Database, skipping: WorkflowEnvironment) -> AsyncIterator[Door]:
    """A door whose Temporal skips time."""
    settings = settings_for(stack, database_url=database.dsn_app, task_queue=database.name)
    async with open_door(settings, connected=skipping.client) as opened:
        yield opened


async def pass_time(environment: WorkflowEnvironment, duration: timedelta) -> None:
    """Let exactly so much time pass."""
    with environment.auto_time_skipping_disabled():
        await environment.sleep(duration)


def instants(obligations: list[ObligationOpened], until: datetime) -> list[tuple[str, datetime]]:
    """Every rung of these obligations that stands until then."""
    return sorted((o.obligation.key, rung.at) for o in obligations for rung in o.obligation.rungs if rung.at <= until)


async def test_rungs_fire_at_their_instants_and_once(door: Door, skipping: WorkflowEnvironment) -> None:
    """In eighteen days of silence each rung fires within a second of its instant, never before, and each notice of it is served."""
    async with door.worker():
        with skipping.auto_time_skipping_disabled():
            stream = await door.opened()
            opened_at = await door.as_of(stream)
            await pass_time(skipping, timedelta(days=6) - timedelta(seconds=30))
            early = await door.events(stream, ObligationEscalated)
            await pass_time(skipping, timedelta(days=12))
            held = await door.settled(stream)
    owed = await door.events(stream, ObligationOpened)
    escalated = await door.events(stream, ObligationEscalated)
    fell = await door.events(stream, SilenceFell)

    assert [event.kind for event in early] == ["lawful_basis_review"]
    assert sorted((event.key, event.rung_at) for event in escalated) == instants(owed, opened_at + timedelta(days=18))
    assert len(escalated) >= 5
    assert [(event.kind, event.due - opened_at) for event in fell] == [
        ("consent_request", timedelta(days=10)), ("lawful_basis_review", timedelta(days=10)), ("progress_review", timedelta(days=15)),
    ]  # fmt: skip
    assert {*(event.late_seconds for event in escalated), *(event.late_seconds for event in fell)} == {0}
    for entry, events in await door.told(stream):
        rungs = [event.rung_at for event in events if isinstance(event, ObligationEscalated)]
        assert all(timedelta(0) <= entry.at - rung < timedelta(seconds=1) for rung in rungs)
    assert len(await door.events(stream, NoticeServed)) == len(escalated)
    assert held == await door.folded(stream)


async def test_a_worker_restarted_between_two_rungs(stack: Stack, database: Database) -> None:
    """A worker that takes over while a case sleeps fires the rungs that are left, and none again; here on the real server."""
    settings = settings_for(stack, database_url=database.dsn_app, task_queue=database.name)
    connected = await temporal.Client.connect(settings.temporal_address)
    skipped = SkippedTime(connected)
    async with open_door(settings, connected=skipped.client) as door:
        async with door.worker():
            stream = await door.opened()
            opened_at = await door.as_of(stream)
            await skipped.forward(stream, timedelta(days=7))
            await door.settled(stream)
            first = await door.events(stream, ObligationEscalated)
        async with door.worker():
            await skipped.forward(stream, timedelta(days=2))
            await door.settled(stream)
        owed = await door.events(stream, ObligationOpened)
        escalated = await door.events(stream, ObligationEscalated)

    assert [event.kind for event in first] == ["lawful_basis_review", "phase_overstay"]
    assert [event.kind for event in escalated] == ["lawful_basis_review", "phase_overstay", "consent_request"]
    assert sorted((event.key, event.rung_at) for event in escalated) == instants(owed, opened_at + timedelta(days=9))
    assert all(event.late_seconds <= 1 for event in escalated)


def support(level: str) -> commands.Command:
    """A support level from now on."""
    reasons = {"reasons": commands.note(), "agreed": commands.note()}
    return {"type": "set_support_level", "level": level, "direction": "same", **reasons}


async def test_the_timer_moves_only_to_an_earlier_instant(door: Door, skipping: WorkflowEnvironment) -> None:
    """An earlier instant moves the timer; commands that put it off leave it alone: it wakes once, finds nothing due, and is set anew."""
    async with door.worker():
        with skipping.auto_time_skipping_disabled():
            stream = await door.opened()

            async def sent(actor: str, command: commands.Command) -> int:
                await door.client.submit(stream, actor=actor, command=command)
                return (await door.counted(stream))["TIMER_STARTED"]

            await sent("omar", commands.record_basis())
            await sent("lena", commands.assess())
            opened = await sent("lena", commands.give_consent())
            earlier = await sent("lena", support("acute"))
            later = await sent("lena", support("high"))
            daily = []
            for _ in range(5):
                await pass_time(skipping, timedelta(days=1))
                daily.append(await sent("lena", commands.keep_check_in()))
            at_last = await sent("omar", commands.request_review("closed"))
            escalated = await door.events(stream, ObligationEscalated)

    assert escalated == []
    assert (opened, earlier, later) == (1, 2, 2)
    assert (daily[-1], at_last) == (3, 3)
