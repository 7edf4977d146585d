"""Follow-up: after an exit somebody asks how the person is, at fixed terms, and each time it is held, declined, or reasoned as not possible.

Of some six hundred people released in one country the authorities could say of 184 where they were (F8): a year after an exit nobody knows what nobody
owes. So each follow-up is owed by somebody until it is settled, and undone it escalates, week after week. `unreached` takes attempts on
record, over several channels and days, and the judgement of another person than the lead; it is never `done`. An attempt holds a channel and an instant,
and no place: looking after somebody is not watching them. Whoever was not reached, or did not want to, may still come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import assert_never

from workflows.case.follow_up_form import (
    Attempt,
    AttemptFollowUp,
    DeclineFollowUp,
    FollowUpAttempted,
    FollowUpCommand,
    FollowUpDeclined,
    FollowUpEvent,
    FollowUpRecorded,
    FollowUpsBegan,
    FollowUpsEnded,
    FollowUpUnreached,
    JudgeUnreached,
    RecordFollowUp,
)
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Frozen, Instant, PersonId
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused
from workflows.program.care import FollowUps


class Open(Frozen):
    """A follow-up that is not settled: its term after the exit, and the attempts to reach the person for it."""

    term: Term
    attempts: tuple[Attempt, ...] = ()


class State(Frozen):
    """When the phase after the exit began, its follow-ups that are not settled, those settled without a talk, and the next number."""

    since: Instant | None = None
    open: dict[int, Open] = {}
    not_held: tuple[int, ...] = ()
    next_number: int = 1


class Facts(Frozen):
    """The program's rule (None: it has no follow-ups), its calendar, who leads or led the case, whether the person takes part, and whether
    the record is erased.
    """  # fmt: skip

    rule: FollowUps | None
    calendar: Calendar
    leads: frozenset[PersonId]
    takes_part: bool
    erased: bool = False


def decide(
    state: State, command: FollowUpCommand, *, facts: Facts, actor: PersonId, at: datetime
) -> tuple[FollowUpEvent, ...]:
    """Answer a command about follow-ups.

    Raises:
        Refused: `no_such_follow_up`, and as the functions below say.
    """
    found, rule = state.open.get(command.follow_up), facts.rule
    again = isinstance(command, RecordFollowUp) and command.follow_up in state.not_held and not facts.erased
    if rule is None or (found is None and not again):
        raise Refused(
            "no_such_follow_up",
            f"no follow-up {command.follow_up} is owed",
            f"these are not settled: {', '.join(map(str, state.open)) or 'none'}",
        )
    if not isinstance(command, JudgeUnreached):
        _known_channel(command.channel, rule)
    match command:
        case RecordFollowUp():
            return (_recorded(state, command, found, facts, actor=actor, at=at),)
        case AttemptFollowUp():
            return (_attempted(state, command, facts, actor=actor, at=at),)
        case DeclineFollowUp():
            wanted = [n for n in state.open if n == command.follow_up or (command.later_ones_too and n > command.follow_up)]  # fmt: skip
            return tuple(FollowUpDeclined(follow_up=n, channel=command.channel, words=command.words) for n in wanted)
        case JudgeUnreached():
            return (_unreached(state, command, facts, actor=actor, at=at),)
        case _:
            assert_never(command)


def _known_channel(channel: str, rule: FollowUps) -> None:
    """Check that the channel is one of the program's: nothing else about an attempt is on record, so no word of where somebody is.

    Raises:
        Refused: `unknown_channel`.
    """
    if channel not in rule.channels:
        raise Refused(
            "unknown_channel", f"the program knows no channel {channel}", f"known: {', '.join(rule.channels)}"
        )


def _opens(state: State, number: int, facts: Facts) -> datetime:
    """From when on a talk or an attempt is one for this follow-up."""
    assert facts.rule is not None
    return facts.calendar.before(_due(state, number, facts), facts.rule.window).at


def _due(state: State, number: int, facts: Facts) -> datetime:
    assert state.since is not None
    return facts.calendar.after(state.since, state.open[number].term).at


def _in_time(seen: datetime, at: datetime, begins: datetime, facts: Facts) -> None:
    """Check that what happened lies within the time of its follow-up, and not after now.

    Raises:
        Refused: `observed_in_future`, `follow_up_too_early`.
    """
    if seen > at:
        raise Refused("observed_in_future", "it is dated after now", "give the instant at which it took place")
    if seen < begins:
        raise Refused(
            "follow_up_too_early",
            f"this follow-up begins on {facts.calendar.local(begins):%Y-%m-%d}",
            "keep in touch with keep_check_in until then; how somebody is in a year is asked in a year",
        )


def _recorded(
    state: State, command: RecordFollowUp, found: Open | None, facts: Facts, *, actor: PersonId, at: datetime
) -> FollowUpRecorded:  # fmt: skip
    seen = command.observed_at or at
    _in_time(seen, at, seen if found is None else _opens(state, command.follow_up, facts), facts)
    return FollowUpRecorded(
        follow_up=command.follow_up, channel=command.channel, account=command.account, by=actor, observed_at=seen,
        late_contact=found is None,
    )  # fmt: skip


def _attempted(
    state: State, command: AttemptFollowUp, facts: Facts, *, actor: PersonId, at: datetime
) -> FollowUpAttempted:
    """Put an attempt on record.

    Raises:
        Refused: `attempt_out_of_order`, and as `_takes_part` and `_in_time` say.
    """
    _takes_part(facts)
    seen, attempts = command.observed_at or at, state.open[command.follow_up].attempts
    _in_time(seen, at, _opens(state, command.follow_up, facts), facts)
    if attempts and seen < attempts[-1].observed_at:
        raise Refused(
            "attempt_out_of_order",
            "it is dated before the attempt recorded last",
            "give the instant at which it was made; record attempts in order",
        )
    return FollowUpAttempted(
        follow_up=command.follow_up, attempt=len(attempts) + 1, channel=command.channel, by=actor, observed_at=seen
    )


def _takes_part(facts: Facts) -> None:
    """Whoever withdrew is not sought; they may come by themselves.

    Raises:
        Refused: `not_taking_part`.
    """
    if not facts.takes_part:
        raise Refused(
            "not_taking_part",
            "the person does not take part, and is not to be sought",
            "wait until they come by themselves; then record it with record_follow_up",
        )


def _unreached(
    state: State, command: JudgeUnreached, facts: Facts, *, actor: PersonId, at: datetime
) -> FollowUpUnreached:
    """Judge that nobody could be reached.

    Raises:
        Refused: `not_independent`, `follow_up_not_due`, `too_few_attempts`, and as `_takes_part` says.
    """
    _takes_part(facts)
    attempts, rule = state.open[command.follow_up].attempts, facts.rule
    assert rule is not None
    if actor in facts.leads or actor in {one.by for one in attempts}:
        raise Refused(
            "not_independent",
            f"{actor} leads or led this case, or tried to reach the person",
            "ask another person to judge whether enough was done",
        )
    due = _due(state, command.follow_up, facts)
    if at < due:
        raise Refused(
            "follow_up_not_due",
            f"it is due on {facts.calendar.local(due):%Y-%m-%d}, and the person may come by then",
            "go on trying, and judge it once it is due",
        )
    channels, days = len({one.channel for one in attempts}), len({facts.calendar.local(one.observed_at).date() for one in attempts})  # fmt: skip
    if len(attempts) < rule.attempts or channels < rule.over_channels or days < rule.over_days:
        raise Refused(
            "too_few_attempts",
            f"on record: {len(attempts)} attempts over {channels} channels on {days} days; "
            f"it takes {rule.attempts} over {rule.over_channels} on {rule.over_days}",
            "try again, over another channel or on another day, and record each with attempt_follow_up",
        )
    return FollowUpUnreached(follow_up=command.follow_up, attempts=attempts, reasons=command.reasons, by=actor)


def enter(state: State, rule: FollowUps | None, *, to: str) -> tuple[FollowUpEvent, ...]:
    """What a move to the phase `to` means: the follow-ups of the phase left are not owed any more, and those of the new one begin."""
    terms = () if rule is None else rule.phases.get(to, ())
    ended = (FollowUpsEnded(follow_ups=tuple(state.open)),) if state.open else ()
    return (*ended, FollowUpsBegan(phase=to, first=state.next_number, terms=terms)) if terms else ended


def evolve(state: State, event: FollowUpEvent, at: datetime) -> State:
    """The state after the event; an event about a follow-up that is not open changes nothing, or that it was held after all."""
    match event:
        case FollowUpsBegan():
            begun = {event.first + index: Open(term=term) for index, term in enumerate(event.terms)}
            return state.model_copy(
                update={"since": at, "open": begun, "next_number": event.first + len(event.terms)},
            )
        case FollowUpAttempted():
            found = state.open.get(event.follow_up)
            if found is None:
                return state
            tried = Attempt(channel=event.channel, by=event.by, observed_at=event.observed_at)
            more = found.model_copy(update={"attempts": (*found.attempts, tried)})
            return state.model_copy(update={"open": {**state.open, event.follow_up: more}})
        case FollowUpRecorded():
            held = {"not_held": tuple(number for number in state.not_held if number != event.follow_up)}
            return state.model_copy(update={"open": _without(state, event.follow_up), **held})
        case FollowUpDeclined() | FollowUpUnreached():
            not_held = tuple(dict.fromkeys((*state.not_held, event.follow_up)))
            return state.model_copy(update={"open": _without(state, event.follow_up), "not_held": not_held})
        case FollowUpsEnded():
            return state.model_copy(update={"open": {}})
        case _:
            assert_never(event)


def _without(state: State, number: int) -> dict[int, Open]:
    return {other: one for other, one in state.open.items() if other != number}


def owes(state: State) -> Iterator[Owed]:
    """Each follow-up that is not settled, at its own term: a later one does not wait for an earlier one that nobody did."""
    if state.since is not None:
        for number, one in state.open.items():
            yield Owed(key=f"follow_up/{number}", kind="follow_up", since=state.since, term=one.term)


def settles(event: FollowUpEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills: only a talk does; declined or unreached, it is owed no longer, and was not done."""
    if isinstance(event, FollowUpRecorded):
        return tuple(key for key in keys if key == f"follow_up/{event.follow_up}")
    return ()
