"""The escrow: files outside of the database, on another disk and in another backup domain, from which a restored backup is brought up to the last moment.

    log-*.jsonl          entries in the order of the log with the hashes of their leaves, signed checkpoints, and who read what; only ever added to
    tail-*.jsonl         entries that have no place in the log yet; a file goes once all of it stands in a log-*.jsonl
    streams/*.key.json   the wrapped key of a stream
    streams/*.texts.jsonl  its sealed notes, its names' index, its messages
    programs/, staff.json  published definitions, and the directory of staff
    mark.json            up to which leaf all of the log stands here

An entry stays sealed here as it is in the database. What an erasure must reach lies in two files for each stream, which it destroys. A line is
preceded by a digest of itself, so a line that a crash cut off, or a disk spoiled, is recognized and left out; a process adds only to files that it
began itself, so nothing ever stands behind such a line. One process at a time writes.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from activities.store import durable
from activities.store.refused import StoreRefused

ROLL_BYTES = 64 * 1024 * 1024
"""A file of the log that has grown to this is followed by another."""
_MOST_KNOWN = 500
"""Streams of which it is known without reading what texts stand here."""
_DIGEST = 16
_MISSING_CURE = "Make room, or correct its path (OFFRAMP_ESCROW) or its rights; until then nothing is sealed."
Row = dict[str, Any]
"""A row of a table as JSON, as Postgres writes it and reads it again."""


class Mark(NamedTuple):
    """How many leaves of the log stand in the escrow, and the root over them in hexadecimal."""

    size: int
    root: str


class Line(NamedTuple):
    """A line of the escrow's log: `leaf`, `entry`, `checkpoint` or `access`, with what it holds."""

    kind: str
    held: Row


TextName = tuple[str, str]
"""What a text is told by from others of its stream: the kind of its line, and its id."""


class _Texts(NamedTuple):
    """Which texts a stream's file holds, as far as it was read: the file, up to where, and their names."""

    inode: int
    end: int
    names: set[TextName]


class Escrow:
    """The escrow in one folder, which is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._log: Path | None = None
        self._tail: Path | None = None
        self._texts: dict[str, _Texts] = {}

    def __str__(self) -> str:
        """Where it is."""
        return str(self.folder)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Within, no other process writes here. (What one of them wrote meanwhile is complete: nobody leaves a pass half done but by dying.)

        Raises:
            StoreRefused: it cannot be written.
        """
        try:
            for folder in (self.folder, self.folder / "streams", self.folder / "programs"):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StoreRefused(f"the escrow {self.folder} cannot be written ({error.strerror})", _MISSING_CURE) from error  # fmt: skip

    # What is added to

    def add(self, lines: Iterable[Line]) -> None:
        """Add to the log's file of this process, and return once the disk has it."""
        written = [_written(line) for line in lines]
        if not written:
            return
        if self._log is None or not self._log.exists() or self._log.stat().st_size >= ROLL_BYTES:
            self._log = self._fresh("log")
        _append(self._log, written)

    def add_to_tail(self, entries: Iterable[Row]) -> None:
        """Add entries that have no place yet to the tail's file of this process, and return once the disk has them."""
        if self._tail is None or not self._tail.exists():
            self._tail = self._fresh("tail")
        _append(self._tail, [_written(Line("entry", one)) for one in entries])

    def renew_tail(self, waiting: Iterable[Row]) -> None:
        """Begin the tail's file of this process anew with what still waits: all else in it stands in the log's files by now."""
        former, self._tail = self._tail, None
        waits = list(waiting)
        if waits:
            self.add_to_tail(waits)
        if former is not None:
            former.unlink(missing_ok=True)

    def drop_tails(self, placed: Collection[tuple[str, int]]) -> None:
        """Remove the tails of other processes of which every entry (stream and position) stands in the log's files by now."""
        for path in self.folder.glob("tail-*.jsonl"):
            if path != self._tail and all((line.held["stream"], line.held["position"]) in placed for line in _read(path)):  # fmt: skip
                path.unlink(missing_ok=True)

    def mark(self) -> Mark | None:
        """Up to where all of the log stands here; None if that is unknown, and then all of it is written again."""
        try:
            found = json.loads((self.folder / "mark.json").read_text(encoding="utf-8"))
            return Mark(int(found["size"]), str(found["root"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def set_mark(self, mark: Mark) -> None:
        """Note up to where all of the log stands here."""
        durable.put(self.folder / "mark.json", json.dumps(mark._asdict()))

    # What belongs to one stream, to be destroyed with it

    def key(self, stream: str) -> Row | None:
        """The row of the stream's wrapped key; None if there is none, or it is spoiled."""
        return _object(self._file(stream, "key.json"))

    def keys(self) -> dict[str, Row]:
        """The row of every stream's wrapped key."""
        found = (_object(path) for path in sorted(self.folder.glob("streams/*.key.json")))
        return {str(row["stream"]): row for row in found if row is not None}

    def put_key(self, stream: str, row: Row) -> None:
        """Put the row of a stream's wrapped key in the place of the former one."""
        durable.put(self._file(stream, "key.json"), json.dumps(row, sort_keys=True))

    def texts(self, stream: str) -> list[Line]:
        """The stream's notes (`note`), its names (`name`), its messages (`message`)."""
        return list(_read(self._file(stream, "texts.jsonl")))

    def text_names(self, stream: str) -> set[TextName]:
        """Which texts of the stream stand here. Only what was added to its file since the last time is read.

        Raises:
            StoreRefused: it cannot be read.
        """
        path, known = self._file(stream, "texts.jsonl"), self._texts.pop(stream, _Texts(0, 0, set()))
        with _opened(path) as file:
            if file is None:
                return set()
            there = os.fstat(file.fileno())
            if known.inode != there.st_ino or known.end > there.st_size:
                known = _Texts(there.st_ino, 0, set())
            file.seek(known.end)
            added = file.read()
        # What another process is writing at this moment is read the next time.
        whole = added[: added.rfind(b"\n") + 1]
        lines = map(_line, whole.split(b"\n"))
        known.names.update(_name(line) for line in lines if line is not None)
        known = known._replace(end=known.end + len(whole))
        while len(self._texts) >= _MOST_KNOWN:
            self._texts.pop(next(iter(self._texts)), None)
        self._texts[stream] = known
        return known.names

    def add_texts(self, stream: str, lines: Sequence[Line]) -> None:
        """Add to what belongs to a stream."""
        path = self._file(stream, "texts.jsonl")
        if not path.exists():
            path.touch(mode=0o600)
            durable.flush_folder(path.parent)
        # Another process may have died over its last line: what is added begins a line of its own.
        _append(path, [b"\n", *(_written(line) for line in lines)])

    def destroy(self, stream: str) -> bool:
        """Destroy the key and the texts of a stream; whether there were any. The disk has it when this returns."""
        there = [path for kind in ("key.json", "texts.jsonl") if (path := self._file(stream, kind)).exists()]
        for path in there:
            _overwrite(path)
        if there:
            durable.flush_folder(self.folder / "streams")
        return bool(there)

    def destroy_texts(self, stream: str) -> None:
        """Destroy the notes and names of a stream whose erasure was approved; its key and its messages are needed until nothing is owed any more."""
        lines = self.texts(stream)
        messages = [line for line in lines if line.kind == "message"]
        if len(messages) < len(lines):
            _overwrite(self._file(stream, "texts.jsonl"))
            if messages:
                self.add_texts(stream, messages)

    # What is one for all streams

    def programs(self) -> dict[str, Row]:
        """Every published definition by the name of its file."""
        found = ((path.stem, _object(path)) for path in sorted(self.folder.glob("programs/*.json")))
        return {name: row for name, row in found if row is not None}

    def put_program(self, name: str, row: Row) -> None:
        """Keep a published definition."""
        durable.put(self.folder / "programs" / f"{name}.json", json.dumps(row, sort_keys=True))

    def staff(self) -> list[Row]:
        """The directory of staff as it was last seen."""
        found = _object(self.folder / "staff.json")
        return [] if found is None else list(found["staff"])

    def put_staff(self, rows: Sequence[Row]) -> None:
        """Keep the directory of staff."""
        durable.put(self.folder / "staff.json", json.dumps({"staff": list(rows)}, sort_keys=True))

    # What is read after a loss

    def lines(self) -> Iterator[Line]:
        """Every sound line of the log's files and of the tails, the oldest file first."""
        for kind in ("log", "tail"):
            for path in sorted(self.folder.glob(f"{kind}-*.jsonl")):
                yield from _read(path)

    def tail(self) -> Iterator[Row]:
        """The entries in the tails alone: what had no place in the log yet when it was last written to."""
        for path in sorted(self.folder.glob("tail-*.jsonl")):
            yield from (line.held for line in _read(path) if line.kind == "entry")

    def put_aside(self, name: str) -> Path | None:
        """Move what was sealed and what waited under another name, as evidence; where it is now. Keys and texts stay. None: there is nothing."""
        files = [*self.folder.glob("log-*.jsonl"), *self.folder.glob("tail-*.jsonl")]
        if not files:
            return None
        aside = self.folder / name
        aside.mkdir(mode=0o700, exist_ok=True)
        (self.folder / "mark.json").unlink(missing_ok=True)
        for path in files:
            path.replace(aside / path.name)
        self._log = self._tail = None
        durable.flush_folder(aside)
        durable.flush_folder(self.folder)
        return aside

    def _fresh(self, kind: str) -> Path:
        path = self.folder / f"{kind}-{time.time_ns():020d}-{secrets.token_hex(4)}.jsonl"
        path.touch(mode=0o600)
        durable.flush_folder(self.folder)
        return path

    def _file(self, stream: str, kind: str) -> Path:
        return self.folder / "streams" / f"{stream.replace('/', '.')}.{kind}"


def _overwrite(path: Path) -> None:
    """Write over a file and remove it. A disk that copies on writing keeps the former blocks: whoever needs more puts the escrow on an encrypted one."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _written(line: Line) -> bytes:
    text = json.dumps({"kind": line.kind, **line.held}, sort_keys=True).encode()
    return _digest(text) + b" " + text + b"\n"


def _digest(text: bytes) -> bytes:
    return sha256(text).hexdigest()[:_DIGEST].encode()


def _append(path: Path, lines: Sequence[bytes]) -> None:
    with path.open("ab") as file:
        file.write(b"".join(lines))
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> Iterator[Line]:
    """The sound lines of a file; those that were cut off or spoiled are left out: what they held is missing then, and is told as missing.

    Raises:
        StoreRefused: it cannot be read.
    """
    with _opened(path) as file:
        for raw in file or ():
            line = _line(raw[:-1]) if raw.endswith(b"\n") else None
            if line is not None:
                yield line


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO | None]:
    """The file to be read; None where there is none.

    Raises:
        StoreRefused: it cannot be read.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield None
        return
    except OSError as error:
        raise StoreRefused(f"the escrow cannot be read ({error.strerror})", _MISSING_CURE) from error
    with file:
        yield file


def _line(raw: bytes) -> Line | None:
    """A line without its line feed; None where it was cut off or spoiled."""
    text = raw[_DIGEST + 1 :]
    if raw[:_DIGEST] != _digest(text):
        return None
    held = json.loads(text)
    return Line(held.pop("kind"), held)


def _name(line: Line) -> TextName:
    held = line.held
    return line.kind, f"{held['key']} {held['person']}" if line.kind == "message" else str(held["note"])


def _object(path: Path) -> Row | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def same_key(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    """Whether two rows hold the same key in the same wrapping."""
    return one is not None and (one["key_id"], one["wrapped"]) == (other["key_id"], other["wrapped"])
