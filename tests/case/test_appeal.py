"""An upheld act waits for its notice and the time to appeal; an appeal stays it; others decide; and only a person carries it out."""

from datetime import timedelta

import pytest

from tests.case.against import (
    A_MINUTE,
    DECIDERS,
    GROUNDS,
    OTHERS,
    appeal_voted,
    appealable,
    carried_out,
    in_stabilization,
    served,
    upheld,
    window_end,
)  # fmt: skip
from tests.case.examples import (
    ADVOCATE,
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    approved,
    asked,
    assessed,
    note,
    opened,
    verified,
)  # fmt: skip
from workflows.case.appeal import (
    AdverseActTookEffect,
    AppealDecided,
    AppealFiled,
    AppealRouteOpened,
    AppealWindowOpened,
    UpheldActLapsed,
)
from workflows.case.contact_form import SupportLevelSet
from workflows.case.phase import CaseClosed, PhaseEntered
from workflows.core.kinds import Actor
from workflows.core.obligation import ObligationEscalated, SilenceFell


def test_an_upheld_act_has_no_effect_before_it_is_served() -> None:
    """Between the decision and its service nothing happens, however long that takes."""
    story = in_stabilization()
    number = upheld(story)
    story.later(days=200)

    story.refuse("notice_not_served", SUPERVISOR, "carry_out_adverse_act", act=number)
    assert story.case.phase.phase == "stabilization"


def test_the_time_to_appeal_counts_from_the_service() -> None:
    """The window begins when the decision was served, in working days, and its end says how it came about."""
    story = in_stabilization()
    number = upheld(story)
    story.later(days=9)
    served(story, "act_upheld")

    (window,) = story.events(AppealWindowOpened)
    assert window.until > story.at + timedelta(days=27)
    assert window.derivation.startswith("20 working days after")
    story.until(window.until - A_MINUTE)
    story.refuse("appeal_window_open", SUPERVISOR, "carry_out_adverse_act", act=number)


def test_a_step_back_moves_the_phase_and_touches_nothing_granted() -> None:
    """Unappealed and carried out, the case is in the earlier phase; milestones, consent and support stand as they stood."""
    story = in_stabilization()
    number = appealable(story)
    story.until(window_end(story))
    before = story.case
    events = story.do(SUPERVISOR, "carry_out_adverse_act", act=number)

    assert AdverseActTookEffect(act=number, kind="step_back", subject="intake", by=SUPERVISOR) in events
    assert PhaseEntered(phase="intake", former="stabilization", kind="step_back", act=number) in events
    assert (story.case.milestone, story.case.consent, story.case.contact.level) == (
        before.milestone,
        before.consent,
        before.contact.level,
    )
    assert "act_took_effect" in [one.about for one in story.case.service.owed.values()]


def test_after_a_step_back_the_way_leads_on_again() -> None:
    """A case that stepped back can advance again through the same gate."""
    story = in_stabilization()
    carried_out(story)
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    approved(story, asked(story, "stabilization"), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert story.case.phase.phase == "stabilization"


def test_an_exit_for_cause_leads_to_aftercare() -> None:
    """An exit for cause from stabilization begins aftercare: nobody is lost after it."""
    story = in_stabilization()
    carried_out(story, "exit_for_cause", "aftercare", legal_basis="program_rules")

    assert story.case.phase.phase == "aftercare"
    assert story.events(CaseClosed) == []


def test_an_exit_for_cause_from_intake_closes_the_case() -> None:
    """From intake it closes the case, and what else was under way about the person is over."""
    story = opened()
    other = upheld(story, "reduce_support", "low")
    number = upheld(story, "exit_for_cause", "closed", legal_basis="program_rules")
    for _ in range(2):
        served(story, "act_upheld")
    story.until(story.events(AppealWindowOpened)[-1].until)
    story.do(SUPERVISOR, "carry_out_adverse_act", act=number)

    assert story.case.closed
    assert UpheldActLapsed(act=other, because="case_moved_on") in story.told[-1].events


def test_less_support_against_the_persons_wish_takes_the_whole_way() -> None:
    """Support is lowered by agreement, or by an act that was upheld and not appealed."""
    story = in_stabilization()
    story.refuse("agreement_missing", LEAD, "set_support_level", level="low", direction="less", reasons=note())
    number = appealable(story, "reduce_support", "low")
    story.until(window_end(story))
    story.do(SUPERVISOR, "carry_out_adverse_act", act=number)

    assert story.case.contact.level == "low"
    assert story.events(SupportLevelSet)[-1].reasons == GROUNDS["reasons"]


def test_support_that_is_less_already_is_not_reduced_again() -> None:
    """If the person agreed to less meanwhile, the act has nothing to do any more."""
    story = in_stabilization()
    number = appealable(story, "reduce_support", "medium")
    story.do(LEAD, "set_support_level", level="low", direction="less", reasons=note(), agreed=note(31))
    story.until(window_end(story))

    story.refuse("nothing_to_reduce", SUPERVISOR, "carry_out_adverse_act", act=number)
    assert story.case.contact.level == "low"


def test_a_refused_advance_is_asked_for_again_after_its_term() -> None:
    """While the refusal lasts, no panel is asked; `why` says until when; then it can be asked for as before."""
    story = opened()
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    assessed(story)
    carried_out(story, "refuse_advance", "stabilization")
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    until = story.events(AdverseActTookEffect)[-1].refused_until
    assert until is not None
    asking = {"to": "stabilization", "reasons": note(), "participant_view": note()}

    assert story.refuse("gate_closed", LEAD, "request_review", **asking).why == "unmet: refusal stabilization"
    story.until(until)
    for milestone in ("needs_profile", "safety_plan"):
        verified(story, milestone)
    assessed(story)
    story.do(LEAD, "request_review", **asking)


def test_an_appeal_in_time_stays_the_effect() -> None:
    """From the appeal on nothing happens until it is decided, whoever asks and however long it takes."""
    story = in_stabilization()
    number = appealable(story)
    story.until(window_end(story) - A_MINUTE)
    story.do(ADVOCATE, "file_appeal", act=number, grounds=note(23))

    assert story.events(AppealFiled) == [AppealFiled(act=number, by=ADVOCATE, late=False, grounds=note(23))]
    story.later(days=60)
    story.refuse("effect_stayed", SUPERVISOR, "carry_out_adverse_act", act=number)
    story.refuse("appeal_already_filed", LEAD, "file_appeal", act=number)


def test_a_late_appeal_is_heard_as_long_as_nothing_happened() -> None:
    """After the time to appeal and before any effect, an appeal still stays the act; after the effect there is none to file."""
    story = in_stabilization()
    number = appealable(story)
    story.until(window_end(story))
    story.do(LEAD, "file_appeal", act=number)
    assert story.events(AppealFiled)[-1].late
    story.refuse("effect_stayed", SUPERVISOR, "carry_out_adverse_act", act=number)

    other = in_stabilization()
    done = carried_out(other)
    refused = other.refuse("no_such_upheld_act", LEAD, "file_appeal", act=done)
    assert refused.cure == "acts that do: none"


def test_an_appeal_that_nobody_decides_suspends_the_effect_and_escalates() -> None:
    """A year of silence on an appeal never lets the act happen; somebody is told again and again."""
    story = in_stabilization()
    number = appealable(story)
    story.do(ADVOCATE, "file_appeal", act=number)
    story.later(days=365)

    fell = [event.outcome for event in story.events(SilenceFell) if event.kind == "appeal_decision"]
    assert fell == ["effect_suspended"]
    assert len([event for event in story.events(ObligationEscalated) if event.kind == "appeal_decision"]) > 40
    story.refuse("effect_stayed", SUPERVISOR, "carry_out_adverse_act", act=number)


def holding(story: Story, who: str, *roles: str) -> None:
    """Give the person further roles."""
    story.staff[who] = Actor(person=who, roles=(*story.staff[who].roles, *roles), organization="city")


def test_the_first_deciders_do_not_decide_on_the_appeal() -> None:
    """Nor do the proposer, the lead, whoever verified, or whoever filed it."""
    story = in_stabilization()
    number = appealable(story)
    holding(story, ADVOCATE, "panel_member")
    story.do(ADVOCATE, "file_appeal", act=number)
    holding(story, LEAD, "panel_member")
    holding(story, SUPERVISOR, "panel_member")

    for who in (*DECIDERS, LEAD, SUPERVISOR, ADVOCATE):
        refused = story.refuse("not_independent", who, "decide_appeal", act=number, choice="allow", reasons=note())
        assert "others" not in refused.why
    appeal_voted(story, number, "allow")
    assert story.events(AppealDecided)[-1].allow == tuple(sorted(OTHERS))


def test_whoever_took_part_is_named_with_the_route() -> None:
    """The proposer and everybody who voted stand on record with the way to appeal."""
    story = in_stabilization()
    number = upheld(story)

    (route,) = story.events(AppealRouteOpened)
    assert (route.act, set(route.took_part)) == (number, {LEAD, *DECIDERS})


def test_an_allowed_appeal_ends_the_act() -> None:
    """Nothing happens, the person is told, and the act cannot be carried out any more."""
    story = in_stabilization()
    number = appealable(story)
    story.do(ADVOCATE, "file_appeal", act=number)
    appeal_voted(story, number, "allow")

    assert story.events(UpheldActLapsed) == [UpheldActLapsed(act=number, because="appeal_allowed")]
    assert [one.about for one in story.case.service.owed.values()] == ["appeal_allowed"]
    story.refuse("no_such_upheld_act", SUPERVISOR, "carry_out_adverse_act", act=number)


def test_a_dismissed_appeal_is_served_before_any_effect() -> None:
    """The dismissal itself must reach the person; then the act may be carried out."""
    story = in_stabilization()
    number = appealable(story)
    story.do(ADVOCATE, "file_appeal", act=number)
    appeal_voted(story, number, "dismiss")
    story.later(days=90)
    story.refuse("notice_not_served", SUPERVISOR, "carry_out_adverse_act", act=number)
    served(story, "appeal_dismissed")
    story.do(SUPERVISOR, "carry_out_adverse_act", act=number)

    assert story.case.phase.phase == "intake"


def test_a_dismissal_without_the_served_decision_is_not_enough() -> None:
    """An appeal that was filed before the decision was served does not replace that service."""
    story = in_stabilization()
    number = upheld(story)
    story.do(ADVOCATE, "file_appeal", act=number)
    appeal_voted(story, number, "dismiss")
    served(story, "appeal_dismissed")

    story.refuse("notice_not_served", SUPERVISOR, "carry_out_adverse_act", act=number)
    served(story, "act_upheld")
    story.do(SUPERVISOR, "carry_out_adverse_act", act=number)


def test_more_than_half_must_dismiss() -> None:
    """Two to allow and one to dismiss allow the appeal."""
    story = in_stabilization()
    number = appealable(story)
    story.do(ADVOCATE, "file_appeal", act=number)
    appeal_voted(story, number, "dismiss", by=OTHERS[:1])
    appeal_voted(story, number, "allow", by=OTHERS[1:])

    assert story.events(AppealDecided)[-1].outcome == "allowed"


def test_only_the_roles_of_the_definition_decide_on_an_appeal_that_was_filed() -> None:
    """Without an appeal there is nothing to decide, and the definition says who decides."""
    story = in_stabilization()
    number = appealable(story)
    story.refuse("no_appeal_filed", MEMBERS[2], "decide_appeal", act=number, choice="allow", reasons=note())
    story.do(ADVOCATE, "file_appeal", act=number)
    rule = story.program.due_process
    assert rule is not None
    narrow = rule.model_copy(update={"appeal_by": ("program_director",)})
    story.program = story.program.model_copy(update={"due_process": narrow})

    story.refuse("not_an_appeal_decider", MEMBERS[2], "decide_appeal", act=number, choice="allow", reasons=note())


@pytest.mark.parametrize("appealed", [False, True])
def test_an_act_that_nobody_carries_out_lapses(appealed: bool) -> None:
    """Time alone never does anything against the person: an upheld act that nobody carries out is over."""
    story = in_stabilization()
    number = appealable(story)
    if appealed:
        story.do(ADVOCATE, "file_appeal", act=number)
        appeal_voted(story, number, "dismiss")
        served(story, "appeal_dismissed")
    story.later(days=200)

    assert story.events(UpheldActLapsed) == [UpheldActLapsed(act=number, because="nobody_carried_it_out")]
    assert story.events(AdverseActTookEffect) == []
    assert story.case.phase.phase == "stabilization"


def test_an_appeal_may_be_filed_before_the_decision_is_served() -> None:
    """Whoever hears of the decision early may appeal at once; the service then changes nothing about the stay."""
    story = in_stabilization()
    number = upheld(story)
    story.do(LEAD, "file_appeal", act=number)
    served(story, "act_upheld")
    story.until(window_end(story))

    story.refuse("effect_stayed", SUPERVISOR, "carry_out_adverse_act", act=number)


def test_both_acts_of_a_case_go_their_own_way() -> None:
    """An appeal against one act does not touch the other."""
    story = in_stabilization()
    first = appealable(story, "reduce_support", "low")
    second = upheld(story)
    story.do(ADVOCATE, "file_appeal", act=first)
    served(story, "act_upheld")
    story.until(window_end(story))
    story.do(SUPERVISOR, "carry_out_adverse_act", act=second)

    assert story.case.phase.phase == "intake"
    assert story.case.appeal.open[first].stage == "appealed"


def test_the_deciders_are_told_of_an_appeal_and_the_lead_of_a_decision() -> None:
    """Each role that may decide on the appeal gets a notice, and the lead learns of the decision."""
    story = in_stabilization()
    number = upheld(story)
    decided = [n for n in story.case.notice.pending.values() if n.template == "act_decided"]
    story.do(ADVOCATE, "file_appeal", act=number)
    filed = [n for n in story.case.notice.pending.values() if n.template == "appeal_filed"]

    assert [(n.to_person, n.about) for n in decided] == [(LEAD, f"adverse_act/{number}")]
    assert [n.to_role for n in filed] == ["panel_chair", "panel_member", "community_member", "program_director"]
