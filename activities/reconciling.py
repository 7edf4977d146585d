"""The worker's watch over the cases: each in which something may still happen has a run in Temporal that goes on, or is begun again from the ledger.

Whoever terminates a run, loses Temporal's database, or meets a run that no build can replay would else silence a case until somebody happens to
send it a command: no check-in would be missed, no escalation would fire, no review would be due. The ledger says what should happen when; here it
is seen that somebody is there to do it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from temporalio.client import Client
from temporalio.service import RPCError

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
TAKEN_UP_SECONDS = 600.0
"""A workflow task of a late case that was seen waiting for so long, while this worker serves, is one that no worker is given: pinned to a build that nobody runs."""
LONGEST_PAUSE_SECONDS = 3600.0
"""A case whose run fails each time it is begun is begun ever more rarely, and at least this often."""
AT_ONCE = 8
_FAILURES = (psycopg.Error, PoolTimeout, StoreRefused, RPCError)


@dataclass
class _Doubt:
    """What this reconciler did about a case that is in doubt, by its own clock: how often it was begun, and when it may be again; the instant for which it was
    woken; since when its task was found waiting.
    """  # fmt: skip

    times: int = 0
    again: float = 0.0
    woken: datetime | None = None
    waits_since: float | None = None


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
        self._doubts: dict[str, _Doubt] = {}

    async def look(self) -> list[str]:
        """Look once; the streams of the cases that were begun again. What fails in one case is told in the log, and tried again the next time.

        Raises:
            RPCError: Temporal does not answer. Others: neither does the ledger.
        """
        async with self._pool.connection() as connection:
            awaited = await runs_awaited(connection, late_seconds=self._late_seconds)
        goes_on = {run.execution.workflow_id async for run in running.listed(self._client, self._running)}
        doubtful = [one for one in awaited if one.late or one.stream not in goes_on]
        self._doubts = {case.stream: self._doubts.get(case.stream, _Doubt()) for case in doubtful}
        free = asyncio.Semaphore(AT_ONCE)

        async def one(case: Awaited) -> bool:
            async with free:
                try:
                    return await self._settle(case)
                except _FAILURES as error:
                    _log().warning("a case was not looked at", error_type=type(error).__name__, stream=case.stream)
                    return False

        looked = await asyncio.gather(*map(one, doubtful))
        return [case.stream for case, begun in zip(doubtful, looked, strict=True) if begun]

    @property
    def _running(self) -> str:
        return f"{running.of_cases(self._task_queue)} AND ExecutionStatus = 'Running'"

    async def _settle(self, case: Awaited) -> bool:
        """Begin the case if it has no run, or none that goes on: Temporal's list is a moment behind, and is asked for no more than whom to look at.

        One that sleeps though it is late knows less than the ledger: it is woken, once for each instant.
        """
        stands = await running.standing(self._client, case.stream, task_queue=self._task_queue)
        doubt = self._doubts[case.stream]
        if stands in {"gone", "displaced"}:
            return await self._begin(case.stream, stands)
        if stands == "over" and not case.over:
            # Whatever said so, the ledger does not.
            return await self._begin(case.stream, "gone")
        if case.late and (stands == "stuck" or self._is_left_waiting(doubt, stands)):
            return await self._begin(case.stream, "stuck")
        if case.late and stands == "asleep" and doubt.woken != case.wake:
            doubt.woken = case.wake
            await self._client.get_workflow_handle(case.stream).signal(running.CATCH_UP)
        return False

    def _is_left_waiting(self, doubt: _Doubt, stands: running.Standing) -> bool:
        """Whether its task was found waiting each time for too long. What waited before this worker came says nothing: perhaps none was there."""
        if stands != "busy":
            doubt.waits_since = None
        elif doubt.waits_since is None:
            doubt.waits_since = self._clock()
        return doubt.waits_since is not None and self._clock() - doubt.waits_since > TAKEN_UP_SECONDS

    async def _begin(self, stream: str, reason: str) -> bool:
        doubt = self._doubts[stream]
        if self._clock() < doubt.again:
            return False
        doubt.again = self._clock() + min(EVERY_SECONDS * 2**doubt.times, LONGEST_PAUSE_SECONDS)
        doubt.times += 1
        if not await running.begin(self._client, stream, task_queue=self._task_queue, instead=reason != "gone"):
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
