"""For administrators after a loss: what the ledger lacks, and how two people go on without it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, PROBLEM, Session, Store, person_option, reading, settle

if TYPE_CHECKING:
    from activities.store.kept import Discontinuity, KeptCheckpoint, Lag
    from activities.store.signing import LogKey
    from starter.recovery.receipts import Promise
    from workflows.core.checkpoint import Checkpoint


@click.command()
@click.option(
    "--approved-by", metavar="PERSON", help="Go on without what is missing: the second person who decides that."
)
@click.option(
    "--checkpoint-file", type=click.Path(dir_okay=False, path_type=Path), help="The kept checkpoint (else OFFRAMP_CHECKPOINT_FILE, or 'checkpoint' in the data directory)."
)  # fmt: skip
@click.option(
    "--receipts", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of receipts, or what 'offramp recover' printed: those whose entries are missing are named in what is signed. May be repeated.",
)  # fmt: skip
@person_option
@reading
@click.pass_obj
def discontinuity(
    session: Session, approved_by: str | None, checkpoint_file: Path | None, receipts: tuple[Path, ...]
) -> int:
    """Say what the ledger lacks against the checkpoint that was kept outside of it. Exit code 1: something is missing.

    With --as and --approved-by two people decide to go on without it, for good: that is signed with the log's key and stays on record, and the old
    checkpoint is put aside as evidence. Whoever kept one of what is lost goes on seeing that it is missing, and rightly. Run 'offramp recover' first: what
    can be had is put back exactly, and what cannot is named.
    """
    return settle(_discontinuity(session, approved_by, checkpoint_file, receipts))


async def _discontinuity(
    session: Session, approved_by: str | None, file: Path | None, receipts: tuple[Path, ...]
) -> int:
    from activities.store.cosigning import trusted_in
    from activities.store.kept import discontinuities, known, not_given_up, worst
    from activities.witnessing import held_by_witnesses
    from starter.cli.log import kept_of, log_key

    settings = session.settings()
    key = log_key(settings)
    kept = kept_of(settings, file)
    others = await held_by_witnesses(trusted_in(settings.witness_policy_file), key.verifier)
    async with session.store() as store:
        held = known(kept.read(key.verifier), await not_given_up(store.connection, others))
        behind = await worst(store.connection, held)
        gap = None if behind is None else behind[0]
        lost = await _lost(store, receipts, await discontinuities(store.connection))
        made = None
        if approved_by is not None:
            await _require_known(session, store, approved_by)
            made = await _go_on(session, store, kept, key=key, approved_by=approved_by, lost=lost, others=held)
        declared = await discontinuities(store.connection)
    _say(session, gap, made, declared, has_kept=bool(held), lost=lost)
    return PROBLEM if (gap is not None or lost) and made is None else DONE


async def _lost(store: Store, receipts: tuple[Path, ...], known: list[Discontinuity]) -> list[Promise]:
    """The receipts in these files whose entries are missing, but for those that were named so before."""
    from starter.recovery.receipts import promises, promises_in
    from starter.recovery.recover import is_kept

    named = {one for before in known for one in promises_in(before.note)}
    return [one for one in promises(receipts) if one not in named and not await is_kept(store.connection, one)]


async def _require_known(session: Session, store: Store, approved_by: str) -> None:
    from activities.store.staff import actor

    now = datetime.now(UTC)
    for person in (session.actor(), approved_by):
        if await actor(store.connection, person, now) is None:
            raise click.UsageError(
                f"{person} is not in the staff directory, or no longer active ('offramp staff list')."
            )


async def _go_on(
    session: Session, store: Store, kept: KeptCheckpoint, *, key: LogKey, approved_by: str, lost: list[Promise], others: dict[str, Checkpoint]
) -> Discontinuity:  # fmt: skip
    from activities.store.kept import declare
    from starter.cli.log import escrow_of

    now = datetime.now(UTC)
    told = [f"{one.stream} position {one.position} {one.hash}" for one in lost]
    made = await declare(
        store.connection, kept, key, declared_by=session.actor(), approved_by=approved_by, at=now, lost=told, others=others
    )  # fmt: skip
    escrow = escrow_of(session.settings())
    if escrow is not None:
        # What was written of the log that was given up would be taken for what is missing from the one that goes on.
        with escrow.writing():
            escrow.put_aside(f"lost-{made.kept}-{now:%Y%m%dT%H%M%S}")
    return made


def _say(
    session: Session, gap: Lag | None, made: Discontinuity | None, known: list[Discontinuity], *, has_kept: bool, lost: list[Promise]
) -> None:  # fmt: skip
    from starter.cli.show import line, say_json

    if session.as_json:
        say_json({"missing": gap, "lost": lost, "declared": made, "discontinuities": known})
        return
    if not has_kept:
        line("No checkpoint was kept yet: nothing is known of what the ledger held before.")
    elif gap is None:
        line("The ledger goes on from the kept checkpoint: nothing is missing.")
    else:
        line(f"{gap.what[0].upper()}{gap.what[1:]}.")
    for promise in lost:
        line(f"MISSING, though there is a receipt: {promise.stream} position {promise.position} {promise.hash}")
    for one in known:
        line(f"Discontinuity on {one.at:%Y-%m-%d %H:%M}: {one.kept} entries were kept, {one.now} were there; declared by {one.declared_by}, approved by {one.approved_by}.")  # fmt: skip
    if made is not None:
        line(
            "The system may go on: start the worker. Tell those affected: what is missing cannot be proved to them any more."
        )
