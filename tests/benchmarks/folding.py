"""Fold of a stored stream, a second and a core, beside the `eventsourcing` library on the same server with the same content."""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from statistics import median
from typing import Any, NamedTuple
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.cryptography import AESCipher
from eventsourcing.domain import Aggregate
from psycopg.conninfo import conninfo_to_dict

from activities.keyring import open_keyring
from activities.store.fold import Told, fold, read_told
from activities.store.pool import open_pool
from tests.benchmarks import stream as long_stream
from tests.benchmarks.rig import Rig
from workflows.case.state import dump_events

SAVED_AT_ONCE = 1000


class Rate(NamedTuple):
    """Entries a second, medians of the rounds: by the clock, and by this process's processor time."""

    per_second: float
    per_cpu_second: float


class Fold(NamedTuple):
    """The stream that was folded, and how fast: by this engine, and by the other library in two ways."""

    entries: int
    events_per_entry: float
    composition: dict[str, float]
    own: Rate
    other: Rate
    other_as_documents: Rate

    @property
    def ratio(self) -> float:
        """Against the other library with one aggregate event for each event, by the clock."""
        return self.own.per_second / self.other.per_second

    @property
    def ratio_to_documents(self) -> float:
        """Against the other library with one untyped document for each entry, by the clock."""
        return self.own.per_second / self.other_as_documents.per_second


class CaseFile(Aggregate):
    """A case in the other library, its events taken into a plain state: no chain to verify, no content to validate."""

    class Begun(Aggregate.Created):
        """The first event."""

        stream: str

    class Happened(Aggregate.Event):
        """One event of a case, its instants as the library's own datetimes: how the library is used."""

        command_id: str
        kind: str
        at: datetime
        actor: str
        content: dict[str, Any]

        def apply(self, aggregate: Any) -> None:
            """Take the event in."""
            aggregate.as_of = self.at
            aggregate.take(self.content)

    class Answered(Aggregate.Event):
        """All events of one entry as one document of bare JSON, instants as text: the least that the library can be asked to do."""

        command_id: str
        kind: str
        at: str
        actor: str
        events: list[dict[str, Any]]

        def apply(self, aggregate: Any) -> None:
            """Take the events in."""
            aggregate.as_of = self.at
            for event in self.events:
                aggregate.take(event)

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.as_of: datetime | str = ""
        self.obligations: dict[str, Any] = {}
        self.rooms: dict[str, Any] = {}

    def take(self, event: dict[str, Any]) -> None:
        """Obligations by key; of everything else the last of its type."""
        kind = event["type"]
        if kind == "obligation_opened":
            self.obligations[event["obligation"]["key"]] = event["obligation"]
        elif kind == "obligation_closed":
            self.obligations.pop(event["key"], None)
        elif kind != "command_refused":
            self.rooms[kind] = event


async def measure(rig: Rig, *, entries: int, rounds: int) -> Fold:
    """Write one stream by this engine and twice by the other library, then fold all in turn, each round from the database."""
    pool, keyring = await open_pool(rig.settings.database_url, size=2), open_keyring(rig.settings)
    name = await long_stream.write(pool, keyring, rig.program, entries=entries)
    async with pool.connection() as connection:
        told = [one async for batch in read_told(connection, keyring, name) for one in batch]
        with closing(_other(rig.addresses.dsn_owner)) as other:
            files = _written(other, name, told, typed=True), _written(other, name, told, typed=False)
            counted = sum(len(events) for _, events in told)
            composition = long_stream.composition(entry.type for entry, _ in told)
            del told
            # As in a process that did nothing else before: what the writing left is no concern of any fold.
            gc.collect()
            gc.freeze()
            times: list[list[_Time]] = [[], [], []]
            for _ in range(rounds):
                begun = _clocks()
                case = await fold(connection, keyring, name)
                times[0].append(_since(begun))
                if case.position != entries:
                    raise RuntimeError("the fold did not read the whole stream")
                for number, file in enumerate(files, start=1):
                    begun = _clocks()
                    other.repository.get(file)
                    times[number].append(_since(begun))
    await pool.close()
    rates = [_rate(entries, one) for one in times]
    return Fold(entries, counted / entries, composition, *rates)


def _other(owner: str) -> Application[UUID]:
    """The other library on the same server, in its own tables, under its own AES-256-GCM cipher."""
    parts = conninfo_to_dict(owner)
    return Application({
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        **{f"POSTGRES_{name.upper()}": str(parts[name]) for name in ("dbname", "host", "port", "user", "password")},
        "CIPHER_TOPIC": "eventsourcing.cryptography:AESCipher",
        "CIPHER_KEY": AESCipher.create_key(32),
    })


def _written(other: Application[UUID], name: str, told: Sequence[Told], *, typed: bool) -> UUID:
    """The same entries as an aggregate of the other library; its id."""
    file = CaseFile(name)
    for number, (entry, events) in enumerate(told, start=1):
        place = {"command_id": entry.command_id, "kind": entry.type, "actor": entry.actor}
        if typed:
            for event in events:
                content = event.model_dump(exclude_none=True)
                file.trigger_event(CaseFile.Happened, at=entry.at, content=content, **place)
        else:
            plain = json.loads(dump_events(events))
            file.trigger_event(CaseFile.Answered, at=entry.at.isoformat(), events=plain, **place)
        if number % SAVED_AT_ONCE == 0:
            other.save(file)
    other.save(file)
    return file.id


_Time = tuple[float, float]


def _clocks() -> _Time:
    return time.perf_counter(), time.process_time()


def _since(begun: _Time) -> _Time:
    return time.perf_counter() - begun[0], time.process_time() - begun[1]


def _rate(entries: int, times: Sequence[_Time]) -> Rate:
    return Rate(entries / median(wall for wall, _ in times), entries / median(cpu for _, cpu in times))
