"""Changes of what is JSON that stay JSON: where bytes are only swapped, hardly an input gets behind the first brace."""

from __future__ import annotations

import copy
import json
from random import Random
from typing import Any

INSTANTS = (
    "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9998-12-31T23:59:59+00:00", "2026-01-05T09:00:00", "2026-01-05T09:00:00+23:59", "2026-03-29T02:30:00+01:00",
    "2028-02-29T00:00:00Z", "2026-02-29T00:00:00Z", "2038-01-19T03:14:08Z", "2026-01-05", "1700000000", "20260105", "2026-01-05T09:00:00+00:00:30", "2026-W02-1T00:00:00Z",
    "2026-01-04T09:00:00Z", "2026-01-12T09:00:00Z", "2026-06-05T09:00:00Z", "2126-01-05T09:00:00Z", "1926-01-05T09:00:00Z",
)  # fmt: skip
TERMS = (
    "9999 years",
    "9999 months",
    "9999 working days",
    "9999 hours",
    "0 days",
    "1 day",
    "100 years",
    "-1 days",
    "1 fortnight",
    "P9999Y",
)
TEXTS = ("", " ", "\x00", "\u202e", "e\u0301", "\ud800", "a" * 70, "a" * 5000, "note:00000000-0000-0000-0000-000000000001", "note:x", "../..", "a\n", "clock", "engine", "case/00000000-0000-4000-8000-000000000001")  # fmt: skip
NUMBERS: tuple[Any, ...] = (0, -1, 1, 2, 3, 7, 2**31, 2**63, 2**64, 10**30, 1.5, 1e308, True, False, None)
_STRANGE: tuple[Any, ...] = (*INSTANTS, *TERMS, *TEXTS, *NUMBERS, [], {}, [[]], {"type": "elapsed"})


def mutated(data: bytes, seed: int, others: list[Any]) -> bytes | None:
    """The JSON in `data` with one to three changes, chosen by `seed`; parts of `others` may stand in it. None if it is no JSON."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    chance = Random(seed)
    for _ in range(chance.randint(1, 3)):
        value = _changed(value, chance, others)
    return json.dumps(value).encode()


def _changed(value: Any, chance: Random, others: list[Any]) -> Any:
    places = list(_places(value))
    if not places:
        return copy.deepcopy(chance.choice(others)) if others else value
    holder, key = chance.choice(places)
    match chance.randrange(6):
        case 0:
            del holder[key]
        case 1 | 2 | 3:
            holder[key] = chance.choice(_like(holder[key]))
        case 4 if others:
            giver, part = chance.choice(list(_places(chance.choice(others))) or [(holder, key)])
            holder[part if isinstance(holder, dict) and isinstance(part, str) else key] = copy.deepcopy(giver[part])
        case _:
            holder[key] = copy.deepcopy(chance.choice(_STRANGE))
    return value


def _like(value: Any) -> tuple[Any, ...]:
    """Strange values of the kind that stands there."""
    if isinstance(value, str):
        return INSTANTS if value[:2].isdigit() and "T" in value else TERMS if value[:1].isdigit() else TEXTS
    return NUMBERS if isinstance(value, int) else _STRANGE


def _places(value: Any, depth: int = 0) -> Any:
    """Every place in the value: what holds it, and by which key."""
    if isinstance(value, (dict, list)) and depth < 30:
        for key, part in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from _places(part, depth + 1)
