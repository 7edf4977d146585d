"""Entries of the ledger: one sealed answer to one command, chained to the answer before it.

An entry's hash covers every column and the hash of the sealed body, so a change of any of them, by whomever, is found by
whoever holds a later hash. It covers the *ciphertext*: the chain still verifies after the keys were destroyed. Nothing but the
standard library is needed here, so that an outsider can check a chain anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

GENESIS = bytes(32)
"""What the first entry of a stream is chained to."""
_FORMAT = "offramp.entry.v1"
_LINES = 9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
"""Instants are hashed as microseconds since 1970-01-01 UTC, the database's own precision: one reading in every language, and a cheap one."""


class Entry(NamedTuple):
    """A row of the ledger. `body` is the sealed answer: its events, or the refusal; `type` is the command's stored type."""

    stream: str
    position: int
    command_id: str
    type: str
    at: datetime
    recorded_at: datetime
    actor: str
    body: bytes
    prev: bytes
    hash: bytes


class BrokenChain(Exception):  # noqa: N818 - named for what an auditor sees
    """The first entry of a stream that does not fit: its position, and what is wrong with it."""

    def __init__(self, stream: str, position: int, what: str) -> None:
        super().__init__(f"{stream} position {position}: {what}")
        self.stream, self.position, self.what = stream, position, what


def entry_hash(entry: Entry) -> bytes:
    """SHA-256 over the entry's columns, a line each, the previous hash and the SHA-256 of the sealed body (instants as microseconds).

    Raises:
        BrokenChain: a column holds a line break, which would let two different entries share a header.
    """
    # Taken apart at once: a column asked for by its name costs more than its place in the line.
    stream, position, command_id, kind, at, recorded_at, actor, body, prev, _ = entry
    header = (
        f"{_FORMAT}\n{stream}\n{position}\n{command_id}\n{kind}\n{(at - _EPOCH) // _MICROSECOND}\n"
        f"{(recorded_at - _EPOCH) // _MICROSECOND}\n{actor}\n{prev.hex()}\n{sha256(body).hexdigest()}"
    )
    if header.count("\n") != _LINES:
        raise BrokenChain(stream, position, "a column holds a line break")
    return sha256(header.encode()).digest()


def seal(entry: Entry) -> Entry:
    """The entry with its hash, computed from all else in it."""
    return entry._replace(hash=entry_hash(entry))


def verify(entry: Entry, *, prev: bytes, position: int) -> None:
    """Check that `entry` stands at `position`, follows `prev` and is unchanged.

    Raises:
        BrokenChain: naming the position and what does not fit.
    """
    if entry.position != position:
        raise BrokenChain(entry.stream, position, f"expected here, but the next entry stored is {entry.position}")
    if entry.prev != prev:
        raise BrokenChain(entry.stream, position, "does not follow the entry before it")
    if entry_hash(entry) != entry.hash:
        raise BrokenChain(entry.stream, position, "was changed after it was sealed")


def verify_chain(entries: Iterable[Entry], *, prev: bytes = GENESIS, position: int = 0) -> tuple[int, bytes]:
    """Check a run of entries that follows `position` and `prev`; the last position and hash.

    Raises:
        BrokenChain: at the first entry that does not fit.
    """
    for entry in entries:
        verify(entry, prev=prev, position=position + 1)
        prev, position = entry.hash, entry.position
    return position, prev
