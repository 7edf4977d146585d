"""Telemetry of the product itself: its client, its worker as a process of its own, a real server, ledger and collector."""

from __future__ import annotations

import asyncio

from activities.telemetry.allowed import FIELDS
from starter.client import Client
from starter.stack import Stack
from tests.activities.receiver import attributes, collector, wait_until
from tests.conftest import Database
from tests.door import commands
from tests.door.rig import open_door, settings_for
from workflows.wire import new_case_stream

STEPS = ("cli.submit", "update", "record", "commit")


async def test_a_command_of_the_product_is_followed_from_its_client_to_its_commit(
    stack: Stack, database: Database
) -> None:
    """The opening of a case is one trace over two processes, and the worker's metrics arrive beside Temporal's; no content with them."""
    note = commands.note()
    with collector() as received:
        settings = settings_for(
            stack, database_url=database.dsn_app, task_queue=database.name, otlp_endpoint=received.endpoint
        )
        env = {
            "OFFRAMP_DATABASE_URL": settings.database_url, "OFFRAMP_TASK_QUEUE": settings.task_queue, "OFFRAMP_LOG_FORMAT": "json",
            "OFFRAMP_OTLP_ENDPOINT": received.endpoint,
        }  # fmt: skip
        async with open_door(settings), Client.connect(settings) as client:
            stream = new_case_stream()
            worker = await asyncio.to_thread(stack.spawn_worker, env)
            try:
                await client.open_case(
                    actor="omar", command={**commands.open_case(), "eligibility": note}, stream=stream
                )
                await asyncio.to_thread(wait_until, lambda: "offramp_commands" in received.metrics)
            finally:
                await asyncio.to_thread(worker.stop)
        wait_until(lambda: all(received.named(step) for step in STEPS))
    chain = [span for step in STEPS if (span := received.named(step))]
    parents = [span.parent_span_id for span in chain]

    assert parents == [b"", *(span.span_id for span in chain[:-1])]
    assert attributes(chain[2]) == {
        "offramp.command_type": "open_case", "offramp.outcome": "accepted", "offramp.position": 1, "offramp.stream": stream,
    }  # fmt: skip
    assert {name.removeprefix("offramp.") for span in received.spans for name in attributes(span)} <= FIELDS
    assert received.services == {"offramp-cli", "offramp-worker"}
    assert any(name.startswith("temporal_") for name in received.metrics)
    for content in (note, "omar", "lena"):
        assert content.encode() not in received.raw
        assert content not in worker.log.read_text(encoding="utf-8")
