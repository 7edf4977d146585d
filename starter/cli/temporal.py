"""For auditors: the runs of a case's workflow, kept and still held by Temporal, checked against the ledger and replayed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.session import DONE, PROBLEM, Session, Store, entering, settle
from starter.cli.show import progress

if TYPE_CHECKING:
    from starter.audit.runs import Found, Run
    from starter.client import Client

_SHOWN = 8


class Examined(NamedTuple):
    """The runs of a case, and for each that can be read what this build does otherwise than it did (empty: nothing)."""

    stream: str
    found: Found
    otherwise: dict[str, str]

    @property
    def faults(self) -> list[str]:
        """Everything that is wrong."""
        differs = [f"run {run_id[:_SHOWN]} does not replay: {what}" for run_id, what in self.otherwise.items() if what]
        return [*self.found.faults, *differs]


@click.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case, one after the other; those that were erased are left out.")  # fmt: skip
@entering
@click.pass_obj
def temporal(session: Session, case: str | None, *, everything: bool) -> int:
    """Check every workflow run of CASE: that its history is the one whose digest stands in the ledger, that none is missing, and that this build replays it.

    Runs that have ended are kept when Temporal has long deleted them. Exit code 1: one was changed, is missing, or does not replay. That it was asked for stands among the reads of the case.
    """
    if (case is None) != everything:
        raise click.UsageError("Name a CASE, or give --all.")
    return settle(_all(session) if case is None else _one(session, case))


async def _one(session: Session, named: str) -> int:
    from starter.cli.lookup import enter_case
    from starter.cli.show import say_json
    from starter.client import Client

    async with session.store() as store, Client.connect(session.settings()) as client:
        stream = await enter_case(session, store, named, purpose="audit_temporal")
        found = await _examine(store, client, stream)
    if session.as_json:
        say_json(_as_json(found))
    else:
        _say(found)
    return PROBLEM if found.faults else DONE


async def _all(session: Session) -> int:
    from activities.store.vault import log_reading
    from activities.store.walk import count_streams, streams_in_order
    from starter.audit.words import counted
    from starter.cli.show import say_json, table
    from starter.client import Client

    reader, found, left = session.reader(), [], 0
    async with session.store() as store, Client.connect(session.settings()) as client:
        total = await count_streams(store.connection)
        with progress("Replaying", quiet=session.as_json) as advance:
            async for stream in streams_in_order(store.connection):
                if not await _may_look(session, store, stream):
                    left += 1
                    continue
                await log_reading(store.connection, stream=stream, reader=reader, purpose="audit_temporal")
                found.append(await _whatever(store, client, stream))
                advance(len(found), max(len(found), total))
    if left:
        click.echo(f"{counted(left, 'case', 'cases')} that you may not look at left out.", err=True)
    faults = [(one.stream, what) for one in found for what in one.faults]
    if session.as_json:
        say_json({"sound": not faults, "cases": [_as_json(one) for one in found]})
    else:
        runs = counted(sum(len(one.found.runs) for one in found), "run", "runs")
        sound = f"{runs} of {counted(len(found), 'case', 'cases')}: each is as the ledger names it, none is missing, and all replay."
        table(("CASE", "WHAT IS WRONG"), faults, empty=sound)
    return PROBLEM if faults else DONE


async def _may_look(session: Session, store: Store, stream: str) -> bool:
    from activities.store.refused import StoreRefused
    from starter.cli.lookup import require_look
    from workflows.core.entry import BrokenChain
    from workflows.core.refusal import Refused

    try:
        await require_look(session, store, stream)
    except Refused:
        return False
    except (BrokenChain, StoreRefused):
        # Nothing of it can be read, and that is to be said.
        return True
    return True


async def _whatever(store: Store, client: Client, stream: str) -> Examined:
    """The same as `_examine`; a case that cannot be read is one of which that is wrong."""
    from activities.store.refused import StoreRefused
    from starter.audit.runs import Found
    from workflows.core.entry import BrokenChain

    try:
        return await _examine(store, client, stream)
    except BrokenChain as broken:
        return Examined(stream, Found([], [f"position {broken.position} {broken.what}"], []), {})
    except StoreRefused as refused:
        return Examined(stream, Found([], [refused.what], []), {})


async def _examine(store: Store, client: Client, stream: str) -> Examined:
    """Everything about the runs of one case."""
    from activities.store.fold import read_told
    from activities.store.runs import runs_of
    from starter.audit.runs import examine
    from starter.client import CaseUnknown

    try:
        held = {run_id: text.encode() for run_id, text in await client.histories(stream)}
    except CaseUnknown:
        held = {}
    # Afterwards: what was kept meanwhile is named, and what Temporal deleted meanwhile was read.
    key = await store.keyring.stream_key(store.connection, stream)
    kept = await runs_of(store.connection, stream)
    told = [one async for batch in read_told(store.connection, store.keyring, stream) for one in batch]
    found = examine(told, kept, held, key=key)
    otherwise = {
        one.run_id: await client.replayed(stream, one.text.decode()) for one in found.runs if one.text and one.told
    }
    return Examined(stream, found, otherwise)


def _say(found: Examined) -> None:
    from starter.audit.words import counted
    from starter.cli.show import table

    columns = ("RUN", "BEGAN", "ENDED", "HOW", "EVENTS", "HISTORY", "DIGEST IN LEDGER", "REPLAYS")
    table(columns, [_row(one, found) for one in found.found.runs], empty="No run of this case is known.")
    for what in found.faults:
        click.echo(f"BROKEN: {what}.")
    for what in found.found.waiting:
        click.echo(f"For your information: {what}.")
    if not found.faults:
        click.echo(f"Sound: {counted(len(found.found.runs), 'run', 'runs')}.")


def _row(run: Run, found: Examined) -> tuple[str, ...]:
    where = " and ".join([*(["kept"] if run.kept else []), *(["in Temporal"] if run.held else [])]) or "missing"
    digest = "not yet" if not run.position else f"position {run.position}"
    if run.told is None:
        return (run.run_id[:_SHOWN], "", "", "", "", where, digest, "no")
    told = run.told
    return (
        run.run_id[:_SHOWN], f"{told.began:%Y-%m-%d %H:%M}", "" if run.running else f"{told.ended:%Y-%m-%d %H:%M}", told.status.replace("_", " "),
        str(told.events), where, "" if run.running else digest, "no" if found.otherwise.get(run.run_id) else "yes",
    )  # fmt: skip


def _as_json(found: Examined) -> dict[str, Any]:
    return {
        "stream": found.stream,
        "sound": not found.faults,
        "runs": [
            {
                **({} if run.told is None else run.told._asdict()), "run_id": run.run_id, "kept": run.kept, "held_by_temporal": run.held,
                "position": run.position, "replays": found.otherwise.get(run.run_id) == "",
            }
            for run in found.found.runs
        ],
        "faults": found.faults,
        "waiting": found.found.waiting,
    }  # fmt: skip
