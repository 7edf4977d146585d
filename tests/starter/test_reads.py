"""Whoever sees something of a case leaves an entry, of who they are and what it was for, before the first byte is out."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import click
import psycopg
import pytest

from starter.cli import root, run
from starter.cli.operate import do as sending
from tests.starter.terminal import Offramp, do, opened

DEADLINE_SECONDS = 60.0
ENTRY = "an entry of each case that is shown"
OWN = "the entry of the command itself, in the ledger; an answer from before leaves an entry of its own"
NOTHING = "nothing of a case"
IDS = "ids, places, hashes and counts: nothing of a case"
LOG = "the access log itself, to those who may look at the case"
TOMBS = "what is left of erased records: that they were, and who decided"
FILE = "a file that its user holds already"
TRACES = {
    "audit compare": ENTRY, "audit discontinuity": IDS, "audit erasures": TOMBS, "audit export": ENTRY, "audit log-key": NOTHING, "audit prove": IDS,
    "audit reads": LOG, "audit replay": ENTRY, "audit seal": IDS, "audit temporal": ENTRY, "audit verify": IDS, "audit verify-bundle": FILE, "audit why": ENTRY,
    "case contacts": ENTRY, "case coordination": ENTRY, "case do": OWN, "case draw": ENTRY, "case links": ENTRY, "case list": ENTRY, "case network": ENTRY,
    "case open": OWN, "case read": ENTRY, "case recover": IDS, "case show": ENTRY, "case statement": ENTRY, "case watch": ENTRY, "case why": ENTRY,
    "codec serve": ENTRY, "codec token": NOTHING, "completion": NOTHING, "demo": NOTHING, "inbox": ENTRY, "keys new": NOTHING, "keys rotate": NOTHING, "keys status": IDS, "migrate": NOTHING,
    "program check": NOTHING, "program holidays": NOTHING, "program list": NOTHING, "program publish": NOTHING, "program schema": NOTHING,
    "program show": NOTHING, "program test": NOTHING, "queue": ENTRY, "rebuild": IDS, "recover": IDS,
    "review approve": OWN, "review list": ENTRY, "review recuse": OWN, "review reject": OWN, "review show": ENTRY,
    "rights acts": ENTRY, "rights disclosures": ENTRY, "rights holds": ENTRY, "rights measures": ENTRY, "rights requests": ENTRY,
    "scenario run": NOTHING, "scenario schema": NOTHING, "staff import": IDS, "staff list": NOTHING, "staff orphans": ENTRY, "up": NOTHING,
    "witness key": NOTHING, "witness run": NOTHING, "witness show": NOTHING,
}  # fmt: skip
"""Every command → what it shows, and so what trace it leaves. A new one fails here until it is thought about."""


class Shown(NamedTuple):
    """A command that shows something of a case: what is typed (CASE stands for it, FILE for a pipe), and the entry that must stand before the first byte."""

    command: str
    arguments: tuple[str, ...]
    purpose: str
    reader: str = "console"


SHOWN = (
    Shown("case show", ("case", "show", "CASE", "--as", "sofia"), "case_show", "sofia"),
    Shown("case show", ("case", "show", "CASE"), "case_show"),
    Shown("case why", ("case", "why", "CASE"), "case_why"),
    Shown("case contacts", ("case", "contacts", "CASE"), "case_contacts"),
    Shown("case coordination", ("case", "coordination", "CASE", "--as", "ona"), "case_coordination", "ona"),
    Shown("case draw", ("case", "draw", "CASE", "-o", "FILE.svg"), "case_draw"),
    Shown("case links", ("case", "links", "CASE"), "case_links"),
    Shown("case list", ("case", "list", "--as", "lena"), "case_list", "lena"),
    Shown("case network", ("case", "network", "CASE"), "case_network"),
    Shown("case network", ("case", "network", "CASE", "-o", "FILE.svg"), "case_network"),
    Shown("case read", ("case", "read", "CASE", "--position", "1", "--for", "supervision", "--as", "sofia"), "supervision", "sofia"),
    Shown("case statement", ("case", "statement", "CASE"), "case_statement"),
    Shown("case statement", ("case", "statement", "CASE", "--html", "FILE"), "case_statement"),
    Shown("case watch", ("case", "watch", "CASE", "--after", "0", "--for", "0"), "case_watch"),
    Shown("review list", ("review", "list", "--as", "carl"), "review_list", "carl"),
    Shown("review show", ("review", "show", "CASE", "1", "--as", "carl"), "review_show", "carl"),
    Shown("queue", ("queue", "--as", "lena"), "queue", "lena"),
    Shown("queue", ("queue", "--all"), "queue"),
    Shown("inbox", ("inbox", "--as", "carl"), "inbox", "carl"),
    Shown("rights disclosures", ("rights", "disclosures", "--as", "ona"), "rights_disclosures", "ona"),
    Shown("rights holds", ("rights", "holds"), "rights_holds"),
    Shown("rights requests", ("rights", "requests", "--json"), "rights_requests"),
    Shown("staff orphans", ("staff", "orphans"), "staff_orphans"),
    Shown("audit replay", ("audit", "replay", "CASE", "--as", "ona"), "audit_replay", "ona"),
    Shown("audit why", ("audit", "why", "CASE", "1"), "audit_why"),
    Shown("audit compare", ("audit", "compare", "CASE"), "audit_compare"),
    Shown("audit temporal", ("audit", "temporal", "CASE", "--as", "ona"), "audit_temporal", "ona"),
    Shown("audit export", ("audit", "export", "CASE", "-o", "/nowhere/case.zip"), "audit_export"),
    Shown("case do", ("case", "do", "CASE", "request_access", "--as", "sofia", "--command-id", "access"), "repeated_answer", "sofia"),
)  # fmt: skip
ELSEWHERE = {"rights acts", "rights measures", "codec serve"}
"""Lists in which the case of these tests has no row: the same code as for the other rights; and a server, which has tests of its own."""


def commands() -> Iterator[str]:
    """Every command of the command line, but those that send one command of a case."""

    def below(group: click.Group, path: tuple[str, ...]) -> Iterator[str]:
        context = click.Context(group)
        for name in group.list_commands(context):
            found = group.get_command(context, name)
            if isinstance(found, click.Group) and found is not sending:
                yield from below(found, (*path, name))
            else:
                yield " ".join((*path, name))

    yield from below(root, ())


def test_every_command_is_classified() -> None:
    """Of every command it is said what it shows of a case and what trace that leaves, and every one that shows something is tried below."""
    assert set(commands()) == set(TRACES)
    assert {name for name, trace in TRACES.items() if trace == ENTRY} - ELSEWHERE == {one.command for one in SHOWN if one.purpose != "repeated_answer"}  # fmt: skip


class Watched(io.StringIO):
    """A standard output that looks, when its first byte comes, at what stands in the access log."""

    def __init__(self, look: Callable[[], set[tuple[str, str, str]]]) -> None:
        super().__init__()
        self._look = look
        self.at_first: set[tuple[str, str, str]] | None = None

    def write(self, text: str) -> int:
        """Look, the first time."""
        if self.at_first is None and text:
            self.at_first = self._look()
        return super().write(text)


@pytest.fixture
def log(environment: dict[str, str]) -> Iterator[Callable[[], set[tuple[str, str, str]]]]:
    """What was added to the access log since the test began: the case, who, what for."""
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"], autocommit=True) as connection:
        (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM access_log").fetchone() or (0,)
        query = "SELECT stream, reader, purpose FROM access_log WHERE id > %s"
        yield lambda: set(connection.execute(query, (last,)).fetchall())


_CASE: dict[str, str] = {}


@pytest.fixture
def case(offramp: Offramp) -> str:
    """A case with something in every list: a review, a request for access, a pause, something disclosed; the same for all tests of this module."""
    if not _CASE:
        stream, soon = opened(offramp), (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
        do(offramp, stream, "sofia", "request_access", "--command-id", "access")
        do(offramp, stream, "lena", "give_consent", "--scope", "share:housing_office", "--form-version", "f1", "--language", "en", "--explained-by", "lena", "--capacity-judged-by", "lena")  # fmt: skip
        do(offramp, stream, "lena", "request_disclosure", "--partner", "housing_office", "--recipient", "housing_officer", "--purpose", "referral", "--fields", "contact_route", "--agreement", "housing_2026", "--reasons-text", "They asked.")  # fmt: skip
        do(offramp, stream, "lena", "hold_case", "--kind", "hospital", "--until", soon, "--reasons-text", "In hospital.")  # fmt: skip
        do(offramp, stream, "sofia", "request_review", "--to", "closed", "--reasons-text", "They wish it.", "--participant-view-text", "Yes.")  # fmt: skip
        _CASE["stream"] = stream
        _until(lambda: "review" in offramp("inbox", "--as", "carl").out)
    return _CASE["stream"]


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: " ".join(one.arguments[:2]))
def test_the_entry_stands_before_the_first_byte(shown: Shown, case: str, log: Callable[[], set[tuple[str, str, str]]], *, tmp_path: Path) -> None:  # fmt: skip
    """At the first byte of a command's answer, on the terminal or into a file, the log names the case, who sees it, and what for."""
    pipe = tmp_path / "FILE.svg"
    os.mkfifo(pipe)
    arguments = [part.replace("CASE", case).replace("FILE.svg", "FILE").replace("FILE", str(pipe)) for part in shown.arguments]  # fmt: skip
    output, into_file = Watched(log), any("FILE" in part for part in shown.arguments)
    first: list[set[tuple[str, str, str]]] = []

    def read() -> None:
        with pipe.open("rb") as stream:
            if stream.read(1):
                first.append(log())
            stream.read()

    reader = threading.Thread(target=read, daemon=True)
    if into_file:
        reader.start()
    with redirect_stdout(output), redirect_stderr(io.StringIO()) as errors:
        code = run(arguments)
    if into_file:
        reader.join(DEADLINE_SECONDS)

    expected = (case, shown.reader, shown.purpose)
    if shown.command == "audit export":
        # It is not sealed yet, or cannot be written there; that it was about to be shown stands all the same.
        assert (code in {3, 4}, expected in log()) == (True, True), errors.getvalue()
        return
    assert code == 0, errors.getvalue()
    seen = first[0] if into_file else output.at_first
    assert seen is not None
    assert expected in seen


def test_a_difference_is_content(offramp: Offramp, case: str, environment: dict[str, str], *, log: Callable[[], set[tuple[str, str, str]]]) -> None:  # fmt: skip
    """Where all cases are compared, those of which a difference is shown are read, and no others."""
    other = opened(offramp)
    assert offramp("audit", "compare", "--all", "--no-workflow").code == 0
    assert log() == set()
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("UPDATE case_overview SET support_level = 'low' WHERE stream = %s", (other,))
    assert offramp("audit", "compare", "--all", "--no-workflow").code == 1
    assert log() == {(other, "console", "audit_compare")}
    assert offramp("rebuild").code == 0


def test_whoever_says_who_they_are_sees_what_the_program_lets_them(offramp: Offramp, case: str, log: Callable[[], set[tuple[str, str, str]]]) -> None:  # fmt: skip
    """An auditor and a supervisor see lists and histories, another lead only their own cases, a provider and a stranger nothing; what is refused shows nothing."""
    theirs = opened(offramp, "--lead", "milo")
    short = case.removeprefix("case/")[:8]
    for person, code, refusal in (("ona", 0, ""), ("sofia", 0, ""), ("lena", 0, ""), ("ines", 3, "not_authorized"), ("milo", 3, "not_in_charge"), ("stranger", 3, "unknown_person")):  # fmt: skip
        for arguments in (("rights", "requests"), ("audit", "replay", case), ("audit", "reads", case), ("case", "show", case)):  # fmt: skip
            told = offramp(*arguments, "--as", person)
            assert told.code == code, (arguments, person, told.err)
            assert refusal in told.err
            assert code == 0 or (short not in told.out and "What to do:" in told.err)
    listed = offramp("case", "list", "--as", "milo")
    assert (theirs.removeprefix("case/")[:8] in listed.out, short in listed.out) == (True, False)
    assert "left out" in listed.err
    assert {reader for _, reader, _ in log() if reader in {"ines", "stranger"}} == set()
    assert (case, "milo", "case_list") not in log()
    text = offramp("case", "read", case, "--position", "1", "--for", "oversight", "--as", "ona")
    assert (text.code, "record_only" in text.err) == (3, True)


def test_a_list_is_the_same_where_the_rows_do_not_tell(
    offramp: Offramp, case: str, environment: dict[str, str]
) -> None:
    """Who may look at which case is told by the read model's rows, and where they cannot tell, by the cases themselves: the same."""
    others = [opened(offramp, "--lead", "milo"), opened(offramp)]
    people = ("ona", "sofia", "lena", "milo", "carl", "ines", "stranger")

    def lists() -> list[tuple[int, str, list[str]]]:
        told = [offramp("case", "list", "--json", "--as", person) for person in people]
        return [(each.code, each.err, [one for one in (case, *others) if one in each.out]) for each in told]

    by_rows = lists()
    with psycopg.connect(environment["OFFRAMP_DATABASE_URL"], autocommit=True) as connection:
        # As a build leaves them that knows nothing of it.
        connection.execute(
            "UPDATE case_overview SET glance_position = glance_position - 1, in_charge = 'nobody', sealed = NOT sealed"
        )
    assert lists() == by_rows
    seen = dict(zip(people, (shown for _, _, shown in by_rows), strict=True))
    assert seen == {"ona": [case, *others], "sofia": [case, *others], "lena": [case, others[1]], "milo": [others[0]], "carl": [case], "ines": [], "stranger": []}  # fmt: skip
    assert offramp("rebuild").code == 0


def test_the_person_is_told_of_whoever_looked(offramp: Offramp, case: str) -> None:
    """The statement lists who looked in a list too, and calls the console what it is."""
    assert offramp("rights", "holds", "--as", "ona").code == 0
    assert offramp("rights", "holds").code == 0
    stated = offramp("case", "statement", case).out

    assert "ona" in stated
    assert "somebody who runs the computer itself" in stated


@pytest.mark.parametrize("arguments", [("case", "show", "CASE"), ("rights", "disclosures"), ("case", "read", "CASE", "--position", "1", "--for", "supervision", "--as", "sofia")])  # fmt: skip
def test_a_kill_between_the_entry_and_the_answer_leaves_the_entry(arguments: tuple[str, ...], case: str, environment: dict[str, str], *, log: Callable[[], set[tuple[str, str, str]]]) -> None:  # fmt: skip
    """A process that is killed as it is about to print has shown nothing, and what it was about to show stands on record."""
    killed = (
        "import os, signal, sys, click\n"
        "from starter.cli import run\n"
        "click.echo = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)\n"
        "run(sys.argv[1:])\n"
    )
    typed = [part.replace("CASE", case) for part in arguments]
    done = subprocess.run(
        [sys.executable, "-c", killed, *typed], env={**os.environ, **environment}, capture_output=True, timeout=DEADLINE_SECONDS, check=False
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")
    assert case in {stream for stream, _, _ in log()}
