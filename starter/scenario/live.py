"""Playing a story live: a fresh stack, a worker process, the real vault and staff directory, the door that everybody uses, and skipped time.

A real case's clock cannot be turned back. A story that begins in the past is therefore played as many times 28 years later as brings its beginning into the
future, and its instants are told 28 years earlier again. After 28 years every date falls on the same day of the week, and months, leap years and clock
changes come as before (the Gregorian calendar repeats so from 1901 to 2099); the listed holidays of the definition move along. So a working day stays a working
day, and every due instant is the one of the pure play, but for the seconds that real machines take.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

from starter import stage
from starter.audit.compare import compare_cases
from starter.client import RefusedAnswer
from starter.scenario.commands import OPENING
from starter.scenario.load import Story
from starter.scenario.play import Played, Told, play
from starter.scenario.span import Span
from starter.stack import Ports, Stack
from workflows.case.state import dump_events, parse_events
from workflows.core.kinds import NO_EXPIRY
from workflows.program.model import Program

CYCLE_YEARS = 28
CYCLE = timedelta(weeks=1461)
LAST_YEAR = 2099
SOON = timedelta(minutes=2)
"""A stack and a worker are up within it: the story's beginning must still lie ahead then."""
TRIES = 3
SAME_MINUTE = timedelta(seconds=30)
SAME_INSTANT = timedelta(minutes=20)
"""In a story time passes in hours at the least, so that all its instants are whole hours from its beginning. On real machines seconds pass with each step, and
minutes where workers are killed in between: the case's clock runs so much ahead of the story's, and what happens then is told as of the story's instant."""
_AN_HOUR = timedelta(hours=1)
_HOUR = 3600
_SINCE = "2020-01-01T00:00:00Z"
_ANY_INSTANT = re.compile(r"\b([0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2})((?::[0-9]{2}(?:\.[0-9]+)?)?)")
_LATE = re.compile(r'(?<="late_seconds":)[0-9]+')
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z")
_DATE = re.compile(r"\b([0-9]{4})(?=-[0-9]{2}-[0-9]{2}(?![0-9]))")


async def play_live(story: Story, *, restart_every: int | None = None) -> Played:
    """Play the story on a stack of its own, which is gone afterwards.

    With `restart_every` the worker is killed before every so-many-th step (1: between any two), and nothing of the case is left in a
    cache: that step begins from the record.

    Raises:
        StackError: the stack did not start.
        StageFailed: the case did not come to rest, or its workflow and the ledger disagree about it.
    """
    for _ in range(TRIES - 1):
        try:
            return await _play_once(story, restart_every=restart_every)
        except stage.Overshot:
            continue  # a fault of skipping, which no story is about: the case and its stack are gone, and nothing of them counts
    return await _play_once(story, restart_every=restart_every)


async def _play_once(story: Story, *, restart_every: int | None) -> Played:
    cycles = cycles_ahead(story.scenario.starts, datetime.now(UTC))
    directory = Path(tempfile.mkdtemp(prefix="offramp-scenario-"))
    try:
        async with Stack(directory, ports=Ports.free(), time_skipping=True, ui=False) as stack:
            program = later(story.program, cycles)
            source = program.model_dump_json(exclude_defaults=True)
            async with stage.set_up(
                stage.Stage,
                directory=directory,
                stack=stack,
                people=_staff(story, cycles),
                definitions=[(program, source)],
            ) as real:
                real.set_clock(story.scenario.starts + cycles * CYCLE)
                await _others(real, story)
                between = None if restart_every is None else _every(restart_every, real)
                played = await play(story, LiveStage(real, story, cycles), between=between)
                await _agreed(real)
                return played
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _every(steps: int, real: stage.Stage) -> Callable[[], Awaitable[None]]:
    """What kills the worker before every so-many-th step."""
    numbers = count(1)

    async def between() -> None:
        if next(numbers) % steps == 0:
            await real.restart_worker()

    return between


def cycles_ahead(starts: datetime, now: datetime) -> int:
    """How many times 28 years later a story that begins at `starts` is played, so that it begins in the future."""
    cycles = 0
    while starts + cycles * CYCLE < now + SOON:
        cycles += 1
    return cycles


def later(program: Program, cycles: int) -> Program:
    """The definition with all its dates, of holidays and of sharing agreements, so many times 28 years later."""

    def moved(day: date) -> str:
        return day.replace(year=day.year + cycles * CYCLE_YEARS).isoformat()

    plain = program.model_dump(mode="json", exclude_defaults=True)
    plain["calendar"]["holidays"] = [moved(day) for day in program.calendar.holidays]
    for code, agreed in program.agreements.items():
        plain["agreements"][code] |= {"begins": moved(agreed.begins), "ends": moved(agreed.ends)}
    return Program.model_validate_json(json.dumps(plain), strict=True)


async def _others(real: stage.Stage, story: Story) -> None:
    """Open the other cases of whoever has some, by the first who may open any."""
    program = story.program
    openers = program.permissions[OPENING]
    by = next((one for one, known in story.scenario.people.items() if set(known.roles) & set(openers)), "nobody")
    for person, known in story.scenario.people.items():
        for _ in range(known.cases):
            note = f"note:{uuid4()}"
            await real.open_other(
                by, program=program.program, version=program.version, lead=person, support_level="low", eligibility=note
            )


def _staff(story: Story, cycles: int) -> str:
    """The staff file, as text: JSON is YAML too."""
    people = story.scenario.people.items()
    return json.dumps([
        {
            "person": person, "roles": known.roles, "organization": known.organisation, "valid_from": _SINCE,
            "valid_until": None if known.until is None else (known.until + cycles * CYCLE).isoformat(),
            "certificates": {code: _last_day(day, cycles) for code, day in known.certified(story.program).items()},
        }
        for person, known in people
    ])  # fmt: skip


def _last_day(day: date, cycles: int) -> str | None:
    return None if day == NO_EXPIRY else day.replace(year=day.year + cycles * CYCLE_YEARS).isoformat()


async def _agreed(real: stage.Stage) -> None:
    """Check that the workflow, if one was ever started, holds the case as the ledger tells it."""
    folded = await real.folded()
    difference = None if folded.position == 0 else compare_cases(folded, await real.at_rest())
    if difference is not None:
        msg = f"the workflow and the ledger disagree about the case, first in {difference.path}"
        raise stage.StageFailed(msg)


class LiveStage:
    """A real stage as a story sees it: all instants are the story's own."""

    def __init__(self, real: stage.Stage, story: Story, cycles: int) -> None:
        self._real, self._program, self._cycles = real, story.program, cycles
        self._starts = self.now = story.scenario.starts

    async def note(self, text: str, *, author: str) -> str:
        """Seal a text in the vault."""
        return await self._real.note(text, author=author)

    async def send(self, person: str, command: dict[str, Any]) -> None:
        """Send a command by the door that everybody uses; a refusal is an answer too."""
        moved: dict[str, Any] = json.loads(_INSTANT.sub(self._move_later, json.dumps(command)))
        kind = moved.pop("type")
        try:
            await self._real.send(person, kind, **moved)
        except RefusedAnswer:
            return  # recorded, and told by `news`

    async def pass_time(self, span: Span) -> None:
        """Skip time; whatever falls due on the way happens."""
        behind = self._real.now - self._cycles * CYCLE - self.now
        self.now = span.after(self._program.calendar, self.now)
        await self._real.forward_to(self.now + self._cycles * CYCLE + behind, slack=SAME_MINUTE)

    async def news(self) -> Sequence[Told]:
        """The entries that are new, once the case is at rest."""
        await self._real.at_rest()
        return [
            (
                entry._replace(at=self._due(entry.at - self._cycles * CYCLE)),
                parse_events(self._as_told(dump_events(events).decode())),
            )
            for entry, events in await self._real.news()
        ]

    def _as_told(self, body: str) -> str:
        """Events with every instant, in a field or in words, as the story has it."""
        on_time = _LATE.sub(lambda found: str(int(found[0]) - int(found[0]) % _HOUR), _DATE.sub(self._move_back, body))
        return _ANY_INSTANT.sub(self._on_the_hour, on_time)

    def _on_the_hour(self, found: re.Match[str]) -> str:
        at = self._due(datetime.fromisoformat(found[0]))
        return at.isoformat(sep=found[1][10], timespec="seconds" if found[2] else "minutes")

    def _due(self, at: datetime) -> datetime:
        """The story's instant for one that real machines reached a little later (or, where a pause that began late had a fixed end, sooner);
        what is no such instant stays as it is.
        """  # fmt: skip
        after = timedelta(seconds=(at.minute - self._starts.minute) % 60 * 60 + at.second, microseconds=at.microsecond)
        if after < SAME_INSTANT:
            return at - after
        return at + (_AN_HOUR - after) if _AN_HOUR - after < SAME_INSTANT else at

    def _move_later(self, found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found[0]) + self._cycles * CYCLE
        return at.isoformat().replace("+00:00", "Z")

    def _move_back(self, found: re.Match[str]) -> str:
        """The year of any date, in an instant or in words (a derivation, a cure), as the story has it."""
        return f"{int(found[1]) - self._cycles * CYCLE_YEARS:04}"
