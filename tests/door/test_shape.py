"""What has not the shape of a command is turned away at the door, and leaves no trace."""

from __future__ import annotations

from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from starter.client import CaseUnknown, Malformed
from tests.door import commands
from tests.door.rig import Door
from workflows import wire
from workflows.core.envelope import MAX_COMMAND_BYTES

WORDS = {**commands.keep_check_in(), "note": "Lena Example called from home"}
TOO_LONG = {**commands.keep_check_in(), "note": "x" * MAX_COMMAND_BYTES}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"command_id": "a", "actor": "lena", "command": TOO_LONG}, wire.MALFORMED),
        ({"command_id": "a", "actor": "clock", "command": {"type": "elapsed"}}, wire.MALFORMED),
        ({"command_id": "a", "actor": "engine", "command": commands.keep_check_in()}, wire.MALFORMED),
        ({"command_id": "a", "actor": "lena", "command": WORDS}, wire.MALFORMED),
        ({"command_id": "a b", "actor": "lena", "command": commands.keep_check_in()}, None),
        ({"command_id": "a", "actor": "lena", "command": commands.keep_check_in(), "roles": ["supervisor"]}, None),
        ({"nonsense": 1}, None),
        ("nonsense", None),
    ],
    ids=[
        "oversized",
        "the clock",
        "the engine",
        "words in the place of a note",
        "bad id",
        "a claimed role",
        "no envelope",
        "no object",
    ],
)
async def test_a_bad_envelope_leaves_no_trace(door: Door, sent: Any, kind: str | None) -> None:
    """An envelope that is too long, claims to be the engine, or is none, is rejected without an event or an entry."""
    async with door.worker():
        stream = await door.opened()
        before = await door.history(stream)
        with pytest.raises(WorkflowUpdateFailedError) as rejected:
            await door.handle(stream).execute_update("submit", sent)
        after = await door.history(stream)
        receipt = await door.client.submit(stream, actor="lena", command=commands.keep_check_in())

    assert isinstance(rejected.value.cause, ApplicationError)
    assert kind in {None, rejected.value.cause.type}
    assert after == before
    assert receipt.position == 2


@pytest.mark.parametrize(
    ("actor", "command", "command_id", "named"),
    [
        ("lena", TOO_LONG, "a", f"at most {MAX_COMMAND_BYTES} bytes"),
        ("clock", {"type": "elapsed"}, "a", "the engine's own"),
        ("lena", WORDS, "a", "keep_check_in.note: "),
        ("Lena Example", commands.keep_check_in(), "a", "actor: "),
        ("lena", commands.keep_check_in(), "a b", "command_id: "),
    ],
    ids=["oversized", "the clock", "words in the place of a note", "a name for an id", "bad id"],
)
async def test_the_client_says_what_is_malformed(
    door: Door, *, actor: str, command: commands.Command, command_id: str, named: str
) -> None:
    """The client's error names what is wrong and how to go on, and never repeats what was sent."""
    async with door.worker():
        stream = await door.opened()
        with pytest.raises(Malformed) as refused:
            await door.client.submit(stream, actor=actor, command=command, command_id=command_id)

    assert named in refused.value.what
    assert "Lena Example" not in refused.value.what
    assert "offramp case do --help" in refused.value.cure
    assert len(await door.entries(stream)) == 1


async def test_a_misspelled_case_is_not_opened(door: Door) -> None:
    """A command, a question or a recovery for a stream that the ledger does not know starts nothing."""
    unknown = wire.new_case_stream()
    async with door.worker():
        with pytest.raises(CaseUnknown):
            await door.client.submit(unknown, actor="lena", command=commands.keep_check_in())
        with pytest.raises(CaseUnknown):
            await door.client.state(unknown)
        with pytest.raises(CaseUnknown):
            await door.client.recover(unknown)

    assert await door.entries(unknown) == []
