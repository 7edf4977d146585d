"""Evidence: what somebody observed, who says so, and how many independent voices it makes.

Appearing to comply is no change (F4): kinds of evidence that do not count support others and never stand alone, an old observation proves
nothing about today, and one voice stays one voice under however many headings it writes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Frozen, Instant, NoteRef
from workflows.core.refusal import Refused
from workflows.program.model import EvidenceKind, Milestone


class Evidence(Frozen):
    """One observation: its kind, a code for who says so (never a name), when it was observed, and the sealed note or document."""

    kind: Code
    source: Annotated[
        Code, Field(description="a code for who says so, e.g. employer_1; two pieces from one source are one voice")
    ]
    observed_at: Instant
    note: NoteRef | None = None


def check(
    evidence: Collection[Evidence],
    rule: Milestone,
    *,
    kinds: Mapping[str, EvidenceKind],
    calendar: Calendar,
    at: datetime,
) -> None:
    """Check that every piece is of a known kind, of the past, and fresh enough for the milestone.

    Raises:
        Refused: `unknown_evidence_kind`, `observed_in_future`, `stale`.
    """
    oldest = calendar.before(at, rule.fresh_within).at
    for piece in evidence:
        if piece.kind not in kinds:
            known = ", ".join(sorted(kinds))
            raise Refused(
                "unknown_evidence_kind", f"the program has no kind of evidence {piece.kind}", f"use one of: {known}"
            )
        if piece.observed_at > at:
            raise Refused(
                "observed_in_future", f"{piece.kind} is dated after now", "give the instant at which it was observed"
            )
        if piece.observed_at < oldest:
            raise Refused(
                "stale",
                f"{piece.kind} of {calendar.local(piece.observed_at):%Y-%m-%d} is older than {rule.fresh_within}",
                f"observe it again, or claim with evidence observed since {calendar.local(oldest):%Y-%m-%d}",
            )


def independent_sources(evidence: Collection[Evidence], rule: Milestone, kinds: Mapping[str, EvidenceKind]) -> int:
    """How many independent voices the evidence has: as many kinds of source as can each be given a source of its own.

    A matching, since one person who writes under three headings, beside two employers, makes two voices and not three.
    """
    voices: dict[str, set[str]] = {}
    for piece in evidence:
        if piece.kind in rule.evidence and kinds[piece.kind].counts:
            voices.setdefault(kinds[piece.kind].source, set()).add(piece.source)
    speaks_for: dict[str, str] = {}

    def placed(kind: str, tried: set[str]) -> bool:
        for source in sorted(voices[kind] - tried):
            tried.add(source)
            if source not in speaks_for or placed(speaks_for[source], tried):
                speaks_for[source] = kind
                return True
        return False

    return sum(placed(kind, set()) for kind in voices)
