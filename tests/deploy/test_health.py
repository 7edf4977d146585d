"""The health check and the namespace's script, against a real server and a real worker."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from starter.stack import Stack, Worker
from tests.conftest import Database
from tests.deploy.files import DEPLOY, ROOT, SERVICES, metrics_asked_for, shell

BIN = Path(sys.executable).parent


@pytest.fixture
def metrics_address() -> str:
    """An address of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{free.getsockname()[1]}"


@pytest.fixture
def worker(stack: Stack, database: Database, metrics_address: str) -> Iterator[Worker]:
    """A worker on a queue of its own."""
    env = {
        "OFFRAMP_DATABASE_URL": database.dsn_app,
        "OFFRAMP_TASK_QUEUE": database.name,
        "OFFRAMP_METRICS_ADDRESS": metrics_address,
    }
    started = stack.spawn_worker(env)
    yield started
    started.stop()


def checked(stack: Stack, **changes: str) -> tuple[int, str]:
    """The exit code of the health check and what it says, with the stack's settings and `changes`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("OFFRAMP_")}
    env |= stack.addresses.settings() | changes
    done = subprocess.run(
        [sys.executable, "-m", "deploy.healthcheck"],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr


def test_a_worker_at_work_is_healthy(stack: Stack, database: Database, worker: Worker, tmp_path: Path) -> None:
    """A worker that came up, whose ledger answers and that Temporal sees polling, is healthy; each of these missing is told by name."""
    assert worker.alive
    ready = tmp_path / "ready"
    told = {
        "OFFRAMP_DATABASE_URL": database.dsn_app, "OFFRAMP_TASK_QUEUE": database.name, "OFFRAMP_READY_FILE": str(ready),
    }  # fmt: skip

    assert checked(stack, **told) == (1, "unhealthy: the worker has not come up\n")
    ready.touch()
    assert checked(stack, **told) == (0, "")
    assert checked(stack, **told | {"OFFRAMP_TASK_QUEUE": "nobodys"}) == (
        1, "unhealthy: Temporal knows no worker of this host at the task queue\n",
    )  # fmt: skip
    assert checked(stack, **told | {"OFFRAMP_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}) == (
        1, "unhealthy: the ledger does not answer (OperationalError)\n",
    )  # fmt: skip
    code, said = checked(stack, **told | {"OFFRAMP_TEMPORAL_ADDRESS": "127.0.0.1:9"})
    assert (code, said.startswith("unhealthy: Temporal does not answer")) == (1, True)
    assert "Traceback" not in said


def test_a_missing_setting_is_told_without_a_traceback(stack: Stack, tmp_path: Path) -> None:
    """Without its settings the check says which are missing, and is unhealthy."""
    code, said = checked(stack, OFFRAMP_DATA_DIR=str(tmp_path), OFFRAMP_TEMPORAL_ADDRESS="")

    assert code == 1
    assert said.startswith("unhealthy: ")
    assert "Traceback" not in said


def test_a_worker_tells_what_the_alerts_ask_for(worker: Worker, metrics_address: str) -> None:
    """A running worker serves Temporal's metrics under the names and the label by which the alert for a missing worker looks."""
    assert worker.alive
    page = httpx.get(f"http://{metrics_address}/metrics", trust_env=False).text

    assert "temporal_num_pollers" in metrics_asked_for()
    series = [line for line in page.splitlines() if line.startswith("temporal_num_pollers{")]
    assert series
    assert all('service="offramp-worker"' in line for line in series)


def test_the_namespace_is_made_once_and_keeps_its_retention(stack: Stack, database: Database) -> None:
    """The script makes the namespace with the compose file's retention, and a second run with another one changes it."""
    script = DEPLOY / "temporal" / "namespace.sh"
    env = {
        "PATH": f"{BIN}:{os.defpath}", "HOME": str(stack.addresses.data_dir),
        "TEMPORAL_ADDRESS": stack.addresses.temporal, "TEMPORAL_NAMESPACE": database.name,
    }  # fmt: skip
    describe = ["temporal", "operator", "namespace", "describe", "--namespace", database.name, "--output", "json"]
    for retention, seconds in ((SERVICES["temporal-namespace"]["environment"]["RETENTION"], 7_776_000), ("2400h", 8_640_000)):  # fmt: skip
        done = shell(script, env={**env, "RETENTION": retention})
        assert done.returncode == 0, done.stderr
        shown = subprocess.run(describe, env=env, capture_output=True, text=True, timeout=30, check=True).stdout
        assert f'"{seconds}s"' in shown
