"""Reviews: who may decide, how people are counted, and what neither silence nor a shut gate can do."""

from datetime import timedelta

import pytest

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    approved,
    asked,
    assessed,
    enough_evidence,
    note,
    opened,
    person,
    verified,
)
from workflows.case.phase import CaseClosed, PhaseEntered
from workflows.case.review import (
    Facts,
    RequestReview,
    ReviewDecided,
    ReviewerRecused,
    ReviewRequested,
    ReviewSuperseded,
    State,
    VoteCast,
    request,
)
from workflows.core.kinds import Actor
from workflows.core.notice import Notice
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell
from workflows.core.refusal import Refused

SECOND_COMMUNITY = person("community_member", 2)


def holding(story: Story, who: str, *roles: str, organization: str | None = "city") -> str:
    """The person, who holds these roles from now on."""
    story.staff[who] = Actor(person=who, roles=roles, organization=organization)
    return who


def vote(story: Story, who: str, choice: str = "approve", number: int = 1) -> list[str]:
    return [event.model_dump()["type"] for event in story.do(who, f"{choice}_review", review=number, reasons=note(6))]


def test_a_quorum_approves_and_the_case_moves() -> None:
    """With a quorum of people, the seats it needs and enough approvals, the review is decided and the case moves at once."""
    story = opened()
    number = asked(story)

    events = approved(story, number, MEMBERS[0], MEMBERS[1], CHAIR, COMMUNITY)

    people = tuple(sorted((MEMBERS[0], MEMBERS[1], CHAIR, COMMUNITY)))
    decided = ReviewDecided(
        review=1, to="stabilization", outcome="approved", approved_by=people, rejected_by=(), dissent=()
    )
    assert decided in events
    assert PhaseEntered(phase="stabilization", former="intake", kind="advance", review=1) in events
    assert story.case.phase.phase == "stabilization"


def test_an_approval_needs_every_person_of_the_quorum() -> None:
    """Three approvals suffice for the move, and still decide nothing before a fourth person has voted."""
    story = opened()
    asked(story)

    assert [vote(story, who) for who in (CHAIR, MEMBERS[0], MEMBERS[1])] == [["vote_cast"]] * 3
    assert story.case.phase.phase == "intake"


def test_one_person_is_one_vote() -> None:
    """A person who votes again, or holds several roles of the panel, is counted once."""
    story = opened()
    asked(story)
    holding(story, CHAIR, "panel_chair", "panel_member", "community_member")

    for _ in range(4):
        vote(story, CHAIR)

    assert len(story.case.review.open[1].votes) == 1


def test_a_vote_may_be_changed_while_the_review_is_open() -> None:
    """The last vote of a person counts; the one before it stays on record."""
    story = opened()
    asked(story)
    vote(story, MEMBERS[0])
    vote(story, MEMBERS[0], "reject")

    assert [event.choice for event in story.events(VoteCast)] == ["approve", "reject"]
    assert story.case.review.open[1].votes[MEMBERS[0]].choice == "reject"


def test_dissent_is_recorded() -> None:
    """Whoever voted against what was decided is named as dissenting, with their reasons in the vote's own entry."""
    story = opened()
    asked(story)
    vote(story, MEMBERS[0], "reject")
    approved(story, 1, MEMBERS[1], CHAIR, COMMUNITY)

    (decided,) = story.events(ReviewDecided)

    assert (decided.outcome, decided.dissent) == ("approved", (MEMBERS[0],))
    assert [event.reasons for event in story.events(VoteCast)] == [note(6)] * 4


def test_a_rejection_changes_nothing_for_the_participant() -> None:
    """Enough rejections end the review; the phase, the consent and the milestones stay, and it can be asked for again."""
    story = opened()
    asked(story)
    before = story.case
    vote(story, CHAIR)
    for who in (MEMBERS[0], MEMBERS[1], COMMUNITY):
        vote(story, who, "reject")

    (decided,) = story.events(ReviewDecided)
    assert (decided.outcome, decided.dissent) == ("rejected", (CHAIR,))
    assert (story.case.phase, story.case.consent, story.case.milestone) == (
        before.phase,
        before.consent,
        before.milestone,
    )
    assert asked(story) == 2


def test_every_seat_that_must_be_heard_is_heard() -> None:
    """Four approvals without a community member's vote decide nothing."""
    story = opened()
    asked(story)

    assert [vote(story, who) for who in (CHAIR, *MEMBERS[:3])] == [["vote_cast"]] * 4
    assert "review_decided" in vote(story, COMMUNITY)


def test_a_member_takes_the_seat_that_the_panel_waits_for() -> None:
    """Whoever may take several seats takes the one that must be heard, so that a panel with one chair can be quorate."""
    story = opened()
    asked(story)
    holding(story, CHAIR, "panel_chair", "panel_member")

    vote(story, CHAIR)

    assert story.case.review.open[1].votes[CHAIR].seat == "panel_chair"


def test_a_full_bench_takes_no_further_vote() -> None:
    """When every seat of a role has voted, another holder of it is refused."""
    story = opened()
    asked(story)
    for who in MEMBERS[:3]:
        vote(story, who)

    story.refuse("no_free_seat", MEMBERS[3], "approve_review", review=1, reasons=note())


def test_two_organizations_must_be_heard() -> None:
    """A panel all of one organization decides nothing; people without one do not count as one."""
    story = opened()
    asked(story)
    for who in (CHAIR, MEMBERS[0], MEMBERS[1]):
        holding(story, who, story.staff[who].roles[0])
        assert vote(story, who) == ["vote_cast"]
    holding(story, COMMUNITY, "community_member", organization=None)
    assert vote(story, COMMUNITY) == ["vote_cast"]

    holding(story, MEMBERS[2], "panel_member", organization="civil")

    assert "review_decided" in vote(story, MEMBERS[2])


def test_whoever_verified_a_milestone_does_not_approve() -> None:
    """A panel member who verified a milestone of the gate is refused as its approver, and told why."""
    story = in_stabilization()
    for milestone in ("safe_housing", "protective_services", "steady_contact"):
        verified(story, milestone)
    verified(story, "no_acute_concern", verifier=MEMBERS[0])
    asked(story, "reintegration")

    refused = story.refuse("not_independent", MEMBERS[0], "approve_review", review=2, reasons=note())

    assert refused.why == f"{MEMBERS[0]} verified the milestone no_acute_concern"


def in_stabilization() -> Story:
    """A story that waits at the end of stabilization."""
    story = opened()
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])
    return story.later(weeks=8, hours=1)


@pytest.mark.parametrize("command", ["approve_review", "reject_review"])
@pytest.mark.parametrize(
    "how", ["claimed the milestone", "leads this case", "asked for this review", "led this case before"]
)
def test_whoever_took_part_does_not_vote(how: str, command: str) -> None:
    """The claimant, the lead, a former lead and whoever asked for the review may neither approve nor reject it."""
    story = opened()
    lead = LEAD
    if how == "led this case before":
        story.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), reasons=note())
    asked(story, "closed" if how in {"leads this case", "asked for this review", "led this case before"} else None)
    if how in {"leads this case", "led this case before"}:
        review = story.case.review.open[1].model_copy(update={"requested_by": SUPERVISOR})
        story.case = story.case.model_copy(update={"review": State(open={1: review}, next_number=2)})
    holding(story, lead, "lead_practitioner", "panel_member")

    refused = story.refuse("not_independent", lead, command, review=1, reasons=note())

    assert how in refused.why


def test_a_vote_no_longer_counts_once_its_author_is_involved() -> None:
    """Whoever votes and then verifies a milestone of the gate loses the vote: nobody decides on their own work."""
    story = in_stabilization()
    asked(story, "reintegration")
    vote(story, MEMBERS[0], number=2)
    story.do(LEAD, "contradict_milestone", milestone="steady_contact", facts=note(), observed_at=story.at.isoformat())
    verified(story, "steady_contact", verifier=MEMBERS[0])

    approved(story, 2, CHAIR, COMMUNITY, MEMBERS[1])
    assert story.case.phase.phase == "stabilization"
    approved(story, 2, MEMBERS[2])

    (*_, decided) = story.events(ReviewDecided)
    assert MEMBERS[0] not in decided.approved_by


def test_a_recusal_takes_the_vote_back_for_good() -> None:
    """Whoever steps back loses an earlier vote, may not vote again, and frees the seat."""
    story = opened()
    asked(story)
    vote(story, CHAIR)
    story.do(CHAIR, "recuse_from_review", review=1, reasons=note(9))

    assert story.events(ReviewerRecused) == [ReviewerRecused(review=1, person=CHAIR, reasons=note(9))]
    assert story.case.review.open[1].votes == {}
    story.refuse("recused", CHAIR, "approve_review", review=1, reasons=note())
    story.refuse("recused", CHAIR, "recuse_from_review", review=1, reasons=note())
    assert vote(story, person("panel_chair", 2)) == ["vote_cast"]


def test_only_members_of_the_panel_vote() -> None:
    """Holding the command is not enough: the panel's own seats vote."""
    story = opened("housing_first")
    verified(story, "home_chosen")
    story.do(person("case_manager"), "request_review", to="moving_in", reasons=note())

    story.refuse("not_on_panel", person("team_lead"), "approve_review", review=1, reasons=note())


def test_a_review_that_is_not_open_takes_no_vote() -> None:
    """A vote on a review that is unknown or decided is refused with the numbers of those that are open."""
    story = opened()
    asked(story)

    refused = story.refuse("no_such_review", CHAIR, "approve_review", review=2, reasons=note())

    assert refused.cure == "open reviews: 1"


def test_a_gate_that_is_shut_is_not_put_to_a_panel() -> None:
    """A review is asked for once every other condition of the gate holds; the refusal names what is missing."""
    story = opened()

    refused = story.refuse(
        "gate_closed", LEAD, "request_review", to="stabilization", reasons=note(), participant_view=note()
    )

    assert refused.why == "unmet: milestone needs_profile, milestone safety_plan, assessment within 3 months"


def test_a_contradiction_shuts_the_gate_under_an_open_review() -> None:
    """New facts between the request and the approval shut the gate: nobody can approve any more."""
    story = opened()
    asked(story)
    story.do(LEAD, "contradict_milestone", milestone="safety_plan", facts=note(), observed_at=story.at.isoformat())

    story.refuse("gate_closed", CHAIR, "approve_review", review=1, reasons=note())


def test_a_rejection_cannot_complete_an_approval_through_a_shut_gate() -> None:
    """The vote that makes the quorum approves nothing if the gate was shut after the others voted, even if it is a rejection."""
    story = opened()
    asked(story)
    for who in (CHAIR, MEMBERS[0], COMMUNITY):
        vote(story, who)
    story.do(LEAD, "contradict_milestone", milestone="safety_plan", facts=note(), observed_at=story.at.isoformat())

    assert vote(story, MEMBERS[1], "reject") == ["vote_cast"]
    assert story.case.phase.phase == "intake"


def test_a_gate_that_opens_again_is_passed_on_a_confirmed_vote() -> None:
    """After new facts were answered, an approver confirms the vote, and the review is decided."""
    story = opened()
    asked(story)
    for who in (CHAIR, MEMBERS[0], COMMUNITY):
        vote(story, who)
    story.do(LEAD, "contradict_milestone", milestone="safety_plan", facts=note(), observed_at=story.at.isoformat())
    vote(story, MEMBERS[1], "reject")
    verified(story, "safety_plan")

    assert "review_decided" in vote(story, CHAIR)
    assert story.case.phase.phase == "stabilization"


def test_the_participants_view_is_asked_for() -> None:
    """Where the gate asks for the participant's own view, a request without it is refused."""
    story = opened()
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    assessed(story)

    story.refuse("participant_view_missing", LEAD, "request_review", to="stabilization", reasons=note())


def test_one_review_of_a_move_at_a_time() -> None:
    """A second review of the same move is refused while the first is open."""
    story = opened()
    asked(story)

    story.refuse(
        "review_already_open", LEAD, "request_review", to="stabilization", reasons=note(), participant_view=note()
    )


def test_a_panel_is_asked_by_the_roles_it_names() -> None:
    """Holding the command is not enough: each panel says who may ask for it."""
    story = opened("housing_first")
    verified(story, "home_chosen")

    story.refuse("not_entitled_to_request", person("team_lead"), "request_review", to="moving_in", reasons=note())


def test_there_must_be_a_way_to_go() -> None:
    """A review of a move that the definition does not have is refused with the ways there are."""
    story = opened()

    refused = story.refuse("no_such_transition", LEAD, "request_review", to="aftercare", reasons=note())

    assert refused.cure == "ways on from intake: stabilization, closed"


def test_a_review_that_nobody_decides_escalates_for_ever_and_never_approves() -> None:
    """A year of silence on a review moves nothing: it stays open, and somebody is told again and again."""
    story = opened()
    asked(story)
    story.later(days=365)

    told = [event.level for event in story.events(ObligationEscalated) if event.kind == "review_decision"]
    fell = [event.outcome for event in story.events(SilenceFell) if event.kind == "review_decision"]
    assert told == list(range(1, len(told) + 1))
    assert len(told) > 40
    assert fell == ["stays_open"]
    assert (list(story.case.review.open), story.case.phase.phase) == ([1], "intake")
    assert story.events(ReviewDecided) == []


def test_a_late_decision_is_accepted_and_shown_as_late() -> None:
    """A review may be decided long after it was due; how late it was stands in the ledger."""
    story = opened("housing_first")
    number = asked(story)
    due = story.due("review_decision")
    story.until(due + timedelta(days=3))

    events = approved(story, number, person("tenant_representative"), person("peer_worker"))

    late = [e.late_seconds for e in events if isinstance(e, ObligationClosed) and e.kind == "review_decision"]
    assert late == [3 * 24 * 3600]


def test_moving_on_ends_the_other_reviews_of_the_phase() -> None:
    """Once the case has moved, an exit that was also asked for has nothing left to decide and is owed by nobody."""
    story = opened()
    exit_review = asked(story, "closed")
    advance = asked(story)

    events = approved(story, advance, CHAIR, COMMUNITY, *MEMBERS[:2])

    assert ReviewSuperseded(review=exit_review, to="closed") in events
    assert (story.case.review.open, story.owed("review_decision")) == ({}, [])
    assert [e.how for e in events if isinstance(e, ObligationClosed) and e.key == f"review_decision/{exit_review}"] == [
        "released"
    ]


def test_an_exit_panel_closes_the_case() -> None:
    """The exit from intake needs the exit panel and the person's own view, and closes the case."""
    story = opened()
    events = approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert CaseClosed(phase="closed") in events
    assert (story.case.closed, {owed.kind for owed in story.case.obligations.values()}) == (
        True, {"retention_review", "notice_service"},
    )  # fmt: skip


def test_the_seats_are_told_and_then_the_lead() -> None:
    """Each seat of the panel is told of a request, and the lead of the decision."""
    story = opened()
    number = asked(story)
    requested = [n for n in story.case.notice.pending.values() if n.template == "review_requested"]
    approved(story, number, CHAIR, COMMUNITY, *MEMBERS[:2])
    decided = [n for n in story.case.notice.pending.values() if n.template == "review_decided"]

    assert [n.to_role for n in requested] == ["panel_chair", "panel_member", "community_member"]
    assert [(n.to_person, n.about) for n in decided] == [(LEAD, "review/1")]
    assert all(isinstance(n, Notice) for n in (*requested, *decided))


def test_a_request_says_who_asked_and_why() -> None:
    """The request's entry carries the asker, the reasons and the participant's view, by reference."""
    story = opened()
    asked(story)

    assert story.events(ReviewRequested) == [
        ReviewRequested(review=1, to="stabilization", panel="phase_panel", requested_by=LEAD, reasons=note(4), participant_view=note(5))
    ]  # fmt: skip


def test_the_room_itself_refuses_a_shut_gate() -> None:
    """The room relies on its facts alone: whatever it is told is unmet shuts the gate."""
    story = opened()
    facts = Facts(
        panels=story.program.reviews,
        panel="phase_panel",
        needs_view=False,
        unmet=("consent participation",),
        involved={},
    )

    with pytest.raises(Refused, match="gate_closed: unmet: consent participation"):
        request(State(), RequestReview(to="stabilization", reasons=note()), facts, actor=story.staff[LEAD])


def test_evidence_for_the_gate_is_not_enough_without_consent() -> None:
    """Without consent to take part, the way on is shut however much is verified."""
    story = opened(consent=False)
    for milestone in ("needs_profile", "safety_plan"):
        assert enough_evidence(story.program, milestone, story.at)
        verified(story, milestone)
    assessed(story)

    refused = story.refuse(
        "gate_closed", LEAD, "request_review", to="stabilization", reasons=note(), participant_view=note()
    )

    assert refused.why == "unmet: consent participation"
