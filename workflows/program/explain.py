"""What a validation error means to the person who wrote the definition: the line, what was found, what is allowed, the cure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows.program.fields import Fields, Path
from workflows.program.schema import program_schema

_CODE = r"^[a-z]"
_SHOWN = 60


class Problem(NamedTuple):
    """One thing that is wrong: on which line (from 1), at which path, what was found, what is allowed, what to do."""

    line: int
    path: str
    found: str
    allowed: str
    cure: str

    def __str__(self) -> str:
        """One line for a terminal."""
        where = f"line {self.line}" + (f", {self.path}" if self.path else "")
        return f"{where}: found {self.found}; allowed: {self.allowed}; cure: {self.cure}"

    @property
    def discreet(self) -> str:
        """One line that repeats no word of the file: for files in which, unlike in a definition, people may stand."""
        found = re.sub(r", [!&*].*|(?<=undefined tag handle) .*|(?<= key) (['\"]).*?\1(?= again)", "", self.found)
        return f"line {self.line}: found {found}; {self.cure}"


def path_text(path: Path) -> str:
    """A path as findings and errors print it: `phases.intake.transitions[0].gate`."""
    return re.sub(r"\.(?=\[)", "", ".".join(f"[{step}]" if isinstance(step, int) else step for step in path))


def suggestion(word: str, allowed: list[str]) -> str:
    """A close match among what is allowed, as a cure; empty where nothing is close."""
    close = get_close_matches(word, allowed, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def explain(
    error: ValidationError, *, value: object, lines: Mapping[Path, int], known: Fields | None = None
) -> list[Problem]:
    """Every problem of a validation error, one for each path, in the words of the file.

    Args:
        error: what pydantic found.
        value: the file's content, as it was validated.
        lines: path → line.
        known: the fields of such a file; those of a program's definition if left out.
    """
    known = known or Fields(program_schema(), "offramp program schema")
    by_path: dict[tuple[Path, str], Problem] = {}
    details = error.errors(include_url=False)
    for detail in details:
        path = _path_in(value, detail["loc"])
        if detail["type"] == "too_short" and any(
            other["loc"][: len(path)] == path != other["loc"] for other in details
        ):
            continue  # a list counts as short when its items failed; the items say what is wrong
        line = _line(path, lines)
        problem = _of_a_field(detail, path, line, known=known, value=value) or _problem(detail, path, line)
        key = (path, problem.path if detail["type"] in {"missing", "extra_forbidden"} else "")
        said = by_path.get(key)
        # A field that may be one of two things answers once for each: say both in one problem.
        by_path[key] = said._replace(allowed=f"{said.allowed}, or {problem.allowed}") if said else problem
    return list(by_path.values())


def _path_in(value: object, loc: tuple[str | int, ...]) -> Path:
    """The part of pydantic's location that stands in the file (it also names branches of unions)."""
    path: list[str | int] = []
    for step in loc:
        match value:
            case dict() if step in value:
                value = value[step]
            case list() if isinstance(step, int) and step < len(value):
                value = value[step]
            case _:
                continue
        path.append(step)
    return tuple(path)


def _line(path: Path, lines: Mapping[Path, int]) -> int:
    return next((lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in lines), 1)


def _of_a_field(detail: ErrorDetails, path: Path, line: int, *, known: Fields, value: object) -> Problem | None:
    """The problem, if it is that a field is missing, or is one too many."""
    kind, loc = detail["type"], detail["loc"]
    if kind == "extra_forbidden":
        name, fields = str(path[-1]), known.at(path[:-1], value)
        cure = suggestion(name, fields) or f"remove it; what may be set here is listed by '{known.listed_by}'"
        return Problem(line, path_text(path), f"the unknown field {name!r}", ", ".join(fields), cure)
    if kind not in {"missing", "union_tag_not_found"}:
        return None
    name = str(loc[-1]) if kind == "missing" else _tag(detail)
    about = known.about(path, name, value)
    cure = f"add {name!r}" + (f" ({about})" if about else "")
    return Problem(line, path_text((*path, name)), "nothing", f"a value for {name!r}", cure)


def _tag(detail: ErrorDetails) -> str:
    """The field by which pydantic tells the branches of a union apart."""
    return str(detail.get("ctx", {}).get("discriminator", "type")).strip("'")


def _problem(detail: ErrorDetails, path: Path, line: int) -> Problem:
    kind, loc = detail["type"], detail["loc"]
    if kind == "union_tag_invalid":
        found, allowed = str(detail["ctx"]["tag"]), str(detail["ctx"]["expected_tags"]).replace("'", "")
        cure = suggestion(found, allowed.split(", ")) or "use one of those"
        return Problem(line, path_text((*path, _tag(detail))), repr(found), allowed, cure)
    if "[key]" in loc:
        return Problem(line, path_text(path), f"the key {path[-1]!r}", _allowed(detail), _cure(detail, str(path[-1])))
    return Problem(line, path_text(path), _shown(detail["input"]), _allowed(detail), _cure(detail, detail["input"]))


def _shown(found: object) -> str:
    match found:
        case dict():
            return "a mapping"
        case list():
            return "a list" if found else "an empty list"
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[found]
        case _:
            text = repr(found)
            return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _allowed(detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    match detail["type"]:
        case "value_error":
            return str(context.get("error", detail["msg"]))
        case "literal_error":
            return str(context.get("expected", detail["msg"]))
        case "string_pattern_mismatch" if str(context.get("pattern", "")).startswith(_CODE):
            return "a code: lower-case letters, digits and _, beginning with a letter, at most 64"
        case "string_type":
            return "text"
        case "tuple_type" | "list_type":
            return "a list"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "a mapping"
        case _:
            message = detail["msg"]
            return message[:1].lower() + message[1:]


def _cure(detail: ErrorDetails, found: object) -> str:
    match detail["type"]:
        case "string_type" if isinstance(found, (bool, int, float)):
            return f"put it in quotes: {json.dumps(json.dumps(found))}"
        case "literal_error":
            return suggestion(str(found), re.findall(r"'([^']*)'", _allowed(detail))) or "use one of those"
        case "string_pattern_mismatch" if isinstance(found, str) and re.fullmatch(r"[A-Za-z][\w -]*", found):
            return f"for example {re.sub(r'[ -]+', '_', found.lower())!r}"
        case "tuple_type" | "list_type":
            return "write it as a list: [one, two]"
        case "model_type" | "dict_type" | "model_attributes_type":
            return "write its fields, indented, on the lines below"
        case _:
            return "change it to what is allowed"
