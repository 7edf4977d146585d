"""What an erasure must reach does not stand in the planner's statistics, into which Postgres copies a sample of every column by itself."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from activities.store.keys import KeyRing
from activities.store.pool import Pool
from starter.stack import Stack
from tests.conftest import Database
from tests.store.examples import Writer

CASES = 60
"""More than autovacuum needs to look at a table by itself."""
SAMPLED = """
SELECT c.relname, a.attname, s.*::text FROM pg_statistic s
JOIN pg_attribute a ON a.attrelid = s.starelid AND a.attnum = s.staattnum
JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'
"""


@pytest.fixture
def superuser(stack: Stack, database: Database) -> Iterator[psycopg.Connection]:
    """Somebody who sees all statistics."""
    with psycopg.connect(stack.addresses.dsn_admin, dbname=database.name, autocommit=True) as connection:
        yield connection


async def test_no_key_stands_in_the_statistics(superuser: psycopg.Connection, pool: Pool, keyring: KeyRing) -> None:
    """Sixty keys, analyzed: neither what is wrapped nor what is sealed was sampled, and what is sampled shows none of it."""
    for _ in range(CASES):
        await Writer(pool, keyring).write("c1")
    superuser.execute("ANALYZE")
    wrapped = {bytes(one).hex() for (one,) in superuser.execute("SELECT wrapped FROM key")}
    sampled = superuser.execute(SAMPLED).fetchall()

    assert len(wrapped) >= CASES
    assert ("key", "stream") in {(table, column) for table, column, _ in sampled}
    assert not {("key", "wrapped"), ("key", "commitment"), ("entry", "body")} & {
        (table, column) for table, column, _ in sampled
    }
    assert [column for _, column, told in sampled if any(one in told for one in wrapped)] == []


def test_no_column_that_is_sealed_is_sampled(superuser: psycopg.Connection) -> None:
    """Every column whose values an erasure destroys is out of the sample, also one that is added later: bytes are sampled only where they are digests."""
    rows = superuser.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'bytea'::regtype AND a.attnum > 0"
        " AND a.attstattarget IS DISTINCT FROM 0"
    ).fetchall()

    assert {column for _, column in rows} <= {"prev", "hash", "head", "root", "kept_root", "now_root", "sha256"}
