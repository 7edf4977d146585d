"""Rotation of the program key: every key is wrapped anew, and nothing that was sealed is touched.

A row of the table of keys says which program key wrapped it, so that the old one and the new one are both in use meanwhile, and a rotation that
was killed anywhere goes on where it stopped. One person is enough for it: a rotation shows nothing to anybody and loses nothing, since each
key is opened again before it is stored, and a second signature would only delay the answer to a stolen key.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store.keys import KeyDamaged, KeyRing
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import sql

AT_ONCE = 100
"""Keys that are stored in one transaction."""
_IN_FLIGHT = 8
"""Keys that are worked on at once: a key service takes its time for each."""


class Wrapping(NamedTuple):
    """A program key by its id: how many keys it wraps, and whether it is `current`, `retired` or not at hand (`missing`)."""

    key_id: str
    keys: int
    standing: str


class Operation(NamedTuple):
    """That somebody began or finished a rotation to the program key `key_id`: how many keys there were to wrap anew, or how many were."""

    act: str
    key_id: str
    keys: int
    person: str
    at: datetime


class Rotated(NamedTuple):
    """How many keys were wrapped anew, and whose are damaged: those were left as they are."""

    rewrapped: int
    damaged: tuple[str, ...]


class _Row(NamedTuple):
    stream: str
    key_id: str
    wrapped: bytes
    commitment: bytes


async def wrappings(connection: Connection, keyring: KeyRing) -> list[Wrapping]:
    """Each program key that wraps a key or is at hand, the current one first."""
    rows: dict[str, int] = dict(await (await AsyncRawCursor(connection).execute(sql("keys_by_wrapping"))).fetchall())
    current = keyring.program_key.key_id
    known = dict.fromkeys((current, *(one.key_id for one in keyring.retired), *rows))
    return [Wrapping(key_id, rows.get(key_id, 0), _standing(keyring, key_id)) for key_id in known]


def _standing(keyring: KeyRing, key_id: str) -> str:
    if key_id == keyring.program_key.key_id:
        return "current"
    return "retired" if keyring.opens(key_id) else "missing"


async def operations(connection: Connection) -> list[Operation]:
    """The last ten things that were done to the program key, newest first."""
    rows = await (await AsyncRawCursor(connection).execute(sql("key_operations"))).fetchall()
    return [Operation(*row) for row in rows]


async def require_openable(connection: Connection, keyring: KeyRing) -> None:
    """Refuse to work where some of the keys are wrapped by a program key that is not at hand.

    Raises:
        StoreRefused: naming each such program key, and how many records would be unreadable without it.
    """
    missing = [one for one in await wrappings(connection, keyring) if one.standing == "missing"]
    if missing:
        told = ", ".join(f"{one.keys} by {one.key_id}" for one in missing)
        raise StoreRefused(
            f"keys are wrapped by a program key that is not at hand, and would be unreadable ({told})",
            "Give it again, in OFFRAMP_RETIRED_KEY_FILES or OFFRAMP_RETIRED_KMS_KEY_IDS; it can go once 'offramp keys status' shows no key under it.",
        )


async def rotate(
    owner: Connection, keyring: KeyRing, *, person: str, progress: Callable[[int], None] = lambda _done: None
) -> Rotated:
    """Wrap every key by the current program key. Killed anywhere, a second run goes on; with nothing to do it does, and writes, nothing.

    Args:
        owner: a connection of the owner of the tables, outside a transaction: the application's role cannot change a key.
        keyring: its program key is the one to rotate to; those that wrapped until now are among its retired ones.
        person: who rotates.
        progress: told how many keys are done.

    Raises:
        StoreRefused: another rotation is under way, a program key is not at hand (nothing was changed then), or a key service does not answer
            (what was wrapped anew stays so).
    """
    row = await (await AsyncRawCursor(owner).execute(sql("rotation_lock"))).fetchone()
    if row != (True,):
        raise StoreRefused(
            "another rotation is under way", "Wait until it is done, then look with: offramp keys status"
        )
    await require_openable(owner, keyring)
    current = keyring.program_key.key_id
    waiting = sum(one.keys for one in await wrappings(owner, keyring) if one.key_id != current)
    if not waiting:
        return Rotated(0, ())
    await _note(owner, "rotation_begun", current, keys=waiting, person=person)
    done, damaged, after = 0, list[str](), ""
    while rows := await _next(owner, current, after=after):
        after = rows[-1].stream
        wrapped = await _wrapped_anew(keyring, rows)
        damaged += [row.stream for row in rows if row.stream not in wrapped]
        async with owner.transaction():
            for one in rows:
                if (anew := wrapped.get(one.stream)) is not None:
                    stored = await AsyncRawCursor(owner).execute(
                        sql("key_rewrap"), (one.stream, one.wrapped, current, anew), binary=True
                    )
                    done += stored.rowcount
        progress(done)
    # What an old program key wrapped would stay in the table's pages until something else takes its place.
    await owner.execute(b"VACUUM (FULL) key")
    await _note(owner, "rotation_finished", current, keys=done, person=person)
    return Rotated(done, tuple(damaged))


async def _next(owner: Connection, current: str, *, after: str) -> list[_Row]:
    cursor = await AsyncRawCursor(owner).execute(sql("keys_to_rewrap"), (current, after, AT_ONCE), binary=True)
    return [_Row(*row) for row in await cursor.fetchall()]


async def _wrapped_anew(keyring: KeyRing, rows: list[_Row]) -> dict[str, bytes]:
    """Stream → its key, wrapped by the current program key; without those that are damaged."""
    turns = asyncio.Semaphore(_IN_FLIGHT)

    async def one(row: _Row) -> tuple[str, bytes] | None:
        async with turns:
            try:
                key = await keyring.unwrap(
                    row.stream, key_id=row.key_id, wrapped=row.wrapped, commitment=row.commitment
                )
            except KeyDamaged:
                return None
            anew = await keyring.program_key.wrap(key, context=row.stream)
            # Nothing is stored that was not seen to open again: the old wrapping is the only other way to the record.
            await keyring.unwrap(row.stream, key_id=keyring.program_key.key_id, wrapped=anew, commitment=row.commitment)
            return row.stream, anew

    return dict(found for found in await asyncio.gather(*map(one, rows)) if found is not None)


async def _note(owner: Connection, act: str, key_id: str, *, keys: int, person: str) -> None:
    await AsyncRawCursor(owner).execute(sql("key_operation_add"), (act, key_id, keys, person))
