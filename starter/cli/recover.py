"""For whoever runs the system after a loss: the exact tail of the ledger, lost keys, and every case running again; or what is missing, by name."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.session import DONE, PROBLEM, Session, Store, person_option, reading, settle

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from activities.settings import Settings
    from activities.store.erasure_journal import Journal
    from activities.store.escrow import Escrow
    from activities.store.keys import KeyRing
    from activities.store.pool import Connection
    from activities.store.restoring import Restored
    from starter.client import Client
    from starter.recorded import Remembered
    from starter.recovery.recover import Looked, Sources
    from workflows.core.checkpoint import Checkpoint

_SHOWN = 20


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what is missing, and what would be put back from where.")
@click.option(
    "--from", "bundles", multiple=True, type=click.Path(exists=True, path_type=Path), metavar="BUNDLE-OR-FOLDER",
    help="A bundle of 'offramp audit export', or a folder of them, to look into as well. May be repeated.",
)  # fmt: skip
@click.option(
    "--receipts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of receipts: each entry must be there in the end. May be repeated.",
)  # fmt: skip
@click.option(
    "--escrow", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="The escrow (else OFFRAMP_ESCROW, or 'escrow' in the data directory)."
)  # fmt: skip
@click.option(
    "--checkpoint-file", type=click.Path(dir_okay=False, path_type=Path), help="The kept checkpoint (else OFFRAMP_CHECKPOINT_FILE, or 'checkpoint' in the data directory)."
)  # fmt: skip
@click.option(
    "--temporal/--no-temporal", default=True, help="Look into Temporal's histories, and have every open case run again from the ledger.", show_default=True
)  # fmt: skip
@click.option("--partial", is_flag=True, help="Put back what can be had though something stays missing: before two people go on without it.")  # fmt: skip
@person_option
@reading
@click.pass_obj
def recover(session: Session, /, **asked: Any) -> int:
    """Bring a ledger that was restored from an older copy up to the last moment, exactly, and have every open case run from it again.

    Stop every worker first. What is missing is looked for in the escrow, in exported bundles and in Temporal's histories, and proved against the
    largest checkpoint that was kept or witnessed before anything is written, in one transaction. If not all of it can be had, nothing is written, and what
    is missing is named (exit code 1); with --partial the rest is put back, and 'offramp audit discontinuity' is how two people go on without what is
    lost. Keys that were lost are restored, those that were destroyed by an erasure are destroyed again. After a crash, run it again.
    """
    session.actor()
    wanted = _Asked(
        dry_run=asked["dry_run"], bundles=asked["bundles"], receipts=asked["receipts"], escrow=asked["folder"],
        checkpoint_file=asked["checkpoint_file"], temporal=asked["temporal"], partial=asked["partial"],
    )  # fmt: skip
    return settle(_recover(session, wanted))


class _Asked(NamedTuple):
    """Where to look, and what may be done."""

    dry_run: bool
    bundles: Sequence[Path]
    receipts: Sequence[Path]
    escrow: Path | None
    checkpoint_file: Path | None
    temporal: bool
    partial: bool


class _Done(NamedTuple):
    """What was done: what was put back, streams whose keys were destroyed again, and the cases that were begun again."""

    restored: Restored
    erased: list[str]
    begun: list[str]


async def _recover(session: Session, asked: _Asked) -> int:
    from starter.recovery.recover import look

    escrow = _escrow(session.settings(), asked)
    async with AsyncExitStack() as opened:
        store = await opened.enter_async_context(session.store())
        client = await opened.enter_async_context(
            _temporal(session.settings(), asked, await _ring(session.settings(), asked, escrow))
        )
        remembered = {} if client is None else await _remembered(client, session.settings().task_queue)
        sources = await _sources(session.settings(), asked, escrow, remembered)
        looked = await look(store.connection, store.keyring, sources)
        await _require_known(store, session.actor(), looked)
        if asked.dry_run or not (looked.whole or asked.partial):
            _say(session, looked, None, remembered)
            return DONE if looked.whole else PROBLEM
        done = await _do(session, store, looked, sources)
        if client is not None:
            done = done._replace(begun=await _begin_again(store, client, remembered))
    _say(session, looked, done, remembered)
    return DONE if looked.whole else PROBLEM


async def _ring(settings: Settings, asked: _Asked, escrow: Escrow | None) -> KeyRing:
    """A key ring with what the escrow and bundles hold besides: Temporal's histories are sealed, also those of cases whose keys the ledger lost."""
    from activities.keyring import open_keyring
    from starter.recovery.gather import keys_held

    keyring = open_keyring(settings)
    for key in await keys_held(keyring, escrow, asked.bundles):
        keyring.hold(key)
    return keyring


async def _do(session: Session, store: Store, looked: Looked, sources: Sources) -> _Done:
    """Put it back; destroy again what was erased; make the rows anew that do not follow from the ledger any more."""
    from activities.store import erasure, read_model
    from activities.store.escrowing import Escrowing
    from activities.store.lost import require_tail
    from starter.recovery.recover import put_back

    async with _owner(session.settings()) as owner:
        made = await put_back(owner, looked, escrow=sources.escrow, by=session.actor())
    erased: list[str] = []
    if sources.journal is not None:
        # Only now: a stream's last entries need its key for their places in the log, and the tail has to come before them.
        escrow = None if sources.escrow is None else Escrowing(sources.escrow)
        erased = await erasure.erase_again(store.pool, store.keyring, sources.journal, escrow=escrow)
    await read_model.catch_up(store.pool, store.keyring)
    if looked.whole and sources.escrow is not None:
        await require_tail(store.connection, sources.escrow)
    return _Done(made, erased, [])


async def _begin_again(store: Store, client: Client, remembered: dict[str, Remembered]) -> list[str]:
    """Have every case in which something may still happen run from the ledger: those that do not run, and those that hold another past."""
    from activities.store.ledger import head
    from starter.cli.operate import unfinished

    begun = []
    for stream in await unfinished(store):
        last, held = await head(store.connection, stream), remembered.get(stream)
        if last is not None and (held is None or not held.running or (held.position, held.head) != (last.position, last.hash.hex())):  # fmt: skip
            await client.begin_again(stream)
            begun.append(stream)
    return begun


@asynccontextmanager
async def _temporal(settings: Settings, asked: _Asked, keyring: KeyRing) -> AsyncIterator[Client | None]:
    if not asked.temporal:
        yield None
        return
    from starter.client import Client

    async with Client.connect(settings, keyring=keyring) as client:
        yield client


@asynccontextmanager
async def _owner(settings: Settings) -> AsyncIterator[Connection]:
    import psycopg

    from activities.settings import SettingsError

    if settings.owner_database_url is None:
        raise SettingsError(
            "Not set: OFFRAMP_OWNER_DATABASE_URL.",
            "Set it, or OFFRAMP_OWNER_DATABASE_URL_FILE, to the address with the role offramp_owner: the application's role can put nothing back.",
        )
    async with await psycopg.AsyncConnection.connect(settings.owner_database_url, autocommit=True) as owner:
        await owner.execute(b"SET TIME ZONE 'UTC'")
        yield owner


async def _remembered(client: Client, task_queue: str) -> dict[str, Remembered]:
    from starter.recorded import remembered

    return {one.stream: one async for one in remembered(client.temporal, task_queue)}


def _escrow(settings: Settings, asked: _Asked) -> Escrow | None:
    from activities.store.escrow import Escrow
    from starter.cli.log import escrow_of

    return escrow_of(settings) if asked.escrow is None else Escrow(asked.escrow)


async def _sources(
    settings: Settings, asked: _Asked, escrow: Escrow | None, remembered: dict[str, Remembered]
) -> Sources:
    from starter.recovery.receipts import promises
    from starter.recovery.recover import Sources

    return Sources(
        await _checkpoints(settings, asked),
        escrow,
        asked.bundles,
        {stream: one.entries for stream, one in remembered.items()},
        promises(asked.receipts),
        _journal(settings),
    )


async def _checkpoints(settings: Settings, asked: _Asked) -> dict[str, Checkpoint]:
    """The checkpoints that others hold: the kept one, and each witness's newest."""
    from activities.store.cosigning import trusted_in
    from activities.store.kept import known
    from activities.witnessing import held_by_witnesses
    from starter.cli.log import kept_of, log_key

    verifier = log_key(settings).verifier
    kept = kept_of(settings, asked.checkpoint_file).read(verifier)
    found = await held_by_witnesses(trusted_in(settings.witness_policy_file), verifier)
    return known(kept, found)


def _journal(settings: Settings) -> Journal | None:
    from activities.store.erasure_journal import Journal

    return None if settings.erasure_journal is None else Journal(settings.erasure_journal)


async def _require_known(store: Store, person: str, looked: Looked) -> None:
    """Whoever recovers is one of the staff, by the directory as it is or as it was when it was lost."""
    from datetime import UTC, datetime

    from activities.store.staff import actor

    lost = {str(row["person"]) for row in looked.companions.staff if row["valid_until"] is None}
    if person not in lost and await actor(store.connection, person, datetime.now(UTC)) is None:
        raise click.UsageError(f"{person} is not in the staff directory, or no longer active ('offramp staff list').")


def _say(session: Session, looked: Looked, done: _Done | None, remembered: dict[str, Remembered]) -> None:
    from starter.cli.show import line, say_json
    from starter.recovery.telling import as_told, in_json

    if session.as_json:
        say_json(in_json(looked, None if done is None else done._asdict()))
        return
    restored = None if done is None else done.restored
    for sentence in as_told(looked, restored, most=_SHOWN):
        line(sentence)
    if closed := [stream for stream, one in remembered.items() if one.closed]:
        line(f"No key at hand opens what Temporal remembers of {', '.join(closed[:_SHOWN])}{' and others' if len(closed) > _SHOWN else ''}: whether the ledger lacks some of it is not known from there.")  # fmt: skip
    if done is not None and done.erased:
        line(f"Destroyed again, as the journal of erasures says: the keys of {len(done.erased)}.")
    if done is not None and remembered is not None:
        line(f"Cases begun again from the ledger: {len(done.begun)}." if done.begun else "No case had to be begun again.")  # fmt: skip
