"""Leaving: what somebody would leave behind whose appointment ends, and what is owed by nobody who is here.

A file whose owner went on leave was nobody's (F6). So an import of the staff directory that ends, or brings forward, the time in which somebody may lead
their open cases is refused until those are another's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor
from psycopg.rows import args_row

from activities.store import programs
from activities.store.pool import Connection
from activities.store.queries import ObligationRow
from activities.store.refused import StoreRefused
from activities.store.staff_file import StaffRecord
from activities.store.statements import sql

FOREVER = datetime.max.replace(tzinfo=UTC)
_SHOWN = 10


class Left(NamedTuple):
    """An open case that somebody leads or stands in for, from when on they no longer may, and the keys of what they hold in it."""

    person: str
    stream: str
    since: datetime
    owed: tuple[str, ...]


async def left_behind(
    connection: Connection, person: str, *, before: Sequence[StaffRecord], after: Sequence[StaffRecord], now: datetime
) -> list[Left]:
    """The open cases of a person who, with the appointments `after` in place of those `before`, would lead them for a shorter time."""
    rows = await (await AsyncRawCursor(connection).execute(sql("cases_of"), (person,))).fetchall()
    left = []
    for stream, code, version, updated_at, owed in rows:
        program = await programs.get(connection, code, version)
        # A case's time may be ahead of the clock on the wall: the directory is asked as of the later of the two.
        since = max(now, updated_at)
        end = _holds_until(after, program.lead_role, since)
        if end < _holds_until(before, program.lead_role, since):
            left.append(Left(person, stream, end, tuple(owed)))
    return left


def _holds_until(line: Sequence[StaffRecord], role: str, since: datetime) -> datetime:
    """Until when the role is held without a gap, from `since` on."""
    until = since
    for record in sorted(line, key=lambda one: one.valid_from):
        if role in record.roles and record.valid_from <= until and (record.valid_until is None or record.valid_until > until):  # fmt: skip
            until = FOREVER if record.valid_until is None else record.valid_until
    return until


def require_none_left(left: Sequence[Left]) -> None:
    """Check that nothing would be left behind.

    Raises:
        StoreRefused: something would; each case is named, with what is owed in it.
    """
    if not left:
        return
    shown = [f"{one.stream} of {one.person}: {', '.join(one.owed) or 'what comes'}" for one in left[:_SHOWN]]
    more = [f"and {len(left) - _SHOWN} more cases"] if len(left) > _SHOWN else []
    people = ", ".join(dict.fromkeys(one.person for one in left))
    raise StoreRefused(
        "\n  ".join([f"without {people} this would be owed by nobody who is here:", *shown, *more]),
        "Have these cases led by another first (assign_lead, or a handover that is accepted), or add --hand-over-to PERSON; nothing was imported.",
    )


async def orphans(connection: Connection, *, at: datetime) -> list[ObligationRow]:
    """What is owed by a person who is not here at `at`, or no longer in that role, or by a role that nobody holds then; by due date."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(ObligationRow))
    await cursor.execute(sql("orphans"), (at,))
    return await cursor.fetchall()
