"""What the proofs of the door stand on: a product's client and worker on one database, and ways to look from outside."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from temporalio import client as temporal
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.testing import ActivityEnvironment

import worker
from activities.codec import CaseCodec
from activities.keyring import open_keyring
from activities.record import Recorder, RecordOrder
from activities.settings import Settings, load_settings
from activities.store import inbox, ledger, programs, staff
from activities.store.fold import fold, open_entry
from activities.store.keys import KeyRing
from activities.store.pool import Pool, open_pool
from starter.client import Client, LedgerUnavailable
from starter.stack import Stack, Worker, workers
from tests.door import commands
from workflows import wire
from workflows.case.state import Case
from workflows.core.entry import Entry, verify_chain
from workflows.core.envelope import Envelope, Recorded
from workflows.core.kinds import Event
from workflows.core.receipt import Receipt
from workflows.program.load import load_program
from workflows.program.model import Program

ROOT = Path(__file__).resolve().parents[2]
ENTRY = Path(__file__).with_name("worker_entry.py")
DEADLINE_SECONDS = 40.0
POLL_SECONDS = 0.05
STAFF = """
- {person: lena, roles: [lead_practitioner], organization: city, valid_from: "2020-01-01T00:00:00Z", certificates: {trauma_informed_care: null, cultural_humility: null, nonviolent_communication: null}}
- {person: omar, roles: [supervisor], organization: city, valid_from: "2020-01-01T00:00:00Z"}
- {person: petra, roles: [panel_chair], organization: court, valid_from: "2020-01-01T00:00:00Z"}
- {person: mara, roles: [panel_member], organization: outreach, valid_from: "2020-01-01T00:00:00Z"}
- {person: milo, roles: [panel_member], organization: court, valid_from: "2020-01-01T00:00:00Z"}
- {person: caro, roles: [community_member], organization: neighbors, valid_from: "2020-01-01T00:00:00Z"}
- {person: dora, roles: [program_director], organization: city, valid_from: "2020-01-01T00:00:00Z"}
- {person: dario, roles: [data_protection_officer], organization: city, valid_from: "2020-01-01T00:00:00Z"}
"""
"""Synthetic people, one for each seat that the proofs need."""
LATER = ("notice_service", "safety_plan")
"""Kinds of obligation that are due only after the time at which these proofs look."""
T = TypeVar("T")


def plain_program() -> tuple[Program, str]:
    """The flagship program on a calendar of equal days, so that every term is a whole number of 24 hours; and its source."""
    source = (ROOT / "programs" / "disengagement.yaml").read_text(encoding="utf-8")
    lines = [line for line in source.splitlines() if not line.startswith("    - 20")]
    text = "\n".join(lines).replace("  holidays:", "  holidays: []").replace("Europe/Berlin", "UTC")
    text = text.replace("[mon, tue, wed, thu, fri]", "[mon, tue, wed, thu, fri, sat, sun]")
    text = (
        text.replace("working days  #", "days  #").replace(" working days,", " days,").replace(" working day,", " day,")
    )
    text = text.replace('version: "2026.2"', f'version: "{commands.VERSION}"')
    for kind in LATER:
        # Owed from the first day of every case, and no part of what is proven here.
        text = re.sub(rf"(\n  {kind}:\n    owner: \w+\n    due:) \d+ days", r"\1 90 days", text)
    return load_program(text), text


async def until(condition: Callable[[], Awaitable[T]], *, seconds: float = DEADLINE_SECONDS) -> T:
    """Wait until the condition yields something true, and return that.

    Raises:
        AssertionError: it did not in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = await condition()
        if found or time.monotonic() > deadline:
            assert found, f"still {found!r} after {seconds} s"
            return found
        await asyncio.sleep(POLL_SECONDS)


@dataclass
class Door:
    """The product's client on one database and task queue, and what is needed to look behind it."""

    settings: Settings
    client: Client
    pool: Pool
    keyring: KeyRing

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """A worker in this process, for as long as the block lasts."""
        async with worker.build(self.client.temporal, self.settings, pool=self.pool, keyring=self.keyring):
            yield

    async def opened(self, stream: str | None = None, *, command_id: str | None = None) -> str:
        """The stream of a case newly opened with a lead."""
        stream = stream or wire.new_case_stream()
        await self.client.open_case(actor="omar", stream=stream, command=commands.open_case(), command_id=command_id)
        return stream

    async def surely(self, stream: str, *, actor: str, command: Mapping[str, Any], command_id: str) -> Receipt:
        """Submit as an operator is told to: after an error that is no answer, repeat with the same command id."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                return await self.client.submit(stream, actor=actor, command=command, command_id=command_id)
            except LedgerUnavailable:
                if time.monotonic() > deadline:
                    raise

    async def entries(self, stream: str) -> list[Entry]:
        """The stream's entries, their chain verified."""
        async with self.pool.connection() as connection:
            found = [entry async for entry in ledger.read(connection, stream)]
        verify_chain(found)
        return found

    async def told(self, stream: str) -> list[tuple[Entry, tuple[Event, ...]]]:
        """The stream's entries with their events."""
        found = await self.entries(stream)
        async with self.pool.connection() as connection:
            key = await self.keyring.stream_key(connection, stream)
        return [(entry, open_entry(entry, key)) for entry in found]

    async def events(self, stream: str, kind: type[T]) -> list[T]:
        """The stream's events of one kind."""
        return [event for _, events in await self.told(stream) for event in events if isinstance(event, kind)]

    async def folded(self, stream: str) -> Case:
        """The case as the ledger tells it."""
        async with self.pool.connection() as connection:
            return await fold(connection, self.keyring, stream)

    async def as_of(self, stream: str) -> datetime:
        """The instant of the stream's last entry."""
        at = (await self.folded(stream)).as_of
        assert at is not None
        return at

    async def settled(self, stream: str) -> Case:
        """The case once every notice is reported on, the same by the workflow's word and by the ledger's."""

        async def same() -> Case | None:
            held = await self.client.state(stream)
            return held if not held.notice.pending and held == await self.folded(stream) else None

        found = await until(same)
        assert found is not None
        return found

    async def messages(self, person: str) -> list[inbox.Message]:
        """What waits in a person's inbox."""
        async with self.pool.connection() as connection:
            return await inbox.read_inbox(connection, person)

    def handle(self, stream: str, run_id: str | None = None) -> temporal.WorkflowHandle[Any, Any]:
        """The case's workflow."""
        return self.client.temporal.get_workflow_handle(stream, run_id=run_id)

    async def history(self, stream: str, run_id: str | None = None) -> list[HistoryEvent]:
        """The events of the case's newest run, or of the one named."""
        return list((await self.handle(stream, run_id).fetch_history()).events)

    async def counted(self, stream: str, run_id: str | None = None) -> Counter[str]:
        """How many events of each type the run's history holds."""
        prefix = "EVENT_TYPE_"
        return Counter(EventType.Name(e.event_type).removeprefix(prefix) for e in await self.history(stream, run_id))

    async def runs(self, stream: str) -> list[str]:
        """The ids of the case's runs, oldest first."""
        run_id = (await self.handle(stream).describe()).run_id
        found: list[str] = []
        while run_id:
            found.insert(0, run_id)
            started = (await self.history(stream, run_id))[0].workflow_execution_started_event_attributes
            run_id = started.continued_execution_run_id
        return found

    async def pending(self, stream: str) -> list[str]:
        """The names of the case's pending activities, as Temporal's UI lists them."""
        described = await self.handle(stream).describe()
        return [activity.activity_type.name for activity in described.raw_description.pending_activities]

    async def recorded_at(
        self, stream: str, at: datetime, *, actor: str, command: Mapping[str, Any], command_id: str
    ) -> Recorded:
        """Record a command as the engine would have at an instant of the past, without a workflow."""
        envelope = Envelope(command_id=command_id, actor=actor, command=dict(command))
        order = RecordOrder.about(await self.folded(stream), envelope, at)
        recorded = await ActivityEnvironment().run(Recorder(self.pool, self.keyring).record, order)
        assert isinstance(recorded, Recorded)
        return recorded

    async def opened_at(self, at: datetime, *commands_given: tuple[str, Mapping[str, Any]]) -> str:
        """The stream of a case that was opened on its lawful basis, and then left alone by the engine, at an instant of the past."""
        stream = wire.new_case_stream()
        given = (("omar", commands.open_case()), ("omar", commands.record_basis()), *commands_given)
        for number, (actor, command) in enumerate(given):
            recorded = await self.recorded_at(stream, at, actor=actor, command=command, command_id=f"past/{number}")
            assert recorded.refusal is None
        return stream


@asynccontextmanager
async def open_door(
    settings: Settings, *, connected: temporal.Client | None = None, people: str = STAFF
) -> AsyncIterator[Door]:
    """A door on a migrated database: the program published, the staff imported, the client connected (to `connected`'s server, if one is given)."""
    pool = await open_pool(settings.database_url, size=12, timeout_seconds=worker.POOL_WAIT_SECONDS)
    try:
        keyring = open_keyring(settings)
        how = wire.sealed(CaseCodec(pool, keyring))
        if connected is None:
            connected = await temporal.Client.connect(settings.temporal_address, identity="tests", **how)
        else:
            config: dict[str, Any] = {**connected.config(), **how}
            connected = temporal.Client(**config)
        await prepare(pool, keyring, people)
        yield Door(
            settings=settings,
            client=Client(connected, settings, pool=pool, keyring=keyring),
            pool=pool,
            keyring=keyring,
        )
    finally:
        await pool.close()


async def prepare(pool: Pool, keyring: KeyRing, people: str = STAFF) -> None:
    """Publish the program and import the staff."""
    program, source = plain_program()
    async with pool.connection() as connection:
        await programs.publish(connection, program, source)
        await staff.import_staff(connection, keyring, staff.parse_staff(people, where="tests"))


def settings_for(stack: Stack, *, database_url: str, task_queue: str, **more: Any) -> Settings:
    """The stack's settings, with a database and a task queue of one test's own."""
    settings = load_settings(stack.addresses.data_dir)
    return settings.model_copy(update={"database_url": database_url, "task_queue": task_queue, **more})


async def spawn(stack: Stack, door: Door, *, keep: bool = False, **powers: Any) -> Worker:
    """A worker as a process of its own: the product's, or with the powers of worker_entry.py if any are named. It keeps runs only if asked to."""
    env = {
        "OFFRAMP_DATABASE_URL": door.settings.database_url,
        "OFFRAMP_TASK_QUEUE": door.settings.task_queue,
        "OFFRAMP_KEEP_RUNS": str(keep).lower(),
        "PYTHONPATH": str(ROOT),
        "DOOR_POWERS": json.dumps(powers),
    }
    with pytest.MonkeyPatch.context() as patch:
        if powers:
            patch.setattr(workers, "WORKER", ENTRY)
        return await asyncio.to_thread(stack.spawn_worker, env)


async def ended(process: Worker) -> None:
    """Wait until the worker's process is gone."""

    async def gone() -> bool:
        return not process.alive

    await until(gone)


def shorten(patch: pytest.MonkeyPatch, **named: Any) -> None:
    """Give named options another value for this test; a number of seconds where the option is a length of time."""
    for name, value in named.items():
        patch.setattr(f"workflows.options.{name}", as_option(name, value))


def as_option(name: str, value: Any) -> Any:
    """The value for an option of that name."""
    from workflows import options

    return timedelta(seconds=value) if isinstance(getattr(options, name), timedelta) else value
