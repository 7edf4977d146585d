"""The escrow holds whatever is signed, before it is signed; an erasure reaches it; what a crash cut off in it is recognized."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from activities.store import erasure, vault
from activities.store import escrow as escrow_module
from activities.store.erasure_journal import Erased, Journal
from activities.store.escrow import Escrow, Line, Mark
from activities.store.escrowing import Escrowing
from activities.store.keys import KeyRing, RecordErased
from activities.store.log import last_checkpoint, seal, waiting
from activities.store.lost import keyless, require_tail
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.restoring import as_entry, as_row
from activities.store.signing import LogKey
from tests.store.conftest import keyring, log_key, owner, pool
from tests.store.examples import NEW_YEAR, Writer

__all__ = ["keyring", "log_key", "owner", "pool"]


@pytest.fixture
def escrow(tmp_path: Path) -> Escrow:
    """A place for the escrow, empty."""
    return Escrow(tmp_path / "escrow")


async def test_what_is_signed_stands_in_the_escrow(pool: Pool, keyring: KeyRing, log_key: LogKey, escrow: Escrow) -> None:  # fmt: skip
    """Entries with their leaves, the wrapped key and the notes of each stream are there, each entry as its row is."""
    writer = Writer(pool, keyring)
    written = [await writer.write(f"c{number}") for number in range(3)]
    async with pool.connection() as connection:
        note = await vault.seal_note(connection, keyring, stream=writer.stream, text="kept", author="p.lead")
    await writer.write("c3")
    sealed = await seal(pool, keyring, log_key, before_signing=Escrowing(escrow).keep_placed)
    assert sealed is not None
    lines = [line for line in escrow.lines() if line.kind == "leaf"]

    assert [as_entry(line.held["entry"]) for line in lines][:3] == written
    assert as_entry(as_row(written[0])) == written[0]
    assert escrow.mark() == Mark(4, sealed.root.hex())
    assert set(escrow.keys()) == {writer.stream}
    assert [f"note:{line.held['note']}" for line in escrow.texts(writer.stream)] == [note]


async def test_nothing_is_signed_that_the_escrow_could_not_take(pool: Pool, keyring: KeyRing, log_key: LogKey, tmp_path: Path) -> None:  # fmt: skip
    """Where the escrow cannot be written, no checkpoint is signed; once it can, what waited is signed."""
    (tmp_path / "full").write_text("no folder\n", encoding="utf-8")
    with pytest.raises(StoreRefused, match="cannot be written"), Escrow(tmp_path / "full").writing():
        pytest.fail("it was written")
    await Writer(pool, keyring).write("c1")
    with pytest.raises(StoreRefused, match="the escrow cannot be read"):
        await seal(pool, keyring, log_key, before_signing=Escrowing(Escrow(tmp_path / "full")).keep_placed)
    async with pool.connection() as connection:
        assert await last_checkpoint(connection) is None
    (tmp_path / "full").unlink()
    sealed = await seal(pool, keyring, log_key, before_signing=Escrowing(Escrow(tmp_path / "full")).keep_placed)

    assert sealed is not None


async def test_an_entry_is_in_the_escrow_before_it_has_a_place(pool: Pool, keyring: KeyRing, log_key: LogKey, escrow: Escrow) -> None:  # fmt: skip
    """What waits stands in a tail, which goes once the log's files hold it; another process's tail stays as long as it holds more."""
    writer, one, other = Writer(pool, keyring), Escrowing(escrow), Escrowing(Escrow(escrow.folder))
    await writer.write("c1")
    await other.keep_waiting(pool)
    await writer.write("c2")
    assert await one.keep_waiting(pool) == 2
    assert sorted(int(row["position"]) for row in escrow.tail()) == [1, 1, 2]
    await seal(pool, keyring, log_key, before_signing=one.keep_placed)
    assert list(escrow.tail()) == []
    await writer.write("c3")
    await other.keep_waiting(pool)
    assert [int(row["position"]) for row in escrow.tail()] == [3]
    async with pool.connection() as connection:
        await require_tail(connection, escrow)


async def test_a_ledger_that_lacks_what_waited_is_behind(pool: Pool, keyring: KeyRing, escrow: Escrow) -> None:
    """An entry of a tail that the ledger does not hold, or holds otherwise, is missing though no checkpoint covers it."""
    written = await Writer(pool, keyring).write("c1")
    lost = as_row(written._replace(position=2, prev=written.hash))
    with escrow.writing():
        escrow.add_to_tail([as_row(written), lost])
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="holds 1 entries in 1 streams that were recorded last"):
            await require_tail(connection, escrow)


def test_a_line_that_was_cut_off_or_spoiled_is_left_out(escrow: Escrow) -> None:
    """A torn last line and a changed byte are recognized; what stands before and behind them is read."""
    with escrow.writing():
        escrow.add(Line("checkpoint", {"note": str(number)}) for number in range(4))
    (path,) = escrow.folder.glob("log-*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b'"1"', b'"7"') + lines[2] + lines[3][:-9])

    assert [line.held["note"] for line in escrow.lines()] == ["0", "2"]
    again = Escrow(escrow.folder)
    with again.writing():
        again.add([Line("checkpoint", {"note": "4"})])
    assert [line.held["note"] for line in escrow.lines()] == ["0", "2", "4"]


async def test_a_key_that_was_wrapped_anew_is_kept_anew(
    pool: Pool, keyring: KeyRing, log_key: LogKey, escrow: Escrow, owner: psycopg.Connection
) -> None:
    """After a change of the program key the escrow follows, though nothing was recorded in the stream."""
    writer, writing = Writer(pool, keyring), Escrowing(escrow)
    await writer.write("c1")
    await seal(pool, keyring, log_key, before_signing=writing.keep_placed)
    owner.execute("UPDATE key SET key_id = 'rotated', wrapped = wrapped || '\\x00'::bytea")
    await seal(pool, keyring, log_key, before_signing=writing.keep_placed)
    row = escrow.key(writer.stream)

    assert row is not None
    assert row["key_id"] == "rotated"


async def test_an_erasure_reaches_the_escrow(pool: Pool, keyring: KeyRing, log_key: LogKey, escrow: Escrow, tmp_path: Path) -> None:  # fmt: skip
    """Key and texts of an erased stream are gone from the escrow's files, byte by byte, also where a restored backup is erased again; its entries stay sealed."""
    writer, writing, journal = Writer(pool, keyring), Escrowing(escrow), Journal(tmp_path / "erasures.jsonl")
    await writer.write("c1")
    async with pool.connection() as connection:
        await vault.seal_note(connection, keyring, stream=writer.stream, text="to be forgotten", author="p.lead")
    await seal(pool, keyring, log_key, before_signing=writing.keep_placed)
    row = escrow.key(writer.stream)
    assert row is not None
    journal.add(Erased(writer.stream, 1, "sofia", "tariq", NEW_YEAR))
    await erasure.erase_again(pool, keyring, journal, escrow=writing)
    await seal(pool, keyring, log_key, before_signing=writing.keep_placed)
    everything = b"".join(path.read_bytes() for path in escrow.folder.rglob("*") if path.is_file())

    assert (escrow.key(writer.stream), escrow.texts(writer.stream)) == (None, [])
    assert str(row["wrapped"]).encode() not in everything
    assert sum(line.kind == "leaf" for line in escrow.lines()) == 1


async def test_a_lost_key_is_never_made_anew(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """A stream whose key is gone is named; nothing can be added to it and nothing is read as empty; one that was erased is not among them."""
    lost, erased = Writer(pool, keyring), Writer(pool, keyring)
    await lost.write("c1")
    await erased.write("c1")
    owner.execute("INSERT INTO erasure VALUES (%s, 1, 'sofia', 'tariq', now(), now())", (erased.stream,))
    owner.execute("DELETE FROM key")
    keyring.forget(lost.stream)
    keyring.forget(erased.stream)
    async with pool.connection() as connection:
        assert await keyless(connection) == [lost.stream]
        with pytest.raises(
            StoreRefused, match="is missing, though the ledger holds its entries and nobody erased them"
        ) as refused:
            await keyring.stream_key(connection, lost.stream, create=True)
        with pytest.raises(RecordErased):
            await keyring.stream_key(connection, erased.stream, create=True)

    assert "offramp recover" in refused.value.cure


async def test_a_log_that_two_people_let_go_on_is_written_anew(pool: Pool, keyring: KeyRing, log_key: LogKey, escrow: Escrow) -> None:  # fmt: skip
    """Where the mark speaks of another log than the one that is there, all of this one is written."""
    writer, writing = Writer(pool, keyring), Escrowing(escrow)
    for number in range(2):
        await writer.write(f"c{number}")
    with escrow.writing():
        escrow.set_mark(Mark(2, bytes(32).hex()))
    await seal(pool, keyring, log_key, before_signing=writing.keep_placed)

    assert [line.held["leaf"] for line in escrow.lines() if line.kind == "leaf"] == [0, 1]


async def test_an_entry_without_its_key_keeps_nobody_from_a_place(
    pool: Pool, keyring: KeyRing, log_key: LogKey, owner: psycopg.Connection
) -> None:
    """The log goes on without the entries of a stream whose key was lost; they go on waiting."""
    lost, other = Writer(pool, keyring), Writer(pool, keyring)
    await lost.write("c1")
    await other.write("c1")
    owner.execute("DELETE FROM key WHERE stream = %s", (lost.stream,))
    keyring.forget(lost.stream)
    sealed = await seal(pool, keyring, log_key)
    async with pool.connection() as connection:
        waits = await waiting(connection)

    assert sealed is not None
    assert (sealed.size, waits) == (1, 1)


def test_the_names_of_texts_are_known_without_reading_them_again(escrow: Escrow) -> None:
    """What one process or another added is known, a cut-off line is not, and a file that was destroyed and begun anew is read anew."""
    other = Escrow(escrow.folder)
    with escrow.writing():
        for number in range(3):
            (escrow, other)[number % 2].add_texts("case/1", [Line("note", {"note": str(number)})])
            assert escrow.text_names("case/1") == {("note", str(one)) for one in range(number + 1)}
        (path,) = escrow.folder.glob("streams/*.texts.jsonl")
        half = path.read_bytes()
        other.add_texts("case/1", [Line("message", {"key": "k", "person": "lena"})])
        path.write_bytes(path.read_bytes()[:-9])
        assert escrow.text_names("case/1") == {("note", "0"), ("note", "1"), ("note", "2")}
        path.write_bytes(half)
        other.add_texts("case/1", [Line("message", {"key": "k", "person": "lena"})])
        assert ("message", "k lena") in escrow.text_names("case/1")
        other.destroy_texts("case/1")
        assert ("message", "k lena") in escrow.text_names("case/1")
        other.destroy("case/1")
        assert escrow.text_names("case/1") == set()
        assert escrow.text_names("case/2") == set()


def test_what_was_read_of_a_long_file_is_not_read_again(escrow: Escrow, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many texts a case has, a look at its file parses those that were added since the last one."""
    parsed: list[bytes] = []
    line = escrow_module._line

    def counted(raw: bytes) -> Line | None:
        parsed.append(raw)
        return line(raw)

    monkeypatch.setattr(escrow_module, "_line", counted)
    with escrow.writing():
        escrow.add_texts("case/1", [Line("note", {"note": str(number)}) for number in range(100)])
        escrow.text_names("case/1")
        before = len(parsed)
        escrow.add_texts("case/1", [Line("note", {"note": "one more"})])
        names = escrow.text_names("case/1")

    assert len(names) == 101
    assert sum(len(raw) > 0 for raw in parsed[before:]) == 1
