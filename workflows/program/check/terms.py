"""Terms are longer than nothing and no longer than a life's part, so that every due instant exists and time goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pydantic import BaseModel

from workflows.core.calendar import Term
from workflows.program.check.finding import Finding
from workflows.program.explain import path_text
from workflows.program.fields import Path
from workflows.program.model import Program

LONGEST_YEARS = 30
_MAY_BE_ZERO = re.compile(r"\.(after|before|window)$")


def find(program: Program) -> Iterator[Finding]:
    """Terms of no length where that would repeat without end or make a promise empty, and terms beyond any program."""
    for steps, term in _terms(program, ()):
        path = path_text(steps)
        if term.number == 0 and not _MAY_BE_ZERO.search(path):
            yield Finding(
                path, "zero_term", "a term of no length is due at once and again for ever, or promises nothing",
                "give at least 1 hour, or remove the field where it may be left out",
            )  # fmt: skip
        elif term.nominal_days > LONGEST_YEARS * 366:
            yield Finding(
                path, "term_too_long", f"{term} is longer than any program: nobody will see that it passed",
                f"give at most {LONGEST_YEARS} years",
            )  # fmt: skip


def _terms(value: object, path: Path) -> Iterator[tuple[Path, Term]]:
    match value:
        case Term():
            yield path, value
        case BaseModel():
            for name in type(value).model_fields:
                yield from _terms(getattr(value, name), (*path, name))
        case dict():
            for key, item in value.items():
                yield from _terms(item, (*path, str(key)))
        case tuple():
            for at, item in enumerate(value):
                yield from _terms(item, (*path, at))
        case _:
            return
