"""For program designers: check, draw and publish definitions, and what helps to write one."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

import click

from starter.cli.picture import picture_file, write_picture
from starter.cli.session import DONE, PROBLEM, Session, json_option, reading, settle

if TYPE_CHECKING:
    from activities.store.pool import Connection
    from activities.store.programs import PublishedVersion
    from workflows.program.check import Finding
    from workflows.program.explain import Problem
    from workflows.program.model import Program

_T = TypeVar("_T")
_YEARS = re.compile(r"([0-9]{4})(?:\.\.([0-9]{4}))?")
_PUBLISHED = re.compile(r"([a-z][a-z0-9_]*)@([0-9A-Za-z][0-9A-Za-z.-]*)")
_MOST_YEARS = 50
_MOST_SHOWN = 40

file_argument = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)


class _Checked(NamedTuple):
    """What was found in one file: the definition if it could be read, problems of reading, findings with their lines."""

    file: str
    program: Program | None
    problems: list[Problem]
    findings: list[tuple[int, Finding]]

    @property
    def passed(self) -> bool:
        """Whether the definition may be published: readable, and no finding is an error."""
        return self.program is not None and all(finding.severity != "error" for _, finding in self.findings)


@click.group("program")
def group() -> None:
    """Write, check, draw and publish program definitions."""


@group.command()
@click.argument("files", nargs=-1, required=True, type=file_argument)
@click.option("--strict", is_flag=True, help="Warnings fail the check too.")
@json_option
@click.pass_obj
def check(session: Session, files: tuple[Path, ...], strict: bool) -> int:
    """Prove that every gate of a definition can open and that every silence is answered.

    Exit code 0: nothing is wrong (warnings may be printed). 1: a definition cannot be read, or has an error.
    """
    from starter.cli.show import say_json

    checked = [_check(*_read(file)) for file in files]
    if session.as_json:
        say_json([_as_json(one) for one in checked])
    else:
        for one in checked:
            click.echo(_report(one))
    return DONE if all(one.passed and not (strict and one.findings) for one in checked) else PROBLEM


@group.command()
@click.argument("definition")
@click.option("--mermaid", is_flag=True, help="Print a Mermaid state diagram in place of text.")
@click.option(
    "--svg", "out", type=click.Path(dir_okay=False, path_type=Path), callback=picture_file,
    help="Write a picture to this file in place of text: .svg, .pdf or .png.",
)  # fmt: skip
@reading
@click.pass_obj
def show(session: Session, definition: str, mermaid: bool, out: Path | None) -> None:
    """Draw the phases, gates and timers of a FILE, or of a published CODE@VERSION. With --json: the definition as it is understood."""
    from starter.cli.show import say_json
    from workflows.program.show import draw_mermaid, draw_text

    published = _PUBLISHED.fullmatch(definition)
    if published and not Path(definition).exists():
        program = _from_store(session, published[1], published[2])
    else:
        path = Path(str(file_argument.convert(definition, None, click.get_current_context())))
        program = _load_or_fail(*_read(path))
    if out is not None:
        from starter.picture.program import draw_program

        write_picture(out, lambda form: draw_program(program, form=form), as_json=session.as_json)
        return
    if session.as_json:
        say_json(program)
        return
    click.echo(draw_mermaid(program) if mermaid else draw_text(program), nl=False)


@group.command()
@click.argument("files", nargs=-1, required=True, type=file_argument)
@reading
@click.pass_obj
def publish(session: Session, files: tuple[Path, ...]) -> None:
    """Publish definitions, each checked first. A published version never changes; publishing it again changes nothing."""
    from activities.store import programs
    from activities.store.refused import StoreRefused
    from starter.cli.show import say_json

    read = [_read(file) for file in files]
    checked = [_check(name, text) for name, text in read]
    if failed := [one for one in checked if not one.passed]:
        found = "\n".join(_report(one) for one in failed)
        raise StoreRefused(f"nothing was published:\n{found}", "Correct what is named above, then publish again.")

    async def store(connection: Connection) -> list[PublishedVersion]:
        # All or none: a second file that is refused takes back the first.
        async with connection.transaction():
            return [
                await programs.publish(connection, one.program, text)
                for one, (_, text) in zip(checked, read, strict=True)
                if one.program is not None
            ]

    published = settle(_use(session, store))
    if session.as_json:
        say_json(published)
        return
    for version in published:
        click.echo(f"published {version.code} {version.version}  {version.sha256}")


@group.command("list")
@reading
@click.pass_obj
def list_(session: Session) -> None:
    """List the published versions."""
    from activities.store import programs
    from starter.cli.show import say_json, short_hash, table

    listed = settle(_use(session, programs.list_published))
    if session.as_json:
        say_json(listed)
        return
    rows = [
        (one.code, one.version, f"{one.published_at:%Y-%m-%d %H:%M} UTC", short_hash(one.sha256), one.title)
        for one in listed
    ]
    empty = "Nothing is published yet; 'offramp program publish FILE' does it."
    table(("CODE", "VERSION", "PUBLISHED", "SHA-256", "TITLE"), rows, empty=empty)


@group.command()
@json_option
def schema() -> None:
    """Print a JSON Schema of definitions, with which an editor completes and validates."""
    from workflows.program.schema import program_schema

    click.echo(json.dumps(program_schema(), indent=2, ensure_ascii=False))


@group.command()
@click.argument("region")
@click.argument("years")
@click.option(
    "--language", help="Language of the names, for example de or en_US; the library's own for the region if left out."
)
@json_option
@click.pass_obj
def holidays(session: Session, region: str, years: str, language: str | None) -> None:
    """Print the public holidays of a REGION (DE, DE-BE, CA-ON) in YEARS (2026 or 2026..2030), ready for 'calendar'.

    A definition lists its holidays, so that a deadline is the same on every machine and in every year. Read the list against the
    law of the place: whether your offices close on a day is yours to know.
    """
    import holidays as library

    from starter.cli.show import say_json

    country, _, subdivision = region.partition("-")
    _known_region(country, subdivision)
    first, last = _years(years)
    speaks = library.country_holidays(country, subdiv=subdivision or None).supported_languages
    if language is not None and language not in speaks:
        raise click.BadParameter(
            f"{country} has names in: {', '.join(speaks) or 'one language only'}", param_hint="--language"
        )
    language = language or ("en_US" if "en_US" in speaks else None)
    days = library.country_holidays(
        country, subdiv=subdivision or None, years=range(first, last + 1), language=language
    )
    if not days:
        raise click.BadParameter(f"the library knows no holidays of {region} in {years}", param_hint="YEARS")
    if session.as_json:
        say_json([{"day": day, "name": days[day]} for day in sorted(days)])
        return
    click.echo(f"  # Written by: offramp program holidays {region} {years}\n  holidays:")
    for day in sorted(days):
        click.echo(f"    - {day.isoformat()}  # {days[day]}")


def _known_region(country: str, subdivision: str) -> None:
    from difflib import get_close_matches

    import holidays as library

    known = library.list_supported_countries(include_aliases=False)
    if country not in known:
        close = ", ".join(get_close_matches(country.upper(), known, n=3, cutoff=0.5))
        near = f"; near it: {close}" if close else ""
        message = (
            f"{country!r} is none of the {len(known)} countries known by their two-letter code (DE, CA, ...){near}"
        )
        raise click.BadParameter(message, param_hint="REGION")
    if subdivision and subdivision not in known[country]:
        parts = ", ".join(known[country]) or "no parts"
        raise click.BadParameter(f"{country} has: {parts}", param_hint="REGION")


def _years(text: str) -> tuple[int, int]:
    match = _YEARS.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is no year and no range; write 2026 or 2026..2030", param_hint="YEARS")
    first, last = int(match[1]), int(match[2] or match[1])
    if not (1990 <= first <= last <= 2100 and last - first < _MOST_YEARS):
        message = f"{text!r}: from 1990 to 2100, the earlier year first, at most {_MOST_YEARS} years"
        raise click.BadParameter(message, param_hint="YEARS")
    return first, last


def _read(file: Path) -> tuple[str, str]:
    """The name and the text of a file; `-` is standard input."""
    from workflows.program.load import text_of

    name = "standard input" if str(file) == "-" else str(file)
    try:
        with click.open_file(str(file), "rb") as stream:
            return name, text_of(stream)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"{name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    except OSError as error:
        raise click.UsageError(f"{name} cannot be read: {error.strerror}; correct the path or its rights") from error


def _check(name: str, text: str) -> _Checked:
    from datetime import datetime

    from workflows.case.commands import VOCABULARY
    from workflows.program.check import check as prove
    from workflows.program.load import DefinitionError, line_of, load_program, outline

    try:
        program = load_program(text)
    except DefinitionError as error:
        return _Checked(name, None, error.problems, [])
    lines = outline(text).lines
    today = datetime.now(program.calendar.zone).date()
    findings = prove(program, VOCABULARY, today=today)
    return _Checked(name, program, [], [(line_of(lines, finding.path), finding) for finding in findings])


def _report(checked: _Checked) -> str:
    if checked.program is None:
        parts = [f"{checked.file}: cannot be read, {len(checked.problems)} problem(s)"]
        for problem in checked.problems[:_MOST_SHOWN]:
            where = f"  line {problem.line}  {problem.path}".rstrip()
            parts.append(
                f"{where}\n    found    {problem.found}\n    allowed  {problem.allowed}\n    cure     {problem.cure}"
            )
        if len(checked.problems) > _MOST_SHOWN:
            parts.append(f"  and {len(checked.problems) - _MOST_SHOWN} more; correct these first (--json lists all)")
        return "\n".join(parts)
    errors = sum(finding.severity == "error" for _, finding in checked.findings)
    warnings = len(checked.findings) - errors
    title = f"{checked.program.program} {checked.program.version}"
    verdict = f"{errors} error(s), {warnings} warning(s)" if checked.findings else "every property holds"
    parts = [f"{checked.file}: {title}: {verdict}"]
    for line, finding in checked.findings:
        parts.append(f"  line {line}  {finding.path}  {finding.severity} {finding.code}")
        parts.append(f"    why   {finding.why}\n    cure  {finding.cure}")
    return "\n".join(parts)


def _as_json(checked: _Checked) -> dict[str, object]:
    return {
        "file": checked.file,
        "passed": checked.passed,
        "problems": [problem._asdict() for problem in checked.problems],
        "findings": [{"line": line, **finding._asdict()} for line, finding in checked.findings],
    }


def _load_or_fail(name: str, text: str) -> Program:
    from activities.store.refused import StoreRefused
    from workflows.program.load import DefinitionError, load_program

    try:
        return load_program(text)
    except DefinitionError as error:
        report = _report(_Checked(name, None, error.problems, []))
        raise StoreRefused(report, "Correct what is named above, then try again.") from error


def _from_store(session: Session, code: str, version: str) -> Program:
    from activities.store import programs

    async def get(connection: Connection) -> Program:
        return await programs.get(connection, code, version)

    return settle(_use(session, get))


async def _use(session: Session, use: Callable[[Connection], Awaitable[_T]]) -> _T:
    """What `use` returns, on a connection to the ledger's database; no key is needed for what anybody may read.

    Raises:
        SettingsError: where the database is, is not set.
        StoreRefused: it cannot be reached, or does not do what was asked.
    """
    from activities.store.pool import open_pool

    pool = await open_pool(session.settings().database_url, size=1)
    try:
        async with pool.connection() as connection:
            return await use(connection)
    finally:
        await pool.close()


@group.command("test")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
@click.pass_obj
def test_(session: Session, folder: Path) -> int:
    """Play every story of a FOLDER (*.yaml) on the pure core: does the definition do what they say?

    Exit code 0: every expectation held. 1: one did not, or a story cannot be read.
    """
    from starter.cli.scenario import play_folder

    return play_folder(folder, session)
