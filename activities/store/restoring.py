"""Putting back what a restored backup lacked: read what the ledger is, and write the planned tail in one transaction, as the owner of the tables.

After a crash at any point the whole can be run again: nothing is written, or all of it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from activities.store import erasure
from activities.store.escrow import Escrow, Row
from activities.store.fold import open_entry
from activities.store.log import last_checkpoint, reading, root_of, size
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import rows_of, sql
from activities.store.stream_key import StreamKey
from activities.store.tail import Plan, Standing, grown_root
from workflows.core.checkpoint import parse_checkpoint, parse_note
from workflows.core.entry import Entry
from workflows.core.merkle import edge

_AT_ONCE = 500


class Companions(NamedTuple):
    """What is put back beside entries: wrapped keys, readings, definitions, staff, and signed checkpoints."""

    keys: Sequence[Row] = ()
    accesses: Sequence[Row] = ()
    programs: Sequence[Row] = ()
    staff: Sequence[Row] = ()
    checkpoints: Sequence[str] = ()


class Restored(NamedTuple):
    """What was put back: entries by their source and stream as ranges of positions, how large the log was and is, and the streams that got a key."""

    entries: int
    told: dict[str, dict[str, list[tuple[int, int]]]]
    before: int
    after: int
    keys: list[str]


def as_entry(row: Row) -> Entry:
    """The entry in a row as JSON."""
    return Entry(
        stream=row["stream"], position=int(row["position"]), command_id=row["command_id"], type=row["type"],
        at=datetime.fromisoformat(row["at"]), recorded_at=datetime.fromisoformat(row["recorded_at"]), actor=row["actor"],
        body=as_bytes(row["body"]), prev=as_bytes(row["prev"]), hash=as_bytes(row["hash"]),
    )  # fmt: skip


def as_row(entry: Entry) -> Row:
    """The entry as a row in JSON."""
    hexed = {name: f"\\x{getattr(entry, name).hex()}" for name in ("body", "prev", "hash")}
    return {**entry._asdict(), "at": entry.at.isoformat(), "recorded_at": entry.recorded_at.isoformat(), **hexed}


def as_bytes(text: str) -> bytes:
    """Bytes as Postgres writes them in JSON."""
    return bytes.fromhex(text.removeprefix("\\x"))


async def standing(connection: Connection) -> Standing:
    """The ledger as it is now."""
    leaves = await size(connection)
    heads = await rows_of(connection, "stream_heads")
    waiting = [as_entry(row) for (row,) in await rows_of(connection, "restore_waiting")]
    return Standing(
        leaves,
        await reading(connection, edge(leaves)),
        {stream: (int(position), bytes(hashed)) for stream, position, hashed in heads},
        {(entry.stream, entry.position): entry for entry in waiting},
    )


async def restore(
    connection: Connection, found: Standing, planned: Plan, more: Companions, *, keys: Mapping[str, StreamKey], by: str
) -> Restored:
    """Write all of it in one transaction: exactly as it was recorded first, or not at all.

    Args:
        connection: of the owner's role, outside of a transaction.
        found: the ledger for which the plan was made.
        planned: what is to be put back.
        more: what belongs to it.
        keys: opens the entries of each stream, where it can be had: an erasure among them is carried out as it was then.
        by: who asked for it.

    Raises:
        StoreRefused: the ledger moved on meanwhile, or this is not the owner's role.
        psycopg.Error: the store fails; nothing was written then.
    """
    async with connection.transaction():
        await AsyncRawCursor(connection).execute(sql("log_lock"))
        await connection.execute(b"LOCK TABLE entry IN EXCLUSIVE MODE")
        now = await standing(connection)
        if (now.size, now.heads, now.waiting) != (found.size, found.heads, found.waiting):
            raise StoreRefused(
                "the ledger moved on while it was looked at", "Stop every worker, and run the same command again."
            )
        await AsyncRawCursor(connection).execute(sql("restore_say"))
        keyed = await _put(connection, "restore_keys", more.keys)
        await _put(connection, "restore_programs", more.programs)
        await _put(connection, "restore_staff", more.staff)
        await _put(connection, "restore_entries", [as_row(one.entry) for one in planned.append])
        await _place(connection, found, planned)
        await _checkpoints(connection, more.checkpoints, found.size + len(planned.leaves))
        await _erase(connection, planned, keys)
        await _put(connection, "restore_accesses", more.accesses)
        made = Restored(
            len(planned.append),
            _told(planned),
            found.size,
            found.size + len(planned.leaves),
            [stream for (stream,) in keyed],
        )
        if made.entries or made.keys or made.after > made.before:
            told = {"entries": made.told, "keys": made.keys}
            await AsyncRawCursor(connection).execute(sql("restoration_add"), (by, made.before, made.after, made.entries, Jsonb(told)))  # fmt: skip
    return made


async def restore_texts(connection: Connection, escrow: Escrow, streams: Iterable[str]) -> None:
    """Put back the notes, names and messages of these streams that are not there, as far as their keys are. A second run changes nothing."""
    for stream in streams:
        held: dict[str, list[Row]] = defaultdict(list)
        for line in escrow.texts(stream):
            held[line.kind].append(line.held)
        async with connection.transaction():
            await AsyncRawCursor(connection).execute(sql("restore_say"))
            for kind, statement in (("note", "restore_notes"), ("name", "restore_names"), ("message", "restore_messages")):  # fmt: skip
                await _put(connection, statement, held[kind])


async def _put(connection: Connection, statement: str, rows: Sequence[Row]) -> list[Any]:
    """Insert rows that stand as JSON; what the statement returns."""
    returned: list[Any] = []
    for first in range(0, len(rows), _AT_ONCE):
        cursor = await AsyncRawCursor(connection).execute(sql(statement), (Jsonb(rows[first : first + _AT_ONCE]),))
        returned += await cursor.fetchall() if cursor.description else []
    return returned


async def _place(connection: Connection, found: Standing, planned: Plan) -> None:
    if not planned.leaves:
        return
    _, fresh = grown_root(found, [leaf.hash for leaf in planned.leaves])
    nodes = ([level for level, _ in fresh], [index for _, index in fresh], list(fresh.values()))
    streams, positions = [leaf.stream for leaf in planned.leaves], [leaf.position for leaf in planned.leaves]
    leaves = list(range(found.size, found.size + len(planned.leaves)))
    await AsyncRawCursor(connection).execute(sql("log_grow"), nodes)
    await AsyncRawCursor(connection).execute(sql("log_put"), (streams, positions, leaves))
    await AsyncRawCursor(connection).execute(sql("restore_placed"), (streams, positions))


async def _checkpoints(connection: Connection, notes: Iterable[str], leaves: int) -> None:
    """Put back the signed checkpoints that the log goes on from; one of another history stays out."""
    last = await last_checkpoint(connection)
    for text in notes:
        one = parse_checkpoint(parse_note(text).text)
        newer = last is None or one.size > last.size
        if newer and one.size <= leaves and await root_of(connection, one.size) == one.root:
            await AsyncRawCursor(connection).execute(sql("restore_checkpoint"), (one.size, one.root, text))


async def _erase(connection: Connection, planned: Plan, keys: Mapping[str, StreamKey]) -> None:
    """Where two people had approved an erasure in what is put back: tombstone it and destroy its texts, as the entry's own transaction had done."""
    for one in planned.append:
        key = keys.get(one.entry.stream)
        if one.entry.type == "approve_erasure" and key is not None:
            events = open_entry(one.entry, key)
            await erasure.apply(connection, stream=one.entry.stream, position=one.entry.position, events=events, at=one.entry.at)  # fmt: skip


def _told(planned: Plan) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Source → stream → ranges of positions, both ends included."""
    told: dict[str, dict[str, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for one in planned.append:
        ranges = told[one.source][one.entry.stream]
        if ranges and ranges[-1][1] == one.entry.position - 1:
            ranges[-1] = (ranges[-1][0], one.entry.position)
        else:
            ranges.append((one.entry.position, one.entry.position))
    return {source: dict(streams) for source, streams in told.items()}
