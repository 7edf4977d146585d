"""Due instants: counted on the jurisdiction's own calendar, the same everywhere and in every year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from workflows.core.calendar import Calendar, Term, add_months

BERLIN = ZoneInfo("Europe/Berlin")
# Easter of 2026 and the days around Christmas and New Year, as the law of Berlin has them.
HOLIDAYS = [
    date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25), date(2026, 12, 26), date(2027, 1, 1),
]  # fmt: skip
CALENDAR = Calendar(
    time_zone="Europe/Berlin", working_days=("mon", "tue", "wed", "thu", "fri"), holidays=tuple(HOLIDAYS)
)
UNITS = ("hours", "days", "working days", "weeks", "months", "years")
instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds only
terms = st.builds(Term, st.integers(0, 60), st.sampled_from(UNITS))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def after(start: str, term: str) -> str:
    due = CALENDAR.after(berlin(start), Term.parse(term)).at
    return f"{due.astimezone(BERLIN):%Y-%m-%d %H:%M}"


def before(start: str, term: str) -> str:
    due = CALENDAR.before(berlin(start), Term.parse(term)).at
    return f"{due.astimezone(BERLIN):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("start", "term", "expected"),
    [
        ("2026-01-31 10:00", "1 month", "2026-02-28 10:00"),
        ("2028-01-31 10:00", "1 month", "2028-02-29 10:00"),
        ("2026-01-31 10:00", "2 months", "2026-03-31 10:00"),
        ("2026-08-31 10:00", "13 months", "2027-09-30 10:00"),
        ("2028-02-29 10:00", "1 year", "2029-02-28 10:00"),
        ("2026-12-15 10:00", "1 month", "2027-01-15 10:00"),
    ],
)
def test_months_end_where_the_month_ends(start: str, term: str, expected: str) -> None:
    """31 January and one month is the last day of February; a day that exists is kept."""
    assert after(start, term) == expected


@pytest.mark.parametrize(
    ("start", "term", "expected", "elapsed_hours"),
    [
        ("2026-03-28 09:00", "1 day", "2026-03-29 09:00", 23),
        ("2026-10-24 09:00", "1 day", "2026-10-25 09:00", 25),
        ("2026-03-27 09:00", "1 week", "2026-04-03 09:00", 7 * 24 - 1),
        ("2026-10-23 09:00", "1 working day", "2026-10-26 09:00", 73),
        ("2026-01-15 09:00", "6 months", "2026-07-15 09:00", 181 * 24 - 1),
        ("2026-03-28 09:00", "24 hours", "2026-03-29 10:00", 24),
        ("2026-10-24 09:00", "24 hours", "2026-10-25 08:00", 24),
    ],
)
def test_nine_stays_nine_across_a_clock_change(start: str, term: str, expected: str, elapsed_hours: int) -> None:
    """Days, weeks and months keep the local time over both changes of the clock; hours are hours that passed."""
    due = CALENDAR.after(berlin(start), Term.parse(term)).at

    assert after(start, term) == expected
    assert due - berlin(start).astimezone(UTC) == timedelta(hours=elapsed_hours)


def test_a_local_time_that_does_not_exist_moves_on_by_the_gap() -> None:
    """02:30 on the night of the change to summer time is 03:30: later, never earlier, and never an error."""
    assert after("2026-03-28 02:30", "1 day") == "2026-03-29 03:30"


@pytest.mark.parametrize(
    ("start", "term", "expected"),
    [
        ("2026-04-02 12:00", "1 working day", "2026-04-07 12:00"),
        ("2026-04-01 12:00", "3 working days", "2026-04-08 12:00"),
        ("2026-04-30 12:00", "1 working day", "2026-05-04 12:00"),
        ("2026-12-24 12:00", "3 working days", "2026-12-30 12:00"),
        ("2026-12-31 12:00", "1 working day", "2027-01-04 12:00"),
        ("2026-04-04 12:00", "1 working day", "2026-04-07 12:00"),
        ("2026-04-04 12:00", "0 working days", "2026-04-04 12:00"),
        ("2026-06-01 12:00", "20 working days", "2026-06-29 12:00"),
    ],
)
def test_working_days_skip_weekends_and_listed_holidays(start: str, term: str, expected: str) -> None:
    """Over Easter, the First of May and the turn of the year a deadline counts only days on which offices work."""
    assert after(start, term) == expected


def test_a_due_instant_says_how_it_came_about() -> None:
    """An owner can check a due date against a paper calendar: the words name term, start, zone and days not counted."""
    due = CALENDAR.after(berlin("2026-04-02 12:00"), Term.parse("1 working day"))

    assert due.derivation == "1 working day after 2026-04-02 12:00 Europe/Berlin, 4 closed days not counted"


def test_before_counts_the_same_days_backwards() -> None:
    """A reminder is counted back by the same rules."""
    assert before("2026-04-07 12:00", "1 working day") == "2026-04-02 12:00"
    assert before("2026-03-31 09:00", "1 month") == "2026-02-28 09:00"
    assert before("2026-03-29 09:00", "1 day") == "2026-03-28 09:00"


@given(instants, terms)
def test_a_due_instant_is_never_before_its_start(start: datetime, term: Term) -> None:
    """Whatever the term, what is due after an instant is not before it, and what is due before it is not after."""
    assert CALENDAR.before(start, term).at - timedelta(hours=1) <= start <= CALENDAR.after(start, term).at


@given(instants, terms)
def test_a_longer_term_is_never_due_sooner(start: datetime, term: Term) -> None:
    """One unit more is never due earlier, and a term of at least one unit is due strictly later."""
    longer = term._replace(number=term.number + 1)

    assert start < CALENDAR.after(start, longer).at >= CALENDAR.after(start, term).at
    assert CALENDAR.before(start, longer).at <= CALENDAR.before(start, term).at


@given(st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)), st.integers(0, 400), terms)  # noqa: DTZ001 - bounds only
def test_a_later_day_is_never_due_sooner(start: datetime, days: int, term: Term) -> None:
    """At one time of the day, a later start is never due earlier."""
    first = start.replace(hour=12, tzinfo=BERLIN)
    later = first + timedelta(days=days)

    assert CALENDAR.after(first, term).at <= CALENDAR.after(later, term).at


@given(instants, st.integers(0, 60), st.sampled_from(["hours", "days", "weeks"]))
def test_before_undoes_after(start: datetime, number: int, unit: str) -> None:
    """Going forward and back by hours, days or weeks leads to the same instant (but for the hour that a clock change takes or gives)."""
    term = Term.parse(f"{number} {unit}")
    back = CALENDAR.before(CALENDAR.after(start, term).at, term).at

    assert abs(back - start) <= (timedelta(0) if unit == "hours" else timedelta(hours=1))


@given(instants, st.integers(1, 40))
def test_working_days_end_on_a_working_day(start: datetime, number: int) -> None:
    """A deadline in working days never falls on a day on which nobody works, and counts exactly that many."""
    end = CALENDAR.after(start, Term(number, "working days")).at.astimezone(BERLIN).date()
    day, counted = start.astimezone(BERLIN).date(), 0
    while day < end:
        day += timedelta(days=1)
        counted += CALENDAR.is_working_day(day)

    assert CALENDAR.is_working_day(end)
    assert counted == number


@given(instants, terms)
def test_a_due_instant_depends_on_the_instant_alone(start: datetime, term: Term) -> None:
    """The same instant written in another zone is due at the same instant."""
    assert CALENDAR.after(start.astimezone(ZoneInfo("Asia/Tokyo")), term).at == CALENDAR.after(start, term).at


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_adding_months_lands_in_that_month(day: date, months: int) -> None:
    """Months are counted as months: the result lies exactly that many months away, on the same day or the last."""
    moved = add_months(day, months)

    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved + timedelta(days=1)).month != moved.month


@pytest.mark.parametrize("text", ["", "1", "one day", "1 fortnight", "-1 days", "01 days", "1.5 days", "1  day", "10000 days", " 1 day", "1 day\n", 7, None])  # fmt: skip
def test_what_is_no_term_is_refused_with_the_units(text: object) -> None:
    """A term is a whole number and one of six units, written in exactly one way."""
    with pytest.raises(ValueError, match="hours, days, working days, weeks, months or years"):
        Term.parse(text)


@given(terms)
def test_a_term_reads_back_as_it_is_written(term: Term) -> None:
    """In YAML and JSON a term is its text, and the text is the term."""
    adapter = TypeAdapter(Term)

    assert adapter.validate_json(adapter.dump_json(term)) == Term.parse(str(term)) == term


def test_an_unknown_time_zone_is_refused() -> None:
    """A calendar names a zone of the IANA database."""
    with pytest.raises(ValidationError, match="IANA database"):
        Calendar(time_zone="Europe/Atlantis", working_days=("mon",))


@pytest.mark.parametrize(
    ("zone", "start", "term", "expected"),
    [
        ("Europe/Berlin", "2038-06-30 09:00", "1 day", "2038-07-01T07:00:00+00:00"),
        ("Europe/Berlin", "2037-12-31 09:00", "1 month", "2038-01-31T08:00:00+00:00"),
        ("Europe/Berlin", "2099-12-31 09:00", "100 years", "2199-12-31T08:00:00+00:00"),
        ("Pacific/Apia", "2011-12-29 09:00", "1 day", "2011-12-30T19:00:00+00:00"),
        ("Pacific/Apia", "2011-12-29 09:00", "2 days", "2011-12-30T19:00:00+00:00"),
        ("Europe/Dublin", "2026-10-24 01:30", "1 day", "2026-10-25T00:30:00+00:00"),
        ("Asia/Kathmandu", "2026-01-31 09:00", "1 month", "2026-02-28T03:15:00+00:00"),
        ("Africa/Cairo", "2023-04-27 00:30", "1 day", "2023-04-27T22:30:00+00:00"),
    ],
)
def test_a_due_instant_is_found_under_any_rule_of_any_zone(zone: str, start: str, term: str, expected: str) -> None:
    """Behind 2038, where a zone left out a day, in winter time that is negative summer time, and at a midnight that does not exist: one instant, and none before its start."""
    calendar = Calendar(time_zone=zone, working_days=("mon",))
    begun = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    due = calendar.after(begun, Term.parse(term)).at

    assert due.isoformat() == expected
    assert due > begun
