"""Finding what people name: streams by the beginning of their id, and the answer that a command id already has."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.statements import sql


class Answered(NamedTuple):
    """What was asked under a command id: the answer's position, the command's stored type, who asked, and the answer's `at`."""

    position: int
    type: str
    actor: str
    at: datetime


async def find_streams(connection: Connection, prefix: str, *, limit: int = 5) -> list[str]:
    """The ids of streams that begin with `prefix`, in order, `limit` of them at most."""
    rows = await (await AsyncRawCursor(connection).execute(sql("streams_by_prefix"), (prefix, limit))).fetchall()
    return [stream for (stream,) in rows]


async def find_answer(connection: Connection, stream: str, command_id: str) -> Answered | None:
    """The answer that `command_id` has in `stream`; None if it was never used there."""
    row = await (await AsyncRawCursor(connection).execute(sql("entry_by_command"), (stream, command_id))).fetchone()
    return None if row is None else Answered(*row)
