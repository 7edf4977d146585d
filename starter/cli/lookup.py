"""Finding what a person named: a case by its beginning, a program, an instant."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Protocol, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from activities.store.pool import Connection
    from starter.cli.session import Session, Store
    from workflows.case.state import Case
    from workflows.program.model import Program

SHORTEST_PREFIX = 6
_WHOLE = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_PREFIX = re.compile(r"^[0-9a-f][0-9a-f-]*$")


class _OfACase(Protocol):
    """A row of a list over cases."""

    @property
    def stream(self) -> str: ...


_Row = TypeVar("_Row", bound=_OfACase)
_INSTANT_HELP = "write it like 2026-01-05, 2026-01-05T09:30 or 2026-01-05T09:30+01:00"


async def find_case(connection: Connection, named: str) -> str:
    """The stream of a case named by its stream, its uuid, or at least the first six characters of it.

    Raises:
        click.UsageError: no case begins so, several do, or it is too short to say.
    """
    from activities.store.find import find_streams

    identity = named.strip().lower().removeprefix("case/")
    if _WHOLE.match(identity):
        found = await find_streams(connection, f"case/{identity}")
    elif len(identity) < SHORTEST_PREFIX or not _PREFIX.match(identity):
        raise click.UsageError(
            f"This names no case: give its id, or at least the first {SHORTEST_PREFIX} characters of it ('offramp case list' shows them)."
        )
    else:
        found = await find_streams(connection, f"case/{identity}")
    if len(found) == 1:
        return found[0]
    if not found:
        raise click.UsageError(f"There is no case '{named}' in the ledger ('offramp case list --all' shows them).")
    raise click.UsageError(f"'{named}' could be several cases: {', '.join(found)}. Give more of it.")


async def enter_case(session: Session, store: Store, named: str, *, purpose: str) -> str:
    """The stream of a case whose content is about to be shown; that it is read stands in the access log before anything of it is read.

    Raises:
        click.UsageError: as for `find_case`, or whoever reads is no person.
        Refused: they say who they are, and the program lets them read this case for no purpose.
    """
    from activities.store.vault import log_reading

    reader = session.reader()
    stream = await find_case(store.connection, named)
    await require_look(session, store, stream)
    await log_reading(store.connection, stream=stream, reader=reader, purpose=purpose)
    return stream


async def require_look(session: Session, store: Store, stream: str) -> None:
    """Raise unless whoever says who they are may look at the case; the console may, and is logged as such.

    Raises:
        click.UsageError: whoever reads is no person.
        Refused: as `workflows.case.reading.look` says.
    """
    from activities.store import staff
    from activities.store.fold import fold
    from workflows.case.reading import look

    if session.person is None:
        return
    case = await fold(store.connection, store.keyring, stream)
    actor = await staff.actor(store.connection, session.actor(), case_now(case))
    look(case, await program_of(store.connection, case), actor=actor)


async def enter_cases(session: Session, store: Store, rows: Sequence[_Row], *, purpose: str) -> list[_Row]:
    """Those rows of a list over cases that may be shown; that their cases are read stands in the access log, in one statement, before.

    Rows of cases that whoever says who they are may not look at are left out, and it is said how many cases that are. A case is folded only
    where its row of the read model does not tell.

    Raises:
        click.UsageError: whoever reads is no person.
        Refused: they may look at none of these cases.
    """
    from workflows.core.refusal import Refused

    streams = list(dict.fromkeys(row.stream for row in rows))
    told = await _told_by_rows(session, store, streams)
    entered, reason = dict[str, None](), None
    for stream in streams:
        # Nobody is refused by a row alone: the first reason is the case's own.
        if told.get(stream) is False and reason is not None:
            continue
        try:
            if not told.get(stream):
                await require_look(session, store, stream)
        except Refused as refusal:
            reason = reason or refusal
        else:
            entered[stream] = None
    if reason is not None and not entered:
        raise reason
    await log_list(session, store, entered, purpose=purpose)
    if refused := len(streams) - len(entered):
        many = f"{refused} cases that you may not look at are" if refused > 1 else "A case that you may not look at is"
        click.echo(f"{many} left out.", err=True)
    return [row for row in rows if row.stream in entered]


async def _told_by_rows(session: Session, store: Store, streams: Sequence[str]) -> dict[str, bool | None]:
    """Whether whoever reads may look at each of the cases, as far as its row of the read model tells; the console may look at all."""
    from activities.store import programs, staff
    from activities.store.queries import case_rows
    from workflows.case.glance import Glance, may_look

    if session.person is None:
        return dict.fromkeys(streams, True)
    now, told = datetime.now(UTC), dict[str, bool | None]()
    actor = await staff.actor(store.connection, session.actor(), now)
    for row in await case_rows(store.connection, streams):
        program = await programs.find(store.connection, row.program, row.version)
        # Where a case's time runs ahead of the wall clock, roles are asked for at its own instant.
        if program is not None and row.glance_position == row.position and row.updated_at <= now:
            seen = Glance(row.in_charge, bool(row.sealed), bool(row.access_asked), bool(row.undecided))
            told[row.stream] = may_look(seen, program, actor)
    return told


async def log_list(session: Session, store: Store, streams: Iterable[str], *, purpose: str) -> None:
    """Write into the access log, in one statement, that these cases are about to be shown in a list; nothing where there are none."""
    from activities.store.vault import log_readings

    shown = list(dict.fromkeys(streams))
    if shown:
        await log_readings(store.connection, shown, reader=session.reader(), purpose=purpose)


async def program_of(connection: Connection, case: Case) -> Program | None:
    """The version that the case is pinned to; None if it was never opened, or the version is not in this store."""
    from activities.store import programs

    return None if case.program is None else await programs.find(connection, case.program.program, case.program.version)


async def program_of_stream(connection: Connection, stream: str) -> Program | None:
    """The same by the read model, without folding the case."""
    from activities.store import programs
    from activities.store.queries import case_row

    row = await case_row(connection, stream)
    return None if row is None else await programs.find(connection, row.program, row.version)


def zone_of(program: Program | None) -> tzinfo:
    """The program's time zone; UTC where there is none."""
    return UTC if program is None else program.calendar.zone


def parse_instant(text: str, zone: tzinfo, *, option: str, end_of_day: bool = False) -> datetime:
    """An instant from ISO text; without an offset it is on the clock of `zone`, and a date alone is the day's start (or its end).

    Raises:
        click.UsageError: it is no date and no instant, or its hour is one that the clock skipped or went through twice; `option` is named.
    """
    try:
        day = _day(text)
        if day is not None:
            local = datetime.combine(day, time.max if end_of_day else time.min, tzinfo=zone)
        else:
            local = datetime.fromisoformat(text)
            local = _on_clock(local, zone, option=option) if local.tzinfo is None else local
        return _in_reach(local.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"{option} is no instant: {_INSTANT_HELP}.") from error


def _in_reach(at: datetime) -> datetime:
    """The instant, if terms can be counted from it, as from those in commands."""
    from workflows.core.kinds import EARLIEST_YEAR, LATEST_YEAR

    if not EARLIEST_YEAR <= at.year <= LATEST_YEAR:
        raise ValueError("out of reach")
    return at


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _on_clock(local: datetime, zone: tzinfo, *, option: str) -> datetime:
    """The local time on the clock of `zone`, if it was shown there exactly once."""
    first, second = (local.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    skipped = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local
    if skipped:
        raise click.UsageError(
            f"{option}: the program's clock skipped that hour, it was set forward; give one that was."
        )
    ways = f"write {first.isoformat()} or {second.isoformat()}"
    raise click.UsageError(f"{option}: the program's clock showed that hour twice, it was set back; {ways}.")


def case_now(case: Case) -> datetime:
    """The present instant of a case: the wall clock, or the case's own last instant where its time runs ahead of that."""
    now = datetime.now(UTC)
    return now if case.as_of is None else max(now, case.as_of)


def until_text(due: datetime, now: datetime) -> str:
    """How far off an instant is: `in 3 days`, `overdue 2 days`."""
    apart = due - now
    late = apart < timedelta()
    seconds = abs(apart).total_seconds()
    size, unit = next(
        ((size, unit) for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")) if seconds >= size),
        (60, "minute"),
    )
    number = int(seconds // size)
    words = f"{number} {unit}{'' if number == 1 else 's'}"
    return f"overdue {words}" if late else f"in {words}"
