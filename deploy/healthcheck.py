"""Is this worker at work? Exit code 0 if it is ready, the ledger answers, and Temporal knows it as one that polls; else 1, and why.

Run beside the worker (in its container, or as `python -m deploy.healthcheck` with the same settings): the worker is known to Temporal by
the name of its host. It says what is wrong, and leaves it to whoever runs it whether that is a reason to restart: an outage of Postgres
or Temporal is none, since the worker waits for both.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from activities.settings import Settings, SettingsError, load_settings

PATIENCE_SECONDS = 5
LONGEST_SILENCE = timedelta(seconds=150)
"""A poll lasts a minute; a worker that has begun none for twice as long, and some, is not at work."""


class Unhealthy(Exception):  # noqa: N818 - a finding, not a fault of this program
    """What is wrong, in one sentence without any content of a setting."""


def check_ready() -> None:
    """The worker has come up.

    Raises:
        Unhealthy: it has not written its file yet.
    """
    path = os.environ.get("OFFRAMP_READY_FILE")
    if path is None:
        raise Unhealthy("OFFRAMP_READY_FILE is not set, so it cannot be told whether the worker has come up")
    if not Path(path).exists():
        raise Unhealthy("the worker has not come up")


async def check_ledger(settings: Settings) -> None:
    """The ledger's database answers the application's role.

    Raises:
        Unhealthy: it does not.
    """
    try:
        async with await psycopg.AsyncConnection.connect(
            settings.database_url, connect_timeout=PATIENCE_SECONDS, autocommit=True, application_name="offramp health"
        ) as connection:
            await connection.execute("SELECT 1 FROM entry LIMIT 1")
    except psycopg.Error as error:
        raise Unhealthy(f"the ledger does not answer ({type(error).__name__})") from None


async def check_polls(settings: Settings, *, host: str, now: datetime) -> None:
    """Temporal has lately seen a worker of this host at the task queue.

    Raises:
        Unhealthy: it has not, or does not answer.
    """
    request = DescribeTaskQueueRequest(
        namespace=settings.temporal_namespace,
        task_queue=TaskQueue(name=settings.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        client = await Client.connect(settings.temporal_address, namespace=settings.temporal_namespace)
        answer = await client.workflow_service.describe_task_queue(
            request, timeout=timedelta(seconds=PATIENCE_SECONDS), retry=False
        )
    except (RPCError, RuntimeError) as error:
        raise Unhealthy(f"Temporal does not answer ({type(error).__name__})") from None
    own = [poller.last_access_time for poller in answer.pollers if poller.identity.endswith(f"@{host}")]
    if not own:
        raise Unhealthy("Temporal knows no worker of this host at the task queue")
    silence = now - max(seen.ToDatetime(tzinfo=UTC) for seen in own)
    if silence > LONGEST_SILENCE:
        raise Unhealthy(f"the worker last asked Temporal for work {silence.total_seconds():.0f} s ago")


async def check(settings: Settings) -> None:
    """Everything, ledger and Temporal at the same time.

    Raises:
        Unhealthy: the first thing that is wrong.
    """
    check_ready()
    await asyncio.gather(
        check_ledger(settings), check_polls(settings, host=socket.gethostname(), now=datetime.now(UTC))
    )


def main() -> int:
    """Check, say what is wrong on standard error, and return the exit code."""
    try:
        asyncio.run(asyncio.wait_for(check(load_settings()), timeout=2 * PATIENCE_SECONDS))
    except (Unhealthy, SettingsError) as error:
        sys.stderr.write(f"unhealthy: {error}\n")
        return 1
    except TimeoutError:
        sys.stderr.write("unhealthy: no answer in time\n")
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    # The SDK's native threads may abort an interpreter that exits in the ordinary way.
    os._exit(code)
