"""The benchmarks run; how fast anything is, they say themselves."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.report import BARS
from tests.benchmarks.rig import ROOT


@pytest.mark.benchmark
@pytest.mark.long
def test_every_measurement_runs_and_is_written(tmp_path: Path) -> None:
    """A quick run measures everything that a bar is set for and writes it with the environment it belongs to."""
    out = tmp_path / "bench.json"
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--out", str(out)]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    measured = json.loads(out.read_text(encoding="utf-8"))
    assert {bar.name for bar in BARS} | {"environment", "doors", "fold", "late", "memory"} <= set(measured)
    assert all(measured[bar.name] > 0 for bar in BARS)
    assert measured["environment"]["cores"] >= 1


TASKS = ("verify", "fold")
"""Of the tasks of a scale run those that read most."""


@pytest.mark.benchmark
@pytest.mark.long
def test_a_longer_ledger_takes_no_more_memory(tmp_path: Path) -> None:
    """At two sizes each task runs in a process of its own over a real ledger, and no process needs more memory for the longer one; there is a picture."""
    out = tmp_path / "scale.json"
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.scale",
        "--sizes",
        "400,2400",
        "--tasks",
        ",".join(TASKS),
        "--out",
        str(out),
    ]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    measured = json.loads(out.read_text(encoding="utf-8"))
    held = {task: [run["peak_bytes"] for run in measured["runs"] if run["task"] == task] for task in TASKS}
    assert [run["entries"] for run in measured["runs"]] == [400] * len(TASKS) + [2400] * len(TASKS)
    assert all(many < 1.1 * few for few, many in held.values()), held
    assert "<svg" in out.with_suffix(".svg").read_text(encoding="utf-8")
