"""Cases that this process has folded already, by stream.

A case is a pure function of its ledger up to a hash, so whoever knows position and hash may take the fold that another has made: the recorder, which
decided on it, and the workflow, which follows. A hit and a miss give the same case; a miss only costs the fold. So a case need not travel
to the recorder with each command, however many rooms it comes to have, and a process holds it once.
"""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from workflows.case.state import Case, take
from workflows.core.envelope import RecordedEntry


class Folded:
    """The latest fold of each of the streams last used.

    Args:
        most: how many cases are kept; the one longest out of use goes first.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cases: dict[str, Case] = {}
        # Workflows run on threads of their own, beside the recorder's.
        self._lock = Lock()

    def keep(self, case: Case) -> None:
        """Keep the case instead of what was known of its stream."""
        with self._lock:
            self._cases.pop(case.stream, None)
            self._cases[case.stream] = case
            if len(self._cases) > self._most:
                del self._cases[next(iter(self._cases))]

    def forget(self, stream: str) -> bool:
        """Drop what is known of the stream (its record was erased); whether anything was."""
        with self._lock:
            return self._cases.pop(stream, None) is not None

    def find(self, stream: str, *, position: int, head: str) -> Case | None:
        """The case as of exactly that entry, if it is known."""
        case = self._cases.get(stream)
        return case if case is not None and (case.position, case.head) == (position, head) else None

    def follow(self, case: Case, entries: Sequence[RecordedEntry]) -> Case:
        """The case after entries that the recorder returned, in order."""
        if not entries:
            return case
        last = entries[-1]
        return self.find(case.stream, position=last.position, head=last.hash) or take(case, entries)


FOLDED = Folded(most=1000)
"""What this process knows: as many cases as the SDK caches workflows by default."""
