"""For administrators: the staff directory, from which every command's rights are looked up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, reading, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.store.staff import Appointment, Imported, StaffRecord

_COLUMNS = ("PERSON", "FROM", "UNTIL", "ORGANIZATION", "ROLES", "CHANNEL")


@click.group("staff")
def group() -> None:
    """Keep the staff directory: who holds which roles, from when until when."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@reading
@click.pass_obj
def import_(session: Session, file: Path) -> None:
    """Bring the directory to what a YAML FILE says of the people it names. A second import changes nothing.

    Nobody is deleted: an appointment ends at its valid_until, or where the person's next one begins.
    """
    from activities.store.staff import parse_staff_file
    from starter.cli.show import say_json

    done = settle(_import(session, parse_staff_file(file)))
    if session.as_json:
        say_json(done)
        return
    click.echo(f"appointments: {', '.join(f'{count} {what}' for what, count in done._asdict().items() if count)}")


async def _import(session: Session, records: Sequence[StaffRecord]) -> Imported:
    from activities.store.staff import import_staff

    async with session.store() as store:
        return await import_staff(store.connection, store.keyring, records)


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
    until = "open" if one.valid_until is None else f"{one.valid_until:%Y-%m-%d %H:%M} UTC"
    begin = f"{one.valid_from:%Y-%m-%d %H:%M} UTC"
    return (one.person, begin, until, one.organization or "", ", ".join(one.roles), one.channel)
