"""Every other story on a real stack: what the pure core says is what the engine does, however often its worker is killed. The others stand in the file beside."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.starter.live import ALL, STORIES, Playing, asked_for, both, told_alike

pytestmark = [pytest.mark.long, pytest.mark.scenario, pytest.mark.timeout(600)]
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


@pytest.fixture(scope="module")
def playing(request: pytest.FixtureRequest) -> Iterator[Playing]:
    """The stories of this file that are asked for in this run, already at play."""
    yield from asked_for(request, ALL[::2])


@pytest.mark.parametrize("name", ALL[::2])
def test_a_story_does_not_show_that_its_worker_was_killed(playing: Playing, name: str) -> None:
    """A definition that holds in a story holds in the engine: worker, timers, vault, staff directory and ledger change nothing of it."""
    told_alike(playing, name)


def test_an_undelivered_notice_is_told_alike(tmp_path: Path) -> None:
    """Also what goes wrong goes wrong alike: a role that nobody holds is found by the real delivery as by the pure one."""
    path = tmp_path / "story.yaml"
    path.write_text(NOBODY.format(program=STORIES.parents[1] / "programs" / "disengagement.yaml"), encoding="utf-8")
    pure, live = both(path)

    assert live == pure
