"""The minutes in plain words: what a rung asks for, and what lateness is worth telling."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from starter.audit.minutes import tell
from workflows.core.obligation import ObligationClosed, ObligationEscalated
from workflows.program.load import load_program

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SHIPPED = sorted((Path(__file__).resolve().parents[2] / "programs").glob("*.yaml"))


def rung(action: str, late_seconds: int = 0) -> ObligationEscalated:
    """A rung of a check-in's ladder."""
    return ObligationEscalated(
        key="check_in/4", kind="check_in", level=2, tell="supervisor", action=action, rung_at=AT, late_seconds=late_seconds
    )  # fmt: skip


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_the_rungs_of_a_shipped_program_ask_for_is_in_words(path: Path) -> None:
    """No rung of a shipped program reads as a code."""
    program = load_program(path.read_text(encoding="utf-8"))
    actions = {one.action for rule in program.silence.values() for one in rule.ladder}
    assert actions
    assert {action for action in actions if '"' in tell(rung(action), None)} == set()


def test_a_code_of_a_programs_own_stands_as_it_is() -> None:
    """An action without words is told by its code."""
    assert tell(rung("light_a_candle"), None) == 'Check-in 4: rung 2, supervisor is asked to "light a candle".'


def test_what_takes_a_machine_a_moment_is_not_late() -> None:
    """Less than a minute is not called late; a minute is."""
    assert "late" not in tell(rung("call", late_seconds=59), None)
    assert "(told 1 minute late)" in tell(rung("call", late_seconds=60), None)
    done = {seconds: ObligationClosed(key="check_in/4", kind="check_in", how="met", due=AT, late_seconds=seconds) for seconds in (59, 60)}  # fmt: skip
    assert tell(done[59], None) == "Check-in 4 is done."
    assert tell(done[60], None) == "Check-in 4 is done, 1 minute late."
