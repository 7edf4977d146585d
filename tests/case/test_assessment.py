"""Assessments: judgement by people, in words, in time, and never a reason by itself (F3)."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    PROVIDER,
    SHIPPED,
    SUPERVISOR,
    Story,
    assessed,
    closed,
    judged,
    note,
    opened,
    parsed,
    person,
    verified,
)
from tests.case.gates import reports
from workflows.case.assessment_form import AssessmentCorrected, AssessmentRecorded, ReassessmentOwed
from workflows.core.calendar import Term
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell
from workflows.program.care import Instrument


def licensed() -> Story:
    """A case of a program whose one instrument is for certified people only."""
    story = opened()
    care = story.program.care
    assert care is not None
    profile = care.instruments["needs_and_strengths"]
    known = {"licensed": Instrument.model_validate({**profile.model_dump(), "certificate": True})}
    story.program = story.program.model_copy(update={"care": care.model_copy(update={"instruments": known})})
    return story


def record(story: Story, **changes: Any) -> dict[str, Any]:
    """The fields of an assessment that fits, changed."""
    return {"trigger": "entry", **judged(story.program, **changes)}


@pytest.mark.parametrize("code", SHIPPED)
def test_the_first_assessment_is_owed_from_entry_on(code: str) -> None:
    """In either program a first assessment is owed from the opening; made, it is met, and the next is owed by the schedule of the phase."""
    story = opened(code)
    assert story.owed("assessment_baseline") == ["assessment_baseline/1"]

    events = assessed(story, "entry").told[-1].events
    met = [event for event in events if isinstance(event, ObligationClosed)]
    care, calendar = story.program.care, story.program.calendar
    assert care is not None
    assert care.assessment is not None
    every = care.assessment.every[story.program.first_phase]

    assert [(event.kind, event.how) for event in met] == [("assessment_baseline", "met")]
    assert (story.owed("assessment_baseline"), story.due("assessment_renewal")) == (
        [],
        calendar.after(story.at, every).at,
    )


def test_an_assessment_never_begun_is_told_at_three_marks() -> None:
    """At five, ten and twenty working days another person hears of it, once each, and nothing else happens (F3)."""
    story = opened()
    marks = [story.program.calendar.after(story.at, Term(days, "working days")).at for days in (5, 10, 20)]
    for level, mark in enumerate(marks, start=1):
        story.until(mark - timedelta(minutes=1))
        assert len(told(story)) == level - 1
        story.until(mark)
        assert [event.level for event in told(story)] == list(range(1, level + 1))

    assert [event.tell for event in told(story)] == ["lead_practitioner", "supervisor", "panel_chair"]
    (fell,) = [event for event in story.events(SilenceFell) if event.kind == "assessment_baseline"]
    assert fell.outcome == "stays_open"
    assert story.case.phase.phase == "intake"


def told(story: Story) -> list[ObligationEscalated]:
    """Every rung about the first assessment."""
    return [event for event in story.events(ObligationEscalated) if event.kind == "assessment_baseline"]


def test_nobody_moves_on_without_a_fresh_assessment() -> None:
    """The gate names what is missing, `why` says who makes it and by when; an assessment that is too old counts for nothing."""
    story = opened()
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    asking = {"to": "stabilization", "reasons": note(), "participant_view": note()}

    assert story.refuse("gate_closed", LEAD, "request_review", **asking).why == "unmet: assessment within 3 months"
    (need, *_) = reports(story)[0].unmet
    assert (need.condition, need.why, need.do) == ("assessment", "never made", ("record_assessment",))
    assert (need.held_by, need.by) == (("lead_practitioner", "supervisor"), story.due("assessment_baseline"))

    assessed(story).later(days=92)
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    assert story.refuse("gate_closed", LEAD, "request_review", **asking).why == "unmet: assessment within 3 months"
    assert reports(story)[0].unmet[0].why.startswith("last made on 2026-01-05")
    assessed(story)
    story.do(LEAD, "request_review", **asking)


def test_whoever_assessed_does_not_vote_on_the_move() -> None:
    """A gate that rests on an assessment is not decided by whoever made it."""
    story = opened()
    story.staff[MEMBERS[0]] = story.staff[MEMBERS[0]].model_copy(update={"roles": ("panel_member", "supervisor")})
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    story.do(MEMBERS[0], "record_assessment", **record(story))
    story.do(LEAD, "request_review", to="stabilization", reasons=note(), participant_view=note())

    story.refuse("not_independent", MEMBERS[0], "approve_review", review=1, reasons=note())
    for voter in (CHAIR, COMMUNITY, *MEMBERS[1:3]):
        story.do(voter, "approve_review", review=1, reasons=note())
    assert story.case.phase.phase == "stabilization"


@pytest.mark.parametrize("field", ["items", "total", "score", "risk_score"])
def test_items_totals_and_scores_have_no_place(field: str) -> None:
    """A command that carries an item list, a total or a score is malformed, whatever it holds."""
    whole = {"type": "record_assessment", **record(opened())}

    assert parsed({**whole, field: 17}) == "malformed_command"
    assert parsed({**whole, "judgement": 3}) == "malformed_command"
    assert parsed({**whole, "domains": {"housing": 2}}) == "malformed_command"


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("unknown_instrument", {"instrument": "own_checklist"}),
        ("unknown_edition", {"edition": "1999"}),
        ("unknown_judgement", {"judgement": "score_17"}),
        ("unknown_domain", {"domains": {"item_1": note(), "item_2": note()}}),
        ("domains_missing", {"domains": {"housing": note()}}),
        ("certificate_expired", {"certificate": note(), "certificate_until": "2026-01-04T09:00:00Z"}),
        ("observed_in_future", {"observed_at": "2026-01-06T09:00:00Z"}),
        ("assessment_stale", {"observed_at": "2025-09-01T09:00:00Z"}),
        ("assessment_due_too_late", {"next_due": "2026-06-01T09:00:00Z"}),
        ("assessment_due_too_late", {"next_due": "2026-01-05T08:00:00Z"}),
    ],
)
def test_an_assessment_that_does_not_fit_is_refused(code: str, changes: dict[str, Any]) -> None:
    """Another instrument, items in place of domains, a number in place of a judgement, an expired certificate, a date that cannot be: each is refused by name."""
    story = opened()

    story.refuse(code, LEAD, "record_assessment", **record(story, **changes))
    assert story.events(AssessmentRecorded) == []


def test_a_licensed_instrument_takes_a_certificate_in_force() -> None:
    """Where the instrument is for certified people, one without a certificate, or with one that expired before the assessment, records nothing."""
    story = licensed()
    until = (story.at + timedelta(days=30)).isoformat()

    story.refuse("certificate_missing", LEAD, "record_assessment", **record(story))
    story.refuse("certificate_missing", LEAD, "record_assessment", **record(story, certificate=note(30)))
    story.do(LEAD, "record_assessment", **record(story, certificate=note(30), certificate_until=until))
    story.later(days=31)
    again = record(story, certificate=note(30), certificate_until=until)
    story.refuse("certificate_expired", LEAD, "record_assessment", **again)
    made = (story.at - timedelta(days=5)).isoformat()
    story.do(LEAD, "record_assessment", **{**again, "observed_at": made})


def test_assessments_are_recorded_in_order() -> None:
    """One that was made before the last one on record is refused."""
    story = assessed(opened().later(days=2))

    earlier = (story.at - timedelta(days=1)).isoformat()
    story.refuse("assessment_out_of_order", LEAD, "record_assessment", **record(story, observed_at=earlier))


def test_the_next_may_be_due_sooner_and_never_later() -> None:
    """The schedule says when the next is due; an assessor may ask for it sooner, and it is due then."""
    story = opened()
    sooner = story.at + timedelta(days=20)
    story.do(LEAD, "record_assessment", **record(story, next_due=sooner.isoformat()))

    assert story.due("assessment_renewal") == sooner
    assert [(e.next_due, e.by_schedule) for e in story.events(AssessmentRecorded)] == [(sooner, False)]
    story.until(sooner)
    assessed(story)
    assert story.due("assessment_renewal") == story.program.calendar.after(story.at, Term(3, "months")).at


def test_a_correction_is_a_new_version_and_both_stay() -> None:
    """Its assessor or whom the program names corrects it, with reasons; what was recorded first stays, and so does when it was made."""
    story = assessed(opened())
    before = story.case.assessment.made_at
    story.later(days=3)
    again = judged(story.program, judgement="more_support", direction="growing")
    story.do(LEAD, "correct_assessment", assessment=1, reasons=note(31), **again)
    story.do(SUPERVISOR, "correct_assessment", assessment=1, reasons=note(32), **again)

    assert [(e.version, e.by, e.judgement) for e in story.events(AssessmentCorrected)] == [
        (2, LEAD, "more_support"), (3, SUPERVISOR, "more_support"),
    ]  # fmt: skip
    assert [e.judgement for e in story.events(AssessmentRecorded)] == ["support_as_it_is"]
    assert story.case.assessment.made_at == before


def test_nobody_else_corrects_an_assessment() -> None:
    """Another practitioner records one of their own; one that does not exist has no version."""
    story = assessed(opened())
    again = judged(story.program)

    story.refuse(
        "not_assessor", person("lead_practitioner", 2), "correct_assessment", assessment=1, reasons=note(), **again
    )
    story.refuse("no_such_assessment", LEAD, "correct_assessment", assessment=2, reasons=note(), **again)
    story.refuse("not_authorized", ADVOCATE, "correct_assessment", assessment=1, reasons=note(), **again)


def test_after_a_concern_a_fresh_look_is_owed_once() -> None:
    """A concern owes a reassessment, a second one none besides; an assessment made before the concern does not answer it, one made after it does."""
    story = assessed(opened()).later(days=3)
    for _ in range(2):
        story.do(PROVIDER, "raise_concern", kind="worry", reported_by="provider", note=note())
    assert story.owed("reassessment") == ["reassessment/1/1"]

    earlier = (story.at - timedelta(hours=1)).isoformat()
    story.do(LEAD, "record_assessment", **record(story, observed_at=earlier))
    assert story.owed("reassessment") == ["reassessment/1/1"]
    assessed(story.later(hours=2), "incident")
    assert story.owed("reassessment") == []
    story.do(PROVIDER, "raise_concern", kind="worry", reported_by="provider", note=note())
    assert story.owed("reassessment") == ["reassessment/2/1"]


def test_after_a_setback_a_fresh_look_is_owed() -> None:
    """A setback is looked at with the person, and is no reason for anything else."""
    story = assessed(opened()).later(days=1)
    events = story.do(LEAD, "record_setback", kind="relapse", observed_at=story.at.isoformat(), note=note())

    assert [(e.about, e.subject) for e in events if isinstance(e, ReassessmentOwed)] == [("setback", 1)]
    assert story.owed("reassessment") == ["reassessment/1/1"]


def test_nobody_is_assessed_by_schedule_who_left() -> None:
    """A withdrawal ends what was owed by way of assessments; whoever comes back is owed anew, under another key."""
    story = opened()
    story.do(ADVOCATE, "withdraw_consent", scope="participation")
    assert story.owed("assessment_baseline") == []
    story.later(days=40)
    assert told(story) == []

    story.do(LEAD, "give_consent", scope="participation", form_version="f", language="en", explained_by=LEAD)
    assert story.owed("assessment_baseline") == ["assessment_baseline/2"]


def test_whoever_comes_back_is_looked_at_from_their_return_on() -> None:
    """A new episode owes a first assessment of its own, due from the return: what was owed or made before is not overdue then."""
    story = assessed(opened())
    story.do(LEAD, "record_setback", kind="relapse", observed_at=story.at.isoformat(), note=note())
    closed(story).later(days=200)
    back = {"to": "intake", "wish": note(40), "lead": LEAD, "support_level": "high"}
    story.do(SUPERVISOR, "reenter", **back, form_version="form_2", language="en", explained_by=LEAD)

    assert story.owed("assessment_baseline") == ["assessment_baseline/2"]
    assert story.due("assessment_baseline") == story.program.calendar.after(story.at, Term(5, "working days")).at
    assert (story.owed("assessment_renewal"), story.owed("reassessment")) == ([], [])
    assessed(story, "entry")
    assert (story.owed("assessment_baseline"), len(story.owed("assessment_renewal"))) == ([], 1)


def test_in_another_phase_the_schedule_of_that_phase_counts() -> None:
    """The term of the present phase runs from the last assessment; a phase without a schedule owes none."""
    story = assessed(opened())
    care = story.program.care
    assert care is not None
    assert care.assessment is not None
    every = {**care.assessment.every, "stabilization": Term(1, "months")}
    rule = care.assessment.model_copy(update={"every": every})
    story.program = story.program.model_copy(update={"care": care.model_copy(update={"assessment": rule})})
    made = story.at
    for phase, terms in (("stabilization", [Term(1, "months")]), ("aftercare", [])):
        moved = story.case.phase.model_copy(update={"phase": phase})
        story.case = story.case.model_copy(update={"phase": moved})
        story.do(LEAD, "keep_check_in", channel="call")

        dues = [story.case.obligations[key].due for key in story.owed("assessment_renewal")]
        assert dues == [story.program.calendar.after(made, term).at for term in terms]
