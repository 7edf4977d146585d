"""The command line without a stack: quick help, generated commands, and a clear message for whatever is wrong."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
import pytest
from click.testing import CliRunner

from starter.cli import root, run
from starter.cli.fields import command_from, given_fields
from starter.cli.lookup import parse_instant, until_text
from starter.cli.submit import Draft
from starter.cli.texts import evidence, notes
from workflows.case.assessment_form import RecordAssessment
from workflows.case.commands import COMMANDS

SLOW = ("pydantic", "psycopg", "temporalio", "rich", "yaml", "psutil", "asyncio")
HELP_SECONDS = 0.3


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings from outside, and a data directory in which nothing is."""
    for name in (
        "OFFRAMP_PERSON",
        "OFFRAMP_DATABASE_URL",
        "OFFRAMP_TEMPORAL_ADDRESS",
        "OFFRAMP_KEY",
        "OFFRAMP_KEY_FILE",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OFFRAMP_DATA_DIR", str(tmp_path))


def offramp(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the command in a process of its own, as a shell would."""
    command = [sys.executable, "-c", "from starter.cli import main; main()", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL)


def test_help_appears_at_once() -> None:
    """`offramp --help` takes less than 0.3 s of a processor, interpreter included, whatever else the machine does."""
    took = []
    for _ in range(5):
        before = os.times()
        assert offramp("--help").returncode == 0
        after = os.times()
        took.append(after.children_user - before.children_user + after.children_system - before.children_system)
    assert min(took) < HELP_SECONDS


def test_help_imports_nothing_heavy() -> None:
    """Help imports no validation, database, engine or table drawing."""
    code = f"import sys\nfrom starter.cli import run\nrun(['--help'])\nprint([m for m in {SLOW!r} if m in sys.modules], file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.strip() == "[]"


def test_every_command_of_a_case_is_generated_with_all_its_fields() -> None:
    """`case do` offers every command that a person may send but opening, each with an option for each field and help."""
    runner = CliRunner()
    shown = runner.invoke(root, ["case", "do", "--help"]).output
    for name, model in COMMANDS.items():
        if name == "open_case":
            continue
        assert name in shown
        done = runner.invoke(root, ["case", "do", "123456", name, "--help"])
        assert done.exit_code == 0, done.output
        missing = [field.option for field in given_fields(model) if field.option not in done.output]
        assert missing == []
        assert "--as" in done.output
        assert "--command-id" in done.output
        assert "--json" in done.output


def test_choices_come_from_the_model() -> None:
    """A field with a closed set of values offers exactly these, and refuses others by name."""
    done = CliRunner().invoke(root, ["case", "do", "123456", "set_support_level", "--level", "some"])
    assert done.exit_code == 2
    assert all(level in done.output for level in ("acute", "high", "medium", "low"))


def test_a_field_of_several_codes_is_an_option_that_repeats() -> None:
    """What is shared is named code by code, each with the same option, and comes into the command as a list."""
    model = COMMANDS["correct_disclosure"]
    taken: list[Draft] = []
    made = command_from(model, name="it", callback=lambda fields, values: taken.append(Draft(model, fields, values)))
    reference = "note:00000000-0000-0000-0000-000000000001"
    done = CliRunner().invoke(made, ["--fields", "one", "--fields", "other", "--correction", reference])

    assert done.exit_code == 0, done.output
    assert taken[0].checked(UTC)["fields"] == ["one", "other"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("nonsense",), 2, "No such command"),
        (("case", "show"), 2, "Missing argument"),
        (("case", "list"), 2, "offramp up"),
        (("case", "do", "123456", "withdraw_consent", "--scope", "participation"), 2, "--as PERSON"),
        (("case", "recover"), 2, "--all"),
        (("queue",), 2, "--as PERSON"),
        (("--data-dir", "/nowhere", "audit", "verify"), 2, "/nowhere/settings.env"),
        (("up", "--port-base", "80"), 4, "between 1024 and 65530"),
    ],
)
def test_wrong_use_is_told_and_cured(
    arguments: tuple[str, ...], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever is wrong ends in one message with its cure and the documented exit code, never in a traceback."""
    assert run(arguments) == code
    shown = capsys.readouterr()
    assert told in shown.err
    assert "Traceback" not in shown.err + shown.out


def test_an_unreachable_database_is_unavailable(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A database that does not answer is exit code 4, also as JSON."""
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setenv("OFFRAMP_TEMPORAL_ADDRESS", "127.0.0.1:9")
    monkeypatch.setenv("OFFRAMP_KEY", "A" * 43 + "=")
    assert run(["case", "list"]) == 4
    assert "What to do:" in capsys.readouterr().err
    assert run(["case", "list", "--json"]) == 4
    assert '"outcome": "unavailable"' in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    """The completion script of each shell is printed."""
    done = offramp("completion", shell)
    assert done.returncode == 0
    assert "_OFFRAMP_COMPLETE" in done.stdout


def test_instants_are_read_on_the_clock_of_the_program() -> None:
    """A date without an offset is local to the program; one with an offset says itself when it is."""
    berlin = ZoneInfo("Europe/Berlin")
    assert parse_instant("2026-01-05", berlin, option="--x") == datetime(2026, 1, 4, 23, tzinfo=UTC)
    assert parse_instant("2026-07-05T09:00", berlin, option="--x") == datetime(2026, 7, 5, 7, tzinfo=UTC)
    assert parse_instant("2026-07-05T09:00+00:00", berlin, option="--x") == datetime(2026, 7, 5, 9, tzinfo=UTC)
    assert parse_instant("2026-01-05", UTC, option="--x", end_of_day=True) > datetime(2026, 1, 5, 23, 59, tzinfo=UTC)
    with pytest.raises(click.UsageError, match="write it like"):
        parse_instant("yesterday", berlin, option="--x")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-03-29T02:30", "skipped that hour"),
        ("2026-10-25T02:30", r"write 2026-10-25T02:30:00\+02:00 or 2026-10-25T02:30:00\+01:00"),
        ("0001-01-01", "write it like"),
        ("9999-12-31T23:59:59-12:00", "write it like"),
        ("2026-02-30", "write it like"),
    ],
)
def test_an_hour_that_the_clock_did_not_show_once_is_asked_again(text: str, told: str) -> None:
    """A local time that the clock skipped or showed twice is never guessed at, and one that no calendar has is no instant."""
    with pytest.raises(click.UsageError, match=told):
        parse_instant(text, ZoneInfo("Europe/Berlin"), option="--observed-at")


def test_what_is_overdue_says_so() -> None:
    """A due instant reads as a distance from now, and an overdue one says overdue."""
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert until_text(datetime(2026, 1, 8, tzinfo=UTC), now) == "in 3 days"
    assert until_text(datetime(2026, 1, 4, 23, tzinfo=UTC), now) == "overdue 1 hour"


def test_evidence_is_read_from_options_and_files(tmp_path: Path) -> None:
    """Evidence is given piece by piece, with a text that may hold commas, or as a list in a file."""
    listed = tmp_path / "evidence.yaml"
    listed.write_text("- {kind: home_visit, source: lena, observed_at: 2026-01-05}\n", encoding="utf-8")
    with listed.open(encoding="utf-8") as file:
        found = evidence({
            "evidence": ("kind=pledge,source=p_1,observed_at=2026-01-04,note_text=a, b",),
            "evidence_file": file,
        })
    assert found == [
        {"kind": "pledge", "source": "p_1", "observed_at": "2026-01-04", "note_text": "a, b"},
        {"kind": "home_visit", "source": "lena", "observed_at": "2026-01-05"},
    ]
    with pytest.raises(click.UsageError, match="its part 1"):
        evidence({"evidence": ("pledge",)})


def test_several_notes_are_read_by_their_codes(tmp_path: Path) -> None:
    """Texts for the domains of an assessment come one by one, as references, or from a file; each stands once, and none is repeated in an error."""
    field = next(one for one in given_fields(RecordAssessment) if one.name == "domains")
    listed = tmp_path / "domains.yaml"
    listed.write_text("safety: Nobody threatens her.\n", encoding="utf-8")
    with listed.open(encoding="utf-8") as file:
        found = notes(field, {"domains": ("housing=note:1",), "domains_text": ("health=Sleeps, at last = well",), "domains_file": file})  # fmt: skip
    assert found == ({"housing": "note:1"}, {"health": "Sleeps, at last = well", "safety": "Nobody threatens her."})

    for wrong in (
        {"domains_text": ("Sleeps badly",)},
        {"domains_text": ("health=a", "health=b")},
        {"domains": ("health=note:1",), "domains_text": ("health=a",)},
        {"domains_text": ("health= ",)},
        {},
    ):
        with pytest.raises(click.UsageError) as told:
            notes(field, wrong)
        assert "Sleeps" not in told.value.message
