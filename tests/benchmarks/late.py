"""The cost of a late command of a case against an early one: latency, and the worker's processor time."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import NamedTuple

from tests.benchmarks.rig import Rig, WorkerProcess

PIPELINED = 8
"""Commands under way while the old case is aged (Temporal admits ten to one workflow); nothing is measured then."""


class Late(NamedTuple):
    """An early and a late command: medians of latency in milliseconds, worker's processor time in milliseconds a command."""

    early_at: int
    late_at: int
    early_ms: float
    late_ms: float
    early_cpu_ms: float
    late_cpu_ms: float

    @property
    def ratio(self) -> float:
        """Late against early, by whichever of the two measures is worse."""
        return max(self.late_ms / self.early_ms, self.late_cpu_ms / self.early_cpu_ms)


async def measure(rig: Rig, worker: WorkerProcess, *, early: int, late: int, windows: int, window: int) -> Late:
    """Age one case to its `late`-th command and another to its `early`-th, then send to both in alternating windows.

    Both windows grow around the command asked for. The medians leave out the renewal of the run (once in some hundred commands).
    """
    half = windows * window // 2
    old, young = await rig.open("offramp"), await rig.open("offramp")
    await _age(rig, old, commands=late - half - 1)
    await _age(rig, young, commands=max(early - half, 1) - 1)
    latencies: dict[str, list[float]] = {old: [], young: []}
    cpu: dict[str, list[float]] = {old: [], young: []}
    for number in range(windows):
        for stream in (old, young) if number % 2 else (young, old):
            spent, times = await _window(rig, worker, stream, commands=window)
            cpu[stream].append(spent)
            latencies[stream] += times
    return Late(early, late, median(latencies[young]), median(latencies[old]), median(cpu[young]), median(cpu[old]))


async def _age(rig: Rig, stream: str, *, commands: int) -> None:
    send, left = rig.sender("offramp"), iter(range(commands))

    async def keep_sending() -> None:
        for _ in left:
            await send(stream)

    await asyncio.gather(*(keep_sending() for _ in range(PIPELINED)))


async def _window(rig: Rig, worker: WorkerProcess, stream: str, *, commands: int) -> tuple[float, list[float]]:
    send, latencies = rig.sender("offramp"), []
    before = worker.cpu_seconds()
    for _ in range(commands):
        begun = time.perf_counter()
        await send(stream)
        latencies.append(1000 * (time.perf_counter() - begun))
    return 1000 * (worker.cpu_seconds() - before) / commands, latencies
