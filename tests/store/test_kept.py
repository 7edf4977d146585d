"""A ledger that lost something is not served until it is whole, or until two people go on without; and that stays on record."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from activities.sealing import sealing
from activities.store.kept import KeptCheckpoint, declare, discontinuities, lag, require_whole
from activities.store.keys import KeyRing
from activities.store.log import seal
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from starter.stack import Stack
from tests.conftest import Database, copied
from tests.store.examples import Writer
from workflows.core.checkpoint import parse_note

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def kept(tmp_path: Path) -> KeptCheckpoint:
    """A place for the checkpoint, empty."""
    return KeptCheckpoint(tmp_path / "checkpoint")


async def sealed(pool: Pool, keyring: KeyRing, key: LogKey, kept: KeptCheckpoint) -> None:
    """Seal, and keep the checkpoint."""
    made = await seal(pool, keyring, key)
    assert made is not None
    kept.keep(made.note)


async def test_a_log_that_goes_on_is_whole(pool: Pool, keyring: KeyRing, log_key: LogKey, kept: KeptCheckpoint) -> None:
    """Before the first checkpoint, at it, and with entries behind it, nothing is missing; and nobody can declare that something were."""
    writer = Writer(pool, keyring)
    async with pool.connection() as connection:
        await require_whole(connection, kept, log_key.verifier)
        await writer.write("c1")
        await sealed(pool, keyring, log_key, kept)
        await writer.write("c2")
        await seal(pool, keyring, log_key)
        await require_whole(connection, kept, log_key.verifier)
        with pytest.raises(StoreRefused, match="nothing is missing"):
            await declare(connection, kept, log_key, declared_by="sofia", approved_by="omar", at=NOW)


async def test_an_older_copy_is_not_served_until_two_people_go_on_without_what_is_lost(
    pool: Pool, keyring: KeyRing, log_key: LogKey, kept: KeptCheckpoint, *, database: Database, stack: Stack, tmp_path: Path
) -> None:  # fmt: skip
    """The gap is named in entries; one person cannot pass over it; two can, signed and for good, and the evidence is put aside."""
    writer = Writer(pool, keyring)
    for number in range(3):
        await writer.write(f"c{number}")
    await sealed(pool, keyring, log_key, kept)
    await pool.close()
    with copied(stack, database) as older:
        again = await open_pool(database.dsn_app, size=2)
        writer.pool = again
        for number in range(3, 5):
            await writer.write(f"c{number}")
        await sealed(again, keyring, log_key, kept)
        await again.close()

        restored = await open_pool(older.dsn_app, size=2)
        with pytest.raises(StoreRefused, match="has 3 entries, and the checkpoint that was kept outside covers 5: the last 2 are missing"):  # fmt: skip
            async with sealing(restored, KeyRing(keyring.program_key), log_key, kept=kept):
                pytest.fail("it was served")
        async with restored.connection() as connection:
            with pytest.raises(StoreRefused, match="takes two people"):
                await declare(connection, kept, log_key, declared_by="sofia", approved_by="sofia", at=NOW)
            made = await declare(connection, kept, log_key, declared_by="sofia", approved_by="omar", at=NOW)
            assert await discontinuities(connection) == [made]
            assert (made.kept, made.now) == (5, 3)
            assert log_key.verifier.verified(parse_note(made.note))
            await require_whole(connection, kept, log_key.verifier)
        async with sealing(restored, KeyRing(keyring.program_key), log_key, kept=kept):
            pass
        assert (tmp_path / "checkpoint.lost-5").exists()
        with psycopg.connect(older.dsn_owner, autocommit=True) as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):  # fmt: skip
            owner.execute("DELETE FROM discontinuity")
        await restored.close()


async def test_another_log_of_the_same_length_is_found_out(
    pool: Pool, keyring: KeyRing, log_key: LogKey, kept: KeptCheckpoint, *, database: Database, stack: Stack
) -> None:
    """An older copy that went on by itself has as many entries, and is not the log of which the checkpoint speaks."""
    writer = Writer(pool, keyring)
    await writer.write("c1")
    await seal(pool, keyring, log_key)
    await pool.close()
    with copied(stack, database) as older:
        for dsn, text in ((database.dsn_app, "c2"), (older.dsn_app, "another")):
            opened = await open_pool(dsn, size=2)
            writer.pool = opened
            await writer.write(text)
            made = await seal(opened, keyring, log_key)
            assert made is not None
            if dsn == database.dsn_app:
                kept.keep(made.note)
            await opened.close()
        restored = await open_pool(older.dsn_app, size=2)
        async with restored.connection() as connection:
            found = kept.read(log_key.verifier)
            assert found is not None
            gap = await lag(connection, found)
        await restored.close()

    assert gap is not None
    assert (gap.kept, gap.now) == (2, 2)
    assert "another than the one" in gap.what


def test_a_checkpoint_that_is_not_the_logs_own_is_refused(log_key: LogKey, kept: KeptCheckpoint, tmp_path: Path) -> None:  # fmt: skip
    """What somebody else signed, or nobody, is not taken for what was kept."""
    generate_log_key(tmp_path / "other.key", "test.example/log")
    kept.keep(str(LogKey.from_file(tmp_path / "other.key").sign(3, bytes(32))))
    with pytest.raises(StoreRefused, match="does not bear the signature"):
        kept.read(log_key.verifier)
    (tmp_path / "checkpoint").write_text("nothing\n", encoding="utf-8")
    with pytest.raises(StoreRefused, match="cannot be read"):
        kept.read(log_key.verifier)
