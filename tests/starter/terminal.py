"""A terminal on a real stack with a real worker, and what is typed there again and again."""

import io
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from activities.store.keys import generate_key_file
from starter.cli import run
from starter.stack import Stack
from tests.conftest import _create

ROOT = Path(__file__).resolve().parents[2]


class Answer(NamedTuple):
    """What a command came to: its exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as JSON."""
        return json.loads(self.out)


Offramp = Callable[..., Answer]


@pytest.fixture(scope="module")
def environment(
    stack: Stack, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """A database and a task queue of this module's own, with a worker that serves them."""
    with served(stack, database_template, tmp_path_factory.mktemp("cli")) as settings:
        yield settings


@contextmanager
def served(stack: Stack, template: str, folder: Path, **more: str) -> Iterator[dict[str, str]]:
    """A database and a task queue of their own, with a worker that serves them; `more` are further settings."""
    name = f"cli_{secrets.token_hex(6)}"
    _create(stack, name, template)
    generate_key_file(folder / "program.key")
    settings = {
        "OFFRAMP_DATA_DIR": str(folder),
        "OFFRAMP_TEMPORAL_ADDRESS": stack.addresses.temporal,
        "OFFRAMP_TASK_QUEUE": name,
        "OFFRAMP_DATABASE_URL": make_conninfo(stack.addresses.dsn_app, dbname=name),
        "OFFRAMP_KEY_FILE": str(folder / "program.key"),
        **more,
    }
    worker = stack.spawn_worker(settings)
    yield settings
    worker.stop()
    with psycopg.connect(stack.addresses.dsn_admin, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def offramp(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Offramp:
    """The command line against that database, with the program published and the example's staff imported."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str, stdin: str = "") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = run(arguments)
        shown = capsys.readouterr()
        return Answer(code, shown.out, shown.err)

    assert call("program", "publish", str(ROOT / "programs" / "disengagement.yaml")).code == 0
    assert call("staff", "import", str(ROOT / "examples" / "staff.yaml")).code == 0
    return call


def opened(offramp: Offramp, *more: str) -> str:
    """A new case, led by lena."""
    done = offramp(
        "case", "open", "--as", "sofia", "--program", "disengagement", "--lead", "lena", "--support-level", "high",
        "--eligibility-text", "Asked for help herself.", "--json", *more,
    )  # fmt: skip
    assert done.code == 0, done
    stream: str = done.json["receipt"]["stream"]
    return stream


def do(offramp: Offramp, case: str, person: str, *command: str) -> Answer:
    """A command that is accepted."""
    done = offramp("case", "do", case, *command, "--as", person)
    assert done.code == 0, done
    return done


def assessed(offramp: Offramp, case: str) -> None:
    """The person assessed by lena with what the example says of each domain."""
    do(offramp, case, "lena", "record_assessment", "--instrument", "needs_and_strengths", "--edition", "2026", "--trigger", "entry",
       "--domains-file", str(ROOT / "examples" / "assessment.yaml"), "--judgement", "more_support", "--likelihood", "possible",
       "--severity", "serious", "--imminence", "not_foreseen", "--direction", "easing", "--confidence", "fair")  # fmt: skip


def verified(offramp: Offramp, case: str, milestone: str, *kinds: str) -> None:
    """A milestone claimed by lena with evidence of these kinds, and verified by sofia."""
    pieces = [part for kind in kinds for part in ("--evidence", f"kind={kind},source={kind}_1,observed_at=2020-01-01")]
    now = offramp("case", "show", case, "--json").json["case"]["as_of"]
    pieces = [piece.replace("2020-01-01", now) for piece in pieces]
    do(offramp, case, "lena", "claim_milestone", "--milestone", milestone, *pieces)
    do(offramp, case, "sofia", "verify-milestone", "--milestone", milestone, "--reasons-text", "Seen and weighed.")
