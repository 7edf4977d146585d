"""The SDK's sandbox, without its most expensive question.

For each payload that enters or leaves a workflow the SDK asks the workflow, inside its sandbox, for whom the payload is written: some twenty times a
command, at a sixth of the worker's processor time. Here the answer is always the same: for the workflow itself.
"""

from __future__ import annotations

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.converter import SerializationContext, StorageDriverStoreContext, WorkflowSerializationContext
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner
from temporalio.workflow import Info

_NOT_STORED_ELSEWHERE = StorageDriverStoreContext(target=None)


class _Instance(WorkflowInstance):
    """A workflow in its sandbox."""

    def __init__(self, sandboxed: WorkflowInstance) -> None:
        info = sandboxed.get_info()
        self._sandboxed = sandboxed
        self._context = WorkflowSerializationContext(namespace=info.namespace, workflow_id=info.workflow_id)

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        return self._sandboxed.activate(act)

    def get_serialization_context(self, command_info: object) -> SerializationContext:  # noqa: ARG002 - the SDK's signature
        return self._context

    def get_external_store_context(self, command_info: object) -> StorageDriverStoreContext:  # noqa: ARG002 - the SDK's signature
        return _NOT_STORED_ELSEWHERE

    def get_info(self) -> Info:
        return self._sandboxed.get_info()

    def get_thread_id(self) -> int | None:
        return self._sandboxed.get_thread_id()


class Sandbox(SandboxedWorkflowRunner):
    """Runs workflow code as the SDK's sandbox does. Our payloads are written alike for every reader; a codec needs the workflow's id alone.

    What this leaves out is the name of an activity or of another workflow as a payload's context, and storage of payloads outside Temporal.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """A workflow in a sandbox of its own."""
        return _Instance(super().create_instance(det))
