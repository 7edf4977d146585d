"""What witnesses answered, and how far an entry can still be denied."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store import log
from activities.store.cosigning import Trusted
from activities.store.pool import Connection
from activities.store.statements import sql
from workflows.core.checkpoint import Note, Signature, parse_note, parse_signatures
from workflows.core.receipt import Stands

_AT_ONCE = 100
_NO_END = 2**62


class Cosigned(NamedTuple):
    """A stored checkpoint with all its signatures: how many leaves it covers, their root, and the note."""

    size: int
    root: bytes
    note: Note


class Standing(NamedTuple):
    """How far an entry can still be denied, and by what: its leaf, the checkpoint that covers it, and who cosigned that one."""

    stands: Stands
    leaf: int | None = None
    checkpoint: Cosigned | None = None
    witnesses: tuple[str, ...] = ()


async def add_cosignature(connection: Connection, size: int, signature: Signature) -> None:
    """Keep what a witness answered to the checkpoint of this size. A second run changes nothing."""
    line = str(Note("", (signature,))).removeprefix("\n")
    await AsyncRawCursor(connection).execute(sql("cosignature_add"), (size, signature.name, line))


async def last_cosigned(connection: Connection, witness: str) -> int:
    """How many leaves the largest checkpoint covers that the witness with this name cosigned; 0 if it cosigned none."""
    row = await (await AsyncRawCursor(connection).execute(sql("cosigned_last"), (witness,))).fetchone()
    return 0 if row is None else int(row[0])


async def covering(connection: Connection, leaf: int) -> AsyncIterator[Cosigned]:
    """The checkpoints that cover a leaf, with the signatures of their witnesses; the newest first."""
    below = _NO_END
    while True:
        cursor = await AsyncRawCursor(connection).execute(sql("checkpoints_covering"), (leaf, below, _AT_ONCE))
        rows = await cursor.fetchall()
        for size, root, note, lines in rows:
            yield Cosigned(size, bytes(root), parse_note(note).signed_by(*_signatures(lines)))
        if len(rows) < _AT_ONCE:
            return
        below = rows[-1][0]


async def newest(connection: Connection) -> Cosigned | None:
    """The newest checkpoint, with the signatures of its witnesses; None before the first.

    Raises:
        BadNote: what is stored is no note.
    """
    return await anext(covering(connection, -1), None)


async def standing(connection: Connection, stream: str, position: int, *, trusted: Trusted) -> Standing:
    """How far the entry at `position` can still be denied, by the witnesses that are trusted.

    Where no checkpoint that covers it is witnessed enough, the newest that covers it is named.

    Raises:
        BadNote: a stored checkpoint is no note.
    """
    place = await log.place(connection, stream, position)
    if place is None:
        return Standing("RECORDED")
    last: Cosigned | None = None
    async for one in covering(connection, place.leaf):
        last = last or one
        if trusted.witnessed(one.note):
            return Standing("WITNESSED", place.leaf, one, tuple(trusted.cosigners(one.note)))
        if not trusted.witnesses:
            break
    if last is None:
        return Standing("RECORDED", place.leaf)
    return Standing("SEALED", place.leaf, last, tuple(trusted.cosigners(last.note)))


def _signatures(lines: list[str]) -> tuple[Signature, ...]:
    return tuple(signature for line in lines for signature in parse_signatures(line))
