"""The stack as a whole: what starts before what, what is recorded meanwhile, and how it all ends."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from starter.stack.codec import codec_address, start_codec
from starter.stack.directory import Directory
from starter.stack.ports import LOOPBACK, Ports
from starter.stack.postgres import APP_ROLE, OWNER_ROLE, Postgres
from starter.stack.problem import StackError
from starter.stack.processes import Child, write_records
from starter.stack.temporal import SKIPPING, Temporal
from starter.stack.workers import Worker, start_worker

NAMESPACE = "default"
WATCH_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where everything is."""

    temporal: str
    namespace: str
    ui: str | None
    metrics: str
    dsn_owner: str
    dsn_app: str
    dsn_admin: str
    data_dir: Path
    key_file: Path
    log_key_file: Path

    def settings(self) -> dict[str, str]:
        """Returns the environment that leads a worker or a command to this stack."""
        return {
            "OFFRAMP_DATA_DIR": str(self.data_dir),
            "OFFRAMP_TEMPORAL_ADDRESS": self.temporal,
            "OFFRAMP_TEMPORAL_NAMESPACE": self.namespace,
            "OFFRAMP_DATABASE_URL": self.dsn_app,
            "OFFRAMP_OWNER_DATABASE_URL": self.dsn_owner,
            "OFFRAMP_KEY_FILE": str(self.key_file),
            "OFFRAMP_LOG_KEY_FILE": str(self.log_key_file),
            "OFFRAMP_ERASURE_JOURNAL": str(self.data_dir / "erasures.jsonl"),
        }

    def kept(self) -> dict[str, str]:
        """Returns the environment of a worker that serves this stack's own database: it keeps the newest checkpoint outside of it, and the escrow."""
        return {
            "OFFRAMP_CHECKPOINT_FILE": str(self.data_dir / "checkpoint"),
            "OFFRAMP_ESCROW": str(self.data_dir / "escrow"),
        }


def default_data_dir() -> Path:
    """Returns the directory that every command uses unless told otherwise."""
    from activities import settings

    return settings.default_data_dir()


class Stack:
    """Postgres, Temporal and workers as processes of this machine, all within one data directory.

    Use it as a context manager, or call `start` and `stop`. When this process dies without either, a guard stops the
    processes; when that dies too, the next start does.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        ports: Ports | None = None,
        namespace: str = NAMESPACE,
        time_skipping: bool = False,
        ui: bool = True,
        codec: bool = False,
        dynamic_config: Mapping[str, bool | int | str] | None = None,
    ) -> None:
        """`dynamic_config` are settings of Temporal's server by their names there; `time_skipping` is one of them.

        With `codec` the UI has payloads opened by the codec server that `start_codec` starts.
        """
        self._directory = Directory(data_dir or default_data_dir())
        self._ports = ports or Ports.from_base()
        self._namespace = namespace
        self._ui = ui
        self._codec = codec
        self._dynamic_config = {**(SKIPPING if time_skipping else {}), **(dynamic_config or {})}
        self._postgres: Postgres | None = None
        self._children: dict[str, Child] = {}
        self._guard: subprocess.Popen[bytes] | None = None
        self._session = self._directory.run / f"{os.getpid()}-{time.time_ns()}.json"
        self._addresses: Addresses | None = None
        self._writing = threading.Lock()
        self.leftovers: list[str] = []

    @property
    def addresses(self) -> Addresses:
        """Where everything is. Raises StackError before the start."""
        if self._addresses is None:
            raise StackError("The stack is not running.", "Start it first.")
        return self._addresses

    def start(self) -> Addresses:
        """Starts everything but workers, and returns when all of it answers.

        What a killed predecessor left is stopped first; `leftovers` then names it. Raises StackError, with nothing left
        running, if the directory or a port is in use or a part does not start.
        """
        self._directory.take()
        try:
            self.leftovers = self._directory.clear_leftovers()
            self._ports.check()
            self._postgres = Postgres(self._directory, port=self._ports.postgres)
            self._make_key()
            self._start_guard()
            # Temporal needs nothing of Postgres here: it comes up while Postgres does.
            server, child = self._launch_temporal()
            self.start_postgres()
            server.await_ready(child)
            self._addresses = self._located(self._postgres)
            # Any other command finds the stack by this file, which activities/settings.py reads.
            self._directory.write_settings(self._addresses.settings())
        except BaseException:
            self.stop()
            raise
        return self._addresses

    def stop(self) -> None:
        """Stops everything: workers first, then Temporal, Postgres last. May be called again, or after a failure."""
        with _undisturbed():
            for child in self._in_order():
                child.stop()
            self._children.clear()
            self._session.unlink(missing_ok=True)
            if self._guard and self._guard.stdin:
                self._guard.stdin.close()
                self._guard.wait()
                self._guard = None
            self._addresses = None
            self._directory.release()

    def start_postgres(self) -> None:
        """Starts Postgres, again after `kill_postgres`. Raises StackError."""
        if self._postgres is None:
            raise StackError("The stack is not running.", "Start it first.")
        self._postgres.start(self._keep)
        self._postgres.prepare(self._directory.secrets())

    def kill_postgres(self) -> None:
        """Ends Postgres as a crash would."""
        self._kill("postgres")

    def start_temporal(self) -> None:
        """Starts Temporal, again after `kill_temporal`, on the same file and ports. Raises StackError."""
        server, child = self._launch_temporal()
        server.await_ready(child)

    def kill_temporal(self) -> None:
        """Ends Temporal as a crash would."""
        self._kill("temporal")

    def spawn_worker(self, env: Mapping[str, str] | None = None) -> Worker:
        """Starts a worker for this stack and returns when it polls. `env` adds to its settings. Raises StackError."""
        return start_worker(self._directory, settings={**self.addresses.settings(), **(env or {})}, keep=self._keep)

    def start_codec(self) -> str:
        """Starts the codec server, again after it ended, and returns where it answers. Raises StackError."""
        start_codec(self._directory, ports=self._ports, settings=self.addresses.settings(), keep=self._keep)
        return codec_address(self._ports)

    def wait(self) -> str:
        """Waits until a process of the stack ends by itself, and returns its name, once. A signal interrupts it."""
        while True:
            for name, child in self._children.items():
                if child.returncode is not None:
                    del self._children[name]
                    self._write_session()
                    return name
            time.sleep(WATCH_SECONDS)

    @contextmanager
    def stopping_on_signals(self) -> Iterator[None]:
        """Within, SIGTERM and a closed terminal end this process as Ctrl-C does: by way of `stop`."""

        def interrupt(_number: int, _frame: FrameType | None) -> None:
            raise KeyboardInterrupt

        before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _launch_temporal(self) -> tuple[Temporal, Child]:
        server = Temporal(
            self._directory,
            ports=self._ports,
            namespace=self._namespace,
            ui=self._ui,
            codec=codec_address(self._ports) if self._codec else None,
            dynamic_config=self._dynamic_config,
        )
        return server, server.launch(self._keep)

    def _located(self, postgres: Postgres) -> Addresses:
        secrets = self._directory.secrets()
        return Addresses(
            temporal=f"{LOOPBACK}:{self._ports.temporal}",
            namespace=self._namespace,
            ui=f"http://{LOOPBACK}:{self._ports.ui}" if self._ui else None,
            metrics=f"http://{LOOPBACK}:{self._ports.temporal_metrics}/metrics",
            dsn_owner=postgres.dsn(OWNER_ROLE, secrets.owner),
            dsn_app=postgres.dsn(APP_ROLE, secrets.app),
            dsn_admin=postgres.dsn("postgres", secrets.postgres, "postgres"),
            data_dir=self._directory.path,
            key_file=self._directory.key_file,
            log_key_file=self._directory.log_key_file,
        )

    def _start_guard(self) -> None:
        """Starts the guard and waits until it watches: before that, nothing may be started that it should stop."""
        with (self._directory.logs / "guard.log").open("ab") as log:
            guard = subprocess.Popen(
                [sys.executable, "-m", "starter.stack.guard", str(self._session)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self._guard = guard
        if not guard.stdout or guard.stdout.readline() != b"watching\n":
            raise StackError("The stack's guard did not start.", f"Read {self._directory.logs / 'guard.log'}.")
        guard.stdout.close()

    def _make_key(self) -> None:
        """Draws the program key and the log's at the first start, and never again: without the first nothing here can be read."""
        from activities.store.keys import generate_key_file
        from activities.store.signing import generate_log_key

        generate_key_file(self._directory.key_file)
        generate_log_key(self._directory.log_key_file, "offramp.local/log")

    def _keep(self, child: Child) -> None:
        self._children[child.name] = child
        self._write_session()

    def _kill(self, name: str) -> None:
        self._children.pop(name).kill()
        self._write_session()

    def _write_session(self) -> None:
        # Two workers may be started at once, and the draft of the file is one.
        with self._writing:
            write_records(self._session, [child.record for child in self._in_order() if child.record])

    def _in_order(self) -> list[Child]:
        """Returns the processes in the order of their end: workers, then Temporal, Postgres last."""
        rank = {"temporal": 1, "postgres": 2}
        return sorted(self._children.values(), key=lambda child: rank.get(child.name, 0))

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.start)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.stop)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Within, an impatient second Ctrl-C does not leave half of the stack running; stopping takes seconds at most."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
