"""What `case show` says of the people around a case, and of looking for the person after an exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starter.audit.words import Words
    from workflows.case.state import Case


def say_follow_ups(case: Case, words: Words) -> None:
    """The attempts to reach the person for each follow-up that is not settled."""
    from starter.cli.show import line

    for number, one in case.follow_up.open.items():
        if one.attempts:
            tried = ", ".join(f"{words.name('channel', a.channel)} on {words.day(a.observed_at)}" for a in one.attempts)
            line(f"\nFollow-up {number}: tried {len(one.attempts)} times ({tried})")
