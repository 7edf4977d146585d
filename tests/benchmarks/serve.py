"""One worker process for everything that is measured: the product's own worker, and one for the peers with the same options."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import uvloop
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Worker

import worker
from activities import telemetry
from activities.codec import CaseCodec
from activities.keyring import open_keyring
from activities.settings import load_settings
from activities.store.pool import open_pool
from tests.benchmarks.peers import QUEUE, ActivityWorkflow, BareWorkflow, Inserter
from workflows import wire


async def serve() -> None:
    """Serve until SIGTERM; say `ready` on standard output once both workers poll."""
    settings = load_settings()
    told = telemetry.configure(settings, service="worker")
    pool = await open_pool(
        settings.database_url, size=settings.database_pool_size, timeout_seconds=worker.POOL_WAIT_SECONDS
    )
    keyring = open_keyring(settings)
    same: dict[str, Any] = {
        "target_host": settings.temporal_address, "namespace": settings.temporal_namespace, "plugins": told.client_plugins,
        "runtime": told.runtime,
    }  # fmt: skip
    client = await Client.connect(**same, **wire.sealed(CaseCodec(pool, keyring)))
    peers = await Client.connect(**same, data_converter=pydantic_data_converter)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    own = worker.build(client, settings, pool=pool, keyring=keyring)
    options: dict[str, Any] = {**own.config(), "client": peers}
    options["task_queue"] = QUEUE
    options["workflows"] = [BareWorkflow, ActivityWorkflow]
    options["activities"] = [Inserter(pool).insert]
    async with own, Worker(**options):
        worker.spare_collections()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await stop.wait()
    await pool.close()
    told.shutdown()


if __name__ == "__main__":
    uvloop.run(serve())
    # The SDK's native threads may abort an interpreter that exits in the ordinary way.
    os._exit(0)
