"""The worker's sequencer: entries get their places in the log, a checkpoint of it is signed, and its witnesses are asked, every so often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from activities.repeating import repeating
from activities.store.cosigning import TRUSTS_NOBODY
from activities.store.kept import require_whole
from activities.store.log import seal
from activities.store.refused import StoreRefused
from activities.witnessing import ask_witnesses

if TYPE_CHECKING:
    from activities.store.cosigning import Trusted
    from activities.store.kept import KeptCheckpoint
    from activities.store.keys import KeyRing
    from activities.store.pool import Pool
    from activities.store.signing import LogKey

EVERY_SECONDS = 60.0
"""How long an entry waits at most: short enough for a receipt to be sealed soon, long enough that sizes say little of any one act."""


@asynccontextmanager
async def sealing(
    pool: Pool,
    keyring: KeyRing,
    key: LogKey,
    *,
    trusted: Trusted = TRUSTS_NOBODY,
    kept: KeptCheckpoint | None = None,
    every_seconds: float = EVERY_SECONDS,
) -> AsyncIterator[None]:
    """Seal every so often while the block lasts, keep the checkpoint, and ask the witnesses that are trusted. What fails is reported in the log, and tried again.

    Raises:
        StoreRefused: the log does not go on from the kept checkpoint: then nothing may be served.
    """
    if kept is not None:
        async with pool.connection() as connection:
            await require_whole(connection, kept, key.verifier)

    seal_once = partial(_seal, pool, keyring, key, trusted=trusted, kept=kept)
    async with repeating(seal_once, every_seconds=every_seconds):
        yield


async def _seal(pool: Pool, keyring: KeyRing, key: LogKey, *, trusted: Trusted, kept: KeptCheckpoint | None) -> None:
    try:
        if kept is not None:
            # Nothing is signed that contradicts what was signed before, whatever stands in the database by now.
            async with pool.connection() as connection:
                await require_whole(connection, kept, key.verifier)
        sealed = await seal(pool, keyring, key)
        if kept is not None and sealed is not None:
            kept.keep(sealed.note)
        await ask_witnesses(pool, trusted)
    except (psycopg.Error, PoolTimeout, StoreRefused) as error:
        structlog.get_logger("offramp.sealing").warning("the log was not sealed", error_type=type(error).__name__)
