"""The log's own key: it signs checkpoints, and stands apart from the program key and from the database.

Whoever can write to the database but has no log key cannot sign another history; whoever has both can, and is found out by any checkpoint that
somebody else kept.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from activities.store.refused import StoreRefused
from workflows.core.checkpoint import ED25519, Checkpoint, Note, Signature, key_id

_SEED_BYTES = 32
_VERIFIER = re.compile(r"(?P<name>[^\s+]{1,200})\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]{40,60})")


class Verifier:
    """A public key by its name, as C2SP signed-note writes it: `name+id+base64`."""

    def __init__(self, name: str, public: Ed25519PublicKey) -> None:
        self.name, self._public = name, public
        self._bytes = public.public_bytes_raw()
        self.key_id = key_id(name, self._bytes)

    def __str__(self) -> str:
        """As it is published."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self._bytes).decode()}"

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """The verifier in `text`.

        Raises:
            StoreRefused: it is no verifier key, or its id is another key's.
        """
        return cls(*read_verifier_key(text, ED25519, what="verifier key of a log"))

    def verified(self, note: Note) -> bool:
        """Whether the note bears this key's signature over its text."""
        for signature in note.signatures:
            if (signature.name, signature.key_id) == (self.name, self.key_id):
                try:
                    self._public.verify(signature.signed, note.text.encode())
                except InvalidSignature:
                    return False
                return True
        return False


def read_verifier_key(text: str, algorithm: bytes, *, what: str) -> tuple[str, Ed25519PublicKey]:
    """The name and the public key in `text`, published as `name+id+base64` for this algorithm.

    Raises:
        StoreRefused: it is no such key, or its id is another key's.
    """
    match = _VERIFIER.fullmatch(text.strip()) if text.strip().isprintable() else None
    coded = _decoded(match["key"]) if match else b""
    if match is None or len(coded) != _SEED_BYTES + 1 or coded[:1] != algorithm:
        raise StoreRefused(f"this is no {what}", "Give it as it was published: name+id+key, in one line.")
    if key_id(match["name"], coded[1:], algorithm=algorithm).hex() != match["id"]:
        raise StoreRefused(f"its id does not belong to this {what}", "Get it again from whoever published it.")
    return match["name"], Ed25519PublicKey.from_public_bytes(coded[1:])


class LogKey:
    """The private key of the log, and the log's name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._private.public_key())

    def __repr__(self) -> str:
        """Without the key."""
        return f"LogKey({self.verifier})"

    @classmethod
    def from_file(cls, path: Path) -> LogKey:
        """The key from a file that only its owner can read: the log's name, a space, and the base64 of 32 bytes.

        Raises:
            StoreRefused: the file is missing, open to others, or holds no key.
        """
        return cls(
            *read_signing_key(
                path, what="log key", missing="Name its file in OFFRAMP_LOG_KEY_FILE.",
                cure="Make one with: offramp audit log-key FILE NAME",
            )
        )  # fmt: skip

    def sign(self, size: int, root: bytes) -> Note:
        """A signed checkpoint of the log."""
        return self.sign_text(Checkpoint(self.verifier.name, size, root).text)

    def sign_text(self, text: str) -> Note:
        """A signed note with this text, whose lines each end; its first line says what it is, so that it passes for nothing else."""
        return Note(text, (Signature(self.verifier.name, self.verifier.key_id, self._private.sign(text.encode())),))


def read_signing_key(path: Path, *, what: str, missing: str, cure: str) -> tuple[str, bytes]:
    """The name and the private key in a file that only its owner can read: the name, a space, and the base64 of 32 bytes.

    Raises:
        StoreRefused: the file is missing (`missing` is the cure), open to others, or holds no key (`cure`).
    """
    try:
        mode, text = path.stat().st_mode, path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreRefused(f"the {what} cannot be read from {path}", missing) from error
    if os.name == "posix" and mode & 0o077:
        raise StoreRefused(f"the {what} in {path} can be read by others than its owner", f"Run: chmod 600 {path}")
    name, _, coded = text.strip().partition(" ")
    seed = _decoded(coded)
    if not name or "+" in name or not name.isprintable() or len(seed) != _SEED_BYTES:
        raise StoreRefused(f"what stands in {path} is no {what}", cure)
    return name, seed


def generate_log_key(path: Path, name: str) -> None:
    """Write a new random log key to `path`, readable by its owner only; an existing file is kept as it is."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "wb") as file:
        file.write(name.encode() + b" " + base64.b64encode(os.urandom(_SEED_BYTES)) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _decoded(coded: str) -> bytes:
    try:
        return base64.b64decode(coded, validate=True)
    except ValueError:
        return b""
