"""Objection: whoever met a gate and was turned down is told why, and can have others look at it again."""

from tests.case.against import served
from tests.case.examples import (  # fmt: skip
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    Story,
    approved,
    asked,
    note,
    opened,
    person,
)
from workflows.case.objection import ObjectionDecided, ObjectionRouteClosed, ObjectionRouteOpened
from workflows.case.phase import PhaseEntered
from workflows.case.review import ReviewRequested

VOTERS = (COMMUNITY, MEMBERS[0], MEMBERS[1], CHAIR)
OTHERS = (person("panel_chair", 2), person("community_member", 2), person("program_director"))


def rejected(story: Story) -> int:
    """The number of a review that the panel rejects at a gate that is met."""
    number = asked(story)
    for who in VOTERS:
        story.do(who, "reject_review", review=number, reasons=note(6))
    return number


def objected(story: Story) -> int:
    """The number of a review that was rejected and objected to."""
    number = rejected(story)
    story.do(ADVOCATE, "object_to_review", review=number, grounds=note(7))
    return number


def decided(story: Story, number: int, choice: str) -> Story:
    """The story with these votes on the objection."""
    for who in OTHERS:
        story.do(who, "decide_objection", review=number, choice=choice, reasons=note(8))
    return story


def told(story: Story) -> list[tuple[str, str]]:
    """What the person is owed a notice of."""
    return [(one.about, one.subject) for one in story.case.service.owed.values()]


def test_the_person_is_told_what_a_panel_decided() -> None:
    """A review that is approved, and one that is rejected, is told to the person, with a ladder until it is served."""
    story = opened()
    approved(story, asked(story), *VOTERS)
    assert ("review_approved", "1") in told(story)
    story = opened()
    rejected(story)

    assert ("review_rejected", "1") in told(story)
    served(story, "review_rejected")
    assert ("review_rejected", "1") not in told(story)


def test_the_person_is_told_how_the_case_ended() -> None:
    """A case that closes, however it ends, leaves the person a notice of the outcome, owed after the closing too."""
    story = opened()
    approved(story, asked(story, "closed"), *VOTERS)

    assert told(story) == [("outcome", "closed")]
    assert story.owed("notice_service") == ["notice_service/1"]
    served(story, "outcome")
    assert told(story) == []


def test_a_rejection_at_a_gate_that_was_met_can_be_objected_to() -> None:
    """The rejection changes nothing; whoever took part in it is named as barred from what follows."""
    story = opened()
    number = rejected(story)

    (route,) = story.events(ObjectionRouteOpened)
    assert (route.review, route.to) == (number, "stabilization")
    assert set(route.took_part) == {LEAD, *VOTERS}
    assert story.owed("objection_decision") == []
    story.do(ADVOCATE, "object_to_review", review=number)
    assert story.owed("objection_decision") == [f"objection_decision/{number}"]
    story.refuse("objection_already_filed", ADVOCATE, "object_to_review", review=number)


def test_an_objection_that_is_allowed_has_the_review_held_again_by_others() -> None:
    """The panel is asked anew at once; no former voter votes, and others can approve."""
    story = opened()
    number = decided_number = objected(story)
    decided(story, number, "allow")

    again = story.events(ReviewRequested)[-1]
    assert story.events(ObjectionDecided)[-1].again == again.review == decided_number + 1
    assert (again.to, again.requested_by, again.participant_view) == ("stabilization", ADVOCATE, note(7))
    assert story.owed("review_decision") == [f"review_decision/{again.review}"]
    assert ("objection_allowed", str(number)) in told(story)
    for who in VOTERS:
        story.refuse("not_independent", who, "approve_review", review=again.review, reasons=note())
    approved(story, again.review, OTHERS[0], OTHERS[1], *MEMBERS[2:4])
    assert story.events(PhaseEntered)[-1].phase == "stabilization"


def test_an_objection_that_is_dismissed_leaves_the_rejection() -> None:
    """The person is told; the panel can be asked again as before."""
    story = opened()
    number = objected(story)
    decided(story, number, "dismiss")

    assert ("objection_dismissed", str(number)) in told(story)
    assert (story.case.objection.open, story.case.review.open) == ({}, {})
    story.refuse("no_such_rejection", ADVOCATE, "object_to_review", review=number)
    asked(story)


def test_nobody_who_took_part_decides_on_an_objection() -> None:
    """Voters, whoever leads or filed it, and people without the role do not decide."""
    story = opened()
    number = rejected(story)
    vote = {"review": number, "choice": "dismiss", "reasons": note()}

    story.refuse("no_objection_filed", OTHERS[0], "decide_objection", **vote)
    story.do(ADVOCATE, "object_to_review", review=number)
    for who in VOTERS:
        story.refuse("not_independent", who, "decide_objection", **vote)
    rule = story.program.due_process
    assert rule is not None
    fewer = rule.model_copy(update={"appeal_by": ("program_director",)})
    story.program = story.program.model_copy(update={"due_process": fewer})
    story.refuse("not_an_appeal_decider", OTHERS[0], "decide_objection", **vote)


def test_an_objection_is_not_passed_over() -> None:
    """While it waits the former panel is not asked again; where nobody objected, asking again ends the route."""
    story = opened()
    objected(story)
    again = {"to": "stabilization", "reasons": note(), "participant_view": note()}
    story.refuse("objection_open", LEAD, "request_review", **again)

    other = opened()
    rejected(other)
    other.do(LEAD, "request_review", **again)
    assert other.events(ObjectionRouteClosed) == [ObjectionRouteClosed(review=1, because="asked_again")]


def test_silence_decides_no_objection() -> None:
    """An objection that nobody decides stays open and climbs; the person's way is neither shut nor opened by it."""
    story = opened()
    number = objected(story)
    story.later(days=60)

    assert story.case.objection.open.keys() == {number}
    assert story.case.obligations[f"objection_decision/{number}"].climbed > 3
    assert story.events(ObjectionDecided) == []


def test_a_rejection_at_a_shut_gate_opens_no_route() -> None:
    """Where a condition fell away meanwhile there is nothing to object to: the review is asked for once it holds again."""
    story = opened()
    number = asked(story)
    story.do(ADVOCATE, "withdraw_consent", scope="participation")
    for who in VOTERS:
        story.do(who, "reject_review", review=number, reasons=note(6))

    assert story.events(ObjectionRouteOpened) == []
