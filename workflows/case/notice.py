"""Notices: what was sent to whom, and whether it arrived.

A notice counts as served only with proof. One that could not be delivered is not forgotten: it is owed to its reader until somebody confirms by hand that it
was served, and that debt escalates like any other. Each reader is owed one notice about one thing, however often it is sent in vain, and
a notice about such a debt opens no further one: a channel that stays down must not bury people in debts.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Annotated, Literal, TypeVar, assert_never

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Frozen, Instant, NoteRef
from workflows.core.notice import Delivery, Notice
from workflows.core.obligation import Owed
from workflows.core.refusal import Refused

T = TypeVar("T")


class RecordDelivery(Command):
    """An effect reports what became of a notice. Sent by the engine only."""

    type: Literal["record_delivery"] = "record_delivery"
    delivery: Delivery


class ConfirmNotice(Command):
    """Confirm that a notice which could not be delivered was served by hand, and how that can be shown."""

    type: Literal["confirm_notice"] = "confirm_notice"
    notice: Annotated[str, Field(pattern=r"^[0-9]{1,12}/[0-9]{1,6}$", description="key of the notice")]
    proof: NoteRef


class NoticeIssued(Event):
    """The notice is to be delivered."""

    type: Literal["notice_issued"] = "notice_issued"
    notice: Notice


class NoticeServed(Event):
    """It arrived: the channel and its proof, or the sealed proof of whoever served it by hand."""

    type: Literal["notice_served"] = "notice_served"
    key: str
    channel: Code
    proof: str = ""


class NoticeFailed(Event):
    """It could not be delivered, finally, for this reason."""

    type: Literal["notice_failed"] = "notice_failed"
    key: str
    channel: Code
    reason: Code


class NoticeStopped(Event):
    """What it was about has ended with the consent that it rested on: it is not delivered any more, and not owed."""

    type: Literal["notice_stopped"] = "notice_stopped"
    key: str


NoticeCommand = RecordDelivery | ConfirmNotice
NoticeEvent = NoticeIssued | NoticeServed | NoticeFailed | NoticeStopped


class Failed(Frozen):
    """A notice that did not arrive, and since when that is known."""

    notice: Notice
    since: Instant


class State(Frozen):
    """Notices on their way, and those that failed and are owed, by key. A served notice is history and stands in the ledger."""

    pending: dict[str, Notice] = {}
    failed: dict[str, Failed] = {}


def decide(state: State, command: NoticeCommand) -> tuple[NoticeEvent, ...]:
    """Answer a notice command.

    Raises:
        Refused: `unknown_notice`, if no such notice is on its way or has failed.
    """
    match command:
        case RecordDelivery():
            delivery = command.delivery
            if delivery.key not in state.pending:
                raise _unknown(delivery.key)
            if delivery.outcome == "delivered":
                return (NoticeServed(key=delivery.key, channel=delivery.channel, proof=delivery.proof),)
            return (NoticeFailed(key=delivery.key, channel=delivery.channel, reason=delivery.reason or "unknown"),)
        case ConfirmNotice():
            if command.notice not in state.failed and command.notice not in state.pending:
                raise _unknown(command.notice)
            return (NoticeServed(key=command.notice, channel="by_hand", proof=command.proof),)
        case _:
            assert_never(command)


def _unknown(key: str) -> Refused:
    return Refused(
        "unknown_notice",
        f"no notice {key} is on its way or undelivered",
        "see 'offramp case show' for the notices that are",
    )


def evolve(state: State, event: NoticeEvent, at: datetime) -> State:
    """The state after the event."""
    match event:
        case NoticeIssued():
            return state.model_copy(update={"pending": {**state.pending, event.notice.key: event.notice}})
        case NoticeServed() | NoticeStopped():
            return state.model_copy(
                update={"pending": _without(state.pending, event.key), "failed": _without(state.failed, event.key)}
            )
        case NoticeFailed():
            notice = state.pending.get(event.key)
            failed = state.failed
            if notice is not None and not _owed_already(notice, state):
                failed = {**failed, event.key: Failed(notice=notice, since=at)}
            return state.model_copy(update={"pending": _without(state.pending, event.key), "failed": failed})
        case _:
            assert_never(event)


def stopped(state: State, ended: Collection[str]) -> tuple[NoticeStopped, ...]:
    """The notices, on their way or undelivered, that are about one of these obligations, which ended."""
    about = {**state.pending, **{key: failed.notice for key, failed in state.failed.items()}}
    return tuple(NoticeStopped(key=key) for key, one in about.items() if one.about in ended)


def _owed_already(notice: Notice, state: State) -> bool:
    same = (notice.about, notice.to_role, notice.to_person)
    known = any((f.notice.about, f.notice.to_role, f.notice.to_person) == same for f in state.failed.values())
    return known or notice.about.startswith("notice_delivery/")


def _without(found: dict[str, T], key: str) -> dict[str, T]:
    return {k: v for k, v in found.items() if k != key}


def owes(state: State) -> Iterator[Owed]:
    """Each notice that failed is owed to its reader."""
    for key, failed in state.failed.items():
        yield Owed(key=f"notice_delivery/{key}", kind="notice_delivery", since=failed.since)


def settles(event: NoticeEvent, keys: Collection[str]) -> tuple[str, ...]:
    """The open obligations that the event fulfills."""
    return (
        tuple(key for key in keys if key == f"notice_delivery/{event.key}") if isinstance(event, NoticeServed) else ()
    )
