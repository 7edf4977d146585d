"""What those who watch over rights ask of the read model, as typed rows. All instants are UTC; nothing here reads a clock.

Each row names what is owed about it first, if anything is: by when (`due`), by which role (`owner`), held by whom (`holder`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple, TypeVar

from psycopg import AsyncRawCursor
from psycopg.rows import args_row

from activities.store.pool import Connection
from activities.store.statements import sql


class ActRow(NamedTuple):
    """An adverse act: what was proposed, where it stands, until when the person is heard or can appeal, and what it waits for (`awaits`, by key)."""

    stream: str
    id: int
    kind: str
    subject: str
    proposed_by: str
    proposed_at: datetime
    stage: str
    hearing_until: datetime | None
    appeal_until: datetime | None
    ended_at: datetime | None
    awaits: str | None
    due: datetime | None
    owner: str | None
    holder: str | None
    climbed: int | None


class MeasureRow(NamedTuple):
    """A measure since it began, or an act in danger since it was confirmed: until when it lasts, and by when its necessity is reviewed (`due`)."""

    stream: str
    source: Literal["measure", "danger"]
    id: int
    content: str
    mode: Literal["mandated", "voluntary", "danger"]
    began_at: datetime
    until: datetime
    renewals: int
    reviews: int
    ended_at: datetime | None
    how: str | None
    due: datetime | None
    owner: str | None
    holder: str | None


class DisclosureRow(NamedTuple):
    """A disclosure that was asked for: with whom, what, on which basis, whether the person was told, and which corrections the recipient lacks."""

    stream: str
    id: int
    partner: str
    recipient: str
    purpose: str
    fields: list[str]
    basis: str
    requested_by: str
    requested_at: datetime
    state: Literal["requested", "made", "declined", "stopped"]
    approved_by: str | None
    decided_at: datetime | None
    tell_from: datetime | None
    told_at: datetime | None
    corrections: list[int]
    owed: str | None
    due: datetime | None
    owner: str | None
    holder: str | None


class HoldRow(NamedTuple):
    """A pause of the case (asked for since `since`, in force since `began_at`) or a legal hold on its record, and when it ends by itself."""

    stream: str
    source: Literal["pause", "legal_hold"]
    id: int
    kind: str | None
    requested_by: str | None
    since: datetime
    began_at: datetime | None
    until: datetime
    ended_at: datetime | None
    how: str | None
    due: datetime | None
    owner: str | None
    holder: str | None


class AccessRow(NamedTuple):
    """The person's request to see what is held, and its answer."""

    stream: str
    id: int
    requested_at: datetime
    answered_at: datetime | None
    answer: str | None
    due: datetime | None
    owner: str | None
    holder: str | None


class Rights(NamedTuple):
    """All the rows of one case, or of all."""

    acts: list[ActRow]
    measures: list[MeasureRow]
    disclosures: list[DisclosureRow]
    holds: list[HoldRow]
    requests: list[AccessRow]


_Row = TypeVar("_Row", bound=NamedTuple)


async def acts(connection: Connection, *, open_only: bool = True, stream: str | None = None) -> list[ActRow]:
    """Adverse acts, by when somebody must act: of every case or of one; with `open_only`, those that are not over."""
    return await _rows(connection, "acts", ActRow, open_only=open_only, stream=stream)


async def measures(connection: Connection, *, open_only: bool = True, stream: str | None = None) -> list[MeasureRow]:
    """Measures and acts in danger, by their end; with `open_only`, those in force."""
    return await _rows(connection, "measures", MeasureRow, open_only=open_only, stream=stream)


async def disclosures(
    connection: Connection, *, open_only: bool = True, stream: str | None = None
) -> list[DisclosureRow]:
    """Disclosures, by what is owed about them first; with `open_only`, those about which something is owed."""
    return await _rows(connection, "disclosures", DisclosureRow, open_only=open_only, stream=stream)


async def holds(connection: Connection, *, open_only: bool = True, stream: str | None = None) -> list[HoldRow]:
    """Pauses and legal holds, by their end; with `open_only`, those asked for or in force."""
    return await _rows(connection, "holds", HoldRow, open_only=open_only, stream=stream)


async def requests(connection: Connection, *, open_only: bool = True, stream: str | None = None) -> list[AccessRow]:
    """Requests for access, by when they are due; with `open_only`, those that wait for an answer."""
    return await _rows(connection, "access_requests", AccessRow, open_only=open_only, stream=stream)


async def everything(connection: Connection, stream: str) -> Rights:
    """All of a case's rows, what is over too."""
    return Rights(
        await acts(connection, open_only=False, stream=stream),
        await measures(connection, open_only=False, stream=stream),
        await disclosures(connection, open_only=False, stream=stream),
        await holds(connection, open_only=False, stream=stream),
        await requests(connection, open_only=False, stream=stream),
    )


async def _rows(
    connection: Connection, statement: str, row: type[_Row], *, open_only: bool, stream: str | None
) -> list[_Row]:
    cursor = AsyncRawCursor(connection, row_factory=args_row(row))
    await cursor.execute(sql(statement), (not open_only, stream))
    return await cursor.fetchall()
