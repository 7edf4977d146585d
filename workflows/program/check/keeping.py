"""Nobody reads by default, what is shared stands on a ground in force, and every record comes to an end.

A partner's staff who sit on a panel, may send commands or are told of silences read cases without any sharing having been decided. A
class of retention that treats a child like an adult was held disproportionate; one that is missing keeps a record for ever.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from workflows.core.calendar import Term
from workflows.program.check.finding import Finding, people, unknown
from workflows.program.keeping import AGE_GROUPS, RetentionPolicy
from workflows.program.model import Program

LONGEST_ANSWER = Term(1, "months")
"""Within which a request for access is answered."""
_BY_TWO = (("request_disclosure", "approve_disclosure"), ("request_erasure", "approve_erasure"))


def find(program: Program, *, today: date | None) -> Iterator[Finding]:
    """Partners that would read cases, grounds that do not carry, and records without a class or an end."""
    yield from _partners(program)
    yield from _agreements(program, today)
    yield from _grounds(program)
    yield from _two_people(program)
    yield from _retention(program)
    yield from _unread(program)


def _partners(program: Program) -> Iterator[Finding]:
    theirs = {code: role.partner for code, role in program.roles.items() if role.partner is not None}
    for path, roles in _who_reads(program):
        for role in roles:
            if role in theirs:
                yield Finding(
                    path, "partner_reads",
                    f"{role} is staff of {theirs[role]}: whoever acts in a case, or is told of it, reads it without any sharing having been decided",
                    "remove the role here; what its people need is disclosed to them, each time by an act",
                )  # fmt: skip


def _who_reads(program: Program) -> Iterator[tuple[str, Iterable[str]]]:
    yield "lead_role", (program.lead_role,)
    yield from ((f"permissions.{command}", roles) for command, roles in program.permissions.items())
    for code, panel in program.reviews.items():
        yield f"reviews.{code}.seats", (seat.role for seat in panel.seats)
    for kind, rule in program.silence.items():
        yield f"silence.{kind}.owner", (rule.owner,)
        yield f"silence.{kind}.ladder", (rung.tell for rung in rule.ladder)
    yield from ((f"reading.{code}.roles", purpose.roles) for code, purpose in program.reading.items())
    if program.retention is not None:
        yield "retention.officer", (program.retention.officer,)


def _unread(program: Program) -> Iterator[Finding]:
    """Whoever decides must be able to read what they decide on."""
    readers = {
        role
        for one in program.reading.values()
        if one.opens == "texts" and one.only in {"decides", "any_case"}
        for role in one.roles
    }
    for code, panel in program.reviews.items():
        for role in dict.fromkeys(seat.role for seat in panel.seats if seat.role not in readers):
            yield Finding(
                f"reviews.{code}.seats", "decides_unread",
                f"{role} votes in it, and no purpose lets them read the reasons and the participant's own view",
                "name the role in a purpose under 'reading' with 'only: decides'", "warning",
            )  # fmt: skip


def _agreements(program: Program, today: date | None) -> Iterator[Finding]:
    for code, agreement in program.agreements.items():
        path = f"agreements.{code}"
        yield from _covered(program, path, partners=agreement.parties, purposes=agreement.purposes, fields=agreement.fields)  # fmt: skip
        if agreement.ends < agreement.begins:
            why = f"it would end on {agreement.ends}, before it begins"
            yield Finding(f"{path}.ends", "agreement_ends_before_it_begins", why, "give a later last day")
        elif today is not None and agreement.ends < today:
            why = f"it ended on {agreement.ends}: nothing can be shared under it"
            yield Finding(f"{path}.ends", "agreement_over", why, "renew it with the partner, or remove it", "warning")
        for party in agreement.parties:
            if party in program.partners and f"share:{party}" not in program.scopes:
                yield Finding(
                    f"{path}.parties", "agreement_without_consent",
                    f"nobody can consent to share with {party}, so nothing could ever be shared under it",
                    f"add {party} to consent_scopes.share.partners",
                )  # fmt: skip


def _grounds(program: Program) -> Iterator[Finding]:
    for code, ground in program.disclosure.exceptions.items() if program.disclosure is not None else ():
        path = f"disclosure.exceptions.{code}"
        yield from _covered(program, path, partners=ground.partners, purposes=ground.purposes, fields=ground.fields)


def _covered(
    program: Program, path: str, *, partners: Iterable[str], purposes: Iterable[str], fields: Iterable[str]
) -> Iterator[Finding]:
    known = program.disclosure
    received = {role.partner for role in program.roles.values()}
    for partner in partners:
        if partner in program.partners and partner not in received:
            yield Finding(
                path, "nobody_receives", f"no role is held by staff of {partner}, so nobody there could receive anything",
                f"add a role with 'partner: {partner}'",
            )  # fmt: skip
    for purpose in purposes:
        if known is None or purpose not in known.purposes:
            yield unknown(path=path, what="purpose", name=purpose, known=known.purposes if known else ())
    for field in fields:
        if known is None or field not in known.fields:
            yield unknown(path=path, what="field", name=field, known=known.fields if known else ())


def _two_people(program: Program) -> Iterator[Finding]:
    for ask, approve in _BY_TWO:
        asking, approving = program.permissions.get(ask, ()), program.permissions.get(approve, ())
        if asking and approving and people(program, (*asking, *approving)) < 2:
            why = "it takes two people, and the program undertakes to have one: nothing could ever be approved"
            yield Finding(f"permissions.{approve}", "nobody_else_may_approve", why, "name a role with another person")


def _retention(program: Program) -> Iterator[Finding]:
    policy = program.retention
    if policy is None:
        why = "no record would ever have a class or an end"
        yield Finding("retention", "no_retention", why, "add 'retention' with officer, outcomes, classes, longest_hold")
        return
    yield from _classes(policy)
    yield from _told_and_answered(program, policy)


def _classes(policy: RetentionPolicy) -> Iterator[Finding]:
    for code, kept in policy.classes.items():
        for outcome in kept.outcomes:
            if outcome not in policy.outcomes:
                yield unknown(path=f"retention.classes.{code}.outcomes", what="outcome", name=outcome, known=policy.outcomes)  # fmt: skip
    for outcome, ending in policy.outcomes.items():
        by_age = {age: [c for c, k in policy.classes.items() if outcome in k.outcomes and age in k.ages] for age in AGE_GROUPS}  # fmt: skip
        for age, codes in by_age.items():
            if len(codes) != 1:
                why = f"{len(codes)} classes are for an {age} with this outcome: how long such a record is kept would be {'open' if not codes else 'chance'}"
                cure = "name the outcome and the age in exactly one class"
                yield Finding(f"retention.outcomes.{outcome}", "not_one_class", why, cure)
        child, adult = by_age["child"], by_age["adult"]
        if ending.unfounded and child and adult and not _shorter(policy, child[0], adult[0]):
            why = "a child's unfounded referral is kept as long as an adult's, which was held disproportionate"
            yield Finding(
                f"retention.outcomes.{outcome}", "child_kept_as_adult", why, "give children a class of their own that is kept for less"
            )  # fmt: skip


def _shorter(policy: RetentionPolicy, one: str, other: str) -> bool:
    return policy.classes[one].keep.nominal_days < policy.classes[other].keep.nominal_days


def _told_and_answered(program: Program, policy: RetentionPolicy) -> Iterator[Finding]:
    review, answer = program.silence.get("retention_review"), program.silence.get("access_request")
    told = [] if review is None else [r.tell for r in review.ladder if r.after is not None and r.after.number == 0]
    if review is not None and policy.officer not in told:
        why = (
            f"a record is sealed when its review is due, and {policy.officer}, who alone may open it, would not be told"
        )
        cure = f"add a rung 'after: 0 days' that tells {policy.officer}"
        yield Finding("silence.retention_review.ladder", "officer_not_told", why, cure)
    if answer is not None and isinstance(answer.due, Term) and answer.due.nominal_days > LONGEST_ANSWER.nominal_days:
        why = f"the person waits {answer.due} for an answer, and the law gives a month"
        yield Finding("silence.access_request.due", "answer_too_late", why, f"give at most '{LONGEST_ANSWER}'")
