"""Reading a story: the file, strictly, and the program that it names; or every problem with its line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from starter.scenario.model import Scenario, View
from workflows.program.explain import Problem, explain, path_text, suggestion
from workflows.program.fields import Fields
from workflows.program.load import DefinitionError, Outline, load_program, outline, text_of
from workflows.program.model import Program

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LINES = dict[tuple[str | int, ...], int]


class Story(NamedTuple):
    """A scenario with its program, and the line on which each path of its file stands."""

    file: str
    scenario: Scenario
    program: Program
    lines: _LINES

    def line(self, *path: str | int) -> int:
        """The line of a path, which may be written with a dot at its end, or of the nearest part above it."""
        dotted = (*path[:-2], ".".join(map(str, path[-2:])))
        paths = (path, dotted, *(path[:end] for end in range(len(path) - 1, -1, -1)))
        return next(self.lines[one] for one in paths if one in self.lines)


class StoryError(Exception):
    """A story that cannot be played. `problems` holds every problem found, in the order of their lines."""

    def __init__(self, file: str, problems: list[Problem]) -> None:
        self.file, self.problems = file, sorted(problems, key=lambda problem: (problem.line, problem.path))
        super().__init__("\n".join(map(str, self.problems)))


@cache
def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario, with which an editor completes and validates while somebody writes."""
    return {"$schema": _DIALECT, **Scenario.model_json_schema()}


def load_story(path: Path) -> Story:
    """Read the story at `path`, and its program.

    Raises:
        StoryError: with every problem: its line, its path, what was found, what is allowed, the cure.
    """
    file = str(path)
    read = _outline(path)
    try:
        scenario = Scenario.model_validate_json(json.dumps(read.value), strict=True)
    except ValidationError as error:
        known = Fields(scenario_schema(), "offramp scenario schema")
        raise StoryError(file, explain(error, value=read.value, lines=read.lines, known=known)) from error
    story = Story(file, scenario, _program(path, scenario, read), read.lines)
    if problems := list(_strangers(story)):
        raise StoryError(file, problems)
    return story


def _outline(path: Path) -> Outline:
    try:
        with path.open("rb") as stream:
            return outline(text_of(stream))
    except OSError as error:
        found = f"a file that cannot be read ({error.strerror})"
        raise StoryError(str(path), [Problem(1, "", found, "a story", "correct the path or its rights")]) from error
    except UnicodeDecodeError as error:
        found = f"what is no UTF-8 text (byte {error.start})"
        raise StoryError(str(path), [Problem(1, "", found, "UTF-8 text", "save it as UTF-8")]) from error
    except DefinitionError as error:
        raise StoryError(str(path), error.problems) from error


def _program(story: Path, scenario: Scenario, read: Outline) -> Program:
    """The program that the story names: by its path, seen from the story's folder or from one above it."""
    line, named = read.lines["program",], Path(scenario.program)
    found = next((folder / named for folder in story.resolve().parents if (folder / named).is_file()), None)
    if found is None:
        cure = "give its path from the story's folder, or from one above it"
        raise StoryError(
            str(story), [Problem(line, "program", repr(scenario.program), "the file of a definition", cure)]
        )
    try:
        with found.open("rb") as stream:
            return _definition(text_of(stream))
    except (DefinitionError, UnicodeDecodeError, OSError) as error:
        first = error.problems[0] if isinstance(error, DefinitionError) else type(error).__name__
        cure = f"run 'offramp program check {found}'; its first problem is on {first}"
        problem = Problem(line, "program", "a definition that cannot be read", "a sound definition", cure)
        raise StoryError(str(story), [problem]) from error


@lru_cache(maxsize=16)
def _definition(text: str) -> Program:
    """Read once for all stories of a folder."""
    return load_program(text)


def _strangers(story: Story) -> Iterator[Problem]:
    """Names that mean nothing in this story: roles, senders, phases and milestones."""
    people, program = story.scenario.people, story.program
    for person, known in people.items():
        for index, role in enumerate(known.roles):
            yield from _stranger(story, ("people", person, "roles", index), role, list(program.roles))
    for number, step in enumerate(story.scenario.steps):
        if step.by is not None:
            yield from _stranger(story, ("steps", number, "by"), step.by, list(people))
        for phase in step.why:
            yield from _stranger(story, ("steps", number, "why", phase), phase, list(program.phases))
        if step.state is not None:
            for path, found, allowed in _named(step.state, program):
                yield from _stranger(story, ("steps", number, "state", *path), found, allowed)


def _named(state: View, program: Program) -> Iterator[tuple[tuple[str | int, ...], str, list[str]]]:
    """Every code of the definition that an expected state names: where, the code, and the codes there are."""
    kinds = program.due_process.measures if program.due_process is not None else {}
    bases = program.lawful_basis.bases if program.lawful_basis is not None else {}
    classes = program.retention.classes if program.retention is not None else {}
    if state.phase is not None:
        yield ("phase",), state.phase, list(program.phases)
    if state.hold is not None:
        yield ("hold",), state.hold, list(program.holds)
    if state.retention_class is not None:
        yield ("retention_class",), state.retention_class, list(classes)
    for milestone in state.milestones:
        yield ("milestones", milestone), milestone, list(program.milestones)
    for number, kind in state.measures.items():
        yield ("measures", number), kind, list(kinds)
    lists: dict[str, Mapping[str, object]] = {
        "consents": program.scopes,
        "asked": program.scopes,
        "partners": program.partners,
        "lawful_basis": bases,
    }
    for field, known in lists.items():
        for index, code in enumerate(getattr(state, field)):
            yield (field, index), code, list(known)


def _stranger(story: Story, path: tuple[str | int, ...], found: str, allowed: list[str]) -> Iterator[Problem]:
    if found not in allowed:
        cure = suggestion(found, allowed) or "use one of those"
        yield Problem(story.line(*path), path_text(path), repr(found), ", ".join(allowed), cure)
