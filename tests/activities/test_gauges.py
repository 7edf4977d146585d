"""What is measured by looking, on a real Postgres and by a real scrape."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from activities import gauges, telemetry
from activities.store.pool import Pool, open_pool
from tests.activities.examples import STREAM, settings
from tests.activities.receiver import wait_until
from tests.conftest import Database

OPEN = """
INSERT INTO obligation (stream, key, opened_at, kind, owner, due, derivation, outcome, climbed, silent, position)
VALUES (%s, %s, now() - interval '9 days', 'check_in', 'supervisor', now() + %s::interval, '', 'stays_open', 0, false, 1)
"""


async def owe(pool: Pool, **due: str) -> None:
    async with pool.connection() as connection:
        for key, when in due.items():
            await connection.execute(OPEN, (STREAM, key, when))


async def meet_everything(pool: Pool) -> None:
    async with pool.connection() as connection:
        await connection.execute("UPDATE obligation SET closed_at = now()")


def scraped(address: str, name: str = 'offramp_obligations_due{.*kind="check_in".*}') -> int | None:
    page = httpx.get(f"http://{address}/metrics", trust_env=False).text
    found = re.search(rf"^{name} (\d+)$", page, flags=re.MULTILINE)
    return int(found[1]) if found else None


ORPHANED = "offramp_orphaned_obligations(?:{.*})?"
HIRED = "INSERT INTO staff (person, valid_from, roles, language, channel) VALUES ('omar', now() - interval '1 day', '{supervisor}', 'en', 'inbox')"


class Measured(NamedTuple):
    """A pool of connections, and where the worker's figures are scraped."""

    pool: Pool
    address: str


@pytest.fixture
async def measured(database: Database, tmp_path: Path) -> AsyncIterator[Measured]:
    """A worker's telemetry at a free port, until the test ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    pool = await open_pool(database.dsn_app, size=2)
    told = telemetry.configure(settings(tmp_path, metrics_address=address), service="worker")
    try:
        yield Measured(pool, address)
    finally:
        told.shutdown()
        await pool.close()


async def test_overdue_obligations_are_seen_and_seen_to_be_met(measured: Measured) -> None:
    """The gauge counts what is overdue and not what is merely owed, and falls to zero once all is met."""
    pool, address = measured
    await owe(pool, one="-1 day", two="-1 hour", three="1 day")
    async with gauges.watching(pool, every_seconds=0.05):
        await asyncio.to_thread(wait_until, lambda: scraped(address) == 2)
        await meet_everything(pool)
        await asyncio.to_thread(wait_until, lambda: scraped(address) == 0)


async def test_what_nobody_who_is_here_owes_is_seen(measured: Measured) -> None:
    """The gauge counts what a role owes that nobody holds, and falls to zero once somebody does."""
    pool, address = measured
    await owe(pool, one="1 day", two="2 days")
    async with gauges.watching(pool, every_seconds=0.05):
        await asyncio.to_thread(wait_until, lambda: scraped(address, ORPHANED) == 2)
        async with pool.connection() as connection:
            await connection.execute(HIRED)
        await asyncio.to_thread(wait_until, lambda: scraped(address, ORPHANED) == 0)


async def test_a_database_that_is_away_is_reported_and_looked_at_again(database: Database, tmp_path: Path) -> None:
    """Looking never ends a worker: a database that is away is a line in the log."""
    seen: list[str] = []
    pool = await open_pool(database.dsn_app, size=1)
    await pool.close()
    told = telemetry.configure(settings(tmp_path, log_format="json"), service="worker")
    handler = _Keeping(seen)
    logging.getLogger().addHandler(handler)
    try:
        async with gauges.watching(pool, every_seconds=0.01):
            await asyncio.to_thread(wait_until, lambda: len(seen) >= 2)
    finally:
        logging.getLogger().removeHandler(handler)
        told.shutdown()

    assert all("overdue obligations not counted" in line for line in seen)


class _Keeping(logging.Handler):
    def __init__(self, seen: list[str]) -> None:
        super().__init__()
        self._seen = seen

    def emit(self, record: logging.LogRecord) -> None:
        self._seen.append(record.getMessage())
