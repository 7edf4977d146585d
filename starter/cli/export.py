"""For auditors and inquiries: a case with its proofs in one file, and whether such a file is what it claims to be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from starter.cli.session import DONE, PROBLEM, Session, Store, entering, reading, settle

if TYPE_CHECKING:
    from starter.audit.export import Exported, Wanted

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("case")
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The bundle to write (.zip).")  # fmt: skip
@click.option("--checkpoint", "kept", multiple=True, type=_FILE, help="A checkpoint that the auditor kept: prove that the log goes on from it. May be repeated.")  # fmt: skip
@click.option("--sealed", is_flag=True, help="Leave out the key: then nobody can read it, and all else can still be checked.")  # fmt: skip
@click.option("--no-histories", is_flag=True, help="Leave out the histories of the workflow's runs.")
@click.option("--log-key", "verifier", help="The log's public key (name+id+key), if this machine does not hold the log's own.")  # fmt: skip
@click.option(
    "--policy", "policy_file", type=_FILE, help="The witnesses that count (else OFFRAMP_WITNESS_POLICY_FILE)."
)
@entering
@click.pass_obj
def export(session: Session, /, case: str, out: Path, **asked: Any) -> int:
    """Write CASE with its proofs into one file, to be checked without this system: python -m starter.audit.verify FILE.

    Entries, their places in the log, the signed checkpoint with its witnesses' signatures, the program, the histories of the workflow's runs, and a page to read. With
    the key of the case, unless --sealed: whoever has the bundle can read what was decided (never the sealed notes), so hand it over like the record itself. That it was made stands among the reads of the case.
    """
    from starter.audit.export import BadNote, Wanted
    from starter.audit.receipts import kept_note
    from starter.cli.log import verifier_of
    from starter.cli.prove import trusted_by

    trusted = trusted_by(session, asked["policy_file"])
    log = verifier_of(session.settings(), asked["verifier"]) or next(iter(trusted.logs), None)
    notes = tuple(map(kept_note, asked["kept"]))
    wanted = Wanted("", log, trusted, notes, asked["sealed"])
    try:
        done = settle(_export(session, case, wanted, out=out, histories=not asked["no_histories"]))
    except BadNote as bad:
        raise click.UsageError(f"A checkpoint cannot be read: {bad}.") from bad
    _say(session, done, out)
    return DONE


async def _export(session: Session, named: str, wanted: Wanted, *, out: Path, histories: bool) -> Exported:
    from starter.audit.export import export as exported
    from starter.cli.lookup import enter_case

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="audit_export")
        more = {}
        if histories and not wanted.sealed:
            # What is kept is what the ledger names, whatever Temporal may hold by now.
            more = await _histories(session, stream) | await _kept(store, stream)
        return await exported(store.connection, store.keyring, wanted._replace(stream=stream, more=more), out=out)


async def _histories(session: Session, stream: str) -> dict[str, bytes]:
    """The histories that Temporal still holds; none where it does not answer or has forgotten them."""
    from starter.audit.bundle import TEMPORAL
    from starter.client import CaseUnknown, Client, LedgerUnavailable

    try:
        async with Client.connect(session.settings()) as client:
            return {f"{TEMPORAL}{run}.json": text.encode() for run, text in await client.histories(stream)}
    except CaseUnknown:
        return {}
    except LedgerUnavailable as error:
        click.echo(f"Without what Temporal still holds: {error}", err=True)
        return {}


async def _kept(store: Store, stream: str) -> dict[str, bytes]:
    """The histories that are kept; one that cannot be opened is told, and left out: whoever verifies the bundle is told so too."""
    from activities.store.refused import StoreRefused
    from activities.store.runs import runs_of
    from starter.audit.bundle import TEMPORAL

    key, found = await store.keyring.stream_key(store.connection, stream), {}
    for one in await runs_of(store.connection, stream):
        try:
            found[f"{TEMPORAL}{one.run.run_id}.json"] = one.open(key)
        except StoreRefused as refused:
            click.echo(f"Without the history of run {one.run.run_id[:8]}: {refused.what}.", err=True)
    return found


def _say(session: Session, done: Exported, out: Path) -> None:
    from starter.audit.words import counted
    from starter.cli.show import say_json

    if session.as_json:
        say_json({**done._asdict(), "file": str(out)})
        return
    by = f", cosigned by {', '.join(done.witnesses)}" if done.witnesses else ""
    click.echo(f"Written: {out}, {counted(done.entries, 'entry', 'entries')}, each proved in the checkpoint of {done.size}{by}.")  # fmt: skip
    if done.waiting:
        click.echo(f"{counted(done.waiting, 'later entry is', 'later entries are')} not in it: no such checkpoint covers them yet.")  # fmt: skip
    click.echo(f"To check it anywhere: python -m starter.audit.verify {out} --log-key KEY")


@click.command("verify-bundle")
@click.argument("file", type=_FILE)
@click.option("--log-key", help="The log's public key, as you got it from whoever publishes it.")
@click.option("--witness", "witnesses", multiple=True, help="The public key of a witness that must have cosigned; may be repeated.")  # fmt: skip
@click.option("--policy", type=_FILE, help="In place of both: a file in the form of C2SP tlog-policy.")
@click.option("--receipt", "receipts", multiple=True, metavar="POSITION:HASH", help="A receipt that you hold; may be repeated.")  # fmt: skip
@click.option("--checkpoint", "kept", multiple=True, type=_FILE, help="A checkpoint that you kept; may be repeated.")
@reading
@click.pass_obj
def verify_bundle(session: Session, /, file: Path, **given: Any) -> int:
    """Check a bundle (or a proof) without a database: what is proved, and what cannot be. Exit code 1: it is not what it claims to be.

    The same as python -m starter.audit.verify, which needs nothing but Python and the package cryptography.
    """
    from starter.audit.verify import asked_by, report, verify_file
    from starter.cli.show import say_json

    found = verify_file(file, asked_by(**given))
    if session.as_json:
        say_json({
            "sound": not found.faults,
            "faults": found.faults,
            "proved": found.proved,
            "not_proved": found.unproved,
        })
    else:
        click.echo(report(found), nl=False)
    return PROBLEM if found.faults else DONE
