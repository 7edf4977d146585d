"""The payloads of a history that was written as JSON: found, read, and opened with the keys of its case."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from temporalio.api.common.v1 import Payload

from activities.codec import ENCODING, CaseCodec


def payloads(value: Any) -> Iterator[dict[str, Any]]:
    """Every payload of a history, as it stands in its JSON."""
    if isinstance(value, dict):
        if isinstance(value.get("data"), str) and "metadata" in value:
            yield value
        for inner in value.values():
            yield from payloads(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from payloads(inner)


def data(payload: dict[str, Any]) -> bytes:
    """What a payload holds."""
    return base64.b64decode(payload["data"])


async def open_payloads(history: Any, codec: CaseCodec) -> int:
    """Put in the place of every sealed payload of a history what was sealed in it; how many there were.

    Raises:
        AssertionError: one cannot be opened.
    """
    count = 0
    for one in payloads(history):
        metadata = {name: base64.b64decode(text) for name, text in one["metadata"].items()}
        if metadata.get("encoding") == ENCODING:
            [found] = await codec.decode([Payload(metadata=metadata, data=data(one))])
            assert found.metadata["encoding"] != b"json/unreadable", found.data
            one["metadata"] = {name: base64.b64encode(text).decode() for name, text in found.metadata.items()}
            one["data"] = base64.b64encode(found.data).decode()
            count += 1
    return count
