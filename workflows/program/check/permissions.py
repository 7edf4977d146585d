"""Every command can be sent by somebody, and the clock's commands by nobody."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.check.finding import Finding, people, unknown
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Commands without anybody who may send them, unknown ones, and the engine's own given to people."""
    for command in sorted(vocabulary.commands - vocabulary.system):
        if not people(program, program.permissions.get(command, ())):
            yield Finding(
                "permissions" + f".{command}" * (command in program.permissions), "command_without_role",
                f"nobody may send {command}: whatever takes it can never be done",
                f"give permissions.{command} the roles that may send it",
            )  # fmt: skip
    if people(program, program.permissions.get("confirm_link", ())) == 1:
        yield Finding(
            "permissions.confirm_link", "link_needs_another",
            "one person alone may confirm possible links: a case that they opened themselves could never be closed",
            "give permissions.confirm_link roles of at least two people",
        )  # fmt: skip
    for command in program.permissions:
        if command in vocabulary.system:
            yield Finding(
                f"permissions.{command}", "system_command_permitted",
                f"{command} is sent by the clock or the engine alone: a person who sent it could invent time or a delivery",
                "remove the line",
            )  # fmt: skip
        elif command not in vocabulary.commands:
            known = sorted(vocabulary.commands - vocabulary.system)
            yield unknown(path=f"permissions.{command}", what="command", name=command, known=known)
