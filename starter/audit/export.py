"""Making a bundle: a case with its proofs, read from the store."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from activities.store import log, programs
from activities.store.cosigning import Trusted
from activities.store.keys import KeyRing, StreamKey
from activities.store.ledger import read
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.signing import Verifier
from activities.store.witnessed import Cosigned, covering
from starter.audit import bundle
from starter.audit.report import report
from workflows.case.phase import CaseOpened
from workflows.case.state import parse_events
from workflows.core.checkpoint import BadNote, parse_checkpoint, parse_note
from workflows.core.entry import Entry
from workflows.core.kinds import Event
from workflows.core.merkle import Read, inclusion
from workflows.core.proof import ConsistencyProof
from workflows.program.load import program_canonical
from workflows.program.model import Program


class Wanted(NamedTuple):
    """What a bundle is to hold: the case, the log's key as published, the witnesses, checkpoints that it is to go on from, and whether with the key.

    `more` are further files (the histories of the case's workflow runs).
    """

    stream: str
    log: Verifier | None
    trusted: Trusted
    kept: Sequence[str] = ()
    sealed: bool = False
    more: Mapping[str, bytes] = {}


class Exported(NamedTuple):
    """What was put into a bundle: how many entries, of how many in the case, and how many leaves the checkpoint covers, cosigned by whom."""

    entries: int
    waiting: int
    size: int
    witnesses: tuple[str, ...]


async def export(connection: Connection, keyring: KeyRing, wanted: Wanted, *, out: Path) -> Exported:
    """Write the bundle of a case: its entries as far as the newest checkpoint covers them (the newest witnessed one, if there is one).

    Raises:
        StoreRefused: nothing of the case is sealed yet, its key is gone, or the log was damaged.
        BadNote: a checkpoint cannot be read.
    """
    entries = [entry async for entry in read(connection, wanted.stream)]
    placed = {place.position: place for place in await log.places(connection, wanted.stream)}
    signed = await _checkpoint(connection, wanted.trusted, min((place.leaf for place in placed.values()), default=None))
    covered = [entry for entry in entries if entry.position in placed and placed[entry.position].leaf < signed.size]
    key = await keyring.stream_key(connection, wanted.stream)
    leaves = [placed[entry.position].leaf for entry in covered]

    def prove(read: Read) -> list[tuple[bytes, ...]]:
        return [inclusion(leaf, signed.size, read) for leaf in leaves]

    paths = await log.proved(connection, prove)
    lines = (bundle.Line(entry, leaf, path) for entry, leaf, path in zip(covered, leaves, paths, strict=True))
    files = {
        bundle.ENTRIES: "".join(f"{bundle.dump_line(line)}\n" for line in lines).encode(),
        bundle.CHECKPOINT: str(signed.note).encode(),
        bundle.KEYS: _keys(wanted, key),
        **await _consistency(connection, wanted.kept, signed),
        **({} if wanted.sealed else await _opened(connection, covered, key)),
        **wanted.more,
    }
    told = {"stream": wanted.stream, "entries": len(covered), "size": signed.size, "root": signed.root.hex()}
    bundle.write(out, files, told)
    return Exported(
        len(covered), len(entries) - len(covered), signed.size, tuple(wanted.trusted.cosigners(signed.note))
    )


async def _checkpoint(connection: Connection, trusted: Trusted, first_leaf: int | None) -> Cosigned:
    """The newest checkpoint that is witnessed, else the newest, if it covers anything of the case."""
    newest: Cosigned | None = None
    if first_leaf is not None:
        async for one in covering(connection, first_leaf):
            newest = newest or one
            if trusted.witnessed(one.note):
                return one
            if not trusted.witnesses:
                break
    if newest is None:
        raise StoreRefused(
            "nothing of this case is sealed yet", "Wait a minute for the next checkpoint, or run: offramp audit seal"
        )
    return newest


def _keys(wanted: Wanted, key: StreamKey) -> bytes:
    public = {"log": str(wanted.log or ""), "witnesses": [str(one) for one in wanted.trusted.witnesses.values()]}
    opens = {} if wanted.sealed else {"opens": key.raw.hex()}
    return json.dumps({**public, "tags": key.tags.hex(), **opens}, indent=2, sort_keys=True).encode()


async def _consistency(connection: Connection, kept: Sequence[str], signed: Cosigned) -> dict[str, bytes]:
    found = {}
    for text in kept:
        older = parse_checkpoint(parse_note(text).text)
        if older.size > signed.size:
            what = f"a checkpoint covers {older.size} entries, and the one of the bundle {signed.size}"
            raise StoreRefused(
                what, "Seal the log first (offramp audit seal); if it is shorter then, its end was cut off."
            )
        path = await log.consistency_of(connection, older.size, signed.size)
        proof = ConsistencyProof(older.size, path, str(signed.note))
        found[f"{bundle.CONSISTENCY}{older.size}.txt"] = str(proof).encode()
    return found


async def _opened(connection: Connection, entries: Sequence[Entry], key: StreamKey) -> dict[str, bytes]:
    """What is readable: the events as they were sealed, the definition that the case is pinned to, and the report."""
    bodies = [key.open(entry.body, position=entry.position) for entry in entries]
    told = [(entry, parse_events(body)) for entry, body in zip(entries, bodies, strict=True)]
    program = await _program(connection, told)
    files = {
        bundle.EVENTS: b"".join(body.replace(b"\n", b" ") + b"\n" for body in bodies),
        bundle.REPORT: report(told, program).encode(),
    }
    return files if program is None else {**files, bundle.PROGRAM: program_canonical(program).encode()}


async def _program(connection: Connection, told: Sequence[tuple[Entry, tuple[Event, ...]]]) -> Program | None:
    for _, events in told:
        for event in events:
            if isinstance(event, CaseOpened):
                return await programs.find(connection, event.program, event.version)
    return None


__all__ = ["BadNote", "Exported", "Wanted", "export"]
