"""What a target is, and how one input is tried on it."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

MOST_SECONDS = 1.0
"""Of the processor, for one input."""
MOST_KILOBYTES = 256 * 1024
"""By which one input may raise the most memory that the process ever held."""
FOUND = Path(__file__).with_name("found")


class Target(NamedTuple):
    """A parser at a door.

    read: takes the input as it comes from outside.
    seeds: inputs to begin from; the first of them is read without an error.
    refuses: the very classes of the errors in which it says no; a class derived from one of them is none of them.
    words: what its language is made of, for the fuzzer's dictionary.
    json_from: it is JSON from this byte on, and is mostly changed as such; None if it is something else.
    """

    read: Callable[[bytes], object]
    seeds: Callable[[], Iterable[bytes]]
    refuses: tuple[type[Exception], ...] = ()
    words: tuple[str, ...] = ()
    json_from: int | None = None


class Costly(Exception):  # noqa: N818 - named for what it tells
    """One input took more of the processor, or more memory, than any may."""


def attempt(target: Target, data: bytes, *, seconds: float = MOST_SECONDS) -> bool:
    """Give the input to the parser: True if it was read, False if it was refused in the parser's own words; `seconds` are what it may take.

    Raises:
        Costly: it took too much.
        Exception: whatever else came out of the parser.
    """
    held, begun = _most_kilobytes(), time.thread_time()
    try:
        target.read(data)
    except Exception as error:
        if type(error) not in target.refuses:
            raise
        read = False
    else:
        read = True
    spent, more = time.thread_time() - begun, _most_kilobytes() - held
    if spent > seconds or more > MOST_KILOBYTES:
        raise Costly(f"{spent:.2f} s, {more // 1024} MB")
    return read


def found(name: str) -> list[Path]:
    """The inputs that once crashed the target of this name, in the order of their names."""
    return sorted((FOUND / name).glob("*")) if (FOUND / name).is_dir() else []


def _most_kilobytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
