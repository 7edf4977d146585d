"""The statement as one HTML file: no script, nothing from elsewhere, and every text escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from starter.statement.document import Day, Statement


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    environment.tests["day"] = lambda value: isinstance(value, Day)
    return environment.get_template("statement.html.jinja")


def html(statement: Statement) -> str:
    """The page."""
    return _template().render(s=statement)
