"""A program as a picture: its phases from left to right, what each gate asks, and the ways back; black and white like the rest."""

from __future__ import annotations

import io
from textwrap import wrap
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from workflows.program.model import Gate, Phase, Program, Transition

_BOX, _GAP, _TOP = 2.5, 0.75, 3.4
_LINE = 0.17
_INK, _SOFT = "#111111", "#777777"
_LETTERS = 44


def draw_program(program: Program, *, form: str = "svg") -> bytes:
    """The phases of the program and the ways between them, in one of `starter.picture.draw.FORMATS`."""
    codes = list(program.phases)
    columns = {code: number * (_BOX + _GAP) for number, code in enumerate(codes)}
    told = {code: _told(program, code) for code in codes}
    depth = max(len(lines) for lines in told.values()) * _LINE
    width = len(codes) * (_BOX + _GAP) - _GAP + 0.6
    settings: Any = {"svg.fonttype": "none", "svg.hashsalt": "offramp", "font.family": "DejaVu Sans"}
    with mpl.rc_context(settings):
        figure = Figure(figsize=(width, _TOP + depth), facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-0.3, width - 0.3)
        axes.set_ylim(-depth - 0.35, _TOP - 0.35)
        axes.axis("off")
        axes.text(0, _TOP - 0.62, f"{program.title}, version {program.version}", size=12, weight="bold", color=_INK)
        for code in codes:
            _phase(axes, program.phases[code], x=columns[code], lines=told[code])
        _ways(axes, program, columns)
        target = io.BytesIO()
        title = f"{program.title}, version {program.version}"
        metadata: Any = {"svg": {"Date": None, "Title": title}, "pdf": {"CreationDate": None, "Title": title}}
        figure.savefig(target, format=form, metadata=metadata.get(form), dpi=120)
    return target.getvalue()


def _phase(axes: Axes, phase: Phase, *, x: float, lines: list[tuple[str, bool]]) -> None:
    box = FancyBboxPatch(
        (x, 0.25), _BOX, 0.75, boxstyle="round,pad=0.02,rounding_size=0.08", facecolor="#e4e4e4" if not phase.terminal else "#ffffff",
        edgecolor=_INK, linewidth=1.1,
    )  # fmt: skip
    axes.add_patch(box)
    axes.text(x + _BOX / 2, 0.72, phase.title, ha="center", va="center", size=9, weight="bold", color=_INK)
    usual = f"usually {phase.expected}" if phase.expected else ("the case is closed" if phase.terminal else "")
    axes.text(x + _BOX / 2, 0.43, usual, ha="center", va="center", size=7, color="#333333")
    for number, (line, strong) in enumerate(lines):
        weight = "bold" if strong else "normal"
        axes.text(x, -0.05 - number * _LINE, line, ha="left", va="center", size=6.6, weight=weight, color=_INK)


def _told(program: Program, code: str) -> list[tuple[str, bool]]:
    """What stands below a phase: its purpose, then each way on with what its gate asks. True: a heading."""
    phase = program.phases[code]
    lines = [(line, False) for line in wrap(phase.purpose, _LETTERS)]
    for transition in phase.transitions:
        lines += [("", False), (f"To {program.phases[transition.to].title}:", True)]
        lines += [(line, False) for asked in _asks(program, transition) for line in _item(asked)]
    return lines


def _asks(program: Program, transition: Transition) -> list[str]:
    gate: Gate = transition.gate
    return [
        *(program.milestones[code].title for code in gate.milestones),
        *(f"consent: {program.consent_scopes[code].title}" for code in gate.consent if code in program.consent_scopes),
        *((f"at least {gate.minimum_stay} here",) if gate.minimum_stay else ()),
        *(("support delivered",) if gate.support_delivered else ()),
        *(("needs addressed",) if gate.needs_addressed else ()),
        *(("the referrer heard",) if gate.referrer_feedback else ()),
        *((f"assessed within {gate.assessed_within}",) if gate.assessed_within else ()),
        *(("no concern open",) if gate.concerns_closed else ()),
        *(("each follow-up settled",) if gate.follow_ups_settled else ()),
        *(("the person's own view",) if gate.participant_view else ()),
        f"decided by {program.reviews[gate.review].title}",
    ]


def _item(text: str) -> list[str]:
    first, *rest = wrap(text, _LETTERS - 2)
    return [f"• {first}", *(f"  {line}" for line in rest)]


def _ways(axes: Axes, program: Program, columns: dict[str, float]) -> None:
    for code, phase in program.phases.items():
        for transition in phase.transitions:
            _way(axes, columns[code], columns[transition.to], back=False)
        for former in phase.step_back_to:
            _way(axes, columns[code], columns[former], back=True)
    axes.text(0, _TOP - 0.95, "━━▶ a way on, through its gate     ┄┄▶ a step back: only by due process, and appealable", size=7.5, color="#333333")  # fmt: skip


def _way(axes: Axes, begin: float, end: float, *, back: bool) -> None:
    """An arrow to the next phase goes straight; one over several phases, or back, is a bow above them."""
    if not back and abs(end - begin - (_BOX + _GAP)) < _LINE:
        start, stop, bow = (begin + _BOX + 0.03, 0.62), (end - 0.03, 0.62), 0.0
    else:
        steps = abs(end - begin) / (_BOX + _GAP)
        start, stop = (begin + _BOX * (0.35 if back else 0.72), 1.04), (end + _BOX * (0.65 if back else 0.3), 1.04)
        bow = (0.32 if back else -0.26) * (1 if steps <= 1 else 0.75)
    arrow = FancyArrowPatch(
        start, stop, connectionstyle=f"arc3,rad={bow}", arrowstyle="-|>", mutation_scale=11, linewidth=0.9 if back else 1.3,
        linestyle=(0, (3, 2)) if back else "solid", color=_SOFT if back else _INK, shrinkA=0, shrinkB=0,
    )  # fmt: skip
    axes.add_patch(arrow)
