"""The index of names: finding cases of the same person while the database holds no readable name.

The names stand in the vault, sealed under the key of their stream. Beside them stand tokens: 16 bits each of an HMAC of a phonetic code, under a key that
HKDF derives from the program key for this alone, padded at random to multiples of `PADDED`. An opening blocks by shared tokens, opens the few candidates inside this process, and
compares them there.

What a stolen database still shows: which cases share tokens, and so may be alike, and which tokens are frequent; whoever also knows how frequent names are may guess
that a frequent token stands for a frequent name's sound. There are no n-grams or bit sets in it, which such attacks spell names from; 16 bits let
different sounds fall together, and the padding hides how many parts a name has. Without the program key no guess can be tried out. Whoever holds the program
key can read the vault itself.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import date
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from psycopg import AsyncRawCursor

from activities.store.keys import KeyRing
from activities.store.names import ALIKE, Identity, codes, likeness
from activities.store.pool import Connection
from activities.store.statements import sql
from activities.store.vault import seal_note

LABEL = b"offramp.name_index.v1"
TOKEN_BITS = 16
PADDED = 16
MOST_OPENED = 200
"""Candidates that are opened and compared at one opening: those that share most tokens."""
MOST_LINKS = 5
"""Possible links that one opening records: the most alike; a person answers each of them."""


class Sealing(NamedTuple):
    """Whose names are sealed, by whom, and with which command."""

    stream: str
    author: str
    command_id: str | None = None


async def seal_identity(connection: Connection, keyring: KeyRing, identity: Identity, sealing: Sealing) -> str:
    """Seal the names of a stream's person and index them; the reference to them, `note:<uuid>`.

    A second run seals them again and leaves the index as it was: the first names of a stream are those that it is found by.

    Raises:
        StoreRefused: the names cannot be kept, or the program key is the wrong one.
    """
    born = identity.born.isoformat() if isinstance(identity.born, date) else identity.born
    text = json.dumps({"names": identity.names, "born": born}, ensure_ascii=False)
    note = await seal_note(
        connection, keyring, stream=sealing.stream, text=text, author=sealing.author, command_id=sealing.command_id
    )
    tokens = _tokens(await keyring.derive(connection, LABEL), codes(identity))
    parameters = (sealing.stream, UUID(note.removeprefix("note:")), tokens)
    await AsyncRawCursor(connection).execute(sql("name_index_add"), parameters)
    return note


async def matches(connection: Connection, keyring: KeyRing, stream: str) -> tuple[str, ...]:
    """Opened cases whose person may be the one of `stream`, the most alike first; none if its names were not sealed.

    Inside a transaction: until it ends no other opening is matched, so that of two at once the later sees the earlier. What is opened for comparing is read by no
    person, leaves nothing but the ids, and is therefore not logged as an access.
    """
    rows = await (
        await AsyncRawCursor(connection).execute(sql("name_index_candidates"), (stream, MOST_OPENED))
    ).fetchall()
    own: Identity | None = None
    found: list[tuple[float, str]] = []
    for other, note, sealed in rows:
        key = await keyring.stream_key(connection, other)
        identity = _identity(key.open_note(sealed, note=str(note)))
        if other == stream:
            own = identity
        elif own is not None and (alike := likeness(own, identity)) >= ALIKE:
            found.append((alike, other))
    return tuple(other for _, other in sorted(found, reverse=True)[:MOST_LINKS])


async def forget_names(connection: Connection, stream: str) -> None:
    """Delete what a stream is found by (its sealed names become unreadable with its key). A second run changes nothing."""
    await AsyncRawCursor(connection).execute(sql("name_index_forget"), (stream,))


def _identity(plain: bytes) -> Identity:
    read = json.loads(plain)
    born = read["born"]
    return Identity(tuple(read["names"]), date.fromisoformat(born) if isinstance(born, str) else born)


def _tokens(key: bytes, found: Iterable[str]) -> list[int]:
    tokens = {int.from_bytes(hmac.digest(key, code.encode(), sha256)[: TOKEN_BITS // 8]) for code in found}
    while len(tokens) % PADDED or not tokens:
        tokens.add(secrets.randbelow(1 << TOKEN_BITS))
    return sorted(tokens)
