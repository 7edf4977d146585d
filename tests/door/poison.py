"""What somebody who holds a Temporal credential may send straight at a case: every way in, every kind of wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from temporalio import client as temporal
from temporalio.api.common.v1 import Payload
from temporalio.common import RawValue
from temporalio.service import RPCError

from tests.door import commands
from tests.fuzz.mutate import TEXTS, mutated

WAYS = ("update", "signal", "query")
_NAMES = ("submit", "nudge", "case", "stopped", "no_such_handler", "Submit", "", "__temporal_x", "__stack_trace", "n" * 900, "n" * 2000, "näme\u202e", "../submit")  # fmt: skip
_ENCODINGS = (
    b"json/plain",
    b"json/protobuf",
    b"binary/plain",
    b"binary/null",
    b"binary/protobuf",
    b"binary/encrypted-by-nobody",
    b"",
    b"\xff\xfe",
)
_BYTES = (b"", b"null", b"{", b"[" * 5000, b"\xff\xfe\x00", b'"\\ud800"', b'{"command_id": "a", "command_id": "b"}', b"9" * 5000, b"NaN", b"1e999", b"\x00" * 64, b'{"a":' * 300 + b"1" + b"}" * 300)  # fmt: skip
_LARGE = 2 * 1024 * 1024


class Sent(NamedTuple):
    """One thing that is sent: by which way, to which handler, with which arguments, and under which id if it is an update."""

    way: str
    name: str
    args: list[Any]
    update_id: str

    async def to(self, handle: temporal.WorkflowHandle[Any, Any]) -> Any:
        """Send it; what came back, or the error."""
        try:
            match self.way:
                case "update":
                    return await handle.execute_update(self.name, args=self.args, id=self.update_id)
                case "signal":
                    return await handle.signal(self.name, args=self.args)
                case _:
                    return await handle.query(self.name, args=self.args)
        except (
            temporal.WorkflowUpdateFailedError,
            temporal.WorkflowQueryFailedError,
            temporal.WorkflowQueryRejectedError,
            RPCError,
            TypeError,
            ValueError,
        ) as error:
            return error


def poisons(seed: int, number: int, streams: list[str]) -> Iterator[Sent]:
    """So many, drawn by `seed`: commands with strange fields, envelopes with strange commands, arguments that are none, names that nobody has."""
    chance = Random(seed)
    for count in range(number):
        way = chance.choice(("update", "update", "update", *WAYS))
        args = _args(chance, f"{seed}/{count}", streams)
        usual = {"update": "submit", "signal": "nudge", "query": "case"}[way]
        name = usual if chance.random() < 0.7 else chance.choice(_NAMES)
        yield Sent(way, name, args, chance.choice(("", "x" * 900, "\u202e", "a b")) + f"poison-{seed}-{count}")


def _args(chance: Random, command_id: str, streams: list[str]) -> list[Any]:
    match chance.randrange(12):
        case 10 | 11:
            return [_envelope(chance, command_id)]
        case 0:
            return []
        case 1:
            return [_envelope(chance, command_id), _envelope(chance, command_id)]
        case 2:
            return [_raw(chance) for _ in range(chance.randint(1, 3))]
        case 3:
            return [
                chance.choice((*TEXTS[:5], 0, -1, 2**70, True, None, [], {}, [[]], {"stream": chance.choice(streams)}))
            ]
        case 4:
            return [{**_envelope(chance, command_id), "actor": chance.choice(("engine", "clock", "console", "nobody", "Lena Example", "lena\u202e", "", "a" * 5000))}]  # fmt: skip
        case 5 if chance.random() < 0.1:
            return [{**_envelope(chance, command_id), "command": {"type": "keep_check_in", "channel": "x" * _LARGE}}]
        case _:
            made = mutated(
                json.dumps(_envelope(chance, command_id)).encode(), chance.getrandbits(40), [commands.keep_check_in()]
            )
            return [RawValue(Payload(metadata={"encoding": b"json/plain"}, data=made or b""))]


def _envelope(chance: Random, command_id: str) -> dict[str, Any]:
    command = chance.choice((commands.keep_check_in(), commands.give_consent(), commands.record_basis(), commands.verify("needs_profile"), {"type": "elapsed"}))  # fmt: skip
    return {"command_id": command_id, "actor": chance.choice(("lena", "omar", "petra")), "command": command}


def _raw(chance: Random) -> RawValue:
    """A payload that no converter made."""
    metadata = {"encoding": chance.choice(_ENCODINGS)} if chance.random() < 0.9 else {}
    if chance.random() < 0.2:
        metadata["messageType"] = b"temporal.api.common.v1.Payload"
    return RawValue(Payload(metadata=metadata, data=chance.choice(_BYTES)))
