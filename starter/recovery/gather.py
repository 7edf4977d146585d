"""Who holds what: the escrow, bundles that were exported, and what Temporal remembers; each entry with where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from activities.store.escrow import Escrow, Row
from activities.store.keys import KeyRing, committed_to
from activities.store.refused import StoreRefused
from activities.store.restoring import as_bytes, as_entry
from activities.store.stream_key import StreamKey, tag_key
from activities.store.tail import Held, Place
from starter.audit.bundle import CHECKPOINT, BadBundle, Bundle
from workflows.core.entry import GENESIS, Entry, seal
from workflows.core.envelope import RecordedEntry

ESCROW, BUNDLES, TEMPORAL = "the escrow", "bundles", "Temporal's histories"


class Gathered(NamedTuple):
    """What was found: entries that the ledger may lack, readings, signed checkpoints, wrapped keys, and tag keys and keys in the open by stream."""

    held: list[Held]
    accesses: list[Row]
    checkpoints: list[str]
    keys: dict[str, Row]
    tags: dict[str, bytes]
    opens: dict[str, bytes]


def from_escrow(escrow: Escrow, heads: Mapping[str, tuple[int, bytes]], size: int) -> Gathered:
    """What the escrow holds that the ledger does not: entries behind the ends of its streams, or of its log."""
    found = Gathered([], [], [], escrow.keys(), {}, {})
    for line in escrow.lines():
        match line.kind:
            case "leaf" | "entry":
                row, leaf = (line.held["entry"], int(line.held["leaf"])) if line.kind == "leaf" else (line.held, None)
                if int(row["position"]) > heads.get(row["stream"], (0, b""))[0] or (leaf is not None and leaf >= size):
                    hashed = None if leaf is None else bytes.fromhex(line.held["hash"])
                    found.held.append(Held(as_entry(row), ESCROW, leaf, hashed))
            case "access":
                found.accesses.append(line.held)
            case "checkpoint":
                found.checkpoints.append(str(line.held["note"]))
            case _:
                # A kind that a later version may add.
                continue
    return found


def from_bundles(paths: Iterable[Path]) -> Gathered:
    """What exported bundles hold.

    Raises:
        StoreRefused: one of them is no bundle.
    """
    found = Gathered([], [], [], {}, {}, {})
    for path in _bundles(paths):
        try:
            one = Bundle.read(path)
            keys = one.keys()
            lines = list(one.lines())
            found.checkpoints.append(one.text(CHECKPOINT))
        except BadBundle as bad:
            raise StoreRefused(f"{path} is no bundle that can be used: {bad}", "Leave it out, or give another copy.") from bad  # fmt: skip
        for line in lines:
            found.held.append(Held(line.entry, BUNDLES, line.leaf))
            found.tags[line.entry.stream] = keys.tags
            if keys.opens is not None:
                found.opens[line.entry.stream] = keys.opens
    return found


def _bundles(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        yield from sorted(path.glob("*.zip")) if path.is_dir() else [path]


def rebuilt(stream: str, entries: Iterable[RecordedEntry], known: Mapping[Place, bytes], key: StreamKey) -> Iterator[Held]:  # fmt: skip
    """The entries that the answers to a case name, built again to the byte; one that cannot be is left out.

    Args:
        stream: the case.
        entries: as the recorder reported them.
        known: hashes by place, where the ledger or somebody else holds them: what an entry follows.
        key: of the stream. What it seals is the same each time, for the same place and content.
    """
    hashes = dict(known)
    for one in sorted(entries, key=lambda one: one.position):
        hashes[stream, one.position] = bytes.fromhex(one.hash)
        prev = GENESIS if one.position == 1 else hashes.get((stream, one.position - 1))
        if prev is None or one.recorded_at is None:
            continue
        body = key.seal(one.events.encode(), position=one.position)
        made = seal(
            Entry(
                stream=stream, position=one.position, command_id=one.command_id, type=one.type, at=one.at, recorded_at=one.recorded_at,
                actor=one.actor, body=body, prev=prev, hash=b"",
            )
        )  # fmt: skip
        if made.hash.hex() == one.hash:
            yield Held(made, TEMPORAL)


async def wrapped(keyring: KeyRing, stream: str, raw: bytes) -> Row:
    """The row of a stream's key, from the key as a bundle holds it in the open."""
    sealed = await keyring.program_key.wrap(raw, context=stream)
    commitment = committed_to(raw)
    return {
        "stream": stream, "key_id": keyring.program_key.key_id, "wrapped": f"\\x{sealed.hex()}",
        "commitment": f"\\x{commitment.hex()}", "created_at": "now",
    }  # fmt: skip


async def opened(keyring: KeyRing, row: Row) -> StreamKey | None:
    """The key in a row; None if it is spoiled, or wrapped by a program key that is not at hand."""
    stream = str(row["stream"])
    try:
        raw = await keyring.unwrap(
            stream, key_id=str(row["key_id"]), wrapped=as_bytes(row["wrapped"]), commitment=as_bytes(row["commitment"])
        )
    except StoreRefused:
        return None
    return StreamKey(stream, raw)


async def keys_held(keyring: KeyRing, escrow: Escrow | None, bundles: Iterable[Path]) -> list[StreamKey]:
    """Every key that the escrow or a bundle holds and that can be opened here: with them histories can be read of cases whose keys the ledger lost.

    Raises:
        StoreRefused: a bundle is none.
    """
    rows = {} if escrow is None else escrow.keys()
    found = [key for row in rows.values() if (key := await opened(keyring, row)) is not None]
    return [
        *found,
        *(StreamKey(stream, raw) for stream, raw in from_bundles(bundles).opens.items() if stream not in rows),
    ]


def tags_of(keys: Mapping[str, StreamKey], tags: Mapping[str, bytes]) -> dict[str, bytes]:
    """The keys of leaves by stream: of the streams whose key is at hand, and those that bundles hold."""
    return {**tags, **{stream: tag_key(key.raw) for stream, key in keys.items()}}
