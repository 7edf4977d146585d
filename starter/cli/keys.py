"""For whoever runs the system: the program key, what it wraps, and rotating it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, PROBLEM, Session, person_option, reading, settle

if TYPE_CHECKING:
    from activities.store.rotation import Operation, Rotated, Wrapping


@click.group("keys")
def group() -> None:
    """The program key, under which every participant's key is wrapped."""


@group.command("new")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def new(file: Path) -> None:
    """Make a new program key in FILE, readable by its owner alone. Whoever loses it loses every record: keep a copy where the database's copies are not."""
    from activities.store.keys import ProgramKey, generate_key_file
    from activities.store.refused import StoreRefused

    if not generate_key_file(file):
        raise StoreRefused(f"{file} is there already", "Name another file: a program key is never overwritten.")
    click.echo(f"{file} holds the program key {ProgramKey.from_file(file).key_id}.")


@group.command("status")
@reading
@click.pass_obj
def status(session: Session) -> int:
    """Show which program key wraps how many keys, what could be taken away, and who rotated last. Exit code 1 if records cannot be read."""
    from starter.cli.show import say_json

    found, done = settle(_status(session))
    unreadable = any(one.standing == "missing" for one in found)
    if session.as_json:
        say_json({"program_keys": [one._asdict() for one in found], "operations": [one._asdict() for one in done]})
    else:
        for one in found:
            click.echo(f"{one.key_id}  {one.standing}, wraps {_keys(one.keys)}{_meaning(one)}")
        for act in done:
            click.echo(f"{act.at:%Y-%m-%d %H:%M} {act.person} {_told(act)}")
    return PROBLEM if unreadable else DONE


async def _status(session: Session) -> tuple[list[Wrapping], list[Operation]]:
    from activities.store.rotation import operations, wrappings

    async with session.store() as store:
        return await wrappings(store.connection, store.keyring), await operations(store.connection)


@group.command("rotate")
@person_option
@reading
@click.pass_obj
def rotate(session: Session) -> int:
    """Wrap every participant's key by the program key that is set now, as the owner of the tables (OFFRAMP_OWNER_DATABASE_URL).

    The one before belongs to OFFRAMP_RETIRED_KEY_FILES (or OFFRAMP_RETIRED_KMS_KEY_IDS). No record is encrypted anew; workers go on meanwhile, if
    they have both. Killed or interrupted, a second run goes on where the first stopped.
    """
    from starter.cli.show import say_json

    rotated, key_id = settle(_rotate(session, session.actor()))
    if session.as_json:
        say_json({"key_id": key_id, **rotated._asdict()})
    else:
        click.echo(f"{_keys(rotated.rewrapped)} wrapped anew by {key_id}.")
        for stream in rotated.damaged:
            click.echo(f"{stream}: its key is damaged and was left as it is; restore its row of the table key.")
    return PROBLEM if rotated.damaged else DONE


async def _rotate(session: Session, person: str) -> tuple[Rotated, str]:
    from activities.keyring import open_keyring
    from activities.settings import SettingsError
    from activities.store import rotation
    from activities.store.pool import open_pool

    settings = session.settings()
    if settings.owner_database_url is None:
        raise SettingsError(
            "Not set: OFFRAMP_OWNER_DATABASE_URL.",
            "Set it, or OFFRAMP_OWNER_DATABASE_URL_FILE: the application's own role cannot change a key.",
        )
    keyring = open_keyring(settings)
    pool = await open_pool(settings.owner_database_url, size=1)
    try:
        async with pool.connection() as owner:
            rotated = await rotation.rotate(owner, keyring, person=person, progress=_say)
            _say_nothing_more()
    finally:
        await pool.close()
    return rotated, keyring.program_key.key_id


def _say(done: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{_keys(done)} wrapped anew ...", err=True, nl=False)


def _say_nothing_more() -> None:
    if sys.stderr.isatty():
        click.echo("\r\033[K", err=True, nl=False)


def _keys(count: int) -> str:
    return "1 key" if count == 1 else f"{count} keys"


def _meaning(one: Wrapping) -> str:
    match one.standing:
        case "missing":
            return ": NOT AT HAND, and what they open is unreadable; give it again (OFFRAMP_RETIRED_KEY_FILES, OFFRAMP_RETIRED_KMS_KEY_IDS)"
        case "retired" if one.keys:
            return ": without it what they open would be unreadable; run 'offramp keys rotate' before it is taken away"
        case "retired":
            return ": it can be taken away, unless it is to be the next one; keep it as long as backups from its time"
        case _:
            return ""


def _told(act: Operation) -> str:
    if act.act == "rotation_begun":
        return f"began to rotate {_keys(act.keys)} to {act.key_id}"
    return f"rotated {_keys(act.keys)} to {act.key_id}"
