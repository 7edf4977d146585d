"""What is proven of a definition before anybody is enrolled under it.

Inquiries find gates that nobody could open, deadlines that nobody owned, and silence that counted as an answer. A definition
with such a gap is refused here, on paper, and not discovered years later in a case.
"""

from __future__ import annotations

from datetime import date

from workflows.program.check import (
    calendar,
    care,
    consents,
    due_process,
    keeping,
    looking,
    milestones,
    panels,
    permissions,
    phases,
    references,
    safety,
    silence,
    staffing,
    terms,
)
from workflows.program.check.finding import Finding
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary

__all__ = ["Finding", "Vocabulary", "check"]


def check(program: Program, vocabulary: Vocabulary, *, today: date | None = None) -> list[Finding]:
    """Every finding about the definition, errors first; empty means that all of its properties hold.

    Args:
        program: the definition, as read by `load_program`.
        vocabulary: the commands and kinds of obligation that the engine knows.
        today: the local date, to see whether the listed holidays reach far enough; None leaves that out.
    """
    found = [
        *references.find(program),
        *permissions.find(program, vocabulary),
        *terms.find(program),
        *phases.find(program),
        *milestones.find(program, vocabulary),
        *panels.find(program, vocabulary),
        *silence.find(program, vocabulary),
        *consents.find(program, vocabulary),
        *keeping.find(program, today=today),
        *care.find(program, vocabulary),
        *staffing.find(program, vocabulary),
        *looking.find(program, vocabulary),
        *safety.find(program, vocabulary),
        *due_process.find(program, vocabulary),
        *calendar.find(program, today=today),
    ]
    return sorted(found, key=lambda finding: finding.severity)
