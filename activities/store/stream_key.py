"""The key of one stream: it seals and opens what belongs to that stream alone, and fits its leaves in the log. No database here.

Every record has a key of its own, expanded from the stream's (HKDF, RFC 5869: that key is random, so there is nothing to extract) with an
info that names the kind of record and its place. What is sealed is a nonce of 96 bits followed by AES-256-GCM ciphertext, with the place as
associated data, so that it cannot be moved to another.

The nonce of an entry or a note is synthetic (as in SIV, RFC 5297): a MAC of the plaintext under a second key of the record. The same text at the
same place is sealed to the same bytes, so that an entry can be made again from its events and still fit its hash; another text there has another
nonce. Where a random salt makes the key, the nonce is random too.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from activities.store.refused import StoreRefused

if TYPE_CHECKING:
    from hashlib import _Hash as HASH

NONCE_BYTES = 12
SALT_BYTES = 32
_TAGS = b"offramp.leaf.v1"
_ENTRY = b"offramp.record.v2\nentry\n%d"
_RECORD = b"offramp.record.v2\n%b\n%b"
_NOTE = b"note"
_BLOCK_BYTES = 64
_INNER_PAD = bytes(byte ^ 0x36 for byte in range(256))
_OUTER_PAD = bytes(byte ^ 0x5C for byte in range(256))


def tag_key(key: bytes) -> bytes:
    """A key for leaves alone, from the key of a stream (HKDF's expansion; the key itself is random, so there is nothing to extract)."""
    return hmac.digest(key, _TAGS + b"\x01", "sha256")


def leaf_data(tags: bytes, entry_hash: bytes, *, position: int) -> bytes:
    """What stands in the log for an entry of the stream whose tag key this is: without it, it names nobody and fits nothing."""
    return b"offramp.leaf.v1\n" + hmac.digest(tags, b"%d\n" % position + entry_hash, "sha256")


class StreamKey:
    """The key of one stream. It seals and opens for places of that stream alone."""

    __slots__ = ("_entries", "_inner", "_outer", "raw", "stream", "tags")

    def __init__(self, stream: str, key: bytes) -> None:
        # Copying them costs a sixth of keying them anew.
        self._inner, self._outer = _keyed(key)
        self._entries = b"%b\n" % stream.encode()
        self.stream = stream
        self.tags = tag_key(key)
        self.raw = key

    def leaf(self, entry_hash: bytes, *, position: int) -> bytes:
        """What stands in the log for an entry of this stream: without this key it names nobody and fits nothing."""
        return leaf_data(self.tags, entry_hash, position=position)

    def seal(self, plaintext: bytes, *, position: int) -> bytes:
        """Seal the body of the stream's entry at `position`; the same body there is sealed to the same bytes."""
        return self._sealed(plaintext, _ENTRY % position, self._entries + b"%d" % position)

    def open(self, sealed: bytes, *, position: int) -> bytes:
        """The body that was sealed for the stream's entry at `position`.

        Raises:
            StoreRefused: it was sealed for another place or with another key, or was changed.
        """
        # `_opened` written out: an audit spends much of its time here.
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(b"offramp.record.v2\nentry\n%d\x01" % position)
        outer.update(inner.digest())
        try:
            return AESGCM(outer.digest()).decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._entries + b"%d" % position
            )
        except (InvalidTag, ValueError) as error:
            raise _unreadable(f"{self.stream} position {position}") from error

    def seal_note(self, plaintext: bytes, *, note: str) -> bytes:
        """Seal the text of a note."""
        return self._sealed(plaintext, _RECORD % (_NOTE, note.encode()), f"{self.stream}\n{note}".encode())

    def open_note(self, sealed: bytes, *, note: str) -> bytes:
        """The text of a note again.

        Raises:
            StoreRefused: it was sealed as another note or with another key, or was changed.
        """
        try:
            return self._opened(sealed, _RECORD % (_NOTE, note.encode()), f"{self.stream}\n{note}".encode())
        except (InvalidTag, ValueError) as error:
            raise _unreadable(note) from error

    def seal_record(self, plaintext: bytes, *, kind: bytes, place: bytes) -> bytes:
        """Seal something of another `kind` (a payload) for a `place` that need not be its alone: a random salt, in front, makes its key its own.

        Raises:
            ValueError: `kind` is not one line of its own, or is `entry` or `note`.
        """
        drawn = os.urandom(SALT_BYTES + NONCE_BYTES)
        salt, nonce = drawn[:SALT_BYTES], drawn[SALT_BYTES:]
        # Under a key that no second record ever has, any nonce will do: this one needs not be made from the text.
        key = self._mac(_info(kind, salt) + b"\x01")
        return drawn + AESGCM(key).encrypt(nonce, plaintext, self._place(kind, place))

    def open_record(self, sealed: bytes, *, kind: bytes, place: bytes) -> bytes:
        """What was sealed as this `kind` for this `place`.

        Raises:
            StoreRefused: it was sealed as another kind, for another place or with another key, or was changed.
        """
        salt, rest = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
        info = _info(kind, salt)
        try:
            return self._opened(rest, info, self._place(kind, place))
        except (InvalidTag, ValueError) as error:
            raise _unreadable(f"{self.stream} ({kind.decode(errors='replace')})") from error

    def _place(self, kind: bytes, place: bytes) -> bytes:
        return b"%b\n%b\n%b" % (self.stream.encode(), kind, place)

    def _sealed(self, plaintext: bytes, info: bytes, place: bytes) -> bytes:
        key = self._mac(info + b"\x01")
        # Not `hmac.digest`: it lets other threads run for the length of each call, and a worker's would rather not be waited for.
        inner, outer = _keyed(self._mac(key + info + b"\x02"))
        inner.update(plaintext)
        outer.update(inner.digest())
        nonce = outer.digest()[:NONCE_BYTES]
        return nonce + AESGCM(key).encrypt(nonce, plaintext, place)

    def _opened(self, sealed: bytes, info: bytes, place: bytes) -> bytes:
        return AESGCM(self._mac(info + b"\x01")).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place)

    def _mac(self, message: bytes) -> bytes:
        """HMAC-SHA-256 under the stream's key; over `info | 0x01` the first block of HKDF's expansion, over `first | info | 0x02` the second."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()


def _keyed(key: bytes) -> tuple[HASH, HASH]:
    """HMAC-SHA-256's two hashes with the key already taken in (RFC 2104, section 4)."""
    padded = key.ljust(_BLOCK_BYTES, b"\0")
    return sha256(padded.translate(_INNER_PAD)), sha256(padded.translate(_OUTER_PAD))


def _info(kind: bytes, salt: bytes) -> bytes:
    if b"\n" in kind or kind in {b"", b"entry", _NOTE}:
        raise ValueError(f"{kind!r} cannot be the kind of a record under a salt")
    return _RECORD % (kind, salt)


def _unreadable(place: str) -> StoreRefused:
    cure = "Run `offramp audit verify` to see whether it was changed; if it was, restore it from a backup."
    return StoreRefused(f"what is stored at {place} cannot be opened with the key of its stream", cure)
