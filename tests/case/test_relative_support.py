"""Support for relatives: theirs, on their own consent, whatever becomes of the participant's case."""

from datetime import timedelta

from tests.case.examples import LEAD, PROVIDER, SUPERVISOR, Story, closed, erased, note, opened, person
from tests.case.test_network import added, consenting
from workflows.case.network_form import RelativeConsentWithdrawn
from workflows.case.relative_support import RelativeSessionAttested, RelativeSupportEnded, RelativeSupportOffered
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell

OFFER = {"kind": "parent_circle", "provider": "civil"}


def supported(story: Story | None = None) -> Story:
    """A mother who came herself, consented to support for herself alone, and took the parents' circle."""
    story = story or opened(consent=False)
    relative = added(story, origin="came_themselves")
    consenting(story, relative, "support")
    story.do(SUPERVISOR, "request_relative_support", relative=relative, need=note())
    story.do(SUPERVISOR, "offer_relative_support", request=1, answer="accepted", **OFFER)
    return story


def test_whoever_asks_is_owed_an_offer() -> None:
    """A request opens a debt with a term; nobody offers anything, and it climbs beyond the owner and comes back; an answer meets it either way."""
    story = opened()
    relative = added(story)
    story.do(SUPERVISOR, "request_relative_support", relative=relative, need=note())
    assert story.owed("relative_support_offer") == [f"relative_support_offer/{relative}/1"]
    story.later(days=60)
    told = {event.tell for event in story.events(ObligationEscalated) if event.kind == "relative_support_offer"}
    assert told == {"supervisor", "program_director"}

    events = story.do(SUPERVISOR, "offer_relative_support", request=1, answer="declined", **OFFER)
    assert [e.how for e in events if isinstance(e, ObligationClosed) and e.kind == "relative_support_offer"] == ["met"]
    assert story.case.relative_support.active == {}
    story.refuse("no_such_request", SUPERVISOR, "offer_relative_support", request=1, answer="declined", **OFFER)
    story.refuse("no_such_relative", SUPERVISOR, "request_relative_support", relative=9, need=note())


def test_it_takes_their_own_consent_and_no_other() -> None:
    """Support begins on the relative's consent alone; the participant consents to nothing here, and need not."""
    story = opened(consent=False)
    relative = added(story, origin="came_themselves")
    story.do(SUPERVISOR, "request_relative_support", relative=relative, need=note())
    story.refuse(
        "relative_consent_missing", SUPERVISOR, "offer_relative_support", request=1, answer="accepted", **OFFER
    )
    unknown = {"kind": "favor", "provider": "civil"}
    story.refuse(
        "unknown_relative_support", SUPERVISOR, "offer_relative_support", request=1, answer="declined", **unknown
    )
    consenting(story, relative, "support")

    story.do(SUPERVISOR, "offer_relative_support", request=1, answer="accepted", **OFFER)
    assert story.case.consent.given == {}
    assert [event.support for event in story.events(RelativeSupportOffered)] == [1]


def test_a_session_is_attested_by_whoever_held_it() -> None:
    """Neither the participant's lead nor another organization attests a relative's session; sessions are counted in order."""
    story = supported().later(days=1)
    story.program = story.program.model_copy(
        update={"permissions": {**story.program.permissions, "attest_relative_session": tuple(story.program.roles)}}
    )
    story.refuse("not_independent", LEAD, "attest_relative_session", support=1)
    story.refuse("not_attested_by_provider", person("intervention_provider", 2), "attest_relative_session", support=1)
    story.refuse("no_such_relative_support", PROVIDER, "attest_relative_session", support=2)
    ahead, before = ((story.at + timedelta(days=days)).isoformat() for days in (1, -3))
    story.refuse("observed_in_future", PROVIDER, "attest_relative_session", support=1, observed_at=ahead)
    story.refuse("session_out_of_order", PROVIDER, "attest_relative_session", support=1, observed_at=before)

    story.do(PROVIDER, "attest_relative_session", support=1)
    story.do(PROVIDER, "attest_relative_session", support=1)
    assert [event.session for event in story.events(RelativeSessionAttested)] == [1, 2]


def test_a_support_that_nobody_holds_is_seen_and_goes_on() -> None:
    """No session in its period: silence falls in sight, the lead of the participant's case is not told, and nothing ends."""
    story = supported().later(days=80)

    assert [event.outcome for event in story.events(SilenceFell) if event.kind == "relative_session"] == ["stays_open"]
    told = {event.tell for event in story.events(ObligationEscalated) if event.kind == "relative_session"}
    assert told == {"supervisor", "program_director"}
    assert 1 in story.case.relative_support.active


def test_it_goes_on_when_the_participant_leaves_and_when_their_case_is_closed() -> None:
    """The participant withdraws everything, and the case is closed: the relative's support is owed as before, attested, and ended by them alone."""
    story = supported(opened())
    for scope in list(story.case.consent.given):
        story.do(LEAD, "withdraw_consent", scope=scope)
    assert story.owed("relative_session") == ["relative_session/1/1/1"]

    closed(story)
    assert story.case.closed
    assert not story.case.finished
    assert story.owed("relative_session") == ["relative_session/1/1/1"]
    story.later(days=10).do(PROVIDER, "attest_relative_session", support=1)
    assert story.owed("relative_session") == ["relative_session/1/1/2"]
    story.do(PROVIDER, "end_relative_support", support=1, because="completed", view=note())
    assert story.owed("relative_session") == []


def test_their_own_withdrawal_ends_it_at_once_and_is_named() -> None:
    """A relative takes the consent back, even after the case was closed: the support ends in the same entry, and the entry says so."""
    for story in (supported(), closed(supported(opened()))):
        events = story.do(LEAD, "withdraw_relative_consent", relative=1, scope="support")

        (withdrawn,) = (event for event in events if isinstance(event, RelativeConsentWithdrawn))
        assert withdrawn.stops == ("relative_support/1/1",)
        assert [event.because for event in events if isinstance(event, RelativeSupportEnded)] == ["consent_withdrawn"]
        assert story.owed("relative_session") == []


def test_with_the_record_everything_about_relatives_ends() -> None:
    """Once the erasure is approved nothing is owed any more, and nothing new is asked."""
    story = erased(closed(supported(opened())))

    assert story.owed("relative_session") == []
    story.refuse("no_such_relative", SUPERVISOR, "request_relative_support", relative=1, need=note())
