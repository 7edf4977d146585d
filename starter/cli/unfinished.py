"""A long look over many cases that can be interrupted at any point: each result is on disk before the next is taken up, and a later run goes on behind it."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click

FORMAT = "offramp.compare.v1"


class Result(NamedTuple):
    """What was found in one case: what the ledger was compared with, and in what they differ; empty: nothing."""

    stream: str
    found: tuple[tuple[str, str], ...]


class Unfinished:
    """The file of a run under way: a line for what was asked, then a line a case, in order. One process holds it at a time.

    Args:
        path: the file; made readable by its owner only.
        asked: what the run is about; another one is not gone on with.
        resume: go on with the run that the file is of; else begin anew.

    Raises:
        click.UsageError: the file cannot be written or read, another process holds it, or the run in it asked something else.
    """

    def __init__(self, path: Path, asked: Mapping[str, Any], *, resume: bool) -> None:
        self.path = path
        self.done, self.last, self.differing = 0, "", list[Result]()
        self.replaced = 0
        try:
            path.touch(mode=0o600, exist_ok=True)
            self._file = path.open("r+b")
        except OSError as error:
            raise click.UsageError(f"The results cannot be kept in {path}: {error.strerror}. Name another file with --state.") from None  # fmt: skip
        try:
            self._begin(json.dumps({"format": FORMAT, **asked}).encode(), resume=resume)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Unfinished:
        """The run, for as long as the block lasts; the file stays unless `over` was called."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let another process have the file."""
        self._file.close()

    def _begin(self, head: bytes, *, resume: bool) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.UsageError(f"Another comparison is under way (it holds {self.path}); wait for it, or name another file with --state.") from None  # fmt: skip
        whole = self._read(head, resume=resume)
        if not resume:
            self.replaced, self.done, self.last, self.differing, whole = self.done, 0, "", [], 0
        self._file.seek(whole)
        self._file.truncate()
        if not whole:
            self._file.write(head + b"\n")
            self._file.flush()

    def _read(self, head: bytes, *, resume: bool) -> int:
        """Take in what the file holds; how many bytes of it are whole lines (a kill may have halved the last)."""
        whole = 0
        for number, line in enumerate(self._file):
            if not line.endswith(b"\n"):
                break
            if number == 0 and line.rstrip() != head and resume:
                raise click.UsageError(f"The run in {self.path} was asked something else; give the same options, or begin anew without --resume.")  # fmt: skip
            if number > 0:
                self._take(self._result(line))
            whole += len(line)
        return whole

    def _result(self, line: bytes) -> Result:
        try:
            stream, found = json.loads(line)
            return Result(str(stream), tuple((str(other), str(what)) for other, what in found))
        except (ValueError, TypeError) as error:
            raise click.UsageError(f"What stands in {self.path} is not what a comparison keeps there; remove it, and begin anew without --resume.") from error  # fmt: skip

    def _take(self, one: Result) -> None:
        self.done, self.last = self.done + 1, one.stream
        if one.found:
            self.differing.append(one)

    def add(self, one: Result) -> None:
        """Keep what was found in the next case: once this returns, it outlives the process."""
        self._take(one)
        self._file.write(json.dumps(one).encode() + b"\n")
        self._file.flush()

    def over(self) -> None:
        """The results were told: there is nothing to go on with."""
        self.path.unlink(missing_ok=True)
