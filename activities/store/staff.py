"""The staff directory: who may do what, from when until when. What a person may do is looked up here and never claimed.

`at` is always the instant of the case (program time), which may be years away from the clock on the wall.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any, NamedTuple

from psycopg import AsyncRawCursor
from psycopg.types.json import Jsonb

from activities.store import leaving, taking
from activities.store.keys import KeyRing, StreamKey
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.staff_file import Channel, StaffRecord, parse_staff, parse_staff_file
from activities.store.statements import sql
from workflows.core.kinds import Actor

__all__ = [
    "Appointment",
    "Channel",
    "Imported",
    "Recipient",
    "StaffRecord",
    "actor",
    "import_staff",
    "language_of",
    "list_staff",
    "parse_staff",
    "parse_staff_file",
    "recipients",
]


_ADDRESSES = b"offramp.staff_address.v1"


class Recipient(NamedTuple):
    """Whom a message reaches, and how. `address` is None where the channel is the inbox."""

    person: str
    language: str
    channel: str
    address: str | None


class Appointment(NamedTuple):
    """A row of the directory, without the address."""

    person: str
    roles: tuple[str, ...]
    organization: str | None
    valid_from: datetime
    valid_until: datetime | None
    language: str
    channel: str
    certificates: Mapping[str, str]


class Imported(NamedTuple):
    """What an import did, in appointments: begun, ended (or their end moved), contact details changed, and already as in the file."""

    added: int
    ended: int
    changed: int
    unchanged: int


async def actor(connection: Connection, person: str, at: datetime) -> Actor | None:
    """The person as the directory knows them at `at`; None if they hold no appointment then."""
    row = await (await AsyncRawCursor(connection).execute(sql("staff_actor"), (person, at))).fetchone()
    return None if row is None else as_actor(row)


def as_actor(row: Sequence[Any]) -> Actor:
    """The person of a row of the directory: id, roles, organization, certificates, until when."""
    person, roles, organization, certificates, until = row
    days = {code: date.fromisoformat(last) for code, last in certificates.items()}
    return Actor(person=person, roles=tuple(roles), organization=organization, certificates=days, until=until)


async def recipients(
    connection: Connection, keyring: KeyRing, *, role: str, person: str | None, at: datetime
) -> list[Recipient]:
    """Whom a notice reaches at `at`: `person` alone if one is named, or else everybody who holds `role`, by person id.

    Empty where nobody is: whoever sends must make that visible.

    Raises:
        StoreRefused: an address cannot be opened, or the root secret is gone.
    """
    rows = await (await AsyncRawCursor(connection).execute(sql("staff_recipients"), (person, role, at))).fetchall()
    key = await _address_key(connection, keyring) if any(sealed is not None for *_, sealed in rows) else None
    return [Recipient(who, language, channel, _opened(key, who, sealed)) for who, language, channel, sealed in rows]


async def language_of(connection: Connection, person: str, at: datetime) -> str | None:
    """The language that `person` reads at `at`, by the appointment begun last (or else the first to come); None for somebody unknown."""
    row = await (await AsyncRawCursor(connection).execute(sql("staff_language"), (person, at))).fetchone()
    return None if row is None else str(row[0])


async def list_staff(connection: Connection, *, at: datetime | None = None) -> list[Appointment]:
    """Every appointment, or those valid at `at`, by person and beginning."""
    rows = await (await AsyncRawCursor(connection).execute(sql("staff_list"), (at,))).fetchall()
    return [Appointment(person, tuple(roles), *rest) for person, roles, *rest in rows]


class _Stored(NamedTuple):
    record: StaffRecord
    sealed: bytes | None


async def import_staff(connection: Connection, keyring: KeyRing, records: Sequence[StaffRecord]) -> Imported:
    """Bring the directory to what `records` say of the people they name; a second run changes nothing.

    Nobody is deleted: an appointment ends at its `valid_until`, or where the person's next one begins. People who are not named
    stay as they are.

    Raises:
        StoreRefused: the records would change the roles of an appointment that has begun, two of them overlap, or somebody would leave open cases
            behind. Nothing is imported.
    """
    counts = [0, 0, 0, 0]
    by_person: dict[str, list[StaffRecord]] = {}
    for record in records:
        by_person.setdefault(record.person, []).append(record)
    async with connection.transaction():
        await AsyncRawCursor(connection).execute(sql("staff_lock"))
        await taking.lock(connection, by_person)
        plans = [await _plan(connection, keyring, person, wanted) for person, wanted in sorted(by_person.items())]
        leaving.require_none_left([one for plan in plans for one in plan.left])
        key = await _address_key(connection, keyring)
        for plan in plans:
            for record in plan.line:
                what = await _write(connection, key, plan.stored.get(record.valid_from), record)
                counts[what] += 1
    return Imported(*counts)


async def left_behind(connection: Connection, keyring: KeyRing, records: Sequence[StaffRecord]) -> list[leaving.Left]:
    """The open cases that an import of `records` would leave without whoever leads or stands in; for these it would be refused.

    Raises:
        StoreRefused: as `import_staff`, for any other reason.
    """
    by_person: dict[str, list[StaffRecord]] = {}
    for record in records:
        by_person.setdefault(record.person, []).append(record)
    plans = [await _plan(connection, keyring, person, wanted) for person, wanted in sorted(by_person.items())]
    return [one for plan in plans for one in plan.left]


class _Plan(NamedTuple):
    """The appointments of one person, as they are and as they are to be, and the cases that they would leave behind."""

    stored: dict[datetime, _Stored]
    line: list[StaffRecord]
    left: list[leaving.Left]


async def _plan(connection: Connection, keyring: KeyRing, person: str, wanted: Sequence[StaffRecord]) -> _Plan:
    stored = await _stored(connection, await _address_key(connection, keyring), person)
    before = [row.record for row in stored.values()]
    line = planned(before, wanted)
    left = await leaving.left_behind(connection, person, before=before, after=line, now=datetime.now(UTC))
    return _Plan(stored, line, left)


def planned(stored: Sequence[StaffRecord], wanted: Sequence[StaffRecord]) -> list[StaffRecord]:
    """All appointments of one person as they are to be: those wanted, and those stored that are not named, which end where one begins.

    Raises:
        StoreRefused: roles or organization of a stored appointment differ, or two wanted appointments overlap.
    """
    asked = {record.valid_from for record in wanted}
    known = {record.valid_from: record for record in stored}
    for record in wanted:
        before = known.get(record.valid_from)
        if before and (set(before.roles), before.organization) != (set(record.roles), record.organization):
            what = f"{record.person} holds other roles, or another organization, since {record.valid_from.isoformat()}"
            raise StoreRefused(what, "Give the new roles an appointment of their own, with its own valid_from.")
    line = sorted([*(r for r in stored if r.valid_from not in asked), *wanted], key=lambda record: record.valid_from)
    for index, (record, following) in enumerate(pairwise(line)):
        if record.valid_until is None or (record.valid_until > following.valid_from and record.valid_from not in asked):
            line[index] = record.model_copy(update={"valid_until": following.valid_from})
        elif record.valid_until > following.valid_from:
            what = f"two appointments of {record.person} overlap from {following.valid_from.isoformat()}"
            raise StoreRefused(what, "End the earlier one where the later one begins.")
    return line


async def _stored(connection: Connection, key: StreamKey, person: str) -> dict[datetime, _Stored]:
    rows = await (await AsyncRawCursor(connection).execute(sql("staff_of_person"), (person,))).fetchall()
    found: dict[datetime, _Stored] = {}
    for roles, organization, valid_from, valid_until, language, channel, sealed, certificates in rows:
        record = StaffRecord(
            person=person,
            roles=tuple(roles),
            organization=organization,
            valid_from=valid_from,
            valid_until=valid_until,
            language=language,
            channel=channel,
            address=_opened(key, person, sealed),
            certificates=certificates,
        )
        found[record.valid_from] = _Stored(record, sealed)
    return found


_ADDED, _ENDED, _CHANGED, _UNCHANGED = range(4)


async def _write(connection: Connection, key: StreamKey, before: _Stored | None, record: StaffRecord) -> int:
    old = before.record if before else None
    if old is not None and old.model_copy(update={"roles": record.roles}) == record:
        return _UNCHANGED
    sealed = before.sealed if before and before.record.address == record.address else _sealed(key, record)
    certified = Jsonb({code: last.isoformat() for code, last in record.certificates.items()})
    ends = (record.valid_until, record.language, record.channel, sealed, certified)
    if old is None:
        parameters = (record.person, record.valid_from, list(record.roles), record.organization, *ends)
        await AsyncRawCursor(connection).execute(sql("staff_add"), parameters)
        return _ADDED
    await AsyncRawCursor(connection).execute(sql("staff_change"), (record.person, record.valid_from, *ends))
    return _ENDED if old.valid_until != record.valid_until else _CHANGED


async def _address_key(connection: Connection, keyring: KeyRing) -> StreamKey:
    """The key of all addresses; it comes from the root secret, so that they outlive every program key."""
    return StreamKey("staff", await keyring.derive(connection, _ADDRESSES))


def _sealed(key: StreamKey, record: StaffRecord) -> bytes | None:
    if record.address is None:
        return None
    return key.seal_record(record.address.encode(), kind=b"address", place=record.person.encode())


def _opened(key: StreamKey | None, person: str, sealed: bytes | None) -> str | None:
    if sealed is None or key is None:
        return None
    return key.open_record(sealed, kind=b"address", place=person.encode()).decode()
