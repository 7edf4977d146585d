"""What relatives get for themselves is theirs: the participant's statement does not even hint at it, unless they agreed."""

from activities.store.vault import Access
from tests.case.examples import LEAD, PROVIDER, SUPERVISOR, Story, closed, opened
from tests.case.test_network import CONSENT, added, consenting, goal, permitted
from tests.starter.statement.test_statement import stated, text

THEIRS = "note:0a0b0c0d-0000-0000-0000-000000000031"


def helped(story: Story) -> Story:
    """The story after the participant's mother came herself, took the parents' circle, and nobody held a session for a long time."""
    relative = added(story, origin="came_themselves")
    consenting(story, relative, "support")
    story.send(SUPERVISOR, {"type": "request_relative_support", "relative": 9, "need": THEIRS})
    story.do(SUPERVISOR, "request_relative_support", relative=relative, need=THEIRS)
    story.do(SUPERVISOR, "offer_relative_support", request=1, kind="parent_circle", provider="civil", answer="accepted")
    story.do(PROVIDER, "attest_relative_session", support=1, note=THEIRS)
    story.send(LEAD, {"type": "attest_relative_session", "support": 1})
    return story


def _left(story: Story) -> Story:
    story.do(LEAD, "withdraw_consent", scope="participation")
    return story


def test_the_statement_of_whoever_knows_nothing_is_the_same_as_if_there_were_nothing() -> None:
    """A mother gets support of which her son does not know: word for word his statement is the one that he would get without it, also when he left, and when the case is closed."""
    for end in (_left, closed):
        without, with_her = end(opened()), end(helped(opened()))
        until = without.at.replace(year=without.at.year + 1)
        read = Access(note=THEIRS, reader="lena", purpose="work", at=until.isoformat())

        page = text(stated(with_her.until(until), accesses=[read]))
        assert page == text(stated(without.until(until)))
        assert "belongs to them, and stands here only if they agreed" in page


def test_whoever_agreed_is_mentioned_and_their_own_words_are_not() -> None:
    """Once the mother agrees the statement tells that she gets help; no number of a text of hers stands in it; and she may take that back."""
    story = helped(opened())
    story.do(LEAD, "give_relative_consent", relative=1, scope="mention", **CONSENT)
    page = text(stated(story))
    assert "Somebody close to you asked us for help for themselves" in page
    assert "meeting for themselves" in page

    story.do(LEAD, "withdraw_relative_consent", relative=1, scope="mention")
    assert "asked us for help for themselves" not in text(stated(story))


def test_what_the_person_did_themselves_stands_in_their_statement() -> None:
    """Whom they named and what they agreed with somebody is theirs to read, whatever the relative consents to besides."""
    story = permitted()
    relative = added(story, "sibling")
    consenting(story, relative, "contact")
    goal(story, relative)

    page = text(stated(story))
    assert "Somebody close to you is in your record: Sister or brother" in page
    assert "agreed on something that you want to reach together: goal 1" in page
