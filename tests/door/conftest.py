"""Fixtures of the proofs: a door on a database of the test's own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from starter.stack import Stack
from tests.conftest import Database
from tests.door.rig import Door, open_door, settings_for


@pytest.fixture
async def door(stack: Stack, database: Database) -> AsyncIterator[Door]:
    """The product's client on a database and a task queue of this test's own; no worker yet."""
    async with open_door(settings_for(stack, database_url=database.dsn_app, task_queue=database.name)) as opened:
        yield opened


@pytest.fixture
def patch() -> Iterator[pytest.MonkeyPatch]:
    """Changes for this test alone, taken back before the next."""
    with pytest.MonkeyPatch.context() as context:
        yield context
