"""Retention: no record without an end, and no end without the person's own copy."""

from datetime import timedelta
from itertools import pairwise

from tests.case.examples import ADVOCATE, LEAD, SUPERVISOR, Story, closed, erased, note, opened, person
from workflows.case import retention
from workflows.case.case import next_wake
from workflows.case.facts import retention_facts
from workflows.case.legal_hold import LegalHoldExpired
from workflows.case.retention import ErasureApproved, RecordSealed, RetentionClassSet
from workflows.core.obligation import ObligationEscalated, SilenceFell
from workflows.core.refusal import Refused

OFFICER, DIRECTOR = person("data_protection_officer"), person("program_director")


def kept(story: Story) -> str | None:
    """The class under which the record is kept now."""
    return story.case.retention.retention_class


def classified(outcome: str, age: str) -> Story:
    """A closed case, classified beforehand."""
    story = opened()
    story.do(LEAD, "classify_record", outcome=outcome, age=age)
    return closed(story)


def held(story: Story, **term: float) -> None:
    """A legal hold for so long."""
    story.do(OFFICER, "place_legal_hold", reasons=note(), until=(story.at + timedelta(**term)).isoformat())


def test_a_childs_unfounded_referral_is_kept_for_a_short_time() -> None:
    """F10: a child was referred and nothing was found; the record has a class of its own, and its end is weeks away, not years."""
    story = classified("unfounded", "child")
    (set_now,) = story.events(RetentionClassSet)

    assert set_now.retention_class == "unfounded_child"
    assert set_now.keep_until - story.at < timedelta(days=32)
    assert "1 month after" in set_now.derivation
    adults = classified("unfounded", "adult").case.retention.keep_until
    assert adults is not None
    assert adults > set_now.keep_until


def test_an_unclassified_record_has_the_shortest_class() -> None:
    """Nobody's forgetting to classify a record keeps it for long; classified later, it has the class that is right."""
    story = closed(opened())
    assert kept(story) == "unfounded_child"

    story.do(SUPERVISOR, "classify_record", outcome="completed", age="adult")

    assert kept(story) == "whole_case"
    assert story.owed("retention_review") == ["retention_review/1/whole_case"]
    assert story.due("retention_review") > story.at + timedelta(days=150)


def test_an_open_case_has_no_class_and_owes_no_review() -> None:
    """Retention begins with the closure."""
    story = opened()
    story.do(LEAD, "classify_record", outcome="completed", age="adult")

    assert (kept(story), story.owed("retention_review")) == (None, [])


def test_outcomes_are_the_definitions_own() -> None:
    """An outcome for which the program has no class cannot be recorded."""
    opened().refuse("unknown_outcome", LEAD, "classify_record", outcome="success", age="adult")


def test_necessity_is_reviewed_again_and_again() -> None:
    """Each review gives reasons for keeping the record, and the next is owed a term later."""
    story = classified("completed", "adult")
    first = story.due("retention_review")
    story.until(first - timedelta(days=1))
    story.do(SUPERVISOR, "review_retention", reasons=note())

    assert story.owed("retention_review") == ["retention_review/2/whole_case"]
    assert story.due("retention_review") > first + timedelta(days=150)
    assert story.events(SilenceFell) == []


def test_a_record_that_nobody_reviews_is_sealed_and_the_officer_told() -> None:
    """When its review is due and nobody acted, the record is sealed at once, and the officer for data protection hears of it."""
    story = classified("completed", "adult")
    story.until(story.due("retention_review"))

    (sealed,) = (told for told in story.told if any(isinstance(event, RecordSealed) for event in told.events))
    told = [event.tell for event in sealed.events if isinstance(event, ObligationEscalated)]
    assert told == ["data_protection_officer"]
    story.refuse("record_sealed", SUPERVISOR, "review_retention", reasons=note())
    story.refuse("record_sealed", SUPERVISOR, "classify_record", outcome="unfounded", age="child")
    story.refuse("record_sealed", LEAD, "request_erasure", reasons=note())
    story.later(days=90)
    assert len(story.events(RecordSealed)) == 1
    assert story.case.retention.erased_at is None


def test_the_officer_opens_a_sealed_record() -> None:
    """A review by the officer, however late, is accepted and opens the record again."""
    story = classified("completed", "adult")
    story.until(story.due("retention_review")).later(days=3)
    story.do(OFFICER, "review_retention", reasons=note())

    assert story.case.retention.sealed_at is None
    story.do(SUPERVISOR, "review_retention", reasons=note())


def test_nothing_is_kept_beyond_its_class() -> None:
    """At the end of its term the record is reviewed in any case, and reasons alone keep it no longer: it is erased, or held by law."""
    story = classified("unfounded", "child")
    for _ in range(2):
        story.until(story.due("retention_review") - timedelta(hours=1))
        story.do(SUPERVISOR, "review_retention", reasons=note())
    ends = story.case.retention.keep_until
    assert story.due("retention_review") == ends

    assert ends is not None
    story.until(ends)
    story.refuse("retention_term_over", OFFICER, "review_retention", reasons=note())
    held(story, days=30)
    story.do(OFFICER, "review_retention", reasons=note())
    story.later(days=10)
    assert story.events(ErasureApproved) == []


def test_a_record_is_reviewed_at_once_when_no_hold_keeps_it_any_longer() -> None:
    """A hold that ends after the term leaves the record to be erased now, not at some next review."""
    story = classified("unfounded", "child")
    held(story, days=60)
    story.later(days=50)
    story.do(OFFICER, "review_retention", reasons=note())
    story.do(OFFICER, "lift_legal_hold", hold=1, reasons=note())

    (key,) = story.owed("retention_review")
    assert key.endswith("/term_over")
    assert story.due("retention_review") == story.at


def test_an_access_request_is_due_within_a_month() -> None:
    """F10: the person's request to see what is held is owed an answer within a month, and met by it."""
    story = opened()
    story.do(ADVOCATE, "request_access")

    assert story.due("access_request") - story.at <= timedelta(days=31)
    story.do(OFFICER, "answer_access", request=1, answer="given", reasons=note())
    assert story.owed("access_request") == []
    story.refuse("no_such_access_request", OFFICER, "answer_access", request=1, answer="given", reasons=note())


def test_an_unanswered_access_request_escalates() -> None:
    """Silence answers nothing: it goes on escalating, also after the case is closed."""
    story = opened()
    story.do(ADVOCATE, "request_access")
    closed(story).later(days=60)

    assert story.case.obligations["access_request/1"].climbed > 3


def test_whoever_left_may_still_ask() -> None:
    """The right to see what is held has no end with the case, and none with a seal."""
    story = classified("completed", "adult")
    story.until(story.due("retention_review"))
    story.do(ADVOCATE, "request_access", note=note())

    assert story.owed("access_request") == ["access_request/1"]


def test_a_legal_hold_has_reasons_and_an_end() -> None:
    """F10: a hold without reasons or end is no command; one that ends too late, or in the past, is refused."""
    story = closed(opened())
    (refused,) = story.send(OFFICER, {"type": "place_legal_hold", "until": story.at.isoformat()})
    assert getattr(refused, "code", "") == "malformed_command"
    story.refuse("hold_in_past", OFFICER, "place_legal_hold", reasons=note(), until=story.at.isoformat())
    too_late = (story.at + timedelta(days=400)).isoformat()
    story.refuse("hold_too_long", OFFICER, "place_legal_hold", reasons=note(), until=too_late)
    story.refuse("no_such_hold", OFFICER, "lift_legal_hold", hold=1, reasons=note())


def test_a_hold_is_seen_and_ends_by_itself() -> None:
    """A hold stands among what is owed, warns before its day, and on its day it is over without anybody's act."""
    story = closed(opened())
    held(story, days=60)
    ends = story.case.legal_hold.holds[1]
    assert story.due("legal_hold") == ends

    story.until(ends)

    assert story.events(LegalHoldExpired) == [LegalHoldExpired(hold=1)]
    assert (story.case.legal_hold.holds, story.owed("legal_hold")) == ({}, [])
    warned = [e.rung_at for e in story.events(ObligationEscalated) if e.kind == "legal_hold"]
    assert len(warned) == 3
    assert all(one < other for one, other in pairwise(warned))


def test_a_hold_can_be_lifted_with_reasons() -> None:
    """Whoever placed a hold may end it before its day."""
    story = closed(opened())
    held(story, days=60)
    story.do(DIRECTOR, "lift_legal_hold", hold=1, reasons=note())

    assert story.owed("legal_hold") == []


def test_an_erasure_takes_two_people() -> None:
    """F10: whoever asked for an erasure does not approve it; another person does, and then nothing more is owed."""
    story = closed(opened())
    story.do(OFFICER, "record_copy_given", how="sent", proof=note())
    story.do(OFFICER, "request_erasure", reasons=note())
    story.refuse("not_independent", OFFICER, "approve_erasure", reasons=note())
    assert story.owed("erasure_decision") == ["erasure_decision/1"]

    story.do(DIRECTOR, "approve_erasure", reasons=note())

    (approved,) = story.events(ErasureApproved)
    assert (approved.requested_by, approved.approved_by) == (OFFICER, DIRECTOR)
    assert (story.case.obligations, next_wake(story.case)) == ({}, None)


def test_no_erasure_of_an_open_case() -> None:
    """The record of a case that goes on is needed, and is closed first; so is it needed for a review of its keeping."""
    story = opened()
    story.refuse("case_not_closed", LEAD, "request_erasure", reasons=note())
    story.refuse("case_not_closed", OFFICER, "review_retention", reasons=note())


def test_no_erasure_before_the_person_has_a_copy() -> None:
    """The person's own copy comes first, and one given before the closure is not whole."""
    story = opened()
    story.do(LEAD, "record_copy_given", how="handed_over", proof=note())
    story.later(hours=1)
    closed(story)
    story.refuse("copy_not_given", OFFICER, "request_erasure", reasons=note())
    story.do(LEAD, "record_copy_given", how="declined", proof=note())
    story.do(OFFICER, "request_erasure", reasons=note())


def test_no_erasure_under_a_legal_hold() -> None:
    """A hold stands against an erasure when it is asked for and when it is approved, and no longer."""
    story = closed(opened())
    story.do(LEAD, "record_copy_given", how="sent", proof=note())
    held(story, days=5)
    story.refuse("under_legal_hold", OFFICER, "request_erasure", reasons=note())
    story.do(OFFICER, "lift_legal_hold", hold=1, reasons=note())
    story.do(OFFICER, "request_erasure", reasons=note())
    held(story, days=5)
    story.refuse("under_legal_hold", DIRECTOR, "approve_erasure", reasons=note())
    story.later(days=6).do(DIRECTOR, "approve_erasure", reasons=note())


def test_no_erasure_while_an_appeal_is_open() -> None:
    """The record is the evidence of an appeal: while one is open, it is not erased."""
    story = closed(opened())
    story.do(LEAD, "record_copy_given", how="sent", proof=note())
    facts = retention_facts(story.case, story.program).model_copy(update={"open_appeals": 1})
    asking = retention.RequestErasure(reasons=note())
    code = ""
    try:
        retention.decide(story.case.retention, asking, facts=facts, actor=story.staff[OFFICER], at=story.at)
    except Refused as refused:
        code = refused.code

    assert code == "appeal_open"


def test_one_erasure_at_a_time() -> None:
    """An erasure that waits is decided, or declined, before another is asked for; declined, everything is as before."""
    story = closed(opened())
    story.refuse("no_erasure_asked", DIRECTOR, "approve_erasure", reasons=note())
    story.do(LEAD, "record_copy_given", how="sent", proof=note())
    story.do(ADVOCATE, "request_erasure", reasons=note())
    story.refuse("erasure_asked", OFFICER, "request_erasure", reasons=note())
    story.do(ADVOCATE, "decline_erasure", reasons=note())

    assert (story.owed("erasure_decision"), len(story.owed("retention_review"))) == ([], 1)


def test_an_erasure_that_nobody_decides_escalates() -> None:
    """Silence erases nothing."""
    story = closed(opened())
    story.do(LEAD, "record_copy_given", how="sent", proof=note())
    story.do(LEAD, "request_erasure", reasons=note())
    story.later(days=60)

    assert story.case.obligations["erasure_decision/1"].climbed > 3
    assert story.events(ErasureApproved) == []


def test_what_is_erased_stays_erased() -> None:
    """After an erasure nothing is left to classify, review or hold; only recipients are still told."""
    story = erased(closed(opened()))
    story.refuse("already_erased", OFFICER, "review_retention", reasons=note())
    story.refuse("nothing_to_hold", OFFICER, "place_legal_hold", reasons=note(), until=(story.at + timedelta(days=3)).isoformat())  # fmt: skip
    assert story.case.obligations == {}
