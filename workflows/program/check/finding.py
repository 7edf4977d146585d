"""What a check reports, and what several of them ask of a definition."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, NamedTuple

from workflows.program.explain import suggestion
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary

Severity = Literal["error", "warning"]


class Finding(NamedTuple):
    """A property that does not hold: where in the file, its stable code, why it matters, what to do.

    A definition with an error is not published; a warning is for its designers to weigh.
    """

    path: str
    code: str
    why: str
    cure: str
    severity: Severity = "error"


def people(program: Program, roles: Iterable[str]) -> int:
    """How many people the program undertakes to have in these roles; a role that it does not define has nobody."""
    return sum(program.roles[role].people for role in set(roles) if role in program.roles)


def permitted(program: Program, command: str, roles: Iterable[str]) -> tuple[str, ...]:
    """Those of `roles` that exist and may send the command."""
    allowed = program.permissions.get(command, ())
    return tuple(role for role in roles if role in allowed and role in program.roles)


def not_permitted(
    program: Program, vocabulary: Vocabulary, *, path: str, roles: Iterable[str], commands: Iterable[str]
) -> Iterator[Finding]:
    """A finding for each role that is given a duty here and may not send the command that the duty takes."""
    for command in commands:
        allowed = program.permissions.get(command, ())
        for role in roles:
            if command in vocabulary.commands and role in program.roles and role not in allowed:
                yield Finding(
                    path, "role_not_permitted",
                    f"{role} is named here, and 'permissions' does not let {role} send {command}: the duty could not be done",
                    f"add {role} to permissions.{command}, or name a role that is there",
                )  # fmt: skip


def unknown(*, path: str, what: str, name: str, known: Collection[str]) -> Finding:
    """The finding about a reference to something that the definition does not have."""
    listed = ", ".join(known) or "none is defined"
    code = "unknown_" + what.replace(" ", "_")
    close = suggestion(name, list(known))
    return Finding(path, code, f"the definition has no {what} {name!r}", f"{close} " * bool(close) + f"known: {listed}")
