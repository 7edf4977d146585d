"""Published programs: immutable versions, each known by its hash, and pinned by the cases that run under them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import NamedTuple
from weakref import WeakKeyDictionary

from psycopg import AsyncRawCursor

from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.statements import sql
from workflows.program.load import program_sha256
from workflows.program.model import Program

_PARSED = 64


class PublishedVersion(NamedTuple):
    """A published version: the program's code, the version and the SHA-256 of the definition, in hexadecimal."""

    code: str
    version: str
    sha256: str


class ListedVersion(NamedTuple):
    """A published version as a list shows it."""

    code: str
    version: str
    sha256: str
    title: str
    published_at: datetime


# A version never changes, so a connection remembers those it has seen: kept for each connection, since a process may have several
# databases. Parsed definitions are shared by their hash.
_SEEN: WeakKeyDictionary[Connection, dict[tuple[str, str], tuple[Program, str]]] = WeakKeyDictionary()


async def publish(connection: Connection, program: Program, source_text: str) -> PublishedVersion:
    """Publish a version for good; publishing the same definition again changes nothing.

    Args:
        connection: in a transaction or not.
        program: the definition, already checked.
        source_text: the file as it was written, with its comments; it is kept beside the definition and does not count for the hash.

    Raises:
        StoreRefused: this version was published with another definition.
    """
    digest = program_sha256(program)
    canonical = program.model_dump_json(exclude_defaults=True)
    parameters = (program.program, program.version, digest, canonical, source_text)
    row = await (await AsyncRawCursor(connection).execute(sql("program_publish"), parameters)).fetchone()
    if row is None:
        row = await (await AsyncRawCursor(connection).execute(sql("program_hash"), parameters[:2])).fetchone()
    if row is None or row[0] != digest:
        what = f"version {program.version} of {program.program} was published with another definition"
        raise StoreRefused(what, "A published version never changes: give the new definition a new version.")
    return PublishedVersion(program.program, program.version, digest)


async def find(connection: Connection, code: str, version: str) -> Program | None:
    """The published version, or None; read and parsed once for each connection.

    Raises:
        StoreRefused: what is stored is not what was published.
    """
    found = await _find(connection, code, version)
    return None if found is None else found[0]


async def pinned(connection: Connection, code: str, version: str, *, sha256: str) -> Program | None:
    """The version that a case is pinned to by its hash, or None.

    Raises:
        StoreRefused: the version stored is another one than the case was opened in.
    """
    found = await _find(connection, code, version)
    if found is not None and found[1] != sha256:
        what = f"version {version} of {code} is not the one that the case was opened in"
        raise StoreRefused(what, "Restore the table program_version from a backup.")
    return None if found is None else found[0]


async def _find(connection: Connection, code: str, version: str) -> tuple[Program, str] | None:
    seen = _SEEN.setdefault(connection, {})
    if (code, version) not in seen:
        row = await (await AsyncRawCursor(connection).execute(sql("program_get"), (code, version))).fetchone()
        if row is None:
            return None
        seen[code, version] = (_parsed(*row), str(row[1]))
    return seen[code, version]


async def get(connection: Connection, code: str, version: str) -> Program:
    """The published version; read and parsed once for each connection.

    Raises:
        StoreRefused: there is no such version, or what is stored is not what was published.
    """
    program = await find(connection, code, version)
    if program is None:
        known = [f"{listed.code} {listed.version}" for listed in await list_published(connection)]
        cure = f"Published: {', '.join(known) or 'none'}; see offramp program list."
        raise StoreRefused(f"no version {version} of a program {code} is published", cure)
    return program


@lru_cache(maxsize=_PARSED)
def _parsed(canonical: str, digest: str) -> Program:
    program = Program.model_validate_json(canonical)
    if program_sha256(program) != digest:
        what = f"version {program.version} of {program.program} is not stored as it was published"
        raise StoreRefused(what, "Restore the table program_version from a backup.")
    return program


async def source(connection: Connection, code: str, version: str) -> str | None:
    """The file of a published version as it was written; None if there is no such version."""
    row = await (await AsyncRawCursor(connection).execute(sql("program_source"), (code, version))).fetchone()
    return None if row is None else str(row[0])


async def list_published(connection: Connection) -> list[ListedVersion]:
    """Every published version, by code and time of publication."""
    rows = await (await AsyncRawCursor(connection).execute(sql("program_list"))).fetchall()
    return [ListedVersion(*row) for row in rows]
