"""People close to the participant: two consents for contact, one for themselves, and nothing that outlives either."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import LEAD, PROVIDER, SUPERVISOR, Story, note, opened, person
from workflows.case import care_facts, network
from workflows.case.consent import ConsentWithdrawn
from workflows.case.network_form import (
    FamilyGoalReviewed,
    RelatedPersonAdded,
    RelativeConsentLapsed,
    RelativeConsentWithdrawn,
    RelativeContacted,
)
from workflows.core.obligation import ObligationClosed, SilenceFell

CONSENT = {"form_version": "k1", "language": "de", "explained_by": LEAD}


def added(story: Story, kind: str = "parent", *, origin: str = "named_by_participant", **fields: Any) -> int:
    """The number of a related person who is now on record."""
    number = story.case.network.next_relative
    story.do(LEAD, "add_related_person", kind=kind, identity=note(number), origin=origin, **fields)
    return number


def consenting(story: Story, relative: int, *scopes: str) -> Story:
    """The story after the related person consented to these."""
    for scope in scopes:
        story.do(LEAD, "give_relative_consent", relative=relative, scope=scope, **CONSENT)
    return story


def permitted(story: Story | None = None) -> Story:
    """The story after the participant consented to contact with family."""
    story = story or opened()
    story.do(LEAD, "give_consent", scope="family_contact", form_version="f", language="de", explained_by=LEAD)
    return story


def goal(story: Story, relative: int) -> int:
    """The number of a family goal that both sides agreed to now."""
    number = story.case.network.next_goal
    both = {"agreed_by_participant": note(1), "agreed_by_relative": note(2)}
    story.do(LEAD, "agree_family_goal", relative=relative, text=note(3), **both)
    return number


def contact(relative: int) -> dict[str, Any]:
    """A contact with the related person."""
    return {"relative": relative, "channel": "call", "about": "welfare"}


def test_a_related_person_is_a_number_and_a_sealed_text() -> None:
    """Who somebody is stands in the vault: on record are a number, a kind of the definition, and a reference."""
    story = opened()
    added(story, "sibling")

    (event,) = story.events(RelatedPersonAdded)
    assert set(event.model_dump()) == {"type", "relative", "kind", "identity", "origin", "age"}
    assert event.identity.startswith("note:")
    story.refuse("unknown_relation", LEAD, "add_related_person", kind="comrade", identity=note(), origin="came_themselves")  # fmt: skip
    story.refuse("malformed_command", LEAD, "add_related_person", kind="parent", identity="Maria", origin="came_themselves")  # fmt: skip


def test_contact_takes_the_consent_of_both() -> None:
    """Neither the participant's consent nor the relative's alone permits contact about the participant."""
    story = opened()
    relative = added(story)
    story.refuse("participant_does_not_permit", LEAD, "contact_relative", **contact(relative))
    permitted(story)
    story.refuse("relative_consent_missing", LEAD, "contact_relative", **contact(relative))
    story.refuse("no_such_relative", LEAD, "contact_relative", **contact(9))

    consenting(story, relative, "contact").do(LEAD, "contact_relative", **contact(relative))
    assert [event.by for event in story.events(RelativeContacted)] == [LEAD]


def test_a_relative_takes_it_back_and_what_rested_on_it_is_named() -> None:
    """A withdrawal is never refused, stops contact and goals with them in the same entry, and leaves the participant's own consents alone."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact")
    number = goal(story, relative)
    given = story.case.consent.given

    events = story.do(LEAD, "withdraw_relative_consent", relative=relative, scope="contact")

    (withdrawn,) = (event for event in events if isinstance(event, RelativeConsentWithdrawn))
    assert withdrawn.stops == (f"relative_contact/{relative}", f"family_goal/{number}")
    released = {event.kind for event in events if isinstance(event, ObligationClosed) and event.how == "released"}
    assert released == {"family_goal_review", "relative_consent_renewal"}
    assert story.case.consent.given == given
    story.refuse("relative_consent_missing", LEAD, "contact_relative", **contact(relative))
    story.refuse("relative_consent_missing", LEAD, "withdraw_relative_consent", relative=relative, scope="contact")


def test_the_participant_takes_theirs_back_and_goals_rest() -> None:
    """Without the participant's consent nobody looks at a goal with the family; the withdrawal names it, and given again it is owed again."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact")
    goal(story, relative)
    assert story.owed("family_goal_review") == ["family_goal_review/1/1"]

    events = story.do(LEAD, "withdraw_consent", scope="family_contact")
    (withdrawn,) = (event for event in events if isinstance(event, ConsentWithdrawn))
    assert "family_goal_review/1/1" in withdrawn.stops
    assert story.owed("family_goal_review") == []
    story.refuse("participant_does_not_permit", LEAD, "contact_relative", **contact(relative))
    assert permitted(story).owed("family_goal_review") == ["family_goal_review/1/1"]


def test_consent_to_contact_ends_by_itself() -> None:
    """Nobody asks a relative again: contact stops at the end of its term, however late the clock is, and their own support does not."""
    story = opened()
    relative = added(story)
    consenting(story, relative, "contact", "support")
    late = story.fork()
    story.later(days=190)

    assert [event.relative for event in story.events(RelativeConsentLapsed)] == [relative]
    assert [event.outcome for event in story.events(SilenceFell) if event.kind == "relative_consent_renewal"] == ["sharing_stops"]  # fmt: skip
    assert set(story.case.network.relatives[relative].consents) == {"support"}

    late.at += timedelta(days=190)
    permitted(late)
    late.refuse("relative_consent_missing", LEAD, "contact_relative", **contact(relative))


def test_a_fresh_consent_renews_it() -> None:
    """A relative who is asked in time goes on, from that day."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact").later(days=150)
    first = story.due("relative_consent_renewal")

    consenting(story, relative, "contact")

    assert story.due("relative_consent_renewal") > first
    story.later(days=60)
    assert story.events(RelativeConsentLapsed) == []


def test_a_consent_is_explained_by_somebody_and_for_a_child_takes_a_guardian() -> None:
    """Nobody consents for a relative; a child consents together with a guardian, and whoever explained it is staff."""
    story = opened()
    child = added(story, "child", age="child")

    story.refuse("guardian_missing", LEAD, "give_relative_consent", relative=child, scope="support", **CONSENT)
    nobody = {**CONSENT, "explained_by": "nobody.1"}
    story.refuse("not_in_directory", LEAD, "give_relative_consent", relative=child, scope="support", **nobody)
    story.do(LEAD, "give_relative_consent", relative=child, scope="support", guardian=note(4), **CONSENT)


def test_a_goal_is_agreed_by_both_sides_and_looked_at_by_both() -> None:
    """One text is not two agreements; a goal goes on, is met or is set aside with both views, and only going on takes both consents."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact")
    one = {"agreed_by_participant": note(1), "agreed_by_relative": note(1)}
    story.refuse("agreed_by_one_side", LEAD, "agree_family_goal", relative=relative, text=note(), **one)
    number = goal(story, relative)
    views = {"participant_view": note(4), "relative_view": note(5)}

    story.later(days=80).do(LEAD, "review_family_goal", goal=number, outcome="goes_on", **views)
    assert story.owed("family_goal_review") == [f"family_goal_review/{number}/2"]
    story.do(LEAD, "withdraw_consent", scope="family_contact")
    story.refuse("participant_does_not_permit", LEAD, "review_family_goal", goal=number, outcome="goes_on", **views)
    story.do(LEAD, "review_family_goal", goal=number, outcome="set_aside", **views)
    story.refuse("no_such_goal", LEAD, "review_family_goal", goal=number, outcome="met", **views)
    assert [event.outcome for event in story.events(FamilyGoalReviewed)] == ["goes_on", "set_aside"]


def test_a_goal_that_nobody_looks_at_is_seen() -> None:
    """Silence falls on a family goal in sight, and it stays agreed."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact")
    number = goal(story, relative)
    story.later(days=100)

    assert [event.outcome for event in story.events(SilenceFell) if event.kind == "family_goal_review"] == [
        "stays_open"
    ]
    assert number in story.case.network.goals


@pytest.mark.parametrize(
    ("participant", "relative_too", "answer"), [(False, True, "not_permitted"), (True, False, "not_permitted"), (True, True, "may")]
)  # fmt: skip
def test_the_welfare_ladder_may_call_a_trusted_contact_only_where_both_agreed(
    participant: bool, relative_too: bool, answer: str
) -> None:
    """A trusted contact is told apart from one who may be called; another relative is none."""
    story = permitted() if participant else opened()
    added(story, "parent")
    number = added(story, "trusted_contact")
    if relative_too:
        consenting(story, number, "contact")

    facts = care_facts.network_facts(story.case, story.program, {}, story.at)
    assert network.trusted(story.case.network, facts, story.at) == ((number,), answer)


def test_somebody_is_taken_out_but_not_while_their_own_support_goes_on() -> None:
    """A relative leaves the network with the goals they shared; what they get for themselves is answered or ended first."""
    story = permitted()
    relative = added(story)
    consenting(story, relative, "contact", "support")
    goal(story, relative)
    story.do(SUPERVISOR, "request_relative_support", relative=relative, need=note())
    story.refuse("relative_supported", LEAD, "remove_related_person", relative=relative, reasons=note())
    offer = {"request": 1, "kind": "parent_circle", "provider": "civil"}
    story.do(SUPERVISOR, "offer_relative_support", **offer, answer="accepted")
    story.refuse("relative_supported", LEAD, "remove_related_person", relative=relative, reasons=note())
    story.do(PROVIDER, "end_relative_support", support=1, because="own_wish", view=note())

    story.do(LEAD, "remove_related_person", relative=relative, reasons=note())
    assert story.case.network.relatives == {}
    assert story.case.network.goals == {}
    assert not {"family_goal_review", "relative_consent_renewal"} & {o.kind for o in story.case.obligations.values()}


def test_another_program_has_other_people_and_its_own_consent() -> None:
    """Housing first knows a friend whom the team may call, on a consent scope of its own."""
    story, manager = opened("housing_first"), person("case_manager")
    story.do(manager, "add_related_person", kind="friend", identity=note(), origin="named_by_participant")
    consent = {"form_version": "f", "language": "en", "explained_by": manager}
    story.do(manager, "give_relative_consent", relative=1, scope="contact", **consent)
    story.refuse("participant_does_not_permit", manager, "contact_relative", **contact(1))

    story.do(manager, "give_consent", scope="close_contact", **consent)
    story.do(manager, "contact_relative", **contact(1))
