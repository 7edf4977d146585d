"""1,200 of 1,200: whatever a superuser who holds every key of ours does to the record is found and named, by public keys and a witness's notes."""

import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from activities.store import log
from activities.store.cosigning import WitnessKey, trusted
from activities.store.keys import KeyRing, ProgramKey
from activities.store.ledger import read
from activities.store.pool import Pool
from activities.store.signing import LogKey, generate_log_key
from activities.store.witnessed import add_cosignature
from starter.audit.chain import Witness
from starter.audit.whole import Against, Checked, check_ledger
from starter.stack import Stack
from tests.conftest import Database
from tests.store.conftest import SYNTHETIC_KEY, keyring, owner, pool
from tests.store.examples import Writer, new_stream
from tests.tamper.thief import ATTACKS, Attack, Thief, roll_back, write_anew
from workflows.core.checkpoint import parse_note

__all__ = ["keyring", "owner", "pool"]
EACH = 60
STREAMS, ROUNDS = 5, 4
LOG = "test.example/log"


class Scene(NamedTuple):
    """The thief inside, and what the auditor outside holds."""

    thief: Thief
    against: Against
    receipts: dict[str, list[Witness]]


@pytest.fixture
async def scene(
    stack: Stack, database: Database, pool: Pool, keyring: KeyRing, *, tmp_path: Path
) -> AsyncIterator[Scene]:
    """Some cases, written in turns and sealed in rounds, each cosigned; a superuser's connection with the guards taken away."""
    for name, origin in (("log", LOG), ("false", LOG), ("witness", "ombud.example/w1")):
        generate_log_key(tmp_path / name, origin)
    key, witness = LogKey.from_file(tmp_path / "log"), WitnessKey.from_file(tmp_path / "witness")
    writers = [Writer(pool, keyring, new_stream()) for _ in range(STREAMS)]
    notes, sizes = [], []
    async with pool.connection() as connection:
        for number in range(ROUNDS):
            for writer in writers:
                for _ in range(2 + (number + len(writer.stream)) % 2):
                    await writer.write(str(uuid4()))
            sealed = await log.seal(pool, keyring, key)
            assert sealed is not None
            signature = witness.cosign(parse_note(sealed.note).text, 1_800_000_000)
            await add_cosignature(connection, sealed.size, signature)
            notes.append(str(parse_note(sealed.note).signed_by(signature)))
            sizes.append(sealed.size)
        entries = {one.stream: [entry async for entry in read(connection, one.stream)] for one in writers}
        places = {(one.stream, p.position): p.leaf for one in writers for p in await log.places(connection, one.stream)}
        keys = {one.stream: await keyring.stream_key(connection, one.stream) for one in writers}
    policy = trusted(f"witness ombud {witness.verifier}\nquorum ombud\n")
    receipts = {
        name: [Witness(e.position, e.hash.hex(), "a receipt") for e in found] for name, found in entries.items()
    }
    dsn = make_conninfo(stack.addresses.dsn_admin, dbname=database.name)
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True, prepare_threshold=0) as superuser:
        await superuser.execute("SET TIME ZONE 'UTC'")
        await superuser.execute("SET session_replication_role = replica")
        for table in ("entry", "log_node", "checkpoint", "cosignature"):
            await superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        false_key = LogKey.from_file(tmp_path / "false")
        thief = Thief(superuser, keyring, key, false_key, entries, places, sizes, keys)
        yield Scene(thief, Against(key.verifier, notes, policy), receipts)


def told(checked: Checked) -> list[str]:
    """All that the auditor is told."""
    faults = [one.fault for one in checked.streams if one.fault is not None]
    lines = [f"{fault.stream} position {fault.position}: {fault.what}" for fault in faults]
    return [*lines, *([] if checked.log.fault is None else [f"the log: {checked.log.fault.what}"])]


async def audited(scene: Scene, *, receipts: bool = False) -> Checked:
    """The audit as `offramp audit verify` does it, with keys read anew, on the connection that sees what the thief did."""
    against = scene.against._replace(receipts=scene.receipts) if receipts else scene.against
    return await check_ledger(scene.thief.connection, KeyRing(ProgramKey(SYNTHETIC_KEY)), against=against)


async def test_every_manipulation_is_found_and_named(scene: Scene) -> None:
    """Each kind of tampering at random sites, undone after each: the auditor is told, and told where it begins."""
    thief, missed, begun = scene.thief, [], time.monotonic()
    assert told(await audited(scene, receipts=True)) == []
    for attack in ATTACKS:
        for _ in range(EACH):
            async with thief.connection.transaction(force_rollback=True):
                expected = await attack(thief)
                found = told(await audited(scene))
            if not any(expected in line for line in found):
                missed.append((attack.__name__, expected, found))
    assert told(await audited(scene, receipts=True)) == []
    done = len(ATTACKS) * EACH
    sys.stdout.write(
        f"\n{done - len(missed)} of {done} manipulations found and named, {len(ATTACKS)} kinds, {time.monotonic() - begun:.0f} s\n"
    )

    assert missed == []
    assert done >= 1200


@pytest.mark.parametrize(
    "attack", [a for a in ATTACKS if a.__name__ in {"cut_off", "remove_case", "roll_back", "write_anew"}]
)
async def test_whoever_holds_receipts_names_the_first_entry_that_is_gone(scene: Scene, attack: Attack) -> None:
    """Where all that is left fits itself, the log's checkpoints say that it was rewritten, and receipts say which entry is the first."""
    thief = scene.thief
    for _ in range(5):
        async with thief.connection.transaction(force_rollback=True):
            await attack(thief)
            now = {s: [e async for e in read(thief.connection, s)] for s in thief.entries}
            found = told(await audited(scene, receipts=True))
        for stream, entries in thief.entries.items():
            kept = [e.hash for e in now[stream]]
            first = next((n for n, e in enumerate(entries) if n >= len(kept) or kept[n] != e.hash), None)
            assert (first is None) or any(line.startswith(f"{stream} position {first + 1}: ") for line in found), found


@pytest.mark.parametrize("attack", [roll_back, write_anew])
async def test_without_anybody_outside_every_key_of_ours_is_enough(scene: Scene, attack: Attack) -> None:
    """What the witness is for: to an auditor who holds nothing from outside, a history that was written anew or cut back whole looks sound."""
    async with scene.thief.connection.transaction(force_rollback=True):
        await attack(scene.thief)
        alone = await check_ledger(scene.thief.connection, scene.thief.keyring, against=Against(scene.against.verifier))

    assert told(alone) == []
