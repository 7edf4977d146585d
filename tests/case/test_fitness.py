"""Fitness: whoever takes a case is certified and has room for it, and what lapses later takes nobody's case away."""

from datetime import date, timedelta

import pytest

from tests.case.examples import LEAD, SUPERVISOR, Story, note, opened, person, shipped
from workflows.case.contact_form import CheckInKept
from workflows.case.custody_form import AbsenceBegan, LeadAssigned, LeadConfirmed
from workflows.case.fitness import Standing
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell

NEXT, THIRD = person("lead_practitioner", 2), person("lead_practitioner", 3)
LIMIT = shipped("disengagement").roles["lead_practitioner"].caseload or 0
TRAINING = "trauma_informed_care"


def certified(story: Story, who: str, **certificates: date) -> Story:
    """The story in which the person's certificates are these, and whatever else they had."""
    known = story.staff[who]
    story.staff[who] = known.model_copy(update={"certificates": {**known.certificates, **certificates}})
    return story


def uncertified(story: Story, who: str, code: str = TRAINING) -> Story:
    """The story in which the person was never certified in it."""
    known = story.staff[who]
    rest = {name: last for name, last in known.certificates.items() if name != code}
    story.staff[who] = known.model_copy(update={"certificates": rest})
    return story


def opening(story: Story, **more: object) -> dict[str, object]:
    """The fields of an opening led by LEAD."""
    return {
        "program": "disengagement", "version": story.program.version, "lead": LEAD, "support_level": "high", "eligibility": note(), **more,
    }  # fmt: skip


def away(story: Story, **more: object) -> dict[str, object]:
    """The fields of an absence in which NEXT stands in."""
    return {"until": (story.at + timedelta(days=14)).isoformat(), "deputy": NEXT, "agreed": note(), **more}


def test_a_case_beyond_the_limit_is_refused_in_every_way_of_taking_one() -> None:
    """Whoever leads or stands in for as many cases as the limit takes no further one: opened, assigned, accepted, or as a deputy."""
    story = Story()
    story.cases = {LEAD: LIMIT}
    story.refuse("caseload_full", SUPERVISOR, "open_case", **opening(story))

    story = opened()
    story.do(LEAD, "offer_handover", person=NEXT, reasons=note())
    story.cases = {NEXT: LIMIT}
    refused = story.refuse("caseload_full", NEXT, "accept_handover")
    story.refuse("caseload_full", SUPERVISOR, "assign_lead", person=NEXT, reasons=note())
    story.refuse("caseload_full", LEAD, "begin_absence", **away(story))

    assert f"{LIMIT} open cases" in refused.why
    assert (story.case.custody.lead, story.case.custody.offer) != (NEXT, None)


def test_one_below_the_limit_has_room_for_one_more() -> None:
    """The limit is how many somebody may have, this one included."""
    story = opened()
    story.cases = {NEXT: LIMIT - 1}
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note())

    assert story.events(LeadAssigned)[-1] == LeadAssigned(person=NEXT, former=LEAD, reasons=note())


def test_a_supervisors_reasons_go_past_the_limit_and_are_recorded() -> None:
    """What was too much, and why it was right all the same, stands in the record."""
    story = Story()
    story.cases = {LEAD: LIMIT, NEXT: LIMIT + 3}
    story.do(SUPERVISOR, "open_case", **opening(story, over_caseload=note(5)))
    story.do(SUPERVISOR, "begin_absence", **away(story, over_caseload=note(6)))

    assert story.events(LeadAssigned) == [LeadAssigned(person=LEAD, over_caseload=note(5), cases=LIMIT)]
    assert [(one.over_caseload, one.cases) for one in story.events(AbsenceBegan)] == [(note(6), LIMIT + 3)]


def test_nobody_goes_past_the_limit_on_their_own_word() -> None:
    """A lead who names a full colleague as deputy cannot reason the limit away, and reasons that were not needed are not kept."""
    story = opened()
    story.cases = {NEXT: LIMIT}
    story.refuse("override_not_yours", LEAD, "begin_absence", **away(story, over_caseload=note()))
    story.cases = {}
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note(), over_caseload=note())

    assert story.events(LeadAssigned)[-1].over_caseload is None


def test_the_lowest_limit_of_somebodys_roles_is_theirs() -> None:
    """A supervisor who leads cases too carries fewer of them."""
    story = opened()
    story.staff[NEXT] = story.staff[NEXT].model_copy(update={"roles": ("lead_practitioner", "supervisor")})
    story.cases = {NEXT: 4}

    story.refuse("caseload_full", SUPERVISOR, "assign_lead", person=NEXT, reasons=note())


def test_who_is_not_certified_takes_no_case() -> None:
    """A training that leading takes and that somebody never had, or whose certificate expired, keeps them from taking a case in any way."""
    story = opened()
    story.do(LEAD, "offer_handover", person=NEXT, reasons=note())
    for code in ("certificate_missing", "certificate_expired"):
        uncertified(story, NEXT)
        if code == "certificate_expired":
            certified(story, NEXT, trauma_informed_care=story.at.date() - timedelta(days=1))
        story.refuse(code, NEXT, "accept_handover")
        story.refuse(code, SUPERVISOR, "assign_lead", person=NEXT, reasons=note())
        story.refuse(code, LEAD, "begin_absence", **away(story))
    story.do(LEAD, "withdraw_handover", reasons=note())
    story.refuse("certificate_expired", LEAD, "offer_handover", person=NEXT, reasons=note())
    story = uncertified(Story(), LEAD, "cultural_humility")
    story.refuse("certificate_missing", SUPERVISOR, "open_case", **opening(story))


def test_a_certificate_counts_through_its_last_day() -> None:
    """On its last valid day, on the program's calendar, a certificate still counts."""
    story = certified(opened(), NEXT, trauma_informed_care=date(2026, 1, 5))
    tomorrow = story.fork().later(hours=24)
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note())

    tomorrow.refuse("certificate_expired", SUPERVISOR, "assign_lead", person=NEXT, reasons=note())


@pytest.mark.parametrize("code", ["certificate_missing", "certificate_expired"])
def test_a_gated_act_takes_its_certificate(code: str) -> None:
    """Whoever proposes an act against somebody's wish is certified for it; and nothing else is kept from anybody."""
    story = uncertified(opened(), LEAD, "nonviolent_communication")
    if code == "certificate_expired":
        certified(story, LEAD, nonviolent_communication=date(2025, 12, 31))

    story.refuse(
        code,
        LEAD,
        "propose_adverse_act",
        kind="refuse_advance",
        subject="stabilization",
        reasons=note(),
        necessity=note(),
    )
    story.do(LEAD, "keep_check_in", channel="call")


def lapsing() -> Story:
    """A case whose lead's certificate is valid until the end of February 2026."""
    story = certified(Story(), LEAD, trauma_informed_care=date(2026, 2, 28))
    story.do(SUPERVISOR, "open_case", **opening(story))
    story.do(LEAD, "give_consent", scope="participation", form_version="f1", language="en", explained_by=LEAD)
    return story


def test_a_certificate_that_lapses_takes_no_case_away_and_is_owed_to_a_supervisor() -> None:
    """The lead stays in charge, contact goes on, and the renewal is owed by the supervisor, before and after, until it is recorded."""
    story = lapsing()
    (key,) = story.owed("certificate_renewal")
    owed = story.case.obligations[key]
    assert (owed.owner, owed.holder, owed.due) == ("supervisor", None, story.program.calendar.local(owed.due))
    assert f"{story.program.calendar.local(owed.due):%Y-%m-%d %H:%M}" == "2026-03-01 00:00"
    story.later(days=90)

    assert [fell.outcome for fell in story.events(SilenceFell) if fell.kind == "certificate_renewal"] == ["stays_open"]
    assert story.case.custody.in_charge == LEAD
    event = story.do(LEAD, "keep_check_in", channel="call")[0]
    assert isinstance(event, CheckInKept)
    assert event.counted
    told = {e.tell for e in story.events(ObligationEscalated) if e.kind == "certificate_renewal"}
    assert told == {"supervisor", "program_director"}


def test_a_renewed_certificate_is_recorded_from_the_directory() -> None:
    """What the staff directory says anew is recorded, meets what was owed, and sets when it is owed next; nobody types a date into a case."""
    story = lapsing().later(days=80)
    story.refuse("nothing_new", SUPERVISOR, "confirm_lead", person=LEAD)
    story.refuse("not_in_charge", SUPERVISOR, "confirm_lead", person=NEXT)
    certified(story, LEAD, trauma_informed_care=date(2028, 2, 28))
    story.do(SUPERVISOR, "confirm_lead", person=LEAD)

    (closed,) = (e for e in story.events(ObligationClosed) if e.kind == "certificate_renewal")
    assert (closed.how, closed.late_seconds > 0) == ("met", True)
    assert f"{story.program.calendar.local(story.due('certificate_renewal')):%Y-%m-%d}" == "2028-02-29"
    assert len(story.events(LeadConfirmed)) == 1


def test_a_certificate_that_somebody_never_had_is_owed_at_once() -> None:
    """Where the directory no longer knows a certificate at all, that is recorded too, and its renewal is due at once."""
    story = uncertified(lapsing(), LEAD)
    story.do(SUPERVISOR, "confirm_lead", person=LEAD)

    assert story.due("certificate_renewal") == story.at
    assert story.case.custody.in_charge == LEAD


def test_another_lead_owes_the_renewal_of_their_own_certificates() -> None:
    """With the case goes whose certificates matter: what was owed about the former lead's is released."""
    story = lapsing()
    story.do(SUPERVISOR, "assign_lead", person=NEXT, reasons=note())

    assert story.owed("certificate_renewal") == []
    assert [e.how for e in story.events(ObligationClosed) if e.kind == "certificate_renewal"] == ["released"]
    assert story.case.custody.standing is None


def test_whoever_stands_in_is_known_too() -> None:
    """While a deputy is in charge it is their certificate that is looked after, and then the lead's again."""
    story = certified(lapsing(), NEXT, cultural_humility=date(2026, 1, 31))
    (mine,) = story.owed("certificate_renewal")
    story.do(LEAD, "begin_absence", **away(story))
    (theirs,) = story.owed("certificate_renewal")
    certified(story, NEXT, cultural_humility=date(2026, 12, 31))
    story.do(SUPERVISOR, "confirm_lead", person=NEXT)
    absence = story.case.custody.absence
    assert absence is not None
    assert absence.standing != Standing()
    story.do(LEAD, "end_absence")

    assert mine != theirs
    assert story.owed("certificate_renewal") == [mine]
