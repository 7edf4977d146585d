"""Lengths of time and instants as a story writes them: `P21D`, `20 working days`, `-P3D`."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from workflows.core.calendar import Calendar, Term, Unit

_COUNT = r"(0|[1-9][0-9]{0,3})"
_TERM = rf"{_COUNT} (hour|day|working day|week|month|year)s?"
_ISO = rf"P(?=.)(?:{_COUNT}Y)?(?:{_COUNT}M)?(?:{_COUNT}W)?(?:{_COUNT}D)?(?:T{_COUNT}H)?"
_UNITS: tuple[Unit, ...] = ("years", "months", "weeks", "days", "hours")
_SPAN_FORM = f"^({_ISO}|{_TERM})$"
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(?::[0-9]{2})?(?:Z|[+-][0-9]{2}:[0-9]{2})"
_WHEN_FORM = f"^(-({_ISO}|{_TERM})|{_INSTANT})$"
_SPANS = "an ISO 8601 duration such as P21D, P3M or PT6H, or a term such as '20 working days'"


class Span(NamedTuple):
    """A length of time: `terms` one after the other, the largest unit first; `text` as it was written."""

    text: str
    terms: tuple[Term, ...]

    @classmethod
    def parse(cls, text: object) -> Span:
        """Read a span.

        Raises:
            ValueError: the text is neither an ISO 8601 duration in whole units down to hours, nor a term of a definition; or it is longer than a term may be.
        """
        if isinstance(text, Span):
            return text
        if isinstance(text, str) and re.fullmatch(_TERM, text):
            return cls(text, (Term.parse(text),))
        match = re.fullmatch(_ISO, text) if isinstance(text, str) else None
        if match is None:
            raise ValueError(_SPANS)
        terms = (Term.parse(f"{count} {unit}") for count, unit in zip(match.groups(), _UNITS, strict=True) if count)
        return cls(match[0], tuple(terms))

    def after(self, calendar: Calendar, at: datetime) -> datetime:
        """The instant so long after `at`, on that calendar: local wall-clock time is kept, except by hours."""
        for term in self.terms:
            at = calendar.after(at, term).at
        return at

    def before(self, calendar: Calendar, at: datetime) -> datetime:
        """The instant so long before `at`, by the same rules."""
        for term in self.terms:
            at = calendar.before(at, term).at
        return at

    def __str__(self) -> str:
        """In words: `3 weeks`, `1 month and 2 days`."""
        return " and ".join(map(str, self.terms))

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """In YAML a span is its text."""
        return _as_text(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For editors: a string of that pattern."""
        return {"type": "string", "pattern": _SPAN_FORM, "examples": ["P21D", "PT6H", "20 working days"]}


class When(NamedTuple):
    """An instant of a story: fixed (`at`), or so long before the step (`ago`); exactly one of the two is set."""

    at: datetime | None = None
    ago: Span | None = None

    @classmethod
    def parse(cls, text: object) -> When:
        """Read an instant.

        Raises:
            ValueError: the text is neither an ISO 8601 instant with its offset nor a span with a minus before it.
        """
        if isinstance(text, When):
            return text
        if isinstance(text, str) and re.fullmatch(_INSTANT, text):
            return cls(at=datetime.fromisoformat(text))
        if isinstance(text, str) and re.fullmatch(_WHEN_FORM, text):
            return cls(ago=Span.parse(text[1:]))
        msg = (
            f"an instant with its offset (2026-01-05T09:00:00+01:00), or how long before the step: a minus and {_SPANS}"
        )
        raise ValueError(msg)

    def on(self, calendar: Calendar, now: datetime) -> datetime:
        """The instant, seen from a step at `now`."""
        if self.ago is not None:
            return self.ago.before(calendar, now)
        return now if self.at is None else self.at

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """In YAML an instant is its text."""
        return _as_text(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For editors: a string of that pattern."""
        return {"type": "string", "pattern": _WHEN_FORM, "examples": ["-P3D", "2026-01-05T09:00:00+01:00"]}


def _as_text(parse: Any) -> CoreSchema:
    return core_schema.no_info_plain_validator_function(
        parse, serialization=core_schema.plain_serializer_function_ser_schema(str)
    )
