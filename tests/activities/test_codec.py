"""The codec: what a case sends through Temporal opens under that case's key alone, and what does not open is a value, never an error."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.converter import DataConverter, WorkflowSerializationContext

from activities.codec import ENCODING, KEY_ID, CaseCodec
from activities.store.keys import KeyRing, ProgramKey
from activities.store.pool import Pool, open_pool
from tests.conftest import Database
from workflows import wire
from workflows.case.commands import UNREADABLE
from workflows.core.envelope import Envelope, Start
from workflows.core.receipt import Receipt
from workflows.unreadable import NOBODY, Unreadable

ENVELOPE = Envelope(command_id="c1", actor="lena", command={"type": "give_consent", "scope": "participation"})


@dataclass
class Bench:
    """Two cases with keys of their own, and the converter of each."""

    pool: Pool
    keyring: KeyRing
    codec: CaseCodec
    one: str
    other: str

    def of(self, stream: str) -> DataConverter:
        """The converter that Temporal's SDK would use for this case."""
        return wire.sealed(self.codec)["data_converter"].with_context(WorkflowSerializationContext("default", stream))


@pytest.fixture
async def bench(database: Database) -> AsyncIterator[Bench]:
    """Two cases that have begun, and a codec."""
    pool, keyring = await open_pool(database.dsn_app, size=2), KeyRing(ProgramKey(bytes(range(32))))
    one, other = wire.new_case_stream(), wire.new_case_stream()
    async with pool.connection() as connection:
        for stream in (one, other):
            await keyring.stream_key(connection, stream, create=True)
    yield Bench(pool, keyring, CaseCodec(pool, keyring), one, other)
    await pool.close()


async def test_a_payload_opens_for_its_own_case(bench: Bench) -> None:
    """What was sealed for a case comes out as it went in, for whoever works on that case."""
    converter = bench.of(bench.one)

    sent = await converter.encode([ENVELOPE, Start(stream=bench.one), None])

    assert await converter.decode(sent, [Envelope, Start, type(None)]) == [ENVELOPE, Start(stream=bench.one), None]


async def test_nothing_of_a_payload_stands_in_the_clear(bench: Bench) -> None:
    """Temporal sees whose it is, by the id that the workflow bears anyway, and nothing else; twice the same is not the same."""
    converter = bench.of(bench.one)

    first, second = await converter.encode([ENVELOPE]), await converter.encode([ENVELOPE])

    assert dict(first[0].metadata) == {"encoding": ENCODING, KEY_ID: bench.one.encode()}
    assert b"lena" not in first[0].data
    assert b"json" not in first[0].data
    assert first[0].data != second[0].data


def _plain(value: Any) -> Payload:
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(value).encode())


async def test_what_was_not_sealed_is_not_taken(bench: Bench) -> None:
    """A command in the clear, however well formed, is not a command: it becomes one that says that it could not be opened."""
    forged = _plain(ENVELOPE.model_dump(mode="json"))

    [found] = await bench.of(bench.one).decode([forged], [Envelope])

    assert (found.actor, found.command) == (NOBODY, {"type": UNREADABLE, "why": "not_sealed"})


async def test_the_stand_in_itself_cannot_be_sent(bench: Bench) -> None:
    """Whoever sends what stands in place of an unreadable payload, with an actor of their choice, is not believed either."""
    data = json.dumps({"stream": bench.one, "why": "x", "digest": "y", "actor": "omar"}).encode()

    [found] = await bench.of(bench.one).decode([Payload(metadata={"encoding": b"json/unreadable"}, data=data)], [Envelope])  # fmt: skip

    assert (found.actor, found.command["why"]) == (NOBODY, "not_sealed")


async def test_a_payload_of_another_case_does_not_open(bench: Bench) -> None:
    """A command that was sealed for one case is nothing in another, whatever its metadata says of whose it is."""
    [sent] = await bench.of(bench.other).encode([ENVELOPE])
    renamed = Payload(metadata={"encoding": ENCODING, KEY_ID: bench.one.encode()}, data=sent.data)
    unnamed = Payload(metadata={"encoding": ENCODING}, data=sent.data)

    found = await bench.of(bench.one).decode([sent, renamed, unnamed], [Envelope] * 3)

    assert [one.command["why"] for one in found] == ["of_another_case", "no_key_opens_it", "of_another_case"]


@pytest.mark.parametrize("at", [0, 31, 32, 60, -1])
async def test_a_changed_payload_does_not_open(bench: Bench, at: int) -> None:
    """A single bit, in the salt, in the text or in the seal, and it is unreadable."""
    [sent] = await bench.of(bench.one).encode([ENVELOPE])
    changed = bytearray(sent.data)
    changed[at] ^= 1

    [found] = await bench.of(bench.one).decode([Payload(metadata=sent.metadata, data=bytes(changed))], [Envelope])

    assert found.command == {"type": UNREADABLE, "why": "no_key_opens_it"}


@pytest.mark.parametrize("data", [b"", b"x", bytes(31), bytes(32), bytes(60)])
async def test_what_is_too_short_to_be_sealed_is_unreadable(bench: Bench, data: bytes) -> None:
    """Any bytes at all are answered with a value."""
    named = {"encoding": ENCODING, KEY_ID: bench.one.encode()}

    [found] = await bench.of(bench.one).decode([Payload(metadata=named, data=data)], [Receipt])

    assert found == Unreadable("no_key_opens_it")


async def test_metadata_that_is_no_text_is_unreadable(bench: Bench) -> None:
    """Bytes that are no UTF-8 in the name of the key, or a name of no case, open nothing and break nothing."""
    found = [
        (await bench.of(bench.one).decode([Payload(metadata={"encoding": ENCODING, KEY_ID: name}, data=bytes(80))], [Receipt]))[0]
        for name in (b"\xff\xfe", b"participant/nobody", b"\x00")
    ]  # fmt: skip

    assert found == [Unreadable("of_another_case")] * 3


async def test_the_same_unreadable_payload_is_one_command(bench: Bench) -> None:
    """What cannot be opened and comes twice bears one command id, so that it is answered once; another one bears another."""
    forged, other = _plain({"a": 1}), _plain({"a": 2})

    first, again, different = await bench.of(bench.one).decode([forged, forged, other], [Envelope] * 3)

    assert first.command_id == again.command_id != different.command_id


async def test_a_start_that_cannot_be_opened_starts_the_case_of_its_id(bench: Bench) -> None:
    """The id of a workflow says whose it is; nothing else can be made of a start, whoever sent it."""
    [found] = await bench.of(bench.one).decode([_plain({"stream": bench.other})], [Start])

    assert found == Start(stream=bench.one)


async def test_words_of_a_failure_are_sealed(bench: Bench) -> None:
    """The message, the stack and the details of a failure travel sealed; what stays is its type, which is neutral."""
    from temporalio.api.failure.v1 import Failure
    from temporalio.exceptions import ApplicationError

    converter, failure = bench.of(bench.one), Failure()

    await converter.encode_failure(ApplicationError("not_met", {"code": "not_met"}, type=wire.REFUSED), failure)
    written = failure.SerializeToString()
    back = await converter.decode_failure(failure)

    assert b"not_met" not in written
    assert b"Traceback" not in written
    assert isinstance(back, ApplicationError)
    assert (back.message, back.type, list(back.details)) == ("not_met", wire.REFUSED, [{"code": "not_met"}])


async def test_a_header_is_sealed_too(bench: Bench) -> None:
    """What is written before Temporal knows for whom, the ids of a trace, is sealed under a key for all, and opens within a case."""
    [sent] = await bench.codec.encode([_plain({"traceparent": "00-1"})])

    [back] = await bench.codec.of(bench.one).decode([sent])

    assert b"traceparent" not in sent.data
    assert json.loads(back.data) == {"traceparent": "00-1"}


async def test_a_header_that_cannot_be_opened_is_empty(bench: Bench) -> None:
    """A forged header costs a trace, and nothing else."""
    [back] = await bench.codec.decode([_plain({"traceparent": "00-1"})])

    assert json.loads(back.data) == {}
