"""From stored entries to a case: read, check the chain, open the seals, parse, evolve; in batches.

The one place in which a stream is folded. Restoring a run, auditing and rebuilding the read model all come here, so that there is one answer to
"what does the ledger say".
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import datetime

from pydantic import ValidationError

from activities.store.keys import KeyRing, StreamKey
from activities.store.ledger import BATCH, read_batches
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from workflows.case.state import Case, Folding, parse_events
from workflows.core.entry import GENESIS, Entry, verify_chain
from workflows.core.kinds import Event

AT_ONCE = 500
"""Entries that a fold reads at once: about half a megabyte, which a socket holds while the batch before is folded."""
Told = tuple[Entry, tuple[Event, ...]]
"""An entry with the events that were sealed in it."""
_Batch = tuple[list[Entry], StreamKey]


async def fold(
    connection: Connection, keyring: KeyRing, stream: str, *, after: Case | None = None, until: datetime | None = None
) -> Case:
    """The case as its entries tell it; at position 0 and not opened if there are none.

    Args:
        connection: to the ledger.
        keyring: opens the stream's key.
        stream: the case's stream.
        after: the case as far as it is known; only entries behind its position are read, and the first must follow its head.
        until: leave out the first entry whose `at` is later than this, and all behind it.

    Raises:
        BrokenChain: an entry is missing, was changed, or does not follow the one before it.
        StoreRefused: the key is gone or is another one, or an entry holds an event that this version does not know.
    """
    case = Case(stream=stream) if after is None else after
    folding, last = Folding(case), None
    async with aclosing(
        _ahead(_verified(connection, keyring, stream, after=case, until=until, size=AT_ONCE))
    ) as batches:
        async for entries, key in batches:
            # One at a time and let go at once: holding a batch of parsed events costs more than parsing them.
            for entry in entries:
                folding.add(open_entry(entry, key), entry.at)
            last = entries[-1]
    return case if last is None else folding.case(position=last.position, head=last.hash.hex(), as_of=last.at)


async def _ahead(batches: AsyncGenerator[_Batch, None]) -> AsyncGenerator[_Batch, None]:
    """The same batches, the next being asked for before one is worked on: the server fetches while this process folds."""
    coming = asyncio.ensure_future(anext(batches, None))
    try:
        while (batch := await coming) is not None:
            coming = asyncio.ensure_future(anext(batches, None))
            await asyncio.sleep(0)
            yield batch
    finally:
        # Whoever stops early leaves the connection with no answer on its way.
        await asyncio.wait([coming])
        if not coming.cancelled():
            coming.exception()
        await batches.aclose()


async def read_told(
    connection: Connection, keyring: KeyRing, stream: str, *, after: Case | None = None, until: datetime | None = None
) -> AsyncIterator[list[Told]]:
    """Entries with their events, verified, in batches and in order; arguments and errors as for `fold`."""
    async for entries, key in _verified(connection, keyring, stream, after=after, until=until):
        yield [(entry, open_entry(entry, key)) for entry in entries]


async def _verified(
    connection: Connection,
    keyring: KeyRing,
    stream: str,
    *,
    after: Case | None,
    until: datetime | None,
    size: int = BATCH,
) -> AsyncGenerator[_Batch, None]:
    """Entries whose place in the chain was checked, in batches none of which is empty, and what opens them."""
    position, prev = (0, GENESIS) if after is None else (after.position, bytes.fromhex(after.head))
    async for entries in read_batches(connection, stream, after=position, size=size):
        wanted = entries if until is None else _until(entries, until)
        position, prev = verify_chain(wanted, prev=prev, position=position)
        if wanted:
            yield wanted, await keyring.stream_key(connection, stream)
        if len(wanted) < len(entries):
            return


def open_entry(entry: Entry, key: StreamKey) -> tuple[Event, ...]:
    """The events sealed in an entry.

    Raises:
        StoreRefused: the body was sealed for another place or with another key, or holds what this version does not know.
    """
    body = key.open(entry.body, position=entry.position)
    try:
        return parse_events(body)
    except ValidationError:
        # The error itself would quote the content.
        raise _unknown(entry) from None


def _until(entries: Sequence[Entry], until: datetime) -> list[Entry]:
    wanted = []
    for entry in entries:
        if entry.at > until:
            break
        wanted.append(entry)
    return wanted


def _unknown(entry: Entry) -> StoreRefused:
    return StoreRefused(
        f"{entry.stream} position {entry.position} ({entry.type}) holds an event that this version does not know",
        "Run the version of Offramp that recorded it, or a newer one.",
    )
