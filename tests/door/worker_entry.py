"""worker.py with the powers of a test: other options, and a death at a chosen point. The product itself has no such hooks.

DOOR_POWERS is a JSON object: `options` (name → value, seconds for lengths of time), `die_after_commit` (the stored type of the
command after whose commit the process kills itself), `die_after_delivery` (true: right after the inbox has the message), `erase_every_seconds` (how
often it looks for what is to be erased), `reconcile_every_seconds` (and for cases that have no run), `die_in_erasure` (the step of an erasure after which it kills itself, by its name below).
"""

from __future__ import annotations

import inspect
import json
import os
import signal
import sys
from functools import partial
from typing import Any

import worker
from activities.channels.inbox import InboxChannel
from activities.channels.message import Message
from activities.erasing import erasing
from activities.reconciling import reconciling
from activities.record import Recorder, RecordOrder
from activities.store import erasure
from activities.store.erasure_journal import Journal
from tests.door.rig import as_option
from workflows import options


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_after_commit(kind: str) -> None:
    record = Recorder._record

    async def and_die(self: Recorder, order: RecordOrder) -> Any:
        answer = await record(self, order)
        if order.envelope.command.get("type") == kind:
            _die()
        return answer

    Recorder._record = and_die  # type: ignore[method-assign]


def _die_after_delivery() -> None:
    deliver = InboxChannel.deliver

    async def and_die(self: InboxChannel, message: Message) -> str:
        proof = await deliver(self, message)
        _die()
        return proof

    InboxChannel.deliver = and_die  # type: ignore[method-assign]


def _erase_every(seconds: float) -> None:
    vars(worker)["erasing"] = partial(erasing, every_seconds=seconds)


def _reconcile_every(seconds: float) -> None:
    vars(worker)["reconciling"] = partial(reconciling, every_seconds=seconds)


STEPS: dict[str, tuple[Any, str, bool]] = {
    "entries placed": (erasure, "sequence", True),
    "half of the line written": (Journal, "_append", False),
    "line written": (Journal, "add", True),
    "rows cleared, nothing committed": (erasure, "clear", True),
    "key destroyed": (erasure, "forget", False),
    "pages rewritten": (erasure, "_rewritten", True),
    "pages on record as rewritten": (erasure, "wipe", True),
    "histories deleted": (erasure, "forgotten", False),
}
"""A step of an erasure → the function at whose end (or, where it is false, at whose beginning) the process is killed."""


def _die_in_erasure(step: str) -> None:
    where, name, at_its_end = STEPS[step]
    original = getattr(where, name)

    def dying(*arguments: Any, **named: Any) -> Any:
        if step == "half of the line written":
            descriptor, line = arguments
            os.pwrite(descriptor, line[: len(line) // 2], os.fstat(descriptor).st_size)
        if not at_its_end:
            _die()
        done = original(*arguments, **named)
        if not inspect.iscoroutine(done):
            _die()

        async def to_its_end() -> None:
            await done
            _die()

        return to_its_end()

    setattr(where, name, staticmethod(dying) if name == "_append" else dying)


def main() -> int:
    """Take up the powers, then be the worker."""
    powers = json.loads(os.environ["DOOR_POWERS"])
    for name, value in powers.get("options", {}).items():
        setattr(options, name, as_option(name, value))
    if kind := powers.get("die_after_commit"):
        _die_after_commit(kind)
    if powers.get("die_after_delivery"):
        _die_after_delivery()
    if step := powers.get("die_in_erasure"):
        _die_in_erasure(step)
    if seconds := powers.get("erase_every_seconds"):
        _erase_every(seconds)
    if seconds := powers.get("reconcile_every_seconds"):
        _reconcile_every(seconds)
    return worker.main()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
