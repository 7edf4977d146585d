"""The program key: what wraps every other key, behind a small interface, so that it can lie in a file, in the environment or in a key service."""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.store.refused import StoreRefused
from activities.store.stream_key import NONCE_BYTES

KEY_BYTES = 32


class KeyEncryption(Protocol):
    """The seam for a key service (KMS, HSM, Vault): it wraps small secrets, and its own key never leaves it."""

    @property
    def key_id(self) -> str:
        """Names the wrapping key, without revealing it, and no other key ever: up to 200 letters, digits and `:._/-`."""

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """Encrypt `secret`, bound to `context`.

        Raises:
            StoreRefused: the service does not answer, or does not do it.
        """

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """Decrypt it again.

        Raises:
            KeyDamaged: it was wrapped with another key or for another context, or was changed.
            StoreRefused: the service does not answer, or does not do it.
        """


class KeyDamaged(StoreRefused):
    """What is stored as a wrapped key is not what this program key wrapped for this context: trying again does not help."""


class ProgramKey:
    """The program key, held in this process: read from a file of its own or from the environment."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise StoreRefused(f"the program key has {len(key)} bytes", f"Give {KEY_BYTES} random bytes in base64.")
        self._cipher = AESGCM(key)
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
    def from_file(cls, path: Path, *, setting: str = "OFFRAMP_KEY_FILE") -> ProgramKey:
        """The key from a file that only its owner can read; `setting` names it, for the message.

        Raises:
            StoreRefused: the file is missing, open to others, or holds no key.
        """
        try:
            mode, text = path.stat().st_mode, path.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise StoreRefused(f"the program key cannot be read from {path}", f"Name its file in {setting}.") from error
        if os.name == "posix" and mode & 0o077:
            raise StoreRefused(
                f"the program key in {path} can be read by others than its owner", f"Run: chmod 600 {path}"
            )
        return cls.from_base64(text, where=str(path))

    async def wrap(self, secret: bytes, *, context: str) -> bytes:
        """Nonce and ciphertext of `secret`, bound to `context`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, secret, _wrapping(context))

    async def unwrap(self, wrapped: bytes, *, context: str) -> bytes:
        """The secret again.

        Raises:
            KeyDamaged: it was wrapped with another key or for another context, or was changed.
        """
        try:
            return self._cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _wrapping(context))
        except (InvalidTag, ValueError) as error:
            raise not_opened(context, self.key_id) from error


def not_opened(context: str, key_id: str) -> KeyDamaged:
    """What every way to hold a program key says of a key that it did not wrap."""
    what = f"what is stored for {context} cannot be opened with the program key {key_id}"
    return KeyDamaged(
        what, "Restore its row of the table key from a backup; 'offramp keys status' shows what wraps what."
    )


def _wrapping(context: str) -> bytes:
    return f"offramp.wrapped.v1\n{context}".encode()


def generate_key_file(path: Path) -> bool:
    """Write a new random program key to `path`, readable by its owner only; an existing file is kept as it is. Whether it was written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return True
