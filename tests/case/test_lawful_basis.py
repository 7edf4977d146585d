"""Lawful basis: on what ground data are processed, apart from what the person consented to."""

from datetime import timedelta

from tests.case.examples import ADVOCATE, LEAD, SUPERVISOR, Story, note, opened
from workflows.case.lawful_basis import LawfulBasisRecorded, Recorded
from workflows.core.calendar import Term
from workflows.core.obligation import ObligationClosed, ObligationEscalated


def fresh() -> Story:
    """A case that was opened, and no more."""
    story = Story()
    story.do(
        SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=LEAD, support_level="high",
        eligibility=note(2),
    )  # fmt: skip
    return story


def record(story: Story, basis: str = "public_task", **fields: str) -> LawfulBasisRecorded:
    """The event of a basis recorded now."""
    (event, *_) = story.do(SUPERVISOR, "record_lawful_basis", basis=basis, reasons=note(3), **fields)
    assert isinstance(event, LawfulBasisRecorded)
    return event


def test_a_case_without_a_basis_on_record_owes_one() -> None:
    """From its opening a case owes the ground on which it keeps data; silence invents none, and escalates."""
    story = fresh()
    due = story.due("lawful_basis_review")
    story.until(due + timedelta(days=60))

    assert due == story.program.calendar.after(story.told[0].at, Term(10, "working days")).at
    assert story.owed("lawful_basis_review") == ["lawful_basis_review/first"]
    assert len([e for e in story.events(ObligationEscalated) if e.kind == "lawful_basis_review"]) > 3
    assert story.case.lawful_basis.recorded == {}


def test_a_basis_is_recorded_with_reasons_and_looked_at_again() -> None:
    """What was judged stands with its reasons and the instant of the next look, by the definition's term."""
    story = fresh()
    event = record(story)

    until = story.program.calendar.after(story.at, Term(12, "months")).at
    assert event == LawfulBasisRecorded(basis="public_task", number=1, reasons=note(3), review_by=until)
    assert (story.owed("lawful_basis_review"), story.due("lawful_basis_review")) == (
        ["lawful_basis_review/public_task/1"],
        until,
    )
    assert [e.how for e in story.told[-1].events if isinstance(e, ObligationClosed)] == ["met"]


def test_a_second_look_is_a_record_of_its_own() -> None:
    """Recorded again, the basis stands on its new reasons, and the next look is due a term later."""
    story = fresh()
    record(story)
    story.later(days=300)
    event = record(story)

    assert event.number == 2
    assert story.due("lawful_basis_review") == event.review_by > story.at


def test_a_basis_that_no_longer_holds_gives_way() -> None:
    """One basis takes the place of another, and both changes are one entry; several may stand side by side."""
    story = fresh()
    record(story)
    record(story, "vital_interests")
    assert set(story.case.lawful_basis.recorded) == {"public_task", "vital_interests"}

    event = record(story, "legal_obligation", replaces="vital_interests")

    known = Recorded(number=3, since=story.at, review_by=event.review_by)
    assert set(story.case.lawful_basis.recorded) == {"public_task", "legal_obligation"}
    assert story.case.lawful_basis.recorded["legal_obligation"] == known


def test_a_basis_is_one_that_the_definition_allows() -> None:
    """Nobody makes up a ground, consent to support included, and nothing gives way that is not on record."""
    story = fresh()
    refused = story.refuse("unknown_basis", SUPERVISOR, "record_lawful_basis", basis="consent", reasons=note())
    assert "public_task" in refused.cure

    story.refuse(
        "basis_not_recorded", SUPERVISOR, "record_lawful_basis", basis="public_task", reasons=note(), replaces="vital_interests"
    )  # fmt: skip
    record(story)
    story.refuse(
        "basis_not_recorded", SUPERVISOR, "record_lawful_basis", basis="public_task", reasons=note(), replaces="public_task"
    )  # fmt: skip


def test_a_definition_without_bases_allows_none() -> None:
    """Where a definition names no basis none is owed and none can be recorded."""
    story = Story()
    story.program = story.program.model_copy(update={"lawful_basis": None})
    story.do(
        SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=LEAD, support_level="high",
        eligibility=note(2),
    )  # fmt: skip

    assert story.owed("lawful_basis_review") == []
    story.refuse("unknown_basis", SUPERVISOR, "record_lawful_basis", basis="public_task", reasons=note())


def test_consent_and_basis_are_apart() -> None:
    """Withdrawing consent leaves the lawful basis as it stands, and recording a basis gives no consent."""
    story = opened()
    before = story.case.lawful_basis
    story.do(ADVOCATE, "withdraw_consent", scope="participation")
    assert story.case.lawful_basis == before

    record(story, "vital_interests")
    assert story.case.consent.given == {}
