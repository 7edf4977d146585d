"""For auditors: replay, verify and compare what was recorded; and the read model made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from starter.cli.discontinuity import discontinuity
from starter.cli.export import export, verify_bundle
from starter.cli.log import new_log_key, seal
from starter.cli.prove import prove
from starter.cli.read import erasures, reads
from starter.cli.replay import replay, why
from starter.cli.session import DONE, PROBLEM, Session, Store, entering, reading, settle
from starter.cli.show import progress
from starter.cli.verify import verify

if TYPE_CHECKING:
    from starter.audit.compare import Difference

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
audit.add_command(replay)
audit.add_command(why)


@audit.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case, one after the other.")
@click.option(
    "--from", "begin", metavar="STREAM", help="With --all: begin at this stream, where an earlier run was stopped."
)
@click.option("--no-workflow", is_flag=True, help="Leave the workflow out: compare the ledger with the read model only.")  # fmt: skip
@entering
@click.pass_obj
def compare(session: Session, case: str | None, *, everything: bool, begin: str | None, no_workflow: bool) -> int:
    """Compare what the ledger says of CASE with what its workflow holds and what the read model shows. Exit code 1: they differ."""
    if (case is None) != everything or (begin is not None and not everything):
        raise click.UsageError("Name a CASE, or give --all (and then --from STREAM, to go on).")
    if case is not None:
        return settle(_compare(session, case, not no_workflow))
    return settle(_compare_all(session, begin or "", not no_workflow))


async def _compare_all(session: Session, begin: str, with_workflow: bool) -> int:
    """Every case from `begin` on that was not erased; where it is interrupted, it says how to go on."""
    from activities.store.erasure import erasures as all_erasures
    from activities.store.ledger import streams
    from starter.audit.words import counted
    from starter.cli.lookup import enter_case
    from starter.cli.show import say_json, table

    rows: list[tuple[str, str, str]] = []
    async with session.store() as store:
        gone = {one.stream for one in await all_erasures(store.connection) if one.destroyed_at is not None}
        wanted = [stream for stream in await streams(store.connection) if stream >= begin and stream not in gone]
        with progress("Comparing", quiet=session.as_json) as advance:
            for number, stream in enumerate(wanted, start=1):
                try:
                    found, without = await _of_one(session, store, stream, with_workflow)
                except BaseException:
                    click.echo(f"Stopped at {stream}. To go on from here: offramp audit compare --all --from {stream}", err=True)  # fmt: skip
                    raise
                if any(one is not None for one in found.values()):
                    await enter_case(session, store, stream, purpose="audit_compare")
                rows += [(stream, other, _told(one)) for other, one in found.items() if one is not None]
                rows += [(stream, "workflow", f"there is none; to start it: offramp case recover {stream}")] * without
                advance(number, len(wanted))
    if session.as_json:
        say_json({"compared": len(wanted), "same": not rows, "differences": [dict(zip(("stream", "with", "what"), row, strict=True)) for row in rows]})  # fmt: skip
    else:
        table(("CASE", "COMPARED WITH", "RESULT"), rows, empty=f"{counted(len(wanted), 'case', 'cases')} compared: the same everywhere.")  # fmt: skip
    return PROBLEM if rows else DONE


async def _of_one(
    session: Session, store: Store, stream: str, with_workflow: bool
) -> tuple[dict[str, Difference | None], bool]:
    """The differences of one case, and whether it has no workflow though it is open; Temporal forgets those of closed ones in time."""
    from activities.store.queries import case_row

    if with_workflow:
        from starter.client import CaseUnknown

        try:
            return await differences(session, store, stream, with_workflow=True), False
        except CaseUnknown:
            row = await case_row(store.connection, stream)
            return await differences(
                session, store, stream, with_workflow=False
            ), row is not None and row.closed_at is None
    return await differences(session, store, stream, with_workflow=False), False


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
