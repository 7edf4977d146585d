"""The codec of Temporal's payloads: everything that a case sends through Temporal is sealed under that case's own key.

Temporal's server, its database and its backups then hold ciphertext; destroying the key of a case makes all of it unreadable at once. What stays in
the clear is what Temporal itself needs: ids of workflows, runs, updates and activities, their types, the task queue, and times.

A payload says in its metadata whose key sealed it, so that a codec server, which is told of no workflow, can open it too; the same name is bound
into the ciphertext, so that a payload moved into another case does not open there. Headers (the ids of a trace) are written before Temporal knows
for whom: they are sealed under a key for all, and so is what is still said of a case whose own key was destroyed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from activities.store.keys import ROOT, KeyMissing, KeyRing
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.stream_key import StreamKey
from workflows.case.commands import NO_KEY, NOT_SEALED, OF_ANOTHER_CASE
from workflows.unreadable import unreadable

ENCODING = b"binary/encrypted"
"""As Temporal's own samples name it: its UI and CLI then know that a codec server is needed."""
KEY_ID = "encryption-key-id"
"""Metadata that names whose key sealed a payload: a case's stream, or that of the root secret for what belongs to none."""
FOR_ALL = ROOT
"""Whose key seals what belongs to no case: the root secret's (records of each kind have keys of their own, here as there)."""
_KIND = b"payload"
_DIGITS = 32


class CaseCodec(PayloadCodec, WithSerializationContext):
    """Seals payloads on their way to Temporal and opens them on their way back.

    Opening never fails because of what came: what cannot be opened is replaced (see `workflows.unreadable`). It fails only while the key
    cannot be asked for, which passes.

    Args:
        pool: where the wrapped keys of the cases lie.
        keyring: unwraps and keeps them.
        stream: the case whose payloads these are, as in `of`.
    """

    def __init__(self, pool: Pool, keyring: KeyRing, *, stream: str | None = None) -> None:
        self._pool, self._keyring, self._stream = pool, keyring, stream

    def of(self, stream: str | None) -> CaseCodec:
        """The codec for the payloads of one case; None: for those of which Temporal does not say whose they are."""
        return CaseCodec(self._pool, self._keyring, stream=stream)

    def with_context(self, context: SerializationContext) -> CaseCodec:
        """The codec for the case that the context names."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return self.of(context.workflow_id)
        return self.of(None)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal these payloads.

        Raises:
            psycopg.Error, psycopg_pool.PoolTimeout, StoreRefused: the key cannot be had now.
        """
        key = await self._to_seal()
        return [sealed(payload, key) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open these payloads, or put in the place of each that does not open what says so.

        Raises:
            psycopg.Error, psycopg_pool.PoolTimeout: the key cannot be asked for now.
        """
        return [await self._opened(payload) for payload in payloads]

    async def _to_seal(self) -> StreamKey:
        try:
            return await self._key(FOR_ALL if self._stream is None else self._stream)
        except KeyMissing:
            # Nothing was ever recorded for it, or all that is still said of it is that it was erased: who opens a case makes its key first.
            return await self._key(FOR_ALL)

    async def _opened(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return self._unreadable(payload, NOT_SEALED)
        whose = payload.metadata.get(KEY_ID, b"").decode("utf-8", "replace")
        if whose not in {FOR_ALL, self._stream or whose}:
            return self._unreadable(payload, OF_ANOTHER_CASE)
        try:
            return opened(payload, await self._key(whose))
        except StoreRefused:
            return self._unreadable(payload, NO_KEY)

    async def _key(self, stream: str) -> StreamKey:
        held = self._keyring.held(stream)
        if held is not None:
            return held
        async with self._pool.connection() as connection:
            return await self._keyring.stream_key(connection, stream, create=stream == FOR_ALL)

    def _unreadable(self, payload: Payload, why: str) -> Payload:
        if self._stream is None:
            # A header, of a trace: without it there is one trace less.
            return Payload(metadata={"encoding": b"json/plain"}, data=b"{}")
        digest = sha256(payload.SerializeToString(deterministic=True)).hexdigest()[:_DIGITS]
        return unreadable(self._stream, why=why, digest=digest)


def sealed(payload: Payload, key: StreamKey) -> Payload:
    """The payload, sealed under this key and naming it."""
    whose = key.stream.encode()
    data = key.seal_record(payload.SerializeToString(), kind=_KIND, place=whose)
    return Payload(metadata={"encoding": ENCODING, KEY_ID: whose}, data=data)


def opened(payload: Payload, key: StreamKey) -> Payload:
    """The payload that was sealed under this key.

    Raises:
        StoreRefused: it was sealed with another key, or was changed.
    """
    plain = key.open_record(payload.data, kind=_KIND, place=key.stream.encode())
    try:
        return Payload.FromString(plain)
    except DecodeError as error:
        raise StoreRefused("what was sealed is no payload", "Nothing to do: it is answered as unreadable.") from error


class Form(NamedTuple):
    """A payload as a codec server is handed it, in none of Temporal's types: its metadata, and its data."""

    metadata: Mapping[str, bytes]
    data: bytes

    @property
    def sealed_by(self) -> str:
        """The case under whose key it was sealed, by its own word; nothing where it was never sealed, or under the key for all."""
        whose = self.metadata.get(KEY_ID, b"").decode("utf-8", "replace")
        return "" if self.metadata.get("encoding") != ENCODING or whose == FOR_ALL else whose


def opened_form(form: Form, key: StreamKey) -> Form:
    """What was sealed under this key, for whoever has none of Temporal's types.

    Raises:
        StoreRefused: it was sealed with another key, or was changed.
    """
    plain = opened(Payload(metadata=form.metadata, data=form.data), key)
    return Form(dict(plain.metadata), plain.data)
