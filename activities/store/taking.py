"""Taking a case: how many others whoever is to take it has, once nobody else changes that."""

from __future__ import annotations

from collections.abc import Iterable

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.statements import sql


async def lock(connection: Connection, people: Iterable[str]) -> None:
    """Until the transaction ends nobody else gives one of these people a case, or ends their appointment."""
    for person in sorted(set(people)):
        await AsyncRawCursor(connection).execute(sql("caseload_lock"), (person,))


async def other_cases(connection: Connection, person: str, *, stream: str) -> int:
    """How many other open cases than `stream` they lead or stand in for; under their lock."""
    row = await (await AsyncRawCursor(connection).execute(sql("caseload_count"), (person, stream))).fetchone()
    return 0 if row is None else int(row[0])
