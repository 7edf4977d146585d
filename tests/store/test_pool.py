"""The pool: no server on which a receipt would be worth nothing, and sessions that all speak alike."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import PoolTimeout

from activities.store.migrate import migrate
from activities.store.pool import OLDEST_SERVER, Pool, check_server, open_pool
from activities.store.refused import StoreRefused
from starter.stack import Ports
from starter.stack.directory import Directory
from starter.stack.postgres import SETTINGS, Postgres
from starter.stack.processes import Child, group_of
from tests.conftest import Database

WEAK = ("fsync", "full_page_writes", "synchronous_commit", "data_checksums")


class Server:
    """A Postgres of one test's own, which it starts and stops."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self.postgres = Postgres(directory, port=Ports.free().postgres)
        self.postgres._initialise()
        self._children: list[Child] = []

    @property
    def dsn(self) -> str:
        return self.postgres.dsn("postgres", self._directory.secrets().postgres, "postgres")

    def start(self) -> None:
        self.postgres.start(self._children.append)

    def stop(self) -> None:
        while self._children:
            self._children.pop().stop()


@pytest.fixture
def server(data_dir: Path) -> Iterator[Server]:
    directory = Directory(data_dir)
    directory.take()
    own = Server(directory)
    yield own
    own.stop()
    directory.release()


@pytest.fixture
def weak_server(server: Server, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Postgres with everything switched off that makes a commit last; its address."""
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        monkeypatch.setitem(SETTINGS, name, "off")
    user = server.postgres._user
    disable = [str(server.postgres._binaries / "pg_checksums"), "--disable", "-D", str(data_dir / "postgres")]
    subprocess.run(disable, check=True, capture_output=True, timeout=60, cwd="/", user=user, group=group_of(user))
    server.start()
    return server.dsn


async def answers(pool: Pool) -> bool:
    try:
        async with pool.connection(timeout=0.5) as connection:
            await connection.execute(b"SELECT 1")
    except (psycopg.OperationalError, PoolTimeout):
        return False
    return True


async def answering(pool: Pool, *, seconds: float) -> bool:
    """Whether the pool answers within so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        if await answers(pool):
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.05)


async def test_the_pool_comes_back_soon_after_the_server(server: Server) -> None:
    """After an outage of some seconds the ledger answers within a few seconds of the server's return."""
    server.start()
    pool = await open_pool(server.dsn, size=2)
    try:
        assert await answers(pool)
        server.stop()
        assert not await answering(pool, seconds=6)
        server.start()
        assert await answering(pool, seconds=4)
    finally:
        await pool.close()


async def test_a_server_that_may_forget_is_refused(weak_server: str) -> None:
    """Start-up refuses a server that would lose or spoil acknowledged entries, naming each setting and its cure."""
    with pytest.raises(StoreRefused) as refused:
        await open_pool(weak_server)

    assert [name for name in WEAK if f"{name} = off" not in refused.value.what] == []
    assert [name for name in WEAK if name.removeprefix("data_") not in refused.value.cure] == []


def test_migrating_needs_the_role_of_the_application(weak_server: str) -> None:
    """On a server without the application's role nothing is migrated, and the statement that makes the role is told."""
    with pytest.raises(StoreRefused, match="offramp_app") as refused:
        migrate(weak_server)

    assert "CREATE ROLE offramp_app" in refused.value.cure


async def test_a_role_that_may_forget_is_refused(database: Database) -> None:
    """A role or session whose commits do not wait for the disk is refused too, on the best of servers."""
    with pytest.raises(StoreRefused, match="synchronous_commit = off"):
        await open_pool(f"{database.dsn_app} options='-c synchronous_commit=off'")


async def test_an_unreachable_server_is_refused_in_words() -> None:
    """A server that does not answer is named with what to do, not with a traceback."""
    with pytest.raises(StoreRefused, match="cannot be reached") as refused:
        await open_pool("host=127.0.0.1 port=1 dbname=offramp")

    assert "offramp up" in refused.value.cure


async def test_an_address_that_is_none_is_refused_without_showing_it() -> None:
    """An address that cannot be read is refused, and its password is not repeated."""
    with pytest.raises(StoreRefused) as refused:
        await open_pool("postgresql://u:topsecret@127.0.0.1:notaport/x")

    assert "topsecret" not in str(refused.value)


async def test_a_good_server_passes_and_sessions_speak_alike(pool: Pool) -> None:
    """The embedded server holds what is demanded; every session commits synchronously and speaks UTC."""
    async with pool.connection() as connection:
        await check_server(connection)
        shown = [
            await (await connection.execute(f"SHOW {name}".encode())).fetchone()
            for name in ("synchronous_commit", "TimeZone")
        ]
        version = connection.info.server_version

    assert shown == [("on",), ("UTC",)]
    assert version >= OLDEST_SERVER
