"""The moves of a walk that look at the person: assessments and concerns."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.case.examples import Story, judged, note

Fields = dict[str, Any]


def _pick(items: list[Any], number: int) -> Any:
    return items[number % len(items)]


def _assessed(story: Story, _what: int, how: int) -> Fields:
    """Mostly whole and made now; at times long ago, of another instrument, or without a domain."""
    whole = judged(story.program)
    if how % 7 == 6:
        whole["domains"] = dict(list(whole["domains"].items())[1:])
    ago = {"observed_at": (story.at - timedelta(hours=how * how - 9)).isoformat()} if how % 5 == 4 else {}
    sooner = {"next_due": (story.at + timedelta(days=how - 2)).isoformat()} if how % 3 == 1 else {}
    certificate = {"certificate": note(how), "certificate_until": (story.at + timedelta(days=how - 8)).isoformat()}
    return {**whole, **ago, **sooner, **(certificate if how % 8 == 7 else {})}


def _judged_again(story: Story, what: int, how: int) -> Fields:
    return {
        "assessment": _pick([*story.case.assessment.assessors, 1], what),
        "reasons": note(how),
        **judged(story.program),
    }


def _raised(story: Story, what: int, how: int) -> Fields:
    care = story.program.care
    ago = {"observed_at": (story.at - timedelta(hours=how - 2)).isoformat()} if how % 4 == 0 else {}
    kind = _pick([*(care.concerns if care else ()), "no_such_kind"], what)
    return {"kind": kind, "reported_by": _pick(["family", "provider", "participant"], how), "note": note(how), **ago}


def _concern(story: Story, what: int) -> int:
    return int(_pick([*story.case.concern.open, *story.case.concern.open, 1], what))


LOOKING: dict[str, Callable[[Story, int, int], Fields]] = {
    "record_assessment": lambda s, what, how: {"trigger": _pick(["entry", "schedule", "incident", "before_move"], what), **_assessed(s, what, how)},
    "correct_assessment": _judged_again, "raise_concern": _raised,
    "answer_concern": lambda s, what, how: {"concern": _concern(s, what), "response": note(how)},
    "close_concern": lambda s, what, how: {"concern": _concern(s, what), "reasons": note(how)},
}  # fmt: skip
"""Command → its fields, as the numbers choose them; rows of the walk's own table."""
