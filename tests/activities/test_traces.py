"""Traces and metrics, on a real Temporal server and with a real collector."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities import telemetry
from activities.settings import Settings, SettingsError
from activities.telemetry.allowed import FIELDS
from tests.activities.receiver import attributes, collector, wait_until
from tests.activities.traced_workflow import CANARY, Traced, record

ALLOWED = {f"offramp.{name}" for name in FIELDS}
QUEUE = "traced"


def settings(tmp_path: Path, **values: object) -> Settings:
    given = {"data_dir": tmp_path, "temporal_address": "127.0.0.1:7233", "database_url": "postgresql://x", **values}
    return Settings.model_validate(given)


@asynccontextmanager
async def answering(told: telemetry.Telemetry) -> AsyncIterator[WorkflowHandle[Traced, None]]:
    server = Path(sys.executable).parent / "temporal"
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=str(server), dev_server_log_level="error"
    ) as env:
        address = env.client.service_client.config.target_host
        client = await Client.connect(address, plugins=told.client_plugins, runtime=told.runtime)
        async with Worker(client, task_queue=QUEUE, workflows=[Traced], activities=[record]):
            yield await client.start_workflow(Traced.run, id="case/1", task_queue=QUEUE)


async def test_one_command_is_followed_from_the_command_line_to_the_commit(tmp_path: Path) -> None:
    """One trace holds cli.submit, update, record and commit, each within the one before, with allowed attributes alone."""
    with collector() as received:
        told = telemetry.configure(settings(tmp_path, otlp_endpoint=received.endpoint), service="worker")
        try:
            async with answering(told) as case:
                with telemetry.span("cli.submit", command_type="keep_check_in"):
                    await case.execute_update(Traced.submit, "kept")
                wait_until(lambda: all(received.named(name) for name in ("cli.submit", "update", "record", "commit")))
                wait_until(
                    lambda: (
                        "offramp_commands" in received.metrics
                        and any(n.startswith("temporal_") for n in received.metrics)
                    )
                )
        finally:
            told.shutdown()
    chain = [span for name in ("cli.submit", "update", "record", "commit") if (span := received.named(name))]

    assert [span.parent_span_id for span in chain] == [b"", *(span.span_id for span in chain[:-1])]
    assert len({span.trace_id for span in chain}) == 1
    assert attributes(chain[2]) == {
        "offramp.command_type": "keep_check_in", "offramp.position": 7, "offramp.stream": "case/1", "offramp.outcome": "accepted",
    }  # fmt: skip
    assert {name for span in received.spans for name in attributes(span)} <= ALLOWED
    assert received.services == {"offramp-worker"}
    assert CANARY.encode() not in received.raw


async def test_a_failure_is_traced_by_its_type_alone(tmp_path: Path) -> None:
    """The text of an exception never leaves with a span."""
    with collector() as received:
        told = telemetry.configure(settings(tmp_path, otlp_endpoint=received.endpoint), service="worker")
        try:
            async with answering(told) as case:
                with pytest.raises(WorkflowUpdateFailedError), telemetry.span("cli.submit"):
                    await case.execute_update(Traced.submit, CANARY)
                wait_until(lambda: all(received.named(name) for name in ("cli.submit", "update", "record")))
        finally:
            told.shutdown()
    record_span, update_span = received.named("record"), received.named("update")

    assert record_span is not None
    assert attributes(record_span)["offramp.error_type"] == "ValueError"
    assert update_span is not None
    assert attributes(update_span) == {"offramp.error_type": "NotRecorded"}
    assert CANARY.encode() not in received.raw


async def test_nothing_is_loaded_or_exported_unless_configured(tmp_path: Path) -> None:
    """Without a collector there are no plugins, and spans and recorders do nothing."""
    told = telemetry.configure(settings(tmp_path), service="worker")
    try:
        assert told.client_plugins == []
        assert told.exports_metrics is False
        before = time.perf_counter()
        for _ in range(10_000):
            telemetry.command_recorded("keep_check_in", "accepted", 0.1)
            with telemetry.span("record") as span:
                span.tell(outcome="accepted")
        assert (time.perf_counter() - before) / 10_000 < 0.000_05
    finally:
        told.shutdown()


def test_a_collector_that_is_down_does_not_hold_up_the_end(tmp_path: Path) -> None:
    """A process whose collector is away ends within seconds, with its work done."""
    told = telemetry.configure(settings(tmp_path, otlp_endpoint="http://127.0.0.1:9"), service="cli")
    with telemetry.span("cli.submit", command_type="keep_check_in"):
        before = time.monotonic()
    told.shutdown()

    assert time.monotonic() - before < 8.0


def test_metrics_are_served_to_prometheus(tmp_path: Path) -> None:
    """With an address for metrics, a scrape finds ours beside Temporal's."""
    import socket

    import httpx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    told = telemetry.configure(settings(tmp_path, metrics_address=address), service="worker")
    try:
        telemetry.command_recorded("keep_check_in", "refused", 0.02)
        telemetry.obligations_due({"check_in": 3})
        page = httpx.get(f"http://{address}/metrics", trust_env=False).text
    finally:
        told.shutdown()

    assert 'offramp_commands_total{command_type="keep_check_in",outcome="refused"' in page
    assert 'offramp_obligations_due{kind="check_in"' in page
    assert 'offramp_command_seconds_bucket{command_type="keep_check_in",outcome="refused"' in page


def test_an_address_for_metrics_that_is_taken_is_named(tmp_path: Path) -> None:
    """Whoever configured an address in use is told which setting to change."""
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SettingsError, match="OFFRAMP_METRICS_ADDRESS"):
            telemetry.configure(settings(tmp_path, metrics_address=address), service="worker")
