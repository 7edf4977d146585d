"""The words of a case: every command that it answers, and the kinds of obligation that its rooms open.

A new room adds its commands to the union here, its events to `state.py`, and its kinds of obligation to the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from workflows.case import (
    access,
    adverse,
    age,
    appeal,
    assessment_form,
    celebration,
    concern,
    consent,
    contact_form,
    custody_form,
    danger,
    disclosure,
    extension,
    follow_up_form,
    hold,
    lawful_basis,
    legal_hold,
    link,
    measure_form,
    milestone,
    network_form,
    notice,
    objection,
    partner,
    phase,
    referral_form,
    referrer,
    relative_support,
    retention,
    review,
    run,
    safety_form,
    service,
    setback_form,
    support_form,
)
from workflows.core.envelope import MAX_COMMAND_BYTES
from workflows.core.kinds import CLOCK, ENGINE, Command
from workflows.core.refusal import Refused
from workflows.core.strict_json import MOST_LEVELS
from workflows.program.vocabulary import Vocabulary


class Elapsed(Command):
    """Time passed: everything that fell due by now takes its course. Sent by the clock only."""

    type: Literal["elapsed"] = "elapsed"


CaseCommand = (
    phase.OpenCase | phase.Reenter | phase.ReviewProgress | milestone.MilestoneCommand | review.ReviewCommand | contact_form.ContactCommand
    | consent.ConsentCommand | age.RecordComingOfAgeDue | custody_form.CustodyCommand | hold.HoldCommand | extension.ExtensionCommand
     | lawful_basis.RecordLawfulBasis | partner.PartnerCommand
    | disclosure.DisclosureCommand | access.AccessCommand | legal_hold.HoldCommand | retention.RetentionCommand
    | adverse.AdverseCommand | appeal.AppealCommand | objection.ObjectionCommand | service.RecordService | measure_form.MeasureCommand | danger.DangerCommand
    | link.LinkCommand | support_form.SupportCommand | referral_form.ReferralCommand | referrer.RecordReferrerFeedback | celebration.CelebrationCommand
    | assessment_form.AssessmentCommand | concern.ConcernCommand | safety_form.SafetyCommand | setback_form.SetbackCommand | follow_up_form.FollowUpCommand
    | network_form.NetworkCommand | relative_support.RelativeSupportCommand
    | notice.NoticeCommand | run.KeepRun | Elapsed
)  # fmt: skip
_COMMAND: TypeAdapter[CaseCommand] = TypeAdapter(Annotated[CaseCommand, Field(discriminator="type")])
_ALL: tuple[type[Command], ...] = get_args(CaseCommand)
SENT_BY: dict[type[Command], str] = {Elapsed: CLOCK, notice.RecordDelivery: ENGINE, run.KeepRun: ENGINE}
COMMANDS: dict[str, type[Command]] = {kind.model_fields["type"].default: kind for kind in _ALL if kind not in SENT_BY}
"""Stored type → command, for every command that a person may send."""
STORED_TYPES = frozenset(kind.model_fields["type"].default for kind in _ALL)
"""Every type by which an entry of a case may be stored."""
OBLIGATIONS: dict[str, bool] = {
    "check_in": True, "milestone_verification": False, "milestone_renewal": True, "review_decision": False, "progress_review": True,
    "phase_overstay": True, "consent_request": False, "welfare_offer": False, "notice_delivery": False,
    "consent_renewal": True, "sharing_renewal": True, "hold_approval": False, "hold_end": True, "lawful_basis_review": True,
    "disclosure_decision": False, "tell_of_disclosure": False, "tell_recipient": False, "access_request": False, "legal_hold": True,
    "retention_review": True, "erasure_decision": False,
    "notice_service": False, "adverse_decision": False, "appeal_decision": False, "adverse_effect": False,
    "measure_expiry": True, "measure_review": True, "danger_end": True, "support_start": True, "support_session": True, "celebration": False,
    "extension_decision": False, "objection_decision": False, "possible_link": False,
    "coming_of_age_date": False, "coming_of_age": True, "own_consent": False,
    "handover_acceptance": False, "absence_end": True, "lead_succession": True, "certificate_renewal": True, "follow_up": True,
    "assessment_baseline": False, "assessment_renewal": True, "reassessment": False, "concern_response": True, "concern_closure": False,
    "relative_consent_renewal": True, "family_goal_review": True, "relative_support_offer": False, "relative_session": True,
    "tell_provider": False, "need_answer": False, "referral_reply": False, "referral_progress": False, "referral_outcome": True, "referral_alternative": False, "circular_precondition": False,
    "safety_plan": False, "safety_plan_review": True, "safety_response": False,
    "learning_review": False, "learning_action": True,
}  # fmt: skip
"""Kind of obligation → whether it is due by a schedule of the definition (else by the silence table's own term)."""
MET_BY: dict[str, frozenset[str]] = {
    "check_in": frozenset({"keep_check_in"}), "milestone_verification": frozenset({"verify_milestone", "return_claim"}),
    "milestone_renewal": frozenset({"claim_milestone"}), "review_decision": frozenset({"approve_review", "reject_review"}),
    "progress_review": frozenset({"review_progress"}), "phase_overstay": frozenset({"request_review"}),
    "consent_request": frozenset({"give_consent", "decline_consent"}), "welfare_offer": frozenset({"make_welfare_offer"}),
    "notice_delivery": frozenset({"confirm_notice"}),
    "consent_renewal": frozenset({"give_consent"}), "sharing_renewal": frozenset({"give_consent"}),
    "coming_of_age_date": frozenset({"record_coming_of_age_due"}), "coming_of_age": frozenset({"record_coming_of_age_due"}),
    "own_consent": frozenset({"give_consent", "withdraw_consent"}),
    "hold_approval": frozenset({"approve_hold", "end_hold"}), "hold_end": frozenset({"end_hold"}),
    "lawful_basis_review": frozenset({"record_lawful_basis"}),
    "disclosure_decision": frozenset({"approve_disclosure", "decline_disclosure"}), "tell_of_disclosure": frozenset({"record_told"}),
    "tell_recipient": frozenset({"record_recipient_told"}), "access_request": frozenset({"answer_access"}),
    "legal_hold": frozenset({"lift_legal_hold", "place_legal_hold"}), "retention_review": frozenset({"review_retention", "request_erasure"}),
    "erasure_decision": frozenset({"approve_erasure", "decline_erasure"}),
    "notice_service": frozenset({"record_service"}), "adverse_decision": frozenset({"decide_adverse_act"}),
    "appeal_decision": frozenset({"decide_appeal"}), "adverse_effect": frozenset({"carry_out_adverse_act"}),
    "measure_expiry": frozenset({"renew_measure", "end_measure"}), "measure_review": frozenset({"review_measure", "end_measure"}),
    "danger_end": frozenset({"propose_measure", "end_danger"}),
    "objection_decision": frozenset({"decide_objection"}),
    "possible_link": frozenset({"confirm_link", "reject_link"}),
    "handover_acceptance": frozenset({"accept_handover", "decline_handover", "assign_lead"}), "absence_end": frozenset({"end_absence"}),
    "lead_succession": frozenset({"assign_lead", "accept_handover", "begin_absence", "end_absence", "confirm_lead"}),
    "certificate_renewal": frozenset({"confirm_lead"}),
    "extension_decision": frozenset({"approve_extension", "decline_extension"}),
    "support_start": frozenset({"begin_support"}), "support_session": frozenset({"attest_session"}),
    "tell_provider": frozenset({"record_provider_told"}), "need_answer": frozenset({"plan_support", "request_referral", "close_need"}),
    "referral_reply": frozenset({"accept_referral", "reject_referral"}),
    "referral_progress": frozenset({"begin_referral", "complete_referral", "fail_referral"}),
    "referral_outcome": frozenset({"complete_referral", "fail_referral"}),
    "referral_alternative": frozenset({"request_referral", "rule_out_alternative", "accept_referral"}),
    "circular_precondition": frozenset({"break_circle"}),
    "celebration": frozenset({"record_celebration", "set_celebration"}),
    **dict.fromkeys(("assessment_baseline", "assessment_renewal", "reassessment"), frozenset({"record_assessment"})),
    "concern_response": frozenset({"answer_concern"}), "concern_closure": frozenset({"close_concern"}),
    "relative_consent_renewal": frozenset({"give_relative_consent"}), "family_goal_review": frozenset({"review_family_goal"}),
    "relative_support_offer": frozenset({"offer_relative_support"}), "relative_session": frozenset({"attest_relative_session"}),
    "follow_up": frozenset({"record_follow_up", "decline_follow_up", "judge_unreached"}),
    "safety_plan": frozenset({"plan_safety"}), "safety_plan_review": frozenset({"review_safety_plan"}),
    "safety_response": frozenset({"record_safety_response"}),
    "learning_review": frozenset({"record_learning"}), "learning_action": frozenset({"close_learning_action"}),
}  # fmt: skip
"""Kind of obligation → commands that fulfill it."""
PAUSABLE = frozenset({
    "check_in", "milestone_renewal", "progress_review", "phase_overstay", "assessment_baseline", "assessment_renewal",
})  # fmt: skip
"""The only kinds whose clocks a hold may stop: each of the others protects the participant, or is a step of due process."""
EXTENDABLE = extension.WINDOWS | {"milestone_verification", "review_decision", "phase_overstay", "consent_request"}
"""The only clocks that may be given more time: the participant's own, and those of staff whose work may take longer. Each of the others protects the
participant, ends what restricts them, or is what another promise is counted by (a review of progress, a milestone's validity)."""
VOLUNTARY = frozenset({
    "check_in",
    "follow_up",
    "family_goal_review",
    "assessment_baseline",
    "assessment_renewal",
    "reassessment",
})
"""The only kinds that may rest on consent, since they seek the person or look at them: each of the others is owed to the participant, or by law,
whatever they consent to."""
GATEABLE = frozenset({"propose_adverse_act", "propose_measure", "request_disclosure", "hold_case", "classify_absence"})
"""The only commands that a certificate may gate: each of the others may be owed to the participant, or is their right, or ends what restricts them."""
OUTCOMES: dict[str, frozenset[str]] = {
    "consent_renewal": frozenset({"asks_again", "stays_open"}), "sharing_renewal": frozenset({"sharing_stops"}),
    "coming_of_age": frozenset({"own_consent_asked"}), "own_consent": frozenset({"guarded_sharing_stops"}),
    "hold_end": frozenset({"resumes"}), "handover_acceptance": frozenset({"sender_stays_owner"}), "absence_end": frozenset({"deputy_stays"}),
    "lead_succession": frozenset({"supervisor_takes_over"}),
    "adverse_decision": frozenset({"lapses"}), "adverse_effect": frozenset({"lapses"}), "appeal_decision": frozenset({"effect_suspended"}),
    "measure_expiry": frozenset({"lapses"}), "measure_review": frozenset({"lapses"}), "danger_end": frozenset({"lapses"}),
    "referral_reply": frozenset({"returns_to_owner"}),
    "legal_hold": frozenset({"lapses"}), "retention_review": frozenset({"sealed"}), "follow_up": frozenset({"stays_open"}),
    **dict.fromkeys(
        ("assessment_baseline", "assessment_renewal", "reassessment", "concern_response", "concern_closure"), frozenset({"stays_open"})
    ),
    "relative_consent_renewal": frozenset({"sharing_stops"}), "family_goal_review": frozenset({"stays_open"}),
    "relative_support_offer": frozenset({"stays_open"}), "relative_session": frozenset({"stays_open"}),
}  # fmt: skip
"""Kind of obligation → the outcomes that say truly what its room does when nobody acts, where its room does something."""
VOCABULARY = Vocabulary(
    commands=frozenset(COMMANDS), obligations=OBLIGATIONS, scopes=frozenset({consent.PARTICIPATION}), met_by=MET_BY,
    pausable=PAUSABLE, extendable=EXTENDABLE, voluntary=VOLUNTARY, gateable=GATEABLE, outcomes=OUTCOMES,
)  # fmt: skip
UNREADABLE = "unreadable_command"
"""Type of what stands in place of a command that could not be opened on its way through Temporal; it is refused, on record."""
NOT_SEALED, OF_ANOTHER_CASE, NO_KEY = "not_sealed", "of_another_case", "no_key_opens_it"
"""Why it could not be opened."""
MOST_KEYS = 200
_LONGEST_CAUSE = 200
_CALLED: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number"}
_FIELD = re.compile(r"[a-z0-9_]{1,64}")


def parse_command(raw: Mapping[str, JsonValue]) -> CaseCommand:
    """The command in `raw`.

    Raises:
        Refused: `malformed_command`, naming the field and what is allowed, never the value that was sent; `unreadable_command`.
    """
    if stands_in(raw):
        raise Refused(
            "unreadable_command",
            "what was sent was not sealed under the key of this case, was sealed for another one, or was changed on its way",
            "send commands with 'offramp', or with a client of the same data converter; if nobody did, somebody else has access to Temporal",
        )
    if not is_bounded(raw):
        raise Refused(
            "malformed_command",
            f"a command has at most {MOST_KEYS} fields in all, {MOST_LEVELS} levels and {MAX_COMMAND_BYTES} letters",
            "what is long is text, and belongs in a note",
        )
    try:
        command = _COMMAND.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # A field that does not exist was named by the sender, perhaps in words that belong in the vault.
        where = ".".join(str(p) if _FIELD.fullmatch(str(p)) else "(a field)" for p in first["loc"]) or "type"
        cause = str(first["msg"])[:_LONGEST_CAUSE] if first["type"] != "union_tag_invalid" else "no such command"
        raise Refused(
            "malformed_command",
            f"{where}: {cause}",
            "'offramp case do --help' lists the commands and their fields",
        ) from None
    _require_as_sent(dict(raw), command.model_dump(mode="json", exclude_unset=True), ())
    return command


def stands_in(raw: Mapping[str, JsonValue]) -> bool:
    """Whether it stands in place of a command that could not be opened, and says nothing but why."""
    return (
        raw.keys() == {"type", "why"}
        and raw["type"] == UNREADABLE
        and raw["why"] in {NOT_SEALED, OF_ANOTHER_CASE, NO_KEY}
    )


def is_bounded(raw: Mapping[str, JsonValue]) -> bool:
    """Whether it is as small and as shallow as a command is; whatever is not is neither looked into nor recorded."""
    level: list[JsonValue] = [dict(raw)]
    keys = letters = 0
    for _ in range(MOST_LEVELS):
        below: list[JsonValue] = []
        for one in level:
            if isinstance(one, dict):
                keys += len(one)
                letters += sum(map(len, one))
                below.extend(one.values())
            elif isinstance(one, list):
                below.extend(one)
            elif isinstance(one, str):
                letters += len(one)
            elif isinstance(one, int):
                letters += one.bit_length() // 3
        if keys > MOST_KEYS or letters > MAX_COMMAND_BYTES or len(below) > MAX_COMMAND_BYTES:
            return False
        if not below:
            return True
        level = below
    return False


def recordable(raw: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """What a refusal keeps of the command: all of it, unless it is larger than a command can be."""
    return raw if is_bounded(raw) else {"type": str(raw.get("type"))[:64]}


def _require_as_sent(sent: JsonValue, taken: JsonValue, path: tuple[str, ...]) -> None:
    """What was sent as true is no number, and what was sent as text is neither: nobody's vote is counted for review 1 because they wrote true."""
    if isinstance(taken, dict) and isinstance(sent, dict):
        for name, value in taken.items():
            _require_as_sent(sent.get(name), value, (*path, name))
    elif isinstance(taken, list) and isinstance(sent, (list, tuple)):
        for number, value in enumerate(taken):
            _require_as_sent(sent[number], value, (*path, str(number)))
    elif isinstance(taken, (int, float)) and type(sent) is not type(taken):
        where = ".".join(name if _FIELD.fullmatch(name) else "(a field)" for name in path)
        raise Refused(
            "malformed_command",
            f"{where}: write {_CALLED[type(taken)]}, without quotes",
            "'offramp case do --help' lists the commands and their fields",
        )


def well_formed(raw: Mapping[str, JsonValue]) -> CaseCommand | None:
    """The command in `raw`, for whoever has to look something up before it is answered; None if it is none, which the answer then says."""
    try:
        return parse_command(raw)
    except Refused:
        return None
