"""worker.py with the powers of a test: other options, and a death at a chosen point. The product itself has no such hooks.

DOOR_POWERS is a JSON object: `options` (name → value, seconds for lengths of time), `die_after_commit` (the stored type of the
command after whose commit the process kills itself), `die_after_delivery` (true: right after the inbox has the message), `erase_every_seconds` (how
often it looks for what is to be erased), `die_in_erasure` (the step of an erasure after which it kills itself, by its name below).
"""

from __future__ import annotations

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
from activities.record import Recorder, RecordOrder
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


def main() -> int:
    """Take up the powers, then be the worker."""
    powers = json.loads(os.environ["DOOR_POWERS"])
    for name, value in powers.get("options", {}).items():
        setattr(options, name, as_option(name, value))
    if kind := powers.get("die_after_commit"):
        _die_after_commit(kind)
    if powers.get("die_after_delivery"):
        _die_after_delivery()
    if seconds := powers.get("erase_every_seconds"):
        _erase_every(seconds)
    return worker.main()


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
