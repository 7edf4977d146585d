"""The people around a case drawn by matplotlib: the person in the middle, cards on both sides, and lines that a black-and-white print keeps apart."""

from __future__ import annotations

import io
from itertools import chain
from math import cos, radians, sin
from textwrap import wrap
from typing import Any, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyBboxPatch, Patch, PathPatch, Rectangle
from matplotlib.path import Path

from starter.picture.network import LEGEND, Around, Group, Network

_WIDTH, _CARD, _EDGE = 11.7, 3.55, 0.4
"""Inches: the width of an A4 page on its side, of a card, and of the margins."""
_TOP, _BOTTOM, _LEAST = 1.15, 0.8, 5.4
_LINE, _PAD, _GAP, _HEAD, _BETWEEN = 0.158, 0.09, 0.1, 0.34, 0.3
_RADIUS, _SPREAD = 0.78, 62.0
_LETTERS_TITLE, _LETTERS_NOTE = 44, 54
_INK, _SOFT = "#111111", "#777777"
_TIES: dict[str, tuple[float, Any, str]] = {
    "charge": (2.6, "solid", _INK), "touch": (1.1, "solid", _INK), "half": (1.1, (0, (5, 3)), _INK), "apart": (1.0, (0, (1, 2.4)), _INK),
}  # fmt: skip
"""How a tie looks: the width of its line, its dashes, its ink."""


class _Card(NamedTuple):
    member: Around
    title: list[str]
    notes: list[str]
    height: float


def draw_network(drawn: Network, *, form: str = "svg") -> bytes:
    """The map in one of `starter.picture.draw.FORMATS`; the same map gives the same bytes of SVG."""
    sides = [[_cards(group) for group in drawn.groups[:2]], [_cards(group) for group in drawn.groups[2:]]]
    room = max(_LEAST, *(sum(_tall(cards) for cards in side) + _BETWEEN for side in sides))
    height = _TOP + room + _BOTTOM
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "offramp", "font.family": "DejaVu Sans", "hatch.linewidth": 0.7}  # fmt: skip
    with mpl.rc_context(settings):
        figure = Figure(figsize=(_WIDTH, height), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(0, _WIDTH)
        axes.set_ylim(height, 0)
        axes.axis("off")
        axes.text(_EDGE, 0.42, drawn.title, size=12, weight="bold", color=_INK, va="center")
        for number, line in enumerate(wrap(drawn.caption, 190)):
            axes.text(_EDGE, 0.68 + number * 0.15, line, size=6.8, color="#444444", va="center")
        middle = _TOP + room / 2
        for right, cards in enumerate(sides):
            _side(axes, cards, drawn.groups[2 * right : 2 * right + 2], right=bool(right), middle=middle)
        _person(axes, drawn, middle)
        _legend(figure, drawn, height)
        target = io.BytesIO()
        metadata: Any = {"svg": {"Date": None, "Title": drawn.title, "Description": drawn.caption}, "pdf": {"CreationDate": None, "Title": drawn.title}}  # fmt: skip
        figure.savefig(target, format=form, metadata=metadata.get(form), dpi=130)
    return target.getvalue()


def _cards(group: Group) -> list[_Card]:
    return [_card(member) for member in group.members]


def _card(member: Around) -> _Card:
    title = wrap(member.title, _LETTERS_TITLE)
    notes = list(chain.from_iterable(wrap(note, _LETTERS_NOTE) for note in member.notes))
    return _Card(member, title, notes, 2 * _PAD + (len(title) + len(notes)) * _LINE)


def _tall(cards: list[_Card]) -> float:
    return _HEAD + (sum(card.height + _GAP for card in cards) if cards else _LINE + _GAP)


def _side(axes: Axes, both: list[list[_Card]], groups: tuple[Group, ...], *, right: bool, middle: float) -> None:
    """Two groups on one side, one below the other, centered on the person, with a line to each card."""
    left_edge = _WIDTH - _EDGE - _CARD if right else _EDGE
    y = middle - (sum(_tall(cards) for cards in both) + _BETWEEN) / 2
    ends: list[tuple[Around, float]] = []
    for group, cards in zip(groups, both, strict=True):
        axes.text(left_edge, y + 0.1, group.title, size=9.5, weight="bold", color=_INK, va="center")
        axes.plot([left_edge, left_edge + _CARD], [y + 0.25] * 2, color=_SOFT, linewidth=0.6)
        y += _HEAD
        if not cards:
            axes.text(left_edge, y + _LINE / 2, group.empty, size=7.2, style="italic", color="#444444", va="center")
            y += _LINE + _GAP
        for card in cards:
            _box(axes, card, x=left_edge, y=y, right=right)
            ends.append((card.member, y + card.height / 2))
            y += card.height + _GAP
        y += _BETWEEN
    for number, (member, end) in enumerate(ends):
        share = 0.5 if len(ends) == 1 else number / (len(ends) - 1)
        _tie(axes, member, angle=(share - 0.5) * 2 * _SPREAD, end=end, right=right, middle=middle)


def _box(axes: Axes, card: _Card, *, x: float, y: float, right: bool) -> None:
    wide, dashes, ink = _TIES[card.member.tie]
    shape = "round,pad=0,rounding_size=0.07"
    axes.add_patch(
        FancyBboxPatch((x, y), _CARD, card.height, boxstyle=shape, facecolor="white", edgecolor=ink, linewidth=min(wide, 1.8), linestyle=dashes, zorder=3)
    )  # fmt: skip
    if card.member.own:
        bar = x + _CARD - 0.17 if right else x + 0.05
        axes.add_patch(Rectangle((bar, y + 0.06), 0.12, card.height - 0.12, facecolor="white", edgecolor=_INK, hatch="/////", linewidth=0.6, zorder=4))  # fmt: skip
    text = x + (0.26 if card.member.own and not right else 0.13)
    lines = [(line, 8.0, "bold") for line in card.title] + [(line, 6.9, "normal") for line in card.notes]
    for number, (line, size, weight) in enumerate(lines):
        axes.text(text, y + _PAD + (number + 0.5) * _LINE, line, size=size, weight=weight, color=_INK, va="center", zorder=5)  # fmt: skip


def _tie(axes: Axes, member: Around, *, angle: float, end: float, right: bool, middle: float) -> None:
    """A curve from the rim of the person to the near edge of the card."""
    wide, dashes, ink = _TIES[member.tie]
    way, center = (1 if right else -1), _WIDTH / 2
    begin = (center + way * _RADIUS * cos(radians(angle)), middle + _RADIUS * sin(radians(angle)))
    edge = _WIDTH - _EDGE - _CARD if right else _EDGE + _CARD
    bend = abs(edge - begin[0]) * 0.55
    points = [begin, (begin[0] + way * bend * 0.7, begin[1]), (edge - way * bend, end), (edge, end)]
    path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    axes.add_patch(PathPatch(path, facecolor="none", edgecolor=ink, linewidth=wide, linestyle=dashes, zorder=1))


def _person(axes: Axes, drawn: Network, middle: float) -> None:
    axes.add_patch(Circle((_WIDTH / 2, middle), _RADIUS, facecolor="#2b2b2b", edgecolor=_INK, linewidth=1.2, zorder=6))
    axes.text(_WIDTH / 2, middle - 0.1, drawn.person, size=11, weight="bold", color="#ffffff", ha="center", va="center", zorder=7)  # fmt: skip
    for number, line in enumerate(wrap(drawn.phase, 18)):
        axes.text(_WIDTH / 2, middle + 0.14 + number * 0.15, line, size=7.6, color="#ffffff", ha="center", va="center", zorder=7)  # fmt: skip


def _legend(figure: Figure, drawn: Network, height: float) -> None:
    members = [member for group in drawn.groups for member in group.members]
    used = {member.tie for member in members}
    handles: list[Line2D | Patch] = [
        Line2D([], [], linewidth=wide, linestyle=dashes, color=ink, label=LEGEND[tie])
        for tie, (wide, dashes, ink) in _TIES.items()
        if tie in used
    ]
    if any(member.own for member in members):
        handles.append(Patch(facecolor="white", edgecolor=_INK, hatch="/////", label=LEGEND["own"]))
    figure.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.026, 0.1 / height), ncols=3, fontsize=7, frameon=False, handlelength=3.2, columnspacing=2.0)  # fmt: skip
