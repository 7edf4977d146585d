"""The words of a case: every command that it answers, and the kinds of obligation that its rooms open.

A new room adds its commands to the union here, its events to `state.py`, and its kinds of obligation to the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, get_args

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from workflows.case import consent, contact, custody, milestone, notice, phase, review
from workflows.core.kinds import CLOCK, ENGINE, Command
from workflows.core.refusal import Refused
from workflows.program.vocabulary import Vocabulary


class Elapsed(Command):
    """Time passed: everything that fell due by now takes its course. Sent by the clock only."""

    type: Literal["elapsed"] = "elapsed"


CaseCommand = (
    phase.OpenCase | phase.ReviewProgress
    | milestone.ClaimMilestone | milestone.VerifyMilestone | milestone.ReturnClaim | milestone.ContradictMilestone
    | review.RequestReview | review.ApproveReview | review.RejectReview | review.RecuseFromReview
    | contact.KeepCheckIn | contact.ExcuseCheckIn | contact.SetSupportLevel
    | consent.GiveConsent | consent.WithdrawConsent | consent.MakeWelfareOffer
    | custody.AssignLead
    | notice.ConfirmNotice | notice.RecordDelivery
    | Elapsed
)  # fmt: skip
_COMMAND: TypeAdapter[CaseCommand] = TypeAdapter(Annotated[CaseCommand, Field(discriminator="type")])
_ALL: tuple[type[Command], ...] = get_args(CaseCommand)
SENT_BY: dict[type[Command], str] = {Elapsed: CLOCK, notice.RecordDelivery: ENGINE}
COMMANDS: dict[str, type[Command]] = {kind.model_fields["type"].default: kind for kind in _ALL if kind not in SENT_BY}
"""Stored type → command, for every command that a person may send."""
OBLIGATIONS: dict[str, bool] = {
    "check_in": True, "milestone_verification": False, "milestone_renewal": True, "review_decision": False, "progress_review": True,
    "phase_overstay": True, "consent_request": False, "welfare_offer": False, "notice_delivery": False,
}  # fmt: skip
"""Kind of obligation → whether it is due by a schedule of the definition (else by the silence table's own term)."""
MET_BY: dict[str, frozenset[str]] = {
    "check_in": frozenset({"keep_check_in"}), "milestone_verification": frozenset({"verify_milestone", "return_claim"}),
    "milestone_renewal": frozenset({"claim_milestone"}), "review_decision": frozenset({"approve_review", "reject_review"}),
    "progress_review": frozenset({"review_progress"}), "phase_overstay": frozenset({"request_review"}),
    "consent_request": frozenset({"give_consent"}), "welfare_offer": frozenset({"make_welfare_offer"}),
    "notice_delivery": frozenset({"confirm_notice"}),
}  # fmt: skip
"""Kind of obligation → commands that fulfill it."""
VOCABULARY = Vocabulary(
    commands=frozenset(COMMANDS), obligations=OBLIGATIONS, scopes=frozenset({consent.PARTICIPATION}), met_by=MET_BY
)
_LONGEST_CAUSE = 200
_FIELD = re.compile(r"[a-z0-9_]{1,64}")


def parse_command(raw: Mapping[str, JsonValue]) -> CaseCommand:
    """The command in `raw`.

    Raises:
        Refused: `malformed_command`, naming the field and what is allowed; never the value that was sent.
    """
    try:
        return _COMMAND.validate_python(raw)
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
