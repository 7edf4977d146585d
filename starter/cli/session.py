"""What every command shares: the options that all of them take, the settings, and the way to the store."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

if TYPE_CHECKING:
    from activities.settings import Settings
    from activities.store.keys import KeyRing
    from activities.store.pool import Connection, Pool

DONE, PROBLEM, USAGE, REFUSED, UNAVAILABLE, FAULT, INTERRUPTED, UNHEARD = 0, 1, 2, 3, 4, 70, 130, 141
"""Exit codes."""
_T = TypeVar("_T")
_Function = TypeVar("_Function", bound=Callable[..., Any])
_PERSON = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
"""As `workflows.core.kinds.PersonId`, which would be slow to import; a test compares them, and the next."""
_NOBODY = frozenset({"clock", "engine", "console"})
_CONSOLE = "console"
_DATA_DIR = "OFFRAMP_DATA_DIR"


class Store(NamedTuple):
    """The store as a command uses it: a connection, the pool it came from, and the keys."""

    connection: Connection
    pool: Pool
    keyring: KeyRing


@dataclass
class Session:
    """One run of the command line. The options fill it in, wherever among the arguments they stand."""

    data_dir: Path | None = None
    person: str | None = None
    command_id: str | None = None
    as_json: bool = False
    under_way: str | None = None
    """Id of the command that was sent and is not answered yet."""

    def settings(self) -> Settings:
        """The settings.

        Raises:
            SettingsError: one is missing or unusable.
        """
        from activities.settings import load_settings

        return load_settings(self.data_dir)

    def actor(self) -> str:
        """Who acts.

        Raises:
            click.UsageError: nobody was named, or it is no id that a person may have.
        """
        if self.person is None:
            raise click.UsageError(
                "Say who acts: --as PERSON, or set OFFRAMP_PERSON ('offramp staff list' shows who there is)."
            )
        if not _PERSON.match(self.person) or self.person in _NOBODY:
            raise click.UsageError(
                "--as takes a person's id of the staff directory: lower-case letters, digits and ._- (never a name), and none of the engine's own."
            )
        return self.person

    def reader(self) -> str:
        """Who reads: the person named, else the console, since whoever reads leaves a trace.

        Raises:
            click.UsageError: it is no id that a person may have.
        """
        return _CONSOLE if self.person is None else self.actor()

    @asynccontextmanager
    async def store(self, *, connections: int = 2) -> AsyncIterator[Store]:
        """The store, for as long as the block lasts; its pool gives up to so many connections at once. A restored backup is erased again first.

        Raises:
            SettingsError: where it is, or its key, is not set.
            StoreRefused: it cannot be reached, its server is set so that answers could be lost, or what was erased cannot be erased again.
        """
        from activities.keyring import open_keyring
        from activities.store.pool import open_pool

        settings = self.settings()
        keyring = open_keyring(settings)
        pool = await open_pool(settings.database_url, size=connections)
        try:
            if settings.erasure_journal is not None:
                await _erased_again(pool, keyring, settings.erasure_journal)
            async with pool.connection() as connection:
                yield Store(connection, pool, keyring)
        finally:
            await pool.close()


async def _erased_again(pool: Pool, keyring: KeyRing, journal: Path) -> None:
    from activities.store.erasure import erase_again
    from activities.store.erasure_journal import Journal

    if again := await erase_again(pool, keyring, Journal(journal)):
        click.echo(f"This database was restored from a backup: what was erased is erased again ({len(again)}).", err=True)  # fmt: skip


def settle(work: Coroutine[Any, Any, _T]) -> _T:
    """Run what a command does until it is done."""
    import asyncio

    return asyncio.run(work)


def _put(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value not in {None, False}:
            setattr(context.ensure_object(Session), name, value)

    return keep


def _keep_data_dir(context: click.Context, _parameter: click.Parameter, value: Path | None) -> None:
    if value is not None and not context.resilient_parsing:
        context.ensure_object(Session).data_dir = value
        # Whoever reads the settings in this run is led there, also the commands that know nothing of a session.
        context.with_resource(_environment(str(value.expanduser().absolute())))


@contextmanager
def _environment(data_dir: str) -> Iterator[None]:
    before = os.environ.get(_DATA_DIR)
    os.environ[_DATA_DIR] = data_dir
    try:
        yield
    finally:
        if before is None:
            del os.environ[_DATA_DIR]
        else:
            os.environ[_DATA_DIR] = before


data_dir_option = click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    expose_value=False,
    callback=_keep_data_dir,
    help="Data directory of the stack whose settings are used (else OFFRAMP_DATA_DIR).",
)
json_option = click.option(
    "--json", is_flag=True, expose_value=False, callback=_put("as_json"), help="Print JSON, for programs."
)
person_option = click.option(
    "--as",
    metavar="PERSON",
    envvar="OFFRAMP_PERSON",
    expose_value=False,
    callback=_put("person"),
    help="Who acts, by the id of the staff directory (else OFFRAMP_PERSON).",
)
command_id_option = click.option(
    "--command-id",
    metavar="ID",
    expose_value=False,
    callback=_put("command_id"),
    help="Repeat an earlier command that got no answer; it is answered once.",
)


def reading(function: _Function) -> _Function:
    """The options of a command that reads: `--json` and `--data-dir`."""
    return json_option(data_dir_option(function))


def entering(function: _Function) -> _Function:
    """The options of a command that shows the content of a case, which leaves a trace: who reads, and those of a command that reads."""
    return person_option(reading(function))


def submitting(function: _Function) -> _Function:
    """The options of a command that sends: who acts, its id, and those of a command that reads."""
    return person_option(command_id_option(reading(function)))
