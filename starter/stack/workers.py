"""Workers of the stack: worker.py as a process of its own, so that it can be killed like one."""

import os
import secrets
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

import starter
from starter.stack.directory import Directory
from starter.stack.processes import Child, Keep

READY_SECONDS = 60.0
STOP_SECONDS = 20.0
WORKER = Path(starter.__file__).resolve().parent.parent / "worker.py"


class Worker:
    """A running worker."""

    def __init__(self, child: Child) -> None:
        self.child = child

    @property
    def pid(self) -> int:
        """The id of its process."""
        return self.child.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.child.returncode is None

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.child.log

    def stop(self) -> None:
        """Lets it finish what it has begun, then ends it."""
        self.child.stop(STOP_SECONDS)

    def kill(self) -> None:
        """Ends it as a crash would: SIGKILL, at once."""
        self.child.kill()


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """Returns this process's environment with `settings` laid over it."""
    # A setting given in two ways is an error; what the stack says outranks what was inherited.
    doubled = {f"{setting}_FILE" for setting in settings} | {setting.removesuffix("_FILE") for setting in settings}
    return {**{name: value for name, value in os.environ.items() if name not in doubled}, **settings}


def start_worker(directory: Directory, *, settings: Mapping[str, str], keep: Keep) -> Worker:
    """Starts a worker with `settings` laid over this process's environment.

    Returns when it polls: it says so by writing the file that OFFRAMP_READY_FILE names. Raises StackError.
    """
    name = f"worker-{secrets.token_hex(3)}"
    ready = directory.run / f"{name}.ready"
    child = Child(
        name,
        [sys.executable, str(WORKER)],
        log=directory.logs / f"{name}.log",
        stop_signal=signal.SIGTERM,
        env={**environment(settings), "OFFRAMP_READY_FILE": str(ready)},
        cwd=directory.path,
        keep=keep,
    )
    try:
        child.wait_until(ready.exists, seconds=READY_SECONDS)
    finally:
        ready.unlink(missing_ok=True)
    return Worker(child)
