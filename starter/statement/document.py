"""The statement as data: sections of paragraphs, points and tables. HTML and PDF are both made from it, so they cannot say different things."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal


@dataclass(frozen=True)
class Day:
    """A day as a machine writes it and as a person reads it."""

    iso: str
    text: str


@dataclass(frozen=True)
class Said:
    """A sentence or two, and a word on the sealed texts behind it."""

    text: str
    texts: str = ""


@dataclass(frozen=True)
class Line:
    """What is said in one point of a list, and the days that it is about."""

    said: tuple[Said, ...]
    days: tuple[Day, ...] = ()


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str
    kind: Literal["paragraph"] = "paragraph"


@dataclass(frozen=True)
class Points:
    """A list; an `ordered` one is in the order of time."""

    lines: tuple[Line, ...]
    ordered: bool = False
    kind: Literal["points"] = "points"


@dataclass(frozen=True)
class Table:
    """A table: what it shows, its columns, and its rows of as many cells; the first cell names the row."""

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Day | str, ...], ...]
    kind: Literal["table"] = "table"


Block = Heading | Paragraph | Points | Table


@dataclass(frozen=True)
class Section:
    """A section: its anchor, its heading, and its blocks in order."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Statement:
    """The whole statement in one language, as of a day."""

    language: str
    title: str
    made: date
    lead: tuple[str, ...]
    contents: str
    page: str
    sections: tuple[Section, ...] = field(default=())
