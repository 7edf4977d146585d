"""A worker that is killed at any step of an erasure leaves nothing half erased for long, and nothing that a restored backup would bring back."""

from __future__ import annotations

import asyncio
import json

import psycopg
import pytest

from activities.erasing import erasing, histories
from activities.store import erasure
from activities.store.erasure_journal import Journal
from activities.store.keys import KeyRing, RecordErased
from starter.client import CaseErased
from starter.stack import Stack, workers
from starter.stack.problem import StackError
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import ENTRY, ROOT, Door, ended, until
from tests.door.worker_entry import STEPS
from tests.store.test_erasure import files_of, found

pytestmark = pytest.mark.long
DESTROYED = {"key destroyed", "pages rewritten", "pages on record as rewritten", "histories deleted"}
"""Steps behind which the key is gone already when the worker dies."""


async def killed(stack: Stack, door: Door, journal: str, step: str) -> None:
    """Run a worker until it kills itself at that step, be it while it starts or later."""
    env = {
        "OFFRAMP_DATABASE_URL": door.settings.database_url, "OFFRAMP_TASK_QUEUE": door.settings.task_queue, "OFFRAMP_ERASURE_JOURNAL": journal,
        "PYTHONPATH": str(ROOT), "DOOR_POWERS": json.dumps({"die_in_erasure": step, "erase_every_seconds": 1}),
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "WORKER", ENTRY)
        try:
            process = await asyncio.to_thread(stack.spawn_worker, env)
        except StackError:
            return  # It was dead before it could say that it polls.
    await ended(process)


@pytest.mark.parametrize("step", STEPS)
async def test_a_kill_at_any_step_is_made_good(
    door: Door, step: str, stack: Stack, *, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whoever comes next finishes: the journal names the case once, key, pages and histories are gone, and the other case is as it was."""
    file = tmp_path_factory.mktemp("journal") / "erasures.jsonl"
    async with door.worker():
        stream, other = await door.opened(), await door.opened()
        for actor, command in [*commands.leave(), *commands.forget()]:
            await door.client.submit(stream, actor=actor, command=command)
        await door.handle(stream).result()
    with psycopg.connect(database.dsn_owner) as connection:
        wrapped: dict[str, bytes] = dict(connection.execute("SELECT stream, wrapped FROM key").fetchall())

    await killed(stack, door, str(file), step)

    async with door.pool.connection() as connection_of_ours:
        gone = await erasure.is_destroyed(connection_of_ours, stream)
    assert gone == (step in DESTROYED), "it was killed elsewhere"
    assert not gone or [one.stream for one in Journal(file).read()] == [stream], "destroyed, and not written down"
    fresh = KeyRing(door.keyring.program_key)

    async def over() -> bool:
        async with door.pool.connection() as connection:
            (one,) = await erasure.erasures(connection)
        return bool(one.destroyed_at and one.wiped_at and one.forgotten_at)

    forget = histories(door.client.temporal)
    async with erasing(door.pool, fresh, journal=Journal(file), forget=forget, every_seconds=0.2):
        await until(over)
    assert [one.stream for one in Journal(file).read()] == [stream]
    assert found(files_of(stack, database), wrapped.values()) == {
        held for one, held in wrapped.items() if one != stream
    }
    async with door.pool.connection() as connection_of_ours:
        with pytest.raises(RecordErased):
            await fresh.stream_key(connection_of_ours, stream)
        assert (await fresh.stream_key(connection_of_ours, other)).stream == other
    with pytest.raises(CaseErased):
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
