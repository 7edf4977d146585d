"""What differs between two states of a case, a sentence each, in words that a practitioner reads: what is owed first, then every other fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starter.audit.compare import ABSENT, Difference, every_difference
from starter.audit.words import Words, plain
from workflows.case.state import Case
from workflows.core.obligation import Obligation

_PLACE = {"stream", "position", "head", "as_of"}
"""Where an entry stands says nothing about the person."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_CODE = re.compile(r"[a-z][a-z0-9_]*\Z")
_OWED = re.compile(r"[a-z][a-z_]*/\S+\Z")
_NOTE_SHOWN = 13
_NAMED = {"milestone": "milestone", "phase": "phase"}


def facts_changed(before: Case, after: Case, words: Words) -> list[str]:
    """What was otherwise before, a line each; empty where the two states are the same."""
    owed = _owed(before.obligations, after.obligations, words)
    return [*owed, *(_line(one, words) for one in differences(before, after) if not one.path.startswith("obligations"))]


def differences(before: Case, after: Case) -> list[Difference]:
    """The same as paths and values (before as `ledger`, after as `other`), for programs."""
    one, other = (case.model_dump(mode="json", exclude=_PLACE) for case in (before, after))
    return every_difference(one, other, parts=False)


def _owed(before: dict[str, Obligation], after: dict[str, Obligation], words: Words) -> Iterator[str]:
    for key in sorted({*before, *after}):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        what = words.owed(key)
        if now is None:
            yield f"No longer owed: {what}."
        elif was is None:
            yield f"Owed now: {what}, by {words.when(now.due)}, by {_who(now, words)}."
        else:
            yield f"Owed otherwise: {what}{''.join(_moved(was, now, words))}."


def _who(one: Obligation, words: Words) -> str:
    return one.holder or words.name("role", one.owner)


def _moved(was: Obligation, now: Obligation, words: Words) -> Iterator[str]:
    if was.due != now.due:
        yield f", by {words.when(now.due)} (was {words.when(was.due)})"
    if (was.owner, was.holder) != (now.owner, now.holder):
        yield f", by {_who(now, words)} (was {_who(was, words)})"
    if was.climbed != now.climbed:
        yield f", step {now.climbed} of its ladder (was {was.climbed})"
    if was.silent != now.silent:
        yield ", and its silence has fallen" if now.silent else ", and its silence has not fallen"
    if was.next_at != now.next_at:
        yield f", next step {'none' if now.next_at is None else words.when(now.next_at)}"


def _line(one: Difference, words: Words) -> str:
    room, *rest = one.path.split(".")
    if (room, rest[:1]) == ("notice", ["pending"]):
        return f"Notice {rest[1]} is {'on its way no more' if one.other == ABSENT else 'on its way'}."
    parts = [
        words.name("milestone", part) if room == "milestone" and _CODE.match(part) else plain(part) for part in rest
    ]
    kind = _NAMED.get(rest[-1] if rest else room)
    was, now = (_value(value, words, phase=kind == "phase") for value in (one.ledger, one.other))
    return f"{', '.join((plain(room).capitalize(), *parts))}: {now} (was {was})."


def _value(value: Any, words: Words, *, phase: bool = False) -> str:
    """A value of JSON as people write it."""
    if value in (None, "", [], {}, ABSENT):
        return "nothing"
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            shown = ((plain(str(key)), _value(item, words, phase=key == "phase")) for key, item in value.items())
            return ", ".join(f"{key} {text}" for key, text in shown if text != "nothing") or "on record"
        case list():
            return ", ".join(_value(item, words) for item in value)
        case str() if _INSTANT.match(value):
            return words.when(datetime.fromisoformat(value))
        case str() if value.startswith("note:"):
            return value[:_NOTE_SHOWN]
        case str() if _OWED.match(value):
            return words.owed(value)
        case str() if _CODE.match(value):
            return words.name("phase", value) if phase else plain(value)
        case _:
            return str(value)
