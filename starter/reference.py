"""The reference pages, written from the code: `docs/commands.md` and `docs/refusals.md`. `make docs` writes them; a test compares."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from workflows.case.commands import COMMANDS, MET_BY
from workflows.core.kinds import Command, NoteRef, PersonId, VersionTag

ROOT = Path(__file__).resolve().parent.parent
RULES = ROOT / "workflows" / "case"
_WRITTEN = "<!-- Written by `make docs` from the code; do not edit. -->\n"

_COMMANDS_INTRODUCED = """\
Every command goes through the same door and gets one recorded answer. Who may send it stands in the program's `permissions`; on the command
line it is `offramp case do CASE COMMAND`. A *note* is a text that is sealed before the command is sent.
"""


class Refusal(NamedTuple):
    """A refusal as it stands in the rules: its room, its code, why and cure; `…` stands for what is filled in."""

    room: str
    code: str
    why: str
    cure: str


def refusals() -> Iterator[Refusal]:
    """Every refusal in the rules of a case, in the order of rooms and of their code."""
    for path in sorted(RULES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refused":
                code, why, cure = (_text(argument) for argument in node.args)
                # The door hands on what a room refused; that has no words of its own.
                if code != "…":
                    yield Refusal(path.stem, code, why, cure)


def _text(node: ast.expr) -> str:
    """A literal's text; an f-string's with `…` for each value; anything else is filled in whole."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return "…"


def refusals_page() -> str:
    """`docs/refusals.md`: by code, each with its room, what was found, and what to do."""
    rows = sorted(set(refusals()), key=lambda found: (found.code, found.room, found.why, found.cure))
    lines = [
        "# Refusals\n", _WRITTEN,
        "A refusal is an answer: it is recorded with its code, why, and what would cure it, and comes with a receipt. `…` stands for what is filled in.\n",
        "| code | room | what was found | what to do |", "| --- | --- | --- | --- |",
        *(f"| `{row.code}` | {row.room} | {_cell(row.why)} | {_cell(row.cure)} |" for row in rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """`docs/commands.md`: every command that a person may send, with its fields and what it settles."""
    lines = [
        "# Commands\n", _WRITTEN,
        _COMMANDS_INTRODUCED,
    ]  # fmt: skip
    for name, kind in COMMANDS.items():
        lines += [f"## `{name}`\n", cleandoc(kind.__doc__ or "") + "\n", *_fields(kind)]
        settled = [obligation for obligation, met_by in MET_BY.items() if name in met_by]
        if settled:
            lines.append(f"Settles what is owed as {', '.join(f'`{obligation}`' for obligation in settled)}.\n")
    return "\n".join(lines).rstrip() + "\n"


def _fields(kind: type[Command]) -> list[str]:
    rows = [(name, field) for name, field in kind.model_fields.items() if name != "type"]
    if not rows:
        return []
    table = [
        f"| `{name}` | {_kind(field)}{'' if field.is_required() else ', optional'} | {_cell(field.description or '')} |"
        for name, field in rows
    ]
    return ["| field | what it is | |", "| --- | --- | --- |", *table, ""]


def _kind(field: FieldInfo) -> str:
    """A word for the type of a field."""
    return _by_pattern(field.metadata) or _word(field.annotation)


def _by_pattern(metadata: Iterable[object]) -> str:
    """What a pattern of `workflows.core.kinds` stands for; empty if there is none of them."""
    patterns = {getattr(data, "pattern", None) for data in metadata}
    return next((word for pattern, word in _PATTERNS.items() if pattern in patterns), "")


def _word(annotation: object) -> str:
    arguments = [one for one in get_args(annotation) if one is not type(None)]
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f"`{one}`" for one in arguments)
    if origin is tuple:
        return f"one or more {_word(arguments[0])}"
    if hasattr(annotation, "__metadata__"):
        return _by_pattern(annotation.__metadata__) or _word(arguments[0])
    if arguments:
        return _word(arguments[0])
    return _WORDS.get(getattr(annotation, "__name__", ""), getattr(annotation, "__name__", str(annotation)).lower())


_PATTERNS = {
    next(str(data.pattern) for data in get_args(kind)[1:] if hasattr(data, "pattern")): word
    for kind, word in ((NoteRef, "note"), (PersonId, "person, by id"), (VersionTag, "version"))
}
_WORDS = {"str": "code", "int": "number", "datetime": "instant", "bool": "yes or no", "Evidence": "pieces of evidence"}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


PAGES = {"commands.md": commands_page, "refusals.md": refusals_page}


def write() -> None:
    """Write every page."""
    folder = ROOT / "docs"
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
