"""For auditors: replay, verify and compare what was recorded; and the read model made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from starter.cli.discontinuity import discontinuity
from starter.cli.export import export, verify_bundle
from starter.cli.log import new_log_key, seal
from starter.cli.prove import prove
from starter.cli.read import erasures, reads
from starter.cli.session import DONE, PROBLEM, Session, Store, entering, reading, settle
from starter.cli.show import progress
from starter.cli.verify import verify

if TYPE_CHECKING:
    from starter.audit.compare import Difference
    from starter.audit.replay import Replayed
    from workflows.program.model import Program

_ATTEMPTS = 5


@click.group()
def audit() -> None:
    """Replay, verify and compare what was recorded. The ledger alone is believed."""


audit.add_command(seal)
audit.add_command(new_log_key)
audit.add_command(verify)
audit.add_command(prove)
audit.add_command(export)
audit.add_command(verify_bundle)
audit.add_command(reads)
audit.add_command(erasures)
audit.add_command(discontinuity)


@audit.command()
@click.argument("case")
@click.option(
    "--as-of", help="As things stood then: an instant, or a date for the end of that day (the program's clock)."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@entering
@click.pass_obj
def replay(session: Session, case: str, as_of: str | None, form: str) -> None:
    """Fold CASE from its first entry, each verified and opened, and show what happened and where that leaves it."""
    session.as_json = session.as_json or form == "json"
    settle(_replay(session, case, as_of))


async def _replay(session: Session, named: str, as_of: str | None) -> None:
    from starter.audit.minutes import minutes
    from starter.audit.replay import replay as replayed
    from starter.audit.words import Words, counted
    from starter.cli.cases import standing
    from starter.cli.lookup import enter_case, parse_instant, program_of, program_of_stream, zone_of
    from starter.cli.show import heading, say_json, say_minutes

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="audit_replay")
        zone = zone_of(await program_of_stream(store.connection, stream))
        until = None if as_of is None else parse_instant(as_of, zone, option="--as-of", end_of_day=True)
        found = await replayed(store.connection, store.keyring, stream, until=until)
        program = await program_of(store.connection, found.case)
    if session.as_json:
        say_json(_as_json(found, program))
        return
    heading(f"{counted(len(found.told), 'entry', 'entries')} of {stream}, each verified and opened")
    for entry, events in found.told:
        say_minutes(minutes(entry, events, program))
    heading("\nWhere that leaves it")
    standing(found.case, Words(program), now=until)


def _as_json(found: Replayed, program: Program | None) -> dict[str, Any]:
    from starter.audit.minutes import minute

    return {
        "stream": found.case.stream,
        "entries": [
            {
                "position": entry.position, "at": entry.at, "recorded_at": entry.recorded_at, "actor": entry.actor, "type": entry.type,
                "command_id": entry.command_id, "prev": entry.prev, "hash": entry.hash, "events": events, "minutes": minute(entry, events, program).what,
            }
            for entry, events in found.told
        ],
        "case": found.case,
    }  # fmt: skip


@audit.command()
@click.argument("case")
@click.option(
    "--no-workflow", is_flag=True, help="Leave the workflow out: compare the ledger with the read model only."
)
@entering
@click.pass_obj
def compare(session: Session, case: str, no_workflow: bool) -> int:
    """Compare what the ledger says of CASE with what its workflow holds and what the read model shows. Exit code 1: they differ."""
    return settle(_compare(session, case, not no_workflow))


async def _compare(session: Session, named: str, with_workflow: bool) -> int:
    from starter.audit.compare import POSITION
    from starter.cli.lookup import enter_case
    from starter.cli.show import say_json, table

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="audit_compare")
        found = await differences(session, store, stream, with_workflow=with_workflow)
    differ = any(one is not None for one in found.values())
    if session.as_json:
        say_json({"stream": stream, "same": not differ, "differences": found})
        return PROBLEM if differ else DONE
    rows = [(f"ledger and {other}", "the same" if one is None else _told(one)) for other, one in found.items()]
    table(("COMPARED", "RESULT"), rows, empty="")
    for other, one in found.items():
        if one is not None and one.path == POSITION:
            click.echo(
                f"The {other} is ahead of the ledger: entries were cut off, or an older copy was restored. Leave everything as it is, and find out which."
            )
        elif one is not None:
            cure = "offramp rebuild" if other == "read model" else f"offramp case recover {stream}"
            click.echo(f"The ledger is right. To bring the {other} in line: {cure}")
    return PROBLEM if differ else DONE


def _told(one: Difference) -> str:
    return f"differs at {one.path}: the ledger says {one.ledger}, the other {one.other}"


async def differences(
    session: Session, store: Store, stream: str, *, with_workflow: bool
) -> dict[str, Difference | None]:
    """The first difference of each from the ledger's fold: `workflow` (unless left out) and `read model`.

    Raises:
        LedgerUnavailable: no worker answered.
    """
    from activities.store import queries, rights
    from activities.store.fold import fold
    from starter.audit.compare import compare_cases, compare_rows

    found: dict[str, Difference | None] = {}
    for _ in range(_ATTEMPTS):
        held = await _held(session, stream) if with_workflow else None
        async with store.connection.transaction():
            # One snapshot for the ledger and for what was made of it.
            await store.connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            case = await fold(store.connection, store.keyring, stream)
            row = await queries.case_row(store.connection, stream)
            owed = await queries.obligations(store.connection, stream)
            panels = await queries.reviews(store.connection, stream=stream)
            held_rights = await rights.everything(store.connection, stream)
        found = {"workflow": compare_cases(case, held)} if held is not None else {}
        found["read model"] = compare_rows(case, case=row, obligations=owed, reviews=panels, rights=held_rights)
        if held is None or held.position >= case.position:
            break
        # The case moved on between the two readings: read again.
    return found


async def _held(session: Session, stream: str) -> Any:
    from starter.client import Client

    async with Client.connect(session.settings()) as client:
        return await client.state(stream)


@click.command()
@reading
@click.pass_obj
def rebuild(session: Session) -> None:
    """Make the read model anew from the ledger. Cases stay usable meanwhile."""
    settle(_rebuild(session))


async def _rebuild(session: Session) -> None:
    from activities.store import read_model
    from starter.audit.words import counted
    from starter.cli.show import say_json

    async with session.store() as store:
        with progress("Rebuilding", quiet=session.as_json) as advance:
            entries = await read_model.rebuild(store.pool, store.keyring, progress=advance)
    if session.as_json:
        say_json({"entries": entries})
    else:
        click.echo(f"The read model follows from {counted(entries, 'entry', 'entries')} again.")
