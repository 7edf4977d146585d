"""Checkpoints: what is signed of the log, in the form of C2SP tlog-checkpoint, and the signed notes that carry it (C2SP signed-note).

A note is its text, an empty line, and a line for each signature: `— name base64(key id, signature)`. Whoever keeps a note of today can prove
tomorrow that what it covers was rewritten, whoever rewrote it.
"""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import NamedTuple

_SIGNED = "\n\n"
_TIME_BYTES = 8
_DASH = "— "
_KEY_ID_BYTES = 4
_ROOT_BYTES = 32
_LINES = 3
_MOST_DIGITS = 18
ED25519 = b"\x01"
"""The algorithm's byte in a key id of C2SP signed-note."""
COSIGNED = b"\x04"
"""The same for a witness's timestamped cosignature (C2SP tlog-cosignature)."""
MOST_BYTES = 64 * 1024
_UNENDED = "a note ends with an empty line and its signatures, each on a line of its own"


class Checkpoint(NamedTuple):
    """The log's name, how many leaves it has, and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """What is signed: three lines, each ended."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


class Signature(NamedTuple):
    """A signature of a note: whose, by which key, and its bytes."""

    name: str
    key_id: bytes
    signed: bytes


class Note(NamedTuple):
    """A signed note: its text, and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """As it is sent and kept."""
        lines = (f"{_DASH}{s.name} {base64.b64encode(s.key_id + s.signed).decode()}\n" for s in self.signatures)
        return f"{self.text}\n{''.join(lines)}"

    def signed_by(self, *more: Signature) -> Note:
        """The note with further signatures; one of a key that has signed already takes the place of its former one."""
        keys = {(one.name, one.key_id) for one in more}
        return Note(self.text, (*(s for s in self.signatures if (s.name, s.key_id) not in keys), *more))


class BadNote(ValueError):  # noqa: N818 - named for what a reader sees
    """What was read is no signed note, or no checkpoint; the message says where it fails."""


def key_id(name: str, public_key: bytes, *, algorithm: bytes = ED25519) -> bytes:
    """The four bytes that name a key in a signature line."""
    return sha256(name.encode() + b"\n" + algorithm + public_key).digest()[:_KEY_ID_BYTES]


def parse_note(text: str) -> Note:
    """The note in `text`.

    Raises:
        BadNote: it is too long, has no signature, or a signature line is malformed.
    """
    try:
        length = len(text.encode())
    except UnicodeEncodeError:
        raise BadNote("a note is text that can be written in UTF-8") from None
    if length > MOST_BYTES:
        raise BadNote(f"a note has at most {MOST_BYTES} bytes")
    body, found, lines = text.rpartition(_SIGNED)
    if not found:
        raise BadNote(_UNENDED)
    return Note(f"{body}\n", parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[Signature, ...]:
    """The signatures in `lines`, each on a line of its own, as a note ends with them and as a witness answers.

    Raises:
        BadNote: there is none, or one is malformed.
    """
    if not lines.endswith("\n"):
        raise BadNote(_UNENDED)
    return tuple(_signature(line) for line in lines[:-1].split("\n"))


def _signature(line: str) -> Signature:
    name, _, coded = line.removeprefix(_DASH).partition(" ")
    try:
        decoded = base64.b64decode(coded, validate=True)
    except ValueError:
        decoded = b""
    if not line.startswith(_DASH) or not name or len(decoded) <= _KEY_ID_BYTES:
        raise BadNote("a signature line reads: — name base64")
    return Signature(name, decoded[:_KEY_ID_BYTES], decoded[_KEY_ID_BYTES:])


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text.

    Raises:
        BadNote: it is not three lines: a name, a decimal size, the base64 of 32 bytes.
    """
    lines = text.split("\n")
    if len(lines) != _LINES + 1 or lines[_LINES] or not lines[0]:
        raise BadNote("a checkpoint has three lines: the log's name, its size, its root")
    origin, size, coded = lines[:_LINES]
    try:
        root = base64.b64decode(coded, validate=True)
    except ValueError:
        root = b""
    if not is_decimal(size) or len(root) != _ROOT_BYTES:
        raise BadNote("a checkpoint's second line is a decimal number, its third the base64 of 32 bytes")
    return Checkpoint(origin, int(size), root)


def is_decimal(text: str) -> bool:
    """Whether the text is a whole number as logs write it: ASCII digits without a leading zero, few enough for 63 bits."""
    plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    return plain and (text == "0" or not text.startswith("0"))


def cosigned_text(text: str, time: int) -> bytes:
    """What a witness signs of a checkpoint's text at `time` (seconds since 1970): C2SP tlog-cosignature, version 1."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosignature(time: int, signed: bytes) -> bytes:
    """A witness's signature with its time, as a note carries it."""
    return time.to_bytes(_TIME_BYTES, "big") + signed


def cosignature_parts(signed: bytes) -> tuple[int, bytes]:
    """The time of a witness's signature, and the signature proper."""
    return int.from_bytes(signed[:_TIME_BYTES], "big"), signed[_TIME_BYTES:]
