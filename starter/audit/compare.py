"""Compare: the ledger's fold, what a workflow says of itself, and the read model; the same, or the first difference.

The ledger is right by definition: whoever differs from it is wrong, and the cure is named. Whoever is ahead of it is a witness: entries that were
recorded are not there any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from pydantic import JsonValue

from activities.store.fold import Told
from activities.store.queries import CaseRow, ObligationRow, ReviewRow
from activities.store.rights import Rights
from starter.audit.rights import expected as rights_expected
from starter.audit.rights import stored as rights_stored
from workflows.case.case import next_wake
from workflows.case.glance import glance
from workflows.case.run import RunKept
from workflows.case.state import Case, advance
from workflows.core.obligation import Obligation

ABSENT, WHOLE = "(absent)", "(whole)"
POSITION = "position"
"""Path of the difference that is told before any other: the other side knows entries that the ledger does not hold."""


class Difference(NamedTuple):
    """Where two values differ first, as a dotted path, and what stands there on each side."""

    path: str
    ledger: JsonValue
    other: JsonValue


def every_difference(ledger: Any, other: Any, *, parts: bool = True) -> list[Difference]:
    """Every difference of two values as JSON holds them, depth first; what is on the other side alone is told part by part, or else whole."""
    return list(_differences(ledger, other, "", parts=parts))


def first_difference(ledger: Any, other: Any) -> Difference | None:
    """The first difference of two JSON values in the order of their keys; None if they are the same. What is on one side alone is told whole."""
    return next(_differences(ledger, other, "", parts=False), None)


def _differences(ledger: Any, other: Any, path: str, *, parts: bool) -> Iterator[Difference]:
    if parts and other and ledger == ABSENT and isinstance(other, dict):
        ledger = {}
    if isinstance(ledger, dict) and isinstance(other, dict):
        pairs = [(key, ledger.get(key, ABSENT), other.get(key, ABSENT)) for key in sorted({*ledger, *other})]
    elif isinstance(ledger, list) and isinstance(other, list):
        pairs = [(str(n), one, two) for n, (one, two) in enumerate(zip_longest(ledger, other, fillvalue=ABSENT))]
    else:
        if ledger != other:
            yield Difference(path or WHOLE, ledger, other)
        return
    for key, one, two in pairs:
        yield from _differences(one, two, f"{path}.{key}" if path else key, parts=parts)


def compare_cases(ledger: Case, other: Case) -> Difference | None:
    """The first difference of two states of a case; before any other, that the other one is ahead of the ledger."""
    if other.position > ledger.position:
        return Difference(POSITION, ledger.position, other.position)
    return first_difference(ledger.model_dump(mode="json"), other.model_dump(mode="json"))


def caught_up(held: Case, beyond: Sequence[Told]) -> Case:
    """The case as a workflow holds it, with entries beyond it of which it need not know yet: that the histories of its runs were kept changes nothing in it."""
    if not all(isinstance(event, RunKept) for _, events in beyond for event in events):
        return held
    for entry, events in beyond:
        held = advance(held, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
    return held


def compare_rows(
    ledger: Case,
    *,
    case: CaseRow | None,
    obligations: Sequence[ObligationRow],
    reviews: Sequence[ReviewRow],
    rights: Rights,
) -> Difference | None:
    """The first difference between the case and its rows of the read model (what is open in it); ahead is told first."""
    if case is not None and case.position > ledger.position:
        return Difference(POSITION, ledger.position, case.position)
    there = {**_stored(case, obligations, reviews), "rights": rights_stored(rights)}
    return first_difference({**_expected(ledger), "rights": rights_expected(ledger)}, there)


def _expected(case: Case) -> dict[str, Any]:
    overview = None
    if case.program is not None:
        overview = {
            "stream": case.stream, "program": case.program.program, "version": case.program.version,
            "phase": case.phase.phase, "entered_at": _iso(case.phase.entered_at), "support_level": case.contact.level,
            "lead": case.custody.lead, "position": case.position, "head": case.head,
            "opened_at": _iso(case.phase.opened_at), "closed_at": _iso(case.phase.closed_at),
            "next_wake": _iso(next_wake(case)), "updated_at": _iso(case.as_of),
            "deputy": None if case.custody.absence is None else case.custody.absence.deputy,
            **glance(case)._asdict(), "glance_position": case.position,
        }  # fmt: skip
    obligations = {o.key: _obligation(o) for o in case.obligations.values()}
    reviews: dict[str, Any] = {
        str(number): {
            "to": one.to, "panel": one.panel, "requested_by": one.requested_by, "requested_at": _iso(one.since),
            "votes": {person: vote.choice for person, vote in one.votes.items()}, "recused": sorted(one.recused),
        }
        for number, one in case.review.open.items()
    }  # fmt: skip
    return {"case": overview, "obligations": obligations, "reviews": reviews}


def _stored(row: CaseRow | None, obligations: Sequence[ObligationRow], reviews: Sequence[ReviewRow]) -> dict[str, Any]:
    overview = None
    if row is not None:
        overview = {name: value for name, value in row._asdict().items() if name != "head"} | {"head": row.head.hex()}
        overview = {name: _iso(value) if hasattr(value, "isoformat") else value for name, value in overview.items()}
    owed = {o.key: _obligation(o) for o in obligations if o.closed_at is None}
    panels: dict[str, Any] = {
        str(one.id): {
            "to": one.to_phase, "panel": one.panel, "requested_by": one.requested_by, "requested_at": _iso(one.requested_at),
            "votes": {vote.person: vote.choice for vote in one.votes}, "recused": sorted(one.recused),
        }
        for one in reviews
        if one.state == "open"
    }  # fmt: skip
    return {"case": overview, "obligations": owed, "reviews": panels}


def _obligation(o: Obligation | ObligationRow) -> dict[str, Any]:
    return {
        "kind": o.kind, "owner": o.owner, "holder": o.holder, "opened_at": _iso(o.opened_at), "due": _iso(o.due),
        "derivation": o.derivation, "outcome": o.outcome, "climbed": o.climbed, "silent": o.silent, "next_at": _iso(o.next_at),
    }  # fmt: skip


def _iso(instant: Any) -> str | None:
    """An instant as both sides write it: whoever read it from a row and whoever read it from JSON mean the same one."""
    return None if instant is None else instant.isoformat()
