"""What the person must be told is owed until it is proven to be served."""

from datetime import timedelta

import pytest

from tests.case.against import in_stabilization, notice_number, proposed, served
from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SHIPPED,
    SUPERVISOR,
    Story,
    all_told,
    approved,
    asked,
    note,
    opened,
    person,
)
from workflows.case.service import ParticipantNoticeOwed, ParticipantNoticeServed
from workflows.core.obligation import ObligationClosed, ObligationEscalated


def here(code: str = "disengagement", **more: str) -> Story:
    """A story in which the case was just opened, and the person was told nothing yet."""
    story = Story(code)
    (opener, *_) = story.holders(*story.program.permissions["open_case"])
    story.do(
        opener, "open_case", program=story.program.program, version=story.program.version, lead=person(story.program.lead_role),
        support_level="high", eligibility=note(2), **more,
    )  # fmt: skip
    return story


@pytest.mark.parametrize("code", SHIPPED)
def test_whoever_a_case_is_opened_for_is_told_why(code: str) -> None:
    """From the opening the lead owes the person word of why they are here, as the first notice, with a ladder; silence on it only escalates."""
    story = here(code, referral=note(3))
    (owed,) = story.events(ParticipantNoticeOwed)

    assert (owed.notice, owed.about, owed.reasons) == (0, "referral", note(3))
    assert story.owed("notice_service") == ["notice_service/0"]
    assert here(code).events(ParticipantNoticeOwed)[0].reasons == note(2)
    story.later(days=60)
    told = {event.tell for event in story.events(ObligationEscalated) if event.key == "notice_service/0"}
    assert len(told) > 1
    all_told(story)
    assert story.owed("notice_service") == []
    assert story.case.service.next_number == 1


def test_why_they_are_here_is_told_in_their_language() -> None:
    """Where the opening sets the language, the notice is served in it, or through an interpreter, and in no other way."""
    story = here(referral=note(3), language="ku")
    fields = {"notice": 0, "how": "in_person", "proof": note(4)}
    story.refuse("other_language", LEAD, "record_service", **fields, language="de")
    story.fork().do(LEAD, "record_service", **fields, language="ku")
    story.do(LEAD, "record_service", **fields, language="de", interpreter=True)
    assert story.owed("notice_service") == []


def test_the_reasons_of_a_referral_are_told_later_only_for_reasons_and_not_for_long() -> None:
    """Telling the person later takes reasons and an instant within the definition's term; from then on it is owed as ever."""
    story = Story()
    known = {"program": story.program.program, "version": story.program.version, "lead": LEAD, "support_level": "low", "eligibility": note(2)}  # fmt: skip
    later, never = ((story.at + timedelta(days=days)).isoformat() for days in (14, 40))
    story.fork().refuse("delay_without_reasons", SUPERVISOR, "open_case", **known, referral=note(3), tell_from=later)
    story.fork().refuse("delay_too_long", SUPERVISOR, "open_case", **known, referral=note(3), tell_from=never, delay_reasons=note(4))  # fmt: skip
    story.fork().refuse("nothing_to_delay", SUPERVISOR, "open_case", **known, tell_from=later, delay_reasons=note(4))

    story.do(SUPERVISOR, "open_case", **known, referral=note(3), tell_from=later, delay_reasons=note(4))
    owed = story.case.obligations["notice_service/0"]
    assert owed.due > story.at + timedelta(days=14)
    story.later(days=14)
    assert [e for e in story.events(ObligationEscalated) if e.kind == "notice_service"] == []
    story.until(owed.due)
    assert [e.action for e in story.events(ObligationEscalated) if e.kind == "notice_service"] == ["remind", "act_now"]


def test_a_proposal_owes_the_person_a_notice_by_the_lead() -> None:
    """Whoever proposes an act owes the person its notice: a debt of the lead, with a due instant that can be checked."""
    story = in_stabilization()
    number = proposed(story)

    assert story.events(ParticipantNoticeOwed)[2:] == [
        ParticipantNoticeOwed(notice=2, about="act_proposed", subject=str(number))
    ]
    owed = story.case.obligations["notice_service/2"]
    assert (owed.owner, owed.holder, owed.outcome) == ("lead_practitioner", LEAD, "stays_open")
    assert owed.derivation.startswith("3 working days after")


def test_a_service_stands_with_how_language_and_proof() -> None:
    """The record of a service says who served it, how, in which language, through whom, and where the proof lies."""
    story = in_stabilization()
    proposed(story)
    events = story.do(
        ADVOCATE, "record_service", notice=2, how="read_aloud", language="ku", interpreter=True, proof=note(9)
    )

    assert events[0] == ParticipantNoticeServed(
        notice=2, about="act_proposed", subject="1", how="read_aloud", language="ku", interpreter=True, proof=note(9), by=ADVOCATE
    )  # fmt: skip
    assert [e.how for e in events if isinstance(e, ObligationClosed) and e.kind == "notice_service"] == ["met"]


def test_a_notice_that_nobody_serves_escalates_for_ever_and_nothing_goes_on() -> None:
    """A year without service tells somebody again and again; the act stays where it is."""
    story = in_stabilization()
    proposed(story)
    story.later(days=365)

    told = [event for event in story.events(ObligationEscalated) if event.kind == "notice_service"]
    assert len(told) > 40
    assert story.case.adverse.open[1].hearing_until is None
    assert story.owed("adverse_decision") == []


def test_what_is_not_owed_cannot_be_served() -> None:
    """A service of an unknown notice, or of one that was served, is refused with those that are owed."""
    story = in_stabilization()
    proposed(story)
    fields = {"how": "by_post", "language": "de", "proof": note()}

    refused = story.refuse("no_such_service", SUPERVISOR, "record_service", notice=3, **fields)
    assert refused.cure == "notices that are owed: 2 (act_proposed)"
    served(story, "act_proposed")
    story.refuse("no_such_service", SUPERVISOR, "record_service", notice=2, **fields)


def test_nothing_is_owed_to_the_person_where_nothing_was_proposed() -> None:
    """A case in which nobody acted against the person owes no notice."""
    assert opened().owed("notice_service") == []


def test_notices_are_served_after_the_case_is_closed_too() -> None:
    """Closing the case does not close the debt to tell the person: the notice is owed and can be served."""
    story = opened()
    proposed(story, "exit_for_cause", "closed", legal_basis="program_rules")

    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])
    assert story.case.closed
    assert len(story.owed("notice_service")) == 3

    for about in ("act_proposed", "act_lapsed", "outcome"):
        assert notice_number(story, about)
        served(story, about)

    assert story.owed("notice_service") == []
