"""The read model: what the command line shows, kept in the transaction that appends, and rebuilt by the same functions.

Every row follows from the ledger alone (no clock is read), so `rebuild` yields what live maintenance yielded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from activities.store.fold import Told, read_told
from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool, transaction
from activities.store.queries import CaseRow
from activities.store.rights_rows import TABLES, changes
from activities.store.statements import sql
from workflows.case import review
from workflows.case.case import next_wake
from workflows.case.state import Case, advance
from workflows.core.entry import Entry
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
    )


async def clear(connection: Connection, stream: str) -> None:
    """Take the stream's rows out of the read model."""
    for table in ("case_overview", "obligation", "review", *TABLES):
        await AsyncRawCursor(connection).execute(sql(f"{table}_clear"), (stream,))


async def catch_up(pool: Pool, keyring: KeyRing) -> list[str]:
    """Make the rows anew of every case whose rows do not follow from the last entry of its stream; which those are. A second run changes nothing.

    Raises:
        BrokenChain: an entry is missing, was changed, or does not follow the one before it; its stream keeps its rows.
        StoreRefused: an entry cannot be opened; its stream keeps its rows.
    """
    async with pool.connection() as connection:
        rows = await (await AsyncRawCursor(connection).execute(sql("overview_behind"))).fetchall()
    for (stream,) in rows:
        await _rebuild(pool, keyring, stream)
    return [stream for (stream,) in rows]


async def rebuild(pool: Pool, keyring: KeyRing, *, progress: Callable[[int, int], None] | None = None) -> int:
    """Empty the read model and fold the whole ledger into it again, stream by stream; how many entries there are.

    Streams stay usable: each is locked only while its own rows are made anew. A second run yields the same rows.

    Args:
        pool: of the application's role.
        keyring: to open the entries.
        progress: called with entries done and entries in all.

    Raises:
        BrokenChain: an entry is missing, was changed, or does not follow the one before it; its stream keeps its rows.
        StoreRefused: an entry cannot be opened, or holds what this version does not know; its stream keeps its rows.
    """
    async with pool.connection() as connection:
        # What was erased cannot be folded, and has no rows.
        lengths = await (await AsyncRawCursor(connection).execute(sql("readable_lengths"))).fetchall()
    done, total = 0, sum(length for _, length in lengths)
    for stream, _ in lengths:
        before = done

        def told(entries: int, before: int = before) -> None:
            if progress is not None:
                progress(before + entries, max(before + entries, total))

        done += await _rebuild(pool, keyring, stream, told=told)
    return done


async def _rebuild(
    pool: Pool, keyring: KeyRing, stream: str, *, told: Callable[[int], None] = lambda _entries: None
) -> int:
    done = 0
    async with transaction(pool) as connection:
        await AsyncRawCursor(connection).execute(sql("stream_lock"), (stream,))
        await clear(connection, stream)
        case = Case(stream=stream)
        async for batch in read_told(connection, keyring, stream):
            case = await _take(connection, case, batch)
            done += len(batch)
            told(done)
    return done


async def _take(connection: Connection, case: Case, told: Sequence[Told]) -> Case:
    for entry, events in told:
        after = advance(case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
        await apply(connection, before=case, after=after, entry=entry, events=events)
        case = after
    return case


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
