"""The worker's watch over the cases: each in which something may still happen has a run in Temporal that goes on, or is begun again from the ledger.

Whoever terminates a run, loses Temporal's database, or meets a run that no build can replay would else silence a case until somebody happens to
send it a command: no check-in would be missed, no escalation would fire, no review would be due. The ledger says what should happen when; here it
is seen that somebody is there to do it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities import running, telemetry
from activities.repeating import repeating
from activities.store.due import Awaited, runs_awaited
from activities.store.refused import StoreRefused

if TYPE_CHECKING:
    from activities.store.pool import Pool

EVERY_SECONDS = 60.0
"""How long a case stays without a run at most, while a worker and both servers are there."""
LATE_SECONDS = 120.0
"""After so much time past the instant at which something was to happen, it is looked at why it did not."""
LONGEST_PAUSE_SECONDS = 3600.0
"""A case whose run fails each time it is begun is begun ever more rarely, and at least this often."""
AT_ONCE = 8
_FAILURES = (psycopg.Error, PoolTimeout, StoreRefused, RPCError)


class _Tried(NamedTuple):
    """How often a case was begun in a row, and when, by the reconciler's clock, it may be again."""

    times: int
    again: float


class Reconciler:
    """Compares what the ledger awaits with what runs in Temporal. Two at it come to the same: of two that begin a run, Temporal lets one.

    Args:
        pool: to the ledger's database.
        client: to Temporal.
        task_queue: whose cases stand in this ledger.
        late_seconds: in place of LATE_SECONDS.
        clock: seconds that only grow, for the pauses between two tries.
    """

    def __init__(
        self, pool: Pool, client: Client, task_queue: str, *, late_seconds: float = LATE_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:  # fmt: skip
        self._pool, self._client, self._task_queue = pool, client, task_queue
        self._late_seconds, self._clock = late_seconds, clock
        self._tried: dict[str, _Tried] = {}
        self._woken: dict[str, datetime | None] = {}

    async def look(self) -> list[str]:
        """Look once; the streams of the cases that were begun again. What fails in one case is told in the log, and tried again the next time.

        Raises:
            RPCError: Temporal does not answer. Others: neither does the ledger.
        """
        async with self._pool.connection() as connection:
            awaited = await runs_awaited(connection, late_seconds=self._late_seconds)
        running_now = {run.id async for run in self._client.list_workflows(self._running)}
        gone = [one for one in awaited if one.stream not in running_now]
        late = [one for one in awaited if one.late and one.stream in running_now]
        self._forget_others(gone + late)
        free = asyncio.Semaphore(AT_ONCE)

        async def one(case: Awaited, *, is_gone: bool) -> str | None:
            async with free:
                try:
                    begun = await (self._if_gone(case) if is_gone else self._if_stuck(case))
                except _FAILURES as error:
                    _log().warning("a case was not looked at", error_type=type(error).__name__, stream=case.stream)
                    return None
                return case.stream if begun else None

        looked = await asyncio.gather(
            *(one(case, is_gone=True) for case in gone), *(one(case, is_gone=False) for case in late)
        )
        return [stream for stream in looked if stream is not None]

    @property
    def _running(self) -> str:
        return f"{running.of_cases(self._task_queue)} AND ExecutionStatus = 'Running'"

    def _forget_others(self, looked_at: Iterable[Awaited]) -> None:
        kept = {case.stream for case in looked_at}
        self._tried = {stream: tried for stream, tried in self._tried.items() if stream in kept}
        self._woken = {stream: wake for stream, wake in self._woken.items() if stream in kept}

    async def _if_gone(self, case: Awaited) -> bool:
        """Begin the case, if its run is gone indeed: Temporal's list is a moment behind."""
        try:
            described = await self._client.get_workflow_handle(case.stream).describe()
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
        else:
            # A run that completed said of itself, by the ledger, that nothing is left to happen.
            if described.status in {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}:
                return False
        return await self._begin(case.stream, "gone")

    async def _if_stuck(self, case: Awaited) -> bool:
        """Begin the case in the place of a run that cannot go on. One that sleeps though it is late knows less than the ledger: it is woken, once for each instant."""
        stands = await running.standing(self._client, case.stream)
        if stands == "stuck":
            return await self._begin(case.stream, "stuck")
        if stands == "asleep" and self._woken.get(case.stream) != case.wake:
            self._woken[case.stream] = case.wake
            await self._client.get_workflow_handle(case.stream).signal(running.CATCH_UP)
        return False

    async def _begin(self, stream: str, reason: str) -> bool:
        tried = self._tried.get(stream, _Tried(0, 0.0))
        if self._clock() < tried.again:
            return False
        pause = min(EVERY_SECONDS * 2**tried.times, LONGEST_PAUSE_SECONDS)
        self._tried[stream] = _Tried(tried.times + 1, self._clock() + pause)
        if not await running.begin(self._client, stream, task_queue=self._task_queue, instead=reason == "stuck"):
            return False
        telemetry.case_begun_again(reason)
        _log().warning("a case was begun again from the ledger", stream=stream, reason=reason)
        return True


@asynccontextmanager
async def reconciling(reconciler: Reconciler, *, every_seconds: float = EVERY_SECONDS) -> AsyncIterator[None]:
    """Look every so often while the block lasts. A server that is away is reported in the log, and asked again."""

    async def once() -> None:
        try:
            await reconciler.look()
        except _FAILURES as error:
            _log().warning("it was not looked whether every case runs", error_type=type(error).__name__)

    async with repeating(once, every_seconds=every_seconds):
        yield


def _log() -> structlog.stdlib.BoundLogger:
    found: structlog.stdlib.BoundLogger = structlog.get_logger("offramp.reconciling")
    return found
