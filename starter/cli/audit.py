"""For auditors: replay, verify and compare what was recorded; and the read model made anew."""

from __future__ import annotations

import click

from starter.cli.compare import compare
from starter.cli.discontinuity import discontinuity
from starter.cli.export import export, verify_bundle
from starter.cli.log import new_log_key, seal
from starter.cli.prove import prove
from starter.cli.read import erasures, reads
from starter.cli.replay import replay, why
from starter.cli.session import DONE, PROBLEM, Session, reading, settle
from starter.cli.show import progress
from starter.cli.temporal import temporal
from starter.cli.verify import verify


@click.group()
def audit() -> None:
    """Replay, verify and compare what was recorded. The ledger alone is believed."""


audit.add_command(seal)
audit.add_command(new_log_key)
audit.add_command(verify)
audit.add_command(prove)
audit.add_command(export)
audit.add_command(verify_bundle)
audit.add_command(reads)
audit.add_command(erasures)
audit.add_command(discontinuity)
audit.add_command(replay)
audit.add_command(why)
audit.add_command(temporal)
audit.add_command(compare)


@click.command()
@reading
@click.pass_obj
def rebuild(session: Session) -> int:
    """Make the read model anew from the ledger. Cases stay usable meanwhile. Exit code 1: a stream is broken; it is named, and the others are done."""
    return settle(_rebuild(session))


async def _rebuild(session: Session) -> int:
    from activities.store import read_model
    from starter.audit.words import counted
    from starter.cli.show import say_json

    async with session.store() as store:
        with progress("Rebuilding", quiet=session.as_json) as advance:
            done = await read_model.rebuild(store.pool, store.keyring, progress=advance)
    if session.as_json:
        say_json(done)
        return PROBLEM if done.broken else DONE
    for stream, what in done.broken:
        click.echo(f"BROKEN: {stream}: {what}. Its rows are as they were; 'offramp audit verify {stream}' says more.")
    where = counted(done.streams, "stream", "streams")
    click.echo(f"The read model follows from {counted(done.entries, 'entry', 'entries')} of {where} again.")
    return PROBLEM if done.broken else DONE
