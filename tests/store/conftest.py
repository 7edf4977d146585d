"""What store tests stand on: pools and connections to a test's own database, and a key ring."""

from collections.abc import AsyncIterator, Iterator

import psycopg
import pytest

from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from tests.conftest import Database

SYNTHETIC_KEY = bytes(range(32))


@pytest.fixture
def keyring() -> KeyRing:
    """A key ring under a synthetic program key."""
    return KeyRing(ProgramKey(SYNTHETIC_KEY))


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
