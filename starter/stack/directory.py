"""The stack's directory: one user at a time, secrets for nobody else, and what a killed predecessor left behind."""

import contextlib
import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

import psutil

from starter.stack.problem import StackError
from starter.stack.processes import POLL_SECONDS, end, read_records

GUARD_SECONDS = 40.0
LEFTOVER_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """Passwords of the three roles of the embedded Postgres, drawn once for a directory."""

    postgres: str
    owner: str
    app: str

    @classmethod
    def drawn(cls) -> Self:
        """Draws new ones."""
        return cls(postgres=secrets.token_urlsafe(24), owner=secrets.token_urlsafe(24), app=secrets.token_urlsafe(24))


class Directory:
    """Where everything of one stack lies."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().absolute()
        self.logs = self.path / "logs"
        self.run = self.path / "run"
        self.temporal = self.path / "temporal.db"
        self.postgres = self.path / "postgres"
        self.key_file = self.path / "program.key"
        self.log_key_file = self.path / "log.key"
        self._lock: IO[str] | None = None

    def take(self) -> None:
        """Makes the directory and takes it for this process alone, until `release` or the process's end.

        Raises StackError if it cannot be written, or if another process has it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            # Passable, so that Postgres can reach its own part as another user; every secret is closed by itself.
            self.path.chmod(0o711)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            self.run.mkdir(exist_ok=True, mode=0o700)
            lock = (self.path / "stack.lock").open("a+", encoding="utf-8")
        except OSError as error:
            raise StackError(
                f"The data directory {self.path} cannot be used: {error.strerror}.",
                "Choose another one with --data-dir, or make it writable.",
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._refuse(lock, error)
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _refuse(self, lock: IO[str], error: OSError) -> None:
        with lock:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
        if error.errno not in {errno.EAGAIN, errno.EACCES}:
            raise StackError(
                f"The data directory {self.path} cannot be locked: {error.strerror}.",
                "Choose one on a local disk with --data-dir.",
            ) from error
        raise StackError(
            f"The data directory {self.path} is in use by another stack (process {holder}).",
            "Stop that one with Ctrl-C, or choose another directory with --data-dir.",
        ) from None

    def release(self) -> None:
        """Lets others take the directory."""
        if self._lock:
            self._lock.close()
            self._lock = None

    def clear_leftovers(self) -> list[str]:
        """Stops what a killed predecessor left running, and returns the names of it.

        Its guard is normally at that already: then this waits for it. Call with the directory taken.
        """
        self._await_guard()
        stopped = []
        for session in sorted(self.run.glob("*.json")):
            for record in read_records(session):
                if process := record.process():
                    end(process, stop_signal=record.stop_signal, seconds=LEFTOVER_SECONDS)
                    stopped.append(record.name)
            session.unlink()
        return stopped + self._clear_postgres()

    def _await_guard(self) -> None:
        deadline = time.monotonic() + GUARD_SECONDS
        with (self.run / "guard.lock").open("a", encoding="utf-8") as lock:
            while time.monotonic() < deadline:
                with contextlib.suppress(BlockingIOError):
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                time.sleep(POLL_SECONDS)

    def _clear_postgres(self) -> list[str]:
        """Stops a Postgres that no record names, and removes a mark of one that is gone.

        Postgres itself refuses to start if its mark names a living process, also when that is somebody else by now.
        """
        mark = self.postgres / "postmaster.pid"
        try:
            pid = int(mark.read_text(encoding="utf-8").splitlines()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return []
        stopped = []
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.name() == "postgres" and str(self.postgres) in process.cmdline():
                end(process, stop_signal=2, seconds=LEFTOVER_SECONDS)
                stopped.append("postgres")
        mark.unlink(missing_ok=True)
        return stopped

    def write_settings(self, settings: Mapping[str, str]) -> None:
        """Writes where everything is, with passwords, for the other commands of this user."""
        kept = {name: value for name, value in settings.items() if name != "OFFRAMP_DATA_DIR"}
        write_closed(self.path / "settings.env", "".join(f"{name}='{value}'\n" for name, value in kept.items()))

    def secrets(self) -> Secrets:
        """Returns the passwords of this directory, drawing them at the first call.

        Raises StackError if the file was damaged.
        """
        path = self.path / "secrets.json"
        if not path.exists():
            write_closed(path, json.dumps(asdict(Secrets.drawn())))
        try:
            return Secrets(**json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise StackError(
                f"{path} is damaged: it does not hold the passwords of this stack's Postgres.",
                "Restore the directory from a backup, or start a new one with --data-dir.",
            ) from error


def write_closed(path: Path, text: str) -> None:
    """Writes a file that only its owner may read, whole or not at all."""
    draft = path.with_suffix(".draft")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
