"""For auditors: whether the ledger and its log are what was once recorded."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.prove import policy_option
from starter.cli.session import DONE, PROBLEM, Session, reading, settle
from starter.cli.show import progress

if TYPE_CHECKING:
    from activities.store.erasure_journal import Journal
    from starter.audit.chain import Verified, Witness


@click.command()
@click.argument("case", required=False)
@click.option(
    "--tolerance",
    type=click.FloatRange(min=0),
    default=300.0,
    show_default=True,
    help="Seconds by which the two clocks may differ.",
)
@click.option(
    "--receipt",
    "receipts",
    multiple=True,
    metavar="POSITION:HASH",
    help="Check that CASE still holds the entry of this receipt (the hash, or its first 8 digits or more); may be repeated.",
)
@click.option("--chain-only", is_flag=True, help="Do not open the entries (for whoever has no key).")
@click.option(
    "--checkpoint", "kept", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept elsewhere: nothing that it covers may have been rewritten. May be repeated.",
)  # fmt: skip
@click.option(
    "--log-key", "verifier", help="The log's public key (name+id+key), if this machine does not hold the log's own."
)
@policy_option
@reading
@click.pass_obj
def verify(session: Session, /, case: str | None, **asked: Any) -> int:
    """Check the chain of CASE, or of the whole ledger and its log, and that every entry opens. Exit code 1: something is broken.

    A chain that was cut off at its end is sound by itself: receipts, the log, and what the read model was last made from, bear witness to what is
    missing. A whole history written anew shows against a checkpoint that somebody else kept.

    Where the engine's time and the database's clock disagree is told as information: a demonstration that skips time disagrees rightly.
    """
    from starter.audit.receipts import kept_note

    wanted = _Asked(
        tolerance=timedelta(seconds=asked["tolerance"]), receipts=_receipts(asked["receipts"]), chain_only=asked["chain_only"],
        kept=tuple(map(kept_note, asked["kept"])), verifier=asked["verifier"],
        policy=asked["policy_file"],
    )  # fmt: skip
    if wanted.receipts and case is None:
        raise click.UsageError("--receipt belongs to a CASE: name it.")
    return settle(_verify(session, case, wanted))


class _Asked(NamedTuple):
    """What is to be verified, and against what."""

    tolerance: timedelta
    receipts: list[Witness]
    chain_only: bool
    kept: tuple[str, ...]
    verifier: str | None
    policy: Path | None


def _receipts(given: tuple[str, ...]) -> list[Witness]:
    from starter.audit.chain import Witness
    from starter.audit.receipts import parse_receipts

    read = parse_receipts(given)
    if read is None:
        raise click.UsageError(
            "--receipt takes POSITION:HASH, for example 17:02d59121 (at least 8 digits of the hash)."
        )
    return [Witness(one.position, one.hash, "a receipt") for one in read]


async def _verify(session: Session, named: str | None, asked: _Asked) -> int:
    from starter.audit.whole import Against, check_ledger
    from starter.cli.log import say_log, verifier_of
    from starter.cli.lookup import find_case
    from starter.cli.prove import trusted_by
    from starter.cli.show import say_json

    trusted = trusted_by(session, asked.policy)
    verifier = verifier_of(session.settings(), asked.verifier) or next(iter(trusted.logs), None)
    async with session.store() as store:
        only = None if named is None else await find_case(store.connection, named)
        receipts = {} if only is None else {only: asked.receipts}
        against = Against(verifier, asked.kept, trusted, receipts, asked.tolerance, _journal(session))
        keyring = None if asked.chain_only else store.keyring
        with progress("Verifying", quiet=session.as_json) as advance:
            checked = await check_ledger(store.connection, keyring, against=against, only=only, progress=advance)
    found, log = checked
    if session.as_json:
        clocks = {
            one.stream: {**one.clocks._asdict(), "largest": one.clocks.largest.total_seconds()}
            for one in found
            if one.clocks
        }
        say_json({
            "sound": checked.sound,
            "log": log,
            "streams": [{**one._asdict(), "clocks": clocks.get(one.stream)} for one in found],
        })
    else:
        _report(found, chain_only=asked.chain_only)
        say_log(log, signed=verifier is not None)
    return DONE if checked.sound else PROBLEM


def _journal(session: Session) -> Journal | None:
    """The journal of erasures, where this machine has it: it alone says surely which keys were destroyed rightly."""
    from activities.store.erasure_journal import Journal

    path = session.settings().erasure_journal
    return None if path is None else Journal(path)


def _report(found: list[Verified], *, chain_only: bool) -> None:
    from starter.audit.words import counted

    entries = sum(one.entries for one in found)
    for one in found:
        if one.fault is not None:
            click.echo(
                f"BROKEN: {one.fault.stream} position {one.fault.position}: {one.fault.what}. The {one.entries} entries before it are sound."
            )
        if one.sealed is not None:
            click.echo(f"Not opened: {one.stream}: {one.sealed}. Its chain was checked all the same.")
    for one in found:
        if one.clocks is not None:
            clocks, most = one.clocks, _length(one.clocks.largest)
            click.echo(
                f"For your information: in {one.stream} the engine's time and the database's clock differ at {counted(clocks.times, 'entry', 'entries')}, "
                f"first at position {clocks.first}, most at position {clocks.most} (by {most})."
            )
    broken = sum(one.fault is not None for one in found)
    what = "chained" if chain_only else "chained and sealed"
    if broken:
        click.echo(f"{broken} of {counted(len(found), 'stream', 'streams')} broken.")
    else:
        where = counted(len(found), "stream", "streams")
        click.echo(f"Sound: {counted(entries, 'entry', 'entries')} in {where}, {what} as recorded.")


def _length(apart: timedelta) -> str:
    from starter.audit.words import span

    return span(int(apart.total_seconds()))
