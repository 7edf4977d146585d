"""The log asks its witnesses (C2SP tlog-witness): each is sent the last checkpoint, with the proof that it goes on from the last one it cosigned.

A witness that holds a checkpoint with which the log does not agree says so, and that is told as loudly as this system can: it was restored from an
older copy, or rewritten.
"""

from __future__ import annotations

import asyncio
from typing import Literal, NamedTuple
from urllib.parse import quote

import httpx
import structlog

from activities.store import log
from activities.store.cosigning import Trusted, WitnessVerifier
from activities.store.pool import Pool
from activities.store.signing import Verifier
from activities.store.witnessed import add_cosignature, last_cosigned
from workflows.core.checkpoint import BadNote, Checkpoint, parse_checkpoint, parse_note, parse_signatures
from workflows.core.proof import ConsistencyProof

_PATIENCE_SECONDS = 10.0
_MOST_ANSWER = 16 * 1024
_SIZE = "text/x.tlog.size"
_SIZE_DIGITS = 18

Outcome = Literal["cosigned", "current", "unreachable", "unfit", "behind", "contradicted"]
"""cosigned: now; current: before. unfit: the answer is none that the protocol knows, or not the witness's own. behind: the witness has seen a larger log
than this one. contradicted: what it saw of this log is not what this log was."""


class Asked(NamedTuple):
    """What asking a witness came to: its name in the policy, the outcome, and the HTTP status where there was one."""

    name: str
    outcome: Outcome
    status: int = 0


async def ask_witnesses(pool: Pool, trusted: Trusted, *, client: httpx.AsyncClient | None = None) -> list[Asked]:
    """Ask every witness of the policy that has an address to cosign the last checkpoint, all at once; what each answered.

    Asked again, a witness that has cosigned the last checkpoint is left in peace.

    Raises:
        psycopg.Error: the store fails.
        StoreRefused: the log was damaged.
    """
    async with pool.connection() as connection:
        last = await log.last_checkpoint(connection)
    urls = {one.name: one.url for one in trusted.policy.witnesses if one.url}
    if last is None or not urls:
        return []
    own = client or httpx.AsyncClient(timeout=_PATIENCE_SECONDS, follow_redirects=False)
    try:
        asking = (_Asking(pool, own, last, name, url, trusted.witnesses[name]).ask() for name, url in urls.items())
        found = await asyncio.gather(*asking)
    finally:
        if client is None:
            await own.aclose()
    for one in found:
        _tell(one)
    return found


async def held_by_witnesses(
    trusted: Trusted, verifier: Verifier, *, client: httpx.AsyncClient | None = None
) -> dict[str, Checkpoint]:
    """The newest checkpoint of the log that each witness with an address holds, by `witness NAME's checkpoint`; none of one that cannot be asked.

    What does not bear the log's own signature and the witness's is left out: nobody can keep a system from starting by a forged answer.
    """
    urls = {one.name: one.url for one in trusted.policy.witnesses if one.url}
    if not urls:
        return {}
    own = client or httpx.AsyncClient(timeout=_PATIENCE_SECONDS, follow_redirects=False)
    try:
        answers = await asyncio.gather(*(_held(own, url, verifier.name) for url in urls.values()))
    finally:
        if client is None:
            await own.aclose()
    found = {}
    for name, answer in zip(urls, answers, strict=True):
        try:
            note = parse_note(answer)
            one = parse_checkpoint(note.text)
        except BadNote:
            structlog.get_logger("offramp.witnessing").warning("a witness did not show its checkpoint", endpoint=name)
            continue
        if one.origin == verifier.name and verifier.verified(note) and trusted.witnesses[name].cosigned(note.text, note.signatures):  # fmt: skip
            found[f"the checkpoint that witness {name} cosigned"] = one
    return found


async def _held(client: httpx.AsyncClient, url: str, origin: str) -> str:
    """What a witness answers (empty: nothing that could be read)."""
    asked = f"{url.rstrip('/')}/checkpoint/{quote(origin, safe='')}"
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), client.stream("GET", asked) as answer:
            body = b""
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > _MOST_ANSWER:
                    return ""
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError):
        return ""
    return body.decode(errors="replace") if answer.status_code == httpx.codes.OK else ""


class _Asking(NamedTuple):
    """One witness, asked for one checkpoint."""

    pool: Pool
    client: httpx.AsyncClient
    last: log.Sealed
    name: str
    url: str
    verifier: WitnessVerifier

    async def ask(self) -> Asked:
        """Ask; once more if the witness remembers another size than this log believes."""
        async with self.pool.connection() as connection:
            old = await last_cosigned(connection, self.verifier.name)
        if old == self.last.size:
            return Asked(self.name, "current")
        status, body, other = await self._post(old)
        if status == 409 and other is not None and other <= self.last.size:
            status, body, other = await self._post(other)
        if status == 200:
            return Asked(self.name, await self._kept(body), status)
        if status == 409 and other is not None and other > self.last.size:
            return Asked(self.name, "behind", status)
        if status in {409, 422}:
            return Asked(self.name, "contradicted", status)
        return Asked(self.name, "unfit" if status else "unreachable", status)

    async def _post(self, old: int) -> tuple[int, str, int | None]:
        """The status (0: nobody answered), the body, and the size that the witness names where it remembers another."""
        async with self.pool.connection() as connection:
            path = await log.consistency_of(connection, old, self.last.size)
        asked = str(ConsistencyProof(old, path, self.last.note)).encode()
        try:
            async with (
                asyncio.timeout(_PATIENCE_SECONDS),
                self.client.stream("POST", f"{self.url.rstrip('/')}/add-checkpoint", content=asked) as answer,
            ):
                body = b""
                async for piece in answer.aiter_bytes():
                    body += piece
                    if len(body) > _MOST_ANSWER:
                        return answer.status_code, "", None
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError):
            return 0, "", None
        text = body.decode(errors="replace")
        sized = answer.headers.get("Content-Type", "").startswith(_SIZE) and text.strip().isdecimal() and len(text) <= _SIZE_DIGITS  # fmt: skip
        return answer.status_code, text, int(text) if sized else None

    async def _kept(self, body: str) -> Outcome:
        try:
            signatures = parse_signatures(body)
        except BadNote:
            return "unfit"
        found = self.verifier.cosigned(parse_note(self.last.note).text, signatures)
        if found is None:
            return "unfit"
        async with self.pool.connection() as connection:
            await add_cosignature(connection, self.last.size, found[1])
        return "cosigned"


def _tell(one: Asked) -> None:
    logger = structlog.get_logger("offramp.witnessing")
    if one.outcome in {"behind", "contradicted"}:
        logger.error("a witness contradicts the log", endpoint=one.name, outcome=one.outcome, code=one.status)
    elif one.outcome in {"unreachable", "unfit"}:
        logger.warning("a witness did not cosign", endpoint=one.name, outcome=one.outcome, code=one.status)
