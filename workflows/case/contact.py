"""Contact: somebody keeps in touch, on a schedule that follows the phase and the support level, and a missed contact is a worry.

A missed check-in climbs a welfare ladder (second channel, call, visit, supervisor, panel) and never leads to a sanction (silence table).
Whether an absence was excused is a judgement of another person than the lead, with reasons, and stands apart from the
response; the missed entry stays (F9: staff were told to re-label an absence so that the process would go on).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, assert_never

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.model import Contact, SupportLevel


class KeepCheckIn(Command):
    """Record a contact that took place with the participant."""

    type: Literal["keep_check_in"] = "keep_check_in"
    channel: Annotated[Code, Field(description="how: in_person, call, video, message, visit, ...")]
    observed_at: Annotated[Instant | None, Field(description="when it took place, if not now")] = None
    note: NoteRef | None = None


class ExcuseCheckIn(Command):
    """Judge that the absence from the check-in now due has a good reason; never by the case's own lead."""

    type: Literal["excuse_check_in"] = "excuse_check_in"
    reasons: NoteRef


class SetSupportLevel(Command):
    """Set how much support the person needs now: a reasoned judgement with its direction of change, never a score."""

    type: Literal["set_support_level"] = "set_support_level"
    level: SupportLevel
    direction: Literal["more", "same", "less"]
    reasons: NoteRef


class CheckInKept(Event):
    """Contact took place. `counted`: it stands for the check-in that was owed."""

    type: Literal["check_in_kept"] = "check_in_kept"
    number: int
    channel: Code
    counted: bool = True
    observed_at: Instant | None = None
    note: NoteRef | None = None


class CheckInMissed(Event):
    """The check-in's due instant passed without contact. A worry about the person, never a fault of theirs."""

    type: Literal["check_in_missed"] = "check_in_missed"
    number: int


class CheckInExcused(Event):
    """The absence has a good reason; whether it had been missed stays on record."""

    type: Literal["check_in_excused"] = "check_in_excused"
    number: int
    reasons: NoteRef


class SupportLevelSet(Event):
    """The support level from here on."""

    type: Literal["support_level_set"] = "support_level_set"
    level: SupportLevel
    direction: Literal["more", "same", "less"] | None = None
    reasons: NoteRef | None = None


class ContactScheduleStarted(Event):
    """The phase's schedule begins; a check-in that was missed before stays owed."""

    type: Literal["contact_schedule_started"] = "contact_schedule_started"
    phase: Code


ContactCommand = KeepCheckIn | ExcuseCheckIn | SetSupportLevel
ContactEvent = CheckInKept | CheckInMissed | CheckInExcused | SupportLevelSet | ContactScheduleStarted


class State(Frozen):
    """The next check-in's number, since when it counts, whether it was missed; the level; and how many of the phase are done."""

    level: SupportLevel = "high"
    number: int = 1
    since: Instant | None = None
    started: Instant | None = None
    done: int = 0
    missed: bool = False


class Facts(Frozen):
    """The phase's schedule (None: no check-ins are owed in it), who leads the case, and whether participation is consented."""

    schedule: Contact | None
    lead: PersonId | None
    consented: bool


def decide(
    state: State, command: ContactCommand, *, facts: Facts, calendar: Calendar, actor: str, at: datetime
) -> tuple[ContactEvent, ...]:
    """Answer a contact command.

    Raises:
        Refused: `observed_in_future`, `not_independent`, `no_check_in_owed`.
    """
    match command:
        case KeepCheckIn():
            if command.observed_at is not None and command.observed_at > at:
                raise Refused(
                    "observed_in_future", "the contact is dated after now", "give the instant at which it took place"
                )
            counted = _counts(state, facts, calendar, at)
            return (
                CheckInKept(
                    number=state.number,
                    channel=command.channel,
                    counted=counted,
                    observed_at=command.observed_at,
                    note=command.note,
                ),
            )
        case ExcuseCheckIn():
            if next(owes(state, facts), None) is None:
                raise Refused("no_check_in_owed", "no check-in is owed now", "nothing to do")
            if actor == facts.lead:
                raise Refused("not_independent", f"{actor} leads this case", "ask a supervisor to judge the absence")
            return (CheckInExcused(number=state.number, reasons=command.reasons),)
        case SetSupportLevel():
            return (SupportLevelSet(level=command.level, direction=command.direction, reasons=command.reasons),)
        case _:
            assert_never(command)


def _counts(state: State, facts: Facts, calendar: Calendar, at: datetime) -> bool:
    """On fixed terms, a contact long before the next term is welcome but does not stand for it."""
    terms = facts.schedule.at if facts.schedule is not None else None
    if terms is None or state.missed or state.started is None:
        return True
    if state.done >= len(terms) or facts.schedule is None:
        return False
    return at >= calendar.before(calendar.after(state.started, terms[state.done]).at, facts.schedule.window).at


def evolve(state: State, event: ContactEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case CheckInKept(counted=False):
            return state
        case CheckInKept() | CheckInExcused():
            return state.model_copy(
                update={"number": state.number + 1, "since": at, "done": state.done + 1, "missed": False}
            )
        case CheckInMissed():
            return state.model_copy(update={"missed": True})
        case SupportLevelSet():
            return state.model_copy(update={"level": event.level, **_renewed(state, at)})
        case ContactScheduleStarted():
            return state.model_copy(update={"started": at, "done": 0, **_renewed(state, at)})
        case _:
            assert_never(event)


def _renewed(state: State, at: datetime) -> dict[str, object]:
    """A new schedule opens a new check-in; but nobody talks their way out of a missed one, which stays owed as it was."""
    return {} if state.missed else {"number": state.number + (state.started is not None), "since": at}


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """The next check-in, while the phase has a schedule and the person takes part."""
    schedule = facts.schedule
    if schedule is None or not facts.consented or state.since is None or state.started is None:
        return
    key = f"check_in/{state.number}"
    if schedule.every is not None:
        yield Owed(key=key, kind="check_in", since=state.since, term=schedule.every[state.level])
    elif schedule.at is not None and (state.done < len(schedule.at) or state.missed):
        yield Owed(
            key=key, kind="check_in", since=state.started, term=schedule.at[min(state.done, len(schedule.at) - 1)]
        )


def fall_silent(state: State, key: str) -> tuple[ContactEvent, ...]:
    """What the room adds when a check-in's due instant passes."""
    return (CheckInMissed(number=state.number),) if key == f"check_in/{state.number}" else ()


def settles(event: ContactEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, CheckInKept) and event.counted:
        return tuple(key for key in keys if key == f"check_in/{event.number}")
    return ()
