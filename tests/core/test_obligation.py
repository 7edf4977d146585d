"""Obligations: one mechanism for every kind of silence."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from workflows.core.calendar import Calendar, Term
from workflows.core.obligation import (
    Obligation,
    ObligationEscalated,
    ObligationHandedOver,
    Owed,
    RungRule,
    SilenceFell,
    SilenceRule,
    close_obligation,
    elapse,
    evolve_obligation,
    evolve_obligations,
    open_obligation,
)
from workflows.core.outcomes import ADVERSE_OUTCOMES, PROTECTIVE_OUTCOMES

BEGIN = datetime(2026, 6, 1, 9, tzinfo=UTC)
CALENDAR = Calendar(time_zone="Europe/Berlin", working_days=("mon", "tue", "wed", "thu", "fri"))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Told = ObligationEscalated | SilenceFell


def rung(text: str, *, tell: str = "supervisor", action: str = "take_up") -> RungRule:
    term, side = text.rsplit(" ", 1)
    if side == "before":
        return RungRule(before=Term.parse(term), tell=tell, action=action)
    return RungRule(after=Term.parse(term), tell=tell, action=action)


def opened(*ladder: RungRule, due: str = "10 days", repeat: str | None = None, at: datetime = BEGIN) -> Obligation:
    rule = SilenceRule(
        owner="lead_practitioner", due=Term.parse(due), ladder=ladder, repeat_every=Term.parse(repeat) if repeat else None,
        outcome="stays_open",
    )  # fmt: skip
    owed = Owed(key="check_in/intake/1", kind="check_in", since=BEGIN)
    return open_obligation(owed, rule=rule, calendar=CALENDAR, at=at, holder="lead-1").obligation


def lived(obligation: Obligation, instants: list[datetime]) -> list[tuple[datetime, Told]]:
    """What time does when the clock is looked at these instants, each event with the instant at which it was recorded."""
    told: list[tuple[datetime, Told]] = []
    for at in instants:
        for event in elapse(obligation, calendar=CALENDAR, at=at):
            told.append((at, event))
            obligation = evolve_obligation(obligation, event)
    return told


numbers = st.integers(0, 20)
sides = st.sampled_from([
    "hours before",
    "days before",
    "working days before",
    "hours after",
    "days after",
    "working days after",
])
ladders = st.lists(st.builds(lambda number, side: rung(f"{number} {side}"), numbers, sides), min_size=1, max_size=6)
repeats = st.none() | st.sampled_from(["1 day", "3 working days", "1 week", "1 month"])
looks = st.lists(st.integers(0, 90 * 24), max_size=12).map(
    lambda hours: [BEGIN + hour * HOUR for hour in sorted(hours)] + [BEGIN + 100 * DAY]
)


@given(ladders, repeats, looks)
def test_each_rung_fires_exactly_once_and_never_early(
    ladder: list[RungRule], repeat: str | None, instants: list[datetime]
) -> None:
    """However often or seldom the clock is looked at, every rung fires once, in order, at or after its instant, lateness recorded."""
    obligation = opened(*ladder, repeat=repeat)
    fired = [(at, e) for at, e in lived(obligation, instants) if isinstance(e, ObligationEscalated)]
    rungs = [(at, event) for at, event in fired if event.level <= len(obligation.rungs)]

    assert [event.level for _, event in fired] == [*range(1, len(fired) + 1)]
    assert [event.rung_at for _, event in rungs] == [step.at for step in obligation.rungs]
    assert all(at >= event.rung_at for at, event in fired)
    assert all(event.late_seconds == int((at - event.rung_at).total_seconds()) for at, event in fired)


@given(ladders, repeats, looks)
def test_silence_falls_once_and_never_before_it_is_due(
    ladder: list[RungRule], repeat: str | None, instants: list[datetime]
) -> None:
    """The outcome of silence takes effect exactly once, at or after the due instant, and says how late it was recorded."""
    obligation = opened(*ladder, repeat=repeat)
    ((at, silence),) = [(at, e) for at, e in lived(obligation, instants) if isinstance(e, SilenceFell)]

    assert silence.outcome == "stays_open"
    assert at >= obligation.due == silence.due
    assert silence.late_seconds == int((at - obligation.due).total_seconds())


@given(ladders, looks)
def test_what_time_does_depends_on_time_alone(ladder: list[RungRule], instants: list[datetime]) -> None:
    """A worker that was down for weeks records the same rungs and the same silence as one that never slept."""
    obligation = opened(*ladder)
    often = [event for _, event in lived(obligation, instants)]
    at_once = [event for _, event in lived(obligation, instants[-1:])]

    assert [event.model_copy(update={"late_seconds": 0}) for event in often] == [
        event.model_copy(update={"late_seconds": 0}) for event in at_once
    ]


@given(ladders, repeats, looks)
def test_looking_twice_changes_nothing(ladder: list[RungRule], repeat: str | None, instants: list[datetime]) -> None:
    """After time has taken its course up to an instant, nothing more happens until the next one that was announced."""
    obligation = opened(*ladder, repeat=repeat)
    for at in instants:
        for event in elapse(obligation, calendar=CALENDAR, at=at):
            obligation = evolve_obligation(obligation, event)

        assert elapse(obligation, calendar=CALENDAR, at=at) == ()
        assert obligation.next_at is None or obligation.next_at > at
    assert (obligation.next_at is None) == (repeat is None or not obligation.rungs)


@given(ladders, st.sampled_from(["1 day", "3 working days", "1 week", "1 month"]), looks)
def test_repetitions_after_an_outage_are_not_caught_up(
    ladder: list[RungRule], repeat: str, instants: list[datetime]
) -> None:
    """However long nobody looked, one look tells the last rung again at most once more; nobody is buried in old reminders."""
    obligation = opened(*ladder, repeat=repeat)
    repeated: dict[datetime, int] = {}
    for at, event in lived(obligation, instants):
        if isinstance(event, ObligationEscalated) and event.level > len(obligation.rungs):
            repeated[at] = repeated.get(at, 0) + 1
            assert (event.tell, event.action) == (obligation.rungs[-1].tell, obligation.rungs[-1].action)

    assert all(count == 1 for count in repeated.values())


def test_a_repetition_keeps_its_rhythm_over_an_outage() -> None:
    """Weekly stays weekly: after three weeks of outage the next repetition falls on the rhythm, in the future."""
    obligation = opened(rung("0 days after"), repeat="1 week")
    due = obligation.due
    told = lived(obligation, [due, due + 7 * DAY, due + 30 * DAY])
    escalated = [event for _, event in told if isinstance(event, ObligationEscalated)]

    assert [event.rung_at for event in escalated] == [due, due + 7 * DAY, due + 14 * DAY]
    assert [event.late_seconds for event in escalated] == [0, 0, 16 * 24 * 3600]
    assert escalated[-1].next_at == due + 35 * DAY


def test_at_the_due_instant_silence_falls_before_the_rung_that_tells_of_it() -> None:
    """Whoever is told at the due instant is told the truth: it has already fallen silent."""
    obligation = opened(rung("0 days after"), rung("1 day before"))
    told = [event for _, event in lived(obligation, [obligation.due])]

    assert [event.type for event in told] == ["obligation_escalated", "silence_fell", "obligation_escalated"]


def test_a_reminder_whose_instant_has_passed_is_left_out() -> None:
    """A reminder from before the obligation began would only repeat that it began; what comes after is kept."""
    obligation = opened(rung("2 weeks before"), rung("1 day before"), rung("1 day after"), due="3 days")

    assert [step.at for step in obligation.rungs] == [BEGIN + 2 * DAY, BEGIN + 4 * DAY]


def test_what_was_due_before_it_was_owed_is_due_at_once() -> None:
    """Nobody is late for time in which nothing was owed, and the derivation says so."""
    begun = BEGIN + 30 * DAY
    obligation = opened(rung("1 day after"), due="10 days", at=begun)

    assert (obligation.due, obligation.rungs[0].at, obligation.next_at) == (begun, begun + DAY, begun)
    assert obligation.derivation.endswith("past when it began to be owed, so due at once")


@given(st.integers(-20, 20))
def test_a_late_completion_is_accepted_and_shown_as_late(days: int) -> None:
    """What was owed can be met at any time; only how late it was is recorded. What is no longer owed was never late."""
    obligation = opened(rung("1 day after"))
    at = obligation.due + days * DAY
    met, released = (
        close_obligation(obligation, how="met", at=at),
        close_obligation(obligation, how="released", at=at),
    )

    assert (met.how, met.late_seconds) == ("met", max(0, days) * 24 * 3600)
    assert (released.how, released.late_seconds) == ("released", 0)


def test_another_holder_inherits_due_instant_and_ladder() -> None:
    """Handing over changes who owes it and nothing else: no handover buys time."""
    obligation = opened(rung("1 day before"), rung("1 day after"))
    climbed = evolve_obligation(obligation, elapse(obligation, calendar=CALENDAR, at=obligation.rungs[0].at)[0])
    handed = ObligationHandedOver(key=climbed.key, kind=climbed.kind, holder="lead-2")

    assert evolve_obligation(climbed, handed) == climbed.model_copy(update={"holder": "lead-2"})


@given(ladders, repeats, looks)
def test_an_obligation_survives_storage(ladder: list[RungRule], repeat: str | None, instants: list[datetime]) -> None:
    """Written to JSON and read back at any moment, an obligation goes on as if nothing had happened."""
    obligation = opened(*ladder, repeat=repeat)
    stored = Obligation.model_validate_json(obligation.model_dump_json())

    assert stored == obligation
    assert lived(stored, instants) == lived(obligation, instants)


def test_events_about_what_is_not_open_change_nothing() -> None:
    """An event about an unknown key never raises and never invents an obligation."""
    obligation = opened(rung("1 day after"))
    event = elapse(obligation, calendar=CALENDAR, at=obligation.due)[0]

    assert evolve_obligations({}, event) == {}
    assert evolve_obligations({}, close_obligation(obligation, how="met", at=BEGIN)) == {}


def test_the_engine_has_no_word_for_harm() -> None:
    """What silence may do and what was refused for it have no word in common, and each says what it is."""
    assert set(PROTECTIVE_OUTCOMES) & set(ADVERSE_OUTCOMES) == set()
    assert all({**PROTECTIVE_OUTCOMES, **ADVERSE_OUTCOMES}.values())


@pytest.mark.parametrize("sides_given", [{}, {"before": "1 day", "after": "1 day"}])
def test_a_rung_stands_on_one_side(sides_given: dict[str, str]) -> None:
    """A rung is before or after the due instant: neither, or both, is refused."""
    with pytest.raises(ValidationError, match="exactly one of the two"):
        RungRule.model_validate({"tell": "supervisor", "action": "remind", **sides_given})
