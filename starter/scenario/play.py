"""Playing a story, step by step, on whatever stage: the pure core or a real stack."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from starter.scenario.commands import OPENING, wire
from starter.scenario.expect import Found, Result, compare
from starter.scenario.load import Story
from starter.scenario.model import Step
from starter.scenario.pure import STREAM
from starter.scenario.span import Span
from workflows.case.state import Case, advance
from workflows.core.entry import Entry
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import Event

_MINUTE = 60
"""Lateness counts in whole minutes: less is the engine's own pace, and no part of a story."""
Told = tuple[Entry, tuple[Event, ...]]


class Stage(Protocol):
    """Where a story is played. All instants are the story's own."""

    @property
    def now(self) -> datetime:
        """The case's instant."""
        ...

    async def note(self, text: str, *, author: str) -> str:
        """Keep a text; the reference to it."""
        ...

    async def send(self, person: str, command: dict[str, Any]) -> None:
        """Have a command answered, whatever the answer is."""
        ...

    async def pass_time(self, span: Span) -> None:
        """Let time pass; whatever falls due on the way happens."""
        ...

    async def news(self) -> Sequence[Told]:
        """The answers that are new since the last time, in order, once every notice was reported on."""
        ...


class PlayedStep(NamedTuple):
    """A step as it went: its number from 1, what was recorded in it, and its expectations."""

    number: int
    step: Step
    told: list[Told]
    results: list[Result]


class Played(NamedTuple):
    """A story as it went.

    words: reference → text that was sealed.
    case, at: where the case stood at the end, and when.
    stopped: why the story could not go on after its last played step; empty if it did.
    """

    story: Story
    steps: list[PlayedStep]
    words: dict[str, str]
    case: Case
    at: datetime
    stopped: str

    @property
    def held(self) -> int:
        """How many expectations held."""
        return sum(result.held for played in self.steps for result in played.results)

    @property
    def failed(self) -> list[tuple[PlayedStep, Result]]:
        """Every expectation that did not hold, with its step."""
        return [(played, result) for played in self.steps for result in played.results if not result.held]

    @property
    def passed(self) -> bool:
        """Whether the story was played to its end and all of it held."""
        return not self.stopped and not self.failed


async def play(story: Story, stage: Stage, *, between: Callable[[], Awaitable[None]] | None = None) -> Played:
    """Play the story to its end, or to the first command that was answered otherwise than the story has it.

    Args:
        story: what is played.
        stage: where.
        between: what is done to the stage before every step but the first; nothing of it may show in the story.
    """
    course = _Course(story, stage)
    for number, step in enumerate(story.scenario.steps, start=1):
        if between is not None and number > 1:
            await between()
        await course.take(number, step)
        if course.stopped:
            break
    return Played(story, course.steps, course.words, course.case, stage.now, course.stopped)


class _Course:
    """The story while it is played."""

    def __init__(self, story: Story, stage: Stage) -> None:
        self._story, self._stage = story, stage
        self._plain: list[dict[str, Any]] = []
        self.case = Case(stream=STREAM)
        self.words: dict[str, str] = {}
        self.steps: list[PlayedStep] = []
        self.stopped = ""

    async def take(self, number: int, step: Step) -> None:
        """Play one step, and compare."""
        if step.after is not None:
            await self._stage.pass_time(step.after)
        told = await self._news()
        refusal = None
        if step.do is not None and step.by is not None:
            await self._send(step.by, step.do)
            answered = await self._news()
            refusal = _refusal(answered, step.by)
            told += answered
        plain = [self._as_json(event) for _, events in told for event in events]
        self._plain += plain
        found = Found(self.case, self._stage.now, self._story.program, plain, self._plain, refusal)
        self.steps.append(PlayedStep(number, step, told, list(compare(step, found))))
        self.stopped = _otherwise(step, refusal)

    async def _send(self, person: str, form: Any) -> None:
        async def seal(text: str) -> str:
            reference = await self._stage.note(text, author=person)
            self.words[reference] = text
            return reference

        program = self._story.program
        command = await wire(form, calendar=program.calendar, now=self._stage.now, seal=seal)
        if command["type"] == OPENING:
            command = {"program": program.program, "version": program.version, **command}
        await self._stage.send(person, command)

    async def _news(self) -> list[Told]:
        """What is new, its lateness in whole minutes; the case follows it."""
        told = [(entry, tuple(map(_punctual, events))) for entry, events in await self._stage.news()]
        for entry, events in told:
            self.case = advance(self.case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
        return told

    def _as_json(self, event: Event) -> dict[str, Any]:
        text = event.model_dump_json()
        for reference, words in self.words.items():
            text = text.replace(json.dumps(reference), json.dumps(words))
        plain: dict[str, Any] = json.loads(text)
        return plain


def _punctual(event: Event) -> Event:
    late = getattr(event, "late_seconds", 0)
    return event.model_copy(update={"late_seconds": late - late % _MINUTE}) if late % _MINUTE else event


def _refusal(told: Sequence[Told], person: str) -> CommandRefused | None:
    own = (event for entry, events in told if entry.actor == person for event in events)
    return next((event for event in own if isinstance(event, CommandRefused)), None)


def _otherwise(step: Step, refusal: CommandRefused | None) -> str:
    """Why the story cannot go on: what follows would stand on an answer that was not given."""
    if step.do is None:
        return ""
    if refusal is not None and step.refused is None:
        return f"the command was to be accepted, and is refused as {refusal.code}: {refusal.why}; cure: {refusal.cure}"
    return "the command was to be refused, and is accepted" if refusal is None and step.refused is not None else ""
