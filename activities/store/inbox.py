"""The channel `inbox`: messages that wait in Postgres for whoever they are for. Codes and references only, never content of a case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from activities.store.pool import Connection
from activities.store.statements import sql


class Message(NamedTuple):
    """A message: about which stream, the delivery's key, for whom, which template with which codes, where to act, since when,
    and when the person put it aside (None: still to be seen to).
    """

    stream: str
    key: str
    person: str
    template: str
    params: dict[str, str]
    link: str
    put_at: datetime
    done_at: datetime | None = None


async def put(
    connection: Connection,
    *,
    stream: str,
    key: str,
    person: str,
    template: str,
    params: Mapping[str, str | int],
    link: str,
) -> bool:
    """Put a message into the inbox of `person`; True if it was not there yet.

    A second run with the same stream, key and person changes nothing and gives False.
    """
    codes = {name: str(value) for name, value in params.items()}
    cursor = AsyncRawCursor(connection)
    await cursor.execute(sql("inbox_put"), (stream, key, person, template, Jsonb(codes), link))
    return await cursor.fetchone() is not None


async def read_inbox(connection: Connection, person: str, *, everything: bool = False) -> list[Message]:
    """The messages of `person` that are not put aside, or all of them, oldest first. Reading changes nothing."""
    rows = await (await AsyncRawCursor(connection).execute(sql("inbox_read"), (person, everything))).fetchall()
    return [Message(*row) for row in rows]


async def put_aside(connection: Connection, person: str, messages: Sequence[Message]) -> int:
    """Put these messages of `person` aside; how many were not yet. A second run changes nothing."""
    named = ([message.stream for message in messages], [message.key for message in messages])
    cursor = AsyncRawCursor(connection)
    await cursor.execute(sql("inbox_done"), (person, *named))
    return len(await cursor.fetchall())
