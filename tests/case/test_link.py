"""Links: who is in the program already is noticed, people decide, and what is confirmed adds up (F2)."""

from __future__ import annotations

import uuid
from typing import Any

from tests.case.examples import CHAIR, COMMUNITY, LEAD, MEMBERS, MONDAY, SUPERVISOR, Story, asked, note, opened, person
from workflows.case.case import Context, answer
from workflows.case.link import LinkConfirmed, PossibleLinkFound, Prior
from workflows.case.state import advance
from workflows.case.why import why
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import Event
from workflows.core.obligation import ObligationClosed, ObligationEscalated

OTHER = f"case/{uuid.UUID(int=9)}"
THIRD = f"case/{uuid.UUID(int=10)}"
JUDGE = person("supervisor", 2)


def reported(other: str = OTHER, *, story: Story | None = None) -> Story:
    """A story in which the lead reported that `other` may be a case of the same person."""
    story = story or opened()
    story.do(LEAD, "report_link", other=other, reasons=note())
    return story


def send(story: Story, actor: str, priors: dict[str, Prior], **command: Any) -> tuple[Event, ...]:
    """A command of whose linked cases the recorder knows the ends."""
    known = Context(
        at=story.at,
        actor=story.staff[actor],
        staff=story.staff,
        program=story.program,
        sha256=story.sha256,
        priors=priors,
    )
    events = answer(story.case, command, known)
    position = story.case.position + 1
    story.case = advance(story.case, position=position, head=f"{position:064x}", events=events, at=story.at)
    return events


def test_an_opening_records_whom_its_names_match() -> None:
    """Whatever cases the recorder finds by their sealed names stand in the new case as possible links, each owed an answer."""
    story = Story()
    command: dict[str, Any] = {
        "type": "open_case", "program": "disengagement", "version": story.program.version, "lead": LEAD, "support_level": "low",
        "eligibility": note(2), "identity": note(3),
    }  # fmt: skip
    known = Context(
        at=MONDAY, actor=story.staff[SUPERVISOR], staff=story.staff, program=story.program, sha256=story.sha256, matches=(OTHER, THIRD)
    )  # fmt: skip
    events = answer(story.case, command, known)
    found = [event for event in events if isinstance(event, PossibleLinkFound)]
    after = advance(story.case, position=1, head="0" * 64, events=events, at=MONDAY)

    assert [(one.link, one.other, one.how, one.by) for one in found] == [(1, OTHER, "names", SUPERVISOR), (2, THIRD, "names", SUPERVISOR)]  # fmt: skip
    assert [key for key in after.obligations if key.startswith("possible_link")] == ["possible_link/1", "possible_link/2"]  # fmt: skip


def test_a_possible_link_waits_and_escalates() -> None:
    """Nobody's silence confirms or rejects a link: it stays open, and climbs to the director."""
    story = reported()
    story.until(story.due("possible_link")).later(days=40)

    assert story.owed("possible_link") == ["possible_link/1"]
    assert {e.tell for e in story.events(ObligationEscalated) if e.kind == "possible_link"} == {"supervisor", "program_director"}  # fmt: skip
    assert list(story.case.link.open) == [1]


def test_another_person_answers() -> None:
    """Whoever opened the case or reported the link does not answer it; what is not there has no answer."""
    story = opened()
    story.do(SUPERVISOR, "report_link", other=OTHER, reasons=note())

    story.refuse("opened_it_themselves", SUPERVISOR, "confirm_link", link=1, reasons=note())
    story.refuse("opened_it_themselves", SUPERVISOR, "reject_link", link=1, reasons=note())
    story.refuse("no_such_link", JUDGE, "confirm_link", link=2, reasons=note())
    story.refuse("not_authorized", LEAD, "confirm_link", link=1, reasons=note())
    events = story.do(JUDGE, "reject_link", link=1, reasons=note())
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [("possible_link/1", "met")]


def test_a_link_is_reported_once_and_to_another_case() -> None:
    """A case is not linked to itself, nor twice to the same; what was rejected may be reported again."""
    story = reported()

    story.refuse("linked_to_itself", LEAD, "report_link", other=story.case.stream, reasons=note())
    story.refuse("already_linked", LEAD, "report_link", other=OTHER, reasons=note())
    story.do(JUDGE, "reject_link", link=1, reasons=note())
    story.do(LEAD, "report_link", other=OTHER, reasons=note())
    story.do(JUDGE, "confirm_link", link=2, reasons=note())
    story.refuse("already_linked", LEAD, "report_link", other=OTHER, reasons=note())


def test_no_closing_is_asked_for_while_a_link_is_open() -> None:
    """A closing is neither asked for nor approved over a link that nobody answered, and 'why' names it."""
    story = opened()
    number = asked(story, "closed")
    reported(story=story)

    story.refuse("link_unresolved", CHAIR, "approve_review", review=number, reasons=note())
    (closing,) = (one for one in why(story.case, story.program, story.at) if one.to == "closed")
    assert "possible_link" in {need.condition for need in closing.unmet}
    story.do(JUDGE, "reject_link", link=1, reasons=note())
    story.do(CHAIR, "approve_review", review=number, reasons=note())

    other = reported()
    other.refuse("link_unresolved", LEAD, "request_review", to="closed", reasons=note(), participant_view=note())


def test_a_move_that_closes_nothing_goes_on() -> None:
    """An open link holds up no support: a move to the next phase is asked for as ever."""
    story = reported()

    assert asked(story, "stabilization") == 1


def test_what_is_confirmed_adds_up() -> None:
    """Each confirmed link counts, with when and how the other case was closed and by whom."""
    story = reported(THIRD, story=reported())
    ended = Prior(closed_at=MONDAY, how="exit", by=(CHAIR,))
    events = send(story, JUDGE, {OTHER: ended}, type="confirm_link", link=1, reasons=note())
    story.do(JUDGE, "confirm_link", link=2, reasons=note())

    assert events[0] == LinkConfirmed(link=1, other=OTHER, by=JUDGE, reasons=note(), closed_at=MONDAY, closed_how="exit", closed_by=(CHAIR,))  # fmt: skip
    assert story.case.link.count == 2
    assert story.case.link.confirmed[OTHER] == ended
    assert story.owed("possible_link") == []


def test_who_closed_a_linked_case_does_not_close_again() -> None:
    """A member who closed a case of the person before may not approve closing this one, whether that was known at the confirmation or came later."""
    story = reported()
    send(
        story,
        JUDGE,
        {OTHER: Prior(closed_at=MONDAY, how="exit", by=(CHAIR,))},
        type="confirm_link",
        link=1,
        reasons=note(),
    )
    number = asked(story, "closed")

    story.refuse("closed_it_before", CHAIR, "approve_review", review=number, reasons=note())
    later = {OTHER: Prior(closed_at=MONDAY, how="exit", by=(MEMBERS[0],))}
    (no,) = send(story, MEMBERS[0], later, type="approve_review", review=number, reasons=note())
    assert isinstance(no, CommandRefused)
    assert no.code == "closed_it_before"
    for voter in (person("panel_chair", 2), COMMUNITY, *MEMBERS[1:3]):
        story.do(voter, "approve_review", review=number, reasons=note())
    assert story.case.closed
