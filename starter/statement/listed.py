"""Which entries a statement lists: all of them, but those exempted here with their reason, and what may be told only later.

People close to the person are clients of their own: what a relative asks for and gets is theirs, and is listed only if they agreed (`mention`); the
statement says in the same words to everybody that there may be such a thing.

A disclosure that the person may by law be told of only later (`tell_from`) is not listed before that instant, nor is it counted: the statement
says in the same words to everybody that there may be such a thing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple, get_args

from activities.store.fold import Told
from workflows.case import disclosure, network_form, relative_support, service
from workflows.case.care_facts import OWED_TO_RELATIVES
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
    "run_kept": "engine",
}  # fmt: skip
"""Stored type that is not listed → its reason, which the statement gives in the words of `exempt-<reason>`."""

DECISIONS = frozenset({
    "case_opened", "phase_entered", "case_closed", "case_reentered", "milestone_verified", "milestone_returned", "milestone_contradicted",
    "review_decided", "support_level_set", "hold_began", "lawful_basis_recorded", "disclosure_made", "disclosure_declined",
    "access_answered", "legal_hold_placed", "legal_hold_lifted", "retention_class_set", "record_sealed", "erasure_approved", "erasure_declined",
    "adverse_act_proposed", "adverse_act_decided", "adverse_act_took_effect", "appeal_decided", "objection_decided", "extension_approved", "measure_began", "measure_renewed",
    "measure_ended", "danger_confirmed", "danger_ended", "command_refused",
})  # fmt: skip
"""Stored types that stand under what was decided; every other one that is listed stands in the record."""


class Untold(NamedTuple):
    """What the person is not told now: the numbers of disclosures that they may be told of only later, and of relatives who have not agreed to it;
    and whether why they are here waits.
    """  # fmt: skip

    disclosures: frozenset[int]
    relatives: frozenset[int]
    opening: bool = False


_UNASKED = frozenset({"add_related_person", *(kind.model_fields["type"].default for kind in get_args(relative_support.RelativeSupportCommand))})  # fmt: skip
"""Commands that may be about somebody of whom the person does not know, before there is a number to tell by."""


def untold(told: Iterable[Told], now: datetime) -> Untold:
    """What the person is, at `now`, to be told of only later, or, about the people close to them, only if these agree."""
    later: set[int] = set()
    relatives: set[int] = set()
    opening = False
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
                opening = event.tell_from > now
            elif isinstance(event, service.ParticipantNoticeServed) and event.notice == service.OPENING:
                opening = False
            elif isinstance(event, network_form.RelatedPersonAdded):
                relatives.add(event.relative)
            elif isinstance(event, network_form.RelativeConsentGiven) and event.scope == "mention":
                relatives.discard(event.relative)
            elif isinstance(event, network_form.RelativeConsentWithdrawn) and event.scope == "mention":
                relatives.add(event.relative)
    return Untold(frozenset(later), frozenset(relatives), opening)


def withheld(event: Event, later: Untold) -> bool:
    """Whether the event would tell of something that the person is told of only later, or that belongs to somebody else."""
    if isinstance(event, CommandRefused):
        return _about_later(event.command, later)
    if _of_a_relative(event, later.relatives):
        return True
    if isinstance(event, service.ParticipantNoticeOwed):
        return event.notice == service.OPENING and later.opening
    which: Any = getattr(event, "disclosure", None)
    several: tuple[int, ...] = getattr(event, "disclosures", ())
    return (
        which in later.disclosures
        or bool(later.disclosures.intersection(several))
        or any(owed_later(key, later) for key in _keys(event))
    )


def _of_a_relative(event: Event, hidden: frozenset[int]) -> bool:
    """Whether it belongs to a relative who has not agreed that the person reads of it. What the person did themselves they know: whom they named, what both agreed."""
    match event:
        case network_form.FamilyGoalAgreed():
            return False
        case network_form.RelatedPersonAdded():
            return event.origin == "came_themselves" and event.relative in hidden
        case _ if isinstance(event, network_form.NetworkEvent | relative_support.RelativeSupportEvent):
            return getattr(event, "relative", None) in hidden
        case _:
            return False


def _keys(event: Event) -> Iterator[str]:
    """The keys of what is owed that the event is about, however deep they stand in it."""
    for holder in (event, getattr(event, "obligation", None), getattr(event, "notice", None)):
        yield from (str(getattr(holder, field, "")) for field in ("key", "clock", "about"))


def _about_later(command: dict[str, Any], later: Untold) -> bool:
    return (
        command.get("tell_from") is not None
        or command.get("disclosure") in later.disclosures
        or command.get("relative") in later.relatives
        or command.get("type") in _UNASKED
    )


def owed_later(key: str, later: Untold) -> bool:
    """Whether an obligation of this key is about a disclosure that the person is told of only later, or about a relative's own support."""
    kind, _, rest = key.partition("/")
    number = rest.split("/")[0]
    if kind == "notice_service":
        return number == str(service.OPENING) and later.opening
    if kind in OWED_TO_RELATIVES:
        return number in {str(one) for one in later.relatives}
    about = {"tell_of_disclosure", "disclosure_decision", "tell_recipient"}
    return kind in about and number in {str(one) for one in later.disclosures}
