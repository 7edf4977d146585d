"""Custody: a case has exactly one lead at every instant, who holds the role."""

from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened, person
from workflows.case.custody import LeadAssigned, State
from workflows.core.obligation import ObligationHandedOver

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

    assert story.case.custody == State(lead=NEXT, former=(LEAD, NEXT))


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
