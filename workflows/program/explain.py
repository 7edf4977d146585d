"""What a validation error means to the person who wrote the definition: the line, what was found, what is allowed, the cure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from workflows.program.schema import program_schema

Path = tuple[str | int, ...]
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


def explain(error: ValidationError, *, value: object, lines: Mapping[Path, int]) -> list[Problem]:
    """Every problem of a validation error, one for each path, in the words of the file."""
    by_path: dict[tuple[Path, str], Problem] = {}
    details = error.errors(include_url=False)
    for detail in details:
        path = _path_in(value, detail["loc"])
        if detail["type"] == "too_short" and any(
            other["loc"][: len(path)] == path != other["loc"] for other in details
        ):
            continue  # a list counts as short when its items failed; the items say what is wrong
        problem = _problem(detail, path, _line(path, lines))
        key = (path, problem.path if detail["type"] in {"missing", "extra_forbidden"} else "")
        known = by_path.get(key)
        # A field that may be one of two things answers once for each: say both in one problem.
        by_path[key] = known._replace(allowed=f"{known.allowed}, or {problem.allowed}") if known else problem
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


def _problem(detail: ErrorDetails, path: Path, line: int) -> Problem:
    kind, loc = detail["type"], detail["loc"]
    if kind == "missing":
        name = str(loc[-1])
        return Problem(line, path_text((*path, name)), "nothing", f"a value for {name!r}", _about(path, name))
    if kind == "extra_forbidden":
        name, known_fields = str(path[-1]), _fields(path[:-1])
        cure = (
            suggestion(name, known_fields) or "remove it; what a program may set is listed by 'offramp program schema'"
        )
        return Problem(line, path_text(path), f"the unknown field {name!r}", ", ".join(known_fields), cure)
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


def _branches(node: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in node:
        return _branches(program_schema()["$defs"][node["$ref"].rsplit("/", 1)[-1]])
    return [found for option in node["anyOf"] for found in _branches(option)] if "anyOf" in node else [node]


def _below(node: dict[str, Any], step: str | int) -> list[dict[str, Any]]:
    if isinstance(step, int):
        return [node["items"]] if isinstance(node.get("items"), dict) else []
    named = node.get("properties", {}).get(step)
    others = [*node.get("patternProperties", {}).values(), node.get("additionalProperties")]
    return [named] if named else [other for other in others if isinstance(other, dict)]


def _at(path: Path) -> list[dict[str, Any]]:
    nodes = _branches(program_schema())
    for step in path:
        nodes = [found for node in nodes for below in _below(node, step) for found in _branches(below)]
    return nodes


def _fields(path: Path) -> list[str]:
    """The names of the fields that may stand at a path, from the schema of a definition."""
    return [name for node in _at(path) for name in node.get("properties", {})]


def _about(path: Path, name: str) -> str:
    described = (node.get("properties", {}).get(name, {}).get("description") for node in _at(path))
    about = next((text for text in described if text), "")
    return f"add {name!r}" + (f" ({about})" if about else "")
