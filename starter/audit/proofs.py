"""Proofs from the store: that an entry stands in a signed checkpoint, and that the log goes on from a checkpoint that somebody kept.

They are files of their own (C2SP tlog-proof and tlog-witness): `python -m starter.audit.verify FILE` checks them with the public keys alone.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from activities.store import log
from activities.store.cosigning import Trusted
from activities.store.keys import KeyRing
from activities.store.ledger import read_batches
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.witnessed import Standing, newest, standing
from workflows.core.checkpoint import BadNote, parse_checkpoint, parse_note
from workflows.core.merkle import root
from workflows.core.proof import ConsistencyProof, InclusionProof


class Proved(NamedTuple):
    """An entry's hash, how far it can still be denied, and the proof; None while no checkpoint covers it."""

    stream: str
    position: int
    hash: bytes
    standing: Standing
    proof: InclusionProof | None


async def prove_entry(
    connection: Connection, keyring: KeyRing, stream: str, position: int, *, trusted: Trusted
) -> Proved:
    """The proof of one entry, in the newest checkpoint that is witnessed, or else in the newest.

    Raises:
        StoreRefused: there is no such entry, or the log was damaged.
        BadNote: a stored checkpoint is no note.
    """
    entry = next(iter(await anext(read_batches(connection, stream, after=position - 1, size=1), [])), None)
    if entry is None or entry.position != position:
        raise StoreRefused(f"{stream} has no entry at position {position}", "Look with 'offramp audit replay' how many there are.")  # fmt: skip
    found = await standing(connection, stream, position, trusted=trusted)
    if found.leaf is None or found.checkpoint is None:
        return Proved(stream, position, entry.hash, found, None)
    key = await keyring.stream_key(connection, stream)
    path = await log.inclusion_of(connection, found.leaf, leaves=found.checkpoint.size)
    extra = json.dumps({"stream": stream, "position": position, "hash": entry.hash.hex(), "tags": key.tags.hex()})
    proof = InclusionProof(found.leaf, path, str(found.checkpoint.note), extra.encode())
    return Proved(stream, position, entry.hash, found, proof)


async def prove_since(connection: Connection, kept: str) -> ConsistencyProof:
    """The proof that the log as it was last signed goes on from the checkpoint in a note that somebody kept.

    Raises:
        BadNote: what was kept is no checkpoint.
        StoreRefused: the log is no continuation of it, and so there is no proof; or nothing was signed yet.
    """
    older = parse_checkpoint(parse_note(kept).text)
    last = await newest(connection)
    if last is None:
        raise StoreRefused("no checkpoint was signed yet", "Run: offramp audit seal")
    if older.size > last.size:
        what = f"the checkpoint covers {older.size} entries, and the log was signed at {last.size}"
        raise StoreRefused(
            what, "Seal the log anew; if it is shorter then, its end was cut off: keep everything as it is."
        )
    begins = await log.proved(connection, lambda read: root(older.size, read))
    if begins != older.root:
        what = f"the log's first {older.size} entries are others than the checkpoint's: they were rewritten"
        raise StoreRefused(what, "Keep the checkpoint, and everything as it is; 'offramp audit verify' says more.")
    return ConsistencyProof(older.size, await log.consistency_of(connection, older.size, last.size), str(last.note))


__all__ = ["BadNote", "Proved", "prove_entry", "prove_since"]
