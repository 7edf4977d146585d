"""Follow-up: nobody is lost after an exit in silence; who was not reached was looked for; and nobody is watched."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    PROVIDER,
    SUPERVISOR,
    Story,
    all_told,
    approved,
    asked,
    in_aftercare,
    note,
    opened,
    person,
)
from tests.case.gates import fulfill, reports
from workflows.case.contact_form import CheckInMissed
from workflows.case.follow_up_form import (
    FollowUpAttempted,
    FollowUpDeclined,
    FollowUpRecorded,
    FollowUpsEnded,
    FollowUpUnreached,
)
from workflows.case.phase import CaseClosed
from workflows.core.obligation import ObligationClosed, ObligationEscalated, ObligationOpened, SilenceFell

JUDGE = person("supervisor", 2)
CHANNELS = ("call", "letter", "visit", "message")


def due(story: Story, number: int) -> datetime:
    """When the follow-up is due."""
    return story.case.obligations[f"follow_up/{number}"].due


def sought(story: Story, number: int, *channels: str, days: int = 1) -> Story:
    """The story after so many attempts for the follow-up, one each so many days, the last just before it is due."""
    story.until(due(story, number) - timedelta(days=days * len(channels)))
    for channel in channels:
        story.do(PROVIDER, "attempt_follow_up", follow_up=number, channel=channel)
        story.later(days=days)
    return story


def held(story: Story, number: int) -> None:
    """The follow-up is held now."""
    story.do(LEAD, "record_follow_up", follow_up=number, channel="call", account=note())


def test_each_follow_up_is_owed_at_its_own_term() -> None:
    """Entering aftercare opens four follow-ups at 1, 3, 6 and 12 months, each once; none waits for another."""
    story = in_aftercare()
    entered, after = story.case.phase.entered_at, story.program.calendar.after
    assert entered is not None
    rule = story.program.care.follow_up if story.program.care else None
    assert rule is not None

    dues = {key: one.due for key, one in story.case.obligations.items() if one.kind == "follow_up"}
    assert dues == {
        f"follow_up/{number}": after(entered, term).at
        for number, term in enumerate(rule.phases["aftercare"], start=1)
    }  # fmt: skip
    story.later(days=400)
    opened_keys = [e.obligation.key for e in story.events(ObligationOpened) if e.obligation.kind == "follow_up"]
    assert sorted(opened_keys) == sorted(dues)


def test_undone_it_escalates_week_after_week_and_is_never_done_by_itself() -> None:
    """Nobody acts for a year after the exit: silence falls on each follow-up once, the last rung comes every week, and all four stay owed (F8)."""
    story = in_aftercare().later(days=400)

    silent = [event.key for event in story.events(SilenceFell) if event.kind == "follow_up"]
    assert sorted(silent) == [f"follow_up/{number}" for number in range(1, 5)]
    told = [e.rung_at for e in story.events(ObligationEscalated) if e.key == "follow_up/3" and e.tell == "panel_chair"]
    assert len(told) > 20
    local = [story.program.calendar.local(at).date() for at in told[1:]]
    assert {later - earlier for earlier, later in pairwise(local)} == {timedelta(days=7)}
    assert len(story.owed("follow_up")) == 4
    assert not story.events(FollowUpRecorded)
    assert not story.events(FollowUpUnreached)
    assert story.events(CheckInMissed) == []


def test_held_it_is_met_with_the_persons_own_account() -> None:
    """A talk in time settles its follow-up, and no other."""
    story = in_aftercare()
    story.until(due(story, 1) - timedelta(days=3))

    held(story, 1)

    assert story.owed("follow_up") == [f"follow_up/{number}" for number in (2, 3, 4)]
    assert [(e.follow_up, e.by, e.late_contact) for e in story.events(FollowUpRecorded)] == [(1, LEAD, False)]


def test_how_somebody_is_in_a_year_is_asked_in_a_year() -> None:
    """No follow-up is ticked off ahead of its time, and none is dated ahead."""
    story = in_aftercare()

    for number in (1, 2, 3, 4):
        account = {"follow_up": number, "channel": "call", "account": note()}
        story.refuse("follow_up_too_early", LEAD, "record_follow_up", **account)
        story.refuse("follow_up_too_early", LEAD, "attempt_follow_up", follow_up=number, channel="call")
    story.until(due(story, 1))
    ahead = (story.at + timedelta(days=1)).isoformat()
    story.refuse(
        "observed_in_future", LEAD, "record_follow_up", follow_up=1, channel="call", account=note(), observed_at=ahead
    )


def test_an_attempt_holds_a_channel_and_an_instant_and_no_place() -> None:
    """What is stored of an attempt says who tried, how and when; there is no field for where anybody is, and no text."""
    story = sought(in_aftercare(), 1, "call")

    (attempt,) = story.events(FollowUpAttempted)
    assert set(attempt.model_dump()) == {"type", "follow_up", "attempt", "channel", "by", "observed_at"}
    story.refuse("unknown_channel", LEAD, "attempt_follow_up", follow_up=1, channel="home_address")
    refused = story.refuse("malformed_command", LEAD, "attempt_follow_up", follow_up=1, channel="call", place=note())
    assert "place" in refused.why


def test_attempts_are_recorded_in_order() -> None:
    """Nobody adds an attempt before the last one afterwards."""
    story = sought(in_aftercare(), 1, "call", "letter")

    before = (story.at - timedelta(days=2)).isoformat()
    story.refuse("attempt_out_of_order", LEAD, "attempt_follow_up", follow_up=1, channel="visit", observed_at=before)


def test_unreached_takes_attempts_over_channels_and_days() -> None:
    """It takes four attempts over three channels on four days; whoever judges reads what is on record and what is missing."""
    for channels, days in (
        (CHANNELS[:3], 1),
        (("call",) * 4, 1),
        (("call", "call", "letter", "letter"), 1),
        (CHANNELS, 0),
    ):
        story = sought(in_aftercare(), 1, *channels, days=days)
        story.until(due(story, 1))
        refused = story.refuse("too_few_attempts", JUDGE, "judge_unreached", follow_up=1, reasons=note())
        assert refused.why.startswith(f"on record: {len(channels)} attempts over {len(set(channels))} channels")
        assert "it takes 4 over 3 on 4" in refused.why

    story = sought(in_aftercare(), 1, *CHANNELS)
    story.do(JUDGE, "judge_unreached", follow_up=1, reasons=note())
    (unreached,) = story.events(FollowUpUnreached)
    assert [attempt.channel for attempt in unreached.attempts] == list(CHANNELS)
    assert [(e.key, e.how) for e in story.told[-1].events if isinstance(e, ObligationClosed)] == [
        ("follow_up/1", "released")
    ]
    assert story.events(FollowUpRecorded) == []


@pytest.mark.parametrize("judge", [SUPERVISOR, PROVIDER, LEAD])
def test_unreached_is_judged_by_somebody_else(judge: str) -> None:
    """Neither the lead, nor a former lead, nor whoever tried judges whether enough was tried."""
    story = in_aftercare()
    story.until(due(story, 1) - timedelta(days=4))
    for channel in CHANNELS:
        story.do(SUPERVISOR, "attempt_follow_up", follow_up=1, channel=channel)
        story.later(days=1)
    everybody = {**story.program.permissions, "judge_unreached": tuple(story.program.roles)}
    story.program = story.program.model_copy(update={"permissions": everybody})
    story.do(SUPERVISOR, "assign_lead", person=person("lead_practitioner", 2), reasons=note())
    if judge == PROVIDER:
        story.do(PROVIDER, "attempt_follow_up", follow_up=1, channel="call")

    story.refuse("not_independent", judge, "judge_unreached", follow_up=1, reasons=note())
    story.do(JUDGE, "judge_unreached", follow_up=1, reasons=note())


def test_nobody_is_called_unreached_before_the_day() -> None:
    """Until its due instant the person may come by: enough attempts before it judge nothing."""
    story = sought(in_aftercare(), 1, *CHANNELS)
    early = in_aftercare()
    early.until(due(early, 1) - timedelta(days=5))
    for channel in CHANNELS:
        early.do(PROVIDER, "attempt_follow_up", follow_up=1, channel=channel)
        early.later(days=1)

    early.refuse("follow_up_not_due", JUDGE, "judge_unreached", follow_up=1, reasons=note())
    story.do(JUDGE, "judge_unreached", follow_up=1, reasons=note())


def test_whoever_declines_is_asked_no_more_and_may_still_come() -> None:
    """A person may decline one follow-up or all that are left; nothing is held against them, and the door stays open."""
    story = in_aftercare()
    story.do(ADVOCATE, "decline_follow_up", follow_up=1, channel="message", words=note())
    assert len(story.owed("follow_up")) == 3

    story.do(ADVOCATE, "decline_follow_up", follow_up=2, channel="message", words=note(), later_ones_too=True)
    assert story.owed("follow_up") == []
    assert [event.follow_up for event in story.events(FollowUpDeclined)] == [1, 2, 3, 4]

    held(story, 4)
    assert [event.late_contact for event in story.events(FollowUpRecorded)] == [True]
    story.refuse("no_such_follow_up", LEAD, "record_follow_up", follow_up=4, channel="call", account=note())


def test_after_unreached_a_later_contact_is_recorded_and_rewrites_nothing() -> None:
    """The person comes months later, even after the case was closed: that is on record too, and that nobody had reached them stays."""
    story = sought(in_aftercare(), 1, *CHANNELS)
    story.do(JUDGE, "judge_unreached", follow_up=1, reasons=note())
    story.do(LEAD, "decline_follow_up", follow_up=2, channel="letter", words=note(), later_ones_too=True)
    story.later(days=366)
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])
    all_told(story).later(days=20)
    assert story.events(CaseClosed)

    held(story, 1)

    assert [event.late_contact for event in story.events(FollowUpRecorded)] == [True]
    assert len(story.events(FollowUpUnreached)) == 1


def test_whoever_withdrew_is_not_sought_and_is_asked_again_when_they_are_back() -> None:
    """Without consent to take part no follow-up is owed and nobody is sought; once it is given, what was not settled is owed again."""
    story = in_aftercare()
    story.until(due(story, 1) + timedelta(days=1))
    story.do(LEAD, "withdraw_consent", scope="participation")

    assert story.owed("follow_up") == []
    story.refuse("not_taking_part", LEAD, "attempt_follow_up", follow_up=1, channel="call")
    story.refuse("not_taking_part", JUDGE, "judge_unreached", follow_up=1, reasons=note())
    assert "follow_up" not in {need.condition for report in reports(story) for need in report.unmet}

    story.later(days=3)
    story.do(LEAD, "give_consent", scope="participation", form_version="f", language="en", explained_by=LEAD)
    assert len(story.owed("follow_up")) == 4
    assert due(story, 1) == story.at


def test_stepping_back_ends_the_follow_ups_and_a_new_exit_begins_new_ones() -> None:
    """Follow-ups belong to the exit they follow; after another exit they count from that one, under new numbers."""
    story = in_aftercare()
    story.do(LEAD, "propose_adverse_act", kind="step_back", subject="reintegration", reasons=note(), necessity=note(), nothing_milder=note())  # fmt: skip
    all_told(story)
    story.do(LEAD, "record_representation", act=1, representation=note())
    story.later(days=20)
    for who in (CHAIR, COMMUNITY, MEMBERS[0]):
        if 1 in story.case.adverse.open:
            story.do(who, "decide_adverse_act", act=1, choice="uphold", reasons=note())
    all_told(story).later(days=40)
    story.do(SUPERVISOR, "carry_out_adverse_act", act=1)

    assert story.case.phase.phase == "reintegration"
    assert [event.follow_ups for event in story.events(FollowUpsEnded)] == [(1, 2, 3, 4)]
    assert story.owed("follow_up") == []
    all_told(story)
    approved(story, asked(story, "aftercare"), CHAIR, COMMUNITY, *MEMBERS[:2])
    assert story.owed("follow_up") == [f"follow_up/{number}" for number in range(5, 9)]


def test_the_way_to_closure_waits_for_each_follow_up() -> None:
    """`why` names each follow-up that is not settled and who may settle it; doing what it lists closes the case, and leaving one out does not."""
    story = in_aftercare()
    (way,) = (report for report in reports(story) if report.to == "closed")
    waiting = [need for need in way.unmet if need.condition == "follow_up"]
    assert [need.subject for need in waiting] == ["1", "2", "3", "4"]
    assert all(need.held_by and need.by is not None for need in waiting)
    assert "nobody has tried yet" in waiting[0].why

    left_out = story.fork()
    for need in way.unmet:
        if need != waiting[2] and need.condition not in {"review", "approval"}:
            fulfill(left_out, way, need)
    request = {"to": "closed", "reasons": note(), "participant_view": note()}
    refused = left_out.refuse("gate_closed", LEAD, "request_review", **request)
    assert refused.why == "unmet: follow_up 3"

    for need in way.unmet:
        fulfill(story, way, need)
    assert story.case.closed


def test_that_somebody_moved_closes_nothing() -> None:
    """A closing since the person moved is refused by name, and the cure is to hand the case over; the other reasons are on record (F5)."""
    story = opened()
    request = {"to": "closed", "reasons": note(), "participant_view": note()}

    refused = story.refuse("moved_is_no_reason", LEAD, "request_review", **request, because="moved")
    assert "offer_handover" in refused.cure
    story.do(LEAD, "request_review", **request, because="other_help")
    story.refuse("malformed_command", LEAD, "request_review", **request, because="tired_of_it")


def test_a_program_without_follow_ups_owes_none() -> None:
    """Where a definition has no follow-ups nothing is owed and nothing can be settled."""
    story = opened("housing_first")

    story.refuse(
        "no_such_follow_up", person("case_manager"), "record_follow_up", follow_up=1, channel="call", account=note()
    )
