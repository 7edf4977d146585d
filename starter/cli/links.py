"""The cumulative view: every case of a person that is linked to one of them, both ways."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, Store, entering, settle

if TYPE_CHECKING:
    from workflows.case.state import Case


@click.command()
@click.argument("case")
@entering
@click.pass_obj
def links(session: Session, case: str) -> None:
    """The cases that are linked to CASE, or may be: found from either side, confirmed or waiting for an answer, with how each of them ended."""
    settle(_links(session, case))


async def _links(session: Session, named: str) -> None:
    from activities.store.fold import fold
    from starter.cli.lookup import enter_case, log_list
    from starter.cli.show import line, say_json, short, table

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_links")
        case = await fold(store.connection, store.keyring, stream)
        known = await _both_ways(store, case)
        seen = await _seen(session, store, known)
        await log_list(session, store, seen, purpose="case_links")
        ends = await _ends(store, known, seen)
    if session.as_json:
        say_json({"case": stream, "links": [{"other": other, "stands": stands, **ends[other]} for other, stands in known.items()]})  # fmt: skip
        return
    rows = [(short(other), stands, *ends[other].values()) for other, stands in known.items()]
    table(("CASE", "LINK", "PHASE", "LEAD", "CLOSED", "CLOSED BY"), rows, empty="No other case is linked to this one.")
    confirmed = sum(stands == "confirmed" for stands in known.values())
    if confirmed:
        line(f"\nWith this one, {confirmed + 1} cases of one person.")


async def _both_ways(store: Store, case: Case) -> dict[str, str]:
    """Other case → how the link stands. An older case is not told in its own record: what links it is read from the newer ones."""
    from activities.store.fold import fold
    from activities.store.queries import caseload

    found = {one.other: f"possible ({number})" for number, one in case.link.open.items()}
    found |= dict.fromkeys(case.link.confirmed, "confirmed")
    for row in await caseload(store.connection, closed=True):
        if row.stream == case.stream or found.get(row.stream) == "confirmed":
            continue
        other = await fold(store.connection, store.keyring, row.stream)
        if case.stream in other.link.confirmed:
            found[row.stream] = "confirmed"
        elif any(one.other == case.stream for one in other.link.open.values()):
            found.setdefault(row.stream, "possible, from there")
    return found


async def _seen(session: Session, store: Store, known: dict[str, str]) -> list[str]:
    """Those of the other cases that whoever asks may look at; that the rest are linked is all that is said of them."""
    from starter.cli.lookup import require_look
    from workflows.core.refusal import Refused

    seen = []
    for other in known:
        with suppress(Refused):
            await require_look(session, store, other)
            seen.append(other)
    return seen


async def _ends(store: Store, known: dict[str, str], seen: list[str]) -> dict[str, dict[str, str]]:
    from activities.store.priors import priors
    from activities.store.queries import case_row

    ended = await priors(store.connection, store.keyring, seen)
    told = {}
    for other in known:
        row, end = (await case_row(store.connection, other), ended.get(other)) if other in seen else (None, None)
        closed = "" if end is None or end.closed_at is None else f"{end.closed_at:%Y-%m-%d} ({end.how})"
        told[other] = {
            "phase": row.phase if row else "", "lead": row.lead if row else "", "closed": closed,
            "closed_by": ", ".join(end.by) if end is not None and closed else "",
        }  # fmt: skip
    return told
