"""The stage of the demo: a case on a fresh stack that tells what happens in it, and stops where something does not happen as it must."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from starter import stage
from starter.client import RefusedAnswer
from starter.demo.cast import STAFF
from starter.demo.told import Telling
from starter.stack import Stack
from workflows.core.receipt import Receipt
from workflows.program.load import load_program
from workflows.program.model import Program

PROGRAMS = Path(__file__).resolve().parents[2] / "programs"


class DemoFailed(stage.StageFailed):
    """Something did not happen as the story has it: the demo is a proof, so it stops."""


class Stage(stage.Stage):
    """The case of the demo. `telling` prints, `program` is the flagship, `refusals` holds the codes of what was refused."""

    def __init__(self, *, telling: Telling, program: Program, **props: Any) -> None:
        super().__init__(**props)
        self.telling, self.program = telling, program
        self.refusals: list[str] = []

    async def do(self, person: str, kind: str, /, **fields: Any) -> Receipt:
        """Send a command as `person`; it must be accepted. Tells the entries that it brought."""
        receipt = await self.send(person, kind, **fields)
        await self.tell()
        return receipt

    async def refused(self, person: str, kind: str, /, *, code: str, **fields: Any) -> None:
        """Send a command that must be refused with `code`; tells why, and the cure.

        Raises:
            DemoFailed: it was accepted, or refused for another reason.
        """
        try:
            await self.send(person, kind, **fields)
        except RefusedAnswer as answer:
            if answer.code != code:
                raise DemoFailed(f"{kind} was refused as {answer.code}, not as {code}") from answer
            self.refusals.append(code)
            await self.tell()
            return
        raise DemoFailed(f"{kind} by {person} was accepted and should have been refused as {code}")

    async def forward(self, **term: float) -> None:
        """Let `term` (as for timedelta) pass for the case; whatever falls due on the way happens and is told."""
        await self.forward_to(self.now + timedelta(**term))
        await self.tell()

    async def tell(self) -> None:
        """Print the entries that are new since the last time, as minutes."""
        for entry, events in await self.news():
            self.telling.entry(entry, events, self.program)


@asynccontextmanager
async def set_up(directory: Path, telling: Telling, stack: Stack) -> AsyncIterator[Stage]:
    """Everything that the story needs on a started stack: the shipped programs, the staff, a worker, a connection."""
    sources = {path.stem: path.read_text(encoding="utf-8") for path in sorted(PROGRAMS.glob("*.yaml"))}
    definitions = {name: load_program(source) for name, source in sources.items()}
    make = partial(Stage, telling=telling, program=definitions["disengagement"])
    published = [(definitions[name], source) for name, source in sources.items()]
    async with stage.set_up(make, directory=directory, stack=stack, people=STAFF, definitions=published) as ready:
        yield ready
