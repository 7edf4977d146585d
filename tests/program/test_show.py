"""The drawing of a definition."""

import re

import pytest

from tests.program.definitions import SHIPPED, TEXT, changed
from workflows.program.load import load_program
from workflows.program.model import Program
from workflows.program.show import WIDTH, draw_mermaid, draw_text

PROGRAMS = [load_program(path.read_text(encoding="utf-8")) for path in SHIPPED]


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.program)
def test_the_text_shows_every_part(program: Program) -> None:
    """Every phase, gate, milestone of a gate, panel, agreement, class of records and kind of silence stands in the text, and no line runs away."""
    text = draw_text(program)

    assert all(f"[{code}]" in text for code in (*program.phases, *program.reviews))
    assert all(f"--> {program.phases[t.to].title} [{t.to}]" in text for _, t in program.gates())
    assert all(f"* {code}:" in text for _, t in program.gates() for code in t.gate.milestones)
    assert all(f"{kind}: owed by" in text for kind in program.silence)
    assert program.disclosure is not None
    assert program.retention is not None
    shown = (*program.agreements, *program.disclosure.exceptions, *program.retention.classes)
    assert all(f"[{code}]" in text for code in shown)
    assert all(len(line) <= WIDTH for line in text.splitlines())


def test_the_text_reads_like_the_program() -> None:
    """A program officer finds the timers of a phase and the ladder of a missed check-in in words."""
    text = draw_text(load_program(TEXT))

    assert "  Check-in: acute every 3 days; high every week; medium every 2 weeks; low every month\n" in text
    assert "  Follow-up: 1 month, 3 months, 6 months and 12 months after entry, until settled\n" in text
    assert "      * at least 6 months in the phase\n" in text
    assert "      3 working days after: Lead practitioner is told, welfare check\n" in text
    assert "      then again every week\n" in text


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.program)
def test_the_diagram_has_every_phase_and_every_way(program: Program) -> None:
    """The Mermaid diagram has one state for each phase, one arrow for each transition, a beginning and an end."""
    lines = [line.strip() for line in draw_mermaid(program).splitlines()]
    arrows = [
        tuple(re.findall(r"phase_\w+", line.split(" : ")[0])) for line in lines if "-->" in line and " : " in line
    ]

    assert lines[0] == "stateDiagram-v2"
    assert lines[1] == f"[*] --> phase_{program.first_phase}"
    assert [line.split(" as ")[1] for line in lines if line.startswith("state ")] == [
        f"phase_{c}" for c in program.phases
    ]
    back = [(f"phase_{code}", f"phase_{to}") for code, phase in program.phases.items() for to in phase.step_back_to]
    again = [(f"phase_{code}", f"phase_{to}") for code, phase in program.phases.items() for to in phase.reentry_to]
    assert arrows == [*((f"phase_{code}", f"phase_{t.to}") for code, t in program.gates()), *back, *again]
    assert [line for line in lines if line.endswith("--> [*]")] == [
        f"phase_{code} --> [*]" for code, phase in program.phases.items() if phase.terminal
    ]


def test_what_a_title_says_steers_neither_terminal_nor_diagram() -> None:
    """Control characters are dropped, and signs of the diagram's own language are shown and not obeyed."""
    title = 'In"take\x1b[31m; %%{init}%% <script>\nend note'
    program = changed({"phases.intake.title": title})
    (line,) = [line for line in draw_mermaid(program).splitlines() if line.endswith("as phase_intake")]

    assert "\x1b" not in draw_text(program) + draw_mermaid(program)
    assert 'PHASE 1 In"take [31m; %%{init}%% <script> end note [intake]' in draw_text(program)
    assert line == (
        '    state "In#34;take #91;31m#59; #37;#37;#123;init#125;#37;#37; #60;script#62; end note" as phase_intake'
    )
