"""Keys and sealing: what is sealed opens only in its own place, with its own key, and every failure says what to do."""

import asyncio
import base64
import stat
from pathlib import Path

import psycopg
import pytest

from activities.store.keys import ROOT, KeyDamaged, KeyRing, ProgramKey, generate_key_file
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.staff import import_staff, parse_staff
from tests.store.examples import Writer, new_stream

OTHER_KEY = b"\x07" * 32
STAFF = """
- {person: lena, roles: [lead_practitioner], valid_from: "2020-01-01T00:00:00Z", channel: smtp, address: lena@example.org}
"""


async def test_another_program_key_is_refused_in_words(pool: Pool, keyring: KeyRing) -> None:
    """With another program key the store refuses, names both keys by id, and says which one it takes."""
    writer = Writer(pool, keyring)
    await writer.write("c1")
    other = KeyRing(ProgramKey(OTHER_KEY))
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match=keyring.program_key.key_id) as refused:
            await other.stream_key(connection, writer.stream)

    assert ProgramKey(OTHER_KEY).key_id in refused.value.what
    assert "OFFRAMP_RETIRED_KEY_FILES" in refused.value.cure
    assert "OFFRAMP_KEY_FILE" in refused.value.cure


async def test_a_key_of_another_stream_is_refused(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """A wrapped key that was moved to another stream cannot be unwrapped there."""
    first, second = Writer(pool, keyring), Writer(pool, keyring)
    await first.write("c1")
    await second.write("c1")
    owner.execute("ALTER TABLE key DISABLE TRIGGER USER")
    owner.execute(
        "UPDATE key SET (wrapped, commitment) = (SELECT wrapped, commitment FROM key WHERE stream = %s) WHERE stream = %s",
        (first.stream, second.stream),
    )
    fresh = KeyRing(keyring.program_key)
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="cannot be opened with the program key"):
            await fresh.stream_key(connection, second.stream)


async def test_another_key_in_place_of_a_stream_s_own_is_refused(
    pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """A key that the program key wrapped rightly for the stream is refused if it is not the one that the stream was begun with."""
    writer = Writer(pool, keyring)
    await writer.write("c1")
    other = await keyring.program_key.wrap(OTHER_KEY, context=writer.stream)
    owner.execute("UPDATE key SET wrapped = %s WHERE stream = %s", (other, writer.stream))
    async with pool.connection() as connection:
        with pytest.raises(KeyDamaged, match="is not the one it was begun with"):
            await KeyRing(keyring.program_key).stream_key(connection, writer.stream)


async def test_a_lost_key_is_never_made_anew(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """Where the ledger holds entries and no key opens them, the case is called unreadable, and no second key hides that."""
    writer = Writer(pool, keyring)
    await writer.write("c1")
    owner.execute("DELETE FROM key WHERE stream = %s", (writer.stream,))
    fresh = KeyRing(keyring.program_key)
    async with pool.connection() as connection:
        for create in (False, True):
            with pytest.raises(StoreRefused, match="unreadable, and not empty") as refused:
                await fresh.stream_key(connection, writer.stream, create=create)
            assert "backup" in refused.value.cure

    assert owner.execute("SELECT FROM key WHERE stream = %s", (writer.stream,)).fetchall() == []


async def test_what_is_derived_stays_the_same(pool: Pool, keyring: KeyRing) -> None:
    """A label gives the same key in every process and under every program key that opens the root secret, and each label another."""
    moved = KeyRing(ProgramKey(OTHER_KEY), retired=[keyring.program_key])
    async with pool.connection() as connection:
        first, second = [await keyring.derive(connection, label) for label in (b"one", b"two")]
        again = await KeyRing(keyring.program_key).derive(connection, b"one")
        later = await moved.derive(connection, b"one")

    assert first == again == later
    assert first != second


async def test_a_lost_root_is_never_made_anew(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """A root secret that is gone though addresses were sealed under it is missed, and no other one hides that."""
    people = parse_staff(STAFF, where="the staff")
    async with pool.connection() as connection:
        await import_staff(connection, keyring, people)
        owner.execute("DELETE FROM key WHERE stream = %s", (ROOT,))
        with pytest.raises(StoreRefused, match="the root secret is missing"):
            await KeyRing(keyring.program_key).derive(connection, b"one")


async def test_two_processes_make_one_root(pool: Pool, keyring: KeyRing) -> None:
    """Of many that ask for it first at the same time, all get the same root secret."""

    async def derived() -> bytes:
        async with pool.connection() as connection:
            return await KeyRing(keyring.program_key).derive(connection, b"one")

    assert len(set(await asyncio.gather(*(derived() for _ in range(8))))) == 1


async def test_a_stream_without_a_key_is_refused(pool: Pool, keyring: KeyRing) -> None:
    """Asking for the key of an unknown stream is refused, and makes none."""
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="there is no key"):
            await keyring.stream_key(connection, new_stream())


async def test_a_key_that_was_rolled_back_is_not_kept(pool: Pool, keyring: KeyRing) -> None:
    """A key made in a transaction that is rolled back is forgotten, so that nothing is ever sealed with a lost key."""
    stream = new_stream()
    async with pool.connection() as connection:
        async with connection.transaction(force_rollback=True):
            lost = await keyring.stream_key(connection, stream, create=True)
        kept = await keyring.stream_key(connection, stream, create=True)
        again = await keyring.stream_key(connection, stream)

    assert lost is not kept
    assert again is kept


async def test_the_ring_drops_the_least_recently_used(pool: Pool, keyring: KeyRing) -> None:
    """A full key ring drops the key used longest ago, and has it again from the table."""
    small = KeyRing(keyring.program_key, cache=2)
    first, second, third = (new_stream() for _ in range(3))
    async with pool.connection() as connection:
        keys = [await small.stream_key(connection, stream, create=True) for stream in (first, second)]
        await small.stream_key(connection, first)
        await small.stream_key(connection, third, create=True)

        assert await small.stream_key(connection, first) is keys[0]
        assert await small.stream_key(connection, second) is not keys[1]


def test_a_key_file_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    """A key file is readable by its owner only, and a second run keeps the key."""
    path = tmp_path / "program.key"
    generate_key_file(path)
    first = ProgramKey.from_file(path)
    generate_key_file(path)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ProgramKey.from_file(path).key_id == first.key_id


def test_a_key_file_open_to_others_is_refused(tmp_path: Path) -> None:
    """A key that others can read is no secret: refused, with the command that closes it."""
    path = tmp_path / "program.key"
    generate_key_file(path)
    path.chmod(0o644)

    with pytest.raises(StoreRefused, match="by others") as refused:
        ProgramKey.from_file(path)
    assert refused.value.cure == f"Run: chmod 600 {path}"


@pytest.mark.parametrize("text", ["", "not base64!", base64.b64encode(b"short").decode()])
def test_what_is_no_key_is_refused_without_showing_it(text: str) -> None:
    """A key of the wrong length, or none at all, is refused, and its text is not repeated."""
    with pytest.raises(StoreRefused) as refused:
        ProgramKey.from_base64(text)

    assert text == "" or text not in str(refused.value)


def test_a_missing_key_file_is_refused(tmp_path: Path) -> None:
    """A missing key file is named, with the setting that names it."""
    with pytest.raises(StoreRefused, match="cannot be read") as refused:
        ProgramKey.from_file(tmp_path / "none.key")

    assert "OFFRAMP_KEY_FILE" in refused.value.cure
