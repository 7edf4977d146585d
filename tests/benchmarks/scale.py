"""`python -m tests.benchmarks.scale [--sizes N,N,...] [--out FILE]`: verify, fold, compare and rebuild ledgers of growing length.

One ledger grows from size to size. At each, every task runs in a fresh process; the kernel says how much time and memory it took, and Postgres how much
it put into temporary files. Time is to grow as a straight line, and memory not at all.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import psycopg
from rich.console import Console

from activities.keyring import open_keyring
from activities.store.pool import open_pool
from activities.store.signing import LogKey
from starter.cli.session import UNAVAILABLE
from starter.stack.embedded import Addresses
from tests.benchmarks import report, scale_picture
from tests.benchmarks.many import LENGTHS, SHORT, Loader, tidied
from tests.benchmarks.rig import ROOT, Rig, rig

SIZES = (10_000, 50_000, 200_000, 500_000, 1_000_000)
OUT = ROOT / "build" / "scale.json"
_LARGE = 5_000
"""From so many entries on the cases are as long as in practice; below, it is shown that everything runs."""
_LOOK_SECONDS = 0.05
_ATTEMPTS = 5
_SAID_BYTES = 2000
_OFFRAMP = str(Path(sys.executable).with_name("offramp"))
TASKS: dict[str, tuple[str, ...]] = {
    "rebuild": (_OFFRAMP, "rebuild", "--json"),
    "verify": (_OFFRAMP, "audit", "verify", "--json"),
    "fold": (sys.executable, "-m", "tests.benchmarks.fold_all"),
    "compare": (_OFFRAMP, "audit", "compare", "--all", "--no-workflow", "--as", "auditor", "--json"),
}
"""What is measured, in this order: the read model that is compared is the rebuilt one."""


class Run(NamedTuple):
    """One task over one ledger: seconds by the clock, of the processor, and of the processor for Postgres; the most memory at once, temporary files."""

    task: str
    entries: int
    cases: int
    seconds: float
    cpu_seconds: float
    server_cpu_seconds: float
    peak_bytes: int
    temporary_bytes: int

    @property
    def both_cpu_seconds(self) -> float:
        """Processor time of the task and of Postgres for it: what a busy machine does not stretch."""
        return self.cpu_seconds + self.server_cpu_seconds


class Line(NamedTuple):
    """A straight line through the runs of a task: seconds at no entries, entries a second along it, and how well it fits (R squared, 1 is perfectly)."""

    at_none: float
    per_second: float
    r_squared: float


def fitted(runs: Sequence[Run], clock: str) -> Line:
    """The line of least squares through the seconds of one clock (`seconds` or `both_cpu_seconds`) over entries."""
    entries, seconds = [run.entries for run in runs], [float(getattr(run, clock)) for run in runs]
    slope, at_none = statistics.linear_regression(entries, seconds)
    return Line(at_none, 1 / slope, statistics.correlation(entries, seconds) ** 2)


class Ledger(NamedTuple):
    """The ledger as it is measured: how long, of how many cases, and where its server is."""

    entries: int
    cases: int
    addresses: Addresses


def run(task: str, ledger: Ledger) -> Run:
    """Run a task in a fresh process; again where it got no connection, which on a busy machine says nothing about the task.

    Raises:
        RuntimeError: it did not succeed; its own words are in the error.
    """
    environment = {**os.environ, **ledger.addresses.settings()}
    for attempt in range(1, _ATTEMPTS + 1):
        temporary, server, begun = _temporary(ledger.addresses.dsn_owner), _server_seconds(ledger), time.perf_counter()
        code, peak, cpu_seconds, words = _watched(TASKS[task], environment)
        seconds = time.perf_counter() - begun
        if code == 0:
            temporary = _temporary(ledger.addresses.dsn_owner) - temporary
            server = _server_seconds(ledger) - server
            return Run(task, ledger.entries, ledger.cases, seconds, cpu_seconds, server, peak, temporary)
        if code != UNAVAILABLE or attempt == _ATTEMPTS:
            raise RuntimeError(f"{' '.join(TASKS[task])} ended with {code}: {words}")
    raise AssertionError


def _watched(command: Sequence[str], environment: Mapping[str, str]) -> tuple[int, int, float, str]:
    """Run a command: its exit code, the most memory in bytes that it held, its processor time in seconds, and its last words."""
    peak = 0
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=said, stderr=subprocess.STDOUT)
        while True:
            # Not the ru_maxrss of the child: that begins with the memory of whoever started it.
            peak = max(peak, _high_water(process.pid))
            time.sleep(_LOOK_SECONDS)
            ended, status, spent = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(-min(_SAID_BYTES, said.seek(0, os.SEEK_END)), os.SEEK_END)
        words = said.read().decode(errors="replace")
    return process.returncode, peak, spent.ru_utime + spent.ru_stime, words


def _high_water(pid: int) -> int:
    """The most memory that the process held since it was executed, in bytes; 0 once it is gone."""
    told = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next((int(line.split()[1]) * 1024 for line in told.splitlines() if line.startswith("VmHWM:")), 0)


def _server_seconds(ledger: Ledger) -> float:
    """Processor time of Postgres so far, in seconds: of its first process, and of every session that has ended."""
    told = (ledger.addresses.data_dir / "postgres" / "postmaster.pid").read_text(encoding="utf-8")
    spent = psutil.Process(int(told.split("\n")[0])).cpu_times()
    return float(spent.user + spent.system + spent.children_user + spent.children_system)


def _temporary(dsn: str) -> int:
    """How much the database has put into temporary files so far; what a session did is counted once it ends."""
    time.sleep(0.2)
    with psycopg.connect(dsn, autocommit=True) as connection:
        row = connection.execute(
            "SELECT temp_bytes FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
    return int(row[0]) if row is not None else 0


async def measure(sizes: Sequence[int], tasks: Sequence[str], out: Path, *, say: Console) -> dict[str, Any]:
    """Grow the ledger through the sizes and run every task at each; what is measured so far stands in `out` after each size."""
    measured: dict[str, Any] = {"runs": [], "lines": {}, "loaded": [], "environment": report.environment()}
    async with rig() as ready:
        loader = await _loader(ready, LENGTHS if max(sizes) >= _LARGE else SHORT)
        for size in sizes:
            begun = time.perf_counter()
            await loader.grow(size)
            tidied(ready.addresses.dsn_owner)
            seconds, disk = time.perf_counter() - begun, _disk(ready.addresses.dsn_owner)
            say.print(
                f"{loader.entries:,} entries over {loader.cases:,} cases, loaded in {seconds:.0f} s, {disk / 2**20:,.0f} MiB on disk"
            )
            ledger = Ledger(loader.entries, loader.cases, ready.addresses)
            measured["loaded"].append({
                "entries": ledger.entries, "cases": ledger.cases, "seconds": seconds, "database_bytes": disk,
            })  # fmt: skip
            for task in tasks:
                one = await asyncio.to_thread(run, task, ledger)
                measured["runs"].append(one._asdict())
                say.print(
                    f"  {task:<8} {one.seconds:8.1f} s  {one.cpu_seconds:8.1f} + {one.server_cpu_seconds:.1f} s of processor"
                    f"  {one.entries / one.seconds:9,.0f} entries/s  {one.peak_bytes / 2**20:6.0f} MiB"
                    f"  {one.temporary_bytes / 2**20:6.0f} MiB in temporary files"
                )
            measured["lines"] = _lines([Run(**one) for one in measured["runs"]], tasks)
            await asyncio.to_thread(out.write_text, json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    return measured


def _lines(runs: Sequence[Run], tasks: Sequence[str]) -> dict[str, dict[str, dict[str, float]]]:
    """By clock and by task the line through its runs; nothing while there is one size only."""
    if len({run.entries for run in runs}) == 1:
        return {}
    return {
        clock: {task: fitted([one for one in runs if one.task == task], clock)._asdict() for task in tasks}
        for clock in ("seconds", "both_cpu_seconds")
    }


async def _loader(ready: Rig, lengths: Sequence[int]) -> Loader:
    pool, keyring = await open_pool(ready.settings.database_url, size=2), open_keyring(ready.settings)
    return Loader(pool, keyring, LogKey.from_file(ready.addresses.log_key_file), ready.program, lengths=lengths)


def _disk(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row is not None else 0


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write the figures and their picture; 0 when done."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scale", description="Measure the audit at scale.")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="entries, ascending (default: %(default)s)")
    parser.add_argument("--tasks", default=",".join(TASKS), help="which tasks (default: %(default)s)")
    parser.add_argument(
        "--out", type=Path, default=OUT, help="the JSON file; a picture of the same name stands beside it"
    )
    given = parser.parse_args(arguments)
    sizes, say = [int(size) for size in given.sizes.split(",")], Console(stderr=True, width=140)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    measured = asyncio.run(measure(sizes, given.tasks.split(","), given.out, say=say))
    for clock, lines in measured["lines"].items():
        for task, line in lines.items():
            say.print(
                f"{task:<8} {clock:<12} {line['per_second']:9,.0f} entries/s, {line['at_none']:+.2f} s at none, R² {line['r_squared']:.5f}"
            )
    if len(sizes) > 1:
        scale_picture.draw(measured, given.out.with_suffix(".svg"))
    say.print(f"written: {given.out}")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK's native threads may abort an interpreter that exits in the ordinary way.
    os._exit(code)
