"""Processes of the stack: started apart from the terminal, recorded, and stopped for certain.

A process is recorded by its id, its start and its command line, so that an id that the system gave to somebody else in
the meantime is never mistaken for ours.
"""

import contextlib
import json
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from starter.stack.problem import StackError

POLL_SECONDS = 0.01
KILL_SECONDS = 10.0
# The system's clock may be set between the record and the comparison; the command line is compared as well.
SAME_START_SECONDS = 5.0
LOG_BYTES_MAX = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Record:
    """How to know a process again."""

    name: str
    pid: int
    started: float
    command: tuple[str, ...]
    stop_signal: int

    def process(self) -> psutil.Process | None:
        """Returns the process if it still runs and still is the same one."""
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.started) < SAME_START_SECONDS
            if same and found.status() != psutil.STATUS_ZOMBIE and tuple(found.cmdline()) == self.command:
                return found
        except psutil.Error:
            return None
        return None


def write_records(path: Path, records: Sequence[Record]) -> None:
    """Writes the records of a session, in the order in which to stop them, whole or not at all."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps([asdict(record) for record in records]), encoding="utf-8")
    draft.replace(path)


def read_records(path: Path) -> list[Record]:
    """Reads the records of a session; none if the file is gone or was cut short when its writer died."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [Record(**{**row, "command": tuple(row["command"])}) for row in rows]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return []


def end(process: psutil.Process, *, stop_signal: int, seconds: float) -> None:
    """Asks a process to stop, waits, and kills it with all its children if it does not. Returns when all are gone."""
    family = _family(process)
    with contextlib.suppress(psutil.NoSuchProcess):
        process.send_signal(stop_signal)
    alive = _await_end(family, seconds=seconds)
    for survivor in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            survivor.kill()
    _await_end(alive, seconds=KILL_SECONDS)


def _family(process: psutil.Process) -> list[psutil.Process]:
    try:
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return [process]


def _await_end(processes: Sequence[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    """Waits until all have ended, and returns those that have not in time.

    One that ended and was not yet collected by its parent counts as ended: the parent may be somebody else, or ourselves.
    """
    deadline = time.monotonic() + seconds
    while (alive := [process for process in processes if _lives(process)]) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return alive


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


class Child:
    """A process that this one started."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        stop_signal: int,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: int | None = None,
        keep: "Keep",
    ) -> None:
        """Starts a command apart from the terminal, so that Ctrl-C reaches the stack alone, which stops in order.

        Output goes to the end of `log`. `user` is the id to run as, for one who may choose. `keep` is told at once, so
        that a process is on record before anybody waits for it.
        """
        if log.exists() and log.stat().st_size > LOG_BYTES_MAX:
            log.replace(log.with_suffix(".old.log"))
        with log.open("ab") as sink:
            self._popen = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=cwd,
                start_new_session=True,
                umask=0o077,  # what they write is nobody else's business
                user=user,
                group=group_of(user),
                extra_groups=[] if user is not None else None,
            )
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self.record = self._recorded(command)
        keep(self)

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._popen.pid

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.poll()

    def stop(self, seconds: float = 15.0) -> None:
        """Asks it to stop, waits, then insists. Does nothing if it has ended."""
        self._finish(self._stop_signal, seconds)

    def kill(self) -> None:
        """Kills it and its children at once, as a crash would. Does nothing if it has ended."""
        self._finish(signal.SIGKILL, 0.0)

    def wait_until(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Waits until `ready()` is true. Raises StackError if the process ends first or the time is up."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.returncode is not None:
                raise StackError(
                    f"{self.name} ended at its start (code {self.returncode}). Its last words: {self.last_words()}",
                    f"Read {self.log}.",
                )
            if time.monotonic() > deadline:
                self.kill()
                raise StackError(f"{self.name} was not ready within {seconds:g} s.", f"Read {self.log} and try again.")
            time.sleep(POLL_SECONDS)

    def last_words(self) -> str:
        """Returns the last line of its log that tells of an error, or else the last two lines."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-20:]
        telling = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "rror"))]
        return " ".join(line.strip() for line in telling[-1:] or lines[-2:]) or "none"

    def _finish(self, signal_number: int, seconds: float) -> None:
        if self.returncode is None:
            with contextlib.suppress(psutil.NoSuchProcess):
                end(psutil.Process(self.pid), stop_signal=signal_number, seconds=seconds)
        self._popen.wait()

    def _recorded(self, command: Sequence[str]) -> Record | None:
        """Returns the record, or None if the process ended as soon as it began.

        The command line is the one that was given: the system shows it only a moment after the start.
        """
        try:
            started = psutil.Process(self.pid).create_time()
        except psutil.Error:
            return None
        return Record(
            name=self.name,
            pid=self.pid,
            started=started,
            command=tuple(command),
            stop_signal=self._stop_signal,
        )


def group_of(user: int | None) -> int | None:
    """Returns the first group of a user, or None for no user."""
    return None if user is None else pwd.getpwuid(user).pw_gid


Keep = Callable[[Child], None]
