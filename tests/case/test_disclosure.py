"""Disclosure: every sharing is an act, on a ground in force, by two people, and never behind the person's back without an end."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.case.examples import (
    ADVOCATE,
    LEAD,
    SUPERVISOR,
    Story,
    closed,
    erased,
    note,
    opened,
    parsed,
    person,
    shared,
    shipped,
)
from workflows.case.commands import COMMANDS
from workflows.case.disclosure import DisclosureMade, DisclosureStopped
from workflows.core.obligation import ObligationClosed
from workflows.program.model import Program

DIRECTOR, POLICE = person("program_director"), person("police_liaison")
REQUEST: dict[str, Any] = {
    "partner": "housing_office", "recipient": "housing_officer", "purpose": "referral", "fields": ["housing_need"],
    "agreement": "housing_2026", "reasons": note(1),
}  # fmt: skip
WARNING: dict[str, Any] = {
    "partner": "police", "recipient": "police_liaison", "purpose": "protection", "fields": ["present_danger"],
    "exception": "duty_to_warn", "reasons": note(2),
}  # fmt: skip


def changed(**changes: Any) -> Program:
    """The disengagement program with some parts replaced."""
    return shipped("disengagement").model_copy(update=changes)


def willing() -> Story:
    """A case just opened, whose person consents to sharing with the housing office and with the health service."""
    story = opened()
    for partner in ("housing_office", "health_service"):
        consent_to(story, partner)
    return story


def consent_to(story: Story, partner: str) -> None:
    """The person consents to sharing with the partner, and is judged able to decide it."""
    story.do(
        LEAD, "give_consent", scope=f"share:{partner}", form_version="f1", language="en", explained_by=LEAD, capacity_judged_by=LEAD
    )  # fmt: skip


def asked(story: Story, **fields: Any) -> int:
    """A request by the lead; its number."""
    story.do(LEAD, "request_disclosure", **{**REQUEST, **fields})
    return story.case.disclosure.number


def test_a_sharing_names_its_ground_its_minimum_and_who_approved() -> None:
    """What left the program is on record: to whom, on which ground, these fields and nothing else, asked for and approved by two people."""
    story = willing()
    shared(story)

    (made,) = story.events(DisclosureMade)
    assert (made.partner, made.recipient, made.basis, made.fields) == (
        "housing_office",
        "housing_officer",
        "share:housing_office",
        ("contact_route", "housing_need"),
    )
    assert (made.requested_by, made.approved_by) == (LEAD, SUPERVISOR)


def test_nobody_approves_what_they_asked_for() -> None:
    """Whoever asked for a disclosure does not approve it."""
    story = willing()
    story.do(SUPERVISOR, "request_disclosure", **REQUEST)

    story.refuse("not_independent", SUPERVISOR, "approve_disclosure", disclosure=1, reasons=note())
    assert story.events(DisclosureMade) == []


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("unknown_partner", {"partner": "newspaper"}),
        ("unknown_recipient", {"recipient": "police_liaison"}),
        ("basis_missing", {"agreement": None}),
        ("basis_missing", {"exception": "duty_to_warn"}),
        ("unknown_agreement", {"agreement": "handshake"}),
        ("not_party", {"agreement": "health_2026"}),
        ("not_party", {"agreement": None, "exception": "duty_to_warn"}),
        ("purpose_not_covered", {"purpose": "protection"}),
        ("more_than_agreed", {"fields": ["housing_need", "health_need"]}),
        ("delay_without_reasons", {"delay_reasons": note()}),
        ("delay_without_reasons", {"tell_from": "2026-01-10T09:00:00Z"}),
        ("delay_too_long", {"tell_from": "2026-02-10T09:00:00Z", "delay_reasons": note()}),
    ],
)
def test_a_request_beyond_its_ground_is_refused(code: str, fields: dict[str, Any]) -> None:
    """One ground, a party to it, its purposes, no more than its fields, and no open-ended silence towards the person."""
    willing().refuse(code, LEAD, "request_disclosure", **{**REQUEST, **fields})


def test_no_live_agreement_no_share() -> None:
    """The day after an agreement ends nothing is asked for under it, and nothing that was asked for before is approved."""
    agreements = dict(shipped("disengagement").agreements)
    agreements["housing_2026"] = agreements["housing_2026"].model_copy(update={"ends": date(2026, 1, 6)})
    story = willing()
    story.program = changed(agreements=agreements)
    number = asked(story)
    story.later(days=2)

    story.refuse("agreement_not_live", SUPERVISOR, "approve_disclosure", disclosure=number, reasons=note())
    story.refuse("agreement_not_live", LEAD, "request_disclosure", **REQUEST)


def test_without_consent_nothing_is_shared() -> None:
    """An agreement between agencies is no consent of the person: without it the sharing is refused."""
    opened(consent=False).refuse("no_consent_to_share", LEAD, "request_disclosure", **REQUEST)


def test_withdrawn_consent_stops_what_was_asked_for() -> None:
    """Consent to share that is withdrawn stops the request at once; given again, it revives nothing."""
    story = willing()
    asked(story)
    events = story.do(ADVOCATE, "withdraw_consent", scope="share:housing_office")

    assert DisclosureStopped(disclosure=1, because="no_consent") in events
    assert "disclosure_decision/1" in [e.key for e in events if isinstance(e, ObligationClosed)]
    story.refuse("no_consent_to_share", LEAD, "request_disclosure", **REQUEST)
    consent_to(story, "housing_office")
    story.refuse("no_such_request", SUPERVISOR, "approve_disclosure", disclosure=1, reasons=note())


def test_consent_for_one_purpose_covers_that_one() -> None:
    """Whoever consents to being referred has not consented to whatever else the agencies do together."""
    story = opened()
    story.do(
        LEAD, "give_consent", scope="share:housing_office", form_version="f1", language="en", explained_by=LEAD, capacity_judged_by=LEAD,
        purpose="referral",
    )  # fmt: skip
    shared(story)
    story.refuse("not_consented_purpose", LEAD, "request_disclosure", **{**REQUEST, "purpose": "joint_work"})


def test_consent_to_one_partner_is_no_consent_to_another() -> None:
    """Who may be told is agreed with the person partner by partner."""
    story = willing()
    story.do(ADVOCATE, "withdraw_consent", scope="share:health_service")

    story.refuse(
        "no_consent_to_share", LEAD, "request_disclosure", partner="health_service", recipient="clinician", purpose="referral",
        fields=["health_need"], agreement="health_2026", reasons=note(),
    )  # fmt: skip
    shared(story)


def test_an_exception_is_a_code_and_stays_within_its_ground() -> None:
    """Duty to warn needs no consent, and shares with its partners, for its purposes, its fields at most; free words are no exception."""
    story = opened(consent=False)
    story.do(LEAD, "request_disclosure", **WARNING)
    story.do(SUPERVISOR, "approve_disclosure", disclosure=1, reasons=note())

    assert [(made.basis, made.agreement) for made in story.events(DisclosureMade)] == [("duty_to_warn", None)]
    story.refuse("more_than_agreed", LEAD, "request_disclosure", **{**WARNING, "fields": ["health_need"]})
    story.refuse("unknown_recipient", LEAD, "request_disclosure", **{**WARNING, "recipient": "housing_officer"})
    assert parsed({"type": "request_disclosure", **WARNING, "exception": "seemed_urgent"}) == "malformed_command"


def test_an_exception_that_the_program_does_not_know_is_refused() -> None:
    """Of the engine's four exceptions only those count for which the definition names the law."""
    policy = shipped("disengagement").disclosure
    assert policy is not None
    story = willing()
    story.program = changed(disclosure=policy.model_copy(update={"exceptions": {}}))

    story.refuse("unknown_exception", LEAD, "request_disclosure", **WARNING)


def test_the_person_is_told_or_somebody_owes_it() -> None:
    """From the instant it is made the person is owed word of a disclosure, until that is recorded with language and how."""
    story = willing()
    shared(story)
    assert story.due("tell_of_disclosure") > story.at

    story.do(LEAD, "record_told", disclosure=1, how="in_person", language="de")

    assert story.owed("tell_of_disclosure") == []
    story.refuse("told_already", LEAD, "record_told", disclosure=1, how="call", language="de")


def test_telling_later_has_reasons_and_an_end() -> None:
    """Where telling at once would endanger somebody, the reasons stand on record and the debt begins on their last day."""
    story = willing()
    until = story.at + timedelta(days=10)
    story.do(LEAD, "request_disclosure", **WARNING, tell_from=until.isoformat(), delay_reasons=note(3))
    story.do(SUPERVISOR, "approve_disclosure", disclosure=1, reasons=note())

    assert story.due("tell_of_disclosure") > until
    story.later(days=60)
    assert story.case.obligations["tell_of_disclosure/1"].climbed > 3


def test_silence_shares_nothing() -> None:
    """A request that nobody decides escalates for as long as it takes, and is never approved by the passing of time."""
    story = willing()
    asked(story)
    story.later(days=100)

    assert story.case.obligations["disclosure_decision/1"].climbed > 3
    assert story.events(DisclosureMade) == []


def test_whoever_asked_may_take_it_back() -> None:
    """A declined disclosure shares nothing, is owed no more, and waits for nobody."""
    story = willing()
    number = asked(story)
    story.do(LEAD, "decline_disclosure", disclosure=number, reasons=note())

    assert (story.owed("disclosure_decision"), story.events(DisclosureMade)) == ([], [])
    story.refuse("no_such_request", SUPERVISOR, "decline_disclosure", disclosure=number, reasons=note())


def test_every_recipient_is_told_of_a_correction() -> None:
    """What was wrong is owed to each who received it, and to nobody else; telling one does not tell the other."""
    story = willing()
    for partner, fields in (
        ("housing_office", ["contact_route"]),
        ("health_service", ["contact_route", "health_need"]),
        ("housing_office", ["housing_need"]),
    ):
        shared(story, partner, fields=fields)
    story.do(SUPERVISOR, "correct_disclosure", fields=["contact_route"], correction=note(4))

    assert story.owed("tell_recipient") == ["tell_recipient/1/1", "tell_recipient/2/1"]
    story.do(LEAD, "record_recipient_told", disclosure=2, about="correction", proof=note(5))
    assert story.owed("tell_recipient") == ["tell_recipient/1/1"]
    story.refuse("nothing_to_tell", LEAD, "record_recipient_told", disclosure=2, about="correction", proof=note(5))
    story.refuse("nothing_to_tell", LEAD, "record_recipient_told", disclosure=1, about="erasure", proof=note(5))


def test_only_what_was_shared_is_corrected() -> None:
    """A correction of a field that nobody received owes nobody anything."""
    story = willing()
    shared(story)

    story.refuse("never_shared", SUPERVISOR, "correct_disclosure", fields=["health_need"], correction=note())
    story.refuse("no_such_disclosure", LEAD, "record_told", disclosure=7, how="call", language="de")


def test_recipients_are_owed_word_of_an_erasure() -> None:
    """Whoever received something is told that the record is erased; the case ends when the last of them knows."""
    story = willing()
    shared(story)
    story.do(LEAD, "record_told", disclosure=1, how="call", language="en")
    erased(closed(story))

    assert list(story.case.obligations) == ["tell_recipient/1/erasure"]
    story.do(LEAD, "record_recipient_told", disclosure=1, about="erasure", proof=note(5))
    assert story.case.obligations == {}


def test_a_request_ends_with_the_case() -> None:
    """What was not approved when the case closes is not shared any more; what the person is owed outlives the closure."""
    story = willing()
    shared(story)
    asked(story)
    closed(story)

    assert story.events(DisclosureStopped) == [DisclosureStopped(disclosure=2, because="case_closed")]
    assert story.owed("tell_of_disclosure") == ["tell_of_disclosure/1"]
    story.do(LEAD, "record_told", disclosure=1, how="letter", language="en")


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_staff_of_a_partner_may_do_nothing_in_a_case(command: str) -> None:
    """No command is open to the police, or to any other partner's staff: what they need is disclosed to them."""
    program = shipped("disengagement")
    theirs = {code for code, role in program.roles.items() if role.partner is not None}

    assert "police_liaison" in theirs
    assert theirs.isdisjoint(program.permissions[command])


def test_the_police_are_refused_and_told_of_nothing() -> None:
    """An officer of the police who asks, for access or for a disclosure, is refused; no notice ever goes to a partner's role."""
    story = willing()
    for command, fields in (("request_access", {}), ("request_disclosure", WARNING), ("review_progress", {"direction": "forward", "summary": note()})):  # fmt: skip
        story.refuse("not_authorized", POLICE, command, **fields)
    told = {rung.tell for rule in story.program.silence.values() for rung in rule.ladder}
    seated = {seat.role for panel in story.program.reviews.values() for seat in panel.seats}
    assert all(story.program.roles[role].partner is None for role in told | seated)
