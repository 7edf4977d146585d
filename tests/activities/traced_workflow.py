"""A workflow that answers a command as the engine does: an update, and a local activity that records."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import activity, workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities import telemetry

CANARY = "Canary Person, 12 Canary Road"


@activity.defn
async def record(answer: str) -> str:
    """Record, with a span for the commit inside; `answer` that starts with `Canary` fails with that text."""
    with telemetry.span("record", command_type="keep_check_in", position=7, stream="case/1") as told:
        with telemetry.span("commit"):
            await asyncio.sleep(0)
        if answer == CANARY:
            raise ValueError(answer)
        told.tell(outcome="accepted", note=CANARY, reason=CANARY)
    telemetry.command_recorded("keep_check_in", "accepted", 0.01)
    telemetry.escalated("check_in", 90.0)
    telemetry.obligations_due({"check_in": 3})
    telemetry.ledger_latency("record", 0.002)
    return "recorded"


@workflow.defn
class Traced:
    """Waits, and answers."""

    @workflow.run
    async def run(self) -> None:
        """Wait for ever."""
        await workflow.wait_condition(lambda: False)

    @workflow.update
    async def submit(self, answer: str) -> str:
        """Answer a command."""
        try:
            return await workflow.execute_local_activity(
                record,
                answer,
                start_to_close_timeout=timedelta(seconds=5),
                retry_policy=RetryPolicy(maximum_attempts=1),
            )
        except Exception as error:
            raise ApplicationError(answer, type="NotRecorded") from error
