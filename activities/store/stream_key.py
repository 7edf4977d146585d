"""The key of one stream: it seals and opens what belongs to that stream alone, and fits its leaves in the log. No database here.

What is sealed is a random 96-bit nonce followed by AES-256-GCM ciphertext. The associated data name the place it was sealed for (stream and
position, or the note), so that it cannot be moved to another.
"""

from __future__ import annotations

import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.store.refused import StoreRefused

NONCE_BYTES = 12
SALT_BYTES = 32
_TAGS = b"offramp.leaf.v1"


def tag_key(key: bytes) -> bytes:
    """A key for leaves alone, from the key of a stream (HKDF's expansion; the key itself is random, so there is nothing to extract)."""
    return hmac.digest(key, _TAGS + b"\x01", "sha256")


def leaf_data(tags: bytes, entry_hash: bytes, *, position: int) -> bytes:
    """What stands in the log for an entry of the stream whose tag key this is: without it, it names nobody and fits nothing."""
    return b"offramp.leaf.v1\n" + hmac.digest(tags, b"%d\n" % position + entry_hash, "sha256")


class StreamKey:
    """The key of one stream. It seals and opens for places of that stream alone."""

    __slots__ = ("_decrypt", "_encrypt", "raw", "stream", "tags")

    def __init__(self, stream: str, key: bytes) -> None:
        cipher = AESGCM(key)
        self.stream = stream
        self._encrypt, self._decrypt = cipher.encrypt, cipher.decrypt
        self.tags = tag_key(key)
        self.raw = key

    def leaf(self, entry_hash: bytes, *, position: int) -> bytes:
        """What stands in the log for an entry of this stream: without this key it names nobody and fits nothing."""
        return leaf_data(self.tags, entry_hash, position=position)

    def seal(self, plaintext: bytes, *, stream: str, position: int) -> bytes:
        """Seal the body of the entry at `position` of `stream`."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._encrypt(nonce, plaintext, b"%b\n%d" % (stream.encode(), position))

    def open(self, sealed: bytes, *, stream: str, position: int) -> bytes:
        """The body that was sealed for `position` of `stream`.

        Raises:
            StoreRefused: it was sealed for another place or with another key, or was changed.
        """
        try:
            return self._decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], b"%b\n%d" % (stream.encode(), position))
        except InvalidTag as error:
            raise _unreadable(f"{stream} position {position}") from error

    def seal_note(self, plaintext: bytes, *, note: str) -> bytes:
        """Seal the text of a note."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._encrypt(nonce, plaintext, f"{self.stream}\n{note}".encode())

    def open_note(self, sealed: bytes, *, note: str) -> bytes:
        """The text of a note again.

        Raises:
            StoreRefused: it was sealed as another note or with another key, or was changed.
        """
        try:
            return self._decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], f"{self.stream}\n{note}".encode())
        except InvalidTag as error:
            raise _unreadable(note) from error

    def seal_record(self, plaintext: bytes, *, kind: bytes, place: bytes) -> bytes:
        """Seal a record of another kind, for one place: under a key of its own, which a random salt in front of it makes."""
        salt, nonce = os.urandom(SALT_BYTES), bytes(NONCE_BYTES)
        return salt + AESGCM(self._record_key(salt, kind)).encrypt(nonce, plaintext, kind + b"\n" + place)

    def open_record(self, sealed: bytes, *, kind: bytes, place: bytes) -> bytes:
        """The record again.

        Raises:
            StoreRefused: it was sealed for another place or with another key, or was changed.
        """
        salt, nonce = sealed[:SALT_BYTES], bytes(NONCE_BYTES)
        try:
            return AESGCM(self._record_key(salt, kind)).decrypt(nonce, sealed[SALT_BYTES:], kind + b"\n" + place)
        except InvalidTag as error:
            raise _unreadable(f"a {kind.decode()} of {self.stream}") from error

    def _record_key(self, salt: bytes, kind: bytes) -> bytes:
        return hmac.digest(self.raw, b"offramp.record.v2\n" + kind + b"\n" + salt + b"\x01", "sha256")


def _unreadable(place: str) -> StoreRefused:
    cure = "Run `offramp audit verify` to see whether it was changed; if it was, restore it from a backup."
    return StoreRefused(f"what is stored at {place} cannot be opened with the key of its stream", cure)
