"""What a picture of a case holds, before it is drawn: lanes of rows with spans and marks on one axis of time.

Every look is told apart by its shape, its filling or its words, and none by color alone: panels read black-and-white prints.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, NamedTuple

SpanLook = Literal[
    "phase",
    "phase_back",
    "level",
    "open",
    "in_force",
    "agreed",
    "planned",
    "support",
    "stalled",
    "asked",
    "taken_on",
    "back",
    "circle",
    "late",
    "late_open",
]
"""How a stretch of time looks: what it says stands in the legend of the picture."""
MarkLook = Literal[
    "kept",
    "missed",
    "excused",
    "claimed",
    "verified",
    "shaken",
    "approved",
    "rejected",
    "session",
    "refused",
    "ended",
    "unreached",
    "declined",
]
"""How an instant looks."""
LEGEND: dict[str, str] = {
    "kept": "contact kept", "missed": "contact missed", "excused": "check-in excused",
    "claimed": "claimed", "verified": "verified or done", "shaken": "contradicted, returned or expired",
    "approved": "decided for it", "rejected": "decided against it", "session": "session attested", "refused": "not taken on, or failed", "ended": "ended", "unreached": "nobody reached", "declined": "declined by the person",
    "phase": "phase", "phase_back": "phase after a step back", "level": "support level", "open": "waits for a decision",
    "in_force": "in force against the person's wish", "agreed": "in force by agreement", "planned": "promised, not begun",
    "support": "under way", "stalled": "no session in its time", "asked": "asked, no reply yet", "taken_on": "taken on, not begun", "back": "back: another way is owed",
    "circle": "providers wait for each other", "late": "late, then done", "late_open": "late, and still open",
}  # fmt: skip
"""What each look says."""


class Span(NamedTuple):
    """A stretch of time: `end` None is still going on. `label` stands in it where there is room."""

    begin: datetime
    end: datetime | None
    look: SpanLook
    label: str = ""


class Mark(NamedTuple):
    """An instant."""

    at: datetime
    look: MarkLook


class Row(NamedTuple):
    """A line of the picture."""

    label: str
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


class Lane(NamedTuple):
    """Rows about one subject; `note` says in words what is left out, if anything is."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


class Pause(NamedTuple):
    """A time in which the whole case stood still; drawn behind all lanes."""

    begin: datetime
    end: datetime | None
    label: str


class Timeline(NamedTuple):
    """A case as it is drawn: `title` and `caption` hold codes alone, `begin` to `end` is the axis of time, in the program's time zone."""

    title: str
    caption: str
    begin: datetime
    end: datetime
    time_zone: str
    lanes: tuple[Lane, ...]
    pauses: tuple[Pause, ...] = ()


def looks(lanes: Iterable[Lane]) -> list[str]:
    """The looks that occur, in the order of the legend."""
    rows = [row for lane in lanes for row in lane.rows]
    used: set[str] = {span.look for row in rows for span in row.spans} | {
        mark.look for row in rows for mark in row.marks
    }
    return [look for look in LEGEND if look in used]
