"""Where a case stands elsewhere than in the ledger: in its workflow, at the end of Temporal's history, in the read model; and where that differs first."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from activities.store.keys import KeyRing
    from activities.store.pool import Connection
    from starter.audit.compare import Difference
    from starter.client import Client
    from workflows.case.state import Case

_ATTEMPTS = 5
_AGAIN_SECONDS = 0.2


class Beside(NamedTuple):
    """What a comparison needs: the keys, the way to Temporal (None: it is left out), and whether histories are replayed."""

    keyring: KeyRing
    client: Client | None
    history: bool

    def silent(self, error: Exception) -> bool:
        """Whether it says that nobody answered for a workflow."""
        if self.client is None:
            return False
        from starter.client import LedgerUnavailable

        return isinstance(error, LedgerUnavailable)


class _Elsewhere(NamedTuple):
    """What is held in Temporal: by others' names, the case there (None: nothing is), or what is wrong with it."""

    cases: dict[str, Case | None]
    wrong: dict[str, str]

    def behind(self, ledger: Case) -> bool:
        """Whether one of them has not come as far as the ledger: it may be on its way."""
        return any(case is not None and case.position < ledger.position for case in self.cases.values())


async def differences(connection: Connection, beside: Beside, stream: str) -> dict[str, Difference | None]:
    """The first difference of each from the ledger's fold: `workflow` and `history` (unless left out), and `read model`.

    Raises:
        LedgerUnavailable: no worker answered.
        BrokenChain, StoreRefused: the ledger itself cannot be read.
    """
    found: dict[str, Difference | None] = {}
    for _ in range(_ATTEMPTS):
        held = await _elsewhere(beside, stream)
        case, shown = await _recorded(connection, beside.keyring, stream)
        held = await _caught_up(connection, beside.keyring, held)
        found = {**_against(case, held), "read model": shown}
        if not held.behind(case):
            return found
        # The case moved on between the two readings: read again.
        await asyncio.sleep(_AGAIN_SECONDS)
    return found


async def _caught_up(connection: Connection, keyring: KeyRing, held: _Elsewhere) -> _Elsewhere:
    """The same, with what the ledger holds beyond, where nobody needs to know of it yet; not where the ledger's own past is not what is held."""
    from activities.store.fold import read_told
    from starter.audit.compare import caught_up
    from workflows.core.entry import BrokenChain

    cases = dict(held.cases)
    for other, case in held.cases.items():
        if case is not None and case.position:
            with suppress(BrokenChain):
                beyond = [
                    one async for batch in read_told(connection, keyring, case.stream, after=case) for one in batch
                ]
                cases[other] = caught_up(case, beyond)
    return held._replace(cases=cases)


async def _recorded(connection: Connection, keyring: KeyRing, stream: str) -> tuple[Case, Difference | None]:
    """The case by the ledger, and where the read model differs from it: both of one instant."""
    from activities.store import queries, rights
    from activities.store.fold import fold
    from starter.audit.compare import compare_rows

    async with connection.transaction():
        # One snapshot for the ledger and for what was made of it.
        await connection.execute(b"SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        case = await fold(connection, keyring, stream)
        row = await queries.case_row(connection, stream)
        owed = await queries.obligations(connection, stream)
        panels = await queries.reviews(connection, stream=stream)
        held = await rights.everything(connection, stream)
    return case, compare_rows(case, case=row, obligations=owed, reviews=panels, rights=held)


def _against(case: Case, held: _Elsewhere) -> dict[str, Difference | None]:
    from starter.audit.compare import ABSENT, WHOLE, Difference, compare_cases

    found: dict[str, Difference | None] = {}
    for other, there in held.cases.items():
        if other in held.wrong:
            found[other] = Difference(WHOLE, f"position {case.position}", held.wrong[other])
        elif there is not None:
            found[other] = compare_cases(case, there)
        else:
            # Temporal forgets in time what is over; what is not over must be there.
            found[other] = None if case.finished else Difference(WHOLE, f"position {case.position}", ABSENT)
    return found


async def _elsewhere(beside: Beside, stream: str) -> _Elsewhere:
    if beside.client is None:
        return _Elsewhere({}, {})
    from starter.client import CaseUnknown, LedgerFork
    from starter.replaying import replayed_end

    cases: dict[str, Case | None] = {}
    wrong: dict[str, str] = {}
    try:
        cases["workflow"] = await beside.client.state(stream)
    except LedgerFork as fork:
        cases["workflow"], wrong["workflow"] = None, fork.what
    except CaseUnknown:
        cases["workflow"] = None  # Whether it should be there, the ledger says.
    if beside.history:
        cases["history"] = None
        try:
            cases["history"], fault = await replayed_end(beside.client, stream)
        except CaseUnknown:
            return _Elsewhere(cases, wrong)
        if fault:
            wrong["history"] = fault
        elif cases["history"] is None and "workflow" in wrong:
            del cases["history"]  # It replays, and ends where the workflow says why it is stopped.
    return _Elsewhere(cases, wrong)
