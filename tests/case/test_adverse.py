"""Nothing is done against the participant before it was served, heard, and decided by people who took no part."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.against import A_MINUTE, DECIDERS, GROUNDS, heard, in_stabilization, proposed, served, voted
from tests.case.examples import (
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
    shipped,
    verified,
)  # fmt: skip
from workflows.case.adverse import (
    AdverseActDecided,
    AdverseActLapsed,
    AdverseActProposed,
    HearingOpened,
    RepresentationRecorded,
)
from workflows.core.calendar import Term
from workflows.core.kinds import Actor
from workflows.core.obligation import ObligationClosed


def test_a_proposal_changes_nothing_and_keeps_its_reasons() -> None:
    """Reasons are on record with the proposal itself, and the participant's case is as it was."""
    story = in_stabilization()
    before = story.case
    number = proposed(story)

    assert story.events(AdverseActProposed) == [
        AdverseActProposed(act=number, kind="step_back", subject="intake", by=LEAD, **GROUNDS)
    ]
    for room in ("phase", "milestone", "consent", "contact", "review", "custody"):
        assert getattr(story.case, room) == getattr(before, room)


@pytest.mark.parametrize(
    ("missing", "code"), [("necessity", "necessity_missing"), ("nothing_milder", "nothing_milder_missing")]
)
def test_what_the_definition_asks_for_is_stated(missing: str, code: str) -> None:
    """A proposal without the grounds that its kind needs is refused by the name of what is missing."""
    in_stabilization().refuse(
        code, LEAD, "propose_adverse_act", **{k: v for k, v in propose_fields().items() if k != missing}
    )


def propose_fields() -> dict[str, Any]:
    """A whole proposal of a step back."""
    return {"kind": "step_back", "subject": "intake", **GROUNDS}


def test_a_legal_basis_is_one_of_the_definition() -> None:
    """An exit for cause needs a legal basis, and one that the program knows."""
    story = in_stabilization()
    exit_ = {"kind": "exit_for_cause", "subject": "aftercare", **GROUNDS}

    missing = story.refuse("legal_basis_missing", LEAD, "propose_adverse_act", **exit_)
    story.refuse("unknown_legal_basis", LEAD, "propose_adverse_act", **exit_, legal_basis="custom")

    assert missing.cure == "give one of: program_rules, court_order, safety_law"


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("no_such_step_back", {"kind": "step_back", "subject": "reintegration"}),
        ("no_such_exit", {"kind": "exit_for_cause", "subject": "reintegration", "legal_basis": "program_rules"}),
        ("no_such_advance", {"kind": "refuse_advance", "subject": "aftercare"}),
        ("gate_not_met", {"kind": "refuse_advance", "subject": "reintegration"}),
        ("nothing_to_reduce", {"kind": "reduce_support", "subject": "acute"}),
        ("nothing_to_reduce", {"kind": "reduce_support", "subject": "none_at_all"}),
    ],
)
def test_an_act_has_a_subject(code: str, fields: dict[str, str]) -> None:
    """A step back leads back, an exit out, only an open gate can be refused, and only support that is given reduced."""
    in_stabilization().refuse(code, LEAD, "propose_adverse_act", **GROUNDS, **fields)


def test_what_the_program_does_not_provide_for_cannot_be_proposed() -> None:
    """Housing first knows no exit for cause, and a program without due process knows no adverse act at all."""
    story = opened("housing_first")
    worker = person("case_manager")
    story.refuse(
        "act_not_provided_for", worker, "propose_adverse_act", kind="exit_for_cause", subject="ended", **GROUNDS
    )

    story = Story(program=shipped("disengagement").model_copy(update={"due_process": None}))
    story.do(SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=LEAD, support_level="high", eligibility=note())  # fmt: skip
    story.refuse("act_not_provided_for", LEAD, "propose_adverse_act", kind="reduce_support", subject="low", **GROUNDS)
    story.refuse("act_not_provided_for", SUPERVISOR, "carry_out_adverse_act", act=1)


def test_nobody_is_proceeded_against_twice_at_once() -> None:
    """The same act about the same subject is refused while one is proposed, and while an upheld one waits."""
    story = in_stabilization()
    number = proposed(story)
    story.refuse("act_already_open", LEAD, "propose_adverse_act", **propose_fields())
    heard(story)
    voted(story, number)

    story.refuse("act_already_open", LEAD, "propose_adverse_act", **propose_fields())


def test_the_hearing_begins_with_the_service() -> None:
    """The time to be heard counts from the service, however long that took, and says how its end came about."""
    story = in_stabilization()
    number = proposed(story)
    story.later(days=30)
    served(story, "act_proposed")

    (hearing,) = story.events(HearingOpened)
    due = story.program.calendar.after(story.at, Term(10, "working days"))
    assert (hearing.act, hearing.until) == (number, due.at)
    assert hearing.derivation.startswith("10 working days after")


def test_nobody_upholds_before_the_person_was_told_and_heard() -> None:
    """A vote to uphold is refused before the service, and until the last minute of the hearing."""
    story = in_stabilization()
    number = proposed(story)
    vote = {"act": number, "choice": "uphold", "reasons": note()}
    story.refuse("notice_not_served", CHAIR, "decide_adverse_act", **vote)
    served(story, "act_proposed")
    (hearing,) = story.events(HearingOpened)
    story.until(hearing.until - A_MINUTE)
    story.refuse("hearing_open", CHAIR, "decide_adverse_act", **vote)
    story.until(hearing.until)

    story.do(CHAIR, "decide_adverse_act", **vote)


def test_the_persons_side_is_recorded() -> None:
    """What the person says, or an advocate for them, is on record before the decision, and not taken after it."""
    story = in_stabilization()
    number = proposed(story)
    story.do(ADVOCATE, "record_representation", act=number, representation=note(21))

    assert story.events(RepresentationRecorded) == [
        RepresentationRecorded(act=number, by=ADVOCATE, representation=note(21))
    ]
    heard(story)
    voted(story, number)
    refused = story.refuse("no_such_act", ADVOCATE, "record_representation", act=number, representation=note(22))
    assert refused.cure == "acts that do: none"


def test_dropping_needs_no_hearing() -> None:
    """Whoever decides may drop a proposal at once; the person is told, and a tie or less than half upholds nothing."""
    story = in_stabilization()
    number = proposed(story)
    voted(story, number, "drop")

    assert story.events(AdverseActDecided)[-1].outcome == "dropped"
    assert [one.about for one in story.case.service.owed.values()] == ["act_proposed", "act_dropped"]
    assert story.case.adverse.open == {}


def test_more_than_half_must_uphold() -> None:
    """One vote to uphold against two to drop drops the act; the last vote of a person counts."""
    story = in_stabilization()
    number = proposed(story)
    heard(story)
    voted(story, number, "uphold", by=DECIDERS[:1])
    voted(story, number, "uphold", by=DECIDERS[1:2])
    voted(story, number, "drop", by=DECIDERS[1:])

    (decided,) = story.events(AdverseActDecided)
    assert (decided.outcome, decided.uphold, decided.drop) == ("dropped", (CHAIR,), (COMMUNITY, MEMBERS[0]))


def test_a_tie_upholds_nothing() -> None:
    """Two who decide and do not agree drop the act."""
    story = opened("housing_first")
    worker = person("case_manager")
    story.do(worker, "propose_adverse_act", kind="reduce_support", subject="low", **GROUNDS)
    story.do(worker, "record_service", notice=1, how="in_person", language="en", proof=note())
    story.until(story.events(HearingOpened)[-1].until)
    for who, choice in (("peer_worker", "uphold"), ("tenant_representative", "drop")):
        story.do(person(who), "decide_adverse_act", act=1, choice=choice, reasons=note())

    assert story.events(AdverseActDecided)[-1].outcome == "dropped"


def holding(story: Story, who: str, *roles: str) -> None:
    """Give the person further roles."""
    story.staff[who] = Actor(person=who, roles=(*story.staff[who].roles, *roles), organization="city")


def test_whoever_took_part_does_not_decide() -> None:
    """Not the proposer, the lead, a former lead, a claimant, a verifier, nor whoever asked for or voted on an open review."""
    story = in_stabilization()
    second = person("lead_practitioner", 2)
    verified(story, "safe_housing", verifier=MEMBERS[1])
    proposed(story)
    story.do(SUPERVISOR, "assign_lead", person=second, reasons=note())
    how = {
        LEAD: "proposed this act",
        second: "leads this case",
        MEMBERS[1]: "verified the milestone safe_housing",
        SUPERVISOR: "verified the milestone needs_profile",
    }
    heard(story)
    for who, why in how.items():
        holding(story, who, "panel_member")
        refused = story.refuse("not_independent", who, "decide_adverse_act", act=1, choice="drop", reasons=note())
        assert refused.why == f"{who} {why}"


def test_whoever_asked_for_or_voted_on_a_review_does_not_decide() -> None:
    """An open review makes its requester and its voters party to the case."""
    story = opened()
    number = asked(story)
    approved(story, number, CHAIR)
    proposed(story, "reduce_support", "low")
    third = person("lead_practitioner", 3)
    story.do(SUPERVISOR, "assign_lead", person=third, reasons=note())

    refused = story.refuse("not_independent", CHAIR, "decide_adverse_act", act=1, choice="drop", reasons=note())

    assert refused.why == f"{CHAIR} voted on review {number}"


def test_a_vote_no_longer_counts_once_its_author_took_part() -> None:
    """Whoever votes and then verifies a milestone of the case is not among those who decided."""
    story = in_stabilization()
    number = proposed(story)
    heard(story)
    voted(story, number, by=(MEMBERS[0],))
    verified(story, "safe_housing", verifier=MEMBERS[0])
    voted(story, number, by=(CHAIR, COMMUNITY))
    assert story.events(AdverseActDecided) == []

    voted(story, number, by=(MEMBERS[1],))
    assert story.events(AdverseActDecided)[-1].uphold == (COMMUNITY, CHAIR, MEMBERS[1])


def test_only_the_roles_of_the_definition_decide() -> None:
    """Holding the command is not enough: the definition names who decides on adverse acts."""
    program = shipped("disengagement")
    assert program.due_process is not None
    rule = program.due_process.model_copy(update={"decide_by": ("panel_chair",), "deciders": 1})
    story = in_stabilization()
    story.program = program.model_copy(update={"due_process": rule})
    proposed(story)

    story.refuse("not_a_decider", COMMUNITY, "decide_adverse_act", act=1, choice="drop", reasons=note())


def test_a_proposal_that_nobody_decides_lapses() -> None:
    """Silence of those who decide drops the proposal, visibly: the person is told, and nothing took effect."""
    story = in_stabilization()
    before = story.case.phase
    number = proposed(story)
    heard(story)
    voted(story, number, by=DECIDERS[:2])
    due = story.due("adverse_decision")
    story.until(due - A_MINUTE)
    assert number in story.case.adverse.open
    story.until(due)

    assert story.events(AdverseActLapsed) == [AdverseActLapsed(act=number, because="nobody_decided")]
    assert story.case.phase == before
    assert "act_lapsed" in [one.about for one in story.case.service.owed.values()]


def test_a_decision_meets_the_debt() -> None:
    """Deciding in time closes what was owed as met."""
    story = in_stabilization()
    number = proposed(story)
    heard(story)
    story.at += timedelta(days=1)
    voted(story, number)

    assert [e.how for e in story.events(ObligationClosed) if e.kind == "adverse_decision"] == ["met"]


def test_a_move_ends_what_was_about_the_phase() -> None:
    """Once the case has moved on, a proposed step back has no subject; less support still has."""
    story = opened()
    number = asked(story)
    story.do(LEAD, "propose_adverse_act", kind="refuse_advance", subject="stabilization", **GROUNDS)
    story.do(LEAD, "propose_adverse_act", kind="reduce_support", subject="low", **GROUNDS)
    approved(story, number, CHAIR, COMMUNITY, *MEMBERS[:2])

    assert story.events(AdverseActLapsed) == [AdverseActLapsed(act=1, because="case_moved_on")]
    assert [act.kind for act in story.case.adverse.open.values()] == ["reduce_support"]
