"""What one command reads of the ledger does not grow with the stream, whatever the planner knew when the statements were prepared."""

import json

import psycopg
import pytest
from psycopg import sql as text

from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.statements import sql
from tests.store.examples import Writer

ENTRIES = 700
FEW_PAGES = 20
OPEN = """
INSERT INTO obligation (stream, key, position, kind, owner, opened_at, due, derivation, outcome, climbed, silent)
SELECT %s, 'check_in/' || n, n, 'check_in', 'lead', now(), now(), '', 'stays_open', 0, false FROM generate_series(%s::int, %s::int) AS n
"""
CLOSE = "UPDATE obligation SET closed_at = now() WHERE position < 2000"
MOVED = '[{"key": "check_in/2000", "owner": "lead", "climbed": 1, "silent": false, "due": "2026-01-05T09:00:00Z", "derivation": "1 week later"}]'
CASE_ARGUMENTS = """
    {}, 'p', '1', 'intake', now(), 'high', 'lena', 401, decode(repeat('00', 32), 'hex'), now(), NULL, NULL, now(), NULL,
    'lena', false, false, false, 401, {}, '[]'
"""


@pytest.fixture
async def writer(pool: Pool, keyring: KeyRing) -> Writer:
    """A stream with its first entry."""
    one = Writer(pool, keyring)
    await one.write("first")
    return one


def prepare(owner: psycopg.Connection, name: str, arguments: text.Composable) -> None:
    """Prepare and plan a statement for good with what the planner knows now, as a worker's connection does soon after its start."""
    owner.execute("SET plan_cache_mode = force_generic_plan")
    owner.execute(f"PREPARE {name} AS ".encode() + sql(name))
    pages_read(owner, name, arguments)


def pages_read(owner: psycopg.Connection, name: str, arguments: text.Composable) -> int:
    """Pages that the statement touches."""
    statement = text.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE {} ({})").format(
        text.Identifier(name), arguments
    )
    row = owner.execute(statement).fetchone()
    assert row is not None
    plan = row[0] if isinstance(row[0], list) else json.loads(row[0])
    # What a WITH changes is done after the main part, and is not in its count.
    parts = [plan[0]["Plan"], *(part for part in plan[0]["Plan"].get("Plans", ()) if "Subplan Name" in part)]
    return sum(int(part["Shared Hit Blocks"]) + int(part["Shared Read Blocks"]) for part in parts)


@pytest.mark.parametrize("analyzed", [False, True])
async def test_taking_a_stream_reads_its_end_alone(owner: psycopg.Connection, writer: Writer, analyzed: bool) -> None:
    """A long stream costs a command no more pages than a short one, with a plan made on the empty table or with fresh statistics."""
    prepare(owner, "stream_tail", text.SQL("{}, 1, 'a-new-one'").format(writer.stream))
    for number in range(ENTRIES):
        await writer.write(f"c{number}")
    if analyzed:
        owner.execute("ANALYZE entry")

    arguments = text.SQL("{}, {}, {}").format(writer.stream, ENTRIES + 1, "a-new-one")

    assert pages_read(owner, "stream_tail", arguments) < FEW_PAGES


@pytest.mark.parametrize("analyzed", [False, True])
def test_what_was_closed_long_ago_is_not_read(owner: psycopg.Connection, analyzed: bool) -> None:
    """A case with thousands of obligations behind it costs a command no more pages than a young one."""
    stream = "case/00000000-0000-4000-8000-000000000001"
    arguments = text.SQL(CASE_ARGUMENTS).format(stream, MOVED)
    owner.execute(OPEN, (stream, 1, 3))
    prepare(owner, "case_put", arguments)
    owner.execute(OPEN, (stream, 4, 2000))
    owner.execute(CLOSE)
    if analyzed:
        owner.execute("ANALYZE obligation")

    pages = pages_read(owner, "case_put", arguments)

    assert pages < FEW_PAGES
    row = owner.execute("SELECT climbed FROM obligation WHERE key = 'check_in/2000'").fetchone()
    assert row == (1,)
