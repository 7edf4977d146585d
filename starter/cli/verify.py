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
    from starter.audit.chain import Clocks, Verified, Witness
    from starter.audit.log import LogFound

_SHOWN = 20
"""Streams whose clocks disagree that are named one by one."""


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
    from starter.audit.log import check_log
    from starter.audit.whole import Against, check_streams
    from starter.cli.log import say_log, verifier_of
    from starter.cli.lookup import find_case
    from starter.cli.prove import trusted_by

    trusted = trusted_by(session, asked.policy)
    verifier = verifier_of(session.settings(), asked.verifier) or next(iter(trusted.logs), None)
    told = _AsJson() if session.as_json else _InWords(chain_only=asked.chain_only)
    async with session.store() as store:
        only = None if named is None else await find_case(store.connection, named)
        receipts = {} if only is None else {only: asked.receipts}
        against = Against(verifier, asked.kept, trusted, receipts, asked.tolerance, _journal(session))
        keyring = None if asked.chain_only else store.keyring
        with progress("Verifying", quiet=session.as_json) as advance:
            async for one in check_streams(store.connection, keyring, against=against, only=only, progress=advance):
                told.add(one)
        with progress("Hashing the log", quiet=session.as_json) as advance:
            log = await check_log(
                store.connection, verifier=verifier, kept=asked.kept, trusted=trusted, progress=advance
            )
    told.end(log)
    if not session.as_json:
        say_log(log, signed=verifier is not None)
    return PROBLEM if told.broken or log.fault is not None else DONE


def _journal(session: Session) -> Journal | None:
    """The journal of erasures, where this machine has it: it alone says surely which keys were destroyed rightly."""
    from activities.store.erasure_journal import Journal

    path = session.settings().erasure_journal
    return None if path is None else Journal(path)


class _AsJson:
    """Each stream is printed once it was checked, and forgotten: a ledger of any length is told in the same memory."""

    def __init__(self) -> None:
        self.broken = self._told = 0

    def add(self, one: Verified) -> None:
        from starter.cli.show import json_text

        clocks = None if one.clocks is None else {**one.clocks._asdict(), "largest": one.clocks.largest.total_seconds()}
        click.echo("," if self._told else '{\n"streams": [')
        click.echo(json_text({**one._asdict(), "clocks": clocks}), nl=False)
        self._told += 1
        self.broken += one.fault is not None

    def end(self, log: LogFound) -> None:
        from starter.cli.show import json_text

        click.echo("" if self._told else '{\n"streams": [')
        click.echo(f'],\n"log": {json_text(log)},\n"sound": {json_text(not self.broken and log.fault is None)}\n}}')


class _InWords:
    """What is remarkable is kept until the end, when nothing else moves on the screen; of what is for information alone, the first few and the number."""

    def __init__(self, *, chain_only: bool) -> None:
        self.broken = self._streams = self._entries = self._apart = 0
        self._what = "chained" if chain_only else "chained and sealed"
        self._wrong: list[str] = []
        self._clocks: list[str] = []

    def add(self, one: Verified) -> None:
        self._streams += 1
        self._entries += one.entries
        if one.fault is not None:
            self.broken += 1
            self._wrong.append(
                f"BROKEN: {one.fault.stream} position {one.fault.position}: {one.fault.what}. The {one.entries} entries before it are sound."
            )
        if one.sealed is not None:
            self._wrong.append(f"Not opened: {one.stream}: {one.sealed}. Its chain was checked all the same.")
        if one.clocks is not None:
            self._apart += 1
            if self._apart <= _SHOWN:
                self._clocks.append(_told_apart(one.stream, one.clocks))

    def end(self, _log: LogFound) -> None:
        from starter.audit.words import counted

        for text in (*self._wrong, *self._clocks):
            click.echo(text)
        if self._apart > _SHOWN:
            click.echo(
                f"So they do in {counted(self._apart - _SHOWN, 'other stream', 'other streams')} (--json shows all)."
            )
        where = counted(self._streams, "stream", "streams")
        if self.broken:
            click.echo(f"{self.broken} of {where} broken.")
        else:
            click.echo(f"Sound: {counted(self._entries, 'entry', 'entries')} in {where}, {self._what} as recorded.")


def _told_apart(stream: str, clocks: Clocks) -> str:
    from starter.audit.words import counted

    return (
        f"For your information: in {stream} the engine's time and the database's clock differ at {counted(clocks.times, 'entry', 'entries')}, "
        f"first at position {clocks.first}, most at position {clocks.most} (by {_length(clocks.largest)})."
    )


def _length(apart: timedelta) -> str:
    from starter.audit.words import span

    return span(int(apart.total_seconds()))
