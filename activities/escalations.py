"""The effect of a rung: the next person on the ladder is told that something is overdue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio import activity

from workflows.core.notice import Delivery, NoticeOrder

if TYPE_CHECKING:
    from activities.deliver import Deliverer


class Escalations:
    """Escalations of whatever is owed."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer

    @activity.defn(name="escalate")
    async def escalate(self, order: NoticeOrder) -> Delivery:
        """Tell whom the rung names.

        A second run reaches nobody twice where the channel can tell: the inbox holds one message for each notice and person; mail
        repeats its Message-ID and a webhook its Idempotency-Key, by which the receiver drops it.
        """
        return await self._deliverer.deliver(order)
