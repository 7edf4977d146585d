"""What a witness remembers: the last checkpoint that it cosigned of each log, and every one that spoke against it. On its own disk, and nowhere else.

A checkpoint is written beside the former one, flushed, and put in its place in one step: after any crash there stands either the one or the other.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from activities.store import durable
from activities.store.cosigning import WitnessVerifier
from activities.store.refused import StoreRefused
from workflows.core.checkpoint import BadNote, Checkpoint, Note, parse_checkpoint, parse_note

MOST_EVIDENCE = 1000
"""Notes kept as evidence at most: enough to prove, and no way to fill a disk."""


@contextmanager
def opened(folder: Path, verifier: WitnessVerifier) -> Iterator[State]:
    """The state in `folder`, for one process at a time.

    Raises:
        StoreRefused: another process uses it, or it cannot be written.
    """
    try:
        (folder / "evidence").mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise StoreRefused(f"the state of the witness in {folder} cannot be written", "Correct its path or its rights.") from error  # fmt: skip
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreRefused(f"another process uses the state of the witness in {folder}", "Stop it first: two would not know what the other saw.") from error  # fmt: skip
        yield State(folder, verifier)


class State:
    """What is remembered, in a folder. The caller sees to it that only one thread changes it at a time."""

    def __init__(self, folder: Path, verifier: WitnessVerifier) -> None:
        self._folder, self._verifier = folder, verifier

    def last(self, origin: str) -> tuple[Checkpoint, Note] | None:
        """The last checkpoint of this log that was cosigned, and its note; None if there was none.

        Raises:
            StoreRefused: what stands there is not what this witness cosigned: it was damaged, or somebody changed it.
        """
        path = self._path(origin)
        if not path.exists():
            return None
        try:
            note = parse_note(path.read_text(encoding="utf-8"))
            found = parse_checkpoint(note.text)
        except (BadNote, UnicodeDecodeError) as error:
            raise _damaged(path) from error
        if found.origin != origin or self._verifier.cosigned(note.text, note.signatures) is None:
            raise _damaged(path)
        return found, note

    def keep(self, origin: str, note: Note) -> None:
        """Remember the note as the last one of this log; once this returns, no crash forgets it."""
        durable.put(self._path(origin), str(note))

    def accuse(self, what: str, note: Note) -> None:
        """Keep a note that speaks against its log, under `what` it shows. The same one is kept once."""
        text = str(note)
        path = self._folder / "evidence" / f"{what}-{sha256(text.encode()).hexdigest()[:32]}.note"
        if not path.exists() and sum(1 for _ in path.parent.iterdir()) < MOST_EVIDENCE:
            durable.put(path, text)

    def evidence(self) -> list[str]:
        """The paths of the notes that speak against a log."""
        return sorted(str(path) for path in (self._folder / "evidence").glob("*.note"))

    def _path(self, origin: str) -> Path:
        return self._folder / f"{sha256(origin.encode()).hexdigest()}.note"


def _damaged(path: Path) -> StoreRefused:
    return StoreRefused(
        f"what stands in {path} is not what this witness cosigned",
        "Restore the file. Never begin anew in silence: whoever forgets what it saw bears no witness.",
    )
