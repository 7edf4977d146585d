"""What client and worker must agree on: ids, names, and how values are written on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self, TypedDict, cast
from uuid import uuid4

from temporalio.client import HeaderCodecBehavior
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
)
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from workflows.sandbox import Sandbox
from workflows.unreadable import CaseConverter


@dataclass(frozen=True)
class _CaseDataConverter(DataConverter):
    """The SDK's, without making every part of itself anew for each case: of all of them the codec alone asks whose payloads they are."""

    def with_context(self, context: SerializationContext) -> Self:
        """The same converter for the payloads that the context names."""
        codec = cast("object", self.payload_codec)
        if not isinstance(codec, WithSerializationContext):
            return self
        # As `copy.copy` does it, without asking how: this happens several times a command.
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__, payload_codec=codec.with_context(context))
        return bound


class Sealed(TypedDict):
    """How client, worker and replayer write and read payloads."""

    data_converter: DataConverter
    header_codec_behavior: HeaderCodecBehavior


def sealed(codec: PayloadCodec) -> Sealed:
    """Values travel as the JSON of their pydantic models, codes and references only, sealed by the codec; so do headers and the words of failures."""
    converter = _CaseDataConverter(
        payload_converter_class=CaseConverter,
        payload_codec=codec,
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )
    return Sealed(data_converter=converter, header_codec_behavior=HeaderCodecBehavior.CODEC)


OPEN_CONVERTER = DataConverter(payload_converter_class=CaseConverter)
"""The same values unsealed, for a history whose payloads were opened before."""
# The whole product's pure and shell modules pass through the sandbox: loading them anew for each case would cost megabytes, and the shell alone
# a third of a resting case's memory; the linter keeps them free of clocks and chance instead. Builtins stay restricted in all of them.
RUNNER = Sandbox(
    restrictions=SandboxRestrictions.default.with_passthrough_modules(
        "workflows.core",
        "workflows.program",
        "workflows.case",
        "workflows.wire",
        "workflows.options",
        "workflows.unreadable",
        "workflows.participant",
        "activities",
        "psycopg",
        "psycopg_pool",
        "cryptography",
        "opentelemetry",
        "structlog",
        "yaml",
    )
)
"""How workflow code is run, by a worker and by a replayer alike."""
WORKFLOW, SUMMARY = "Participant", "a participant's case"
"""Name of the workflow, and what Temporal's UI says of each of its runs."""
REFUSED = "Refused"
"""Type of the `ApplicationError` that tells a caller no; its details are the refusal and its receipt."""
LEDGER_UNAVAILABLE = "LedgerUnavailable"
"""Type of the error that is no answer: nothing is known to be decided; repeat with the same command id."""
LEDGER_FORK = "LedgerFork"
"""Type of the error by which a case stops: the ledger and the workflow disagree about the past."""
MALFORMED = "Malformed"
"""Type of the error for an envelope of the wrong shape; it leaves no trace."""
UNREADABLE = "Unreadable"
"""Type of the error for an answer that could not be opened: it is asked for again."""


def new_case_stream() -> str:
    """The id of a new case: its stream in the ledger and its workflow id. Random; it says nothing about anybody."""
    return f"case/{uuid4()}"


def update_id(command_id: str) -> str:
    """A fresh update id for one attempt at a command.

    Temporal would answer a repeated update id with the first outcome, even where that was `LedgerUnavailable`; and it forgets the id at continue-as-new. The ledger
    itself answers a repeated command id with the one recorded answer.
    """
    return f"{command_id}#{uuid4().hex[:8]}"
