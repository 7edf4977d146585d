"""The transcript of a story: minutes that a practitioner could sign, with every expectation under the step that has it.

A transcript is the same wherever the story was played. What must differ is told otherwise: a sealed text stands in place of its reference, notices are
numbered as they come, and what the clock did within one minute is one minute of the record, its lines in
the order of their words, since of things due at the same instant none comes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from starter.audit.minutes import minute
from starter.audit.words import Words, plain
from starter.scenario.expect import Result
from starter.scenario.play import Played, PlayedStep, Told
from workflows.case.notice import NoticeServed
from workflows.core.kinds import CLOCK, SYSTEM_ACTORS

_REFERENCE = re.compile(r"note:[0-9a-f]{8}\b")
_NOTICE = re.compile(r"(?<=[Nn]otice )[0-9]+/[0-9]+")
_SHORT = len("note:01234567")
_INDENT = "    "
_WHO = 18


def transcript(played: Played) -> str:
    """The story as it went, as text that ends with a line break."""
    notices: dict[str, str] = {}
    parts = [_head(played), *(_step(played, step, notices) for step in played.steps), _end(played, notices)]
    return "\n\n".join("\n".join(part) for part in parts) + "\n"


def _head(played: Played) -> list[str]:
    scenario, program = played.story.scenario, played.story.program
    words = Words(program)
    lines = [scenario.scenario, *([scenario.about.strip()] if scenario.about else [])]
    lines.append(f"{program.title}, {program.version}; begins {words.day(scenario.starts)}")
    for person, known in scenario.people.items():
        roles = ", ".join(words.name("role", role) for role in known.roles)
        lines.append(
            f"{_INDENT}{person:<{_WHO}} {roles}" + (f" ({plain(known.organisation)})" if known.organisation else "")
        )
    return lines


def _step(played: Played, step: PlayedStep, notices: dict[str, str]) -> list[str]:
    line = played.story.line("steps", step.number - 1)
    lines = [f"Step {step.number} (line {line}): {_title(step)}"]
    lines += _minutes(played, step.told, notices)
    lines += [text for result in step.results for text in _result(played, step, result)]
    return lines


def _title(step: PlayedStep) -> str:
    told = step.step
    if told.title is not None:
        return told.title
    parts = [f"{told.after} pass"] if told.after is not None else []
    if told.by is not None and told.do is not None:
        parts.append(f"{told.by} sends '{plain(told.do.type)}'")  # type: ignore[attr-defined]  # every command has one
    return ", then ".join(parts) or "where the case stands"


def _minutes(played: Played, told: Sequence[Told], notices: dict[str, str]) -> Iterator[str]:
    """The entries in words. The proof of a delivery says nothing to whoever reads what people did, and is left out."""
    for entry, events in _gathered(told, played):
        what = minute(entry, events, played.story.program)
        said = sorted(what.what, key=_unnumbered) if entry.actor in SYSTEM_ACTORS else what.what
        first, *rest = (_in_words(text, played.words) for text in _numbered(said, notices))
        lead = f"{_INDENT}{what.when}  {what.who:<{_WHO}} "
        yield lead + first
        yield from (" " * len(lead) + text for text in rest)


def _gathered(told: Sequence[Told], played: Played) -> Iterator[Told]:
    """What the clock did within one minute as one entry, then what the engine reported; what people did stands as it is."""
    words = Words(played.story.program)
    seen = [(entry, events) for entry, events in told if not all(isinstance(event, NoticeServed) for event in events)]
    for (_, of_the_system), burst in groupby(seen, lambda one: (words.when(one[0].at), one[0].actor in SYSTEM_ACTORS)):
        entries = list(burst)
        if not of_the_system:
            yield from entries
            continue
        for is_clock in (True, False):
            same = [one for one in entries if (one[0].actor == CLOCK) == is_clock]
            if same:
                yield same[0][0], tuple(event for _, events in same for event in events)


def _unnumbered(line: str) -> tuple[str, list[tuple[int, ...]]]:
    """By which lines of one burst are put in order, since what falls due at one instant has none of its own: by their words, then by the notices they name."""
    return _NOTICE.sub("", line), [tuple(map(int, key.split("/"))) for key in _NOTICE.findall(line)]


def _numbered(lines: Sequence[str], known: dict[str, str]) -> list[str]:
    """The lines with notices numbered in the order in which they are told of."""
    return [_NOTICE.sub(lambda found: known.setdefault(found[0], str(len(known) + 1)), line) for line in lines]


def _in_words(line: str, words: Mapping[str, str]) -> str:
    """The line with sealed texts in place of their references."""
    short = {reference[:_SHORT]: text for reference, text in words.items()}
    return _REFERENCE.sub(lambda found: f'"{short.get(found[0], found[0])}"', line)


def _result(played: Played, step: PlayedStep, result: Result) -> list[str]:
    if result.held:
        return [f"{_INDENT}✓ {result.expected}"]
    line = played.story.line("steps", step.number - 1, *result.path)
    return [f"{_INDENT}✗ {result.expected} (line {line})", f"{_INDENT}  instead: {result.instead}"]


def _end(played: Played, notices: dict[str, str]) -> list[str]:
    words, case = Words(played.story.program), played.case
    lines = []
    if played.stopped:
        last = played.steps[-1]
        path = ("steps", last.number - 1, "refused" if last.step.refused is not None else "do")
        lines.append(f"The story stopped at step {last.number} (line {played.story.line(*path)}): {played.stopped}.")
    lines.append(f"At the end, {words.day(played.at)}: {_standing(played, words)}.")
    for code, standing in case.milestone.standing.items():
        lines.append(
            f'{_INDENT}milestone "{words.name("milestone", code)}": {standing.status} since {words.day(standing.since)}'
        )
    owed = sorted(case.obligations.values(), key=lambda one: (words.when(one.due), _unnumbered(words.owed(one.key))))
    debts = []
    for one in owed:
        overdue = ", overdue" if one.silent else ""
        holder = one.holder or words.name("role", one.owner)
        debts.append(f"{_INDENT}owed by {holder}: {words.owed(one.key)}, until {words.day(one.due)}{overdue}")
    lines += _numbered(debts, notices)
    lines.append(_verdict(played))
    return lines


def _standing(played: Played, words: Words) -> str:
    case = played.case
    if not case.opened or case.phase.phase is None:
        return "no case was opened"
    parts = [
        f"phase {words.name('phase', case.phase.phase)}{', closed' if case.closed else ''}",
        f"lead {case.custody.lead}",
    ]
    parts.append(f"support level {case.contact.level}")
    scopes = ", ".join(words.name("scope", scope) for scope in case.consent.given) or "nothing"
    return "; ".join([*parts, f"consent to {scopes}"])


def _verdict(played: Played) -> str:
    held, failed = played.held, len(played.failed)
    verdict = f"{held} expectation{'' if held == 1 else 's'} held"
    if failed:
        verdict += f", {failed} did not"
    return verdict + (", and the story was not played to its end." if played.stopped else ".")
