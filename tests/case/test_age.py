"""Coming of age: from that instant nobody consents for the person, who is asked themself; silence stops sharing alone."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import LEAD, SUPERVISOR, Story, all_told, note, opened, shared
from workflows.case.age import CameOfAge
from workflows.case.consent import ConsentAsked, ConsentGiven, ConsentLapsed
from workflows.case.disclosure import DisclosureStopped
from workflows.case.retention import RetentionClassSet
from workflows.case.why import why
from workflows.core.obligation import ObligationEscalated, SilenceFell

HOUSING = "share:housing_office"


def child(*, days: float | None = 90, code: str = "disengagement") -> Story:
    """A story of a child's case, opened now, who comes of age in so many days (None: that is not on record)."""
    story = Story(code)
    (opener, *_) = story.holders(*story.program.permissions["open_case"])
    (lead, *_) = story.holders(story.program.lead_role)
    due = {} if days is None else {"comes_of_age": (story.at + timedelta(days=days)).isoformat()}
    story.do(
        opener, "open_case", age="child", program=story.program.program, version=story.program.version, lead=lead,
        support_level="high", eligibility=note(2), **due,
    )  # fmt: skip
    return all_told(story)


def agree(story: Story, scope: str, **more: Any) -> ConsentGiven:
    """The consent to a scope that is given now."""
    fields = {"form_version": "form_1", "language": "en", "explained_by": LEAD, "capacity_judged_by": LEAD, **more}
    (given, *_) = (
        e for e in story.do(LEAD, "give_consent", scope=scope, **fields) if isinstance(e, ConsentGiven)
    )  # fmt: skip
    return given


def with_guardian() -> Story:
    """A child who takes part, and something of whom the housing office may know, with a guardian's consent to both."""
    story = child()
    for scope in ("participation", HOUSING):
        agree(story, scope, guardian=note(9))
    return story


def test_at_the_instant_the_person_is_asked_for_what_a_guardian_gave() -> None:
    """On coming of age each scope that a guardian gave is asked of the person alone, who is told so; what the person gave alone is not."""
    story = with_guardian()
    story.until(story.due("coming_of_age"))

    (came,) = story.events(CameOfAge)
    assert came.since == story.at
    assert [(event.scope, event.own) for event in story.events(ConsentAsked)] == [("participation", True), (HOUSING, True)]  # fmt: skip
    assert [key.rpartition("/")[0] for key in story.owed("own_consent")] == ["own_consent/participation", f"own_consent/{HOUSING}"]  # fmt: skip
    assert [one.about for one in story.case.service.owed.values()] == ["came_of_age"]
    assert story.owed("coming_of_age") == []
    assert set(story.case.consent.given) == {"participation", HOUSING}
    told = [e.tell for e in story.events(ObligationEscalated) if e.kind == "coming_of_age"]
    assert told == ["lead_practitioner", "lead_practitioner", "supervisor", "lead_practitioner"]


def test_a_former_consent_opens_no_gate_until_the_person_answered() -> None:
    """What was agreed with a guardian goes on meanwhile, but nothing new is built on it: the gate asks for the person's own consent, and says so."""
    story = with_guardian()
    story.until(story.due("coming_of_age"))
    asked = [need for need in why(story.case, story.program, story.at)[0].unmet if need.condition == "consent"]

    assert [(need.subject, need.why) for need in asked] == [("participation", "asked of the person alone, who came of age")]  # fmt: skip
    assert asked[0].by == min(story.case.obligations[key].due for key in story.owed("own_consent"))
    assert story.owed("check_in") != []
    agree(story, "participation")
    assert [n for n in why(story.case, story.program, story.at)[0].unmet if n.condition == "consent"] == []
    assert [key for key in story.owed("own_consent") if "participation" in key] == []


def test_silence_stops_what_a_guardian_let_be_shared_and_support_goes_on() -> None:
    """Where the person is not asked in time, sharing on the guardian's word stops with what waited on it; taking part and contact go on, and the question stays."""
    story = with_guardian()
    shared(story)
    story.until(story.due("coming_of_age"))
    story.do(
        LEAD, "request_disclosure", partner="housing_office", recipient="housing_officer", purpose="referral",
        fields=["housing_need"], agreement="housing_2026", reasons=note(9),
    )  # fmt: skip
    due = max(story.case.obligations[key].due for key in story.owed("own_consent"))
    story.until(due - timedelta(seconds=1))
    assert HOUSING in story.case.consent.given
    story.until(due)

    assert [(e.scope, e.because) for e in story.events(ConsentLapsed)] == [(HOUSING, "came_of_age")]
    assert [e.because for e in story.events(DisclosureStopped)] == ["no_consent"]
    assert {e.outcome for e in story.events(SilenceFell) if e.kind == "own_consent"} == {"guarded_sharing_stops"}
    assert set(story.case.consent.given) == {"participation"}
    assert len(story.owed("own_consent")) == 2
    assert len(story.owed("check_in")) == 1
    story.do(LEAD, "decline_consent", scope=HOUSING)
    assert len(story.owed("own_consent")) == 1


def test_a_guardian_has_no_say_any_more() -> None:
    """Once of age a consent with a guardian's is refused, and the person's own is enough, also for what no guardian was asked."""
    story = with_guardian()
    story.refuse("guardian_missing", LEAD, "give_consent", scope="evaluation", form_version="f", language="en", explained_by=LEAD)  # fmt: skip
    story.until(story.due("coming_of_age"))
    fields = {"scope": HOUSING, "form_version": "form_1", "language": "en", "explained_by": LEAD, "capacity_judged_by": LEAD}  # fmt: skip
    story.refuse("guardian_has_no_say", LEAD, "give_consent", **fields, guardian=note(9))
    assert agree(story, HOUSING).guardian is None
    assert agree(story, "evaluation").guardian is None
    assert story.case.consent.asked.keys() == {"participation"}


def test_whoever_takes_back_what_a_guardian_agreed_has_answered() -> None:
    """A withdrawal answers the question as a yes does: it is met, and nobody asks again."""
    story = with_guardian()
    story.until(story.due("coming_of_age"))
    (key,) = (key for key in story.owed("own_consent") if HOUSING in key)
    events = story.do(LEAD, "withdraw_consent", scope=HOUSING)

    assert (key, "met") in [(getattr(e, "key", None), getattr(e, "how", None)) for e in events]
    assert [one for one in story.owed("own_consent") if HOUSING in one] == []


def test_of_whoever_does_not_take_part_nothing_is_asked() -> None:
    """Somebody of age who does not take part is asked for nothing, and what a guardian let be shared stops at once."""
    story = child()
    agree(story, HOUSING, guardian=note(9))
    story.until(story.due("coming_of_age"))

    assert story.events(ConsentAsked) == []
    assert [(e.scope, e.because) for e in story.events(ConsentLapsed)] == [(HOUSING, "came_of_age")]


@pytest.mark.parametrize("code", ["disengagement", "housing_first"])
def test_a_childs_case_owes_the_instant(code: str) -> None:
    """No birthday passes unseen: until the instant is on record it is owed, and that escalates and changes nothing."""
    story = child(days=None, code=code)
    assert len(story.owed("coming_of_age_date")) == 1
    story.later(days=400)
    assert len(story.owed("coming_of_age_date")) == 1
    assert story.events(CameOfAge) == []
    (recorder, *_) = story.holders(*story.program.permissions["record_coming_of_age_due"])
    story.do(recorder, "record_coming_of_age_due", due=(story.at + timedelta(days=1)).isoformat(), proof=note(3))
    assert story.owed("coming_of_age_date") == []
    story.later(days=1)
    assert len(story.events(CameOfAge)) == 1


def test_an_instant_is_corrected_and_one_that_passed_counts_at_once() -> None:
    """A wrong instant is corrected by recording it again; one that lies behind takes effect as soon as it is known, and only once."""
    story = with_guardian()
    story.do(LEAD, "record_coming_of_age_due", due=(story.at + timedelta(days=200)).isoformat())
    story.later(days=120)
    assert story.events(CameOfAge) == []
    behind = story.at - timedelta(days=5)
    story.do(LEAD, "record_coming_of_age_due", due=behind.isoformat())
    story.later(minutes=1)

    assert [event.since for event in story.events(CameOfAge)] == [behind]
    story.refuse("of_age_already", LEAD, "record_coming_of_age_due", due=story.at.isoformat())


def test_only_a_childs_childhood_ends_and_it_ends_in_time() -> None:
    """The instant is refused for whoever was no child at the opening, and where it lies further off than any childhood."""
    story = opened()
    story.refuse("not_a_child", LEAD, "record_coming_of_age_due", due=story.at.isoformat())
    assert story.owed("coming_of_age_date") == []
    far = child(days=None)
    too_far = (far.at + timedelta(days=22 * 366)).isoformat()
    far.refuse("coming_of_age_too_far", LEAD, "record_coming_of_age_due", due=too_far)
    adult = {"age": "adult", "comes_of_age": story.at.isoformat(), "lead": LEAD, "support_level": "low"}
    named = {"program": far.program.program, "version": far.program.version, "eligibility": note(1)}
    Story().refuse("not_a_child", SUPERVISOR, "open_case", **adult, **named)


def test_the_record_of_a_child_stays_a_childs() -> None:
    """Whoever has come of age meanwhile is still classified as the child that was referred: an unfounded referral stays short."""
    story = with_guardian()
    story.until(story.due("coming_of_age"))
    story.refuse("age_when_referred", LEAD, "classify_record", outcome="unfounded", age="adult")
    story.do(LEAD, "classify_record", outcome="unfounded", age="child")
    closed_at = all_told(story).at
    assert story.events(RetentionClassSet) == []
    assert closed_at == story.at
