"""The command line on a real stack with a real worker: the three people at their work, from opening to audit."""

import io
import json
import secrets
import sys
from collections.abc import Callable, Iterator
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
PANEL = ("carl", "amara", "paula", "ravi")


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
    name = f"cli_{secrets.token_hex(6)}"
    _create(stack, name, database_template)
    folder = tmp_path_factory.mktemp("cli")
    generate_key_file(folder / "program.key")
    settings = {
        "OFFRAMP_DATA_DIR": str(folder),
        "OFFRAMP_TEMPORAL_ADDRESS": stack.addresses.temporal,
        "OFFRAMP_TASK_QUEUE": name,
        "OFFRAMP_DATABASE_URL": make_conninfo(stack.addresses.dsn_app, dbname=name),
        "OFFRAMP_KEY_FILE": str(folder / "program.key"),
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


def verified(offramp: Offramp, case: str, milestone: str, *kinds: str) -> None:
    """A milestone claimed by lena with evidence of these kinds, and verified by sofia."""
    pieces = [part for kind in kinds for part in ("--evidence", f"kind={kind},source={kind}_1,observed_at=2020-01-01")]
    now = offramp("case", "show", case, "--json").json["case"]["as_of"]
    pieces = [piece.replace("2020-01-01", now) for piece in pieces]
    do(offramp, case, "lena", "claim_milestone", "--milestone", milestone, *pieces)
    do(offramp, case, "sofia", "verify-milestone", "--milestone", milestone, "--reasons-text", "Seen and weighed.")


def test_a_case_is_opened_moved_and_audited(offramp: Offramp) -> None:
    """Operators, reviewers and auditors can do their whole work from the command line."""
    case = opened(offramp)
    short = case.removeprefix("case/")[:8]
    assert short in offramp("case", "list").out
    assert "the request for consent" in offramp("queue", "--as", "lena").out
    do(offramp, short, "lena", "give_consent", "--scope", "participation", "--form-version", "f1", "--language", "en",
       "--explained-by", "lena")  # fmt: skip
    assert "claim_milestone, then verify_milestone" in offramp("case", "why", short).out
    verified(offramp, short, "needs_profile", "practitioner_assessment", "participant_view")
    verified(offramp, short, "safety_plan", "practitioner_assessment", "participant_view")
    asked = offramp("case", "do", short, "request_review", "--to", "stabilization", "--reasons", "-",
                    "--participant-view-text", "I am ready.", "--as", "lena", stdin="All is in place.\n")  # fmt: skip
    assert asked.code == 0, asked
    assert "0 of 4 voted, 0 of 3 approve" in offramp("review", "list").out
    shown = offramp("review", "show", short, "1").out
    assert "sofia   verified the milestone needs_profile" in shown
    assert "participant_view_1" in shown
    outsider = offramp("review", "approve", short, "1", "--reasons-text", "Mine.", "--as", "sofia")
    assert (outsider.code, "not_authorized" in outsider.err) == (3, True)
    for member in PANEL:
        assert offramp("review", "approve", short, "1", "--reasons-text", "Convincing.", "--as", member).code == 0
    assert offramp("case", "show", short, "--json").json["case"]["phase"]["phase"] == "stabilization"
    assert "approved" in offramp("review", "list", "--all").out
    assert "sofia" in offramp("review", "show", short, "1").out
    replayed = offramp("audit", "replay", short, "--format", "json").json
    assert [entry["position"] for entry in replayed["entries"]] == list(range(1, len(replayed["entries"]) + 1))
    assert offramp("audit", "replay", short).out.count("[1:") == 1
    assert offramp("audit", "verify", short).code == 0
    compared = offramp("audit", "compare", short, "--json")
    assert (compared.code, compared.json["differences"]) == (0, {"workflow": None, "read model": None})
    assert offramp("rebuild").code == 0
    assert offramp("audit", "compare", short).code == 0


def test_a_refusal_names_its_cure_and_leaves_a_receipt(offramp: Offramp) -> None:
    """What the rules refuse is exit code 3, with the reason, what to do, and the receipt of the refusal."""
    case = opened(offramp)
    done = offramp("case", "do", case, "claim_milestone", "--milestone", "needs_profile", "--as", "lena",
                   "--evidence", "kind=pledge,source=p_1,observed_at=2026-01-01")  # fmt: skip
    assert done.code == 3
    assert "What to do:" in done.err
    assert f"Receipt: {case} position 2" in done.err
    told = offramp("case", "do", case, "keep_check_in", "--channel", "call", "--as", "nobody", "--json")
    assert (told.code, told.json["code"], told.json["receipt"]["position"]) == (3, "unknown_person", 3)


def test_a_repeated_command_is_answered_once(offramp: Offramp) -> None:
    """The same command id gives the same receipt, for a command and for an opening."""
    case = opened(offramp, "--command-id", "one")
    assert opened(offramp, "--command-id", "one") == case
    first = offramp(
        "case",
        "do",
        case,
        "withdraw_consent",
        "--scope",
        "participation",
        "--as",
        "lena",
        "--command-id",
        "two",
        "--json",
    )
    again = offramp(
        "case",
        "do",
        case,
        "withdraw_consent",
        "--scope",
        "participation",
        "--as",
        "lena",
        "--command-id",
        "two",
        "--json",
    )
    assert first.json["receipt"] == again.json["receipt"]
    assert len(offramp("audit", "replay", case, "--json").json["entries"]) == 2


def test_no_text_leaves_the_vault(offramp: Offramp, environment: dict[str, str]) -> None:
    """A text is sealed before it is sent: it stands neither in what is shown nor anywhere in the database."""
    case = opened(offramp)
    secret = "a sentence about somebody"
    do(offramp, case, "lena", "keep_check_in", "--channel", "call", "--note-text", secret)
    assert secret not in offramp("audit", "replay", case, "--json").out
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"]) as connection:
        notes = connection.execute("SELECT sealed FROM vault WHERE stream = %s", (case,)).fetchall()
    assert len(notes) == 2
    assert all(secret.encode() not in bytes(sealed) for (sealed,) in notes)


def test_a_case_is_named_by_its_beginning_if_that_says_which(offramp: Offramp) -> None:
    """Six characters of an id are enough, fewer are refused, and an unknown one is told apart from a malformed one."""
    case = opened(offramp)
    identity = case.removeprefix("case/")
    for named in (case, identity, identity[:6], f"case/{identity[:9]}"):
        assert offramp("case", "show", named).code == 0
    assert (offramp("case", "show", identity[:5]).code, offramp("case", "show", "zzzzzzzz").code) == (2, 2)
    unknown = offramp("case", "show", "00000000-0000-4000-8000-000000000000")
    assert (unknown.code, "There is no case" in unknown.err) == (2, True)


def test_a_watcher_sees_what_is_recorded_until_told_to_stop(offramp: Offramp) -> None:
    """Watching shows the entries behind a position, and ends by itself after the seconds given."""
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    seen = offramp("case", "watch", case, "--after", "1", "--for", "0", "--json")
    assert (seen.code, json.loads(seen.out)["position"]) == (0, 2)


def test_malformed_input_never_travels(offramp: Offramp) -> None:
    """What cannot be a command is told before anything is sealed or sent."""
    case = opened(offramp)
    wrong = (
        ("claim_milestone", "--milestone", "needs_profile", "--evidence", "kind=pledge"),
        (
            "claim_milestone",
            "--milestone",
            "Needs Profile",
            "--evidence",
            "kind=pledge,source=p,observed_at=2026-01-01",
        ),
        ("verify_milestone", "--milestone", "needs_profile", "--reasons", "because"),
        ("verify_milestone", "--milestone", "needs_profile", "--reasons-text", "a", "--reasons", "note:b"),
        ("keep_check_in", "--channel", "call", "--observed-at", "yesterday"),
        ("keep_check_in", "--channel", "call", "--note-text", "  "),
    )
    for command in wrong:
        done = offramp("case", "do", case, *command, "--as", "lena")
        assert done.code == 2, (command, done)
        assert "--" in done.err
    assert len(offramp("audit", "replay", case, "--json").json["entries"]) == 1


def test_recovering_a_case_that_runs_changes_nothing(offramp: Offramp) -> None:
    """A case that runs is left as it is."""
    case = opened(offramp)
    assert "Nothing to do" in offramp("case", "recover", case).out
    assert offramp("case", "recover", "--all", "--json").json == {"started": []}
