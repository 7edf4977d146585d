"""`offramp up`: everything starts, a dead worker is replaced, Ctrl-C stops all of it, and a second start goes on."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from starter.stack import Ports
from starter.stack.processes import read_records

DEADLINE_SECONDS = 60.0
READY = "Ctrl-C here stops everything."


@contextmanager
def up(data_dir: Path, log: Path, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """The command as a process of its own; interrupted at the end of the block as Ctrl-C does, if it still runs."""
    base = Ports.free().temporal
    command = [
        sys.executable,
        "-c",
        "from starter.cli import main; main()",
        "up",
        "--data-dir",
        str(data_dir),
        "--port-base",
        str(base),
        *more,
    ]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OFFRAMP_")}
    with log.open("wb") as sink:
        process = subprocess.Popen(command, stdout=sink, stderr=subprocess.STDOUT, env=inherited)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(DEADLINE_SECONDS)


def said(log: Path, words: str) -> str:
    """The log once it holds `words`."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while words not in (text := log.read_text(encoding="utf-8")):
        assert time.monotonic() < deadline, text
        time.sleep(0.05)
    return text


def offramp(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another terminal."""
    command = [sys.executable, "-c", "from starter.cli import main; main()", "--data-dir", str(data_dir), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_up_serves_replaces_its_worker_stops_and_goes_on(data_dir: Path, tmp_path: Path) -> None:
    """A stack that is up serves cases, survives its worker, ends with Ctrl-C, and a second start finds the case again."""
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    with up(data_dir, first) as process:
        told = said(first, READY)
        assert "Published: disengagement" in told
        command = re.search(r"offramp (case open .*?)\n\n|offramp (case open .*)", told)
        assert command is not None
        staff = re.search(r"offramp staff import (\S+)", told)
        assert staff is not None
        assert offramp(data_dir, "staff", "import", staff[1]).returncode == 0
        case = ("case", "open", "--as", "sofia", "--program", "disengagement", "--lead", "lena")
        done = offramp(data_dir, *case, "--support-level", "high", "--eligibility-text", "Asked for help herself.")
        assert done.returncode == 0, done.stderr
        worker = re.search(r"Worker +process ([0-9]+)", told)
        assert worker is not None
        os.kill(int(worker[1]), signal.SIGKILL)
        said(first, "another one is started")
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE_SECONDS) == 0
    assert "Everything is stopped" in first.read_text(encoding="utf-8")
    with up(data_dir, second) as process:
        told = said(second, READY)
        assert "The database is up to date." in told
        listed = offramp(data_dir, "case", "list")
        assert (listed.returncode, "Intake" in listed.stdout) == (0, True)
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0


def test_up_runs_a_codec_server_for_the_ui_if_asked(data_dir: Path, tmp_path: Path) -> None:
    """The UI is led to it, it answers for the UI's page alone, and one that dies is replaced."""
    log = tmp_path / "up.log"
    with up(data_dir, log, "--codec"):
        said(log, "Published: housing_first")
        told = said(log, READY)
        ui, codec = re.search(r"Temporal's UI +(\S+)", told), re.search(r"Codec server +(\S+)/login", told)
        assert ui is not None
        assert codec is not None
        asked = {"Origin": ui[1], "Access-Control-Request-Method": "POST"}
        assert httpx.get(f"{ui[1]}/api/v1/settings").json()["Codec"]["Endpoint"] == codec[1]
        assert httpx.options(f"{codec[1]}/decode", headers=asked).headers["access-control-allow-origin"] == ui[1]
        (record,) = [one for file in (data_dir / "run").glob("*.json") for one in read_records(file) if one.name == "codec"]  # fmt: skip
        os.kill(record.pid, signal.SIGKILL)
        said(log, "codec ended by itself; another one is started")
        assert answered(codec[1])


def answered(codec: str) -> bool:
    """Whether a codec server is there, as soon as it is."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            return httpx.get(f"{codec}/login").status_code == 200
        time.sleep(0.1)
    return False


def test_a_directory_in_use_is_named(data_dir: Path, tmp_path: Path) -> None:
    """A second start on the same data is refused with the way out, and leaves the first one alone."""
    log = tmp_path / "up.log"
    with up(data_dir, log):
        said(log, READY)
        other = offramp(data_dir, "up", "--port-base", str(Ports.free().temporal))
        assert other.returncode == 4
        assert "in use by another stack" in other.stderr
        assert "Traceback" not in other.stderr
