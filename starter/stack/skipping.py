"""Skipped time: Temporal's own time skipping on the real server, one case at a time, for the demo and for live tests.

The program's durations stay what they are; the server moves the case's clock over the empty stretches between timers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from workflows.core.envelope import Start
from workflows.participant import ParticipantWorkflow

_SLACK = timedelta(minutes=1)
"""A run that began by itself before the case is opened would find nothing to do, and end."""


class SkippedTime:
    """Wraps a connection: cases started through `client` can be moved forward in time; others cannot.

    Args:
        connected: a connection to a server that allows time skipping (`Stack(time_skipping=True)`).
    """

    def __init__(self, connected: Client) -> None:
        self._skipper = TimeSkipper(connected, config=TimeSkippingConfig(enabled=False))

    @property
    def client(self) -> Client:
        """The connection through which cases are to be started."""
        return self._skipper.client

    async def begin(self, stream: str, at: datetime, *, task_queue: str) -> None:
        """Have the case's clock begin at the instant `at`, which lies ahead: its first command is answered there, and not before.

        The run is put off until `at`, and its clock is moved there; a command wakes it at once.
        """
        client, ahead = self._skipper.client, at - datetime.now(UTC)
        await client.start_workflow(
            ParticipantWorkflow.run, Start(stream=stream), id=stream, task_queue=task_queue, start_delay=ahead + _SLACK
        )  # fmt: skip
        await self.forward(stream, at - datetime.now(UTC))

    async def forward(self, stream: str, duration: timedelta) -> None:
        """Move the case's clock forward by `duration` and return when it stands there; every timer on the way fires.

        Raises:
            RuntimeError: the case ended on the way, or somebody else moves its clock.
        """
        if not await self._skipper.fast_forward(self._skipper.client.get_workflow_handle(stream), duration):
            msg = f"{stream} ended while its clock was moved"
            raise RuntimeError(msg)

    async def now(self, stream: str) -> datetime:
        """Where the case's clock stands, by the server's own word."""
        return await self._skipper.get_current_time(self._skipper.client.get_workflow_handle(stream))

    async def ended(self, stream: str) -> None:
        """Return when the case's last run has ended; its clock has ended with it."""
        await self._skipper.client.get_workflow_handle(stream).result()
