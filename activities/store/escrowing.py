"""Into the escrow: what was recorded since the last time, before anything is signed that covers it.

Nothing is ever signed, witnessed or kept of which the escrow does not hold the entry, its leaf, the key that opens it and the notes that it names. What
has no place in the log yet is written as soon as it is recorded, though no answer waits for that: what a lost database and a lost engine take along
together is what was recorded in their last moment, and whoever has a receipt for it can name it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress

from activities.store.escrow import Escrow, Line, Mark, Row, TextName, same_key
from activities.store.log import root_of
from activities.store.pool import Connection, Pool
from activities.store.statements import rows_of

AT_ONCE = 2000
"""Entries that are read at once."""
_READ_AGAIN = 1000
"""Numbers of the access log are given before a reading commits: as many of the last ones are read once more, in case one came late."""


class Escrowing:
    """Writes into one escrow for this process, and knows what it has written."""

    def __init__(self, escrow: Escrow) -> None:
        self.escrow = escrow
        self._waiting: set[tuple[str, int]] = set()
        self._keys: dict[str, bytes] = {}
        self._accesses: set[int] = set()
        self._last_access = 0
        self._recorded = asyncio.Event()

    def recorded(self) -> None:
        """Say that something was recorded: whoever writes here again and again does so at once."""
        self._recorded.set()

    async def something_recorded(self, *, at_most_seconds: float) -> None:
        """Wait until something was recorded by this process, or as long as that: others record too."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._recorded.wait(), at_most_seconds)
        self._recorded.clear()

    async def keep_waiting(self, pool: Pool) -> int:
        """Write the entries that wait for a place and are not written yet, with the keys and notes of their streams; how many.

        Raises:
            StoreRefused: the escrow cannot be written.
            psycopg.Error: the store fails.
        """
        async with pool.connection() as connection:
            waits = {(stream, position) for stream, position in await rows_of(connection, "escrow_waiting")}
            fresh = sorted(waits - self._waiting)
            if not fresh:
                return 0
            entries = await self._entries(connection, fresh)
            held = await self._companions(connection, {stream for stream, _ in fresh})
        await asyncio.to_thread(self._put_waiting, entries, held)
        self._waiting |= set(fresh)
        return len(fresh)

    async def keep_placed(self, connection: Connection, size: int) -> None:
        """Write everything that the first `size` leaves of the log are made of and that is not written yet; under the log's lock, before it is signed.

        Raises:
            StoreRefused: the escrow cannot be written, or the log was damaged: nothing may be signed.
            psycopg.Error: the store fails.
        """
        mark = await asyncio.to_thread(self.escrow.mark)
        begin = 0 if mark is None else mark.size
        if mark is not None and (begin > size or (begin and mark.root != (await root_of(connection, begin)).hex())):
            # Two people went on with another log than the one that is written here.
            begin = 0
        for first in range(begin, size, AT_ONCE):
            end = min(first + AT_ONCE, size)
            rows = await rows_of(connection, "escrow_leaves", (first, end))
            lines = [Line("leaf", {"leaf": leaf, "hash": hashed, "entry": entry}) for leaf, hashed, entry in rows]
            held = await self._companions(connection, {entry["stream"] for _, _, entry in rows})
            await asyncio.to_thread(self._put_leaves, lines, held)
        await self._keep_the_rest(connection)
        waits = {(stream, position) for stream, position in await rows_of(connection, "escrow_waiting")}
        still = await self._entries(connection, sorted(waits & self._waiting))
        placed = await self._placed(connection, waits)
        top = (await root_of(connection, size)).hex()
        await asyncio.to_thread(self._finish, Mark(size, top), still, placed)
        self._waiting &= waits

    async def keep_checkpoint(self, note: str) -> None:
        """Keep a signed checkpoint beside what it covers."""
        await asyncio.to_thread(self._put_leaves, [Line("checkpoint", {"note": note})], {})

    async def destroy(self, streams: Iterable[str], *, texts_of: Iterable[str] = ()) -> None:
        """Destroy the keys and texts of these streams here too, and the texts alone of those whose erasure was approved. Twice does not matter.

        Raises:
            StoreRefused: the escrow cannot be written: then they are still there.
        """
        await asyncio.to_thread(self._destroy, list(streams), list(texts_of))

    async def _keep_the_rest(self, connection: Connection) -> None:
        """Keys that are new or were wrapped anew, readings, definitions, staff."""
        census = {stream: bytes(digest) for stream, digest in await rows_of(connection, "escrow_key_census")}
        changed = [stream for stream, digest in census.items() if self._keys.get(stream) != digest]
        keys = dict(await rows_of(connection, "escrow_keys", (changed,))) if changed else {}
        accesses = await rows_of(connection, "escrow_accesses", (max(0, self._last_access - _READ_AGAIN),))
        read = [(number, row) for number, row in accesses if number not in self._accesses]
        programs = {f"{code}@{version}": row for code, version, row in await rows_of(connection, "escrow_programs")}
        staff = [row for (row,) in await rows_of(connection, "escrow_staff")]
        await asyncio.to_thread(self._put_rest, keys, [row for _, row in read], programs, staff)
        self._keys = census
        self._last_access = max((number for number, _ in accesses), default=self._last_access)
        self._accesses = {number for number, _ in accesses}

    async def _placed(self, connection: Connection, waits: Collection[tuple[str, int]]) -> set[tuple[str, int]]:
        """Which of the entries in the tails are in the ledger and have their places."""
        tails = [(row["stream"], row["position"]) for row in await asyncio.to_thread(lambda: list(self.escrow.tail()))]
        there = await self._entries(connection, tails)
        return {(row["stream"], row["position"]) for row in there} - set(waits)

    async def _entries(self, connection: Connection, places: Sequence[tuple[str, int]]) -> list[Row]:
        wanted = ([stream for stream, _ in places], [position for _, position in places])
        return [row for (row,) in await rows_of(connection, "escrow_entries", wanted)] if places else []

    async def _companions(self, connection: Connection, touched: set[str]) -> dict[str, list[Line]]:
        """What these streams need besides their entries, as far as the escrow does not hold it."""
        streams = sorted(touched)
        known = await asyncio.to_thread(self._known, streams)
        notes = [(stream, note) for stream, note in await rows_of(connection, "escrow_note_ids", (streams,)) if ("note", note) not in known[stream]]  # fmt: skip
        held: dict[str, list[Line]] = defaultdict(list)
        for stream, row in await rows_of(connection, "escrow_keys", (streams,)):
            held[stream].append(Line("key", row))
        for stream, row in await rows_of(connection, "escrow_notes", ([note for _, note in notes],)):
            held[stream].append(Line("note", row))
        for stream, row in await rows_of(connection, "escrow_names", (streams,)):
            if ("name", row["note"]) not in known[stream]:
                held[stream].append(Line("name", row))
        for stream, row in await rows_of(connection, "escrow_messages", (streams,)):
            if ("message", f"{row['key']} {row['person']}") not in known[stream]:
                held[stream].append(Line("message", row))
        return held

    # Files; each in a thread, since a disk may take its time.

    def _known(self, streams: Sequence[str]) -> dict[str, set[TextName]]:
        return {stream: self.escrow.text_names(stream) for stream in streams}

    def _put_waiting(self, entries: Sequence[Row], held: dict[str, list[Line]]) -> None:
        with self.escrow.writing():
            self._put_held(held)
            self.escrow.add_to_tail(entries)

    def _put_leaves(self, lines: Sequence[Line], held: dict[str, list[Line]]) -> None:
        with self.escrow.writing():
            self._put_held(held)
            self.escrow.add(lines)

    def _put_held(self, held: dict[str, list[Line]]) -> None:
        for stream, lines in held.items():
            for line in lines:
                if line.kind == "key" and not same_key(self.escrow.key(stream), line.held):
                    self.escrow.put_key(stream, line.held)
            if texts := [line for line in lines if line.kind != "key"]:
                self.escrow.add_texts(stream, texts)

    def _put_rest(self, keys: dict[str, Row], read: list[Row], programs: dict[str, Row], staff: list[Row]) -> None:
        with self.escrow.writing():
            self._put_held({stream: [Line("key", row)] for stream, row in keys.items()})
            self.escrow.add(Line("access", row) for row in read)
            for name in programs.keys() - self.escrow.programs().keys():
                self.escrow.put_program(name, programs[name])
            if staff != self.escrow.staff():
                self.escrow.put_staff(staff)

    def _finish(self, mark: Mark, still: list[Row], placed: set[tuple[str, int]]) -> None:
        with self.escrow.writing():
            if self.escrow.mark() != mark:
                self.escrow.set_mark(mark)
            self.escrow.renew_tail(still)
            self.escrow.drop_tails(placed)

    def _destroy(self, streams: list[str], texts_of: list[str]) -> None:
        if self.escrow.folder.exists():
            with self.escrow.writing():
                for stream in streams:
                    self.escrow.destroy(stream)
                for stream in texts_of:
                    self.escrow.destroy_texts(stream)
