"""Records the stored histories anew, on the real servers: `python -m tests.histories.record`.

Record them when the shell (workflows/participant.py) has changed on purpose, guarded by `workflow.patched`, and keep the old ones beside the new: what
runs today began under them. A change of the rules never needs it. The files hold codes and references, and nothing of the machine that wrote them.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import AsyncConnection

from activities.codec import CaseCodec
from activities.store.migrate import migrate
from starter.client import LedgerFork, LedgerUnavailable, RefusedAnswer
from starter.stack import Ports, Stack
from tests.door import commands
from tests.door.rig import STAFF, Door, open_door, settings_for, shorten, until
from tests.payloads import data, open_payloads
from workflows.core.envelope import Start
from workflows.core.kinds import ENGINE
from workflows.core.obligation import ObligationEscalated
from workflows.participant import ParticipantWorkflow

FOLDER = Path(__file__).parent
SUGGEST_RENEWAL_EVENTS = {"limit.historyCount.suggestContinueAsNew": 40}
"""A server that suggests continue-as-new early, as the real one does late."""
BY_MAIL = STAFF.replace(
    "organization: court, valid_from", 'organization: court, channel: smtp, address: "petra@example.org", valid_from', 1
)
Recording = Callable[[Stack, Door], Awaitable[None]]


def scrubbed(value: Any) -> Any:
    """The history without the stack traces, which name files of the machine that recorded it."""
    if isinstance(value, dict):
        if "encodedAttributes" in value:
            attributes = {**json.loads(data(value["encodedAttributes"])), "stack_trace": ""}
            value["encodedAttributes"]["data"] = base64.b64encode(json.dumps(attributes).encode()).decode()
        return {name: scrubbed(inner) for name, inner in value.items() if name != "stackTrace"}
    return [scrubbed(inner) for inner in value] if isinstance(value, list) else value


async def keep(door: Door, stream: str, name: str, run_id: str | None = None) -> None:
    """Write the history of the case's newest run, or of the one named, opened: a build that replays it needs no key."""
    history = await door.handle(stream, run_id).fetch_history()
    readable = json.loads(history.to_json())
    await open_payloads(readable, CaseCodec(door.pool, door.keyring).of(stream))
    text = json.dumps(scrubbed(readable), indent=1)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{name}: {len(history.events)} events\n")


async def told(door: Door, stream: str) -> None:
    """Wait until a rung was recorded and its notice reported on."""

    async def fired() -> bool:
        return bool(await door.events(stream, ObligationEscalated))

    await until(fired)
    await door.settled(stream)


async def opening(_stack: Stack, door: Door) -> None:
    """A case opened, a command twice, a refusal, a nudge, and a timer that moves to an earlier instant."""
    async with door.worker():
        stream = await door.opened()
        for _ in range(2):
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        try:
            await door.client.submit(stream, actor="lena", command=commands.approve())
        except RefusedAnswer:
            await door.handle(stream).signal("nudge")
        await door.client.submit(stream, actor="lena", command=commands.give_consent())
        acute = {"type": "set_support_level", "level": "acute", "direction": "more", "reasons": commands.note()}
        await door.client.submit(stream, actor="lena", command=acute)
        await keep(door, stream, "opening")


async def catching_up(_stack: Stack, door: Door) -> None:
    """A case beside whose run something was recorded, and that was told to take it in."""
    async with door.worker():
        stream = await door.opened()
        at = (await door.settled(stream)).as_of
        assert at is not None
        run = {"run_id": "00000000-0000-4000-8000-000000000001", "status": "terminated", "events": 1, "began": at.isoformat(), "ended": at.isoformat(), "sha256": "0" * 64}  # fmt: skip
        await door.recorded_at(stream, at, actor=ENGINE, command={"type": "keep_run", **run}, command_id=f"run/{run['run_id']}")  # fmt: skip
        await door.handle(stream).signal("catch_up")
        await door.settled(stream)
        await keep(door, stream, "catching_up")


async def refused_opening(_stack: Stack, door: Door) -> None:
    """A case that was never opened."""
    async with door.worker():
        stream = "case/00000000-0000-4000-8000-000000000000"
        try:
            await door.client.open_case(actor="omar", stream=stream, command=commands.open_case(version="0"))
        except RefusedAnswer:
            await door.handle(stream).result()
        await keep(door, stream, "refused_opening")


async def passage(_stack: Stack, door: Door) -> None:
    """From the opening to the second phase: milestones, a review with its notices, a move."""
    async with door.worker():
        stream = await door.opened()
        for actor, command in commands.move_on(await door.as_of(stream)):
            await door.client.submit(stream, actor=actor, command=command)
        await door.settled(stream)
        await keep(door, stream, "passage")


async def closed(_stack: Stack, door: Door) -> None:
    """A case that ends, its record erased and its last notice served."""
    async with door.worker():
        stream = await door.opened()
        for actor, command in [*commands.leave(), *commands.forget()]:
            await door.client.submit(stream, actor=actor, command=command)
        await door.handle(stream).result()
        await keep(door, stream, "closed")


async def clock(_stack: Stack, door: Door) -> None:
    """A timer that fires, and what it tells."""
    soon = datetime.now(UTC) + timedelta(seconds=2)
    stream = await door.opened_at(soon - timedelta(days=6), ("lena", commands.give_consent()))
    async with door.worker():
        await door.client.recover(stream)
        await told(door, stream)
        await keep(door, stream, "clock")


async def recovery(_stack: Stack, door: Door) -> None:
    """A run that begins from the ledger with much overdue."""
    stream = await door.opened_at(datetime.now(UTC) - timedelta(days=16))
    async with door.worker():
        await door.client.recover(stream)
        await told(door, stream)
        await keep(door, stream, "recovery")


async def delivery_failed(_stack: Stack, door: Door) -> None:
    """A notice whose channel stays down, confirmed by hand in the end."""
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch, DELIVERY_PATIENCE=1)
        async with door.worker():
            stream = await door.opened()
            await door.client.submit(stream, actor="omar", command=commands.request_review("closed"))
            held = await door.settled(stream)
            for key in held.notice.failed:
                confirm = {"type": "confirm_notice", "notice": key, "proof": commands.note()}
                await door.client.submit(stream, actor="omar", command=confirm)
            await keep(door, stream, "delivery_failed")


async def renewal(_stack: Stack, door: Door) -> None:
    """Both sides of a continue-as-new that the server suggested."""
    async with door.worker():
        stream = await door.opened()
        while len(await door.runs(stream)) < 2:
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        before, after = await door.runs(stream)
        await keep(door, stream, "renewal_before", before)
        await keep(door, stream, "renewal_after", after)


async def outage(stack: Stack, door: Door) -> None:
    """Postgres is gone: a command that is not answered, a clock that waits, a run that waits for its restoration."""
    soon = datetime.now(UTC) + timedelta(seconds=3)
    waiting = await door.opened_at(soon - timedelta(days=6))
    restored = await door.opened_at(soon - timedelta(days=1))
    async with door.worker():
        await door.client.recover(waiting)
        stream = await door.opened()
        await door.settled(waiting)
        stack.kill_postgres()
        await door.client.temporal.start_workflow(
            ParticipantWorkflow.run, Start(stream=restored), id=restored, task_queue=door.settings.task_queue
        )
        try:
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        except LedgerUnavailable:

            async def waits() -> bool:
                return await door.pending(waiting) == ["wait_for_ledger"] and await door.pending(restored) == [
                    "restore"
                ]

            await until(waits)
        await asyncio.to_thread(stack.start_postgres)
        await door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        await door.surely(restored, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        await told(door, waiting)
        await keep(door, stream, "outage_command")
        await keep(door, waiting, "outage_clock")
        await keep(door, restored, "outage_restore")


async def fork(stack: Stack, door: Door) -> None:
    """A case that stops because the ledger was changed behind its back, in the middle of a run and at the beginning of one."""
    async with door.worker():
        stream = await door.opened()
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        async with await AsyncConnection.connect(stack.addresses.dsn_owner, autocommit=True) as owner:
            await owner.execute(b"ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
            await owner.execute(b"UPDATE entry SET hash = %s WHERE stream = %s AND position = 2", (bytes(32), stream))
            await owner.execute(b"ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_never_changed")
        for name in ("fork", "fork_at_restore"):
            for _ in range(2):
                try:
                    await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
                except LedgerFork:
                    continue
            await keep(door, stream, name)
            await door.handle(stream).terminate()


@asynccontextmanager
async def standing(**more: Any) -> AsyncIterator[Stack]:
    """A migrated stack of its own, gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="offramp-histories-"))
    async with Stack(path, ports=Ports.free(), ui=False, **more) as stack:
        migrate(stack.addresses.dsn_owner)
        yield stack
    shutil.rmtree(path)


async def record(stack: Stack, recordings: list[Recording], **more: Any) -> None:
    """Run each recording on a task queue of its own."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mail = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_from": "offramp@example.org", "smtp_starttls": False}
    for recording in recordings:
        settings = settings_for(stack, database_url=stack.addresses.dsn_app, task_queue="offramp", **mail)
        async with open_door(settings, **more) as door:
            await recording(stack, door)


async def main() -> None:
    """Record all of them."""
    async with standing() as stack:
        await record(stack, [opening, catching_up, refused_opening, passage, closed, clock, recovery, outage, fork])
    async with standing() as stack:
        await record(stack, [delivery_failed], people=BY_MAIL)
    async with standing(dynamic_config=SUGGEST_RENEWAL_EVENTS) as stack:
        await record(stack, [renewal])


if __name__ == "__main__":
    asyncio.run(main())
