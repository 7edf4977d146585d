"""The door from outside: commands to cases over Temporal. The only module of `starter`, with the stack, that speaks Temporal."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
from psycopg_pool import PoolTimeout
from pydantic import ValidationError
from temporalio import client as temporal
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Interceptor

from activities import replaying, running, telemetry
from activities.codec import CaseCodec
from activities.keyring import open_keyring
from activities.settings import Settings
from activities.store.erasure import is_destroyed
from activities.store.keys import KeyRing, RecordErased
from activities.store.ledger import head
from activities.store.pool import Pool, open_pool
from activities.store.refused import StoreRefused
from starter.answers import CaseErased, CaseUnknown, LedgerFork, LedgerUnavailable, Malformed, RefusedAnswer
from workflows import wire
from workflows.case.state import Case
from workflows.core.envelope import MAX_COMMAND_BYTES, Envelope, Start
from workflows.core.receipt import Receipt
from workflows.participant import ParticipantWorkflow

__all__ = ["CaseErased", "CaseUnknown", "Client", "LedgerFork", "LedgerUnavailable", "Malformed", "RefusedAnswer"]

PATIENCE = timedelta(seconds=45)
"""How long a caller waits for an answer, a restarting worker included."""
QUERY_PATIENCE = timedelta(seconds=15)
QUERY_AGAIN = timedelta(milliseconds=100)
DOUBT = timedelta(seconds=4)  # without an answer, before it is looked whether the case itself is there
SUBMIT = "submit"
"""Name of the update by which every command travels."""


class Client:
    """Commands to cases, and what the workflows say of themselves.

    Args:
        connected: a connection to Temporal that seals payloads (`wire.sealed`).
        settings: names the task queue.
        pool: to the ledger's database.
        keyring: under whose keys what is sent is sealed.
    """

    def __init__(self, connected: temporal.Client, settings: Settings, *, pool: Pool, keyring: KeyRing) -> None:
        self.temporal = connected
        self._settings, self._pool, self._keyring = settings, pool, keyring

    @classmethod
    @asynccontextmanager
    async def connect(cls, settings: Settings, *, keyring: KeyRing | None = None) -> AsyncIterator[Client]:
        """Connect, for as long as the block lasts; with a key ring of the settings' own, unless one is given.

        Raises:
            LedgerUnavailable: Temporal or the ledger cannot be reached.
            SettingsError: there is no program key.
            StoreRefused: what is given is no key, or the ledger's server is set so that answers could be lost.
        """
        keyring = keyring or open_keyring(settings)
        async with AsyncExitStack() as exits:
            told = telemetry.configure(settings, service="cli")
            exits.callback(told.shutdown)
            pool = await open_pool(settings.database_url, size=1)
            exits.push_async_callback(pool.close)
            try:
                connected = await temporal.Client.connect(
                    settings.temporal_address, namespace=settings.temporal_namespace, **wire.sealed(CaseCodec(pool, keyring)),
                    plugins=told.client_plugins, runtime=told.runtime,
                )  # fmt: skip
            except RuntimeError as error:
                raise LedgerUnavailable(f"Temporal does not answer at {settings.temporal_address}") from error
            yield cls(connected, settings, pool=pool, keyring=keyring)

    async def open_case(
        self, *, actor: str, command: Mapping[str, Any], stream: str | None = None, command_id: str | None = None
    ) -> Receipt:
        """Open a case by update-with-start; a stream is made up if none is given. Errors as for `submit`."""
        envelope, stream = _envelope(actor, command, command_id), stream or wire.new_case_stream()
        with telemetry.span("cli.submit", command_type=str(command.get("type", ""))):
            return await self._answered(envelope, self._begin(stream, envelope))

    async def submit(
        self, stream: str, *, actor: str, command: Mapping[str, Any], command_id: str | None = None
    ) -> Receipt:
        """Send one command as `actor`; the receipt, once it is accepted. A case whose workflow is gone is started again from the ledger on the way.

        `command_id` is chosen once per intention; one is made up if none is given.

        Raises:
            RefusedAnswer: the recorded answer is no.
            LedgerUnavailable: no answer was to be had; repeat with the same command id.
            CaseUnknown: there is no such case.
            CaseErased: its record was erased.
            LedgerFork: the case is stopped.
            Malformed: it has not the shape of a command; nothing was recorded.
        """
        envelope = _envelope(actor, command, command_id)
        with telemetry.span("cli.submit", command_type=str(command.get("type", ""))):
            return await self._answered(envelope, self._update(stream, envelope))

    async def state(self, stream: str) -> Case:
        """The case as its workflow holds it.

        Raises:
            CaseUnknown: no workflow of that id is known.
            LedgerUnavailable: no worker answered, or the case could not yet be restored from the ledger.
            LedgerFork: the case cannot be restored from the ledger.
        """
        deadline = time.monotonic() + QUERY_PATIENCE.total_seconds()
        while True:
            try:
                return await self._handle(stream).query(ParticipantWorkflow.case, rpc_timeout=QUERY_PATIENCE)
            except temporal.WorkflowQueryFailedError as error:
                # A run that has only begun is asked again; one that found the chain broken will not know better.
                if why := await self._stopped(stream):
                    raise LedgerFork(why) from None
                if time.monotonic() > deadline:
                    await self._known(stream)
                    raise LedgerUnavailable("The case is being restored from the ledger.") from error
                await asyncio.sleep(QUERY_AGAIN.total_seconds())
            except RPCError as error:
                if error.status == RPCStatusCode.NOT_FOUND:
                    raise CaseUnknown(stream) from None
                raise LedgerUnavailable("No worker answered for this case.") from error

    async def recover(self, stream: str) -> bool:
        """Start the case's workflow from the ledger, if none runs or the one that runs was stopped by a fork; True if one was started.

        Raises:
            CaseUnknown: the ledger has no such stream.
            LedgerUnavailable: Temporal does not answer.
        """
        await self._known(stream)
        if await self._begun(stream, instead=False):
            return True
        if await self._cleared(stream):
            return True
        if not await self._stopped(stream):
            return False
        return await self._begun(stream, instead=True)

    async def begin_again(self, stream: str) -> None:
        """Start the case's workflow from the ledger, in the place of whichever runs."""
        await self._begun(stream, instead=True)

    async def _begun(self, stream: str, *, instead: bool) -> bool:
        try:
            return await running.begin(self.temporal, stream, task_queue=self._settings.task_queue, instead=instead)
        except RPCError as error:
            raise LedgerUnavailable("Temporal does not answer.") from error

    async def _stopped(self, stream: str) -> str:
        with suppress(RPCError, temporal.WorkflowQueryFailedError):
            return await self._handle(stream).query(ParticipantWorkflow.stopped, rpc_timeout=QUERY_PATIENCE)
        # A run that no worker answers for is left alone: it goes on by itself once one does.
        return ""

    async def _cleared(self, stream: str) -> bool:
        """Start the case from its ledger in the place of a run that cannot go on, or of what somebody put there; the ledger holds all that was decided in it, and must answer first.

        False if the run goes on, as far as one can tell.
        """
        try:
            stands = await running.standing(self.temporal, stream, task_queue=self._settings.task_queue)
        except RPCError:
            return False
        if stands not in {"stuck", "displaced"}:
            return False
        await self._known(stream)
        return await self._begun(stream, instead=True)

    async def recover_all(self, streams: Iterable[str]) -> list[str]:
        """Start every one of these cases that has no running workflow; those that were started. Errors as for `recover`."""
        return [stream for stream in streams if await self.recover(stream)]

    async def replay(self, stream: str, *, interceptors: Sequence[Interceptor] = ()) -> int:
        """Run every run of the case's Temporal history through this build's workflow code, watched by `interceptors`; how many events there were.

        Raises:
            temporalio.workflow.NondeterminismError: this build would not have done what was done.
            CaseUnknown: Temporal holds no history of this case (any more).
        """
        found = await replaying.histories(self.temporal, stream)
        if not found:
            raise CaseUnknown(stream)
        for history in found.values():
            await replaying.replay(history, self.temporal.data_converter, interceptors=interceptors)
        return sum(len(history.events) for history in found.values())

    async def replayed(self, stream: str, text: str) -> str:
        """What this build's workflow code does otherwise than stands in this history of a run, as `histories` gives it; empty if it does the same."""
        try:
            history = temporal.WorkflowHistory.from_json(stream, text)
            await replaying.replay(history, self.temporal.data_converter)
        except Exception as error:  # noqa: BLE001 - whatever stands in the way of a replay is what was asked for
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return ""

    async def histories(self, stream: str) -> list[tuple[str, str]]:
        """The history of every run of the case that Temporal still holds: the run's id, and the history as JSON, the same each time.

        Raises:
            CaseUnknown: Temporal holds none (any more).
            LedgerUnavailable: Temporal does not answer.
        """
        try:
            found = await replaying.histories(self.temporal, stream)
        except RPCError as error:
            raise LedgerUnavailable("Temporal does not answer.") from error
        if not found:
            raise CaseUnknown(stream)
        return [(run_id, replaying.canonical(history)) for run_id, history in found.items()]

    async def forget_worker(self, stream: str) -> None:
        """Have the server forget which worker holds the case in its cache: whichever comes next rebuilds it from its history."""
        execution = WorkflowExecution(workflow_id=stream)
        request = ResetStickyTaskQueueRequest(namespace=self.temporal.namespace, execution=execution)
        await self.temporal.workflow_service.reset_sticky_task_queue(request)

    def _handle(self, stream: str) -> temporal.WorkflowHandle[ParticipantWorkflow, None]:
        return self.temporal.get_workflow_handle_for(ParticipantWorkflow.run, stream)

    async def _update(self, stream: str, envelope: Envelope) -> Receipt:
        sending: asyncio.Task[Receipt] = asyncio.create_task(self._handle(stream).execute_update(
            SUBMIT, envelope, id=wire.update_id(envelope.command_id), result_type=Receipt, rpc_timeout=PATIENCE
        ))  # fmt: skip
        try:
            while not sending.done():
                await asyncio.wait({sending}, timeout=DOUBT.total_seconds())
                if not sending.done() and await self._cleared(stream):
                    break
            else:
                return await sending
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND and not await self._cleared(stream):
                raise
        finally:
            sending.cancel()
        await self._known(stream)
        return await self._start_and_update(stream, envelope)

    async def _begin(self, stream: str, envelope: Envelope) -> Receipt:
        """Open a case: its key comes first, since what opens it is sealed under it."""
        async with self._pool.connection() as connection:
            await self._keyring.stream_key(connection, stream, create=True)
        return await self._start_and_update(stream, envelope)

    async def _start_and_update(self, stream: str, envelope: Envelope) -> Receipt:
        start = temporal.WithStartWorkflowOperation(
            ParticipantWorkflow.run, Start(stream=stream), id=stream, task_queue=self._settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING, static_summary=wire.SUMMARY,
        )  # fmt: skip
        receipt: Receipt = await self.temporal.execute_update_with_start_workflow(
            SUBMIT, envelope, start_workflow_operation=start, id=wire.update_id(envelope.command_id),
            result_type=Receipt, rpc_timeout=PATIENCE,
        )  # fmt: skip
        return receipt

    async def _known(self, stream: str) -> None:
        """Nobody opens a case by misspelling one: only a stream that the ledger knows is started again."""
        try:
            async with self._pool.connection() as connection:
                known, gone = await head(connection, stream), await is_destroyed(connection, stream)
        except (psycopg.Error, PoolTimeout, StoreRefused) as error:
            raise LedgerUnavailable("The ledger did not answer.") from error
        if gone:
            raise CaseErased(stream)
        if known is None:
            raise CaseUnknown(stream)

    async def _answered(self, envelope: Envelope, sending: Coroutine[Any, Any, Receipt]) -> Receipt:
        try:
            answer = await sending
        except temporal.WorkflowUpdateFailedError as failed:
            raise _translated(failed.cause, envelope) from None
        except RecordErased as erased:
            raise CaseErased(erased.stream) from None
        except (psycopg.Error, PoolTimeout, StoreRefused) as error:
            # What is sent is sealed under the case's key, which lies in the ledger's database.
            raise LedgerUnavailable("The ledger did not answer; nothing was sent, or the answer cannot be read.", command_id=envelope.command_id) from error  # fmt: skip
        except (temporal.WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, TimeoutError) as error:
            raise LedgerUnavailable(
                "No answer came in time; it may or may not be recorded.", command_id=envelope.command_id
            ) from error
        if not isinstance(answer, Receipt):
            raise LedgerUnavailable("An answer came that cannot be opened.", command_id=envelope.command_id)
        return answer


def _envelope(actor: str, command: Mapping[str, Any], command_id: str | None) -> Envelope:
    try:
        envelope = Envelope(command_id=command_id or str(uuid4()), actor=actor, command=dict(command))
    except ValidationError as error:
        problem = error.errors(include_input=False, include_url=False)[0]
        raise Malformed(f"{problem['loc'][0]}: {problem['msg']}") from None
    if envelope.size > MAX_COMMAND_BYTES:
        raise Malformed(f"a command is at most {MAX_COMMAND_BYTES} bytes")
    return envelope


def _translated(cause: BaseException | None, envelope: Envelope) -> Exception:
    """What an update's failure says, as one of this module's errors."""
    if isinstance(cause, ApplicationError):
        if cause.type == wire.REFUSED:
            refusal, receipt = cause.details
            return RefusedAnswer(**refusal, receipt=Receipt.model_validate(receipt))
        if cause.type == wire.LEDGER_FORK:
            return LedgerFork(cause.message)
        if cause.type == wire.MALFORMED:
            return Malformed(cause.message)
    return LedgerUnavailable(
        "The ledger did not answer; nothing is known to be decided.", command_id=envelope.command_id
    )
