"""Migrations: applied once, never edited, never behind the application's back."""

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from activities.store.keys import generate_key_file
from activities.store.migrate import Migration, arranged, migrate, require_migrated, shipped
from activities.store.pool import open_pool
from activities.store.refused import StoreRefused
from starter.cli import run
from starter.stack import Stack
from starter.stack.postgres import OWNER_ROLE

ROOT = Path(__file__).parent.parent.parent
FIRST = ("0001_pre_one.sql", b"CREATE TABLE one (id int)")
SECOND = ("0002_post_two.sql", b"DROP TABLE one")
THIRD = ("0003_pre_three.sql", b"CREATE TABLE three (id int)")


@pytest.fixture
def empty(stack: Stack) -> Iterator[str]:
    """A database without any table; its address for the owner."""
    name = f"empty_{secrets.token_hex(6)}"
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(OWNER_ROLE)}
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {name} OWNER {owner}").format(**names))
        yield make_conninfo(stack.addresses.dsn_owner, dbname=name)
        admin.execute(sql.SQL("DROP DATABASE {name} WITH (FORCE)").format(**names))


def migrations(*named: tuple[str, bytes]) -> list[Migration]:
    return arranged(named)


def test_a_second_run_applies_nothing(empty: str) -> None:
    """Migrating twice applies every shipped migration once, in the order of the numbers."""
    names = [migration.name for migration in shipped()]

    assert migrate(empty) == names == sorted(names)
    assert migrate(empty) == []


def test_an_edited_migration_is_refused(empty: str) -> None:
    """A migration that was edited after it was applied is refused, with what to do instead."""
    migrate(empty, migrations=migrations(FIRST))
    edited = (FIRST[0], FIRST[1] + b" -- harmless?")
    with pytest.raises(StoreRefused, match=r"0001_pre_one\.sql was edited") as refused:
        migrate(empty, migrations=migrations(edited, THIRD))

    assert "new migration" in refused.value.cure


def test_a_newer_database_is_refused(empty: str) -> None:
    """A build that does not know a migration of the database leaves it alone."""
    migrate(empty, migrations=migrations(FIRST, THIRD))
    with pytest.raises(StoreRefused, match=r"0003_pre_three\.sql, which this build does not know"):
        migrate(empty, migrations=migrations(FIRST))


def test_a_migration_that_fails_leaves_nothing(empty: str) -> None:
    """A migration that fails half-way is undone whole, and those before it stand."""
    broken = ("0003_pre_three.sql", b"CREATE TABLE three (id int); SELECT nonsense")
    with pytest.raises(StoreRefused, match=r"0003_pre_three.sql failed: .*nonsense"):
        migrate(empty, migrations=migrations(FIRST, broken))
    with psycopg.connect(empty) as connection:
        tables = connection.execute("SELECT to_regclass('one') IS NOT NULL, to_regclass('three')").fetchone()

    assert tables == (True, None)
    assert migrate(empty, migrations=migrations(FIRST, THIRD)) == [THIRD[0]]


def test_what_old_code_still_needs_goes_after_it(empty: str) -> None:
    """Migrating up to `pre` stops before the first `post`, which waits until no old code runs."""
    wanted = migrations(FIRST, SECOND, THIRD)

    assert migrate(empty, through="pre", migrations=wanted) == [FIRST[0]]
    assert migrate(empty, migrations=wanted) == [SECOND[0], THIRD[0]]


@pytest.mark.parametrize("name", ["1_pre_x.sql", "0001_during_x.sql", "0001_pre_X.sql"])
def test_a_misnamed_migration_is_refused(name: str) -> None:
    """A migration whose name does not say its order and its stage is refused."""
    with pytest.raises(StoreRefused, match="misnamed"):
        arranged([(name, b"")])


def test_two_migrations_of_one_number_are_refused() -> None:
    """Two branches that took the same number must agree on an order first."""
    with pytest.raises(StoreRefused, match="same number"):
        arranged([FIRST, ("0001_pre_other.sql", b"")])


def test_the_application_may_not_migrate(stack: Stack, empty: str) -> None:
    """The application's role cannot change the schema: told in words whom to connect as."""
    name = psycopg.conninfo.conninfo_to_dict(empty)["dbname"]
    with pytest.raises(StoreRefused) as refused:
        migrate(make_conninfo(stack.addresses.dsn_app, dbname=str(name)))

    assert "offramp_owner" in refused.value.cure


def older(empty: str) -> None:
    """Bring the database to where the build before this one left it: the last of the shipped migrations is missing."""
    migrate(empty, migrations=shipped()[:-1])


def as_app(stack: Stack, address: str) -> str:
    """The same database, as the application's role connects to it."""
    name = psycopg.conninfo.conninfo_to_dict(address)["dbname"]
    return make_conninfo(stack.addresses.dsn_app, dbname=str(name))


def settings(stack: Stack, address: str, folder: Path) -> dict[str, str]:
    """What a process needs that uses the database, with a key of its own."""
    generate_key_file(folder / "program.key")
    return {
        "OFFRAMP_DATABASE_URL": as_app(stack, address), "OFFRAMP_KEY_FILE": str(folder / "program.key"),
        "OFFRAMP_TEMPORAL_ADDRESS": stack.addresses.temporal, "OFFRAMP_DATA_DIR": str(folder),
    }  # fmt: skip


async def test_a_build_does_not_run_before_what_it_needs(stack: Stack, empty: str) -> None:
    """An empty database and an older one are refused with the migration that is missing; one as new is served, and so is one that is newer."""
    pool = await open_pool(as_app(stack, empty), size=1)
    try:
        async with pool.connection() as connection:
            with pytest.raises(StoreRefused, match=shipped()[0].name):
                await require_migrated(connection)
            older(empty)
            with pytest.raises(StoreRefused, match=shipped()[-1].name) as refused:
                await require_migrated(connection)
            migrate(empty)
            await require_migrated(connection)
            with psycopg.connect(empty, autocommit=True) as owner:
                owner.execute("INSERT INTO migration (name, sha256) VALUES ('9999_pre_newer.sql', repeat('0', 64))")
            await require_migrated(connection)
    finally:
        await pool.close()

    assert "offramp migrate" in refused.value.cure


def test_a_worker_ends_at_an_older_database(stack: Stack, empty: str, tmp_path: Path) -> None:
    """A worker that is started before its database is migrated ends at once and says so, where it would fail every command."""
    older(empty)
    environment = {**os.environ, **settings(stack, empty, tmp_path)}
    done = subprocess.run([sys.executable, "worker.py"], check=False, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)  # fmt: skip

    assert done.returncode == 4
    assert shipped()[-1].name in done.stderr
    assert "offramp migrate" in done.stderr


@pytest.mark.parametrize("arguments", [("case", "list"), ("audit", "compare", "--all", "--no-workflow"), ("queue", "--all")])  # fmt: skip
@pytest.mark.parametrize("through", ["", "0059"], ids=["empty", "older"])
def test_a_command_before_its_migration_names_the_cure(stack: Stack, empty: str, arguments: tuple[str, ...], through: str, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    """Where a table or a column is missing that a command reads, it says to migrate, not that the database does not answer; what needs neither is answered."""
    migrate(empty, migrations=[one for one in shipped() if one.name < through])
    for name, value in settings(stack, empty, tmp_path).items():
        monkeypatch.setenv(name, value)
    code = run(arguments)

    assert code == (0 if through and arguments != ("case", "list") else 4)
    assert ("offramp migrate" in capsys.readouterr().err) == (code == 4)


def test_an_unreachable_database_is_refused_in_words() -> None:
    """A database that does not answer is a sentence with a cure."""
    with pytest.raises(StoreRefused, match="cannot be reached"):
        migrate("host=127.0.0.1 port=1 dbname=offramp connect_timeout=2")
