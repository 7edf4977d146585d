"""Histories of workflow runs that have ended, kept beyond Temporal's retention: compressed, and sealed under the key of their stream.

A row goes with the key of its stream and cannot be made without it: the database sees to both.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.rows import args_row

from activities.store.keys import StreamKey
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.run_history import read_history
from activities.store.statements import sql

MOST_BYTES = 256 * 1024**2
"""Longest history that is unpacked: Temporal itself ends a run at 50 MiB, which as JSON are some more."""


class KeptRun(NamedTuple):
    """A run whose history is kept; `sha256` is of the history itself, `settled_at` when that stood in the ledger and the case knew (None: not yet)."""

    stream: str
    run_id: str
    status: str
    events: int
    began: datetime
    ended: datetime
    sha256: bytes
    settled_at: datetime | None = None


class SealedRun(NamedTuple):
    """The same, with its history as it is stored."""

    run: KeptRun
    sealed: bytes

    def open(self, key: StreamKey) -> bytes:
        """The history as it was kept, whatever its digest is now.

        Raises:
            StoreRefused: it was sealed for another run or with another key, or was changed.
        """
        packed, unpacking = key.open_note(self.sealed, note=_place(self.run.run_id)), zlib.decompressobj()
        try:
            text = unpacking.decompress(packed, MOST_BYTES)
        except zlib.error:
            text = b""
        if not unpacking.eof:
            what = f"what is stored as the history of run {self.run.run_id} cannot be unpacked"
            raise StoreRefused(what, "Restore it from a backup.")
        return text


def seal_run(text: bytes, *, run_id: str, key: StreamKey) -> SealedRun:
    """A history as it is stored. It takes a while for a long one, and may be done in a thread.

    Raises:
        StoreRefused: it is no history.
    """
    told = read_history(text)
    run = KeptRun(key.stream, run_id, told.status, told.events, told.began, told.ended, sha256(text).digest())
    return SealedRun(run, key.seal_note(zlib.compress(text), note=_place(run_id)))


async def add(connection: Connection, kept: SealedRun) -> None:
    """Keep the run, unless it is kept already or the erasure of its record was approved.

    Raises:
        psycopg.errors.ForeignKeyViolation: the stream has no key (any more).
    """
    run = kept.run
    await AsyncRawCursor(connection).execute(sql("run_add"), (*run[:7], kept.sealed), binary=True)


async def to_keep(connection: Connection, ended: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of these runs (stream, run id) that are to be kept and are not yet; what belongs to another ledger, or is erased, is not."""
    streams, runs = zip(*ended, strict=True) if (ended := list(ended)) else ((), ())
    rows = await (await AsyncRawCursor(connection).execute(sql("runs_to_keep"), (list(streams), list(runs)))).fetchall()
    return {(stream, run_id) for stream, run_id in rows}


async def unsettled(connection: Connection) -> list[KeptRun]:
    """The kept runs whose digest may not stand in the ledger yet, or of which the case may not know."""
    cursor: AsyncRawCursor[KeptRun] = AsyncRawCursor(connection, row_factory=args_row(KeptRun))
    return await (await cursor.execute(sql("runs_unsettled"))).fetchall()


async def settle(connection: Connection, run: KeptRun) -> None:
    """Note that its digest stands in the ledger and that the case knows."""
    await AsyncRawCursor(connection).execute(sql("run_settled"), (run.stream, run.run_id))


async def runs_of(connection: Connection, stream: str) -> list[SealedRun]:
    """The runs of the stream that are kept, in the order in which they began."""
    rows: list[Any] = await (await AsyncRawCursor(connection).execute(sql("runs_of_stream"), (stream,), binary=True)).fetchall()  # fmt: skip
    return [SealedRun(KeptRun(*row[:8]), bytes(row[8])) for row in rows]


def _place(run_id: str) -> str:
    return f"run:{run_id}"
