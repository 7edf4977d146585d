"""The command that fills the staff directory: what it says, and how it ends."""

import base64
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from starter.cli.staff import group
from tests.conftest import Database
from tests.store.conftest import SYNTHETIC_KEY
from tests.store.test_staff import ADDRESS, GOOD


@pytest.fixture
def environment(database: Database, tmp_path: Path) -> dict[str, str]:
    """Settings that point at the test's own database."""
    return {
        "OFFRAMP_DATA_DIR": str(tmp_path),
        "OFFRAMP_DATABASE_URL": database.dsn_app,
        "OFFRAMP_TEMPORAL_ADDRESS": "127.0.0.1:1",
        "OFFRAMP_KEY": base64.b64encode(SYNTHETIC_KEY).decode(),
    }


def run(environment: dict[str, str], *arguments: str | Path) -> Result:
    return CliRunner().invoke(group, [str(argument) for argument in arguments], env=environment)


def written(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "staff.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_an_import_says_what_it_did(environment: dict[str, str], tmp_path: Path) -> None:
    """An import counts what it began and, the second time, what it left alone."""
    path = written(tmp_path)
    first, second = run(environment, "import", path), run(environment, "import", path, "--json")

    assert (first.exit_code, first.output) == (0, "appointments: 1 added\n")
    assert json.loads(second.output) == {"added": 0, "ended": 0, "changed": 0, "unchanged": 1}


def test_a_list_shows_roles_and_no_address(environment: dict[str, str], tmp_path: Path) -> None:
    """A list shows who holds what from when, as text and as JSON, and never an address."""
    run(environment, "import", written(tmp_path))
    shown = run(environment, "list")
    (listed,) = json.loads(run(environment, "list", "--json").output)
    nobody_yet = run(environment, "list", "--at", "2025-01-01T00:00:00Z")

    assert "p.lead  2026-01-01 00:00 to open" in shown.output
    assert ADDRESS not in shown.output
    assert (listed["roles"], listed["valid_from"]) == (["lead_practitioner"], "2026-01-01T00:00:00+00:00")
    assert "nobody" in nobody_yet.output


@pytest.mark.parametrize(
    ("arguments", "change", "code", "said"),
    [
        (["import", "FILE"], {"OFFRAMP_DATABASE_URL": "host=127.0.0.1 port=1 dbname=x"}, 4, "cannot be reached"),
        (["import", "FILE"], {"OFFRAMP_KEY": ""}, 3, "no program key"),
        (["list", "--at", "yesterday"], {}, 2, "no instant"),
        (["list", "--at", "2026-01-01T00:00:00"], {}, 2, "no offset"),
        (["import", "nowhere.yaml"], {}, 2, "does not exist"),
    ],
)
def test_what_goes_wrong_is_said_with_its_code(
    environment: dict[str, str], tmp_path: Path, arguments: list[str], change: dict[str, str], code: int, said: str
) -> None:
    """Each failure ends with its documented code and a sentence, never with a traceback."""
    path = written(tmp_path)
    result = run({**environment, **change}, *(path if argument == "FILE" else argument for argument in arguments))

    assert (result.exit_code, said in result.output) == (code, True), result.output
    assert "Traceback" not in result.output


def test_a_wrong_file_is_refused_whole(environment: dict[str, str], tmp_path: Path) -> None:
    """A file with one wrong appointment imports none of them, and says on which line it is wrong."""
    path = written(tmp_path, GOOD + GOOD.replace("p.lead", "P Lead"))
    refused = run(environment, "import", path)

    assert refused.exit_code == 3
    assert "line 9, person" in refused.output
    assert "nobody" in run(environment, "list").output
