"""A case that is not in any database, with its proofs: the bundle, the notes and the keys that auditors and witnesses read, from fixed keys."""

from __future__ import annotations

import json
import tempfile
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from activities.store.cosigning import Trusted, WitnessKey, trusted
from activities.store.signing import LogKey
from activities.store.stream_key import StreamKey
from starter.audit import bundle
from tests.case.examples import Story, opened
from workflows.case.state import dump_events
from workflows.core.checkpoint import Note, parse_note
from workflows.core.entry import GENESIS, Entry, seal
from workflows.core.merkle import Node, consistency, grown, inclusion, leaf_hash, root
from workflows.core.proof import ConsistencyProof, InclusionProof
from workflows.program.load import program_canonical

LOG = LogKey("fuzz.example/log", bytes(32))
WITNESS = WitnessKey("fuzz.example/witness", bytes([1]) * 32)
POLICY = f"log {LOG.verifier}\nwitness w1 {WITNESS.verifier} https://witness.example/\ngroup g any w1\nquorum g\n"
STREAM = "case/00000000-0000-4000-8000-000000000001"
_OLDER = 3


class Made(NamedTuple):
    """The files of the bundle, its manifest, an older note, and the proofs of an entry and of the way from the older note."""

    files: dict[str, bytes]
    told: dict[str, object]
    older: str
    inclusion: str
    consistency: str

    @property
    def trusted(self) -> Trusted:
        """Whom the auditor trusts."""
        return trusted(POLICY)

    def zipped(self, **changed: bytes) -> bytes:
        """The bundle, with the files changed whose names (a dot written as `_`) are given; its manifest fits."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "case.zip"
            files = self.files | {
                name: changed[name.replace(".", "_")] for name in self.files if name.replace(".", "_") in changed
            }
            bundle.write(path, files, self.told)
            return path.read_bytes()


@cache
def made() -> Made:
    """A case that was just opened, sealed into a log that holds it alone."""
    story, key = opened(), StreamKey(STREAM, bytes([2]) * 32)
    entries = _entries(story, key)
    hashes = [leaf_hash(key.leaf(entry.hash, position=entry.position)) for entry in entries]
    nodes: dict[Node, bytes] = dict(grown(0, hashes, lambda level, index: nodes[level, index]))

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    size = len(entries)
    older, note = (_cosigned(LOG.sign(leaves, root(leaves, read))) for leaves in (_OLDER, size))
    paths = [inclusion(leaf, size, read) for leaf in range(size)]
    extra = {"stream": STREAM, "position": 1, "hash": entries[0].hash.hex(), "tags": key.tags.hex()}
    since = ConsistencyProof(_OLDER, consistency(_OLDER, size, read), str(note))
    lines = (bundle.dump_line(bundle.Line(entry, leaf, paths[leaf])) for leaf, entry in enumerate(entries))
    keys = {
        "log": str(LOG.verifier),
        "witnesses": [str(WITNESS.verifier)],
        "tags": key.tags.hex(),
        "opens": key.raw.hex(),
    }
    files = {
        bundle.ENTRIES: "".join(f"{line}\n" for line in lines).encode(), bundle.CHECKPOINT: str(note).encode(), bundle.KEYS: json.dumps(keys).encode(),
        bundle.EVENTS: b"".join(dump_events(told.events) + b"\n" for told in story.told), bundle.REPORT: b"<!doctype html>\n",
        bundle.PROGRAM: program_canonical(story.program).encode(), f"{bundle.CONSISTENCY}{_OLDER}.txt": str(since).encode(),
        f"{bundle.TEMPORAL}run.json": b"{}",
    }  # fmt: skip
    manifest: dict[str, object] = {"stream": STREAM, "entries": size, "size": size, "root": root(size, read).hex()}
    proof = InclusionProof(0, paths[0], str(note), json.dumps(extra).encode())
    return Made(files, manifest, str(older), str(proof), str(since))


def _cosigned(note: Note) -> Note:
    return parse_note(str(note.signed_by(WITNESS.cosign(note.text, 1_800_000_000))))


def _entries(story: Story, key: StreamKey) -> list[Entry]:
    entries: list[Entry] = []
    prev = GENESIS
    for position, told in enumerate(story.told, start=1):
        body = key.seal(dump_events(told.events), position=position)
        at = told.at + timedelta(microseconds=position)
        entries.append(
            seal(
                Entry(STREAM, position, f"c{position}", told.command["type"], told.at, at, told.actor, body, prev, b"")
            )
        )
        prev = entries[-1].hash
    return entries
