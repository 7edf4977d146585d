"""Where walks begin: cases that have come so far by themselves as random moves seldom do. A new subject adds a row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache

from tests.case.against import (
    appealable,
    curfew,
    heard,
    in_stabilization,
    proposed,
    served,
    under_curfew,
    upheld,
    window_end,
)
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
    asked,
    assessed,
    closed,
    enough_evidence,
    erased,
    in_aftercare,
    note,
    opened,
    person,
    shared,
    verified,
)
from tests.case.watched import Watched


def _consenting() -> Story:
    """With every consent to share, and a disclosure made."""
    story = opened()
    for scope in story.program.scopes:
        if scope not in story.case.consent.given:
            story.do(LEAD, "give_consent", scope=scope, form_version="form_1", language="en", explained_by=LEAD, capacity_judged_by=LEAD)  # fmt: skip
    shared(story)
    return story


def _proposed() -> Story:
    story = in_stabilization()
    proposed(story)
    served(story, "act_proposed")
    return story


def _heard() -> Story:
    story = in_stabilization()
    proposed(story)
    return heard(story)


def _upheld() -> Story:
    story = in_stabilization()
    upheld(story)
    return story


def _appealable() -> Story:
    story = in_stabilization()
    appealable(story)
    return story


def _agreed() -> Story:
    """With a voluntary measure and a pause asked for."""
    story = opened()
    story.do(LEAD, "agree_measure", kind="curfew", agreement=note(1), scope=note(2), lasts="2 months", review_every="3 weeks")  # fmt: skip
    story.do(SUPERVISOR, "hold_case", kind="hospital", until="2026-02-20T09:00:00Z", reasons=note(3))
    return story


def _closed() -> Story:
    """After the closure, with the person's copy given and an access request open."""
    story = closed(_consenting())
    story.do(LEAD, "record_copy_given", how="handed_over", proof=note(4))
    story.do(SUPERVISOR, "request_access")
    return story


def _window_over() -> Story:
    """With an act that nothing stays any more."""
    story = _appealable()
    return story.until(window_end(story))


def _in_danger() -> Story:
    """With an act in danger in force, a partner at work, and another case that may be of the same person."""
    story = opened()
    story.do(LEAD, "report_link", other="case/00000000-0000-0000-0000-000000000002", reasons=note(12))
    story.do(LEAD, "join_partner", partner="housing_office", reasons=note(5))
    grounds = {name: value for name, value in curfew(story).items() if name not in {"lasts", "review_every"}}
    story.do(SUPERVISOR, "act_in_danger", **grounds)
    story.do(person("program_director"), "confirm_danger", danger=1, reasons=note(6))
    return story


def _withdrawn() -> Story:
    """After the person left, with the offer still to be made."""
    story = _consenting()
    story.do(LEAD, "withdraw_consent", scope="participation")
    return story


def _erasure_asked() -> Story:
    story = _closed()
    story.do(person("data_protection_officer"), "request_erasure", reasons=note(7))
    return story


def _erased() -> Story:
    """After the erasure, with a provider that knows of the person by a referral."""
    story = _consenting()
    story.do(LEAD, "identify_need", need="housing", note=note(25))
    story.do(LEAD, "request_referral", need="housing", kind="housing", provider="housing_office", agreed=note(26))
    return erased(closed(story))


def _waiting() -> Story:
    """With something of everything that waits for a second person: a claim, a review, a disclosure, an act in danger, more time; a legal hold; what was corrected."""
    story = _consenting()
    story.do(LEAD, "correct_disclosure", fields=["housing_need"], correction=note(8))
    agreed = {"agreement": "health_2026", "partner": "health_service", "recipient": "clinician", "purpose": "referral"}
    story.do(SUPERVISOR, "request_disclosure", **agreed, fields=["health_need"], reasons=note(9))
    pieces = enough_evidence(story.program, "needs_profile", story.at)
    story.do(LEAD, "claim_milestone", milestone="needs_profile", evidence=pieces)
    asked(story, "closed")
    (clock,) = story.owed("review_decision")
    until = story.due("review_decision") + timedelta(days=3)
    story.do(SUPERVISOR, "request_extension", clock=clock, until=until.isoformat(), reasons=note(11))
    grounds = {name: value for name, value in curfew(story).items() if name not in {"lasts", "review_every"}}
    story.do(SUPERVISOR, "act_in_danger", **grounds)
    story.do(person("data_protection_officer"), "place_legal_hold", until="2026-05-01T09:00:00Z", reasons=note(10))
    return story


def _appealed() -> Story:
    story = _appealable()
    story.do(LEAD, "file_appeal", act=1)
    return story


def _cared_for() -> Story:
    """With a need, supports planned, begun and held as often as was promised, and a celebration owed."""
    story = opened()
    story.do(LEAD, "identify_need", need="identity", note=note(13))
    story.do(LEAD, "set_celebration", wanted=True, channel="letter", language="tr")
    verified(story, "safety_plan")
    for kind in ("livelihood", "mentoring", "housing"):
        plan = {"kind": kind, "provider": "civil", "sessions": 2, "starts": story.at.isoformat(), "agreed": note(14)}
        story.do(LEAD, "plan_support", **plan)
    for number in (1, 2):
        story.do(LEAD, "begin_support", support=number)
    for number in (1, 2, 1, 2):
        story.later(hours=1)
        story.do(PROVIDER, "attest_session", support=number)
    return story


def _referred() -> Story:
    """With referrals that wait for a reply, are accepted, in progress and back, one of which waits for another; and needs that nobody is asked about."""
    story = opened()
    for provider in (
        "housing_office",
        "health_service",
        "employment_service",
        "exit_counselling",
        "education_service",
        "family_support",
    ):
        story.do(LEAD, "give_consent", scope=f"share:{provider}", form_version="form_1", language="en", explained_by=LEAD, capacity_judged_by=LEAD)  # fmt: skip
    asked_for = {
        "housing": ("housing", "housing_office"), "mental_health": ("mental_health", "health_service"), "livelihood": ("livelihood", "employment_service"),
        "substance_use": ("substance_use", "health_service"), "identity": ("mentoring", "exit_counselling"), "health": ("primary_health", "health_service"),
    }  # fmt: skip
    for need, (kind, provider) in asked_for.items():
        story.do(LEAD, "identify_need", need=need, note=note(20))
        story.do(LEAD, "request_referral", need=need, kind=kind, provider=provider, agreed=note(21))
    for need in ("education", "family"):
        story.do(LEAD, "identify_need", need=need, note=note(24))
    for number in (1, 3):
        story.do(LEAD, "accept_referral", referral=number)
    story.do(LEAD, "begin_referral", referral=1, expected=(story.at + timedelta(days=60)).isoformat())
    story.do(LEAD, "reject_referral", referral=4, reasons=note(22), needs="mental_health")
    return story


def _circle() -> Story:
    """With two providers that wait for each other."""
    story = _referred()
    story.do(LEAD, "reject_referral", referral=2, reasons=note(23), needs="substance_use")
    return story


def _handed_over() -> Story:
    """With the case offered to another lead, and a review rejected."""
    story = opened()
    number = asked(story, "closed")
    for who in (CHAIR, COMMUNITY, *MEMBERS[:2]):
        if number in story.case.review.open:
            story.do(who, "reject_review", review=number, reasons=note(15))
    story.do(LEAD, "offer_handover", person=person("lead_practitioner", 2), reasons=note(16))
    return story


def _absent() -> Story:
    """With the lead away, and an objection open."""
    story = _handed_over()
    story.do(ADVOCATE, "object_to_review", review=1, grounds=note(17))
    story.do(LEAD, "withdraw_handover", reasons=note(18))
    until = (story.at + timedelta(days=20)).isoformat()
    story.do(LEAD, "begin_absence", until=until, deputy=person("lead_practitioner", 2), agreed=note(19))
    return story


def _contact_lost() -> Story:
    """With one missed check-in classified, and another missed since."""
    story = opened()
    story.until(story.due("check_in") + timedelta(days=1))
    story.do(LEAD, "classify_absence", check_in=1, absence="unexcused", reasons=note(20))
    story.do(LEAD, "keep_check_in", channel="visit")
    return story.until(story.due("check_in") + timedelta(days=1))


def _leaving() -> Story:
    """With a lead who is known to leave in ten days, whose contract was renewed since, and a colleague who leaves too."""
    story = opened()
    for number, days in ((2, 10), (3, 20)):
        who = person("lead_practitioner", number)
        story.staff[who] = story.staff[who].model_copy(update={"until": story.at + timedelta(days=days)})
    lead = person("lead_practitioner", 2)
    story.do(SUPERVISOR, "assign_lead", person=lead, reasons=note(21))
    story.staff[lead] = story.staff[lead].model_copy(update={"until": story.at + timedelta(days=40)})
    return story


def _worried_about() -> Story:
    """With an assessment made, and two concerns: one answered, one not."""
    story = assessed(opened(), "entry")
    for kind in ("threat", "worry"):
        story.do(PROVIDER, "raise_concern", kind=kind, reported_by="family", note=note(21))
    story.do(LEAD, "answer_concern", concern=1, response=note(22))
    return story


def _kin() -> Story:
    """With a mother who came herself and has support, a trusted contact who may be called, a brother who asked, and a family goal."""
    story = opened()
    story.do(LEAD, "give_consent", scope="family_contact", form_version="f", language="de", explained_by=LEAD)
    for number, (kind, origin) in enumerate((("parent", "came_themselves"), ("trusted_contact", "named_by_participant"), ("sibling", "named_by_participant")), start=1):  # fmt: skip
        story.do(LEAD, "add_related_person", kind=kind, identity=note(24 + number), origin=origin)
        for scope in ("contact", "support"):
            consent = {"form_version": "k1", "language": "de", "explained_by": LEAD}
            story.do(LEAD, "give_relative_consent", relative=number, scope=scope, **consent)
    for number, relative in ((1, 1), (2, 3)):
        story.do(SUPERVISOR, "request_relative_support", relative=relative, need=note(27))
        if number == 1:
            offered = {"kind": "parent_circle", "provider": "civil", "answer": "accepted"}
            story.do(SUPERVISOR, "offer_relative_support", request=1, **offered)
    story.do(PROVIDER, "attest_relative_session", support=1)
    both = {"agreed_by_participant": note(28), "agreed_by_relative": note(29)}
    story.do(LEAD, "agree_family_goal", relative=3, text=note(30), **both)
    return story


def _child() -> Story:
    """A child, some of whose consents a guardian gave too, a month before coming of age."""
    story = Story("disengagement")
    due = (story.at + timedelta(days=90)).isoformat()
    child = {"age": "child", "comes_of_age": due, "program": story.program.program, "version": story.program.version}
    story.do(SUPERVISOR, "open_case", **child, lead=LEAD, support_level="high", eligibility=note(2))
    all_told(story)
    for scope in ("participation", "evaluation", "share:housing_office"):
        story.do(
            LEAD, "give_consent", scope=scope, form_version="form_1", language="en", explained_by=LEAD, capacity_judged_by=LEAD,
            guardian=note(9),
        )  # fmt: skip
    shared(story)
    return story.later(days=60)


def _of_age() -> Story:
    """The same person, who is of age and was not asked yet."""
    return _child().later(days=31)


def _followed_up() -> Story:
    """After an early exit, with a follow-up overdue that enough was tried for, and another to come."""
    story = in_aftercare()
    story.until(story.case.obligations["follow_up/1"].due - timedelta(days=4))
    for channel in ("call", "letter", "visit", "message", "call"):
        story.do(LEAD, "attempt_follow_up", follow_up=1, channel=channel)
        story.later(days=1)
    return story


def _threatened() -> Story:
    """With a safety plan for the person, the family and the staff, of which one trigger occurred."""
    story = opened()
    for layer, threat, who in (
        ("person", "stigma", "person"),
        ("family", "retaliation", "supervisor"),
        ("family", "retaliation", "family"),
        ("staff", "online_harassment", LEAD.split(".")[0]),
    ):
        plan = {"layer": layer, "threat": threat, "trigger": note(20), "response": note(21), "responders": [who]}
        story.do(LEAD, "plan_safety", **plan, words=note(22))
    story.do(LEAD, "activate_safety", entry=2, note=note(23))
    return story


def _set_back() -> Story:
    """With supports under way and a safety plan, after two setbacks, of one of which the team has learned."""
    story = _cared_for()
    plan = {"layer": "person", "threat": "self_harm", "trigger": note(24), "response": note(25), "words": note(26)}
    story.do(LEAD, "plan_safety", **plan, responders=["person", "supervisor"])
    for kind in ("relapse", "home_lost"):
        story.do(LEAD, "record_setback", kind=kind, observed_at=story.at.isoformat(), note=note(27))
    due = (story.at + timedelta(days=20)).isoformat()
    actions = [{"what": note(28), "owner": owner, "due": due} for owner in ("supervisor", "lead_practitioner")]
    story.do(SUPERVISOR, "record_learning", setback=1, learnings=note(29), actions=actions)
    return story


def _back_again() -> Story:
    """After the closure, and a new episode of the same case."""
    story = _closed().later(days=100)
    consent = {"form_version": "form_2", "language": "en", "explained_by": LEAD}
    story.do(LEAD, "reenter", to="intake", wish=note(30), lead=LEAD, support_level="high", **consent)
    return story


STARTS: dict[str, Callable[[], Story]] = {
    "child": _child, "of age": _of_age,
    "nothing": lambda: Story("disengagement"), "nothing of the other program": lambda: Story("housing_first"),
    "opened": opened, "opened in the other program": lambda: opened("housing_first"), "without consent": lambda: opened(consent=False),
    "every consent": _consenting, "stabilization": in_stabilization, "proposal served": _proposed, "hearing over": _heard,
    "upheld": _upheld, "time to appeal": _appealable, "curfew": lambda: under_curfew().later(days=7), "agreed measure": _agreed, "closed": _closed,
    "contact lost": _contact_lost, "lead leaves": _leaving,
    "time to appeal over": _window_over, "danger": _in_danger, "withdrawn": _withdrawn, "erasure asked": _erasure_asked, "erased": _erased,
    "waiting": _waiting, "cared for": _cared_for, "handover offered": _handed_over, "lead away": _absent, "threatened": _threatened, "set back": _set_back, "back again": _back_again, "appealed": _appealed,
    "referred": _referred, "circle": _circle,
    "followed up": _followed_up, "people close": _kin,
    "worried about": _worried_about,
}  # fmt: skip
"""What it is called → the case there."""

LIKELY: dict[str, tuple[str, ...]] = {
    "lead leaves": ("assign_lead", "begin_absence", "end_absence", "confirm_lead", "offer_handover", "accept_handover", "leave", "wait"),
    "contact lost": ("classify_absence", "correct_absence", "keep_check_in", "excuse_check_in"),
    "every consent": ("withdraw_consent", "request_disclosure", "approve_disclosure", "record_told", "correct_disclosure"),
    "proposal served": ("decide_adverse_act", "record_representation"), "hearing over": ("decide_adverse_act",),
    "upheld": ("record_service", "carry_out_adverse_act", "file_appeal", "decide_appeal"),
    "time to appeal": ("carry_out_adverse_act", "file_appeal", "decide_appeal", "record_service"),
    "appealed": ("decide_appeal", "carry_out_adverse_act", "record_service"), "time to appeal over": ("carry_out_adverse_act", "file_appeal"),
    "curfew": ("propose_measure", "renew_measure", "review_measure", "record_court_order", "wait"),
    "agreed measure": ("withdraw_consent", "withdraw_from_measure", "agree_measure", "approve_hold", "end_hold", "wait"),
    "danger": ("act_in_danger", "end_danger", "propose_measure", "confirm_link"),
    "closed": ("reenter", "request_erasure", "approve_erasure", "place_legal_hold", "review_retention"),
    "erasure asked": ("approve_erasure", "place_legal_hold", "decline_erasure", "request_erasure"),
    "waiting": ("approve_disclosure", "withdraw_consent", "confirm_danger", "verify_milestone", "approve_extension", "approve_review"),
    "back again": ("request_review", "approve_review", "reenter", "withdraw_consent", "record_service", "wait"),
    "worried about": ("record_assessment", "correct_assessment", "answer_concern", "close_concern", "raise_concern", "wait"),
    "people close": (
        "withdraw_relative_consent", "withdraw_consent", "remove_related_person", "attest_relative_session", "review_family_goal",
        "offer_relative_support", "contact_relative", "end_relative_support", "wait",
    ),
    "referred": ("begin_referral", "reject_referral", "request_referral", "accept_referral", "complete_referral", "withdraw_consent", "wait"),
    "circle": ("break_circle", "request_referral", "reject_referral", "close_need", "rule_out_alternative"),
    "child": ("wait", "record_coming_of_age_due", "give_consent", "withdraw_consent", "request_disclosure"),
    "of age": ("wait", "give_consent", "withdraw_consent", "request_disclosure", "approve_disclosure", "ask_consent"),
    "set back": ("record_setback", "record_learning", "close_learning_action", "propose_adverse_act", "set_support_level", "wait"),
    "followed up": ("judge_unreached", "record_follow_up", "attempt_follow_up", "decline_follow_up", "request_review", "wait"),
    "threatened": ("activate_safety", "record_safety_response", "retire_safety_entry", "plan_safety", "withdraw_consent", "wait"),
    "withdrawn": ("give_consent", "make_welfare_offer", "ask_consent", "agree_measure", "join_partner"),
}  # fmt: skip
"""What it is called → the moves that matter there: half of all moves from there are among them, so that a thousand walks meet what they are about."""


@cache
def _begun(name: str) -> Story:
    return STARTS[name]()


def begun(name: str) -> Watched:
    """A case there, which is watched from here on."""
    return Watched.after(_begun(name))
