"""Promises of the embedded stack, kept with real processes that are really killed."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
from temporalio.client import Client

from activities.store.migrate import migrate
from starter.stack import Ports, Stack, StackError
from tests.conftest import Database

DEADLINE_SECONDS = 30.0
# Starts a stack, says so, and then waits as `offramp up` does.
RUN_A_STACK = """
import sys
from pathlib import Path
from activities.store.migrate import migrate
from starter.stack import Ports, Stack

stack = Stack(Path(sys.argv[1]), ports=Ports.from_base(int(sys.argv[2])), ui=False)
try:
    with stack.stopping_on_signals(), stack:
        print("up", flush=True)
        stack.wait()
except KeyboardInterrupt:
    sys.exit(7)
"""


def await_true(condition: Callable[[], bool]) -> bool:
    """Waits for a condition until the deadline, and returns whether it came true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def processes_of(directory: Path) -> list[psutil.Process]:
    """All living processes whose command line names a directory, those of this test aside."""
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        ours = process.info["status"] != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
        if ours and any(str(directory) in part for part in process.info["cmdline"] or ()):
            found.append(process)
    return found


@contextmanager
def another_stack(data_dir: Path, ports: Ports) -> Iterator[subprocess.Popen[str]]:
    """A stack that another process runs; whatever a test did to it, nothing of it is left afterwards."""
    command = [sys.executable, "-c", RUN_A_STACK, str(data_dir), str(ports.temporal)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            assert running.stdout.readline() == "up\n"
            yield running
        finally:
            running.kill()
            running.wait()
            await_true(lambda: not processes_of(data_dir))
            for process in processes_of(data_dir):
                process.kill()


def value(dsn: str, query: str) -> object:
    """The one value that a query yields."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


async def test_a_second_start_goes_on_where_the_first_stopped(data_dir: Path) -> None:
    """What Postgres and Temporal hold at the end is there after the next start, at the same addresses."""
    ports = Ports.free()
    async with Stack(data_dir, ports=ports, ui=False) as stack:
        first = stack.addresses
        with psycopg.connect(first.dsn_owner) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        client = await Client.connect(first.temporal)
        await client.start_workflow("Resting", id="resting", task_queue="nobody-listens")

    async with Stack(data_dir, ports=ports, ui=False) as stack:
        assert stack.leftovers == []
        assert stack.addresses == first
        assert value(first.dsn_owner, "SELECT answer FROM kept") == 42
        client = await Client.connect(first.temporal)
        description = await client.get_workflow_handle("resting").describe()
        assert description.workflow_type == "Resting"


def test_nothing_runs_after_stop(data_dir: Path) -> None:
    """After stop no process of the stack is left, its guard included."""
    with Stack(data_dir, ports=Ports.free()):
        assert len(processes_of(data_dir)) >= 3

    assert processes_of(data_dir) == []


async def test_each_server_can_be_killed_and_started_again(data_dir: Path) -> None:
    """Postgres and Temporal come back after SIGKILL with all that was confirmed before."""
    with Stack(data_dir, ports=Ports.free(), ui=False) as stack:
        with psycopg.connect(stack.addresses.dsn_owner) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        client = await Client.connect(stack.addresses.temporal)
        await client.start_workflow("Resting", id="resting", task_queue="nobody-listens")
        stack.kill_postgres()
        stack.kill_temporal()
        with pytest.raises(psycopg.OperationalError):
            value(stack.addresses.dsn_owner, "SELECT 1")
        stack.start_postgres()
        stack.start_temporal()

        assert value(stack.addresses.dsn_owner, "SELECT answer FROM kept") == 42
        client = await Client.connect(stack.addresses.temporal)
        assert (await client.get_workflow_handle("resting").describe()).id == "resting"


def test_a_port_in_use_is_named(data_dir: Path) -> None:
    """Who finds a port taken is told which, what for, by whom, and which option helps; nothing is left running."""
    ports = Ports.free()
    with socket.create_server(("127.0.0.1", ports.postgres)), pytest.raises(StackError) as refused:
        Stack(data_dir, ports=ports).start()

    assert f"Port {ports.postgres} (for postgres) is in use by process {os.getpid()}" in refused.value.what
    assert "--port-base" in refused.value.cure
    assert processes_of(data_dir) == []


def test_a_port_base_out_of_range_is_refused() -> None:
    """A port base from which no six ports can be used is refused with an example that can."""
    with pytest.raises(StackError, match="out of range") as refused:
        Ports.from_base(65532)

    assert "--port-base" in refused.value.cure


def test_a_directory_in_use_is_named(data_dir: Path) -> None:
    """A second stack on one directory is refused by the id of the first, which goes on undisturbed."""
    with another_stack(data_dir, Ports.free()) as running:
        with pytest.raises(StackError) as refused:
            Stack(data_dir, ports=Ports.free()).start()

        assert f"in use by another stack (process {running.pid})" in refused.value.what
        assert "--data-dir" in refused.value.cure
        assert running.poll() is None


def test_a_directory_that_cannot_be_made_is_named(data_dir: Path) -> None:
    """A directory that cannot be made is named together with the option that names another."""
    (data_dir / "file").touch()
    with pytest.raises(StackError) as refused:
        Stack(data_dir / "file" / "data", ports=Ports.free()).start()

    assert str(data_dir / "file" / "data") in refused.value.what
    assert "--data-dir" in refused.value.cure


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_of_it(data_dir: Path, number: signal.Signals) -> None:
    """Ctrl-C, a polite kill and a closed terminal each stop every process, Postgres with all on disk."""
    with another_stack(data_dir, Ports.free()) as running:
        running.send_signal(number)

        assert running.wait(DEADLINE_SECONDS) == 7
        assert processes_of(data_dir) == []
        assert "database system is shut down" in (data_dir / "logs" / "postgres.log").read_text()


def test_a_killed_stack_leaves_no_orphans(data_dir: Path) -> None:
    """When the stack itself is killed outright, its guard stops all that it had started."""
    with another_stack(data_dir, Ports.free()) as running:
        running.kill()

        assert await_true(lambda: not processes_of(data_dir))
        assert "database system is shut down" in (data_dir / "logs" / "postgres.log").read_text()


def test_a_start_right_after_a_kill_waits_for_the_guard(data_dir: Path) -> None:
    """A start on the heels of a kill neither collides with what is still running nor loses its own to the old guard."""
    ports = Ports.free()
    with another_stack(data_dir, ports) as running:
        running.kill()
        running.wait()
        with Stack(data_dir, ports=ports, ui=False) as stack:
            assert stack.leftovers == []
            assert value(stack.addresses.dsn_app, "SELECT 1") == 1


def test_leftovers_of_a_killed_stack_are_stopped_and_named(data_dir: Path) -> None:
    """When the guard was killed as well, the next start stops what still runs, says what, and goes on with its data."""
    ports = Ports.free()
    with another_stack(data_dir, ports) as running:
        for process in processes_of(data_dir):
            if "starter.stack.guard" in process.cmdline() or process.pid == running.pid:
                process.kill()
        running.wait()
        with Stack(data_dir, ports=ports, ui=False) as stack:
            assert stack.leftovers == ["temporal", "postgres"]
            assert value(stack.addresses.dsn_app, "SELECT 1") == 1


def test_a_mark_that_names_a_stranger_does_not_stop_postgres(data_dir: Path) -> None:
    """Postgres starts although its old mark names a process that is somebody else's by now; that one is left alone."""
    ports = Ports.free()
    with Stack(data_dir, ports=ports, ui=False):
        pass
    owner = (data_dir / "postgres").stat().st_uid
    with subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None) as stranger:
        (data_dir / "postgres" / "postmaster.pid").write_text(f"{stranger.pid}\n{data_dir / 'postgres'}\n")
        try:
            with Stack(data_dir, ports=ports, ui=False) as stack:
                assert value(stack.addresses.dsn_app, "SELECT 1") == 1
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_data_of_another_version_is_named(data_dir: Path) -> None:
    """Data that this Postgres cannot read is refused in its own words, with the log to read."""
    with Stack(data_dir, ports=Ports.free(), ui=False):
        pass
    (data_dir / "postgres" / "PG_VERSION").write_text("15\n")
    with pytest.raises(StackError, match="postgres ended at its start") as refused:
        Stack(data_dir, ports=Ports.free(), ui=False).start()

    assert "incompatible" in refused.value.what
    assert "postgres.log" in refused.value.cure
    assert processes_of(data_dir) == []


def test_durability_cannot_be_switched_off(data_dir: Path) -> None:
    """Neither ALTER SYSTEM nor the configuration file makes a commit less than durable."""
    ports = Ports.free()
    weakened = ("fsync", "full_page_writes", "synchronous_commit")
    with (
        Stack(data_dir, ports=ports, ui=False) as stack,
        psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection,
    ):
        for name in weakened:
            connection.execute(f"ALTER SYSTEM SET {name} = off".encode())

    with Stack(data_dir, ports=ports, ui=False) as stack:
        assert [value(stack.addresses.dsn_admin, f"SHOW {name}") for name in weakened] == ["on", "on", "on"]
        assert value(stack.addresses.dsn_admin, "SHOW data_checksums") == "on"


def test_what_the_stack_writes_is_closed_to_others(data_dir: Path) -> None:
    """No other user of the machine can read a file of the stack or talk to its Postgres without a password."""
    with Stack(data_dir, ports=Ports.free(), ui=False) as stack:
        open_files = [
            path.name
            for path in data_dir.iterdir()
            if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH) and path.name != "stack.lock"
        ]
        without_password = stack.addresses.dsn_app.replace(stack.addresses.dsn_app.split(":")[2].split("@")[0], "wrong")

        assert open_files == []
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            value(without_password, "SELECT 1")


def test_the_application_may_not_make_tables(stack: Stack) -> None:
    """The application's role is not the owner's: it cannot change what is kept."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        value(stack.addresses.dsn_app, "CREATE TABLE mine (x int)")


def test_a_test_database_is_migrated_and_its_own(database: Database) -> None:
    """Each test that asks gets a database with every migration applied and nothing in it."""
    assert value(database.dsn_app, "SELECT current_database()") == database.name
    assert value(database.dsn_app, "SELECT count(*) FROM entry") == 0


def test_a_process_that_ends_by_itself_is_named(data_dir: Path) -> None:
    """Who waits on the stack hears which process ended, as soon as it did."""
    with Stack(data_dir, ports=Ports.free(), ui=False) as stack:
        temporal = next(process for process in processes_of(data_dir) if process.name() == "temporal")
        temporal.kill()

        assert stack.wait() == "temporal"


def test_a_worker_serves_when_spawned_and_ends_with_the_stack(data_dir: Path) -> None:
    """A worker polls by the time it is handed out, can be killed alone, and another one ends in peace with the stack."""
    with Stack(data_dir, ports=Ports.free(), ui=False) as stack:
        migrate(stack.addresses.dsn_owner)
        killed = stack.spawn_worker({"OFFRAMP_TASK_QUEUE": "one"})
        resting = stack.spawn_worker({"OFFRAMP_TASK_QUEUE": "two"})
        assert (killed.alive, resting.alive) == (True, True)
        killed.kill()
        assert (killed.alive, resting.alive) == (False, True)

    assert not resting.alive
    assert processes_of(data_dir) == []


def test_a_worker_that_cannot_start_says_why(data_dir: Path) -> None:
    """A worker with an unusable setting ends at once, and the error names its log and its last words."""
    with Stack(data_dir, ports=Ports.free(), ui=False) as stack:
        with pytest.raises(StackError, match="ended at its start") as refused:
            stack.spawn_worker({"OFFRAMP_TEMPORAL_ADDRESS": "nowhere"})

        assert "OFFRAMP_TEMPORAL_ADDRESS" in refused.value.what
        assert str(data_dir / "logs") in refused.value.cure
