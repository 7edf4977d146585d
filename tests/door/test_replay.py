"""Stored histories of every kind replay: by this build, and by one whose rules were all changed."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner
from temporalio.workflow import NondeterminismError

import tests.histories
from workflows import wire
from workflows.case import case as judgement
from workflows.case import facts, state
from workflows.participant import ParticipantWorkflow

FOLDER = Path(tests.histories.__file__).parent
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))
KINDS = {
    "opening": "LA restore, LA record, SIGNALED, TIMER_CANCELED",
    "catching_up": "SIGNALED, MARKER_RECORDED, LA record",
    "refused_opening": "EXECUTION_COMPLETED",
    "passage": "notify_review, LA record",
    "closed": "EXECUTION_COMPLETED, notify_review",
    "clock": "TIMER_FIRED, escalate",
    "recovery": "escalate",
    "delivery_failed": "ACTIVITY_TASK_FAILED",
    "renewal_before": "CONTINUED_AS_NEW",
    "renewal_after": "LA restore",
    "outage_command": "record, ACTIVITY_TASK_TIMED_OUT",
    "outage_clock": "wait_for_ledger, escalate",
    "outage_restore": "restore, ACTIVITY_TASK_COMPLETED",
    "fork": "LedgerFork",
    "fork_at_restore": "LedgerFork",
}
"""Every kind of history there is, and what must occur in it for it to be one."""


def stored(name: str) -> dict[str, Any]:
    """A stored history, as JSON."""
    history: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return history


async def replay(history: dict[str, Any]) -> None:
    """Run a history through the workflow's code as a worker would.

    Raises:
        NondeterminismError: the code would have done something else.
    """
    replayer = Replayer(
        workflows=[ParticipantWorkflow], data_converter=wire.OPEN_CONVERTER, workflow_runner=wire.RUNNER
    )
    await replayer.replay_workflow(WorkflowHistory.from_json(f"case/{UUID(int=0)}", history))


def plain_text(history: dict[str, Any]) -> str:
    """All of a history in one text, its payloads decoded."""
    text = json.dumps(history)
    payloads = re.findall(r'"data": "([A-Za-z0-9+/=]*)"', text)
    return "\n".join([text, *(base64.b64decode(payload).decode() for payload in payloads)])


def occurrences(history: dict[str, Any]) -> str:
    """What occurs in a history: types of events and names of activities, those in markers as `LA <name>`."""
    text = plain_text(history)
    scheduled = re.findall(r'"activityType": \{"name": "(\w+)"', text)
    local = [f"LA {name}" for name in re.findall(r'"activity_type":"(\w+)"', text)]
    return " ".join([*re.findall(r"EVENT_TYPE_(\w+)", text), *scheduled, *local, *re.findall("LedgerFork", text)])


def test_every_kind_of_history_is_stored() -> None:
    """There is a history of each kind, and in each occurs what it is kept for."""
    missing = {
        name: [what for what in needed.split(", ") if what not in occurrences(stored(name))]
        for name, needed in KINDS.items()
    }

    assert sorted(KINDS) == NAMES
    assert {name: what for name, what in missing.items() if what} == {}


@pytest.mark.parametrize("name", NAMES)
def test_histories_hold_codes_only(name: str) -> None:
    """No history names a file, a machine or an address; whatever text is in it is the engine's own."""
    text = plain_text(stored(name))

    assert "stackTrace" not in text
    assert re.findall(r"[\w.+-]+@[\w-]+\.\w+|\w+\.py\b|(?<![\w/])/(?:home|root|tmp|usr|work)\b", text) == []
    assert set(re.findall(r'"identity": "([^"]*)"', text)) == {"tests"}


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_history_replays(name: str) -> None:
    """This build would have done what was done."""
    await replay(stored(name))


@pytest.mark.parametrize("name", NAMES)
async def test_a_stored_history_replays_under_other_rules(name: str, patch: pytest.MonkeyPatch) -> None:
    """A build in which every rule of the case decides, evolves, owes and wakes differently replays what the old one did."""

    def refuse(*_: object, **__: object) -> Any:
        raise AssertionError("a replay asks no rule")

    def stand_still(room: Any, _event: object, _at: object) -> Any:
        return room

    patch.setattr(state, "_ROOM", {kind: (room, stand_still) for kind, (room, _) in state._ROOM.items()})
    for module, rule in [
        (judgement, "answer"), (judgement, "decide"), (judgement, "next_wake"), (judgement, "parse_command"), (facts, "owes"),
    ]:  # fmt: skip
        patch.setattr(module, rule, refuse)
    await replay(stored(name))


def another_activity(event: dict[str, Any]) -> bool:
    """Make a scheduled activity another one."""
    scheduled = event.get("activityTaskScheduledEventAttributes")
    if scheduled:
        scheduled["activityType"]["name"] = "escalate" if scheduled["activityType"]["name"] != "escalate" else "record"
    return bool(scheduled)


def no_timer(event: dict[str, Any]) -> bool:
    """Put an activity in place of a timer."""
    started = event.pop("timerStartedEventAttributes", None)
    if started:
        event["eventType"] = "EVENT_TYPE_ACTIVITY_TASK_SCHEDULED"
        event["activityTaskScheduledEventAttributes"] = {"activityId": "1", "activityType": {"name": "record"}}
    return bool(started)


def another_local_activity(event: dict[str, Any]) -> bool:
    """Make a local activity another one."""
    marker = event.get("markerRecordedEventAttributes")
    if marker:
        data = marker["details"]["data"]["payloads"][0]
        told = json.loads(base64.b64decode(data["data"]))
        told["activity_type"] = "forget"
        data["data"] = base64.b64encode(json.dumps(told).encode()).decode()
    return bool(marker)


@pytest.mark.parametrize(
    ("name", "tamper"),
    [
        ("passage", another_activity),
        ("outage_clock", another_activity),
        ("opening", no_timer),
        ("opening", another_local_activity),
    ],
)
async def test_a_replay_can_fail(name: str, tamper: Callable[[dict[str, Any]], bool]) -> None:
    """A history in which another activity, timer or local activity stands than this build would have begun is reported."""
    history = stored(name)
    assert any(tamper(event) for event in history["events"])
    with pytest.raises(NondeterminismError):
        await replay(history)


async def test_a_changed_shell_is_reported(patch: pytest.MonkeyPatch) -> None:
    """A build whose shell no longer delivers what was recorded cannot pass for the one that did."""
    patch.setattr(ParticipantWorkflow, "_deliver", lambda *_: None)
    # Unsandboxed: the sandbox would load the shell anew, without the change.
    replayer = Replayer(
        workflows=[ParticipantWorkflow], data_converter=wire.OPEN_CONVERTER, workflow_runner=UnsandboxedWorkflowRunner()
    )
    with pytest.raises(NondeterminismError):
        await replayer.replay_workflow(WorkflowHistory.from_json(f"case/{UUID(int=0)}", stored("passage")))
