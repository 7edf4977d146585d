"""A workflow that orders one notice as the engine does: a regular activity that is tried again."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.escalations import Escalations
    from workflows.core.notice import Delivery, NoticeOrder


@workflow.defn
class Ordering:
    """Orders one notice and returns the report."""

    @workflow.run
    async def run(self, order: NoticeOrder) -> Delivery:
        """Order it."""
        return await workflow.execute_activity_method(
            Escalations.escalate,
            order,
            start_to_close_timeout=timedelta(seconds=20),
            retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=50)),
        )
