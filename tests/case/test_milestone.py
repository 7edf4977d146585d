"""Milestones: what it takes to claim and to verify one, and what time and new facts do to it."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    MONDAY,
    PROVIDER,
    SUPERVISOR,
    Story,
    approved,
    asked,
    enough_evidence,
    evidence,
    note,
    opened,
    person,
    shipped,
    verified,
)
from workflows.case.evidence import Evidence, independent_sources
from workflows.case.milestone import (
    MilestoneClaimed,
    MilestoneContradicted,
    MilestoneExpired,
    MilestoneReturned,
    MilestoneVerified,
)
from workflows.core.obligation import ObligationClosed, ObligationOpened

SECOND_SUPERVISOR = person("supervisor", 2)


def claim(story: Story, milestone: str, *pieces: dict[str, Any]) -> MilestoneClaimed:
    claimed = story.do(LEAD, "claim_milestone", milestone=milestone, evidence=list(pieces))[0]
    assert isinstance(claimed, MilestoneClaimed)
    return claimed


def test_a_pledge_and_a_self_report_prove_nothing() -> None:
    """A pledge and a self-report are no independent source, however many there are (F4)."""
    story = opened()
    pieces = [evidence("self_report", at=story.at), evidence("pledge", at=story.at)]

    refused = story.refuse(
        "insufficient_independence", LEAD, "claim_milestone", milestone="livelihood", evidence=pieces
    )

    assert "employer_confirmation" in refused.cure


def test_an_old_letter_is_stale() -> None:
    """An observation older than the milestone allows is refused, with the day from which on one is fresh enough (F4)."""
    story = opened()
    pieces = [evidence("employer_confirmation", at=story.at, days_old=400), evidence("family_observation", at=story.at)]

    refused = story.refuse("stale", LEAD, "claim_milestone", milestone="livelihood", evidence=pieces)

    assert "2025-10-05" in refused.cure


def test_an_observation_exactly_at_the_limit_is_fresh() -> None:
    """Freshness is counted on the program's calendar, and the limit itself still counts."""
    story = opened()
    limit = story.program.calendar.before(story.at, story.program.milestones["livelihood"].fresh_within).at
    at_limit = evidence("employer_confirmation", at=limit, days_old=0)
    too_old = evidence("employer_confirmation", at=limit - timedelta(seconds=1), days_old=0)
    other = evidence("family_observation", at=story.at)

    story.refuse("stale", LEAD, "claim_milestone", milestone="livelihood", evidence=[too_old, other])

    assert claim(story, "livelihood", at_limit, other).independent_sources == 2


def test_the_claimant_does_not_verify() -> None:
    """Whoever made the claim is refused as its verifier, whatever roles they hold (F4)."""
    story = opened()
    both = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "supervisor")})
    story.staff[LEAD] = both
    claim(story, "livelihood", *enough_evidence(story.program, "livelihood", story.at))

    refused = story.refuse("not_independent", LEAD, "verify_milestone", milestone="livelihood", reasons=note())

    assert "another person" in refused.cure
    story.refuse("not_independent", LEAD, "return_claim", milestone="livelihood", reasons=note())


def test_another_person_verifies() -> None:
    """A current employer's confirmation and a family's observation, verified by another person, stand verified (F4)."""
    story = opened()
    pieces = [evidence("employer_confirmation", at=story.at), evidence("family_observation", at=story.at)]
    claim(story, "livelihood", *pieces)

    done = story.do(SUPERVISOR, "verify_milestone", milestone="livelihood", reasons=note(), claim=1)

    assert done[0] == MilestoneVerified(milestone="livelihood", claim=1, verifier=SUPERVISOR, reasons=note())
    assert story.case.milestone.standing["livelihood"].status == "verified"


def test_two_headings_of_one_voice_are_one_source() -> None:
    """One source that writes under two kinds counts once."""
    story = opened()
    pieces = [
        evidence("employer_confirmation", at=story.at, source="uncle_1"),
        evidence("family_observation", at=story.at, source="uncle_1"),
    ]

    story.refuse("insufficient_independence", LEAD, "claim_milestone", milestone="livelihood", evidence=pieces)


def test_voices_are_counted_by_matching_them_to_kinds() -> None:
    """One person under three headings beside two others of one kind are two independent voices, not three."""
    program = shipped("disengagement")
    rule = program.milestones["gains_sustained"]
    said = [
        ("employer_confirmation", "one"), ("housing_confirmation", "one"), ("family_observation", "one"),
        ("employer_confirmation", "two"), ("employer_confirmation", "three"),
    ]  # fmt: skip
    pieces = [Evidence(kind=kind, source=source, observed_at=MONDAY) for kind, source in said]
    one_more = Evidence(kind="housing_confirmation", source="four", observed_at=MONDAY)

    assert independent_sources(pieces, rule, program.evidence_kinds) == 2
    assert independent_sources([*pieces, one_more], rule, program.evidence_kinds) == 3


def test_evidence_that_the_milestone_does_not_take_adds_no_source() -> None:
    """A kind of evidence that the milestone does not name supports nothing there."""
    story = opened()
    pieces = [evidence("employer_confirmation", at=story.at), evidence("housing_confirmation", at=story.at)]

    story.refuse("insufficient_independence", LEAD, "claim_milestone", milestone="livelihood", evidence=pieces)


def test_unknown_milestones_and_kinds_are_named() -> None:
    """A milestone or a kind of evidence that the program does not know is refused with those that it knows."""
    story = opened()
    pieces = [evidence("horoscope", at=story.at)]

    milestone = story.refuse("unknown_milestone", LEAD, "claim_milestone", milestone="loyalty", evidence=pieces)
    kind = story.refuse("unknown_evidence_kind", LEAD, "claim_milestone", milestone="livelihood", evidence=pieces)

    assert "safe_housing" in milestone.cure
    assert "employer_confirmation" in kind.cure


def test_nothing_is_observed_in_the_future() -> None:
    """Evidence and contradicting facts that are dated after now are refused."""
    story = opened()
    tomorrow = evidence("employer_confirmation", at=story.at, days_old=-1)
    story.refuse("observed_in_future", LEAD, "claim_milestone", milestone="livelihood", evidence=[tomorrow])
    verified(story, "livelihood")

    when = (story.at + timedelta(minutes=1)).isoformat()

    story.refuse(
        "observed_in_future", LEAD, "contradict_milestone", milestone="livelihood", facts=note(), observed_at=when
    )


def test_a_milestone_is_claimed_by_the_roles_it_names() -> None:
    """Holding the command is not enough: the milestone's own roles claim it."""
    story = opened()
    pieces = enough_evidence(story.program, "safety_plan", story.at)

    story.refuse("not_entitled_to_claim", PROVIDER, "claim_milestone", milestone="safety_plan", evidence=pieces)


def test_a_milestone_is_verified_by_the_roles_it_names() -> None:
    """Holding the command is not enough: the milestone's own roles verify it."""
    story = opened()
    claim(story, "safety_plan", *enough_evidence(story.program, "safety_plan", story.at))

    story.refuse("not_entitled_to_verify", MEMBERS[0], "verify_milestone", milestone="safety_plan", reasons=note())


def test_there_must_be_a_claim_to_verify_or_return() -> None:
    """Without a claim that waits, there is nothing to verify and nothing to return."""
    story = opened()

    story.refuse("nothing_to_verify", SUPERVISOR, "verify_milestone", milestone="livelihood", reasons=note())
    story.refuse("nothing_to_verify", SUPERVISOR, "return_claim", milestone="livelihood", reasons=note())
    verified(story, "livelihood")
    story.refuse("nothing_to_verify", SUPERVISOR, "verify_milestone", milestone="livelihood", reasons=note())


def test_the_claim_that_was_examined_is_the_one_verified() -> None:
    """A verifier who read an older claim than the one that waits is told so."""
    story = opened()
    pieces = enough_evidence(story.program, "livelihood", story.at)
    claim(story, "livelihood", *pieces)

    assert claim(story, "livelihood", *pieces).claim == 2

    story.refuse("claim_changed", SUPERVISOR, "verify_milestone", milestone="livelihood", reasons=note(), claim=1)


def test_a_returned_claim_may_be_made_again() -> None:
    """A claim that was returned leaves the milestone open to a better one, and meets the debt of deciding it."""
    story = opened()
    pieces = enough_evidence(story.program, "livelihood", story.at)
    claim(story, "livelihood", *pieces)

    events = story.do(SUPERVISOR, "return_claim", milestone="livelihood", reasons=note())

    assert events[0] == MilestoneReturned(milestone="livelihood", claim=1, reasons=note())
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [
        ("milestone_verification/livelihood/1", "met")
    ]
    assert claim(story, "livelihood", *pieces).claim == 2


def test_what_stands_verified_for_good_is_not_claimed_again() -> None:
    """A verification that does not grow old needs no second claim."""
    story = verified(opened(), "joint_evaluation")
    pieces = enough_evidence(story.program, "joint_evaluation", story.at)

    story.refuse("already_verified", LEAD, "claim_milestone", milestone="joint_evaluation", evidence=pieces)


def test_new_facts_contradict_without_rewriting() -> None:
    """A contradiction ends the verification from now on, and every entry before it stays as it was."""
    story = verified(opened(), "livelihood")
    before = list(story.told)

    events = story.do(
        LEAD, "contradict_milestone", milestone="livelihood", facts=note(8), observed_at=story.at.isoformat()
    )

    assert isinstance(events[0], MilestoneContradicted)
    assert story.case.milestone.standing["livelihood"].status == "contradicted"
    assert story.told[:-1] == before
    assert before[-1].case.milestone.standing["livelihood"].status == "verified"


def test_only_what_is_claimed_or_verified_can_be_contradicted() -> None:
    """Facts against a milestone that nobody claims contradict nothing."""
    story = opened()
    at = story.at.isoformat()

    story.refuse(
        "nothing_to_contradict", LEAD, "contradict_milestone", milestone="livelihood", facts=note(), observed_at=at
    )


def test_a_claim_that_nobody_examines_escalates_and_stays_open() -> None:
    """Silence on a claim neither verifies nor returns it; its debt climbs on, level by level."""
    story = opened()
    claim(story, "livelihood", *enough_evidence(story.program, "livelihood", story.at))

    story.later(days=200)

    assert story.case.milestone.standing["livelihood"].status == "claimed"
    assert story.case.obligations["milestone_verification/livelihood/1"].climbed > 10
    assert story.do(SUPERVISOR, "verify_milestone", milestone="livelihood", reasons=note())


def in_stabilization() -> Story:
    """The story of a case that stands in the phase whose gate asks for safe housing."""
    story = opened()
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])
    return story


def test_a_verification_that_grows_old_is_asked_for_again() -> None:
    """An old verification no longer opens a gate and is asked for again; nothing that was granted is withdrawn."""
    story = verified(in_stabilization(), "no_acute_concern")
    before = story.case

    story.until(story.due("milestone_renewal"))

    assert story.events(MilestoneExpired) == [MilestoneExpired(milestone="no_acute_concern", claim=1)]
    assert story.owed("milestone_renewal") == ["milestone_renewal/no_acute_concern/1"]
    assert (story.case.phase.phase, story.case.consent) == (before.phase.phase, before.consent)


def test_a_gate_asks_the_date_and_not_the_clock() -> None:
    """A verification opens no gate from the instant it is too old, even if the clock's own command comes later."""
    story = verified(in_stabilization(), "no_acute_concern")
    for milestone in ("safe_housing", "protective_services", "steady_contact"):
        verified(story, milestone)
    story.at = story.case.obligations["milestone_renewal/no_acute_concern/1"].due

    refused = story.refuse(
        "gate_closed", LEAD, "request_review", to="reintegration", reasons=note(), participant_view=note()
    )

    assert refused.why == "unmet: milestone no_acute_concern"


def test_a_renewal_in_time_leaves_the_verification_standing() -> None:
    """Whoever renews before the date loses nothing: the old verification counts until the new claim is decided."""
    story = verified(in_stabilization(), "no_acute_concern")
    story.later(days=30)
    for milestone in ("safe_housing", "protective_services", "steady_contact"):
        verified(story, milestone)
    claim(story, "no_acute_concern", *enough_evidence(story.program, "no_acute_concern", story.at))
    story.until(story.case.phase.entered_at + timedelta(weeks=8) if story.case.phase.entered_at else story.at)

    assert story.owed("milestone_renewal") != ["milestone_renewal/no_acute_concern/1"]
    story.do(LEAD, "request_review", to="reintegration", reasons=note(), participant_view=note())


def test_a_returned_renewal_leaves_the_verification_as_it_was() -> None:
    """A renewal that is returned takes nothing away: the verification before it goes on, with its own date."""
    story = verified(in_stabilization(), "no_acute_concern")
    due = story.due("milestone_renewal")
    story.later(days=10)
    claim(story, "no_acute_concern", *enough_evidence(story.program, "no_acute_concern", story.at))

    story.do(SUPERVISOR, "return_claim", milestone="no_acute_concern", reasons=note())

    assert story.case.milestone.standing["no_acute_concern"].status == "verified"
    assert story.due("milestone_renewal") == due


def test_a_new_claim_meets_the_renewal_late_or_in_time() -> None:
    """A claim after the date is accepted, meets the renewal, and is shown as late."""
    story = verified(in_stabilization(), "no_acute_concern")
    story.until(story.due("milestone_renewal")).later(days=2)

    claimed = story.do(
        LEAD, "claim_milestone", milestone="no_acute_concern", evidence=enough_evidence(story.program, "no_acute_concern", story.at)
    )  # fmt: skip

    (closed,) = [event for event in claimed if isinstance(event, ObligationClosed)]
    assert (closed.kind, closed.how, closed.late_seconds) == ("milestone_renewal", "met", 2 * 24 * 3600)


def test_an_old_verification_that_a_new_phase_asks_for_is_due_at_once() -> None:
    """What grew old while no gate asked for it falls due when one does, and climbs no ladder for the time before."""
    story = verified(opened(), "no_acute_concern")
    story.later(days=90)
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])

    (renewal,) = [
        o.obligation
        for o in story.events(ObligationOpened)
        if o.obligation.kind == "milestone_renewal" and "no_acute" in o.obligation.key
    ]
    assert renewal.due == story.at
    assert "due at once" in renewal.derivation
    story.tick()
    assert story.case.milestone.standing["no_acute_concern"].status == "expired"
    assert story.case.obligations[renewal.key].climbed == 1


@pytest.mark.parametrize("milestone", sorted(shipped("housing_first").milestones))
def test_every_milestone_of_another_program_can_be_verified(milestone: str) -> None:
    """The rules know nothing of one program: each milestone of a quite different one is claimed and verified alike."""
    story = verified(opened("housing_first"), milestone)

    assert story.case.milestone.standing[milestone].status == "verified"
