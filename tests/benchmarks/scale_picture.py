"""The curves of a scale run as one picture: time with its straight line on the left, memory on the right."""

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
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for task, line in measured["lines"]["seconds"].items():
        runs = [run for run in measured["runs"] if run["task"] == task]
        _seconds(left, task, runs, line)
        _memory(right, task, runs)
    left.set(title="Time", ylabel="seconds, by the clock")
    right.set(title="Most memory at once", ylabel="MiB resident, whole process")
    for axes in (left, right):
        axes.set(xlabel="entries in the ledger (thousands)", xlim=(0, None), ylim=(0, None))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#e0e0e0", linewidth=0.6)
        axes.set_axisbelow(True)
    right.set_ylim(0, max(run["peak_bytes"] for run in measured["runs"]) / 2**20 * 1.4)
    left.legend(frameon=False, fontsize=8, loc="upper left")
    figure.savefig(path, dpi=150)


def _seconds(axes: Axes, task: str, runs: list[dict[str, Any]], line: dict[str, float]) -> None:
    color, marker = _LOOKS[task]
    entries = [run["entries"] for run in runs]
    fit = [line["at_none"] + count / line["per_second"] for count in (0, max(entries))]
    axes.plot([0, max(entries) / 1000], fit, color=color, linewidth=1)
    label = f"{_TITLES[task]}: {line['per_second']:,.0f} entries/s, R² {line['r_squared']:.4f}"
    axes.plot([count / 1000 for count in entries], [run["seconds"] for run in runs], marker, color=color, label=label)


def _memory(axes: Axes, task: str, runs: list[dict[str, Any]]) -> None:
    color, marker = _LOOKS[task]
    axes.plot(
        [run["entries"] / 1000 for run in runs],
        [run["peak_bytes"] / 2**20 for run in runs],
        marker + "-",
        color=color,
        linewidth=1,
    )
