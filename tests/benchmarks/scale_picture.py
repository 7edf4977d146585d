"""The curves of a scale run as one picture: time by the clock and by the processor, each with its straight line, and memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_TITLES = {
    "rebuild": "rebuild the read model", "verify": "verify chains, seals, leaves and log",
    "fold": "fold every case", "compare": "compare with the read model",
}  # fmt: skip
_LOOKS = {
    "rebuild": ("#4a4a4a", "^"),
    "verify": ("#0b5394", "o"),
    "fold": ("#38761d", "s"),
    "compare": ("#b45f06", "D"),
}


def draw(measured: dict[str, Any], path: Path) -> None:
    """Draw what `scale.measure` returned; the file's ending says as what (SVG, PNG or PDF)."""
    figure = Figure(figsize=(15, 4.6), layout="constrained")
    wall, processor, memory = figure.subplots(1, 3)
    for axes, clock in ((wall, "seconds"), (processor, "both_cpu_seconds")):
        for task, line in measured["lines"][clock].items():
            _seconds(
                axes,
                task,
                [(run["entries"], _spent(run, clock)) for run in measured["runs"] if run["task"] == task],
                line,
            )
        axes.legend(frameon=False, fontsize=8, loc="upper left")
    for task in measured["lines"]["seconds"]:
        _memory(memory, task, [run for run in measured["runs"] if run["task"] == task])
    wall.set(title="Time by the clock", ylabel="seconds")
    processor.set(title="Time of the processor, Postgres included", ylabel="seconds")
    memory.set(title="Most memory at once", ylabel="MiB resident, whole process")
    for axes in (wall, processor, memory):
        axes.set(xlabel="entries in the ledger (thousands)", xlim=(0, None), ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e0e0e0", linewidth=0.6)
        axes.set_axisbelow(True)
    memory.set_ylim(0, max(run["peak_bytes"] for run in measured["runs"]) / 2**20 * 1.4)
    figure.savefig(path, dpi=150)


def _spent(run: dict[str, Any], clock: str) -> float:
    return float(run["seconds"] if clock == "seconds" else run["cpu_seconds"] + run["server_cpu_seconds"])


def _seconds(axes: Axes, task: str, runs: list[tuple[int, float]], line: dict[str, float]) -> None:
    color, marker = _LOOKS[task]
    most = max(entries for entries, _ in runs)
    fit = [line["at_none"] + entries / line["per_second"] for entries in (0, most)]
    axes.plot([0, most / 1000], fit, color=color, linewidth=1)
    label = f"{_TITLES[task]}: {line['per_second']:,.0f} entries/s, R² {line['r_squared']:.4f}"
    axes.plot(
        [entries / 1000 for entries, _ in runs], [seconds for _, seconds in runs], marker, color=color, label=label
    )


def _memory(axes: Axes, task: str, runs: list[dict[str, Any]]) -> None:
    color, marker = _LOOKS[task]
    axes.plot(
        [run["entries"] / 1000 for run in runs],
        [run["peak_bytes"] / 2**20 for run in runs],
        marker + "-",
        color=color,
        linewidth=1,
    )
