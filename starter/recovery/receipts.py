"""Receipts in files, as people kept them: they say what must exist, whoever lost it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

_RECEIPT = re.compile(
    r"\b([a-z_]{1,32}/[0-9a-f-]{36})\b\D{1,40}?([1-9][0-9]{0,11})\W{1,20}?(?:\w{1,8}\W{1,8})?\b([0-9a-f]{64})\b"
)


class Promise(NamedTuple):
    """What somebody holds a receipt for: the stream, the position, and the hash in hexadecimal."""

    stream: str
    position: int
    hash: str


def promises(paths: Iterable[Path]) -> list[Promise]:
    """Every receipt in these files, each once, in whatever form a command printed them: on a line of words, or as JSON."""
    return sorted({one for path in paths for one in promises_in(path.read_text(encoding="utf-8"))})


def promises_in(text: str) -> set[Promise]:
    """Every receipt in a text."""
    return {Promise(stream, int(position), hashed) for stream, position, hashed in _RECEIPT.findall(text)}
