"""Stories on a real stack, told beside the same stories on the pure core."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from difflib import unified_diff
from pathlib import Path
from zlib import crc32

import pytest

from starter.scenario.live import play_live
from starter.scenario.load import load_story
from starter.scenario.play import play
from starter.scenario.pure import PureStage
from starter.scenario.transcript import transcript

STORIES = Path(__file__).resolve().parents[1] / "scenarios"
AT_ONCE = 2
EVERY = sorted(path.stem for path in STORIES.glob("*.yaml"))
CHOSEN = (
    "absent_lead", "assessment_never_begun", "circle_of_waiting", "closed_because_moved", "closed_case", "contradiction_shuts_gate",
    "correction_reaches_recipients", "court_order_ends_it", "data_without_end", "duty_to_warn", "exit_with_work_undone", "family_threatened",
    "ghost_intervention", "imminent_danger", "late_completion", "lead_handover", "lost_after_exit", "measure_without_basis_or_end", "no_gap_in_support",
    "partner_joins", "performance_as_progress", "record_bent_to_the_process", "serial_closure", "voluntary_measure_withdrawn",
)  # fmt: skip
"""The failures of the inquiries, and others that are soon played."""
ALL = EVERY if "OFFRAMP_ALL_STORIES" in os.environ else CHOSEN
"""What is played live: with OFFRAMP_ALL_STORIES in the environment every story, which takes a quarter of an hour."""


def both(path: Path, *, restart_every: int | None = None) -> tuple[str, str]:
    """The transcript of the pure play, and that of the live one."""
    story = load_story(path)
    live = asyncio.run(play_live(story, restart_every=restart_every))
    assert live.passed, transcript(live)
    return transcript(asyncio.run(play(story, PureStage(story)))), transcript(live)


class Playing:
    """Stories played ahead of the tests that ask for them, two at a time: a live play mostly waits for its next timer."""

    def __init__(self, names: Iterable[str]) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._played = {name: self._pool.submit(_played, name) for name in names}

    def told(self, name: str) -> tuple[str, str]:
        """The transcript of the pure play of the story, and that of the live one."""
        return self._played[name].result()

    def stop(self) -> None:
        """Begin no further story, and wait for those that are playing."""
        self._pool.shutdown(cancel_futures=True)


def asked_for(request: pytest.FixtureRequest, names: Iterable[str]) -> Iterator[Playing]:
    """Those of the stories that tests of the module ask for in this run, already at play; stopped afterwards."""
    asked = {
        item.callspec.params.get("name")
        for item in request.session.items
        if isinstance(item, pytest.Function) and item.module is request.module and hasattr(item, "callspec")
    }
    stories = Playing(name for name in names if name in asked)
    yield stories
    stories.stop()


def _played(name: str) -> tuple[str, str]:
    """Twice in the story, at places of its own, the worker is killed and every cache emptied."""
    steps = len(load_story(STORIES / f"{name}.yaml").scenario.steps)
    return both(STORIES / f"{name}.yaml", restart_every=max(1, steps // 3 + crc32(name.encode()) % 2))


def told_alike(playing: Playing, name: str) -> None:
    """Check that a story is told alike on the pure core and live."""
    pure, live = playing.told(name)

    # Told line by line: two whole transcripts side by side would show nobody where they part.
    told = "\n".join(unified_diff(pure.splitlines(), live.splitlines(), "pure", "live", lineterm="", n=2))
    assert live == pure, told
