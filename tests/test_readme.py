"""The README is true: every command in it runs as written, on a real stack, in the order in which a newcomer reads it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

pytestmark = pytest.mark.long
ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
COMMANDS = [
    line.removeprefix("$ ")
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
EXAMPLE_CASE = "7c3e91aa"
EXAMPLE_DAY = "2026-11-20"
MAKE = [command for command in COMMANDS if command.startswith("make ")]
USE = [command for command in COMMANDS if command.startswith("offramp ") and command != "offramp up"]
PORTS = 23400


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    """What a terminal has after `offramp up` in another one; the stack is stopped as with Ctrl-C."""
    directory = Path(tempfile.mkdtemp(prefix="offramp-readme-"))
    env = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "OFFRAMP_DATA_DIR": str(directory),
        "NO_COLOR": "1",
    }
    command = [str(BIN / "offramp"), "up", "--port-base", str(PORTS)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT) as up:
        assert up.stdout is not None
        said = []
        for line in up.stdout:
            said.append(line)
            if "Ctrl-C here stops everything" in line:
                break
        assert "offramp staff import" in "".join(said), said
        yield env
        up.send_signal(signal.SIGTERM)
        assert "Everything is stopped" in up.stdout.read()
        assert up.wait(30) == 0
    shutil.rmtree(directory)


@pytest.mark.timeout(600)
def test_the_use_section_runs_as_written(environment: dict[str, str]) -> None:
    """Each command of an operator, a reviewer, an auditor and a designer ends well, and the panel of the example moves the case."""
    case = EXAMPLE_CASE
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    for written in USE:
        command = written.replace(EXAMPLE_CASE, case).replace(EXAMPLE_DAY, yesterday)
        done = subprocess.run(
            ["bash", "-c", command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, f"{written}\n{done.stdout}\n{done.stderr}"
        if written.startswith("offramp case open"):
            found = re.search(r"Receipt: case/([0-9a-f]{8})", done.stdout)
            assert found is not None, done.stdout
            case = found[1]

    shown = subprocess.run(
        ["bash", "-c", f"offramp case list --json && offramp case show {case}"],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Stabilization" in shown.stdout
    assert "Dissent on record: ravi" in shown.stdout


def test_make_commands_do_what_the_readme_says() -> None:
    """`make demo` ends in the demo and `make test` in the whole suite, both after the same set-up."""
    said = {
        command: subprocess.run([*command.split(), "-n"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for command in MAKE
    }

    assert said.keys() == {"make demo", "make test"}
    assert "offramp demo" in said["make demo"]
    assert "python -m pytest" in said["make test"]


@pytest.mark.timeout(400)
def test_the_demo_holds() -> None:
    """The command behind `make demo` passes through every phase within two years of program time, and proves its own record."""
    done = subprocess.run(
        [str(BIN / "offramp"), "demo", "--json"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=390
    )
    assert done.returncode == 0, done.stderr

    summary = json.loads(done.stdout)

    assert summary["phase"] == "closed"
    assert summary["verified"] is True
    assert summary["program_days"] >= 18 * 30
    assert summary["commands"] == summary["entries"]
    assert summary["missed_check_ins"] >= 1
    assert set(summary["refusals"]) == {
        "insufficient_independence",
        "not_independent",
        "stale",
        "gate_closed",
        "not_authorized",
        "sessions_missing",
        "unknown_judgement",
    }


def test_every_link_leads_somewhere() -> None:
    """No link of the README to a file of the project is dead."""
    links = re.findall(r"\]\(((?!http)[^)]+)\)", README)

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
