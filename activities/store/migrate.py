"""Migrations: plain SQL files, forward only, each applied once, in one transaction, and pinned by its checksum.

A file is named `NNNN_pre_what.sql` or `NNNN_post_what.sql`: `pre` is applied before the new code runs (old code must live with it),
`post` once no old code is left. Only the owner of the tables migrates; the application's role is granted what it needs, no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psycopg
from psycopg import Connection, errors

from activities.store.pool import Connection as PoolConnection
from activities.store.refused import StoreRefused
from activities.store.statements import rows_of, sql

APP_ROLE = "offramp_app"
MIGRATE = "Run 'offramp migrate', or 'offramp up', which migrates it."
"""What to do about a database that is older than the build."""
_NAME = re.compile(r"^(?P<number>[0-9]{4})_(?P<stage>pre|post)_[a-z0-9_]+\.sql$")
_FOLDER = Path(__file__).parent / "migrations"
_LOCK = 0x6F66_6672_616D_70


class Migration(NamedTuple):
    """A migration as it stands in this build."""

    name: str
    stage: Literal["pre", "post"]
    text: bytes
    sha256: str


def shipped() -> list[Migration]:
    """The migrations of this build, in order.

    Raises:
        StoreRefused: a file is misnamed, or two bear the same number.
    """
    return arranged((path.name, path.read_bytes()) for path in _FOLDER.glob("*.sql"))


def arranged(named: Iterable[tuple[str, bytes]]) -> list[Migration]:
    """Migrations in the order of their numbers, from pairs of file name and text.

    Raises:
        StoreRefused: a file is misnamed, or two bear the same number.
    """
    found: dict[str, Migration] = {}
    for name, text in sorted(named):
        match = _NAME.match(name)
        if match is None:
            raise StoreRefused(
                f"the migration {name} is misnamed", "Name it NNNN_pre_what.sql or NNNN_post_what.sql, in lower case."
            )
        if match["number"] in found:
            raise StoreRefused(
                f"the migrations {found[match['number']].name} and {name} bear the same number",
                "Renumber the later one.",
            )
        stage: Literal["pre", "post"] = "pre" if match["stage"] == "pre" else "post"
        found[match["number"]] = Migration(name, stage, text, sha256(text).hexdigest())
    return list(found.values())


def migrate(
    owner_dsn: str, *, through: Literal["pre", "post"] = "post", migrations: list[Migration] | None = None
) -> list[str]:
    """Bring the database up to date; the names applied now, in order (none when it was up to date).

    Args:
        owner_dsn: how to connect as the role that owns, or is to own, the tables.
        through: `pre` stops before the first `post` migration that is not yet applied.
        migrations: instead of those shipped with this build.

    Raises:
        StoreRefused: no connection, the role offramp_app is missing, an applied migration was edited, or the database is newer.
    """
    wanted = shipped() if migrations is None else migrations
    try:
        with psycopg.connect(owner_dsn, autocommit=True, application_name="offramp migrate") as connection:
            _require_app_role(connection)
            connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
            connection.execute(sql("migration_table"))
            return _apply(connection, wanted, through)
    except errors.InsufficientPrivilege as error:
        cure = "Connect as the owner of the database (role offramp_owner): set OFFRAMP_OWNER_DATABASE_URL."
        raise StoreRefused(f"this role may not migrate: {_first_line(error)}", cure) from error
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        cure = "Start it (offramp up), or correct the owner's address of the database in OFFRAMP_OWNER_DATABASE_URL."
        raise StoreRefused(f"the ledger's database cannot be reached: {_first_line(error)}", cure) from error


async def require_migrated(connection: PoolConnection) -> None:
    """Raise unless the database has what this build needs before it runs; one that is further on is served, since old code must live with that.

    Raises:
        StoreRefused: it was never migrated, or only for an older build: every command would fail at a table or a column that is not there.
    """
    try:
        applied = {name for (name,) in await rows_of(connection, "migrations_applied")}
    except errors.UndefinedTable:
        applied = set()
    lacks = [migration.name for migration in shipped() if migration.stage == "pre" and migration.name not in applied]
    if lacks:
        raise StoreRefused(f"the database is older than this build, which needs the migration {lacks[0]}", MIGRATE)


def _require_app_role(connection: Connection[Any]) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (APP_ROLE,)).fetchone() is None:
        cure = f"As a superuser run: CREATE ROLE {APP_ROLE} LOGIN; with a password of your own, then migrate again."
        raise StoreRefused(f"the role {APP_ROLE}, which the application connects as, does not exist", cure)


def _apply(connection: Connection[Any], wanted: list[Migration], through: Literal["pre", "post"]) -> list[str]:
    applied: dict[str, str] = dict(connection.execute("SELECT name, sha256 FROM migration").fetchall())
    for name in sorted(applied.keys() - {migration.name for migration in wanted}):
        cure = "Run a build at least as new as the one that migrated this database."
        raise StoreRefused(f"the database holds the migration {name}, which this build does not know", cure)
    now: list[str] = []
    for migration in wanted:
        if migration.name in applied:
            _refuse_edited(migration, applied[migration.name])
        elif through == "pre" and migration.stage == "post":
            break
        else:
            _apply_one(connection, migration)
            now.append(migration.name)
    return now


def _refuse_edited(migration: Migration, recorded: str) -> None:
    if migration.sha256 != recorded:
        cure = "Restore the file as it was applied, and put the change into a new migration with the next number."
        raise StoreRefused(f"the migration {migration.name} was edited after it was applied to this database", cure)


def _apply_one(connection: Connection[Any], migration: Migration) -> None:
    try:
        with connection.transaction():
            connection.execute(migration.text)
            connection.execute(
                "INSERT INTO migration (name, sha256) VALUES (%s, %s)", (migration.name, migration.sha256)
            )
    except errors.InsufficientPrivilege:
        raise
    except psycopg.Error as error:
        cure = "Nothing of it was applied; correct the cause and migrate again."
        raise StoreRefused(f"the migration {migration.name} failed: {_first_line(error)}", cure) from error


def _first_line(error: psycopg.Error) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
