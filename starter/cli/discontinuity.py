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


@click.command()
@click.option(
    "--approved-by", metavar="PERSON", help="Go on without what is missing: the second person who decides that."
)
@click.option(
    "--checkpoint-file", type=click.Path(dir_okay=False, path_type=Path), help="The kept checkpoint (else OFFRAMP_CHECKPOINT_FILE, or 'checkpoint' in the data directory)."
)  # fmt: skip
@person_option
@reading
@click.pass_obj
def discontinuity(session: Session, approved_by: str | None, checkpoint_file: Path | None) -> int:
    """Say what the ledger lacks against the checkpoint that was kept outside of it. Exit code 1: something is missing.

    With --as and --approved-by two people decide to go on without it, for good: that is signed with the log's key and stays on record, and the old
    checkpoint is put aside as evidence. Whoever kept one of what is lost goes on seeing that it is missing, and rightly.
    """
    return settle(_discontinuity(session, approved_by, checkpoint_file))


async def _discontinuity(session: Session, approved_by: str | None, file: Path | None) -> int:
    from activities.store.kept import KeptCheckpoint, discontinuities, lag
    from starter.cli.log import log_key

    settings = session.settings()
    key = log_key(settings)
    kept = KeptCheckpoint(file or settings.checkpoint_file or settings.data_dir / "checkpoint")
    async with session.store() as store:
        found = kept.read(key.verifier)
        gap = None if found is None else await lag(store.connection, found)
        made = None if approved_by is None else await _go_on(session, store, kept, key=key, approved_by=approved_by)
        known = await discontinuities(store.connection)
    _say(session, gap, made, known, has_kept=found is not None)
    return PROBLEM if gap is not None and made is None else DONE


async def _go_on(session: Session, store: Store, kept: KeptCheckpoint, *, key: LogKey, approved_by: str) -> Discontinuity:  # fmt: skip
    from activities.store.kept import declare
    from activities.store.staff import actor

    now = datetime.now(UTC)
    for person in (session.actor(), approved_by):
        if await actor(store.connection, person, now) is None:
            raise click.UsageError(
                f"{person} is not in the staff directory, or no longer active ('offramp staff list')."
            )
    return await declare(store.connection, kept, key, declared_by=session.actor(), approved_by=approved_by, at=now)


def _say(
    session: Session, gap: Lag | None, made: Discontinuity | None, known: list[Discontinuity], *, has_kept: bool
) -> None:
    from starter.cli.show import line, say_json

    if session.as_json:
        say_json({"missing": gap, "declared": made, "discontinuities": known})
        return
    if not has_kept:
        line("No checkpoint was kept yet: nothing is known of what the ledger held before.")
    elif gap is None:
        line("The ledger goes on from the kept checkpoint: nothing is missing.")
    else:
        line(f"{gap.what[0].upper()}{gap.what[1:]}.")
    for one in known:
        line(f"Discontinuity on {one.at:%Y-%m-%d %H:%M}: {one.kept} entries were kept, {one.now} were there; declared by {one.declared_by}, approved by {one.approved_by}.")  # fmt: skip
    if made is not None:
        line(
            "The system may go on: start the worker. Tell those affected: what is missing cannot be proved to them any more."
        )
