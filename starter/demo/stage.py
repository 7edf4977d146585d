"""The stage of the demo: a fresh stack, a worker that can be killed, a case whose time can be skipped, and what it prints."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from activities.keyring import open_keyring
from activities.settings import Settings, load_settings
from activities.store import programs, staff, vault
from activities.store.fold import read_told
from activities.store.keys import KeyRing
from activities.store.migrate import migrate
from activities.store.pool import Pool, open_pool
from starter.client import Client, RefusedAnswer
from starter.demo.cast import STAFF
from starter.demo.told import Telling
from starter.stack import Stack, Worker
from starter.stack.skipping import SkippedTime
from workflows.case.case import next_wake
from workflows.case.state import Case
from workflows.core.entry import Receipt
from workflows.program.load import load_program
from workflows.program.model import Program

PROGRAMS = Path(__file__).resolve().parents[2] / "programs"
SETTLE_SECONDS = 20.0
JUST_AFTER = timedelta(seconds=1)
"""The server skips to a timer that lies inside the skipped stretch; one that lies at its very end waits for real time."""


class DemoFailed(Exception):  # noqa: N818 - says what it is
    """Something did not happen as the story has it: the demo is a proof, so it stops."""


class Stage:
    """One case on a real stack. `now` is the case's own time, which runs ahead of the wall clock."""

    def __init__(
        self, *, stack: Stack, settings: Settings, pool: Pool, keyring: KeyRing, program: Program, client: Client, skipped: SkippedTime, telling: Telling
    ) -> None:  # fmt: skip
        self.stack, self.settings, self.pool, self.keyring, self.program = stack, settings, pool, keyring, program
        self.client, self.telling = client, telling
        self.stream = f"case/{uuid4()}"
        self.refusals: list[str] = []
        self._skipped = skipped
        self._ahead = timedelta()
        self._told = Case(stream=self.stream)
        self.worker: Worker = stack.spawn_worker()

    @property
    def now(self) -> datetime:
        """The case's time: the wall clock plus what was skipped."""
        return datetime.now(UTC) + self._ahead

    async def note(self, text: str, *, author: str) -> str:
        """Seal a text in the vault; the reference to it, which is all that travels."""
        async with self.pool.connection() as connection:
            return await vault.seal_note(connection, self.keyring, stream=self.stream, text=text, author=author)

    async def do(self, person: str, kind: str, **fields: Any) -> Receipt:
        """Send a command as `person`; it must be accepted. Tells the entries that it brought."""
        receipt = await self.send(person, kind, **fields)
        await self.tell()
        return receipt

    async def send(self, person: str, kind: str, **fields: Any) -> Receipt:
        """Send a command as `person`, by the door that everybody uses."""
        command = {"type": kind, **fields}
        if kind == "open_case":
            return await self.client.open_case(actor=person, stream=self.stream, command=command)
        return await self.client.submit(self.stream, actor=person, command=command)

    async def refused(self, person: str, kind: str, *, code: str, **fields: Any) -> None:
        """Send a command that must be refused with `code`; tells why, and the cure.

        Raises:
            DemoFailed: it was accepted, or refused for another reason.
        """
        try:
            await self.send(person, kind, **fields)
        except RefusedAnswer as answer:
            if answer.code != code:
                raise DemoFailed(f"{kind} was refused as {answer.code}, not as {code}") from answer
            self.refusals.append(code)
            await self.tell()
            return
        raise DemoFailed(f"{kind} by {person} was accepted and should have been refused as {code}")

    async def forward(self, **term: float) -> None:
        """Let `term` (as for timedelta) pass for the case; whatever falls due on the way happens and is told."""
        target = self.now + timedelta(**term)
        while (wake := next_wake(await self.at_rest())) is not None and wake <= target:
            await self._skip_to(wake + JUST_AFTER)
        await self._skip_to(target)
        await self.tell()

    async def _skip_to(self, instant: datetime) -> None:
        step = instant - self.now
        if step > timedelta():
            await self._skipped.forward(self.stream, step)
            # The case's clock advanced by `step` in all, the real second that the skipping took included.
            self._ahead = instant - datetime.now(UTC)

    async def at_rest(self) -> Case:
        """The case once nothing is overdue and no notice is on its way: then its clock may be moved.

        Raises:
            DemoFailed: it does not come to rest.
        """
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            case = await self.client.state(self.stream)
            wake = next_wake(case)
            if not case.notice.pending and (wake is None or wake > self.now):
                return case
            await asyncio.sleep(0.02)
        raise DemoFailed("the case did not come to rest")

    async def tell(self) -> None:
        """Print the entries that are new since the last time, as minutes."""
        case = self._told
        async with self.pool.connection() as connection:
            async for told in read_told(connection, self.keyring, self.stream, after=case):
                for entry, events in told:
                    self.telling.entry(entry, events, self.program)
                    case = case.model_copy(update={"position": entry.position, "head": entry.hash.hex()})
        self._told = case

    @property
    def ahead(self) -> timedelta:
        """How much time was skipped so far."""
        return self._ahead


@asynccontextmanager
async def set_up(directory: Path, telling: Telling, stack: Stack) -> AsyncIterator[Stage]:
    """Everything that the story needs on a started stack: migrations, the shipped programs, the staff, a worker, a connection."""
    migrate(stack.addresses.dsn_owner)
    settings = load_settings(directory)
    async with AsyncExitStack() as exits:
        pool = await open_pool(settings.database_url, size=4)
        exits.push_async_callback(pool.close)
        keyring = open_keyring(settings)
        program = await _publish(pool, keyring)
        client = await exits.enter_async_context(Client.connect(settings))
        skipped = SkippedTime(client.temporal)
        stage = Stage(
            stack=stack, settings=settings, pool=pool, keyring=keyring, program=program,
            client=Client(skipped.client, settings), skipped=skipped, telling=telling,
        )  # fmt: skip
        yield stage


async def _publish(pool: Pool, keyring: KeyRing) -> Program:
    async with pool.connection() as connection:
        await staff.import_staff(connection, keyring, staff.parse_staff(STAFF, where="the demo's staff"))
        for path in sorted(PROGRAMS.glob("*.yaml")):
            source = path.read_text(encoding="utf-8")
            await programs.publish(connection, load_program(source), source)
    return load_program((PROGRAMS / "disengagement.yaml").read_text(encoding="utf-8"))
