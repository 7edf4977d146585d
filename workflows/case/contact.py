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

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.model import SUPPORT_LEVELS, Contact, SupportLevel


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
    """Set how much support the person needs now: a reasoned judgement with its direction of change, never a score. Less takes their agreement."""

    type: Literal["set_support_level"] = "set_support_level"
    level: SupportLevel
    direction: Literal["more", "same", "less"]
    reasons: NoteRef
    agreed: Annotated[
        NoteRef | None, Field(description="the person's own agreement, where the level is lower than before")
    ] = None


class CheckInKept(Event):
    """Contact took place. `counted`: it stands for the check-in that was owed, and for so many fixed `terms` of the phase."""

    type: Literal["check_in_kept"] = "check_in_kept"
    number: int
    channel: Code
    counted: bool = True
    terms: int = 0
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
    terms: int = 0


class SupportLevelSet(Event):
    """The support level from here on. `sooner`: the new rhythm asks for contact before the check-in that was owed, and replaces it."""

    type: Literal["support_level_set"] = "support_level_set"
    level: SupportLevel
    direction: Literal["more", "same", "less"] | None = None
    reasons: NoteRef | None = None
    sooner: bool = False
    agreed: NoteRef | None = None


class ContactScheduleStarted(Event):
    """The phase's schedule begins; a check-in that was missed before stays owed."""

    type: Literal["contact_schedule_started"] = "contact_schedule_started"
    phase: Code


class ContactPaused(Event):
    """The person no longer takes part: nothing is owed until they do again, and nothing is held against them."""

    type: Literal["contact_paused"] = "contact_paused"


class ContactResumed(Event):
    """The person takes part from here on: contact is owed from now, and `terms` that passed meanwhile are not asked for."""

    type: Literal["contact_resumed"] = "contact_resumed"
    terms: int = 0


ContactCommand = KeepCheckIn | ExcuseCheckIn | SetSupportLevel
ContactEvent = (
    CheckInKept | CheckInMissed | CheckInExcused | SupportLevelSet | ContactScheduleStarted | ContactPaused | ContactResumed
)  # fmt: skip


class State(Frozen):
    """The next check-in's number, since when it counts, whether it was missed; the level; how many of the phase are done; how often the person left."""

    level: SupportLevel = "high"
    number: int = 1
    since: Instant | None = None
    started: Instant | None = None
    done: int = 0
    missed: bool = False
    pauses: int = 0


class Facts(Frozen):
    """The phase's schedule (None: no check-ins are owed in it), who leads the case, whether participation is consented, when
    the check-in owed now is due (None: none is owed), and whether less support needs the person's agreement, else due process.
    """  # fmt: skip

    schedule: Contact | None
    lead: PersonId | None
    consented: bool
    due: Instant | None = None
    less_takes_agreement: bool = False


def decide(
    state: State, command: ContactCommand, *, facts: Facts, calendar: Calendar, actor: str, at: datetime
) -> tuple[ContactEvent, ...]:
    """Answer a contact command.

    Raises:
        Refused: `observed_in_future`, `not_independent`, `no_check_in_owed`, `agreement_missing`.
    """
    match command:
        case KeepCheckIn():
            return (_kept(state, command, facts, calendar=calendar, at=at),)
        case ExcuseCheckIn():
            if next(owes(state, facts), None) is None:
                raise Refused("no_check_in_owed", "no check-in is owed now", "nothing to do")
            if actor == facts.lead:
                raise Refused("not_independent", f"{actor} leads this case", "ask a supervisor to judge the absence")
            past = _terms(state, facts, calendar, until=at)
            terms = past if state.missed else max(past, _fixed(facts))
            return (CheckInExcused(number=state.number, reasons=command.reasons, terms=terms),)
        case SetSupportLevel():
            _agreed(state, command, facts)
            sooner = _sooner(command.level, facts, calendar, at)
            return (SupportLevelSet(level=command.level, direction=command.direction, reasons=command.reasons, sooner=sooner, agreed=command.agreed),)  # fmt: skip
        case _:
            assert_never(command)


def _agreed(state: State, command: SetSupportLevel, facts: Facts) -> None:
    """Less support against the person's wish is an adverse act, and takes its way."""
    less = SUPPORT_LEVELS.index(command.level) > SUPPORT_LEVELS.index(state.level)
    if less and command.agreed is None and facts.less_takes_agreement:
        raise Refused(
            "agreement_missing",
            f"{command.level} is less support than {state.level}, and the person did not agree to it",
            "give their agreement as agreed, or propose it with propose_adverse_act",
        )


def _kept(state: State, command: KeepCheckIn, facts: Facts, *, calendar: Calendar, at: datetime) -> CheckInKept:
    """A contact counts if one is owed, if it took place since the last that counted, and on fixed terms within a term's window."""
    seen = command.observed_at or at
    if seen > at:
        raise Refused("observed_in_future", "the contact is dated after now", "give the instant at which it took place")
    owed = next(owes(state, facts), None) is not None and state.since is not None and seen >= state.since
    terms = _terms(state, facts, calendar, until=seen, early=True) if owed else 0
    counted = owed and (state.missed or terms > 0 or not _fixed(facts))
    return CheckInKept(
        number=state.number, channel=command.channel, counted=counted, terms=terms, observed_at=command.observed_at,
        note=command.note,
    )  # fmt: skip


def _fixed(facts: Facts) -> bool:
    return facts.schedule is not None and facts.schedule.at is not None


def _terms(state: State, facts: Facts, calendar: Calendar, *, until: datetime, early: bool = False) -> int:
    """How many of the phase's open terms have come by `until` (`early`: their windows): one contact stands for all of them."""
    schedule = facts.schedule
    if schedule is None or schedule.at is None or state.started is None:
        return 0
    dues = [calendar.after(state.started, term).at for term in schedule.at[state.done :]]
    return sum((calendar.before(due, schedule.window).at if early else due) <= until for due in dues)


def _sooner(level: SupportLevel, facts: Facts, calendar: Calendar, at: datetime) -> bool:
    """Whether the level asks for contact before the check-in owed now: a level brings contact forward, and never puts it off."""
    every = facts.schedule.every if facts.schedule is not None else None
    return every is not None and facts.due is not None and calendar.after(at, every[level]).at < facts.due


def step_up(
    state: State, facts: Facts, reasons: str, *, calendar: Calendar, at: datetime
) -> tuple[SupportLevelSet, ...]:
    """One step more support, in the rhythm of the phase; nothing where there is no more."""
    present = SUPPORT_LEVELS.index(state.level)
    if present == 0:
        return ()
    level = SUPPORT_LEVELS[present - 1]
    sooner = _sooner(level, facts, calendar, at)
    return (SupportLevelSet(level=level, direction="more", reasons=reasons, sooner=sooner),)


def resume(state: State, facts: Facts, *, calendar: Calendar, at: datetime) -> ContactResumed:
    """Contact is owed again, from now."""
    return ContactResumed(terms=_terms(state, facts, calendar, until=at))


def evolve(state: State, event: ContactEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case CheckInKept(counted=False):
            return state
        case CheckInKept() | CheckInExcused():
            changes = {"number": state.number + 1, "since": at, "done": state.done + event.terms, "missed": False}
            return state.model_copy(update=changes)
        case CheckInMissed():
            return state.model_copy(update={"missed": True})
        case SupportLevelSet():
            renewed = {"number": state.number + 1, "since": at} if event.sooner else {}
            return state.model_copy(update={"level": event.level, **renewed})
        case ContactScheduleStarted():
            return state.model_copy(update={"started": at, "done": 0, **_renewed(state, at)})
        case ContactPaused():
            return state.model_copy(update={"number": state.number + 1, "missed": False, "pauses": state.pauses + 1})
        case ContactResumed():
            return state.model_copy(update={"since": at, "done": state.done + event.terms})
        case _:
            assert_never(event)


def _renewed(state: State, at: datetime) -> dict[str, object]:
    """A new schedule opens a new check-in; but nobody talks their way out of a missed one, which stays owed as it was."""
    return {} if state.missed else {"number": state.number + (state.started is not None), "since": at}


def key(state: State) -> str:
    """The key of the check-in that is owed now, if one is."""
    return f"check_in/{state.number}"


def owes(state: State, facts: Facts) -> Iterator[Owed]:
    """The next check-in, while the phase has a schedule and the person takes part; a missed one also where it has none."""
    schedule = facts.schedule
    if not facts.consented or state.since is None or state.started is None:
        return
    since, term = state.since, None
    if schedule is not None and schedule.every is not None:
        term = schedule.every[state.level]
    elif schedule is not None and schedule.at is not None and state.done < len(schedule.at):
        since, term = state.started, schedule.at[state.done]
    elif state.missed:
        term = Term(0, "days")
    if term is not None:
        yield Owed(key=key(state), kind="check_in", since=since, term=term)


def fall_silent(state: State, key: str) -> tuple[ContactEvent, ...]:
    """What the room adds when a check-in's due instant passes."""
    return (CheckInMissed(number=state.number),) if key == f"check_in/{state.number}" else ()


def settles(event: ContactEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    if isinstance(event, CheckInKept) and event.counted:
        return tuple(key for key in keys if key == f"check_in/{event.number}")
    return ()
