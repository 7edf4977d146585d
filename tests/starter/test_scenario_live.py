"""Stories on a real stack: what the pure core says is what the engine does."""

import asyncio
import os
from pathlib import Path

import pytest

from starter.scenario.live import play_live
from starter.scenario.load import load_story
from starter.scenario.play import play
from starter.scenario.pure import PureStage
from starter.scenario.transcript import transcript

pytestmark = pytest.mark.long
STORIES = Path(__file__).resolve().parents[1] / "scenarios"
LIVE = ("performance_as_progress", "closed_case", "lead_leaves", "full_caseload", "assessment_never_begun")
RESTARTED = ("missed_check_in", "voluntary_measure_withdrawn")
"""One that lives on timers, one on what people do: a worker is started for every step of them."""
ALL = sorted(path.stem for path in STORIES.glob("*.yaml"))
NOBODY = """
scenario: Nobody reads the notices
program: {program}
starts: 2026-01-05T09:00:00+01:00
people:
  lena: {{roles: [lead_practitioner], organisation: exit_counselling}}
  omar: {{roles: [supervisor], organisation: exit_counselling}}
steps:
  - title: Time passes before anybody opens the case
    after: P1D
  - by: omar
    do: {{type: open_case, lead: lena, support_level: low, eligibility: Asked for help.}}
  - title: The chair's rung reaches nobody
    after: P5W2D
    expect: [{{type: notice_failed, reason: no_recipient}}]
    owed: [notice_delivery]
"""


def both(path: Path, *, restart_workers: bool = False) -> tuple[str, str]:
    """The transcript of the pure play, and that of the live one."""
    story = load_story(path)
    live = asyncio.run(play_live(story, restart_workers=restart_workers))
    assert live.passed, transcript(live)
    return transcript(asyncio.run(play(story, PureStage(story)))), transcript(live)


@pytest.mark.scenario
@pytest.mark.parametrize("name", ALL if "OFFRAMP_ALL_STORIES" in os.environ else LIVE)
def test_a_story_is_told_alike_on_the_pure_core_and_live(name: str) -> None:
    """A definition that holds in a story holds in the engine: worker, timers, vault, staff directory and ledger change nothing of it."""
    pure, live = both(STORIES / f"{name}.yaml")

    assert live == pure


@pytest.mark.scenario
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", ALL if "OFFRAMP_ALL_STORIES" in os.environ else RESTARTED)
def test_a_story_does_not_show_that_its_worker_was_killed_at_every_step(name: str) -> None:
    """With the worker killed and every cache emptied between any two steps, the same is decided, falls due and is told: the record is enough."""
    pure, live = both(STORIES / f"{name}.yaml", restart_workers=True)

    assert live == pure


@pytest.mark.scenario
def test_an_undelivered_notice_is_told_alike(tmp_path: Path) -> None:
    """Also what goes wrong goes wrong alike: a role that nobody holds is found by the real delivery as by the pure one."""
    path = tmp_path / "story.yaml"
    path.write_text(NOBODY.format(program=STORIES.parents[1] / "programs" / "disengagement.yaml"), encoding="utf-8")
    pure, live = both(path)

    assert live == pure
