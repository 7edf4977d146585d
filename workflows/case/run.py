"""Runs of the case's workflow: each one that has ended is kept, and the digest of its history stands in the ledger.

Temporal deletes the history of a run some time after its end, while the case goes on for years; without it nobody could show any more that the engine did
what the entries say. So the engine keeps each history under the key of the case, and records which one it kept. Nothing follows from that: no
clock is moved by it, nothing is owed, and a closed case stays closed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from workflows.core.kinds import Command, Digest, Event, Frozen, Instant

RunId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f-]{36}$")]
"""Temporal's id of a run."""
Ending = Literal["completed", "failed", "canceled", "terminated", "timed_out", "continued_as_new"]
"""How a run ended."""


class KeepRun(Command):
    """The history of a run that ended was kept. Sent by the engine only."""

    type: Literal["keep_run"] = "keep_run"
    run_id: RunId
    status: Ending
    events: Annotated[int, Field(ge=1, description="of its history")]
    began: Instant
    ended: Instant
    sha256: Annotated[Digest, Field(description="of the history as it was kept")]


class RunKept(Event):
    """The history of a run that ended is kept, and this is its digest."""

    type: Literal["run_kept"] = "run_kept"
    run_id: RunId
    status: Ending
    events: int
    began: Instant
    ended: Instant
    sha256: Digest


class State(Frozen):
    """How many runs were kept; which, and with what digests, stands in the ledger."""

    kept: int = 0


def decide(command: KeepRun) -> tuple[RunKept, ...]:
    """Record the run; that it is recorded once is due to its command id, which is the run's own."""
    return (RunKept(**command.model_dump(exclude={"type"})),)


def evolve(state: State, _event: RunKept, _at: datetime) -> State:
    """The state after the event."""
    return state.model_copy(update={"kept": state.kept + 1})
