"""Consent: taking part is the person's choice, and what follows when they choose otherwise."""

from datetime import timedelta

from tests.case.examples import ADVOCATE, LEAD, Story, note, opened, person
from workflows.case.consent import ConsentGiven, ConsentWithdrawn, WelfareOfferMade
from workflows.case.contact import CheckInMissed
from workflows.core.obligation import ObligationClosed, ObligationOpened


def give(story: Story, scope: str = "participation") -> None:
    story.do(LEAD, "give_consent", scope=scope, form_version="form_2", language="de", explained_by=LEAD)


def test_consent_is_recorded_with_form_language_and_who_explained_it() -> None:
    """The entry shows what the person agreed to, in which form and language, and who explained it."""
    assert opened().events(ConsentGiven) == [
        ConsentGiven(scope="participation", form_version="form_1", language="en", explained_by=LEAD)
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
    """Withdrawing participation ends every check-in at once and opens one welfare offer, and nothing else (never a punishment)."""
    story = opened()
    story.later(days=9)
    before = story.case
    events = story.do(ADVOCATE, "withdraw_consent", scope="participation")

    assert events[0] == ConsentWithdrawn(scope="participation")
    assert [(e.key, e.how) for e in events if isinstance(e, ObligationClosed)] == [("check_in/1", "released")]
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
    assert story.case.obligations == before


def test_consent_is_not_given_twice() -> None:
    """A scope in force is not given again."""
    opened().refuse(
        "consent_in_force", LEAD, "give_consent", scope="participation", form_version="f2", language="en", explained_by=LEAD
    )  # fmt: skip


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

    assert {o.kind for o in story.case.obligations.values()} == {"progress_review", "phase_overstay"}
