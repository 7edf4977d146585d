"""What the entries of a bundle say of its other files: the definition that the case is pinned to, and the digests of the histories of its runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from starter.audit.bundle import TEMPORAL, Bundle


@dataclass
class Findings:
    """What is broken, what is proved and what is not, in sentences without a full stop."""

    faults: list[str] = field(default_factory=list)
    proved: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)

    def plainly(self) -> Findings:
        """The same as it may be printed: what a file puts into a sentence steers no terminal, and turns no text around."""
        return Findings(*([_printable(one) for one in some] for some in (self.faults, self.proved, self.unproved)))

    def broken(self, what: str) -> Findings:
        """The same with a fault more."""
        self.faults.append(what)
        return self


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


@dataclass
class Said:
    """What was sealed in the entries: the digests of the definitions that the case was opened under, and of each run that was kept, with its position."""

    pinned: set[str] = field(default_factory=set)
    runs: dict[str, tuple[str, int]] = field(default_factory=dict)

    def take(self, position: int, events: Any) -> None:
        """Take in what was sealed at a position, whatever it is."""
        for one in events if isinstance(events, list) else ():
            if isinstance(one, dict) and one.get("type") == "case_opened" and "sha256" in one:
                self.pinned.add(str(one["sha256"]))
            if isinstance(one, dict) and one.get("type") == "run_kept":
                self.runs[str(one.get("run_id"))] = (str(one.get("sha256")), position)


def check_histories(bundle: Bundle, runs: dict[str, tuple[str, int]], found: Findings) -> None:
    """Whether the histories in the bundle are those whose digests stand among its entries."""
    files = {name.removeprefix(TEMPORAL).removesuffix(".json"): name for name in bundle.files if name.startswith(TEMPORAL)}  # fmt: skip
    for run_id in files.keys() & runs.keys():
        digest, position = runs[run_id]
        if sha256(bundle.files[files[run_id]]).hexdigest() != digest:
            found.broken(f"{files[run_id][:200]} is not the history whose digest stands at position {position}: it was changed")  # fmt: skip
    if found.faults:
        return
    proved, absent, unnamed = len(files.keys() & runs.keys()), len(runs.keys() - files.keys()), len(files.keys() - runs.keys())  # fmt: skip
    if proved:
        found.proved.append(
            f"{_runs(proved)} under temporal/: each is the history whose digest stands among the entries"
        )
        found.unproved.append("that a build does what stands in these histories: replaying them takes that build (offramp audit temporal)")  # fmt: skip
    if unnamed:
        found.unproved.append(f"{_runs(unnamed)} under temporal/: no entry names the digest, as of a run that has not ended or was not kept yet")  # fmt: skip
    if absent:
        found.unproved.append(f"that the workflow did what the entries say in {_runs(absent)}: the entries name the digest, and the bundle does not hold the history")  # fmt: skip
    if not files:
        found.unproved.append("that the workflow did what the entries say: the bundle holds no Temporal histories")


def _runs(number: int) -> str:
    return f"{number} {'run' if number == 1 else 'runs'}"
