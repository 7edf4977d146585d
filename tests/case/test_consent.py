"""Consent: taking part is the person's choice, and what follows when they choose otherwise."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import (
    ADVOCATE,
    LEAD,
    MONDAY,
    SHIPPED,
    SUPERVISOR,
    Story,
    assessed,
    note,
    opened,
    parsed,
    person,
)
from tests.case.walk import Move, moves, perform, walked
from workflows.case.consent import (
    ConsentAsked,
    ConsentDeclined,
    ConsentGiven,
    ConsentLapsed,
    ConsentWithdrawn,
    State,
    WelfareOfferMade,
    in_force,
)
from workflows.case.consent_form import Agreed
from workflows.case.contact_form import CheckInMissed, ContactResumed
from workflows.case.notice import NoticeIssued, NoticeStopped
from workflows.case.why import why
from workflows.core.calendar import Term
from workflows.core.kinds import ENGINE
from workflows.core.obligation import ObligationClosed, ObligationEscalated, ObligationOpened, SilenceFell


def give(story: Story, scope: str = "participation") -> None:
    story.do(LEAD, "give_consent", scope=scope, form_version="form_2", language="de", explained_by=LEAD)


def test_consent_is_recorded_with_form_language_and_who_explained_it() -> None:
    """The entry shows what the person agreed to, in which form and language, and who explained it."""
    story = opened()
    until = story.program.calendar.after(story.at, Term(12, "months")).at
    assert story.events(ConsentGiven) == [
        ConsentGiven(scope="participation", form_version="form_1", language="en", explained_by=LEAD, until=until)
    ]


def test_consent_is_asked_for_and_silence_presumes_none() -> None:
    """An unanswered request for consent escalates; no consent is presumed and nothing is withdrawn."""
    story = opened(consent=False)
    story.later(days=100)

    assert story.owed("consent_request") == ["consent_request/1"]
    assert story.case.obligations["consent_request/1"].climbed > 3
    assert (story.case.consent.given, story.case.phase.phase) == ({}, "intake")


def test_late_consent_is_accepted() -> None:
    """Consent given after the request was due meets it, and is shown as late."""
    story = opened(consent=False)
    story.until(story.due("consent_request") + timedelta(hours=5))
    give(story)

    (closed,) = [e for e in story.told[-1].events if isinstance(e, ObligationClosed)]
    assert (closed.key, closed.how, closed.late_seconds) == ("consent_request/1", "met", 5 * 3600)


def test_withdrawal_stops_check_ins_and_opens_one_welfare_offer() -> None:
    """Withdrawing participation ends every check-in and assessment that is owed at once, says so, and opens one welfare offer, and nothing else (never a punishment)."""
    story = opened()
    story.later(days=9)
    before = story.case
    events = story.do(ADVOCATE, "withdraw_consent", scope="participation")

    (withdrawn,) = [event for event in events if isinstance(event, ConsentWithdrawn)]
    stops = ("consent_renewal/participation/1", "check_in/1", "assessment_baseline/1")
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [(key, "released") for key in stops]
    assert withdrawn.stops[:4] == ("scope/participation", *stops)
    assert {one.what: one.basis for one in withdrawn.goes_on} == dict.fromkeys(
        ("record", "progress_review", "phase_overstay", "lawful_basis_review", "safety_plan", "welfare_offer"),
        "public_task",
    )
    assert all(one.recorded for one in withdrawn.goes_on)
    assert [e.obligation.key for e in events if isinstance(e, ObligationOpened)] == ["welfare_offer/1"]
    assert (story.case.phase, story.case.milestone) == (before.phase, before.milestone)
    story.later(days=60)
    assert story.owed("check_in") == []
    assert len([e for e in story.events(ObligationOpened) if e.obligation.kind == "welfare_offer"]) == 1


def test_the_welfare_offer_is_made_once() -> None:
    """Whatever the person answers, the offer is met once made, and nobody owes a second one."""
    story = opened()
    story.do(LEAD, "withdraw_consent", scope="participation")
    events = story.do(LEAD, "make_welfare_offer", response="declined")

    assert events[0] == WelfareOfferMade(response="declined")
    assert [e.how for e in events if isinstance(e, ObligationClosed)] == ["met"]
    story.refuse("no_offer_owed", LEAD, "make_welfare_offer", response="declined")


def test_an_offer_that_nobody_makes_escalates() -> None:
    """A welfare offer that is not made climbs its ladder until somebody makes it."""
    story = opened()
    story.do(LEAD, "withdraw_consent", scope="participation")
    story.later(days=30)

    assert story.case.obligations["welfare_offer/1"].climbed > 2


def test_whoever_comes_back_starts_afresh() -> None:
    """Consent given again ends the offer, and contact is owed from now: nothing missed before is held against anybody."""
    story = opened()
    story.until(story.due("check_in") + timedelta(days=3))
    story.do(LEAD, "withdraw_consent", scope="participation")
    story.later(days=90)
    missed = len(story.events(CheckInMissed))

    give(story)

    assert story.owed("welfare_offer") == []
    assert story.due("check_in") == story.at + timedelta(weeks=1)
    assert not story.case.contact.missed
    story.tick()
    assert len(story.events(CheckInMissed)) == missed


def test_another_scope_stops_alone() -> None:
    """Withdrawing one scope stops that scope; contact and everything else go on."""
    story = opened("housing_first")
    before = story.case.obligations
    story.do(person("case_manager"), "withdraw_consent", scope="landlord_contact")

    assert list(story.case.consent.given) == ["participation"]
    assert {key: story.case.obligations[key] for key in before} == before
    assert story.case.obligations.keys() - before.keys() == {"welfare_offer/1"}


def test_consent_is_not_given_twice() -> None:
    """A consent in force is not given again on the same form, until it nears its end."""
    story = opened()
    again = {"scope": "participation", "form_version": "form_1", "language": "en", "explained_by": LEAD}
    story.refuse("consent_in_force", LEAD, "give_consent", **again)
    story.until(story.due("consent_renewal") - timedelta(days=20))

    story.do(LEAD, "give_consent", **again)

    assert story.due("consent_renewal") == story.program.calendar.after(story.at, Term(12, "months")).at


def test_only_consent_in_force_is_withdrawn() -> None:
    """A scope that was never given cannot be withdrawn."""
    opened(consent=False).refuse("consent_not_in_force", LEAD, "withdraw_consent", scope="participation")


def test_unknown_scopes_are_named() -> None:
    """A scope that the program does not have is refused with those that it has."""
    story = opened()
    refused = story.refuse("unknown_scope", LEAD, "withdraw_consent", scope="loyalty")

    assert "participation" in refused.cure
    story.refuse(
        "unknown_scope", LEAD, "give_consent", scope="loyalty", form_version="f", language="en", explained_by=LEAD, note=note()
    )  # fmt: skip


def test_nobody_is_pressed_to_come_back() -> None:
    """After a withdrawal and its one offer nothing more is asked of the person: no request for consent is opened again."""
    story = opened()
    story.do(LEAD, "withdraw_consent", scope="participation")
    story.do(LEAD, "make_welfare_offer", response="declined")
    story.later(days=200)

    assert {o.kind for o in story.case.obligations.values()} == {
        "progress_review", "phase_overstay", "lawful_basis_review", "safety_plan",
    }  # fmt: skip


def agree(story: Story, scope: str, **fields: Any) -> ConsentGiven:
    """The event of a consent to the scope, by somebody judged able to decide it."""
    given = {
        "form_version": "form_1",
        "language": "en",
        "explained_by": LEAD,
        "capacity_judged_by": SUPERVISOR,
        **fields,
    }
    return next(e for e in story.do(LEAD, "give_consent", scope=scope, **given) if isinstance(e, ConsentGiven))


CLINIC = "share:health_service"


def test_consent_says_how_it_was_informed() -> None:
    """Interpreter, purpose, time, and who judged when that the person can decide this are part of what was agreed."""
    story = opened()
    event = agree(story, CLINIC, interpreter="interpreter.1", purpose="referral", term="2 months")

    assert (event.interpreter, event.purpose, event.shares) == ("interpreter.1", "referral", True)
    assert event.until == story.program.calendar.after(story.at, Term(2, "months")).at
    assert (event.capacity_judged_by, event.capacity_judged_at) == (SUPERVISOR, story.at)


def test_each_partner_takes_a_consent_of_its_own() -> None:
    """Sharing with one partner says nothing of another, and there is no consent to share with everybody."""
    story = opened()
    agree(story, CLINIC)

    assert set(story.case.consent.given) == {"participation", CLINIC}
    refused = story.refuse(
        "unknown_scope", LEAD, "give_consent", scope="share", form_version="f", language="en", explained_by=LEAD
    )
    assert CLINIC in refused.cure
    assert parsed({"type": "withdraw_consent", "scope": "share:a:b"}) == "malformed_command"


def test_whoever_explained_and_judged_is_looked_up() -> None:
    """A consent names people of the staff directory, not names that somebody typed."""
    fields = {"scope": "participation", "form_version": "form_1", "language": "en"}
    story = opened(consent=False)

    story.refuse("not_in_directory", LEAD, "give_consent", **fields, explained_by="stranger")
    story.refuse("not_in_directory", LEAD, "give_consent", **fields, explained_by=LEAD, capacity_judged_by="stranger")


def test_a_minor_needs_the_guardians_consent_too() -> None:
    """Under age the guardian consents as well, and the entry refers to it."""
    story = Story()
    story.do(
        SUPERVISOR, "open_case", program="disengagement", version=story.program.version, lead=LEAD, support_level="high",
        eligibility=note(2), age="child",
    )  # fmt: skip
    fields = {"scope": "participation", "form_version": "form_1", "language": "en", "explained_by": LEAD}
    story.refuse("guardian_missing", LEAD, "give_consent", **fields)

    assert agree(story, "participation", guardian=note(9)).guardian == note(9)


def test_capacity_is_judged_for_this_decision_and_this_time() -> None:
    """Where the definition asks for it, a judgement that is missing, too old or dated ahead carries no consent."""
    story = opened().later(days=200)
    fields = {"scope": CLINIC, "form_version": "form_1", "language": "en", "explained_by": LEAD}
    old = (story.at - timedelta(days=100)).isoformat()
    ahead = (story.at + timedelta(hours=1)).isoformat()

    story.refuse("capacity_not_judged", LEAD, "give_consent", **fields)
    story.refuse("capacity_not_judged", LEAD, "give_consent", **fields, capacity_judged_by=LEAD, capacity_judged_at=old)
    story.refuse(
        "observed_in_future", LEAD, "give_consent", **fields, capacity_judged_by=LEAD, capacity_judged_at=ahead
    )


@pytest.mark.parametrize("term", ["0 days", "7 months", "99 years"])
def test_nobody_consents_for_no_time_or_for_longer_than_allowed(term: str) -> None:
    """A person may shorten what they agree to; no form can lengthen it."""
    fields = {"form_version": "f", "language": "en", "explained_by": LEAD, "term": term}
    opened().refuse("term_out_of_range", LEAD, "give_consent", scope="family_contact", **fields)


def test_a_purpose_is_one_that_was_explained() -> None:
    """A consent is to a purpose of the scope, by its code, or to all of them."""
    fields = {"form_version": "f", "language": "en", "explained_by": LEAD, "capacity_judged_by": LEAD}
    story = opened()

    story.refuse("unknown_purpose", LEAD, "give_consent", scope=CLINIC, purpose="surveillance", **fields)
    story.refuse("unknown_purpose", LEAD, "give_consent", scope="evaluation", purpose="anything", **fields)


def test_sharing_stops_when_nobody_asks_again() -> None:
    """At its end, after reminders, a consent to share lapses; nothing else changes, and nobody asks the person behind their back."""
    story = opened()
    end = agree(story, CLINIC).until
    assert end is not None
    story.until(end)

    (fell,) = [event for event in story.events(SilenceFell) if event.kind == "sharing_renewal"]
    assert (fell.outcome, story.events(ConsentLapsed)) == ("sharing_stops", [ConsentLapsed(scope=CLINIC)])
    assert [e.action for e in story.events(ObligationEscalated) if e.kind == "sharing_renewal"] == [
        "remind",
        "remind",
        "sharing_stopped",
    ]
    assert set(story.case.consent.given) == {"participation"}
    assert story.owed("sharing_renewal") == story.owed("consent_request") == story.owed("welfare_offer") == []


def test_a_late_clock_lets_nothing_be_shared() -> None:
    """Past its end a consent to share is not in force, even if nobody has recorded its end yet; support is."""
    begun, end = MONDAY, MONDAY + timedelta(days=1)
    agreed = {"a": Agreed(number=1, form="f", until=end, shares=True), "b": Agreed(number=2, form="f", until=end)}
    state = State(given={"a": begun, "b": begun}, agreed=agreed)

    assert [in_force(state, scope, end) for scope in "ab"] == [False, True]
    assert [in_force(state, scope, begun) for scope in "abc"] == [True, True, False]


def test_support_goes_on_when_nobody_asks_again() -> None:
    """When consent to take part comes to its end unasked, contact goes on; the gate waits for a fresh one, and the asking escalates."""
    story = opened()
    story.until(story.due("consent_renewal") + timedelta(days=60))

    assert story.owed("check_in") != []
    assert "participation" in story.case.consent.given
    (need,) = [n for n in why(story.case, story.program, story.at)[0].unmet if n.condition == "consent"]
    assert (need.subject, need.by) == ("participation", story.due("consent_renewal"))
    give(story)
    assert [n for n in why(story.case, story.program, story.at)[0].unmet if n.condition == "consent"] == []
    assert len(story.events(ContactResumed)) == 1


def test_consent_is_taken_anew_when_a_partner_joins() -> None:
    """When an agency joins, its own consent is asked for, and participation again; what was agreed goes on meanwhile, and opens no further gate."""
    story = opened()
    story.do(LEAD, "join_partner", partner="health_service", reasons=note())

    assert [event.scope for event in story.events(ConsentAsked)] == ["participation", CLINIC]
    assert len(story.owed("consent_request")) == 2
    assert story.owed("check_in") == ["check_in/1"]
    (need,) = [n for n in why(story.case, story.program, story.at)[0].unmet if n.condition == "consent"]
    assert need.by == min(story.case.obligations[key].due for key in story.owed("consent_request"))
    give(story)
    agree(story, CLINIC)
    assert story.owed("consent_request") == []


def test_a_partners_part_ends_its_consent() -> None:
    """When an agency leaves, the consent that concerned it ends; another's stays."""
    story = opened()
    for partner in ("health_service", "housing_office"):
        story.do(LEAD, "join_partner", partner=partner, reasons=note())
        agree(story, f"share:{partner}")
    story.do(LEAD, "leave_partner", partner="health_service", reasons=note())

    assert set(story.case.consent.given) == {"participation", "share:housing_office"}
    assert story.events(ConsentLapsed) == [ConsentLapsed(scope=CLINIC, because="partner_left")]
    assert story.owed("welfare_offer") == []


def test_who_works_on_a_case_is_on_record() -> None:
    """A partner is one of the program's, joins once, and not behind the back of somebody who does not take part."""
    story = opened()
    story.refuse("unknown_partner", LEAD, "join_partner", partner="the_police", reasons=note())
    story.refuse("partner_not_joined", LEAD, "leave_partner", partner="health_service", reasons=note())
    story.do(LEAD, "join_partner", partner="health_service", reasons=note())
    story.refuse("partner_joined", LEAD, "join_partner", partner="health_service", reasons=note())
    story.do(LEAD, "withdraw_consent", scope="participation")

    story.refuse("not_taking_part", LEAD, "join_partner", partner="housing_office", reasons=note())
    story.refuse("not_taking_part", LEAD, "ask_consent", scope="evaluation")


def test_a_no_is_an_answer() -> None:
    """Whoever declines what was asked is asked no more, and loses nothing."""
    story = opened()
    story.do(LEAD, "ask_consent", scope="evaluation")
    story.refuse("consent_asked", LEAD, "ask_consent", scope="evaluation")
    before = story.case.obligations
    events = story.do(LEAD, "decline_consent", scope="evaluation")

    assert events[0] == ConsentDeclined(scope="evaluation")
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [
        ("consent_request/evaluation/2", "met")
    ]
    assert story.case.obligations == {key: o for key, o in before.items() if o.kind != "consent_request"}
    story.refuse("consent_not_asked", LEAD, "decline_consent", scope="evaluation")
    story.refuse("consent_in_force", LEAD, "decline_consent", scope="participation")


def test_whoever_declines_to_take_part_gets_one_offer() -> None:
    """A no to the program ends the asking and opens one welfare offer."""
    story = opened(consent=False)
    story.do(ADVOCATE, "decline_consent", scope="participation")

    assert story.owed("consent_request") == []
    assert story.owed("welfare_offer") == ["welfare_offer/1"]


def test_withdrawing_participation_withdraws_every_scope() -> None:
    """Nothing is shared about somebody who no longer takes part: each scope ends with it, and is named; one offer is opened."""
    story = opened()
    agree(story, CLINIC)
    agree(story, "family_contact")
    events = story.do(LEAD, "withdraw_consent", scope="participation")

    withdrawn = [event for event in events if isinstance(event, ConsentWithdrawn)]
    assert [event.scope for event in withdrawn] == ["participation", CLINIC, "family_contact"]
    assert {f"scope/{event.scope}" for event in withdrawn} <= set(withdrawn[0].stops)
    assert (story.case.consent.given, story.owed("welfare_offer")) == ({}, ["welfare_offer/1"])
    assert story.owed("sharing_renewal") == []


def test_an_offer_that_is_open_stays_the_one_offer() -> None:
    """Whoever withdraws one thing after the other is offered help once, and no later than after the first."""
    story = opened()
    agree(story, "family_contact")
    story.do(LEAD, "withdraw_consent", scope="family_contact")
    due = story.due("welfare_offer")
    story.later(hours=20).do(LEAD, "withdraw_consent", scope="participation")

    assert (story.owed("welfare_offer"), story.due("welfare_offer")) == (["welfare_offer/1"], due)


def test_a_withdrawal_also_stops_a_reminder_of_what_was_done_meanwhile() -> None:
    """A contact that came late answers the debt; the reminder of it still on its way is about the scope all the same, and reaches nobody after the withdrawal."""
    story = assessed(opened())
    story.until(story.due("check_in") + timedelta(days=1))
    keys = {key for key, one in story.case.notice.pending.items() if one.about == "check_in/1"}
    story.do(LEAD, "keep_check_in", channel="call")
    events = story.do(LEAD, "withdraw_consent", scope="participation")

    assert keys
    assert {event.key for event in events if isinstance(event, NoticeStopped)} == keys
    assert not [one for one in story.case.notice.pending.values() if one.about.startswith("check_in/")]


def test_a_withdrawal_stops_the_reminders_on_their_way() -> None:
    """A reminder not yet delivered is not delivered any more, and one that failed is owed no more; each is named."""
    story = opened()
    story.until(story.due("check_in") + timedelta(days=1))
    failing, *others = story.case.notice.pending.values()
    report = {"key": failing.key, "outcome": "failed", "channel": "smtp", "reason": "unreachable"}
    story.do(ENGINE, "record_delivery", delivery=report)
    events = story.do(LEAD, "withdraw_consent", scope="participation")

    keys = {failing.key, *(one.key for one in others)}
    assert {event.key for event in events if isinstance(event, NoticeStopped)} == keys
    (withdrawn,) = [event for event in events if isinstance(event, ConsentWithdrawn)]
    assert {f"notice/{key}" for key in keys} | {f"notice_delivery/{failing.key}"} <= set(withdrawn.stops)
    assert (story.case.notice.pending, story.case.notice.failed, story.owed("notice_delivery")) == ({}, {}, [])


def ended_by(story: Story) -> dict[str, set[str]]:
    """Scopes withdrawn and not given again since → the keys of what each of these withdrawals stopped."""
    stopped: dict[str, set[str]] = {}
    for told in story.told:
        for event in told.events:
            if isinstance(event, ConsentWithdrawn):
                stopped[event.scope] = set(event.stops)
            elif isinstance(event, ConsentGiven):
                stopped.pop(event.scope, None)
    return stopped


@pytest.mark.parametrize("code", SHIPPED)
@given(before=st.lists(moves(), max_size=30), scope=st.integers(0, 47), after=st.lists(moves(), max_size=30))
def test_after_a_withdrawal_nothing_of_its_scope_happens(
    code: str, before: list[Move], scope: int, after: list[Move]
) -> None:
    """Whatever came before and whatever anybody does then, no later entry, rung or notice speaks of what a withdrawal stopped."""
    story = walked(Story(code), [*before, Move("withdraw_consent", 1, scope, 1)])
    position = len(story.told)
    for move in after:
        perform(story, move)
    story.later(days=60)

    stopped = {
        key for keys in ended_by(story).values() for key in keys if "_renewal/" in key or key.startswith("check_in/")
    }
    seen = [e for told in story.told[position:] for e in told.events]
    told_of = {event.key for event in seen if isinstance(event, ObligationEscalated | SilenceFell)}
    ended = {
        key for told in story.told[:position] for e in told.events if isinstance(e, ConsentWithdrawn) for key in e.stops
    }
    about = {event.notice.about for event in seen if isinstance(event, NoticeIssued)}
    assert (told_of | about) & (stopped & ended) == set()
    assert {one.about for one in story.case.notice.pending.values()} & ended == set()
    assert story.case.obligations.keys() & stopped == set()
    if "participation" in ended_by(story):
        assert story.owed("check_in") == []
