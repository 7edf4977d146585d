"""For administrators: the staff directory, from which every command's rights are looked up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from starter.cli.session import Session, entering, person_option, reading, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.store.queries import ObligationRow
    from activities.store.staff import Appointment, Imported, StaffRecord
    from workflows.core.receipt import Receipt

_COLUMNS = ("PERSON", "FROM", "UNTIL", "ORGANIZATION", "ROLES", "CHANNEL", "CERTIFICATES")


@click.group("staff")
def group() -> None:
    """Keep the staff directory: who holds which roles, from when until when."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--hand-over-to", metavar="PERSON", help="Who is to lead the open cases of whoever leaves; --as a supervisor."
)
@click.option("--reasons-text", metavar="TEXT", help="With --hand-over-to: why; sealed in each case.")
@click.option("--reasons-file", type=click.File(), help="The same from a file, or - for stdin.")
@person_option
@reading
@click.pass_obj
def import_(
    session: Session, *, file: Path, hand_over_to: str | None, reasons_text: str | None, reasons_file: IO[str] | None
) -> None:
    """Bring the directory to what a YAML FILE says of the people it names. A second import changes nothing.

    Nobody is deleted: an appointment ends at its valid_until, or where the person's next one begins.

    Whoever leads open cases, or stands in, does not leave them to nobody: the import is refused, and names them, unless --hand-over-to says who leads
    them from now on. Each is then assigned first, one after the other; where that is refused nothing is imported, and a repetition goes on from there.
    """
    from activities.store.staff import parse_staff_file
    from starter.cli.show import say_json

    records = parse_staff_file(file)
    reasons = reasons_file.read() if reasons_file is not None else reasons_text
    if hand_over_to is None:
        handed: list[Receipt] = []
    else:
        from starter.cli.succession import hand_over

        handed = settle(hand_over(session, records, to=hand_over_to, reasons=reasons))
    done = settle(_import(session, records))
    if session.as_json:
        say_json({**done._asdict(), **({"handed_over": handed} if handed else {})})
        return
    for receipt in handed:
        click.echo(f"{receipt.stream} is led by {hand_over_to}: position {receipt.position} {receipt.hash}")
    click.echo(f"appointments: {', '.join(f'{count} {what}' for what, count in done._asdict().items() if count)}")


async def _import(session: Session, records: Sequence[StaffRecord]) -> Imported:
    from activities.store.staff import import_staff

    async with session.store() as store:
        return await import_staff(store.connection, store.keyring, records)


@group.command("orphans")
@click.option("--at", metavar="INSTANT", help="As of then, else of now: for example 2027-03-01T09:00:00Z.")
@entering
@click.pass_obj
def orphans(session: Session, at: str | None) -> None:
    """List what is owed by nobody who is here: held by somebody who left, or by a role that nobody holds. There should be nothing."""
    from starter.cli.lookup import parse_instant
    from starter.cli.show import say_json, table

    instant = datetime.now(UTC) if at is None else parse_instant(at, UTC, option="--at")
    found = settle(_orphans(session, instant))
    if session.as_json:
        say_json(found)
        return
    rows = [(one.stream, one.key, one.owner, one.holder or "", f"{one.due:%Y-%m-%d %H:%M} UTC") for one in found]
    table(("CASE", "OWED", "ROLE", "HELD BY", "DUE"), rows, empty="Everything that is owed is owed by somebody who is here.")  # fmt: skip


async def _orphans(session: Session, at: datetime) -> list[ObligationRow]:
    from activities.store.leaving import orphans
    from starter.cli.lookup import enter_cases

    async with session.store() as store:
        return await enter_cases(session, store, await orphans(store.connection, at=at), purpose="staff_orphans")


@group.command("list")
@click.option("--at", metavar="INSTANT", help="Only those valid then, for example 2027-03-01T09:00:00Z.")
@reading
@click.pass_obj
def list_(session: Session, at: str | None) -> None:
    """List the appointments, without addresses."""
    from starter.cli.lookup import parse_instant
    from starter.cli.show import say_json, table

    instant = None if at is None else parse_instant(at, UTC, option="--at")
    listed = settle(_list(session, instant))
    if session.as_json:
        say_json(listed)
        return
    then = (
        "Nobody held an appointment then." if instant else "Nobody is in the directory ('offramp staff import FILE')."
    )
    table(_COLUMNS, [_row(one) for one in listed], empty=then)


async def _list(session: Session, at: datetime | None) -> list[Appointment]:
    from activities.store.staff import list_staff

    async with session.store() as store:
        return await list_staff(store.connection, at=at)


def _row(one: Appointment) -> tuple[str, ...]:
    from workflows.core.kinds import NO_EXPIRY

    until = "open" if one.valid_until is None else f"{one.valid_until:%Y-%m-%d %H:%M} UTC"
    begin = f"{one.valid_from:%Y-%m-%d %H:%M} UTC"
    certified = ", ".join(
        f"{code} {'' if last == NO_EXPIRY.isoformat() else f'until {last}'}".strip()
        for code, last in one.certificates.items()
    )
    return (one.person, begin, until, one.organization or "", ", ".join(one.roles), one.channel, certified)
