"""Lawful basis: on what ground the participant's data are processed, apart from what they consented to.

Public bodies seldom rest processing on consent (field guide §3; art. 6 and 9 GDPR): consent to support can be withdrawn without ending every record, and a record is
not justified by consent to support. So the basis is a judgement of its own, one that the definition allows, with reasons written at the time,
and it is looked at again. Silence changes nothing: it stays owed, and escalates.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.model import LawfulBases


class RecordLawfulBasis(Command):
    """Record the lawful basis for processing in this case, with reasons; recorded again, it was looked at and still holds."""

    type: Literal["record_lawful_basis"] = "record_lawful_basis"
    basis: Annotated[Code, Field(description="lawful basis, by its code")]
    reasons: NoteRef
    replaces: Annotated[Code | None, Field(description="basis that no longer holds and gives way to this one")] = None


class LawfulBasisRecorded(Event):
    """Processing rests on this basis, for these reasons, and is looked at again by `review_by`; `replaces` no longer carries it."""

    type: Literal["lawful_basis_recorded"] = "lawful_basis_recorded"
    basis: Code
    number: int
    reasons: NoteRef
    review_by: Instant
    replaces: Code | None = None


class Recorded(Frozen):
    """A basis on record: the number of the record in the case, since when, and by when it is looked at again."""

    number: int
    since: Instant
    review_by: Instant


class State(Frozen):
    """Bases on record, and how many records there were."""

    recorded: dict[str, Recorded] = {}
    count: int = 0


class Facts(Frozen):
    """The bases that the definition allows (None: it names none), and its calendar."""

    policy: LawfulBases | None
    calendar: Calendar


def decide(state: State, command: RecordLawfulBasis, facts: Facts, *, at: datetime) -> tuple[LawfulBasisRecorded, ...]:
    """Record a basis.

    Raises:
        Refused: `unknown_basis`, `basis_not_recorded`.
    """
    bases = {} if facts.policy is None else facts.policy.bases
    if command.basis not in bases:
        known = ", ".join(sorted(bases)) or "the definition allows none; publish one that does"
        raise Refused("unknown_basis", f"the program allows no lawful basis {command.basis}", f"use one of: {known}")
    if command.replaces is not None and (command.replaces not in state.recorded or command.replaces == command.basis):
        known = (
            ", ".join(sorted(code for code in state.recorded if code != command.basis)) or "none: leave replaces out"
        )
        raise Refused(
            "basis_not_recorded", f"{command.replaces} is no other basis on record here", f"on record: {known}"
        )
    review_by = facts.calendar.after(at, bases[command.basis].review_every).at
    return (
        LawfulBasisRecorded(
            basis=command.basis, number=state.count + 1, reasons=command.reasons, review_by=review_by, replaces=command.replaces
        ),
    )  # fmt: skip


def evolve(state: State, event: LawfulBasisRecorded, at: datetime) -> State:
    """The state after the event."""
    match event:
        case LawfulBasisRecorded():
            kept = {code: known for code, known in state.recorded.items() if code != event.replaces}
            known = Recorded(number=event.number, since=at, review_by=event.review_by)
            return state.model_copy(update={"recorded": {**kept, event.basis: known}, "count": event.number})
        case _:
            assert_never(event)


def owes(state: State, policy: LawfulBases | None, *, opened_at: datetime | None) -> Iterator[Owed]:
    """A first record while there is none, and a fresh look at each one on record.

    Args:
        state: this room's state.
        policy: the definition's bases.
        opened_at: when the case was opened.
    """
    if policy is not None and not state.recorded and opened_at is not None:
        yield Owed(
            key="lawful_basis_review/first", kind="lawful_basis_review", since=opened_at, term=policy.record_within
        )
    for code, known in state.recorded.items():
        key = f"lawful_basis_review/{code}/{known.number}"
        yield Owed(key=key, kind="lawful_basis_review", since=known.since, until=known.review_by)


def settles(event: LawfulBasisRecorded, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills; a basis that gives way was looked at too."""
    about = tuple(f"lawful_basis_review/{code}/" for code in (event.basis, event.replaces) if code)
    return tuple(key for key in keys if key == "lawful_basis_review/first" or key.startswith(about))
