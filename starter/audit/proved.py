"""What a bundle or a proof proves, step by step, and what it cannot. Without a database: the hashes, signatures and paths are all in the file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from activities.store.cosigning import Trusted, WitnessVerifier
from activities.store.refused import StoreRefused
from activities.store.signing import Verifier
from activities.store.stream_key import StreamKey, leaf_data, tag_key
from starter.audit.bundle import (
    CHECKPOINT,
    CONSISTENCY,
    EVENTS,
    PROGRAM,
    BadBundle,
    Bundle,
    Keys,
    Line,
    as_hash,
    as_lines,
    as_object,
    as_text,
    as_whole,
)
from starter.audit.proved_runs import Findings, Said, check_histories
from starter.audit.receipts import Receipt
from workflows.core.checkpoint import BadNote, Checkpoint, Note, parse_checkpoint, parse_note
from workflows.core.entry import GENESIS, BrokenChain, verify
from workflows.core.merkle import leaf_hash, proves_consistency, proves_inclusion
from workflows.core.proof import BadProof, parse_consistency, parse_inclusion
from workflows.core.strict_json import BadJson, read_json

_SHOWN = 200


class Brought(NamedTuple):
    """What the auditor brings along."""

    log: Verifier | None
    trusted: Trusted
    receipts: Sequence[Receipt]
    kept: Sequence[str]


def prove_bundle(
    bundle: Bundle, *, log: Verifier | None, trusted: Trusted, receipts: Sequence[Receipt], kept: Sequence[str]
) -> Findings:
    """What a bundle proves to whoever brings these along."""
    found, brought = Findings(), Brought(log, trusted, receipts, kept)
    try:
        keys = bundle.keys()
        signed = _signed(bundle.text(CHECKPOINT), found, brought, claimed=keys)
        last = _entries(bundle, signed, found, brought, keys=keys)
        _continues(bundle, signed, found, brought)
    except BadBundle as bad:
        return found.broken(f"the bundle: {bad}")
    if not found.faults:
        found.unproved += [
            f"that position {last} is the last one: whoever made the bundle could leave out the end; a receipt of a later entry would show it (--receipt)",
            "who acted: the entries name the actors, and are not signed by them",
            "what stands in sealed notes: the entries refer to them, and they are not in the bundle",
            "report.html: it is for reading, and nothing signs it",
        ]
    return found


def prove_proof(
    text: str, *, log: Verifier | None, trusted: Trusted, receipts: Sequence[Receipt], kept: Sequence[str]
) -> Findings:
    """What a proof of `offramp audit prove` proves to whoever brings these along."""
    found, brought = Findings(), Brought(log, trusted, receipts, kept)
    if text.startswith("old "):
        return _since(text, found, brought)
    try:
        proof = parse_inclusion(text)
        extra = as_object(proof.extra, "what the leaf is made from")
        stream, position = as_text(extra["stream"])[:_SHOWN], as_whole(extra["position"])
        digest, tags = as_hash(extra["hash"]), as_hash(extra["tags"])
    except (BadProof, BadBundle, KeyError, TypeError, ValueError, OverflowError) as bad:
        return found.broken(f"this is no bundle and no proof: {bad}")
    signed = _signed(proof.note, found, brought, claimed=None)
    if signed is not None:
        leaf = leaf_hash(leaf_data(tags, digest, position=position))
        if not proves_inclusion(leaf, proof.leaf, size=signed.size, path=proof.path, of=signed.root):
            return found.broken(f"{stream} position {position}: is not proved to be leaf {proof.leaf} of the log")
        found.proved.append(f"{stream} position {position} with the hash {digest.hex()} is leaf {proof.leaf} of the log of {signed.size} entries")  # fmt: skip
    for receipt in receipts:
        if receipt.position == position and not digest.hex().startswith(receipt.hash):
            found.broken(f"{stream} position {position}: is another entry than the one that your receipt names")
    if not found.faults:
        found.unproved.append("what was decided there: the proof holds the entry's hash, not the entry")
    return found


def _since(text: str, found: Findings, brought: Brought) -> Findings:
    try:
        proof = parse_consistency(text)
    except BadProof as bad:
        return found.broken(f"this is no proof: {bad}")
    signed = _signed(proof.note, found, brought, claimed=None)
    if signed is None:
        return found
    if not brought.kept:
        found.unproved.append("that the log goes on from a checkpoint of yours: give it (--checkpoint)")
    for number, note in enumerate(brought.kept, start=1):
        _one_continues(note, number, {proof.old: proof.path}, signed=signed, found=found)
    return found


def _signed(text: str, found: Findings, brought: Brought, *, claimed: Keys | None) -> Checkpoint | None:
    """The checkpoint in a note, if it bears the signatures that it must; what is wrong is told, and what is proved."""
    try:
        note = parse_note(text)
        signed = parse_checkpoint(note.text)
    except BadNote as bad:
        found.broken(f"the checkpoint: {bad}")
        return None
    log = brought.log
    if log is None and claimed is not None:
        log = _claimed(claimed.log, found)
    if log is None or signed.origin != log.name or not log.verified(note):
        who = (
            "no key to check it with: give --log-key"
            if log is None
            else f"it does not bear the signature of {log.name}"
        )
        found.broken(f"the checkpoint: {who}")
        return None
    found.proved.append(f"{log.name} signed the log of {signed.size} entries, root {signed.root.hex()[:16]}")
    if brought.log is None:
        found.unproved.append(f"that this is the key of {log.name}: it was taken from the bundle itself; get it from whoever publishes it (--log-key)")  # fmt: skip
    _cosigned(note, found, brought, claimed)
    return signed


def _claimed(text: str, found: Findings) -> Verifier | None:
    try:
        return Verifier.parse(text)
    except StoreRefused as refused:
        found.broken(f"the bundle's key of the log: {refused.what}")
        return None


def _cosigned(note: Note, found: Findings, brought: Brought, claimed: Keys | None) -> None:
    cosigners = brought.trusted.cosigners(note)
    for name, at in cosigners.items():
        when = datetime.fromtimestamp(min(at, 253402300799), UTC).isoformat(timespec="seconds")
        found.proved.append(f"witness {name} cosigned it at {when}: it goes on from all that this witness saw before")
    if brought.trusted.witnesses and not brought.trusted.witnessed(note):
        missing = ", ".join(name for name in brought.trusted.witnesses if name not in cosigners) or "none"
        found.broken(f"the checkpoint: too few of your witnesses cosigned it (missing: {missing})")
    if brought.trusted.witnesses:
        return
    others = [] if claimed is None else [name for text in claimed.witnesses if (name := _names_cosigner(text, note))]
    told = (
        f"; the bundle names {', '.join(others)} as having cosigned (--witness KEY, from whoever publishes it)"
        if others
        else ""
    )
    found.unproved.append(f"that the log shows everybody the same: that takes witnesses whom you trust{told}")


def _names_cosigner(text: str, note: Note) -> str:
    try:
        key = WitnessVerifier.parse(text)
    except StoreRefused:
        return ""
    return key.name if key.cosigned(note.text, note.signatures) is not None else ""


def _entries(bundle: Bundle, signed: Checkpoint | None, found: Findings, brought: Brought, *, keys: Keys) -> int:
    """Check every entry; the last position that is sound."""
    prev, last, digests = GENESIS, 0, {}
    stream, claimed = bundle.manifest.get("stream"), bundle.manifest.get("entries")
    if not isinstance(stream, str) or not isinstance(claimed, int) or len(stream) > _SHOWN:
        raise BadBundle("its manifest does not name the case, or the number of its entries")
    opener = None if keys.opens is None else StreamKey(stream, keys.opens)
    if keys.opens is not None and tag_key(keys.opens) != keys.tags:
        found.broken("keys.json: the key that opens the entries is not the one that the log is committed to")
        opener = None
    events = as_lines(bundle.text(EVENTS)) if EVENTS in bundle.files else []
    said = Said()
    for line in bundle.lines():
        what = _entry_fault(line, signed, stream=stream, prev=prev, position=last + 1, tags=keys.tags)
        if what is None and opener is not None:
            what = _opened(line, opener, events, said)
        if what is not None:
            found.broken(f"{stream} position {last + 1}: {what}")
            break
        prev, last = line.entry.hash, line.entry.position
        digests[last] = line.entry.hash.hex()
    if last != claimed and not found.faults:
        found.broken(f"{stream} position {last + 1}: is missing, and the manifest names {claimed} entries")
    _receipts(stream, digests, last=last, found=found, brought=brought)
    if not found.faults:
        found.proved.append(f"{stream} has {last} entries, each chained to the one before: none between them was changed, removed, added or moved")  # fmt: skip
        if signed is not None:
            found.proved.append("each of them is a leaf of that log")
        _readable(bundle, said, found, opened=opener is not None)
    return last


def _entry_fault(
    line: Line, signed: Checkpoint | None, *, stream: str, prev: bytes, position: int, tags: bytes
) -> str | None:
    entry = line.entry
    if entry.stream != stream:
        return f"belongs to another case, {entry.stream[:64]}"
    try:
        verify(entry, prev=prev, position=position)
    except BrokenChain as broken:
        return broken.what
    leaf = leaf_hash(leaf_data(tags, entry.hash, position=position))
    if signed is not None and not proves_inclusion(leaf, line.leaf, size=signed.size, path=line.path, of=signed.root):
        return f"is not proved to be leaf {line.leaf} of the log"
    return None


def _opened(line: Line, opener: StreamKey, events: Sequence[str], said: Said) -> str | None:
    entry = line.entry
    try:
        plain = read_json(opener.open(entry.body, position=entry.position))
    except (StoreRefused, BadJson):
        return "cannot be opened with the key of the case"
    try:
        shown = read_json(events[entry.position - 1]) if entry.position <= len(events) else None
    except BadJson:
        shown = None
    if shown != plain or not isinstance(plain, list):
        return "the events shown for it are not those that were sealed"
    said.take(entry.position, plain)
    return None


def _receipts(stream: str, digests: dict[int, str], *, last: int, found: Findings, brought: Brought) -> None:
    for receipt in brought.receipts:
        digest = digests.get(receipt.position)
        if digest is not None and digest.startswith(receipt.hash):
            found.proved.append(f"position {receipt.position} is the entry of your receipt")
        elif digest is not None:
            found.broken(f"{stream} position {receipt.position}: is another entry than the one that your receipt names")
        elif not found.faults:
            found.broken(
                f"{stream} position {last + 1}: is missing, and your receipt names position {receipt.position}: the end was cut off"
            )


def _readable(bundle: Bundle, said: Said, found: Findings, *, opened: bool) -> None:
    if not opened:
        found.unproved.append("what the entries say: the bundle was made without the key that opens them")
        return
    found.proved.append("events.jsonl says what was sealed, under the key that the log is committed to")
    if PROGRAM in bundle.files and said.pinned:
        if said.pinned == {sha256(bundle.files[PROGRAM]).hexdigest()}:
            found.proved.append("program.json is the definition that the case is pinned to")
        else:
            found.broken("program.json is not the definition that the case is pinned to")
    check_histories(bundle, said.runs, found)


def _continues(bundle: Bundle, signed: Checkpoint | None, found: Findings, brought: Brought) -> None:
    """Whether the log goes on from the checkpoints that the auditor kept."""
    if signed is None or not brought.kept:
        return
    paths = {}
    for name in bundle.files:
        if name.startswith(CONSISTENCY):
            try:
                proof = parse_consistency(bundle.text(name))
            except BadProof as bad:
                found.broken(f"{name}: {bad}")
                continue
            paths[proof.old] = proof.path
    for number, note in enumerate(brought.kept, start=1):
        _one_continues(note, number, paths, signed=signed, found=found)


def _one_continues(
    text: str, number: int, paths: dict[int, tuple[bytes, ...]], *, signed: Checkpoint, found: Findings
) -> None:
    try:
        kept = parse_checkpoint(parse_note(text).text)
    except BadNote as bad:
        found.broken(f"your checkpoint {number}: {bad}")
        return
    if kept.origin != signed.origin:
        found.broken(f"your checkpoint {number} is of another log, {kept.origin[:200]}")
        return
    path = paths.get(kept.size, ()) if kept.size != signed.size else ()
    if kept.size > signed.size:
        found.broken(f"your checkpoint {number} covers {kept.size} entries, and this log has {signed.size}: its end was cut off, or this is older")  # fmt: skip
    elif kept.size not in paths and kept.size not in {0, signed.size}:
        found.unproved.append(f"that the log goes on from your checkpoint {number} of {kept.size} entries: have the proof made for it (offramp audit export --checkpoint)")  # fmt: skip
    elif proves_consistency((kept.size, kept.root), (signed.size, signed.root), path):
        found.proved.append(f"the log goes on from your checkpoint {number}: its {kept.size} entries are as they were")
    else:
        found.broken(
            f"the log does not go on from your checkpoint {number} of {kept.size} entries: they were rewritten"
        )
