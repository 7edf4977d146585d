"""The check: every finding, each on a definition that differs from a shipped one where it must."""

import ast
from datetime import date
from typing import Any

import pytest

from tests.program.definitions import DROP, ROOT, SHIPPED, changed
from workflows.case.commands import VOCABULARY
from workflows.core.outcomes import ADVERSE_OUTCOMES, PROTECTIVE_OUTCOMES
from workflows.program.check import Finding, check
from workflows.program.load import load_program

TODAY = date(2026, 6, 1)
_EXIT = {"to": "intake", "gate": {"review": "phase_panel"}}
_OWNER_ONLY = [{"after": "0 days", "tell": "lead_practitioner", "action": "act_now"}]
_TOO_EARLY = [{"before": "1 day", "tell": "supervisor", "action": "remind"}]
_SEATS_TWICE = [
    {"role": "panel_chair"},
    {"role": "panel_member", "people": 3},
    {"role": "community_member"},
    {"role": "panel_chair"},
]
_ALONE = {
    "milestones.safety_plan.claim_by": ["program_director"],
    "milestones.safety_plan.verify_by": ["program_director"],
    "permissions.claim_milestone": ["lead_practitioner", "intervention_provider", "program_director"],
    "permissions.verify_milestone": ["supervisor", "panel_member", "program_director"],
}
_JUDGES_OWN_WORK = {
    "roles.panel_chair.people": 1,
    "milestones.safety_plan.verify_by": ["panel_chair"],
    "permissions.verify_milestone": ["supervisor", "panel_member", "panel_chair"],
}
_WARN = "disclosure.exceptions.duty_to_warn"
_OFFICER_ALONE = {
    "permissions.request_erasure": ["data_protection_officer"],
    "permissions.approve_erasure": ["data_protection_officer"],
}
_INTAKE = "phases.intake.transitions[0]"
_PROFILE = "care.instruments.needs_and_strengths"
_FOLLOWED = "care.follow_up.phases"
_KIN = "care.network.supports.parent_circle.attest_by"

CASES: list[tuple[str, str, dict[str, Any]]] = [
    ("unknown_role", "permissions.open_case[0]", {"permissions.open_case[0]": "nobody"}),
    ("unknown_role", "lead_role", {"lead_role": "nobody"}),
    ("unknown_role", "reviews.phase_panel.seats[2].role", {"reviews.phase_panel.seats[2].role": "nobody"}),
    ("unknown_role", "silence.check_in.ladder[5].tell", {"silence.check_in.ladder[5].tell": "nobody"}),
    ("unknown_role_or_partner", "phases.intake.accountable[0]", {"phases.intake.accountable[0]": "nobody"}),
    ("unknown_phase", f"{_INTAKE}.to", {f"{_INTAKE}.to": "elsewhere"}),
    ("unknown_phase", "contact.elsewhere", {"contact.elsewhere": {"at": ["1 month"]}}),
    ("unknown_milestone", f"{_INTAKE}.gate.milestones[0]", {f"{_INTAKE}.gate.milestones[0]": "nothing"}),
    ("unknown_consent_scope", f"{_INTAKE}.gate.consent[0]", {f"{_INTAKE}.gate.consent[0]": "particpation"}),
    ("unknown_panel", f"{_INTAKE}.gate.review", {f"{_INTAKE}.gate.review": "nobody"}),
    ("unknown_evidence_kind", "milestones.livelihood.evidence[1]", {"milestones.livelihood.evidence[1]": "hearsay"}),
    ("unused", "evidence_kinds.hearsay", {"evidence_kinds.hearsay": {"title": "Hearsay", "source": "rumor"}}),
    ("unused", "roles.guest", {"roles.guest": {"title": "Guest"}}),
    ("command_without_role", "permissions", {"permissions.assign_lead": DROP}),
    ("command_without_role", "permissions.assign_lead", {"permissions.assign_lead": []}),
    ("system_command_permitted", "permissions.elapsed", {"permissions.elapsed": ["supervisor"]}),
    ("unknown_command", "permissions.close_case", {"permissions.close_case": ["supervisor"]}),
    ("unknown_need", "care.supports.mentoring.answers", {"care.supports.mentoring.answers": "obedience"}),
    ("unknown_role", "care.supports.mentoring.attest_by[0]", {"care.supports.mentoring.attest_by": ["nobody"]}),
    ("unknown_support", "care.entitlements.travel_pass.support", {"care.entitlements.travel_pass.support": "favor"}),
    ("unknown_certificate", "roles.lead_practitioner.certificates[0]", {"roles.lead_practitioner.certificates": ["first_aid"]}),
    ("certificate_without_effect", "roles.panel_chair.certificates", {"roles.panel_chair.certificates": ["cultural_humility"]}),
    ("certificate_unused", "certificates.first_aid", {"certificates.first_aid": {"title": "First aid"}}),
    ("certificate_before_duty", "certificates.first_aid.commands[0]", {"certificates.first_aid": {"title": "First aid", "commands": ["keep_check_in"]}}),
    ("caseload_overridden_by_lead", "over_caseload_by[0]", {"over_caseload_by": ["lead_practitioner"]}),
    ("caseload_without_override", "over_caseload_by", {"over_caseload_by": DROP}),
    ("unknown_role", "over_caseload_by[0]", {"over_caseload_by": ["nobody"]}),
    ("role_not_permitted", "over_caseload_by", {"over_caseload_by": ["panel_chair"]}),
    ("unknown_partner", "care.referrals.providers.sect", {"care.referrals.providers.sect": ["housing"]}),
    ("unknown_support", "care.referrals.providers.housing_office[0]", {"care.referrals.providers.housing_office": ["tent"]}),
    ("referral_without_consent", "care.referrals.providers.police", {"care.referrals.providers.police": ["housing"]}),
    ("unknown_provider", "care.referrals.without_consent[0]", {"care.referrals.without_consent": ["police"]}),
    ("unknown_purpose", "care.referrals.purpose", {"care.referrals.purpose": "gossip"}),
    ("need_without_support", "care.needs.music", {"care.needs.music": {"title": "Music"}}),
    (
        "attested_by_lead",
        "care.supports.mentoring.attest_by",
        {"care.supports.mentoring.attest_by": ["lead_practitioner"], "permissions.attest_session": ["intervention_provider", "lead_practitioner"]},
    ),
    ("unknown_role", "care.safety.respond_by[1]", {"care.safety.respond_by[1]": "nobody"}),
    ("duty_of_partner", "care.safety.respond_by[1]", {"care.safety.respond_by[1]": "police_liaison"}),
    ("role_not_permitted", "care.safety.respond_by", {"care.safety.respond_by[1]": "panel_chair"}),
    ("unknown_phase", "phases.closed.reentry_to[0]", {"phases.closed.reentry_to[0]": "elsewhere"}),
    ("no_way_back", "phases.closed", {"phases.closed.reentry_to": []}),
    ("reentry_without_exit", "phases.stabilization.reentry_to", {"phases.stabilization.reentry_to": ["intake"]}),
    ("reentry_into_exit", "phases.closed.reentry_to[0]", {"phases.closed.reentry_to": ["aftercare"]}),
    ("unknown_role", "care.setbacks.act_by[0]", {"care.setbacks.act_by[0]": "nobody"}),
    ("role_not_permitted", "care.setbacks.act_by", {"care.setbacks.act_by[0]": "panel_chair"}),
    ("unknown_phase", "care.safety.review_in.elsewhere", {"care.safety.review_in": {"elsewhere": "2 weeks"}}),
    ("called_review_late", "care.safety.review_within", {"care.safety.review_within": "3 weeks"}),
    ("gate_without_catalogue", "phases.normalization.transitions[0].gate", {"care": DROP}),
    ("unknown_phase", "care.assessment.every.holiday", {"care.assessment.every.holiday": "3 months"}),
    ("unknown_role", "care.assessment.correct_by[0]", {"care.assessment.correct_by": ["nobody"]}),
    ("role_not_permitted", "care.assessment.correct_by", {"care.assessment.correct_by": ["advocate"]}),
    ("items_as_domains", f"{_PROFILE}.domains", {f"{_PROFILE}.domains.item_1": {"title": "Wears the wrong shoes"}}),
    ("items_as_domains", f"{_PROFILE}.domains", {f"{_PROFILE}.domains": {f"factor_{c}": {"title": "A factor"} for c in "abcdefghijklm"}}),
    ("judgement_as_number", f"{_PROFILE}.judgements.high", {f"{_PROFILE}.judgements.high": {"title": "Risk level 4"}}),
    ("single_judgement", f"{_PROFILE}.judgements", {f"{_PROFILE}.judgements": {"bad": {"title": "It is bad"}}}),
    ("instruments_without_schedule", "care.assessment", {"care.assessment": DROP}),
    ("terminal_with_assessment", "care.assessment.every.closed", {"care.assessment.every.closed": "3 months"}),
    ("gate_without_instrument", f"{_INTAKE}.gate.assessed_within", {"care.instruments": {}}),
    ("gate_without_schedule", f"{_INTAKE}.gate.assessed_within", {"care.assessment.every.intake": DROP}),
    ("assessment_expires_before_decision", f"{_INTAKE}.gate.assessed_within", {f"{_INTAKE}.gate.assessed_within": "2 weeks"}),
    ("gate_without_concerns", "phases.aftercare.transitions[0].gate.concerns_closed", {"care.concerns": {}}),
    ("closes_over_concern", "phases.aftercare.transitions[0].gate", {"phases.aftercare.transitions[0].gate.concerns_closed": DROP}),
    ("concern_closed_by_lead", "permissions.close_concern", {"permissions.close_concern": ["lead_practitioner"]}),
    ("outcome_untrue", "silence.concern_response.outcome", {"silence.concern_response.outcome": "lapses"}),
    ("harmful_outcome", "silence.assessment_baseline.outcome", {"silence.assessment_baseline.outcome": "step_back"}),
    ("advance_asks_for_exit", f"{_INTAKE}.gate", {f"{_INTAKE}.gate.referrer_feedback": True}),
    ("link_needs_another", "permissions.confirm_link", {"permissions.confirm_link": ["program_director"], "roles.program_director.people": 1}),
    ("zero_term", "phases.intake.review_every", {"phases.intake.review_every": "0 days"}),
    ("zero_term", "silence.welfare_offer.due", {"silence.welfare_offer.due": "0 days"}),
    ("zero_term", "contact.intake.every.low", {"contact.intake.every.low": "0 days"}),
    ("zero_term", f"{_INTAKE}.gate.minimum_stay", {f"{_INTAKE}.gate.minimum_stay": "0 days"}),
    ("term_too_long", "phases.intake.expected", {"phases.intake.expected": "31 years"}),
    ("first_phase_terminal", "phases.intake", {"phases.intake.terminal": True}),
    ("no_terminal_phase", "phases", {"phases.closed.terminal": False}),
    ("unreachable_phase", "phases.stabilization", {_INTAKE: DROP}),
    ("no_way_out", "phases.aftercare", {"phases.aftercare.transitions": []}),
    ("transition_to_itself", f"{_INTAKE}.to", {f"{_INTAKE}.to": "intake"}),
    ("transition_twice", "phases.intake.transitions[1]", {f"{_INTAKE}.to": "closed"}),
    ("terminal_with_transitions", "phases.closed.transitions", {"phases.closed.transitions": [_EXIT]}),
    ("terminal_with_contact", "contact.closed", {"contact.closed": {"at": ["1 month"]}}),
    ("phase_without_contact", "phases.intake", {"contact.intake": DROP}),
    ("contact_not_ascending", "contact.intake.at", {"contact.intake": {"at": ["1 month", "1 month"]}}),
    ("contact_not_ascending", "contact.intake.at", {"contact.intake": {"at": []}}),
    ("contact_not_ascending", f"{_FOLLOWED}.aftercare", {f"{_FOLLOWED}.aftercare[1]": "1 month"}),
    ("asked_twice", "contact.aftercare.at", {"contact.aftercare": {"at": ["1 month"]}}),
    ("terminal_with_contact", f"{_FOLLOWED}.closed", {f"{_FOLLOWED}.closed": ["1 month"]}),
    ("unknown_phase", f"{_FOLLOWED}.elsewhere", {f"{_FOLLOWED}.elsewhere": ["1 month"]}),
    ("gate_without_follow_ups", f"{_INTAKE}.gate", {f"{_INTAKE}.gate.follow_ups_settled": True}),
    ("follow_ups_passed_over", "phases.aftercare.transitions[0].gate", {"phases.aftercare.transitions[0].gate.follow_ups_settled": False}),
    ("stay_shorter_than_follow_ups", "phases.aftercare.transitions[0].gate", {"phases.aftercare.transitions[0].gate.minimum_stay": "11 months"}),
    ("unknown_consent_scope", "care.network.participant_scope", {"care.network.participant_scope": "gossip"}),
    ("unknown_role", f"{_KIN}[0]", {_KIN: ["nobody"]}),
    ("attested_by_lead", _KIN, {_KIN: ["lead_practitioner"]}),
    ("family_goals_without_consent", "rests_on", {"rests_on.family_goal_review": DROP}),
    ("unreached_unprovable", "care.follow_up", {"care.follow_up.attempts": 2}),
    ("unreached_unprovable", "care.follow_up", {"care.follow_up.over_channels": 6, "care.follow_up.attempts": 9}),
    ("unreached_judged_by_lead", "permissions.judge_unreached", {"permissions.judge_unreached": ["lead_practitioner"]}),
    ("phase_without_review", "phases.intake", {"phases.intake.review_every": DROP}),
    ("phase_without_length", "phases.intake", {"phases.intake.expected": DROP}),
    ("phase_without_length", "phases.aftercare", {"phases.aftercare.expected": DROP}),
    ("nobody_accountable", "phases.intake", {"phases.intake.accountable": []}),
    ("review_gap_too_long", "phases.stabilization.review_every", {"phases.stabilization.review_every": "5 weeks"}),
    (
        "stay_longer_than_expected", "phases.normalization.transitions[0].gate.minimum_stay",
        {"phases.normalization.expected": "5 months"},
    ),
    ("consent_scope_missing", "consent_scopes", {"consent_scopes": {"sharing": {"title": "Sharing"}}}),
    ("too_few_sources", "milestones.livelihood.evidence", {"milestones.livelihood.evidence": ["self_report", "pledge"]}),
    (
        "too_few_sources", "milestones.safe_housing.evidence",
        {"milestones.safe_housing.evidence": ["home_visit", "contact_record", "practitioner_assessment"]},
    ),
    ("single_source", "milestones.livelihood.independent_sources", {"milestones.livelihood.independent_sources": 1}),
    ("role_not_permitted", "milestones.livelihood.claim_by", {"milestones.livelihood.claim_by[1]": "advocate"}),
    ("role_not_permitted", "reviews.phase_panel.seats", {"permissions.approve_review[0]": "panel_member"}),
    ("role_not_permitted", "reviews.phase_panel.request_by", {"reviews.phase_panel.request_by[0]": "advocate"}),
    ("nobody_may_verify", "milestones.safety_plan.verify_by", {"milestones.safety_plan.verify_by": ["advocate"]}),
    ("nobody_may_verify", "milestones.safety_plan.verify_by", _ALONE),
    ("expires_before_decision", "milestones.safety_plan.valid_for", {"milestones.safety_plan.valid_for": "4 weeks"}),
    ("panel_cannot_sit", "reviews.phase_panel.quorum", {"roles.panel_member.people": 1}),
    ("more_than_seats", "reviews.phase_panel.quorum", {"reviews.phase_panel.quorum": 6}),
    ("more_than_seats", "reviews.phase_panel.approve_with", {"reviews.phase_panel.approve_with": 6}),
    ("more_than_seats", "reviews.phase_panel.reject_with", {"reviews.phase_panel.reject_with": 6}),
    ("more_than_seats", "reviews.phase_panel.organizations", {"reviews.phase_panel.organizations": 6}),
    ("role_seated_twice", "reviews.phase_panel.seats", {"reviews.phase_panel.seats": _SEATS_TWICE}),
    ("must_include_without_seat", "reviews.phase_panel.must_include[0]", {"reviews.phase_panel.must_include[0]": "advocate"}),
    ("both_outcomes", "reviews.phase_panel.approve_with", {"reviews.phase_panel.approve_with": 1}),
    ("minority_approves", "reviews.phase_panel.approve_with", {"reviews.phase_panel.approve_with": 2}),
    ("no_outcome", "reviews.phase_panel.reject_with", {"reviews.phase_panel.reject_with": 4}),
    ("panel_not_independent", f"{_INTAKE}.gate", _JUDGES_OWN_WORK),
    ("no_community_voice", "reviews.exit_panel.seats", {"roles.community_member.community": False}),
    ("no_silence_rule", "silence", {"silence.welfare_offer": DROP}),
    ("unknown_obligation", "silence.tea", {"silence.tea": {
        "owner": "supervisor", "due": "1 day", "ladder": _OWNER_ONLY, "repeat_every": "1 week", "outcome": "stays_open"}}),
    ("due_by_schedule", "silence.check_in.due", {"silence.check_in.due": "3 days"}),
    ("due_needs_term", "silence.welfare_offer.due", {"silence.welfare_offer.due": "by_schedule"}),
    ("owner_may_not_act", "silence.welfare_offer.owner", {"silence.welfare_offer.owner": "program_director"}),
    ("ladder_ends_before_due", "silence.check_in.ladder", {"silence.check_in.ladder": _TOO_EARLY}),
    ("ladder_ends_with_owner", "silence.check_in.ladder", {"silence.check_in.ladder": _OWNER_ONLY}),
    ("ladder_goes_quiet", "silence.check_in", {"silence.check_in.repeat_every": DROP}),
    ("unknown_outcome", "silence.check_in.outcome", {"silence.check_in.outcome": "stays_opn"}),
    *(
        ("harmful_outcome", "silence.review_decision.outcome", {"silence.review_decision.outcome": outcome})
        for outcome in ADVERSE_OUTCOMES
    ),
    ("outcome_untrue", "silence.sharing_renewal.outcome", {"silence.sharing_renewal.outcome": "stays_open"}),
    ("outcome_untrue", "silence.hold_end.outcome", {"silence.hold_end.outcome": "lapses"}),
    ("unknown_partner", "consent_scopes.share.partners[0]", {"consent_scopes.share.partners[0]": "nobody"}),
    ("unknown_consent_scope", f"{_INTAKE}.gate.consent[0]", {f"{_INTAKE}.gate.consent[0]": "share"}),
    ("partner_scope_not_sharing", "consent_scopes.share.shares", {"consent_scopes.share.shares": False}),
    ("sharing_without_end", "consent_scopes.family_contact", {"consent_scopes.family_contact.lasts": DROP}),
    ("support_ends_in_silence", "consent_scopes.participation", {"consent_scopes.participation.shares": True}),
    ("asked_again_at_once", "consent_scopes.family_contact.ask_again", {"consent_scopes.family_contact.ask_again": "6 months"}),
    ("right_rests_on_consent", "rests_on.welfare_offer", {"rests_on.welfare_offer": "participation"}),
    ("unknown_obligation", "rests_on.tea", {"rests_on.tea": "participation"}),
    ("unknown_consent_scope", "rests_on.check_in", {"rests_on.check_in": "share"}),
    ("unknown_lawful_basis", "lawful_basis.otherwise", {"lawful_basis.otherwise": "consent"}),
    *(
        ("hold_stops_right", "holds.hospital.stops[0]", {"holds.hospital.stops[0]": kind})
        for kind in sorted(VOCABULARY.obligations.keys() - VOCABULARY.pausable)
    ),
    ("unknown_obligation", "holds.hospital.stops[0]", {"holds.hospital.stops[0]": "tea"}),
    (
        "hold_without_approver", "permissions.approve_hold",
        {"permissions.approve_hold": ["program_director"], "permissions.hold_case": ["program_director"]},
    ),
    *(
        ("extension_of_right", f"extensions.{kind}", {f"extensions.{kind}": "1 week"})
        for kind in sorted(VOCABULARY.obligations.keys() - VOCABULARY.extendable)
    ),
    (
        "extension_without_approver", "permissions.approve_extension",
        {"permissions.approve_extension": ["program_director"], "permissions.request_extension": ["program_director"]},
    ),
    ("partner_reads", "permissions.review_progress", {"permissions.review_progress": ["supervisor", "police_liaison"]}),
    ("partner_reads", "reviews.phase_panel.seats", {"reviews.phase_panel.seats[1].role": "police_liaison"}),
    ("partner_reads", "silence.check_in.ladder", {"silence.check_in.ladder[5].tell": "police_liaison"}),
    ("partner_reads", "reading.supervision.roles", {"reading.supervision.roles": ["supervisor", "police_liaison"]}),
    ("decides_unread", "reviews.phase_panel.seats", {"reading.decision.roles": ["panel_chair", "panel_member"]}),
    ("partner_reads", "silence.check_in.owner", {"silence.check_in.owner": "clinician"}),
    ("partner_reads", "lead_role", {"lead_role": "housing_officer"}),
    ("partner_reads", "retention.officer", {"retention.officer": "police_liaison"}),
    ("unknown_partner", "roles.clinician.partner", {"roles.clinician.partner": "clinic"}),
    ("unknown_partner", "agreements.housing_2026.parties[0]", {"agreements.housing_2026.parties[0]": "housing"}),
    ("unknown_partner", f"{_WARN}.partners[0]", {f"{_WARN}.partners[0]": "polise"}),
    ("unknown_purpose", "agreements.housing_2026", {"agreements.housing_2026.purposes[0]": "curiosity"}),
    ("unknown_field", _WARN, {f"{_WARN}.fields[0]": "everything"}),
    ("agreement_ends_before_it_begins", "agreements.housing_2026.ends", {"agreements.housing_2026.ends": "2025-12-31"}),
    ("agreement_over", "agreements.housing_2026.ends", {"agreements.housing_2026.ends": "2026-05-31"}),
    ("agreement_without_consent", "agreements.housing_2026.parties", {"agreements.housing_2026.parties[0]": "police"}),
    ("nobody_receives", _WARN, {"roles.police_liaison": DROP}),
    ("unused", "roles.police_liaison", {"roles.police_liaison.partner": "family_support"}),
    ("nobody_else_may_approve", "permissions.approve_erasure", _OFFICER_ALONE),
    ("no_retention", "retention", {"retention": DROP}),
    ("unknown_role", "retention.officer", {"retention.officer": "nobody"}),
    ("unknown_outcome", "retention.classes.whole_case.outcomes", {"retention.classes.whole_case.outcomes[0]": "success"}),
    ("not_one_class", "retention.outcomes.completed", {"retention.classes.whole_case.outcomes": ["left_early"]}),
    ("not_one_class", "retention.outcomes.unfounded", {"retention.classes.unfounded.ages": ["child", "adult"]}),
    ("child_kept_as_adult", "retention.outcomes.unfounded", {"retention.classes.unfounded_child.keep": "3 months"}),
    ("officer_not_told", "silence.retention_review.ladder", {"silence.retention_review.ladder[2].tell": "program_director"}),
    ("answer_too_late", "silence.access_request.due", {"silence.access_request.due": "2 months"}),
    ("outcome_untrue", "silence.retention_review.outcome", {"silence.retention_review.outcome": "stays_open"}),
    ("outcome_untrue", "silence.legal_hold.outcome", {"silence.legal_hold.outcome": "stays_open"}),
    ("unknown_phase", "phases.aftercare.step_back_to[0]", {"phases.aftercare.step_back_to[0]": "elsewhere"}),
    ("unknown_role", "due_process.decide_by[0]", {"due_process.decide_by[0]": "nobody"}),
    ("unknown_role", "due_process.danger_by[0]", {"due_process.danger_by[0]": "nobody"}),
    ("unknown_legal_basis", "due_process.measures.curfew.legal_bases[0]", {"due_process.measures.curfew.legal_bases[0]": "habit"}),
    ("no_kind_of_measure", "due_process.measures", {"due_process.measures": {}}),
    ("danger_needs_two", "due_process.danger_by", {"due_process.danger_by": ["program_director"]}),
    ("role_not_permitted", "due_process.danger_by", {"due_process.danger_by[0]": "advocate"}),
    ("end_without_warning", "silence.measure_expiry.ladder", {"silence.measure_expiry.ladder": [{"after": "0 days", "tell": "supervisor", "action": "measure_lapsed"}]}),
    ("outcome_untrue", "silence.measure_expiry.outcome", {"silence.measure_expiry.outcome": "stays_open"}),
    ("outcome_untrue", "silence.appeal_decision.outcome", {"silence.appeal_decision.outcome": "stays_open"}),
    ("no_due_process", "due_process", {"due_process": DROP}),
    ("role_not_permitted", "due_process.decide_by", {"due_process.decide_by[0]": "advocate"}),
    ("role_not_permitted", "due_process.appeal_by", {"due_process.appeal_by[0]": "advocate"}),
    ("too_few_deciders", "due_process.deciders", {"due_process.deciders": 12}),
    ("too_few_deciders", "due_process.appeal_deciders", {"due_process.appeal_deciders": 13}),
    ("appeal_not_independent", "due_process.appeal_by", {"due_process.deciders": 10}),
    ("panel_not_held_again", "reviews.phase_panel.seats", {"roles.panel_chair.people": 1}),
    ("no_legal_basis", "due_process.acts.exit_for_cause", {"due_process.legal_bases": {}}),
    ("step_back_forward", "phases.intake.step_back_to[0]", {"phases.intake.step_back_to": ["stabilization"]}),
    ("terminal_with_step_back", "phases.closed.step_back_to", {"phases.closed.step_back_to": ["intake"]}),
    ("step_back_not_provided_for", "phases.aftercare.step_back_to", {"due_process.acts.step_back": DROP}),
    ("holidays_out_of_order", "calendar.holidays[1]", {"calendar.holidays[1]": "2026-01-01"}),
    ("no_holidays", "calendar.holidays", {"calendar.holidays": []}),
    ("year_without_holidays", "calendar.holidays", {"calendar.holidays": ["2026-01-01", "2028-01-01"]}),
    ("holidays_run_out", "calendar.holidays", {"calendar.holidays": ["2026-01-01", "2027-01-01"]}),
]  # fmt: skip


def findings(changes: dict[str, Any]) -> list[Finding]:
    return check(changed(changes), VOCABULARY, today=TODAY)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_definition_has_no_finding(path: Any) -> None:
    """Every definition that ships holds every property, warnings included."""
    assert check(load_program(path.read_text(encoding="utf-8")), VOCABULARY, today=TODAY) == []


@pytest.mark.parametrize(("code", "path", "changes"), CASES, ids=[f"{code}-{path}" for code, path, _ in CASES])
def test_one_change_gives_the_finding_at_its_place(code: str, path: str, changes: dict[str, Any]) -> None:
    """Each way in which a definition can fail is found, at its path in the file, with why it matters and a cure."""
    found = [finding for finding in findings(changes) if (finding.code, finding.path) == (code, path)]

    assert found, [(finding.code, finding.path) for finding in findings(changes)]
    assert all(finding.why and finding.cure for finding in found)


def test_every_finding_of_the_check_has_its_case() -> None:
    """No finding is without a definition here that brings it about."""
    codes = set()
    for path in (ROOT / "workflows" / "program" / "check").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding":
                codes |= {node.args[1].value} if isinstance(node.args[1], ast.Constant) else set()
    tested = {code for code, _, _ in CASES}

    assert {code for code in tested if not code.startswith("unknown_")} | {"unknown_outcome"} == codes


def test_a_partner_to_whom_the_program_refers_is_used() -> None:
    """What the care part names counts as named: nobody is told to remove a partner, or a role, that a referral or a session needs."""
    changes = {
        "partners.food_bank": {"title": "Food bank"}, "care.referrals.providers.food_bank": ["housing"],
        "care.referrals.without_consent": ["food_bank"],
    }  # fmt: skip

    assert findings(changes) == []


def test_errors_come_before_warnings() -> None:
    """What forbids publishing is read first."""
    found = findings({"calendar.holidays": [], "phases.intake.accountable": []})

    assert [finding.severity for finding in found] == ["error", "warning"]


def test_a_phase_may_say_why_it_has_no_contact() -> None:
    """A phase without check-ins is accepted where the definition says why."""
    changes = {"contact.intake": DROP, "phases.intake.no_contact_because": "Contact is with the referrer only."}

    assert findings(changes) == []


@pytest.mark.parametrize("outcome", [*PROTECTIVE_OUTCOMES])
def test_every_protective_outcome_is_accepted(outcome: str) -> None:
    """The whole vocabulary of what silence may do can be used."""
    assert findings({"silence.notice_delivery.outcome": outcome}) == []


def test_an_outcome_that_ends_the_matter_needs_no_repetition() -> None:
    """Where silence ends what was owed, nobody has to be told again."""
    assert findings({"silence.notice_delivery.outcome": "lapses", "silence.notice_delivery.repeat_every": DROP}) == []


@pytest.mark.parametrize(
    ("chairs", "found"), [(1, ["panel_not_independent", "panel_not_held_again", "panel_not_held_again"]), (2, [])]
)
def test_independence_is_computed_with_people(chairs: int, found: list[str]) -> None:
    """A chair who verified may not vote: with one chair the panel cannot sit, with a second one it can."""
    changes = {**_JUDGES_OWN_WORK, "roles.panel_chair.people": chairs}

    assert [finding.code for finding in findings(changes)] == found


@pytest.mark.parametrize(("members", "found"), [(2, True), (3, True), (4, False)])
def test_two_people_of_a_seated_role_are_needed_where_it_claims_and_verifies(members: int, found: bool) -> None:
    """Where only panel members may claim and verify, two of them are out of the vote, and the check counts both."""
    changes = {
        "roles.panel_member.people": members,
        "milestones.safety_plan.claim_by": ["panel_member"],
        "milestones.safety_plan.verify_by": ["panel_member"],
        "permissions.claim_milestone": ["lead_practitioner", "intervention_provider", "panel_member"],
    }
    paths = {
        finding.path for finding in findings(changes) if finding.code in {"panel_not_independent", "panel_cannot_sit"}
    }

    assert (f"{_INTAKE}.gate" in paths) == found


def test_findings_do_not_depend_on_references_that_resolve() -> None:
    """A definition full of unknown names is told so, and nothing else breaks on the way."""
    found = findings({
        "lead_role": "a", "reviews.phase_panel.seats[0].role": "b", "milestones.livelihood.verify_by": ["c"], f"{_INTAKE}.to": "d",
        f"{_INTAKE}.gate.review": "e", f"{_INTAKE}.gate.milestones": ["f"], "silence.check_in.owner": "g", "contact.h": {"at": ["1 day"]},
    })  # fmt: skip

    assert {"unknown_role", "unknown_phase", "unknown_panel", "unknown_milestone"} <= {
        finding.code for finding in found
    }
