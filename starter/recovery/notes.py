"""Texts that entries refer to and that nobody holds any more: an entry is whole without them, and what was written is lost all the same."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import NamedTuple

from activities.store.escrow import Escrow
from activities.store.ledger import read
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import rows_of
from activities.store.stream_key import StreamKey
from activities.store.tail import Held
from workflows.core.entry import Entry

_NOTE = re.compile(rb"note:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


class LostNote(NamedTuple):
    """A note that the entry at a position refers to, and that is neither in the ledger's vault nor in the escrow."""

    stream: str
    position: int
    note: str


async def lost_notes(
    connection: Connection, keys: Mapping[str, StreamKey], append: Sequence[Held], escrow: Escrow | None
) -> list[LostNote]:
    """The notes that entries of these streams refer to, those to be put back included, and that nobody holds. Every entry is opened for that."""
    found: list[LostNote] = []
    for stream, key in sorted(keys.items()):
        there = {str(note) for _, note in await rows_of(connection, "escrow_note_ids", ([stream],))}
        if escrow is not None:
            there |= {str(line.held["note"]) for line in escrow.texts(stream) if line.kind == "note"}
        more = [one.entry for one in append if one.entry.stream == stream]
        async for entry in _entries(connection, stream, more):
            found += [LostNote(stream, entry.position, note) for note in _named(entry, key) if note not in there]
    return found


async def _entries(connection: Connection, stream: str, more: Sequence[Entry]) -> AsyncIterator[Entry]:
    async for entry in read(connection, stream):
        yield entry
    for entry in more:
        yield entry


def _named(entry: Entry, key: StreamKey) -> list[str]:
    try:
        body = key.open(entry.body, position=entry.position)
    except StoreRefused:
        # Verifying tells of it; nothing can be said here of what it refers to.
        return []
    return sorted({note.decode() for note in _NOTE.findall(body)})
