"""The effect of a check-in that falls due or was missed: whoever owes it is reminded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from temporalio import activity

from workflows.core.notice import Delivery, NoticeOrder

if TYPE_CHECKING:
    from activities.deliver import Deliverer


class CheckIns:
    """Reminders about check-ins."""

    def __init__(self, deliverer: Deliverer) -> None:
        self._deliverer = deliverer

    @activity.defn(name="remind_of_check_in")
    async def remind(self, order: NoticeOrder) -> Delivery:
        """Remind of a check-in.

        A second run reaches nobody twice where the channel can tell: the inbox holds one message for each notice and person; mail
        repeats its Message-ID and a webhook its Idempotency-Key, by which the receiver drops it.
        """
        return await self._deliverer.deliver(order)
