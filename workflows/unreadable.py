"""What stands in place of a payload that cannot be opened: a value, never an error, since an error would wedge the case.

Whoever can reach Temporal can send a payload that was not sealed under the case's key, was sealed for another case, or was changed on the way. A
codec that hands it on lets it act; one that raises fails the workflow's task again and again, and with it every later command of the case. So the
codec puts a payload of this encoding in its place, and the converter makes of it what the reader can answer: a command becomes one that is
refused on record (`unreadable_command`), the start of a run becomes the start of the case whose id it bears, and anything else an `Unreadable`.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, EncodingPayloadConverter

from workflows.case.commands import UNREADABLE
from workflows.core.envelope import Envelope, Start

ENCODING = "json/unreadable"
NOBODY = "nobody"
"""Who is said to have sent what cannot be opened: whose it is cannot be known."""


class Unreadable(NamedTuple):
    """A value that could not be opened: why, in a code."""

    why: str


def unreadable(stream: str, *, why: str, digest: str) -> Payload:
    """The payload that stands in place of one of the case `stream` that could not be opened.

    Args:
        stream: the case, by the id of its workflow.
        why: a code.
        digest: hexadecimal, of what came: the same payload sent twice is one command, answered once.
    """
    told = json.dumps({"stream": stream, "why": why, "digest": digest})
    return Payload(metadata={"encoding": ENCODING.encode()}, data=told.encode())


class _Converter(EncodingPayloadConverter):
    @property
    def encoding(self) -> str:
        return ENCODING

    def to_payload(self, value: Any) -> Payload | None:  # noqa: ARG002 - nothing is ever written in this encoding
        return None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:
        told = json.loads(payload.data)
        if type_hint is Envelope:
            command = {"type": UNREADABLE, "why": told["why"]}
            return Envelope(command_id=f"{UNREADABLE}/{told['digest']}", actor=NOBODY, command=command)
        return Start(stream=told["stream"]) if type_hint is Start else Unreadable(told["why"])


# Made once: Temporal makes a converter for each case and each call, and every one of them would learn all types anew.
_CONVERTERS = CompositePayloadConverter(*PydanticPayloadConverter().converters.values(), _Converter()).converters


class CaseConverter(CompositePayloadConverter):
    """Values as the JSON of their pydantic models, and what could not be opened as a value that says so."""

    def __init__(self) -> None:
        self.converters = _CONVERTERS
