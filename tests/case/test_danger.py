"""Imminent danger alone acts first: two approvers, 72 hours, and then only a decision."""

from datetime import timedelta
from typing import Any

from tests.case.against import in_stabilization, notice_number
from tests.case.examples import (
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
)  # fmt: skip
from workflows.case.adverse import AdverseActProposed
from workflows.case.danger import DangerConfirmed, DangerEnded
from workflows.core.kinds import Actor
from workflows.core.obligation import ObligationEscalated

DIRECTOR = person("program_director")
THREE_DAYS = timedelta(hours=72)


def danger(story: Story, **changes: Any) -> dict[str, Any]:
    """What an act in danger states."""
    issued = (story.at - timedelta(hours=1)).isoformat()
    whole = {
        "kind": "curfew", "reasons": note(1), "legal_basis": "safety_law", "basis_issued_at": issued, "necessity": note(2),
        "nothing_milder": note(3), "scope": note(4), **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def in_danger() -> Story:
    """A story in which an act in danger is in force from now."""
    story = in_stabilization()
    story.do(SUPERVISOR, "act_in_danger", **danger(story))
    story.do(DIRECTOR, "confirm_danger", danger=1, reasons=note(5))
    return story


def test_one_approver_does_nothing() -> None:
    """Until another approver confirmed it nothing is in force, and whoever asked cannot be the other one."""
    story = in_stabilization()
    story.do(SUPERVISOR, "act_in_danger", **danger(story))

    assert not story.case.danger.open[1].in_force
    story.refuse("not_independent", SUPERVISOR, "confirm_danger", danger=1, reasons=note())
    story.later(hours=72)
    assert story.events(DangerConfirmed) == []
    story.refuse("nothing_to_confirm", DIRECTOR, "confirm_danger", danger=1, reasons=note())


def test_two_approvers_act_and_the_person_is_told() -> None:
    """In force it names both, its end with its derivation, and the person is owed notice at once."""
    story = in_danger()

    (confirmed,) = story.events(DangerConfirmed)
    assert (confirmed.approved_by, confirmed.until) == ((SUPERVISOR, DIRECTOR), story.at + THREE_DAYS)
    assert confirmed.derivation.startswith("72 hours after")
    assert notice_number(story, "danger_confirmed")
    story.refuse("nothing_to_confirm", DIRECTOR, "confirm_danger", danger=1, reasons=note())


def test_it_is_over_after_72_hours_even_if_the_bundle_was_opened() -> None:
    """A proposal does not carry it on: only a decision does, and the clock counts from when it was asked for."""
    story = in_stabilization()
    began = story.at
    story.do(SUPERVISOR, "act_in_danger", **danger(story))
    story.later(hours=50)
    story.do(DIRECTOR, "confirm_danger", danger=1, reasons=note(5))
    terms = {"lasts": "2 months", "review_every": "3 weeks"}
    story.do(LEAD, "propose_measure", **danger(story), **terms)
    story.later(hours=22)

    assert story.events(DangerEnded) == [
        DangerEnded(danger=1, content="curfew", how="time_over", ended_at=began + THREE_DAYS, in_force=True)
    ]
    assert [act.kind for act in story.events(AdverseActProposed)] == ["measure"]
    assert story.case.danger.open == {}
    assert "danger_over" in [event.action for event in story.events(ObligationEscalated)]
    assert notice_number(story, "danger_ended")


def test_a_late_clock_does_not_lengthen_it() -> None:
    """After an outage its end is the instant that it had, not the instant at which somebody noticed."""
    story = in_danger()
    until = story.at + THREE_DAYS
    story.at += timedelta(days=30)
    story.do(LEAD, "keep_check_in", channel="call")

    assert [event.ended_at for event in story.events(DangerEnded)] == [until]


def test_72_hours_do_not_follow_upon_72_hours() -> None:
    """The same content in danger takes a basis issued since, under whatever name, and is no way around a measure that ended."""
    story = in_stabilization()
    fields = danger(story)
    story.do(SUPERVISOR, "act_in_danger", **fields)
    story.later(hours=73)
    story.refuse("same_content", SUPERVISOR, "act_in_danger", **{**fields, "kind": "night_presence"})

    story.do(SUPERVISOR, "act_in_danger", **danger(story))


def test_what_was_proposed_is_not_done_in_danger_on_the_same_basis() -> None:
    """A proposal that waits for its hearing is not overtaken by calling it a danger."""
    story = in_stabilization()
    fields = danger(story)
    story.do(LEAD, "propose_measure", **fields, lasts="1 month", review_every="1 week")

    story.refuse("same_content", SUPERVISOR, "act_in_danger", **fields)


def test_a_danger_states_its_grounds() -> None:
    """Danger excuses no missing basis, necessity or scope."""
    story = in_stabilization()
    story.refuse("basis_missing_for_measure", SUPERVISOR, "act_in_danger", **danger(story, legal_basis=None))
    story.refuse("necessity_missing", SUPERVISOR, "act_in_danger", **danger(story, necessity=None))

    story.refuse("scope_missing", SUPERVISOR, "act_in_danger", **danger(story, scope=None))


def test_the_definition_says_who_judges_a_danger() -> None:
    """Holding the command is not enough."""
    story = in_stabilization()
    rule = story.program.due_process
    assert rule is not None
    narrow = rule.model_copy(update={"danger_by": ("program_director",)})
    story.program = story.program.model_copy(update={"due_process": narrow})
    story.refuse("not_a_danger_approver", SUPERVISOR, "act_in_danger", **danger(story))
    story.do(DIRECTOR, "act_in_danger", **danger(story))

    refused = story.refuse("not_a_danger_approver", SUPERVISOR, "confirm_danger", danger=1, reasons=note())
    assert refused.why == "imminent danger is judged by program_director"
    story.staff[SUPERVISOR] = Actor(person=SUPERVISOR, roles=("supervisor", "program_director"))
    story.do(SUPERVISOR, "confirm_danger", danger=1, reasons=note())


def test_it_is_ended_before_its_time() -> None:
    """When the danger is over, or a court says so, it ends at once; the court's content does not come back on an older basis."""
    story = in_danger()
    fields = danger(story)
    story.later(hours=5)
    story.do(LEAD, "end_danger", danger=1, reasons=note(), order=note(6))

    assert [(e.how, e.reference) for e in story.events(DangerEnded)] == [("court_order", note(6))]
    assert story.owed("danger_end") == []
    story.refuse("no_such_danger", LEAD, "end_danger", danger=1, reasons=note())
    story.refuse("same_content", LEAD, "propose_measure", **fields, lasts="1 month", review_every="1 week")


def test_closing_the_case_ends_it() -> None:
    """Nothing done in danger outlives the case."""
    story = opened()
    number = asked(story, "closed")
    story.do(SUPERVISOR, "act_in_danger", **danger(story))
    story.do(DIRECTOR, "confirm_danger", danger=1, reasons=note(5))
    approved(story, number, CHAIR, COMMUNITY, *MEMBERS[:2])

    assert [event.how for event in story.events(DangerEnded)] == ["case_closed"]
