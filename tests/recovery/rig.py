"""A world that loses things: cases on a real Temporal and a real Postgres, backups at random moments, a disaster, and what clients hold as receipts."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import random
import secrets
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from temporalio import client as temporal

import worker
from activities.codec import CaseCodec
from activities.erasing import erasing, histories
from activities.keyring import open_keyring
from activities.sealing import sealing
from activities.settings import Settings, load_settings
from activities.store import vault
from activities.store.erasure_journal import Journal
from activities.store.escrow import Escrow
from activities.store.escrowing import Escrowing
from activities.store.kept import KeptCheckpoint
from activities.store.keys import generate_key_file
from activities.store.log import size
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from starter.cli import run as command_line
from starter.client import Client, RefusedAnswer
from starter.stack import Stack
from starter.stack.postgres import APP_ROLE, OWNER_ROLE
from tests.conftest import TEMPLATE
from tests.door import commands
from tests.door.rig import Door, prepare, until
from workflows import wire
from workflows.core.receipt import Receipt

Kind = Literal["ledger", "temporal", "both", "keys"]
Escrowed = Literal["whole", "torn", "gone"]
SECRET = "a word that only the person knows"
DEADLINE_SECONDS = 60


@dataclass
class Answered:
    """What the command line came to: its exit code, what it answered, and what it said beside that."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output as JSON."""
        return json.loads(self.out)


@dataclass
class Backup:
    """What was set aside at a moment: a copy of the ledger's database, of Temporal's file, and how many leaves the log had."""

    database: str = ""
    temporal: Path | None = None
    leaves: int = 0


@dataclass
class World:
    """One run: its stack, its own database, its folder, and what its clients hold."""

    stack: Stack
    folder: Path
    random: random.Random
    database: str
    receipts: list[Receipt] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    written: dict[str, Receipt] = field(default_factory=dict)
    cases: list[str] = field(default_factory=list)
    erased: set[str] = field(default_factory=set)
    backup: Backup = field(default_factory=Backup)
    databases: list[str] = field(default_factory=list)
    sealed_every: float = 0.2

    def dsn(self, role: str = "app") -> str:
        """The database as it is now, for a role."""
        addresses = self.stack.addresses
        return make_conninfo(addresses.dsn_app if role == "app" else addresses.dsn_owner, dbname=self.database)

    @property
    def environment(self) -> dict[str, str]:
        """The settings of every process of this world."""
        return {
            "OFFRAMP_DATA_DIR": str(self.folder),
            "OFFRAMP_TEMPORAL_ADDRESS": self.stack.addresses.temporal,
            "OFFRAMP_TASK_QUEUE": self.folder.name,
            "OFFRAMP_DATABASE_URL": self.dsn(),
            "OFFRAMP_OWNER_DATABASE_URL": self.dsn("owner"),
            "OFFRAMP_KEY_FILE": str(self.folder / "program.key"),
            "OFFRAMP_LOG_KEY_FILE": str(self.folder / "log.key"),
            "OFFRAMP_CHECKPOINT_FILE": str(self.folder / "checkpoint"),
            "OFFRAMP_ERASURE_JOURNAL": str(self.folder / "erasures.jsonl"),
            "OFFRAMP_ESCROW": str(self.folder / "escrow"),
        }

    @contextlib.contextmanager
    def settled(self) -> Iterator[Settings]:
        """The settings, also as this process's environment."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield load_settings(self.folder)

    async def offramp(self, *arguments: str) -> Answered:
        """A command, on its own thread, since it runs a loop of its own."""

        def called() -> Answered:
            out, err = io.StringIO(), io.StringIO()
            with self.settled(), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                return Answered(command_line(arguments), out.getvalue(), err.getvalue())

        return await asyncio.to_thread(called)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Door]:
        """What `worker.serve` does, in this process, so that it can be stopped at any await.

        Raises:
            StoreRefused: the ledger lost something: nothing is served.
        """
        with self.settled() as settings:
            pool = await open_pool(settings.database_url, size=8, timeout_seconds=worker.POOL_WAIT_SECONDS)
        try:
            keyring = open_keyring(settings)
            key, kept = LogKey.from_file(self.folder / "log.key"), KeptCheckpoint(self.folder / "checkpoint")
            escrow = Escrowing(Escrow(self.folder / "escrow"))
            journal = Journal(self.folder / "erasures.jsonl")
            connected = await temporal.Client.connect(
                settings.temporal_address, **wire.sealed(CaseCodec(pool, keyring))
            )
            async with (
                sealing(pool, keyring, key, kept=kept, escrow=escrow, every_seconds=self.sealed_every) as seal,
                erasing(
                    pool,
                    keyring,
                    journal=journal,
                    forget=histories(connected),
                    escrow=escrow,
                    seal=seal,
                    every_seconds=0.3,
                ),
                worker.build(connected, settings, pool=pool, keyring=keyring, escrow=escrow),
            ):
                yield Door(
                    settings=settings,
                    client=Client(connected, settings, pool=pool, keyring=keyring),
                    pool=pool,
                    keyring=keyring,
                )
        finally:
            await pool.close()

    # What clients do

    async def prepare(self) -> None:
        """Make keys, publish the program and import the staff."""
        generate_key_file(self.folder / "program.key")
        generate_log_key(self.folder / "log.key", "recovery.example/log")
        with self.settled() as settings:
            pool = await open_pool(settings.database_url, size=1)
        await prepare(pool, open_keyring(settings))
        await pool.close()

    async def act(self, door: Door, times: int) -> None:
        """So many random commands: cases are opened, go on, are refused something, and one may be erased."""
        for _ in range(times):
            drawn = self.random.random()
            alive = [case for case in self.cases if case not in self.erased]
            if not alive or drawn < 0.15:
                await self.open(door)
            elif drawn < 0.2 and len(alive) > 1:
                await self.erase(door, self.random.choice(alive))
            else:
                await self._go_on(door, self.random.choice(alive))

    async def submit(self, door: Door, case: str, actor: str, command: Mapping[str, Any]) -> Receipt:
        """Send a command, and keep the receipt of its answer, be it yes or no."""
        try:
            receipt = await door.client.submit(case, actor=actor, command=command)
        except RefusedAnswer as refused:
            receipt = refused.receipt
        self.receipts.append(receipt)
        return receipt

    async def open(self, door: Door) -> None:
        """A new case, with a note of its own."""
        case = wire.new_case_stream()
        self.receipts.append(await door.client.open_case(actor="omar", stream=case, command=commands.open_case()))
        self.cases.append(case)
        await self._write(door, case)

    async def _go_on(self, door: Door, case: str) -> None:
        drawn = self.random.random()
        if drawn < 0.7:
            await self.submit(door, case, "lena", commands.keep_check_in())
        elif drawn < 0.9:
            await self.submit(door, case, "lena", commands.give_consent())
        else:
            await self._write(door, case)

    async def erase(self, door: Door, case: str) -> None:
        """A case is closed and forgotten; it may take the eraser a moment."""
        if case in self.erased:
            return
        for actor, command in (*commands.leave(), *commands.forget()):
            await self.submit(door, case, actor, command)
        self.erased.add(case)

    async def _write(self, door: Door, case: str) -> None:
        """A command with a text, which is kept once the command was answered with yes."""
        note = await self._note(door, case)
        receipt = await self.submit(door, case, "omar", {**commands.record_basis(), "reasons": note})
        self.notes[note] = case
        self.written[note] = receipt

    async def _note(self, door: Door, case: str) -> str:
        async with door.pool.connection() as connection, connection.transaction():
            return await vault.seal_note(connection, door.keyring, stream=case, text=SECRET, author="omar")

    async def is_sealed(self) -> None:
        """Wait until the checkpoint that is kept outside covers every entry."""
        verifier = LogKey.from_file(self.folder / "log.key").verifier

        async def covered() -> bool:
            kept = KeptCheckpoint(self.folder / "checkpoint").read(verifier)
            async with await psycopg.AsyncConnection.connect(self.dsn(), autocommit=True) as connection:
                row = await (await connection.execute("SELECT count(*) FROM entry")).fetchone()
            return kept is not None and row == (kept.size,)

        await until(covered)

    # What is lost

    async def leaves(self) -> int:
        """How many leaves the log has."""
        async with await psycopg.AsyncConnection.connect(self.dsn(), autocommit=True) as connection:
            return await size(connection)

    def copied(self) -> str:
        """A copy of the database as it is now; nobody is connected to it."""
        name = f"{self.folder.name}_{len(self.databases)}".replace("-", "_")
        create(self.stack, name, self.database)
        self.databases.append(name)
        return name

    def copied_temporal(self) -> Path:
        """A consistent copy of Temporal's file as it is now, while it runs."""
        path = self.folder / f"temporal-{self.random.randrange(1 << 30)}.db"
        with contextlib.closing(sqlite3.connect(self._temporal)) as source, contextlib.closing(sqlite3.connect(path)) as target:  # fmt: skip
            source.backup(target)
        return path

    def temporal_is_behind(self) -> None:
        """Put the older copy of Temporal's file in the place of the one that it has."""
        assert self.backup.temporal is not None
        self.stack.kill_temporal()
        for more in ("-wal", "-shm"):
            self._temporal.with_name(self._temporal.name + more).unlink(missing_ok=True)
        shutil.copyfile(self.backup.temporal, self._temporal)
        self.stack.start_temporal()

    def keys_are_behind(self) -> None:
        """Put the older tables of keys and texts in the place of those that there are: newer keys are gone, destroyed ones are back."""
        older = make_conninfo(self.stack.addresses.dsn_owner, dbname=self.backup.database)
        columns = {
            "key": ("stream", "key_id", "wrapped", "commitment", "created_at"),
            "vault": ("note", "stream", "author", "command_id", "sealed", "sealed_at"),
            "name_index": ("stream", "note", "tokens"),
        }
        with psycopg.connect(older) as source, psycopg.connect(self.dsn("owner"), autocommit=True) as target:
            for table in ("name_index", "vault", "key"):
                target.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            for table, named in columns.items():
                where, what = sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, named))
                places = sql.SQL(", ").join([sql.Placeholder()] * len(named))
                put = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(where, what, places)
                for row in source.execute(sql.SQL("SELECT {} FROM {}").format(what, where)):
                    target.execute(put, row)

    def spoil_escrow(self, how: Escrowed) -> None:
        """Tear the last file of the escrow in its middle, or take the whole of it away."""
        folder = self.folder / "escrow"
        if how == "gone":
            shutil.rmtree(folder)
        elif how == "torn":
            # One that a process began and was stopped before it wrote to it has nothing to tear.
            last = max(filter(_holds, folder.glob("*-*.jsonl")), key=lambda path: path.stat().st_mtime_ns)
            os.truncate(last, self.random.randrange(last.stat().st_size))

    @property
    def _temporal(self) -> Path:
        return self.stack.addresses.data_dir / "temporal.db"


def _holds(path: Path) -> bool:
    return path.stat().st_size > 0


@contextlib.contextmanager
def world(stack: Stack, folder: Path, seed: int) -> Iterator[World]:
    """A world of its own on the stack, with a fresh database; its databases are dropped afterwards."""
    name = f"recovery_{seed}_{secrets.token_hex(3)}"
    made = World(stack, folder / name, random.Random(seed), name, databases=[name])
    made.folder.mkdir()
    made.sealed_every = made.random.choice((0.05, 0.2, 0.6))
    create(stack, name, TEMPLATE)
    try:
        yield made
    finally:
        with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
            for database in made.databases:
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database)))


def create(stack: Stack, name: str, template: str) -> None:
    """A database from a template, with the rights of the application."""
    names = {"name": sql.Identifier(name), "template": sql.Identifier(template), "owner": sql.Identifier(OWNER_ROLE), "app": sql.Identifier(APP_ROLE)}  # fmt: skip
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
        # A connection of the application that is just being closed may still be counted.
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (template,))
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}").format(**names))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {app}").format(**names))


async def told(pool: Pool, note: str, door: Door) -> str:
    """The text of a note, read as anybody would."""
    async with pool.connection() as connection:
        return await vault.read_note(connection, door.keyring, note=note, reader="omar", purpose="tests")


__all__ = ["SECRET", "Answered", "Escrowed", "Kind", "StoreRefused", "World", "told", "world"]
