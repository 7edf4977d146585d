"""The log checked as an outsider would: every leaf hashed anew, and the roots compared with what was signed and with what others kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from activities.store.cosigning import TRUSTS_NOBODY, Trusted
from activities.store.log import last_checkpoint, leaf_hashes, stored_nodes, unlogged_entry, unplaced_leaf, waiting
from activities.store.log import size as log_size
from activities.store.pool import Connection
from activities.store.signing import Verifier
from activities.store.witnessed import Cosigned, covering
from workflows.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note
from workflows.core.merkle import Node, edge, grown, root

_AT_ONCE = 5000
_LOOKED_AT = 1000
"""Checkpoints among which the last one that is witnessed is looked for."""


class LogFault(NamedTuple):
    """What is wrong with the log: how many leaves the checkpoint covers that does not fit, and what does not fit."""

    size: int
    what: str


class LogFound(NamedTuple):
    """The log as it was found: its leaves, how many entries wait for a place, the last signed checkpoint, and the first fault.

    `witnessed` is how many entries the last checkpoint covers that enough witnesses cosigned, `witnesses` who they are.
    """

    leaves: int
    waiting: int
    checkpoint: Checkpoint | None
    fault: LogFault | None
    witnessed: int = 0
    witnesses: tuple[str, ...] = ()


class _Read(NamedTuple):
    """A note: who holds it, the checkpoint in it, and what is wrong with it (empty: nothing)."""

    who: str
    found: Checkpoint | None
    bad: str


async def check_log(
    connection: Connection,
    *,
    verifier: Verifier | None = None,
    kept: Sequence[str] = (),
    trusted: Trusted = TRUSTS_NOBODY,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> LogFound:
    """Hash every leaf anew and compare the roots; never raises for what it finds.

    Args:
        connection: to the ledger.
        verifier: the log's public key; None: signatures are not checked.
        kept: notes that somebody kept from earlier: what they cover must be the beginning of the log.
        trusted: the witnesses that count.
        progress: told how many leaves are hashed, and of how many.
    """
    last = await last_checkpoint(connection)
    named = [("the last checkpoint", last.note)] if last is not None else []
    named += [(f"kept checkpoint {number}", text) for number, text in enumerate(kept, start=1)]
    read = [_Read(who, *_read(text, verifier)) for who, text in named]
    witnessed, forged = await _witnessed(connection, trusted)
    if witnessed is not None:
        read.append(_Read("the last witnessed checkpoint", *_read(str(witnessed.note), verifier)))
    sizes = {one.found.size for one in read if one.found is not None}
    roots, leaves, damaged = await _roots(connection, sizes, progress)
    fault = (
        next((fault for one in read if (fault := _fault(one, read, roots))), None)
        or damaged or forged or await _without(connection)
    )  # fmt: skip
    signed = read[0].found if last is not None else None
    return LogFound(
        leaves, await waiting(connection), signed, fault,
        0 if witnessed is None else witnessed.size, () if witnessed is None else tuple(trusted.cosigners(witnessed.note)),
    )  # fmt: skip


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


def _fault(one: _Read, others: Sequence[_Read], roots: Mapping[int, bytes]) -> LogFault | None:
    found = one.found
    if found is None or one.bad:
        return LogFault(0 if found is None else found.size, f"{one.who} {one.bad}")
    if found.size not in roots:
        return LogFault(
            found.size, f"{one.who} covers {found.size} entries, and the log has fewer: its end was cut off"
        )
    if roots[found.size] != found.root:
        sound = [o.found.size for o in others if o.found is not None and o.found.size < found.size and roots.get(o.found.size) == o.found.root]  # fmt: skip
        behind = f", the first behind entry {max(sound)} of the log" if sound else ""
        twice = any(o.found is not None and not o.bad and o.found.size == found.size and o.found.root != found.root for o in others)  # fmt: skip
        shown = " (and another checkpoint of as many fits: the log was shown in two versions)" if twice else ""
        return LogFault(found.size, f"{one.who} has another root than the log's first {found.size} entries: they were rewritten{behind}{shown}")  # fmt: skip
    return None


async def _without(connection: Connection) -> LogFault | None:
    """A leaf without its entry, or an entry without its leaf."""
    leaf = await unplaced_leaf(connection)
    if leaf is not None:
        return LogFault(leaf + 1, f"leaf {leaf} of the log is no entry's: the entry was removed")
    entry = await unlogged_entry(connection)
    if entry is not None:
        return LogFault(0, f"{entry[0]} position {entry[1]} has no place in the log and waits for none: it was not recorded in the ordinary way")  # fmt: skip
    return None


async def _witnessed(connection: Connection, trusted: Trusted) -> tuple[Cosigned | None, LogFault | None]:
    """The last checkpoint that enough witnesses cosigned; and a cosignature that is not its witness's own."""
    looked, forged = 0, None
    if not trusted.witnesses:
        return None, None
    keys = {(one.name, one.key_id): one for one in trusted.witnesses.values()}
    try:
        async for one in covering(connection, -1):
            for signature in one.note.signatures:
                key = keys.get((signature.name, signature.key_id))
                if key is not None and key.cosigned(one.note.text, [signature]) is None and forged is None:
                    forged = LogFault(one.size, f"the cosignature of {signature.name} to the checkpoint of {one.size} entries is not its own")  # fmt: skip
            if trusted.witnessed(one.note):
                return one, forged
            looked += 1
            if looked == _LOOKED_AT:
                break
    except BadNote as bad:
        return None, LogFault(0, f"a stored checkpoint or cosignature cannot be read: {bad}")
    return None, forged


async def _roots(
    connection: Connection, sizes: set[int], progress: Callable[[int, int], None]
) -> tuple[dict[int, bytes], int, LogFault | None]:
    """The roots at these sizes as far as the log reaches, how many leaves it has, and a stored hash that is not that of its leaves.

    Only the right edge is held in memory.
    """
    held: dict[Node, bytes] = {}
    damaged: LogFault | None = None

    def read(level: int, index: int) -> bytes:
        return held[level, index]

    found, size, total = {0: root(0, read)}, 0, await log_size(connection)
    while batch := await leaf_hashes(connection, size, _AT_ONCE):
        fresh = dict(grown(size, batch, read))
        damaged = damaged or _damaged(fresh, await stored_nodes(connection, fresh))
        held.update(fresh)
        found |= {wanted: root(wanted, read) for wanted in sizes if size < wanted <= size + len(batch)}
        size += len(batch)
        held = {node: held[node] for node in edge(size)}
        progress(size, max(size, total))
    return found, size, damaged


def _damaged(fresh: Mapping[Node, bytes], stored: Mapping[Node, bytes]) -> LogFault | None:
    for (level, index), hashed in fresh.items():
        if stored.get((level, index)) != hashed:
            first, end = index << level, (index + 1) << level
            return LogFault(end, f"the hash over leaves {first} to {end - 1} of the log is not that of its leaves: it was changed, or is missing")  # fmt: skip
    return None
