"""A ledger of many cases: checked in the same memory however long it is, and no broken stream hides another."""

import tracemalloc
from collections.abc import Awaitable, Callable

import psycopg
import pytest

from activities.store.fold import fold
from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool
from activities.store.read_model import rebuild
from activities.store.signing import LogKey
from activities.store.walk import AT_ONCE, count_known_streams, count_streams, known_streams, streams_in_order
from starter.audit import log as audit_log
from starter.audit.log import check_log
from starter.audit.whole import Against, check_ledger, check_streams
from tests.benchmarks.many import SHORT, Loader
from tests.benchmarks.rig import program

FEW, MANY = 1_000, 6_000
GROWTH = 1.25
"""What is held beside the batch in hand may differ by so much between two sizes, of which one is six times the other."""


@pytest.fixture
def loader(pool: Pool, keyring: KeyRing, log_key: LogKey) -> Loader:
    """A loader of short cases."""
    return Loader(pool, keyring, log_key, program()[0], lengths=SHORT)


def streams_of(owner: psycopg.Connection) -> list[str]:
    """The ids of all streams, in the database's order."""
    return [stream for (stream,) in owner.execute("SELECT DISTINCT stream FROM entry ORDER BY stream")]


def broken(owner: psycopg.Connection, statement: str, *values: object) -> None:
    """What the owner of the tables does who takes the guards away for a moment; `statement` begins with the table."""
    table = statement.split()[2] if statement.startswith("DELETE") else statement.split()[1]
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    assert owner.execute(statement.encode(), values).rowcount > 0
    owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


async def verified(connection: Connection, keyring: KeyRing) -> None:
    """Every stream checked, and the log."""
    async for one in check_streams(connection, keyring, against=Against()):
        assert one.fault is None
    assert (await check_log(connection)).fault is None


async def folded(connection: Connection, keyring: KeyRing) -> None:
    """Every case folded."""
    async for stream in streams_in_order(connection):
        assert (await fold(connection, keyring, stream)).opened
        keyring.forget(stream)


async def peak(work: Callable[[Connection, KeyRing], Awaitable[None]], pool: Pool, keyring: KeyRing) -> int:
    """The most memory in bytes that Python held at once while this was done, beyond what it held before."""
    async with pool.connection() as connection:
        # What is made once (statements, parsers, the tables of the types) is made before it counts.
        await work(connection, KeyRing(keyring.program_key))
        tracemalloc.start()
        try:
            await work(connection, KeyRing(keyring.program_key))
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()


@pytest.mark.long
async def test_six_times_the_ledger_is_checked_in_the_same_memory(
    pool: Pool, keyring: KeyRing, loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verifying chains, seals, leaves and log, and folding every case, hold no more of a ledger of many cases than of one of a few."""
    # Both sizes are several batches.
    monkeypatch.setattr(audit_log, "_AT_ONCE", FEW // 2)
    held: dict[str, list[int]] = {"verified": [], "folded": []}
    for entries in (FEW, MANY):
        await loader.grow(entries)
        held["verified"].append(await peak(verified, pool, keyring))
        held["folded"].append(await peak(folded, pool, keyring))

    assert loader.entries == MANY
    assert loader.cases > AT_ONCE * 3, "streams are named in several batches"
    for few, many in held.values():
        assert many < GROWTH * few, held


async def test_every_stream_is_named_once_whoever_knows_of_it(
    pool: Pool, keyring: KeyRing, *, loader: Loader, owner: psycopg.Connection
) -> None:
    """Streams are walked in order and counted; one whose entries are all gone is still known by the log and the read model."""
    await loader.grow(AT_ONCE * 9)
    await rebuild(pool, keyring)
    async with pool.connection() as connection:
        expected = streams_of(owner)
        walked = [stream async for stream in streams_in_order(connection)]
        behind = [stream async for stream in streams_in_order(connection, after=expected[4])]
        counted = await count_streams(connection)
        gone = expected[7]
        broken(owner, "DELETE FROM entry WHERE stream = %s", gone)
        left = [stream async for stream in streams_in_order(connection)]
        known = [one async for one in known_streams(connection)]
        everything = await count_known_streams(connection)

    assert len(expected) > AT_ONCE
    assert walked == expected
    assert behind == expected[5:]
    assert counted == everything == len(expected)
    assert left == [stream for stream in expected if stream != gone]
    assert [one.stream for one in known] == expected
    assert all(one.position is not None and one.head is not None for one in known)


async def test_no_broken_stream_hides_another(
    pool: Pool, keyring: KeyRing, *, loader: Loader, owner: psycopg.Connection
) -> None:
    """An edited entry, a gap, a cut end, a foreign key and a changed leaf are all named in one run, each at its first bad position, and so is the log."""
    await loader.grow(300)
    async with pool.connection() as connection:
        edited, holed, cut, locked, moved, gone, *sound = streams_of(owner)
        lengths = {stream: (await fold(connection, keyring, stream)).position for stream in (cut, moved)}
    broken(owner, "UPDATE entry SET actor = 'mallory' WHERE stream = %s AND position IN (2, 4)", edited)
    broken(owner, "DELETE FROM entry WHERE stream = %s AND position = 3", holed)
    broken(owner, "DELETE FROM entry WHERE stream = %s AND position >= %s", cut, lengths[cut])
    broken(owner, "DELETE FROM entry WHERE stream = %s", gone)
    foreign = "UPDATE key SET wrapped = (SELECT wrapped FROM key WHERE stream = %s) WHERE stream = %s"
    broken(owner, foreign, sound[0], locked)
    broken(owner, "UPDATE log_place SET leaf = leaf + 1000000 WHERE stream = %s AND position = 1", moved)
    async with pool.connection() as connection:
        checked = await check_ledger(connection, KeyRing(keyring.program_key), against=Against())
    faults = {one.stream: one.fault for one in checked.streams if one.fault is not None}

    assert {stream: fault.position for stream, fault in faults.items()} == {
        edited: 2, holed: 3, cut: lengths[cut], locked: 1, gone: 1,
    }  # fmt: skip
    assert [one.entries for one in checked.streams if one.stream in (edited, holed)] == [1, 2]
    assert all(one.entries > 0 for one in checked.streams if one.stream in sound)
    assert len(checked.streams) == len(sound) + 6
    assert checked.log.fault is not None
