"""Two replays of a case side by side: what came to be known between two instants, entry by entry, and what that changed.

By what was known, every entry of the span counts. By what was true at an instant, only those do that report of the world before it: entries that were
written down late change the past as it is known, never the past as it was known then.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from activities.store.fold import Told
from starter.audit.effective import effective
from workflows.case.state import Case, evolve
from workflows.core.entry import Entry
from workflows.core.kinds import Event


class Step(NamedTuple):
    """An entry of the span, its events that count, and the case before and after them."""

    entry: Entry
    events: tuple[Event, ...]
    before: Case
    after: Case


class Between(NamedTuple):
    """The case at the one instant and at the other, the earlier first, and the entries that lead from the one to the other."""

    before: Case
    after: Case
    steps: list[Step]


def known_between(stream: str, told: Sequence[Told], earlier: datetime, later: datetime | None) -> Between:
    """What was known by `earlier` and by `later` (None: by now).

    Args:
        stream: the case.
        told: its entries from the first on, with their events.
        earlier: the one instant.
        later: the other.
    """
    first, last = _until(told, earlier), _until(told, later)
    case = Case(stream=stream)
    for entry, events in told[:first]:
        case = evolve(case, events, entry.at)
    begun, steps = case, []
    for entry, events in told[first:last]:
        after = evolve(case, events, entry.at)
        steps.append(Step(entry, events, case, after))
        case = after
    return Between(begun, case, steps)


def true_between(stream: str, told: Sequence[Told], at: datetime, span: tuple[datetime, datetime | None]) -> Between:
    """What was true at `at`, as it was known at the one end of the span and at the other; arguments as for `known_between`."""
    first, last = _until(told, span[0]), _until(told, span[1])
    begun = case = effective(stream, told[:first], at).case
    steps = []
    for number in range(first, last):
        # Only what tells of the world before can change what was true then; the others need no fold of the whole.
        found = effective(stream, told[: number + 1], at) if _tells(told[number], stream, at) else None
        if found is not None:
            steps.append(Step(told[number][0], found.happened[-1].events, case, found.case))
            case = found.case
    return Between(begun, case, steps)


def _tells(one: Told, stream: str, at: datetime) -> bool:
    """Whether something in the entry had happened by `at`."""
    return bool(effective(stream, [one], at).happened)


def _until(told: Sequence[Told], instant: datetime | None) -> int:
    """How many entries were recorded by the instant: all before the first that is later, as in a replay."""
    later: Callable[[Told], bool] = lambda one: instant is not None and one[0].at > instant  # noqa: E731 - said once
    return next((number for number, one in enumerate(told) if later(one)), len(told))
