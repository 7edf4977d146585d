"""What the demo proves at its end: the ledger verifies, replays from nothing, and agrees with everything else that claims to know the case."""

from __future__ import annotations

from activities.store import queries, rights
from starter.audit.chain import verify_stream
from starter.audit.compare import Difference, compare_cases, compare_rows
from starter.audit.replay import Replayed, replay
from starter.demo.stage import DemoFailed, Stage


async def prove(stage: Stage) -> dict[str, object]:
    """Check the record four ways; what was found, for the summary.

    Raises:
        DemoFailed: the ledger does not verify, or two of them disagree.
    """
    telling = stage.telling
    held = await stage.at_rest()
    await stage.tell()
    telling.chapter("What an auditor can prove")
    replayed = await _replayed(stage)
    case, commands = replayed.case, {entry.command_id for entry, _ in replayed.told}
    if len(commands) != case.position:
        raise DemoFailed("a command was answered twice")
    telling.proved(
        f"the ledger verifies: {case.position} entries, each chained to the one before, each command answered once"
    )
    telling.proved(
        f"replayed from nothing, the case stands at position {case.position}, {case.phase.phase}, head {case.head[:12]}"
    )
    _agree("the workflow", compare_cases(case, held))
    telling.proved("the workflow holds exactly that case")
    await _read_model_agrees(stage, replayed)
    telling.proved("so does the read model")
    events = await stage.client.replay(stage.stream)
    telling.proved(f"Temporal's history replays on this build: {events} events")
    return {
        "phase": case.phase.phase, "head": case.head, "commands": len(commands), "temporal_events": events, "verified": True,
        "escalations": _count(replayed, "obligation_escalated"), "missed_check_ins": _count(replayed, "check_in_missed"),
    }  # fmt: skip


async def _replayed(stage: Stage) -> Replayed:
    async with stage.pool.connection() as connection:
        found = await verify_stream(connection, stage.stream, keyring=stage.keyring)
        if found.fault is not None:
            raise DemoFailed(f"the ledger does not verify: position {found.fault.position} {found.fault.what}")
        return await replay(connection, stage.keyring, stage.stream)


async def _read_model_agrees(stage: Stage, replayed: Replayed) -> None:
    async with stage.pool.connection() as connection:
        row = await queries.case_row(connection, stage.stream)
        owed = await queries.obligations(connection, stage.stream)
        panels = await queries.reviews(connection, stream=stage.stream)
        held = await rights.everything(connection, stage.stream)
    found = compare_rows(replayed.case, case=row, obligations=owed, reviews=panels, rights=held)
    _agree("the read model", found)


def _agree(who: str, found: Difference | None) -> None:
    if found is not None:
        raise DemoFailed(f"{who} and the ledger disagree about the case, first in {found.path}")


def _count(replayed: Replayed, kind: str) -> int:
    return sum(event.type == kind for _, events in replayed.told for event in events)  # type: ignore[attr-defined]
