"""A thief: a superuser of the database who took every guard away and holds every key of ours, the log's own included; only the witness's key is not ours.

Each attack changes the record inside a transaction, makes as much of it fit again as that takes, and says what an auditor must be told.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from activities.store.keys import KeyRing
from activities.store.signing import LogKey
from activities.store.stream_key import StreamKey
from tests.store.examples import BODY
from workflows.core.entry import GENESIS, Entry, seal
from workflows.core.merkle import grown, leaf_hash, root

OTHER_BODY = b'[{"type":"check_in_kept","number":1,"channel":"call"}]'
_INSERT = b"INSERT INTO entry (stream, position, command_id, type, at, recorded_at, actor, body, prev, hash) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


@dataclass
class Thief:
    """The record as it was, what it takes to rewrite it, and chance."""

    connection: AsyncConnection[Any]
    keyring: KeyRing
    log_key: LogKey
    false_key: LogKey
    entries: dict[str, list[Entry]]
    places: dict[tuple[str, int], int]
    sizes: list[int]
    keys: dict[str, StreamKey]
    chance: random.Random = field(default_factory=lambda: random.Random(20261129))

    def site(self, *, before_end: int = 0) -> tuple[str, int]:
        """A stream and an index (from 0) of an entry in it, at least so many before its end."""
        stream = self.chance.choice(sorted(self.entries))
        return stream, self.chance.randrange(len(self.entries[stream]) - before_end)

    def two(self) -> tuple[str, str]:
        """Two streams, in their order."""
        first, second = sorted(self.chance.sample(sorted(self.entries), 2))
        return first, second

    async def put(self, stream: str, entries: list[Entry], *, begin: int = 0, opened: bool = False) -> None:
        """Write a stream anew: from index `begin` on numbered, chained and hashed again, and with `opened` encrypted for where it now stands."""
        made: list[Entry] = list(entries[:begin])
        for entry in entries[begin:]:
            position = len(made) + 1
            moved = entry._replace(stream=stream, position=position, prev=made[-1].hash if made else GENESIS)
            if opened:
                moved = moved._replace(body=self.keys[stream].seal(self.read(entry), position=position))
            made.append(seal(moved))
        await self.run("DELETE FROM entry WHERE stream = %s", stream)
        await self.store(made)

    def read(self, entry: Entry) -> bytes:
        """What is sealed in an entry of the record as it was; of a forged one, its body as it stands."""
        known = self.entries[entry.stream]
        if entry.position <= len(known) and known[entry.position - 1].body == entry.body:
            return self.keys[entry.stream].open(entry.body, position=entry.position)
        return entry.body

    async def store(self, entries: list[Entry]) -> None:
        """Insert entries as they are."""
        async with self.connection.cursor() as cursor:
            await cursor.executemany(_INSERT, entries)

    async def run(self, statement: str, *parameters: object) -> int:
        """A statement; how many rows it touched."""
        return (await self.connection.execute(statement.encode(), parameters)).rowcount

    async def fit_log(self) -> None:
        """Make the log fit the entries as they are now, every hash and every checkpoint, signed with the log's own key."""
        rows = await (await self.connection.execute(
            "SELECT p.leaf, e.stream, e.position, e.hash FROM log_place p JOIN entry e USING (stream, position) ORDER BY p.leaf"
        )).fetchall()  # fmt: skip
        leaves = [
            leaf_hash(self.keys[stream].leaf(bytes(hashed), position=position)) for _, stream, position, hashed in rows
        ]
        nodes = dict(grown(0, leaves, lambda *_: b""))
        await self.run("DELETE FROM log_node")
        async with self.connection.cursor() as cursor:
            values = [(level, index, hashed) for (level, index), hashed in nodes.items()]
            await cursor.executemany(b"INSERT INTO log_node (level, index, hash) VALUES (%s, %s, %s)", values)
        await self.run("DELETE FROM cosignature")
        await self.run("DELETE FROM checkpoint WHERE size > %s", len(leaves))
        for size in (size for size in self.sizes if size <= len(leaves)):
            top = root(size, lambda level, index: nodes[level, index])
            note = str(self.log_key.sign(size, top))
            await self.run("UPDATE checkpoint SET root = %s, note = %s WHERE size = %s", top, note, size)


Attack = Callable[[Thief], Awaitable[str]]


def _at(stream: str, index: int) -> str:
    return f"{stream} position {index + 1}:"


async def edit(thief: Thief) -> str:
    """One column of one entry."""
    stream, index = thief.site()
    changes = ("actor = 'p.other'", "type = 'miss_check_in'", "at = at + interval '1 microsecond'", "recorded_at = recorded_at - interval '1 day'",
               "body = set_byte(body, 20, 255 - get_byte(body, 20))", "command_id = command_id || 'x'", "prev = sha256(prev)", "hash = sha256(hash)")  # fmt: skip
    change = thief.chance.choice(changes)
    await thief.run(f"UPDATE entry SET {change} WHERE stream = %s AND position = %s", stream, index + 1)  # noqa: S608
    return _at(stream, index)


async def edit_and_reseal(thief: Thief) -> str:
    """One column, and every hash from there on."""
    stream, index = thief.site()
    entries = list(thief.entries[stream])
    entries[index] = entries[index]._replace(actor="p.other", at=entries[index].at + timedelta(hours=1))
    await thief.put(stream, entries, begin=index)
    return _at(stream, index)


async def rewrite_content(thief: Thief) -> str:
    """What was decided, sealed under the case's own key, and every hash from there on."""
    stream, index = thief.site()
    entries = list(thief.entries[stream])
    entries[index] = entries[index]._replace(body=OTHER_BODY)
    await thief.put(stream, entries, begin=index, opened=True)
    return _at(stream, index)


async def delete(thief: Thief) -> str:
    """An entry, and no more."""
    stream, index = thief.site(before_end=1)
    await thief.run("DELETE FROM entry WHERE stream = %s AND position = %s", stream, index + 1)
    return _at(stream, index)


async def delete_and_renumber(thief: Thief) -> str:
    """An entry; those behind it move up and are sealed anew, and the last place goes."""
    stream, index = thief.site(before_end=1)
    entries = list(thief.entries[stream])
    del entries[index]
    await thief.put(stream, entries, begin=index, opened=True)
    await thief.run("DELETE FROM log_place WHERE stream = %s AND position = %s", stream, len(entries) + 1)
    return _at(stream, index)


async def cut_off(thief: Thief) -> str:
    """The end of a case, with its places in the log: what is left is sound by itself."""
    stream, index = thief.site(before_end=1)
    await thief.run("DELETE FROM entry WHERE stream = %s AND position > %s", stream, index + 1)
    await thief.run("DELETE FROM log_place WHERE stream = %s AND position > %s", stream, index + 1)
    return f"leaf {thief.places[stream, index + 2]} of the log is no entry's"


async def remove_case(thief: Thief) -> str:
    """A whole case, its places and its key."""
    stream, _ = thief.site()
    for table in ("entry", "log_place", "key"):
        await thief.run(f"DELETE FROM {table} WHERE stream = %s", stream)  # noqa: S608
    return f"leaf {thief.places[stream, 1]} of the log is no entry's"


async def roll_back(thief: Thief) -> str:
    """Everything behind an earlier checkpoint, as an older backup has it; what is left is sound by itself."""
    size = thief.chance.choice(thief.sizes[:-1])
    await thief.run(
        "DELETE FROM entry e USING log_place p WHERE p.stream = e.stream AND p.position = e.position AND p.leaf >= %s",
        size,
    )
    await thief.run("DELETE FROM log_place WHERE leaf >= %s", size)
    await thief.fit_log()
    seen = thief.sizes[thief.sizes.index(size) + 1]
    return f"covers {seen} entries, and the log has fewer: its end was cut off"


async def insert(thief: Thief) -> str:
    """An entry that never was, between two that were; those behind it are sealed anew."""
    stream, index = thief.site()
    entries = list(thief.entries[stream])
    forged = entries[index]._replace(command_id="forged", body=OTHER_BODY)
    await thief.put(stream, [*entries[:index], forged, *entries[index:]], begin=index, opened=True)
    return _at(stream, index)


async def add_behind(thief: Thief) -> str:
    """An entry at the end of a case, chained and sealed, that was never recorded."""
    stream, _ = thief.site()
    entries = thief.entries[stream]
    forged = entries[-1]._replace(command_id="forged", body=OTHER_BODY)
    await thief.put(stream, [*entries, forged], begin=len(entries), opened=True)
    return f"{stream} position {len(entries) + 1} has no place in the log"


async def swap(thief: Thief) -> str:
    """Two neighbors of one case, sealed anew."""
    stream, index = thief.site(before_end=1)
    entries = list(thief.entries[stream])
    entries[index], entries[index + 1] = entries[index + 1], entries[index]
    await thief.put(stream, entries, begin=index, opened=True)
    return _at(stream, index)


async def swap_cases(thief: Thief) -> str:
    """What was recorded in two cases at one position, each encrypted and sealed for its new place."""
    first, second = thief.two()
    index = thief.chance.randrange(min(len(thief.entries[first]), len(thief.entries[second])))
    one, other = list(thief.entries[first]), list(thief.entries[second])
    one[index], other[index] = other[index], one[index]
    await thief.put(first, one, begin=index, opened=True)
    await thief.put(second, other, begin=index, opened=True)
    return _at(first, index)


async def replay(thief: Thief) -> str:
    """One case's history in place of another's."""
    first, second = thief.two()
    await thief.put(second, thief.entries[first], opened=True)
    return _at(second, 0)


async def swap_places(thief: Thief) -> str:
    """The places of two entries in the log, or their leaves."""
    (stream, index), (other, index2) = thief.site(), thief.site()
    one, two = thief.places[stream, index + 1], thief.places[other, index2 + 1]
    if one == two:
        two = thief.places[other, index2 + 2] if (other, index2 + 2) in thief.places else thief.places[other, index2]
    owner = {leaf: place for place, leaf in thief.places.items()}
    if thief.chance.random() < 0.5:
        await thief.run("UPDATE log_place SET leaf = -1 - leaf WHERE leaf IN (%s, %s)", one, two)
        await thief.run("UPDATE log_place SET leaf = %s WHERE leaf = %s", two, -1 - one)
        await thief.run("UPDATE log_place SET leaf = %s WHERE leaf = %s", one, -1 - two)
    else:
        await thief.run("UPDATE log_node n SET hash = o.hash FROM log_node o WHERE n.level = 0 AND o.level = 0 AND n.index IN (%s, %s) AND o.index = %s - n.index",
                        one, two, one + two)  # fmt: skip
    found, position = min(owner[one], owner[two])
    return _at(found, position - 1)


async def edit_tree(thief: Thief) -> str:
    """A hash within the tree, so that honest proofs fail and the next checkpoint is another."""
    rows = await (
        await thief.connection.execute("SELECT level, index FROM log_node WHERE level > 0 ORDER BY level, index")
    ).fetchall()
    level, index = thief.chance.choice(rows)
    await thief.run("UPDATE log_node SET hash = sha256(hash) WHERE level = %s AND index = %s", level, index)
    return f"the hash over leaves {index << level} to {((index + 1) << level) - 1} of the log"


async def forge_checkpoint(thief: Thief) -> str:
    """The last checkpoint, signed by a key that bears the log's name."""
    size = thief.sizes[-1]
    note = thief.false_key.sign(size, thief.chance.randbytes(32))
    await thief.run("UPDATE checkpoint SET note = %s WHERE size = %s", str(note), size)
    return "does not bear the signature of"


async def split_view(thief: Thief) -> str:
    """Another root for the last checkpoint, signed with the log's own key: what a second audience would be shown."""
    size, other = thief.sizes[-1], thief.chance.randbytes(32)
    await thief.run(
        "UPDATE checkpoint SET root = %s, note = %s WHERE size = %s", other, str(thief.log_key.sign(size, other)), size
    )
    return f"the last checkpoint has another root than the log's first {size} entries"


async def forge_cosignature(thief: Thief) -> str:
    """A witness's signature moved to a checkpoint that it never saw, or changed."""
    size = thief.sizes[-1]
    await thief.run(
        "UPDATE cosignature SET line = (SELECT line FROM cosignature ORDER BY size LIMIT 1) WHERE size = %s", size
    )
    return f"to the checkpoint of {size} entries is not its own"


async def swap_keys(thief: Thief) -> str:
    """The keys of two cases, the key of one, or another key in its place, wrapped rightly."""
    first, second = thief.two()
    match thief.chance.randrange(3):
        case 0:
            await thief.run("UPDATE key k SET wrapped = o.wrapped, commitment = o.commitment FROM key o WHERE k.stream IN (%s, %s) AND o.stream IN (%s, %s) AND k.stream <> o.stream",
                            first, second, first, second)  # fmt: skip
        case 1:
            await thief.run("DELETE FROM key WHERE stream = %s", first)
        case _:
            fresh = thief.chance.randbytes(32)
            wrapped = await thief.keyring.program_key.wrap(fresh, context=first)
            await thief.run(
                "UPDATE key SET wrapped = %s, commitment = sha256('commit' || E'\\n'::bytea || %s) WHERE stream = %s",
                wrapped,
                fresh,
                first,
            )
    return _at(first, 0)


async def write_anew(thief: Thief) -> str:
    """An entry and all that follows from it: chain, leaves, tree, checkpoints, signed with every key of ours. Nothing here speaks against it."""
    stream, index = thief.site()
    entries = list(thief.entries[stream])
    entries[index] = entries[index]._replace(
        body=BODY.replace(b"visit", b"calls") if thief.chance.random() < 0.5 else OTHER_BODY
    )
    await thief.put(stream, entries, begin=index, opened=True)
    await thief.fit_log()
    sound = max((size for size in thief.sizes if size <= thief.places[stream, index + 1]), default=0)
    return f"they were rewritten, the first behind entry {sound} of the log" if sound else "they were rewritten"


ATTACKS: tuple[Attack, ...] = (
    edit, edit_and_reseal, rewrite_content, delete, delete_and_renumber, cut_off, remove_case, roll_back, insert, add_behind,
    swap, swap_cases, replay, swap_places, edit_tree, forge_checkpoint, split_view, forge_cosignature, swap_keys, write_anew,
)  # fmt: skip
