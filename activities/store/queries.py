"""What the command line asks of the read model, as typed rows. All instants are UTC; nothing here reads a clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.rows import args_row

from activities.store.pool import Connection
from activities.store.statements import sql


class CaseRow(NamedTuple):
    """A case in the list. `position` and `head` are its last entry; `updated_at` is that entry's `at`; `deputy` stands in for an absent lead.

    The four before the last are `workflows.case.glance.Glance` as of `glance_position`: another position than that of the row tells nothing.
    """

    stream: str
    program: str
    version: str
    phase: str
    entered_at: datetime
    support_level: str
    lead: str
    position: int
    head: bytes
    opened_at: datetime
    closed_at: datetime | None
    next_wake: datetime | None
    updated_at: datetime
    deputy: str | None = None
    in_charge: str | None = None
    sealed: bool | None = None
    access_asked: bool | None = None
    undecided: bool | None = None
    glance_position: int | None = None


class ObligationRow(NamedTuple):
    """Something owed: by which role, held by whom, when due and why then, how far its ladder was climbed, and how it ended.

    `position` is of the entry that opened it; `late_seconds` is set once it is closed.
    """

    stream: str
    key: str
    position: int
    kind: str
    owner: str
    holder: str | None
    opened_at: datetime
    due: datetime
    derivation: str
    outcome: str
    climbed: int
    silent: bool
    next_at: datetime | None
    closed_at: datetime | None
    how: Literal["met", "released"] | None
    late_seconds: int | None


class CastVote(NamedTuple):
    """A person's vote, in which seat and for which organization."""

    person: str
    choice: str
    seat: str
    organization: str | None


class ReviewRow(NamedTuple):
    """A review: what it decides, who asked, by when it is due, how it stands, the votes that count and who stepped back."""

    stream: str
    id: int
    to_phase: str
    panel: str
    requested_by: str
    requested_at: datetime
    due: datetime | None
    state: Literal["open", "approved", "rejected", "superseded"]
    decided_at: datetime | None
    votes: tuple[CastVote, ...]
    recused: tuple[str, ...]


async def caseload(
    connection: Connection, *, lead: str | None = None, phase: str | None = None, closed: bool = False
) -> list[CaseRow]:
    """The cases, by next instant: of everybody or of one lead, in every phase or in one; closed ones only if asked for."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(CaseRow))
    await cursor.execute(sql("caseload"), (lead, phase, closed))
    return await cursor.fetchall()


async def case_row(connection: Connection, stream: str) -> CaseRow | None:
    """One case; None if there is none (or its opening was refused)."""
    return next(iter(await case_rows(connection, [stream])), None)


async def case_rows(connection: Connection, streams: Sequence[str]) -> list[CaseRow]:
    """Those of these cases that there are, in no order."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(CaseRow))
    await cursor.execute(sql("case_rows"), (list(streams),))
    return await cursor.fetchall()


async def owed(
    connection: Connection,
    *,
    roles: Sequence[str] | None = None,
    person: str | None = None,
    until: datetime | None = None,
) -> list[ObligationRow]:
    """What is owed now, by due date.

    Args:
        connection: in a transaction or not.
        roles: what falls to holders of these roles and is held by nobody in particular; None with no `person`: everything.
        person: and what this person holds.
        until: due by then; None for all.
    """
    cursor = AsyncRawCursor(connection, row_factory=args_row(ObligationRow))
    await cursor.execute(sql("owed"), (None if roles is None else list(roles), person, until))
    return await cursor.fetchall()


async def obligations(connection: Connection, stream: str, *, open_only: bool = True) -> list[ObligationRow]:
    """What is (or, with `open_only` false, ever was) owed in a case, by due date."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(ObligationRow))
    await cursor.execute(sql("obligations_of_case"), (stream, open_only))
    return await cursor.fetchall()


async def reviews(connection: Connection, *, open_only: bool = True, stream: str | None = None) -> list[ReviewRow]:
    """Reviews by due date: of every case or of one; with `open_only`, those that a panel can still decide."""
    cursor = AsyncRawCursor(connection, row_factory=args_row(_review))
    await cursor.execute(sql("reviews"), (open_only, stream))
    return await cursor.fetchall()


def _review(*columns: Any) -> ReviewRow:
    row = ReviewRow._make(columns)
    votes: list[dict[str, Any]] = columns[-2]
    return row._replace(votes=tuple(CastVote(**vote) for vote in votes), recused=tuple(row.recused))
