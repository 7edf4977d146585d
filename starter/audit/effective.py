"""What was true at an instant, by the dates at which things were observed, beside what was known then.

An entry that was written down late changes the first and never the second: a check-in of Monday that is recorded on Friday was kept on Monday,
and on Wednesday nobody knew. Decisions happen when they are made; only what they report of the world carries a date of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from activities.store.fold import Told
from starter.audit.compare import Difference, every_difference
from workflows.case.state import Case, Folding
from workflows.core.entry import Entry
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import Event

DATES = ("observed_at", "ended_at")
"""Fields of an event that say when in the world it happened."""


class Happened(NamedTuple):
    """An entry with those of its events that had happened; `late` where it was recorded only after the instant."""

    entry: Entry
    events: tuple[Event, ...]
    late: bool


class Effective(NamedTuple):
    """The case as it was true, what had happened by then, and where what was known then was otherwise (known first, true second)."""

    case: Case
    happened: list[Happened]
    known: Case
    differences: list[Difference]


def happened_at(event: Event, recorded: datetime) -> datetime:
    """When in the world the event happened: the date that it names, if it names an earlier one, else when it was recorded."""
    for name in DATES:
        named = getattr(event, name, None)
        if isinstance(named, datetime):
            return min(named, recorded)
    return recorded


def effective(stream: str, told: Sequence[Told], at: datetime) -> Effective:
    """What had happened by `at`, as far as these entries tell it, and what was known of it then.

    Args:
        stream: the case.
        told: its entries from the first on, with their events.
        at: the instant that is asked about.
    """
    true, known, happened = Folding(Case(stream=stream)), Folding(Case(stream=stream)), []
    for entry, events in told:
        late = entry.at > at
        # A refusal is an act of its day, and says nothing about the world before.
        kept = tuple(event for event in events if happened_at(event, entry.at) <= at and not (late and isinstance(event, CommandRefused)))  # fmt: skip
        if not late:
            known.add(events, entry.at)
        for event in kept:
            true.add((event,), happened_at(event, entry.at))
        if kept:
            happened.append(Happened(entry, kept, late))
    was, held = true.case(), known.case()
    return Effective(was, happened, held, every_difference(held.model_dump(mode="json"), was.model_dump(mode="json")))
