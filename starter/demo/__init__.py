"""The main job, shown and proven: one synthetic participant on a fresh stack, through the whole flagship program, under skipped time."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from starter.demo.proof import prove
from starter.demo.stage import set_up
from starter.demo.story import play
from starter.demo.told import Telling
from starter.stack import Ports, Stack
from starter.stage import Overshot

TRIES = 3


def run(*, keep: bool, as_json: bool) -> int:
    """Play the demo, then prove what it recorded.

    Args:
        keep: leave the stack running afterwards, until Ctrl-C, so that its UI and its ledger can be looked at.
        as_json: print only a summary, as JSON.

    Returns:
        0 if everything held.

    Raises:
        DemoFailed: something did not happen as the story has it.
        StackError: the stack did not start.
    """
    telling = Telling(quiet=as_json)
    for _ in range(TRIES - 1):
        try:
            return _run(telling, keep=keep, as_json=as_json)
        except Overshot:
            # What the server's experimental time skipping spoiled proves nothing either way.
            telling = Telling(quiet=as_json)
            telling.say("\nTemporal moved the clock further than it was asked to; once more, on a fresh stack.")
    return _run(telling, keep=keep, as_json=as_json)


def _run(telling: Telling, *, keep: bool, as_json: bool) -> int:
    directory = Path(tempfile.mkdtemp(prefix="offramp-demo-"))
    try:
        with Stack(directory, ports=Ports.free(), time_skipping=True) as stack:
            summary = asyncio.run(_perform(directory, stack, telling))
            if as_json:
                sys.stdout.write(json.dumps(summary, indent=2) + "\n")
            if keep:
                _keep(stack, directory, telling)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


async def _perform(directory: Path, stack: Stack, telling: Telling) -> dict[str, object]:
    telling.chapter(
        "Offramp",
        "A fresh Postgres and a fresh Temporal server on this machine; a synthetic participant; the program's own durations.",
    )
    telling.say(f"    Temporal's UI: {stack.addresses.ui}")
    begun = time.monotonic()
    async with set_up(directory, telling, stack) as stage:
        await play(stage)
        played = time.monotonic() - begun
        proofs = await prove(stage)
        skipped_days = stage.ahead.days
    telling.say(
        f"\n{telling.entries} entries over {skipped_days / 30.4:.0f} months of program time, in {played:.0f} seconds."
    )
    return {
        "case": stage.stream,
        "entries": telling.entries,
        "program_days": skipped_days,
        "seconds": round(played, 1),
        "refusals": stage.refusals,
        **proofs,
    }


def _keep(stack: Stack, directory: Path, telling: Telling) -> None:
    telling.say(f"\nThe stack stays up. Temporal's UI: {stack.addresses.ui}")
    telling.say(f"Look at the record: offramp --data-dir {directory} case list")
    telling.say("Ctrl-C stops it and removes it.")
    with stack.stopping_on_signals(), suppress(KeyboardInterrupt):
        while stack.wait().startswith("worker"):
            # One worker was killed by the story itself; the one that took over serves on.
            pass
