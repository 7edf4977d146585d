"""The strict reader of definitions: text in, a `Program` out, or every problem with its line.

YAML is read as JSON with comments: no anchors, aliases, merges, tags or duplicate keys, and only JSON's own scalars, so that `no`,
`12:30:00`, `017` and a date stay the text that somebody wrote. Whoever reads the file and whoever runs it see the same thing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import IO, NamedTuple

import yaml
from pydantic import ValidationError

from workflows.program.explain import Problem, explain, path_text
from workflows.program.fields import Path
from workflows.program.model import Program

MAX_BYTES = 128 * 1024
"""A definition is read by people; what is longer than this is something else."""
MAX_DEPTH = 12
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""What turns the direction of the text behind it: a definition would be reviewed as another than it is, in its comments too."""
_STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_PLAIN = "plain YAML: mappings, lists, text, whole numbers, true and false"

Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None


class DefinitionError(Exception):
    """A definition that cannot be read. `problems` holds every problem found, in the order of their lines."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.path))
        super().__init__("\n".join(map(str, self.problems)))


class _TooDeep(Exception):  # noqa: N818 - caught where it is translated, a few lines below
    def __init__(self, problem: Problem) -> None:
        self.problem = problem


class Outline(NamedTuple):
    """A definition as plain JSON values, with the line on which each path stands (the whole file is path `()`, line 1)."""

    value: Json
    lines: dict[Path, int]


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


class _Reader:
    """Builds JSON values from the parser's events, so that whatever YAML has beyond JSON is seen and refused."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=yaml.SafeLoader))
        self.lines: dict[Path, int] = {(): 1}
        self.problems: list[Problem] = []

    def read(self) -> Json:
        value: Json = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if event.version or event.tags:
                    self._problem(event, (), "a % directive", "remove the line that begins with %")
                if documents > 1:
                    self._problem(event, (), "a second document", "keep one definition in a file")
            elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent, yaml.CollectionStartEvent)):
                value = self._value(event, ())
        if documents == 0:
            self.problems.append(Problem(1, "", "an empty file", _PLAIN, "start from a copy of a shipped definition"))
        return value

    def _problem(self, event: yaml.Event, path: Path, found: str, cure: str) -> None:
        self.problems.append(Problem(_line(event), path_text(path), found, _PLAIN, cure))

    def _value(self, event: yaml.Event, path: Path) -> Json:
        self.lines.setdefault(path, _line(event))
        if isinstance(event, yaml.AliasEvent):
            self._problem(event, path, f"an alias, *{event.anchor}", "write the value out where it is meant")
            return None
        self._refuse_marks(event, path)
        if len(path) >= MAX_DEPTH:
            allowed = f"at most {MAX_DEPTH} levels"
            raise _TooDeep(Problem(_line(event), path_text(path), "deeper nesting", allowed, "flatten it"))
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, yaml.ScalarEvent) else self._mapping(path)

    def _refuse_marks(self, event: yaml.Event, path: Path) -> None:
        if anchor := getattr(event, "anchor", None):
            self._problem(event, path, f"an anchor, &{anchor}", "remove it; write the value out wherever it is meant")
        if tag := getattr(event, "tag", None):
            self._problem(event, path, f"a tag, {tag}", "remove it; the type of a value follows from its field")

    def _sequence(self, path: Path) -> list[Json]:
        values: list[Json] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Path) -> dict[str, Json]:
        values: dict[str, Json] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, path)
            line = _line(event)
            if key in values:
                first = self.lines[*path, key]
                self._problem(
                    event, (*path, key), f"the key {key!r} again (first on line {first})", "keep one of the two"
                )
            self.lines.setdefault((*path, key), line)
            value = self._value(next(self._events), (*path, key))
            values.setdefault(key, value)
        return values

    def _key(self, event: yaml.Event, path: Path) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._value(event, (*path, "?"))
            self._problem(event, path, "a key that is not a word", "write the key as one word")
            return "?"
        self._refuse_marks(event, path)
        if event.value == "<<" and event.style is None:
            self._problem(event, path, "a merge, <<", "write the fields out where they are meant")
        self._refuse_controls(event, event.value, path)
        return str(event.value)

    def _refuse_controls(self, event: yaml.ScalarEvent, text: str, path: Path) -> None:
        # An escape may write what the file itself could not hold.
        if found := _STEERS.search(text) or _TURNS.search(text):
            what = f"a character that steers what shows the text, U+{ord(found[0]):04X}"
            self._problem(event, path, what, "remove it; text is letters, signs, blanks and line breaks")

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> Json:
        text = str(event.value)
        if any("\ud800" <= letter <= "\udfff" for letter in text):
            self._problem(event, path, "half of a character (a lone surrogate)", "write the character itself")
            return ""
        self._refuse_controls(event, text, path)
        if event.style is not None:
            return text
        if not text:
            cure = "write one (text with a comma or colon needs quotes), or remove the field; an empty list is []"
            self._problem(event, path, "no value", cure)
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            return int(text)
        return float(text) if _DECIMAL.fullmatch(text) else text


def outline(text: str) -> Outline:
    """The definition as plain values with their lines; nothing is said yet about fields.

    Raises:
        DefinitionError: too long, too deep, no YAML, or YAML that JSON cannot say.
    """
    if len(text.encode(errors="surrogatepass")) > MAX_BYTES:
        found = f"{len(text.encode(errors='surrogatepass'))} bytes"
        raise DefinitionError([
            Problem(1, "", found, f"at most {MAX_BYTES} bytes", "a definition holds policy, not records")
        ])
    if turn := _TURNS.search(text):
        line, found = (
            text.count("\n", 0, turn.start()) + 1,
            f"a character that turns the text behind it, U+{ord(turn[0]):04X}",
        )
        raise DefinitionError([
            Problem(line, "", found, "text that reads as it stands", "remove the invisible character on this line")
        ])
    reader = _Reader(text)
    try:
        value = reader.read()
    except yaml.YAMLError as error:
        raise DefinitionError([*reader.problems, _syntax(error, text)]) from error
    except _TooDeep as error:
        raise DefinitionError([*reader.problems, error.problem]) from error
    except (ValueError, OverflowError) as error:
        # PyYAML lets an escape such as "\U99999999" out as it came; the last line read is where it stands.
        problem = Problem(
            max(reader.lines.values()), "", "an escape of no character", _PLAIN, "write the character itself"
        )
        raise DefinitionError([*reader.problems, problem]) from error
    if reader.problems:
        raise DefinitionError(reader.problems)
    return Outline(value, reader.lines)


def text_of(stream: IO[bytes]) -> str:
    """The text of a file, read only so far that `outline` can tell that it is too long.

    Raises:
        UnicodeDecodeError: it is not UTF-8.
        OSError: it cannot be read.
    """
    read = stream.read(MAX_BYTES + 4)
    # Where it is too long, the end that was cut off may be in the middle of a letter.
    return read.decode("utf-8", "strict" if len(read) <= MAX_BYTES else "ignore")


def _syntax(error: yaml.YAMLError, text: str) -> Problem:
    if isinstance(error, yaml.MarkedYAMLError):
        mark = error.problem_mark or error.context_mark
        found = f"broken YAML ({error.problem or error.context})"
        return Problem(
            mark.line + 1 if mark else 1, "", found, _PLAIN, "check indentation, colons and quotes on this line"
        )
    position = getattr(error, "position", 0)
    line = text.count("\n", 0, position) + 1 if isinstance(position, int) else 1
    return Problem(
        line, "", "a character that text may not hold", _PLAIN, "remove the invisible character on this line"
    )


def load_program(text: str) -> Program:
    """Read a definition, whole and strictly. References between its parts are proven by `check`.

    Raises:
        DefinitionError: with every problem: its line, its path, what was found, what is allowed, the cure.
    """
    read = outline(text)
    try:
        return Program.model_validate_json(json.dumps(read.value), strict=True)
    except ValidationError as error:
        raise DefinitionError(explain(error, value=read.value, lines=read.lines)) from error


def program_sha256(program: Program) -> str:
    """The hash that a published version is known by: SHA-256 of the parsed definition in canonical JSON, in hexadecimal.

    Comments and layout do not count, and a field left at its default hashes like the default written out. The order of the phases
    counts: a case begins in the first.
    """
    return sha256(program_canonical(program).encode()).hexdigest()


def program_canonical(program: Program) -> str:
    """The text over which that hash is taken: an outsider who has it needs nothing else to check a definition."""
    parts = {"definition": program.model_dump(mode="json", exclude_defaults=True), "phases": list(program.phases)}
    return json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def line_of(lines: Mapping[Path, int], path: str) -> int:
    """The line of a finding's path, or of the nearest part above it that stands in the file."""
    known = {path_text(steps): line for steps, line in lines.items()}
    while path not in known:
        path = re.sub(r"(^|\.)[^.\[]*$|\[[0-9]+\]$", "", path)
    return known[path]
