"""What passes through Temporal is sealed under the case's key, and whoever reaches Temporal past the door can neither read it, nor act, nor stop a case."""

import json
from typing import Any

import pytest
from temporalio import activity
from temporalio import client as temporal
from temporalio.api.enums.v1 import EventType
from temporalio.common import RawValue
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.worker import Worker

from starter.client import CaseUnknown, RefusedAnswer
from starter.stack import Stack
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import Door, open_door, settings_for, shorten, until
from tests.payloads import data, payloads
from workflows import wire
from workflows.core.envelope import CommandRefused
from workflows.participant import ParticipantWorkflow
from workflows.unreadable import NOBODY

FORGED = {"command_id": "forged", "actor": "omar", "command": commands.keep_check_in()}
"""A command that would be accepted, had it come through the door."""
UNHEARD = (temporal.WorkflowUpdateFailedError, KeyError)
"""How a refusal reaches somebody without the keys: they cannot even read it."""


@pytest.fixture
async def intruder(stack: Stack) -> temporal.Client:
    """Whoever reached Temporal and writes values in the clear, as its documentation suggests that a codec let pass."""
    return await temporal.Client.connect(
        stack.addresses.temporal, data_converter=pydantic_data_converter, identity="intruder"
    )


async def failed_tasks(door: Door, stream: str) -> int:
    """How often a task of the case's workflow failed."""
    return sum(event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in await door.history(stream))


async def goes_on(door: Door, stream: str) -> None:
    """The case answers the next good command, at once, and no task of it failed."""
    receipt = await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

    assert receipt.position > 1
    assert await failed_tasks(door, stream) == 0


async def test_a_history_says_nothing(door: Door) -> None:
    """In all that Temporal keeps of a case that was opened and refused something, no command, no person and no reason can be read."""
    async with door.worker():
        stream = await door.opened()
        with pytest.raises(RefusedAnswer):
            await door.client.submit(stream, actor="omar", command=commands.open_case())
        await door.settled(stream)
        history = (await door.handle(stream).fetch_history()).to_json()
    held = [data(payload) for payload in payloads(json.loads(history))]

    assert len(held) > 10
    assert [one for one in held if b"open_case" in one or b"omar" in one] == []
    assert not any(word in history for word in ("open_case", "case_exists", "omar", "lena", "not_opened"))


async def test_a_sealed_history_replays(door: Door) -> None:
    """Whoever has the keys replays it through the workflow's code."""
    async with door.worker():
        stream = await door.opened()
        await goes_on(door, stream)
        await door.settled(stream)

    assert await door.client.replay(stream) > 10


async def test_a_forged_command_is_refused_on_record(door: Door, intruder: temporal.Client) -> None:
    """A command in the clear, though it names a person who might send it, changes nothing, is refused, and that stands in the ledger once."""
    async with door.worker():
        stream = await door.opened()
        for _ in range(2):
            with pytest.raises(UNHEARD):
                await intruder.get_workflow_handle(stream).execute_update("submit", FORGED)
        refused = await door.events(stream, CommandRefused)
        told = await door.told(stream)
        await goes_on(door, stream)

    assert [(one.code, one.command["why"]) for one in refused] == [("unreadable_command", "not_sealed")]
    assert [entry.actor for entry, events in told if events == (refused[0],)] == [NOBODY]


async def test_a_command_of_another_case_is_refused_on_record(door: Door, intruder: temporal.Client) -> None:
    """A sealed command that was copied out of another case's history does not act in this one."""
    async with door.worker():
        stream, other = await door.opened(), await door.opened()
        accepted = next(
            event.workflow_execution_update_accepted_event_attributes.accepted_request.input.args.payloads[0]
            for event in await door.history(other)
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        )
        as_it_is: dict[str, Any] = {**intruder.config(), "data_converter": DataConverter.default}
        raw = temporal.Client(**as_it_is)
        with pytest.raises(UNHEARD):
            await raw.get_workflow_handle(stream).execute_update("submit", RawValue(accepted))
        refused = await door.events(stream, CommandRefused)
        await goes_on(door, stream)

    assert [(one.code, one.command["why"]) for one in refused] == [("unreadable_command", "of_another_case")]


@pytest.mark.parametrize("arguments", [[], [FORGED], [FORGED, FORGED], [None], ["x" * 10_000]])
async def test_a_forged_signal_or_query_does_nothing(
    door: Door, intruder: temporal.Client, arguments: list[Any]
) -> None:
    """Signals and queries in the clear, with any arguments, known to the workflow or not, neither act nor wedge the case."""
    async with door.worker():
        stream = await door.opened()
        position = (await door.settled(stream)).position
        handle = intruder.get_workflow_handle(stream)
        for signal in ("nudge", "unheard_of"):
            await handle.signal(signal, args=arguments)
        for query in ("case", "unheard_of"):
            try:
                answer = await handle.query(query, args=arguments)
            except (temporal.WorkflowQueryFailedError, RPCError, RuntimeError, KeyError):
                answer = None
            assert answer is None
        assert (await door.folded(stream)).position == position
        await goes_on(door, stream)


async def test_a_forged_start_is_the_case_of_its_id_or_nothing(door: Door, intruder: temporal.Client) -> None:
    """A start in the clear under a known id takes the case up from its ledger, whatever it says; under an unknown one no case comes of it."""
    async with door.worker():
        stream, other = await door.opened(), wire.new_case_stream()
        await door.handle(stream).terminate("a test")
        for one in (stream, other):
            await intruder.start_workflow(
                "Participant", {"stream": "participant/00000000"}, id=one, task_queue=door.settings.task_queue
            )
        await goes_on(door, stream)
        with pytest.raises(CaseUnknown):
            await door.client.recover(other)


@activity.defn(name="restore")
async def leaves_unanswered(stream: str) -> Any:
    """A worker that takes the question up and never answers it, so that somebody else can."""
    if activity.info().is_local:
        raise ApplicationError(stream)
    activity.raise_complete_async()


async def test_a_forged_answer_is_asked_for_again(
    stack: Stack, database: Database, intruder: temporal.Client, patch: pytest.MonkeyPatch
) -> None:
    """Whoever answers in the clear for an activity is not believed: what was to be restored is read again, and the case goes on."""
    shorten(patch, STUCK_PAUSE=0.2, RESTORE_TRY=2)
    async with open_door(settings_for(stack, database_url=database.dsn_app, task_queue=database.name)) as door:
        async with door.worker():
            stream = await door.opened()
        await door.handle(stream).terminate("a test")
        silent = Worker(
            door.client.temporal, task_queue=database.name, workflows=[ParticipantWorkflow], workflow_runner=wire.RUNNER,
            activities=[leaves_unanswered],
        )  # fmt: skip
        async with silent:
            assert await door.client.recover(stream)
            run = (await door.handle(stream).describe()).run_id

            async def asked() -> list[str]:
                described = await door.handle(stream, run).describe()
                return [one.activity_id for one in described.raw_description.pending_activities]

            [asked_id] = await until(asked)
            forged: dict[str, Any] = {
                "case": {"stream": stream, "position": 99},
                "next_wake": None,
                "effects": [],
                "finished": True,
            }
            await intruder.get_async_activity_handle(workflow_id=stream, run_id=run, activity_id=asked_id).complete(
                forged
            )
            await until(asked)
        async with door.worker():
            assert (await door.settled(stream)) == await door.folded(stream)
            await goes_on(door, stream)
