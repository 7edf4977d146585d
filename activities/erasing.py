"""The worker's eraser: keys are destroyed once nothing is owed, and what this process and Temporal still know of erased records goes too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg_pool import PoolTimeout
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from activities import running
from activities.repeating import repeating
from activities.store import erasure
from activities.store.refused import StoreRefused

if TYPE_CHECKING:
    from activities.store.erasure_journal import Journal
    from activities.store.escrowing import Escrowing
    from activities.store.keys import KeyRing
    from activities.store.pool import Pool

EVERY_SECONDS = 30.0
"""How long a record whose erasure is decided and of which nothing is owed waits at most for its key to be destroyed, and a process to forget it."""
_NOBODY_ANSWERS = {RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED}
ForgetHistories = Callable[[str], Awaitable[bool]]
"""Has Temporal forget the closed runs of a case; True once it knows of none."""


@asynccontextmanager
async def erasing(
    pool: Pool,
    keyring: KeyRing,
    *,
    journal: Journal | None,
    forget: ForgetHistories,
    escrow: Escrowing | None = None,
    seal: erasure.Seal | None = None,
    every_seconds: float = EVERY_SECONDS,
) -> AsyncIterator[None]:
    """First destroy again what a restored backup brought back, then erase every so often while the block lasts.

    Without a journal no key is destroyed: what waits is told in the log, each time. What fails is told too, and tried again.

    Raises:
        StoreRefused: what the journal says was erased cannot be erased again: then nothing may be served.
    """
    if journal is not None:
        await _erase_again(pool, keyring, journal, escrow=escrow)
    erase_once = partial(_erase, pool, keyring, journal, forget, escrow=escrow, seal=seal)
    async with repeating(erase_once, every_seconds=every_seconds):
        yield


async def _erase(
    pool: Pool, keyring: KeyRing, journal: Journal | None, forget: ForgetHistories, *, escrow: Escrowing | None, seal: erasure.Seal | None
) -> None:  # fmt: skip
    log = structlog.get_logger("offramp.erasing")
    try:
        if journal is not None:
            # Also while this process runs the database may be replaced by a backup of it.
            await _erase_again(pool, keyring, journal, escrow=escrow)
            if done := await erasure.carry_out(pool, keyring, journal, escrow=escrow, seal=seal):
                log.info("records erased, and dropped from memory", count=len(done))
        await _forget(pool, keyring, forget, without_journal=journal is None)
    except (psycopg.Error, PoolTimeout, StoreRefused, RPCError) as error:
        log.warning("what was to be erased is still there", error_type=type(error).__name__)


async def _erase_again(pool: Pool, keyring: KeyRing, journal: Journal, *, escrow: Escrowing | None) -> None:
    if again := await erasure.erase_again(pool, keyring, journal, escrow=escrow):
        structlog.get_logger("offramp.erasing").warning("a restored backup was erased again", count=len(again))


async def _forget(pool: Pool, keyring: KeyRing, forget: ForgetHistories, *, without_journal: bool) -> None:
    async with pool.connection() as connection:
        every = await erasure.erasures(connection)
        # Another worker may have destroyed the key: every process forgets for itself, and forgetting twice costs nothing.
        if known := erasure.forget(keyring, [one.stream for one in every if one.destroyed_at is not None]):
            structlog.get_logger("offramp.erasing").info("erased records dropped from memory", count=known)
        if without_journal and any(one.destroyed_at is None for one in every):
            structlog.get_logger("offramp.erasing").warning("erasures wait: no OFFRAMP_ERASURE_JOURNAL is set")
    for stream in [one.stream for one in every if one.destroyed_at is not None and one.forgotten_at is None]:
        try:
            gone = await forget(stream)
        except RPCError as error:
            if error.status in _NOBODY_ANSWERS:
                raise
            # Whatever keeps one history keeps no other.
            structlog.get_logger("offramp.erasing").warning("a history was not deleted", stream=stream, error_type=type(error).__name__)  # fmt: skip
        else:
            if gone:
                async with pool.connection() as connection:
                    await erasure.forgotten(connection, stream)


def histories(client: Client) -> ForgetHistories:
    """Have Temporal delete the closed runs of a case by its own means, which needs no retention to pass."""

    async def forget(stream: str) -> bool:
        none = True
        async for run in running.listed(client, f"WorkflowId = '{stream}'"):
            none, run_id = False, run.execution.run_id
            if run.status in running.GOES_ON:
                with running.if_there():
                    handle = client.get_workflow_handle(stream, run_id=run_id)
                    await handle.terminate("the record of this case was erased")
                # To be deleted the next time: right behind its end the server would take thirty seconds for each, one after another (seen with 1.32).
                continue
            request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=run.execution)
            with running.if_there():
                await client.workflow_service.delete_workflow_execution(request)
        return none

    return forget
