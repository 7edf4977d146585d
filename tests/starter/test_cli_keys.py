"""Administrators make, rotate and retire program keys while workers serve, and are told what each of them still opens."""

import os
import re
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from activities.store.keys import ProgramKey, generate_key_file
from starter.stack import Stack, StackError
from tests.starter.terminal import ROOT, Offramp, do, opened, served

WAIT_SECONDS = 60


class Keys(NamedTuple):
    """The files of two program keys, and what leads a process to the ledger's owner."""

    old: Path
    new: Path
    owner: str

    @property
    def moved(self) -> dict[str, str]:
        """The settings under which the new key is the one, and the old one retired."""
        return {
            "OFFRAMP_KEY_FILE": str(self.new),
            "OFFRAMP_RETIRED_KEY_FILES": str(self.old),
            "OFFRAMP_OWNER_DATABASE_URL": self.owner,
        }


@pytest.fixture(scope="module")
def environment(
    stack: Stack, database_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """As for every module that uses the command line, but that its worker has the next program key besides."""
    folder = tmp_path_factory.mktemp("keys")
    generate_key_file(folder / "next.key")
    with served(stack, database_template, folder, OFFRAMP_RETIRED_KEY_FILES=str(folder / "next.key")) as settings:
        yield settings


@pytest.fixture
def keys(offramp: Offramp, environment: dict[str, str], stack: Stack) -> Keys:
    """The program key of this module, and the next one."""
    assert callable(offramp)
    database = str(conninfo_to_dict(environment["OFFRAMP_DATABASE_URL"])["dbname"])
    old, new = Path(environment["OFFRAMP_KEY_FILE"]), Path(environment["OFFRAMP_RETIRED_KEY_FILES"])
    return Keys(old, new, make_conninfo(stack.addresses.dsn_owner, dbname=database))


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    """Sets settings for the commands that follow."""

    def give(settings: dict[str, str]) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return give


def test_a_new_key_is_for_its_owner_alone_and_never_overwrites(offramp: Offramp, tmp_path: Path) -> None:
    """A key is made once, closed to others, and named by its id; a second one in its place is refused."""
    path = tmp_path / "one.key"
    first, again = offramp("keys", "new", str(path)), offramp("keys", "new", str(path))

    assert first.out == f"{path} holds the program key {ProgramKey.from_file(path).key_id}.\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert again.code == 3
    assert "is there already" in again.err


def test_a_rotation_needs_the_owner_and_a_person(
    offramp: Offramp, keys: Keys, given: Callable[[dict[str, str]], None]
) -> None:
    """The application's own role cannot rotate, and nobody rotates unnamed; nothing is changed by either."""
    given({**keys.moved, "OFFRAMP_OWNER_DATABASE_URL": ""})
    without_owner = offramp("keys", "rotate", "--as", "ada")
    unnamed = offramp("keys", "rotate")

    assert without_owner.code == 2
    assert "OFFRAMP_OWNER_DATABASE_URL" in without_owner.err
    assert unnamed.code == 2
    assert "--as PERSON" in unnamed.err
    assert offramp("keys", "status", "--json").json["operations"] == []


class Recording:
    """Somebody who goes on recording from the command line of another process, until told to stop."""

    def __init__(self, environment: dict[str, str], case: str) -> None:
        self.codes: list[tuple[int, str]] = []
        self._environment, self._case = {**os.environ, **environment}, case
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._record)
        self._thread.start()

    def stop(self) -> None:
        """Return once the last command is answered."""
        self._stop.set()
        self._thread.join(WAIT_SECONDS)

    def _record(self) -> None:
        script = "from starter.cli import main; main()"
        command = [sys.executable, "-c", script, "case", "do", self._case, "keep_check_in", "--channel", "call"]
        while not self._stop.is_set():
            done = subprocess.run(
                [*command, "--as", "lena"], cwd=ROOT, env=self._environment, capture_output=True, text=True,
                timeout=WAIT_SECONDS, check=False,
            )  # fmt: skip
            self.codes.append((done.returncode, done.stderr))


@pytest.fixture
def moved_worker(stack: Stack, environment: dict[str, str], keys: Keys) -> Iterator[None]:
    """A worker besides the module's, which has moved to the new key already."""
    worker = stack.spawn_worker({**environment, **keys.moved})
    yield
    worker.stop()


@pytest.mark.long
@pytest.mark.timeout(400)
def test_workers_go_on_while_the_key_is_rotated_and_killed(
    offramp: Offramp,
    environment: dict[str, str],
    keys: Keys,
    moved_worker: None,
    given: Callable[[dict[str, str]], None],
) -> None:
    """Two people record without pause while rotations are begun and killed; all they did stands, and then the old key can go."""
    old, new = (ProgramKey.from_file(path).key_id for path in (keys.old, keys.new))
    cases = [opened(offramp) for _ in range(4)]
    begun = offramp("keys", "status", "--json").json["program_keys"]
    recording = [Recording(environment, case) for case in cases[:2]]
    given(keys.moved)
    try:
        for seconds in (0.7, 1.0, 1.3):
            script = "from starter.cli import main; main()"
            rotating = subprocess.Popen([sys.executable, "-c", script, "keys", "rotate", "--as", "ada"], cwd=ROOT)
            try:
                rotating.wait(seconds)
            except subprocess.TimeoutExpired:
                rotating.send_signal(signal.SIGKILL)
                rotating.wait()
        done = offramp("keys", "rotate", "--as", "ada", "--json")
    finally:
        for one in recording:
            one.stop()
    status = offramp("keys", "status", "--json").json

    assert [(one["key_id"], one["standing"]) for one in begun] == [(old, "current"), (new, "retired")]
    assert done.code == 0, done.err
    assert [code for one in recording for code in one.codes if code[0] != 0] == []
    assert min(len(one.codes) for one in recording) >= 2
    assert [(one["key_id"], one["keys"], one["standing"]) for one in status["program_keys"]] == [
        (new, begun[0]["keys"], "current"), (old, 0, "retired"),
    ]  # fmt: skip
    assert {one["person"] for one in status["operations"]} == {"ada"}
    given({"OFFRAMP_RETIRED_KEY_FILES": ""})
    verified = offramp("audit", "verify", "--json")
    assert verified.code == 0, verified.out
    for case in cases:
        do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    _back(offramp, keys, given)


def _back(offramp: Offramp, keys: Keys, given: Callable[[dict[str, str]], None]) -> None:
    """The module's other tests find the first key in its place."""
    given({**keys.moved, "OFFRAMP_KEY_FILE": str(keys.old), "OFFRAMP_RETIRED_KEY_FILES": str(keys.new)})
    assert offramp("keys", "rotate", "--as", "ada").code == 0


def test_taking_a_key_away_too_early_is_told_and_stopped(
    offramp: Offramp, environment: dict[str, str], keys: Keys, stack: Stack, *, given: Callable[[dict[str, str]], None]
) -> None:
    """While keys hang on a program key its status warns; without it no worker starts, commands that need it are refused, and none shows an empty case."""
    case = opened(offramp)
    old, new = (ProgramKey.from_file(path).key_id for path in (keys.old, keys.new))
    given(keys.moved)
    warned = offramp("keys", "status")
    given({"OFFRAMP_RETIRED_KEY_FILES": ""})
    told = offramp("keys", "status")
    shown = offramp("audit", "replay", case)
    rotated = offramp("keys", "rotate", "--as", "ada")
    with pytest.raises(StackError) as refused:
        stack.spawn_worker({**environment, "OFFRAMP_KEY_FILE": str(keys.new)})

    assert warned.code == 0
    assert re.search(rf"{old}  retired, wraps [0-9]+ keys: without it what they open would be unreadable", warned.out)
    assert f"{new}  current, wraps 0 keys\n" in warned.out
    assert told.code == 1
    assert re.search(rf"{old}  missing, wraps [0-9]+ keys: NOT AT HAND", told.out)
    assert shown.code == 3
    assert f"wrapped by the program key {old}" in shown.err
    assert "OFFRAMP_RETIRED_KEY_FILES" in shown.err
    assert rotated.code == 3
    assert "would be unreadable" in rotated.err
    assert "would be unreadable" in str(refused.value)


def test_a_lost_key_reads_as_unreadable_everywhere(offramp: Offramp, keys: Keys) -> None:
    """Whose key is gone without an erasure is told as that by whatever shows it, with the cure; no view of it is empty, and no other case is hidden."""
    stream = case = opened(offramp)
    with psycopg.connect(keys.owner, autocommit=True) as owner:
        row = owner.execute("DELETE FROM name_index WHERE stream = %s", (stream,))
        notes = owner.execute("CREATE TEMP TABLE aside AS SELECT * FROM vault WHERE stream = %s", (stream,))
        owner.execute("DELETE FROM vault WHERE stream = %s", (stream,))
        lost = owner.execute("DELETE FROM key WHERE stream = %s RETURNING *", (stream,)).fetchone()
        assert (row, notes, lost) != (None, None, None)
        try:
            answers = {
                "case show": offramp("case", "show", case),
                "audit replay": offramp("audit", "replay", case),
                "audit compare": offramp("audit", "compare", case, "--no-workflow"),
            }
            everything = offramp("audit", "compare", "--all", "--no-workflow")
            verified = offramp("audit", "verify")
            sent = offramp("case", "do", case, "keep_check_in", "--channel", "call", "--as", "lena")
        finally:
            owner.execute("INSERT INTO key VALUES (%s, %s, %s, %s, %s)", lost)
            owner.execute("INSERT INTO vault SELECT * FROM aside")

    for what, answer in answers.items():
        assert (what, answer.code) == (what, 3), answer
        assert "unreadable, and not empty" in answer.err
        assert "from a backup" in answer.err
    assert everything.code == 1
    assert f"the key of {stream} is missing" in re.sub(r"\s+", " ", everything.out)
    assert verified.code == 1
    assert f"the key of {stream} is missing" in re.sub(r"\s+", " ", verified.out)
    assert sent.code in {0, 4}
