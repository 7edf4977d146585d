"""A bundle: a case with its proofs in one file, to be read and checked where there is no database, no engine and no network.

It is a zip archive. `manifest.json` names the SHA-256 of every other file:

    entries.jsonl     an entry a line: its columns, its leaf in the log, and the proof of that
    events.jsonl      an entry a line: its events as they were sealed (absent where the bundle was made without the case's key)
    checkpoint.note   the signed checkpoint in which every entry is proved, with what its witnesses signed
    consistency/      proofs that this checkpoint goes on from others, which the auditor kept
    keys.json         the public keys as the exporter knows them; the key of the case's leaves; the key that opens its entries (may be absent)
    program.json      the definition that the case is pinned to, in the form over which its hash is taken
    temporal/         the histories of the case's workflow runs; the entries name the digests of those that have ended and were kept
    report.html       the same for people: it proves nothing

Only the standard library is used here. What is read was written by others: sizes are bounded before anything is unpacked.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from workflows.core.entry import Entry

FORMAT = "offramp.bundle.v1"
MANIFEST, ENTRIES, EVENTS, CHECKPOINT, KEYS, PROGRAM, REPORT = (
    "manifest.json", "entries.jsonl", "events.jsonl", "checkpoint.note", "keys.json", "program.json", "report.html",
)  # fmt: skip
CONSISTENCY, TEMPORAL = "consistency/", "temporal/"
KEY_BYTES = 32
MOST_FILES = 10_000
MOST_BYTES = 2 * 1024**3
MOST_RATIO = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class BadBundle(ValueError):  # noqa: N818 - named for what a reader sees
    """What was read is no bundle, or a file in it is not what its manifest names."""


class Line(NamedTuple):
    """An entry with its place in the log: which leaf it is, and the hashes that lead from it to the root."""

    entry: Entry
    leaf: int
    path: tuple[bytes, ...]


class Keys(NamedTuple):
    """The public keys as the exporter knows them, the key of the case's leaves, and the key that opens its entries (None: not given)."""

    log: str
    witnesses: tuple[str, ...]
    tags: bytes
    opens: bytes | None


def write(path: Path, files: Mapping[str, bytes], told: Mapping[str, Any]) -> None:
    """Write a bundle of these files; `told` is what its manifest says besides their hashes. Others cannot read the file."""
    hashes = {name: sha256(content).hexdigest() for name, content in sorted(files.items())}
    manifest = json.dumps({"format": FORMAT, **told, "files": hashes}, indent=2, sort_keys=True).encode()
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {MANIFEST: manifest, **files}.items():
            # No instants and no rights of this machine: the same case makes the same file.
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_bytes(held.getvalue())


class Bundle:
    """A bundle that was opened: every file is the one that the manifest names."""

    def __init__(self, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        self.manifest, self.files = manifest, files

    @classmethod
    def read(cls, path: Path) -> Bundle:
        """The bundle in a file.

        Raises:
            BadBundle: it is none, is too large, or a file in it is not the one that the manifest names.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                files = _unpacked(archive)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise BadBundle(f"this is no zip archive that can be read: {type(error).__name__}") from error
        manifest = as_object(files.pop(MANIFEST, b""), MANIFEST)
        named = manifest.get("files")
        if manifest.get("format") != FORMAT or not isinstance(named, dict):
            raise BadBundle(f"its manifest is not of the form {FORMAT}")
        for name in sorted(named.keys() | files.keys()):
            if name not in files:
                raise BadBundle(f"{name} is missing, and the manifest names it")
            if name not in named:
                raise BadBundle(f"{name} is not named by the manifest")
            if sha256(files[name]).hexdigest() != named[name]:
                raise BadBundle(f"{name} is not the file that the manifest names: it was changed")
        return cls(manifest, files)

    def text(self, name: str) -> str:
        """A file as text.

        Raises:
            BadBundle: it is missing, or no text.
        """
        try:
            return self.files[name].decode()
        except (KeyError, UnicodeDecodeError) as error:
            raise BadBundle(f"{name} is missing, or no text") from error

    def lines(self) -> Iterator[Line]:
        """The entries, in the order in which they stand.

        Raises:
            BadBundle: a line is malformed.
        """
        for number, line in enumerate(self.text(ENTRIES).splitlines(), start=1):
            where = f"{ENTRIES} line {number}"
            try:
                yield _line(as_object(line.encode(), where))
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise BadBundle(f"{where} is malformed") from error

    def keys(self) -> Keys:
        """The keys in it.

        Raises:
            BadBundle: they are missing or malformed.
        """
        found = as_object(self.files.get(KEYS, b""), KEYS)
        try:
            opens = None if found.get("opens") is None else _key(found["opens"])
            witnesses = tuple(str(one) for one in found["witnesses"])
            return Keys(str(found["log"]), witnesses, _key(found["tags"]), opens)
        except (KeyError, TypeError, ValueError) as error:
            raise BadBundle(f"{KEYS} is malformed") from error


def as_object(text: bytes, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        BadBundle: it is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadBundle(f"{where} is missing, or no JSON") from error
    if not isinstance(found, dict):
        raise BadBundle(f"{where} is no JSON object")
    return found


def dump_line(line: Line) -> str:
    """An entry as a line of `entries.jsonl`: instants in microseconds since 1970 UTC, as they are hashed."""
    entry = line.entry
    columns = entry._asdict() | {
        "at": (entry.at - _EPOCH) // _MICROSECOND, "recorded_at": (entry.recorded_at - _EPOCH) // _MICROSECOND,
        "body": base64.b64encode(entry.body).decode(), "prev": entry.prev.hex(), "hash": entry.hash.hex(),
    }  # fmt: skip
    return json.dumps({**columns, "leaf": line.leaf, "path": [hashed.hex() for hashed in line.path]}, sort_keys=True)


def _line(found: dict[str, Any]) -> Line:
    entry = Entry(
        stream=_text(found["stream"]), position=_whole(found["position"]), command_id=_text(found["command_id"]), type=_text(found["type"]),
        at=_EPOCH + _whole(found["at"]) * _MICROSECOND, recorded_at=_EPOCH + _whole(found["recorded_at"]) * _MICROSECOND,
        actor=_text(found["actor"]), body=base64.b64decode(found["body"], validate=True),
        prev=bytes.fromhex(found["prev"]), hash=bytes.fromhex(found["hash"]),
    )  # fmt: skip
    return Line(entry, _whole(found["leaf"]), tuple(bytes.fromhex(hashed) for hashed in found["path"]))


def _key(coded: str) -> bytes:
    key = bytes.fromhex(coded)
    if len(key) != KEY_BYTES:
        raise ValueError("a key has another length")
    return key


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    # A lone half of a pair, which JSON can hold, is no text: nothing could be hashed over it.
    value.encode()
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value


def _unpacked(archive: zipfile.ZipFile) -> dict[str, bytes]:
    infos = archive.infolist()
    if len(infos) > MOST_FILES or len({one.filename for one in infos}) != len(infos):
        raise BadBundle(f"it has more than {MOST_FILES} files, or two of one name")
    size, packed = sum(one.file_size for one in infos), sum(one.compress_size for one in infos)
    if size > MOST_BYTES or size > MOST_RATIO * (packed + 1024):
        raise BadBundle(f"it would unpack to {size} bytes, which no bundle has")
    return {one.filename: archive.read(one) for one in infos}
