"""Every name that a definition uses is defined in it, and what is defined is used."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from workflows.program.care import Care, Referrals
from workflows.program.check.finding import Finding, unknown
from workflows.program.model import Program


class _Reference(NamedTuple):
    """A place in the file that names something: its path, what kind of thing, and the name."""

    path: str
    what: str
    name: str


def find(program: Program) -> Iterator[Finding]:
    """References that do not resolve (errors), and definitions that nothing refers to (warnings)."""
    care, share = program.care, program.consent_scopes.get("share")
    known: dict[str, Collection[str]] = {
        "role": program.roles, "role or partner": [*program.roles, *program.partners], "phase": program.phases,
        "milestone": program.milestones, "consent scope": program.scopes, "panel": program.reviews,
        "legal basis": program.due_process.legal_bases if program.due_process is not None else {},
        "evidence kind": program.evidence_kinds, "partner": program.partners, "certificate": program.certificates,
        "need": care.needs if care is not None else {}, "support": care.supports if care is not None else {},
        "provider": care.referrals.providers if care is not None and care.referrals is not None else {},
        "purpose": share.purposes if share is not None else (),
    }  # fmt: skip
    used = list(_references(program))
    # A scope that shares is asked for by each sharing, and needs no gate to have an effect.
    sharing = {("consent scope", code) for code, scope in program.consent_scopes.items() if scope.shares}
    for path, what, name in used:
        if name not in known[what]:
            yield unknown(path=path, what=what, name=name, known=known[what])
    named = {(part, reference.name) for reference in used for part in reference.what.split(" or ")}
    yield from _unused(program, named | sharing)


def _references(program: Program) -> Iterator[_Reference]:
    yield _Reference("lead_role", "role", program.lead_role)
    yield from _each("over_caseload_by", "role", program.over_caseload_by)
    yield from (_Reference(f"contact.{phase}", "phase", phase) for phase in program.contact)
    for command, roles in program.permissions.items():
        yield from _each(f"permissions.{command}", "role", roles)
    yield from _in_phases(program)
    for code, milestone in program.milestones.items():
        yield from _each(f"milestones.{code}.evidence", "evidence kind", milestone.evidence)
        yield from _each(f"milestones.{code}.claim_by", "role", milestone.claim_by)
        yield from _each(f"milestones.{code}.verify_by", "role", milestone.verify_by)
    yield from _in_care(program.care)
    for code, panel in program.reviews.items():
        yield from (
            _Reference(f"reviews.{code}.seats[{at}].role", "role", seat.role) for at, seat in enumerate(panel.seats)
        )
        yield from _each(f"reviews.{code}.request_by", "role", panel.request_by)
        yield from _each(f"reviews.{code}.must_include", "role", panel.must_include)
    for code, scope in program.consent_scopes.items():
        yield from _each(f"consent_scopes.{code}.partners", "partner", scope.partners)
    yield from _in_sharing(program)
    for code, purpose in program.reading.items():
        yield from _each(f"reading.{code}.roles", "role", purpose.roles)
    if program.due_process is not None:
        yield from _each("due_process.decide_by", "role", program.due_process.decide_by)
        yield from _each("due_process.appeal_by", "role", program.due_process.appeal_by)
        yield from _each("due_process.danger_by", "role", program.due_process.danger_by)
        for code, kind_of_measure in program.due_process.measures.items():
            yield from _each(f"due_process.measures.{code}.legal_bases", "legal basis", kind_of_measure.legal_bases)
    for kind, rule in program.silence.items():
        yield _Reference(f"silence.{kind}.owner", "role", rule.owner)
        for at, rung in enumerate(rule.ladder):
            yield _Reference(f"silence.{kind}.ladder[{at}].tell", "role", rung.tell)


def _in_care(care: Care | None) -> Iterator[_Reference]:
    if care is None:
        return
    for code, kind in care.supports.items():
        yield _Reference(f"care.supports.{code}.answers", "need", kind.answers)
        yield from _each(f"care.supports.{code}.attest_by", "role", kind.attest_by)
    for code, due in care.entitlements.items():
        yield _Reference(f"care.entitlements.{code}.support", "support", due.support)
    if care.referrals is not None:
        yield from _in_referrals(care.referrals)
    if care.network is not None:
        yield _Reference("care.network.participant_scope", "consent scope", care.network.participant_scope)
        for code, for_relatives in care.network.supports.items():
            yield from _each(f"care.network.supports.{code}.attest_by", "role", for_relatives.attest_by)
    if care.assessment is not None:
        yield from (_Reference(f"care.assessment.every.{phase}", "phase", phase) for phase in care.assessment.every)
        yield from _each("care.assessment.correct_by", "role", care.assessment.correct_by)
    if care.follow_up is not None:
        yield from (_Reference(f"care.follow_up.phases.{phase}", "phase", phase) for phase in care.follow_up.phases)
    if care.safety is not None:
        yield from (_Reference(f"care.safety.review_in.{phase}", "phase", phase) for phase in care.safety.review_in)
        yield from _each("care.safety.respond_by", "role", care.safety.respond_by)
    if care.setbacks is not None:
        yield from _each("care.setbacks.act_by", "role", care.setbacks.act_by)


def _in_referrals(rule: Referrals) -> Iterator[_Reference]:
    for partner, kinds in rule.providers.items():
        yield _Reference(f"care.referrals.providers.{partner}", "partner", partner)
        yield from _each(f"care.referrals.providers.{partner}", "support", kinds)
    yield from _each("care.referrals.without_consent", "provider", rule.without_consent)
    if rule.purpose is not None:
        yield _Reference("care.referrals.purpose", "purpose", rule.purpose)


def _in_sharing(program: Program) -> Iterator[_Reference]:
    grounds = program.disclosure.exceptions if program.disclosure is not None else {}
    for code, agreement in program.agreements.items():
        yield from _each(f"agreements.{code}.parties", "partner", agreement.parties)
    for code, ground in grounds.items():
        yield from _each(f"disclosure.exceptions.{code}.partners", "partner", ground.partners)
    receiving = {party for agreement in program.agreements.values() for party in agreement.parties}
    receiving |= {partner for ground in grounds.values() for partner in ground.partners}
    for code, role in program.roles.items():
        yield from _each(f"roles.{code}.certificates", "certificate", role.certificates)
        if role.partner is not None:
            yield _Reference(f"roles.{code}.partner", "partner", role.partner)
        if role.partner in receiving:
            # Whoever receives what is disclosed is referred to by being there.
            yield _Reference(f"roles.{code}", "role", code)
    if program.retention is not None:
        yield _Reference("retention.officer", "role", program.retention.officer)


def _in_phases(program: Program) -> Iterator[_Reference]:
    for code, phase in program.phases.items():
        yield from _each(f"phases.{code}.accountable", "role or partner", phase.accountable)
        yield from _each(f"phases.{code}.step_back_to", "phase", phase.step_back_to)
        yield from _each(f"phases.{code}.reentry_to", "phase", phase.reentry_to)
        for at, transition in enumerate(phase.transitions):
            path = f"phases.{code}.transitions[{at}]"
            yield _Reference(f"{path}.to", "phase", transition.to)
            yield _Reference(f"{path}.gate.review", "panel", transition.gate.review)
            yield from _each(f"{path}.gate.milestones", "milestone", transition.gate.milestones)
            yield from _each(f"{path}.gate.consent", "consent scope", transition.gate.consent)


def _each(path: str, what: str, names: tuple[str, ...]) -> Iterator[_Reference]:
    return (_Reference(f"{path}[{at}]", what, name) for at, name in enumerate(names))


def _unused(program: Program, named: set[tuple[str, str]]) -> Iterator[Finding]:
    defined: list[tuple[str, str, Collection[str]]] = [
        ("roles", "role", program.roles), ("partners", "partner", program.partners), ("milestones", "milestone", program.milestones),
        ("consent_scopes", "consent scope", program.consent_scopes), ("reviews", "panel", program.reviews),
        ("evidence_kinds", "evidence kind", program.evidence_kinds),
    ]  # fmt: skip
    for section, what, names in defined:
        for name in names:
            if (what, name) not in named:
                yield Finding(
                    f"{section}.{name}", "unused",
                    f"nothing in the definition refers to this {what}: readers will think that it has an effect",
                    "refer to it where it belongs, or remove it", "warning",
                )  # fmt: skip
