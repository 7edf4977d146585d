"""The worker: connects to Temporal and to the ledger, registers the workflows and activities, and runs until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import uvloop
from temporalio.client import Client
from temporalio.worker import Worker

from activities import gauges, telemetry
from activities.checkins import CheckIns
from activities.codec import CaseCodec
from activities.deliver import Deliverer, open_channels
from activities.erasing import erasing, histories
from activities.escalations import Escalations
from activities.keeping import Keeper, keeping
from activities.keyring import open_keyring
from activities.reconciling import Reconciler, reconciling
from activities.record import Recorder
from activities.reviews import Reviews
from activities.sealing import sealing
from activities.settings import Settings, SettingsError, load_settings
from activities.store.cosigning import trusted_in
from activities.store.erasure_journal import Journal
from activities.store.escrow import Escrow
from activities.store.escrowing import Escrowing
from activities.store.kept import KeptCheckpoint
from activities.store.keys import KeyRing
from activities.store.migrate import require_migrated
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from activities.store.rotation import require_openable
from activities.store.signing import LogKey
from workflows import wire
from workflows.participant import ParticipantWorkflow

GRACE = timedelta(seconds=10)
"""How long a stopping worker may finish what it began."""
POOL_WAIT_SECONDS = 1.5
"""Below the recorder's first timeout, so that an exhausted or unreachable database is heard of as such."""
UNAVAILABLE = 4
_COLLECT_AFTER = (10_000, 20, 20)


def build(
    client: Client, settings: Settings, *, pool: Pool, keyring: KeyRing, escrow: Escrowing | None = None
) -> Worker:
    """A worker for everything that the product does, on the settings' task queue."""
    deliverer = Deliverer(
        pool=pool, keyring=keyring, channels=open_channels(settings, pool), link_base_url=settings.link_base_url
    )
    recorder = Recorder(pool, keyring) if escrow is None else Recorder(pool, keyring, recorded=escrow.recorded)
    return Worker(
        client, task_queue=settings.task_queue, workflows=[ParticipantWorkflow], workflow_runner=wire.RUNNER,
        activities=[
            recorder.record, recorder.restore, recorder.wait_for_ledger,
            CheckIns(deliverer).remind, Escalations(deliverer).escalate, Reviews(deliverer).notify,
        ],
        graceful_shutdown_timeout=GRACE,
    )  # fmt: skip


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; write the file that OFFRAMP_READY_FILE names once the worker polls.

    Raises:
        StoreRefused: the ledger cannot be reached, or lost something, before or while it is served.
    """
    stop, lost = asyncio.Event(), list[StoreRefused]()

    def give_up(gap: StoreRefused) -> None:
        lost.append(gap)
        stop.set()

    async with AsyncExitStack() as exits:
        told = telemetry.configure(settings, service="worker")
        exits.callback(told.shutdown)
        pool = await open_pool(
            settings.database_url, size=settings.database_pool_size, timeout_seconds=POOL_WAIT_SECONDS
        )
        exits.push_async_callback(pool.close)
        keyring = open_keyring(settings)
        async with pool.connection() as connection:
            await require_migrated(connection)
            await require_openable(connection, keyring)
        escrow, seal = None if settings.escrow is None else Escrowing(Escrow(settings.escrow)), None
        if settings.log_key_file is not None:
            kept = None if settings.checkpoint_file is None else KeptCheckpoint(settings.checkpoint_file)
            log_key, trusted = LogKey.from_file(settings.log_key_file), trusted_in(settings.witness_policy_file)
            seal = await exits.enter_async_context(
                sealing(pool, keyring, log_key, trusted=trusted, kept=kept, escrow=escrow, stop=give_up)
            )
        await gauges.look_for_keys(pool)
        if told.exports_metrics:
            await exits.enter_async_context(gauges.watching(pool))
        client = await Client.connect(
            settings.temporal_address, namespace=settings.temporal_namespace, **wire.sealed(CaseCodec(pool, keyring)),
            plugins=told.client_plugins, runtime=told.runtime,
        )  # fmt: skip
        await exits.enter_async_context(erasing(
            pool, keyring, journal=None if settings.erasure_journal is None else Journal(settings.erasure_journal), forget=histories(client), escrow=escrow, seal=seal
        ))  # fmt: skip
        if settings.keep_runs:
            keeper = Keeper(pool, keyring, Recorder(pool, keyring), client, settings.task_queue)
            await exits.enter_async_context(keeping(keeper))
        await exits.enter_async_context(reconciling(Reconciler(pool, client, settings.task_queue)))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with build(client, settings, pool=pool, keyring=keyring, escrow=escrow):
            spare_collections()
            _say_ready()
            await stop.wait()
    if lost:
        raise lost[0]


def spare_collections() -> None:
    """Leave what is loaded by now out of garbage collection, and collect more rarely than Python does by itself.

    A worker holds a thousand resting cases; walking through all of them every few commands cost a twentieth of its processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _say_ready() -> None:
    if path := os.environ.get("OFFRAMP_READY_FILE"):
        Path(path).touch()


def _say_why(what: str, cure: str) -> int:
    sys.stderr.write(f"{what}\n{cure}\n")
    return UNAVAILABLE


def main() -> int:
    """Run the worker; 0 after a clean stop, 4 with one plain sentence if something it needs is missing."""
    # A core file would hold the keys and texts of whoever was served, and outlive an erasure.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        uvloop.run(serve(load_settings()))
    except (SettingsError, StoreRefused) as error:
        return _say_why(error.what, error.cure)
    except RuntimeError:
        return _say_why("Temporal cannot be reached.", "Start it, or correct OFFRAMP_TEMPORAL_ADDRESS.")
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # The SDK's native threads may abort an interpreter that exits in the ordinary way.
    os._exit(code)
