"""Every support answers a need and is attested by somebody who did not order it, and every entitlement can be earned."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.check.finding import Finding, not_permitted, unknown
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Supports for no need, needs without support, and sessions that only whoever leads the case could attest."""
    care = program.care
    yield from _gates(program)
    if care is None:
        return
    for code, kind in care.supports.items():
        path = f"care.supports.{code}"
        if kind.answers not in care.needs:
            yield unknown(path=f"{path}.answers", what="need", name=kind.answers, known=care.needs)
        for at, role in enumerate(kind.attest_by):
            if role not in program.roles:
                yield unknown(path=f"{path}.attest_by[{at}]", what="role", name=role, known=program.roles)
        roles, duty = kind.attest_by, f"{path}.attest_by"
        yield from not_permitted(program, vocabulary, path=duty, roles=roles, commands=["attest_session"])
        if program.lead_role in roles:
            why = f"{program.lead_role} leads the cases: a session attested by whoever ordered it proves nothing"
            yield Finding(duty, "attested_by_lead", why, "name a role of those who provide the support")
    answered = {kind.answers for kind in care.supports.values()}
    for code in care.needs:
        if code not in answered:
            why = "no support answers this need: once identified, it could never be addressed"
            yield Finding(f"care.needs.{code}", "need_without_support", why, "add a support that 'answers' it")
    for code, due in care.entitlements.items():
        if due.support not in care.supports:
            yield unknown(path=f"care.entitlements.{code}.support", what="support", name=due.support, known=care.supports)  # fmt: skip


def _gates(program: Program) -> Iterator[Finding]:
    """Gates that ask for support where none can be planned, and advances that would wait for the end of all support."""
    for code, phase in program.phases.items():
        for at, transition in enumerate(phase.transitions):
            gate, path = transition.gate, f"phases.{code}.transitions[{at}].gate"
            if program.care is None and (gate.support_delivered or gate.needs_addressed):
                why = "it asks for support that was delivered, and the definition has no catalogue: it could never open"
                yield Finding(path, "gate_without_catalogue", why, "add 'care' with needs and supports")
            if transition.kind != "exit" and (gate.support_delivered or gate.needs_addressed or gate.referrer_feedback):
                why = "support goes on across phases: only an exit asks that all of it was delivered"
                yield Finding(path, "advance_asks_for_exit", why, "ask for it where the kind is 'exit', or remove it")
