"""The worker's sequencer: entries get their places in the log, a checkpoint of it is signed, and its witnesses are asked, every so often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from activities.repeating import repeating
from activities.store.cosigning import TRUSTS_NOBODY
from activities.store.kept import require_whole
from activities.store.log import seal
from activities.store.lost import require_tail
from activities.store.refused import StoreRefused
from activities.witnessing import ask_witnesses, held_by_witnesses

if TYPE_CHECKING:
    from activities.store.cosigning import Trusted
    from activities.store.erasure import Seal
    from activities.store.escrowing import Escrowing
    from activities.store.kept import KeptCheckpoint
    from activities.store.keys import KeyRing
    from activities.store.pool import Pool
    from activities.store.signing import LogKey

EVERY_SECONDS = 60.0
"""How long an entry waits at most: short enough for a receipt to be sealed soon, long enough that sizes say little of any one act."""
ESCROW_SECONDS = 1.0
"""How long an entry that another process recorded is in the database alone at most; one of this process is written to the escrow at once."""
Stop = Callable[[StoreRefused], None]
"""Told that the ledger under a running worker lost something: nothing more may be served."""


def _serve_on(_gap: StoreRefused) -> None:
    """For whoever serves nothing."""


@asynccontextmanager
async def sealing(
    pool: Pool,
    keyring: KeyRing,
    key: LogKey,
    *,
    trusted: Trusted = TRUSTS_NOBODY,
    kept: KeptCheckpoint | None = None,
    escrow: Escrowing | None = None,
    stop: Stop = _serve_on,
    every_seconds: float = EVERY_SECONDS,
) -> AsyncIterator[Seal]:
    """Seal every so often while the block lasts, keep the checkpoint, and ask the witnesses that are trusted. What fails is reported in the log, and tried again.

    Yields what seals at once, for whoever cannot wait; the witnesses are asked on schedule all the same.

    With an escrow, everything that a checkpoint covers stands there before it is signed, and what waits for one is written there as it comes.

    Raises:
        StoreRefused: the log does not go on from the kept checkpoint, from what a witness holds, or lacks what the escrow holds: then nothing may be served.
    """
    async with AsyncExitStack() as exits:
        held = await held_by_witnesses(trusted, key.verifier)
        async with pool.connection() as connection:
            await require_whole(connection, kept, key.verifier, others=held)
            if escrow is not None:
                await require_tail(connection, escrow.escrow)
        sealer = _Sealer(pool, keyring, key, trusted=trusted, kept=kept, escrow=escrow, stop=stop)
        if escrow is not None:
            await exits.enter_async_context(repeating(partial(_keep_waiting, pool, escrow), every_seconds=0))  # fmt: skip
        await exits.enter_async_context(repeating(sealer.seal_again, every_seconds=every_seconds))
        yield sealer.seal


class _Sealer:
    """Seals once, as often as it is asked."""

    def __init__(
        self, pool: Pool, keyring: KeyRing, key: LogKey, *, trusted: Trusted, kept: KeptCheckpoint | None, escrow: Escrowing | None, stop: Stop
    ) -> None:  # fmt: skip
        self._pool, self._keyring, self._key = pool, keyring, key
        self._trusted, self._kept, self._escrow, self._stop = trusted, kept, escrow, stop
        self._lock = asyncio.Lock()

    async def seal_again(self) -> None:
        """Seal, and ask the witnesses."""
        if not await self.seal():
            return
        try:
            await ask_witnesses(self._pool, self._trusted)
        except (psycopg.Error, PoolTimeout, StoreRefused) as error:
            structlog.get_logger("offramp.sealing").warning("the witnesses were not asked", error_type=type(error).__name__)  # fmt: skip

    async def seal(self) -> bool:
        """Seal; whether all of it was done: signed, kept, and in the escrow. No witness hears of it before the next round, nor so of when something is erased."""
        # One at a time, so that no older checkpoint is kept in the place of a newer one.
        async with self._lock:
            try:
                if not await self._whole():
                    return False
                await self._seal()
            except (psycopg.Error, PoolTimeout, StoreRefused) as error:
                structlog.get_logger("offramp.sealing").warning("the log was not sealed", error_type=type(error).__name__)  # fmt: skip
                return False
            return True

    async def _whole(self) -> bool:
        """Nothing is signed that contradicts what was signed before, whatever stands in the database by now; nor is such a ledger served."""
        if self._kept is None:
            return True
        try:
            async with self._pool.connection() as connection:
                await require_whole(connection, self._kept, self._key.verifier)
        except StoreRefused as gap:
            structlog.get_logger("offramp.sealing").error("the ledger lost what was kept of it")
            self._stop(gap)
            return False
        return True

    async def _seal(self) -> None:
        before = None if self._escrow is None else self._escrow.keep_placed
        sealed = await seal(self._pool, self._keyring, self._key, before_signing=before)
        if sealed is not None and self._escrow is not None:
            await self._escrow.keep_checkpoint(sealed.note)
        if self._kept is not None and sealed is not None:
            self._kept.keep(sealed.note)


async def _keep_waiting(pool: Pool, escrow: Escrowing) -> None:
    await escrow.something_recorded(at_most_seconds=ESCROW_SECONDS)
    try:
        await escrow.keep_waiting(pool)
    except (psycopg.Error, PoolTimeout, StoreRefused) as error:
        structlog.get_logger("offramp.sealing").warning("the escrow was not written", error_type=type(error).__name__)
