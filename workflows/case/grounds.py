"""Grounds: what a proposal against the participant's wish must say, as the program's definition demands for its kind.

What is missing is refused by name, before anything is put to anybody: an act whose basis is found afterwards had none (F7 measure without basis or end).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Frozen, NoteRef
from workflows.core.refusal import Refused
from workflows.program.model import AdverseKind, DueProcess

ExitReason = Annotated[
    Literal["completed", "own_wish", "other_help", "no_ground", "moved"] | None,
    Field(
        description="why the case is to leave: done, own wish, helped elsewhere, no ground; that somebody moved is none"
    ),
]
"""Why the work with a person is to end, as a code besides the reasons. `moved` is asked for so often that it has its own answer: no (F5)."""


class Grounds(Frozen):
    """The reasons, and, where the definition asks for them, the legal basis, why it is necessary now, and why nothing milder serves."""

    reasons: NoteRef
    legal_basis: Code | None = None
    necessity: NoteRef | None = None
    nothing_milder: NoteRef | None = None


def plain(code: str) -> str:
    """A code as words."""
    return code.replace("_", " ")


def check(grounds: Grounds, kind: AdverseKind, rule: DueProcess) -> None:
    """Check that the grounds are whole.

    Raises:
        Refused: `legal_basis_missing`, `unknown_legal_basis`, `necessity_missing`, `nothing_milder_missing`.
    """
    asked = rule.acts[kind].grounds
    known = ", ".join(rule.legal_bases)
    if "legal_basis" in asked and grounds.legal_basis is None:
        raise Refused("legal_basis_missing", f"{plain(kind)} needs its legal basis", f"give one of: {known}")
    if grounds.legal_basis is not None and grounds.legal_basis not in rule.legal_bases:
        raise Refused("unknown_legal_basis", f"{grounds.legal_basis} is no legal basis here", f"give one of: {known}")
    if "necessity" in asked and grounds.necessity is None:
        raise Refused(
            "necessity_missing",
            f"{plain(kind)} needs to say why it is necessary now",
            "write it down and give it as necessity",
        )
    if "nothing_milder" in asked and grounds.nothing_milder is None:
        raise Refused(
            "nothing_milder_missing",
            f"{plain(kind)} needs to say why nothing milder serves",
            "write it down and give it as nothing_milder",
        )
