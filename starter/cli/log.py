"""For auditors: seal the log now, and keep a checkpoint that proves later what was rewritten since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, PROBLEM, Session, reading, settle

if TYPE_CHECKING:
    from activities.settings import Settings
    from activities.store.escrow import Escrow
    from activities.store.kept import KeptCheckpoint
    from activities.store.log import Sealed
    from activities.store.signing import LogKey, Verifier
    from activities.witnessing import Asked
    from starter.audit.log import LogFound

_HASH_SHOWN = 12
_ANSWERS = {
    "cosigned": "Witness {}: cosigned.",
    "current": "Witness {}: cosigned before.",
    "unreachable": "Witness {}: not reached; it is asked again with the next checkpoint.",
    "unfit": "Witness {}: gave an answer that is none; see that its address and key are right.",
    "behind": "DENIED: witness {} has cosigned more entries than the log has now: its end was cut off, or an older copy was restored.",
    "contradicted": "DENIED: witness {} saw another past of this log, and keeps the proof: it was rewritten. Leave everything as it is.",
}
"""What asking a witness came to → how it is told."""


@click.command()
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the signed checkpoint to this file too: keep it elsewhere.")  # fmt: skip
@reading
@click.pass_obj
def seal(session: Session, out: Path | None) -> int:
    """Give every entry that waits its place in the log, sign a checkpoint of all of it, and have it cosigned. Workers do so every minute.

    A checkpoint kept by somebody else proves later whether anything that it covers was rewritten: offramp audit verify --checkpoint FILE.
    """
    from starter.audit.words import counted
    from starter.cli.show import say_json

    key = log_key(session.settings())
    sealed, note, asked = settle(_seal(session, key))
    if sealed is None:
        raise click.UsageError("The log is empty: there is nothing to seal before the first command.")
    if out is not None:
        out.write_text(note, encoding="utf-8")
    denied = any(one.outcome in {"behind", "contradicted"} for one in asked)
    if session.as_json:
        say_json({
            "size": sealed.size,
            "root": sealed.root,
            "note": note,
            "verifier": str(key.verifier),
            "witnesses": asked,
        })
        return PROBLEM if denied else DONE
    click.echo(f"Sealed: {counted(sealed.size, 'entry', 'entries')}, root {sealed.root.hex()[:_HASH_SHOWN]}, signed by {key.verifier.name}.")  # fmt: skip
    for one in asked:
        click.echo(_ANSWERS[one.outcome].format(one.name))
    click.echo(note if out is None else f"The checkpoint stands in {out}. Keep it where nobody who runs this system can reach it.", nl=out is not None)  # fmt: skip
    click.echo(f"Its key, for whoever checks: {key.verifier}")
    return PROBLEM if denied else DONE


async def _seal(session: Session, key: LogKey) -> tuple[Sealed | None, str, list[Asked]]:
    """What was sealed, its note with what witnesses answered, and how each answered."""
    from activities.store import log
    from activities.store.cosigning import trusted_in
    from activities.store.escrowing import Escrowing
    from activities.store.witnessed import newest
    from activities.witnessing import ask_witnesses

    trusted = trusted_in(session.settings().witness_policy_file)
    escrow = escrow_of(session.settings())
    async with session.store() as store:
        sealed = await log.seal(store.pool, store.keyring, key, before_signing=None if escrow is None else Escrowing(escrow).keep_placed)  # fmt: skip
        asked = await ask_witnesses(store.pool, trusted)
        last = await newest(store.connection)
    return sealed, "" if last is None else str(last.note), asked


def kept_of(settings: Settings, file: Path | None) -> KeptCheckpoint:
    """The checkpoint that is kept outside: in the file that was named, else in that of the settings, else in that of the stack in the data directory."""
    from activities.store.kept import KeptCheckpoint

    return KeptCheckpoint(file or settings.checkpoint_file or settings.data_dir / "checkpoint")


def escrow_of(settings: Settings) -> Escrow | None:
    """The escrow that the settings name, else that of the stack in the data directory, if it has one."""
    from activities.store.escrow import Escrow

    if settings.escrow is not None:
        return Escrow(settings.escrow)
    return Escrow(settings.data_dir / "escrow") if (settings.data_dir / "escrow").is_dir() else None


def log_key(settings: Settings) -> LogKey:
    """The log's key.

    Raises:
        SettingsError: no file is named.
        StoreRefused: what stands there is no key.
    """
    from activities.settings import SettingsError
    from activities.store.signing import LogKey

    if settings.log_key_file is None:
        raise SettingsError(
            "There is no log key.", "Set OFFRAMP_LOG_KEY_FILE to its file; 'offramp audit log-key FILE NAME' makes one."
        )
    return LogKey.from_file(settings.log_key_file)


def verifier_of(settings: Settings, given: str | None) -> Verifier | None:
    """The public key to check signatures with: the one given, else that of the log's own key, if this machine has it."""
    from activities.store.signing import Verifier

    if given is not None:
        return Verifier.parse(given)
    return None if settings.log_key_file is None else log_key(settings).verifier


@click.command("log-key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("name")
@reading
def new_log_key(file: Path, name: str) -> int:
    """Make a log key in FILE for the log called NAME (a host name of yours and a path, as in offramp.example/log)."""
    from activities.store.signing import LogKey

    make_key(file, name, of="a log", example="offramp.example/log")
    click.echo(f"Written: {file}, readable by its owner only. Its public key: {LogKey.from_file(file).verifier}")
    return DONE


def make_key(file: Path, name: str, *, of: str, example: str) -> None:
    """Make a signing key in a file that is not there yet.

    Raises:
        click.UsageError: no signature could bear the name, or the file exists.
    """
    from activities.store.signing import generate_log_key

    if not name or any(letter.isspace() or letter == "+" for letter in name):
        raise click.UsageError(f"NAME has no spaces and no plus signs, for example {example}.")
    if file.exists():
        raise click.UsageError(f"{file} exists, and is not overwritten: {of} has one key.")
    generate_log_key(file, name)


def say_log(found: LogFound, *, signed: bool) -> None:
    """The log in a sentence or two."""
    from starter.audit.words import counted

    waits = f" {counted(found.waiting, 'entry waits', 'entries wait')} for a place." if found.waiting else ""
    if found.fault is not None:
        click.echo(f"BROKEN: the log: {found.fault.what}.")
    elif found.checkpoint is None:
        click.echo(f"The log: {counted(found.leaves, 'entry', 'entries')}, no checkpoint signed yet.{waits}")
    else:
        root = found.checkpoint.root.hex()[:_HASH_SHOWN]
        by = f"signed by {found.checkpoint.origin}" if signed else "signature not checked: give --log-key"
        click.echo(f"The log: the checkpoint of {counted(found.checkpoint.size, 'entry', 'entries')} fits, root {root}, {by}.{waits}")  # fmt: skip
    if found.witnessed:
        click.echo(f"Witnessed: {counted(found.witnessed, 'entry', 'entries')}, by {', '.join(found.witnesses)}.")
