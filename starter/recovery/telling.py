"""What a recovery found and did, in words and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from activities.store.restoring import Restored
from starter.audit.words import counted
from starter.recovery.recover import Looked

GO_ON = (
    "To do: find what is missing (another escrow, --from exported bundles, a newer copy), and run this again. Only if it cannot be had: put back the rest "
    "with --partial, and then two people go on without what is lost with 'offramp audit discontinuity'."
)


def as_told(looked: Looked, restored: Restored | None, *, most: int) -> Iterator[str]:
    """In sentences; of long lists the first `most`."""
    yield from _texts(looked, most)
    if looked.nothing_to_do:
        yield "Nothing is missing: the ledger goes on from every checkpoint that is known, and holds all that anybody remembers."
        return
    if looked.gap is not None:
        yield f"{looked.gap.what[0].upper()}{looked.gap.what[1:]}."
    yield from _put_back(looked, restored, most)
    yield from _missing(looked, most)


def _put_back(looked: Looked, restored: Restored | None, most: int) -> Iterator[str]:
    entries, leaves = len(looked.planned.append), len(looked.planned.leaves)
    verb = "Would be put back" if restored is None else "Put back"
    found = len(looked.found_keys)
    yield f"{verb}: {counted(entries, 'entry', 'entries')}, {counted(leaves, 'place', 'places')} in the log, {counted(found, 'lost key', 'lost keys')}."
    if restored is not None:
        for source, streams in sorted(restored.told.items()):
            yield f"From {source}:"
            for stream, ranges in _first(sorted(streams.items()), most):
                yield f"  {stream}: positions {', '.join(_range(*one) for one in ranges)}"
            if len(streams) > most:
                yield f"  and {len(streams) - most} more (--json shows all)"
        if looked.gap is not None and not looked.planned.missing and restored.after >= looked.gap.kept:
            yield f"The log has {restored.after} entries; its root is the one that was signed."


def _texts(looked: Looked, most: int) -> Iterator[str]:
    for one in _first(looked.notes, most):
        yield f"No text any more: {one.stream} position {one.position} refers to note:{one.note}, which nobody who was asked holds."
    if len(looked.notes) > most:
        yield f"and {len(looked.notes) - most} more of those (--json shows all)"


def _missing(looked: Looked, most: int) -> Iterator[str]:
    if looked.whole:
        return
    for begin, end in _first(looked.planned.missing, most):
        yield f"MISSING: {counted(end - begin, 'entry', 'entries')} of the log, from leaf {begin} to {end - 1}: nobody who was asked holds them."
    places: dict[str, list[tuple[str, int, str]]] = {
        "MISSING, though Temporal remembers that it was recorded": [*looked.forgotten],
        "MISSING, though there is a receipt": [*looked.unkept],
        "Held, but an entry before it is missing": [(*place, "") for place in looked.planned.lacking],
    }
    for what, found in places.items():
        # In the form of a receipt, so that what is printed here can be named where two people go on without it.
        for stream, position, hashed in _first(found, most):
            yield f"{what}: {stream} position {position} {hashed}".strip()
        if len(found) > most:
            yield f"and {len(found) - most} more of those (--json shows all)"
    for stream in _first([one for one in looked.keyless if one not in looked.found_keys], most):
        yield f"MISSING: the key of {stream}: it cannot be read."
    yield from (f"CONTRADICTION: {one}." for one in looked.planned.contradictions)
    yield GO_ON


def in_json(looked: Looked, done: Mapping[str, Any] | None) -> dict[str, Any]:
    """The same for programs, whole."""
    planned = looked.planned
    return {
        "whole": looked.whole,
        "gap": looked.gap,
        "entries": [{"stream": one.entry.stream, "position": one.entry.position, "source": one.source} for one in planned.append],
        "places": len(planned.leaves),
        "keys": looked.found_keys,
        "missing": {
            "leaves": planned.missing,
            "remembered": looked.forgotten,
            "receipts": looked.unkept,
            "held_without_what_is_before": planned.lacking,
            "keys": [one for one in looked.keyless if one not in looked.found_keys],
            "contradictions": planned.contradictions,
            "texts": looked.notes,
        },
        "done": done,
    }  # fmt: skip


def _first(found: Sequence[Any], most: int) -> Sequence[Any]:
    return found[:most]


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"
