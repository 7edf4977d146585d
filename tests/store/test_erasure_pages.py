"""What was deleted is gone from the pages of the database too, once nobody can look at it any more; and nobody cuts off another's line of the journal."""

from __future__ import annotations

import asyncio
import base64
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from activities.record import Recorder
from activities.store import erasure
from activities.store.erasure_journal import Erased, Journal
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from starter.cli import run
from starter.stack import Stack
from tests.conftest import Database
from tests.store.conftest import SYNTHETIC_KEY
from tests.store.test_erasure import approve, closed, files_of, found, journal, recorder, settle

__all__ = ["journal", "recorder"]
WRITERS, LINES = 8, 12


@pytest.mark.parametrize(
    "holding", ["BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM key", "BEGIN; LOCK TABLE key IN ROW SHARE MODE"]
)
async def test_a_page_that_somebody_may_still_look_at_is_rewritten_later(
    holding: str, recorder: Recorder, pool: Pool, *, keyring: KeyRing, journal: Journal, database: Database, stack: Stack
) -> None:  # fmt: skip
    """While an older transaction may look at a key, or holds the table, the erasure says that its page is not rewritten, nobody waits for it, and a later round does it."""
    desk, _ = await closed(recorder), await closed(recorder)
    await approve(desk)
    await settle(desk)
    with psycopg.connect(database.dsn_owner) as connection:
        wrapped: dict[str, bytes] = dict(connection.execute("SELECT stream, wrapped FROM key").fetchall())
    with psycopg.connect(database.dsn_owner, autocommit=True) as looking:
        looking.execute(holding.encode())
        async with asyncio.timeout(20):
            (done,) = await erasure.carry_out(pool, keyring, journal)
        async with pool.connection() as connection_of_ours:
            (one,) = await erasure.erasures(connection_of_ours)
        assert (done.stream, one.destroyed_at is None, one.wiped_at) == (desk.case.stream, False, None)

    assert await erasure.carry_out(pool, keyring, journal) == []

    async with pool.connection() as connection_of_ours:
        (one,) = await erasure.erasures(connection_of_ours)
    assert one.wiped_at is not None
    assert found(files_of(stack, database), wrapped.values()) == {
        value for stream, value in wrapped.items() if stream != desk.case.stream
    }


async def test_a_command_on_a_restored_backup_erases_it_first(
    recorder: Recorder, pool: Pool, keyring: KeyRing, *, journal: Journal, database: Database, stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:  # fmt: skip
    """Also where no worker has come up yet, the command line opens nothing that the journal names, and says what it did."""
    desk = await closed(recorder)
    journal.add(Erased(desk.case.stream, desk.case.position, "officer.1", "director.1", datetime.now(UTC)))
    for name, value in {
        **stack.addresses.settings(), "OFFRAMP_DATABASE_URL": database.dsn_app, "OFFRAMP_ERASURE_JOURNAL": str(tmp_path / "erasures.jsonl"),
        "OFFRAMP_KEY_FILE": str(tmp_path / "program.key"),
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    _key_file(tmp_path / "program.key")
    await pool.close()

    with redirect_stderr(io.StringIO()) as said:
        code = await asyncio.to_thread(run, ("case", "show", desk.case.stream))

    assert (code, "erased again (1)" in said.getvalue()) == (3, True), said.getvalue()
    assert "as officer.1 asked and director.1 approved" in said.getvalue()
    with psycopg.connect(database.dsn_owner) as connection:
        assert connection.execute("SELECT count(*) FROM key WHERE stream = %s", (desk.case.stream,)).fetchone() == (0,)


def _key_file(path: Path) -> None:
    path.write_bytes(base64.b64encode(SYNTHETIC_KEY))
    path.chmod(0o600)


def test_those_that_write_at_once_lose_no_line(tmp_path: Path) -> None:
    """Several workers write down erasures in one journal at the same time, and every line stands there once."""
    path = tmp_path / "erasures.jsonl"

    def write(worker: int) -> None:
        for number in range(LINES):
            Journal(path).add(
                Erased(f"case/{worker}-{number}", 7, "officer.1", "director.1", datetime(2026, 1, 5, tzinfo=UTC))
            )

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(write, range(WRITERS)))

    assert sorted(one.stream for one in Journal(path).read()) == sorted(
        f"case/{worker}-{number}" for worker in range(WRITERS) for number in range(LINES)
    )
