"""What the person must be told is owed until it is proven to be served."""

from tests.case.against import in_stabilization, notice_number, proposed, served
from tests.case.examples import ADVOCATE, CHAIR, COMMUNITY, LEAD, MEMBERS, SUPERVISOR, approved, asked, note, opened
from workflows.case.service import ParticipantNoticeOwed, ParticipantNoticeServed
from workflows.core.obligation import ObligationClosed, ObligationEscalated


def test_a_proposal_owes_the_person_a_notice_by_the_lead() -> None:
    """Whoever proposes an act owes the person its notice: a debt of the lead, with a due instant that can be checked."""
    story = in_stabilization()
    number = proposed(story)

    assert story.events(ParticipantNoticeOwed)[1:] == [
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
