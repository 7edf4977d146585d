"""Which entries a statement lists: all of them, but those exempted here with their reason, and what may be told only later.

A disclosure that the person may by law be told of only later (`tell_from`) is not listed before that instant, nor is it counted: the statement
says in the same words to everybody that there may be such a thing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from activities.store.fold import Told
from workflows.case import disclosure, service
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import Event

EXEMPT = {
    **dict.fromkeys(
        (
            "notice_issued", "notice_served", "notice_failed", "notice_stopped",
            "obligation_opened", "obligation_escalated", "obligation_handed_over", "obligation_closed",
        ),
        "reminders",
    ),
    **dict.fromkeys(("obligation_paused", "obligation_resumed", "obligation_extended"), "clocks"),
    **dict.fromkeys(("contact_schedule_started", "appeal_route_opened", "objection_route_opened", "participant_notice_owed"), "follows"),
}  # fmt: skip
"""Stored type that is not listed → its reason, which the statement gives in the words of `exempt-<reason>`."""

DECISIONS = frozenset({
    "case_opened", "phase_entered", "case_closed", "milestone_verified", "milestone_returned", "milestone_contradicted",
    "review_decided", "support_level_set", "hold_began", "lawful_basis_recorded", "disclosure_made", "disclosure_declined",
    "access_answered", "legal_hold_placed", "legal_hold_lifted", "retention_class_set", "record_sealed", "erasure_approved", "erasure_declined",
    "adverse_act_proposed", "adverse_act_decided", "adverse_act_took_effect", "appeal_decided", "objection_decided", "extension_approved", "measure_began", "measure_renewed",
    "measure_ended", "danger_confirmed", "danger_ended", "command_refused",
})  # fmt: skip
"""Stored types that stand under what was decided; every other one that is listed stands in the record."""


def untold(told: Iterable[Told], now: datetime) -> frozenset[int]:
    """The numbers of disclosures that the person is, at `now`, to be told of only later; 0 for the reasons of the referral."""
    later: set[int] = set()
    for _entry, events in told:
        for event in events:
            if (
                isinstance(event, disclosure.DisclosureRequested)
                and event.tell_from is not None
                and event.tell_from > now
            ):
                later.add(event.disclosure)
            elif isinstance(event, disclosure.DisclosureTold):
                later.discard(event.disclosure)
            elif isinstance(event, service.ParticipantNoticeOwed) and event.tell_from is not None:
                later |= {event.notice} if event.tell_from > now else set()
            elif isinstance(event, service.ParticipantNoticeServed) and event.notice == service.OPENING:
                later.discard(event.notice)
    return frozenset(later)


def withheld(event: Event, later: frozenset[int]) -> bool:
    """Whether the event would tell of something that the person is told of only later."""
    if isinstance(event, CommandRefused):
        return _about_later(event.command, later)
    if isinstance(event, service.ParticipantNoticeOwed):
        return event.notice == service.OPENING and service.OPENING in later
    which: Any = getattr(event, "disclosure", None)
    several: tuple[int, ...] = getattr(event, "disclosures", ())
    return (
        which in later
        or bool(later.intersection(several))
        or any(owed_later(str(getattr(event, field, "")), later) for field in ("key", "clock"))
    )


def _about_later(command: dict[str, Any], later: frozenset[int]) -> bool:
    return command.get("tell_from") is not None or command.get("disclosure") in later


def owed_later(key: str, later: frozenset[int]) -> bool:
    """Whether an obligation of this key is about something that the person is told of only later."""
    kind, _, rest = key.partition("/")
    if kind == "notice_service":
        return rest == str(service.OPENING) and service.OPENING in later
    about = {"tell_of_disclosure", "disclosure_decision", "tell_recipient"}
    return kind in about and rest.split("/")[0] in {str(number) for number in later}
