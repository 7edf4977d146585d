"""Every path, up to a bound: nothing happens against the person without served notice and an elapsed or decided appeal; danger apart, for 72 hours.

The walk tries every command of the way, by people who may send it, and every passing of time that matters, from every state that it
reaches; states that cannot differ any more are visited once. What it checks it reads from the ledger alone, not from the rooms' own state.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.against import GROUNDS, in_stabilization
from tests.case.examples import ADVOCATE, CHAIR, COMMUNITY, LEAD, SUPERVISOR, Story, note, person, shipped
from tests.case.walk import Move, moves, perform
from workflows.case.adverse import AdverseActDecided, AdverseActProposed
from workflows.case.appeal import AdverseActTookEffect, AppealDecided, AppealFiled
from workflows.case.contact_form import SupportLevelSet
from workflows.case.danger import DangerAsked, DangerConfirmed, DangerEnded
from workflows.case.measure import MeasureBegan, MeasureEnded, MeasureRenewed
from workflows.case.phase import PhaseEntered
from workflows.case.service import ParticipantNoticeServed
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import CLOCK, Event
from workflows.program.model import SUPPORT_LEVELS, DueProcess, Program, SupportLevel

DIRECTOR = person("program_director")
HEARING, WINDOW = Term(1, "days"), Term(1, "days")
BOUND, HORIZON = 13, timedelta(days=5)
"""Steps from the start and days that pass: enough for the whole way with an appeal (nine steps), and for detours on it."""


class Way(NamedTuple):
    """What the ledger says of one act: when what happened, as far as it did."""

    proposed: datetime | None = None
    told: datetime | None = None
    upheld: datetime | None = None
    told_again: datetime | None = None
    appealed: datetime | None = None
    dismissed: datetime | None = None
    told_of_dismissal: datetime | None = None

    def open_to_effect(self, at: datetime, rule: DueProcess, calendar: Calendar) -> bool:
        """Whether the act may take effect at `at`."""
        if self.told is None or self.upheld is None or self.told_again is None:
            return False
        if self.upheld < calendar.after(self.told, rule.hearing).at or self.told_again < self.upheld:
            return False
        if self.appealed is not None:
            return self.dismissed is not None and self.told_of_dismissal is not None
        return at >= calendar.after(self.told_again, rule.appeal_window).at


_SERVED = {"act_proposed": "told", "act_upheld": "told_again", "appeal_dismissed": "told_of_dismissal"}


def follow(way: dict[int, Way], event: Event, at: datetime) -> None:
    """Take the event into account."""

    def mark(act: int, what: str) -> None:
        way[act] = way.get(act, Way())._replace(**{what: at})

    match event:
        case AdverseActProposed():
            mark(event.act, "proposed")
        case ParticipantNoticeServed() if event.about in _SERVED:
            mark(int(event.subject), _SERVED[event.about])
        case AdverseActDecided(outcome="upheld"):
            mark(event.act, "upheld")
        case AppealFiled():
            mark(event.act, "appealed")
        case AppealDecided(outcome="dismissed"):
            mark(event.act, "dismissed")
        case _:
            pass


def is_against(event: Event, level: SupportLevel) -> bool:
    """Whether the event does something against the person's wish."""
    match event:
        case PhaseEntered():
            return event.kind in {"step_back", "exit_for_cause"}
        case SupportLevelSet():
            lower = list(SUPPORT_LEVELS).index(event.level) > list(SUPPORT_LEVELS).index(level)
            return lower and event.agreed is None and event.direction is not None
        case MeasureBegan():
            return event.mode != "voluntary"
        case MeasureRenewed():
            return True
        case _:
            return False


class Guard:
    """Reads entry by entry what was recorded, and objects where something happened that had not been let happen."""

    def __init__(self, program: Program) -> None:
        assert program.due_process is not None
        self.rule, self.calendar = program.due_process, program.calendar
        self.way: dict[int, Way] = {}
        self.dangers: dict[int, tuple[datetime, str]] = {}
        self.until: dict[int, datetime] = {}
        self.level: SupportLevel = "high"
        self.effects = 0

    def copy(self) -> Guard:
        """The same, to go on another way."""
        other = object.__new__(Guard)
        other.__dict__ = {k: dict(v) if isinstance(v, dict) else v for k, v in self.__dict__.items()}
        return other

    def read(self, events: tuple[Event, ...], at: datetime) -> None:
        """Check one entry."""
        effects = [event for event in events if isinstance(event, AdverseActTookEffect)]
        for effect in effects:
            assert self.way[effect.act].open_to_effect(at, self.rule, self.calendar), self.way[effect.act]
        against = [event for event in events if is_against(event, self.level)]
        assert len(against) <= len(effects), against
        self.effects += len(effects)
        for event in events:
            follow(self.way, event, at)
            self.read_one(event, at)
        assert all(until > at for until in self.until.values()), self.until

    def read_one(self, event: Event, at: datetime) -> None:
        """What limits the effects themselves: two people and 72 hours for a danger, its term for a measure."""
        match event:
            case SupportLevelSet():
                self.level = event.level
            case DangerAsked():
                self.dangers[event.danger] = (at, event.by)
            case DangerConfirmed():
                asked_at, asked_by = self.dangers[event.danger]
                assert event.approved_by[0] == asked_by != event.approved_by[1]
                assert event.until == asked_at + timedelta(hours=72)
                self.until[-event.danger] = event.until
            case DangerEnded():
                self.until.pop(-event.danger, None)
            case MeasureBegan() | MeasureRenewed():
                self.until[event.measure] = event.until
            case MeasureEnded():
                self.until.pop(event.measure, None)
            case _:
                pass


def small() -> Program:
    """The shipped program, where one person decides each time and the terms are days: the law is the same, and the walk goes further."""
    program = shipped("disengagement")
    assert program.due_process is not None
    changes = {"deciders": 1, "appeal_deciders": 1, "hearing": HEARING, "appeal_window": WINDOW}
    return program.model_copy(update={"due_process": program.due_process.model_copy(update=changes)})


def _issued(story: Story) -> dict[str, Any]:
    return {
        "kind": "curfew", "legal_basis": "court_order", "basis_issued_at": story.at.isoformat(), "scope": note(4), **GROUNDS,
    }  # fmt: skip


def _acts(story: Story) -> Iterator[int]:
    yield from {*story.case.adverse.open, *story.case.appeal.open}


Step = tuple[str, Callable[[Story], object]]


def steps(story: Story, proposal: Callable[[Story], object]) -> Iterator[Step]:
    """Everything that can be tried now."""

    def send(who: str, kind: str, **fields: Any) -> Step:
        return (kind, lambda s: s.send(who, {"type": kind, **fields}))

    if not list(_acts(story)):
        yield ("propose", proposal)
    for number in (n for n, one in story.case.service.owed.items() if one.about in _SERVED):
        yield send(SUPERVISOR, "record_service", notice=number, how="in_person", language="de", proof=note(14))
    for act in _acts(story):
        yield send(CHAIR, "decide_adverse_act", act=act, choice="uphold", reasons=note(15))
        yield send(ADVOCATE, "file_appeal", act=act)
        yield send(COMMUNITY, "decide_appeal", act=act, choice="dismiss", reasons=note(16))
        yield send(CHAIR, "decide_appeal", act=act, choice="dismiss", reasons=note(16))
        yield send(SUPERVISOR, "carry_out_adverse_act", act=act)
    for number in story.case.danger.open:
        yield send(SUPERVISOR, "confirm_danger", danger=number, reasons=note(5))
        yield send(DIRECTOR, "confirm_danger", danger=number, reasons=note(5))
    yield send(LEAD, "set_support_level", level="low", direction="less", reasons=note(6))
    yield ("a day", lambda s: s.later(days=1))


def _step_back(story: Story) -> object:
    return story.send(LEAD, {"type": "propose_adverse_act", "kind": "step_back", "subject": "intake", **GROUNDS})


def _less(story: Story) -> object:
    return story.send(LEAD, {"type": "propose_adverse_act", "kind": "reduce_support", "subject": "low", **GROUNDS})


def _measure(story: Story) -> object:
    return story.send(LEAD, {"type": "propose_measure", "lasts": "1 month", "review_every": "1 week", **_issued(story)})


def _danger(story: Story) -> object:
    return story.send(SUPERVISOR, {"type": "act_in_danger", **_issued(story)})


def seen_as(story: Story, guard: Guard, begun: datetime) -> tuple[object, ...]:
    """What decides on everything that can follow: the rooms of the way, the phase, and the time that has passed."""
    case = story.case
    rooms = (case.adverse, case.appeal, case.service, case.measure, case.danger, case.phase.phase, case.contact.level)
    told = "".join(room if isinstance(room, str) else room.model_dump_json() for room in rooms if room is not None)
    return (told, story.at - begun, tuple(sorted(guard.way.items())))


def walk(proposal: Callable[[Story], object], *, bound: int) -> tuple[int, int]:
    """Try every path of at most `bound` steps; how many states were reached, and how many effects."""
    story = in_stabilization()
    story.program = small()
    begun, guard = story.at, Guard(story.program)
    story.told = []
    frontier, seen, effects = [(story, guard)], set(), 0
    for _ in range(bound):
        following = []
        for here, watch in frontier:
            for _name, step in steps(here, proposal):
                after, guarded = here.fork(), watch.copy()
                after.told = []
                step(after)
                for told in after.told:
                    guarded.read(told.events, told.at)
                key = seen_as(after, guarded, begun)
                if after.at - begun <= HORIZON and key not in seen:
                    seen.add(key)
                    following.append((after, guarded))
                    effects += guarded.effects > watch.effects
        frontier = following
    return len(seen), effects


@pytest.mark.parametrize(
    ("proposal", "bound", "takes_effect"),
    [(_step_back, BOUND, True), (_less, BOUND, True), (_measure, BOUND, True), (_danger, BOUND, False)],
    ids=["step_back", "reduce_support", "measure", "danger"],
)
def test_no_path_reaches_an_effect_without_notice_and_appeal(
    proposal: Callable[[Story], object], bound: int, takes_effect: bool
) -> None:
    """Of all paths of commands and time up to the bound, those that end in an effect served both notices and left the time to appeal."""
    states, effects = walk(proposal, bound=bound)

    assert states > (100 if takes_effect else 10)
    assert (effects > 0) == takes_effect


@given(steps=st.lists(moves(), max_size=60))
def test_no_walk_reaches_an_effect_without_notice_and_appeal(steps: list[Move]) -> None:
    """The same holds among all other commands of a case, sensible or not, in any order."""
    story = in_stabilization()
    guard = Guard(story.program)
    told = len(story.told)
    for move in steps:
        perform(story, move)
    for entry in story.told[told:]:
        guard.read(entry.events, entry.at)
    assert all(entry.actor != CLOCK or not any(is_against(e, "acute") for e in entry.events) for entry in story.told)
