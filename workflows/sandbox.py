"""The SDK's sandbox, without its most expensive question, and without a query in the midst of recording.

For each payload that enters or leaves a workflow the SDK asks the workflow, inside its sandbox, for whom the payload is written: some twenty times a
command, at a sixth of the worker's processor time. Here the answer is always the same: for the workflow itself.
"""

from __future__ import annotations

from temporalio.bridge.proto.workflow_activation import WorkflowActivation, WorkflowActivationJob
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext, WorkflowSerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

_NOT_STORED_ELSEWHERE = StorageDriverStoreContext(target=None)
_ALONE = "legacy_query"
"""Id of a query that is a task of its own: nothing else is under way in it."""


class SandboxedInstance(WorkflowInstance):
    """A workflow in its sandbox.

    A query is answered only once no local activity is under way. Otherwise the SDK ends the workflow task with the answer, and what a local activity
    finished meanwhile stands in that task's history before the workflow has acted on it; if the next task brings a command, the workflow takes that one
    first, and in a replay last. Such a history cannot be replayed, ever (seen with temporalio 1.35: "UpdateMachine in state CompletedCommandCreated").
    """

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        info = sandboxed.get_info()
        self._sandboxed = sandboxed
        self._context = WorkflowSerializationContext(namespace=info.namespace, workflow_id=info.workflow_id)
        self._under_way = set[int]()
        self._asked: list[WorkflowActivationJob] = []

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        """Do what the task asks for, now, and answer its queries, now or once what is being recorded is known."""
        if self._under_way and (asked := _queries(act)):
            self._asked += asked
            return _nothing_done()
        done = self._sandboxed.activate(act)
        self._follow(act, done)
        if self._asked and not self._under_way:
            self._answer(act, done)
        return done

    def get_serialization_context(self, command_info: object) -> SerializationContext:  # noqa: ARG002 - the SDK's signature
        """For whom payloads are written: for the workflow itself, whichever command they belong to."""
        return self._context

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:  # noqa: ARG002 - the SDK's signature
        """Where payloads are stored: in Temporal."""
        return _NOT_STORED_ELSEWHERE

    def get_info(self) -> Info:
        """The SDK's word on the run."""
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        """The thread that the workflow runs on, if it runs."""
        return self._sandboxed.get_thread_id()

    def _follow(self, act: WorkflowActivation, done: WorkflowActivationCompletion) -> None:
        """Know which local activities are under way after this."""
        for job in act.jobs:
            if job.HasField("resolve_activity"):
                self._under_way.discard(job.resolve_activity.seq)
        for command in done.successful.commands:
            if command.HasField("schedule_local_activity"):
                self._under_way.add(command.schedule_local_activity.seq)

    def _answer(self, act: WorkflowActivation, done: WorkflowActivationCompletion) -> None:
        """Answer what was asked meanwhile, with what was done; where that failed, the task is done again and brings its queries along."""
        queries = WorkflowActivation()
        queries.CopyFrom(act)
        del queries.jobs[:]
        queries.jobs.extend(self._asked)
        self._asked = []
        if done.HasField("successful"):
            done.successful.commands.extend(self._sandboxed.activate(queries).successful.commands)


def _queries(act: WorkflowActivation) -> list[WorkflowActivationJob]:
    """The queries that came with a task; the SDK never puts them together with anything else."""
    return [job for job in act.jobs if job.HasField("query_workflow") and job.query_workflow.query_id != _ALONE]


def _nothing_done() -> WorkflowActivationCompletion:
    done = WorkflowActivationCompletion()
    done.successful.SetInParent()
    return done


class Sandbox(SandboxedWorkflowRunner):
    """Runs workflow code as the SDK's sandbox does. Our payloads are written alike for every reader; a codec needs the workflow's id alone.

    What this leaves out is the name of an activity or of another workflow as a payload's context, and storage of payloads outside Temporal.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow in a sandbox of its own."""
        return SandboxedInstance(super().create_instance(det))
