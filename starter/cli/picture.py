"""Pictures on the command line: a case on one axis of time, the people around it, a program as its phases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, entering, settle

if TYPE_CHECKING:
    from collections.abc import Callable

_FORMS = ("svg", "pdf", "png")


def picture_file(_context: click.Context, parameter: click.Parameter, value: Path | None) -> Path | None:
    """A file whose ending says how it is drawn.

    Raises:
        click.BadParameter: another ending.
    """
    if value is not None and value.suffix.lstrip(".").lower() not in _FORMS:
        allowed = ", ".join(f".{form}" for form in _FORMS)
        raise click.BadParameter(f"the file's ending says how it is drawn: {allowed}", param=parameter)
    return value


@click.command()
@click.argument("case")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, callback=picture_file,
    help="The file to write: .svg, .pdf or .png.",
)  # fmt: skip
@click.option(
    "--as-of", help="As things stood then: an instant, or a date for the end of that day (the program's clock)."
)
@entering
@click.pass_obj
def draw(session: Session, case: str, out: Path, as_of: str | None) -> None:
    """Draw CASE on one axis of time: phases, contact, milestones, decisions, measures, and whatever was late. Codes alone."""
    settle(_draw(session, case, out, as_of))


async def _draw(session: Session, named: str, out: Path, as_of: str | None) -> None:
    from starter.audit.replay import replay
    from starter.cli.lookup import enter_case, parse_instant, program_of, program_of_stream, zone_of
    from starter.picture.case import timeline
    from starter.picture.draw import draw as drawn

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_draw")
        zone = zone_of(await program_of_stream(store.connection, stream))
        until = None if as_of is None else parse_instant(as_of, zone, option="--as-of", end_of_day=True)
        found = await replay(store.connection, store.keyring, stream, until=until)
        program = await program_of(store.connection, found.case)
    if program is None:
        raise click.UsageError(f"{stream} was not opened by then; there is nothing to draw.")
    write_picture(out, lambda form: drawn(timeline(found.told, program), form=form), as_json=session.as_json)


@click.command()
@click.argument("case")
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), callback=picture_file,
    help="Draw it: a file that ends in .svg, .pdf or .png.",
)  # fmt: skip
@click.option("--for-participant", is_flag=True, help="Leave out what people close have not agreed to show the person.")
@entering
@click.pass_obj
def network(session: Session, case: str, out: Path | None, for_participant: bool) -> None:
    """Who is around the person of CASE, and how close: people close to them, supports, staff roles, partners. Roles and numbers, never a name."""
    settle(_network(session, case, out, for_participant=for_participant))


async def _network(session: Session, named: str, out: Path | None, *, for_participant: bool) -> None:
    from activities.store.fold import fold
    from starter.cli.lookup import case_now, enter_case, program_of
    from starter.cli.show import heading, line, say_json, table
    from starter.picture.network import LEGEND
    from starter.picture.network import network as around

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_network")
        case = await fold(store.connection, store.keyring, stream)
        program = await program_of(store.connection, case)
    if program is None:
        raise click.UsageError(f"{stream} was never opened; there is nobody to show.")
    found = around(case, program, case_now(case), for_participant=for_participant)
    if out is not None:
        from starter.picture.network_draw import draw_network

        write_picture(out, lambda form: draw_network(found, form=form), as_json=session.as_json)
        return
    if session.as_json:
        say_json(found)
        return
    heading(found.title)
    line(found.caption)
    for group in found.groups:
        heading(f"\n{group.title}")
        rows = [(one.title, "; ".join(one.notes), LEGEND[one.tie].partition(":")[0]) for one in group.members]
        table(("WHO", "WHAT", "HOW CLOSE"), rows, empty=f"{group.empty[:1].upper()}{group.empty[1:]}.")


def write_picture(out: Path, draw: Callable[[str], bytes], *, as_json: bool) -> None:
    """Write a picture in the form that the file's ending names, and say so."""
    from starter.cli.show import say_json

    out.write_bytes(draw(out.suffix.lstrip(".").lower()))
    if as_json:
        say_json({"written": str(out)})
    else:
        click.echo(f"Drawn: {out}")
