"""The whole ledger checked: each stream by itself, and the log over all of them, against whatever an auditor brings along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from activities.store.cosigning import TRUSTS_NOBODY, Trusted
from activities.store.erasure import rightly
from activities.store.erasure_journal import Journal
from activities.store.keys import KeyRing
from activities.store.ledger import streams as all_streams
from activities.store.log import logged_streams, places
from activities.store.lost import keyless
from activities.store.pool import Connection
from activities.store.queries import caseload
from activities.store.signing import Verifier
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


async def check_ledger(
    connection: Connection,
    keyring: KeyRing | None,
    *,
    against: Against,
    only: str | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Checked:
    """Check every stream (or `only` this one) and the log; never raises for what it finds.

    Args:
        connection: to the ledger.
        keyring: opens each entry besides; None: the chains alone.
        against: what the auditor brings along.
        only: one stream.
        progress: told how many streams are done, and of how many.
    """
    # Before the ledger is read: a case that moves on meanwhile is ahead of its witness, never behind.
    rows = {row.stream: row for row in await caseload(connection, closed=True)}
    known = {*await all_streams(connection), *await logged_streams(connection), *rows, *against.receipts}
    wanted = sorted(known) if only is None else [only]
    erased, lost = await rightly(connection, against.journal), set(await keyless(connection))
    found = []
    for number, stream in enumerate(wanted, start=1):
        row = rows.get(stream)
        held = [] if row is None else [Witness(row.position, row.head.hex(), "the read model")]
        one = await verify_stream(
            connection, stream, keyring=keyring, tolerance=against.tolerance,
            witnesses=[*against.receipts.get(stream, ()), *held], places=await places(connection, stream), erased=stream in erased, lost=stream in lost,
        )  # fmt: skip
        found.append(one)
        progress(number, len(wanted))
    log = await check_log(connection, verifier=against.verifier, kept=against.kept, trusted=against.trusted)
    return Checked(found, log)
