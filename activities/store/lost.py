"""What a restored backup may lack that no checkpoint covers: entries of the escrow's tail, and keys. Looked at before anything is served."""

from __future__ import annotations

from psycopg import AsyncRawCursor

from activities.store.escrow import Escrow
from activities.store.kept import BEHIND
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import sql


async def require_tail(connection: Connection, escrow: Escrow) -> None:
    """Raise unless the ledger holds every entry that the escrow holds and no checkpoint covers.

    Raises:
        StoreRefused: entries are missing, or are others.
    """
    rows = {(row["stream"], int(row["position"])): str(row["hash"]) for row in escrow.tail()}
    wanted = ([stream for stream, _ in rows], [position for _, position in rows])
    found = await (await AsyncRawCursor(connection).execute(sql("escrow_entries"), wanted)).fetchall() if rows else []
    there = {(row["stream"], int(row["position"])): str(row["hash"]) for (row,) in found}
    missing = sum(there.get(place) != hashed for place, hashed in rows.items())
    if missing:
        streams = len({stream for stream, position in rows if there.get((stream, position)) != rows[stream, position]})
        what = (
            f"the escrow holds {missing} entries in {streams} streams that were recorded last and that the ledger lacks"
        )
        raise StoreRefused(what, BEHIND)


async def keyless(connection: Connection) -> list[str]:
    """The streams that have entries and no key, though nobody had them erased: their records cannot be read until the key is restored."""
    rows = await (await AsyncRawCursor(connection).execute(sql("keyless"))).fetchall()
    return [stream for (stream,) in rows]
