"""Votes: how people decide together, alike wherever it is on a review, an act, an appeal or an objection.

Nobody votes on what they took part in; whoever took part since has no vote any more; a person has one, their last. Where a set number of people decides,
what goes against the person carries only with more than half of them: in doubt, a tie included, it does not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple, TypeVar

from workflows.core.refusal import Refused

V = TypeVar("V")
"""A vote as a room keeps it: a choice, or a choice with its seat."""


class Tally(NamedTuple):
    """How it was decided: whether what goes against the person carries, and who voted against and for them, in order."""

    carries: bool
    against: tuple[str, ...]
    in_favor: tuple[str, ...]


def require_independent(person: str, involved: Mapping[str, str]) -> None:
    """Check that the voter took no part. `involved`: person → how they did.

    Raises:
        Refused: `not_independent`, with how the voter is involved.
    """
    if person in involved:
        raise Refused(
            "not_independent",
            f"{person} {involved[person]}",
            "ask somebody who took no part before: nobody decides on their own work; a panel's member steps back with recuse_from_review",
        )


def counting(votes: Mapping[str, V], involved: Collection[str]) -> dict[str, V]:
    """The votes that count: those of people who have not taken part since in what is judged."""
    return {person: vote for person, vote in votes.items() if person not in involved}


def of(votes: Mapping[str, str], choice: str) -> tuple[str, ...]:
    """Who made this choice, in order."""
    return tuple(sorted(person for person, chosen in votes.items() if chosen == choice))


def tally(votes: Mapping[str, str], *, people: int, against: str, in_favor: str) -> Tally | None:
    """How the votes decide; None while fewer than `people` have voted. `against`, `in_favor`: the choices, seen from the person."""
    if len(votes) < people:
        return None
    opposed, supporting = of(votes, against), of(votes, in_favor)
    return Tally(len(opposed) > len(supporting), opposed, supporting)
