"""The vault: free text, sealed under the key of its stream. Everything else carries `note:<uuid>` in its place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID, uuid4

from psycopg import AsyncRawCursor
from psycopg.pq import TransactionStatus

from activities.store.keys import KeyRing
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import sql

MAX_NOTE_BYTES = 64 * 1024
_NOTE = re.compile(r"^note:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
_CODE = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


class Access(NamedTuple):
    """That somebody read a note (None: the content of the case as a whole): which, who, what for, and when (an ISO instant in UTC)."""

    note: str | None
    reader: str
    purpose: str
    at: str


def checked_text(text: str) -> str:
    """The text as it is sealed: in Unicode's composed form (NFC), so that what looks the same is the same.

    Raises:
        StoreRefused: it is empty, longer than 64 KiB in UTF-8, or holds a NUL or half of a character.
    """
    if not text.strip():
        raise StoreRefused("the text is empty", "Write the reasons down; they are read by whoever reviews the case.")
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise StoreRefused("the text holds a NUL or half of a character", "Save it as UTF-8 text and give it again.")
    composed = unicodedata.normalize("NFC", text)
    length = len(composed.encode())
    if length > MAX_NOTE_BYTES:
        what = f"the text has {length} bytes; at most {MAX_NOTE_BYTES} are kept in one note"
        raise StoreRefused(what, "Shorten it, or split it into several notes.")
    return composed


async def seal_note(
    connection: Connection, keyring: KeyRing, *, stream: str, text: str, author: str, command_id: str | None = None
) -> str:
    """Seal `text` under the key of `stream` (made if there is none yet) and give the reference to it, `note:<uuid>`.

    A second run stores the text a second time, under another reference: whoever repeats a command repeats its reference too.

    Raises:
        StoreRefused: the text cannot be kept (see `checked_text`), or the program key is the wrong one.
    """
    plaintext = checked_text(text).encode()
    identity = uuid4()
    key = await keyring.stream_key(connection, stream, create=True)
    sealed = key.seal_note(plaintext, note=str(identity))
    parameters = (identity, stream, author, command_id, sealed)
    await AsyncRawCursor(connection).execute(sql("note_add"), parameters, binary=True)
    return f"note:{identity}"


async def read_note(connection: Connection, keyring: KeyRing, *, note: str, reader: str, purpose: str) -> str:
    """The text of a note. That it is read is committed to the access log before anything is returned.

    Args:
        connection: outside a transaction, since a later rollback would undo the log of what was already seen.
        keyring: the keys of the streams.
        note: the reference, `note:<uuid>`.
        reader: person id of whoever reads it.
        purpose: a code, for example `review_decision`.

    Raises:
        StoreRefused: no such note, the purpose is no code, a transaction is open, or the note cannot be opened.
    """
    identity = _identity(note)
    _require_loggable(connection, purpose)
    async with connection.transaction():
        cursor = AsyncRawCursor(connection)
        row = await (await cursor.execute(sql("note_access"), (identity, reader, purpose), binary=True)).fetchone()
        if row is None:
            raise StoreRefused(
                f"there is no {note}", "Check the reference; a note that was erased cannot be had again."
            )
        stream, sealed = row
        key = await keyring.stream_key(connection, stream)
    return key.open_note(sealed, note=str(identity)).decode()


async def log_reading(connection: Connection, *, stream: str, reader: str, purpose: str) -> None:
    """Commit to the access log that `reader` is about to see the content of the case: its minutes, its standing, its statement.

    Raises:
        StoreRefused: the purpose is no code, or a transaction is open.
    """
    await log_readings(connection, [stream], reader=reader, purpose=purpose)


async def log_readings(connection: Connection, streams: Sequence[str], *, reader: str, purpose: str) -> None:
    """The same for a list over several cases: an entry for each, in one statement.

    Raises:
        StoreRefused: the purpose is no code, or a transaction is open.
    """
    _require_loggable(connection, purpose)
    async with connection.transaction():
        await AsyncRawCursor(connection).execute(sql("case_access"), (list(streams), reader, purpose))


def _require_loggable(connection: Connection, purpose: str) -> None:
    if not _CODE.match(purpose):
        what = "the purpose of reading is not a code"
        raise StoreRefused(what, "Give one like review_decision: lower-case letters, digits and _.")
    if connection.info.transaction_status is not TransactionStatus.IDLE:
        raise StoreRefused("a case is read outside of any transaction, so that its access log stands", "Commit first.")


async def accesses(connection: Connection, stream: str) -> list[Access]:
    """Who read notes of the stream, or the case as a whole, oldest first."""
    rows = await (await AsyncRawCursor(connection).execute(sql("accesses"), (stream,))).fetchall()
    return [
        Access(None if note is None else f"note:{note}", reader, purpose, at.isoformat())
        for note, reader, purpose, at in rows
    ]


def _identity(note: str) -> UUID:
    match = _NOTE.match(note)
    if match is None:
        raise StoreRefused("this is no reference to a note", "A reference reads note: and a UUID in lower case.")
    return UUID(match[1])
