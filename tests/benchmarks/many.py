"""A ledger of many cases: real entries under real keys, in the log with their leaves, loaded faster than anybody would send them.

The rules decide a number of stories once. Each case then lives through one of them under a key of its own: every entry is sealed, chained and hashed
by the product's own functions, passes the triggers of the database, gets its place from the product's own sequencer, and is covered by a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from random import Random
from uuid import uuid4

import psycopg
from psycopg import AsyncRawCursor

from activities.store import log
from activities.store.keys import KeyRing
from activities.store.pool import Connection, Pool
from activities.store.signing import LogKey
from activities.store.stream_key import StreamKey
from tests.benchmarks.stream import SEED, Decided, decided
from workflows import wire
from workflows.core.entry import GENESIS, Entry, seal
from workflows.program.model import Program

LENGTHS = tuple(range(40, 361, 8))
"""Entries of the stories: 200 in the mean, so that 5,000 cases are a million."""
SHORT = (6, 8, 10)
"""Entries of stories that are decided at once: many short cases show best what is held of each."""
IN_ONE_TRANSACTION = 20_000
_COPY = b"COPY entry (stream, position, command_id, type, at, recorded_at, actor, body, prev, hash) FROM STDIN (FORMAT BINARY)"
_TYPES = ("text", "int8", "text", "text", "timestamptz", "timestamptz", "text", "bytea", "bytea", "bytea")


class Loader:
    """Adds cases to a ledger until it is as long as asked; what it added before stays.

    Args:
        pool: of the application's role.
        keyring: makes and wraps the keys of the streams.
        log_key: signs a checkpoint at the end of each growth.
        program: under which the stories are decided.
        lengths: how many entries each story has.
    """

    def __init__(
        self, pool: Pool, keyring: KeyRing, log_key: LogKey, program: Program, *, lengths: Sequence[int] = LENGTHS
    ) -> None:
        self._pool, self._keyring, self._log_key = pool, keyring, log_key
        self._stories = [decided(program, entries=length, seed=SEED + length) for length in lengths]
        self._random = Random(SEED)
        self.entries = self.cases = 0

    async def grow(self, entries: int) -> None:
        """Add whole cases (the last one cut where it must be) until the ledger holds so many entries, then seal the log."""
        while self.entries < entries:
            async with self._pool.connection() as connection, connection.transaction():
                await self._load(connection, min(entries - self.entries, IN_ONE_TRANSACTION))
        await log.seal(self._pool, self._keyring, self._log_key)

    async def _load(self, connection: Connection, entries: int) -> None:
        row = await (await AsyncRawCursor(connection).execute(b"SELECT clock_timestamp()")).fetchone()
        assert row is not None
        begun: list[tuple[StreamKey, list[Decided]]] = []
        while entries > 0:
            story = self._random.choice(self._stories)[:entries]
            begun.append((await self._keyring.stream_key(connection, wire.new_case_stream(), create=True), story))
            entries -= len(story)
        async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(_TYPES)
            for key, story in begun:
                for entry in sealed(key, story, recorded_at=row[0]):
                    await copy.write_row(entry)
        self.entries += sum(len(story) for _, story in begun)
        self.cases += len(begun)


def sealed(key: StreamKey, story: list[Decided], *, recorded_at: datetime) -> Iterator[Entry]:
    """The story as the entries of the key's own stream, chained."""
    prev = GENESIS
    for position, one in enumerate(story, start=1):
        body = key.seal(one.body, position=position)
        entry = seal(
            Entry(
                stream=key.stream, position=position, command_id=str(uuid4()), type=one.type, at=one.at, recorded_at=recorded_at,
                actor=one.actor, body=body, prev=prev, hash=b"",
            )
        )  # fmt: skip
        prev = entry.hash
        yield entry


def tidied(dsn_owner: str) -> None:
    """Have the database do at once what it would do by itself in time, so that no measurement is disturbed by it."""
    with psycopg.connect(dsn_owner, autocommit=True) as owner:
        owner.execute("VACUUM (ANALYZE)")
