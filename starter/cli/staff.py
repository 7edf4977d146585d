"""For administrators: the staff directory, from which every command's rights are looked up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from activities.settings import Settings
    from activities.store.pool import Connection
    from activities.store.staff import Appointment

REFUSED, UNAVAILABLE = 3, 4
_T = TypeVar("_T")

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Data directory of the stack; its settings are used.",
)


@click.group("staff")
def group() -> None:
    """Keep the staff directory: who holds which roles, from when until when."""


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@data_dir_option
@as_json_option
def import_(file: Path, data_dir: Path | None, as_json: bool) -> None:
    """Bring the directory to what a YAML FILE says of the people it names. A second import changes nothing.

    Nobody is deleted: an appointment ends at its valid_until, or where the person's next one begins.
    """
    from activities.keyring import open_keyring
    from activities.store.refused import StoreRefused
    from activities.store.staff import Imported, import_staff, parse_staff_file

    try:
        records = parse_staff_file(file)
    except StoreRefused as error:
        raise _Refused(f"{error.what}\ncure: {error.cure}") from error

    async def use(connection: Connection, settings: Settings) -> Imported:
        return await import_staff(connection, open_keyring(settings), records)

    done = _with_store(data_dir, use)
    if as_json:
        click.echo(json.dumps(done._asdict()))
        return
    parts = (f"{count} {what}" for what, count in done._asdict().items() if count)
    click.echo(f"appointments: {', '.join(parts)}")


@group.command("list")
@click.option("--at", metavar="INSTANT", help="Only those valid then, for example 2027-03-01T09:00:00Z.")
@data_dir_option
@as_json_option
def list_(at: str | None, data_dir: Path | None, as_json: bool) -> None:
    """List the appointments, without addresses."""
    from activities.store.staff import list_staff

    instant = None if at is None else _instant(at)

    async def use(connection: Connection, _settings: Settings) -> list[Appointment]:
        return await list_staff(connection, at=instant)

    listed = _with_store(data_dir, use)
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in listed], indent=2))
        return
    if not listed:
        click.echo("nobody is in the directory" + (" then" if instant else "; 'offramp staff import FILE' fills it"))
    width = max((len(one.person) for one in listed), default=0)
    for one in listed:
        until = "open" if one.valid_until is None else f"{one.valid_until:%Y-%m-%d %H:%M}"
        term = f"{one.valid_from:%Y-%m-%d %H:%M} to {until}"
        organization = one.organization or "-"
        click.echo(f"{one.person:<{width}}  {term:<36}  {organization}  {', '.join(one.roles)}  ({one.channel})")


def _as_json(one: Appointment) -> dict[str, object]:
    return {
        **one._asdict(),
        "valid_from": one.valid_from.isoformat(),
        "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
    }


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no instant; write 2027-03-01T09:00:00Z", param_hint="--at") from error
    if instant.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no offset; end it with Z for UTC", param_hint="--at")
    return instant


class _Refused(click.ClickException):
    """Ends the command: what was asked for is not possible as it stands."""

    exit_code = REFUSED


class _Unavailable(click.ClickException):
    """Ends the command: nothing was changed, and the same command may succeed later."""

    exit_code = UNAVAILABLE


def _with_store(data_dir: Path | None, use: Callable[[Connection, Settings], Awaitable[_T]]) -> _T:
    """What `use` returns, on a connection to the ledger's database."""
    import psycopg
    from psycopg_pool import PoolTimeout

    from activities.settings import SettingsError, load_settings
    from activities.store.pool import open_pool
    from activities.store.refused import StoreRefused

    async def run() -> _T:
        try:
            settings = load_settings(data_dir)
            pool = await open_pool(settings.database_url, size=1)
        except (SettingsError, StoreRefused) as error:
            raise _Unavailable(f"{error.what}\ncure: {error.cure}") from error
        try:
            async with pool.connection() as connection:
                return await use(connection, settings)
        except (SettingsError, StoreRefused) as error:
            raise _Refused(f"{error.what}\ncure: {error.cure}") from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            message = "the connection to the ledger's database was lost; nothing was changed"
            raise _Unavailable(f"{message}\ncure: see that the database runs, and repeat the command") from error
        except psycopg.errors.UndefinedTable as error:
            cure = "run 'offramp up' once, or migrate the database as its owner"
            raise _Unavailable(f"this database is not migrated\ncure: {cure}") from error
        finally:
            await pool.close()

    return asyncio.run(run())
