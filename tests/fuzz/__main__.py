"""Fuzz the targets one after another: `python -m tests.fuzz --seconds N [target ...]`. Needs atheris (Linux on x86_64).

Inputs that were worth keeping stay under build/fuzz, so that the next run begins where this one ended. What crashes a parser without the
fuzzer's instruments too is put under tests/fuzz/found, where the suite reads it for ever. Exit codes: 0 nothing crashed; 1 something did; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from tests.fuzz.target import FOUND, attempt
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "build" / "fuzz"
_RUNS = re.compile(r"Done (\d+) runs in (\d+) second")
_COVERED = re.compile(r"cov: (\d+)")
_LONGEST_INPUT = 128 * 1024
_LONGEST_SECONDS = 30
_MORE_MEGABYTES = 4096


class Ran(NamedTuple):
    """What came of one target: inputs tried, seconds, ways through the code at the beginning and the end, and what crashed it."""

    name: str
    executions: int
    seconds: int
    covered: tuple[int, int]
    crashes: list[str]

    def __str__(self) -> str:
        """As a row of the table."""
        first, last = self.covered
        rate = self.executions // max(self.seconds, 1)
        return f"{self.name:<11} {self.executions:>12,} {self.seconds:>8} {rate:>8,} {first:>7} {last:>7} {len(self.crashes):>8}"


def fuzz(name: str, seconds: int) -> Ran:
    """Fuzz one target for so many seconds, the reading of its kept inputs not counted."""
    folder = KEPT / name
    folder.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder / "crashes", ignore_errors=True)
    options = [
        f"-max_total_time={seconds}", f"-max_len={_LONGEST_INPUT}", f"-timeout={_LONGEST_SECONDS}", f"-rss_limit_mb={_MORE_MEGABYTES}",
        "-len_control=20", "-use_value_profile=0",
    ]  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz.child", name, str(folder), *options]
    with (folder / "log").open("wb") as log:
        done = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False)
    told = (folder / "log").read_text(encoding="utf-8", errors="replace")
    runs, covered = _RUNS.search(told), [int(one) for one in _COVERED.findall(told)] or [0]
    crashes = [_confirmed(name, path) for path in sorted((folder / "crashes").glob("*")) if path.suffix != ".told"]
    found = [one for one in crashes if one]
    if runs is None or done.returncode:
        found.append(f"the fuzzer ended with {done.returncode}: see {folder / 'log'}")
    executions, spent = (int(runs[1]), int(runs[2])) if runs else (0, 0)
    return Ran(name, executions, spent, (covered[0], covered[-1]), found)


def _confirmed(name: str, path: Path) -> str:
    """Where the input is kept, if it crashes the parser here too, without instruments, which make everything slower."""
    data = path.read_bytes()
    try:
        attempt(TARGETS[name], data)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
        (FOUND / name).mkdir(parents=True, exist_ok=True)
        kept = FOUND / name / path.name
        kept.write_bytes(data)
        return f"{kept.relative_to(ROOT)}: {type(error).__name__}"
    return ""


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(
        "python -m tests.fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "targets", nargs="*", metavar="target", help=f"one of {', '.join(TARGETS)}; all of them if none is named"
    )
    parser.add_argument("--seconds", type=int, default=60, help="for each of them")
    given = parser.parse_args()
    if unknown := set(given.targets) - TARGETS.keys():
        parser.error(f"no target: {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        parser.error("atheris is not installed: it exists for Linux on x86_64 (make setup)")
    sys.stdout.write(
        f"{'target':<11} {'executions':>12} {'seconds':>8} {'a second':>8} {'ways':>7} {'then':>7} {'crashes':>8}\n"
    )
    crashed = False
    for name in given.targets or TARGETS:
        ran = fuzz(name, given.seconds)
        crashed |= bool(ran.crashes)
        sys.stdout.write("\n".join([str(ran), *(f"  {one}" for one in ran.crashes)]) + "\n")
        sys.stdout.flush()
    return 1 if crashed else 0


if __name__ == "__main__":
    sys.exit(main())
