"""`offramp program`: what designers type."""

import json
from datetime import date
from pathlib import Path
from typing import NamedTuple

import jsonschema
import pytest
from click.testing import CliRunner

from starter.cli import run as offramp
from tests.conftest import Database
from tests.program.definitions import ROOT, SHIPPED, TEXT
from workflows.program.load import load_program, outline, program_sha256

FLAGSHIP = str(ROOT / "programs" / "disengagement.yaml")


class Done(NamedTuple):
    """How a command ended, and all that it printed."""

    exit_code: int
    output: str


def run(*arguments: str, database: Database | None = None, text: str | None = None) -> Done:
    env = {"OFFRAMP_TEMPORAL_ADDRESS": "127.0.0.1:1", "OFFRAMP_DATABASE_URL": database.dsn_app if database else None}
    with CliRunner().isolation(input=text, env=env) as (_, _, printed):
        code = offramp(["program", *arguments])
        return Done(code, printed.getvalue().decode())


def test_check_passes_what_ships() -> None:
    """The shipped definitions pass, and the command says so and exits with 0."""
    done = run("check", *map(str, SHIPPED), "--strict")

    assert done.exit_code == 0
    assert done.output.count("every property holds") == len(SHIPPED)


def test_check_tells_line_path_why_and_cure() -> None:
    """A finding is told with the line and the path in the file, why it matters, and the cure; exit code 1."""
    text = TEXT.replace("    quorum: 4  #", "    quorum: 7  #", 1)
    line = next(n for n, written in enumerate(text.splitlines(), start=1) if "quorum: 7" in written)
    done = run("check", "-", text=text)

    assert done.exit_code == 1
    assert f"line {line}  reviews.phase_panel.quorum  error more_than_seats\n" in done.output
    assert "    why   7 are needed, and the panel has 5 seats: it could never decide\n" in done.output
    assert "    cure  give at most 5, or add seats\n" in done.output


def test_check_tells_what_cannot_be_read() -> None:
    """A file that cannot be read as a definition is told with every line, what was found, what is allowed, and the cure."""
    done = run("check", "-", "--json", text=TEXT.replace("quorum: 4", "quorun: 4"))
    (report,) = json.loads(done.output)

    assert done.exit_code == 1
    assert report["passed"] is False
    assert [problem["cure"] for problem in report["problems"] if "quorun" in problem["found"]] == [
        "did you mean 'quorum'?"
    ] * 2


def test_a_file_full_of_problems_does_not_bury_the_first() -> None:
    """At most forty problems are printed, with how many more there are."""
    done = run("check", "-", text="".join(f"field_{n}: 1\n" for n in range(100)))

    assert done.output.count("    cure     ") == 40
    assert "more; correct these first" in done.output


def test_warnings_fail_only_a_strict_check() -> None:
    """A warning is for designers to weigh: it fails the check only where --strict asks for that."""
    text = TEXT.replace("partners:\n", "partners:\n  idle_agency: {title: An agency without a task}\n", 1)

    assert [run("check", "-", *flags, text=text).exit_code for flags in ([], ["--strict"])] == [0, 1]


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """A binary file is named as no text, without a traceback."""
    path = tmp_path / "program.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    done = run("check", str(path))

    assert done.exit_code == 2
    assert f"{path} is not UTF-8 text (byte 0); save it as UTF-8" in done.output


def test_show_draws_text_and_mermaid() -> None:
    """A definition is drawn as text, or as a Mermaid diagram."""
    assert "PHASE 6 Closed [closed]\n" in run("show", FLAGSHIP).output
    assert run("show", FLAGSHIP, "--mermaid").output.startswith("stateDiagram-v2\n")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_schema_accepts_what_ships(path: Path) -> None:
    """An editor that validates with the printed schema finds nothing wrong with a shipped definition."""
    schema = json.loads(run("schema").output)
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.validate(outline(path.read_text(encoding="utf-8")).value, schema)


@pytest.mark.parametrize(
    ("old", "new"),
    [("quorum: 4", "quorun: 4"), ("due: 2 working days", "due: 2 fortnights"), ("kind: exit", "kind: step"), ("  closed:\n", "  Closed:\n")],
)  # fmt: skip
def test_the_schema_refuses_what_the_reader_refuses(old: str, new: str) -> None:
    """A misspelt field, a term without a known unit, an unknown word and a key that is no code are marked in the editor."""
    schema = json.loads(run("schema").output)
    value = outline(TEXT.replace(old, new, 1)).value

    assert [*jsonschema.Draft202012Validator(schema).iter_errors(value)]


@pytest.mark.parametrize(("region", "program"), [("DE-BE", "disengagement"), ("CA-ON", "housing_first")])
def test_the_listed_holidays_are_those_of_the_library(region: str, program: str) -> None:
    """The holidays of a shipped definition are what the command prints for its region, read back as a list."""
    printed = outline("calendar:\n" + run("holidays", region, "2026..2030", "--language", "en_US").output).value
    listed = load_program((ROOT / "programs" / f"{program}.yaml").read_text(encoding="utf-8")).calendar.holidays

    assert printed == {"calendar": {"holidays": [day.isoformat() for day in listed]}}
    assert date(2026, 12, 25) in listed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["DE-XX", "2026"], "DE has: BB, BE, BW"),
        (["DEU", "2026"], "'DEU' is none of the"),
        (["DE", "26"], "'26' is no year and no range; write 2026 or 2026..2030"),
        (["DE", "2030..2026"], "the earlier year first"),
        (["DE", "2026", "--language", "tlh"], "DE has names in: de, en_US"),
    ],
)
def test_holidays_says_what_is_allowed(arguments: list[str], told: str) -> None:
    """An unknown region, year or language is refused as a usage error that lists what is allowed."""
    done = run("holidays", *arguments)

    assert done.exit_code == 2
    assert told in " ".join(done.output.split())


def test_publish_is_for_good(database: Database) -> None:
    """A published version is listed with its hash, publishing it again changes nothing, and it can be drawn from the store."""
    sha256 = program_sha256(load_program(TEXT))
    first, again = (run("publish", FLAGSHIP, database=database) for _ in range(2))
    (listed,) = json.loads(run("list", "--json", database=database).output)

    assert first.exit_code == 0
    assert first.output == again.output == f"published disengagement 2026.2  {sha256}\n"
    assert (listed["code"], listed["version"], listed["sha256"]) == ("disengagement", "2026.2", sha256)
    assert run("show", "disengagement@2026.2", database=database).output == run("show", FLAGSHIP).output


def test_a_published_version_is_never_replaced(database: Database) -> None:
    """The same version with another definition is refused with the cure, and takes back what was published beside it."""
    run("publish", FLAGSHIP, database=database)
    other = TEXT.replace("quorum: 4", "quorum: 5")
    refused = run("publish", str(SHIPPED[1]), "-", database=database, text=other)

    assert refused.exit_code == 3
    assert "give the new definition a new version" in refused.output
    assert [version["code"] for version in json.loads(run("list", "--json", database=database).output)] == [
        "disengagement"
    ]


def test_what_fails_the_check_is_not_published() -> None:
    """A definition with an error is refused before a database is even looked for."""
    done = run("publish", "-", text=TEXT.replace("outcome: asks_again", "outcome: auto_approve"))

    assert done.exit_code == 3
    assert "an approval that nobody gave is no approval" in done.output


def test_without_a_database_the_command_says_what_to_do(tmp_path: Path) -> None:
    """Without settings the exit code is 2, with a database that does not answer it is 4, and the cure is told."""
    unset = run("list", "--data-dir", str(tmp_path))
    with CliRunner().isolation(env={"OFFRAMP_TEMPORAL_ADDRESS": "127.0.0.1:1", "OFFRAMP_DATABASE_URL": "postgresql://u@127.0.0.1:1/x"}) as (_, _, printed):  # fmt: skip
        code = offramp(["program", "list"])
        down = Done(code, printed.getvalue().decode())

    assert (unset.exit_code, down.exit_code) == (2, 4)
    assert "offramp up" in unset.output
    assert "offramp up" in down.output


def test_an_unknown_published_version_names_the_known_ones(database: Database) -> None:
    """Asking for a version that is not published is refused, with those that are."""
    run("publish", FLAGSHIP, database=database)
    done = run("show", "disengagement@1999.1", database=database)

    assert done.exit_code == 3
    assert "Published: disengagement 2026.2" in done.output
