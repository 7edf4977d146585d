"""The last checkpoint, kept outside of the database: what a restored backup is measured by before anything is served from it.

A database that was restored from an older copy looks sound: its chains are whole, and its log is what was signed then. What is missing shows only
against something that lies elsewhere. So the worker keeps the newest checkpoint in a file of its own, and one that finds the log behind it, or
another than it, serves nothing: commands wait, reading goes on, and the gap is named. Two people may go on from there, and that stays on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from psycopg import AsyncRawCursor

from activities.store import durable
from activities.store.log import last_checkpoint, root_of, size
from activities.store.pool import Connection
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, Verifier
from activities.store.statements import sql
from workflows.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note

BEHIND = (
    "Nothing is served until it is whole, and reading goes on: stop all workers and run 'offramp recover', which puts the exact tail back from the "
    "escrow, from exports and from Temporal's histories; or restore a newer copy. Only if that cannot be had, two people go on without with "
    "'offramp audit discontinuity'."
)
"""What to do about a ledger that lost something."""
KEPT_OUTSIDE = "the checkpoint that was kept outside"

_LOST_IN_ONE = 400
"""Receipts that are named in one signed note."""


class Lag(NamedTuple):
    """The log as it is does not go on from the checkpoint that was kept: how many entries each has, and the roots in hexadecimal.

    `since` is when the last entry that has a place in the log was recorded: what is missing was recorded later. `where` is who keeps the checkpoint.
    """

    kept: int
    kept_root: str
    now: int
    now_root: str
    since: datetime | None = None
    where: str = KEPT_OUTSIDE

    @property
    def what(self) -> str:
        """In words."""
        if self.now < self.kept:
            missing = self.kept - self.now
            since = f", recorded after {self.since:%Y-%m-%d %H:%M:%S} UTC" if self.since else ""
            return f"the ledger's log has {self.now} entries, and {self.where} covers {self.kept}: the last {missing} are missing{since}"
        return f"the ledger's log is another than the one of whose first {self.kept} entries the kept checkpoint speaks: it was rewritten, or an older copy went on"


class Discontinuity(NamedTuple):
    """That two people let the system go on with a log that lost or changed what was kept: what was kept, what there is, who, when, and signed."""

    kept: int
    kept_root: bytes
    now: int
    now_root: bytes
    declared_by: str
    approved_by: str
    at: datetime
    note: str


class KeptCheckpoint:
    """The newest checkpoint in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, verifier: Verifier) -> Checkpoint | None:
        """The checkpoint; None before the first.

        Raises:
            StoreRefused: the file cannot be read, or what stands there was not signed by the log.
        """
        try:
            note = parse_note(self._path.read_text(encoding="utf-8"))
            found = parse_checkpoint(note.text)
        except FileNotFoundError:
            return None
        except (OSError, UnicodeError, BadNote) as error:
            raise self._unfit(f"cannot be read ({type(error).__name__})") from error
        if not verifier.verified(note):
            raise self._unfit(f"does not bear the signature of {verifier.name}")
        return found

    def keep(self, note: str) -> None:
        """Put a newer one in its place, whole or not at all, and return once the disk has it.

        Raises:
            StoreRefused: it cannot be written.
        """
        try:
            durable.put(self._path, note)
        except OSError as error:
            what = f"the checkpoint cannot be kept in {self._path} ({error.strerror})"
            raise StoreRefused(
                what, "Make room or correct its rights: until then a restored backup would go unnoticed."
            ) from error

    def put_aside(self, number: int) -> Path:
        """Keep what is there under another name, as evidence; where it is now."""
        aside = self._path.with_name(f"{self._path.name}.lost-{number}")
        self._path.replace(aside)
        return aside

    def _unfit(self, why: str) -> StoreRefused:
        cure = "Restore it from its own copy; only if it is lost for good, remove it: then nothing is known of what the ledger held."
        return StoreRefused(f"the checkpoint kept in {self._path} {why}", cure)


async def lag(connection: Connection, kept: Checkpoint, *, where: str = KEPT_OUTSIDE) -> Lag | None:
    """Where the log does not go on from the kept checkpoint; None if it does."""
    now = await size(connection)
    if now >= kept.size and await root_of(connection, kept.size) == kept.root:
        return None
    top = await root_of(connection, now) if now else b""
    row = await (await AsyncRawCursor(connection).execute(sql("leaf_recorded_at"), (now - 1,))).fetchone()
    return Lag(kept.size, kept.root.hex(), now, top.hex(), None if row is None else row[0], where)


async def require_whole(
    connection: Connection, kept: KeptCheckpoint | None, verifier: Verifier, *, others: Mapping[str, Checkpoint] = {}
) -> None:
    """Raise unless the log goes on from the kept checkpoint, if one is kept, and from those that others hold: who → what.

    Raises:
        StoreRefused: it lags behind, or is another one; or the kept one is unfit.
    """
    found = None if kept is None else kept.read(verifier)
    gap = await worst(connection, known(found, await not_given_up(connection, others)))
    if gap is not None:
        raise StoreRefused(gap[0].what, BEHIND)


def known(kept: Checkpoint | None, others: Mapping[str, Checkpoint]) -> dict[str, Checkpoint]:
    """The kept checkpoint among those of others: who → what."""
    return dict(others) if kept is None else {**others, KEPT_OUTSIDE: kept}


async def worst(connection: Connection, checkpoints: Mapping[str, Checkpoint]) -> tuple[Lag, Checkpoint] | None:
    """The largest of these checkpoints from which the log does not go on; None if it goes on from all of them."""
    for where, one in sorted(checkpoints.items(), key=lambda named: -named[1].size):
        if (gap := await lag(connection, one, where=where)) is not None:
            return gap, one
    return None


async def not_given_up(connection: Connection, others: Mapping[str, Checkpoint]) -> dict[str, Checkpoint]:
    """Without the checkpoints of a history that two people gave up: a witness who saw it goes on holding what it saw, and rightly."""
    declared = await discontinuities(connection)

    def given_up(one: Checkpoint) -> bool:
        return any(
            d.kept >= one.size and (d.kept != one.size or d.kept_root == one.root) and (one.size > d.now or d.kept_root != d.now_root)
            for d in declared
        )  # fmt: skip

    return {where: one for where, one in others.items() if not given_up(one)}


async def declare(
    connection: Connection, kept: KeptCheckpoint, key: LogKey, *, declared_by: str, approved_by: str, at: datetime,
    lost: Sequence[str] = (), others: Mapping[str, Checkpoint] = {},
) -> Discontinuity:  # fmt: skip
    """Record, signed, that two people go on with the log as it is; the checkpoint that it does not fit is put aside as evidence.

    `lost` are receipts (stream, position, hash) of entries that are missing: they are named in what is signed, also where no checkpoint covers them.
    `others` are the checkpoints that witnesses hold.

    Raises:
        StoreRefused: nothing is missing, it is one person, or the kept checkpoint is unfit.
    """
    if declared_by == approved_by:
        raise StoreRefused("a discontinuity takes two people", "Have another person approve it with --approved-by.")
    found = kept.read(key.verifier)
    gap = await worst(connection, known(found, await not_given_up(connection, others)))
    if gap is None and not lost:
        raise StoreRefused(
            "the log goes on from the kept checkpoint: nothing is missing", "Nothing to do: start the worker."
        )
    now = await size(connection)
    top = await root_of(connection, now)
    kept_size, kept_root = (max(now, 1), top) if gap is None else (gap[1].size, gap[1].root)
    now_root = top if now else b""
    # A note has its largest length: what does not fit into one is named in the next, a microsecond later.
    parts = [lost[first : first + _LOST_IN_ONE] for first in range(0, len(lost), _LOST_IN_ONE)] or [()]
    rows = []
    for number, part in enumerate(parts):
        instant = at + timedelta(microseconds=number)
        text = (
            f"offramp.discontinuity.v1\n{key.verifier.name}\nkept {kept_size} {kept_root.hex()}\nnow {now} {now_root.hex()}\n"
            f"declared {declared_by}\napproved {approved_by}\nat {instant.isoformat()}\n"
            + "".join(f"lost {one}\n" for one in part)
        )
        signed = str(key.sign_text(text))
        rows.append(Discontinuity(kept_size, kept_root, now, now_root, declared_by, approved_by, instant, signed))
    async with connection.transaction():
        for made in rows:
            await AsyncRawCursor(connection).execute(sql("discontinuity_add"), made)
    if found is not None and gap is not None:
        kept.put_aside(kept_size)
    last = await last_checkpoint(connection)
    if last is not None and last.size <= now:
        kept.keep(last.note)
    return rows[0]


async def discontinuities(connection: Connection) -> list[Discontinuity]:
    """Every one, oldest first."""
    rows = await (await AsyncRawCursor(connection).execute(sql("discontinuities"))).fetchall()
    return [Discontinuity(*row) for row in rows]
