"""For supervisors and auditors: the contacts of a case, and how its absences were classified, as of any date."""

from __future__ import annotations

import click

from starter.cli.session import Session, entering, settle


@click.command()
@click.argument("case")
@click.option(
    "--as-of", help="As things stood then: an instant, or a date for the end of that day (the program's clock)."
)
@entering
@click.pass_obj
def contacts(session: Session, case: str, as_of: str | None) -> None:
    """Every check-in that was owed in CASE: kept, missed, and how the absence is classified, with each version of it. A figure for a past date stays what it was."""
    settle(_contacts(session, case, as_of))


async def _contacts(session: Session, named: str, as_of: str | None) -> None:
    from starter.audit.contacts import contacts as counted
    from starter.audit.replay import replay
    from starter.audit.words import Words
    from starter.cli.lookup import enter_case, parse_instant, program_of_stream, zone_of
    from starter.cli.show import line, say_json, table

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_contacts")
        program = await program_of_stream(store.connection, stream)
        words, zone = Words(program), zone_of(program)
        until = None if as_of is None else parse_instant(as_of, zone, option="--as-of", end_of_day=True)
        _, told = await replay(store.connection, store.keyring, stream, until=until)
    found = counted(told)
    if session.as_json:
        say_json({"case": stream, "figures": found.figures(), "check_ins": found.check_ins})
        return
    rows = []
    for one in found.check_ins:
        said = "; ".join(f"{version.absence} ({version.by}, {words.when(version.at)})" for version in one.versions)
        ended = "" if one.ended_at is None else words.when(one.ended_at)
        missed = "" if one.missed_at is None else words.when(one.missed_at)
        rows.append((str(one.number), words.when(one.due), missed, f"{one.how} {ended}".strip(), said or one.absence))
    table(("CHECK-IN", "DUE", "MISSED", "ENDED", "ABSENCE"), rows, empty="No check-in was owed by then.")
    if rows:
        line(", ".join(f"{what.replace('_', ' ')}: {count}" for what, count in found.figures().items()))
