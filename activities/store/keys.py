"""Keys: a random key for each stream, wrapped by the program key, which never stands in the database.

GCM does not commit to its key, hence the commitment beside each wrapped key.
"""

from __future__ import annotations

import base64
import hmac
import os
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import sql
from activities.store.stream_key import NONCE_BYTES, StreamKey

__all__ = ["KeyEncryption", "KeyRing", "ProgramKey", "StreamKey", "generate_key_file"]

KEY_BYTES = 32
CACHED_STREAMS = 4096


class RecordErased(StoreRefused):
    """The key of the stream was destroyed by decision of two people: its record is gone for good."""


class KeyEncryption(Protocol):
    """The seam for a key service (KMS, HSM, Vault): it wraps small secrets, and its own key never leaves it."""

    @property
    def key_id(self) -> str:
        """Names the wrapping key, without revealing it: up to 200 letters, digits and `:._/-`."""

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """Encrypt `secret`, bound to `context`."""

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """Decrypt it again.

        Raises:
            StoreRefused: it was wrapped with another key or for another context, or was changed.
        """

    def derive(self, label: bytes) -> bytes:
        """A key of its own for the purpose that `label` names: 32 bytes, the same each time (a key service computes them as a MAC)."""


class ProgramKey:
    """The program key, held in this process: read from a file of its own or from the environment."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreRefused(f"the program key has {len(key)} bytes", f"Give {KEY_BYTES} random bytes in base64.")
        self._cipher = AESGCM(key)
        self._derivation = key
        self._key_id = sha256(b"offramp.key_id.v1\n" + key).hexdigest()[:16]

    def __repr__(self) -> str:
        """Without the key."""
        return f"ProgramKey({self._key_id})"

    @property
    def key_id(self) -> str:
        """The first 16 hexadecimal digits of a digest of the key."""
        return self._key_id

    @classmethod
    def from_base64(cls, text: str, *, where: str = "OFFRAMP_KEY") -> ProgramKey:
        """The key from its base64 text; `where` it stood, for the message.

        Raises:
            StoreRefused: it is not the base64 of 32 bytes.
        """
        try:
            return cls(base64.b64decode("".join(text.split()), validate=True))
        except ValueError as error:
            raise StoreRefused(
                f"the program key in {where} is not base64", "Make one with: openssl rand -base64 32"
            ) from error

    @classmethod
    def from_file(cls, path: Path) -> ProgramKey:
        """The key from a file that only its owner can read.

        Raises:
            StoreRefused: the file is missing, open to others, or holds no key.
        """
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreRefused(
                f"the program key cannot be read from {path}", "Name its file in OFFRAMP_KEY_FILE."
            ) from error
        if os.name == "posix" and mode & 0o077:
            raise StoreRefused(
                f"the program key in {path} can be read by others than its owner", f"Run: chmod 600 {path}"
            )
        return cls.from_base64(text, where=str(path))

    def derive(self, label: bytes) -> bytes:
        """A key of its own for the purpose that `label` names (HKDF with SHA-256)."""
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=label).derive(self._derivation)

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """Nonce and ciphertext of `secret`, bound to `context`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, _wrapping(context))

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """The secret again.

        Raises:
            StoreRefused: it was wrapped with another key or for another context, or was changed.
        """
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _wrapping(context))
        except InvalidTag as error:
            what = f"what is stored for {context} cannot be opened with the program key {self.key_id}"
            raise StoreRefused(what, "Give the program key with which this database was begun.") from error


def _wrapping(context: str) -> bytes:
    return f"offramp.wrapped.v1\n{context}".encode()


def generate_key_file(path: Path) -> None:
    """Write a new random program key to `path`, readable by its owner only; an existing file is kept as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


class KeyRing:
    """The keys of the streams in use, unwrapped once and kept in this process, the least recently used dropped first.

    Args:
        program_key: what wraps them.
        cache: how many streams' keys are kept.
    """

    def __init__(self, program_key: KeyEncryption, cache: int = CACHED_STREAMS) -> None:
        self.program_key = program_key
        self._cache: dict[str, StreamKey] = {}
        self._size = cache

    async def stream_key(self, connection: Connection, stream: str, *, create: bool = False) -> StreamKey:
        """The key of `stream`; with `create`, a new one is made and stored if there is none.

        A key made here counts once the transaction of `connection` commits; until then it is not kept in this process, since what is
        sealed with a key that was rolled back could never be opened again. (Savepoints would hide that: use none around it.)

        Raises:
            RecordErased: the key was destroyed; it is not made anew either.
            StoreRefused: the stream has no key and `create` is false, or the program key is another than the one it was wrapped with.
        """
        known = self._cache.pop(stream, None)
        if known is not None:
            self._cache[stream] = known
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

    def forget(self, stream: str) -> bool:
        """Drop the stream's key from this process (its row was destroyed); whether it was known here."""
        return self._cache.pop(stream, None) is not None

    def _keep(self, stream: str, key: StreamKey) -> None:
        self._cache[stream] = key
        while len(self._cache) > self._size:
            del self._cache[next(iter(self._cache))]

    async def _load(self, connection: Connection, stream: str) -> tuple[StreamKey, bool] | None:
        row = await (await AsyncRawCursor(connection).execute(sql("key_of_stream"), (stream,), binary=True)).fetchone()
        if row is None:
            return None
        key_id, wrapped, commitment, committed = row
        if key_id != self.program_key.key_id:
            what = (
                f"the key of {stream} is wrapped by the program key {key_id}, and this one is {self.program_key.key_id}"
            )
            raise StoreRefused(
                what, "Give the program key with which this database was begun (OFFRAMP_KEY or OFFRAMP_KEY_FILE)."
            )
        key = await self.program_key.unwrap(wrapped, context=stream)
        if not hmac.compare_digest(commitment, _commitment(key)):
            raise StoreRefused(
                f"the key stored for {stream} is not the one it was begun with", "Restore the table key from a backup."
            )
        return StreamKey(stream, key), committed

    async def _create(self, connection: Connection, stream: str) -> None:
        key = AESGCM.generate_key(8 * KEY_BYTES)
        wrapped = await self.program_key.wrap(key, context=stream)
        parameters = (stream, self.program_key.key_id, wrapped, _commitment(key))
        await AsyncRawCursor(connection).execute(sql("key_add"), parameters, binary=True)


async def _missing(connection: Connection, stream: str) -> StoreRefused:
    row = await (await AsyncRawCursor(connection).execute(sql("erasure_of_stream"), (stream,))).fetchone()
    if row is None:
        return StoreRefused(f"there is no key for {stream}", "Check the id of the case.")
    _, _, requested_by, approved_by, approved_at, *_ = row
    return RecordErased(
        f"the record of {stream} was erased, as {requested_by} asked and {approved_by} approved on {approved_at:%Y-%m-%d}",
        "Nothing of it can be had again; 'offramp audit erasures' shows what was erased, and when.",
    )


def _commitment(key: bytes) -> bytes:
    return sha256(b"commit\n" + key).digest()
