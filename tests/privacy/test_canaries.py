"""Names, addresses, numbers and free text go into the vault and nowhere else: not in plain, not encoded, not packed."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg import sql
from temporalio.client import Client, WorkflowExecutionStatus

from activities.codec import ENCODING, CaseCodec
from activities.keyring import open_keyring
from activities.settings import load_settings
from activities.store.migrate import migrate
from activities.store.pool import open_pool
from activities.store.vault import read_note
from starter.stack import Ports, Stack
from tests.payloads import data, open_payloads, payloads
from tests.privacy.canaries import CANARIES, everything, found_in, planted_forms
from tests.privacy.life import Said, Terminal, live

CLOSED_PORT = "9"
CHUNK_BYTES, OVERLAP_BYTES = 1 << 24, 4096


class Lived(NamedTuple):
    """What is left once everything is stopped."""

    said: list[Said]
    stream: str
    ids: list[str]
    histories: list[str]
    attributes: list[dict[str, Any]]
    rows: dict[str, str]
    notes: list[str]
    data_dir: Path


async def told_by_temporal(stack: Stack) -> tuple[list[str], list[str], list[dict[str, Any]]]:
    """Ids, histories as JSON with every payload opened beside it, and what each workflow is indexed by."""
    client = await Client.connect(stack.addresses.temporal, namespace=stack.addresses.namespace)
    settings = load_settings(stack.addresses.data_dir)
    pool = await open_pool(settings.database_url, size=1)
    codec = CaseCodec(pool, open_keyring(settings))
    ids, histories, attributes = [], [], []
    async for one in client.list_workflows():
        ids += [one.id, one.run_id]
        handle = client.get_workflow_handle(one.id, run_id=one.run_id)
        written = (await handle.fetch_history()).to_json()
        described = await handle.describe()
        pending = str(described.raw_description)
        readable = json.loads(written)
        assert await open_payloads(readable, codec)
        histories += [written, *(data(one).decode() for one in payloads(readable)), pending]
        own = [key for key in one.search_attributes if not key.startswith(("Build", "Temporal"))]
        attributes.append({"status": one.status, "own": own, "memo": dict(await one.memo())})
    await pool.close()
    return ids, histories, attributes


def rows_of(dsn: str) -> dict[str, str]:
    """Every table of every schema of Offramp, whole, as text."""
    with psycopg.connect(dsn) as connection:
        named = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        return {
            table: "\n".join(
                str(row)
                for (row,) in connection.execute(
                    sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
                )
            )
            for schema, table in named
        }


async def notes_of(stack: Stack, stream: str) -> list[str]:
    """The texts in the vault, opened: the proof that the canaries were planted at all."""
    settings = load_settings(stack.addresses.data_dir)
    pool, keyring = await open_pool(settings.database_url, size=1), open_keyring(settings)
    try:
        async with pool.connection() as connection:
            listed = await (await connection.execute("SELECT note FROM vault WHERE stream = %s", (stream,))).fetchall()
            await connection.commit()
            return [
                await read_note(connection, keyring, note=f"note:{identity}", reader="auditor", purpose="canary_search")
                for (identity,) in listed
            ]
    finally:
        await pool.close()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    """A stack of this module's own, on which canaries were planted; stopped, so that every file is written."""
    import asyncio

    folder = Path(tempfile.mkdtemp(prefix="offramp-privacy-"))
    stack = Stack(folder, ports=Ports.free(), ui=False)
    try:
        addresses = stack.start()
        migrate(addresses.dsn_owner)
        settings = {
            **addresses.settings(), "OFFRAMP_LOG_LEVEL": "debug", "OFFRAMP_SMTP_HOST": "127.0.0.1",
            "OFFRAMP_SMTP_PORT": CLOSED_PORT, "OFFRAMP_SMTP_FROM": "offramp@example.org", "OFFRAMP_SMTP_STARTTLS": "false",
        }  # fmt: skip
        stack.spawn_worker(settings)
        offramp = Terminal(settings)
        stream = live(offramp, tmp_path_factory.mktemp("typed"))
        ids, histories, attributes = asyncio.run(told_by_temporal(stack))
        notes = asyncio.run(notes_of(stack, stream))
        rows = rows_of(addresses.dsn_owner)
        with psycopg.connect(addresses.dsn_admin, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        stack.stop()
        yield Lived(offramp.said, stream, ids, histories, attributes, rows, notes, folder)
    finally:
        stack.stop()
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", CANARIES)
def test_the_search_finds_what_is_hidden(name: str) -> None:
    """A canary is found raw, in UTF-16, in base64 at any alignment, in a gzip member, in JSON and in hexadecimal."""
    assert [name in found_in(sample) for sample in planted_forms(CANARIES[name])] == [True] * 8


def test_the_canaries_are_in_the_vault(lived: Lived) -> None:
    """Every text that was given, also with a refused command, can be opened from the vault: the search is no search in vain."""
    whole = [note for note in lived.notes if all(canary in note for canary in CANARIES.values())]
    assert len(whole) >= 17
    assert everything() in whole


def test_nothing_that_is_printed_repeats_them(lived: Lived) -> None:
    """No answer, refusal or message of the command line repeats what stood in a text, or in a wrong place."""
    leaks = {
        (said.arguments[:3], *found_in(said.printed.encode())) for said in lived.said if found_in(said.printed.encode())
    }
    assert leaks == set()


def test_temporal_knows_none_of_them(lived: Lived) -> None:
    """No history, no opened payload and no pending activity holds one; workflows have no memo, no search attribute, and ids that say nothing."""
    assert len(lived.histories) > 20
    assert found_in("\n".join(lived.histories).encode()) == set()
    assert found_in("\n".join(lived.ids).encode()) == set()
    assert all(one["own"] == [] and one["memo"] == {} for one in lived.attributes)
    assert all(
        one["status"] in {WorkflowExecutionStatus.RUNNING, WorkflowExecutionStatus.COMPLETED}
        for one in lived.attributes
    )


def test_no_table_holds_one(lived: Lived) -> None:
    """No row of any table holds one, and none but the vault was written without being looked at."""
    assert {"entry", "vault", "staff", "inbox", "obligation"} <= set(lived.rows)
    assert {table for table, rows in lived.rows.items() if found_in(rows.encode())} == set()


def files(folder: Path) -> list[Path]:
    """Every regular file below `folder`."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_no_file_holds_one(lived: Lived) -> None:
    """No byte of Temporal's database, of Postgres's files and its write-ahead log, of any log or setting holds one."""
    searched = files(lived.data_dir)
    names = {path.name for path in searched}
    assert "temporal.db" in names
    assert any(path.parent.name == "pg_wal" for path in searched)
    assert any(path.suffix == ".log" and path.stat().st_size for path in searched)
    sealed = {path.name for path in searched if ENCODING in path.read_bytes()}
    assert sealed & {"temporal.db", "temporal.db-wal"}, "what Temporal holds is sealed, and was searched"
    codes = {path.name for path in searched if b"needs_profile" in path.read_bytes()}
    assert not codes & {"temporal.db", "temporal.db-wal"}, "not even codes can be read there"
    leaks = {str(path.relative_to(lived.data_dir)): found for path in searched if (found := in_file(path))}
    assert leaks == {}


def in_file(path: Path) -> set[str]:
    """The canaries in a file, read piece by piece."""
    found: set[str] = set()
    kept = b""
    with path.open("rb") as stream:
        while piece := stream.read(CHUNK_BYTES):
            found |= found_in(kept + piece)
            kept = piece[-OVERLAP_BYTES:]
    return found
