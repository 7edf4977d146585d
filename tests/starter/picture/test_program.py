"""A picture of a program holds its phases, what each gate asks, and the ways back."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from starter.cli import run
from starter.picture.program import draw_program
from tests.case.examples import ROOT, SHIPPED, shipped

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("code", SHIPPED)
def test_every_phase_and_every_condition_of_a_gate_is_in_the_picture(code: str) -> None:
    """Whoever reads the picture reads each phase by its title, and the first words of each milestone that a gate asks for."""
    program = shipped(code)
    root = ET.fromstring(draw_program(program))  # noqa: S314 - our own output
    words = " ".join("".join(element.itertext()) for element in root.iter(f"{SVG}text"))
    asked = [program.milestones[m].title for _, way in program.gates() for m in way.gate.milestones]

    assert [phase.title for phase in program.phases.values() if phase.title not in words] == []
    assert [title for title in asked if title[:20] not in words] == []


def test_the_command_writes_the_picture_of_a_file(tmp_path: Path) -> None:
    """`program show --svg` writes the picture of a definition that nobody has published yet."""
    out = tmp_path / "program.svg"
    with CliRunner().isolation():
        code = run(["program", "show", str(ROOT / "programs" / "housing_first.yaml"), "--svg", str(out)])

    assert code == 0
    assert ET.fromstring(out.read_text(encoding="utf-8")).tag == f"{SVG}svg"  # noqa: S314 - our own output
