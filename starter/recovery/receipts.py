"""Receipts in files, as people kept them: they say what must exist, whoever lost it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from activities.store.refused import StoreRefused

_RECEIPT = re.compile(
    r"\b([a-z_]{1,32}/[0-9a-f-]{36})\b\D{1,40}?([1-9][0-9]{0,11})\W{1,20}?(?:\w{1,8}\W{1,8})?\b([0-9a-f]{64})\b"
)


class Promise(NamedTuple):
    """What somebody holds a receipt for: the stream, the position, and the hash in hexadecimal."""

    stream: str
    position: int
    hash: str


def promises(paths: Iterable[Path]) -> list[Promise]:
    """Every receipt in these files, each once, in whatever form a command printed them: on a line of words, or as JSON.

    Raises:
        StoreRefused: a file is no text, or cannot be read.
    """
    return sorted({one for path in paths for one in promises_in(_text(path))})


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        what = f"the receipts in {path} cannot be read: {'it is no UTF-8 text' if isinstance(error, ValueError) else error.strerror}"
        raise StoreRefused(what, "Give the lines that the commands printed, saved as text.") from error


def promises_in(text: str) -> set[Promise]:
    """Every receipt in a text."""
    return {Promise(stream, int(position), hashed) for stream, position, hashed in _RECEIPT.findall(text)}
