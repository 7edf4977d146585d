"""Expectations: what a step claims, compared with what was recorded and where the case stands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from starter.scenario.model import Step, View
from starter.scenario.pattern import matches
from starter.scenario.standing import view
from workflows.case.state import Case
from workflows.case.why import why
from workflows.core.envelope import CommandRefused
from workflows.program.model import Program

PathInStep = tuple[str | int, ...]


class Found(NamedTuple):
    """What a step is compared with.

    case, at: where the case stands after the step, and the story's instant then.
    events, all_events: what was recorded in the step, and since the beginning, as plain JSON.
    refusal: the answer to the step's command, if it was no.
    """

    case: Case
    at: datetime
    program: Program
    events: Sequence[Mapping[str, Any]]
    all_events: Sequence[Mapping[str, Any]]
    refusal: CommandRefused | None


class Result(NamedTuple):
    """One expectation: where it stands in the step, in words, and what was found instead (empty: it held)."""

    path: PathInStep
    expected: str
    instead: str

    @property
    def held(self) -> bool:
        """Whether it held."""
        return not self.instead


def compare(step: Step, found: Found) -> Iterator[Result]:
    """Every expectation of the step but that its command is accepted."""
    if step.refused is not None:
        code = "accepted" if found.refusal is None else f"refused as {found.refusal.code}: {found.refusal.why}"
        as_wished = found.refusal is not None and found.refusal.code == step.refused
        yield Result(("refused",), f"refused as {step.refused}", "" if as_wished else code)
    zone = found.program.calendar.zone
    for index, pattern in enumerate(step.expect):
        seen = any(matches(pattern, event, zone) for event in found.events)
        yield Result(("expect", index), told(pattern, "type"), "" if seen else _recorded(pattern, found.events))
    for field, patterns, wanted in (("never", step.never, 0), ("once", step.once, 1)):
        for index, pattern in enumerate(patterns):
            count = sum(matches(pattern, event, zone) for event in found.all_events)
            times = {0: "it never happened", 1: "it happened once"}.get(count, f"it happened {count} times")
            yield Result((field, index), f"{field}: {told(pattern, 'type')}", "" if count == wanted else times)
    yield from _owed(step, found)
    yield from _why(step, found)
    if step.state is not None:
        yield from _state(step.state, view(found.case))


def told(pattern: Mapping[str, Any], name: str) -> str:
    """A pattern in words: `obligation_escalated (kind check_in, level 1)`."""
    rest = ", ".join(f"{field} {_value(value)}" for field, value in pattern.items() if field != name)
    return f"{pattern.get(name, 'anything')}" + (f" ({rest})" if rest else "")


def _value(value: Any) -> str:
    match value:
        case dict():
            return "{" + ", ".join(f"{name} {_value(inner)}" for name, inner in value.items()) + "}"
        case list() | tuple():
            return ", ".join(map(_value, value)) or "nothing"
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case _:
            return str(value)


def _recorded(pattern: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str:
    """What was recorded instead: of the same type, with the fields that the pattern names; or else every type."""
    alike = [event for event in events if event["type"] == pattern["type"]]
    if alike:
        named = Counter(told({name: event.get(name) for name in pattern}, "type") for event in alike)
    else:
        named = Counter(str(event["type"]) for event in events)
    return ", ".join(text if n == 1 else f"{n} times {text}" for text, n in named.items()) or "nothing was recorded"


def _owed(step: Step, found: Found) -> Iterator[Result]:
    zone = found.program.calendar.zone
    open_ones = [obligation.model_dump(mode="json") for obligation in found.case.obligations.values()]
    kinds = ", ".join(sorted({obligation["kind"] for obligation in open_ones})) or "nothing"
    for field, patterns, wanted in (("owed", step.owed, True), ("not_owed", step.not_owed, False)):
        for index, pattern in enumerate(patterns):
            same = [one for one in open_ones if matches(pattern, one, zone)]
            alike = [one for one in open_ones if one["kind"] == pattern.get("kind")]
            shown = ", ".join(told({name: one.get(name) for name in pattern}, "kind") for one in alike)
            words = f"{'owed' if wanted else 'not owed'}: {told(pattern, 'kind')}"
            yield Result((field, index), words, "" if bool(same) == wanted else f"owed is {shown or kinds}")


def _why(step: Step, found: Found) -> Iterator[Result]:
    reports = {report.to: report for report in why(found.case, found.program, found.at)}
    for phase, expected in step.why.items():
        words = f"the way to {phase} waits for {', '.join(expected) or 'nothing'}"
        if phase not in reports:
            yield Result(("why", phase), words, f"there is no way there from {found.case.phase.phase}")
            continue
        subjects = list(dict.fromkeys(need.subject for need in reports[phase].unmet))
        instead = "" if set(subjects) == set(expected) else f"it waits for {', '.join(subjects) or 'nothing'}"
        yield Result(("why", phase), words, instead)


def _state(expected: View, actual: View) -> Iterator[Result]:
    for name in type(expected).model_fields:
        if name not in expected.model_fields_set:
            continue
        wanted, is_now = getattr(expected, name), getattr(actual, name)
        if name == "milestones":
            for part, value in wanted.items():
                yield _same(("state", name, part), value, is_now.get(part, "unclaimed"))
        elif isinstance(wanted, tuple):
            yield _same(("state", name), sorted(wanted), sorted(is_now))
        else:
            yield _same(("state", name), wanted, is_now)


def _same(path: PathInStep, wanted: Any, is_now: Any) -> Result:
    name = ".".join(map(str, path[1:]))
    return Result(path, f"{name} is {_value(wanted)}", "" if wanted == is_now else f"it is {_value(is_now)}")
