"""How much is overdue at this moment, and what should be at work, for whoever watches over the service."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor
from psycopg.rows import args_row

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


class Awaited(NamedTuple):
    """A case in which something may still happen: by itself at `wake`, if at all; `late` if that is longer ago than it may be; `over` if perhaps nothing will."""

    stream: str
    wake: datetime | None
    late: bool
    over: bool


async def runs_awaited(connection: Connection, *, late_seconds: float) -> list[Awaited]:
    """The cases each of which must have a run that goes on, the most overdue first. One whose key is gone, or whose erasure is decided, is not among them."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(Awaited))
    await cursor.execute(sql("runs_awaited"), (late_seconds,))
    return await cursor.fetchall()
