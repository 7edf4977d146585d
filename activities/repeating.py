"""What a worker does again and again beside its work: one way to begin it, and to end it with the block that it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress


@asynccontextmanager
async def repeating(do: Callable[[], Awaitable[None]], *, every_seconds: float) -> AsyncIterator[None]:
    """Do it at once and then every so often while the block lasts; what it is doing when the block ends is cancelled.

    What may fail and is to be tried again, `do` catches and tells itself: whatever else it raises ends the repetition.
    """

    async def again() -> None:
        while True:
            await do()
            await asyncio.sleep(every_seconds)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
