"""What the fuzzer found once is refused for ever, its seeds are read, and the fuzzer itself finds what is planted."""

from __future__ import annotations

import importlib.util
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.target import FOUND, Costly, Target, attempt, found
from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_a_target_reads_what_is_real(name: str) -> None:
    """A target is a parser that reads: its first seed passes, and none of the others crashes it."""
    first, *others = TARGETS[name].seeds()

    assert attempt(TARGETS[name], first)
    for seed in others:
        attempt(TARGETS[name], seed)


@pytest.mark.parametrize(("name", "path"), [(name, path) for name in sorted(TARGETS) for path in found(name)], ids=lambda one: one.name if isinstance(one, Path) else one)  # fmt: skip
def test_what_crashed_once_does_so_no_more(name: str, path: Path) -> None:
    """Every input that the fuzzer kept is read, or refused in the parser's own words, within its bounds."""
    attempt(TARGETS[name], path.read_bytes())


def test_whatever_was_found_belongs_to_a_target() -> None:
    """A target that is renamed takes what was found in it along."""
    assert {path.name for path in FOUND.iterdir() if path.is_dir()} <= TARGETS.keys()


def test_what_is_no_refusal_or_costs_too_much_is_a_crash() -> None:
    """Another error than those named, one derived from them, more than it may take of the processor, and 256 MB, are each told."""

    class DerivedError(LookupError):
        """Not the one that is named."""

    def raises(error: Exception) -> Target:
        def read(_data: bytes) -> None:
            raise error

        return Target(read, list, (LookupError,))

    assert not attempt(raises(LookupError()), b"")
    with pytest.raises(DerivedError):
        attempt(raises(DerivedError()), b"")
    with pytest.raises(Costly):
        attempt(Target(lambda _data: sum(range(6_000_000)), list), b"", seconds=0.01)
    # The measure is the most that the process ever held: the input has to go beyond that.
    large = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 + 300 * 1024 * 1024
    with pytest.raises(Costly):
        attempt(Target(lambda _data: len(bytearray(b"x") * large), list), b"")


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris exists for Linux on x86_64 alone")
def test_the_fuzzer_runs_and_tells() -> None:
    """One target for a second, as a person runs it: a table with what was tried, and no crash."""
    done = subprocess.run([sys.executable, "-m", "tests.fuzz", "--seconds", "1", "policy"], cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    heading, row = done.stdout.splitlines()
    assert heading.split()[0] == "target"
    assert row.split()[0] == "policy"
    assert int(row.split()[1].replace(",", "")) > 100
