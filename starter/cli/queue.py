"""For operators: what I owe, by due date."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, Store, person_option, reading, settle

if TYPE_CHECKING:
    from activities.store.queries import ObligationRow

_COLUMNS = ("DUE", "", "CASE", "WHAT", "WHO", "TOLD SO FAR")


@click.command()
@click.option("--role", "roles", multiple=True, help="What holders of this role owe; may be repeated.")
@click.option("--until", help="Only what is due by then: a date or an instant (UTC).")
@click.option("--all", "everything", is_flag=True, help="What anybody owes.")
@person_option
@reading
@click.pass_obj
def queue(session: Session, roles: tuple[str, ...], until: str | None, everything: bool) -> None:
    """What I owe, by due date: what is held by me, and what falls to a role of mine and is held by nobody."""
    if not everything and not roles:
        session.actor()
    settle(_queue(session, None if everything else roles, until))


async def _queue(session: Session, roles: tuple[str, ...] | None, until: str | None) -> None:
    from starter.cli.lookup import enter_cases, log_list
    from starter.cli.show import say_json, table

    async with session.store() as store:
        rows = await _owed(session, store, roles, until)
        if roles is None or roles:
            rows = await enter_cases(session, store, rows, purpose="queue")
        else:
            # What somebody owes they may know.
            await log_list(session, store, (row.stream for row in rows), purpose="queue")
        shown = await _shown(store, rows)
    if session.as_json:
        say_json(rows)
        return
    table(_COLUMNS, shown, empty="Nothing is owed.")


async def _owed(
    session: Session, store: Store, roles: tuple[str, ...] | None, until: str | None
) -> list[ObligationRow]:
    from activities.store import queries
    from activities.store.staff import actor
    from starter.cli.lookup import parse_instant

    by = None if until is None else parse_instant(until, UTC, option="--until", end_of_day=True)
    if roles is None:
        return await queries.owed(store.connection, until=by)
    if roles:
        return await queries.owed(store.connection, roles=roles, until=by)
    person = session.actor()
    known = await actor(store.connection, person, datetime.now(UTC))
    if known is None:
        raise click.UsageError(f"{person} holds no appointment now ('offramp staff list' shows who does).")
    return await queries.owed(store.connection, roles=known.roles, person=person, until=by)


async def _shown(store: Store, rows: list[ObligationRow]) -> list[tuple[str, ...]]:
    from starter.audit.words import Words
    from starter.cli.lookup import program_of_stream, until_text
    from starter.cli.show import short

    now, words = datetime.now(UTC), {}
    shown: list[tuple[str, ...]] = []
    for row in rows:
        if row.stream not in words:
            words[row.stream] = Words(await program_of_stream(store.connection, row.stream))
        named = words[row.stream]
        who = row.holder or named.name("role", row.owner)
        told = "" if row.climbed == 0 else f"{row.climbed}x"
        shown.append((named.when(row.due), until_text(row.due, now), short(row.stream), named.owed(row.key), who, told))
    return shown
