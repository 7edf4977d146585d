"""Succession: when whoever is in charge is no longer here, nothing that is owed is nobody's for one tick."""

from datetime import datetime, timedelta

from tests.case.examples import LEAD, MONDAY, PROVIDER, SUPERVISOR, Story, asked, note, opened, person
from workflows.case.contact_form import CheckInMissed
from workflows.case.custody_form import LeadLeft
from workflows.case.facts import involved
from workflows.core.obligation import ObligationEscalated, ObligationHandedOver, SilenceFell

NEXT, THIRD = person("lead_practitioner", 2), person("lead_practitioner", 3)


def leaving(story: Story, who: str, at: datetime) -> Story:
    """The story in which the person is known to leave at that instant."""
    story.staff[who] = story.staff[who].model_copy(update={"until": at})
    return story


def temporary(*, days: float = 30) -> Story:
    """A case whose lead is known to leave."""
    story = leaving(opened(), NEXT, MONDAY + timedelta(days=days))
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note())
    return story


def owed_by(story: Story) -> set[tuple[str, str | None]]:
    """Who owes what the definition lets the lead owe: role and person."""
    rules = story.program.silence
    return {(o.owner, o.holder) for o in story.case.obligations.values() if rules[o.kind].owner == "lead_practitioner"}


def test_that_a_lead_will_leave_is_owed_to_the_supervisor_from_the_first_day() -> None:
    """Another lead is owed by the supervisor until the day on which this one leaves, with reminders before."""
    story = temporary()
    due = story.due("lead_succession")
    story.until(due - timedelta(days=1))

    assert due == MONDAY + timedelta(days=30)
    assert [e.level for e in story.events(ObligationEscalated) if e.kind == "lead_succession"] == [1, 2]
    assert story.case.custody.in_charge == NEXT


def test_when_the_lead_leaves_the_supervisors_owe_everything_in_the_same_instant() -> None:
    """At the instant at which the lead is gone, whatever they owed is owed by those who may assign a lead; contact goes on being owed (F6)."""
    story = temporary().until(MONDAY + timedelta(days=30) - timedelta(seconds=1))
    assert owed_by(story) == {("lead_practitioner", NEXT)}
    before = {key: o.due for key, o in story.case.obligations.items() if o.kind != "notice_delivery"}
    story.until(MONDAY + timedelta(days=30))

    assert story.events(LeadLeft) == [LeadLeft(person=NEXT)]
    assert [e.outcome for e in story.events(SilenceFell) if e.kind == "lead_succession"] == ["supervisor_takes_over"]
    assert owed_by(story) == {("supervisor", None)}
    assert {key: story.case.obligations[key].due for key in before} == before
    assert story.case.custody.lead == NEXT


def test_what_begins_to_be_owed_meanwhile_and_who_is_told_of_it_is_the_supervisors() -> None:
    """While nobody leads, new debts of the lead's role and all notices to it go to those who may assign a lead; nobody who left is told anything."""
    story = temporary(days=5).later(days=6)
    story.do(SUPERVISOR, "keep_check_in", channel="call")
    story.later(days=20)

    assert owed_by(story) == {("supervisor", None)}
    assert len(story.events(CheckInMissed)) == 1
    since = MONDAY + timedelta(days=5)
    late = [
        n
        for told in story.told
        if told.at >= since
        for n in told.case.notice.pending.values()
        if n not in before(story, since)
    ]
    assert {n.to_role for n in late} <= {"supervisor", "panel_chair", "program_director"}
    assert {n.to_person for n in late} == {None}


def before(story: Story, at: datetime) -> list[object]:
    """The notices on their way before that instant."""
    return [n for told in story.told if told.at < at for n in told.case.notice.pending.values()]


def test_the_next_lead_takes_all_of_it_up() -> None:
    """A supervisor's assignment gives everything to the next lead at once, as it stood; the succession is met."""
    story = temporary(days=5).later(days=8)
    story.refuse("not_in_charge", LEAD, "offer_handover", person=THIRD, reasons=note())
    story.do(SUPERVISOR, "assign_lead", person=THIRD, reasons=note())

    assert owed_by(story) == {("lead_practitioner", THIRD)}
    assert story.owed("lead_succession") == []
    handed = [e for e in story.told[-1].events if isinstance(e, ObligationHandedOver)]
    assert {(e.holder, e.owner) for e in handed} == {(THIRD, "lead_practitioner")}


def test_a_lead_whose_contract_is_renewed_is_confirmed_from_the_directory() -> None:
    """Before they leave, or after the case believed that they had, a supervisor records what the directory says now."""
    for days in (3, 8):
        story = temporary(days=5).later(days=days)
        leaving(story, NEXT, MONDAY + timedelta(days=300))
        story.do(SUPERVISOR, "confirm_lead", person=NEXT)

        assert story.case.custody.in_charge == NEXT
        assert owed_by(story) == {("lead_practitioner", NEXT)}
        assert story.due("lead_succession") == MONDAY + timedelta(days=300)


def test_a_deputy_who_leaves_leaves_it_to_the_supervisors() -> None:
    """An absent lead is not taken for being there because the deputy left: those who may assign a lead are in charge, until the lead is back."""
    story = leaving(opened(), NEXT, MONDAY + timedelta(days=5))
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(LEAD, "begin_absence", until=until, deputy=NEXT, agreed=note())
    story.later(days=6)
    assert (story.case.custody.in_charge, owed_by(story)) == (None, {("supervisor", None)})
    story.do(SUPERVISOR, "end_absence")

    assert (story.case.custody.in_charge, owed_by(story)) == (LEAD, {("lead_practitioner", LEAD)})


def test_a_lead_who_left_during_an_absence_does_not_come_back() -> None:
    """Whoever is no longer here is not put in charge again by the end of an absence."""
    story = temporary(days=5)
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(NEXT, "begin_absence", until=until, deputy=THIRD, agreed=note())
    story.later(days=6)
    assert story.case.custody.in_charge == THIRD

    story.refuse("lead_has_left", THIRD, "end_absence")
    story.do(SUPERVISOR, "assign_lead", person=THIRD, reasons=note())
    assert story.case.custody.in_charge == THIRD


def test_somebody_who_left_and_is_back_may_lead_again() -> None:
    """A case that nobody leads may be given to whoever led it last, once they are here again."""
    story = temporary(days=5).later(days=8)
    leaving(story, NEXT, MONDAY + timedelta(days=900))
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note())

    assert story.case.custody.in_charge == NEXT


def test_whoever_stood_in_attests_nothing_and_judges_nothing() -> None:
    """A deputy counts as having led, from the day on which they stand in: they attest no session, close no need for others, and vote on no review."""
    story = opened()
    starts = story.at.isoformat()
    story.do(LEAD, "plan_support", kind="mentoring", provider="civil", sessions=2, starts=starts, agreed=note())
    story.do(LEAD, "begin_support", support=1)
    story.staff[PROVIDER] = story.staff[PROVIDER].model_copy(
        update={"roles": ("intervention_provider", "lead_practitioner")}
    )
    fork = story.fork()
    fork.do(PROVIDER, "attest_session", support=1)
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(LEAD, "begin_absence", until=until, deputy=PROVIDER, agreed=note())
    for _ in range(2):
        story.refuse("not_independent", PROVIDER, "attest_session", support=1)
        transition = story.program.phases["intake"].transitions[0]
        assert PROVIDER in involved(story.case, story.program, transition, None)
        if story.case.custody.absence is not None:
            story.do(LEAD, "end_absence")


def test_no_panel_seats_whoever_stood_in() -> None:
    """The votes on a review are others' than those who lead, led or stood in."""
    story = opened()
    member = person("panel_member")
    story.staff[member] = story.staff[member].model_copy(update={"roles": ("panel_member", "lead_practitioner")})
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(LEAD, "begin_absence", until=until, deputy=member, agreed=note())
    story.do(LEAD, "end_absence")
    number = asked(story)

    story.refuse("not_independent", member, "approve_review", review=number, reasons=note())
