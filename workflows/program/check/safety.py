"""Whoever may agree to respond to a threat is of the team and can record it, and a plan that is called for review is reviewed sooner than else."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.check.finding import Finding, not_permitted, unknown
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Responders who could not respond, rhythms for phases that do not exist, and a called review that would come no sooner."""
    policy = None if program.care is None else program.care.safety
    if policy is None:
        return
    path = "care.safety.respond_by"
    for at, code in enumerate(policy.respond_by):
        role = program.roles.get(code)
        if role is None:
            yield unknown(path=f"{path}[{at}]", what="role", name=code, known=program.roles)
        elif role.partner is not None:
            why = f"{code} is held by staff of a partner, who are told of a case only what is disclosed to them"
            cure = "name a role of the team; a partner that agreed to respond is named in the entry itself"
            yield Finding(f"{path}[{at}]", "responder_of_partner", why, cure)
    duty = ["record_safety_response"]
    yield from not_permitted(program, vocabulary, path=path, roles=policy.respond_by, commands=duty)
    for phase in policy.review_in:
        if phase not in program.phases:
            yield unknown(path=f"care.safety.review_in.{phase}", what="phase", name=phase, known=program.phases)
    soonest = min(policy.review_every, *policy.review_in.values(), key=lambda term: term.nominal_days)
    if policy.review_within.nominal_days > soonest.nominal_days:
        why = f"a review that a trigger calls for would come later than the usual one, every {soonest}"
        yield Finding("care.safety.review_within", "called_review_late", why, f"give a term of {soonest} at most")
