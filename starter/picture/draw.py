"""A timeline drawn by matplotlib, as SVG, PDF or PNG by the file's ending: black, white and grays, so that a print loses nothing."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from starter.picture.timeline import LEGEND, Mark, Row, Span, Timeline, looks

FORMATS = ("svg", "pdf", "png")
_WIDTH_INCHES, _MARGIN_INCHES = 11.7, (2.35, 0.35, 1.05, 0.85)
"""The width of an A4 page on its side; margins left, right, top, bottom."""
_ROW_INCHES, _HEAD = 0.25, 1.25
"""Height of a row, and how many rows the heading of a lane takes."""
_LETTER = 0.0062
"""The part of the axis that a letter takes: a label is cut to the room that it has."""
_TITLES = -0.244
"""Where the headings of lanes begin, in widths of the axis."""
_FEWEST = 3
_INK, _SOFT, _PALE = "#111111", "#8a8a8a", "#e9e9e9"


class _Bar(NamedTuple):
    face: str
    edge: str
    hatch: str = ""
    height: float = 0.72
    text: str = _INK


_BARS: dict[str, _Bar] = {
    "phase": _Bar("#dcdcdc", _INK), "phase_back": _Bar("#ffffff", _INK, "////"), "level": _Bar("#f4f4f4", _SOFT, height=0.62),
    "open": _Bar("#ffffff", _SOFT, height=0.34), "in_force": _Bar("#2b2b2b", _INK, text="#ffffff"), "agreed": _Bar("#ffffff", _INK, "...."),
    "planned": _Bar("#ffffff", _SOFT, height=0.5), "asked": _Bar("#ffffff", _SOFT, "....", height=0.5), "taken_on": _Bar("#ffffff", _INK, "----", height=0.5),
    "back": _Bar("#ffffff", _INK, "++++", height=0.5), "circle": _Bar("#ffffff", _INK, "OO", height=0.5),
    "support": _Bar("#cfcfcf", _INK, height=0.5), "stalled": _Bar("#ffffff", _INK, "xxxx", height=0.5),
    "late": _Bar("#ffffff", _INK, "\\\\\\\\\\\\", height=0.5), "late_open": _Bar("#2b2b2b", _INK, height=0.5),
}  # fmt: skip


class _Point(NamedTuple):
    marker: str
    face: str
    size: float = 5.5
    lower: float = 0.0


_POINTS: dict[str, _Point] = {
    "kept": _Point("|", _INK, 8, -0.12), "missed": _Point("X", "#ffffff", 6, 0.3), "excused": _Point("d", "#ffffff", 5.5, 0.3),
    "claimed": _Point("^", "#ffffff", 6.5), "verified": _Point("D", _INK, 5.5), "shaken": _Point("x", _INK, 6.5),
    "approved": _Point("o", _INK, 6), "rejected": _Point("s", "#ffffff", 5.5), "session": _Point("|", _INK, 9), "refused": _Point("x", _INK, 6), "ended": _Point("8", "#ffffff", 5.5),
    "unreached": _Point("v", "#ffffff", 6.5), "declined": _Point("<", "#ffffff", 6),
}  # fmt: skip


def draw(drawn: Timeline, *, form: str = "svg") -> bytes:
    """The picture in one of `FORMATS`; the same timeline gives the same bytes of SVG."""
    rows = sum(len(lane.rows) for lane in drawn.lanes) + _HEAD * len(drawn.lanes) + 0.4
    left, right, top, bottom = _MARGIN_INCHES
    height = max(rows * _ROW_INCHES + top + bottom, 4.2)
    settings: Any = {
        "svg.fonttype": "none",
        "svg.hashsalt": "offramp",
        "font.family": "DejaVu Sans",
        "hatch.linewidth": 0.6,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=(_WIDTH_INCHES, height), facecolor="white")
        box = (
            left / _WIDTH_INCHES, bottom / height, 1 - (left + right) / _WIDTH_INCHES, 1 - (top + bottom) / height
        )  # fmt: skip
        axes = figure.add_axes(box)
        _axis(axes, drawn, rows)
        _pauses(axes, drawn)
        _lanes(axes, drawn)
        figure.text(0.02, 1 - 0.32 / height, drawn.title, size=11, weight="bold", color=_INK)
        figure.text(0.02, 1 - 0.55 / height, drawn.caption, size=6.8, color="#444444")
        _legend(figure, drawn, height)
        target = io.BytesIO()
        # Without a date, the same case gives the same file.
        metadata = {"svg": {"Date": None, "Title": drawn.title, "Description": drawn.caption}, "pdf": {"CreationDate": None, "Title": drawn.title}}  # fmt: skip
        figure.savefig(target, format=form, metadata=metadata.get(form), dpi=130)
    return target.getvalue()


def _axis(axes: Axes, drawn: Timeline, rows: float) -> None:
    zone = ZoneInfo(drawn.time_zone)
    axes.set_xlim(_x(drawn.begin), _x(drawn.end))
    axes.set_ylim(rows, 0)
    locator = AutoDateLocator(minticks=5, maxticks=14, tz=zone)  # type: ignore[no-untyped-call]  # matplotlib.dates has no types
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator, tz=zone, show_offset=False))  # type: ignore[no-untyped-call]  # nor here
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", labelsize=7.5, length=3, color=_SOFT)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="x", color=_PALE, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("left", "right", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["top"].set_color(_SOFT)
    axes.set_yticks([])


def _pauses(axes: Axes, drawn: Timeline) -> None:
    for pause in drawn.pauses:
        begin, end = _x(pause.begin), _x(pause.end or drawn.end)
        axes.axvspan(begin, end, facecolor="#f3f3f3", edgecolor=_SOFT, linewidth=0.6, linestyle=(0, (2, 2)), zorder=0)
        axes.text(
            (begin + end) / 2, 0.36, pause.label, ha="center", va="center", size=6, style="italic", color="#444444"
        )


def _lanes(axes: Axes, drawn: Timeline) -> None:
    y, edge = 0.0, axes.get_yaxis_transform()
    for lane in drawn.lanes:
        axes.text(
            _TITLES, y + 0.62, lane.title, transform=edge, ha="left", va="center", size=8, weight="bold", color=_INK
        )
        axes.text(0.003, y + 0.62, lane.note, transform=edge, ha="left", va="center", size=6, color="#444444")
        if y:
            axes.axhline(y + 0.12, color=_SOFT, linewidth=0.5, xmin=_TITLES, clip_on=False)
        for place, row in enumerate(lane.rows):
            middle = y + _HEAD + place
            axes.text(-0.008, middle, _cut(row.label), transform=edge, ha="right", va="center", size=7, color=_INK)
            _row(axes, drawn, row, middle)
        y += _HEAD + len(lane.rows)


def _cut(label: str, most: int = 34) -> str:
    return label if len(label) <= most else f"{label[: most - 1]}…"


def _row(axes: Axes, drawn: Timeline, row: Row, y: float) -> None:
    if not any(span.look.startswith("phase") for span in row.spans):
        axes.axhline(y, color=_PALE, linewidth=0.6, zorder=0.5)
    for span in row.spans:
        _span(axes, drawn, span, y)
    for mark in row.marks:
        _mark(axes, mark, y)


def _span(axes: Axes, drawn: Timeline, span: Span, y: float) -> None:
    look = _BARS[span.look]
    begin, end = _x(span.begin), _x(span.end or drawn.end)
    whole = _x(drawn.end) - _x(drawn.begin)
    # A moment is drawn as wide as a pen stroke, or it would vanish.
    width = max(end - begin, whole * 0.002)
    axes.barh(
        y, width, left=begin, height=look.height, color=look.face, edgecolor=look.edge, hatch=look.hatch, linewidth=0.7, zorder=2
    )  # fmt: skip
    if span.end is None:
        axes.plot([begin + width], [y], marker=">", color=look.edge, markersize=4, clip_on=False, zorder=3)
    room = int(width / whole / _LETTER) - 1
    if span.label and room >= min(len(span.label), _FEWEST):
        axes.text(
            begin + width / 2, y, _cut(span.label, room), ha="center", va="center", size=6.8, color=look.text, zorder=4,
            bbox={"boxstyle": "square,pad=0.12", "facecolor": look.face, "edgecolor": "none"},
        )  # fmt: skip


def _mark(axes: Axes, mark: Mark, y: float) -> None:
    look = _POINTS[mark.look]
    axes.plot(
        [_x(mark.at)], [y + look.lower], marker=look.marker, markerfacecolor=look.face, markeredgecolor=_INK, markeredgewidth=0.9,
        markersize=look.size, linestyle="none", zorder=5, clip_on=False,
    )  # fmt: skip


def _legend(figure: Figure, drawn: Timeline, height: float) -> None:
    handles: list[Patch | Line2D] = []
    for look in looks(drawn.lanes):
        if look in _BARS:
            bar = _BARS[look]
            handles.append(Patch(facecolor=bar.face, edgecolor=bar.edge, hatch=bar.hatch, label=LEGEND[look]))
        else:
            point = _POINTS[look]
            handles.append(
                Line2D([], [], marker=point.marker, markerfacecolor=point.face, markeredgecolor=_INK, linestyle="none", markersize=point.size, label=LEGEND[look])
            )  # fmt: skip
    if drawn.pauses:
        handles.append(Patch(facecolor="#f3f3f3", edgecolor=_SOFT, linestyle=(0, (2, 2)), label="the case stood still"))
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.015, 0.12 / height), ncols=6, fontsize=6.8, frameon=False, handlelength=2.2, columnspacing=1.6)  # fmt: skip


def _x(at: datetime) -> float:
    return float(date2num(at))  # type: ignore[no-untyped-call]  # nor here
