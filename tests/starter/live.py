"""Stories on a real stack, told beside the same stories on the pure core."""

from __future__ import annotations

import asyncio
from difflib import unified_diff
from pathlib import Path
from zlib import crc32

from starter.scenario.live import play_live
from starter.scenario.load import load_story
from starter.scenario.play import play
from starter.scenario.pure import PureStage
from starter.scenario.transcript import transcript

STORIES = Path(__file__).resolve().parents[1] / "scenarios"
ALL = sorted(path.stem for path in STORIES.glob("*.yaml"))


def both(path: Path, *, restart_every: int | None = None) -> tuple[str, str]:
    """The transcript of the pure play, and that of the live one."""
    story = load_story(path)
    live = asyncio.run(play_live(story, restart_every=restart_every))
    assert live.passed, transcript(live)
    return transcript(asyncio.run(play(story, PureStage(story)))), transcript(live)


def told_alike(name: str) -> None:
    """Check that a story is told alike on the pure core and live, the worker killed and every cache emptied before each second, third or fourth step."""
    pure, live = both(STORIES / f"{name}.yaml", restart_every=2 + crc32(name.encode()) % 3)

    # Told line by line: two whole transcripts side by side would show nobody where they part.
    told = "\n".join(unified_diff(pure.splitlines(), live.splitlines(), "pure", "live", lineterm="", n=2))
    assert live == pure, told
