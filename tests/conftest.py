"""What tests stand on: one embedded stack for a run, and a fresh database, already migrated, for each test that asks."""

import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from activities.store.migrate import migrate
from starter.stack import Ports, Stack
from starter.stack.postgres import APP_ROLE, OWNER_ROLE

TEMPLATE = "offramp_template"
PAUSING = {"frontend.WorkflowPauseEnabled": True}
"""What an administrator of Temporal can switch on, and then pause a workflow."""


def pytest_configure() -> None:
    """Hear Ctrl-C, also in the background: a shell has what it starts there ignore it, and so would all that the suite starts and then interrupts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin what takes longest first: two processes share the suite, and neither is to wait for the other at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@dataclass(frozen=True)
class Database:
    """A migrated database of one test's own."""

    name: str
    dsn_owner: str
    dsn_app: str


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A directory for a stack. Not pytest's own: that is closed to the user as whom Postgres runs when root tests."""
    path = Path(tempfile.mkdtemp(prefix="offramp-test-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Postgres and Temporal with its time skipping allowed, on free ports, in a directory that goes with the run."""
    path = Path(tempfile.mkdtemp(prefix="offramp-tests-"))
    with Stack(path, ports=Ports.free(), time_skipping=True, ui=False, dynamic_config=PAUSING) as running:
        yield running
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def temporal_address(stack: Stack) -> str:
    """Where Temporal answers: host:port."""
    return stack.addresses.temporal


@pytest.fixture(scope="session")
def database_template(stack: Stack) -> str:
    """The name of a database with all migrations applied, to be cloned and never used itself."""
    _create(stack, TEMPLATE, "template1")
    migrate(make_conninfo(stack.addresses.dsn_owner, dbname=TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database(stack: Stack, database_template: str) -> Iterator[Database]:
    """A migrated database for this test alone, dropped afterwards."""
    with _made(stack, "test", template=database_template) as made:
        yield made


@contextmanager
def copied(stack: Stack, database: Database) -> Iterator[Database]:
    """A copy of the database as it is now, as a backup would be restored; nobody may be connected to the original meanwhile. Dropped afterwards."""
    with _made(stack, "copy", template=database.name) as made:
        yield made


@contextmanager
def _made(stack: Stack, prefix: str, *, template: str) -> Iterator[Database]:
    name = f"{prefix}_{secrets.token_hex(6)}"
    _create(stack, name, template)
    try:
        yield Database(
            name=name,
            dsn_owner=make_conninfo(stack.addresses.dsn_owner, dbname=name),
            dsn_app=make_conninfo(stack.addresses.dsn_app, dbname=name),
        )
    finally:
        with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(stack: Stack, name: str, template: str) -> None:
    names = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(template),
        "owner": sql.Identifier(OWNER_ROLE),
        "app": sql.Identifier(APP_ROLE),
    }
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}").format(**names))
        connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {app}").format(**names))
