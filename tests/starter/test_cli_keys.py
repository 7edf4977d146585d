"""Administrators make, rotate and retire program keys while workers serve, and are told what each of them still opens."""

import asyncio
import re
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from activities.settings import Settings, load_settings
from activities.store.keys import ProgramKey, generate_key_file
from starter.client import Client
from starter.stack import Stack, StackError
from tests.starter.terminal import Offramp, opened, served

WAIT_SECONDS, AT_LEAST = 60, 5


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
    before = offramp("keys", "status", "--json").json["operations"]
    given({**keys.moved, "OFFRAMP_OWNER_DATABASE_URL": ""})
    without_owner = offramp("keys", "rotate", "--as", "ada")
    unnamed = offramp("keys", "rotate")

    assert without_owner.code == 2
    assert "OFFRAMP_OWNER_DATABASE_URL" in without_owner.err
    assert unnamed.code == 2
    assert "--as PERSON" in unnamed.err
    assert offramp("keys", "status", "--json").json["operations"] == before


class Recording:
    """Somebody who goes on recording in a case, as every client does, until told to stop."""

    def __init__(self, settings: Settings, case: str) -> None:
        self.positions: list[int] = []
        self.failed: list[Exception] = []
        self._settings, self._case, self._stop = settings, case, threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._record()))
        self._thread.start()

    def stop(self) -> None:
        """Return once the last command is answered."""
        self._stop.set()
        self._thread.join(WAIT_SECONDS)

    async def _record(self) -> None:
        try:
            async with Client.connect(self._settings) as client:
                while not self._stop.is_set():
                    command = {"type": "keep_check_in", "channel": "call"}
                    receipt = await client.submit(self._case, actor="lena", command=command)
                    self.positions.append(receipt.position)
        except Exception as error:  # noqa: BLE001 - told to the test, which runs in another thread
            self.failed.append(error)


@pytest.fixture
def moved_worker(stack: Stack, environment: dict[str, str], keys: Keys) -> Iterator[None]:
    """A worker besides the module's, which has moved to the new key already."""
    worker = stack.spawn_worker({**environment, **keys.moved})
    yield
    worker.stop()


@pytest.mark.long
def test_workers_go_on_while_the_key_is_rotated(
    offramp: Offramp,
    environment: dict[str, str],
    keys: Keys,
    moved_worker: None,
    given: Callable[[dict[str, str]], None],
) -> None:
    """Two people record without pause through two workers while the key is rotated there and back; all they did stands, and then the old key can go."""
    old, new = (ProgramKey.from_file(path).key_id for path in (keys.old, keys.new))
    cases = [opened(offramp) for _ in range(2)]
    begun = offramp("keys", "status", "--json").json["program_keys"]
    settings = load_settings(Path(environment["OFFRAMP_DATA_DIR"]))
    recording = [Recording(settings, case) for case in cases]
    deadline, rotated = time.monotonic() + 120, 0
    try:
        while min(len(one.positions) for one in recording) < AT_LEAST and not any(one.failed for one in recording):
            assert time.monotonic() < deadline, "too few commands were answered"
            _back(offramp, keys, given)
            given(keys.moved)
            done = offramp("keys", "rotate", "--as", "ada", "--json")
            assert done.code == 0, done.err
            rotated += 1
    finally:
        for one in recording:
            one.stop()
    status = offramp("keys", "status", "--json").json
    given({"OFFRAMP_RETIRED_KEY_FILES": ""})
    verified = offramp("audit", "verify", "--json")
    shown = [offramp("audit", "replay", case, "--json").code for case in cases]
    _back(offramp, keys, given)

    assert [one.failed for one in recording] == [[], []]
    assert [one.positions == list(range(one.positions[0], one.positions[-1] + 1)) for one in recording] == [True, True]
    assert rotated >= 1
    assert [(one["key_id"], one["standing"]) for one in begun] == [(old, "current"), (new, "retired")]
    assert [(one["key_id"], one["keys"], one["standing"]) for one in status["program_keys"]] == [
        (new, begun[0]["keys"], "current"), (old, 0, "retired"),
    ]  # fmt: skip
    assert {one["person"] for one in status["operations"]} == {"ada"}
    assert verified.code == 0, verified.out
    assert shown == [0, 0]


def _back(offramp: Offramp, keys: Keys, given: Callable[[dict[str, str]], None]) -> None:
    """Everything under the module's first key, as its other tests find it."""
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
    assert re.search(rf"{old}  retired, wraps [0-9]+ keys?: without it what they open would be unreadable", warned.out)
    assert f"{new}  current, wraps 0 keys\n" in warned.out
    assert told.code == 1
    assert re.search(rf"{old}  missing, wraps [0-9]+ keys?: NOT AT HAND", told.out)
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
        owner.execute("DELETE FROM name_index WHERE stream = %s", (stream,))
        owner.execute("CREATE TEMP TABLE aside AS SELECT * FROM vault WHERE stream = %s", (stream,))
        owner.execute("DELETE FROM vault WHERE stream = %s", (stream,))
        lost = owner.execute("DELETE FROM key WHERE stream = %s RETURNING *", (stream,)).fetchone()
        assert lost is not None
        try:
            before = _last(owner, stream)
            answers = {
                "case show": offramp("case", "show", case),
                "audit replay": offramp("audit", "replay", case),
                "audit compare": offramp("audit", "compare", case, "--no-workflow"),
            }
            everything = offramp("audit", "compare", "--all", "--no-workflow")
            verified = offramp("audit", "verify")
            sent = offramp("case", "do", case, "keep_check_in", "--channel", "call", "--as", "lena")
            after = _last(owner, stream)
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
    # A worker that still remembers the key may record it; its answer is sealed, and whoever sent the command cannot open it: they are told to ask again.
    assert after - before in {0, 1}
    assert (sent.code, "it is answered once" in sent.err) == (4, True)


def _last(owner: psycopg.Connection, stream: str) -> int:
    row = owner.execute("SELECT max(position) FROM entry WHERE stream = %s", (stream,)).fetchone()
    assert row is not None
    return int(row[0])
