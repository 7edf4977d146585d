"""Effects come back through the door: served once, or failed and then owed."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from starter.stack import Stack
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import STAFF, Door, ended, open_door, settings_for, shorten, spawn, until
from workflows.case.consent import ConsentWithdrawn
from workflows.case.notice import NoticeFailed, NoticeIssued, NoticeServed, NoticeStopped
from workflows.core.obligation import ObligationEscalated

BY_MAIL = 'channel: smtp, address: "petra@example.org", valid_from'
PEOPLE = STAFF.replace("organization: court, valid_from", f"organization: court, {BY_MAIL}", 1)
"""As usual, but the chair of the panel is told by mail."""


@pytest.fixture
async def mute_door(stack: Stack, database: Database) -> AsyncIterator[Door]:
    """A door whose mail server never answers: its port is closed."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "offramp@example.org", "smtp_starttls": False}
    settings = settings_for(stack, database_url=database.dsn_app, task_queue=database.name, **mail)
    async with open_door(settings, people=PEOPLE) as opened:
        yield opened


async def test_every_notice_is_served_with_proof(door: Door) -> None:
    """Each notice of a review reaches everybody of its role once, and comes back as an entry with the proof of its delivery."""
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="omar", command=commands.request_review("closed"))
        await door.settled(stream)
    issued = await door.events(stream, NoticeIssued)
    served = await door.events(stream, NoticeServed)

    assert sorted(event.notice.to_role for event in issued) == ["community_member", "panel_chair", "panel_member"]
    assert sorted(event.key for event in served) == sorted(event.notice.key for event in issued)
    assert all(event.channel == "inbox" and event.proof for event in served)
    for person in ("petra", "mara", "milo", "caro"):
        assert [message.template for message in await door.messages(person)] == ["review_requested"]
    assert [entry.actor for entry in await door.entries(stream)] == ["omar", "omar", "engine", "engine", "engine"]


async def test_a_worker_killed_in_a_delivery(stack: Stack, door: Door) -> None:
    """A message whose worker died right after handing it over is reported by another worker, and is in the inbox once."""
    killed = await spawn(stack, door, die_after_delivery=True, options={"DELIVERY_TRY": 2})
    stream = await door.opened()
    await door.client.submit(stream, actor="omar", command=commands.request_review("closed"))
    await ended(killed)
    before = [person for person in ("petra", "mara", "milo", "caro") if await door.messages(person)]
    async with door.worker():
        await door.settled(stream)
    served = await door.events(stream, NoticeServed)

    assert before
    assert len(served) == len({event.key for event in served}) == 3
    for person in ("petra", "mara", "milo", "caro"):
        assert len(await door.messages(person)) == 1


async def test_a_channel_that_stays_down(mute_door: Door, patch: pytest.MonkeyPatch) -> None:
    """A notice that finally failed comes back as an entry and is owed to its reader, until somebody confirms it by hand."""
    door = mute_door
    shorten(patch, DELIVERY_PATIENCE=1)
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="omar", command=commands.request_review("closed"))
        held = await door.settled(stream)
        failed = await door.events(stream, NoticeFailed)
        key = failed[0].key
        confirm = {"type": "confirm_notice", "notice": key, "proof": commands.note()}
        await door.client.submit(stream, actor="omar", command=confirm)
        confirmed = await door.settled(stream)

    assert [(event.channel, event.reason) for event in failed] == [("none", "channel_down")]
    owed = [o for o in held.obligations.values() if o.kind == "notice_delivery"]
    assert [(o.key, o.owner) for o in owed] == [(f"notice_delivery/{key}", "supervisor")]
    assert not [o for o in confirmed.obligations.values() if o.kind == "notice_delivery"]
    assert len(await door.events(stream, NoticeServed)) == 3


async def test_a_delivery_under_way_is_taken_up_by_the_next_run(mute_door: Door, patch: pytest.MonkeyPatch) -> None:
    """A channel that is down for long keeps no run from ending: the next run takes up the delivery from the ledger."""
    door = mute_door
    shorten(patch, COMMANDS_PER_RUN=4, MOST_COMMANDS_PER_RUN=10)
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="omar", command=commands.request_review("closed"))
        for _ in range(10):
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

        async def two_runs() -> bool:
            return len(await door.runs(stream)) == 2

        async def taken_up() -> bool:
            return await door.pending(stream) == ["notify_review"]

        await until(two_runs)
        await until(taken_up)
        held = await door.client.state(stream)

    assert [notice.to_role for notice in held.notice.pending.values()] == ["panel_chair"]


async def test_time_passes_while_a_run_waits_to_end(mute_door: Door, patch: pytest.MonkeyPatch) -> None:
    """A run that is due to end and waits for a delivery still fires what falls due meanwhile, on time."""
    door = mute_door
    shorten(patch, COMMANDS_PER_RUN=1)
    soon = datetime.now(UTC) + timedelta(seconds=4)
    stream = await door.opened_at(soon - timedelta(days=6), ("omar", commands.request_review("closed")))
    async with door.worker():
        await door.client.recover(stream)
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

        async def fired() -> list[ObligationEscalated]:
            return await door.events(stream, ObligationEscalated)

        escalated = await until(fired)
        pending = await door.pending(stream)

    assert [(event.kind, event.rung_at) for event in escalated] == [("phase_overstay", soon)]
    assert escalated[0].late_seconds <= 1
    assert "notify_review" in pending


async def test_a_withdrawal_stops_a_delivery_under_way(mute_door: Door) -> None:
    """A reminder that is still on its way when the person withdraws is tried no more, and nothing is reported of it."""
    door = mute_door
    stream = await door.opened_at(
        datetime.now(UTC) - timedelta(days=17, hours=1), ("lena", commands.give_consent())
    )  # fmt: skip
    async with door.worker():
        await door.client.recover(stream)

        async def chair_alone() -> list[str]:
            pending = (await door.folded(stream)).notice.pending.values()
            return [notice.key for notice in pending if {n.to_role for n in pending} == {"panel_chair"}]

        (key,) = await until(chair_alone)
        await door.client.submit(stream, actor="lena", command={"type": "withdraw_consent", "scope": "participation"})

        async def nothing_pending() -> bool:
            return not await door.pending(stream)

        await until(nothing_pending)
        await door.settled(stream)
        entries = await door.entries(stream)

    assert [event.key for event in await door.events(stream, NoticeStopped)] == [key]
    (withdrawn,) = await door.events(stream, ConsentWithdrawn)
    assert {f"notice/{key}", "check_in/1"} <= set(withdrawn.stops)
    assert entries[-1].type == "withdraw_consent"
