"""What travels between a sender, the workflow and the recorder.

The command travels as plain JSON: the workflow hands it on and never interprets it, so a change of the rules or of a command's
fields cannot disturb the replay of a running case.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue

from workflows.core.kinds import Code, CommandId, Digest, Event, Frozen, Instant, PersonId, StreamId
from workflows.core.notice import Notice

MAX_COMMAND_BYTES = 16 * 1024
"""Largest command accepted, as JSON. Commands carry codes and references; whatever is longer is text, and belongs in the vault."""


class Envelope(Frozen):
    """A command on its way to the ledger. `actor` says who acts; what that person may do is looked up when it is recorded."""

    command_id: CommandId
    actor: PersonId
    command: Annotated[dict[str, JsonValue], Field(description="the command with its stored `type`")]

    @property
    def size(self) -> int:
        """Its length in bytes, as JSON."""
        return len(self.model_dump_json().encode())


class CommandRefused(Event):
    """A refusal is an answer like any other: what was asked, why it was refused, and what would cure it."""

    type: Literal["command_refused"] = "command_refused"
    code: Code
    why: str
    cure: str
    command: dict[str, JsonValue]


class RecordedEntry(Frozen):
    """An entry as the workflow needs it: its place, its hash, and its events as JSON in plain form.

    `recorded_at`, `actor` and `type` complete it, so that a ledger that lost the entry can be given it back exactly; no workflow holds on to them.
    Histories from before they were added lack them.
    """

    position: int
    hash: Digest
    command_id: CommandId
    at: Instant
    events: str
    recorded_at: Instant | None = None
    actor: str = ""
    type: str = ""


class Recorded(Frozen):
    """What the recorder answers: all that the workflow acts on, live and on every replay.

    entries: those that the caller did not hold yet; the last is the command's own answer, unless it was answered before.
    answered_at, answer_hash: the answer's place (0 and the present head if the clock found nothing due: then nothing is recorded).
    refusal: the answer, if it is no.
    effects: notices to deliver, decided in these entries and not yet reported on.
    next_wake: the next instant at which something happens if nobody acts.
    finished: nothing more is to be done in this stream.
    stopped: keys of notices that are not to be delivered any more, decided in these entries.
    """

    entries: tuple[RecordedEntry, ...]
    answered_at: int
    answer_hash: Digest
    refusal: CommandRefused | None
    effects: tuple[Notice, ...]
    next_wake: Instant | None
    finished: bool
    stopped: tuple[str, ...] = ()


class Start(Frozen):
    """The only input of a workflow run: which stream it serves. Everything else is restored from the ledger."""

    stream: StreamId
