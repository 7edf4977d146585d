"""Folding a stream: read, verify the chain, open, parse, evolve. What a case is, is what this gives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from activities.store.keys import KeyRing
from activities.store.ledger import read_batches
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from workflows.case.state import Case, advance, parse_events
from workflows.core.entry import BrokenChain, Entry, verify
from workflows.core.kinds import Event


class Step(NamedTuple):
    """One entry of a fold: the entry, its events, and the case before and after it."""

    entry: Entry
    events: tuple[Event, ...]
    before: Case
    after: Case


async def steps(connection: Connection, keyring: KeyRing, case: Case) -> AsyncIterator[Step]:
    """Every entry of the case's stream behind `case.position`, each verified against the one before, opened and taken.

    Raises:
        StoreRefused: an entry does not follow the one before it, was changed, or cannot be opened.
    """
    key = None
    async for batch in read_batches(connection, case.stream, after=case.position):
        key = key or await keyring.stream_key(connection, case.stream)
        prev = bytes.fromhex(case.head)
        for entry in batch:
            try:
                verify(entry, prev=prev, position=case.position + 1)
            except BrokenChain as error:
                cure = "Run `offramp audit verify`, and restore the ledger from a backup that verifies."
                raise StoreRefused(f"the ledger was changed: {error}", cure) from error
            events = parse_events(key.open(entry.body, stream=entry.stream, position=entry.position))
            before, prev = case, entry.hash
            case = advance(before, position=entry.position, head=prev.hex(), events=events, at=entry.at)
            yield Step(entry, events, before, case)


async def fold(connection: Connection, keyring: KeyRing, case: Case) -> Case:
    """The case with every later entry of its stream taken (give `Case(stream=...)` to fold it whole).

    Raises:
        StoreRefused: as `steps`.
    """
    async for step in steps(connection, keyring, case):
        case = step.after
    return case
