"""The runs of a case: which there must have been, which are kept, and whether each is the one whose digest stands in the ledger.

What is kept and what Temporal still holds are two witnesses of the same runs; the ledger names the digests of those that were kept. That a run is missing
altogether shows in its neighbors, which name it, and in entries that were recorded when no known run was at work.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple

from activities.store.fold import Told
from activities.store.refused import StoreRefused
from activities.store.run_history import RUNNING, RunHistory, read_history
from activities.store.runs import SealedRun
from activities.store.stream_key import StreamKey
from starter.audit.words import counted
from workflows.case.run import RunKept
from workflows.core.kinds import SYSTEM_ACTORS

APART = timedelta(seconds=30)
"""By how much the clocks of Temporal and of a worker may differ unremarked."""
_SHOWN = 8


class Run(NamedTuple):
    """A run that is known of. `kept` and `held`: whether the store and Temporal have its history; `position`: of the entry that names its digest (0: none).

    `text` is its history where it can be read, and `told` what that says.
    """

    run_id: str
    kept: bool
    held: bool
    position: int
    text: bytes | None
    told: RunHistory | None

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.told is not None and self.told.status == RUNNING


class Found(NamedTuple):
    """The runs of a case in the order in which they began, what is wrong with them, and what is merely not done yet."""

    runs: list[Run]
    faults: list[str]
    waiting: list[str]


def examine(told: Sequence[Told], kept: Sequence[SealedRun], held: Mapping[str, bytes], *, key: StreamKey) -> Found:
    """What can be said of the runs of a case.

    Args:
        told: all entries of its stream, verified, with their events.
        kept: the runs whose histories are kept.
        held: the histories that Temporal still holds, by run id.
        key: of the stream.
    """
    named = {event.run_id: (entry.position, event) for entry, events in told for event in events if isinstance(event, RunKept)}  # fmt: skip
    stored = {one.run.run_id: one for one in kept}
    runs, faults = [], []
    for run_id in dict.fromkeys((*named, *stored, *held)):
        position, event = named.get(run_id, (0, None))
        found = Run(run_id, run_id in stored, run_id in held, position, None, None)
        try:
            text = stored[run_id].open(key) if run_id in stored else held.get(run_id)
            found = found if text is None else found._replace(text=text, told=read_history(text))
        except StoreRefused as refused:
            faults.append(f"run {run_id[:_SHOWN]}: {refused.what}")
        runs.append(found)
        faults += [f"run {run_id[:_SHOWN]}: {what}" for what in _faults(found, stored.get(run_id), event, held.get(run_id))]  # fmt: skip
    runs.sort(key=lambda one: (one.told is None, one.told[2:4] if one.told else (), one.run_id))
    return Found(runs, [*faults, *_gaps(runs), *_unaccounted(told, runs)], [*_waiting(runs)])


def _waiting(runs: Sequence[Run]) -> Iterator[str]:
    for one in runs:
        if one.told is not None and not one.running and not one.position:
            what = "its digest does not stand in the ledger yet" if one.kept else "it is not kept yet"
            yield f"run {one.run_id[:_SHOWN]} has ended, and {what}"


def _faults(found: Run, stored: SealedRun | None, event: RunKept | None, held: bytes | None) -> list[str]:
    """What the ledger, the store and Temporal say against each other about one run."""
    faults = []
    if event is not None and stored is None:
        where = ", though Temporal still holds it" if held is not None else ""
        faults.append(f"position {found.position} says that its history is kept, and it is not there{where}")
    if found.text is not None and event is not None and _digest(found.text) != event.sha256:
        faults.append(f"its history is not the one whose digest stands at position {found.position}: it was changed")
    elif stored is not None and found.text is not None and _digest(found.text) != stored.run.sha256.hex():
        faults.append("its history is not the one of which the digest was kept: it was changed")
    if stored is not None and found.told is not None and stored.run[2:6] != found.told[:4]:
        faults.append("the columns beside its history do not say what it says: they were changed")
    if stored is not None and found.told is not None and found.running:
        faults.append("what is kept as its history is that of a run that has not ended")
    if stored is not None and event is None and stored.run.settled_at is not None:
        faults.append("it is kept as one whose digest stands in the ledger, and no entry names it")
    # By what it says of itself: another version of the engine may write the same history in other words.
    if stored is not None and held is not None and found.told is not None and found.told != read_history(held):
        faults.append("what is kept and what Temporal holds of it are not the same")
    return faults


def _gaps(runs: Sequence[Run]) -> list[str]:
    """Runs that others name, and that are nowhere to be had."""
    known = {one.run_id for one in runs if one.text is not None}
    missing: dict[str, str] = {}
    for one in runs:
        if one.told is None:
            continue
        by = (
            (one.told.continues, "went on as"),
            (one.told.goes_on, "followed on"),
            (one.told.first, "was the first before"),
        )
        for run_id, how in by:
            if run_id and run_id not in known:
                missing.setdefault(run_id, f"{how} run {one.run_id[:_SHOWN]}")
    return [f"run {run_id[:_SHOWN]}, which {how}, is missing: neither kept nor held by Temporal" for run_id, how in missing.items()]  # fmt: skip


def _unaccounted(told: Sequence[Told], runs: Sequence[Run]) -> list[str]:
    """Entries that were recorded when no known run was at work; what the engine records beside runs is none of them."""
    spans = [(one.told.began - APART, None if one.running else one.told.ended + APART) for one in runs if one.told]  # fmt: skip
    alone = [
        entry
        for entry, events in told
        if not (entry.actor in SYSTEM_ACTORS and any(isinstance(event, RunKept) for event in events))
        and not any(begin <= entry.at and (end is None or entry.at <= end) for begin, end in spans)
    ]
    if not alone:
        return []
    first, last = alone[0], alone[-1]
    where = f"position {first.position}" if len(alone) == 1 else f"positions {first.position} to {last.position}"
    when, what = f"{first.at:%Y-%m-%d} to {last.at:%Y-%m-%d}", counted(len(alone), "entry was", "entries were")
    return [f"{what} recorded when no known run was at work ({where}, {when}): the history of a run is lost"]


def _digest(text: bytes) -> str:
    return sha256(text).hexdigest()
