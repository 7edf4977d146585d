"""What a case says of the rights in it, and what its rows say: in the same words, so that the two can be compared."""

from __future__ import annotations

from typing import Any

from activities.store.rights import Rights
from activities.store.rights_rows import awaits, stage
from workflows.case.state import Case


def expected(case: Case) -> dict[str, Any]:
    """What is open in the case by its fold: acts, measures in force, disclosures asked for or made, pauses and holds, requests for access."""
    acts = {n: (one.kind, one.subject, one.hearing_until) for n, one in case.adverse.open.items()}
    acts |= {n: (one.kind, one.subject, one.window) for n, one in case.appeal.open.items()}
    under_way = {
        str(n): {"kind": kind, "subject": subject, "stage": stage(case, n), "awaits": awaits(case, n), "until": _iso(until)}
        for n, (kind, subject, until) in acts.items()
    }  # fmt: skip
    measures = {
        f"measure/{n}": {"content": one.content, "mode": one.mode, "began": _iso(one.begun), "until": _iso(one.until), "reviews": one.reviews}
        for n, one in case.measure.known.items()
        if one.begun is not None
    }  # fmt: skip
    measures |= {
        f"danger/{n}": {"content": one.content, "mode": "danger", "until": _iso(one.until)}
        for n, one in case.danger.open.items()
        if one.in_force
    }
    asked = {
        str(n): {"state": "requested", "partner": one.request.partner, "fields": list(one.request.fields)}
        for n, one in case.disclosure.pending.items()
    }
    made = {
        str(n): {"state": "made", "partner": one.partner, "fields": list(one.fields), "told": one.tell_from is None, "corrections": list(one.corrections)}
        for n, one in case.disclosure.made.items()
    }  # fmt: skip
    return {
        "acts": under_way, "measures": measures, "disclosures": {**asked, **made}, "holds": _held(case),
        "requests": {str(n): _iso(since) for n, since in case.access.open.items()},
    }  # fmt: skip


def _held(case: Case) -> dict[str, Any]:
    now = case.hold.current
    pause = {} if now is None else {f"pause/{now.number}": {"until": _iso(now.until), "began": _iso(now.began)}}
    return pause | {f"legal_hold/{n}": {"until": _iso(until)} for n, until in case.legal_hold.holds.items()}


def stored(rights: Rights) -> dict[str, Any]:
    """The same by the rows of the read model."""
    acts = {
        str(one.id): {
            "kind": one.kind, "subject": one.subject, "stage": one.stage, "awaits": one.awaits,
            "until": _iso(one.hearing_until if one.stage in {"proposed", "hearing"} else one.appeal_until),
        }
        for one in rights.acts
        if one.ended_at is None
    }  # fmt: skip
    measures: dict[str, Any] = {
        f"{one.source}/{one.id}": {"content": one.content, "mode": one.mode, "until": _iso(one.until)}
        | ({} if one.source == "danger" else {"began": _iso(one.began_at), "reviews": one.reviews})
        for one in rights.measures
        if one.ended_at is None
    }
    disclosures = {
        str(one.id): {"state": one.state, "partner": one.partner, "fields": list(one.fields)}
        | ({} if one.state == "requested" else {"told": one.told_at is not None, "corrections": one.corrections})
        for one in rights.disclosures
        if one.state in {"requested", "made"}
    }
    holds = {
        f"{one.source}/{one.id}": {"until": _iso(one.until)}
        | ({} if one.source == "legal_hold" else {"began": _iso(one.began_at)})
        for one in rights.holds
        if one.ended_at is None
    }
    requests = {str(one.id): _iso(one.requested_at) for one in rights.requests if one.answered_at is None}
    return {"acts": acts, "measures": measures, "disclosures": disclosures, "holds": holds, "requests": requests}


def _iso(instant: Any) -> str | None:
    return None if instant is None else instant.isoformat()
