"""The effect of a review: a panel is told that it is awaited, and whoever asked is told that it decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio import activity

from workflows.core.notice import Delivery, NoticeOrder

if TYPE_CHECKING:
    from activities.deliver import Deliverer


class Reviews:
    """Notices about reviews."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer

    @activity.defn(name="notify_review")
    async def notify(self, order: NoticeOrder) -> Delivery:
        """Tell of a review that was requested or decided.

        A second run reaches nobody twice where the channel can tell: the inbox holds one message for each notice and person; mail
        repeats its Message-ID and a webhook its Idempotency-Key, by which the receiver drops it.
        """
        return await self._deliverer.deliver(order)
