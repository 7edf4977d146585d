"""Skipped time: Temporal's own time skipping on the real server, one case at a time, for the demo and for live tests.

The program's durations stay what they are; the server moves the case's clock over the empty stretches between timers.
"""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig


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

    async def forward(self, stream: str, duration: timedelta) -> None:
        """Move the case's clock forward by `duration` and return when it stands there; every timer on the way fires.

        Raises:
            RuntimeError: the case ended on the way, or somebody else moves its clock.
        """
        if not await self._skipper.fast_forward(self._skipper.client.get_workflow_handle(stream), duration):
            msg = f"{stream} ended while its clock was moved"
            raise RuntimeError(msg)
