"""What is stored once is readable for ever: names of types never change, and every shape ever stored has a sample."""

import json
from datetime import UTC, datetime
from pathlib import Path

from workflows.case.commands import COMMANDS
from workflows.case.state import Case, dump_events, evolve, parse_events

SAMPLES = (Path(__file__).parent / "stored_events.jsonl").read_text(encoding="utf-8").splitlines()
"""One stored event a line, as it was written. Lines are only ever added; a line that no longer parses is a broken promise."""
STREAM = "case/00000000-0000-0000-0000-000000000000"


def stored_types() -> set[str]:
    """Every stored type that this version reads, as its own error message lists them."""
    try:
        parse_events('[{"type": "?"}]')
    except ValueError as error:
        return {part.strip("' ") for part in str(error).split("expected tags: ")[1].split(" [type=")[0].split(",")}
    raise AssertionError


def test_every_stored_event_is_still_read() -> None:
    """A sample of every event, as it was once stored, is read, and written again without a loss."""
    for line in SAMPLES:
        (event,) = parse_events(f"[{line}]")
        (again,) = json.loads(dump_events((event,)))

        assert json.loads(line).items() <= again.items()


def test_no_event_changes_what_every_case_begins_with() -> None:
    """All cases share the rooms in which they begin: whatever happens in one is seen in no other."""
    fresh = Case(stream=STREAM).model_dump_json()
    case = Case(stream=STREAM)
    for line in SAMPLES:
        case = evolve(case, parse_events(f"[{line}]"), datetime(2026, 1, 1, tzinfo=UTC))

    assert case.model_dump_json() != fresh
    assert Case(stream=STREAM).model_dump_json() == fresh


def test_every_event_has_a_stored_sample() -> None:
    """No event is added without a sample of how it is stored, and none is taken away."""
    assert {json.loads(line)["type"] for line in SAMPLES} == stored_types()


def test_an_event_is_named_after_its_type() -> None:
    """An event's class is its stored type, so that a reader of the ledger finds the rule that wrote it."""
    for line in SAMPLES:
        (event,) = parse_events(f"[{line}]")
        name = "".join(word.capitalize() for word in json.loads(line)["type"].split("_"))

        assert type(event).__name__ == name


def test_the_names_of_commands_never_change() -> None:
    """A command is stored by its type in receipts, permissions and entries: these names stay."""
    assert set(COMMANDS) == {
        "open_case", "review_progress", "claim_milestone", "verify_milestone", "return_claim", "contradict_milestone",
        "request_review", "approve_review", "reject_review", "recuse_from_review", "keep_check_in", "excuse_check_in",
        "set_support_level", "give_consent", "withdraw_consent", "make_welfare_offer", "assign_lead", "confirm_notice",
        "ask_consent", "decline_consent", "join_partner", "leave_partner", "record_lawful_basis", "hold_case", "approve_hold", "end_hold",
        "request_disclosure", "approve_disclosure", "decline_disclosure", "record_told", "correct_disclosure", "record_recipient_told",
        "request_access", "answer_access", "record_copy_given", "place_legal_hold", "lift_legal_hold", "classify_record",
        "review_retention", "request_erasure", "approve_erasure", "decline_erasure",
        "propose_adverse_act", "record_representation", "decide_adverse_act", "file_appeal", "decide_appeal",
        "carry_out_adverse_act", "record_service", "propose_measure", "renew_measure", "agree_measure", "withdraw_from_measure",
        "review_measure", "end_measure", "record_court_order", "act_in_danger", "confirm_danger", "end_danger",
        "report_link", "confirm_link", "reject_link",
        "request_extension", "approve_extension", "decline_extension", "object_to_review", "decide_objection",
        "request_referral", "accept_referral", "reject_referral", "begin_referral", "complete_referral", "fail_referral", "cancel_referral",
        "rule_out_alternative", "break_circle", "record_provider_told",
        "identify_need", "close_need", "plan_support", "begin_support", "attest_session", "complete_support", "end_support",
        "grant_entitlement", "record_referrer_feedback", "set_celebration", "record_celebration",
        "offer_handover", "accept_handover", "decline_handover", "withdraw_handover", "begin_absence", "end_absence",
        "confirm_lead", "classify_absence", "correct_absence",
        "record_assessment", "correct_assessment", "raise_concern", "answer_concern", "close_concern",
        "add_related_person", "remove_related_person", "give_relative_consent", "withdraw_relative_consent", "contact_relative",
        "agree_family_goal", "review_family_goal", "request_relative_support", "offer_relative_support", "attest_relative_session",
        "end_relative_support",
        "record_coming_of_age_due",
        "attempt_follow_up", "record_follow_up", "decline_follow_up", "judge_unreached",
        "plan_safety", "retire_safety_entry", "activate_safety", "record_safety_response", "review_safety_plan", "record_protection",
        "reenter", "record_setback", "record_learning", "close_learning_action",
    }  # fmt: skip
