"""The vault and the inbox: free text is sealed and its reading logged; messages come once."""

import psycopg
import pytest

from activities.store import inbox, vault
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from tests.store.examples import new_stream

TEXT = "Came by the office, talked about the apprenticeship. Café at noon."


async def sealed(pool: Pool, keyring: KeyRing, text: str = TEXT) -> tuple[str, str]:
    stream = new_stream()
    async with pool.connection() as connection:
        return stream, await vault.seal_note(connection, keyring, stream=stream, text=text, author="p.lead")


async def read(pool: Pool, keyring: KeyRing, note: str, purpose: str = "review_decision") -> str:
    async with pool.connection() as connection:
        return await vault.read_note(connection, keyring, note=note, reader="p.chair", purpose=purpose)


async def test_a_note_comes_back_as_it_was_written(pool: Pool, keyring: KeyRing) -> None:
    """What was sealed is read back, also by a process that has to unwrap the key first."""
    _, note = await sealed(pool, keyring)

    assert await read(pool, KeyRing(keyring.program_key), note) == TEXT


async def test_a_note_is_not_in_the_database(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """The text of a note stands nowhere in the database in the clear."""
    await sealed(pool, keyring)
    found = owner.execute("SELECT sealed FROM vault").fetchall()

    assert [TEXT.encode() in row[0] or b"apprenticeship" in row[0] for row in found] == [False]


async def test_reading_is_logged_before_it_is_shown(pool: Pool, keyring: KeyRing, owner: psycopg.Connection) -> None:
    """When the text arrives, the access is already committed: another session sees who, what and what for."""
    stream, note = await sealed(pool, keyring)
    await read(pool, keyring, note)
    logged = owner.execute("SELECT 'note:' || note, stream, reader, purpose FROM access_log").fetchall()

    assert logged == [(note, stream, "p.chair", "review_decision")]
    async with pool.connection() as connection:
        assert [access.reader for access in await vault.accesses(connection, stream)] == ["p.chair"]


async def test_a_note_that_cannot_be_opened_is_logged_too(
    pool: Pool, keyring: KeyRing, owner: psycopg.Connection
) -> None:
    """An attempt to read a note that was tampered with fails in words, and the attempt stands in the log."""
    _, note = await sealed(pool, keyring)
    owner.execute("UPDATE vault SET sealed = set_byte(sealed, 20, 255 - get_byte(sealed, 20))")
    with pytest.raises(StoreRefused, match="cannot be opened"):
        await read(pool, keyring, note)

    assert owner.execute("SELECT count(*) FROM access_log").fetchone() == (1,)


async def test_a_note_is_not_read_inside_a_transaction(pool: Pool, keyring: KeyRing) -> None:
    """Reading inside an open transaction is refused, since its rollback would erase the log of what was seen."""
    _, note = await sealed(pool, keyring)
    async with pool.connection() as connection, connection.transaction():
        await connection.execute(b"SELECT 1")
        with pytest.raises(StoreRefused, match="outside of any transaction"):
            await vault.read_note(connection, keyring, note=note, reader="p.chair", purpose="review_decision")


@pytest.mark.parametrize(
    ("note", "purpose"),
    [("note:x", "audit"), ("note:00000000-0000-0000-0000-000000000000", "audit"), ("valid", "Because I want to")],
)
async def test_a_wrong_reference_or_purpose_is_refused(pool: Pool, keyring: KeyRing, note: str, purpose: str) -> None:
    """An unknown reference, or a purpose that is no code, is refused in words."""
    _, valid = await sealed(pool, keyring)
    with pytest.raises(StoreRefused):
        await read(pool, keyring, valid if note == "valid" else note, purpose)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("  \n", "empty"),
        ("a\x00b", "NUL"),
        ("half \ud83d", "half of a character"),
        ("é" * 32_769, "65538 bytes"),
    ],
)
def test_text_that_cannot_be_kept_is_refused(text: str, why: str) -> None:
    """Empty or broken text, and text beyond 64 KiB, is refused before anything is stored, and is not repeated."""
    with pytest.raises(StoreRefused, match=why) as refused:
        vault.checked_text(text)

    assert text.strip() == "" or text not in str(refused.value)


def test_text_is_kept_composed_and_up_to_the_limit() -> None:
    """Text that looks the same is stored the same, and exactly 64 KiB still fit."""
    assert vault.checked_text("e\u0301") == "\u00e9"
    assert len(vault.checked_text("x" * vault.MAX_NOTE_BYTES)) == vault.MAX_NOTE_BYTES


async def test_the_longest_note_can_be_stored(pool: Pool, keyring: KeyRing) -> None:
    """A note of exactly the limit passes the table's own check as well."""
    text = "x" * vault.MAX_NOTE_BYTES
    _, note = await sealed(pool, keyring, text)

    assert await read(pool, keyring, note) == text


async def test_a_message_arrives_once(pool: Pool) -> None:
    """A delivery that is repeated puts no second message into the inbox."""
    message = {
        "stream": new_stream(),
        "key": "12/1",
        "person": "p.lead",
        "template": "check_in_due",
        "link": "offramp case show",
    }
    async with pool.connection() as connection:
        put = [await inbox.put(connection, params={"level": 1}, **message) for _ in range(2)]
        read_back = await inbox.read_inbox(connection, "p.lead")

        assert put == [True, False]
        assert [one._replace(put_at=None)._asdict() for one in read_back] == [  # type: ignore[arg-type]
            {**message, "params": {"level": "1"}, "put_at": None, "done_at": None}
        ]
        assert await inbox.read_inbox(connection, "p.chair") == []


async def test_that_a_case_was_looked_at_is_logged_with_who_and_what_for(pool: Pool, keyring: KeyRing) -> None:
    """Seeing a case leaves a trace beside the texts that were opened, and never within a transaction that could take it back."""
    stream, note = await sealed(pool, keyring)
    await read(pool, keyring, note)
    async with pool.connection() as connection:
        await vault.log_reading(connection, stream=stream, reader="p.lead", purpose="case_show")
        found = await vault.accesses(connection, stream)
        async with connection.transaction():
            with pytest.raises(StoreRefused, match="outside of any transaction"):
                await vault.log_reading(connection, stream=stream, reader="p.lead", purpose="case_show")

    assert [(one.note, one.reader, one.purpose) for one in found] == [
        (note, "p.chair", "review_decision"),
        (None, "p.lead", "case_show"),
    ]
