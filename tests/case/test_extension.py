"""Extension: one clock gets more time for a reason, with another's approval, within a limit, and never against the person."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.against import appealable, in_stabilization, proposed, served
from tests.case.examples import (  # fmt: skip
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    approved,
    asked,
    note,
    opened,
    person,
)
from tests.case.walk import Move, moves, perform, walked
from workflows.case.adverse import AdverseActLapsed, HearingOpened
from workflows.case.appeal import AppealFiled, AppealWindowOpened, UpheldActLapsed
from workflows.case.commands import EXTENDABLE, OBLIGATIONS
from workflows.case.extension import ExtensionApproved, ExtensionDeclined, ExtensionOvertaken, ExtensionRequested
from workflows.core.calendar import Term
from workflows.core.obligation import ObligationEscalated, SilenceFell
from workflows.core.pause import ObligationExtended

DIRECTOR = person("program_director")
REVIEW = "review_decision/1"


def ask(story: Story, until: datetime, *, clock: str = REVIEW, by: str = CHAIR, form: str = "extension") -> int:
    """The number of a request for more time."""
    story.do(by, "request_extension", clock=clock, form=form, until=until.isoformat(), reasons=note(1))
    return story.case.extension.count


def reviewing() -> Story:
    """A story in which a panel is asked to decide the first move."""
    story = opened()
    asked(story)
    return story


def test_more_time_is_asked_by_one_and_approved_by_another() -> None:
    """Until another person approves nothing changes; then the due instant is later, and its derivation says from when, by which request."""
    story = reviewing()
    before = story.case.obligations[REVIEW]
    later = before.due + timedelta(days=7)
    ask(story, later)

    assert story.events(ExtensionRequested) == [
        ExtensionRequested(
            extension=1, clock=REVIEW, form="extension", until=later, requested_by=CHAIR, reasons=note(1)
        )
    ]
    assert story.case.obligations[REVIEW] == before
    assert story.owed("extension_decision") == ["extension_decision/1"]
    story.do(SUPERVISOR, "approve_extension", extension=1, reasons=note(2))
    after = story.case.obligations[REVIEW]
    assert story.events(ExtensionApproved) == [
        ExtensionApproved(extension=1, clock=REVIEW, was=before.due, due=later, approved_by=SUPERVISOR, reasons=note(2))
    ]
    assert after.due == later
    assert after.derivation == f"{before.derivation}; given more time on 2026-01-05 10:00, from 2026-02-02 10:00 (request 1)"  # fmt: skip
    assert [rung.at - old.at for rung, old in zip(after.rungs, before.rungs, strict=True)] == [timedelta(days=7)] * 4
    assert story.owed("extension_decision") == []
    assert [one.about for one in story.case.service.owed.values()].count("more_time") == 1


def test_a_pause_of_one_clock_leaves_it_the_time_that_it_had() -> None:
    """A pause until a day moves everything that had not happened by as long as the clock stands still from its approval."""
    story = reviewing()
    due = story.due("review_decision")
    number = ask(story, story.at + timedelta(days=9), form="pause")
    story.later(days=2)
    story.do(SUPERVISOR, "approve_extension", extension=number, reasons=note(2))

    assert story.due("review_decision") == due + timedelta(days=7)


@pytest.mark.parametrize("days", [1, 6, 20])
def test_what_is_counted_from_the_time_to_be_heard_moves_with_it(days: int) -> None:
    """Given longer to be heard, the person loses nothing and nobody else does: the decision is due so long after the new end as after the old, and no act lapses or is upheld before that end."""
    story = in_stabilization()
    act = proposed(story)
    served(story, "act_proposed")
    calendar, term = story.program.calendar, story.program.silence["adverse_decision"].due
    assert isinstance(term, Term)
    until = story.events(HearingOpened)[-1].until
    assert story.due("adverse_decision") == calendar.after(until, term).at
    later = calendar.after(until, Term(days, "working days")).at
    story.do(SUPERVISOR, "approve_extension", extension=ask(story, later, clock=f"hearing/{act}"), reasons=note())

    assert story.case.adverse.open[act].hearing_until == later
    assert story.due("adverse_decision") == calendar.after(later, term).at
    assert "since the person was given more time" in story.case.obligations[f"adverse_decision/{act}"].derivation
    story.until(later - timedelta(minutes=1))
    story.refuse("hearing_open", CHAIR, "decide_adverse_act", act=act, choice="uphold", reasons=note())
    story.until(calendar.after(later, term).at - timedelta(minutes=1))
    assert story.events(AdverseActLapsed) == []
    story.until(calendar.after(later, term).at)
    assert [event.because for event in story.events(AdverseActLapsed)] == ["nobody_decided"]


@pytest.mark.parametrize("days", [1, 6, 20])
def test_what_is_counted_from_the_time_to_appeal_moves_with_it(days: int) -> None:
    """Given longer to appeal, the person can do so to the end: nothing is carried out before, and what is to be carried out lapses as long after it as ever."""
    story = in_stabilization()
    act = appealable(story)
    calendar, term = story.program.calendar, story.program.silence["adverse_effect"].due
    assert isinstance(term, Term)
    until = story.events(AppealWindowOpened)[-1].until
    assert story.due("adverse_effect") == calendar.after(until, term).at
    later = calendar.after(until, Term(days, "working days")).at
    story.do(SUPERVISOR, "approve_extension", extension=ask(story, later, clock=f"appeal_window/{act}"), reasons=note())

    assert story.due("adverse_effect") == calendar.after(later, term).at
    story.until(later - timedelta(minutes=1))
    story.refuse("appeal_window_open", SUPERVISOR, "carry_out_adverse_act", act=act)
    appealed = story.fork()
    appealed.do(LEAD, "file_appeal", act=act)
    assert [event.late for event in appealed.events(AppealFiled)] == [False]
    assert appealed.owed("adverse_effect") == []
    story.until(calendar.after(later, term).at)
    assert [event.because for event in story.events(UpheldActLapsed)] == ["nobody_carried_it_out"]


def test_a_window_that_is_given_time_twice_moves_what_is_counted_from_it_twice() -> None:
    """Each approval moves the decision from where the one before had put it, and declining moves nothing."""
    story = in_stabilization()
    act = proposed(story)
    served(story, "act_proposed")
    calendar, term = story.program.calendar, story.program.silence["adverse_decision"].due
    assert isinstance(term, Term)
    until = story.events(HearingOpened)[-1].until
    for days in (3, 9):
        later = calendar.after(until, Term(days, "working days")).at
        number = ask(story, later, clock=f"hearing/{act}")
        story.do(SUPERVISOR, "approve_extension", extension=number, reasons=note())
        assert story.due("adverse_decision") == calendar.after(later, term).at
    due, more = story.due("adverse_decision"), calendar.after(until, Term(12, "working days")).at
    number = ask(story, more, clock=f"hearing/{act}")
    story.do(DIRECTOR, "decline_extension", extension=number, reasons=note())
    assert story.due("adverse_decision") == due


def test_nobody_approves_their_own_request() -> None:
    """Whoever asked does not approve; what is declined changes nothing, and is closed as decided."""
    story = reviewing()
    due = story.due("review_decision")
    number = ask(story, due + timedelta(days=7), by=SUPERVISOR)

    story.refuse("not_independent", SUPERVISOR, "approve_extension", extension=number, reasons=note())
    story.do(DIRECTOR, "decline_extension", extension=number, reasons=note(3))
    assert story.events(ExtensionDeclined) == [
        ExtensionDeclined(extension=number, clock=REVIEW, by=DIRECTOR, reasons=note(3))
    ]
    assert (story.due("review_decision"), story.owed("extension_decision")) == (due, [])
    story.refuse("no_such_extension", DIRECTOR, "approve_extension", extension=number, reasons=note())


def test_all_the_time_that_a_clock_is_given_stays_within_the_definition() -> None:
    """However often more time is asked for, the longest extension counts from when the clock was first due."""
    story = reviewing()
    first = story.due("review_decision")
    latest = story.program.calendar.after(first, Term(10, "working days")).at
    story.do(SUPERVISOR, "approve_extension", extension=ask(story, first + timedelta(days=7)), reasons=note())

    for until in (latest + timedelta(hours=1), first + timedelta(days=7), first):
        story.refuse(
            "extension_out_of_range", CHAIR, "request_extension", clock=REVIEW, until=until.isoformat(), reasons=note()
        )
    ask(story, latest)
    story.refuse("extension_open", CHAIR, "request_extension", clock=REVIEW, until=latest.isoformat(), reasons=note())


def test_a_clock_that_protects_the_person_is_never_put_off() -> None:
    """No definition can name, and no request can move, a clock that protects the person or ends what restricts them."""
    story = reviewing()
    protective = {
        "measure_expiry", "measure_review", "danger_end", "access_request", "consent_renewal", "sharing_renewal", "notice_service",
        "adverse_decision", "adverse_effect", "appeal_decision", "welfare_offer", "retention_review", "legal_hold", "check_in",
        "notice_delivery", "tell_of_disclosure", "erasure_decision", "extension_decision",
    }  # fmt: skip

    assert protective <= OBLIGATIONS.keys() - EXTENDABLE
    for clock in ("check_in/1", "consent_renewal/participation/1", "lawful_basis_review/public_task/1"):
        until = (story.at + timedelta(days=400)).isoformat()
        story.refuse("clock_not_extendable", LEAD, "request_extension", clock=clock, until=until, reasons=note())
    story.refuse("no_such_clock", LEAD, "request_extension", clock="tea/1", until=story.at.isoformat(), reasons=note())


@pytest.mark.parametrize("form", ["extension", "pause"])
def test_the_time_to_appeal_is_extended_for_the_person(form: str) -> None:
    """An advocate gets the person more time to appeal: nobody carries the act out before, and an appeal then is not late."""
    story = in_stabilization()
    number = appealable(story)
    window = story.case.appeal.open[number].window
    assert window is not None
    until = window + timedelta(days=14) if form == "extension" else story.at + timedelta(days=14)
    asked_for = ask(story, until, clock=f"appeal_window/{number}", by=ADVOCATE, form=form)
    story.do(SUPERVISOR, "approve_extension", extension=asked_for, reasons=note(2))

    assert story.case.appeal.open[number].window == window + timedelta(days=14)
    story.until(window + timedelta(days=1))
    story.refuse("appeal_window_open", SUPERVISOR, "carry_out_adverse_act", act=number)
    story.do(ADVOCATE, "file_appeal", act=number)
    assert [event.late for event in story.events(AppealFiled)] == [False]


def test_the_time_to_be_heard_is_extended_for_the_person() -> None:
    """Nobody upholds an act before the longer time to be heard is over."""
    story = in_stabilization()
    number = proposed(story)
    served(story, "act_proposed")
    until = story.case.adverse.open[number].hearing_until
    assert until is not None
    asked_for = ask(story, until + timedelta(days=7), clock=f"hearing/{number}", by=LEAD)
    story.do(SUPERVISOR, "approve_extension", extension=asked_for, reasons=note(2))
    story.until(until)

    story.refuse("hearing_open", CHAIR, "decide_adverse_act", act=number, choice="uphold", reasons=note())


def test_silence_gives_no_time() -> None:
    """A request that nobody decides escalates; the clock runs out as it would have, and then nothing is left to decide."""
    story = reviewing()
    due = story.due("review_decision")
    ask(story, due + timedelta(days=7))
    story.until(due)

    assert [event.level for event in story.events(ObligationEscalated) if event.kind == "extension_decision"][:2] == [1, 2]  # fmt: skip
    assert [event.due for event in story.events(SilenceFell) if event.key == REVIEW] == [due]
    assert story.events(ExtensionOvertaken) == [ExtensionOvertaken(extension=1, clock=REVIEW)]
    assert (story.owed("extension_decision"), story.case.extension.open) == ([], {})
    story.refuse("clock_ran_out", CHAIR, "request_extension", clock=REVIEW, until=due.isoformat(), reasons=note())


def test_what_is_no_longer_owed_is_given_no_time() -> None:
    """When the panel decides while more time is asked for, the request is over with it."""
    story = reviewing()
    ask(story, story.due("review_decision") + timedelta(days=7))
    approved(story, 1, CHAIR, COMMUNITY, *MEMBERS[:2])

    assert story.events(ExtensionOvertaken) == [ExtensionOvertaken(extension=1, clock=REVIEW)]
    assert story.owed("extension_decision") == []


def test_a_clock_that_stands_still_is_given_no_time() -> None:
    """While a hold stops the clock nobody knows when it is due; more time is asked for afterwards."""
    story = opened()
    until = (story.at + timedelta(days=30)).isoformat()
    story.do(LEAD, "hold_case", kind="hospital", until=until, reasons=note())
    story.do(SUPERVISOR, "approve_hold", reasons=note())

    story.refuse(
        "clock_stands_still", LEAD, "request_extension", clock="phase_overstay/intake", until=until, reasons=note()
    )


@given(st.lists(moves(), max_size=25), st.integers(0, 47), st.integers(3, 40))
def test_more_time_moves_what_is_to_come_and_undoes_nothing(steps: list[Move], what: int, how: int) -> None:
    """After any steps, an extension that is granted moves the silence and every rung to come by as much, and leaves what fell as it fell."""
    story = walked(Story("disengagement"), steps)
    perform(story, Move(kind="request_extension", who=1, what=what, how=how))
    before = story.case.obligations
    perform(story, Move(kind="approve_extension", who=1, what=0, how=1))

    for event in story.told[-1].events:
        if isinstance(event, ObligationExtended):
            old, new = before[event.key], story.case.obligations[event.key]
            by = new.due - old.due
            assert by > timedelta(0)
            assert (new.climbed, new.silent, new.outcome) == (old.climbed, old.silent, old.outcome)
            assert new.rungs[: old.climbed] == old.rungs[: old.climbed]
            assert [r.at - o.at for r, o in zip(new.rungs, old.rungs, strict=True)][old.climbed :] == [by] * len(new.rungs[old.climbed :])  # fmt: skip
            assert new.next_at is not None
            assert new.next_at > story.at
