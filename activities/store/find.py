"""Finding streams by the beginning of their id, as people type it."""

from __future__ import annotations

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.statements import sql


async def find_streams(connection: Connection, prefix: str, *, limit: int = 5) -> list[str]:
    """The ids of streams that begin with `prefix`, in order, `limit` of them at most."""
    rows = await (await AsyncRawCursor(connection).execute(sql("streams_by_prefix"), (prefix, limit))).fetchall()
    return [stream for (stream,) in rows]
