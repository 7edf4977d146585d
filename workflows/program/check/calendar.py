"""The listed holidays are in order, without gaps, and reach far enough: deadlines are counted on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from workflows.program.check.finding import Finding
from workflows.program.model import Program

YEARS_AHEAD = 2
_CURE = "write the list anew with 'offramp program holidays REGION FROM..TO'"


def find(program: Program, *, today: date | None) -> Iterator[Finding]:
    """Holidays out of order or twice (errors); none, a year without any, or a list that ends too soon (warnings)."""
    holidays = program.calendar.holidays
    path = "calendar.holidays"
    for at, (one, other) in enumerate(pairwise(holidays)):
        if other <= one:
            why = f"{other} stands after {one}: a list out of order hides what is missing or doubled"
            yield Finding(f"{path}[{at + 1}]", "holidays_out_of_order", why, "sort the dates, each once")
    if not holidays:
        yield Finding(path, "no_holidays", "deadlines will fall on days on which nobody works", _CURE, "warning")
        return
    years = {day.year for day in holidays}
    for year in range(min(years), max(years)):
        if year not in years:
            yield Finding(path, "year_without_holidays", f"{year} has none, the years around it have", _CURE, "warning")
    if today is not None and max(years) < today.year + YEARS_AHEAD:
        why = f"the list ends in {max(years)}; deadlines of cases that run on will be counted as if there were no holidays"
        yield Finding(path, "holidays_run_out", why, _CURE, "warning")
