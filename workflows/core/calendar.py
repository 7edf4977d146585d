"""Due instants on a pinned calendar: a time zone, working days, and holidays that stand in the program's definition.

Deadlines count in the working days of one jurisdiction, listed, never looked up: otherwise a replay in another year, or
on a machine with other data, would find another date (field guide §4).
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Annotated, Literal, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, field_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from workflows.core.kinds import Frozen, Instant

Unit = Literal["hours", "days", "working days", "weeks", "months", "years"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TERM = r"^(0|[1-9][0-9]{0,3}) (hour|day|working day|week|month|year)s?$"
LONGEST_YEARS = 100
"""Longer than any promise to anybody: so a term leads from an instant that somebody wrote to one that the calendar has."""
_NOMINAL_DAYS = {"hours": 1 / 24, "days": 1.0, "working days": 1.4, "weeks": 7.0, "months": 30.4, "years": 365.25}
_LONGEST_DAYS = LONGEST_YEARS * 365.25


class Term(NamedTuple):
    """A length of time as a definition writes it: `20 working days`, `6 months`, `1 hour`."""

    number: int
    unit: Unit

    @classmethod
    def parse(cls, text: object) -> Term:
        """Read a term.

        Raises:
            ValueError: the text is not `<number> <unit>` (the message lists the units), or is longer than 100 years.
        """
        if isinstance(text, Term):
            return text
        term = _read(text) if isinstance(text, str) else None
        if term is not None and term.nominal_days > _LONGEST_DAYS:
            msg = f"a term is at most {LONGEST_YEARS} years"
            raise ValueError(msg)
        if term is None:
            msg = "a term is a number and a unit: hours, days, working days, weeks, months or years (for example '20 working days')"
            raise ValueError(msg)
        return term

    def __str__(self) -> str:
        """The term as a definition writes it, singular where it is one."""
        return f"{self.number} {self.unit[:-1] if self.number == 1 else self.unit}"

    @property
    def nominal_days(self) -> float:
        """The term's usual length in days, for comparing two terms of a definition; never for a due instant."""
        return self.number * _NOMINAL_DAYS[self.unit]

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """In JSON and YAML a term is its text."""
        return core_schema.no_info_plain_validator_function(
            cls.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(str, return_schema=core_schema.str_schema()),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For editors: a string of that pattern."""
        return {"type": "string", "pattern": _TERM, "examples": ["20 working days", "6 months"]}


@lru_cache(maxsize=256)
def _read(text: str) -> Term | None:
    # Cached: a program has a handful of terms, and a stored stream repeats one in every obligation.
    match = re.fullmatch(_TERM, text)
    return None if match is None else Term(int(match[1]), f"{match[2]}s")  # type: ignore[arg-type]  # one of the six units


class Due(NamedTuple):
    """A due instant and, in words, how it came about: an owner can check it against a paper calendar."""

    at: datetime
    derivation: str


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later (or earlier); the month's last day where that day does not exist."""
    index = day.year * 12 + day.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


class Calendar(Frozen):
    """The jurisdiction's calendar as it stands in the definition."""

    time_zone: Annotated[str, Field(description="IANA name, for example Europe/Berlin")]
    working_days: Annotated[tuple[Weekday, ...], Field(min_length=1, max_length=7)]
    holidays: tuple[date, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            msg = "not a time zone of the IANA database (for example Europe/Berlin, America/Toronto)"
            raise ValueError(msg) from error
        return name

    @cached_property
    def zone(self) -> ZoneInfo:
        """The time zone's rules."""
        return ZoneInfo(self.time_zone)

    @cached_property
    def _closed(self) -> frozenset[date]:
        return frozenset(self.holidays)

    @cached_property
    def _open_weekdays(self) -> frozenset[int]:
        return frozenset(_WEEKDAYS.index(day) for day in self.working_days)

    def is_working_day(self, day: date) -> bool:
        """Whether offices of this jurisdiction work on that local date."""
        return day.weekday() in self._open_weekdays and day not in self._closed

    def after(self, start: datetime, term: Term) -> Due:
        """The instant `term` after `start`: local wall-clock time is kept (09:00 stays 09:00 across a clock change)."""
        return self._shift(start, term, sign=1)

    def before(self, start: datetime, term: Term) -> Due:
        """The instant `term` before `start`, by the same rules."""
        return self._shift(start, term, sign=-1)

    def _shift(self, start: datetime, term: Term, *, sign: int) -> Due:
        local = start.astimezone(self.zone)
        note = ""
        if term.unit == "hours":
            end = (start.astimezone(UTC) + sign * timedelta(hours=term.number)).astimezone(self.zone)
        elif term.unit == "working days":
            day, skipped = self._count_working_days(local.date(), term.number, sign)
            end, note = self._at_local_time(day, local), f", {skipped} closed days not counted" if skipped else ""
        else:
            end = self._at_local_time(_MOVES[term.unit](local.date(), sign * term.number), local)
        word = "after" if sign > 0 else "before"
        return Due(end.astimezone(UTC), f"{term} {word} {local:%Y-%m-%d %H:%M} {self.time_zone}{note}")

    def _count_working_days(self, day: date, count: int, sign: int) -> tuple[date, int]:
        skipped = 0
        while count > 0:
            day += timedelta(days=sign)
            if self.is_working_day(day):
                count -= 1
            else:
                skipped += 1
        return day, skipped

    def _at_local_time(self, day: date, local: datetime) -> datetime:
        naive = datetime.combine(day, local.time())
        # A wall-clock time inside the spring gap does not exist; going through UTC moves it forward by the gap.
        return naive.replace(tzinfo=self.zone, fold=local.fold).astimezone(UTC).astimezone(self.zone)

    def local(self, at: Instant) -> datetime:
        """The instant on the jurisdiction's clock, for people to read."""
        return at.astimezone(self.zone)


_MOVES: dict[str, Callable[[date, int], date]] = {
    "days": lambda day, count: day + timedelta(days=count),
    "weeks": lambda day, count: day + timedelta(weeks=count),
    "months": add_months,
    "years": lambda day, count: add_months(day, 12 * count),
}
