"""Votes count alike wherever people decide: one each, of people who took no part, and in doubt for the person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.case.vote import Tally, counting, of, require_independent, tally
from workflows.core.refusal import Refused

PEOPLE = st.sampled_from([f"person.{number}" for number in range(1, 8)])
VOTES = st.dictionaries(PEOPLE, st.sampled_from(["dismiss", "allow"]))


@given(votes=VOTES, people=st.integers(1, 7))
def test_nothing_is_decided_before_enough_people_voted(votes: dict[str, str], people: int) -> None:
    """A tally is made exactly when so many people voted, and then every vote stands on one of its sides."""
    found = tally(votes, people=people, against="dismiss", in_favor="allow")

    assert (found is None) == (len(votes) < people)
    if found is not None:
        assert {*found.against, *found.in_favor} == set(votes)
        assert len(found.against) + len(found.in_favor) == len(votes)


@given(votes=VOTES.filter(bool))
def test_what_goes_against_the_person_takes_more_than_half(votes: dict[str, str]) -> None:
    """A tie goes to the person, and so does every smaller share; only a true majority carries."""
    found = tally(votes, people=1, against="dismiss", in_favor="allow")
    assert found is not None

    assert found.carries == (2 * len(found.against) > len(votes))


@given(votes=VOTES, involved=st.sets(PEOPLE))
def test_whoever_took_part_since_has_no_vote(votes: dict[str, str], involved: set[str]) -> None:
    """The votes of people who came to take part are left out, and no others."""
    assert counting(votes, involved) == {who: votes[who] for who in votes.keys() - involved}


@given(votes=VOTES)
def test_the_order_of_votes_does_not_matter(votes: dict[str, str]) -> None:
    """Whoever votes first or last: the same votes give the same tally, to the order of its names."""
    backwards = dict(reversed(votes.items()))

    assert of(votes, "allow") == of(backwards, "allow")
    assert tally(votes, people=1, against="dismiss", in_favor="allow") == tally(backwards, people=1, against="dismiss", in_favor="allow")  # fmt: skip


def test_nobody_votes_on_what_they_took_part_in() -> None:
    """The refusal says how the voter is involved, and what else to do; anybody else passes."""
    require_independent("b", {"a": "leads this case"})
    with pytest.raises(Refused, match="not_independent") as refused:
        require_independent("a", {"a": "leads this case"})
    assert refused.value.why == "a leads this case"
    assert tally({"a": "allow", "b": "dismiss"}, people=2, against="dismiss", in_favor="allow") == Tally(False, ("b",), ("a",))  # fmt: skip
