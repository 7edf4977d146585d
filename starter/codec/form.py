"""Payloads as Temporal's UI and command line write them for a codec server: the JSON of its message `Payloads`, taken strictly."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from typing import Any

from activities.codec import Form
from workflows.core.refusal import Refused
from workflows.core.strict_json import BadJson, read_json

MOST_PAYLOADS = 2_000
_MOST_METADATA = 16
_NAME = re.compile(r"[A-Za-z0-9._/-]{1,64}")
_CURE = 'send {"payloads": [{"metadata": {NAME: BASE64}, "data": BASE64}]}, as Temporal\'s UI and command line do'


def parse(body: bytes) -> list[Form]:
    """The payloads of a request.

    Raises:
        Refused: `malformed`, `too_many_payloads`.
    """
    try:
        found = read_json(body)
    except BadJson as error:
        raise _malformed(f"the body cannot be taken: {error}") from error
    if not isinstance(found, dict) or found.keys() != {"payloads"} or not isinstance(found["payloads"], list):
        raise _malformed("the body is not an object with a list of payloads and nothing else")
    if len(found["payloads"]) > MOST_PAYLOADS:
        raise Refused(
            "too_many_payloads",
            f"there are {len(found['payloads'])} payloads in one request",
            f"send at most {MOST_PAYLOADS} at once",
        )
    return [_form(one, number) for number, one in enumerate(found["payloads"], 1)]


def written(forms: Sequence[Form]) -> bytes:
    """The same way back."""
    payloads = [
        {"metadata": {name: _base64(value) for name, value in one.metadata.items()}, "data": _base64(one.data)}
        for one in forms
    ]
    return json.dumps({"payloads": payloads}).encode()


def _form(value: Any, number: int) -> Form:
    if not isinstance(value, dict) or not value.keys() <= {"metadata", "data"}:
        raise _malformed(f"payload {number} is not metadata and data")
    metadata = value.get("metadata", {})
    if not isinstance(metadata, dict) or len(metadata) > _MOST_METADATA:
        raise _malformed(f"the metadata of payload {number} are no object, or more than {_MOST_METADATA}")
    if not all(_NAME.fullmatch(name) for name in metadata):
        raise _malformed(f"a name in the metadata of payload {number} is no short word")
    return Form({name: _bytes(one, number) for name, one in metadata.items()}, _bytes(value.get("data", ""), number))


def _bytes(value: Any, number: int) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError) as error:
        raise _malformed(f"payload {number} holds something that is no base64") from error


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _malformed(why: str) -> Refused:
    return Refused("malformed", why, _CURE)
