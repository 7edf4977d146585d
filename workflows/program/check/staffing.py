"""Whoever leads cases can be certified and has a limit that somebody may reason away, and no certificate stands before what is owed to a participant."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.core.refusal import listed
from workflows.program.check.finding import Finding, not_permitted
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Certificates that do nothing, or that could keep something from a participant; limits without a way past them."""
    yield from _roles(program)
    yield from _gates(program, vocabulary)
    path = "over_caseload_by"
    for at, role in enumerate(program.over_caseload_by):
        if role == program.lead_role:
            why = f"{role} leads the cases: whoever is to take one more would decide that it is not too much"
            yield Finding(f"{path}[{at}]", "caseload_overridden_by_lead", why, "name a role that supervises them")
    others = [role for role in program.over_caseload_by if role != program.lead_role]
    yield from not_permitted(program, vocabulary, path=path, roles=others, commands=["assign_lead"])
    if any(role.caseload is not None for role in program.roles.values()) and not program.over_caseload_by:
        why = "a role has a limit of cases and nobody may go past it: a case whose lead leaves could be taken by nobody"
        yield Finding(path, "caseload_without_override", why, "name the roles that may, with reasons")


def _roles(program: Program) -> Iterator[Finding]:
    for code, role in program.roles.items():
        path = f"roles.{code}.certificates"
        if role.certificates and code != program.lead_role:
            why = f"{code} leads no case, and a certificate of a role is asked for when somebody takes one: this does nothing"
            yield Finding(path, "certificate_without_effect", why, "name the 'commands' of the certificate instead")


def _gates(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    asked = {code for role in program.roles.values() for code in role.certificates}
    for code, certificate in program.certificates.items():
        path = f"certificates.{code}"
        if not certificate.commands and code not in asked:
            why = "no role and no command asks for it"
            yield Finding(
                path, "certificate_unused", why, "name it in 'roles', give it 'commands', or remove it", "warning"
            )
        for at, command in enumerate(certificate.commands):
            if command not in vocabulary.gateable:
                why = f"{command} may be owed to a participant, or is their right: a certificate that lapsed would keep it from them"
                known = listed(sorted(vocabulary.gateable))
                yield Finding(f"{path}.commands[{at}]", "certificate_before_duty", why, f"a certificate may gate: {known}")  # fmt: skip
