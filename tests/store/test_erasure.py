"""Erasure: what two people decided is forgotten everywhere, and that it was decided is not."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import psycopg
import pytest

from activities.record import Recorder
from activities.store import erasure, read_model
from activities.store.erasure_journal import Erased, Journal
from activities.store.fold import fold
from activities.store.keys import KeyRing, RecordErased
from activities.store.log import seal
from activities.store.log import sequence as seal_all
from activities.store.pool import Pool, open_pool
from activities.store.priors import priors
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from activities.store.vault import read_note, seal_note
from starter.audit.chain import verify_stream
from starter.audit.log import check_log
from starter.audit.whole import Against, check_ledger
from starter.stack import Stack
from tests.case.examples import MEMBERS, note, person
from tests.conftest import Database, copied
from tests.privacy.canaries import forms
from tests.store.test_read_model import CHAIR, COMMUNITY, LEAD, REASONS, SUPERVISOR, Desk, recorder
from workflows.core.kinds import ENGINE

__all__ = ["recorder"]
OFFICER, DIRECTOR = person("data_protection_officer"), person("program_director")
CASES = int(os.environ.get("OFFRAMP_ERASURE_CASES", "12"))
"""Cases of the search for canaries; half of them are erased."""
NOTES = 50
GONE, KEPT = "qxzerasedcanary", "qxzlivingcanary"
"""How the made-up texts begin: those of cases that are erased, and those of cases that are not."""


async def settle(desk: Desk) -> None:
    """Report every notice as delivered, and serve what the person is owed."""
    while desk.case.notice.pending or desk.case.service.owed:
        for key in list(desk.case.notice.pending):
            await desk.do(ENGINE, "record_delivery", delivery={"key": key, "outcome": "delivered", "channel": "inbox"})
        for number in list(desk.case.service.owed):
            await desk.do(SUPERVISOR, "record_service", notice=number, how="in_person", language="de", proof=note(14))


async def closed(recorder: Recorder, *, shared: bool = False) -> Desk:
    """A case that its panel closed and whose person was told; `shared`: something was disclosed to a partner before."""
    desk = Desk(recorder)
    await desk.open()
    if shared:
        await desk.do(LEAD, "give_consent", scope="share:housing_office", form_version="v1", language="en", explained_by=LEAD, capacity_judged_by=LEAD)  # fmt: skip
        await desk.do(
            LEAD, "request_disclosure", partner="housing_office", recipient="housing_officer", purpose="referral", fields=["contact_route"],
            agreement="housing_2026", **REASONS,
        )  # fmt: skip
        await desk.do(SUPERVISOR, "approve_disclosure", disclosure=1, **REASONS)
        await desk.do(LEAD, "record_told", disclosure=1, how="in_person", language="de")
    number = desk.case.review.next_number
    await desk.do(LEAD, "request_review", to="closed", participant_view=note(2), **REASONS)
    for voter in (CHAIR, COMMUNITY, *MEMBERS[:2]):
        await desk.do(voter, "approve_review", review=number, **REASONS)
    await settle(desk)
    return desk


async def approve(desk: Desk) -> None:
    """Have two people decide that the record be erased."""
    await desk.do(OFFICER, "record_copy_given", how="handed_over", proof=note(11))
    await desk.do(OFFICER, "request_erasure", **REASONS)
    await desk.do(DIRECTOR, "approve_erasure", **REASONS)


async def texts(pool: Pool, keyring: KeyRing, desk: Desk, *words: str) -> list[str]:
    """These texts, sealed under the case's key; their references."""
    async with pool.connection() as connection:
        return [await seal_note(connection, keyring, stream=desk.case.stream, text=one, author=LEAD) for one in words]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """A journal that is not begun."""
    return Journal(tmp_path / "erasures.jsonl")


async def test_texts_go_with_the_decision_and_the_key_once_nothing_is_owed(
    recorder: Recorder, pool: Pool, keyring: KeyRing, journal: Journal
) -> None:
    """The decision destroys texts in its own transaction; the key lives until everybody who must be told was told, and then goes for good."""
    desk = await closed(recorder, shared=True)
    (reference,) = await texts(pool, keyring, desk, "a made-up text")
    await approve(desk)
    async with pool.connection() as connection:
        with pytest.raises(StoreRefused, match="there is no note"):
            await read_note(connection, keyring, note=reference, reader="auditor", purpose="audit")
    assert not desk.case.finished
    assert await erasure.carry_out(pool, keyring, journal) == []

    await desk.do(LEAD, "record_recipient_told", disclosure=1, about="erasure", proof=note(15))
    await settle(desk)
    (done,) = await erasure.carry_out(pool, keyring, journal)

    assert done.stream == desk.case.stream
    assert [one.stream for one in journal.read()] == [desk.case.stream]
    async with pool.connection() as connection:
        with pytest.raises(RecordErased, match=r"was erased, as data_protection_officer\.1 asked and program_director\.1 approved"):  # fmt: skip
            await fold(connection, keyring, desk.case.stream)
        (tombstone,) = await erasure.erasures(connection)
        assert (tombstone.requested_by, tombstone.approved_by) == (OFFICER, DIRECTOR)
        assert tombstone.destroyed_at is not None
    assert await erasure.carry_out(pool, keyring, journal) == []


async def test_a_key_goes_only_once_its_record_is_sealed(
    recorder: Recorder, pool: Pool, keyring: KeyRing, journal: Journal
) -> None:
    """Where what is recorded could not be signed and put into the escrow, no key is destroyed and the journal names none; the next time it is."""
    desk = await closed(recorder)
    await approve(desk)
    await settle(desk)
    answers = iter((False, True))

    async def seal() -> bool:
        async with pool.connection() as connection:
            assert not await erasure.is_destroyed(connection, desk.case.stream)
        return next(answers)

    assert await erasure.carry_out(pool, keyring, journal, seal=seal) == []
    assert list(journal.read()) == []
    (done,) = await erasure.carry_out(pool, keyring, journal, seal=seal)

    assert done.stream == desk.case.stream


async def test_an_erased_record_is_never_begun_again(
    recorder: Recorder, pool: Pool, keyring: KeyRing, journal: Journal
) -> None:
    """No key is made for it anew, no entry is added, the read model is rebuilt around it, and it bars no link."""
    desk, other = await closed(recorder), await closed(recorder)
    await approve(desk)
    await settle(desk)
    await erasure.carry_out(pool, keyring, journal)

    with pytest.raises(Exception, match="the record of this case was erased"):
        await desk.send(LEAD, "keep_check_in", channel="call")
    assert (await read_model.rebuild(pool, keyring)).entries == other.case.position
    async with pool.connection() as connection:
        with pytest.raises(RecordErased):
            await keyring.stream_key(connection, desk.case.stream, create=True)
        assert set(await priors(connection, keyring, [desk.case.stream, other.case.stream])) == {other.case.stream}


async def test_a_crash_at_any_point_is_made_good(
    recorder: Recorder, pool: Pool, keyring: KeyRing, journal: Journal, tmp_path: Path
) -> None:
    """Written down and not yet destroyed: the next round does it. Cut off while it was written down: it is written again."""
    desk = await closed(recorder)
    await approve(desk)
    await settle(desk)
    async with pool.connection() as connection:
        (tombstone,) = await erasure.erasures(connection)
    journal.add(tombstone.erased)
    with (tmp_path / "erasures.jsonl").open("r+b") as file:
        whole = file.read()
        file.truncate(len(whole) - 9)
    assert journal.read() == []

    await erasure.carry_out(pool, keyring, journal)

    assert (tmp_path / "erasures.jsonl").read_bytes() == whole
    async with pool.connection() as connection:
        assert await erasure.is_destroyed(connection, desk.case.stream)


async def test_a_journal_that_cannot_be_written_or_read_keeps_every_key(
    recorder: Recorder, pool: Pool, keyring: KeyRing, tmp_path: Path
) -> None:
    """No key is destroyed that is not written down first; and what stands damaged in the journal is not guessed."""
    desk = await closed(recorder)
    await approve(desk)
    await settle(desk)
    with pytest.raises(StoreRefused, match="cannot be written"):
        await erasure.carry_out(pool, keyring, Journal(tmp_path / "missing" / "erasures.jsonl"))
    async with pool.connection() as connection:
        assert not await erasure.is_destroyed(connection, desk.case.stream)
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_text('{"stream": "case/1"}\n', encoding="utf-8")
    with pytest.raises(StoreRefused, match="line 1 is damaged"):
        await erasure.erase_again(pool, keyring, Journal(damaged))


async def test_a_restored_backup_is_erased_again_before_it_opens(
    recorder: Recorder, pool: Pool, keyring: KeyRing, journal: Journal, *, database: Database, stack: Stack
) -> None:
    """A copy of the database from before the decision, or from after it, loses the record again, and no other one."""
    desk, other = await closed(recorder), await closed(recorder)
    await pool.close()
    with copied(stack, database) as before:
        again = await open_pool(database.dsn_app, size=4)
        desk_again = Desk(Recorder(again, keyring))
        desk_again.case, desk_again.at, desk_again._numbers = desk.case, desk.at, desk._numbers
        await approve(desk_again)
        await settle(desk_again)
        await erasure.carry_out(again, keyring, journal)
        await again.close()

        fresh = KeyRing(keyring.program_key)
        backup = await open_pool(before.dsn_app, size=4)
        async with backup.connection() as connection:
            assert (await fold(connection, fresh, desk.case.stream)).closed
        assert await erasure.erase_again(backup, fresh, journal) == [desk.case.stream]
        assert await erasure.erase_again(backup, fresh, journal) == []
        async with backup.connection() as connection:
            with pytest.raises(RecordErased):
                await fold(connection, fresh, desk.case.stream)
            assert (await fold(connection, fresh, other.case.stream)).closed
        await backup.close()


async def test_the_application_can_delete_nothing_else(
    recorder: Recorder, database: Database, owner: psycopg.Connection
) -> None:
    """Without a tombstone neither texts nor keys can be destroyed, and a tombstone is neither changed nor taken away, not even by the owner."""
    desk = await closed(recorder)
    with psycopg.connect(database.dsn_app, autocommit=True) as app:
        for function in ("erase_texts", "destroy_key"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no erasure of this stream was approved"):
                app.execute(f"SELECT {function}(%s)", (desk.case.stream,))
        for table in ("key", "vault"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
    await approve(desk)
    for statement in ("DELETE FROM erasure", "UPDATE erasure SET approved_by = 'somebody.else'", "TRUNCATE erasure"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(statement)


async def test_a_key_that_somebody_destroyed_is_no_erasure(
    recorder: Recorder, pool: Pool, keyring: KeyRing, *, journal: Journal, owner: psycopg.Connection
) -> None:
    """Whoever deletes a key and writes a tombstone for it is found out: neither the ledger nor the journal knows of such a decision."""
    erased, robbed = await closed(recorder), await closed(recorder)
    await approve(erased)
    await settle(erased)
    await erasure.carry_out(pool, keyring, journal)
    await seal_all(pool, keyring)
    owner.execute(
        "INSERT INTO erasure VALUES (%s, 3, 'officer.1', 'director.1', now(), NULL, NULL)", (robbed.case.stream,)
    )
    owner.execute("SELECT destroy_key(%s)", (robbed.case.stream,))

    fresh = KeyRing(keyring.program_key)
    async with pool.connection() as connection:
        for known in (journal, None):
            checked = await check_ledger(connection, fresh, against=Against(journal=known))
            assert [one.fault.stream for one in checked.streams if one.fault is not None] == [robbed.case.stream]


def test_the_journal_holds_each_erasure_once(journal: Journal) -> None:
    """Adding twice adds once, and what was added is read as it was."""
    from datetime import UTC, datetime

    one = Erased("case/1", 7, "officer.1", "director.1", datetime(2026, 1, 5, tzinfo=UTC))
    two = one._replace(stream="case/2")
    for erased in (one, two, one):
        journal.add(erased)

    assert journal.read() == [one, two]


def files_of(stack: Stack, database: Database) -> list[Path]:
    """Every file of the database and of the write-ahead log, once nothing older than now is needed any more."""
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as admin:
        for _ in range(2):
            admin.execute("SELECT pg_switch_wal()")
            admin.execute("CHECKPOINT")
        (folder,) = admin.execute("SELECT current_setting('data_directory')").fetchone() or ("",)
        (oid,) = admin.execute("SELECT oid FROM pg_database WHERE datname = %s", (database.name,)).fetchone() or (0,)
    return [path for part in (f"base/{oid}", "pg_wal") for path in (Path(folder) / part).rglob("*") if path.is_file()]


def found(files: Iterable[Path], patterns: Iterable[bytes]) -> set[bytes]:
    """Those of the patterns that stand in one of the files."""
    left, seen = set(patterns), set()
    for path in files:
        raw = path.read_bytes()
        hits = {pattern for pattern in left if pattern in raw}
        seen |= hits
        left -= hits
    return seen


@pytest.mark.timeout(900)
async def test_no_canary_of_an_erased_case_is_found_again(
    recorder: Recorder,
    pool: Pool,
    keyring: KeyRing,
    journal: Journal,
    *,
    database: Database,
    stack: Stack,
    tmp_path: Path,
) -> None:
    """Of half the cases nothing can be read any more: not in tables, files, or the write-ahead log, not with any living key. All proofs still hold."""
    generate_log_key(tmp_path / "log.key", "test.example/log")
    log_key = LogKey.from_file(tmp_path / "log.key")
    desks = [await closed(recorder) for _ in range(CASES)]
    gone, kept = desks[::2], desks[1::2]
    for desks_of, word in ((gone, GONE), (kept, KEPT)):
        for number, desk in enumerate(desks_of):
            await texts(pool, keyring, desk, *(f"{word} {number} {n}: somebody wrote this" for n in range(NOTES)))
    earlier = await seal(pool, keyring, log_key)
    assert earlier is not None
    with psycopg.connect(database.dsn_owner) as connection:
        wrapped: dict[str, bytes] = dict(connection.execute("SELECT stream, wrapped FROM key").fetchall())

    for desk in gone:
        await approve(desk)
        await settle(desk)
    assert len(await erasure.carry_out(pool, keyring, journal)) == len(gone)
    await seal(pool, keyring, log_key)

    files = files_of(stack, database)
    dead = {wrapped[desk.case.stream] for desk in gone}
    alive = {wrapped[desk.case.stream] for desk in kept}
    assert found(files, dead) == set(), "a wrapped key of an erased case can still be had"
    assert found(files, alive) == alive, "the search would not find a key that is there"
    assert found(files, {*forms(GONE), *forms(KEPT)}) == set()
    fresh = KeyRing(keyring.program_key)
    async with pool.connection() as connection:
        listed = await (await connection.execute("SELECT stream, note FROM vault")).fetchall()
        assert {stream for stream, _ in listed} == {desk.case.stream for desk in kept}
        read = [await read_note(connection, fresh, note=f"note:{n}", reader="auditor", purpose="audit") for _, n in listed[:NOTES]]  # fmt: skip
        assert all(text.startswith(KEPT) for text in read)
        for desk in desks:
            one = await verify_stream(connection, desk.case.stream, keyring=fresh, erased=desk in gone)  # fmt: skip
            assert one.fault is None
            assert (one.sealed is not None) == (desk in gone)
        log = await check_log(connection, verifier=log_key.verifier, kept=(earlier.note,))
        assert log.fault is None
