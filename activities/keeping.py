"""The worker's archivist: each workflow run that has ended is kept before Temporal deletes its history, with its digest in the ledger of its case.

Three steps, each of which may be done twice: the history is stored, its digest is recorded under the run's own command id, and the running workflow is
told. Whatever is killed in between, the next pass goes on from what is stored; two workers at it come to the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities import running, telemetry
from activities.record import UNAVAILABLE, Recorder, RecordOrder
from activities.repeating import repeating
from activities.replaying import canonical
from activities.store import runs
from activities.store.fold import fold
from activities.store.refused import StoreRefused
from workflows.case.folded import FOLDED
from workflows.case.run import KeepRun
from workflows.core.entry import BrokenChain
from workflows.core.envelope import Envelope
from workflows.core.kinds import ENGINE

if TYPE_CHECKING:
    from activities.store.keys import KeyRing
    from activities.store.pool import Pool
    from activities.store.runs import KeptRun

EVERY_SECONDS = 300.0
"""How long a run that has ended waits at most for being kept, where nothing is in the way."""
SHORTEST_RETENTION = timedelta(hours=24)
"""Below it a weekend's, or even a night's outage of the workers could cost histories."""
SHARE_TO_WARN = 0.25
"""Part of the retention that may pass for a run that is not kept yet, before it is told as a warning."""
_ENDED = "('Completed', 'Failed', 'Canceled', 'Terminated', 'ContinuedAsNew', 'TimedOut')"
_FAILURES = (psycopg.Error, PoolTimeout, StoreRefused, RPCError, ApplicationError, BrokenChain)


class Keeper(NamedTuple):
    """What keeps runs: the store, the recorder of the ledger, and Temporal with the task queue whose cases stand in this ledger."""

    pool: Pool
    keyring: KeyRing
    recorder: Recorder
    client: Client
    task_queue: str

    async def keep(self) -> None:
        """One pass: store each run that has ended and is not kept, the oldest first, then settle what is stored; what fails is told, and tried again.

        Raises:
            RPCError: Temporal does not answer. Others: neither does the store.
        """
        left = [ended for run, ended in await self._waiting() if not await self._store(*run)]
        async with self.pool.connection() as connection:
            unsettled = await runs.unsettled(connection)
        for one in unsettled:
            await self._settle(one)
        retention, now = await self.retention(), datetime.now(UTC)
        # A case whose time is skipped ends in the future.
        age = max(now - min(left, default=now), timedelta())
        share = age / retention if retention else 0.0
        telemetry.runs_unkept(len(left), share)
        if share > SHARE_TO_WARN:
            _log().warning("runs that have ended are not kept", count=len(left), seconds=int(age.total_seconds()))

    async def retention(self) -> timedelta:
        """How long Temporal keeps a run that has ended; nothing where it does not say, which is told in the log."""
        request = DescribeNamespaceRequest(namespace=self.client.namespace)
        try:
            told = await self.client.workflow_service.describe_namespace(request)
        except RPCError as error:
            _log().warning("Temporal does not tell its retention", error_type=type(error).__name__)
            return timedelta()
        return told.config.workflow_execution_retention_ttl.ToTimedelta()

    async def _waiting(self) -> list[tuple[tuple[str, str], datetime]]:
        """The runs (stream, run id) that have ended and are to be kept, with when they ended, the oldest first."""
        query = f"{running.of_cases(self.task_queue)} AND ExecutionStatus IN {_ENDED}"
        ended = {(run.id, run.run_id): run.close_time or run.start_time async for run in self.client.list_workflows(query)}  # fmt: skip
        async with self.pool.connection() as connection:
            wanted = await runs.to_keep(connection, ended)
        return sorted(((run, ended[run]) for run in wanted), key=lambda one: one[1])

    async def _store(self, stream: str, run_id: str) -> bool:
        """Keep the history as it is, unless somebody else was first; False if that failed, which is told."""
        try:
            history = await self.client.get_workflow_handle(stream, run_id=run_id).fetch_history()
            async with self.pool.connection() as connection:
                key = await self.keyring.stream_key(connection, stream)
            sealed = await asyncio.to_thread(lambda: runs.seal_run(canonical(history).encode(), run_id=run_id, key=key))
            async with self.pool.connection() as connection:
                await runs.add(connection, sealed)
        except _FAILURES as error:
            _failed(error, stream, run_id)
            return False
        return True

    async def _settle(self, run: KeptRun) -> None:
        """Record the digest, and have the running workflow take that in; what fails is told, and left to the next pass."""
        try:
            await self._record(run)
            await self._tell(run.stream)
            async with self.pool.connection() as connection:
                await runs.settle(connection, run)
        except _FAILURES as error:
            _failed(error, run.stream, run.run_id)

    async def _record(self, run: KeptRun) -> None:
        async with self.pool.connection() as connection:
            case = await fold(connection, self.keyring, run.stream)
        FOLDED.keep(case)
        told = run._asdict() | {"sha256": run.sha256.hex()}
        command = KeepRun(**{name: told[name] for name in KeepRun.model_fields if name in told})
        envelope = Envelope(command_id=f"run/{run.run_id}", actor=ENGINE, command=command.model_dump(mode="json"))
        recorded = await self.recorder.record(RecordOrder.about(case, envelope, datetime.now(UTC)))
        if recorded.refusal is not None:
            raise ApplicationError(recorded.refusal.code, type=UNAVAILABLE)

    async def _tell(self, stream: str) -> None:
        # Where nothing runs nothing could be behind; whatever begins reads the ledger.
        with running.if_there():
            await self.client.get_workflow_handle(stream).signal(running.CATCH_UP)


@asynccontextmanager
async def keeping(keeper: Keeper, *, every_seconds: float = EVERY_SECONDS) -> AsyncIterator[None]:
    """Keep what has ended every so often while the block lasts; first say if Temporal's retention is too short for that to be sure.

    What fails is reported in the log, and tried again.
    """
    retention = await keeper.retention()
    if timedelta() < retention < SHORTEST_RETENTION:
        _log().warning("Temporal deletes runs too soon", seconds=int(retention.total_seconds()))

    async def once() -> None:
        try:
            await keeper.keep()
        except _FAILURES as error:
            _log().warning("runs that have ended were not looked for", error_type=type(error).__name__)

    async with repeating(once, every_seconds=every_seconds):
        yield


def _failed(error: Exception, stream: str, run_id: str) -> None:
    _log().warning("a run was not kept", error_type=type(error).__name__, stream=stream, run_id=run_id)


def _log() -> structlog.stdlib.BoundLogger:
    found: structlog.stdlib.BoundLogger = structlog.get_logger("offramp.keeping")
    return found
