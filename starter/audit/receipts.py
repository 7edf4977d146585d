"""Receipts as people hold and type them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from activities.store.refused import StoreRefused
from workflows.core.checkpoint import MOST_BYTES

_FORM = re.compile(r"([1-9][0-9]{0,11})(?::([0-9a-f]{8,64}))?")


class Receipt(NamedTuple):
    """A receipt that somebody holds: the position, and the hash or its first digits (empty: none was named)."""

    position: int
    hash: str


def parse_place(text: str) -> Receipt | None:
    """What `17` or `17:02d59121` names (at least 8 digits of the hash); None if it is neither."""
    found = _FORM.fullmatch(text.strip().lower())
    return None if found is None else Receipt(int(found[1]), found[2] or "")


def parse_receipts(texts: Iterable[str]) -> list[Receipt] | None:
    """Receipts of the form POSITION:HASH; None if one of them is none."""
    read = [parse_place(text) for text in texts]
    found = [one for one in read if one is not None and one.hash]
    return found if len(found) == len(read) else None


def kept_note(path: Path) -> str:
    """The text of a checkpoint that somebody kept in a file.

    Raises:
        StoreRefused: it is longer than a checkpoint is, or no text.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        read = file.read(MOST_BYTES + 1)
    try:
        text = read.decode()
    except UnicodeDecodeError:
        text = ""
    if not text or len(read) > MOST_BYTES:
        what = f"{path} holds no checkpoint: that is text of at most {MOST_BYTES} bytes"
        raise StoreRefused(what, "Give the file as 'offramp audit log' or a witness wrote it.")
    return text
