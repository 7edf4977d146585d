"""How much is overdue at this moment, for whoever watches over the service."""

from __future__ import annotations

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.statements import sql


async def count_due(connection: Connection) -> dict[str, int]:
    """Open obligations past their due instant by this database's clock, by kind; kinds with none are absent."""
    rows = await (await AsyncRawCursor(connection).execute(sql("obligations_due"))).fetchall()
    return dict(rows)


async def count_orphans(connection: Connection) -> int:
    """Open obligations that nobody who is here owes, by this database's clock."""
    row = await (await AsyncRawCursor(connection).execute(sql("orphans_count"))).fetchone()
    return 0 if row is None else int(row[0])
