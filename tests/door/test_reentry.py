"""A person comes back: a case that was closed, and one whose workflow had ended, go on under the same id and in the same stream."""

from __future__ import annotations

import pytest
from temporalio.client import WorkflowExecutionStatus

from activities.store import programs, queries
from starter.client import RefusedAnswer
from tests.door import commands
from tests.door.rig import Door, plain_program, until
from workflows.case.phase import CaseReentered, PhaseEntered
from workflows.program.load import load_program

BRIEF = "2026.2-brief"
"""The same program without a rule for how long a record is kept: a closed case that told the person of it owes nothing more, and its workflow ends."""


async def publish_brief(door: Door) -> None:
    """Publish it."""
    _, text = plain_program()
    before, after = text.split("\nretention:\n")
    rest = after[after.index("\nconsent_scopes:") :]
    source = f"{before}{rest}".replace(commands.VERSION, BRIEF)
    async with door.pool.connection() as connection:
        await programs.publish(connection, load_program(source), source)


def reenter() -> commands.Command:
    """The person wishes to come back to where they were."""
    return {
        "type": "reenter", "to": "intake", "wish": commands.note(), "lead": "lena", "support_level": "acute",
        "form_version": "form_2", "language": "en", "explained_by": "lena",
    }  # fmt: skip


async def ended(door: Door, version: str) -> str:
    """The stream of a case that was closed, and of which the person was told."""
    stream = (await door.client.open_case(actor="omar", command=commands.open_case(version))).stream
    for actor, command in (*commands.leave(), *commands.forget()[:2]):
        await door.client.submit(stream, actor=actor, command=command)
    return stream


async def test_a_case_whose_workflow_ended_begins_again_with_the_person(door: Door) -> None:
    """The workflow had completed: the return starts it again under the same id, the stream goes on, and time acts in it as before."""
    await publish_brief(door)
    async with door.worker():
        stream = await ended(door, BRIEF)
        await door.handle(stream).result()
        first = await door.handle(stream).describe()
        before = await door.folded(stream)

        with pytest.raises(RefusedAnswer) as refused:
            await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        await door.handle(stream).result()
        receipt = await door.client.submit(stream, actor="omar", command=reenter(), command_id="back/1")
        again = await door.client.submit(stream, actor="omar", command=reenter(), command_id="back/1")
        await door.client.submit(stream, actor="lena", command=commands.keep_check_in())
        case = await door.settled(stream)
        running = await door.handle(stream).describe()

        assert await door.client.replay(stream) > 0

    assert first.status == WorkflowExecutionStatus.COMPLETED
    assert (refused.value.code, before.finished) == ("case_closed", True)
    assert (running.status, running.run_id != first.run_id) == (WorkflowExecutionStatus.RUNNING, True)
    assert receipt == again
    # The refusal between is an answer too, and stands in the stream.
    assert receipt.position == before.position + 2
    assert (case.closed, case.phase.phase, case.phase.episode) == (False, "intake", 2)
    assert [event.episode for event in await door.events(stream, PhaseEntered)] == [1, 1, 2]
    assert len(await door.events(stream, CaseReentered)) == 1
    assert case.contact.number == before.contact.number + 2


async def test_a_closed_case_whose_record_was_kept_goes_on_at_once(door: Door) -> None:
    """The workflow that slept until the record's review keeps time for the new episode instead, and the caseload shows the case as open."""
    async with door.worker():
        stream = await ended(door, commands.VERSION)
        sleeping = await door.handle(stream).describe()
        closed = await door.settled(stream)
        await door.client.submit(stream, actor="omar", command=reenter())
        case = await door.settled(stream)
        running = await door.handle(stream).describe()
        async with door.pool.connection() as connection:
            rows = await queries.caseload(connection, closed=False)

        async def told() -> bool:
            return any(message.template == "retention_stopped" for message in await door.messages("dario"))

        await until(told)

    assert [owed.kind for owed in closed.obligations.values()] == ["retention_review"]
    assert (sleeping.run_id, running.status) == (running.run_id, WorkflowExecutionStatus.RUNNING)
    assert "retention_review" not in {owed.kind for owed in case.obligations.values()}
    assert [(row.stream, row.closed_at, row.phase) for row in rows] == [(stream, None, "intake")]
    assert [owed.holder for owed in case.obligations.values() if owed.kind == "check_in"] == ["lena"]
