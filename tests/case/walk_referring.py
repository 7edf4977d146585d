"""The moves of a walk about referrals out: asking providers, their answers, circles, and word of an erasure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.case.examples import Story, note

Fields = dict[str, Any]


def _pick(items: list[Any], number: int) -> Any:
    return items[number % len(items)]


def _referred(story: Story, what: int, how: int) -> Fields:
    care = story.program.care
    assert care is not None
    assert care.referrals is not None
    asked_for = [(provider, kind) for provider, kinds in care.referrals.providers.items() for kind in kinds]
    fitting = [(p, kind) for p, kind in asked_for if care.supports[kind].answers in story.case.support.needs]
    there = {(one.provider, one.need) for one in story.case.referral.open.values()}
    new = [(p, kind) for p, kind in fitting if (p, care.supports[kind].answers) not in there]
    provider, kind = _pick([*new * 4, *fitting, *asked_for], what)
    need = care.supports[kind].answers if how % 7 else "housing"
    tied = {"support": _pick([*story.case.support.active, 1], what)} if how % 10 == 4 else {}
    return {"need": need, "kind": kind, "provider": provider if how % 9 else "nobody", "agreed": note(how), **tied}


def _on_referral(story: Story, what: int, *stages: str) -> int:
    """Any referral, mostly one at these stages."""
    open_ones = story.case.referral.open
    there = [number for number, one in open_ones.items() if one.status in stages]
    return int(_pick([*there, *there, *there, *open_ones, 1], what))


def _received(story: Story, what: int) -> int:
    """Mostly one that its provider took on and has people here to attest."""
    here = {one.organization for one in story.staff.values()}
    taken_on = [n for n, one in story.case.referral.open.items() if one.provider in here and one.status in {"accepted", "in_progress"}]  # fmt: skip
    return int(_pick([*taken_on * 4, _on_referral(story, what)], what))


def _answered(story: Story, what: int, how: int, *stages: str) -> Fields:
    return {"referral": _on_referral(story, what, *stages), "reasons": note(how)}


def _rejected(story: Story, what: int, how: int) -> Fields:
    care = story.program.care
    waited_for = [one.need for one in story.case.referral.open.values()]
    needs = {"needs": _pick([*waited_for, *waited_for, *(care.needs if care else ()), "peace"], how)} if how % 4 else {}
    return {**_answered(story, what, how, "requested"), **needs}


def _circle(story: Story, what: int, how: int) -> Fields:
    number = _pick([*story.case.referral.circles, 1], what)
    found = story.case.referral.circles.get(number)
    waived = (
        {"waived": _pick([*(found.referrals * 3 if found else ()), 1], how), "waived_by": "city"} if how % 4 else {}
    )
    return {"circle": number, "reasons": note(how), **waived}


REFERRING: dict[str, Callable[[Story, int, int], Fields]] = {
    "request_referral": _referred, "accept_referral": lambda s, what, _how: {"referral": _on_referral(s, what, "requested")}, "reject_referral": _rejected,
    "begin_referral": lambda s, what, how: {"referral": _on_referral(s, what, "accepted"), "expected": (s.at + timedelta(days=how * 4 - 4)).isoformat()},
    "complete_referral": lambda s, what, how: {"referral": _received(s, what), "output": note(how)},
    "fail_referral": lambda s, what, how: _answered(s, what, how, "accepted", "in_progress"), "cancel_referral": _answered,
    "rule_out_alternative": lambda s, what, how: _answered(s, what, how, "returned"), "break_circle": _circle,
    "record_provider_told": lambda s, what, how: {"provider": _pick([*s.case.referral.knowing * 8, *s.program.partners], what), "proof": note(how)},
}  # fmt: skip
"""Command about referrals → its fields, as the numbers choose them."""
