"""Contact: check-ins on a schedule, the welfare ladder of a missed one, and that nothing talks it away."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.case.examples import LEAD, MONDAY, SUPERVISOR, Story, approved, asked, note, opened, person
from workflows.case.contact import Absence
from workflows.case.contact_form import AbsenceClassified, AbsenceCorrected, CheckInExcused, CheckInKept, CheckInMissed
from workflows.core.notice import Notice
from workflows.core.obligation import ObligationClosed, ObligationEscalated, SilenceFell

WEEK, DAY = timedelta(weeks=1), timedelta(days=1)


def kept(story: Story, **fields: object) -> CheckInKept:
    event = story.do(LEAD, "keep_check_in", channel="call", **fields)[0]
    assert isinstance(event, CheckInKept)
    return event


def closing(story: Story) -> list[tuple[str, str, int]]:
    """How the last entry closed check-ins: key, how, how late."""
    return [
        (e.key, e.how, e.late_seconds)
        for e in story.told[-1].events
        if isinstance(e, ObligationClosed) and e.kind == "check_in"
    ]


@pytest.mark.parametrize(("level", "days"), [("acute", 3), ("high", 7), ("medium", 14)])
def test_the_schedule_follows_the_support_level(level: str, days: int) -> None:
    """Each support level has its own rhythm, and nobody types a due date."""
    assert opened(level=level).due("check_in") == MONDAY + days * DAY


def test_a_kept_check_in_opens_the_next() -> None:
    """A contact meets the check-in that is owed, and the next is due one term after it."""
    story = opened().later(days=5)

    assert kept(story).counted
    assert closing(story) == [("check_in/1", "met", 0)]
    assert (story.owed("check_in"), story.due("check_in")) == (["check_in/2"], story.at + WEEK)


def test_a_missed_check_in_climbs_each_rung_once() -> None:
    """The reminder, then second channel, call, visit, supervisor and panel: each rung once, at its instant, never before it was due."""
    story = opened()
    due = story.due("check_in")
    story.until(due + timedelta(days=14))

    told = [(e.level, e.tell, e.action) for e in story.events(ObligationEscalated) if e.kind == "check_in"]
    assert told == [
        (1, "lead_practitioner", "remind"), (2, "lead_practitioner", "second_channel"), (3, "lead_practitioner", "call"),
        (4, "lead_practitioner", "welfare_check"), (5, "supervisor", "take_up"), (6, "panel_chair", "convene"),
    ]  # fmt: skip
    assert all(told.at == e.rung_at for told in story.told for e in told.events if isinstance(e, ObligationEscalated))
    assert story.events(CheckInMissed) == [CheckInMissed(number=1)]
    assert [(e.outcome, e.due) for e in story.events(SilenceFell) if e.kind == "check_in"] == [("welfare_ladder", due)]


def test_a_missed_check_in_has_no_sanction() -> None:
    """Half a year without contact changes neither phase nor level, consent, milestones or reviews."""
    story = opened()
    before = story.case
    after = story.later(days=180).case

    assert (after.phase, after.consent, after.milestone, after.review) == (
        before.phase,
        before.consent,
        before.milestone,
        before.review,
    )
    assert after.contact.level == before.contact.level


def test_late_keeping_is_accepted_and_shown_late() -> None:
    """A check-in may be kept long after it was due; that it was missed, and by how much, stays on record."""
    story = opened()
    story.until(story.due("check_in") + 9 * DAY)

    assert kept(story).counted
    assert closing(story) == [("check_in/1", "met", 9 * 24 * 3600)]
    assert story.events(CheckInMissed) == [CheckInMissed(number=1)]


def test_a_level_change_cannot_talk_away_a_missed_check_in() -> None:
    """Setting the level while a check-in is missed leaves it owed, with its ladder where it was."""
    story = opened()
    story.until(story.due("check_in") + 2 * DAY)
    before = story.case.obligations["check_in/1"]

    for level in ("low", "high", "acute"):
        story.do(SUPERVISOR, "set_support_level", level=level, direction="less", reasons=note(), agreed=note())

    assert story.case.obligations["check_in/1"] == before
    assert story.case.contact.missed


@pytest.mark.parametrize("level", ["high", "medium", "low"])
def test_a_level_change_never_puts_a_check_in_off(level: str) -> None:
    """Setting the same or a lower level again and again does not move the check-in that is owed."""
    story = opened()
    due = story.due("check_in")

    for _ in range(3):
        fields = {"level": level, "direction": "same", "reasons": note(), "agreed": note()}
        story.later(days=2).do(LEAD, "set_support_level", **fields)

    assert story.due("check_in") == due


def test_a_higher_level_brings_contact_forward() -> None:
    """When more support is needed, the next contact is due in the new rhythm, from now."""
    story = opened(level="medium").later(days=5)

    story.do(LEAD, "set_support_level", level="acute", direction="more", reasons=note())

    assert story.due("check_in") == story.at + 3 * DAY
    assert closing(story) == [("check_in/1", "released", 0)]


def test_a_contact_from_before_the_last_one_does_not_count() -> None:
    """A contact that took place before the check-in began to be owed is recorded and meets nothing (F9)."""
    story = opened().later(days=5)
    kept(story)
    story.until(story.due("check_in"))

    event = kept(story, observed_at=(story.at - 10 * DAY).isoformat())

    assert (event.counted, closing(story), story.owed("check_in")) == (False, [], ["check_in/2"])


def test_a_contact_recorded_later_counts() -> None:
    """A contact that took place in time and was written down late meets the check-in."""
    story = opened()
    story.until(story.due("check_in") + DAY)

    assert kept(story, observed_at=(story.at - 3 * DAY).isoformat()).counted


def test_a_contact_is_not_dated_after_now() -> None:
    """A contact that is yet to come cannot be recorded."""
    story = opened()

    story.refuse("observed_in_future", LEAD, "keep_check_in", channel="call", observed_at=(story.at + DAY).isoformat())


def test_the_lead_does_not_excuse_a_check_in() -> None:
    """Whoever owes the contact does not judge that it cannot be had, even as a supervisor (F9)."""
    story = opened()
    story.staff[LEAD] = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "supervisor")})

    story.refuse("not_independent", LEAD, "excuse_check_in", reasons=note())


def test_a_check_in_is_excused_before_it_is_missed_only() -> None:
    """A check-in that is still to come may be excused; one that was missed stays owed until somebody reaches the person, whatever anybody calls it."""
    story = opened()
    story.do(SUPERVISOR, "excuse_check_in", reasons=note(9))

    assert story.events(CheckInExcused) == [CheckInExcused(number=1, reasons=note(9))]
    assert closing(story) == [("check_in/1", "released", 0)]
    assert story.owed("check_in") == ["check_in/2"]

    story.until(story.due("check_in") + DAY)
    story.refuse("check_in_missed", SUPERVISOR, "excuse_check_in", reasons=note(9))
    assert story.owed("check_in") == ["check_in/2"]


def missed(story: Story) -> Story:
    """The story a day after the first check-in was missed."""
    return story.until(story.due("check_in") + DAY)


def test_an_absence_is_classified_once() -> None:
    """Whoever classified an absence does not say otherwise later, nor does another in their place (F9)."""
    story = missed(opened())
    story.refuse("no_such_absence", LEAD, "classify_absence", check_in=2, absence="unexcused", reasons=note())
    story.do(LEAD, "classify_absence", check_in=1, absence="unexcused", reasons=note(9))

    for who in (LEAD, SUPERVISOR):
        story.refuse("already_classified", who, "classify_absence", check_in=1, absence="excused", reasons=note())
    assert story.events(AbsenceClassified) == [
        AbsenceClassified(check_in=1, absence="unexcused", by=LEAD, reasons=note(9))
    ]


def test_a_correction_takes_another_persons_reasons() -> None:
    """Only a supervisor who neither classified the absence nor leads the case corrects it; both versions stay (F9)."""
    story = missed(opened())
    story.refuse("not_classified", SUPERVISOR, "correct_absence", check_in=1, absence="excused", reasons=note())
    story.do(LEAD, "classify_absence", check_in=1, absence="unexcused", reasons=note())
    story.refuse("not_authorized", LEAD, "correct_absence", check_in=1, absence="excused", reasons=note())
    story.staff[LEAD] = story.staff[LEAD].model_copy(update={"roles": ("lead_practitioner", "supervisor")})
    story.refuse("not_independent", LEAD, "correct_absence", check_in=1, absence="excused", reasons=note())
    story.refuse("nothing_to_correct", SUPERVISOR, "correct_absence", check_in=1, absence="unexcused", reasons=note())
    story.do(SUPERVISOR, "correct_absence", check_in=1, absence="excused", reasons=note(8))
    story.refuse("not_independent", SUPERVISOR, "correct_absence", check_in=1, absence="unknown", reasons=note())

    assert [event.absence for event in story.events(AbsenceClassified)] == ["unexcused"]
    assert story.events(AbsenceCorrected) == [
        AbsenceCorrected(check_in=1, absence="excused", was="unexcused", by=SUPERVISOR, reasons=note(8))
    ]
    assert story.case.contact.absences == {1: Absence(absence="excused", by=(LEAD, SUPERVISOR))}


@given(st.lists(st.sampled_from(["excused", "unexcused", "unknown"]), max_size=3), st.integers(0, 20))
def test_the_response_is_the_same_whatever_an_absence_is_called(labels: list[str], days: int) -> None:
    """No classification and no correction stops, starts or moves a rung of the welfare ladder, and nothing else follows from one."""
    plain, told = (missed(opened()) for _ in range(2))
    judges = iter([(LEAD, "classify_absence"), *((person("supervisor", n), "correct_absence") for n in (1, 2, 3))])
    for label in labels:
        who, command = next(judges)
        told.send(who, {"type": command, "check_in": 1, "absence": label, "reasons": note()})
    for story in (plain, told):
        story.later(days=days)

    assert told.case.obligations == plain.case.obligations
    assert told.events(ObligationEscalated) == plain.events(ObligationEscalated)
    rest = {"contact", "position", "head", "notice", "as_of"}
    assert told.case.model_dump(exclude=rest) == plain.case.model_dump(exclude=rest)


def test_there_must_be_a_check_in_to_excuse() -> None:
    """Where no check-in is owed, there is no absence to judge."""
    opened(consent=False).refuse("no_check_in_owed", SUPERVISOR, "excuse_check_in", reasons=note())


def test_no_check_in_is_owed_without_consent() -> None:
    """Until the person takes part nobody owes them contact on a schedule; one that took place is recorded and counts for nothing."""
    story = opened(consent=False)

    assert story.owed("check_in") == []
    assert not kept(story).counted


def test_check_ins_count_from_consent() -> None:
    """The first check-in is due one term after consent, however long that took to obtain."""
    story = opened(consent=False).later(days=20)
    story.do(LEAD, "give_consent", scope="participation", form_version="form_1", language="en", explained_by=LEAD)

    assert story.due("check_in") == story.at + WEEK
    assert story.events(CheckInMissed) == []


def test_a_new_phase_leaves_a_missed_check_in_owed() -> None:
    """Moving on does not end the worry about a person who has not been reached."""
    story = opened()
    story.until(story.due("check_in") + DAY)
    before = story.case.obligations["check_in/1"]

    approved(
        story,
        asked(story),
        *(person(role) for role in ("panel_chair", "community_member", "panel_member")),
        person("panel_member", 2),
    )

    assert story.case.obligations["check_in/1"] == before
    kept(story)
    assert story.owed("check_in") == ["check_in/2"]


def settled(story: Story) -> Story:
    """The story of a case that was just moved to `on_call`, where contact has fixed terms: 2 weeks, 6 weeks, 3 months."""
    changed = story.case.phase.model_copy(update={"phase": "settled", "entered_at": story.at - timedelta(days=200)})
    story.case = story.case.model_copy(update={"phase": changed})
    voters = [person("tenant_representative"), person("peer_worker"), person("team_lead", 3)]
    approved(story, asked(story, "on_call"), *voters)
    return story


def on_call() -> Story:
    return settled(opened("housing_first"))


def keep(story: Story) -> CheckInKept:
    event = story.do(person("case_manager"), "keep_check_in", channel="visit")[0]
    assert isinstance(event, CheckInKept)
    return event


def test_fixed_terms_count_from_entry_into_the_phase() -> None:
    """Follow-ups are due at the terms after entry that the definition lists, each once, and then none."""
    story = on_call()
    entered = story.at
    dues = []
    while story.owed("check_in"):
        dues.append(story.due("check_in"))
        story.until(dues[-1] - DAY)
        assert keep(story).counted

    after = story.program.calendar.after
    assert dues == [after(entered, term).at for term in story.program.contact["on_call"].at or ()]


def test_a_contact_long_before_a_fixed_term_does_not_stand_for_it() -> None:
    """A contact outside the window is welcome, recorded, and leaves the follow-up owed."""
    story = on_call().later(days=2)
    due = story.due("check_in")

    assert not keep(story).counted
    assert story.due("check_in") == due


def test_a_check_in_missed_before_the_phase_is_no_follow_up() -> None:
    """Keeping a check-in that was owed from the phase before uses up none of the follow-ups (F8)."""
    story = opened("housing_first")
    story.until(story.due("check_in") + DAY)
    settled(story)
    entered = story.at
    story.later(days=1)

    assert keep(story).counted
    assert (
        story.due("check_in")
        == story.program.calendar.after(entered, (story.program.contact["on_call"].at or ())[0]).at
    )


def test_one_late_contact_stands_for_the_terms_it_came_after() -> None:
    """After a long silence one contact answers every follow-up that has come by then; the person is not asked thrice in a day."""
    story = on_call()
    story.later(days=50)

    assert keep(story).terms == 2
    assert len(story.owed("check_in")) == 1
    assert story.due("check_in") > story.at


def test_the_reminder_goes_to_the_lead_in_person() -> None:
    """The notice of a rung for the lead's role names the person who leads the case at that instant."""
    story = opened()
    story.until(story.due("check_in"))
    (first, *_) = story.case.notice.pending.values()

    assert first == Notice(
        key=first.key, effect="check_in", template="remind", to_role="lead_practitioner", to_person=LEAD, about="check_in/1", level=1
    )  # fmt: skip


def test_a_phase_without_a_schedule_leaves_a_missed_check_in_owed() -> None:
    """Where a phase offers no check-ins, the one that was missed before stays owed until somebody reached the person."""
    story = opened("housing_first")
    contact = {phase: schedule for phase, schedule in story.program.contact.items() if phase != "on_call"}
    story.program = story.program.model_copy(update={"contact": contact})
    story.until(story.due("check_in") + DAY)
    before = story.case.obligations["check_in/1"]
    settled(story)

    assert story.case.obligations["check_in/1"] == before
    assert keep(story).counted
    assert story.owed("check_in") == []


def test_terms_that_passed_in_a_pause_are_not_asked_for() -> None:
    """Whoever comes back is asked for the follow-ups that are still to come, not for those that fell into the pause."""
    story = on_call()
    entered = story.at
    story.do(person("case_manager"), "withdraw_consent", scope="participation")
    story.later(days=45)
    lead = person("case_manager")
    story.do(lead, "give_consent", scope="participation", form_version="form_2", language="en", explained_by=lead)

    assert (
        story.due("check_in")
        == story.program.calendar.after(entered, (story.program.contact["on_call"].at or ())[2]).at
    )


def test_an_excused_follow_up_is_not_asked_for_again() -> None:
    """Excusing a follow-up before it is due stands for that one, and the next is owed at its own term."""
    story = on_call()
    entered = story.at
    story.later(days=3).do(person("team_lead"), "excuse_check_in", reasons=note())

    assert (
        story.due("check_in")
        == story.program.calendar.after(entered, (story.program.contact["on_call"].at or ())[1]).at
    )
