"""The whole ledger checked: each stream by itself, and the log over all of them, against whatever an auditor brings along."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from activities.store.cosigning import TRUSTS_NOBODY, Trusted
from activities.store.erasure import rightly
from activities.store.erasure_journal import Journal
from activities.store.keys import KeyRing
from activities.store.pool import Connection
from activities.store.queries import case_row
from activities.store.signing import Verifier
from activities.store.walk import Known, count_known_streams, known_streams
from starter.audit.chain import TOLERANCE, Verified, Witness, verify_stream
from starter.audit.log import LogFound, check_log


class Against(NamedTuple):
    """What an auditor brings along: the log's public key, checkpoints kept elsewhere, the witnesses that count, receipts by stream, the journal of erasures."""

    verifier: Verifier | None = None
    kept: Sequence[str] = ()
    trusted: Trusted = TRUSTS_NOBODY
    receipts: Mapping[str, Sequence[Witness]] = {}
    tolerance: timedelta = TOLERANCE
    journal: Journal | None = None


class Checked(NamedTuple):
    """What was found in each stream, and in the log."""

    streams: list[Verified]
    log: LogFound

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong anywhere."""
        return self.log.fault is None and all(one.fault is None for one in self.streams)


async def check_streams(
    connection: Connection,
    keyring: KeyRing | None,
    *,
    against: Against,
    only: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> AsyncIterator[Verified]:
    """Check every stream (or `only` this one) by itself, one after the other; never raises for what it finds. One that is broken hides no other.

    Nothing is held of a stream once it was told, so that the memory needed does not grow with the ledger.

    Args:
        connection: to the ledger.
        keyring: opens each entry besides; None: the chains alone.
        against: what the auditor brings along.
        only: one stream.
        progress: told how many streams are done, and of how many.
    """
    erased = await rightly(connection, against.journal)
    total = 1 if only is not None else await count_known_streams(connection)
    number, unseen = 0, set(against.receipts)
    async for known in _wanted(connection, only):
        number += 1
        unseen.discard(known.stream)
        yield await _verified(connection, keyring, known, against=against, erased=known.stream in erased)
        progress(number, max(number, total))
    # Somebody holds a receipt of a stream that nothing here knows of any more.
    for stream in sorted(unseen):
        yield await _verified(connection, keyring, Known(stream, None, None), against=against, erased=stream in erased)


async def _wanted(connection: Connection, only: str | None) -> AsyncIterator[Known]:
    if only is None:
        async for known in known_streams(connection):
            yield known
        return
    row = await case_row(connection, only)
    yield Known(only, None, None) if row is None else Known(only, row.position, row.head)


async def _verified(
    connection: Connection, keyring: KeyRing | None, known: Known, *, against: Against, erased: bool
) -> Verified:
    held = (
        []
        if known.position is None or known.head is None
        else [Witness(known.position, known.head.hex(), "the read model")]
    )
    found = await verify_stream(
        connection, known.stream, keyring=keyring, tolerance=against.tolerance,
        witnesses=[*against.receipts.get(known.stream, ()), *held], erased=erased,
    )  # fmt: skip
    if keyring is not None:
        # Each stream is visited once: its key is of no more use here.
        keyring.forget(known.stream)
    return found


async def check_ledger(connection: Connection, keyring: KeyRing | None, *, against: Against) -> Checked:
    """Check every stream and the log, and hold what was found in each; never raises for what it finds. Arguments as for `check_streams`."""
    found = [one async for one in check_streams(connection, keyring, against=against)]
    log = await check_log(connection, verifier=against.verifier, kept=against.kept, trusted=against.trusted)
    return Checked(found, log)
