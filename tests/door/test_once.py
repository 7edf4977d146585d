"""One command, one answer: whatever is repeated, sent at once, or cut off."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest
from temporalio.worker import Worker

import worker
from starter.client import RefusedAnswer
from starter.stack import Stack
from tests.door import commands
from tests.door.rig import Door, ended, shorten, spawn
from workflows.core.receipt import Receipt


async def refusal(door: Door, stream: str, *, actor: str, command: commands.Command, command_id: str) -> RefusedAnswer:
    """The refusal with which a command is answered."""
    with pytest.raises(RefusedAnswer) as refused:
        await door.client.submit(stream, actor=actor, command=command, command_id=command_id)
    return refused.value


async def test_a_repeated_command_is_answered_as_the_first_time(door: Door) -> None:
    """The same command id twice makes one entry and gives the same receipt, even if what is asked has changed meanwhile."""
    async with door.worker():
        stream = await door.opened(command_id="open")
        first = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/1")
        await door.client.submit(stream, actor="lena", command=commands.give_consent(), command_id="consent/1")
        again = await door.client.submit(stream, actor="omar", command=commands.give_consent(), command_id="call/1")
        await door.opened(stream, command_id="open")
    entries = await door.entries(stream)

    assert again == first
    assert first == Receipt(stream=stream, position=2, hash=entries[1].hash.hex())
    assert [entry.command_id for entry in entries] == ["open", "call/1", "consent/1"]


async def test_a_repeated_refusal_is_the_same_refusal(door: Door) -> None:
    """A refused command has a receipt too, and is refused by the same entry again although it would be accepted by now."""
    async with door.worker():
        stream = await door.opened()
        asked = {"actor": "lena", "command": commands.request_review("stabilization"), "command_id": "ask/1"}
        first = await refusal(door, stream, **asked)  # type: ignore[arg-type]  # as three keywords
        for number, (actor, command) in enumerate(commands.move_on(await door.as_of(stream))):
            await door.client.submit(stream, actor=actor, command=command, command_id=f"move/{number}")
        again = await refusal(door, stream, **asked)  # type: ignore[arg-type]  # as three keywords
    entries = await door.entries(stream)

    assert first.code == "gate_closed"
    assert (again.code, again.why, again.cure, again.receipt) == (first.code, first.why, first.cure, first.receipt)
    assert first.receipt.hash == entries[1].hash.hex()
    assert [entry.command_id for entry in entries].count("ask/1") == 1


async def test_the_same_answer_from_a_later_run(door: Door, patch: pytest.MonkeyPatch) -> None:
    """Across continue-as-new a command id is known still, of accepted and of refused commands, and the state is the ledger's."""
    shorten(patch, COMMANDS_PER_RUN=4)
    async with door.worker():
        stream = await door.opened()
        first = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/0")
        refused = await refusal(door, stream, actor="lena", command=commands.approve(), command_id="vote/0")
        for number in range(1, 12):
            await door.client.submit(
                stream, actor="lena", command=commands.keep_check_in(), command_id=f"call/{number}"
            )
        again = await door.client.submit(stream, actor="lena", command=commands.keep_check_in(), command_id="call/0")
        refused_again = await refusal(door, stream, actor="lena", command=commands.approve(), command_id="vote/0")
        runs = await door.runs(stream)
        held = await door.client.state(stream)

    assert len(runs) >= 3
    assert (again, refused_again.receipt) == (first, refused.receipt)
    assert len(await door.entries(stream)) == 14
    assert held == await door.folded(stream)


async def test_a_worker_killed_after_the_commit_and_before_the_reply(stack: Stack, door: Door) -> None:
    """The sender of a command whose worker died right after the commit is answered by another worker with the one entry."""
    killed = await spawn(stack, door, die_after_commit="give_consent")
    stream = await door.opened()
    sending = asyncio.create_task(
        door.client.submit(stream, actor="lena", command=commands.give_consent(), command_id="consent/1")
    )
    await ended(killed)
    committed = await door.entries(stream)
    async with door.worker():
        receipt = await sending
        again = await door.client.submit(stream, actor="lena", command=commands.give_consent(), command_id="consent/1")
        after = await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        held = await door.client.state(stream)

    assert [entry.command_id for entry in committed[1:]] == ["consent/1"]
    assert receipt == again == Receipt(stream=stream, position=2, hash=committed[1].hash.hex())
    assert after.position == 3
    assert held == await door.folded(stream)


async def test_two_commands_at_once(door: Door) -> None:
    """Of two requests sent at the same moment the second is decided against what the first made of the case."""
    async with door.worker():
        stream = await door.opened()
        answers = await asyncio.gather(
            *(
                door.client.submit(stream, actor=actor, command=commands.request_review("closed"))
                for actor in ("lena", "omar")
            ),
            return_exceptions=True,
        )
    accepted = [answer for answer in answers if isinstance(answer, Receipt)]
    refused = [answer for answer in answers if isinstance(answer, RefusedAnswer)]

    assert [receipt.position for receipt in accepted] == [2]
    assert [(answer.code, answer.receipt.position) for answer in refused] == [("review_already_open", 3)]


async def test_forty_commands_at_once(door: Door, patch: pytest.MonkeyPatch) -> None:
    """Of forty commands sent to one case at once, over several runs of it, none is lost and none is recorded twice."""
    shorten(patch, COMMANDS_PER_RUN=15)
    async with door.worker():
        stream = await door.opened()
        receipts = await asyncio.gather(
            *(
                door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id=f"call/{number}")
                for number in range(40)
            )
        )
        runs = await door.runs(stream)
    entries = await door.entries(stream)

    assert len(runs) >= 2
    assert sorted(receipt.position for receipt in receipts) == list(range(2, 42))
    assert len(entries) == 41
    for number, receipt in enumerate(receipts):
        assert entries[receipt.position - 1].command_id == f"call/{number}"


async def test_one_of_two_workers_is_killed_at_work(stack: Stack, door: Door) -> None:
    """While four cases are worked on by two processes, one of them is killed: every command is answered once all the same."""
    first, _ = await asyncio.gather(spawn(stack, door), spawn(stack, door))
    streams = await asyncio.gather(*(door.opened() for _ in range(4)))
    sending = [
        asyncio.create_task(
            door.surely(stream, actor="lena", command=commands.keep_check_in(), command_id=f"call/{number}")
        )
        for number in range(10)
        for stream in streams
    ]
    await asyncio.wait(sending, return_when=asyncio.FIRST_COMPLETED)
    first.kill()
    await asyncio.gather(*sending)

    for stream in streams:
        entries = await door.entries(stream)
        assert sorted(entry.command_id for entry in entries[1:]) == sorted(f"call/{number}" for number in range(10))
        assert await door.client.state(stream) == await door.folded(stream)


async def test_events_of_an_accepted_command(door: Door) -> None:
    """A command sent by itself costs at most 6.5 events of history; one timer is armed for many of them."""
    async with door.worker():
        stream = await door.opened()
        before = await door.history(stream)
        for _ in range(20):
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        after = await door.history(stream)
        counted = await door.counted(stream)

    assert (len(after) - len(before)) / 20 <= 6.5
    assert counted["TIMER_STARTED"] == 1
    assert counted["ACTIVITY_TASK_SCHEDULED"] == 0


async def test_a_worker_without_a_cache(door: Door, patch: pytest.MonkeyPatch) -> None:
    """A worker that replays the whole history for each task comes to the same case as the ledger."""
    patch.setattr(worker, "Worker", partial(Worker, max_cached_workflows=0))
    async with door.worker():
        stream = await door.opened()
        for actor, command in commands.move_on(await door.as_of(stream)):
            await door.client.submit(stream, actor=actor, command=command)
        held = await door.settled(stream)
        counted = await door.counted(stream)

    assert held.phase.phase == "stabilization"
    assert counted["WORKFLOW_TASK_FAILED"] == 0
