"""Keys: a random key for each stream, wrapped by the program key, which never stands in the database.

GCM does not commit to its key (nor does a key service's own form), hence the commitment beside each wrapped key: it is checked whenever a key is unwrapped.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.program_key import KEY_BYTES, KeyDamaged, KeyEncryption, ProgramKey, generate_key_file
from activities.store.refused import StoreRefused
from activities.store.statements import sql
from activities.store.stream_key import StreamKey

__all__ = ["KeyDamaged", "KeyEncryption", "KeyRing", "ProgramKey", "RecordErased", "StreamKey", "generate_key_file"]

CACHED_STREAMS = 4096
ROOT = "program/00000000-0000-0000-0000-000000000000"
"""Where the root secret stands among the keys: it is wrapped, checked and re-wrapped as they are, and what is derived from it outlives every program key."""


class KeyMissing(StoreRefused):
    """A stream has no key: nothing was ever sealed for it, or its key is lost or destroyed."""

    def __init__(self, stream: str, what: str, cure: str) -> None:
        super().__init__(what, cure)
        self.stream = stream


class RecordErased(KeyMissing):
    """The key of the stream was destroyed by decision of two people: its record is gone for good."""


class KeyRing:
    """The keys of the streams in use, unwrapped once and kept in this process, the least recently used dropped first.

    Args:
        program_key: what wraps new keys.
        cache: how many streams' keys are kept.
        retired: program keys that wrapped some of the keys, or will be the next one: they open, and wrap nothing.
    """

    def __init__(
        self, program_key: KeyEncryption, cache: int = CACHED_STREAMS, *, retired: Sequence[KeyEncryption] = ()
    ) -> None:
        self.program_key = program_key
        self.retired = tuple(one for one in retired if one.key_id != program_key.key_id)
        self._opens = {one.key_id: one for one in (program_key, *self.retired)}
        self._cache: dict[str, StreamKey] = {}
        self._size = cache

    async def stream_key(self, connection: Connection, stream: str, *, create: bool = False) -> StreamKey:
        """The key of `stream`; with `create`, a new one is made and stored if there is none and the stream is new.

        A key made here counts once the transaction of `connection` commits; until then it is not kept in this process, since what is
        sealed with a key that was rolled back could never be opened again. (Savepoints would hide that: use none around it.)

        Raises:
            RecordErased: the key was destroyed; it is not made anew either.
            KeyMissing: the stream has no key and `create` is false, or it has entries and no key.
            StoreRefused: it was wrapped with a program key that is not at hand.
        """
        known = self.held(stream)
        if known is not None:
            return known
        found = await self._load(connection, stream)
        if found is None and create:
            await self._create(connection, stream)
            found = await self._load(connection, stream)
        if found is None:
            raise await _missing(connection, stream)
        key, committed = found
        if committed:
            self._keep(stream, key)
        return key

    def held(self, stream: str) -> StreamKey | None:
        """The stream's key, if this process holds it: for whoever would rather not ask the database each time."""
        known = self._cache.pop(stream, None)
        if known is not None:
            self._cache[stream] = known
        return known

    async def derive(self, connection: Connection, label: bytes) -> bytes:
        """A key of its own for the purpose that `label` names: 32 bytes, the same each time, whatever the program key is by now.

        It comes from a random root secret (HKDF with SHA-256), which is made at the first use.

        Raises:
            StoreRefused: the root secret is gone though it was used, or cannot be opened.
        """
        return derived(await self.stream_key(connection, ROOT, create=True), label)

    def hold(self, key: StreamKey) -> None:
        """Hold the key of a stream that the database lacks, found elsewhere."""
        self._keep(key.stream, key)

    def forget(self, stream: str) -> bool:
        """Drop the stream's key from this process (its row was destroyed); whether it was known here."""
        return self._cache.pop(stream, None) is not None

    def opens(self, key_id: str) -> bool:
        """Whether the program key of this id is at hand."""
        return key_id in self._opens

    async def unwrap(self, stream: str, *, key_id: str, wrapped: bytes, commitment: bytes) -> bytes:
        """The key of a row of the table of keys.

        Raises:
            KeyDamaged: it is not the key that the stream was begun with.
            StoreRefused: it was wrapped with a program key that is not at hand, or the key service does not open it.
        """
        by = self._opens.get(key_id)
        if by is None:
            given = " and ".join(self._opens)
            what = f"the key of {stream} is wrapped by the program key {key_id}, and given is {given}"
            cure = f"Give {key_id} besides, in OFFRAMP_RETIRED_KEY_FILES (or OFFRAMP_RETIRED_KMS_KEY_IDS), or as the program key itself (OFFRAMP_KEY_FILE)."
            raise StoreRefused(what, cure)
        key = await by.unwrap(wrapped, context=stream)
        if not hmac.compare_digest(commitment, committed_to(key)):
            raise KeyDamaged(
                f"the key stored for {stream} is not the one it was begun with", "Restore the table key from a backup."
            )
        return key

    def _keep(self, stream: str, key: StreamKey) -> None:
        self._cache[stream] = key
        while len(self._cache) > self._size:
            del self._cache[next(iter(self._cache))]

    async def _load(self, connection: Connection, stream: str) -> tuple[StreamKey, bool] | None:
        row = await (await AsyncRawCursor(connection).execute(sql("key_of_stream"), (stream,), binary=True)).fetchone()
        if row is None:
            return None
        key_id, wrapped, commitment, committed = row
        key = await self.unwrap(stream, key_id=key_id, wrapped=wrapped, commitment=commitment)
        return StreamKey(stream, key), committed

    async def _create(self, connection: Connection, stream: str) -> None:
        key = AESGCM.generate_key(8 * KEY_BYTES)
        wrapped = await self.program_key.wrap(key, context=stream)
        parameters = (stream, self.program_key.key_id, wrapped, committed_to(key))
        statement = sql("root_key_add" if stream == ROOT else "key_add")
        await AsyncRawCursor(connection).execute(statement, parameters, binary=True)


def derived(root: StreamKey, label: bytes) -> bytes:
    """The key of 32 bytes that comes from the root secret for the purpose that `label` names."""
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(root.raw)


async def _missing(connection: Connection, stream: str) -> KeyMissing:
    row = await (await AsyncRawCursor(connection).execute(sql("erasure_of_stream"), (stream,))).fetchone()
    if row is not None:
        _, _, requested_by, approved_by, approved_at, *_ = row
        return RecordErased(
            stream,
            f"the record of {stream} was erased, as {requested_by} asked and {approved_by} approved on {approved_at:%Y-%m-%d}",
            "Nothing of it can be had again; 'offramp audit erasures' shows what was erased, and when.",
        )
    restore = "Run 'offramp recover': it restores the key from the escrow or from an export; without either, restore its row of the table key from a backup."
    if stream == ROOT:
        return KeyMissing(stream, "the root secret is missing, though keys were derived from it", restore)
    if await (await AsyncRawCursor(connection).execute(sql("entry_head"), (stream,))).fetchone() is not None:
        what = f"the key of {stream} is missing, though the ledger holds its entries and nobody erased them: it is unreadable, and not empty"
        return KeyMissing(stream, what, restore)
    return KeyMissing(stream, f"there is no key for {stream}", "Check the id of the case.")


def committed_to(key: bytes) -> bytes:
    """The digest that fixes which key a stream was begun with, and tells nothing of it."""
    return sha256(b"commit\n" + key).digest()
