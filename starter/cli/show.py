"""How answers look: tables and colors for a person at a terminal, plain columns when piped, JSON when asked for."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any
from unicodedata import category

import click

if TYPE_CHECKING:
    from rich.console import Console

_HASH_SHOWN = 12
_NARROWEST = 40
"""Text is not wrapped narrower than this; a terminal that is narrower breaks it itself."""
_DEEPEST_HANG = 60
_LEAD = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}  (?:\S+|the clock|the engine) +| +")


def on_terminal() -> bool:
    """Whether a person reads this."""
    return sys.stdout.isatty()


def plain_data(value: Any) -> Any:
    """The value in JSON's own types: models, named tuples, instants, hashes and all."""
    match value:
        case datetime() | date():
            return value.isoformat()
        case bytes():
            return value.hex()
        case Enum():
            return value.value
        case dict():
            return {str(key): plain_data(item) for key, item in value.items()}
        case tuple() if hasattr(value, "_asdict"):
            return plain_data(value._asdict())
        case list() | tuple() | set() | frozenset():
            return [plain_data(item) for item in value]
        case _ if hasattr(value, "model_dump"):
            return value.model_dump(mode="json")
        case _:
            return value


def say_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json_text(value))


def json_text(value: Any) -> str:
    """The value as JSON, for people too: indented."""
    return json.dumps(plain_data(value), indent=2, ensure_ascii=False)


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, empty: str) -> None:
    """Print rows under their columns, or `empty` where there are none."""
    if not rows:
        click.echo(empty)
    elif on_terminal():
        _rich_table(columns, rows)
    else:
        widths = [max(len(row[index]) for row in (columns, *rows)) for index in range(len(columns))]
        for row in (columns, *rows):
            click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _rich_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.box import SIMPLE
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE, header_style="bold", pad_edge=False)
    for column in columns:
        drawn.add_column(column, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell, style=_style(cell)) for cell in row))
    console().print(drawn)


def _style(cell: str) -> str:
    if cell.startswith(("overdue", "no ", "differs", "broken")):
        return "bold red"
    return "green" if cell in {"yes", "the same", "sound"} else ""


def console() -> Console:
    """A console for stdout; it keeps to NO_COLOR by itself."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def heading(text: str) -> None:
    """Print a title."""
    click.echo(click.style(text, bold=True) if on_terminal() and not os.environ.get("NO_COLOR") else text)


def harmless(text: str) -> str:
    """Text that somebody wrote, without what would steer the terminal of whoever reads it: controls and turns of direction show as a mark."""
    turns = range(0x202A, 0x202F), range(0x2066, 0x206A)
    return "".join(
        "\ufffd" if (category(c) == "Cc" and c not in "\n\t") or any(ord(c) in turn for turn in turns) else c
        for c in text
    )


def line(text: str, *, indent: int = 0, hang: int = 0) -> None:
    """Print text; at a terminal its lines are wrapped to the width, piped they stay whole.

    Args:
        text: one line or several.
        indent: blanks before every line.
        hang: further blanks before what is wrapped.
    """
    lead = " " * indent
    for one in text.split("\n"):
        click.echo(_wrapped(f"{lead}{one}", hang=indent + hang) if on_terminal() else f"{lead}{one}".rstrip())


def say_minutes(lines: Sequence[str]) -> None:
    """Print the minutes of one entry; at a terminal what is wrapped stands under the sentence it belongs to."""
    for one in lines:
        line(one, hang=_sentence_column(one))


def _sentence_column(text: str) -> int:
    """Where the sentence begins: behind date and person, or behind the blanks that stand for them."""
    found = _LEAD.match(text)
    return found.end() if found and found.end() < _DEEPEST_HANG else 0


def _wrapped(text: str, *, hang: int) -> str:
    from shutil import get_terminal_size
    from textwrap import wrap

    width = get_terminal_size().columns
    begin = len(text) - len(text.lstrip())
    if width - hang < _NARROWEST:
        hang = begin = min(hang, begin, 2)
        text = " " * begin + text.lstrip()
    lines = wrap(
        text,
        width=max(width, _NARROWEST),
        subsequent_indent=" " * max(hang, begin),
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)


def short(stream: str) -> str:
    """A case as people name it: the first eight characters of its uuid."""
    return stream.partition("/")[2][:8] or stream


def short_hash(digest: str) -> str:
    """The first digits of a hash."""
    return digest[:_HASH_SHOWN]


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr while the block runs, if a person watches; call it with how much is done, and of how much."""
    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
