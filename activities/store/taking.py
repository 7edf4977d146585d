"""Taking a case: how many others whoever is to take it has, and what the directory says of them once nobody else changes either."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from psycopg import AsyncRawCursor

from activities.store import staff
from activities.store.pool import Connection
from activities.store.statements import sql
from workflows.core.kinds import Actor


async def lock(connection: Connection, people: Iterable[str]) -> None:
    """Until the transaction ends nobody else gives one of these people a case, or ends their appointment."""
    for person in sorted(set(people)):
        await AsyncRawCursor(connection).execute(sql("caseload_lock"), (person,))


async def taking(connection: Connection, person: str, *, stream: str, at: datetime) -> tuple[Actor | None, int]:
    """The person as the directory knows them at `at`, and how many other open cases than `stream` they lead or stand in for; under their lock."""
    await lock(connection, [person])
    known = await staff.actor(connection, person, at)
    row = await (await AsyncRawCursor(connection).execute(sql("caseload_count"), (person, stream))).fetchone()
    return known, 0 if row is None else int(row[0])
