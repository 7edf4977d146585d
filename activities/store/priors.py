"""What the ledgers of linked cases say of their ends."""

from __future__ import annotations

from collections.abc import Iterable

from activities.store.fold import read_told
from activities.store.keys import KeyRing, RecordErased
from activities.store.pool import Connection
from workflows.case.adverse import AdverseActDecided
from workflows.case.custody_form import LeadAssigned
from workflows.case.link import Prior
from workflows.case.phase import CaseClosed, CaseReentered, PhaseEntered
from workflows.case.review import ReviewDecided


async def priors(connection: Connection, keyring: KeyRing, streams: Iterable[str]) -> dict[str, Prior]:
    """Stream → when and how it was closed, and by whom: everybody who led it, and those who voted for its closing.

    A case that is open has its leads alone. Read whole, so this is for commands that need it; a stream without entries, or whose record was erased, is left out.

    Raises:
        StoreRefused: a stream's key is gone, or is another one.
    """
    found = {}
    for stream in dict.fromkeys(streams):
        try:
            prior = await _prior(connection, keyring, stream)
        except RecordErased:
            # What was erased bars nobody: who led and closed it is not known any more.
            continue
        if prior is not None:
            found[stream] = prior
    return found


async def _prior(connection: Connection, keyring: KeyRing, stream: str) -> Prior | None:
    leads: dict[str, None] = {}
    approved: dict[int, tuple[str, ...]] = {}
    upheld: dict[int, tuple[str, ...]] = {}
    entered: PhaseEntered | None = None
    end: Prior | None = None
    async for told in read_told(connection, keyring, stream):
        for entry, events in told:
            for event in events:
                match event:
                    case LeadAssigned():
                        leads[event.person] = None
                    case ReviewDecided():
                        approved[event.review] = event.approved_by
                    case AdverseActDecided():
                        upheld[event.act] = event.uphold
                    case PhaseEntered():
                        entered = event
                    case CaseReentered():
                        end = None
                    case CaseClosed() if entered is not None:
                        by = (*approved.get(entered.review or 0, ()), *upheld.get(entered.act or 0, ()))
                        end = Prior(closed_at=entry.at, how=entered.kind, by=tuple(dict.fromkeys(by)))
                    case _:
                        continue
    if not leads:
        return None
    known = end or Prior()
    return known.model_copy(update={"by": tuple(dict.fromkeys((*leads, *known.by)))})
