"""What this engine is measured against: the same update door over a workflow that keeps no record, and over one plain insert."""

from __future__ import annotations

from datetime import timedelta

from temporalio import activity, workflow
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from activities.store.pool import Pool
    from workflows import wire
    from workflows.core.entry import GENESIS
    from workflows.core.envelope import MAX_COMMAND_BYTES, Envelope, Start
    from workflows.core.kinds import SYSTEM_ACTORS
    from workflows.core.receipt import Receipt

QUEUE = "benchmark-peers"
TABLE = "CREATE TABLE benchmark_answer (stream text, command_id text, kind text, PRIMARY KEY (stream, command_id))"
GRANT = "GRANT SELECT, INSERT ON benchmark_answer TO offramp_app"
INSERT = b"INSERT INTO benchmark_answer VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
INSERT_TRY = timedelta(seconds=5)


def check_shape(envelope: Envelope) -> None:
    """The same checks as the case's own door makes."""
    if envelope.actor in SYSTEM_ACTORS or len(envelope.model_dump_json()) > MAX_COMMAND_BYTES:
        raise ApplicationError("malformed", type=wire.MALFORMED, non_retryable=True)


class Inserter:
    """The activity of the second peer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @activity.defn(name="benchmark_insert")
    async def insert(self, stream: str, envelope: Envelope) -> None:
        """One insert, committed; a second run changes nothing."""
        async with self._pool.connection() as connection:
            row = (stream, envelope.command_id, str(envelope.command["type"]))
            await connection.execute(INSERT, row)


@workflow.defn(name="BenchmarkBare")
class BareWorkflow:
    """An update that stores nothing and answers at once."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._stream, self._position = start.stream, 0

    @workflow.run
    async def run(self, start: Start) -> None:
        await workflow.wait_condition(lambda: self._position < 0)

    @workflow.update(name="submit")
    async def submit(self, envelope: Envelope) -> Receipt:
        self._position += 1
        return Receipt(stream=self._stream, position=self._position, hash=GENESIS.hex())

    @submit.validator
    def _check_shape(self, envelope: Envelope) -> None:
        check_shape(envelope)


@workflow.defn(name="BenchmarkActivity")
class ActivityWorkflow:
    """An update that runs one regular activity, which does one insert."""

    @workflow.init
    def __init__(self, start: Start) -> None:
        self._stream, self._position = start.stream, 0

    @workflow.run
    async def run(self, start: Start) -> None:
        await workflow.wait_condition(lambda: self._position < 0)

    @workflow.update(name="submit")
    async def submit(self, envelope: Envelope) -> Receipt:
        await workflow.execute_activity_method(
            Inserter.insert, args=[self._stream, envelope], start_to_close_timeout=INSERT_TRY
        )
        self._position += 1
        return Receipt(stream=self._stream, position=self._position, hash=GENESIS.hex())

    @submit.validator
    def _check_shape(self, envelope: Envelope) -> None:
        check_shape(envelope)
