"""Searching everything that is left, for words that must not be found: in files of any kind, packed or not, and in whatever a key that still lives opens.

Nothing is listed here by name: every file below a folder, every column of every table, every key that is stored. What is added later is searched with it.
"""

from __future__ import annotations

import hmac
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psycopg
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from psycopg import sql

from activities.store.keys import ProgramKey
from tests.privacy.canaries import forms, members

ERASED_WORD, ERASED_CODE = "qxzerasedcanary", "qykerasedcode"
LIVING_WORD, LIVING_CODE = "qxzlivingcanary", "qyklivingcode"
"""How everything planted begins: texts, and what has the form of a code, of cases that are erased and of cases that are not."""
STEMS = (ERASED_WORD, ERASED_CODE, LIVING_WORD, LIVING_CODE)
WHOLE = re.compile(rb"(?:qxz(?:erased|living)canary|qyk(?:erased|living)code)c[0-9]{3}n[0-9]{2}", re.IGNORECASE)
"""A canary as it was planted: the case and the number in it stand behind the beginning."""
PATTERNS = {stem: sorted(forms(stem) | forms(stem.capitalize())) for stem in STEMS}
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_ZIP = b"PK\x03\x04"
_LONGEST = 1 << 24
_SHORTEST_SEALED, _SALT, _NONCE, _TAG = 49, 32, 12, 16
"""What is sealed: a nonce, the ciphertext, a tag; shorter than these with the shortest canary between them are hashes, which nobody opens."""


KINDS = (b"payload", b"address")
"""Kinds of record that are sealed under a salt, which stands in front of them (`StreamKey.seal_record`)."""


class Sealed(NamedTuple):
    """A value of bytes, and from which infos the key of its record may have been expanded, each with where the nonce begins."""

    data: bytes
    infos: tuple[tuple[int, bytes], ...]


class Opened(NamedTuple):
    """What every key that lives made of every ciphertext: the canaries that came to light, and how many were tried."""

    canaries: frozenset[str]
    ciphertexts: int
    keys: int


def stems_in(raw: bytes, *, deeper: int = 2) -> set[str]:
    """The beginnings that stand in these bytes: as they are, encoded, or packed, and packed once more."""
    found = {stem for stem, patterns in PATTERNS.items() if any(pattern in raw for pattern in patterns)}
    for inner in unpacked(raw) if deeper else ():
        found |= stems_in(inner, deeper=deeper - 1)
    return found


def unpacked(raw: bytes) -> Iterator[bytes]:
    """What is packed within the bytes: gzip members, zlib streams and files of zip archives, wherever they begin, as far as they go."""
    yield from members(raw)
    for begin in (found.start() for found in _ZLIB.finditer(raw)):
        # Where these two bytes are no beginning, nothing is there to be unpacked.
        with suppress(zlib.error):
            inner = zlib.decompressobj().decompress(memoryview(raw)[begin : begin + _LONGEST], _LONGEST)
            if inner:
                yield inner
    if _ZIP in raw:
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(raw[raw.index(_ZIP) :])) as archive:
            yield from (archive.read(name) for name in archive.namelist())


def scanned(folders: Iterable[Path]) -> dict[str, set[str]]:
    """Every file below the folders in which something planted was found, and what."""
    found = {str(path): stems_in(path.read_bytes()) for path in files(folders)}
    return {name: stems for name, stems in found.items() if stems}


def files(folders: Iterable[Path]) -> list[Path]:
    """Every regular file below the folders, pipes and sockets left out."""
    return sorted(path for folder in folders for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def stands_in(folders: Iterable[Path], secrets: Mapping[str, bytes]) -> dict[str, str]:
    """Those of the secrets (by a name of theirs) that stand in a file as they are, as hexadecimal digits or as base64; and in which."""
    left = {name: _spelled(secret) for name, secret in secrets.items()}
    found: dict[str, str] = {}
    for path in files(folders):
        raw = path.read_bytes()
        for name in [one for one, spellings in left.items() if any(spelled in raw for spelled in spellings)]:
            found[name] = str(path)
            del left[name]
    return found


def _spelled(secret: bytes) -> tuple[bytes, ...]:
    from base64 import b64encode

    return secret, secret.hex().encode(), b64encode(secret).rstrip(b"=")[:-1]


def ciphertexts(dsn: str) -> list[Sealed]:
    """Every value of bytes long enough to be sealed, of every column of every table."""
    found: list[Sealed] = []
    with psycopg.connect(dsn) as connection:
        columns = connection.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type = 'bytea'"
            " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table, column in columns:
            query = sql.SQL("SELECT {}, to_jsonb(t) FROM {} AS t WHERE octet_length({}) >= {}").format(
                sql.Identifier(column), sql.Identifier(schema, table), sql.Identifier(column), _SHORTEST_SEALED
            )
            found += [sealed_in(bytes(value), row) for value, row in connection.execute(query)]
    return found


def sealed_in(data: bytes, row: Mapping[str, object]) -> Sealed:
    """The value with every place for which a row of this kind may have sealed it: its position, its note, its run, or a salt of its own."""
    position = row.get("position")
    places = [b"entry\n%d" % position] if isinstance(position, int) else []
    places += [f"note\n{row[name]}".encode() for name in ("note", "identity") if row.get(name)]
    places += [f"note\nrun:{row['run_id']}".encode()] if row.get("run_id") else []
    salted = [(_SALT, b"offramp.record.v2\n%b\n%b" % (kind, data[:_SALT])) for kind in KINDS]
    return Sealed(data, (*((0, b"offramp.record.v2\n" + place) for place in places), *salted))


def table_stems(dsn: str) -> dict[str, set[str]]:
    """Every table of every schema in which something planted stands, read row by row as the server shows it, and what."""
    found = {}
    with psycopg.connect(dsn) as connection:
        named = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in named:
            rows = connection.execute(sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table)))
            found[f"{schema}.{table}"] = stems_in("\n".join(str(row) for (row,) in rows).encode())
    return {table: stems for table, stems in found.items() if stems}


async def living_keys(dsn: str, program_key: ProgramKey) -> dict[str, bytes]:
    """Every stream's key that is stored, unwrapped by the program key: these and no others live."""
    with psycopg.connect(dsn) as connection:
        rows = connection.execute("SELECT stream, wrapped FROM key").fetchall()
    return {stream: await program_key.unwrap(bytes(wrapped), context=stream) for stream, wrapped in rows}


def opened(sealed: Iterable[Sealed], keys: Mapping[str, bytes]) -> Opened:
    """Open everything with every key, whoever it was sealed for: GCM without its tag is counter mode, which no associated data stops."""
    every, canaries = list(sealed), set()
    for key in keys.values():
        for one in every:
            for begin, info in one.infos:
                nonce, text = one.data[begin : begin + _NONCE], one.data[begin + _NONCE : -_TAG]
                if len(nonce) == _NONCE and text:
                    cipher = Cipher(AES(hmac.digest(key, info + b"\x01", "sha256")), CTR(nonce + b"\0\0\0\2"))
                    plain = cipher.decryptor().update(text)
                    canaries |= {found.decode().lower() for found in WHOLE.findall(plain)}
    return Opened(frozenset(canaries), len(every), len(keys))
