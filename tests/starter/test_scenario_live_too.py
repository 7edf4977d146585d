"""The other half of the stories on a real stack; a file of its own, so that two processes share them."""

from collections.abc import Iterator

import pytest

from tests.starter.live import ALL, STORIES, Playing, asked_for, both, told_alike

pytestmark = [pytest.mark.long, pytest.mark.scenario, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def playing(request: pytest.FixtureRequest) -> Iterator[Playing]:
    """The stories of this file that are asked for in this run, already at play."""
    yield from asked_for(request, ALL[1::2])


@pytest.mark.parametrize("name", ALL[1::2])
def test_a_story_does_not_show_that_its_worker_was_killed(playing: Playing, name: str) -> None:
    """A definition that holds in a story holds in the engine: worker, timers, vault, staff directory and ledger change nothing of it."""
    told_alike(playing, name)


@pytest.mark.parametrize("name", ["missed_check_in"])
def test_a_story_does_not_show_that_its_worker_was_killed_at_every_step(name: str) -> None:
    """With the worker killed and every cache emptied between any two steps, the same is decided, falls due and is told: the record is enough."""
    pure, live = both(STORIES / f"{name}.yaml", restart_every=1)

    assert live == pure
