"""The ledger: append only, one answer per command, one chain per stream."""

import asyncio
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import errors

from activities.store import ledger
from activities.store.keys import KeyRing
from activities.store.pool import Pool, transaction
from activities.store.walk import streams_in_order
from starter.stack import Stack
from tests.conftest import Database
from tests.store.examples import BODY, NEW_YEAR, Writer, new_stream
from workflows.core.entry import GENESIS, BrokenChain, Entry, seal, verify_chain

CHANGES = [
    "UPDATE entry SET actor = 'somebody.else'",
    "DELETE FROM entry",
    "TRUNCATE entry",
    "INSERT INTO entry SELECT * FROM entry ON CONFLICT (stream, position) DO UPDATE SET actor = 'somebody.else'",
]


@pytest.fixture
def writer(pool: Pool, keyring: KeyRing) -> Writer:
    return Writer(pool, keyring)


async def stored(pool: Pool, stream: str) -> list[Entry]:
    async with pool.connection() as connection:
        return [entry async for entry in ledger.read(connection, stream)]


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_owner_cannot_change_an_entry(writer: Writer, owner: psycopg.Connection, statement: str) -> None:
    """Triggers deny every change of an entry even to the role that owns the table."""
    entry = await writer.write("c1")
    with pytest.raises(errors.InsufficientPrivilege, match="never changed"):
        owner.execute(statement.encode())

    assert await stored(writer.pool, writer.stream) == [entry]


@pytest.mark.parametrize("statement", CHANGES)
async def test_the_application_cannot_change_an_entry(writer: Writer, statement: str) -> None:
    """The application's role holds no right to change or remove an entry."""
    entry = await writer.write("c1")
    async with writer.pool.connection() as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            await connection.execute(statement.encode())

    assert await stored(writer.pool, writer.stream) == [entry]


async def test_playing_a_replica_does_not_open_the_ledger(writer: Writer, database: Database, stack: Stack) -> None:
    """A superuser's session that plays a replica, where ordinary triggers are silent, is denied all the same."""
    await writer.write("c1")
    with psycopg.connect(stack.addresses.dsn_admin, dbname=database.name, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        with pytest.raises(errors.InsufficientPrivilege, match="never changed"):
            superuser.execute("DELETE FROM entry")


@pytest.mark.parametrize("statement", ["DELETE FROM entry", "DELETE FROM program_version", "DELETE FROM access_log"])
async def test_what_is_recorded_is_denied_to_both_roles(pool: Pool, owner: psycopg.Connection, statement: str) -> None:
    """Entries, published programs and the access log can be deleted by neither role, not even when they are empty."""
    async with pool.connection() as connection:
        with pytest.raises(errors.InsufficientPrivilege):
            await connection.execute(statement.encode())
    with pytest.raises(errors.InsufficientPrivilege):
        owner.execute(statement.encode())


async def test_a_command_has_one_answer(writer: Writer) -> None:
    """A second entry for the same command is refused by the database itself."""
    await writer.write("c1")
    with pytest.raises(errors.UniqueViolation, match="entry_one_answer_per_command"):
        await writer.write("c1")

    assert [entry.command_id for entry in await stored(writer.pool, writer.stream)] == ["c1"]


async def test_a_position_is_taken_once(writer: Writer) -> None:
    """Two writers who both believe to be next cannot both be."""
    first = await writer.write("c1")
    with pytest.raises(errors.UniqueViolation, match="entry_pkey"):
        await writer.write("c2", position=1, prev=GENESIS)

    assert await stored(writer.pool, writer.stream) == [first]


@pytest.mark.parametrize(
    "changes",
    [
        {"position": 7},
        {"prev": bytes(32)},
        {"recorded_at": NEW_YEAR},
        {"recorded_at": datetime(2999, 1, 1, tzinfo=UTC)},
    ],
)
async def test_an_entry_follows_the_one_before_it(writer: Writer, changes: dict[str, object]) -> None:
    """The database itself refuses a gap, a fork, and a time of recording that its clock did not show."""
    await writer.write("c1")
    with pytest.raises(psycopg.IntegrityError):
        await writer.write("c2", **changes)


@pytest.mark.parametrize(
    "changes", [{"actor": "two\nlines"}, {"type": "No Code"}, {"command_id": ""}, {"body": b"plain"}, {"stream": "x"}]
)
async def test_misshapen_columns_are_refused(pool: Pool, keyring: KeyRing, changes: dict[str, object]) -> None:
    """No column takes a value that is no id, no code or not sealed, so that no two entries can share a header."""
    entry = await Writer(pool, keyring).write("c1")
    altered = entry._replace(stream=new_stream())._replace(**changes)  # type: ignore[arg-type]  # as the test names it
    async with pool.connection() as connection:
        with pytest.raises(psycopg.IntegrityError):
            await ledger.append(connection, altered)


async def test_an_edit_behind_the_triggers_breaks_the_chain(writer: Writer, owner: psycopg.Connection) -> None:
    """Whoever disables the trigger and edits an entry is found by the chain."""
    for number in range(1, 6):
        await writer.write(f"c{number}")
    owner.execute("ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
    owner.execute("UPDATE entry SET actor = 'somebody.else' WHERE position = 3")
    owner.execute("ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_never_changed")

    with pytest.raises(BrokenChain) as found:
        verify_chain(await stored(writer.pool, writer.stream))
    assert (found.value.position, found.value.what) == (3, "was changed after it was sealed")


async def test_concurrent_writers_make_one_chain(pool: Pool, keyring: KeyRing) -> None:
    """Twenty writers at once produce one gapless chain whose times of recording never run back."""
    writer = Writer(pool, keyring)
    await writer.write("c0")

    async def one(number: int) -> None:
        async with transaction(pool) as connection:
            opened = await ledger.open_stream(
                connection, stream=writer.stream, position=1, command_id=f"c{number}", people=(), at=NEW_YEAR
            )
            last = opened.tail[-1]
            entry = last._replace(
                position=last.position + 1, command_id=f"c{number}", prev=last.hash, recorded_at=opened.now
            )
            await ledger.append(connection, seal(entry))

    await asyncio.gather(*(one(number) for number in range(1, 21)))
    entries = await stored(pool, writer.stream)

    assert verify_chain(entries)[0] == 21
    assert [entry.recorded_at for entry in entries] == sorted(entry.recorded_at for entry in entries)


async def test_taking_a_stream_shows_what_a_decision_needs(writer: Writer) -> None:
    """Whoever takes a stream sees the known answer, the tail from the entry believed last, and the database's clock."""
    entries = [await writer.write(f"c{number}") for number in range(1, 5)]
    async with transaction(writer.pool) as connection:
        opened = await ledger.open_stream(
            connection, stream=writer.stream, position=3, command_id="c1", people=("nobody",), at=NEW_YEAR
        )

    assert (opened.known, opened.tail, opened.staff) == (entries[0], entries[2:], {})
    assert timedelta(0) <= opened.now - entries[-1].recorded_at < timedelta(minutes=1)


async def test_a_failed_transaction_leaves_nothing(pool: Pool, keyring: KeyRing) -> None:
    """An exception inside a transaction undoes its entries and its new key, and the connection serves the next one."""
    writer = Writer(pool, keyring)
    with pytest.raises(psycopg.IntegrityError):
        await writer.write("c1", position=2)
    entry = await writer.write("c1")

    async with pool.connection() as connection:
        key = await KeyRing(keyring.program_key).stream_key(connection, writer.stream)

    assert await stored(pool, writer.stream) == [entry]
    assert key.open(entry.body, position=1) == BODY


async def test_reading_goes_on_over_batches(writer: Writer) -> None:
    """A stream longer than a batch is read whole, in order, from any position."""
    entries = [await writer.write(f"c{number}") for number in range(1, 8)]
    async with writer.pool.connection() as connection:
        batches = [batch async for batch in ledger.read_batches(connection, writer.stream, after=1, size=2)]
        streams = [stream async for stream in streams_in_order(connection)]

    assert batches == [entries[1:3], entries[3:5], entries[5:7]]
    assert streams == [writer.stream]


async def waiting_for_a_lock(pool: Pool) -> None:
    """Returns once a session waits for an advisory lock."""
    async with asyncio.timeout(10), pool.connection() as connection:
        while True:
            row = await (
                await connection.execute(b"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            ).fetchone()
            if row != (0,):
                return
            await asyncio.sleep(0.01)


async def test_a_cancelled_command_leaves_the_stream_free(writer: Writer) -> None:
    """A command that is cancelled while it waits for its stream gives everything back: the next one is recorded."""
    await writer.write("c1")
    async with transaction(writer.pool) as connection:
        await ledger.open_stream(connection, stream=writer.stream, position=1, command_id="c2", people=(), at=NEW_YEAR)
        late = asyncio.create_task(writer.write("c3"))
        await waiting_for_a_lock(writer.pool)
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
    async with asyncio.timeout(10):
        await writer.write("c4")

    assert [entry.command_id for entry in await stored(writer.pool, writer.stream)] == ["c1", "c4"]


async def broken_off(writer: Writer, last: Entry) -> None:
    """Appends an entry, and has the server end the session before the commit."""
    async with transaction(writer.pool) as connection:
        pid = connection.info.backend_pid
        opened = await ledger.open_stream(
            connection, stream=writer.stream, position=1, command_id="c2", people=(), at=NEW_YEAR
        )
        entry = last._replace(position=2, command_id="c2", prev=last.hash, recorded_at=opened.now)
        await ledger.append(connection, seal(entry))
        assert await ledger.head(connection, writer.stream) == seal(entry)
        async with writer.pool.connection() as other:
            await other.execute("SELECT pg_terminate_backend(%s)", (pid,))


async def test_a_lost_connection_loses_no_more_than_its_command(writer: Writer) -> None:
    """When the server ends a session in the middle of a command, nothing of it is recorded and the pool goes on."""
    first = await writer.write("c1")
    with pytest.raises(psycopg.OperationalError):
        await broken_off(writer, first)
    await writer.write("c3")

    assert [entry.command_id for entry in await stored(writer.pool, writer.stream)] == ["c1", "c3"]
