"""The sections of what was decided, of everything else, and of what is not listed: every entry, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import NamedTuple

from activities.store.fold import Told
from starter.statement.arguments import arguments, texts_of
from starter.statement.document import Block, Heading, Line, Paragraph, Points, Said, Section
from starter.statement.listed import DECISIONS, EXEMPT, Untold, withheld
from starter.statement.titles import Titles
from starter.statement.words import Words


class Happening(NamedTuple):
    """An entry's event in words: its day, and the numbers of the sealed texts behind it."""

    day: date
    text: str
    texts: tuple[str, ...]


class Record(NamedTuple):
    """What was decided and what else happened, in order, and how many events were left out for which reason."""

    decided: list[Happening]
    other: list[Happening]
    left_out: Counter[str]


def read(told: Sequence[Told], words: Words, titles: Titles, *, later: Untold) -> Record:
    """Put every event into words, or count it under the reason for which it is not listed."""
    record = Record([], [], Counter())
    for entry, events in told:
        day = words.date_of(entry.at)
        for event in events:
            kind = str(getattr(event, "type", ""))
            if withheld(event, later):
                continue
            if kind in EXEMPT:
                record.left_out[EXEMPT[kind]] += 1
                continue
            text = words.event(kind, arguments(event, words, titles))
            (record.decided if kind in DECISIONS else record.other).append(Happening(day, text, texts_of(event)))
    return record


def decided(record: Record, words: Words) -> Section:
    """What was decided, and why."""
    blocks: tuple[Block, ...] = (Paragraph(words.say("decided-none")),)
    if record.decided:
        lead = (Paragraph(words.say("decided-lead")), Paragraph(words.say("decided-texts")))
        blocks = (*lead, Points(_lines(record.decided, words), ordered=True))
    return Section("decided", words.say("decided-heading"), blocks)


def everything_else(record: Record, words: Words) -> Section:
    """Everything else, month by month."""
    blocks: list[Block] = [Paragraph(words.say("record-lead" if record.other else "record-none"))]
    for _, group in groupby(record.other, key=lambda one: (one.day.year, one.day.month)):
        month = list(group)
        blocks += [Heading(words.month(month[0].day)), Points(_lines(month, words), ordered=True)]
    return Section("record", words.say("record-heading"), tuple(blocks))


def left_out(record: Record, words: Words) -> Section:
    """What is not listed, and why; and, to everybody alike, that some things may be told only later, or belong to somebody else."""
    reasons = [
        Line((Said(words.say(f"exempt-{reason}", number=number)),))
        for reason, number in sorted(record.left_out.items())
    ]
    first: Block = Points(tuple(reasons)) if reasons else Paragraph(words.say("left-none"))
    return Section(
        "left", words.say("left-heading"), (first, Paragraph(words.say("seen-delay")), Paragraph(words.say("seen-kin")))
    )


def _lines(happenings: Sequence[Happening], words: Words) -> tuple[Line, ...]:
    """A line for what was said of the same days; what is said again within a month only adds its day."""
    again: dict[tuple[int, int, str], list[Happening]] = {}
    for one in happenings:
        again.setdefault((one.day.year, one.day.month, one.text), []).append(one)
    together: dict[tuple[date, ...], list[Said]] = {}
    for group in again.values():
        days = tuple(dict.fromkeys(one.day for one in group))
        # What happened several times on one day (votes) is said once, with how often: nothing is lost by saying less.
        often = len(group) > len(days)
        text = words.say("times", text=group[0].text, number=len(group)) if often else group[0].text
        together.setdefault(days, []).append(Said(text, _texts(group, words)))
    return tuple(Line(tuple(said), tuple(map(words.day, days))) for days, said in together.items())


def _texts(group: Sequence[Happening], words: Words) -> str:
    texts = tuple(dict.fromkeys(number for one in group for number in one.texts))
    return words.say("texts", number=len(texts), texts=words.list(texts)) if texts else ""
