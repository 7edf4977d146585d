"""Delivering a notice: who is to be told, in which words, over which channel. The one room that all effects share.

What leaves here towards Temporal is a code: no address, no text, no message of a library. Temporal keeps failures for years.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import TYPE_CHECKING

import psycopg
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities import telemetry
from activities.channels.inbox import InboxChannel
from activities.channels.message import Channel, ChannelDown, ChannelRefused, Message
from activities.channels.text import render
from activities.settings import Settings
from activities.store import staff
from activities.store.refused import StoreRefused
from workflows.core.notice import Delivery, NoticeOrder

if TYPE_CHECKING:
    from activities.store.keys import KeyRing
    from activities.store.pool import Pool
    from activities.store.staff import Recipient

LONGEST_PROOF = 200
"""Of `Delivery.proof`; the proofs of more people than fit are told by their number and one digest over all."""


def open_channels(settings: Settings, pool: Pool) -> dict[str, Channel]:
    """The channels that the settings configure; the inbox always works."""
    channels: dict[str, Channel] = {"inbox": InboxChannel(pool)}
    if settings.smtp_host is not None:
        from activities.channels.smtp import SmtpChannel

        channels["smtp"] = SmtpChannel(settings)
    if settings.webhook_url is not None:
        from activities.channels.webhook import WebhookChannel

        channels["webhook"] = WebhookChannel(settings)
    return channels


class _NotConfigured:
    async def deliver(self, message: Message) -> str:  # noqa: ARG002 - the signature of a channel
        """An operator can put this right while the notice is being retried, so it is down, not refused."""
        raise ChannelDown("not_configured")


_NOT_CONFIGURED = _NotConfigured()


class Deliverer:
    """Delivers notices; called by the effects, once for each attempt."""

    def __init__(
        self, *, pool: Pool, keyring: KeyRing, channels: Mapping[str, Channel], link_base_url: str | None
    ) -> None:
        self._pool = pool
        self._keyring = keyring
        self._channels = channels
        self._link_base_url = link_base_url

    async def deliver(self, order: NoticeOrder) -> Delivery:
        """Deliver to everybody who is to be told, and report the proof of each.

        Where several people hold the role, each is told; a channel that refuses one of them for ever does not undo that others were told,
        one that is down fails the attempt. A later attempt leaves out whom an earlier one reached, and whomever it cannot know of
        gets the same message under the same id.

        Raises:
            ApplicationError: of type `NoRecipient` or `ChannelRefused`, final; `ChannelDown` or `StoreUnavailable`, to be tried again.
        """
        recipients = await self._recipients(order)
        reached = _reached_before(recipients)
        down: list[str] = []
        refused: list[str] = []
        for recipient in recipients:
            if recipient.person in reached:
                continue
            try:
                reached[recipient.person] = await self._one(order, recipient)
                activity.heartbeat(reached)
            except ChannelDown as error:
                down.append(error.code)
            except ChannelRefused as error:
                refused.append(error.code)
            except psycopg.Error:
                raise _store_unavailable() from None
        if down:
            raise ApplicationError(f"{len(down)} of {len(recipients)} not delivered yet: {down[0]}", type="ChannelDown")
        if not reached:
            raise ApplicationError(
                f"refused for all {len(recipients)}: {refused[0]}", type="ChannelRefused", non_retryable=True
            )
        return _delivered(order, [(r.channel, reached[r.person]) for r in recipients if r.person in reached])

    async def _recipients(self, order: NoticeOrder) -> list[Recipient]:
        notice = order.notice
        try:
            async with self._pool.connection() as conn:
                found = await staff.recipients(
                    conn, self._keyring, role=notice.to_role, person=notice.to_person, at=order.at
                )
        except psycopg.Error:
            raise _store_unavailable() from None
        except StoreRefused:
            raise ApplicationError("the staff directory cannot be read", type="StoreRefused") from None
        if not found:
            telemetry.delivery_finished(notice.effect, "none", "failed")
            raise ApplicationError(f"nobody holds role {notice.to_role}", type="NoRecipient", non_retryable=True)
        return found

    async def _one(self, order: NoticeOrder, recipient: Recipient) -> str:
        channel = self._channels.get(recipient.channel, _NOT_CONFIGURED)
        outcome = "delivered"
        try:
            return await channel.deliver(self._message(order, recipient))
        except ChannelDown:
            outcome = "down"
            raise
        except ChannelRefused:
            outcome = "failed"
            raise
        finally:
            telemetry.delivery_finished(order.notice.effect, recipient.channel, outcome)

    def _message(self, order: NoticeOrder, recipient: Recipient) -> Message:
        notice = order.notice
        kind = notice.about.partition("/")[0]
        link = f"{self._link_base_url.rstrip('/')}/{order.stream}" if self._link_base_url else ""
        words = render(
            template=notice.template,
            language=recipient.language,
            kind=kind,
            stream=order.stream,
            level=notice.level,
            link=link,
        )
        return Message(
            stream=order.stream, key=notice.key, person=recipient.person, address=recipient.address, language=words.language,
            template=notice.template, kind=kind, about=notice.about, level=notice.level, subject=words.subject, text=words.text, link=link,
        )  # fmt: skip


def _reached_before(recipients: list[Recipient]) -> dict[str, str]:
    """Who an earlier attempt of this activity reached, with the proof: it said so by its heartbeat."""
    details = activity.info().heartbeat_details
    known = details[0] if details and isinstance(details[0], dict) else {}
    return {r.person: str(known[r.person]) for r in recipients if r.person in known}


def _delivered(order: NoticeOrder, proofs: list[tuple[str, str]]) -> Delivery:
    channels = {channel for channel, _ in proofs}
    told = " ".join(f"{channel}:{proof}" for channel, proof in proofs)
    if len(told) > LONGEST_PROOF:
        told = f"{len(proofs)} deliveries sha256:{sha256(told.encode()).hexdigest()}"
    return Delivery(
        key=order.notice.key,
        outcome="delivered",
        channel=channels.pop() if len(channels) == 1 else "several",
        proof=told,
    )


def _store_unavailable() -> ApplicationError:
    return ApplicationError("the database cannot be reached", type="StoreUnavailable")
