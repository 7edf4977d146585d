"""The command that fills the staff directory: what it says, and how it ends."""

import base64
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from starter.cli import run
from tests.conftest import Database
from tests.store.conftest import SYNTHETIC_KEY
from tests.store.test_staff import ADDRESS, GOOD


class Done(NamedTuple):
    """How a command ended, and all that it printed."""

    code: int
    said: str


class Shell:
    """Runs the staff command as a user does, against the test's own database."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def staff(self, *arguments: str | Path) -> Done:
        code = run(["staff", *map(str, arguments)])
        printed = self._capsys.readouterr()
        return Done(code, printed.out + printed.err)


@pytest.fixture
def shell(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    monkeypatch.setenv("OFFRAMP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("OFFRAMP_DATABASE_URL", database.dsn_app)
    monkeypatch.setenv("OFFRAMP_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("OFFRAMP_KEY", base64.b64encode(SYNTHETIC_KEY).decode())
    return Shell(capsys)


def written(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "staff.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_says_what_it_did(shell: Shell, tmp_path: Path) -> None:
    """An import counts what it began and, the second time, what it left alone."""
    path = written(tmp_path)
    first, second = shell.staff("import", path), shell.staff("import", path, "--json")

    assert first == Done(0, "appointments: 1 added\n")
    assert json.loads(second.said) == {"added": 0, "ended": 0, "changed": 0, "unchanged": 1}


def test_a_list_shows_roles_and_no_address(shell: Shell, tmp_path: Path) -> None:
    """A list shows who holds what from when, as text and as JSON, and never an address."""
    shell.staff("import", written(tmp_path))
    shown = shell.staff("list")
    (listed,) = json.loads(shell.staff("list", "--json").said)

    assert shown.said.splitlines()[1].split()[:2] == ["p.lead", "2026-01-01"]
    assert ADDRESS not in shown.said
    assert (listed["roles"], listed["valid_from"]) == (["lead_practitioner"], "2026-01-01T00:00:00+00:00")
    assert shell.staff("list", "--at", "2025-01-01").said == "Nobody held an appointment then.\n"


@pytest.mark.parametrize(
    ("arguments", "change", "code", "said"),
    [
        (["import", "FILE"], {"OFFRAMP_DATABASE_URL": "host=127.0.0.1 port=1 dbname=x"}, 4, "cannot be reached"),
        (["import", "FILE"], {"OFFRAMP_KEY": ""}, 2, "no program key"),
        (["list", "--at", "yesterday"], {}, 2, "no instant"),
        (["import", "nowhere.yaml"], {}, 2, "does not exist"),
    ],
)
def test_what_goes_wrong_is_said_with_its_code(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    change: dict[str, str],
    code: int,
    said: str,
) -> None:
    """Each failure ends with its documented code and a sentence, never with a traceback."""
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    path = written(tmp_path)
    done = shell.staff(*(path if argument == "FILE" else argument for argument in arguments))

    assert (done.code, said in done.said, "Traceback" in done.said) == (code, True, False), done.said


def test_a_wrong_file_is_refused_whole(shell: Shell, tmp_path: Path) -> None:
    """A file with one wrong appointment imports none of them, and says on which line it is wrong."""
    refused = shell.staff("import", written(tmp_path, GOOD + GOOD.replace("p.lead", "P Lead")))

    assert refused.code == 3
    assert "line 9, person" in refused.said
    assert "Nobody is in the directory" in shell.staff("list").said
