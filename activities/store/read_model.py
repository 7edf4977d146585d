"""The read model: what the command line shows, kept in the transaction that appends, and rebuilt by the same functions.

Every row follows from the ledger alone (no clock is read), so `rebuild` yields what live maintenance yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from activities.store.fold import read_told
from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool, transaction
from activities.store.queries import CaseRow
from activities.store.refused import StoreRefused
from activities.store.rights_rows import TABLES, changes
from activities.store.statements import sql
from activities.store.walk import count_entries, streams_after
from workflows.case import review
from workflows.case.case import next_wake
from workflows.case.glance import glance
from workflows.case.state import Case, advance
from workflows.core.entry import BrokenChain, Entry
from workflows.core.kinds import Event
from workflows.core.obligation import (
    Obligation,
    ObligationClosed,
    ObligationEscalated,
    ObligationHandedOver,
    ObligationOpened,
    SilenceFell,
    evolve_obligation,
)
from workflows.core.pause import ObligationExtended, ObligationPaused, ObligationResumed, evolve_paused

_REVIEW_DUE = "review_decision/{}"
_VOTES = (review.ReviewRequested, review.VoteCast, review.ReviewerRecused)


async def apply(connection: Connection, *, before: Case, after: Case, entry: Entry, events: Sequence[Event]) -> None:
    """Bring the rows of the entry's case up to date; inside `pool.transaction` nothing is awaited here.

    Args:
        connection: in the transaction that appends `entry`.
        before: the case as of the entry before.
        after: the case with `entry` taken (`workflows.case.state.advance`).
        entry: the entry.
        events: its events.
    """
    row = overview(after, entry)
    if row is None:
        return  # A refused opening: there is no case.
    moved, opened = _obligations(before, entry, events)
    await AsyncRawCursor(connection).execute(sql("case_put"), (*row, Jsonb(moved), Jsonb(opened)))
    await _others(connection, before, after, entry=entry, events=events)


async def _others(connection: Connection, before: Case, after: Case, *, entry: Entry, events: Sequence[Event]) -> None:
    """What the entry changed in the rows about reviews and rights; arguments as for `apply`."""
    for parameters in _reviews(before, after, entry=entry, events=events):
        await AsyncRawCursor(connection).execute(sql("review_put"), parameters)
    for statement, parameters in changes(before, after, entry=entry, events=events):
        await AsyncRawCursor(connection).execute(sql(statement), parameters)


def overview(case: Case, entry: Entry) -> CaseRow | None:
    """The row that belongs to `case` as of its last `entry`; None if the case was never opened."""
    program, phase, lead = case.program, case.phase, case.custody.lead
    if program is None or phase.phase is None or phase.entered_at is None or phase.opened_at is None or lead is None:
        return None
    return CaseRow(
        stream=case.stream,
        program=program.program,
        version=program.version,
        phase=phase.phase,
        entered_at=phase.entered_at,
        support_level=case.contact.level,
        lead=lead,
        position=case.position,
        head=bytes.fromhex(case.head),
        opened_at=phase.opened_at,
        closed_at=phase.closed_at,
        next_wake=next_wake(case),
        updated_at=entry.at,
        deputy=None if case.custody.absence is None else case.custody.absence.deputy,
        **glance(case)._asdict(),
        glance_position=case.position,
    )


async def clear(connection: Connection, stream: str) -> None:
    """Take the stream's rows out of the read model."""
    for table in ("case_overview", "obligation", "review", *TABLES):
        await AsyncRawCursor(connection).execute(sql(f"{table}_clear"), (stream,))


class Unfolded(NamedTuple):
    """A stream that could not be made anew, and why; its rows are as they were."""

    stream: str
    what: str


class Rebuilt(NamedTuple):
    """How many entries of how many streams the read model follows from again, and which streams it does not follow from."""

    entries: int
    streams: int
    broken: tuple[Unfolded, ...]


async def catch_up(pool: Pool, keyring: KeyRing) -> list[str]:
    """Make the rows anew of every case whose rows do not follow from the last entry of its stream; which those are. A second run changes nothing.

    Raises:
        BrokenChain: an entry is missing, was changed, or does not follow the one before it; its stream keeps its rows.
        StoreRefused: an entry cannot be opened; its stream keeps its rows.
    """
    async with pool.connection() as connection:
        rows = await (await AsyncRawCursor(connection).execute(sql("overview_behind"))).fetchall()
    for (stream,) in rows:
        await _anew(pool, keyring, stream)
    return [stream for (stream,) in rows]


async def rebuild(pool: Pool, keyring: KeyRing, *, progress: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Fold the whole ledger into the read model again, stream by stream. One that is broken keeps its rows, is named, and stops no other.

    Streams stay usable: each is locked only while its own rows are made anew. A second run yields the same rows.

    Args:
        pool: of the application's role.
        keyring: to open the entries.
        progress: called with entries done and entries in all.
    """
    async with pool.connection() as connection:
        total, batch = await count_entries(connection), await streams_after(connection, "")
    entries, streams, broken = 0, 0, []
    while batch:
        for stream, erased in batch:
            if erased:
                continue  # What was erased cannot be folded, and has no rows.
            try:
                entries += await _anew(pool, keyring, stream)
                streams += 1
            except BrokenChain as fault:
                broken.append(Unfolded(stream, f"position {fault.position}: {fault.what}"))
            except StoreRefused as refused:
                broken.append(Unfolded(stream, refused.what))
            keyring.forget(stream)
            if progress is not None:
                progress(entries, max(entries, total))
        async with pool.connection() as connection:
            batch = await streams_after(connection, batch[-1].stream)
    return Rebuilt(entries, streams, tuple(broken))


async def _anew(pool: Pool, keyring: KeyRing, stream: str) -> int:
    """Make the rows of one stream anew in one transaction; how many entries it has."""
    async with transaction(pool) as connection:
        await AsyncRawCursor(connection).execute(sql("stream_lock"), (stream,))
        await clear(connection, stream)
        case, rows, entry = Case(stream=stream), _Owed(stream), None
        async for told in read_told(connection, keyring, stream):
            for entry, events in told:
                after = advance(case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
                rows.take(entry, *_obligations(case, entry, events))
                await _others(connection, case, after, entry=entry, events=events)
                case = after
            await rows.put(connection)
        row = None if entry is None else overview(case, entry)
        if row is not None:
            await rows.put(connection, all_of_them=True)
            await AsyncRawCursor(connection).execute(sql("case_put"), (*row, Jsonb([]), Jsonb([])))
    return case.position


class _Owed:
    """The rows of what was owed in a stream while it is made anew: an obligation is written once, as it stands when it can change no more."""

    def __init__(self, stream: str) -> None:
        self._stream = stream
        self._open: dict[str, list[_Json]] = {}
        self._closed: list[_Json] = []

    def take(self, entry: Entry, moved: Sequence[_Json], opened: Sequence[_Json]) -> None:
        """Take in what an entry moved, closed and opened, as `case_put` does."""
        for one in moved:
            for row in self._open.get(str(one["key"]), ()):
                row.update(one)
            if one.get("closed_at") is not None:
                self._closed += self._open.pop(str(one["key"]), [])
        for one in opened:
            self._open.setdefault(str(one["key"]), []).append({**one, "position": entry.position})

    async def put(self, connection: Connection, *, all_of_them: bool = False) -> None:
        """Write what is closed, and at the end what is open too."""
        rows = self._closed + [row for rows in self._open.values() for row in rows] if all_of_them else self._closed
        if rows:
            await AsyncRawCursor(connection).execute(sql("obligation_load"), (self._stream, Jsonb(rows)))
        self._closed = []


_Json = dict[str, str | int | bool | None]


def _obligations(before: Case, entry: Entry, events: Sequence[Event]) -> tuple[list[_Json], list[_Json]]:
    """What the entry moved or closed, and what it opened: one row for each obligation, however many events speak of it."""
    current = dict(before.obligations)
    moved: dict[str, _Json] = {}
    opened: set[str] = set()
    for event in events:
        match event:
            case ObligationOpened(obligation=obligation):
                current[obligation.key] = obligation
                opened.add(obligation.key)
            case ObligationEscalated() | SilenceFell() | ObligationHandedOver() if event.key in current:
                current[event.key] = evolve_obligation(current[event.key], event)
                if event.key not in opened:
                    moved[event.key] = _movable(current[event.key])
            case ObligationPaused() | ObligationResumed() | ObligationExtended() if event.key in current:
                current[event.key] = evolve_paused(current[event.key], event, entry.at)
                if event.key not in opened:
                    moved[event.key] = _movable(current[event.key])
            case ObligationClosed() if event.key in current:
                ending = {"next_at": None, "closed_at": entry.at.isoformat(), "how": event.how}
                moved[event.key] = {**_movable(current.pop(event.key)), **ending, "late_seconds": event.late_seconds}
            case _:
                continue
    return list(moved.values()), [_whole(current[key]) for key in sorted(opened & current.keys())]


def _movable(one: Obligation) -> _Json:
    next_at = None if one.next_at is None else one.next_at.isoformat()
    due = {"due": one.due.isoformat(), "derivation": one.derivation}
    return {
        "key": one.key,
        "owner": one.owner,
        "holder": one.holder,
        "climbed": one.climbed,
        "silent": one.silent,
        "next_at": next_at,
        **due,
    }


def _whole(one: Obligation) -> _Json:
    who = {"kind": one.kind, "outcome": one.outcome}
    return {**_movable(one), **who, "opened_at": one.opened_at.isoformat()}


def _reviews(before: Case, after: Case, *, entry: Entry, events: Sequence[Event]) -> list[tuple[Any, ...]]:
    """One row for each review that the entry opened, voted on, decided or superseded."""
    state = before.review
    touched: dict[int, review.OpenReview] = {}
    decided: dict[int, str] = {}
    for event in events:
        if isinstance(event, review.ReviewDecided | review.ReviewSuperseded):
            decided[event.review] = event.outcome if isinstance(event, review.ReviewDecided) else "superseded"
            if event.review in state.open:
                touched[event.review] = state.open[event.review]
        elif isinstance(event, _VOTES):
            state = review.evolve(state, event, entry.at)
            if event.review in state.open:
                touched[event.review] = state.open[event.review]
    return [_review(number, one, decided.get(number), entry=entry, case=after) for number, one in touched.items()]


def _review(number: int, one: review.OpenReview, outcome: str | None, *, entry: Entry, case: Case) -> tuple[Any, ...]:
    owed = case.obligations.get(_REVIEW_DUE.format(number))
    votes = [{"person": person, **vote.model_dump(mode="json")} for person, vote in one.votes.items()]
    asked = (one.to, one.panel, one.requested_by, one.since, None if owed is None else owed.due)
    end = (outcome or "open", entry.at if outcome else None)
    return (entry.stream, number, *asked, *end, Jsonb(votes), list(one.recused))
