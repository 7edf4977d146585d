"""Replay: a case from its entries alone, as far as wanted."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from activities.store.fold import Told, read_told
from activities.store.keys import KeyRing
from activities.store.pool import Connection
from workflows.case.state import Case, Folding


class Replayed(NamedTuple):
    """The case at the end of what was read, and every entry with its events."""

    case: Case
    told: list[Told]


async def replay(
    connection: Connection, keyring: KeyRing, stream: str, *, after: Case | None = None, until: datetime | None = None
) -> Replayed:
    """Read, verify, open and fold a stream, and keep what was read.

    Args:
        connection: to the ledger.
        keyring: opens the stream's key.
        stream: the case.
        after: continue from here; only later entries are read and kept.
        until: as things stood then: entries whose `at` is later are left out.

    Raises:
        BrokenChain: an entry is missing, was changed, or does not follow the one before it.
        StoreRefused: the key is gone or is another one, or an entry holds what this version does not know.
    """
    case = Case(stream=stream) if after is None else after
    folding, told = Folding(case), []
    async for batch in read_told(connection, keyring, stream, after=case, until=until):
        for entry, events in batch:
            folding.add(events, entry.at)
        told += batch
    if told:
        last = told[-1][0]
        case = folding.case(position=last.position, head=last.hash.hex(), as_of=last.at)
    return Replayed(case, told)
