"""Commands a second, latency and history events a command: this engine's door beside the peers', in interleaved rounds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from statistics import median, quantiles
from typing import NamedTuple

from tests.benchmarks.rig import VARIANTS, Rig, Sender, Variant, WorkerProcess

WARM_UP = 20
"""Commands sent to each workflow before anything is measured, so that code is warm and caches are filled."""


class Door(NamedTuple):
    """What was measured of one kind: medians over the rounds; latencies in milliseconds over all commands of all rounds."""

    per_second: float
    p50_ms: float
    p99_ms: float
    alone_ms: float
    worker_cpu_ms: float
    events_per_command: float


class _Round(NamedTuple):
    per_second: float
    cpu_ms: float
    latencies: list[float]


async def measure(
    rig: Rig, worker: WorkerProcess, *, in_flight: int, rounds: int, commands: int, alone: int
) -> dict[Variant, Door]:
    """Measure every kind in each round, in turning order, so that what else the machine does falls on all alike.

    Args:
        rig: the stack and how to send to it.
        worker: the one process that serves all kinds.
        in_flight: workflows of each kind, each with one command under way at a time.
        rounds: how often each kind is measured.
        commands: how many a workflow gets in each round.
        alone: commands sent one by one, with nothing else under way, for the events and the latency alone.
    """
    streams = {variant: [await rig.open(variant) for _ in range(in_flight)] for variant in VARIANTS}
    for variant in VARIANTS:
        await _round(rig.sender(variant), streams[variant], commands=WARM_UP, worker=worker)
    done: dict[Variant, list[_Round]] = {variant: [] for variant in VARIANTS}
    for number in range(rounds):
        turn = number % len(VARIANTS)
        for variant in VARIANTS[turn:] + VARIANTS[:turn]:
            done[variant].append(await _round(rig.sender(variant), streams[variant], commands=commands, worker=worker))
    by_one = {variant: await _one_by_one(rig, variant, streams[variant][0], commands=alone) for variant in VARIANTS}
    return {variant: _summary(done[variant], *by_one[variant]) for variant in VARIANTS}


async def _round(send: Sender, streams: Sequence[str], *, commands: int, worker: WorkerProcess) -> _Round:
    latencies: list[float] = []

    async def keep_sending(stream: str) -> None:
        for _ in range(commands):
            begun = time.perf_counter()
            await send(stream)
            latencies.append(time.perf_counter() - begun)

    cpu, begun = worker.cpu_seconds(), time.perf_counter()
    await asyncio.gather(*map(keep_sending, streams))
    seconds = time.perf_counter() - begun
    spent = worker.cpu_seconds() - cpu
    return _Round(len(latencies) / seconds, 1000 * spent / len(latencies), latencies)


async def _one_by_one(rig: Rig, variant: Variant, stream: str, *, commands: int) -> tuple[float, float]:
    """History events a command, and the median latency in milliseconds, of commands sent one after the other."""
    send, latencies = rig.sender(variant), []
    before = await rig.history_length(stream)
    for _ in range(commands):
        begun = time.perf_counter()
        await send(stream)
        latencies.append(time.perf_counter() - begun)
    return (await rig.history_length(stream) - before) / commands, 1000 * median(latencies)


def _summary(rounds: Sequence[_Round], events: float, alone_ms: float) -> Door:
    latencies = [1000 * seconds for one in rounds for seconds in one.latencies]
    return Door(
        per_second=median(one.per_second for one in rounds),
        p50_ms=median(latencies),
        p99_ms=quantiles(latencies, n=100)[98],
        alone_ms=alone_ms,
        worker_cpu_ms=median(one.cpu_ms for one in rounds),
        events_per_command=events,
    )
