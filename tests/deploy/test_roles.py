"""Roles and databases as the deployment makes them, on a real Postgres: who can do what, and who cannot see what."""

from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import open_pool
from starter.cli import run
from tests.deploy.conftest import Installation
from tests.store.examples import Writer


@pytest.fixture(autouse=True)
def settings(installation: Installation, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The settings of the service `migrate`, with this machine as host: every secret from its file."""
    for name in ("DATABASE_URL", "OWNER_DATABASE_URL", "KEY", "KEY_FILE"):
        monkeypatch.delenv(f"OFFRAMP_{name}", raising=False)
    monkeypatch.setenv("OFFRAMP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OFFRAMP_TEMPORAL_ADDRESS", "temporal:7233")
    monkeypatch.setenv("OFFRAMP_DATABASE_URL_FILE", str(installation.here("database_url")))
    monkeypatch.setenv("OFFRAMP_OWNER_DATABASE_URL_FILE", str(installation.here("owner_database_url")))


def test_migrations_run_as_the_owner(installation: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    """`offramp migrate` makes the tables as offramp_owner, names what it applied, and has nothing to do a second time."""
    assert run(["migrate", "--json"]) == 0
    assert '"0001_pre_ledger.sql"' in capsys.readouterr().out
    assert run(["migrate"]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"
    with psycopg.connect(installation.dsn("postgres", "offramp")) as connection:
        owners = connection.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert owners == [("offramp_owner",)]


async def test_the_application_adds_and_reads_and_changes_nothing(installation: Installation) -> None:
    """offramp_app appends entries and reads them; UPDATE, DELETE, TRUNCATE, DROP and new tables are denied."""
    assert run(["migrate"]) == 0
    address = installation.here("database_url").read_text(encoding="utf-8").strip()
    pool = await open_pool(address, size=1)
    try:
        keyring = KeyRing(ProgramKey.from_file(installation.secrets / "program_key"))
        entry = await Writer(pool, keyring).write("c-1")
        async with pool.connection() as connection:
            stored = await (
                await connection.execute("SELECT position FROM entry WHERE stream = %s", (entry.stream,))
            ).fetchall()
            assert stored == [(1,)]
            for denied in (
                "UPDATE entry SET type = 'x'",
                "DELETE FROM entry",
                "TRUNCATE entry",
                "DROP TABLE entry",
                "ALTER TABLE entry DISABLE TRIGGER ALL",
                "CREATE TABLE own (n int)",
                "CREATE ROLE another",
                "CREATE DATABASE another",
                "SET ROLE offramp_owner",
            ):
                with pytest.raises(errors.InsufficientPrivilege):
                    await connection.execute(denied.encode())
    finally:
        await pool.close()


@pytest.mark.parametrize(
    ("role", "database"),
    [
        ("temporal", "offramp"),
        ("temporal", "postgres"),
        ("offramp_app", "temporal"),
        ("offramp_app", "temporal_visibility"),
        ("offramp_app", "postgres"),
        ("offramp_owner", "temporal"),
        ("offramp_owner", "template1"),
    ],
)
def test_nobody_sees_the_others_database(installation: Installation, role: str, database: str) -> None:
    """A role is let into its own databases alone: Temporal's never into the ledger's, the ledger's never into Temporal's."""
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(installation.dsn(role, database)).close()


def test_temporal_can_make_its_schema_and_nothing_else(installation: Installation) -> None:
    """The role temporal needs no superuser for its own tables, extension included, and can make neither roles nor databases."""
    for database in ("temporal", "temporal_visibility"):
        with psycopg.connect(installation.dsn("temporal", database), autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS btree_gin")
            connection.execute("CREATE TABLE IF NOT EXISTS probe (n int)")
            connection.execute("DROP TABLE probe")
            for denied in ("CREATE ROLE another", "CREATE DATABASE another"):
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(denied.encode())


def test_the_roles_script_may_run_again_with_a_new_password(installation: Installation) -> None:
    """To change a password one changes its file and runs the script again: the new one opens, the old one no longer does."""
    file = installation.secrets / "postgres_temporal_password"
    before, old = file.read_text(encoding="utf-8"), installation.dsn("temporal", "temporal")
    file.write_text("another0password\n", encoding="utf-8")
    try:
        installation.prepare()
        psycopg.connect(installation.dsn("temporal", "temporal")).close()
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(old).close()
    finally:
        file.write_text(before, encoding="utf-8")
        installation.prepare()


def test_a_commit_of_the_ledger_waits_for_the_disk(installation: Installation) -> None:
    """Whatever the server's default, a session of the ledger's roles commits synchronously."""
    with psycopg.connect(installation.dsn("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("ALTER DATABASE offramp SET synchronous_commit = off")
        try:
            for role in ("offramp_app", "offramp_owner"):
                with psycopg.connect(installation.dsn(role, "offramp")) as connection:
                    assert connection.execute("SHOW synchronous_commit").fetchone() == ("on",)
        finally:
            admin.execute("ALTER DATABASE offramp RESET synchronous_commit")


def test_migrating_without_the_owner_is_told_and_cured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`offramp migrate` says which setting is missing, and what to do when the owner's database cannot be reached."""
    monkeypatch.delenv("OFFRAMP_OWNER_DATABASE_URL_FILE")
    assert run(["migrate"]) == 2
    assert "OFFRAMP_OWNER_DATABASE_URL_FILE" in capsys.readouterr().err
    monkeypatch.setenv("OFFRAMP_OWNER_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert run(["migrate"]) == 4
    shown = capsys.readouterr().err
    assert "OFFRAMP_OWNER_DATABASE_URL" in shown
    assert "Traceback" not in shown


def test_the_application_may_not_migrate(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the application's role in the owner's place `offramp migrate` is refused, and names the role it needs."""
    with psycopg.connect(installation.dsn("postgres", "postgres"), autocommit=True) as admin:
        admin.execute("CREATE DATABASE untouched OWNER offramp_owner")
        try:
            monkeypatch.delenv("OFFRAMP_OWNER_DATABASE_URL_FILE")
            monkeypatch.setenv("OFFRAMP_OWNER_DATABASE_URL", installation.dsn("offramp_app", "untouched"))
            assert run(["migrate"]) == 3
            assert "offramp_owner" in capsys.readouterr().err
        finally:
            admin.execute("DROP DATABASE untouched WITH (FORCE)")
