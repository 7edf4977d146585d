"""A measure has a basis, an end and a review; it begins only through due process or by agreement, and ends when nobody acts."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.against import (
    A_MINUTE,
    DECIDERS,
    carried,
    curfew,
    heard,
    in_stabilization,
    notice_number,
    served,
    under_curfew,
    voted,
    window_end,
)
from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    approved,
    asked,
    note,
    opened,
    person,
)  # fmt: skip
from workflows.case.adverse import AdverseActLapsed, AdverseActProposed
from workflows.case.appeal import AdverseActTookEffect, AppealWindowOpened, UpheldActLapsed
from workflows.case.measure import MeasureBegan, MeasureEnded, MeasureProposed, MeasureRenewed
from workflows.core.obligation import ObligationClosed, ObligationEscalated


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "exile"}, "unknown_measure_kind"),
        ({"legal_basis": None}, "basis_missing_for_measure"),
        ({"basis_issued_at": None}, "basis_missing_for_measure"),
        ({"legal_basis": "program_rules"}, "basis_not_for_kind"),
        ({"basis_issued_at": "2030-01-01T00:00:00Z"}, "basis_in_future"),
        ({"necessity": None}, "necessity_missing"),
        ({"nothing_milder": None}, "nothing_milder_missing"),
        ({"scope": None}, "scope_missing"),
        ({"lasts": None}, "expiry_missing"),
        ({"lasts": "0 days"}, "expiry_missing"),
        ({"lasts": "4 months"}, "term_too_long"),
        ({"review_every": None}, "review_date_missing"),
        ({"review_every": "5 weeks"}, "review_too_rare"),
    ],
)
def test_a_measure_without_basis_or_end_is_refused(changes: dict[str, Any], code: str) -> None:
    """Whatever is missing or beyond its kind is refused by its name, before anybody is asked to decide (F7)."""
    story = in_stabilization()

    story.refuse(code, LEAD, "propose_measure", **curfew(story, **changes))


def test_a_proposed_measure_restricts_nobody() -> None:
    """A proposal opens the bundle and nothing else: no measure is in force, and the person is owed notice."""
    story = in_stabilization()
    events = story.do(LEAD, "propose_measure", **curfew(story))

    assert isinstance(events[0], MeasureProposed)
    assert isinstance(events[1], AdverseActProposed)
    assert story.case.adverse.open[1].subject == "measure/1"
    assert story.case.measure.known[1].begun is None
    assert notice_number(story, "act_proposed") == 2
    assert story.owed("measure_expiry") == []


def test_a_program_without_measures_of_its_own_takes_none_against_anybody() -> None:
    """Housing first records what is agreed, and provides for no measure against a wish."""
    story = opened("housing_first")
    asked_for = curfew(story, kind="quiet_hours", legal_basis="agreement")

    story.refuse("act_not_provided_for", person("team_lead"), "propose_measure", **asked_for)


def test_a_measure_begins_when_it_is_carried_out_and_says_when_it_ends() -> None:
    """Its term counts from its start, with the derivation of its end on record."""
    story = under_curfew()

    (began,) = story.events(MeasureBegan)
    assert (began.mode, began.act, began.review_every) == ("mandated", 1, began.review_every)
    assert began.until == story.program.calendar.after(story.at, began.lasts).at
    assert began.derivation.startswith("2 months after")
    assert story.due("measure_expiry") == began.until


def test_warnings_come_at_28_14_and_7_days() -> None:
    """Before its end, somebody is warned at 28, 14 and 7 days, each once."""
    story = under_curfew()
    until = story.events(MeasureBegan)[-1].until
    for _ in range(3):
        story.later(days=15)
        story.do(LEAD, "review_measure", measure=1, necessity=note(8))
    story.until(until - A_MINUTE)

    told = [
        round((until - e.rung_at) / timedelta(days=1))
        for e in story.events(ObligationEscalated)
        if e.kind == "measure_expiry"
    ]
    assert told == [28, 14, 7]


def test_a_measure_lapses_on_silence() -> None:
    """At its end it is over, the person is owed notice, and the gap is reported to the supervisor."""
    story = under_curfew()
    until = story.events(MeasureBegan)[-1].until
    for _ in range(3):
        story.later(days=15)
        story.do(LEAD, "review_measure", measure=1, necessity=note(8))
    story.until(until)

    assert story.events(MeasureEnded) == [MeasureEnded(measure=1, content="curfew", how="lapsed", ended_at=until)]
    assert story.case.measure.known == {}
    assert notice_number(story, "measure_ended")
    reported = [e for e in story.events(ObligationEscalated) if e.action == "measure_lapsed"]
    assert [(e.kind, e.tell) for e in reported] == [("measure_expiry", "supervisor")]


def test_a_review_that_is_not_held_lets_the_measure_lapse() -> None:
    """Nobody asks whether it is still needed: it is over at the review date, long before its end, also after an outage."""
    story = under_curfew()
    due = story.due("measure_review")
    story.at += timedelta(days=100)
    story.tick()

    assert [(e.how, e.ended_at) for e in story.events(MeasureEnded)] == [("lapsed", due)]


def test_a_review_meets_the_debt_and_opens_the_next() -> None:
    """A review that is held is met, and the next one is owed from then."""
    story = under_curfew().later(days=10)
    story.do(LEAD, "review_measure", measure=1, necessity=note(8))

    assert [e.how for e in story.events(ObligationClosed) if e.kind == "measure_review"] == ["met"]
    assert story.due("measure_review") == story.at + timedelta(weeks=3)


def test_a_renewal_takes_the_same_way_and_begins_where_the_term_ended() -> None:
    """On fresh facts, through the whole bundle, a measure lasts longer from its former end."""
    story = under_curfew(lasts="3 months")
    first = story.events(MeasureBegan)[-1].until
    story.later(days=15)
    story.do(LEAD, "review_measure", measure=1, necessity=note(8))
    fields = {"measure": 1, "reasons": note(9), "necessity": note(9), "nothing_milder": note(9), "lasts": "1 month"}
    story.do(SUPERVISOR, "renew_measure", observed_at=(story.at - timedelta(days=1)).isoformat(), **fields)
    served(story, "act_proposed")
    story.later(days=14)
    story.do(LEAD, "review_measure", measure=1, necessity=note(8))
    voted(story, 2)
    served(story, "act_upheld")
    story.later(days=15)
    story.do(LEAD, "review_measure", measure=1, necessity=note(8))
    story.until(window_end(story))
    story.do(SUPERVISOR, "carry_out_adverse_act", act=2)

    (renewed,) = story.events(MeasureRenewed)
    assert renewed.until == story.program.calendar.after(first, renewed.lasts).at
    assert story.due("measure_expiry") == renewed.until


def test_a_renewal_that_is_not_carried_in_time_renews_nothing() -> None:
    """While the renewal is under way the measure lapses at its end; carried out afterwards, it is refused."""
    story = under_curfew(lasts="1 month")
    story.later(days=5)
    fields = {"measure": 1, "reasons": note(9), "necessity": note(9), "nothing_milder": note(9), "lasts": "1 month"}
    story.do(LEAD, "renew_measure", observed_at=story.at.isoformat(), **fields)
    heard(story)
    voted(story, 2)
    served(story, "act_upheld")
    story.until(window_end(story))

    story.refuse("no_such_measure", SUPERVISOR, "carry_out_adverse_act", act=2)
    assert story.events(MeasureRenewed) == []


@pytest.mark.parametrize("observed", [timedelta(days=-30), timedelta(days=1)])
def test_a_renewal_needs_fresh_facts(observed: timedelta) -> None:
    """Facts from before it began, or from the future, carry no renewal."""
    story = under_curfew().later(days=5)
    fields = {"measure": 1, "reasons": note(9), "necessity": note(9), "nothing_milder": note(9), "lasts": "1 month"}

    story.refuse("necessity_not_fresh", LEAD, "renew_measure", observed_at=(story.at + observed).isoformat(), **fields)


def test_a_renewal_states_its_grounds_too() -> None:
    """Necessity, proportion and an end are asked for again."""
    story = under_curfew().later(days=5)
    fields = {"measure": 1, "reasons": note(9), "observed_at": story.at.isoformat()}
    story.refuse("necessity_missing", LEAD, "renew_measure", **fields)
    story.refuse("nothing_milder_missing", LEAD, "renew_measure", **fields, necessity=note())

    story.refuse("expiry_missing", LEAD, "renew_measure", **fields, necessity=note(), nothing_milder=note())


def test_the_same_content_under_another_name_is_refused() -> None:
    """While a curfew is under way, in force or over, presence at home by night is the same measure."""
    story = in_stabilization()
    issued = (story.at - timedelta(hours=1)).isoformat()
    story.do(LEAD, "propose_measure", **curfew(story))
    again = {"kind": "night_presence", "basis_issued_at": issued}
    story.refuse("same_content", LEAD, "propose_measure", **curfew(story, kind="night_presence"))
    carried(story, 1)
    story.refuse("same_content", LEAD, "propose_measure", **curfew(story, kind="night_presence"))
    story.do(LEAD, "end_measure", measure=1, reasons=note())

    story.refuse("same_content", LEAD, "propose_measure", **curfew(story, **again))
    story.later(days=1)
    story.do(LEAD, "propose_measure", **curfew(story, kind="night_presence"))


def test_a_dropped_proposal_does_not_come_back_on_the_same_basis() -> None:
    """What was dropped is not proposed again until something new was issued."""
    story = in_stabilization()
    fields = curfew(story)
    story.do(LEAD, "propose_measure", **fields)
    voted(story, 1, "drop")
    story.later(days=3)

    story.refuse("same_content", LEAD, "propose_measure", **fields)
    story.do(LEAD, "propose_measure", **curfew(story))


def test_a_court_ends_a_measure_at_once() -> None:
    """The order ends it that instant, the person is told, and the same content needs a basis issued after the order (F7)."""
    story = under_curfew()
    fields = curfew(story, kind="night_presence")
    story.later(days=3)
    story.do(ADVOCATE, "record_court_order", measure=1, order=note(17))

    assert story.events(MeasureEnded) == [
        MeasureEnded(measure=1, content="curfew", how="court_order", ended_at=story.at, reference=note(17))
    ]
    assert story.owed("measure_expiry") == []
    assert notice_number(story, "measure_ended")
    story.refuse("same_content", LEAD, "propose_measure", **fields)


@pytest.mark.parametrize("decided", [False, True])
def test_a_court_ends_what_was_only_proposed_too(decided: bool) -> None:
    """An order against a measure that is proposed or upheld ends its bundle."""
    story = in_stabilization()
    story.do(LEAD, "propose_measure", **curfew(story))
    if decided:
        heard(story)
        voted(story, 1)
    story.do(LEAD, "record_court_order", measure=1, order=note(17))

    ended: list[AdverseActLapsed | UpheldActLapsed] = [*story.events(AdverseActLapsed), *story.events(UpheldActLapsed)]
    assert [(one.act, one.because) for one in ended] == [(1, "ended_by_court")]
    assert (story.case.adverse.open, story.case.appeal.open) == ({}, {})


def test_a_measure_that_is_agreed_begins_at_once_and_is_no_adverse_act() -> None:
    """By agreement it begins without a bundle, is recorded as voluntary, and ends the moment the person says so."""
    story = opened("housing_first")
    worker, peer = person("case_manager"), person("peer_worker")
    fields = {
        "kind": "quiet_hours",
        "agreement": note(3),
        "scope": note(4),
        "lasts": "2 months",
        "review_every": "1 month",
    }
    story.do(worker, "agree_measure", **fields)
    (began,) = story.events(MeasureBegan)
    assert (began.mode, began.act, began.agreement) == ("voluntary", None, note(3))
    assert story.events(AdverseActProposed) == []
    story.refuse("same_content", worker, "agree_measure", **fields)
    renewing = {"measure": 1, "reasons": note(), "observed_at": story.at.isoformat()}
    story.refuse("not_renewable", person("team_lead"), "renew_measure", **renewing)
    story.later(days=2).do(peer, "withdraw_from_measure", measure=1)

    assert [event.how for event in story.events(MeasureEnded)] == ["withdrawn"]
    story.do(worker, "agree_measure", **fields)


def test_whoever_takes_part_no_longer_is_asked_to_agree_to_no_measure() -> None:
    """What ends with participation does not begin again without it: nobody is talked into a restriction on the way out."""
    story = opened()
    story.do(LEAD, "withdraw_consent", scope="participation")

    story.refuse(
        "not_taking_part", LEAD, "agree_measure", kind="curfew", agreement=note(1), scope=note(2), lasts="2 months", review_every="3 weeks"
    )  # fmt: skip


def test_whoever_takes_part_no_longer_is_under_no_voluntary_measure() -> None:
    """Withdrawing from the program ends what was agreed within it; what is mandated goes its own way."""
    story = under_curfew()
    fields = {"agreement": note(3), "scope": note(4), "lasts": "2 months", "review_every": "1 month"}
    story.do(LEAD, "agree_measure", kind="supervision_meetings", **fields)
    story.do(LEAD, "withdraw_consent", scope="participation")

    assert [(event.measure, event.how) for event in story.events(MeasureEnded)] == [(2, "withdrawn")]
    assert list(story.case.measure.known) == [1]


def test_only_what_is_voluntary_is_withdrawn_from_and_only_what_is_in_force_ended() -> None:
    """Each way to end a measure has its measure."""
    story = under_curfew()
    story.refuse("measure_not_voluntary", LEAD, "withdraw_from_measure", measure=1)
    story.refuse("no_such_measure", LEAD, "end_measure", measure=7, reasons=note())
    story.refuse("no_such_measure", LEAD, "withdraw_from_measure", measure=7)
    story.do(LEAD, "propose_measure", **curfew(story, kind="reporting_duty"))

    story.refuse("measure_not_in_force", LEAD, "review_measure", measure=2, necessity=note())


def test_closing_the_case_ends_its_measures() -> None:
    """No restriction outlives the case."""
    story = opened()
    story.do(LEAD, "propose_measure", **curfew(story))
    carried(story, 1)
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert [event.how for event in story.events(MeasureEnded)] == ["case_closed"]
    assert story.owed("measure_expiry") == []


def test_the_deciders_of_a_measure_took_no_part() -> None:
    """A measure is decided like any other adverse act; its effect names who carried it out."""
    story = under_curfew()

    assert story.events(AdverseActTookEffect)[-1].by == SUPERVISOR
    assert set(DECIDERS) & {LEAD, SUPERVISOR} == set()
    assert story.events(AppealWindowOpened)[-1].until <= story.at
