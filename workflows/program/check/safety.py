"""Whoever may agree to respond to a threat, or own what is learned from a setback, is of the team and can record it; a called review comes soon."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.care import SafetyPolicy
from workflows.program.check.finding import Finding, not_permitted
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Roles that could not do their duty, and a called review that would come no sooner."""
    if program.care is None:
        return
    setbacks, policy = program.care.setbacks, program.care.safety
    if setbacks is not None:
        yield from _duty(program, setbacks.act_by, path="care.setbacks.act_by")
        yield from not_permitted(program, vocabulary, path="care.setbacks.act_by", roles=setbacks.act_by, commands=["close_learning_action"])  # fmt: skip
    if policy is not None:
        yield from _duty(program, policy.respond_by, path="care.safety.respond_by")
        yield from not_permitted(program, vocabulary, path="care.safety.respond_by", roles=policy.respond_by, commands=["record_safety_response"])  # fmt: skip
        yield from _reviews(policy)


def _duty(program: Program, roles: tuple[str, ...], *, path: str) -> Iterator[Finding]:
    for at, code in enumerate(roles):
        role = program.roles.get(code)
        if role is not None and role.partner is not None:
            why = f"{code} is held by staff of a partner, who are told of a case only what is disclosed to them"
            yield Finding(f"{path}[{at}]", "duty_of_partner", why, "name a role of the team")


def _reviews(policy: SafetyPolicy) -> Iterator[Finding]:
    soonest = min(policy.review_every, *policy.review_in.values(), key=lambda term: term.nominal_days)
    if policy.review_within.nominal_days > soonest.nominal_days:
        why = f"a review that a trigger calls for would come later than the usual one, every {soonest}"
        yield Finding("care.safety.review_within", "called_review_late", why, f"give a term of {soonest} at most")
