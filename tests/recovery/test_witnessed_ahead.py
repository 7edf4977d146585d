"""A ledger is also measured by what its witnesses hold, where the kept checkpoint is lost or older."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.sealing import sealing
from activities.store import log
from activities.store.kept import KeptCheckpoint
from activities.store.keys import KeyRing
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.witnessing import ask_witnesses, held_by_witnesses
from starter.stack import Stack
from tests.conftest import Database, copied
from tests.store.conftest import keyring, owner, pool
from tests.store.examples import Writer
from tests.store.test_witnessing import Outside, outside

__all__ = ["keyring", "outside", "owner", "pool"]


async def test_a_ledger_behind_its_witness_is_not_served(
    pool: Pool, keyring: KeyRing, outside: Outside, *, database: Database, stack: Stack, tmp_path: Path
) -> None:
    """Though no checkpoint is kept any more, an older copy is found out by the one that a witness cosigned; the ledger itself is served."""
    writer, lost = Writer(pool, keyring), KeptCheckpoint(tmp_path / "lost")
    await writer.write("c1")
    await log.seal(pool, keyring, outside.key)
    await pool.close()
    with copied(stack, database) as older:
        again = await open_pool(database.dsn_app, size=2)
        writer.pool = again
        await writer.write("c2")
        await log.seal(again, keyring, outside.key)
        await ask_witnesses(again, outside.policy)
        async with sealing(again, keyring, outside.key, trusted=outside.policy, kept=lost):
            pass
        await again.close()
        (tmp_path / "lost").unlink(missing_ok=True)
        restored = await open_pool(older.dsn_app, size=2)
        for kept in (lost, None):
            with pytest.raises(StoreRefused, match="the checkpoint that witness ombud cosigned covers 2"):
                async with sealing(restored, KeyRing(keyring.program_key), outside.key, trusted=outside.policy, kept=kept):  # fmt: skip
                    pytest.fail("it was served")
        await restored.close()


async def test_a_witness_that_shows_nothing_of_its_own_stops_nobody(outside: Outside, tmp_path: Path) -> None:
    """What a witness shows counts only if the log and the witness signed it; one that holds nothing, or is away, is passed over."""
    assert await held_by_witnesses(outside.policy, outside.key.verifier) == {}
    outside.state.keep(outside.key.verifier.name, outside.key.sign(9, bytes(32)))
    assert await held_by_witnesses(outside.policy, outside.key.verifier) == {}
    assert not (tmp_path / "checkpoint").exists()
