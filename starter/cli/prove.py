"""For auditors and whoever holds a receipt: proofs to take away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, PROBLEM, Session, reading, settle

if TYPE_CHECKING:
    from activities.store.cosigning import Trusted
    from starter.audit.proofs import Proved
    from workflows.core.proof import ConsistencyProof

policy_option = click.option(
    "--policy", "policy_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Whom you trust about the log: its key, its witnesses, and a quorum (else OFFRAMP_WITNESS_POLICY_FILE).",
)  # fmt: skip


def trusted_by(session: Session, given: Path | None) -> Trusted:
    """The policy in the file given, else that of the settings.

    Raises:
        StoreRefused: it cannot be read.
    """
    from activities.store.cosigning import trusted_in

    return trusted_in(given or session.settings().witness_policy_file)


@click.command()
@click.argument("case", required=False)
@click.argument("receipt", required=False, metavar="POSITION[:HASH]")
@click.option("--since", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="In place of an entry: prove that the log goes on from this checkpoint.")  # fmt: skip
@click.option("-o", "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the proof to this file; 'python -m starter.audit.verify FILE' checks it anywhere.")  # fmt: skip
@policy_option
@reading
@click.pass_obj
def prove(
    session: Session, /, case: str | None, receipt: str | None, *, since: Path | None, out: Path | None, policy_file: Path | None
) -> int:  # fmt: skip
    """Prove that an entry of CASE stands in the log, by its receipt, and how far it can still be denied.

    RECORDED: it is committed. SEALED: a signed checkpoint covers it. WITNESSED: outside witnesses cosigned such a checkpoint. Exit code 1: CASE holds another
    entry than that of the receipt.
    """
    from starter.audit.receipts import parse_place

    if since is not None and case is None:
        return _prove_since(session, since, out)
    place = parse_place(receipt or "")
    if case is None or place is None or since is not None:
        raise click.UsageError("Give a CASE and the receipt's POSITION or POSITION:HASH; or --since CHECKPOINT alone.")
    found = settle(_prove(session, case, place.position, trusted=trusted_by(session, policy_file)))
    same = found.hash.hex().startswith(place.hash)
    if out is not None and found.proof is not None and same:
        out.write_text(str(found.proof), encoding="utf-8")
    _tell(session, found, same=same, out=out)
    return DONE if same else PROBLEM


async def _prove(session: Session, named: str, position: int, *, trusted: Trusted) -> Proved:
    from starter.audit.proofs import prove_entry
    from starter.cli.lookup import find_case

    async with session.store() as store:
        stream = await find_case(store.connection, named)
        return await prove_entry(store.connection, store.keyring, stream, position, trusted=trusted)


def _tell(session: Session, found: Proved, *, same: bool, out: Path | None) -> None:
    if session.as_json:
        _as_json(found, same=same)
    elif not same:
        click.echo(f"BROKEN: {found.stream} position {found.position} is another entry than the one that the receipt names: its hash is {found.hash.hex()}.")  # fmt: skip
    else:
        _say(found, out)


def _say(found: Proved, out: Path | None) -> None:
    from starter.audit.words import counted

    stands, checkpoint = found.standing, found.standing.checkpoint
    click.echo(f"{stands.stands}: {found.stream} position {found.position} {found.hash.hex()}")
    if checkpoint is None:
        click.echo("It waits for the next checkpoint; workers sign one every minute, and 'offramp audit seal' signs one now.")  # fmt: skip
        return
    by = f", cosigned by {', '.join(stands.witnesses)}" if stands.witnesses else ""
    click.echo(f"It is leaf {stands.leaf} of the checkpoint of {counted(checkpoint.size, 'entry', 'entries')}{by}.")
    if out is not None:
        click.echo(
            f"The proof stands in {out}. To check it anywhere: python -m starter.audit.verify {out} --log-key KEY"
        )
    else:
        click.echo(str(found.proof), nl=False)


def _as_json(found: Proved, *, same: bool) -> None:
    from starter.cli.show import say_json

    checkpoint = found.standing.checkpoint
    say_json({
        "stream": found.stream, "position": found.position, "hash": found.hash, "same": same, "stands": found.standing.stands,
        "leaf": found.standing.leaf, "size": None if checkpoint is None else checkpoint.size,
        "witnesses": found.standing.witnesses, "proof": None if found.proof is None else str(found.proof),
    })  # fmt: skip


def _prove_since(session: Session, kept: Path, out: Path | None) -> int:
    from starter.audit.proofs import BadNote
    from starter.audit.receipts import kept_note
    from starter.audit.words import counted
    from starter.cli.show import say_json
    from workflows.core.checkpoint import parse_checkpoint, parse_note

    try:
        proof = settle(_since(session, kept_note(kept)))
    except (BadNote, UnicodeDecodeError) as bad:
        raise click.UsageError(f"{kept} is no checkpoint: {bad}.") from bad
    size = parse_checkpoint(parse_note(proof.note).text).size
    if out is not None:
        out.write_text(str(proof), encoding="utf-8")
    if session.as_json:
        say_json({"old": proof.old, "size": size, "proof": str(proof)})
        return DONE
    click.echo(f"The log of {counted(size, 'entry', 'entries')} goes on from the {proof.old} of the checkpoint.")
    click.echo(f"The proof stands in {out}." if out is not None else str(proof), nl=out is not None)
    return DONE


async def _since(session: Session, kept: str) -> ConsistencyProof:
    from starter.audit.proofs import prove_since

    async with session.store() as store:
        return await prove_since(store.connection, kept)
