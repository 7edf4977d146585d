"""How the demo tells its story: chapters, and the minutes of each entry as it is recorded."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from starter.audit.minutes import minutes
from workflows.case.notice import NoticeServed
from workflows.core.entry import Entry
from workflows.core.kinds import Event
from workflows.program.model import Program

WIDTH = 118


class Telling:
    """Prints to `console`; with `quiet` nothing, so that a summary in JSON stands alone."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(highlight=False, quiet=quiet, soft_wrap=True)
        self.entries = 0
        self.served = 0

    def chapter(self, title: str, words: str = "") -> None:
        """A heading, and what is going to be seen."""
        self._console.print()
        self._console.rule(f"[bold]{title}[/bold]", align="left", style="dim")
        if words:
            self._console.print(f"[italic]{words}[/italic]")

    def entry(self, entry: Entry, events: Sequence[Event], program: Program) -> None:
        """The minutes of an entry: what a person did in plain type, what the clock did, and refusals, each in its own color."""
        self.entries += 1
        if all(isinstance(event, NoticeServed) for event in events):
            # The proof of each delivery stands in the ledger; between what people did it would only hide it.
            self.served += 1
            return
        style = "yellow" if entry.type == "elapsed" else ""
        style = "red" if any(event.type == "command_refused" for event in events) else style  # type: ignore[attr-defined]
        for line in minutes(entry, events, program):
            self._console.print(line, style=style, markup=False)

    def say(self, words: str) -> None:
        """A sentence between the minutes."""
        self._console.print(words, markup=False)

    def proved(self, words: str) -> None:
        """Something that was checked and holds."""
        self._console.print(f"  [green]✓[/green] {words}")
