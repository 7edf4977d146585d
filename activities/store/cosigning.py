"""Witnesses' keys: a witness signs that a checkpoint goes on from all that it saw of the log before, and when (C2SP tlog-cosignature)."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from activities.store.refused import StoreRefused
from activities.store.signing import Verifier, read_signing_key, read_verifier_key
from workflows.core.checkpoint import (
    COSIGNED,
    Note,
    Signature,
    cosignature,
    cosignature_parts,
    cosigned_text,
    key_id,
)
from workflows.core.trust import NOBODY, BadPolicy, Policy, parse_policy


class WitnessVerifier:
    """The public key of a witness by its name, as C2SP writes it: `name+id+base64`."""

    def __init__(self, name: str, public: Ed25519PublicKey) -> None:
        self.name, self._public = name, public
        self._bytes = public.public_bytes_raw()
        self.key_id = key_id(name, self._bytes, algorithm=COSIGNED)

    def __str__(self) -> str:
        """As it is published."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(COSIGNED + self._bytes).decode()}"

    @classmethod
    def parse(cls, text: str) -> WitnessVerifier:
        """The verifier in `text`.

        Raises:
            StoreRefused: it is no witness's key, or its id is another key's.
        """
        return cls(*read_verifier_key(text, COSIGNED, what="verifier key of a witness"))

    def cosigned(self, text: str, signatures: Iterable[Signature]) -> tuple[int, Signature] | None:
        """When this witness cosigned the checkpoint with this text (seconds since 1970), and its signature; None if it did not."""
        for signature in signatures:
            if (signature.name, signature.key_id) == (self.name, self.key_id):
                time, signed = cosignature_parts(signature.signed)
                try:
                    self._public.verify(signed, cosigned_text(text, time))
                except InvalidSignature:
                    continue
                return time, signature
        return None


class WitnessKey:
    """The private key of a witness, and its name."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = WitnessVerifier(name, self._private.public_key())

    def __repr__(self) -> str:
        """Without the key."""
        return f"WitnessKey({self.verifier})"

    @classmethod
    def from_file(cls, path: Path) -> WitnessKey:
        """The key from a file that only its owner can read: the witness's name, a space, and the base64 of 32 bytes.

        Raises:
            StoreRefused: the file is missing, open to others, or holds no key.
        """
        cure = "Make one with: offramp witness key FILE NAME"
        return cls(*read_signing_key(path, what="witness key", missing=cure, cure=cure))

    def cosign(self, text: str, time: int) -> Signature:
        """The signature of a checkpoint's text at `time`, in seconds since 1970."""
        signed = cosignature(time, self._private.sign(cosigned_text(text, time)))
        return Signature(self.verifier.name, self.verifier.key_id, signed)


class Trusted(NamedTuple):
    """A policy with its keys read: those of the log, and each witness's by its name in the policy."""

    policy: Policy
    logs: tuple[Verifier, ...]
    witnesses: dict[str, WitnessVerifier]

    def cosigners(self, note: Note) -> dict[str, int]:
        """The witnesses that cosigned the note, by their names in the policy, and when."""
        found = {name: one.cosigned(note.text, note.signatures) for name, one in self.witnesses.items()}
        return {name: one[0] for name, one in found.items() if one is not None}

    def witnessed(self, note: Note) -> bool:
        """Whether enough witnesses cosigned the note."""
        return self.policy.met(self.cosigners(note))


TRUSTS_NOBODY = Trusted(NOBODY, (), {})
"""For whoever names no policy."""


def trusted(text: str) -> Trusted:
    """The policy in `text`, with its keys read.

    Raises:
        StoreRefused: it is no policy, or a key in it is none.
    """
    try:
        policy = parse_policy(text)
    except BadPolicy as bad:
        raise StoreRefused(f"the policy of witnesses cannot be read: {bad}", "Correct the file.") from None
    witnesses = {one.name: WitnessVerifier.parse(one.key) for one in policy.witnesses}
    return Trusted(policy, tuple(Verifier.parse(key) for key in policy.logs), witnesses)


def trusted_in(path: Path | None) -> Trusted:
    """The policy in a file; without one, nobody is trusted to bear witness.

    Raises:
        StoreRefused: it cannot be read, is no policy, or a key in it is none.
    """
    if path is None:
        return TRUSTS_NOBODY
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StoreRefused(f"the policy of witnesses cannot be read from {path}", "Name its file in OFFRAMP_WITNESS_POLICY_FILE.") from error  # fmt: skip
    return trusted(text)
