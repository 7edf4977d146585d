"""Rotation of the program key: nothing is lost wherever it is killed, nothing that was sealed is touched, and nobody but the owner can do it."""

import asyncio
import random
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import NamedTuple

import psycopg
import pytest
from psycopg import errors

from activities.store.keys import ROOT, KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.store.rotation import Wrapping, operations, require_openable, rotate, wrappings
from activities.store.staff import import_staff, parse_staff, recipients
from activities.store.vault import read_note, seal_note
from tests.conftest import Database
from tests.starter.terminal import ROOT as SOURCES
from tests.store.examples import BODY, NEW_YEAR, Writer

RAW_OLD, RAW_NEW = b"\1" * 32, b"\2" * 32
OLD, NEW, THIRD = (ProgramKey(raw) for raw in (RAW_OLD, RAW_NEW, b"\3" * 32))
WHO = "ada"
STAFF = """
- {person: lena, roles: [lead_practitioner], valid_from: "2020-01-01T00:00:00Z", channel: smtp, address: lena@example.org}
"""
STREAMS, KILLED = 13, 10
KEYS = STREAMS + 1


class Held(NamedTuple):
    """A store under the old program key: pools of both roles, its writers and the reference to a note of each."""

    pool: Pool
    owners: Pool
    writers: list[Writer]
    notes: list[str]


@pytest.fixture
async def held(pool: Pool, database: Database) -> AsyncIterator[Held]:
    """Streams with an entry and a note each, and a member of staff with an address, which hangs on the root secret."""
    owners = await open_pool(database.dsn_owner, size=2)
    keyring = KeyRing(OLD)
    writers, notes = [Writer(pool, keyring) for _ in range(STREAMS)], []
    for writer in writers:
        await writer.write("c1")
        async with pool.connection() as connection:
            notes.append(await seal_note(connection, keyring, stream=writer.stream, text=writer.stream, author=WHO))
    async with pool.connection() as connection:
        await import_staff(connection, keyring, parse_staff(STAFF, where="the staff"))
    yield Held(pool, owners, writers, notes)
    await owners.close()


async def require_all_readable(held: Held, *given: ProgramKey) -> None:
    """Every entry, every note and every address opens in a process that has these program keys and remembers nothing."""
    keyring = KeyRing(given[0], retired=given[1:])
    async with held.pool.connection() as connection:
        for writer, note in zip(held.writers, held.notes, strict=True):
            key = await keyring.stream_key(connection, writer.stream)
            row = await (
                await connection.execute("SELECT body FROM entry WHERE stream = %s AND position = 1", (writer.stream,))
            ).fetchone()
            assert row is not None
            assert key.open(row[0], position=1) == BODY
            text = await read_note(connection, keyring, note=note, reader=WHO, purpose="test")
            assert text == writer.stream
        found = await recipients(connection, keyring, role="lead_practitioner", person=None, at=NEW_YEAR)
    assert [one.address for one in found] == ["lena@example.org"]


async def standing(held: Held, keyring: KeyRing) -> list[Wrapping]:
    """What wraps what."""
    async with held.pool.connection() as connection:
        return await wrappings(connection, keyring)


def kept(owner: psycopg.Connection) -> list[tuple[object, ...]]:
    """Everything that is sealed, and what fixes which key sealed it."""
    entries = owner.execute("SELECT stream, position, body, hash FROM entry ORDER BY 1, 2").fetchall()
    notes = owner.execute("SELECT note, sealed FROM vault ORDER BY 1").fetchall()
    return entries + notes + owner.execute("SELECT stream, commitment, created_at FROM key ORDER BY 1").fetchall()


async def test_every_key_is_wrapped_anew_and_no_record_touched(held: Held, owner: psycopg.Connection) -> None:
    """After a rotation the new program key alone opens everything, the old one nothing, and what was sealed is what it was."""
    before, keyring = kept(owner), KeyRing(NEW, retired=[OLD])
    async with held.owners.connection() as connection:
        done = await rotate(connection, keyring, person=WHO)
        again = await rotate(connection, keyring, person=WHO)
        noted = [(one.act, one.key_id, one.keys, one.person) for one in await operations(connection)]

    assert (done.rewrapped, done.damaged, again.rewrapped) == (KEYS, (), 0)
    assert kept(owner) == before
    await require_all_readable(held, NEW)
    with pytest.raises(StoreRefused, match=f"wrapped by the program key {NEW.key_id}"):
        await require_all_readable(held, OLD)
    assert noted == [("rotation_finished", NEW.key_id, KEYS, WHO), ("rotation_begun", NEW.key_id, KEYS, WHO)]
    assert await standing(held, keyring) == [Wrapping(NEW.key_id, KEYS, "current"), Wrapping(OLD.key_id, 0, "retired")]


def _rotating(database: Database, old: bytes, new: bytes, step: int) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.store.rotation_entry", database.dsn_owner, old.hex(), new.hex(), str(step)]
    return subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.long
async def test_a_rotation_killed_anywhere_goes_on(held: Held, database: Database, owner: psycopg.Connection) -> None:
    """Killed at steps drawn at random, back and forth, everything stays readable by both keys, and a last run finishes what was left."""
    before, chance = kept(owner), random.Random(20261129)
    whole = await asyncio.to_thread(_rotating, database, RAW_OLD, RAW_NEW, 0)
    steps, half_way = int(whole.stdout), 0
    for _ in range(KILLED):
        # Towards whichever key wraps fewer, so that there is always something to do.
        under = {one.key_id: one.keys for one in await standing(held, KeyRing(OLD, retired=[NEW]))}
        old, new = (RAW_NEW, RAW_OLD) if under[OLD.key_id] <= under[NEW.key_id] else (RAW_OLD, RAW_NEW)
        killed = await asyncio.to_thread(_rotating, database, old, new, chance.randrange(1, steps // 2))
        assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
        await require_all_readable(held, OLD, NEW)
        half_way += all(one.keys for one in await standing(held, KeyRing(OLD, retired=[NEW])))
    finished = await asyncio.to_thread(_rotating, database, RAW_OLD, RAW_NEW, 0)

    assert finished.returncode == 0, finished.stderr[-2000:]
    assert half_way >= KILLED // 4
    assert kept(owner) == before
    await require_all_readable(held, NEW)


async def test_who_records_meanwhile_goes_on(held: Held) -> None:
    """Two processes that have both keys go on with old cases and begin new ones under either key while the rotation runs, and nothing is lost."""
    rings = [KeyRing(OLD, retired=[NEW], cache=1), KeyRing(NEW, retired=[OLD], cache=1)]
    written, stop = list[Writer](), asyncio.Event()

    async def record(keyring: KeyRing, mine: list[Writer]) -> None:
        number = 1
        while not stop.is_set() or number < 5:
            number += 1
            begun = Writer(held.pool, keyring)
            for writer in (begun, Writer(held.pool, keyring, mine[number % len(mine)].stream)):
                await writer.write(f"c{number}")
            written.append(begun)

    async def rotate_meanwhile() -> int:
        async with held.owners.connection() as connection:
            done = await rotate(connection, KeyRing(NEW, retired=[OLD]), person=WHO)
        stop.set()
        return done.rewrapped

    rotating = asyncio.create_task(rotate_meanwhile())
    await asyncio.gather(*(record(ring, held.writers[number::2]) for number, ring in enumerate(rings)))
    done = await rotating
    async with held.owners.connection() as connection:
        await rotate(connection, KeyRing(NEW, retired=[OLD]), person=WHO)
    alone = KeyRing(NEW)

    assert done >= KEYS
    assert len(written) >= 8
    assert await standing(held, alone) == [Wrapping(NEW.key_id, KEYS + len(written), "current")]
    await require_all_readable(held, NEW)
    async with held.pool.connection() as connection:
        for writer in written:
            await alone.stream_key(connection, writer.stream)


async def test_without_a_retired_key_nothing_is_begun(held: Held) -> None:
    """A program key that is not at hand is named, with how many records hang on it; neither a worker nor a rotation begins."""
    alone = KeyRing(NEW)
    async with held.owners.connection() as connection:
        for begin in (require_openable(connection, alone), rotate(connection, alone, person=WHO)):
            with pytest.raises(StoreRefused, match=f"{KEYS} by {OLD.key_id}") as refused:
                await begin
            assert "OFFRAMP_RETIRED_KEY_FILES" in refused.value.cure
        assert await operations(connection) == []

    assert await standing(held, alone) == [Wrapping(NEW.key_id, 0, "current"), Wrapping(OLD.key_id, KEYS, "missing")]
    await require_all_readable(held, OLD)


async def test_a_damaged_key_is_told_and_left(held: Held, owner: psycopg.Connection) -> None:
    """A key that cannot be opened is left as it is, for its backup, and named; all others are wrapped anew."""
    moved, swapped, *_ = (writer.stream for writer in held.writers)
    owner.execute(
        "UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE stream = %s) WHERE stream = %s", (ROOT, moved)
    )
    other = await OLD.wrap(b"\7" * 32, context=swapped)
    owner.execute("UPDATE key SET wrapped = %s WHERE stream = %s", (other, swapped))
    damaged = "SELECT stream, key_id, wrapped FROM key WHERE stream IN (%s, %s) ORDER BY stream"
    before = owner.execute(damaged, (moved, swapped)).fetchall()
    async with held.owners.connection() as connection:
        done = await rotate(connection, KeyRing(NEW, retired=[OLD]), person=WHO)

    assert (done.rewrapped, sorted(done.damaged)) == (KEYS - 2, sorted((moved, swapped)))
    assert owner.execute(damaged, (moved, swapped)).fetchall() == before


async def test_a_key_destroyed_meanwhile_does_not_come_back(held: Held, owner: psycopg.Connection) -> None:
    """What was erased between its being read and its being stored stays erased."""

    class Erasing(ProgramKey):
        """A program key at whose use somebody erases a stream."""

        async def wrap(self, secret: bytes, *, context: str) -> bytes:
            owner.execute("DELETE FROM vault WHERE stream = %s", (gone,))
            owner.execute("DELETE FROM key WHERE stream = %s", (gone,))
            return await super().wrap(secret, context=context)

    gone = held.writers[3].stream
    async with held.owners.connection() as connection:
        done = await rotate(connection, KeyRing(Erasing(RAW_NEW), retired=[OLD]), person=WHO)

    assert done.rewrapped == KEYS - 1
    assert owner.execute("SELECT FROM key WHERE stream = %s", (gone,)).fetchall() == []


async def test_two_rotations_do_not_meet(held: Held) -> None:
    """While one rotation runs another is refused, since two that rotate to different keys would never end."""
    async with held.owners.connection() as first, held.owners.connection() as second:
        await first.execute("SELECT pg_advisory_lock(7307490613453284)")
        with pytest.raises(StoreRefused, match="another rotation is under way"):
            await rotate(second, KeyRing(NEW, retired=[OLD]), person=WHO)


async def test_only_the_owner_can_wrap_anew(held: Held, owner: psycopg.Connection) -> None:
    """The application's role can overwrite no key and claim no rotation; the owner can change what wraps a key, never which it is."""
    stream = held.writers[0].stream
    async with held.pool.connection() as connection:
        for denied in (
            "UPDATE key SET wrapped = wrapped",
            "DELETE FROM key",
            "INSERT INTO key_operation (act, key_id, keys, person) VALUES ('rotation_begun', 'x', 0, 'ada')",
        ):
            with pytest.raises(errors.InsufficientPrivilege):
                await connection.execute(denied.encode())
    for denied in ("UPDATE key SET commitment = sha256('') WHERE stream = %s", "UPDATE key SET stream = %s"):
        with pytest.raises(errors.InsufficientPrivilege, match="never another one"):
            owner.execute(denied, (stream,))
    with pytest.raises(errors.InsufficientPrivilege, match="is denied"):
        owner.execute("DELETE FROM key_operation")
