"""A stage: one case on a real stack, whose time is skipped. The demo and live scenarios stand on it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from activities.keyring import open_keyring
from activities.settings import Settings, load_settings
from activities.store import programs, staff, vault
from activities.store.fold import Told, fold, read_told
from activities.store.keys import KeyRing
from activities.store.migrate import migrate
from activities.store.pool import Pool, open_pool
from starter.client import Client
from starter.stack import Stack, Worker
from starter.stack.skipping import SkippedTime
from workflows.case.case import next_wake
from workflows.case.state import Case
from workflows.core.receipt import Receipt
from workflows.program.model import Program

SETTLE_SECONDS = 60.0
JUST_BEFORE = timedelta(milliseconds=150)
"""Time is skipped up to so long before something falls due, which then happens in real time: a timer inside a skipped stretch now and then takes the server
on to the timer that follows it, far beyond the end of the stretch."""
TOO_FAR = timedelta(seconds=5)
_WORKER = {"OFFRAMP_KEEP_RUNS": "false"}
"""A run that is kept is an entry more, at a moment of the machine's: a story would not be told alike twice."""


class StageFailed(Exception):  # noqa: N818 - says what it is
    """Something did not happen on the stage as it must."""


class Overshot(StageFailed):
    """The server moved the case's clock further than it was asked to: what was to happen in between happened elsewhere, and nothing is proven."""


class Stage:
    """One case on a real stack. `now` is the case's own time, which runs ahead of the wall clock."""

    def __init__(
        self, *, stack: Stack, settings: Settings, pool: Pool, keyring: KeyRing, client: Client, skipped: SkippedTime
    ) -> None:
        self.stack, self.settings, self.pool, self.keyring, self.client = stack, settings, pool, keyring, client
        self.stream = f"case/{uuid4()}"
        self._skipped = skipped
        self._ahead = timedelta()
        self._runs = False
        self._known = Case(stream=self.stream)
        self.worker: Worker = stack.spawn_worker(_WORKER)

    @property
    def now(self) -> datetime:
        """The case's time: the wall clock plus what was skipped."""
        return datetime.now(UTC) + self._ahead

    @property
    def ahead(self) -> timedelta:
        """How much time was skipped so far."""
        return self._ahead

    def set_clock(self, at: datetime) -> None:
        """Have the case's clock begin at `at`, which lies ahead: the first command is answered there."""
        self._ahead = at - datetime.now(UTC)

    async def note(self, text: str, *, author: str) -> str:
        """Seal a text in the vault; the reference to it, which is all that travels."""
        async with self.pool.connection() as connection:
            return await vault.seal_note(connection, self.keyring, stream=self.stream, text=text, author=author)

    async def send(self, person: str, kind: str, /, **fields: Any) -> Receipt:
        """Send a command as `person`, by the door that everybody uses.

        Raises:
            RefusedAnswer: the recorded answer is no. Other errors as for `Client.submit`.
        """
        if not self._runs and self._ahead > timedelta():
            # A run that is started anew would begin at the time on the wall.
            begins = self.now
            await self._skipped.begin(self.stream, begins, task_queue=self.settings.task_queue)
            await self._read_clock(begins)
        self._runs = True
        command = {"type": kind, **fields}
        if kind == "open_case":
            return await self.client.open_case(actor=person, stream=self.stream, command=command)
        return await self.client.submit(self.stream, actor=person, command=command)

    async def open_other(self, person: str, **fields: Any) -> None:
        """Open another case than the stage's own, of which nothing more is told."""
        stream = f"case/{uuid4()}"
        await self._skipped.begin(stream, self.now, task_queue=self.settings.task_queue)
        await self.client.open_case(actor=person, stream=stream, command={"type": "open_case", **fields})

    async def restart_worker(self) -> None:
        """Kill the worker as a crash would, and start another: neither it nor the server holds any part of the case in a cache."""
        self.worker.kill()
        if self._runs:
            await self.client.forget_worker(self.stream)
        self.worker = await asyncio.to_thread(self.stack.spawn_worker, _WORKER)

    async def forward_to(self, target: datetime, *, slack: timedelta = timedelta()) -> None:
        """Let time pass for the case until `target`; whatever falls due on the way, or less than `slack` later, happens.

        Raises:
            Overshot: the server went too far; play it again.
            StageFailed: the case does not come to rest.
        """
        while (wake := next_wake(await self.at_rest())) is not None and wake <= target + slack:
            await self._skip_to(wake - JUST_BEFORE)
            await asyncio.sleep((wake - self.now).total_seconds())
        if self._runs:
            await self._skip_to(target)
        else:
            self.set_clock(target)

    async def _skip_to(self, instant: datetime) -> None:
        step = instant - self.now
        if step > timedelta():
            await self._skipped.forward(self.stream, step)
            await self._read_clock(instant)

    async def _read_clock(self, wanted: datetime) -> None:
        stands = await self._skipped.now(self.stream)
        if stands > wanted + TOO_FAR:
            raise Overshot(
                f"the clock of the case was to stand at {wanted:%Y-%m-%d %H:%M}, and stands at {stands:%Y-%m-%d %H:%M}"
            )
        self.set_clock(stands)

    async def at_rest(self) -> Case:
        """The case once nothing is overdue and no notice is on its way: then its clock may be moved.

        A case that is finished, or that nobody has sent a command yet, has no clock.

        Raises:
            StageFailed: it does not come to rest.
        """
        if not self._runs:
            return await self.folded()
        deadline = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < deadline:
            case = await self.client.state(self.stream)
            wake = next_wake(case)
            if not case.notice.pending and (wake is None or wake > self.now):
                if case.finished:
                    await self._skipped.ended(self.stream)
                    self._runs = False
                return case
            await asyncio.sleep(0.02)
        raise StageFailed("the case did not come to rest")

    async def news(self) -> list[Told]:
        """The entries that are new since the last time, with their events, their chain verified."""
        found: list[Told] = []
        case = self._known
        async with self.pool.connection() as connection:
            async for told in read_told(connection, self.keyring, self.stream, after=case):
                found += told
        if found:
            last = found[-1][0]
            self._known = case.model_copy(update={"position": last.position, "head": last.hash.hex()})
        return found

    async def folded(self) -> Case:
        """The case as the ledger tells it."""
        async with self.pool.connection() as connection:
            return await fold(connection, self.keyring, self.stream)


S = TypeVar("S", bound=Stage)


@asynccontextmanager
async def set_up(
    make: Callable[..., S], *, directory: Path, stack: Stack, people: str, definitions: Iterable[tuple[Program, str]]
) -> AsyncIterator[S]:
    """Everything that a case needs on a started stack: migrations, programs, staff, a worker, a connection.

    Args:
        make: `Stage`, or what is built upon it.
        directory: the stack's data directory.
        stack: it must allow time skipping.
        people: a staff file, as text.
        definitions: programs to publish, each with its source.
    """
    migrate(stack.addresses.dsn_owner)
    settings = load_settings(directory)
    async with AsyncExitStack() as exits:
        pool = await open_pool(settings.database_url, size=4)
        exits.push_async_callback(pool.close)
        keyring = open_keyring(settings)
        await _prepare(pool, keyring, people, tuple(definitions))
        client = await exits.enter_async_context(Client.connect(settings))
        skipped = SkippedTime(client.temporal)
        yield make(
            stack=stack, settings=settings, pool=pool, keyring=keyring,
            client=Client(skipped.client, settings, pool=pool, keyring=keyring), skipped=skipped,
        )  # fmt: skip


async def _prepare(pool: Pool, keyring: KeyRing, people: str, definitions: Sequence[tuple[Program, str]]) -> None:
    async with pool.connection() as connection:
        await staff.import_staff(connection, keyring, staff.parse_staff(people, where="the staff"))
        for program, source in definitions:
            await programs.publish(connection, program, source)
