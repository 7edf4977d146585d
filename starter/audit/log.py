"""The log checked as an outsider would: every leaf hashed anew, and the roots compared with what was signed and with what others kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from activities.store.log import last_checkpoint, leaf_hashes, waiting
from activities.store.pool import Connection
from activities.store.signing import Verifier
from workflows.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note
from workflows.core.merkle import Node, edge, grown, root

_AT_ONCE = 5000


class LogFault(NamedTuple):
    """What is wrong with the log: how many leaves the checkpoint covers that does not fit, and what does not fit."""

    size: int
    what: str


class LogFound(NamedTuple):
    """The log as it was found: its leaves, how many entries wait for a place, the last signed checkpoint, and the first fault."""

    leaves: int
    waiting: int
    checkpoint: Checkpoint | None
    fault: LogFault | None


async def check_log(connection: Connection, *, verifier: Verifier | None = None, kept: Sequence[str] = ()) -> LogFound:
    """Hash every leaf anew and compare the roots; never raises for what it finds.

    Args:
        connection: to the ledger.
        verifier: the log's public key; None: signatures are not checked.
        kept: notes that somebody kept from earlier: what they cover must be the beginning of the log.
    """
    last = await last_checkpoint(connection)
    named = [("the last checkpoint", last.note)] if last is not None else []
    named += [(f"kept checkpoint {number}", text) for number, text in enumerate(kept, start=1)]
    read = [(who, *_read(text, verifier)) for who, text in named]
    roots, leaves = await _roots(connection, {one.size for _, one, _ in read if one is not None})
    fault = next((_fault(who, one, bad, roots) for who, one, bad in read if _fault(who, one, bad, roots)), None)
    signed = read[0][1] if last is not None else None
    return LogFound(leaves, await waiting(connection), signed, fault)


def _read(text: str, verifier: Verifier | None) -> tuple[Checkpoint | None, str]:
    """The checkpoint in a note, and what is wrong with the note (empty: nothing)."""
    try:
        note = parse_note(text)
        found = parse_checkpoint(note.text)
    except BadNote as bad:
        return None, f"cannot be read: {bad}"
    if verifier is not None and not verifier.verified(note):
        return found, f"does not bear the signature of {verifier.name}"
    return found, ""


def _fault(who: str, found: Checkpoint | None, bad: str, roots: dict[int, bytes]) -> LogFault | None:
    if found is None or bad:
        return LogFault(0 if found is None else found.size, f"{who} {bad}")
    if found.size not in roots:
        return LogFault(found.size, f"{who} covers {found.size} entries, and the log has fewer: its end was cut off")
    if roots[found.size] != found.root:
        return LogFault(found.size, f"{who} has another root than the log's first {found.size} entries: they were rewritten")  # fmt: skip
    return None


async def _roots(connection: Connection, sizes: set[int]) -> tuple[dict[int, bytes], int]:
    """The roots at these sizes, as far as the log reaches, and how many leaves it has; only the right edge is held in memory."""
    held: dict[Node, bytes] = {}

    def read(level: int, index: int) -> bytes:
        return held[level, index]

    found, size = {0: root(0, read)}, 0
    while batch := await leaf_hashes(connection, size, _AT_ONCE):
        held.update(dict(grown(size, batch, read)))
        found |= {wanted: root(wanted, read) for wanted in sizes if size < wanted <= size + len(batch)}
        size += len(batch)
        held = {node: held[node] for node in edge(size)}
    return found, size
