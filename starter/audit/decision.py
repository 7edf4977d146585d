"""A decision explained from the record alone: the rule, the facts it saw, the program's version, who sent it and who else took part."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from importlib import import_module
from inspect import cleandoc
from typing import Any, NamedTuple

from activities.store.fold import Told
from starter.audit.compare import ABSENT, Difference, every_difference
from starter.audit.minutes import minute
from starter.reference import refusals
from workflows.case.state import Case, Folding, evolve
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import SYSTEM_ACTORS, Actor, Event
from workflows.program.model import Program

_FORM = "_form"


class Rule(NamedTuple):
    """A room of the case, and the law that stands at its top."""

    room: str
    law: str


class Decision(NamedTuple):
    """An entry explained.

    what: the minutes. rules: the rooms that decided. may: the roles of which the sender held one, by the program (empty: the engine itself).
    refusal: its code, why and cure. saw: what those rooms held before, and changed: what came of it. took_part: who else is named in it.
    """

    position: int
    command: str
    what: tuple[str, ...]
    actor: str
    held: tuple[str, ...]
    organization: str | None
    may: tuple[str, ...]
    program: str
    rules: tuple[Rule, ...]
    refusal: CommandRefused | None
    saw: dict[str, Any]
    changed: list[Difference]
    took_part: tuple[str, ...]


def explain(
    told: Sequence[Told], position: int, program: Program | None, *, actor: Actor | None, people: Collection[str]
) -> Decision:
    """The entry at `position`, explained.

    Args:
        told: the entries of the case from its first on, at least as far as the position.
        position: of the entry.
        program: the definition that the case is pinned to.
        actor: the sender as the directory knew them at the entry's instant; None for the engine.
        people: the ids of the directory: whoever of them is named in the entry took part.
    """
    folding = Folding(Case(stream=told[0][0].stream))
    for entry, events in told[: position - 1]:
        folding.add(events, entry.at)
    before = folding.case()
    entry, events = told[position - 1]
    after = evolve(before, events, entry.at)
    refusal = next((event for event in events if isinstance(event, CommandRefused)), None)
    held, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    changed = [one for one in every_difference(held, now) if one.path not in {"position", "head", "as_of"}]
    rules = tuple(_rules(events, refusal))
    rooms = {one.path.partition(".")[0] for one in changed} | {rule.room for rule in rules if rule.room in held}
    pinned = after.program
    return Decision(
        position=position, command=entry.type, what=minute(entry, events, program).what, actor=entry.actor,
        held=() if actor is None else actor.roles, organization=None if actor is None else actor.organization,
        may=() if program is None or entry.actor in SYSTEM_ACTORS else program.permissions.get(entry.type, ()),
        program="" if pinned is None else f"{pinned.program} {pinned.version} {pinned.sha256}",
        rules=rules, refusal=refusal,
        saw={room: held.get(room, ABSENT) for room in sorted(rooms)}, changed=changed,
        took_part=tuple(sorted(set(_named(events, people)) - {entry.actor})),
    )  # fmt: skip


def _rules(events: Sequence[Event], refusal: CommandRefused | None) -> Iterator[Rule]:
    names = [type(event).__module__ for event in events if not isinstance(event, CommandRefused)]
    if refusal is not None:
        # A refusal carries its code; the room that says no with it is found in the rules.
        names += [f"workflows.case.{found.room}" for found in refusals() if found.code == refusal.code]
    for name in dict.fromkeys(name.removesuffix(_FORM) for name in names):
        law = cleandoc(import_module(name).__doc__ or "").partition("\n\n")[0]
        yield Rule(name.rpartition(".")[2], " ".join(law.split()))


def _named(events: Sequence[Event], people: Collection[str]) -> Iterator[str]:
    """Whoever of these people is named anywhere in the events, as a value or as a key."""
    waiting: list[Any] = [json.loads(event.model_dump_json()) for event in events]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one, *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif isinstance(one, str) and one in people:
            yield one
