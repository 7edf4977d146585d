"""Decide and append: the only writer of the ledger.

A command is decided inside the transaction that appends its answer, so no state is ever held that the ledger does not hold, and a change of
rules cannot touch what was recorded. Running twice for one command does not matter: the second run returns what the first recorded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg
from psycopg_pool import PoolTimeout
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import telemetry
from activities.store import erasure, ledger, linking, programs, read_model, staff, taking
from activities.store.fold import fold, open_entry
from activities.store.keys import KeyRing, RecordErased, StreamKey
from activities.store.pool import Connection, Pool, transaction
from activities.store.priors import priors
from activities.store.refused import StoreRefused
from workflows import wire
from workflows.case import care
from workflows.case.case import Context, answer, next_wake
from workflows.case.commands import STORED_TYPES, well_formed
from workflows.case.folded import FOLDED
from workflows.case.notice import NoticeIssued, NoticeStopped
from workflows.case.state import Case, advance, dump_events
from workflows.core.entry import BrokenChain, Entry, seal, verify_chain
from workflows.core.envelope import CommandRefused, Envelope, Recorded, RecordedEntry
from workflows.core.kinds import SYSTEM_ACTORS, Actor, Digest, Event, Frozen, Instant, StreamId
from workflows.core.notice import Notice
from workflows.core.obligation import ObligationEscalated
from workflows.program.load import program_sha256
from workflows.program.model import Program

UNAVAILABLE = "StoreUnavailable"
"""Type of the error for a database that cannot be reached or refuses to serve; the call is repeated."""


class RecordOrder(Frozen):
    """Where the workflow's case stands in the ledger, the command, and the workflow's instant: the only clock that rules see.

    The case itself does not travel: its place and hash name it, and the recorder has it in memory or folds it anew.
    """

    stream: StreamId
    position: int
    head: Digest
    as_of: Instant | None
    envelope: Envelope
    at: Instant

    @classmethod
    def about(cls, case: Case, envelope: Envelope, at: datetime) -> RecordOrder:
        """An order to decide on `case`."""
        return cls(
            stream=case.stream, position=case.position, head=case.head, as_of=case.as_of, envelope=envelope, at=at
        )


class Restored(Frozen):
    """A case restored from the ledger, with the notices not yet reported on and the next instant that matters."""

    case: Case
    effects: tuple[Notice, ...]
    next_wake: Instant | None
    finished: bool


class Recorder:
    """Records commands and restores cases.

    Args:
        pool: connections of the application's role.
        keyring: the streams' keys.
        recorded: told, after each commit, that something was recorded.
    """

    def __init__(self, pool: Pool, keyring: KeyRing, *, recorded: Callable[[], None] = lambda: None) -> None:
        self._pool = pool
        self._keyring = keyring
        self._recorded = recorded

    @activity.defn(name="record")
    async def record(self, order: RecordOrder) -> Recorded:
        """Decide the command and append its one answer. A second run with the same command id returns the first answer.

        Raises:
            ApplicationError: `LedgerFork` (final) if the ledger and the case disagree about the past, or the record was erased; `StoreUnavailable`.
        """
        begun = time.monotonic()
        kind = str(order.envelope.command.get("type", ""))
        with telemetry.span("record", command_type=kind, stream=order.stream) as told:
            try:
                recorded, events = await self._record(order)
            except BrokenChain as broken:
                raise _fork(broken, operation="record") from None
            except RecordErased:
                raise _erased() from None
            except (psycopg.Error, PoolTimeout, StoreRefused) as error:
                # The class alone: a database's message may quote a row, and Temporal keeps failures.
                raise ApplicationError(type(error).__name__, type=UNAVAILABLE) from None
            outcome = _outcome(recorded, events)
            told.tell(outcome=outcome, position=recorded.answered_at)
        _measure(kind, outcome, events, time.monotonic() - begun)
        return recorded

    @activity.defn(name="restore")
    async def restore(self, stream: str) -> Restored:
        """Fold the stream. Reads only; a second run changes nothing.

        Raises:
            ApplicationError: `LedgerFork` (final) if the chain is broken; `StoreUnavailable`.
        """
        begun = time.monotonic()
        try:
            async with self._pool.connection() as connection:
                case = await fold(connection, self._keyring, stream)
            FOLDED.keep(case)
        except BrokenChain as broken:
            raise _fork(broken, operation="restore") from None
        except RecordErased:
            raise _erased() from None
        except (psycopg.Error, PoolTimeout, StoreRefused) as error:
            raise ApplicationError(type(error).__name__, type=UNAVAILABLE) from None
        telemetry.ledger_latency("restore", time.monotonic() - begun)
        effects = tuple(case.notice.pending.values())
        return Restored(case=case, effects=effects, next_wake=next_wake(case), finished=case.finished)

    @activity.defn(name="wait_for_ledger")
    async def wait_for_ledger(self) -> None:
        """Succeed once the ledger answers; retried for ever, so that an outage is a visible pending activity.

        Raises:
            ApplicationError: `StoreUnavailable`.
        """
        try:
            async with self._pool.connection() as connection:
                await connection.execute(b"SELECT 1")
        except (psycopg.Error, PoolTimeout, StoreRefused) as error:
            raise ApplicationError(type(error).__name__, type=UNAVAILABLE) from None

    async def _record(self, order: RecordOrder) -> tuple[Recorded, tuple[Event, ...]]:
        envelope = order.envelope
        known = FOLDED.find(order.stream, position=order.position, head=order.head) or Case(stream=order.stream)
        # A server restored from a backup, or a new run after one with skipped time, may be behind the ledger; time never runs back in it.
        at = max(order.at, order.as_of or order.at)
        async with transaction(self._pool) as connection:
            command = well_formed(envelope.command)
            opened = await ledger.open_stream(
                connection, stream=order.stream, position=known.position, command_id=envelope.command_id,
                people=(envelope.actor, *(() if command is None else command.people())), at=at,
            )  # fmt: skip
            key = await self._keyring.stream_key(connection, order.stream, create=True)
            held, missed = _catch_up(known, opened.tail, key, order=order)
            if opened.known is not None:
                events = open_entry(opened.known, key)
                return _recorded(held, missed, opened.known, events), ()
            at = max(at, held.as_of or at)
            context = await _context(connection, held, envelope, people=opened.staff, at=at)
            taker = None if command is None else care.taker(command, envelope.actor)
            if taker is not None:
                context = await _with_caseload(connection, held, context, taker)
            context = await self._with_links(connection, held, envelope, context)
            events = answer(held, envelope.command, context, command=command)
            if not events:
                return _recorded(held, missed, None, ()), ()
            told = _told(held, envelope, events, key=key, now=opened.now, at=at)
            entry = told.entry
            after = advance(held, position=entry.position, head=entry.hash.hex(), events=events, at=at)
            began_ns = time.time_ns()
            await ledger.append(connection, entry)
            await read_model.apply(connection, before=held, after=after, entry=entry, events=events)
            await erasure.apply(connection, stream=entry.stream, position=entry.position, events=events, at=at)
        telemetry.finished_span("commit", began_ns=began_ns, position=entry.position)
        self._recorded()
        FOLDED.keep(after)
        return _recorded(after, [*missed, told], entry, events), events

    async def _with_links(self, connection: Connection, case: Case, envelope: Envelope, context: Context) -> Context:
        """What is known of other cases, where the command asks for it: whom an opening's names match, how linked cases ended."""
        kind = envelope.command.get("type")
        if kind == "open_case" and envelope.command.get("identity") is not None and not case.opened:
            found = await linking.matches(connection, self._keyring, case.stream)
            return context._replace(matches=found)
        if kind == "confirm_link":
            others = [one.other for one in case.link.open.values()]
            return context._replace(priors=await priors(connection, self._keyring, others))
        if kind == "approve_review" and case.link.confirmed:
            return context._replace(priors=await priors(connection, self._keyring, case.link.confirmed))
        return context


class _Told(NamedTuple):
    """An entry, its events, and these as they were sealed in it."""

    entry: Entry
    events: tuple[Event, ...]
    body: bytes


def _catch_up(case: Case, tail: Sequence[Entry], key: StreamKey, *, order: RecordOrder) -> tuple[Case, list[_Told]]:
    """The case as of the stream's end, and the entries that the workflow does not hold yet: an earlier attempt may have committed unheard.

    Raises:
        BrokenChain: the ledger does not hold the entry that the case calls its last, or holds another one there.
    """
    if case.position > 0:
        if not tail or tail[0].position != case.position or tail[0].hash.hex() != case.head:
            raise _forked(order)
        tail = tail[1:]
    verify_chain(tail, prev=bytes.fromhex(case.head), position=case.position)
    missed = []
    for entry in tail:
        events = open_entry(entry, key)
        case = advance(case, position=entry.position, head=entry.hash.hex(), events=events, at=entry.at)
        if entry.position > order.position:
            missed.append(_Told(entry, events, dump_events(events)))
        elif entry.position == order.position and case.head != order.head:
            raise _forked(order)
    if case.position < order.position:
        raise _forked(order)
    return case, missed


def _forked(order: RecordOrder) -> BrokenChain:
    return BrokenChain(order.stream, order.position, "is not the entry that the case was folded from")


async def _context(
    connection: Connection, case: Case, envelope: Envelope, *, people: dict[str, Actor], at: datetime
) -> Context:
    program = await _program(connection, case, envelope)
    actor = Actor(person=envelope.actor) if envelope.actor in SYSTEM_ACTORS else people.get(envelope.actor)
    digest = program_sha256(program) if program is not None and not case.opened else ""
    return Context(at=at, actor=actor, staff=people, program=program, sha256=digest)


async def _program(connection: Connection, case: Case, envelope: Envelope) -> Program | None:
    """The case's pinned version; for a case that is to be opened, the version that the command names."""
    if case.program is not None:
        ref = case.program
        return await programs.pinned(connection, ref.program, ref.version, sha256=ref.sha256)
    code, version = envelope.command.get("program"), envelope.command.get("version")
    return (
        await programs.find(connection, code, version) if isinstance(code, str) and isinstance(version, str) else None
    )


async def _with_caseload(connection: Connection, case: Case, context: Context, taker: str) -> Context:
    """How many other cases whoever is to take this one has, while nobody else changes that."""
    await taking.lock(connection, [taker])
    # Looked up again: until now somebody might have ended their appointment, or given them another case.
    known = await staff.actor(connection, taker, context.at)
    cases = await taking.other_cases(connection, taker, stream=case.stream)
    rest = {who: actor for who, actor in context.staff.items() if who != taker}
    return context._replace(staff=rest if known is None else {**rest, taker: known}, caseload=cases)


def _told(
    case: Case, envelope: Envelope, events: tuple[Event, ...], *, key: StreamKey, now: datetime, at: datetime
) -> _Told:
    position, body = case.position + 1, dump_events(events)
    kind = str(envelope.command.get("type", ""))
    entry = Entry(
        stream=case.stream,
        position=position,
        command_id=envelope.command_id,
        # It stands there in the clear: a word that somebody made up might be a name.
        type=kind if kind in STORED_TYPES else "malformed",
        at=at,
        recorded_at=now,
        actor=envelope.actor,
        body=key.seal(body, position=position),
        prev=bytes.fromhex(case.head),
        hash=b"",
    )
    return _Told(seal(entry), events, body)


def _recorded(case: Case, told: Sequence[_Told], own: Entry | None, answered: tuple[Event, ...]) -> Recorded:
    issued = (event.notice for one in told for event in one.events if isinstance(event, NoticeIssued))
    return Recorded(
        entries=tuple(map(_entry, told)),
        answered_at=own.position if own is not None else 0,
        answer_hash=own.hash.hex() if own is not None else case.head,
        refusal=next((event for event in answered if isinstance(event, CommandRefused)), None),
        effects=tuple(notice for notice in issued if notice.key in case.notice.pending),
        next_wake=next_wake(case),
        finished=case.finished,
        stopped=tuple(event.key for one in told for event in one.events if isinstance(event, NoticeStopped)),
    )


def _entry(told: _Told) -> RecordedEntry:
    entry = told.entry
    return RecordedEntry(
        position=entry.position, hash=entry.hash.hex(), command_id=entry.command_id, at=entry.at,
        events=told.body.decode(), recorded_at=entry.recorded_at, actor=entry.actor, type=entry.type,
    )  # fmt: skip


def _fork(broken: BrokenChain, *, operation: str) -> ApplicationError:
    telemetry.ledger_forked(operation)
    return ApplicationError(f"position {broken.position} {broken.what}", type=wire.LEDGER_FORK, non_retryable=True)


def _erased() -> ApplicationError:
    """A case whose record was erased stops, as one that cannot be believed does: there is nothing that it could go on from."""
    return ApplicationError("the record of this case was erased", type=wire.LEDGER_FORK, non_retryable=True)


def _outcome(recorded: Recorded, events: tuple[Event, ...]) -> str:
    if not events:
        return "repeated"
    return "accepted" if recorded.refusal is None else "refused"


def _measure(kind: str, outcome: str, events: tuple[Event, ...], seconds: float) -> None:
    telemetry.command_recorded(kind, outcome, seconds)
    telemetry.ledger_latency("record", seconds)
    for event in events:
        if isinstance(event, ObligationEscalated):
            telemetry.escalated(event.kind, event.late_seconds)
