"""Random walks through a case: everything that people, time and the engine may do, sensible or not, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.case.examples import Story, enough_evidence, evidence, note, person
from tests.case.gates import fulfill, reports
from tests.case.walk_looking import LOOKING
from tests.case.walk_referring import REFERRING
from workflows.case.facts import clocks as clocks_of
from workflows.core.kinds import ENGINE
from workflows.program.model import SUPPORT_LEVELS


class Move(NamedTuple):
    """One step of a walk; the numbers choose among whatever there is at that point."""

    kind: str
    who: int
    what: int
    how: int


Fields = dict[str, Any]


def _pick(items: list[Any], number: int) -> Any:
    return items[number % len(items)]


def _milestone(story: Story, what: int) -> str:
    here = story.program.phases.get(story.case.phase.phase or "")
    needed = [code for t in here.transitions for code in t.gate.milestones] if here else []
    return str(_pick([*needed, *needed, *sorted(story.program.milestones)], what))


def _claim(story: Story, what: int, how: int) -> Fields:
    milestone = _milestone(story, what)
    pieces = enough_evidence(story.program, milestone, story.at)
    if how % 4 == 0:
        pieces = [evidence(piece["kind"], at=story.at, days_old=how, source="one") for piece in pieces]
    return {"milestone": milestone, "evidence": pieces}


def _verify(story: Story, what: int, how: int) -> Fields:
    claimed = sorted(code for code, standing in story.case.milestone.standing.items() if standing.status == "claimed")
    return {"milestone": _pick(claimed or [_milestone(story, what)], what), "reasons": note(how)}


def _contradict(story: Story, what: int, how: int) -> Fields:
    observed = story.at - timedelta(hours=how % 50 - 1)
    return {"milestone": _milestone(story, what), "facts": note(how), "observed_at": observed.isoformat()}


def _request(story: Story, what: int, how: int) -> Fields:
    return {
        "to": _pick(list(story.program.phases), what),
        "reasons": note(how),
        **({"participant_view": note(how)} if how % 8 else {}),
        **({"because": _pick(["completed", "own_wish", "moved"], how)} if how % 5 == 0 else {}),
    }


def _vote(story: Story, what: int, how: int) -> Fields:
    return {"review": _pick([*story.case.review.open, *story.case.review.open, 1], what), "reasons": note(how)}


def _keep(story: Story, _what: int, how: int) -> Fields:
    ago = {} if how % 3 else {"observed_at": (story.at - timedelta(hours=how - 10)).isoformat()}
    return {"channel": "call", **ago}


def _level(_story: Story, what: int, how: int) -> Fields:
    agreed = {"agreed": note(how)} if how % 3 else {}
    levels, directions = list(SUPPORT_LEVELS), ["more", "same", "less"]
    return {"level": _pick(levels, what), "direction": _pick(directions, how), "reasons": note(how), **agreed}


def _consent(story: Story, what: int, how: int) -> Fields:
    scope = _pick([*story.program.scopes, "participation", "no_such_scope"], what)
    lead = person(story.program.lead_role)
    judged = {"capacity_judged_by": lead} if how % 4 else {}
    term = {"term": f"{how} days"} if how % 5 == 0 else {}
    guardian = {"guardian": note(how)} if story.case.phase.age == "child" and how % 3 else {}
    form = f"form_{how % 2}"
    return {"scope": scope, "form_version": form, "language": "en", "explained_by": lead, **judged, **term, **guardian}


def _scope(story: Story, what: int, how: int) -> Fields:
    return {"scope": _consent(story, what, how)["scope"]}


def _given(story: Story, what: int, how: int) -> Fields:
    """Mostly a scope in force, so that withdrawals come at every turn."""
    return {"scope": _pick([*story.case.consent.given, *story.case.consent.given, "no_such_scope"], what)}


def _partner(story: Story, what: int, how: int) -> Fields:
    return {"partner": _pick([*story.program.partners, "nobody"], what), "reasons": note(how)}


def _leaving(story: Story, what: int, how: int) -> Fields:
    return {"partner": _pick([*story.case.partner.joined, "nobody"], what), "reasons": note(how)}


def _hold(story: Story, what: int, how: int) -> Fields:
    until = story.at + timedelta(days=how - 2)
    return {"kind": _pick([*story.program.holds, "whim"], what), "until": until.isoformat(), "reasons": note(how)}


def _basis(story: Story, what: int, how: int) -> Fields:
    policy = story.program.lawful_basis
    bases = [*(policy.bases if policy else ()), "nothing"]
    replaced = {} if how % 3 else {"replaces": _pick(bases, how)}
    return {"basis": _pick(bases, what), "reasons": note(how), **replaced}


def _notice(story: Story, what: int) -> str:
    return str(_pick([*story.case.notice.pending, *story.case.notice.failed, "1/1"], what))


def _open(story: Story, what: int, how: int) -> Fields:
    lead = person(_pick([story.program.lead_role, story.program.lead_role, *story.program.roles], what))
    return {
        "program": story.program.program, "version": story.program.version, "lead": lead,
        "support_level": _pick(list(SUPPORT_LEVELS), how), "eligibility": note(how),
    }  # fmt: skip


def _share(story: Story, what: int, how: int) -> Fields:
    program = story.program
    recipient, role = _pick([(code, role) for code, role in program.roles.items() if role.partner], what)
    agreements = [code for code, agreed in program.agreements.items() if role.partner in agreed.parties]
    exceptions = [] if program.disclosure is None else [code for code, ground in program.disclosure.exceptions.items() if role.partner in ground.partners]  # fmt: skip
    grounds = [("agreement", code) for code in agreements] + [("exception", code) for code in exceptions]
    basis, code = _pick([*grounds, ("exception", "court_order")], how)
    policy = program.disclosure
    known = program.agreements.get(code) if basis == "agreement" else policy and policy.exceptions.get(code)
    late = (
        {"tell_from": (story.at + timedelta(days=how)).isoformat(), "delay_reasons": note(how)} if how % 4 == 1 else {}
    )
    return {
        "partner": role.partner if how % 9 else "nobody", "recipient": recipient, basis: code, "reasons": note(how), **late,
        "purpose": known.purposes[0] if known else "protection", "fields": list(known.fields[: 1 + how % 3]) if known else ["present_danger"],
    }  # fmt: skip


def _disclosed(story: Story, what: int, how: int) -> Fields:
    return {"disclosure": _pick([*story.case.disclosure.pending, *story.case.disclosure.made, 1], what), "reasons": note(how)}  # fmt: skip


def _corrected(story: Story, what: int, how: int) -> Fields:
    policy = story.program.disclosure
    assert policy is not None
    return {"fields": [_pick(list(policy.fields), what)], "correction": note(how)}


def _told(story: Story, what: int, how: int) -> Fields:
    number = _pick([*story.case.disclosure.made, 1], what)
    return {"disclosure": number, "about": _pick(["correction", "erasure"], how), "proof": note(how)}


def _classified(story: Story, what: int, how: int) -> Fields:
    policy = story.program.retention
    assert policy is not None
    return {"outcome": _pick([*policy.outcomes, "no_such_outcome"], what), "age": _pick(["child", "adult"], how)}


def _propose(story: Story, what: int, how: int) -> Fields:
    kind = _pick(["step_back", "exit_for_cause", "refuse_advance", "reduce_support"], what)
    subject = _pick([*story.program.phases, *SUPPORT_LEVELS], how)
    here = story.program.phases.get(story.case.phase.phase or "")
    if what % 3 and here is not None:
        exits = [t.to for t in here.transitions if t.kind == ("exit" if kind == "exit_for_cause" else "advance")]
        fitting = list(here.step_back_to) if kind == "step_back" else exits
        subject = _pick((list(SUPPORT_LEVELS) if kind == "reduce_support" else fitting) or [subject], how)
    due = story.program.due_process
    basis = {"legal_basis": _pick([*due.legal_bases], how)} if due is not None and due.legal_bases and how % 5 else {}
    grounds = {"necessity": note(how), "nothing_milder": note(how)} if how % 7 else {}
    return {"kind": kind, "subject": subject, "reasons": note(how), **basis, **grounds}


def _measured(story: Story, what: int, how: int) -> Fields:
    due = story.program.due_process
    kinds = dict(due.measures) if due is not None else {}
    kind = _pick([*kinds, *kinds, "no_such_kind"], what)
    bases = kinds[kind].legal_bases if kind in kinds else ("nothing",)
    issued = (story.at - timedelta(hours=how - 1)).isoformat()
    whole = {
        "legal_basis": _pick(list(bases), how), "basis_issued_at": issued, "necessity": note(how), "nothing_milder": note(how),
        "scope": note(how),
    }  # fmt: skip
    if how % 9 == 8:
        whole.pop(_pick(list(whole), what))
    return {"kind": kind, "reasons": note(how), **whole}


def _terms(how: int) -> Fields:
    return {"lasts": f"{how % 5} weeks", "review_every": f"{how % 4} weeks"}


def _agreed(story: Story, what: int, how: int) -> Fields:
    kind = _measured(story, what, how)["kind"]
    return {"kind": kind, "agreement": note(how), "scope": note(how), **_terms(how)}


def _renewed(story: Story, what: int, how: int) -> Fields:
    observed = (story.at - timedelta(hours=how)).isoformat()
    needed = {"necessity": note(how), "nothing_milder": note(how)}
    return {
        "measure": _on_measure(story, what),
        "reasons": note(how),
        "observed_at": observed,
        "lasts": "2 weeks",
        **needed,
    }


def _on_measure(story: Story, what: int) -> int:
    return int(_pick([*story.case.measure.known, 1], what))


def _on_danger(story: Story, what: int) -> int:
    return int(_pick([*story.case.danger.open, 1], what))


def _on_act(story: Story, what: int) -> int:
    return int(_pick([*story.case.adverse.open, *story.case.appeal.open, 1], what))


def _served(story: Story, what: int, how: int) -> Fields:
    notice = _pick([*story.case.service.owed, *story.case.service.owed, 1], what)
    return {"notice": notice, "how": "in_person", "language": "de", "proof": note(how)}


def _absence(story: Story, what: int, how: int) -> Fields:
    until = (story.at + timedelta(days=how)).isoformat()
    deputy = {"deputy": person(story.program.lead_role, what % 4 + 1), "agreed": note(how)}
    return {"until": until, **(deputy if how % 4 else {})}


def _absent_from(story: Story, what: int, how: int) -> Fields:
    number = _pick([*story.case.contact.absences, 1], what)
    return {"check_in": number, "absence": _pick(["excused", "unexcused", "unknown"], how), "reasons": note(how)}


def _more_time(story: Story, what: int, how: int) -> Fields:
    clocks = clocks_of(story.case, story.at)
    clock = _pick(
        [*(key for key, one in clocks.items() if one.kind in story.program.extensions), *clocks, "tea/1"], what
    )
    due = clocks[clock].due if clock in clocks and how % 3 else story.at
    form = "extension" if how % 3 else "pause"
    return {"clock": clock, "form": form, "until": (due + timedelta(days=how - 2)).isoformat(), "reasons": note(how)}


def _extension(story: Story, what: int, how: int) -> Fields:
    return {"extension": _pick([*story.case.extension.open, 1], what), "reasons": note(how)}


def _needed(story: Story, what: int, how: int) -> Fields:
    care = story.program.care
    return {"need": _pick([*story.case.support.needs, *(care.needs if care else ())], what), "note": note(how)}


def _planned(story: Story, what: int, how: int) -> Fields:
    care = story.program.care
    starts = (story.at + timedelta(days=how)).isoformat()
    kind = _pick([*(care.supports if care else ()), "no_such_kind"], what)
    return {"kind": kind, "provider": _pick(["city", "civil"], how), "sessions": 1 + how % 3, "starts": starts, "agreed": note(how)}  # fmt: skip


def _on_support(story: Story, what: int) -> Fields:
    return {"support": _pick([*story.case.support.active, 1], what)}


def _safe(story: Story, what: int, how: int) -> Fields:
    policy = story.program.care.safety if story.program.care else None
    known = [*(policy.threats if policy else ()), "no_such_threat"]
    layer = _pick(["person", "family", "neighborhood", "staff"], how)
    who = [
        _pick([*(policy.respond_by if policy else ()), *story.program.partners, "family", "person", "nobody"], how + n)
        for n in range(1 + how % 3)
    ]
    former = {"replaces": _pick([*story.case.safety.entries, 1], what)} if how % 4 == 1 else {}
    return {"layer": layer, "threat": _pick(known, what), "trigger": note(how), "response": note(how), "responders": who, "words": note(what), **former}  # fmt: skip


def _hard(story: Story, what: int, how: int) -> Fields:
    policy = story.program.care.setbacks if story.program.care else None
    observed = (story.at - timedelta(hours=how - 1)).isoformat()
    another = {"another": True} if how % 5 == 0 else {}
    kind = _pick([*(policy.kinds if policy else ()), "no_such_kind"], what)
    return {"kind": kind, "observed_at": observed, "note": note(how), **another}


def _learned(story: Story, what: int, how: int) -> Fields:
    policy = story.program.care.setbacks if story.program.care else None
    owners, due = [*(policy.act_by if policy else ()), "nobody"], (story.at + timedelta(days=how)).isoformat()
    actions = [{"what": note(n), "owner": _pick(owners, how + n), "due": due} for n in range(what % 3)]
    return {"setback": _pick([*story.case.setback.reviews, 1], what), "learnings": note(how), "actions": actions}


def _back(story: Story, what: int, how: int) -> Fields:
    here = story.program.phases.get(story.case.phase.phase or "")
    seen = [to for to in (here.reentry_to if here else ()) if to in story.case.phase.seen]
    lead = person(story.program.lead_role, what % 4 + 1)
    consent = {"form_version": "form_2", "language": "en", "explained_by": lead, "capacity_judged_by": lead}
    to = _pick([*seen, *seen, *story.program.phases], how)
    return {"to": to, "wish": note(how), "lead": lead, "support_level": _pick(list(SUPPORT_LEVELS), what), **consent}


def _on_entry(story: Story, what: int) -> Fields:
    return {"entry": _pick([*story.case.safety.entries, 1], what)}


def _protected(story: Story, what: int, how: int) -> Fields:
    policy = story.program.care.safety if story.program.care else None
    outcome = "reached" if how % 2 else "refused_by_service"
    return {"service": _pick([*(policy.services if policy else ()), "nobody"], what), "outcome": outcome, "note": note(how)}  # fmt: skip


def _other(story: Story, what: int, how: int) -> Fields:
    ids = [story.case.stream, *(f"case/00000000-0000-0000-0000-00000000000{number}" for number in range(2, 7))]
    return {"other": _pick(ids, what), "reasons": note(how)}


def _link(story: Story, what: int, how: int) -> Fields:
    return {"link": _pick([*story.case.link.open, 1], what), "reasons": note(how)}


def _related(story: Story, what: int, how: int) -> Fields:
    network = story.program.care.network if story.program.care else None
    kinds = [*(network.kinds if network else ()), "stranger"]
    origin = "came_themselves" if how % 2 else "named_by_participant"
    return {
        "kind": _pick(kinds, what),
        "identity": note(how),
        "origin": origin,
        "age": "child" if how % 5 == 0 else "adult",
    }


def _relative(story: Story, what: int) -> Fields:
    return {"relative": _pick([*story.case.network.relatives, *story.case.network.relatives, 1], what)}


def _kin_scope(story: Story, what: int, how: int) -> Fields:
    return {**_relative(story, what), "scope": _pick(["contact", "support", "mention"], how)}


def _kin_consent(story: Story, what: int, how: int) -> Fields:
    lead = person(story.program.lead_role)
    guardian = {"guardian": note(how)} if how % 3 else {}
    return {**_kin_scope(story, what, how), "form_version": "k1", "language": "de", "explained_by": lead, **guardian}


def _kin_offer(story: Story, what: int, how: int) -> Fields:
    network = story.program.care.network if story.program.care else None
    kind = _pick([*(network.supports if network else ()), "favor"], how)
    answer = "declined" if how % 4 == 0 else "accepted"
    return {
        "request": _pick([*story.case.relative_support.requests, 1], what),
        "kind": kind,
        "provider": "civil",
        "answer": answer,
    }


def _kin_support(story: Story, what: int) -> Fields:
    return {"support": _pick([*story.case.relative_support.active, 1], what)}


def _kin_goal(story: Story, what: int, how: int) -> Fields:
    return {
        **_relative(story, what),
        "text": note(how),
        "agreed_by_participant": note(1),
        "agreed_by_relative": note(1 + how % 3),
    }


def _kin_looked(story: Story, what: int, how: int) -> Fields:
    outcome = _pick(["goes_on", "goes_on", "met", "set_aside"], how)
    goal = _pick([*story.case.network.goals, 1], what)
    return {"goal": goal, "outcome": outcome, "participant_view": note(how), "relative_view": note(what)}


def _follow_up(story: Story, what: int, how: int) -> Fields:
    case = story.case.follow_up
    number = _pick([*case.open, *case.open, *case.not_held, 1], what)
    return {"follow_up": number, "channel": _pick(["call", "letter", "visit", "message", "pigeon"], how)}


def _followed(story: Story, what: int, how: int) -> Fields:
    ago = {} if how % 3 else {"observed_at": (story.at - timedelta(hours=how)).isoformat()}
    return {**_follow_up(story, what, how), **ago}


COMMANDS: dict[str, Callable[[Story, int, int], Fields]] = {
    "open_case": _open, "report_link": _other, "confirm_link": _link, "reject_link": _link,
    "review_progress": lambda _s, what, how: {"direction": _pick(["forward", "steady", "backward"], what), "summary": note(how)},
    "claim_milestone": _claim, "verify_milestone": _verify, "return_claim": _verify, "contradict_milestone": _contradict,
    "request_review": _request, "approve_review": _vote, "reject_review": _vote, "recuse_from_review": _vote,
    "keep_check_in": _keep, "excuse_check_in": lambda _s, _what, how: {"reasons": note(how)}, "set_support_level": _level,
    "give_consent": _consent, "withdraw_consent": _given, "ask_consent": _scope, "decline_consent": _scope,
    "record_coming_of_age_due": lambda s, _what, how: {"due": (s.at + timedelta(days=how * how * 4 - 4)).isoformat()},
    "join_partner": _partner, "leave_partner": _leaving, "record_lawful_basis": _basis,
    "hold_case": _hold, "approve_hold": lambda _s, _what, how: {"reasons": note(how)}, "end_hold": lambda _s, _what, how: {"reasons": note(how)},
    "request_extension": _more_time, "approve_extension": _extension, "decline_extension": _extension,
    "make_welfare_offer": lambda _s, what, _how: {"response": _pick(["accepted", "declined", "not_reached"], what)},
    "assign_lead": lambda s, what, how: {"person": person(s.program.lead_role, what % 4 + 1), "reasons": note(how)},
    "offer_handover": lambda s, what, how: {"person": person(s.program.lead_role, what % 4 + 1), "reasons": note(how)},
    "accept_handover": lambda _s, _what, _how: {}, "end_absence": lambda _s, _what, _how: {},
    "decline_handover": lambda _s, _what, how: {"reasons": note(how)}, "withdraw_handover": lambda _s, _what, how: {"reasons": note(how)},
    "begin_absence": _absence,
    "confirm_lead": lambda s, what, _how: {"person": _pick([s.case.custody.lead or "nobody", s.case.custody.named or "nobody"], what)},
    "classify_absence": _absent_from, "correct_absence": _absent_from,
    "propose_adverse_act": _propose, "record_service": _served,
    "record_representation": lambda s, what, how: {"act": _on_act(s, what), "representation": note(how)},
    "decide_adverse_act": lambda s, what, how: {"act": _on_act(s, what), "choice": "uphold" if how % 4 else "drop", "reasons": note(how)},
    "file_appeal": lambda s, what, _how: {"act": _on_act(s, what)},
    "decide_appeal": lambda s, what, how: {"act": _on_act(s, what), "choice": "dismiss" if how % 4 else "allow", "reasons": note(how)},
    "object_to_review": lambda s, what, how: {"review": _pick([*s.case.objection.open, 1], what), **({"grounds": note(how)} if how % 2 else {})},
    "decide_objection": lambda s, what, how: {"review": _pick([*s.case.objection.open, 1], what), "choice": "allow" if how % 3 else "dismiss", "reasons": note(how)},
    "propose_measure": lambda s, what, how: {**_measured(s, what, how), **_terms(how)}, "act_in_danger": _measured,
    "agree_measure": _agreed, "renew_measure": _renewed,
    "withdraw_from_measure": lambda s, what, _how: {"measure": _on_measure(s, what)},
    "review_measure": lambda s, what, how: {"measure": _on_measure(s, what), "necessity": note(how)},
    "end_measure": lambda s, what, how: {"measure": _on_measure(s, what), "reasons": note(how)},
    "record_court_order": lambda s, what, how: {"measure": _on_measure(s, what), "order": note(how)},
    "confirm_danger": lambda s, what, how: {"danger": _on_danger(s, what), "reasons": note(how)},
    **REFERRING, **LOOKING,
    "identify_need": _needed,
    "set_celebration": lambda _s, what, how: {"wanted": how % 4 > 0, **({"channel": "call", "language": "de"} if what % 5 else {})},
    "record_celebration": lambda s, what, _how: {"celebration": _pick([*s.case.celebration.owed, 1], what)},
    "record_referrer_feedback": lambda _s, what, how: {"outcome": _pick(["heard", "not_reached", "no_referrer"], what), "note": note(how)},
    "close_need": lambda s, what, how: {"need": _pick([*s.case.support.needs, "identity"], what), "how": _pick(["addressed", "not_wanted", "met_elsewhere"], how), "reasons": note(how)},
    "plan_support": _planned, "begin_support": lambda s, what, _how: _on_support(s, what),
    "add_related_person": _related, "give_relative_consent": _kin_consent, "withdraw_relative_consent": _kin_scope,
    "remove_related_person": lambda s, what, how: {**_relative(s, what), "reasons": note(how)},
    "contact_relative": lambda s, what, how: {**_relative(s, what), "channel": "call", "about": _pick(["welfare", "family_work"], how)},
    "agree_family_goal": _kin_goal, "review_family_goal": _kin_looked,
    "request_relative_support": lambda s, what, how: {**_relative(s, what), "need": note(how)}, "offer_relative_support": _kin_offer,
    "attest_relative_session": lambda s, what, _how: _kin_support(s, what),
    "end_relative_support": lambda s, what, how: {**_kin_support(s, what), "because": _pick(["completed", "own_wish"], how), "view": note(how)},
    "attempt_follow_up": _followed, "record_follow_up": lambda s, what, how: {**_followed(s, what, how), "account": note(how)},
    "decline_follow_up": lambda s, what, how: {**_follow_up(s, what, how), "words": note(how), "later_ones_too": how % 4 == 0},
    "judge_unreached": lambda s, what, how: {"follow_up": _follow_up(s, what, how)["follow_up"], "reasons": note(how)},
    "attest_session": lambda s, what, _how: _on_support(s, what), "complete_support": lambda s, what, _how: _on_support(s, what),
    "end_support": lambda s, what, how: {**_on_support(s, what), **({"gap": note(how)} if how % 2 else {"successor": 1 + how % 4})},
    "grant_entitlement": lambda _s, _what, how: {"entitlement": "travel_pass" if how % 4 else "favor"},
    "reenter": _back, "record_setback": _hard, "record_learning": _learned,
    "close_learning_action": lambda s, what, how: {"action": _pick([*s.case.setback.actions, 1], what), "how": "done" if how % 2 else "not_possible", "reasons": note(how)},
    "plan_safety": _safe, "record_protection": _protected,
    "retire_safety_entry": lambda s, what, how: {**_on_entry(s, what), "reasons": note(how), **({"successor": 1 + how % 4} if how % 2 else {})},
    "activate_safety": lambda s, what, how: {**_on_entry(s, what), "note": note(how)},
    "record_safety_response": lambda s, what, how: {"activation": _pick([*s.case.safety.activations, 1], what), "note": note(how)},
    "review_safety_plan": lambda _s, _what, how: {"summary": note(how)},
    "end_danger": lambda s, what, how: {"danger": _on_danger(s, what), "reasons": note(how), **({"order": note(how)} if how % 2 else {})},
    "carry_out_adverse_act": lambda s, what, _how: {"act": _on_act(s, what)},
    "confirm_notice": lambda s, what, how: {"notice": _notice(s, what), "proof": note(how)},
    "request_disclosure": _share, "approve_disclosure": _disclosed, "decline_disclosure": _disclosed,
    "record_told": lambda s, what, how: {"disclosure": _disclosed(s, what, how)["disclosure"], "how": "call", "language": "en"},
    "correct_disclosure": _corrected, "record_recipient_told": _told,
    "request_access": lambda _s, _what, how: {"note": note(how)} if how % 2 else {},
    "answer_access": lambda s, what, how: {"request": _pick([*s.case.access.open, 1], what), "answer": "given", "reasons": note(how)},
    "record_copy_given": lambda _s, what, how: {"how": _pick(["handed_over", "sent", "declined"], what), "proof": note(how)},
    "place_legal_hold": lambda s, _what, how: {"until": (s.at + timedelta(days=how * 6 - 6)).isoformat(), "reasons": note(how)},
    "lift_legal_hold": lambda s, what, how: {"hold": _pick([*s.case.legal_hold.holds, 1], what), "reasons": note(how)},
    "classify_record": _classified, "review_retention": lambda _s, _what, how: {"reasons": note(how)},
    "request_erasure": lambda _s, _what, how: {"reasons": note(how)}, "approve_erasure": lambda _s, _what, how: {"reasons": note(how)},
    "decline_erasure": lambda _s, _what, how: {"reasons": note(how)},
}  # fmt: skip
"""Command that a person may send → its fields, as the numbers choose them."""


def _wait(story: Story, move: Move) -> None:
    story.later(hours=move.how * move.how)


def _outage(story: Story, move: Move) -> None:
    story.at += timedelta(hours=move.how * move.how)


def _leave(story: Story, move: Move) -> None:
    """The directory says that somebody leaves, as it may: nobody who is in charge, and nobody whose case it is."""
    person = _pick(story.holders(story.program.lead_role), move.what)
    known = story.staff[person]
    if person not in {story.case.custody.lead, story.case.custody.named} and (known.until is None or known.until > story.at):  # fmt: skip
        story.staff[person] = known.model_copy(update={"until": story.at + timedelta(hours=move.how * move.how)})


def _deliver(story: Story, move: Move) -> None:
    reason = {"reason": "unreachable"} if move.how % 2 else {}
    outcome = "failed" if move.how % 2 else "delivered"
    delivery = {"key": _notice(story, move.what), "outcome": outcome, "channel": "smtp", **reason}
    story.send(ENGINE, {"type": "record_delivery", "delivery": delivery})


def _garble(story: Story, move: Move) -> None:
    raw = {"type": _pick(list(COMMANDS), move.what), "reasons": None, "spoken": {"words": [move.how, None, ""]}}
    story.send(_pick(list(story.staff), move.who), raw)


def _follow(story: Story, move: Move) -> None:
    """Do the next thing, or all, that the first gates wait for, so that walks go far."""
    if story.case.opened and (found := reports(story)):
        report = found[0] if move.who % 8 else _pick(list(found), move.what)
        needs = report.unmet if move.how % 2 else report.unmet[: 1 + move.what % 3]
        for need in needs:
            fulfill(story, report, need)


OTHERS: dict[str, Callable[[Story, Move], None]] = {
    "wait": _wait, "outage": _outage, "tick": lambda story, _move: (story.tick(), None)[1],
    "deliver": _deliver, "leave": _leave, "garble": _garble, "follow": _follow,
}  # fmt: skip
KINDS = [*COMMANDS, *OTHERS, "wait", "wait", "follow", "follow", "follow"]


def moves() -> st.SearchStrategy[Move]:
    """Any one step."""
    number = st.integers(0, 47)
    return st.builds(Move, kind=st.sampled_from(KINDS), who=number, what=number, how=number)


def perform(story: Story, move: Move) -> None:
    """Make the move, mostly as somebody who may, at times as anybody."""
    if move.kind in OTHERS:
        OTHERS[move.kind](story, move)
        return
    fields = COMMANDS[move.kind](story, move.what, move.how)
    entitled = story.holders(*story.program.permissions.get(move.kind, ()))
    # Nobody decides on their own work: so whoever did something already comes back often.
    again = [person for person in {told.actor: None for told in reversed(story.told)} if person in entitled]
    some = again if move.who % 3 == 0 and again else entitled
    actor = _pick(some if move.who % 5 != 4 and some else list(story.staff), move.who // 3)
    story.send(actor, {"type": move.kind, **fields})


def walked(story: Story, steps: list[Move]) -> Story:
    """The story after the case was opened and the steps were made."""
    (opener, *_) = story.holders(*story.program.permissions["open_case"])
    story.send(opener, {"type": "open_case", **_open(story, 0, 1)})
    for move in steps:
        perform(story, move)
    return story
