"""The log gives each entry one place, in an order that skips nothing, and its checkpoints prove what was rewritten."""

import asyncio
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from activities.sealing import sealing
from activities.store import ledger, log
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, Verifier, generate_log_key
from starter.audit.chain import verify_stream
from starter.audit.log import check_log
from tests.store.examples import NEW_YEAR, Writer, new_stream
from workflows.core.checkpoint import BadNote, parse_checkpoint, parse_note
from workflows.core.entry import GENESIS, Entry
from workflows.core.entry import seal as seal_entry
from workflows.core.merkle import leaf_hash, proves_consistency, proves_inclusion


@pytest.fixture
def key(tmp_path: Path) -> LogKey:
    """A log's key."""
    generate_log_key(tmp_path / "log.key", "test.example/log")
    return LogKey.from_file(tmp_path / "log.key")


async def add(writer: Writer) -> None:
    """One more entry of the writer's stream."""
    await writer.write(str(uuid4()))


async def written(pool: Pool, keyring: KeyRing, *, streams: int = 3, entries: int = 5) -> list[str]:
    """Some streams with some entries each."""
    names = [new_stream() for _ in range(streams)]
    for name in names:
        writer = Writer(pool, keyring, name)
        for _ in range(entries):
            await add(writer)
    return names


def disarmed(owner: psycopg.Connection, table: str, statement: str) -> None:
    """What the owner of the tables does who takes the guards away for a moment."""
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
    assert owner.execute(statement.encode()).rowcount > 0
    owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


async def test_every_entry_gets_one_place_and_a_stream_keeps_its_order(
    pool: Pool, keyring: KeyRing, key: LogKey
) -> None:
    """After sealing, each entry of each stream is one leaf, later entries behind earlier ones, and nothing waits."""
    names = await written(pool, keyring)
    sealed = await log.seal(pool, keyring, key)
    async with pool.connection() as connection:
        places = {name: await log.places(connection, name) for name in names}
        waiting = await log.waiting(connection)

    assert sealed is not None
    assert (sealed.size, waiting) == (15, 0)
    assert sorted(place.leaf for found in places.values() for place in found) == list(range(15))
    assert all([p.position for p in found] == [1, 2, 3, 4, 5] for found in places.values())
    assert all(found == sorted(found, key=lambda place: place.leaf) for found in places.values())


async def test_sequencers_at_once_take_turns_while_entries_come(pool: Pool, keyring: KeyRing) -> None:
    """Four sequencers and four writers at the same time leave no entry out and give none two places."""
    writers = [Writer(pool, keyring, new_stream()) for _ in range(4)]
    done = asyncio.Event()

    async def write(writer: Writer) -> None:
        for _ in range(25):
            await add(writer)

    async def keep_sequencing() -> int:
        placed = 0
        while not done.is_set():
            placed += await log.sequence(pool, keyring)
        return placed

    sequencing = [asyncio.create_task(keep_sequencing()) for _ in range(4)]
    await asyncio.gather(*map(write, writers))
    done.set()
    placed = sum(await asyncio.gather(*sequencing)) + await log.sequence(pool, keyring)
    async with pool.connection() as connection:
        leaves = [place.leaf for writer in writers for place in await log.places(connection, writer.stream)]

    assert placed == 100
    assert sorted(leaves) == list(range(100))


async def test_an_entry_that_was_rolled_back_has_no_place(pool: Pool, keyring: KeyRing) -> None:
    """What was never committed never waits for a place."""
    async with pool.connection() as connection, connection.transaction(force_rollback=True):
        row = await (await connection.execute("SELECT clock_timestamp()")).fetchone()
        assert row is not None
        unsealed = Entry(new_stream(), 1, "c1", "keep_check_in", NEW_YEAR, row[0], "p.lead", bytes(40), GENESIS, b"")
        await ledger.append(connection, seal_entry(unsealed))
        assert await log.waiting(connection) == 1
    await written(pool, keyring, streams=1, entries=1)

    assert await log.sequence(pool, keyring) == 1


async def test_a_leaf_names_nobody(pool: Pool, keyring: KeyRing, key: LogKey) -> None:
    """A leaf is not what anybody can compute from the entry without the key of its stream."""
    (name,) = await written(pool, keyring, streams=1, entries=1)
    await log.seal(pool, keyring, key)
    async with pool.connection() as connection:
        (place,) = await log.places(connection, name)
        row = await (await connection.execute("SELECT hash FROM entry WHERE stream = %s", (name,))).fetchone()
        stream_key = await keyring.stream_key(connection, name)
    assert row is not None
    (entry_hash,) = row

    assert place.hash == leaf_hash(stream_key.leaf(entry_hash, position=1))
    assert place.hash not in {leaf_hash(entry_hash), leaf_hash(name.encode() + entry_hash)}
    assert stream_key.leaf(entry_hash, position=2) != stream_key.leaf(entry_hash, position=1)


async def test_a_checkpoint_is_a_signed_note_and_proves_each_entry_and_each_older_log(
    pool: Pool, keyring: KeyRing, key: LogKey
) -> None:
    """A checkpoint reads as C2SP says, bears the log's signature, and proofs from the store convince whoever holds it."""
    await written(pool, keyring, streams=2, entries=3)
    older = await log.seal(pool, keyring, key)
    (name,) = await written(pool, keyring, streams=1, entries=7)
    newer = await log.seal(pool, keyring, key)
    assert older is not None
    assert newer is not None
    note = parse_note(newer.note)
    async with pool.connection() as connection:
        steps = await log.consistency_of(connection, older.size, newer.size)
        for place in await log.places(connection, name):
            path = await log.inclusion_of(connection, place.leaf, leaves=newer.size)

            assert proves_inclusion(place.hash, place.leaf, size=newer.size, path=path, of=newer.root)

    assert parse_checkpoint(note.text) == ("test.example/log", 13, newer.root)
    assert Verifier.parse(str(key.verifier)).verified(note)
    assert proves_consistency((older.size, older.root), (newer.size, newer.root), steps)
    assert await log.seal(pool, keyring, key) == newer


async def test_the_signature_of_another_key_or_text_is_none(
    pool: Pool, keyring: KeyRing, key: LogKey, tmp_path: Path
) -> None:
    """A note that was changed, or that another key signed under the same name, does not verify."""
    await written(pool, keyring, streams=1, entries=2)
    sealed = await log.seal(pool, keyring, key)
    assert sealed is not None
    generate_log_key(tmp_path / "other.key", "test.example/log")
    other = LogKey.from_file(tmp_path / "other.key")

    assert not key.verifier.verified(other.sign(sealed.size, sealed.root))
    assert not key.verifier.verified(parse_note(sealed.note.replace("\n2\n", "\n3\n")))
    assert key.verifier.verified(parse_note(sealed.note))


async def test_a_sound_log_fits_every_checkpoint_that_was_kept(pool: Pool, keyring: KeyRing, key: LogKey) -> None:
    """An auditor who kept checkpoints finds each of them to be the beginning of a log that nobody touched."""
    kept = []
    for _ in range(3):
        await written(pool, keyring, streams=1, entries=4)
        sealed = await log.seal(pool, keyring, key)
        assert sealed is not None
        kept.append(sealed.note)
    async with pool.connection() as connection:
        found = await check_log(connection, verifier=key.verifier, kept=kept)

    assert found.fault is None
    assert (found.leaves, found.waiting) == (12, 0)


TAMPERING = {
    "a leaf is edited": ("log_node", "UPDATE log_node SET hash = sha256(hash) WHERE level = 0 AND index = 2", "rewritten"),
    "leaves are swapped": (
        "log_node",
        "UPDATE log_node n SET hash = o.hash FROM log_node o WHERE n.level = 0 AND o.level = 0 AND n.index IN (1, 4) AND o.index = 5 - n.index",
        "rewritten",
    ),
    "the end is cut off": ("log_node", "DELETE FROM log_node WHERE level = 0 AND index >= 7", "cut off"),
    "the checkpoint is edited": ("checkpoint", "UPDATE checkpoint SET note = replace(note, 'test.example', 'next.example')", "signature"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERING)
async def test_whoever_owns_the_tables_is_found_out(
    pool: Pool, keyring: KeyRing, key: LogKey, *, owner: psycopg.Connection, what: str
) -> None:
    """The owner of the tables, who can take every guard away, changes the log and is told by the checkpoint."""
    await written(pool, keyring)
    await log.seal(pool, keyring, key)
    table, statement, told = TAMPERING[what]
    disarmed(owner, table, statement)
    async with pool.connection() as connection:
        found = await check_log(connection, verifier=key.verifier)

    assert found.fault is not None
    assert told in found.fault.what


async def test_an_entry_resealed_with_its_chain_is_not_the_leaf_it_was(
    pool: Pool, keyring: KeyRing, key: LogKey, owner: psycopg.Connection
) -> None:
    """A chain that was cut off, written anew and sealed by somebody with the keys is told by the log: position and leaf."""
    (name,) = await written(pool, keyring, streams=1, entries=4)
    await log.seal(pool, keyring, key)
    disarmed(owner, "entry", "DELETE FROM entry WHERE position > 2")
    async with pool.connection() as connection:
        cut = await verify_stream(connection, name, keyring=keyring)
    await add(Writer(pool, keyring, name))
    async with pool.connection() as connection:
        forged = await verify_stream(connection, name, keyring=keyring)

    assert cut.fault is not None
    assert (cut.fault.position, "the log names position 4" in cut.fault.what) == (3, True)
    assert forged.fault is not None
    assert (forged.fault.position, forged.fault.what) == (3, "is another entry than leaf 2 of the log")


async def test_a_history_written_anew_with_all_keys_shows_against_a_kept_checkpoint(
    pool: Pool, keyring: KeyRing, key: LogKey, owner: psycopg.Connection
) -> None:
    """Whoever holds the tables and every key can write another sound log; one checkpoint that somebody else kept gives it away."""
    await written(pool, keyring)
    kept = await log.seal(pool, keyring, key)
    assert kept is not None
    disarmed(owner, "log_node", "DELETE FROM log_node")
    disarmed(owner, "checkpoint", "DELETE FROM checkpoint")
    disarmed(owner, "entry", "DELETE FROM entry")
    owner.execute("DELETE FROM log_place")
    await written(pool, keyring)
    await log.seal(pool, keyring, key)
    async with pool.connection() as connection:
        alone = await check_log(connection, verifier=key.verifier)
        against = await check_log(connection, verifier=key.verifier, kept=[kept.note])

    assert alone.fault is None
    assert against.fault is not None
    assert "kept checkpoint 1 has another root" in against.fault.what


async def test_what_came_too_late_for_its_key_keeps_nobody_else_from_a_place(
    pool: Pool, keyring: KeyRing, key: LogKey, owner: psycopg.Connection
) -> None:
    """An entry that a worker appended with a key destroyed meanwhile waits for ever; the entries of others are sealed all the same."""
    (erased,) = await written(pool, keyring, streams=1, entries=1)
    owner.execute("DELETE FROM key WHERE stream = %s", (erased,))
    owner.execute("INSERT INTO erasure VALUES (%s, 1, 'p.one', 'p.two', now(), now())", (erased,))
    keyring.forget(erased)
    (name,) = await written(pool, keyring, streams=1, entries=2)
    sealed = await log.seal(pool, keyring, key)
    async with pool.connection() as connection:
        waiting = await log.waiting(connection)
        found = await log.places(connection, name)

    assert sealed is not None
    assert (sealed.size, waiting, [place.leaf for place in found]) == (2, 1, [0, 1])


async def test_the_application_can_neither_change_nor_empty_the_log(pool: Pool, keyring: KeyRing, key: LogKey) -> None:
    """The application's role adds to the log and reads it, and is denied everything else."""
    await written(pool, keyring, streams=1, entries=1)
    await log.seal(pool, keyring, key)
    for statement in ("UPDATE log_node SET hash = hash", "DELETE FROM log_node", "DELETE FROM log_place", "DELETE FROM checkpoint",
                      "INSERT INTO log_waiting VALUES ('case/x', 1)", "TRUNCATE checkpoint"):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with pool.connection() as connection:
                await connection.execute(statement.encode())


async def test_a_worker_seals_by_itself_and_outlives_an_entry_that_it_cannot_place(
    pool: Pool, keyring: KeyRing, key: LogKey, owner: psycopg.Connection
) -> None:
    """While a worker runs, entries are sealed; one whose key cannot be had waits, is tried again, and stops nothing else."""
    (name,) = await written(pool, keyring, streams=1, entries=2)
    owner.execute("UPDATE key SET key_id = 'another' WHERE stream = %s", (name,))
    keyring.forget(name)
    with pytest.raises(StoreRefused):
        await log.sequence(pool, keyring)
    async with sealing(pool, keyring, key, every_seconds=0.05):
        owner.execute("UPDATE key SET key_id = %s WHERE stream = %s", (keyring.program_key.key_id, name))
        async with asyncio.timeout(20), pool.connection() as connection:
            while (sealed := await log.last_checkpoint(connection)) is None:
                await connection.execute("SELECT pg_sleep(0.02)")

    assert sealed.size == 2


BAD_NOTES = {
    "no signature": "a\n1\nb\n",
    "no dash": "a\n1\nb\n\nname AAAAAAAAAAA=\n",
    "no base64": "a\n1\nb\n\n— name !!\n",
    "no name": "a\n1\nb\n\n—  AAAAAAAAAAA=\n",
    "too long": "a" * 70_000 + "\n\n— name AAAAAAAAAAA=\n",
}
BAD_CHECKPOINTS = [
    "",
    "a\n1\n",
    "a\n01\n" + "A" * 43 + "=\n",
    "a\n-1\n" + "A" * 43 + "=\n",
    "a\n1\nAAAA\n",
    "\n1\n" + "A" * 43 + "=\n",
]


@pytest.mark.parametrize("what", BAD_NOTES)
def test_what_is_no_note_is_told(what: str) -> None:
    """What is not a signed note is refused with the reason, and nothing is guessed."""
    with pytest.raises(BadNote, match=r"note|signature line"):
        parse_note(BAD_NOTES[what])


@pytest.mark.parametrize("text", BAD_CHECKPOINTS)
def test_what_is_no_checkpoint_is_told(text: str) -> None:
    """What is not the three lines of a checkpoint is refused with the reason."""
    with pytest.raises(BadNote, match="checkpoint"):
        parse_checkpoint(text)


def test_a_log_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """A key file that is missing, open to others or no key is refused with its cure."""
    path = tmp_path / "log.key"
    with pytest.raises(StoreRefused, match="cannot be read"):
        LogKey.from_file(path)
    generate_log_key(path, "test.example/log")
    path.chmod(0o644)
    with pytest.raises(StoreRefused, match="chmod 600"):
        LogKey.from_file(path)
    path.chmod(0o600)
    path.write_text("nothing", encoding="utf-8")
    with pytest.raises(StoreRefused, match="no log key"):
        LogKey.from_file(path)


def test_a_verifier_key_with_another_keys_id_is_refused() -> None:
    """A public key that was mistyped is told, never used."""
    with pytest.raises(StoreRefused, match="no verifier key"):
        Verifier.parse("test.example/log")
    with pytest.raises(StoreRefused, match="id does not belong"):
        Verifier.parse("test.example/log+00000000+AWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVlZWVl")


async def test_leaves_are_read_however_far_on_they_stand(pool: Pool, owner: psycopg.Connection) -> None:
    """Leaves behind the 32,767th, and behind the 2,147,483,647th, are read as the first ones are: no count is too large for its type."""
    places = [0, 30_000, 34_999, 2**31 - 1, 2**31 + 3]
    owner.cursor().executemany("INSERT INTO log_node VALUES (0, %s, sha256(%s::text::bytea))", [(n, n) for n in places])
    async with pool.connection() as connection:
        found = {
            begin: len(await log.leaf_hashes(connection, begin, 5_000)) for begin in (0, 30_000, 32_767, 2**31 - 1)
        }

    assert found == {0: 1, 30_000: 2, 32_767: 1, 2**31 - 1: 2}
