"""What a codec server gives out: payloads opened for a person who may read their case for that purpose, once it stands in the access log.

What Temporal holds of a case is its whole history, so it is opened only to whoever may read the case as a whole (`workflows.case.reading`), by
the staff directory as it is now. What may not be opened comes back as it came. What was sealed under the key for all (headers, of traces) is said
of no case: nobody can be entitled to it, and it stays sealed.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from activities.codec import Form, opened_form
from activities.store import erasure, programs, staff
from activities.store.fold import fold
from activities.store.keys import KeyMissing, KeyRing, RecordErased
from activities.store.pool import Connection, Pool
from activities.store.refused import StoreRefused
from activities.store.stream_key import StreamKey
from activities.store.vault import log_reading
from starter.cli.lookup import case_now
from starter.codec.token import Token
from workflows.case.reading import permit_record, require_whole
from workflows.case.state import Case
from workflows.core.entry import BrokenChain
from workflows.core.refusal import Refused

MOST_CASES = 20
READING_SECONDS = 60.0
"""One reading: Temporal's command line asks for each payload of a history by itself, and whoever looked once did not look a hundred times."""
_STREAM = re.compile(r"[a-z_]{1,32}/[0-9a-f-]{36}")
"""As `workflows.core.kinds.StreamId`."""
_UNREADABLE = "(unreadable: changed, or not of this case)"


class Decoded(NamedTuple):
    """The payloads in their order, and how many of them were opened."""

    forms: list[Form]
    opened: int


class Decoder:
    """Opens payloads for people.

    Args:
        pool: the ledger, the staff directory, the keys and the access log.
        keyring: unwraps the keys of the cases; none is kept longer than a request.
    """

    def __init__(self, pool: Pool, keyring: KeyRing) -> None:
        self._pool, self._keyring = pool, keyring
        self._logging = asyncio.Lock()
        self._logged: dict[tuple[str, Token], float] = {}
        self._folded: dict[str, tuple[float, Case]] = {}

    async def decode(self, forms: Sequence[Form], token: Token) -> Decoded:
        """These payloads, each opened if the person may read its case. That they do is committed to the access log before, once for each case and reading.

        Raises:
            Refused: none of the cases that the payloads are of may be read by this person for this purpose, or there are too many.
            psycopg.Error, psycopg_pool.PoolTimeout: who may read cannot be looked up, or the log not written: nothing was opened.
        """
        streams = sorted({whose for one in forms if (whose := one.sealed_by) and _STREAM.fullmatch(whose)})
        if len(streams) > MOST_CASES:
            raise Refused(
                "too_many_cases",
                f"the payloads are of {len(streams)} cases",
                f"ask for at most {MOST_CASES} cases at once",
            )
        found = await self._found(streams, token) if streams else {}
        refused = [one for one in found.values() if isinstance(one, Refused)]
        if refused and len(refused) == len(found):
            raise refused[0]
        told = [_told(one, found) for one in forms]
        return Decoded(told, sum(after is not before for after, before in zip(told, forms, strict=True)))

    async def _found(self, streams: Sequence[str], token: Token) -> dict[str, StreamKey | str | Refused]:
        async with self._pool.connection() as connection:
            try:
                found = {stream: await self._judged(connection, stream, token) for stream in streams}
                for stream, one in found.items():
                    if isinstance(one, StreamKey):
                        await self._log(connection, stream, token)
            finally:
                # Whoever decides an erasure, elsewhere, must not find a key still held here.
                for stream in streams:
                    self._keyring.forget(stream)
        return found

    async def _log(self, connection: Connection, stream: str, token: Token) -> None:
        """Commit that the case is read, unless the same token began to read it within the last `READING_SECONDS`."""
        async with self._logging:
            now = time.monotonic()
            self._logged = {one: at for one, at in self._logged.items() if now - at < READING_SECONDS}
            if (stream, token) not in self._logged:
                await log_reading(connection, stream=stream, reader=token.person, purpose=token.purpose)
                self._logged[stream, token] = now

    async def _judged(self, connection: Connection, stream: str, token: Token) -> StreamKey | str | Refused:
        """The key, if the person may read the case; else what stands in place of its payloads, or why they may not."""
        try:
            case = await self._case(connection, stream)
            await self._permit(connection, case, token)
            return await self._keyring.stream_key(connection, stream)
        except Refused as refused:
            return refused if refused.code != "record_erased" else await self._erased(connection, stream, token)
        except RecordErased:
            return await self._erased(connection, stream, token)
        except KeyMissing:
            return _UNREADABLE
        except (BrokenChain, StoreRefused):
            return Refused(
                "case_unreadable",
                f"the record of {stream} cannot be read, so who may read it is not known",
                "run 'offramp audit verify' and follow what it says",
            )

    async def _case(self, connection: Connection, stream: str) -> Case:
        """The case as its ledger tells it now; of one that is being read only what came since is folded."""
        now = time.monotonic()
        self._folded = {one: kept for one, kept in self._folded.items() if now - kept[0] < READING_SECONDS}
        _, known = self._folded.pop(stream, (now, None))
        case = await fold(connection, self._keyring, stream, after=known)
        self._folded[stream] = now, case
        return case

    async def _permit(self, connection: Connection, case: Case, token: Token) -> None:
        pinned = case.program
        program = None if pinned is None else await programs.find(connection, pinned.program, pinned.version)
        if program is None:
            raise Refused(
                "not_opened",
                f"{case.stream} was never opened, or its program is not in this store",
                "publish the program with 'offramp program publish'",
            )
        actor = await staff.actor(connection, token.person, case_now(case))
        require_whole(permit_record(case, program, actor=actor, purpose=token.purpose))

    async def _erased(self, connection: Connection, stream: str, token: Token) -> str | Refused:
        """That it was erased is no secret among staff; of whoever is no longer there, nothing is answered."""
        if await staff.actor(connection, token.person, datetime.now(UTC)) is None:
            return Refused(
                "unknown_person",
                f"{token.person} is not in the staff directory, or no longer active",
                "have them imported with 'offramp staff import'",
            )
        tombstone = await erasure.tombstone(connection, stream)
        when = "" if tombstone is None else f" on {tombstone.approved_at:%Y-%m-%d}"
        return f"(erased by decision of two people{when})"


def _told(form: Form, found: dict[str, StreamKey | str | Refused]) -> Form:
    whose = form.sealed_by
    if not whose:
        return form
    match found.get(whose, _UNREADABLE):
        case StreamKey() as key:
            try:
                return opened_form(form, key)
            except StoreRefused:
                return _stand_in(_UNREADABLE)
        case str() as text:
            return _stand_in(text)
        case Refused():
            return form


def _stand_in(text: str) -> Form:
    return Form({"encoding": b"json/plain"}, f'"{text}"'.encode())
