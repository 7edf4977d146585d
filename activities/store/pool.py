"""The pool of connections to the ledger's database, and what is demanded of its server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, AsyncRawCursor, AsyncTransaction
from psycopg_pool import AsyncConnectionPool

from activities.store.refused import StoreRefused
from activities.store.statements import sql

Connection = AsyncConnection[Any]
Pool = AsyncConnectionPool[Connection]
OLDEST_SERVER = 160000
_CONNECT_TIMEOUT_SECONDS = 5
_RECONNECT_SECONDS = 2.0
"""How long the pool tries by itself before it waits for the next caller: its own pauses double, and would outlast an outage."""
_UNREACHABLE_CURE = "Start it (offramp up), or correct the address in OFFRAMP_DATABASE_URL."


async def open_pool(dsn: str, *, size: int = 10, timeout_seconds: float = 10.0) -> Pool:
    """An open pool of up to `size` connections: UTC, synchronous commits, every statement prepared at its first use.

    The connections are in autocommit mode: what belongs together stands in `transaction` (or psycopg's `connection.transaction()`).
    `timeout_seconds` is how long a caller waits for a free connection.

    Raises:
        StoreRefused: the server cannot be reached, or is set so that a committed answer could be lost (see `check_server`).
    """
    try:
        async with await AsyncConnection.connect(
            dsn, autocommit=True, connect_timeout=_CONNECT_TIMEOUT_SECONDS
        ) as connection:
            await check_server(connection)
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        what = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreRefused(f"the ledger's database cannot be reached: {what}", _UNREACHABLE_CURE) from error
    pool: Pool = AsyncConnectionPool(
        dsn,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "connect_timeout": _CONNECT_TIMEOUT_SECONDS,
            "application_name": "offramp",
        },
        min_size=1,
        max_size=size,
        timeout=timeout_seconds,
        reconnect_timeout=_RECONNECT_SECONDS,
        configure=_configure,
        open=False,
    )
    await pool.open()
    return pool


async def _configure(connection: Connection) -> None:
    # A stronger setting of the server, which waits for a standby's own flush or apply, is kept.
    await connection.execute(b"SET TIME ZONE 'UTC'")
    await connection.execute(sql("commit_synchronously"))


async def check_server(connection: Connection) -> None:
    """Refuse a server on which a receipt would be no promise: a committed answer must outlive a power cut.

    Raises:
        StoreRefused: fsync, full_page_writes, synchronous_commit or data checksums are off, or the server is older than Postgres 16.
    """
    row = await (await AsyncRawCursor(connection).execute(sql("server_settings"))).fetchone()
    version, *settings = row if row is not None else (0,)
    if version < OLDEST_SERVER:
        raise StoreRefused(f"the server is Postgres {version // 10000}", "Upgrade it to Postgres 16 or newer.")
    weak = [name for name, value in zip(_CURES, settings, strict=True) if value == "off"]
    if weak:
        what = f"the server runs with {', '.join(f'{name} = off' for name in weak)}"
        raise StoreRefused(
            f"{what}: an acknowledged entry could be lost or spoiled", " ".join(_CURES[name] for name in weak)
        )


_CURES = {
    "fsync": "Set fsync = on in postgresql.conf and restart the server.",
    "full_page_writes": "Set full_page_writes = on in postgresql.conf and reload the server.",
    "synchronous_commit": "Set synchronous_commit = on for the server, the database and the role offramp_app.",
    "data_checksums": "Stop the server and run pg_checksums --enable on its data directory.",
}
"""Setting (in the order of sql/server_settings.sql) → what to do where it is off."""


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """A connection inside one transaction and one pipeline: statements travel together, and COMMIT with the last of them.

    Nothing waits for an answer until a row is fetched, so an error of a statement may surface at the end of the block. When the block
    ends without an exception the transaction is committed; otherwise it is rolled back and the exception goes on.

    Raises:
        psycopg.Error: a statement or the commit failed; after a lost connection it is unknown whether the commit took place.
        psycopg_pool.PoolTimeout: no connection was to be had in time.
    """
    try:
        # Not `connection.transaction()`: within a pipeline it waits for the server at both its ends.
        async with pool.connection() as connection, connection.pipeline(), AsyncTransaction(connection):
            yield connection
    except psycopg.errors.PipelineAborted as aborted:
        # Said of a statement, or of COMMIT, behind the one that failed: what that one said stands behind it.
        first = aborted.__context__
        raise first if isinstance(first, psycopg.Error) else aborted from None
