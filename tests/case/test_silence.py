"""One mechanism for every kind of silence: how a debt begins, passes to another person, and ends."""

from datetime import timedelta
from itertools import pairwise

import pytest
from pydantic import ValidationError

from tests.case.examples import MONDAY, assessed, opened, person, shipped
from workflows.core.calendar import Term
from workflows.core.obligation import (
    ObligationEscalated,
    ObligationHandedOver,
    ObligationOpened,
    Owed,
    SilenceRule,
    elapse,
    evolve_obligation,
    evolve_obligations,
    open_obligation,
)

PROGRAM = shipped("disengagement")
RULE = PROGRAM.silence["check_in"]


def opening(term: Term, *, since: timedelta = timedelta(0), rule: SilenceRule = RULE) -> ObligationOpened:
    owed = Owed(key="check_in/1", kind="check_in", since=MONDAY + since, term=term)
    return open_obligation(owed, rule=rule, calendar=PROGRAM.calendar, at=MONDAY, holder="worker.1")


def test_what_was_due_before_it_was_owed_is_due_at_once() -> None:
    """No ladder is climbed, and no lateness shown, for a time in which nobody owed anything."""
    obligation = opening(Term(1, "weeks"), since=-timedelta(days=90)).obligation

    assert obligation.due == MONDAY
    assert obligation.derivation.endswith("past when it began to be owed, so due at once")
    fired = [
        event
        for event in elapse(obligation, calendar=PROGRAM.calendar, at=MONDAY)
        if isinstance(event, ObligationEscalated)
    ]
    assert [(event.action, event.late_seconds) for event in fired] == [("second_channel", 0)]


def test_a_handover_moves_the_holder_alone() -> None:
    """Whoever takes a debt over owes it by the same instant, on the same rung."""
    obligation = opening(Term(1, "weeks")).obligation
    handed = ObligationHandedOver(key=obligation.key, kind=obligation.kind, holder="worker.2")

    assert evolve_obligation(obligation, handed) == obligation.model_copy(update={"holder": "worker.2"})
    assert evolve_obligations({}, handed) == {}


def test_a_ladder_cannot_repeat_without_time_between() -> None:
    """A last rung that is repeated every zero days would never let the clock rest, and cannot be written."""
    with pytest.raises(ValidationError, match="repeat_every"):
        SilenceRule.model_validate({**RULE.model_dump(), "repeat_every": "0 days"})


def test_a_ladder_without_repetition_comes_to_rest() -> None:
    """Where nothing repeats, the debt stays owed after its last rung and asks for no further instant."""
    rule = RULE.model_copy(update={"repeat_every": None})
    obligation = opening(Term(1, "weeks"), rule=rule).obligation
    for event in elapse(obligation, calendar=PROGRAM.calendar, at=MONDAY + timedelta(days=100)):
        obligation = evolve_obligation(obligation, event)

    assert (obligation.next_at, obligation.climbed, obligation.silent) == (None, len(RULE.ladder), True)


def test_a_repetition_falls_on_its_rhythm() -> None:
    """After the last rung somebody is told again at every interval, counted from that rung."""
    story = opened()
    story.later(days=60)
    told = [
        event
        for event in story.events(ObligationEscalated)
        if event.key == "check_in/1" and event.level >= len(RULE.ladder)
    ]

    gaps = {later.rung_at - earlier.rung_at for earlier, later in pairwise(told)}
    assert gaps <= {timedelta(days=7), timedelta(days=7, hours=1), timedelta(days=7, hours=-1)}
    assert len(told) > 4


def test_a_command_that_overtakes_a_late_clock_does_not_hide_the_silence() -> None:
    """After an outage whoever acts before the clock finds the missed check-in and its rungs on record, before their own act."""
    story = assessed(opened())
    due = story.due("check_in")
    story.at = due + timedelta(days=4)

    events = story.do(person("lead_practitioner"), "keep_check_in", channel="call")
    kinds = [type(event).__name__ for event in events]

    assert kinds.index("SilenceFell") < kinds.index("CheckInMissed") < kinds.index("CheckInKept")
    assert [e.kind for e in events if isinstance(e, ObligationEscalated)].count("check_in") == 4
