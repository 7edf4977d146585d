"""The arguments of an entry's sentence, made from the event's own fields, so that a new event needs a sentence and no code.

A field `x` gives `$x` to choose by (a code, a number, a day in words, `yes` or `no`, `none` where it is absent; how many, for a list) and, where
it may hold a code, `$x-title`: what the code is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel

from starter.statement.titles import Titles
from starter.statement.words import Words
from workflows.case.reading import texts
from workflows.core.calendar import Term
from workflows.core.kinds import Event

_NOTE = "note:"
_SHOWN = 8
_OF_RELATIVES = frozenset({"identity", "need", "note", "view", "guardian", "agreed_by_relative"})
"""Fields of an event about a relative that hold such a text."""


def arguments(event: Event, words: Words, titles: Titles) -> dict[str, str | int]:
    """Every argument that the sentence of this event may use."""
    made: dict[str, str | int] = {}
    for name in type(event).model_fields:
        made |= _argument(name, getattr(event, name), words, titles)
    return made


def _argument(name: str, value: object, words: Words, titles: Titles) -> dict[str, str | int]:
    if value is None:
        return {name: "none", f"{name}-title": "none"}
    if isinstance(value, bool):
        return {name: "yes" if value else "no"}
    if isinstance(value, datetime):
        return {name: words.day(value).text}
    if isinstance(value, Term):
        return {name: words.term(value)}
    if isinstance(value, tuple):
        codes = [item if isinstance(item, str) else str(getattr(item, "kind", "")) for item in value]
        named = dict.fromkeys(titles.of(name, code) for code in codes if code)
        return {name: len(value), f"{name}-title": words.list(named)}
    if isinstance(value, BaseModel | Mapping):
        # Of a whole command or notice only which one it is.
        kind = value.get("type") if isinstance(value, Mapping) else getattr(value, "kind", None)
        return {name: str(kind or "other")}
    if isinstance(value, str):
        return {name: value, f"{name}-title": titles.of(name, value)}
    return {name: value} if isinstance(value, int) else {}


def argument_names(event: type[Event]) -> list[str]:
    """The names of the arguments that a sentence of this type may use."""
    fields = [name for name in event.model_fields if name != "type"]
    return [f"${name}, ${name}-title" if _may_be_code(event, name) else f"${name}" for name in fields]


def _may_be_code(event: type[Event], name: str) -> bool:
    told = str(event.model_fields[name].annotation)
    return "str" in told or "Literal" in told or "tuple" in told


def texts_of(event: Event) -> tuple[str, ...]:
    """The short numbers of the sealed texts that an event refers to, wherever in it they stand; a relative's own words are not among them."""
    theirs = set(of_others(event))
    return tuple(number for note in texts((event,)) if (number := short_text(note)) not in theirs)


def of_others(event: Event) -> tuple[str, ...]:
    """The short numbers of texts that are a relative's own words, or say who they are: these are not the participant's to ask for."""
    fields = {"relative_view", *(_OF_RELATIVES if "relative" in type(event).model_fields else ())}
    found = (getattr(event, field, None) for field in sorted(fields))
    return tuple(short_text(note) for note in found if isinstance(note, str))


def short_text(reference: str) -> str:
    """The number by which a person asks for a sealed text: the first digits of its reference."""
    return reference.removeprefix(_NOTE)[:_SHOWN]
