"""What a worker does again and again beside its work: one way to begin it, and to end it with the block that it serves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import structlog

AFTER_AN_ERROR_SECONDS = 5.0
"""How long what failed unforeseen is left alone at least."""


@asynccontextmanager
async def repeating(do: Callable[[], Awaitable[None]], *, every_seconds: float) -> AsyncIterator[None]:
    """Do it at once and then every so often while the block lasts; what it is doing when the block ends is cancelled.

    What may fail `do` catches and tells itself. Whatever else it raises is told here, and it is done again too: a watch that ends unseen is none.
    """

    async def again() -> None:
        while True:
            pause = every_seconds
            try:
                await do()
            except Exception as error:  # noqa: BLE001 - told, and not the end
                structlog.get_logger("offramp.repeating").error("it failed, and is done again", error_type=type(error).__name__, exc_info=True)  # fmt: skip
                pause = max(pause, AFTER_AN_ERROR_SECONDS)
            await asyncio.sleep(pause)

    task = asyncio.create_task(again())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
