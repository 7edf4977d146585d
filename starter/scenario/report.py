"""Playing files of stories, and what is told of them: text for people, plain data for programs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from starter.scenario.load import Story, StoryError, load_story
from starter.scenario.play import Played, play
from starter.scenario.pure import PureStage
from starter.scenario.standing import view
from starter.scenario.transcript import transcript


class Outcome(NamedTuple):
    """What came of a file: the story as it was played, or why it cannot be; and how long it took."""

    file: str
    played: Played | None
    error: StoryError | None
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether it was played to its end and all of it held."""
        return self.played is not None and self.played.passed


def play_file(path: Path, *, live: bool, restart_workers: bool = False) -> Outcome:
    """Read and play one file; live it may take a minute, and with `restart_workers` a few.

    Raises:
        StackError, StageFailed: a live play could not be staged.
    """
    begun = time.monotonic()
    try:
        story = load_story(path)
    except StoryError as error:
        return Outcome(str(path), None, error, time.monotonic() - begun)
    played = asyncio.run(_play(story, live=live, restart_workers=restart_workers))
    return Outcome(str(path), played, None, time.monotonic() - begun)


async def _play(story: Story, *, live: bool, restart_workers: bool) -> Played:
    if not live:
        return await play(story, PureStage(story))
    from starter.scenario.live import play_live

    return await play_live(story, restart_every=1 if restart_workers else None)


def as_text(outcome: Outcome) -> str:
    """The transcript, or every problem of the file; ends with a line break."""
    if outcome.played is not None:
        return transcript(outcome.played)
    problems = outcome.error.problems if outcome.error is not None else []
    parts = [f"{outcome.file}: cannot be played, {len(problems)} problem(s)"]
    for problem in problems:
        where = f"  line {problem.line}  {problem.path}".rstrip()
        parts.append(
            f"{where}\n    found    {problem.found}\n    allowed  {problem.allowed}\n    cure     {problem.cure}"
        )
    return "\n".join(parts) + "\n"


def one_line(outcome: Outcome) -> str:
    """The outcome in a line."""
    if outcome.played is None:
        return f"✗ {outcome.file}: cannot be played"
    played = outcome.played
    verdict = f"{played.held} held" + (f", {len(played.failed)} did not" if played.failed else "")
    stopped = f", stopped at step {played.steps[-1].number}" if played.stopped else ""
    return f"{'✓' if played.passed else '✗'} {outcome.file}: {played.story.scenario.scenario} ({verdict}{stopped})"


def summary(outcomes: Sequence[Outcome], *, live: bool, restart_workers: bool = False) -> str:
    """All of them in a line."""
    passed = sum(outcome.passed for outcome in outcomes)
    held = sum(outcome.played.held for outcome in outcomes if outcome.played is not None)
    where = "on a real stack" if live else "on the pure core"
    where += ", its worker killed between the steps" if restart_workers else ""
    seconds = sum(outcome.seconds for outcome in outcomes)
    return f"{passed} of {len(outcomes)} stories passed, {held} expectations held ({where}, {seconds:.1f} seconds)."


def as_data(outcome: Outcome) -> dict[str, Any]:
    """The outcome for programs."""
    if outcome.played is None:
        problems = outcome.error.problems if outcome.error is not None else []
        return {"file": outcome.file, "passed": False, "problems": [problem._asdict() for problem in problems]}
    played, story = outcome.played, outcome.played.story
    failures = [
        {
            "step": step.number,
            "line": story.line("steps", step.number - 1, *result.path),
            "expected": result.expected,
            "instead": result.instead,
        }
        for step, result in played.failed
    ]
    return {
        "file": outcome.file, "scenario": story.scenario.scenario, "passed": played.passed, "held": played.held, "failures": failures,
        "stopped": played.stopped or None, "state": view(played.case).model_dump(mode="json"), "transcript": transcript(played),
    }  # fmt: skip
