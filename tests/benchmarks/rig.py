"""The stack, the worker process and the senders that every measurement uses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import psutil
import psycopg
from temporalio import client as temporal
from temporalio.client import WithStartWorkflowOperation
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.contrib.pydantic import pydantic_data_converter

from activities.keyring import open_keyring
from activities.settings import Settings, load_settings
from activities.store import programs, staff
from activities.store.migrate import migrate
from activities.store.pool import open_pool
from starter.client import Client
from starter.stack import Ports, Stack
from starter.stack.embedded import Addresses
from tests.benchmarks.peers import GRANT, QUEUE, TABLE, ActivityWorkflow, BareWorkflow
from workflows import wire
from workflows.core.envelope import Envelope, Start
from workflows.core.receipt import Receipt
from workflows.program.load import load_program
from workflows.program.model import Program

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM_FILE = ROOT / "programs" / "disengagement.yaml"
LEAD, SUPERVISOR = "lena", "omar"
STAFF = """
- {person: lena, roles: [lead_practitioner], organization: city, valid_from: "2020-01-01T00:00:00Z", certificates: {trauma_informed_care: null, cultural_humility: null, nonviolent_communication: null}}
- {person: omar, roles: [supervisor], organization: city, valid_from: "2020-01-01T00:00:00Z"}
"""
CONSENT = {
    "type": "give_consent", "scope": "participation", "form_version": "f2026", "language": "de", "explained_by": LEAD,
}  # fmt: skip
Variant = Literal["offramp", "bare", "activity"]
VARIANTS: tuple[Variant, ...] = ("offramp", "bare", "activity")
Sender = Callable[[str], Awaitable[Receipt]]
"""Sends one command to the workflow of the given id."""


class WorkerProcess:
    """A running worker process (`tests.benchmarks.serve`)."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._told = psutil.Process(process.pid)

    def cpu_seconds(self) -> float:
        """User and system time so far, of all its threads."""
        spent = 0
        for thread in Path(f"/proc/{self.process.pid}/task").iterdir():
            spent += int((thread / "schedstat").read_text(encoding="ascii").split()[0])
        return spent / 1e9

    def resident_bytes(self) -> int:
        """Its resident memory."""
        return int(self._told.memory_info().rss)


class Rig:
    """A running stack with a published program and two members of staff, and how to send to it."""

    def __init__(
        self, addresses: Addresses, settings: Settings, client: Client, *, peers: temporal.Client, program: Program
    ) -> None:
        self.addresses, self.settings, self.client, self.program = addresses, settings, client, program
        # The peers write in the clear and with the SDK's own converter, as whoever has no codec does.
        self._peers = peers

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """A worker process for as long as the block lasts."""
        environment = {**os.environ, **self.addresses.settings(), "OFFRAMP_LOG_LEVEL": "warning"}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.serve"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            if process.stdout is None or process.stdout.readline() != "ready\n":
                raise RuntimeError("the worker process did not start; its own words stand above")
            yield WorkerProcess(process)
        finally:
            process.terminate()
            process.wait(30)

    async def open(self, variant: Variant) -> str:
        """A new workflow of the kind, with one command answered."""
        stream = wire.new_case_stream()
        if variant == "offramp":
            await self.client.open_case(actor=SUPERVISOR, stream=stream, command=opening(self.program))
            # From here on check-ins are owed, so that each one kept closes an obligation and opens the next.
            await self.client.submit(stream, actor=LEAD, command=CONSENT)
            return stream
        run = BareWorkflow.run if variant == "bare" else ActivityWorkflow.run
        start: WithStartWorkflowOperation[Any, None] = WithStartWorkflowOperation(
            run, Start(stream=stream), id=stream, task_queue=QUEUE, id_conflict_policy=WorkflowIDConflictPolicy.FAIL
        )
        await self._peers.execute_update_with_start_workflow(
            "submit", _envelope(), start_workflow_operation=start, result_type=Receipt
        )
        return stream

    def sender(self, variant: Variant) -> Sender:
        """How the kind is sent a command."""
        return self._to_case if variant == "offramp" else self._to_peer

    async def _to_case(self, stream: str) -> Receipt:
        return await self.client.submit(stream, actor=LEAD, command=_command())

    async def _to_peer(self, stream: str) -> Receipt:
        envelope = _envelope()
        handle = self._peers.get_workflow_handle(stream)
        receipt: Receipt = await handle.execute_update(
            "submit", envelope, id=wire.update_id(envelope.command_id), result_type=Receipt
        )
        return receipt

    async def history_length(self, stream: str) -> int:
        """How many events the history of the workflow holds."""
        described = await self.client.temporal.get_workflow_handle(stream).describe()
        return int(described.raw_description.workflow_execution_info.history_length)


def opening(program: Program) -> dict[str, Any]:
    """The command that opens a case."""
    return {
        "type": "open_case", "program": program.program, "version": program.version, "lead": LEAD,
        "support_level": "high", "eligibility": f"note:{uuid4()}",
    }  # fmt: skip


def _command() -> dict[str, Any]:
    """The commonest command: a contact took place, with a note in the vault."""
    return {"type": "keep_check_in", "channel": "call", "note": f"note:{uuid4()}"}


def _envelope() -> Envelope:
    return Envelope(command_id=str(uuid4()), actor=LEAD, command=_command())


@asynccontextmanager
async def rig() -> AsyncIterator[Rig]:
    """A fresh stack on free ports in a temporary directory, prepared; all of it goes at the end of the block."""
    with tempfile.TemporaryDirectory(prefix="offramp-bench-") as folder:
        async with Stack(Path(folder), ports=Ports.free(), ui=False) as stack:
            addresses = stack.addresses
            migrate(addresses.dsn_owner)
            with psycopg.connect(addresses.dsn_owner, autocommit=True) as owner:
                owner.execute(TABLE)
                owner.execute(GRANT)
            settings = load_settings(addresses.data_dir)
            program = await _prepare(settings)
            async with Client.connect(settings) as client:
                peers = await temporal.Client.connect(settings.temporal_address, data_converter=pydantic_data_converter)
                yield Rig(addresses, settings, client, peers=peers, program=program)


def program() -> tuple[Program, str]:
    """The program under which everything is measured, and its source: one lead for all cases, with no limit to them, so that nothing depends on who leads."""
    source = re.sub(r"(?m)^ +caseload: \d+.*\n", "", PROGRAM_FILE.read_text(encoding="utf-8"))
    return load_program(source), source


async def _prepare(settings: Settings) -> Program:
    published, source = program()
    pool = await open_pool(settings.database_url, size=1)
    async with pool.connection() as connection:
        await programs.publish(connection, published, source)
        await staff.import_staff(connection, open_keyring(settings), staff.parse_staff(STAFF, where="benchmark"))
    await pool.close()
    return published
