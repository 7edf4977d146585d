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

Only the standard library is used here. What is read was written by others: sizes are bounded before anything is unpacked, and nothing is ever
written to where a name in it points.
"""

from __future__ import annotations

import base64
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from workflows.core.entry import Entry
from workflows.core.merkle import MOST_HASHES
from workflows.core.strict_json import BadJson, read_json

FORMAT = "offramp.bundle.v1"
MANIFEST, ENTRIES, EVENTS, CHECKPOINT, KEYS, PROGRAM, REPORT = (
    "manifest.json", "entries.jsonl", "events.jsonl", "checkpoint.note", "keys.json", "program.json", "report.html",
)  # fmt: skip
CONSISTENCY, TEMPORAL = "consistency/", "temporal/"
KEY_BYTES = 32
MOST_FILES = 10_000
MOST_PACKED = 64 * 1024**2
MOST_BYTES = 192 * 1024**2
"""Of a bundle as a file, and unpacked: of a case of 5,000 entries with its histories neither has a third of that."""
MOST_RATIO = 20
"""By which a file may grow when it is unpacked. Entries grow twofold, histories sixfold."""
_ALWAYS_ALLOWED = 1024**2
_NAME = re.compile(r"(?:consistency/|temporal/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_PLAIN = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_END = struct.Struct("<4s4H2LH")
_LOCATOR_BYTES = 20
_MOST_DIRECTORY = 4 * 1024**2
_BROKEN = (zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, OverflowError)  # fmt: skip
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
            size = _whole_archive(path)
            with zipfile.ZipFile(path) as archive:
                files = _unpacked(archive, size)
        except BadBundle:
            raise
        except _BROKEN as error:
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
        for number, line in enumerate(as_lines(self.text(ENTRIES)), start=1):
            where = f"{ENTRIES} line {number}"
            try:
                yield _line(as_object(line, where))
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise BadBundle(f"{where} is malformed") from error

    def keys(self) -> Keys:
        """The keys in it.

        Raises:
            BadBundle: they are missing or malformed.
        """
        found = as_object(self.files.get(KEYS, b""), KEYS)
        try:
            opens = None if found.get("opens") is None else as_hash(found["opens"])
            witnesses = tuple(as_text(one) for one in as_list(found["witnesses"]))
            return Keys(as_text(found["log"]), witnesses, as_hash(found["tags"]), opens)
        except (KeyError, TypeError, ValueError) as error:
            raise BadBundle(f"{KEYS} is malformed") from error


def as_lines(text: str) -> list[str]:
    """The lines of a file of which each ends with a line feed, and with nothing else that some reader takes for an end."""
    return text.removesuffix("\n").split("\n") if text else []


def as_object(text: str | bytes, where: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        BadBundle: it is none, or may mean different things to different readers.
    """
    if not text:
        raise BadBundle(f"{where} is missing, or empty")
    try:
        found = read_json(text)
    except BadJson as bad:
        raise BadBundle(f"{where}: {bad}") from None
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
        stream=as_text(found["stream"]), position=as_whole(found["position"]), command_id=as_text(found["command_id"]), type=as_text(found["type"]),
        at=_EPOCH + as_whole(found["at"]) * _MICROSECOND, recorded_at=_EPOCH + as_whole(found["recorded_at"]) * _MICROSECOND,
        actor=as_text(found["actor"]), body=base64.b64decode(as_text(found["body"]), validate=True),
        prev=as_hash(found["prev"]), hash=as_hash(found["hash"]),
    )  # fmt: skip
    return Line(
        entry, as_whole(found["leaf"]), tuple(as_hash(hashed) for hashed in as_list(found["path"], MOST_HASHES))
    )


def as_hash(value: object) -> bytes:
    """The 32 bytes of a hash or a key in hexadecimal.

    Raises:
        TypeError: it is no text.
        ValueError: it is not that many bytes.
    """
    found = bytes.fromhex(as_text(value))
    if len(found) != KEY_BYTES:
        raise ValueError("not 32 bytes")
    return found


def as_text(value: object) -> str:
    """A text.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value


def as_whole(value: object) -> int:
    """A whole number from 0 on that fits in 63 bits.

    Raises:
        TypeError: it is none.
        OverflowError: it does not fit.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    if not 0 <= value < 1 << 63:
        raise OverflowError("not in 63 bits")
    return value


def as_list(value: object, most: int = 1000) -> list[Any]:
    """A list of at most so many.

    Raises:
        TypeError: it is none, or longer.
    """
    if not isinstance(value, list) or len(value) > most:
        raise TypeError("not such a list")
    return value


def _whole_archive(path: Path) -> int:
    """The size of the file, once its end says that it is a small plain archive: what a larger directory would cost is never paid.

    Raises:
        BadBundle: it is too large, has too many files, is one part of several, ends with a comment, or is of the kind for sizes above 4 GiB.
    """
    size = path.stat().st_size
    if size > MOST_PACKED:
        raise BadBundle(f"the file has {size} bytes, and a bundle at most {MOST_PACKED}")
    with path.open("rb") as file:
        file.seek(max(0, size - _LOCATOR_BYTES - _END.size))
        end = file.read()
    mark, part, first, here, files, directory, begin, comment = _END.unpack(end[-_END.size :])
    if mark != b"PK\x05\x06" or comment or part or first or here != files or end[:4] == b"PK\x06\x07":
        raise BadBundle("its end is not that of a plain zip archive: something was added to it, or cut off")
    if files > MOST_FILES or directory > _MOST_DIRECTORY:
        raise BadBundle(f"it has more than {MOST_FILES} files")
    if begin + directory + _END.size != size:
        raise BadBundle("its directory does not stand where it says: something was put before it, or cut out")
    return size


def _unpacked(archive: zipfile.ZipFile, size: int) -> dict[str, bytes]:
    infos = archive.infolist()
    for one in infos:
        if why := _unfit(one):
            raise BadBundle(f"{one.filename[:120]!r} in it {why}")
    if len({one.filename for one in infos}) != len(infos) or len({one.header_offset for one in infos}) != len(infos):
        raise BadBundle("two files in it have one name, or one place")
    whole, packed = sum(one.file_size for one in infos), sum(one.compress_size for one in infos)
    if packed > size or whole > min(MOST_BYTES, _ALWAYS_ALLOWED + MOST_RATIO * size):
        raise BadBundle(f"it would unpack to {whole} bytes from {size}, which no bundle does")
    return {one.filename: _content(archive, one) for one in infos}


def _unfit(one: zipfile.ZipInfo) -> str:
    """Why a file in the archive is none that a bundle has; empty if it is."""
    kind = stat.S_IFMT(one.external_attr >> 16)
    if not _NAME.fullmatch(one.filename):
        return "has a name that no file of a bundle has"
    if one.flag_bits & 0x41:
        return "is encrypted, which nothing in a bundle is"
    if one.compress_type not in _PLAIN:
        return "is packed in another way than by deflate"
    return "is a link or a folder" if kind not in {0, stat.S_IFREG} else ""


def _content(archive: zipfile.ZipFile, one: zipfile.ZipInfo) -> bytes:
    """The content of a file in the archive: never more of it than its directory says, and its checksum fits."""
    with archive.open(one) as file:
        found = file.read(one.file_size + 1)
    if len(found) != one.file_size:
        raise BadBundle(f"{one.filename} has another size than the archive says")
    return found
