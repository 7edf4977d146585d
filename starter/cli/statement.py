"""The participant's own statement, as a page or as a file to print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, data_dir_option, person_option, settle

if TYPE_CHECKING:
    from starter.statement.document import Statement

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.argument("case")
@click.option("--lang", type=click.Choice(["en", "de"]), default="en", show_default=True, help="The person's language.")
@click.option("--html", "page", type=_FILE, help="Write the page to this file (without --pdf: to stdout).")
@click.option(
    "--pdf", "printed", type=_FILE, help="Write a PDF to this file: tagged, for screen readers and for print."
)
@click.option(
    "--as-of", help="As things stood then: an instant, or a date for the end of that day (the program's clock)."
)
@person_option
@data_dir_option
@click.pass_obj
def statement(
    session: Session, case: str, *, lang: str, page: Path | None, printed: Path | None, as_of: str | None
) -> None:
    """The participant's own statement of CASE in plain language: what is held and why, what was decided, who saw it, what comes next, what they can do.

    Made from the ledger itself. It is for the participant: give it to nobody else.
    """
    made = settle(_statement(session, case, language=lang, as_of=as_of))
    if printed is not None:
        from starter.statement.pdf import pdf

        _write(printed, pdf(made))
    if page is not None or printed is None:
        from starter.statement.html import html

        if page is None:
            click.echo(html(made))
        else:
            _write(page, html(made).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


async def _statement(session: Session, named: str, *, language: str, as_of: str | None) -> Statement:
    from activities.store.vault import accesses
    from starter.audit.replay import replay
    from starter.cli.lookup import case_now, enter_case, parse_instant, program_of, program_of_stream, zone_of
    from starter.statement.compose import compose

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_statement")
        zone = zone_of(await program_of_stream(store.connection, stream))
        until = None if as_of is None else parse_instant(as_of, zone, option="--as-of", end_of_day=True)
        found = await replay(store.connection, store.keyring, stream, until=until)
        program = await program_of(store.connection, found.case)
        read = await accesses(store.connection, stream)
    return compose(found, program, accesses=read, at=until or case_now(found.case), language=language)
