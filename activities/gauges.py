"""What is measured by looking: how many obligations are overdue now, and how many nobody who is here owes. An outage of timers shows here, where no event
tells of it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import psycopg
import structlog

from activities import telemetry
from activities.repeating import repeating
from activities.store.due import count_due, count_orphans
from activities.store.lost import keyless

if TYPE_CHECKING:
    from activities.store.pool import Pool

EVERY_SECONDS = 30.0


async def look_for_keys(pool: Pool) -> None:
    """Look once for streams whose key is gone though nobody had them erased, name them in the log, and tell how many there are."""
    async with pool.connection() as connection:
        lost = await keyless(connection)
    for stream in lost:
        structlog.get_logger("offramp.gauges").error("the key of a case is missing: offramp recover", stream=stream)
    telemetry.keys_missing(len(lost))


@asynccontextmanager
async def watching(pool: Pool, *, every_seconds: float = EVERY_SECONDS) -> AsyncIterator[None]:
    """Look every so often while the block lasts. A database that is away is reported in the log and looked at again."""
    seen: dict[str, int] = {}

    async def look() -> None:
        nonlocal seen
        try:
            async with pool.connection() as connection:
                counts, orphaned = await count_due(connection), await count_orphans(connection)
        except psycopg.Error as error:
            structlog.get_logger("offramp.gauges").warning(
                "overdue obligations not counted", error_type=type(error).__name__
            )
        else:
            # A kind of which nothing is overdue any more is set to zero; a gauge would keep its last value for ever.
            seen = dict.fromkeys(seen, 0) | counts
            telemetry.obligations_due(seen)
            telemetry.obligations_orphaned(orphaned)

    async with repeating(look, every_seconds=every_seconds):
        yield
