"""A case as a picture: its entries in, lanes on one axis of time out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from activities.store.fold import Told
from starter.audit.words import Words, counted
from starter.picture.care import Care
from starter.picture.rows import Course, DueProcess, Lateness, Pauses
from starter.picture.timeline import Timeline
from workflows.program.model import Program

_LEAST = timedelta(days=28)
"""A shorter case is drawn on an axis of four weeks, so that a day does not look like a year."""
_HASH_SHOWN = 12


def timeline(told: Sequence[Told], program: Program, *, until: datetime | None = None) -> Timeline:
    """The picture of a case.

    Args:
        told: every entry with its events, in order; at least one.
        program: the case's program, for titles and its time zone.
        until: the instant at which the picture ends, if not at the last entry.
    """
    words = Words(program)
    course, care, process, late, pauses = Course(words), Care(words), DueProcess(words), Lateness(), Pauses(words)
    subjects = (course, care, process, late, pauses)
    for entry, events in told:
        for event in events:
            for subject in subjects:
                subject.take(event, entry.at)
    first, last = told[0][0], told[-1][0]
    end = max(until or last.at, first.at + _LEAST)
    return Timeline(
        title=f"{last.stream}: {program.title}, {program.version}",
        caption=(
            f"{words.day(first.at)} to {words.day(end)}. Drawn from {counted(len(told), 'entry', 'entries')} of the ledger, up to position {last.position}, "
            f"hash {last.hash.hex()[:_HASH_SHOWN]}, {words.when(last.at)}. Codes alone; reasons and notes stand sealed in the vault."
        ),
        begin=first.at,
        end=end,
        time_zone=str(program.calendar.zone),
        lanes=(*course.lanes(), *care.lanes(), *process.lanes(), *late.lanes(end)),
        pauses=tuple(pauses.found),
    )  # fmt: skip
