"""Words that nobody else writes, in the shapes that personal data has, and every way in which they could be hidden in bytes."""

import base64
import gzip
import json
import unicodedata
import urllib.parse
import zlib
from collections.abc import Iterator
from contextlib import suppress

CANARIES = {
    "name": "Ännchen Überläufer-Quist",
    "address": "Zwölfkäferstraße 77b",
    "phone": "+49 30 5550199427",
    "mail": "quist.aennchen@uberlaufer.example",
    "reason": "qxzwart fürchtet den Onkel",
    "plain": "qxzcanary0815",
}
"""What is planted; all of it synthetic."""
_MEMBER = b"\x1f\x8b\x08"
_LONGEST_MEMBER = 1 << 22


def everything() -> str:
    """One text that holds every canary."""
    return "; ".join(CANARIES.values())


def forms(text: str) -> set[bytes]:
    """The text as bytes, in every writing in which it could stand without being sealed."""
    spelled = {
        text,
        unicodedata.normalize("NFD", text),
        json.dumps(text)[1:-1],
        urllib.parse.quote(text),
        urllib.parse.quote_plus(text),
        text.upper(),
        text.lower(),
    }
    found = {one.encode(code) for one in spelled for code in ("utf-8", "utf-16-le", "utf-16-be")}
    found.add(text.encode("latin-1"))
    found |= {one.encode().hex().encode() for one in spelled}
    for one in (text, json.dumps(text)[1:-1]):
        found |= set(_in_base64(one.encode()))
    return found


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """What stands in base64 wherever `raw` begins in it: its first and last letters depend on the neighbors and are left out."""
    for before in range(3):
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(b"\0" * before + raw)[4 if before else 0 : -4]


PATTERNS = {name: forms(text) for name, text in CANARIES.items()}


def found_in(raw: bytes) -> set[str]:
    """The names of the canaries that stand in `raw`: as they are, encoded, or within gzip members."""
    hits = {name for name, patterns in PATTERNS.items() if any(pattern in raw for pattern in patterns)}
    for member in members(raw):
        hits |= {name for name, patterns in PATTERNS.items() if any(pattern in member for pattern in patterns)}
    return hits


def members(raw: bytes) -> Iterator[bytes]:
    """The gzip members within `raw`, unpacked as far as they go."""
    start = raw.find(_MEMBER)
    while start >= 0:
        # Where these three bytes are no beginning, nothing is there to be unpacked.
        with suppress(zlib.error):
            yield zlib.decompressobj(wbits=31).decompress(raw[start:], _LONGEST_MEMBER)
        start = raw.find(_MEMBER, start + 1)


def planted_forms(text: str) -> list[bytes]:
    """Samples by which the search proves that it would find: raw, UTF-16, base64 at each alignment, gzip, JSON, and hexadecimal."""
    raw = text.encode()
    return [
        b"..." + raw + b"...",
        text.encode("utf-16-le"),
        *(base64.b64encode(b"x" * before + raw + b"tail of it") for before in range(3)),
        b"\0\0" + gzip.compress(raw) + b"\0",
        json.dumps({"text": text}).encode(),
        raw.hex().encode(),
    ]
