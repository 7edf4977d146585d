"""Whatever is sent straight at a case by whoever holds a Temporal credential wedges nothing: the next good command is decided, and soon.

`OFFRAMP_POISON=N` sends so many in place of the usual number, and `OFFRAMP_POISON_SEED` others.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from dataclasses import replace
from typing import Any

import pytest
from temporalio import client as temporal
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError

from activities.codec import CaseCodec
from starter.client import LedgerUnavailable
from tests.door import commands
from tests.door.poison import Sent, poisons
from tests.door.rig import Door
from workflows import wire
from workflows.core.envelope import CommandRefused

NUMBER = int(os.environ.get("OFFRAMP_POISON", "240"))
SEED = int(os.environ.get("OFFRAMP_POISON_SEED", "1"))
AT_ONCE = 8
FLOOD = 40
SOON_SECONDS = 10.0
PATIENCE_SECONDS = 90.0
TAKEN_IN = "WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND"
FAILED = (
    "WORKFLOW_TASK_FAILED",
    "WORKFLOW_EXECUTION_FAILED",
    "WORKFLOW_EXECUTION_TERMINATED",
)


async def outsider(door: Door) -> temporal.Client:
    """Somebody with a credential, and Temporal's own converter in place of the product's."""
    return await temporal.Client.connect(door.settings.temporal_address, identity="outsider")


async def insider(door: Door) -> temporal.Client:
    """Somebody who has the keys of the cases besides: what they send is opened, whatever it is."""
    converter = replace(DataConverter.default, payload_codec=CaseCodec(door.pool, door.keyring))
    return await temporal.Client.connect(door.settings.temporal_address, identity="insider", data_converter=converter)


async def decided(door: Door, stream: str) -> float:
    """Send a good command; how many seconds its receipt took."""
    begun = time.monotonic()
    await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
    spent = time.monotonic() - begun
    assert spent < SOON_SECONDS
    return spent


def answered(outcome: Any) -> tuple[int, str] | None:
    """The place and the hash of the ledger's answer, if it gave one: in a receipt, or in a refusal that has one."""
    if isinstance(outcome, temporal.WorkflowUpdateFailedError) and isinstance(outcome.cause, ApplicationError):
        assert outcome.cause.type not in {wire.LEDGER_UNAVAILABLE, wire.LEDGER_FORK}, outcome.cause
        outcome = outcome.cause.details[1] if outcome.cause.type == wire.REFUSED else None
    return (
        (outcome["position"], outcome["hash"])
        if isinstance(outcome, dict) and {"position", "hash"} <= outcome.keys()
        else None
    )


async def failures(door: Door, stream: str) -> list[str]:
    """Why workflow tasks of the case failed, or runs of it ended, in every run that there was."""
    found, codec = [], CaseCodec(door.pool, door.keyring).of(stream)
    async for run in door.client.temporal.list_workflows(f"WorkflowId = '{stream}'"):
        for event in await door.history(stream, run.run_id):
            kind = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
            cause = event.workflow_task_failed_event_attributes.cause
            failure = event.workflow_task_failed_event_attributes.failure
            why = failure.message or WorkflowTaskFailedCause.Name(cause)
            if failure.HasField("encoded_attributes"):
                [opened] = await codec.decode([failure.encoded_attributes])
                why = json.loads(opened.data)["message"]
            # The server at times answers a worker that asks for a history with an empty page; the worker asks again. And where a hundred signals
            # came during one task, the server ends that task itself, so as to take them in, and has it done once more.
            if kind in FAILED and not why.startswith(("Fetching history failed", TAKEN_IN)):
                found.append(f"{kind} {why}")
    return found


async def all_sent(handle: temporal.WorkflowHandle[Any, Any], sent: list[Sent]) -> list[Any]:
    """What came of each, a few under way at a time."""
    free = asyncio.Semaphore(AT_ONCE)

    async def one(what: Sent) -> Any:
        async with free:
            return await what.to(handle)

    return await asyncio.gather(*(one(what) for what in sent))


@pytest.mark.timeout(7200)
async def test_poison_is_turned_away_or_recorded_and_wedges_nothing(door: Door) -> None:
    """Wrong types, arguments, payloads, names and actors: each leaves no trace or is answered in the ledger, and no workflow task fails."""
    async with door.worker():
        stream = await door.opened()
        handle = (await insider(door)).get_workflow_handle(stream)
        slowest, answers = 0.0, set[tuple[int, str]]()
        left = list(poisons(SEED, NUMBER, [stream]))
        while left:
            some, left = left[:200], left[200:]
            answers |= {found for outcome in await all_sent(handle, some) if (found := answered(outcome))}
            slowest = max(slowest, await decided(door, stream))
        told = await door.told(stream)
        failed = await failures(door, stream)

    assert failed == []
    assert answers
    # Whatever was answered stands where the answer says.
    assert answers <= {(entry.position, entry.hash.hex()) for entry, _ in told}
    assert len({entry.command_id for entry, _ in told}) == len(told)
    # Whoever the staff directory does not know is answered as well: with a refusal.
    assert {entry.actor for entry, events in told if not isinstance(events[0], CommandRefused)} <= {
        "lena",
        "omar",
        "petra",
        "engine",
        "clock",
    }


async def heard(door: Door, stream: str, command_id: str) -> None:
    """A good command, sent as an operator is told to: after an error that is no answer it is repeated with the same id."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id=command_id)
        except LedgerUnavailable:
            assert time.monotonic() < deadline
        else:
            return


async def test_a_flood_of_updates_holds_up_nobody_for_long(door: Door) -> None:
    """Forty at once, half of them forged as the engine: each good one is answered once, and the next command is decided soon."""
    names = [f"good-{number}" for number in range(FLOOD // 2)]
    async with door.worker():
        stream = await door.opened()
        handle = (await insider(door)).get_workflow_handle(stream)
        forged = [{"command_id": f"forged-{number}", "actor": "engine", "command": {"type": "elapsed"}} for number in range(FLOOD // 2)]  # fmt: skip
        # Ten are let in at a time; the others are asked to come again, and do.
        outcomes, _ = await asyncio.gather(
            asyncio.gather(*(Sent("update", "submit", [one], str(one["command_id"])).to(handle) for one in forged)),
            asyncio.gather(*(heard(door, stream, name) for name in names)),
        )
        await decided(door, stream)
        told = await door.entries(stream)
        failed = await failures(door, stream)

    ids = [entry.command_id for entry in told]
    assert not any(map(answered, outcomes))
    assert sorted(one for one in ids if one.startswith("good-")) == sorted(names)
    assert not any(one.startswith("forged-") for one in ids)
    assert failed == []


async def test_a_flood_of_signals_does_not_fill_a_run(door: Door) -> None:
    """Signals that nobody knows, and nudges with nonsense, are history's weight alone: the case goes on."""
    async with door.worker():
        stream = await door.opened()
        handle = (await outsider(door)).get_workflow_handle(stream)
        await asyncio.gather(*(handle.signal(name, arg) for name in ("nudge", "no_such_signal") for arg in ["x", {"a": 1}, None] * 30))  # fmt: skip
        await decided(door, stream)
        counted, failed = await door.counted(stream), await failures(door, stream)

    assert counted["WORKFLOW_EXECUTION_SIGNALED"] == 180
    assert failed == []


@pytest.mark.parametrize("named", ["Participant", "NoSuchWorkflow"])
@pytest.mark.parametrize(
    "args",
    [[], ["nonsense"], [{"stream": "case/other"}], [{"stream": "STREAM"}, 1]],
    ids=["nothing", "text", "another case", "too many"],
)
async def test_nobody_takes_the_place_of_a_case(door: Door, named: str, args: list[Any]) -> None:
    """A run that somebody put in the place of a case, which serves nothing or another case, is replaced by the case itself at the next command."""
    other = wire.new_case_stream()
    async with door.worker():
        stream = await door.opened()
        await door.settled(stream)
        given = [
            {"stream": {"case/other": other, "STREAM": stream}[one["stream"]]} if isinstance(one, dict) else one
            for one in args
        ]
        await (await outsider(door)).start_workflow(
            named, args=given, id=stream, task_queue=door.settings.task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE, id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )  # fmt: skip
        receipt = await door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id="after")
        told = await door.entries(stream)

    assert receipt.position == len(told)
    assert await door.entries(other) == []
