"""A case's Temporal history run through this build's workflow code, and the case that stands at its end."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from temporalio import workflow
from temporalio.service import RPCError
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from starter.client import Client, LedgerUnavailable
from workflows.case.state import Case

DOES_NOT_FIT = "this build would not have done what was done"


class End(NamedTuple):
    """Where the history ends: the case of the newest run (None where that never restored one), and why it does not replay (empty: it does)."""

    case: Case | None
    fault: str


async def replayed_end(client: Client, stream: str) -> End:
    """Replay every run of the case that Temporal holds; the end of the newest one.

    Raises:
        CaseUnknown: Temporal holds no history of this case (any more).
        LedgerUnavailable: Temporal does not answer.
    """
    watching = _Watching()
    try:
        await client.replay(stream, interceptors=[watching])
    except RPCError as error:
        raise LedgerUnavailable("Temporal does not answer.") from error
    except (workflow.NondeterminismError, RuntimeError):
        # The error itself may quote what the history holds.
        return End(None, DOES_NOT_FIT)
    if not watching.runs:
        return End(None, "")  # It was only begun: no worker has taken it up yet.
    _, last = max(watching.runs, key=lambda run: run[0])
    case: Case = last._case  # noqa: SLF001 - its query says the same, and answers only where a worker runs it
    return End(case if case.position else None, "")


class _Watching(Interceptor):
    """Remembers each run that is replayed: when it began, and the workflow, which still stands as it ended once the replay is over."""

    def __init__(self) -> None:
        self.runs: list[tuple[datetime, Any]] = []

    def workflow_interceptor_class(self, _input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        runs = self.runs

        class Watch(WorkflowInboundInterceptor):
            async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 - the SDK's signature
                runs.append((workflow.info().start_time, workflow.instance()))
                return await super().execute_workflow(input)

        return Watch
