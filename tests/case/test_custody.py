"""Custody: a case has exactly one lead at every instant, who holds the role."""

from datetime import timedelta

from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened, person
from workflows.case.contact_form import CheckInMissed
from workflows.case.custody import State
from workflows.case.custody_form import LeadAssigned
from workflows.core.obligation import ObligationEscalated, ObligationHandedOver, SilenceFell

NEXT = person("lead_practitioner", 2)


def hand_over(story: Story, to: str = NEXT) -> None:
    story.do(SUPERVISOR, "assign_lead", person=to, reasons=note())


def test_the_case_has_a_lead_from_its_first_instant() -> None:
    """Opening a case names its lead; there is no instant without one."""
    story = opened()

    assert [told.case.custody.lead for told in story.told] == [LEAD] * len(story.told)


def test_another_lead_takes_over_with_all_that_is_owed() -> None:
    """Whatever the former lead owed is owed by the new one from then on, with its due instant unchanged (F6)."""
    story = opened()
    before = {key: o for key, o in story.case.obligations.items() if o.owner == "lead_practitioner"}
    hand_over(story)

    assert story.events(LeadAssigned)[-1] == LeadAssigned(person=NEXT, former=LEAD, reasons=note())
    assert {e.key for e in story.events(ObligationHandedOver)} == set(before)
    after = {key: story.case.obligations[key] for key in before}
    assert {key: o.holder for key, o in after.items()} == dict.fromkeys(before, NEXT)
    assert {key: o.due for key, o in after.items()} == {key: o.due for key, o in before.items()}


def test_notices_after_a_handover_reach_the_new_lead() -> None:
    """A reminder that falls due after the handover goes to whoever leads the case then."""
    story = opened()
    hand_over(story)
    story.until(story.due("check_in"))

    assert {n.to_person for n in story.case.notice.pending.values() if n.to_role == "lead_practitioner"} == {NEXT}


def test_who_led_before_stays_known() -> None:
    """The case remembers everybody who led it, each once, since they may not judge it."""
    story = opened()
    for to in (NEXT, LEAD, NEXT):
        hand_over(story, to)

    assert story.case.custody == State(lead=NEXT, former=(LEAD, NEXT), since=story.at)


def test_the_lead_holds_the_role() -> None:
    """Nobody leads a case without holding the lead role now; neither a stranger nor a supervisor."""
    story = opened()

    story.refuse("not_eligible_to_lead", SUPERVISOR, "assign_lead", person="nobody", reasons=note())
    story.refuse("not_eligible_to_lead", SUPERVISOR, "assign_lead", person=SUPERVISOR, reasons=note())


def test_a_case_is_not_opened_without_an_eligible_lead() -> None:
    """A case whose lead does not hold the role is not opened at all."""
    story = Story()
    story.refuse(
        "not_eligible_to_lead", SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=SUPERVISOR,
        support_level="high", eligibility=note(),
    )  # fmt: skip

    assert not story.case.opened


def test_a_handover_changes_something() -> None:
    """Assigning the case to its own lead is refused."""
    opened().refuse("already_lead", SUPERVISOR, "assign_lead", person=LEAD, reasons=note())


def test_a_closed_gate_of_the_role_stays_closed_for_the_lead() -> None:
    """The lead's holding is looked up anew at each assignment: who lost the role cannot take a case."""
    story = opened()
    story.staff[NEXT] = story.staff[NEXT].model_copy(update={"roles": ()})

    story.refuse("not_eligible_to_lead", SUPERVISOR, "assign_lead", person=NEXT, reasons=note())


def offered(story: Story) -> Story:
    """The case is offered to another practitioner."""
    story.do(LEAD, "offer_handover", person=NEXT, reasons=note())
    return story


def absent(story: Story, *, days: float = 14) -> Story:
    """The lead is absent, and a deputy who agreed is in charge."""
    story.do(LEAD, "begin_absence", until=(story.at + timedelta(days=days)).isoformat(), deputy=NEXT, agreed=note())
    return story


def held_by(story: Story) -> set[str | None]:
    """Who holds what is owed by whoever leads the case."""
    return {o.holder for o in story.case.obligations.values() if o.owner == "lead_practitioner"}


def test_an_offer_changes_nothing_until_it_is_accepted() -> None:
    """Whoever offers the case stays its owner, with all that is owed, until the other accepts; then everything is theirs at once (F5)."""
    story = offered(opened())

    assert (story.case.custody.lead, held_by(story)) == (LEAD, {LEAD})

    story.do(NEXT, "accept_handover")

    assert (story.case.custody.lead, held_by(story)) == (NEXT, {NEXT})
    assert story.case.custody.former == (LEAD,)
    assert story.owed("handover_acceptance") == []


def test_silence_about_an_offer_leaves_the_case_where_it_is_and_escalates() -> None:
    """An offer that nobody answers escalates to the supervisor and on; the sender stays owner, and check-ins go on (F5)."""
    story = offered(opened())
    story.later(days=30)
    told = [e for e in story.events(ObligationEscalated) if e.kind == "handover_acceptance"]

    assert [e.tell for e in told][:3] == ["supervisor", "supervisor", "program_director"]
    assert (story.case.custody.lead, held_by(story)) == (LEAD, {LEAD})
    assert len(story.events(CheckInMissed)) == 1


def test_only_whoever_is_asked_answers_an_offer() -> None:
    """An offer is answered by the person it is made to, who still holds the role, and taken back by whoever is in charge."""
    story = offered(opened())
    other = person("lead_practitioner", 3)

    story.refuse("offered_to_another", other, "accept_handover")
    story.refuse("handover_open", LEAD, "offer_handover", person=other, reasons=note())
    story.refuse("not_in_charge", NEXT, "withdraw_handover", reasons=note())
    story.do(NEXT, "decline_handover", reasons=note())
    story.refuse("no_handover_offered", NEXT, "accept_handover")
    story.refuse("not_in_charge", NEXT, "offer_handover", person=other, reasons=note())
    story.refuse("already_lead", LEAD, "offer_handover", person=LEAD, reasons=note())
    story.refuse("not_eligible_to_lead", LEAD, "offer_handover", person=SUPERVISOR, reasons=note())
    offered(story).do(LEAD, "withdraw_handover", reasons=note())

    assert story.case.custody.offer is None
    assert story.case.custody.lead == LEAD


def test_an_absence_hands_everything_to_the_deputy_in_the_same_instant() -> None:
    """When the lead goes, the deputy holds whatever the lead held in the same entry, and gives it back in the entry that ends the absence (F6)."""
    story = absent(opened())

    assert held_by(story) == {NEXT}
    assert story.case.custody.lead == LEAD

    story.until(story.due("check_in"))
    notices = {n.to_person for n in story.case.notice.pending.values() if n.to_role == "lead_practitioner"}
    story.do(LEAD, "end_absence")

    assert notices == {NEXT}
    assert held_by(story) == {LEAD}
    assert story.case.custody.in_charge == LEAD


def test_an_absence_without_a_deputy_is_refused_with_what_it_would_orphan() -> None:
    """Nobody goes and leaves what is owed to nobody: the refusal names it (F6)."""
    story = opened()
    until = (story.at + timedelta(days=14)).isoformat()
    refused = story.refuse("orphans_obligations", LEAD, "begin_absence", until=until)

    assert "check_in/1" in refused.why
    story.refuse("own_deputy", LEAD, "begin_absence", until=until, deputy=LEAD, agreed=note())
    story.refuse("not_eligible_to_lead", LEAD, "begin_absence", until=until, deputy=SUPERVISOR, agreed=note())
    story.refuse("ends_in_past", LEAD, "begin_absence", until=story.at.isoformat(), deputy=NEXT, agreed=note())
    story.refuse("not_absent", LEAD, "end_absence")


def test_a_lead_who_does_not_come_back_leaves_the_deputy_in_charge() -> None:
    """The end of an absence that nobody records escalates; the deputy stays in charge, and the case is never without an owner."""
    story = absent(opened(), days=7).later(days=30)
    fell = [e for e in story.events(SilenceFell) if e.kind == "absence_end"]

    assert [e.outcome for e in fell] == ["deputy_stays"]
    assert held_by(story) == {NEXT}


def test_a_deputy_who_goes_too_names_another() -> None:
    """An absence said again hands over to the other deputy at once; whoever stood in before does not judge the case."""
    story, third = absent(opened()), person("lead_practitioner", 3)
    story.do(NEXT, "begin_absence", until=(story.at + timedelta(days=20)).isoformat(), deputy=third, agreed=note())

    assert held_by(story) == {third}
    assert {NEXT, third} <= set(story.case.custody.former)
    assert len(story.owed("absence_end")) == 1


def test_a_supervisors_assignment_ends_an_absence_and_an_offer() -> None:
    """A supervisor can always give the case to somebody: what was under way about its custody is over."""
    story, third = absent(offered(opened())), person("lead_practitioner", 3)
    story.do(SUPERVISOR, "assign_lead", person=third, reasons=note())

    assert (story.case.custody.in_charge, held_by(story)) == (third, {third})
    assert {LEAD, NEXT} == set(story.case.custody.former)
    assert story.owed("absence_end") == story.owed("handover_acceptance") == []
