"""The token by which a codec server knows who asks, and what for: signed with a key that comes from the root secret, and soon over.

It names a person; it grants nothing. What that person may read is looked up at each decode. It cannot be called back: whoever lost one is safe
when it expires, or once the staff directory no longer knows its person.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from workflows.core.refusal import Refused

LABEL = b"offramp.codec_token.v1"
"""For `KeyRing.derive`: the key that signs tokens, and nothing else."""
MOST_HOURS = 12
_FORM = re.compile(r"offramp1\.([A-Za-z0-9_-]{1,300})\.([A-Za-z0-9_-]{43})")


class Token(NamedTuple):
    """Who asks, what for (a purpose of reading, by its code), and until when it is believed."""

    person: str
    purpose: str
    until: datetime


def issued(key: bytes, token: Token, *, now: datetime) -> str:
    """The token as text.

    Raises:
        ValueError: it would be believed longer than `MOST_HOURS`, or not at all.
    """
    if not timedelta() < token.until - now <= timedelta(hours=MOST_HOURS):
        msg = f"a token is believed for {MOST_HOURS} hours at most"
        raise ValueError(msg)
    told = json.dumps([token.person, token.purpose, int(token.until.timestamp())], separators=(",", ":")).encode()
    return f"offramp1.{_written(told)}.{_written(_seal(key, told))}"


def believed(key: bytes, text: str, *, now: datetime) -> Token:
    """Who asks, if we said so ourselves and it is not over.

    Raises:
        Refused: `token_unusable`, `token_expired`.
    """
    found = _FORM.fullmatch(text)
    told = b"" if found is None else _read(found[1])
    if found is None or not hmac.compare_digest(_read(found[2]), _seal(key, told)):
        raise Refused(
            "token_unusable",
            "this is no token that this program's key signed",
            "get one with 'offramp codec token --as PERSON --for PURPOSE', and give all of it",
        )
    person, purpose, until = json.loads(told)
    token = Token(person, purpose, datetime.fromtimestamp(until, UTC))
    if now >= token.until:
        raise Refused(
            "token_expired",
            f"the token ended at {token.until.isoformat()}",
            "get a new one with 'offramp codec token --as PERSON --for PURPOSE'",
        )
    return token


def _seal(key: bytes, told: bytes) -> bytes:
    return hmac.digest(key, LABEL + b"\n" + told, "sha256")


def _written(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _read(text: str) -> bytes:
    # Lenient as it is, what it gives is compared with what we sign.
    padded = text + "=" * (-len(text) % 4)
    try:
        return base64.urlsafe_b64decode(padded)
    except ValueError:
        return b""
