"""What the demo proves at its end: the ledger verifies, replays from nothing, and agrees with everything else that claims to know the case."""

from __future__ import annotations

from activities.store import queries
from activities.store.fold import read_told
from activities.store.read_model import overview
from starter.demo.stage import DemoFailed, Stage
from workflows.case.state import Case, advance
from workflows.core.entry import Entry


async def prove(stage: Stage) -> dict[str, object]:
    """Check the record four ways; what was found, for the summary.

    Raises:
        DemoFailed: two of them disagree.
        BrokenChain: the ledger does not verify.
    """
    telling = stage.telling
    telling.chapter("What an auditor can prove")
    folded, last, commands = await _replay(stage)
    telling.proved(
        f"the ledger verifies: {folded.position} entries, each sealed and chained to the one before, each command answered once"
    )
    if commands != folded.position:
        raise DemoFailed("a command was answered twice")
    telling.proved(
        f"replayed from nothing, the case stands at position {folded.position}, {folded.phase.phase}, head {folded.head[:12]}"
    )
    held = await stage.client.state(stage.stream)
    _agree("the workflow", held, folded)
    telling.proved("the workflow holds exactly that case")
    async with stage.pool.connection() as connection:
        row = await queries.case_row(connection, stage.stream)
    _agree("the read model", row, overview(folded, last))
    telling.proved("so does the read model")
    events = await stage.client.replay(stage.stream)
    telling.proved(f"Temporal's history replays on this build: {events} events")
    return {
        "phase": folded.phase.phase,
        "head": folded.head,
        "commands": commands,
        "temporal_events": events,
        "verified": True,
    }


async def _replay(stage: Stage) -> tuple[Case, Entry, int]:
    case, last, commands = Case(stream=stage.stream), None, set()
    async with stage.pool.connection() as connection:
        async for told in read_told(connection, stage.keyring, stage.stream):
            for entry, events in told:
                case = advance(case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
                last = entry
                commands.add(entry.command_id)
    if last is None:
        raise DemoFailed("the ledger is empty")
    return case, last, len(commands)


def _agree(who: str, found: object, expected: object) -> None:
    if found != expected:
        raise DemoFailed(f"{who} and the ledger disagree about the case")
