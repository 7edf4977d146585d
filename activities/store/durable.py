"""Writing that a crash cannot halve or forget: a file stands in its place whole, and the disk has it, before anybody relies on it."""

from __future__ import annotations

import os
from pathlib import Path


def put(path: Path, text: str) -> None:
    """Put a file with this text in the place of the former one: after any crash there stands either the one or the other.

    Raises:
        OSError: it cannot be written; the former one stands.
    """
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Return once the disk has what was added to the folder, or put in the place of something else.

    Raises:
        OSError: it cannot be flushed.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
