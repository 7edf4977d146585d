"""The command that recovers: what it asks, what it writes and when, and that it may be killed at any step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn

import psycopg
import pytest
from temporalio import client as temporal

from activities.store import erasure, ledger, read_model, restoring
from activities.store.lost import keyless
from starter.client import Client
from starter.recovery import recover
from starter.stack import Stack
from tests.door import commands
from tests.door.rig import until
from tests.recovery.rig import Answered, StoreRefused, World, world

RECOVER = ("recover", "--as", "omar", "--json")
Tried = Callable[[World], Coroutine[Any, Any, None]]


def play(stack: Stack, folder: Path, tried: Tried, seed: int = 1) -> None:
    """A world whose ledger is set back behind a sealed moment to an older one, which was sealed as well; then what is tried."""

    async def played() -> None:
        with world(stack, folder, seed) as here:
            here.sealed_every = 0.1
            await here.prepare()
            async with here.serving() as door:
                await here.act(door, 3)
                await here.is_sealed()
            here.backup.database = here.copied()
            async with here.serving() as door:
                case = here.cases[0]
                for _ in range(3):
                    await here.submit(door, case, "lena", commands.keep_check_in())
                await here.open(door)
                await here.is_sealed()
            here.database = here.backup.database
            await tried(here)

    asyncio.run(played())


async def positions(here: World) -> list[tuple[str, int, str]]:
    """Every entry of the ledger by its stream, position and hash."""
    async with await psycopg.AsyncConnection.connect(here.dsn(), autocommit=True) as connection:
        rows = await (await connection.execute("SELECT stream, position, encode(hash, 'hex') FROM entry ORDER BY 1, 2")).fetchall()  # fmt: skip
    return [(stream, position, hashed) for stream, position, hashed in rows]


async def is_exact(here: World) -> None:
    """Every receipt's entry is there once, and the ledger is served again."""
    held = await positions(here)
    assert all(held.count((one.stream, one.position, one.hash)) == 1 for one in here.receipts)
    async with here.serving() as door:
        for case in here.cases:
            await door.settled(case)


def test_a_dry_run_writes_nothing_and_the_run_is_told(losing: Stack, tmp_path: Path) -> None:
    """What would be put back is said without writing; the run says from where what came back; a second run has nothing to do."""

    async def tried(here: World) -> None:
        before = await positions(here)
        dry = await here.offramp("recover", "--as", "omar", "--dry-run")
        assert (dry.code, await positions(here)) == (0, before)
        assert "Would be put back" in dry.out
        done = await here.offramp("recover", "--as", "omar")
        assert done.code == 0, done.out
        assert "From the escrow:" in done.out
        assert f"{here.cases[0]}: positions" in done.out
        assert "its root is the one that was signed" in done.out
        again = await here.offramp("recover", "--as", "omar")
        assert (again.code, "Nothing is missing" in again.out) == (0, True)
        async with await psycopg.AsyncConnection.connect(here.dsn("owner"), autocommit=True) as owner:
            rows = await (await owner.execute("SELECT restored_by, entries FROM restoration")).fetchall()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await owner.execute("DELETE FROM restoration")
        assert rows == [("omar", len(await positions(here)) - len(before))]
        await is_exact(here)

    play(losing, tmp_path, tried)


def test_it_may_be_killed_at_any_step(losing: Stack, tmp_path: Path) -> None:
    """Killed before, within or behind the transaction, or while cases are begun again: the next run ends what was begun."""
    steps = [
        (restoring, "_place"), (recover, "restore_texts"), (erasure, "erase_again"), (read_model, "catch_up"), (Client, "begin_again"),
    ]  # fmt: skip

    async def killed(*_: object, **__: object) -> NoReturn:
        raise KeyboardInterrupt

    async def tried(here: World) -> None:
        before = await positions(here)
        connected = await temporal.Client.connect(losing.addresses.temporal)
        await connected.get_workflow_handle(here.cases[0]).terminate("lost as well")
        for number, (where, step) in enumerate(steps):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(where, step, killed)
                stopped = await here.offramp(*RECOVER)
            assert stopped.code == 130, (step, stopped.out)
            assert (await positions(here) == before) == (number == 0), step
        done = await here.offramp(*RECOVER)
        assert (done.code, done.json["whole"]) == (0, True)
        await is_exact(here)

    play(losing, tmp_path, tried)


def test_what_was_begun_and_erased_after_the_backup_is_erased_in_it_too(losing: Stack, tmp_path: Path) -> None:
    """Its entries stand there again, sealed, though no checkpoint was due before its key went; and its tombstone says why nobody reads them: no key is missing."""

    async def played() -> None:
        with world(losing, tmp_path, 3) as here:
            here.sealed_every = 3600
            await here.prepare()
            here.backup.database = here.copied()
            async with here.serving() as door:
                await here.open(door)
                (case,) = here.cases
                await here.erase(door, case)

                async def erased() -> bool:
                    async with door.pool.connection() as connection:
                        return await erasure.is_destroyed(connection, case)

                await until(erased)
                before = await positions(here)
            here.database = here.backup.database
            done = await here.offramp(*RECOVER)
            assert (done.code, done.json["whole"]) == (0, True), done.err
            assert await positions(here) == before
            async with here.serving() as door, door.pool.connection() as connection:
                assert await erasure.is_destroyed(connection, case)
                assert await keyless(connection) == []
            again = await here.offramp(*RECOVER)
            assert (again.code, again.err) == (0, "")

    asyncio.run(played())


def test_without_the_escrow_bundles_say_what_was_lost(losing: Stack, tmp_path: Path) -> None:
    """Exported bundles, with their keys, give back the exact tail where the escrow and Temporal are gone."""

    async def tried(here: World) -> None:
        newer, here.database = here.database, here.databases[0]
        folder = here.folder / "bundles"
        folder.mkdir()
        for number, case in enumerate(here.cases):
            out = str(folder / f"{number}.zip")
            exported = await here.offramp("audit", "export", case, "-o", out, "--as", "omar", "--no-histories")
            assert exported.code == 0, exported.out
        here.database = newer
        here.spoil_escrow("gone")
        without = await here.offramp(*RECOVER, "--no-temporal")
        assert (without.code, without.json["done"]) == (1, None)
        assert without.json["missing"]["leaves"] != []
        done = await here.offramp(*RECOVER, "--no-temporal", "--from", str(folder))
        assert done.code == 0, done.out
        assert {one["source"] for one in done.json["entries"]} == {"bundles"}
        begun = await here.offramp(*RECOVER)
        assert begun.code == 0
        await is_exact(here)

    play(losing, tmp_path, tried)


def test_a_log_that_went_on_otherwise_is_not_mended(losing: Stack, tmp_path: Path) -> None:
    """Where the older copy was served and has other entries by now, nothing is put into it: the refusal names the way on."""

    async def tried(here: World) -> None:
        checkpoint = here.folder / "checkpoint"
        aside = checkpoint.read_bytes()
        escrow = here.folder / "escrow"
        checkpoint.unlink()
        escrow.rename(here.folder / "aside")
        async with here.serving() as door:
            for _ in range(6):
                await here.open(door)
            await here.is_sealed()
        checkpoint.write_bytes(aside)
        refused = await here.offramp(*RECOVER, "--no-temporal", "--escrow", str(here.folder / "aside"))
        assert refused.code == 3, refused.out
        assert "audit discontinuity" in refused.json["cure"]

    play(losing, tmp_path, tried)


def test_what_it_needs_is_said(losing: Stack, tmp_path: Path) -> None:
    """Nobody recovers without a name of the directory, without the owner's role, or from something that is no bundle."""

    async def tried(here: World) -> None:
        async def code(*arguments: str) -> Answered:
            return await here.offramp(*arguments)

        assert (await code("recover")).code == 2
        stranger = await code("recover", "--as", "nobody.here", "--no-temporal")
        assert (stranger.code, "not in the staff directory" in stranger.err) == (2, True)
        (here.folder / "no.zip").write_bytes(b"nothing")
        bundle = await code(*RECOVER, "--no-temporal", "--from", str(here.folder / "no.zip"))
        assert (bundle.code, "no bundle that can be used" in bundle.json["what"]) == (3, True)
        unnamed = dict(here.environment)
        del unnamed["OFFRAMP_OWNER_DATABASE_URL"]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(World, "environment", unnamed)
            owner = await code(*RECOVER, "--no-temporal")
        assert "OFFRAMP_OWNER_DATABASE_URL" in owner.out
        with pytest.raises(StoreRefused, match=r"the last \d+ are missing, recorded after"):
            async with here.serving():
                pytest.fail("it was served")

    play(losing, tmp_path, tried)


async def test_an_entry_is_put_back_by_the_owner_alone(losing: Stack, tmp_path: Path) -> None:
    """The application's role cannot record what bears an instant of the past, whatever it says of itself."""
    with world(losing, tmp_path, 5) as here:
        await here.prepare()
        async with here.serving() as door:
            await here.open(door)
            async with door.pool.connection() as connection:
                last = await ledger.head(connection, here.cases[0])
                assert last is not None
                late = last._replace(position=last.position + 1, prev=last.hash, command_id="again", hash=bytes(32))
                await connection.execute("SELECT set_config('offramp.restoring', 'on', false)")
                with pytest.raises(psycopg.errors.IntegrityError, match="not the clock of this database"):
                    await ledger.append(connection, late)
