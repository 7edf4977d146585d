"""One disaster from its seed: what is lost at random moments, what is recovered, and what is checked against what clients hold."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from activities.store import ledger
from activities.store.escrow import Escrow
from activities.store.kept import KeptCheckpoint, discontinuities
from activities.store.lost import keyless
from activities.store.signing import LogKey
from activities.store.walk import streams_in_order
from starter.audit.whole import Against, check_ledger
from starter.stack import Stack
from tests.door import commands
from tests.door.rig import Door, until
from tests.recovery.rig import SECRET, Answered, Escrowed, Kind, StoreRefused, World, told, world
from workflows.core.checkpoint import parse_note
from workflows.core.receipt import Receipt

UNAVAILABLE = 4
MOST_TRIES = 3


@dataclass
class Outcome:
    """What came of a disaster, for whoever counts: figures of the run, and everything that should not be."""

    seed: int
    kind: Kind
    escrow: Escrowed
    receipts: int = 0
    refused: bool = False
    restored: int = 0
    named: int = 0
    exact: bool = False
    keys: int = 0
    tries: int = 0
    texts: set[str] = field(default_factory=set, repr=False)
    wrong: list[str] = field(default_factory=list)


async def disaster(stack: Stack, folder: Path, seed: int, kind: Kind, escrow: Escrowed = "whole") -> Outcome:
    """Play it and judge it."""
    outcome = Outcome(seed, kind, escrow)
    with world(stack, folder, seed) as here:
        await here.prepare()
        await _live(here, kind)
        lost_from = await _strike(here, kind, escrow)
        await _opens_read_only(here, outcome, lost_from)
        await _recover(here, outcome)
        await _judge(here, outcome)
    return outcome


async def _live(here: World, kind: Kind) -> None:
    """Commands, a backup of each thing at a moment of its own, and more commands; each time the worker is stopped wherever it is."""
    steps = [here.random.randrange(2, 7) for _ in range(3)]
    order = ["database", "temporal"]
    here.random.shuffle(order)
    for number, times in enumerate(steps):
        async with here.serving() as door:
            await here.act(door, times)
            if kind == "keys" and number > 0:
                # A key that is made after the backup, and one that may be destroyed after it.
                await here.open(door)
                if here.random.random() < 0.5:
                    await here.erase(door, here.cases[0])
            if here.random.random() < 0.5:
                await asyncio.sleep(here.random.random() * 0.5)
        if number < len(order) and order[number] == "database" and kind != "temporal":
            here.backup.leaves = await here.leaves()
            here.backup.database = here.copied()
        if number < len(order) and order[number] == "temporal" and kind in {"temporal", "both"}:
            here.backup.temporal = here.copied_temporal()


async def _strike(here: World, kind: Kind, escrow: Escrowed) -> int:
    """Lose what is to be lost; how many leaves the log has afterwards."""
    if kind in {"ledger", "both"}:
        here.database = here.backup.database
    if kind in {"temporal", "both"}:
        here.temporal_is_behind()
    if kind == "keys":
        here.keys_are_behind()
    here.spoil_escrow(escrow)
    return await here.leaves()


async def _opens_read_only(here: World, outcome: Outcome, leaves: int) -> None:
    """A worker that starts on a ledger that lacks what was sealed serves nothing."""
    kept = KeptCheckpoint(here.folder / "checkpoint").read(LogKey.from_file(here.folder / "log.key").verifier)
    if not (kept is not None and kept.size > leaves) and not await _tail_is_missing(here):
        return
    try:
        async with here.serving():
            outcome.wrong.append("a ledger behind its checkpoint was served")
    except StoreRefused as refused:
        outcome.refused = True
        if not any(word in refused.what for word in ("missing", "lacks")) or "offramp recover" not in refused.cure:
            outcome.wrong.append(f"the gap was not named: {refused.what}")


async def _tail_is_missing(here: World) -> bool:
    async with await psycopg.AsyncConnection.connect(here.dsn(), autocommit=True) as connection:
        rows = await (await connection.execute("SELECT stream, position FROM entry")).fetchall()
    return any((row["stream"], row["position"]) not in rows for row in Escrow(here.folder / "escrow").tail())


async def _recover(here: World, outcome: Outcome) -> None:
    """As an operator would: recover; if that is not to be had, put back the rest, have two people sign what is lost, and recover once more."""
    receipts = here.folder / "receipts.txt"
    receipts.write_text("".join(f"{one.stream} position {one.position} {one.hash} RECORDED\n" for one in here.receipts), encoding="utf-8")  # fmt: skip
    asked = ("recover", "--as", "omar", "--json", "--receipts", str(receipts))
    first = await here.offramp(*asked)
    while first.code == UNAVAILABLE and outcome.tries < MOST_TRIES:
        # No answer is no answer: an operator tries again, as the message says.
        outcome.tries += 1
        first = await here.offramp(*asked)
    if first.code in {0, 1}:
        outcome.texts = {f"note:{one['note']}" for one in first.json["missing"]["texts"]}
        outcome.keys = len(first.json["keys"]) + len(first.json["missing"]["keys"])
    if first.code == 0:
        outcome.exact = True
        outcome.restored = len(first.json["entries"])
        return
    if outcome.escrow == "whole" and first.code == 1 and first.json["missing"]["leaves"]:
        outcome.wrong.append(f"the escrow lacks what was sealed: leaves {first.json['missing']['leaves']}")
    if first.code != 1:
        outcome.wrong.append(f"recover came to {first.code}: {(first.err + first.out)[-600:]}")
        return
    if first.json["done"] is not None:
        outcome.wrong.append("something was written though not all of it could be had")
    partial = await here.offramp(*asked, "--partial")
    lost = here.folder / "lost.txt"
    lost.write_text((await here.offramp(*asked[:3], "--receipts", str(receipts), "--dry-run")).out, encoding="utf-8")
    declared = await here.offramp(
        "audit", "discontinuity", "--as", "omar", "--approved-by", "dora", "--json", "--receipts", str(receipts), "--receipts", str(lost)
    )  # fmt: skip
    again = await here.offramp(*asked)
    outcome.restored = len(partial.json.get("entries", []))
    for what, done, code in (("partial", partial, 1), ("discontinuity", declared, 0), ("again", again, 0)):
        if done.code != code and not _only_keys(again):
            outcome.wrong.append(f"{what} came to {done.code}: {(done.err + done.out)[-600:]}")


def _only_keys(again: Answered) -> bool:
    """Whether all that is missing still is keys that nobody holds any more: then those cases stay unreadable, and are named."""
    missing = again.json["missing"] if again.code == 1 else {}
    return bool(missing.get("keys")) and not any(
        found for what, found in missing.items() if what not in {"keys", "texts"}
    )


async def _judge(here: World, outcome: Outcome) -> None:
    """Every receipt's entry is there exactly once, or is named as lost under a signature; what is there is sound, runs, and goes on."""
    if outcome.wrong:
        return
    async with here.serving() as door:
        named = await _named_as_lost(here, door)
        outcome.receipts, outcome.named = len(here.receipts), 0
        for receipt in here.receipts:
            there = await _there(door, receipt)
            if not there and (receipt.stream, receipt.position, receipt.hash) not in named:
                outcome.wrong.append(f"silent loss: {receipt.stream} position {receipt.position}")
            outcome.named += not there
        if outcome.exact and outcome.named:
            outcome.wrong.append("recover said that all was there")
        await _sound(here, door, outcome)
        await _goes_on(here, door, outcome)


async def _named_as_lost(here: World, door: Door) -> set[tuple[str, int, str]]:
    verifier = LogKey.from_file(here.folder / "log.key").verifier
    async with door.pool.connection() as connection:
        notes = [one.note for one in await discontinuities(connection)]
    assert all(verifier.verified(parse_note(note)) for note in notes)
    lines = [line.split() for note in notes for line in note.splitlines() if line.startswith("lost ")]
    return {(stream, int(position), hashed) for _, stream, _, position, hashed in lines}


async def _there(door: Door, receipt: Receipt) -> bool:
    async with door.pool.connection() as connection:
        found = [entry async for entry in ledger.read(connection, receipt.stream)]
    return [entry.hash.hex() for entry in found if entry.position == receipt.position] == [receipt.hash]


async def _sound(here: World, door: Door, outcome: Outcome) -> None:
    """The audit finds nothing wrong; what was erased stays erased, and every other note can be read."""
    verifier = LogKey.from_file(here.folder / "log.key").verifier
    from activities.store.erasure_journal import Journal

    against = Against(verifier=verifier, journal=Journal(here.folder / "erasures.jsonl"))
    async with door.pool.connection() as connection:
        checked = await check_ledger(connection, door.keyring, against=against)
        lost = set(await keyless(connection))
    faults = [one.fault.what for one in checked.streams if one.fault is not None and one.stream not in lost]
    unnamed = lost - {one.stream for one in checked.streams if one.fault is not None}
    outcome.wrong += [f"a case without its key is not named by the audit: {stream}" for stream in sorted(unnamed)]
    outcome.wrong += faults if checked.log.fault is None else [*faults, checked.log.fault.what]
    if lost and outcome.exact:
        outcome.wrong.append(f"{len(lost)} keys are missing")
    async with door.pool.connection() as connection:
        streams = {stream async for stream in streams_in_order(connection)}
    for note, case in here.notes.items():
        if case not in streams - lost - here.erased or not await _there(door, here.written[note]):
            continue
        if await _text(door, note) != SECRET and note not in outcome.texts:
            outcome.wrong.append(f"silent loss: {note}")
    for case in here.erased & streams:
        if outcome.exact and case not in lost:
            await _gone(door, case)


async def _text(door: Door, note: str) -> str:
    try:
        return await told(door.pool, note, door)
    except StoreRefused:
        return ""


async def _gone(door: Door, case: str) -> None:
    async def erased() -> bool:
        async with door.pool.connection() as connection:
            rows = await (await connection.execute("SELECT 1 FROM key WHERE stream = %s", (case,))).fetchall()
        return rows == []

    await until(erased)


async def _goes_on(here: World, door: Door, outcome: Outcome) -> None:
    """The workflow of every case holds what the ledger holds, and the next command is answered."""
    async with door.pool.connection() as connection:
        streams = {stream async for stream in streams_in_order(connection)}
        lost = set() if outcome.exact else {stream for (stream,) in await (await connection.execute("SELECT stream FROM entry WHERE NOT EXISTS (SELECT FROM key WHERE key.stream = entry.stream)")).fetchall()}  # fmt: skip
    for case in here.cases:
        if case in streams and case not in here.erased | lost:
            before = await door.settled(case)
            after = await here.submit(door, case, "lena", commands.keep_check_in())
            if after.position <= before.position:
                outcome.wrong.append("the next command was not added")
