"""The log asks its witnesses, keeps what they answer, and hears it when its past is not what they saw."""

from collections.abc import AsyncIterator
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import psycopg
import pytest

from activities.sealing import sealing
from activities.store import log
from activities.store.cosigning import Trusted, WitnessKey, trusted
from activities.store.keys import KeyRing
from activities.store.pool import Pool
from activities.store.refused import StoreRefused
from activities.store.signing import LogKey, generate_log_key
from activities.store.witnessed import standing
from activities.witnessing import ask_witnesses
from starter.audit.log import check_log
from starter.audit.proofs import prove_entry, prove_since
from starter.witness.cosign import Witness
from starter.witness.serve import Server
from starter.witness.state import State, opened
from tests.store.test_log import disarmed, written
from workflows.core.checkpoint import parse_checkpoint, parse_note
from workflows.core.merkle import leaf_hash, proves_consistency, proves_inclusion
from workflows.core.proof import parse_consistency, parse_inclusion


class Outside(NamedTuple):
    """The log's key, a witness that answers over HTTP, what it remembers, and the policy that trusts it."""

    key: LogKey
    state: State
    policy: Trusted
    url: str


@pytest.fixture
async def outside(tmp_path: Path) -> AsyncIterator[Outside]:
    """A log with a witness."""
    generate_log_key(tmp_path / "log.key", "test.example/log")
    generate_log_key(tmp_path / "witness.key", "ombud.example/w1")
    key, witness_key = LogKey.from_file(tmp_path / "log.key"), WitnessKey.from_file(tmp_path / "witness.key")
    with opened(tmp_path / "state", witness_key.verifier) as state:
        witness = Witness(witness_key, [key.verifier], state, lambda: 1_800_000_000)
        with Server(("127.0.0.1", 0), witness) as server:
            thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
            thread.start()
            url = f"http://127.0.0.1:{server.server_port}"
            policy = trusted(f"log {key.verifier}\nwitness ombud {witness_key.verifier} {url}\nquorum ombud\n")
            yield Outside(key, state, policy, url)
            server.shutdown()
            thread.join()


async def test_a_receipt_goes_from_recorded_to_sealed_to_witnessed(
    pool: Pool, keyring: KeyRing, outside: Outside
) -> None:
    """An entry is recorded, then sealed by a checkpoint, then witnessed by whoever cosigned it, and each is told."""
    (name,) = await written(pool, keyring, streams=1, entries=2)

    async def stands(trusts: Trusted = outside.policy) -> str:
        async with pool.connection() as connection:
            return (await standing(connection, name, 2, trusted=trusts)).stands

    told = [await stands()]
    await log.seal(pool, keyring, outside.key)
    told.append(await stands())
    asked = await ask_witnesses(pool, outside.policy)
    told.append(await stands())
    nobody = trusted("quorum none\n")

    assert told == ["RECORDED", "SEALED", "WITNESSED"]
    assert await stands(nobody) == "SEALED"
    assert [one.outcome for one in asked] == ["cosigned"]
    assert [one.outcome for one in await ask_witnesses(pool, outside.policy)] == ["current"]


async def test_a_proof_from_the_store_convinces_whoever_has_the_public_keys(
    pool: Pool, keyring: KeyRing, outside: Outside
) -> None:
    """A proof in its file form holds an entry's place, the checkpoint and its cosignature, and needs nothing else."""
    (name,) = await written(pool, keyring, streams=1, entries=5)
    await log.seal(pool, keyring, outside.key)
    await ask_witnesses(pool, outside.policy)
    await written(pool, keyring, streams=1, entries=3)
    await log.seal(pool, keyring, outside.key)
    async with pool.connection() as connection:
        key = await keyring.stream_key(connection, name)
        found = await prove_entry(connection, keyring, name, 4, trusted=outside.policy)
        with pytest.raises(StoreRefused, match="no entry at position 9"):
            await prove_entry(connection, keyring, name, 9, trusted=outside.policy)
    proof = parse_inclusion(str(found.proof))
    note = parse_note(proof.note)
    size, root = parse_checkpoint(note.text)[1:]

    assert found.standing.stands == "WITNESSED"
    assert size == 5, "the newest checkpoint is not witnessed yet"
    assert outside.key.verifier.verified(note)
    assert outside.policy.witnessed(note)
    assert proves_inclusion(
        leaf_hash(key.leaf(found.hash, position=4)), proof.leaf, size=size, path=proof.path, of=root
    )


async def test_a_kept_checkpoint_is_proved_to_be_the_beginning(
    pool: Pool, keyring: KeyRing, outside: Outside, owner: psycopg.Connection
) -> None:
    """Whoever kept a checkpoint gets the proof that the log goes on from it, and is refused one once it was rewritten."""
    await written(pool, keyring, streams=1, entries=3)
    kept = await log.seal(pool, keyring, outside.key)
    await written(pool, keyring, streams=1, entries=4)
    await log.seal(pool, keyring, outside.key)
    assert kept is not None
    async with pool.connection() as connection:
        proof = parse_consistency(str(await prove_since(connection, kept.note)))
        newer = parse_checkpoint(parse_note(proof.note).text)
        disarmed(owner, "log_node", "UPDATE log_node SET hash = sha256(hash) WHERE level = 0 AND index = 2")
        with pytest.raises(StoreRefused, match="they were rewritten"):
            await prove_since(connection, kept.note)

    assert proves_consistency((kept.size, kept.root), (newer.size, newer.root), proof.path)


async def test_the_worker_asks_by_itself_and_a_witness_that_is_away_stops_nothing(
    pool: Pool, keyring: KeyRing, outside: Outside
) -> None:
    """A worker has its checkpoints cosigned; where nobody answers, entries are sealed all the same and the witness is asked again."""
    await written(pool, keyring, streams=1, entries=2)
    away = outside.policy.policy.witnesses[0]._replace(url="http://127.0.0.1:1")
    policy = outside.policy._replace(policy=outside.policy.policy._replace(witnesses=(away,)))
    await log.seal(pool, keyring, outside.key)

    assert [one.outcome for one in await ask_witnesses(pool, policy)] == ["unreachable"]
    async with (
        sealing(pool, keyring, outside.key, trusted=outside.policy, every_seconds=0.05),
        pool.connection() as connection,
    ):
        while (
            found := await check_log(connection, verifier=outside.key.verifier, trusted=outside.policy)
        ).witnessed == 0:
            await connection.execute("SELECT pg_sleep(0.02)")

    assert (found.witnessed, found.witnesses, found.fault) == (2, ("ombud",), None)


async def test_a_history_written_anew_with_every_key_of_ours_is_contradicted_by_the_witness(
    pool: Pool, keyring: KeyRing, outside: Outside, owner: psycopg.Connection
) -> None:
    """Whoever holds the tables, the program key and the log key still cannot have another history cosigned, and the witness keeps what they signed."""
    await written(pool, keyring, streams=2, entries=4)
    await log.seal(pool, keyring, outside.key)
    await ask_witnesses(pool, outside.policy)
    disarmed(owner, "cosignature", "DELETE FROM cosignature")
    disarmed(owner, "checkpoint", "DELETE FROM checkpoint")
    disarmed(owner, "log_node", "DELETE FROM log_node")
    disarmed(owner, "entry", "DELETE FROM entry")
    owner.execute("DELETE FROM log_place")
    outcomes = []
    for _ in range(3):
        await written(pool, keyring, streams=1, entries=4)
        await log.seal(pool, keyring, outside.key)
        outcomes += [(one.outcome, one.status) for one in await ask_witnesses(pool, outside.policy)]

    assert outcomes == [("behind", 409), ("contradicted", 409), ("contradicted", 422)]
    assert len(outside.state.evidence()) == 4


async def test_two_versions_of_the_log_are_found_once_their_notes_meet(
    pool: Pool, keyring: KeyRing, outside: Outside
) -> None:
    """A log that shows one history to its witness and another to an auditor is found out by the two notes, whatever its database says now."""
    await written(pool, keyring, streams=1, entries=3)
    sealed = await log.seal(pool, keyring, outside.key)
    assert sealed is not None
    other = str(outside.key.sign(sealed.size, b"\x01" * 32))
    async with pool.connection() as connection:
        found = await check_log(connection, verifier=outside.key.verifier, kept=[other])

    assert found.fault is not None
    assert "the log was shown in two versions" in found.fault.what


async def test_a_cosignature_that_was_forged_in_the_table_counts_for_nothing(
    pool: Pool, keyring: KeyRing, outside: Outside, owner: psycopg.Connection
) -> None:
    """A line that the witness did not sign is told, and makes nothing witnessed."""
    await written(pool, keyring, streams=1, entries=3)
    await log.seal(pool, keyring, outside.key)
    await ask_witnesses(pool, outside.policy)
    owner.execute(
        "INSERT INTO checkpoint (size, root, note) SELECT 2, root, replace(note, E'\\n3\\n', E'\\n2\\n') FROM checkpoint"
    )
    owner.execute("INSERT INTO cosignature (size, witness, line) SELECT 2, witness, line FROM cosignature")
    disarmed(owner, "cosignature", "DELETE FROM cosignature WHERE size = 3")
    async with pool.connection() as connection:
        found = await check_log(connection, trusted=outside.policy)

    assert found.witnessed == 0
    assert found.fault is not None
    assert "cosignature of ombud.example/w1 to the checkpoint of 2 entries is not its own" in found.fault.what
