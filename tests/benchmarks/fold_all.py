"""Fold every case of a ledger, one after the other, in a process of its own: `python -m tests.benchmarks.fold_all` says how many entries there were."""

from __future__ import annotations

import asyncio
import sys

from activities.keyring import open_keyring
from activities.settings import load_settings
from activities.store.fold import fold
from activities.store.pool import open_pool
from activities.store.walk import streams_in_order


async def fold_all() -> int:
    """Fold each stream from its first entry to its last, verified and opened; how many entries were read."""
    settings = load_settings()
    pool, keyring = await open_pool(settings.database_url, size=1), open_keyring(settings)
    entries = 0
    async with pool.connection() as connection:
        async for stream in streams_in_order(connection):
            entries += (await fold(connection, keyring, stream)).position
            keyring.forget(stream)
    await pool.close()
    return entries


if __name__ == "__main__":
    sys.stdout.write(f"{asyncio.run(fold_all())}\n")
