"""Proofs as they are handed on: an entry's place in the log (C2SP tlog-proof), and a checkpoint that goes on from an older one (C2SP tlog-witness).

Both carry the signed checkpoint that they prove something of, so that whoever holds the keys of the log and of its witnesses needs nothing else.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import NamedTuple

from workflows.core.checkpoint import MOST_BYTES, is_decimal
from workflows.core.merkle import MOST_HASHES

_HEADING = "c2sp.org/tlog-proof@v1"
_HASH_BYTES = 32
_MOST = MOST_BYTES + 64 * 1024


class BadProof(ValueError):  # noqa: N818 - named for what a reader sees
    """What was read is no proof; the message says where it fails."""


class InclusionProof(NamedTuple):
    """That `leaf` is a leaf of the log whose signed checkpoint is `note`; `extra` is what the leaf is made from, and is not proved by itself."""

    leaf: int
    path: tuple[bytes, ...]
    note: str
    extra: bytes = b""

    def __str__(self) -> str:
        """As it is sent and kept."""
        extra = f"extra {base64.b64encode(self.extra).decode()}\n" if self.extra else ""
        return f"{_HEADING}\n{extra}index {self.leaf}\n{_lines(self.path)}\n{self.note}"


class ConsistencyProof(NamedTuple):
    """That the log whose signed checkpoint is `note` begins with what it was at `old` leaves: what a witness is asked to cosign."""

    old: int
    path: tuple[bytes, ...]
    note: str

    def __str__(self) -> str:
        """As it is sent and kept."""
        return f"old {self.old}\n{_lines(self.path)}\n{self.note}"


def parse_inclusion(text: str) -> InclusionProof:
    """The proof in `text`.

    Raises:
        BadProof: it is none.
    """
    head, note = _parts(text)
    if head[0] != _HEADING:
        raise BadProof(f"a proof begins with {_HEADING}")
    extra = _decoded(head.pop(1).removeprefix("extra ")) if len(head) > 1 and head[1].startswith("extra ") else b""
    if len(head) < 2 or extra is None:
        raise BadProof("a proof names the index of its leaf, and its extra data is base64")
    return InclusionProof(_number(head[1], "index "), _hashes(head[2:]), note, extra)


def parse_consistency(text: str) -> ConsistencyProof:
    """The proof in `text`.

    Raises:
        BadProof: it is none.
    """
    head, note = _parts(text)
    return ConsistencyProof(_number(head[0], "old "), _hashes(head[1:]), note)


def _parts(text: str) -> tuple[list[str], str]:
    if len(text) > _MOST:
        raise BadProof(f"a proof has at most {_MOST} bytes")
    head, found, note = text.partition("\n\n")
    if not found:
        raise BadProof("a proof is followed by an empty line and a signed checkpoint")
    return head.split("\n"), note


def _lines(path: Sequence[bytes]) -> str:
    return "".join(f"{base64.b64encode(hashed).decode()}\n" for hashed in path)


def _number(line: str, what: str) -> int:
    digits = line.removeprefix(what)
    if not line.startswith(what) or not is_decimal(digits):
        raise BadProof(f"this line reads: {what}and a decimal number")
    return int(digits)


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...]:
    found = [_decoded(line) for line in lines]
    if len(found) > MOST_HASHES or any(one is None or len(one) != _HASH_BYTES for one in found):
        raise BadProof(f"a proof has at most {MOST_HASHES} lines, each the base64 of {_HASH_BYTES} bytes")
    return tuple(one for one in found if one is not None)


def _decoded(coded: str) -> bytes | None:
    try:
        return base64.b64decode(coded, validate=True)
    except ValueError:
        return None
