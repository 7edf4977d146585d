"""How the command line answers programs and shells: JSON everywhere, repeated ids, readers that leave, a second shell."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import get_args

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from temporalio.client import Client

from starter.cli.session import _NOBODY, _PERSON, UNHEARD
from starter.cli.show import _wrapped
from starter.stack import Stack
from tests.starter.terminal import ROOT, Offramp, do, opened
from workflows.core.kinds import RESERVED, PersonId

DEADLINE_SECONDS = 30.0
COMMAND = [sys.executable, "-c", "from starter.cli import main; main()"]


@contextmanager
def shell(environment: dict[str, str], *arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """Another shell, in which the command runs as a process of its own."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], env=os.environ | environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_every_command_answers_in_json(offramp: Offramp) -> None:
    """Whatever is read, sent, refused or misused: with --json, stdout is one JSON value, and the exit code is the same as without."""
    case = opened(offramp)
    reading = (
        ("case", "list"), ("case", "show", case), ("case", "why", case), ("case", "recover", case), ("case", "watch", case, "--after", "0", "--for", "0"),
        ("queue", "--as", "lena"), ("inbox", "--as", "lena"), ("review", "list"), ("rights", "acts"), ("rights", "disclosures", "--all"), ("audit", "replay", case), ("audit", "verify"), ("audit", "compare", case),
        ("program", "list"), ("program", "check", str(ROOT / "programs" / "disengagement.yaml")), ("program", "schema"),
        ("program", "show", "disengagement@2026.2"), ("program", "holidays", "DE-BE", "2026"), ("staff", "list"), ("rebuild",),
        ("program", "publish", str(ROOT / "programs" / "disengagement.yaml")), ("staff", "import", str(ROOT / "examples" / "staff.yaml")),
    )  # fmt: skip
    sending = (
        ("case", "do", case, "keep_check_in", "--channel", "call", "--as", "lena"),
        ("case", "do", case, "keep_check_in", "--channel", "call", "--as", "nobody"),
        ("review", "approve", case, "1", "--reasons-text", "Mine.", "--as", "carl"),
        ("review", "show", case, "1"), ("case", "show", "000000"), ("case", "do", case, "nothing"), ("nothing",), ("case", "show"),
        ("program", "show", "disengagement@1.1"),
    )  # fmt: skip
    for arguments in (*reading, *sending):
        plain, told = offramp(*arguments), offramp(*arguments, "--json")
        assert told.json is not None
        assert told.code == plain.code, (arguments, plain, told)
        assert (plain.code == 0) == (arguments in reading or arguments == sending[0]), (arguments, plain)


def test_an_id_that_belongs_to_another_command_says_so(offramp: Offramp, environment: dict[str, str]) -> None:
    """A command id used before gives the answer of then, says whose it is, and seals nothing of what is sent now."""
    case = opened(offramp)
    check_in = (
        "case",
        "do",
        case,
        "keep_check_in",
        "--channel",
        "call",
        "--note-text",
        "First.",
        "--command-id",
        "used",
    )
    first = offramp(*check_in, "--as", "lena", "--json").json
    again = offramp(*check_in, "--as", "lena", "--json")
    other = offramp(
        "case", "do", case, "review_progress", "--direction", "steady", "--summary-text", "Second.", "--command-id", "used",
        "--as", "lena", "--json",
    )  # fmt: skip
    assert (first["repeated"], again.json["repeated"], other.json["repeated"]) == (None, "same", "other")
    assert first["receipt"] == again.json["receipt"] == other.json["receipt"]
    assert "answered before (keep_check_in by lena" in again.err
    assert "was not looked at" in other.err
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"]) as connection:
        (notes,) = connection.execute("SELECT count(*) FROM vault WHERE stream = %s", (case,)).fetchone() or (0,)
    assert notes == 2


def test_a_watcher_sees_what_another_shell_does(offramp: Offramp, environment: dict[str, str]) -> None:
    """Watching shows a command that somebody else sends meanwhile, and Ctrl-C is how it ends."""
    case = opened(offramp)
    with shell(environment, "case", "watch", case, "--after", "0", "--json") as watching:
        assert watching.stdout is not None
        assert json.loads(watching.stdout.readline())["position"] == 1
        do(offramp, case, "lena", "keep_check_in", "--channel", "call")
        assert json.loads(watching.stdout.readline())["type"] == "keep_check_in"
        watching.send_signal(signal.SIGINT)
        assert watching.wait(DEADLINE_SECONDS) == 0
        assert watching.stderr is not None
        assert watching.stderr.read().strip() == ""


def test_a_command_that_is_interrupted_says_how_to_go_on(
    offramp: Offramp, environment: dict[str, str], temporal_address: str
) -> None:
    """Whoever interrupts a command that was sent is told the id with which to repeat it."""
    offramp("program", "list")
    # No worker serves this queue: the command is sent, and waits.
    nowhere = environment | {"OFFRAMP_TASK_QUEUE": "nobody_serves_this"}
    opening = (
        "case", "open", "--as", "sofia", "--program", "disengagement", "--lead", "lena", "--support-level", "high",
        "--eligibility-text", "Asked for help herself.", "--command-id", "interrupted",
    )  # fmt: skip
    with shell(nowhere, *opening) as waiting:
        asyncio.run(arrived(temporal_address, sealed(environment, "interrupted")))
        waiting.send_signal(signal.SIGINT)
        _, told = waiting.communicate(timeout=DEADLINE_SECONDS)
        assert waiting.returncode in {4, 130}
        assert "may or may not be recorded" in told
        assert "--command-id interrupted" in told


def sealed(environment: dict[str, str], command_id: str) -> str:
    """The stream for which a text was sealed for this command, once it was."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"], autocommit=True) as connection:
        while True:
            row = connection.execute("SELECT stream FROM vault WHERE command_id = %s", (command_id,)).fetchone()
            if row is not None:
                return str(row[0])
            assert time.monotonic() < deadline


async def arrived(temporal_address: str, stream: str) -> None:
    """Wait until Temporal knows the case: then the command is under way."""
    client = await Client.connect(temporal_address)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not [one async for one in client.list_workflows(f"WorkflowId = '{stream}'")]:
        assert time.monotonic() < deadline


def test_a_reader_that_leaves_is_no_fault(offramp: Offramp, environment: dict[str, str]) -> None:
    """Where the reader of the output stops reading, the command stops without a word."""
    case = opened(offramp)
    with shell(environment, "case", "show", case) as showing:
        assert showing.stdout is not None
        assert showing.stderr is not None
        showing.stdout.close()
        assert showing.wait(DEADLINE_SECONDS) == UNHEARD
        assert showing.stderr.read() == ""


def test_entries_cut_off_at_the_end_are_noticed(offramp: Offramp, environment: dict[str, str], stack: Stack) -> None:
    """A chain that was cut off at its end is sound by itself: the read model and a receipt say that something is missing."""
    case = opened(offramp)
    done = do(offramp, case, "lena", "keep_check_in", "--channel", "call", "--json").json["receipt"]
    receipt = f"{done['position']}:{done['hash'][:8]}"
    assert offramp("audit", "verify", case, "--receipt", receipt).code == 0
    assert offramp("audit", "verify", case, "--receipt", f"{done['position']}:{'0' * 8}").code == 1
    assert offramp("audit", "verify", case, "--receipt", "the first").code == 2
    assert offramp("audit", "verify", "--receipt", receipt).code == 2
    owner = make_conninfo(stack.addresses.dsn_owner, dbname=environment["OFFRAMP_TASK_QUEUE"])
    with psycopg.connect(owner) as connection:
        connection.execute("ALTER TABLE entry DISABLE TRIGGER entry_is_never_changed")
        connection.execute("DELETE FROM entry WHERE stream = %s AND position = %s", (case, done["position"]))
        connection.execute("ALTER TABLE entry ENABLE ALWAYS TRIGGER entry_is_never_changed")
    told = offramp("audit", "verify", case)
    assert (told.code, f"BROKEN: {case} position 2: is missing, and the read model names position 2" in told.out) == (
        1,
        True,
    )
    assert "ahead of the ledger" in offramp("audit", "compare", case).out
    assert offramp("rebuild").code == 0
    assert offramp("audit", "verify", case).code == 0
    assert offramp("audit", "verify", case, "--receipt", receipt).code == 1


@pytest.mark.parametrize("width", [20, 44, 80, 200])
def test_long_lines_are_wrapped_whole(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrapping to any width loses no word, breaks none, and keeps to the width where a word lets it."""
    monkeypatch.setenv("COLUMNS", str(width))
    text = "2026-11-23 14:40  lena               lena claims a milestone, with evidence of two kinds by two people. [4:16b5a303]"
    wrapped = _wrapped(text, hang=37)
    assert wrapped.split() == text.split()
    assert all(len(line) <= max(width, 40) for line in wrapped.splitlines())


def test_who_acts_is_a_person() -> None:
    """The command line knows the form of a person's id and the engine's own ids as the engine does."""
    pattern = str(get_args(PersonId)[1].pattern)
    assert pattern.replace("$", r"\Z").removeprefix("^") == _PERSON.pattern
    assert _NOBODY == RESERVED
