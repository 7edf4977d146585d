"""`python -m tests.benchmarks [--quick] [--out FILE]`: measure, print, write JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import uvloop
from rich.console import Console

from tests.benchmarks import doors, folding, late, memory, report
from tests.benchmarks.rig import ROOT, rig

WIDTH = 110
OUT = ROOT / "build" / "bench.json"


class Size(NamedTuple):
    """How much is measured."""

    in_flight: int
    rounds: int
    commands: int
    alone: int
    entries: int
    early: int
    late: int
    windows: int
    window: int
    workflows: int


FULL = Size(
    in_flight=32, rounds=7, commands=12, alone=60, entries=50_000, early=50, late=5000, windows=18, window=20, workflows=1000
)  # fmt: skip
QUICK = Size(
    in_flight=4, rounds=2, commands=3, alone=5, entries=300, early=10, late=60, windows=2, window=4, workflows=150
)  # fmt: skip


async def measure(size: Size, *, say: Console, quick: bool) -> dict[str, Any]:
    """All measurements on one stack."""
    surroundings = report.environment()
    async with rig() as ready:
        with ready.worker() as worker:
            say.print(f"1/4 doors: {size.rounds} interleaved rounds, {size.in_flight} in flight")
            measured = await doors.measure(
                ready, worker, in_flight=size.in_flight, rounds=size.rounds, commands=size.commands, alone=size.alone
            )
            say.print(f"2/4 late: a case is aged to its {size.late:,}th command")
            aged = await late.measure(
                ready, worker, early=size.early, late=size.late, windows=size.windows, window=size.window
            )
        say.print(f"3/4 fold: {size.entries:,} entries")
        folded = await folding.measure(ready, entries=size.entries, rounds=min(size.rounds, 7))
        say.print(f"4/4 memory: {size.workflows:,} workflows of each kind")
        held = await memory.measure(ready, workflows=size.workflows)
    return {**report.summary(measured, folded, aged, held, quick=quick), "environment": surroundings}


def main(arguments: Sequence[str]) -> int:
    """Measure and report; 0 when done, whether or not a bar is held: a measurement is no test."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the engine.")
    parser.add_argument(
        "--quick", action="store_true", help="a few of everything, in seconds: that it runs, not how fast"
    )
    parser.add_argument("--out", type=Path, default=OUT, help="the JSON file to write (default: build/bench.json)")
    given = parser.parse_args(arguments)
    console, say = Console(width=WIDTH), Console(stderr=True)
    measured = uvloop.run(measure(QUICK if given.quick else FULL, say=say, quick=given.quick))
    report.show(console, measured)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    say.print(f"written: {given.out}")
    return 0


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK's native threads may abort an interpreter that exits in the ordinary way.
    os._exit(code)
