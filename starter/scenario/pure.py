"""A case on the pure core: it answers commands as the recorder does, keeps every answer, and lets the clock act when it is due."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from starter.scenario.load import Story
from starter.scenario.span import Span
from workflows.case import care
from workflows.case.case import Context, answer, next_wake
from workflows.case.commands import well_formed
from workflows.case.state import Case, advance
from workflows.core.entry import Entry
from workflows.core.kinds import CLOCK, ENGINE, Actor, Event
from workflows.core.notice import Delivery, Notice
from workflows.program.load import program_sha256
from workflows.program.model import Program

STREAM = f"case/{uuid.UUID(int=1)}"
"""The stream of every case that is only played: nothing is stored, so nothing can be mixed up."""


class Told(NamedTuple):
    """An answer: when, to whom, what was asked, what was answered, and the case after it."""

    at: datetime
    actor: str
    command: dict[str, Any]
    events: tuple[Event, ...]
    case: Case


class PureCase:
    """A case that is played on the pure core, with its program, its staff and its clock.

    Args:
        program: the definition under which it runs.
        staff: the staff directory; whoever is there holds their roles until the end that is known of them, if one is.
        at: the instant at which it begins.
    """

    def __init__(self, program: Program, staff: Mapping[str, Actor], *, at: datetime) -> None:
        self.program = program
        self.sha256 = program_sha256(program)
        self.staff = dict(staff)
        self.cases: dict[str, int] = {}
        self.at = at
        self.case = Case(stream=STREAM)
        self.told: list[Told] = []

    def send(self, actor: str, raw: dict[str, Any]) -> tuple[Event, ...]:
        """Send a command as `actor` at the case's instant; the events of its answer (none if the clock found nothing due)."""
        staff = self._here()
        who = Actor(person=actor) if actor in {CLOCK, ENGINE} else staff.get(actor)
        context = Context(
            at=self.at, actor=who, staff=staff, program=self.program, sha256=self.sha256, caseload=self._caseload(raw, actor)
        )  # fmt: skip
        events = answer(self.case, raw, context)
        if events:
            position = self.case.position + 1
            self.case = advance(self.case, position=position, head=f"{position:064x}", events=events, at=self.at)
            self.told.append(Told(self.at, actor, raw, events, self.case))
        return events

    def _caseload(self, raw: dict[str, Any], actor: str) -> int:
        """How many other open cases whoever is to take this one has; 0 where nobody is, or the command is none."""
        command = well_formed(raw)
        taker = None if command is None else care.taker(command, actor)
        return 0 if taker is None else self.cases.get(taker, 0)

    def _here(self) -> dict[str, Actor]:
        """The staff directory at the case's instant."""
        return {person: one for person, one in self.staff.items() if one.until is None or one.until > self.at}

    def tick(self) -> tuple[Event, ...]:
        """Let the clock act at the case's instant."""
        return self.send(CLOCK, {"type": "elapsed"})

    def pass_until(self, at: datetime) -> None:
        """Let time pass up to `at`, with the clock acting whenever something falls due."""
        while (wake := next_wake(self.case)) is not None and wake <= at:
            self.at = max(self.at, wake)
            self.tick()
        self.at = max(self.at, at)


class DeliveredCase(PureCase):
    """A case whose notices arrive at once with whoever is to be told, and fail where the staff directory knows nobody to tell."""

    def send(self, actor: str, raw: dict[str, Any]) -> tuple[Event, ...]:
        """As for any case; then the engine reports on each notice that the answer issued."""
        events = super().send(actor, raw)
        for notice in list(self.case.notice.pending.values()) if actor != ENGINE else ():
            report = self._delivered(notice).model_dump(mode="json", exclude_none=True)
            self.send(ENGINE, {"type": "record_delivery", "delivery": report})
        return events

    def _delivered(self, notice: Notice) -> Delivery:
        here = self._here()
        known = (
            notice.to_person in here
            if notice.to_person is not None
            else any(actor.holds((notice.to_role,)) for actor in here.values())
        )
        if known:
            return Delivery(key=notice.key, outcome="delivered", channel="inbox", proof="played")
        return Delivery(key=notice.key, outcome="failed", channel="none", reason="no_recipient")


class PureStage:
    """Where a story is played in milliseconds: nothing is stored, nothing is sent."""

    def __init__(self, story: Story) -> None:
        scenario = story.scenario
        staff = {
            person: Actor(
                person=person, roles=known.roles, organization=known.organisation, until=known.until, certificates=known.certified(story.program),
            )
            for person, known in scenario.people.items()
        }  # fmt: skip
        self._case = DeliveredCase(story.program, staff, at=scenario.starts)
        self._case.cases = {person: known.cases for person, known in scenario.people.items()}
        self._notes = 0
        self._seen = 0

    @property
    def now(self) -> datetime:
        """The case's instant."""
        return self._case.at

    async def note(self, text: str, *, author: str) -> str:
        """A reference that follows from the text, its author and its place in the story."""
        self._notes += 1
        return f"note:{uuid.uuid5(uuid.NAMESPACE_OID, f'{self._notes} {author} {text}')}"

    async def send(self, person: str, command: dict[str, Any]) -> None:
        """Have a command answered; what falls due with the answer happens at once, as with the engine's own clock."""
        self._case.send(person, command)
        self._case.pass_until(self._case.at)

    async def pass_time(self, span: Span) -> None:
        """Let time pass, with the clock acting whenever something falls due."""
        self._case.pass_until(span.after(self._case.program.calendar, self._case.at))

    async def news(self) -> list[tuple[Entry, tuple[Event, ...]]]:
        """The answers that are new since the last time."""
        new, self._seen = self._case.told[self._seen :], len(self._case.told)
        return [(_entry(told), told.events) for told in new]


def _entry(told: Told) -> Entry:
    """The answer as an entry that nobody sealed."""
    return Entry(
        stream=told.case.stream, position=told.case.position, command_id="played", type=str(told.command["type"]), at=told.at,
        recorded_at=told.at, actor=told.actor, body=b"", prev=b"", hash=bytes.fromhex(told.case.head),
    )  # fmt: skip
