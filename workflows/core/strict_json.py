"""JSON that others wrote, read so that it means one thing to every reader: no key twice, no NaN, no half characters, no more levels than anybody writes."""

from __future__ import annotations

import json
import math
from typing import Any

MOST_LEVELS = 32
"""Levels of lists and objects at most; what stands in files and commands has some eight."""


class BadJson(ValueError):  # noqa: N818 - named for what a reader sees
    """What was read is no JSON, or JSON that two readers may take for different things; the message says why, and repeats nothing of it."""


def read_json(text: str | bytes) -> Any:
    """The value in `text`; bytes are UTF-8, whatever they begin with.

    Raises:
        BadJson: it is no JSON; a key stands twice in an object; a number is not finite, or has thousands of digits; a string holds half of a character; or
            it has more than 32 levels.
    """
    try:
        plain = text.decode() if isinstance(text, bytes) else text
        found = json.loads(plain, object_pairs_hook=_once, parse_constant=_constant, parse_float=_finite)
    except BadJson:
        raise
    except RecursionError:
        raise BadJson(f"it has more than {MOST_LEVELS} levels") from None
    except ValueError:
        # What Python says of it may quote it.
        raise BadJson("it is no JSON in UTF-8") from None
    _check(found)
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadJson("a key stands twice in an object")
    return found


def _constant(_word: str) -> float:
    raise BadJson("a number is not finite")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise BadJson("a number is not finite")
    return number


def _check(found: Any) -> None:
    """Level by level and not by calling itself: what is too deep must not be what breaks the check."""
    level = [found]
    for depth in range(MOST_LEVELS + 1):
        if depth == MOST_LEVELS and any(isinstance(one, (dict, list)) for one in level):
            break
        texts = [one for one in level if isinstance(one, str)]
        below: list[Any] = []
        for one in level:
            if isinstance(one, dict):
                texts.extend(one)
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
        if not all(map(_whole, texts)):
            raise BadJson("a text holds half of a character")
        if not below:
            return
        level = below
    raise BadJson(f"it has more than {MOST_LEVELS} levels")


def _whole(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)
