"""What holds on every walk through a case, whatever people, time and the engine do in whatever order."""

import json
from typing import Any

import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.case.examples import MONDAY, SHIPPED, Story
from tests.case.walk import Move, moves, perform, walked
from workflows.case import consent
from workflows.case.adverse import AdverseActLapsed
from workflows.case.appeal import AdverseActTookEffect, UpheldActLapsed
from workflows.case.case import next_wake
from workflows.case.commands import parse_command
from workflows.case.consent import ConsentLapsed
from workflows.case.contact import CheckInMissed, ContactPaused
from workflows.case.danger import DangerEnded
from workflows.case.disclosure import DisclosureMade, DisclosureStopped
from workflows.case.extension import ExtensionOvertaken
from workflows.case.facts import gate_unmet, involved, owes
from workflows.case.hold import HoldEnded
from workflows.case.legal_hold import LegalHoldExpired
from workflows.case.measure import MeasureEnded
from workflows.case.milestone import MilestoneExpired
from workflows.case.notice import NoticeIssued
from workflows.case.phase import PhaseEntered
from workflows.case.retention import ErasureApproved, RecordSealed
from workflows.case.review import ReviewDecided
from workflows.case.service import ParticipantNoticeOwed
from workflows.case.state import Case, advance, dump_events, evolve, parse_events
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import CLOCK, Event
from workflows.core.obligation import (
    PROTECTIVE_OUTCOMES,
    ObligationClosed,
    ObligationEscalated,
    ObligationOpened,
    SilenceFell,
)
from workflows.core.pause import ObligationPaused, ObligationResumed

OF_TIME = (
    ObligationEscalated, SilenceFell, CheckInMissed, MilestoneExpired, NoticeIssued, ObligationClosed, ConsentLapsed, HoldEnded,
    DisclosureStopped, LegalHoldExpired, RecordSealed,
    ObligationResumed, ObligationPaused, AdverseActLapsed, MeasureEnded, DangerEnded, UpheldActLapsed,
    ParticipantNoticeOwed, ObligationOpened, ExtensionOvertaken,
)  # fmt: skip
"""All that time alone may say. A closing is the release of a debt whose reason went (never a meeting of it)."""


def only_sharing_stopped(before: Case, after: Case) -> bool:
    """Whether all that became of the consents is that sharing stopped: support and what was asked stay as they were."""
    ended = before.consent.given.keys() - after.consent.given.keys()
    left = {"given": after.consent.given, "agreed": after.consent.agreed}
    return before.consent.model_copy(update=left) == after.consent and all(
        before.consent.agreed[s].shares for s in ended
    )


class Watched(Story):
    """A story that checks every answer as it is given."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.climbed: dict[str, int] = {}
        self.fallen: set[str] = set()

    def send(self, actor: str, raw: dict[str, Any]) -> tuple[Event, ...]:
        """The events, after everything that always holds was checked."""
        before = self.case
        events = super().send(actor, raw)
        assert parse_events(dump_events(events)) == events
        self.check_command(raw, events, before)
        if actor == CLOCK:
            self.check_time(before, events)
        self.check_state(before, events)
        self.check_decisions(before, events)
        self.check_silence(events)
        self.check_record(actor, before, events)
        return events

    def check_command(self, raw: dict[str, Any], events: tuple[Event, ...], before: Case) -> None:
        """A command survives JSON; a refusal is one event with a cure, and changes nothing."""
        if any(isinstance(event, CommandRefused) for event in events):
            (refused,) = events
            assert isinstance(refused, CommandRefused)
            assert refused.cure
            assert refused.command == raw
            assert evolve(before, events, self.at) == before
        else:
            command = parse_command(json.loads(json.dumps(raw)))
            assert parse_command(json.loads(command.model_dump_json())) == command

    def check_state(self, before: Case, events: tuple[Event, ...]) -> None:
        """The case survives JSON, has a lead, owes what its rooms say, and no less after the clock looked again."""
        case = self.case
        assert Case.model_validate_json(case.model_dump_json()) == case
        assert case.opened == (case.custody.lead is not None)
        assert sorted(case.obligations) == sorted(owed.key for owed in owes(case, self.program))
        assert before.opened <= case.opened
        assert before.closed <= case.closed
        assert all(o.next_at is None or o.next_at >= o.opened_at for o in case.obligations.values())
        assert len(self.owed("check_in")) <= 1
        assert not (self.owed("check_in") and consent.PARTICIPATION not in case.consent.given)

    def check_time(self, before: Case, events: tuple[Event, ...]) -> None:
        """Time alone moves, closes, withdraws, decides and renews nothing, and always leaves the next instant ahead."""
        wake = next_wake(self.case)
        assert wake is None or wake > self.at or not self.case.opened
        assert {type(event) for event in events} <= {*OF_TIME, CommandRefused}
        assert all(event.how == "released" for event in events if isinstance(event, ObligationClosed))
        for room in ("phase", "review", "custody", "partner", "lawful_basis", "access"):
            assert getattr(self.case, room) == getattr(before, room)
        assert only_sharing_stopped(before, self.case)
        assert self.case.contact.level == before.contact.level

    def check_decisions(self, before: Case, events: tuple[Event, ...]) -> None:
        """A case moves through an open gate, on approval by enough people who took no part in what they judged."""
        moved = [event for event in events if isinstance(event, PhaseEntered) and event.kind in {"advance", "exit"}]
        against = [event.act for event in events if isinstance(event, PhaseEntered) and event.act is not None]
        assert set(against) <= {event.act for event in events if isinstance(event, AdverseActTookEffect)}
        decided = [event for event in events if isinstance(event, ReviewDecided)]
        assert [event.phase for event in moved] == [event.to for event in decided if event.outcome == "approved"]
        for event in decided:
            transition = self.program.transition(before.phase.phase or "", event.to)
            assert transition is not None
            panel, review = self.program.reviews[transition.gate.review], before.review.open[event.review]
            people = {*event.approved_by, *event.rejected_by}
            assert people & {*involved(before, self.program, transition, review.requested_by), *review.recused} == set()
            assert len(people) == len(event.approved_by) + len(event.rejected_by) >= panel.quorum
            if event.outcome == "approved":
                assert gate_unmet(before, self.program, transition, self.at) == ()
                assert len(event.approved_by) >= panel.approve_with

    def check_record(self, actor: str, before: Case, events: tuple[Event, ...]) -> None:
        """Sharing stands on a ground in force and on two people; so does an erasure, of a closed case, under no hold; staff of a partner do nothing."""
        theirs = [role for role in self.program.roles.values() if role.partner is not None]
        refused = any(isinstance(event, CommandRefused) for event in events)
        held = self.staff.get(actor)
        assert held is None or refused or not any(self.program.roles[role] in theirs for role in held.roles)
        for event in events:
            match event:
                case DisclosureMade():
                    assert event.basis in self.case.consent.given or not event.basis.startswith("share:")
                    assert event.requested_by != event.approved_by == actor
                    assert self.program.roles[event.recipient].partner == event.partner
                case ErasureApproved():
                    assert event.requested_by != event.approved_by == actor
                    assert self.case.closed
                    assert not any(ends > self.at for ends in before.legal_hold.holds.values())
                    assert before.access.copy_at is not None
                case _:
                    pass
        waiting = [one.request for one in self.case.disclosure.pending.values()]
        assert all(request.agreement is None or request.basis in self.case.consent.given for request in waiting)
        assert not (waiting and self.case.closed)

    def check_silence(self, events: tuple[Event, ...]) -> None:
        """Each rung fires once, in order and never before its instant; silence falls once, and never against the person."""
        for event in events:
            match event:
                case ObligationOpened(obligation=opened):
                    assert opened.due >= opened.opened_at == self.at
                    assert opened.outcome in PROTECTIVE_OUTCOMES
                    self.climbed[opened.key] = 0
                    self.fallen.discard(opened.key)
                case ObligationEscalated():
                    assert event.level == self.climbed[event.key] + 1
                    assert event.rung_at <= self.at
                    assert event.late_seconds == int((self.at - event.rung_at).total_seconds())
                    self.climbed[event.key] = event.level
                case SilenceFell():
                    assert event.outcome in PROTECTIVE_OUTCOMES
                    assert event.due <= self.at
                    assert event.key not in self.fallen
                    self.fallen.add(event.key)
                case ObligationClosed():
                    del self.climbed[event.key]
                case _:
                    pass

    def check_fold(self) -> None:
        """The fold of every prefix of what was stored is the case that was held then."""
        case = Case(stream=self.case.stream)
        for told in self.told:
            stored = parse_events(dump_events(told.events))
            case = advance(case, position=told.case.position, head=told.case.head, events=stored, at=told.at)
            assert case == told.case


class CaseMachine(RuleBasedStateMachine):
    """Any moves in any order, each checked."""

    story: Watched

    @initialize(code=st.sampled_from(SHIPPED), opened=st.booleans())
    def begin(self, code: str, opened: bool) -> None:
        """A case of either program, mostly opened."""
        self.story = Watched(code)
        if opened:
            walked(self.story, [])

    @rule(move=moves())
    def go(self, move: Move) -> None:
        """The next move."""
        perform(self.story, move)

    def teardown(self) -> None:
        """What was stored folds to what was held."""
        if hasattr(self, "story"):
            self.story.check_fold()


TestCaseMachine = CaseMachine.TestCase


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_silence_alone_changes_nothing_for_the_participant(code: str, steps: list[Move]) -> None:
    """From any state, a year and more in which nobody acts moves, closes, withdraws and decides nothing; it is only told of."""
    story = walked(Story(code), steps)
    before = story.case
    story.later(days=400)

    after = story.case
    assert (after.phase, after.review, after.custody) == (before.phase, before.review, before.custody)
    assert only_sharing_stopped(before, after)
    aged = {
        code: standing.status
        for code, standing in after.milestone.standing.items()
        if standing != before.milestone.standing[code]
    }
    assert set(aged.values()) <= {"expired"}
    assert all(o.silent for o in after.obligations.values() if o.due <= story.at)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30), cut=st.integers(0, 60))
def test_evolve_never_raises_on_events_out_of_place(code: str, steps: list[Move], cut: int) -> None:
    """Events judge nothing: those of the end of one case fold onto the beginning of another without an error."""
    story = walked(Story(code), steps)
    case = Case(stream=story.case.stream)

    for told in reversed(story.told[cut:]):
        case = evolve(case, told.events, told.at)

    assert isinstance(case, Case)


@pytest.mark.parametrize("code", SHIPPED)
@given(steps=st.lists(moves(), max_size=30))
def test_the_same_commands_give_the_same_entries(code: str, steps: list[Move]) -> None:
    """The rules see nothing but their arguments: the same walk gives the same entries, to the byte."""
    first, second = (walked(Story(code), steps) for _ in range(2))

    assert [dump_events(told.events) for told in first.told] == [dump_events(told.events) for told in second.told]


@given(steps=st.lists(moves(), max_size=40))
def test_whoever_pauses_is_asked_for_nothing(steps: list[Move]) -> None:
    """After a withdrawal of participation no check-in is owed, and at most one welfare offer is, until the person comes back."""
    story = walked(Watched("disengagement"), [*steps, Move("withdraw_consent", 1, 0, 1)])
    note(str([type(event).__name__ for event in story.told[-1].events]))

    assert len(story.owed("welfare_offer")) <= 1
    if any(isinstance(event, ContactPaused) for event in story.told[-1].events):
        assert story.owed("check_in") == []
        assert story.case.phase.entered_at is None or story.case.phase.entered_at >= MONDAY
