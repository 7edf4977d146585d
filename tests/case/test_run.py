"""That a run was kept is about the engine: recorded by it alone, and nothing in the case follows from it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import LEAD, MONDAY, SUPERVISOR, Story, closed, note, opened
from workflows.case.case import next_wake
from workflows.case.run import RunKept
from workflows.core.kinds import CLOCK, ENGINE

RUN = {
    "run_id": "00000000-0000-4000-8000-000000000001", "status": "continued_as_new", "events": 3204,
    "began": MONDAY.isoformat(), "ended": (MONDAY + timedelta(days=300)).isoformat(), "sha256": "ab" * 32,
}  # fmt: skip


def unchanged(story: Story) -> dict[str, Any]:
    """All of the case but its place in the ledger and the count of its runs."""
    return story.case.model_dump(exclude={"position", "head", "as_of", "run"})


@pytest.mark.parametrize("made", [opened, lambda: closed(opened())], ids=["open", "closed"])
def test_nothing_follows_from_a_run_that_was_kept(made: Any) -> None:
    """Neither an open nor a closed case owes anything more, or wakes or is destroyed at another instant, even where something is long overdue."""
    story = made()
    story.at += timedelta(days=40)
    before, wake = unchanged(story), next_wake(story.case)
    (event,) = story.send(ENGINE, {"type": "keep_run", **RUN})

    assert isinstance(event, RunKept)
    assert event.model_dump(mode="json", exclude={"type"}) == RUN | {"began": event.began.isoformat().replace("+00:00", "Z"), "ended": event.ended.isoformat().replace("+00:00", "Z")}  # fmt: skip
    assert (unchanged(story), next_wake(story.case)) == (before, wake)
    assert story.case.run.kept == 1


def test_a_case_that_was_never_opened_had_a_run_too() -> None:
    """It is recorded without a program and opens nothing."""
    story = Story()
    story.send(ENGINE, {"type": "keep_run", **RUN})

    assert not story.case.opened
    assert story.case.run.kept == 1


@pytest.mark.parametrize("sender", [LEAD, SUPERVISOR, CLOCK, "nobody"])
def test_only_the_engine_says_that_a_run_was_kept(sender: str) -> None:
    """Whoever else sends it is refused, the clock too, and nothing is counted."""
    story = opened()
    story.refuse("not_authorized", sender, "keep_run", **RUN)

    assert story.case.run.kept == 0


def test_a_run_has_an_id_an_end_and_a_digest() -> None:
    """What names no run, no way to end or no digest is malformed."""
    for wrong in ({"run_id": "x"}, {"status": "running"}, {"events": 0}, {"sha256": "ab"}, {"note": note()}):
        opened().refuse("malformed_command", ENGINE, "keep_run", **RUN | wrong)
