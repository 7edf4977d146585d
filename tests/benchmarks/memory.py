"""Memory of a worker process that holds resting cases, against one that holds as many empty bare workflows."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple

from tests.benchmarks.rig import Rig, Variant, WorkerProcess

WARM_UP = 20
"""Workflows opened before the memory of the worker at rest is read, so that code loaded at first use counts for neither."""
AT_ONCE = 16
SETTLED_WITHIN_BYTES = 256 * 1024
SETTLE_SECONDS = 0.5
LONGEST_SETTLING_SECONDS = 10.0


class Memory(NamedTuple):
    """Resident memory in bytes: the whole worker process with all workflows cached, and what one workflow added."""

    workflows: int
    case_worker: int
    bare_worker: int
    per_case: float
    per_bare: float

    @property
    def ratio(self) -> float:
        """What a case adds against what a bare workflow adds: stricter than the two processes as wholes."""
        return self.per_case / self.per_bare

    @property
    def ratio_of_workers(self) -> float:
        """The worker with the cases against the worker with the bare workflows."""
        return self.case_worker / self.bare_worker


async def measure(rig: Rig, *, workflows: int) -> Memory:
    """Open as many workflows of each kind, each kind in a worker process of its own, and read its resident memory."""
    case_worker, per_case = await _hold(rig, "offramp", workflows=workflows)
    bare_worker, per_bare = await _hold(rig, "bare", workflows=workflows)
    return Memory(workflows, case_worker, bare_worker, per_case, per_bare)


async def _hold(rig: Rig, variant: Variant, *, workflows: int) -> tuple[int, float]:
    with rig.worker() as worker:
        await _open(rig, variant, workflows=WARM_UP)
        at_rest = await _settled(worker)
        await _open(rig, variant, workflows=workflows - WARM_UP)
        held = await _settled(worker)
    return held, (held - at_rest) / (workflows - WARM_UP)


async def _open(rig: Rig, variant: Variant, *, workflows: int) -> None:
    left = iter(range(workflows))

    async def keep_opening() -> None:
        for _ in left:
            await rig.open(variant)

    await asyncio.gather(*(keep_opening() for _ in range(AT_ONCE)))


async def _settled(worker: WorkerProcess) -> int:
    """The resident memory once two readings agree."""
    deadline, last = time.monotonic() + LONGEST_SETTLING_SECONDS, 0
    while time.monotonic() < deadline:
        await asyncio.sleep(SETTLE_SECONDS)
        now = worker.resident_bytes()
        if abs(now - last) < SETTLED_WITHIN_BYTES:
            return now
        last = now
    return last
