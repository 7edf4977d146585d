"""What these tests stand on: a stack that may lose its database and its Temporal."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.conninfo import make_conninfo

from activities.store.migrate import migrate
from starter.stack import Ports, Stack
from tests.conftest import TEMPLATE
from tests.recovery import rig


@pytest.fixture(scope="package")
def losing() -> Iterator[Stack]:
    """A stack of these tests' own, since its Temporal is killed and given an older file."""
    path = Path(tempfile.mkdtemp(prefix="offramp-recovery-"))
    with Stack(path, ports=Ports.free(), ui=False) as running:
        rig.create(running, TEMPLATE, "template1")
        migrate(make_conninfo(running.addresses.dsn_owner, dbname=TEMPLATE))
        yield running
    shutil.rmtree(path)
