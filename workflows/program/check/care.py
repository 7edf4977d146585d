"""Every support answers a need and is attested by somebody who did not order it, every entitlement can be earned, and nobody is lost after an exit."""

from __future__ import annotations

from collections.abc import Iterator

from workflows.program.care import FollowUps
from workflows.program.check.finding import Finding, not_permitted
from workflows.program.model import Program
from workflows.program.vocabulary import Vocabulary


def find(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Supports for no need, needs without support, and sessions that only whoever leads the case could attest."""
    care = program.care
    yield from _gates(program)
    yield from _follow_ups(program)
    yield from _network(program, vocabulary)
    if care is None:
        return
    for code, kind in care.supports.items():
        path = f"care.supports.{code}"
        roles, duty = kind.attest_by, f"{path}.attest_by"
        yield from not_permitted(program, vocabulary, path=duty, roles=roles, commands=["attest_session"])
        if program.lead_role in roles:
            why = f"{program.lead_role} leads the cases: a session attested by whoever ordered it proves nothing"
            yield Finding(duty, "attested_by_lead", why, "name a role of those who provide the support")
    answered = {kind.answers for kind in care.supports.values()}
    for code in care.needs:
        if code not in answered:
            why = "no support answers this need: once identified, it could never be addressed"
            yield Finding(f"care.needs.{code}", "need_without_support", why, "add a support that 'answers' it")
    yield from _referrals(program)


def _referrals(program: Program) -> Iterator[Finding]:
    """Referrals that no consent could ever permit."""
    rule = None if program.care is None else program.care.referrals
    for partner in () if rule is None else (one for one in rule.providers if one not in rule.without_consent):
        if partner in program.partners and f"share:{partner}" not in program.scopes:
            why = f"no consent to share with {partner} can be given: nobody could ever be referred there"
            cure = f"add {partner} to the partners of consent_scopes.share, or to without_consent if it learns nothing"
            yield Finding(f"care.referrals.providers.{partner}", "referral_without_consent", why, cure)


def _gates(program: Program) -> Iterator[Finding]:
    """Gates that ask for support where none can be planned, and advances that would wait for the end of all support."""
    for code, phase in program.phases.items():
        for at, transition in enumerate(phase.transitions):
            gate, path = transition.gate, f"phases.{code}.transitions[{at}].gate"
            if program.care is None and (gate.support_delivered or gate.needs_addressed):
                why = "it asks for support that was delivered, and the definition has no catalogue: it could never open"
                yield Finding(path, "gate_without_catalogue", why, "add 'care' with needs and supports")
            if transition.kind != "exit" and (gate.support_delivered or gate.needs_addressed or gate.referrer_feedback):
                why = "support goes on across phases: only an exit asks that all of it was delivered"
                yield Finding(path, "advance_asks_for_exit", why, "ask for it where the kind is 'exit', or remove it")


def _follow_ups(program: Program) -> Iterator[Finding]:
    """Follow-ups that nobody could settle, that are owed where a case is closed, or that a closing would pass over."""
    rule = None if program.care is None else program.care.follow_up
    followed = {} if rule is None else rule.phases
    for code, phase in program.phases.items():
        for at, transition in enumerate(phase.transitions):
            where, gate = f"phases.{code}.transitions[{at}].gate", transition.gate
            last = max((term.nominal_days for term in followed.get(code, ())), default=0.0)
            stay = 0.0 if gate.minimum_stay is None else gate.minimum_stay.nominal_days
            if gate.follow_ups_settled and code not in followed:
                why = "it asks that follow-ups are settled, and none is owed in this phase: it asks nothing"
                yield Finding(where, "gate_without_follow_ups", why, f"add care.follow_up.phases.{code}, or remove it")
            elif not gate.follow_ups_settled and code in followed:
                why = "whoever leaves this way is let go with follow-ups that nobody held: they are lost after the exit"
                yield Finding(where, "follow_ups_passed_over", why, "write 'follow_ups_settled: true'")
            elif gate.follow_ups_settled and stay < last:
                why = "its last follow-up comes later than this way may be taken: it would wait all the same, unsaid"
                yield Finding(where, "stay_shorter_than_follow_ups", why, "lengthen 'minimum_stay' to the last term")
    if rule is not None:
        yield from _unreached(program, rule)


def _unreached(program: Program, rule: FollowUps) -> Iterator[Finding]:
    if rule.attempts < max(rule.over_channels, rule.over_days) or len(rule.channels) < rule.over_channels:
        why = "so few attempts or channels cannot be over so many channels and days: nobody could ever be judged unreached"
        yield Finding("care.follow_up", "unreached_unprovable", why, "raise 'attempts' and 'channels', or lower the others")  # fmt: skip
    judges = program.permissions.get("judge_unreached", ())
    if judges and set(judges) <= {program.lead_role}:
        why = f"only {program.lead_role} may judge that nobody could be reached, who owes it: the judge would judge themself"
        yield Finding("permissions.judge_unreached", "unreached_judged_by_lead", why, "add a role that leads no case")


def _network(program: Program, vocabulary: Vocabulary) -> Iterator[Finding]:
    """Supports for relatives that nobody attests, or whoever leads the participant's case would; and goals that outlive the consent they take."""
    rule = None if program.care is None else program.care.network
    if rule is None:
        return
    for code, kind in rule.supports.items():
        path = f"care.network.supports.{code}.attest_by"
        yield from not_permitted(
            program, vocabulary, path=path, roles=kind.attest_by, commands=["attest_relative_session"]
        )
        if program.lead_role in kind.attest_by:
            why = f"{program.lead_role} leads the participants' cases, and relatives are clients of their own"
            yield Finding(path, "attested_by_lead", why, "name a role of those who provide the support")
    if program.rests_on.get("family_goal_review") != rule.participant_scope:
        why = "a family goal takes the participant's consent to contact: without it nobody looks at the goal with the family"
        cure = f"write 'family_goal_review: {rule.participant_scope}' in 'rests_on'"
        yield Finding("rests_on", "family_goals_without_consent", why, cure)
