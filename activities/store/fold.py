"""From stored entries to a case: read, check the chain, open the seals, parse, evolve; in batches.

The one place in which a stream is folded. Restoring a run, auditing and rebuilding the read model all come here, so that there is one answer to
"what does the ledger say".
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from pydantic import ValidationError

from activities.store.keys import KeyRing, StreamKey
from activities.store.ledger import read_batches
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from workflows.case.state import Case, advance, parse_events
from workflows.core.entry import Entry, verify_chain
from workflows.core.kinds import Event

Told = tuple[Entry, tuple[Event, ...]]
"""An entry with the events that were sealed in it."""


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
    async for told in read_told(connection, keyring, stream, after=case, until=until):
        for entry, events in told:
            case = advance(case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
    return case


async def read_told(
    connection: Connection, keyring: KeyRing, stream: str, *, after: Case | None = None, until: datetime | None = None
) -> AsyncIterator[list[Told]]:
    """Entries with their events, verified, in batches and in order; arguments and errors as for `fold`."""
    position, prev = (0, bytes(32)) if after is None else (after.position, bytes.fromhex(after.head))
    async for entries in read_batches(connection, stream, after=position):
        wanted = entries if until is None else _until(entries, until)
        position, prev = verify_chain(wanted, prev=prev, position=position)
        if wanted:
            key = await keyring.stream_key(connection, stream)
            yield [(entry, open_entry(entry, key)) for entry in wanted]
        if len(wanted) < len(entries):
            return


def open_entry(entry: Entry, key: StreamKey) -> tuple[Event, ...]:
    """The events sealed in an entry.

    Raises:
        StoreRefused: the body was sealed for another place or with another key, or holds what this version does not know.
    """
    body = key.open(entry.body, stream=entry.stream, position=entry.position)
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
