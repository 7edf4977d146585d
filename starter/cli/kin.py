"""What `case show` says of the people around a case, and of looking for the person after an exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from starter.audit.words import Words
    from workflows.case.state import Case


def say_follow_ups(case: Case, words: Words) -> None:
    """The attempts to reach the person for each follow-up that is not settled."""
    from starter.cli.show import line

    for number, one in case.follow_up.open.items():
        if one.attempts:
            tried = ", ".join(f"{words.name('channel', a.channel)} on {words.day(a.observed_at)}" for a in one.attempts)
            line(f"\nFollow-up {number}: tried {len(one.attempts)} times ({tried})")


def say_network(case: Case, words: Words, now: datetime) -> None:
    """The people close to the person, by number: what each consents to now and gets for themselves, and whom the welfare ladder may call."""
    from starter.cli.show import heading, line, table

    if not case.network.relatives:
        return
    heading("\nPeople close to the person")
    supports = case.relative_support.active.values()
    rows = [
        (
            str(number),
            words.name("kin", one.kind),
            ", ".join(one.consents) or "nothing",
            ", ".join(f"{words.name('kin_support', s.kind)} ({s.sessions})" for s in supports if s.relative == number),
            ", ".join(str(goal) for goal, held in case.network.goals.items() if held.relative == number),
        )
        for number, one in case.network.relatives.items()
    ]
    columns = ("NO.", "WHO", "CONSENTS TO", "SUPPORT OF THEIR OWN (SESSIONS)", "FAMILY GOALS")
    table(columns, rows, empty="Nobody is on record.")
    line(trusted_text(case, words, now))


def trusted_text(case: Case, words: Words, now: datetime) -> str:
    """Whether the ladder of a missed check-in may call a trusted contact now, and whom."""
    from workflows.case.care_facts import network_facts
    from workflows.case.network import trusted

    if words.program is None:
        return ""
    numbers, answer = trusted(case.network, network_facts(case, words.program, {}, now), now)
    who = ", ".join(map(str, numbers))
    return {
        "may": f"If a check-in is missed, related person {who} may be called: they and the participant agreed.",
        "not_permitted": f"If a check-in is missed, nobody close may be called: related person {who} or the participant has not agreed.",
        "none": "If a check-in is missed, nobody close may be called: no trusted contact is on record.",
    }[answer]
