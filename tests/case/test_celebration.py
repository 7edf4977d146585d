"""Celebration: whoever wants it is told of what they reached, in the way they chose; whoever does not is owed nothing."""

import pytest

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    approved,
    asked,
    note,
    opened,
    verified,
)
from workflows.case.celebration import CelebrationOwed, CelebrationRecorded
from workflows.core.obligation import ObligationEscalated, SilenceFell
from workflows.core.outcomes import PROTECTIVE_OUTCOMES


def wanting() -> Story:
    """A person who wants to hear of it by letter, in Turkish."""
    story = opened()
    story.do(LEAD, "set_celebration", wanted=True, channel="letter", language="tr")
    return story


def test_a_milestone_verified_is_told_over_the_channel_that_the_person_chose() -> None:
    """The lead owes it from the verification on, and what is recorded names the person's own channel and language."""
    story = verified(wanting(), "safety_plan")
    assert story.owed("celebration") == ["celebration/1"]

    story.do(LEAD, "record_celebration", celebration=1)

    (told,) = story.events(CelebrationRecorded)
    assert (told.subject, told.channel, told.language) == ("safety_plan", "letter", "tr")
    assert story.owed("celebration") == []


def test_a_phase_reached_is_told_too() -> None:
    """What the panel approved is good news as well."""
    story = wanting()
    approved(story, asked(story), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert ("phase", "stabilization") in {(event.about, event.subject) for event in story.events(CelebrationOwed)}


@pytest.mark.parametrize("asked_first", [True, False])
def test_whoever_does_not_want_it_is_owed_nothing(asked_first: bool) -> None:
    """Neither a person who said no nor one who was not asked is told."""
    story = opened()
    if asked_first:
        story.do(LEAD, "set_celebration", wanted=False)
    verified(story, "safety_plan")

    assert story.owed("celebration") == []


def test_a_change_of_mind_ends_what_was_owed() -> None:
    """Whoever wants to hear no more is owed nothing from that moment on."""
    story = verified(wanting(), "safety_plan")
    story.do(LEAD, "set_celebration", wanted=False)

    assert story.owed("celebration") == []
    story.refuse("no_such_celebration", LEAD, "record_celebration", celebration=1)


def test_nobody_is_celebrated_over_a_channel_that_they_did_not_choose() -> None:
    """A wish to hear of it comes with how and in which language."""
    opened().refuse("celebration_unaddressed", LEAD, "set_celebration", wanted=True, channel="letter")


def test_silence_climbs_to_the_supervisor_and_no_further() -> None:
    """Nobody is summoned over a missed congratulation, and it does nothing against anybody."""
    story = verified(wanting(), "safety_plan")
    story.later(days=90)

    told = {event.tell for event in story.events(ObligationEscalated) if event.kind == "celebration"}
    fell = [event.outcome for event in story.events(SilenceFell) if event.kind == "celebration"]
    assert told == {"lead_practitioner", "supervisor"}
    assert fell == ["stays_open"]
    assert set(fell) <= PROTECTIVE_OUTCOMES.keys()
    assert story.owed("celebration") == ["celebration/1"]
    story.do(SUPERVISOR, "record_celebration", celebration=1, note=note())
