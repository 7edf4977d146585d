"""What is left of many cases, half of which were erased: real servers, two worker processes, dumps, backups, exports, logs; and a backup restored."""

from __future__ import annotations

import asyncio
import gzip
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import psycopg
import pytest

from activities.settings import load_settings
from activities.store import erasure
from activities.store.due import count_due, count_orphans
from activities.store.keys import ROOT, ProgramKey
from activities.store.migrate import migrate
from activities.store.pool import open_pool
from starter.client import RefusedAnswer
from starter.stack import Ports, Stack, Worker, workers
from starter.stack.postgres import _binaries
from starter.stack.problem import StackError
from tests.door.rig import ENTRY, Door, open_door, until
from tests.privacy.life import Terminal
from tests.privacy.many import Life, Planted, each, people
from tests.privacy.scan import (
    Opened,
    ciphertexts,
    files,
    living_keys,
    opened,
    scanned,
    stands_in,
    stems_in,
    table_stems,
)

EVERY_SECONDS = 2.0
"""How often the workers of this search look for what is to be erased."""
_PATIENCE = 600.0
_DROPPED = "dropped from memory"


class Left(NamedTuple):
    """What was found, by where it was looked for. `erased` are the cases whose records are gone, `living` the others."""

    erased: list[Planted]
    living: list[Planted]
    files: dict[str, set[str]]
    tables: dict[str, set[str]]
    restored_files: dict[str, set[str]]
    restored_tables: dict[str, set[str]]
    opened: Opened
    opened_restored: Opened
    opened_before: Opened
    dead_keys: dict[str, str]
    living_keys: dict[str, str]
    dead_keys_restored: dict[str, str]
    keyless: tuple[int, int]
    sealed_bundles: dict[str, set[str]]
    away: dict[str, set[str]]
    logs: list[str]
    cores: list[str]
    core_limit: tuple[int, int]
    evicted_seconds: list[float]
    figures: tuple[dict[str, Any], dict[str, Any]]
    proofs: dict[str, int]
    shown: dict[str, tuple[int, str]]
    seconds: float


@contextmanager
def stack_in(folder: Path) -> Iterator[Stack]:
    """A stack in the folder, whose workers look often for what is to be erased."""
    stack = Stack(folder, ports=Ports.free(), ui=False)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


def spawned(stack: Stack) -> tuple[Worker, str]:
    """A worker as a process of its own, with everything that it could tell told: its log at its longest, its metrics; and where these are."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        metrics = f"127.0.0.1:{free.getsockname()[1]}"
    env = {
        "OFFRAMP_LOG_LEVEL": "debug", "OFFRAMP_LOG_FORMAT": "json", "OFFRAMP_METRICS_ADDRESS": metrics,
        "PYTHONPATH": str(ENTRY.parents[2]), "DOOR_POWERS": f'{{"erase_every_seconds": {EVERY_SECONDS}}}',
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "WORKER", ENTRY)
        return stack.spawn_worker(env), metrics


class Search:
    """One search: cases are lived, half of them erased, and everything that is left is looked through."""

    def __init__(self, folder: Path, cases: int) -> None:
        self.data, self.again = folder / "data", folder / "restored"
        self.ours, self.away = folder / "data" / "ours", folder / "away"
        for made in (self.data, self.ours, self.away):
            made.mkdir()
        self.erased = [Planted(number, gone=True) for number in range(0, cases, 2)]
        self.living = [Planted(number, gone=False) for number in range(1, cases, 2)]
        self.program_key: ProgramKey

    def run(self) -> Left:
        """The whole of it."""
        begun = time.monotonic()
        with stack_in(self.data) as stack:
            migrate(stack.addresses.dsn_owner)
            self.program_key = ProgramKey.from_file(stack.addresses.key_file)
            found = self._running(stack)
        dead, alive = found.pop("dead"), found.pop("alive")
        found |= {
            "files": scanned([self.data]),
            "cores": [path.name for path in files([self.data]) if re.fullmatch(r"core(\.[0-9]+)?", path.name)],
            "dead_keys": stands_in([self.data], dead),
            "living_keys": stands_in([self.data], alive),
            "logs": sorted(path.name for path in (self.data / "logs").iterdir()),
        }
        found |= self._restored(dead)
        found["away"] = scanned([self.away])
        return Left(erased=self.erased, living=self.living, **found, seconds=time.monotonic() - begun)

    def _running(self, stack: Stack) -> dict[str, Any]:
        """Everything that takes a running stack: the lives of the cases, the erasure, and what the live database still says."""
        dsn, offramp = stack.addresses.dsn_owner, Terminal(stack.addresses.settings())
        running = [spawned(stack) for _ in range(2)]
        workers_of = [worker for worker, _ in running]
        asyncio.run(self._lived(stack, workers_of))
        found = self._kept_before(stack, offramp)
        mark = datetime.now(UTC)
        before = asyncio.run(figures(stack, mark, self.living))
        found["evicted_seconds"] = asyncio.run(self._erase(stack, workers_of))
        found["figures"] = (before, asyncio.run(figures(stack, mark, self.living)))
        found["proofs"] = self._proofs(stack, offramp)
        found["shown"] = self._shown(offramp)
        self._gathered(stack, [metrics for _, metrics in running])
        keys = asyncio.run(living_keys(dsn, self.program_key))
        found |= {
            "tables": table_stems(dsn),
            "keyless": (len(keys.keys() - {ROOT}), len({one.stream for one in self.erased} & keys.keys())),
            "opened": opened([*ciphertexts(dsn), *found.pop("sealed_before")], keys),
            "core_limit": psutil.Process(running[0][0].pid).rlimit(psutil.RLIMIT_CORE),
        }
        os.kill(running[0][0].pid, signal.SIGABRT)
        return found

    async def _lived(self, stack: Stack, running: Sequence[Worker]) -> None:
        every = [*self.erased, *self.living]
        async with open_door(load_settings(stack.addresses.data_dir), people=people(len(every))) as door:
            await each(every, lambda case: Life(door, case).lived())
            # Each worker in turn is held, so that the other has to take the first case: both know it then.
            for held in running:
                os.kill(held.pid, signal.SIGSTOP)
                try:
                    with suppress(RefusedAnswer):
                        await door.surely(
                            self.erased[0].stream, actor="omar", command={"type": "approve_review", "review": 7, "reasons": "note:00000000-0000-4000-8000-000000000000"},
                            command_id=f"held/{held.pid}",
                        )  # fmt: skip
                finally:
                    os.kill(held.pid, signal.SIGCONT)

    def _kept_before(self, stack: Stack, offramp: Terminal) -> dict[str, Any]:
        """Exports, dumps, backups, old logs, and the keys: what there was before the erasure."""
        dsn = stack.addresses.dsn_owner
        offramp("audit", "seal", "-o", str(self.ours / "checkpoint.txt"))
        for case, where in ((self.erased[0], self.away), (self.living[0], self.ours)):
            offramp("audit", "export", case.stream, "-o", str(where / "open.zip"))
            offramp("audit", "export", case.stream, "-o", str(self.ours / f"sealed{case.number}.zip"), "--sealed")
            offramp("audit", "prove", case.stream, "3", "-o", str(self.ours / f"proof{case.number}.tlog-proof"))
        for log in (self.data / "logs").glob("*.log"):
            log.with_suffix(".log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
        with psycopg.connect(dsn, autocommit=True) as owner:
            # As autovacuum does sooner or later: a sample of every column is copied into the planner's statistics.
            owner.execute("ANALYZE")
        dump(stack, self.away / "before.sql", "--format=plain")
        dump(stack, self.away / "before.dump", "--format=custom")
        base_backup(stack, self.away / "backup")
        with sqlite3.connect(self.data / "temporal.db") as live, sqlite3.connect(self.away / "temporal.db") as copy:
            live.backup(copy)
        keys = asyncio.run(living_keys(dsn, self.program_key))
        sealed = ciphertexts(dsn)
        gone = {one.stream for one in self.erased}
        with psycopg.connect(dsn) as connection:
            wrapped: dict[str, bytes] = dict(connection.execute("SELECT stream, wrapped FROM key").fetchall())
        return {
            "sealed_before": sealed,
            "opened_before": opened(sealed, {stream: keys[stream] for stream in gone}),
            "dead": {f"{what} of {one}": held[one] for what, held in (("key", keys), ("wrapped", wrapped)) for one in gone},
            "alive": {stream: value for stream, value in wrapped.items() if stream not in {ROOT, *gone}},
        }  # fmt: skip

    async def _erase(self, stack: Stack, running: Sequence[Worker]) -> list[float]:
        """Erase the first case, which both workers know, and then the others; after how many seconds each worker had dropped the first."""
        async with open_door(load_settings(stack.addresses.data_dir), people=people(2)) as door:

            async def one(case: Planted) -> None:
                life = Life(door, case)
                await life.decided()
                await life.told(1, 2)

            await one(self.erased[0])
            destroyed = await self._destroyed(door)
            dropped: dict[int, float] = {}

            async def both() -> bool:
                for worker in running:
                    if _DROPPED in worker.log.read_text(encoding="utf-8"):
                        dropped.setdefault(worker.pid, time.monotonic() - destroyed)
                return len(dropped) == len(running)

            await until(both)
            await each(self.erased[1:], one)
            await gone(door, len(self.erased))
        return list(dropped.values())

    @staticmethod
    async def _destroyed(door: Door) -> float:
        """When the first key was seen to be destroyed."""

        async def first() -> bool:
            async with door.pool.connection() as connection:
                return any(one.destroyed_at for one in await erasure.erasures(connection))

        await until(first)
        return time.monotonic()

    def _proofs(self, stack: Stack, offramp: Terminal) -> dict[str, int]:
        """What is checked again after the erasure → the exit code."""
        offramp("audit", "seal")
        checked = {"ledger": ("audit", "verify", "--checkpoint", str(self.ours / "checkpoint.txt"))}
        for case in self.living[:10]:
            last = case.receipts[-1]
            checked[f"receipt of {case.number}"] = ("audit", "prove", case.stream, f"{last.position}:{last.hash}")
        key = _log_key(stack)
        for file in (*self.ours.glob("*.zip"), *self.ours.glob("*.tlog-proof"), self.away / "open.zip"):
            kept = ("--checkpoint", str(self.ours / "checkpoint.txt")) if file.suffix == ".zip" else ()
            checked[file.name] = ("audit", "verify-bundle", str(file), "--log-key", key, *kept)
        return {name: offramp(*arguments, code=None).code for name, arguments in checked.items()}

    def _shown(self, offramp: Terminal) -> dict[str, tuple[int, str]]:
        """What is said of an erased case → exit code and what is printed."""
        stream = self.erased[0].stream
        asked = {
            "erasures": ("audit", "erasures"), "statement": ("case", "statement", stream), "show": ("case", "show", stream),
            "replay": ("audit", "replay", stream), "reads": ("audit", "reads", stream), "list": ("case", "list", "--all"),
        }  # fmt: skip
        return {name: offramp(*arguments, code=None)[1:] for name, arguments in asked.items()}

    def _gathered(self, stack: Stack, metrics: Sequence[str]) -> None:
        """Everything that could be fetched once the records are erased, as files beside the others; the database's files written out."""
        for where in (*(f"http://{one}/metrics" for one in metrics), stack.addresses.metrics):
            with urllib.request.urlopen(where, timeout=10) as page:  # noqa: S310 - our own processes
                (self.ours / f"metrics-{where.split(':')[2].partition('/')[0]}.txt").write_bytes(page.read())
        dump(stack, self.ours / "after.sql", "--format=plain")
        dump(stack, self.ours / "after.dump", "--format=custom")
        written_out(stack)

    def _restored(self, dead: dict[str, bytes]) -> dict[str, Any]:
        """The backup in a stack of its own, with the journal beside it; looked at as soon as a worker serves."""
        self.again.mkdir()
        shutil.copytree(self.away / "backup", self.again / "postgres")
        user = (self.data / "postgres").stat()
        for path in (self.again / "postgres", *(self.again / "postgres").rglob("*")):
            os.chown(path, user.st_uid, user.st_gid)
        (self.again / "postgres").chmod(0o700)
        shutil.copy(self.away / "temporal.db", self.again)
        for name in ("program.key", "log.key", "secrets.json", "erasures.jsonl"):
            shutil.copy(self.data / name, self.again)
        with stack_in(self.again) as stack:
            dsn = stack.addresses.dsn_owner
            assert {one.stream for one in self.erased} <= asyncio.run(living_keys(dsn, self.program_key)).keys()
            spawned(stack)
            keys = asyncio.run(living_keys(dsn, self.program_key))
            assert not {one.stream for one in self.erased} & keys.keys(), "a worker served what the journal names"
            asyncio.run(self._gone_again(stack))
            written_out(stack)
            tables, tried = table_stems(dsn), opened(ciphertexts(dsn), keys)
            dump(stack, self.again / "again.dump", "--format=custom")
        return {
            "restored_files": scanned([self.again]), "restored_tables": tables, "opened_restored": tried,
            "dead_keys_restored": stands_in([self.again], dead),
            "sealed_bundles": {path.name: stems_in(path.read_bytes()) for path in self.ours.glob("sealed*.zip")},
        }  # fmt: skip

    async def _gone_again(self, stack: Stack) -> None:
        async with open_door(load_settings(stack.addresses.data_dir), people=people(2)) as door:
            await gone(door, len(self.erased))


async def gone(door: Door, number: int) -> None:
    """So many records are erased: the keys, the pages that held them, and Temporal's histories."""

    async def every() -> bool:
        async with door.pool.connection() as connection:
            found = await erasure.erasures(connection)
        done = [one for one in found if one.destroyed_at and one.wiped_at and one.forgotten_at]
        return len(done) == number

    await until(every, seconds=_PATIENCE)


async def figures(stack: Stack, mark: datetime, living: Sequence[Planted]) -> dict[str, Any]:
    """The program's statistics, which no erasure may change: what was sent, by kind, until `mark`; how many cases there were, are open by phase, and were
    closed (an erased one counts by its tombstone); who read for what; what is overdue; and all rows of the cases that live.
    """  # fmt: skip
    found: dict[str, Any] = {}
    with psycopg.connect(stack.addresses.dsn_owner) as connection:
        for name, query in {
            "entries": "SELECT type, count(*) FROM entry WHERE recorded_at <= %(mark)s GROUP BY 1",
            "people": "SELECT actor, count(*) FROM entry WHERE recorded_at <= %(mark)s GROUP BY 1",
            "opened": "SELECT date_trunc('month', at), count(*) FROM entry WHERE type = 'open_case' AND recorded_at <= %(mark)s GROUP BY 1",
            "open": "SELECT phase, count(*) FROM case_overview WHERE closed_at IS NULL GROUP BY 1",
            "closed": "SELECT 'closed', (SELECT count(*) FROM case_overview WHERE closed_at IS NOT NULL) + (SELECT count(*) FROM erasure)",
            "reads": "SELECT purpose, count(*) FROM access_log WHERE at <= %(mark)s GROUP BY 1",
            "leaves": "SELECT 'placed', count(*) FROM log_place JOIN entry USING (stream, position) WHERE recorded_at <= %(mark)s",
            "obligations": "SELECT kind, count(*) FROM obligation WHERE stream = ANY (%(living)s) GROUP BY 1",
            "disclosures": "SELECT partner, count(*) FROM disclosure WHERE stream = ANY (%(living)s) GROUP BY 1",
        }.items():  # fmt: skip
            rows = connection.execute(query.encode(), {"mark": mark, "living": [one.stream for one in living]})
            found[name] = {str(key): count for key, count in rows}
    pool = await open_pool(stack.addresses.dsn_app, size=1)
    async with pool.connection() as connected:
        found["overdue"], found["orphans"] = await count_due(connected), await count_orphans(connected)
    await pool.close()
    return found


def dump(stack: Stack, file: Path, form: str) -> None:
    """A dump of the database into a file."""
    _postgres(stack, "pg_dump", "--dbname", stack.addresses.dsn_owner, form, "--file", str(file))


def base_backup(stack: Stack, folder: Path) -> None:
    """A backup of the whole server, as an operator takes it while it runs."""
    _postgres(stack, "pg_basebackup", "--dbname", stack.addresses.dsn_admin, "-D", str(folder), "--checkpoint=fast", "--wal-method=stream")  # fmt: skip


def _postgres(stack: Stack, program: str, *arguments: str) -> None:
    binary = _binaries(stack._directory, None) / program
    done = subprocess.run([str(binary), *arguments], capture_output=True, text=True, check=False, timeout=300)
    if done.returncode != 0:
        raise StackError(f"{program} failed: {done.stderr}", "Read what it says.")


def written_out(stack: Stack) -> None:
    """Have the server write everything, and drop of its write-ahead log what it needs no more."""
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
        for _ in range(2):
            connection.execute("SELECT pg_switch_wal()")
            connection.execute("CHECKPOINT")


def _log_key(stack: Stack) -> str:
    from activities.store.signing import LogKey

    return str(LogKey.from_file(stack.addresses.log_key_file).verifier)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that others may pass through, since Postgres runs as another user where root tests; gone afterwards."""
    path = Path(tempfile.mkdtemp(prefix="offramp-erased-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
