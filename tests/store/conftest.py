"""What store tests stand on: pools and connections to a test's own database, and a key ring."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from activities.store.signing import LogKey, generate_log_key
from tests.conftest import Database

SYNTHETIC_KEY = bytes(range(32))


@pytest.fixture
def keyring() -> KeyRing:
    """A key ring under a synthetic program key."""
    return KeyRing(ProgramKey(SYNTHETIC_KEY))


@pytest.fixture
def log_key(tmp_path: Path) -> LogKey:
    """The log's key."""
    generate_log_key(tmp_path / "log.key", "test.example/log")
    return LogKey.from_file(tmp_path / "log.key")


@pytest.fixture
async def pool(database: Database) -> AsyncIterator[Pool]:
    """A pool of the application's role."""
    opened = await open_pool(database.dsn_app, size=8)
    yield opened
    await opened.close()


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables."""
    with psycopg.connect(database.dsn_owner, autocommit=True) as connection:
        yield connection
