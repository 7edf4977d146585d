"""For auditors: replay, verify and compare what was recorded; and the read model made anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from starter.cli.session import DONE, PROBLEM, Session, Store, reading, settle

if TYPE_CHECKING:
    from starter.audit.compare import Difference
    from starter.audit.replay import Replayed
    from starter.audit.verify import Verified, Witness
    from workflows.program.model import Program

_ATTEMPTS = 5
_RECEIPT = re.compile(r"([0-9]{1,12}):([0-9a-f]{8,64})")


@click.group()
def audit() -> None:
    """Replay, verify and compare what was recorded. The ledger alone is believed."""


@audit.command()
@click.argument("case")
@click.option(
    "--as-of", help="As things stood then: an instant, or a date for the end of that day (the program's clock)."
)
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@reading
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
    from starter.cli.lookup import find_case, parse_instant, program_of, program_of_stream, zone_of
    from starter.cli.show import heading, say_json, say_minutes

    async with session.store() as store:
        stream = await find_case(store.connection, named)
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
@click.argument("case", required=False)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    help="Seconds by which the two clocks may differ.",
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    metavar="POSITION:HASH",
    help="Check that CASE still holds the entry of this receipt (the hash, or its first 8 digits or more); may be repeated.",
)
@click.option("--chain-only", is_flag=True, help="Do not open the entries (for whoever has no key).")
@reading
@click.pass_obj
def verify(session: Session, case: str | None, *, tolerance: float, receipts: tuple[str, ...], chain_only: bool) -> int:
    """Check the chain of CASE, or of the whole ledger, and that every entry opens. Exit code 1: something is broken.

    A chain that was cut off at its end is sound by itself: receipts, and what the read model was last made from, bear witness to what is missing.

    Where the engine's time and the database's clock disagree is told as information: a demonstration that skips time disagrees rightly.
    """
    if receipts and case is None:
        raise click.UsageError("--receipt belongs to a CASE: name it.")
    wanted = timedelta(seconds=tolerance)
    return settle(_verify(session, case, tolerance=wanted, receipts=_receipts(receipts), chain_only=chain_only))


def _receipts(given: tuple[str, ...]) -> list[Witness]:
    from starter.audit.verify import Witness

    read = [_RECEIPT.fullmatch(one.strip().lower()) for one in given]
    if None in read:
        raise click.UsageError(
            "--receipt takes POSITION:HASH, for example 17:02d59121 (at least 8 digits of the hash)."
        )
    return [Witness(int(match[1]), match[2], "a receipt") for match in read if match]


async def _verify(
    session: Session, named: str | None, *, tolerance: timedelta, receipts: list[Witness], chain_only: bool
) -> int:
    from activities.store.ledger import streams
    from activities.store.queries import caseload
    from starter.audit.verify import Witness, verify_stream
    from starter.cli.lookup import find_case
    from starter.cli.show import say_json

    async with session.store() as store:
        # Before the ledger is read: a case that moves on meanwhile is ahead of its witness, never behind.
        rows = {row.stream: row for row in await caseload(store.connection, closed=True)}
        if named is not None:
            wanted = [await find_case(store.connection, named)]
        else:
            wanted = sorted({*await streams(store.connection), *rows})
        keyring = None if chain_only else store.keyring
        found = []
        with progress("Verifying", quiet=session.as_json) as advance:
            for number, stream in enumerate(wanted, start=1):
                row = rows.get(stream)
                held = [] if row is None else [Witness(row.position, row.head.hex(), "the read model")]
                one = await verify_stream(
                    store.connection, stream, keyring=keyring, tolerance=tolerance, witnesses=[*receipts, *held]
                )
                found.append(one)
                advance(number, len(wanted))
    broken = [one for one in found if one.fault is not None]
    if session.as_json:
        clocks = {
            one.stream: {**one.clocks._asdict(), "largest": one.clocks.largest.total_seconds()}
            for one in found
            if one.clocks
        }
        say_json({
            "sound": not broken,
            "streams": [{**one._asdict(), "clocks": clocks.get(one.stream)} for one in found],
        })
    else:
        _report(found, chain_only=chain_only)
    return PROBLEM if broken else DONE


def _report(found: list[Verified], *, chain_only: bool) -> None:
    from starter.audit.words import counted

    entries = sum(one.entries for one in found)
    for one in found:
        if one.fault is not None:
            click.echo(
                f"BROKEN: {one.fault.stream} position {one.fault.position}: {one.fault.what}. The {one.entries} entries before it are sound."
            )
        if one.sealed is not None:
            click.echo(f"Not opened: {one.stream}: {one.sealed}. Its chain was checked all the same.")
    for one in found:
        if one.clocks is not None:
            clocks, most = one.clocks, _length(one.clocks.largest)
            click.echo(
                f"For your information: in {one.stream} the engine's time and the database's clock differ at {counted(clocks.times, 'entry', 'entries')}, "
                f"first at position {clocks.first}, most at position {clocks.most} (by {most})."
            )
    broken = sum(one.fault is not None for one in found)
    what = "chained" if chain_only else "chained and sealed"
    if broken:
        click.echo(f"{broken} of {counted(len(found), 'stream', 'streams')} broken.")
    else:
        where = counted(len(found), "stream", "streams")
        click.echo(f"Sound: {counted(entries, 'entry', 'entries')} in {where}, {what} as recorded.")


def _length(apart: timedelta) -> str:
    from starter.audit.words import span

    return span(int(apart.total_seconds()))


@audit.command()
@click.argument("case")
@click.option(
    "--no-workflow", is_flag=True, help="Leave the workflow out: compare the ledger with the read model only."
)
@reading
@click.pass_obj
def compare(session: Session, case: str, no_workflow: bool) -> int:
    """Compare what the ledger says of CASE with what its workflow holds and what the read model shows. Exit code 1: they differ."""
    return settle(_compare(session, case, not no_workflow))


async def _compare(session: Session, named: str, with_workflow: bool) -> int:
    from starter.audit.compare import POSITION
    from starter.cli.lookup import find_case
    from starter.cli.show import say_json, table

    async with session.store() as store:
        stream = await find_case(store.connection, named)
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
    from activities.store import queries
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
        found = {"workflow": compare_cases(case, held)} if held is not None else {}
        found["read model"] = compare_rows(case, case=row, obligations=owed, reviews=panels)
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


@contextmanager
def progress(what: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A progress bar on stderr while the block runs, if a person watches; call it with how much is done, and of how much."""
    import sys

    if quiet or not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
