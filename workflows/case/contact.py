"""Contact: somebody keeps in touch, on a schedule that follows the phase and the support level, and a missed contact is a worry.

A missed check-in climbs a welfare ladder (second channel, call, visit, supervisor, panel) until somebody reaches the person, and never leads to a
sanction (silence table). How the absence is classified stands apart from that: it stops no rung and starts none. It is classified once; a
correction takes another person's reasons, and both versions stay (F9: staff were told to re-label an absence so that the process would go on).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import assert_never

from workflows.case.contact_form import (
    AbsenceClassified,
    AbsenceCorrected,
    CheckInExcused,
    CheckInKept,
    CheckInMissed,
    Classification,
    ClassifyAbsence,
    ContactCommand,
    ContactEvent,
    ContactPaused,
    ContactResumed,
    ContactScheduleStarted,
    CorrectAbsence,
    ExcuseCheckIn,
    KeepCheckIn,
    SetSupportLevel,
    SupportLevelSet,
)
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused, listed
from workflows.program.model import SUPPORT_LEVELS, Contact, SupportLevel


class Absence(Frozen):
    """A missed check-in: how it is classified (None: not yet), and everybody who classified it, in order."""

    absence: Classification | None = None
    by: tuple[PersonId, ...] = ()


class State(Frozen):
    """The next check-in's number, since when it counts, whether it was missed; the level; how many of the phase are done; the missed ones by number; how often the person left."""

    level: SupportLevel = "high"
    number: int = 1
    since: Instant | None = None
    started: Instant | None = None
    done: int = 0
    missed: bool = False
    absences: dict[int, Absence] = {}
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
        Refused: `agreement_missing`, and as the functions below say.
    """
    match command:
        case KeepCheckIn():
            return (_kept(state, command, facts, calendar=calendar, at=at),)
        case ExcuseCheckIn():
            return (_excused(state, command, facts, calendar=calendar, actor=actor, at=at),)
        case ClassifyAbsence():
            return (_classified(state, command, actor),)
        case CorrectAbsence():
            return (_corrected(state, command, facts, actor),)
        case SetSupportLevel():
            _agreed(state, command, facts)
            sooner = _sooner(command.level, facts, calendar, at)
            return (SupportLevelSet(level=command.level, direction=command.direction, reasons=command.reasons, sooner=sooner, agreed=command.agreed),)  # fmt: skip
        case _:
            assert_never(command)


def _excused(
    state: State, command: ExcuseCheckIn, facts: Facts, *, calendar: Calendar, actor: str, at: datetime
) -> CheckInExcused:
    """Excuse a check-in that is still to come.

    Raises:
        Refused: `no_check_in_owed`, `not_independent`, `check_in_missed`.
    """
    if next(owes(state, facts), None) is None:
        raise Refused("no_check_in_owed", "no check-in is owed now", "nothing to do")
    if actor == facts.lead:
        raise Refused("not_independent", f"{actor} leads this case", "ask a supervisor to judge it")
    if state.missed:
        raise Refused(
            "check_in_missed",
            f"check-in {state.number} was missed, and until somebody reaches the person it stays owed",
            "say with classify_absence why it was missed, and record contact with keep_check_in once there is some",
        )
    terms = max(_terms(state, facts, calendar, until=at), _fixed(facts))
    return CheckInExcused(number=state.number, reasons=command.reasons, terms=terms)


def _missed(state: State, number: int) -> Absence:
    found = state.absences.get(number)
    if found is None:
        missed = listed(state.absences)
        raise Refused("no_such_absence", f"check-in {number} was not missed", f"missed check-ins: {missed}")
    return found


def _classified(state: State, command: ClassifyAbsence, actor: str) -> AbsenceClassified:
    """Classify an absence.

    Raises:
        Refused: `no_such_absence`, `already_classified`.
    """
    known = _missed(state, command.check_in)
    if known.absence is not None:
        raise Refused(
            "already_classified",
            f"the absence from check-in {command.check_in} is classified as {known.absence}",
            "a supervisor who did not classify it may correct it with correct_absence, with reasons",
        )
    return AbsenceClassified(check_in=command.check_in, absence=command.absence, by=actor, reasons=command.reasons)


def _corrected(state: State, command: CorrectAbsence, facts: Facts, actor: str) -> AbsenceCorrected:
    """Correct the classification of an absence.

    Raises:
        Refused: `no_such_absence`, `not_classified`, `not_independent`, `nothing_to_correct`.
    """
    known = _missed(state, command.check_in)
    if known.absence is None:
        raise Refused(
            "not_classified", f"the absence from check-in {command.check_in} is not classified", "use classify_absence"
        )
    if actor in known.by or actor == facts.lead:
        raise Refused(
            "not_independent",
            f"{actor} classified this absence, or leads this case",
            "ask another supervisor to correct it, with reasons",
        )
    if command.absence == known.absence:
        raise Refused(
            "nothing_to_correct", f"it is classified as {known.absence} already", "give another classification"
        )
    return AbsenceCorrected(
        check_in=command.check_in, absence=command.absence, was=known.absence, by=actor, reasons=command.reasons
    )


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
    """A contact counts if one is owed, if it took place since the last that counted, and on fixed terms within a term's window.

    Raises:
        Refused: `observed_in_future`.
    """
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
            changes: dict[str, object] = {"number": state.number + 1, "since": at, "done": state.done + event.terms, "missed": False}  # fmt: skip
            return state.model_copy(update=changes)
        case CheckInMissed():
            return state.model_copy(update={"missed": True, "absences": {**state.absences, event.number: Absence()}})
        case AbsenceClassified() | AbsenceCorrected():
            before = state.absences.get(event.check_in, Absence())
            now = Absence(absence=event.absence, by=(*before.by, event.by))
            return state.model_copy(update={"absences": {**state.absences, event.check_in: now}})
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
