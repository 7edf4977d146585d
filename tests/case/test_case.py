"""Where the rooms meet: who is admitted, what is malformed, and that every command has one answer."""

from datetime import timedelta
from typing import Any

import pytest

from tests.case.examples import (
    CHAIR,
    COMMUNITY,
    LEAD,
    MEMBERS,
    SUPERVISOR,
    Story,
    approved,
    asked,
    erased,
    note,
    opened,
    parsed,
)
from workflows.case.case import Context, answer, next_wake
from workflows.case.commands import COMMANDS, OBLIGATIONS, VOCABULARY, parse_command
from workflows.case.state import Case, dump_events, parse_events
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import CLOCK, ENGINE
from workflows.core.obligation import ObligationEscalated, SilenceFell
from workflows.core.outcomes import ADVERSE_OUTCOMES, PROTECTIVE_OUTCOMES

OPENING = {
    "type": "open_case", "program": "disengagement", "version": "2026.2", "lead": LEAD, "support_level": "high",
    "eligibility": note(),
}  # fmt: skip


def refusal(story: Story, actor: str, raw: dict[str, Any], **context: Any) -> CommandRefused:
    """The answer to a command that is refused, with parts of the context replaced."""
    known = Context(
        at=story.at, actor=story.staff.get(actor), staff=story.staff, program=story.program, sha256=story.sha256
    )
    (event,) = answer(story.case, raw, known._replace(**context))
    assert isinstance(event, CommandRefused)
    return event


def test_a_stranger_is_refused() -> None:
    """Whoever is not in the staff directory may send nothing."""
    opened().refuse("unknown_person", "nobody", "keep_check_in", channel="call")


def test_a_program_must_be_published() -> None:
    """A case is not opened under a version that is not published."""
    assert refusal(Story(), SUPERVISOR, OPENING, program=None).code == "program_not_published"


def test_a_case_must_be_opened_first() -> None:
    """A command to a case that was never opened is told so, also by the clock, and whether or not a program is known."""
    story = Story()

    story.refuse("case_not_opened", LEAD, "keep_check_in", channel="call")
    assert refusal(story, LEAD, {"type": "keep_check_in", "channel": "call"}, program=None).code == "case_not_opened"
    story.refuse("case_not_opened", CLOCK, "elapsed")


def test_a_command_needs_a_role_that_may_send_it() -> None:
    """Whoever holds none of the roles that the program permits is refused, with those roles."""
    refused = opened().refuse(
        "not_authorized", MEMBERS[0], "set_support_level", level="low", direction="less", reasons=note()
    )

    assert refused.why == "set_support_level needs one of: lead_practitioner, supervisor"


@pytest.mark.parametrize("actor", [LEAD, ENGINE])
def test_time_is_told_by_the_clock_alone(actor: str) -> None:
    """Nobody but the clock says that time has passed."""
    opened().refuse("not_authorized", actor, "elapsed")


@pytest.mark.parametrize("actor", [LEAD, CLOCK])
def test_deliveries_are_reported_by_the_engine_alone(actor: str) -> None:
    """Nobody but the engine says what became of a notice."""
    opened().refuse(
        "not_authorized", actor, "record_delivery", delivery={"key": "1/1", "outcome": "delivered", "channel": "inbox"}
    )


@pytest.mark.parametrize("actor", [CLOCK, ENGINE])
def test_the_engine_acts_for_nobody(actor: str) -> None:
    """The clock and the engine hold no role: they can send no command that a person sends."""
    opened().refuse("not_authorized", actor, "keep_check_in", channel="call")


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        ({}, "type"),
        ({"type": "approve_everything"}, "type: no such command"),
        ({"type": 7}, "type: no such command"),
        ({"type": "keep_check_in"}, "keep_check_in.channel: Field required"),
        ({"type": "keep_check_in", "channel": "by phone"}, "keep_check_in.channel"),
        ({"type": "keep_check_in", "channel": "call", "observed_at": "2026-01-05T09:00:00"}, "keep_check_in.observed_at"),
        ({"type": "keep_check_in", "channel": "call", "observed_at": "0001-01-01T00:00:00+14:00"}, "keep_check_in.observed_at"),
        ({"type": "keep_check_in", "channel": "call", "observed_at": "9999-12-31T23:00:00-14:00"}, "keep_check_in.observed_at"),
        ({"type": "excuse_check_in", "reasons": "was ill"}, "excuse_check_in.reasons"),
        ({"type": "excuse_check_in", "reasons": ""}, "excuse_check_in.reasons"),
        ({"type": "approve_review", "review": 0, "reasons": note()}, "approve_review.review"),
        ({"type": "approve_review", "review": 1, "reasons": note(), "because": "x"}, "approve_review.because"),
        ({"type": "claim_milestone", "milestone": "livelihood", "evidence": []}, "claim_milestone.evidence"),
        ({"type": "set_support_level", "level": "42", "direction": "more", "reasons": note()}, "set_support_level.level"),
    ],
)  # fmt: skip
def test_a_malformed_command_is_refused_by_field(raw: dict[str, Any], where: str) -> None:
    """Whatever is not a command is refused with the field and what is allowed there, and recorded as it came."""
    story = opened()
    refused = refusal(story, LEAD, raw)

    assert (refused.code, refused.command) == ("malformed_command", raw)
    assert refused.why.startswith(where)


def test_what_could_not_be_opened_is_refused_on_record() -> None:
    """What stands in place of a command that did not open is refused as that, whoever is said to have sent it, and changes nothing."""
    story = opened()
    before = story.case
    refused = refusal(story, "nobody", {"type": "unreadable_command", "why": "not_sealed"})

    assert (refused.code, refused.command["why"]) == ("unreadable_command", "not_sealed")
    assert story.case.phase == before.phase
    assert story.case.obligations == before.obligations


def test_a_refusal_repeats_nothing_that_was_typed() -> None:
    """Neither a value nor the name of a field that does not exist is repeated in the refusal's words."""
    raw = {"type": "keep_check_in", "channel": "call", "Met Alex Example": "at the station"}

    refused = refusal(opened(), LEAD, raw)

    assert "Alex" not in refused.why + refused.cure
    assert "station" not in refused.why + refused.cure


def test_reasons_are_required_wherever_somebody_judges() -> None:
    """No judgement about a person can be sent without its reasons, written at the time."""
    judging = {
        "approve_review", "reject_review", "recuse_from_review", "request_review", "verify_milestone", "return_claim",
        "excuse_check_in", "set_support_level", "assign_lead",
    }  # fmt: skip

    assert {name for name in judging if not COMMANDS[name].model_fields["reasons"].is_required()} == set()


def test_every_command_says_what_it_does() -> None:
    """Each command that a person may send carries a sentence for its help."""
    assert [name for name, kind in COMMANDS.items() if not (kind.__doc__ or "").strip().endswith((".", "`"))] == []
    assert VOCABULARY.commands == frozenset(COMMANDS)


def test_an_accepted_command_is_never_answered_with_nothing() -> None:
    """Whatever a person sends is answered by at least one event; the clock alone may find nothing due."""
    story = opened()

    assert story.do(LEAD, "set_support_level", level="high", direction="same", reasons=note())
    assert story.tick() == ()


def test_silence_has_no_word_against_the_participant() -> None:
    """What silence may do and what people have asked it to do share no word."""
    assert PROTECTIVE_OUTCOMES.keys() & ADVERSE_OUTCOMES.keys() == set()
    for code in ("disengagement", "housing_first"):
        silence = Story(code).program.silence
        assert silence.keys() == OBLIGATIONS.keys()
        assert {rule.outcome for rule in silence.values()} <= PROTECTIVE_OUTCOMES.keys()


def test_a_case_that_is_closed_sleeps() -> None:
    """A closed case sleeps until its record is to be reviewed; once that is erased it owes nothing, and has no next instant."""
    story = opened()
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])

    assert {owed.kind for owed in story.case.obligations.values()} == {"retention_review", "notice_service"}
    assert next_wake(erased(story).case) is None


def test_what_fell_due_in_an_outage_reads_in_order() -> None:
    """One late look of the clock answers everything that fell due, in the order of its instants, each once, and says how late."""
    story = opened()
    story.at += timedelta(days=30)
    events = story.tick()

    fell = [
        (e.rung_at if isinstance(e, ObligationEscalated) else e.due, e)
        for e in events
        if isinstance(e, ObligationEscalated | SilenceFell)
    ]
    assert [instant for instant, _ in fell] == sorted(instant for instant, _ in fell)
    assert all(e.late_seconds == int((story.at - instant).total_seconds()) for instant, e in fell)
    assert [e.level for _, e in fell if isinstance(e, ObligationEscalated) and e.kind == "check_in"] == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]
    assert (next_wake(story.case) or story.at) > story.at


def test_an_outage_changes_no_later_instant() -> None:
    """What happens next is the same whether the clock was punctual or a month late."""
    punctual, late = opened().later(days=30), opened()
    late.at = punctual.at
    late.tick()

    assert next_wake(late.case) == next_wake(punctual.case)


def test_commands_survive_json() -> None:
    """A command comes out of JSON as it went in."""
    command = parse_command(OPENING)

    assert parse_command(command.model_dump(mode="json")) == command
    assert parsed({"type": "nothing"}) == "malformed_command"


def test_entries_without_an_organization_can_be_read_back() -> None:
    """A vote of somebody who belongs to no organization is stored and read like any other."""
    story = opened()
    asked(story)
    story.staff[CHAIR] = story.staff[CHAIR].model_copy(update={"organization": None})
    events = story.do(CHAIR, "approve_review", review=1, reasons=note())

    assert parse_events(dump_events(events)) == events


def test_an_unknown_event_is_not_read_over() -> None:
    """A stored event that this version does not know is refused and never skipped."""
    with pytest.raises(ValueError, match="case_teleported"):
        parse_events(b'[{"type": "case_teleported"}]')


def test_a_fresh_case_stands_at_nothing() -> None:
    """A stream without entries is a case that was not opened, at position 0."""
    case = Case(stream="case/00000000-0000-0000-0000-000000000001")

    assert (case.position, case.opened, case.closed, case.finished) == (0, False, False, True)


@pytest.mark.parametrize(
    "raw", [{"type": "unreadable_command"}, {"type": "unreadable_command", "why": "Alex Example"}, {"type": "unreadable_command", "why": "not_sealed", "note": "x"}]
)  # fmt: skip
def test_nothing_else_passes_for_what_could_not_be_opened(raw: dict[str, Any]) -> None:
    """Only the type and one of three reasons stand in place of it: whoever sends words in its name is refused as anybody with a malformed command."""
    assert parsed(raw) == "malformed_command"
