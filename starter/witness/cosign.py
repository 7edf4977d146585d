"""What a witness answers (C2SP tlog-witness, `add-checkpoint`): a cosignature, or why not.

It cosigns a checkpoint only if the log's key signed it and a proof shows that it goes on from the last one that this witness cosigned. It remembers the
new one before it answers, so that whatever it signed it will hold the log to. A log that signed two histories is told so, and both notes are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import NamedTuple

from activities.store.cosigning import WitnessKey
from activities.store.signing import Verifier
from starter.witness.state import State
from workflows.core.checkpoint import BadNote, Checkpoint, Note, parse_checkpoint, parse_note
from workflows.core.merkle import proves_consistency
from workflows.core.proof import BadProof, ConsistencyProof, parse_consistency

SIZE = "text/x.tlog.size"
TEXT = "text/plain; charset=utf-8"


class Answer(NamedTuple):
    """What is answered: an HTTP status, the body and its type; `told` is the same in a word, for the witness's own log."""

    status: int
    body: str
    told: str
    kind: str = TEXT


class Witness:
    """A witness with its key, the logs that it knows, what it remembers, and a clock in seconds since 1970."""

    def __init__(self, key: WitnessKey, logs: Sequence[Verifier], state: State, clock: Callable[[], float]) -> None:
        self._key, self._state, self._clock = key, state, clock
        self._logs = {log.name: log for log in logs}
        # Between looking at the last checkpoint and remembering the next one nobody else may come.
        self._lock = Lock()

    def add_checkpoint(self, body: bytes) -> Answer:
        """Cosign the checkpoint in `body`, or say why not.

        Raises:
            StoreRefused: what the witness remembers was damaged: it answers nothing any more.
        """
        try:
            asked = parse_consistency(body.decode())
            note = parse_note(asked.note)
            found = parse_checkpoint(note.text)
        except (BadProof, BadNote, UnicodeDecodeError) as bad:
            return Answer(400, f"{bad}\n", "malformed")
        log = self._logs.get(found.origin)
        if log is None:
            return Answer(404, f"the log {found.origin} is not known here\n", "unknown_log")
        if not log.verified(note):
            return Answer(403, f"this does not bear the signature of {found.origin}\n", "unsigned")
        if asked.old > found.size:
            return Answer(400, "the old size is larger than the checkpoint's\n", "malformed")
        with self._lock:
            return self._judged(asked, found, note)

    def last(self, origin: str) -> Answer:
        """The last checkpoint of a log that was cosigned here, for whoever does not take the log's word for it.

        Raises:
            StoreRefused: what the witness remembers was damaged.
        """
        known = self._state.last(origin) if origin in self._logs else None
        return Answer(404, "no checkpoint of this log was cosigned here\n", "nothing") if known is None else Answer(200, str(known[1]), "shown")  # fmt: skip

    def _judged(self, asked: ConsistencyProof, found: Checkpoint, note: Note) -> Answer:
        known = self._state.last(found.origin)
        size, root = (0, None) if known is None else (known[0].size, known[0].root)
        if root is not None and size == found.size and root != found.root:
            self._accuse("fork", note, known)
            return Answer(409, f"the log signed another root for {size} leaves before: it has two histories\n", "fork")
        if asked.old != size:
            if found.size < size:
                self._accuse("behind", note, known)
            return Answer(409, f"{size}\n", "behind" if found.size < size else "other_size", SIZE)
        if root is None:
            sound = not asked.path
        else:
            sound = proves_consistency((size, root), (found.size, found.root), asked.path)
        if not sound:
            self._accuse("unproved", note, known)
            return Answer(
                422, f"no proof that the log goes on from its {size} leaves that were cosigned here\n", "unproved"
            )
        signature = self._key.cosign(note.text, int(self._clock()))
        self._state.keep(found.origin, note.signed_by(signature))
        return Answer(200, str(Note("", (signature,))).removeprefix("\n"), "cosigned")

    def _accuse(self, what: str, note: Note, known: tuple[Checkpoint, Note] | None) -> None:
        self._state.accuse(what, note)
        if known is not None:
            # The checkpoint that it contradicts will be followed by others: both sides of the evidence are kept.
            self._state.accuse("cosigned", known[1])
