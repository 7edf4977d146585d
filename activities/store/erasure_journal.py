"""The journal of erasures: a file outside of the database, so that a restored backup is erased again before it opens.

A line is written and flushed to the disk before a key is destroyed. A line that was cut off by a crash therefore stands for a key that is still there,
and is written again. Keep the file apart from the database's backups: it names streams, people who decided, and instants, and nothing else.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from activities.store.durable import flush_folder
from activities.store.refused import StoreRefused
from workflows.core.strict_json import read_json


class Erased(NamedTuple):
    """That the key of a stream was, or is about to be, destroyed: where in the stream two people decided it, who, and when."""

    stream: str
    position: int
    requested_by: str
    approved_by: str
    approved_at: datetime


class Journal:
    """The journal in one file, which is made at the first erasure."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[Erased]:
        """Every erasure, in order; what a crash cut off at the end is left out.

        Raises:
            StoreRefused: the file cannot be read, or a line in its middle is damaged: then nobody knows what must not be opened again.
        """
        try:
            lines = self._path.read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return []
        except (OSError, UnicodeDecodeError) as error:
            raise self._unreadable(f"({type(error).__name__})") from error
        found = []
        # A line counts once it is ended: what stands behind the last end is empty, or was cut off.
        for number, line in enumerate(lines[:-1], start=1):
            try:
                found.append(_erased(read_json(line)))
            except (ValueError, TypeError, KeyError) as error:
                raise self._unreadable(f"line {number} is damaged") from error
        return found

    def add(self, erased: Erased) -> None:
        """Write the erasure down, unless it stands there already, and return once the disk has it.

        Raises:
            StoreRefused: the file cannot be written, or is damaged.
        """
        line = json.dumps({**erased._asdict(), "approved_at": erased.approved_at.isoformat()}, sort_keys=True) + "\n"
        try:
            with self._held() as descriptor:
                if all(one.stream != erased.stream for one in self.read()):
                    self._append(descriptor, line.encode())
                # Also where it stood there: whoever wrote it may have died before the disk had it.
                os.fsync(descriptor)
            flush_folder(self._path.parent)
        except OSError as error:
            what = f"the journal of erasures {self._path} cannot be written ({error.strerror})"
            raise StoreRefused(what, "Make room or correct its rights; until then no key is destroyed.") from error

    @contextmanager
    def _held(self) -> Iterator[int]:
        """The file, open and held against every other process: two that write at once would cut off each other's line."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    @staticmethod
    def _append(descriptor: int, line: bytes) -> None:
        whole = os.pread(descriptor, os.fstat(descriptor).st_size, 0)
        end = whole.rfind(b"\n") + 1
        os.ftruncate(descriptor, end)
        os.pwrite(descriptor, line, end)

    def _unreadable(self, why: str) -> StoreRefused:
        cure = "Restore the file from its own copy: without it, a restored backup could open what was erased."
        return StoreRefused(f"the journal of erasures {self._path} cannot be read: {why}", cure)


def _erased(fields: dict[str, Any]) -> Erased:
    """A line's fields, each of its kind: what was written by hand, or by something else, is not guessed at.

    Raises:
        TypeError, KeyError, ValueError: one is missing, unknown, or of another kind; or the instant says not when.
    """
    found = Erased(**{**fields, "approved_at": datetime.fromisoformat(fields["approved_at"])})
    texts: tuple[object, ...] = (found.stream, found.requested_by, found.approved_by)
    if not all(isinstance(one, str) and one.isprintable() and one for one in texts) or type(found.position) is not int:
        raise TypeError("a field of another kind")
    if found.approved_at.tzinfo is None or found.position < 1:
        raise ValueError("no instant, or no position")
    return found
