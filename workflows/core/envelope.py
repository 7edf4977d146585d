"""What travels between a sender, the workflow and the recorder.

The command travels as plain JSON: the workflow hands it on and never interprets it, so a change of the rules or of a command's
fields cannot disturb the replay of a running case.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from workflows.core.kinds import Code, CommandId, Digest, Event, Frozen, Instant, PersonId, StreamId

MAX_COMMAND_BYTES = 16 * 1024
"""Largest command accepted, as JSON. Commands carry codes and references; whatever is longer is text, and belongs in the vault."""


class Envelope(Frozen):
    """A command on its way to the ledger. `actor` says who acts; what that person may do is looked up when it is recorded."""

    command_id: CommandId
    actor: PersonId
    command: Annotated[dict[str, JsonValue], Field(description="the command with its stored `type`")]


class CommandRefused(Event):
    """A refusal is an answer like any other: what was asked, why it was refused, and what would cure it."""

    type: Literal["command_refused"] = "command_refused"
    code: Code
    why: str
    cure: str
    command: dict[str, JsonValue]


class RecordedEntry(Frozen):
    """An entry as the workflow needs it: its place, its hash, and its events as JSON in plain form."""

    position: int
    hash: Digest
    command_id: CommandId
    at: Instant
    events: str


class Recorded(Frozen):
    """What the recorder answers: the entries the caller did not hold yet, the last of them being the command's own answer.

    A command that was answered before is answered with that entry's place (`answered_at`), and brings no new entry.
    """

    entries: tuple[RecordedEntry, ...]
    answered_at: int
    answer_hash: Digest
    refusal: CommandRefused | None
    next_wake: Instant | None
    finished: bool = False


class Start(Frozen):
    """The only input of a workflow run: which stream it serves. Everything else is restored from the ledger."""

    stream: StreamId
