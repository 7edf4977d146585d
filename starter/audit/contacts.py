"""The contacts of a case as its record tells them: what was owed, kept and missed, and how each absence is classified.

Counted from the entries up to an instant and from nothing else, so what was said for a date stays what it was: a later correction shows in what is
counted later, and what stood before it stays beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from activities.store.fold import Told
from workflows.case.contact_form import AbsenceClassified, AbsenceCorrected, CheckInExcused, CheckInKept, CheckInMissed
from workflows.core.obligation import ObligationClosed, ObligationOpened

_KIND = "check_in"


class Version(NamedTuple):
    """What somebody said of an absence, and when."""

    at: datetime
    by: str
    absence: str
    reasons: str


class CheckIn(NamedTuple):
    """A check-in that was owed: until when, when it was missed, when contact took place (`how`: met or excused), and every version of its classification."""

    number: int
    due: datetime
    missed_at: datetime | None = None
    ended_at: datetime | None = None
    how: str = "open"
    versions: tuple[Version, ...] = ()

    @property
    def absence(self) -> str:
        """How the absence is classified: by its last version; `unclassified` while nobody did, empty where nothing was missed."""
        if self.missed_at is None:
            return ""
        return self.versions[-1].absence if self.versions else "unclassified"


class Contacts(NamedTuple):
    """The check-ins of a case that were owed up to an instant."""

    check_ins: tuple[CheckIn, ...]

    def figures(self) -> dict[str, int]:
        """How many fell due, were kept in time, and were missed; and the missed ones by classification."""
        due = [one for one in self.check_ins if one.missed_at is not None or one.how == "met"]
        missed = [one for one in due if one.missed_at is not None]
        named = ("excused", "unexcused", "unknown", "unclassified")
        return {
            "fell_due": len(due), "kept_in_time": len(due) - len(missed), "missed": len(missed),
            **{name: sum(one.absence == name for one in missed) for name in named},
        }  # fmt: skip


def contacts(told: Iterable[Told]) -> Contacts:
    """The check-ins that these entries tell of."""
    found: dict[int, CheckIn] = {}
    for entry, events in told:
        for event in events:
            match event:
                case ObligationOpened(obligation=owed) if owed.kind == _KIND:
                    number = _number(owed.key)
                    found.setdefault(number, CheckIn(number, owed.due))
                case CheckInMissed() if event.number in found:
                    found[event.number] = found[event.number]._replace(missed_at=entry.at)
                case CheckInKept(counted=True) if event.number in found:
                    found[event.number] = found[event.number]._replace(ended_at=event.observed_at or entry.at, how="met")  # fmt: skip
                case CheckInExcused() if event.number in found:
                    found[event.number] = found[event.number]._replace(ended_at=entry.at, how="excused")
                case ObligationClosed(how="released") if event.kind == _KIND:
                    number = _number(event.key)
                    if number in found and found[number].how == "open":
                        found[number] = found[number]._replace(ended_at=entry.at, how="released")
                case AbsenceClassified() | AbsenceCorrected() if event.check_in in found:
                    before = found[event.check_in]
                    said = Version(entry.at, event.by, event.absence, event.reasons)
                    found[event.check_in] = before._replace(versions=(*before.versions, said))
                case _:
                    continue
    return Contacts(tuple(found.values()))


def _number(key: str) -> int:
    return int(key.partition("/")[2])
