"""An auditor checks the runs of a case's workflow from the command line, long after Temporal deleted them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from activities.keeping import Keeper
from activities.record import Recorder
from activities.store import runs
from activities.store.signing import LogKey
from starter.stack import Stack
from tests.door.rig import Door, open_door, settings_for
from tests.door.test_runs import delete_runs, ended_runs
from tests.starter.terminal import Offramp, do, opened


@pytest.fixture
def behind(environment: dict[str, str], stack: Stack) -> Callable[[Callable[[Door], Awaitable[Any]]], Any]:
    """Runs something on the store and on Temporal of the module's environment, from behind the command line."""
    name = str(conninfo_to_dict(environment["OFFRAMP_DATABASE_URL"])["dbname"])

    def run(do_it: Callable[[Door], Awaitable[Any]]) -> Any:
        async def inside() -> Any:
            settings = settings_for(
                stack, database_url=environment["OFFRAMP_DATABASE_URL"], task_queue=name, key_file=Path(environment["OFFRAMP_KEY_FILE"]), key=None
            )  # fmt: skip
            async with open_door(settings) as door:
                return await do_it(door)

        return asyncio.run(inside())

    return run


async def end(door: Door, stream: str) -> None:
    """Terminate the case's run, keep it, and have Temporal delete it; then the case goes on from the ledger."""
    run_id = (await door.handle(stream).describe()).run_id
    await door.handle(stream).terminate("gone")
    await ended_runs(door, at_least=1)
    await Keeper(door.pool, door.keyring, Recorder(door.pool, door.keyring), door.client.temporal, door.settings.task_queue).keep()  # fmt: skip
    await delete_runs(door, stream, run_id)
    await door.client.recover(stream)
    await door.settled(stream)


Behind = Callable[[Callable[[Door], Awaitable[Any]]], Any]


def test_runs_are_checked_and_replayed_after_temporal_deleted_them(
    offramp: Offramp, behind: Behind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept runs and the running one are listed, fit the ledger and replay; the bundle proves the kept one; and that somebody looked stands on record."""
    log_key, bundle = tmp_path / "log.key", tmp_path / "case.zip"
    assert offramp("audit", "log-key", str(log_key), "test.example/log").code == 0
    monkeypatch.setenv("OFFRAMP_LOG_KEY_FILE", str(log_key))
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    behind(lambda door: end(door, case))
    shown = offramp("audit", "temporal", case, "--as", "sofia")
    told = offramp("audit", "temporal", case, "--as", "sofia", "--json").json
    everywhere = offramp("audit", "temporal", "--all", "--json").json
    offramp("audit", "seal")
    exported = offramp("audit", "export", case, "-o", str(bundle), "--as", "sofia")
    proved = offramp(
        "audit", "verify-bundle", str(bundle), "--log-key", str(LogKey.from_file(log_key).verifier), "--json"
    )
    reads = offramp("audit", "reads", case, "--json").json["reads"]

    assert (shown.code, shown.err) == (0, "")
    assert "Sound: 2 runs." in shown.out
    kept, running = told["runs"]
    assert told["sound"]
    assert (kept["status"], kept["kept"], kept["held_by_temporal"], kept["position"], kept["replays"]) == ("terminated", True, False, 3, True)  # fmt: skip
    assert (running["status"], running["kept"], running["held_by_temporal"], running["replays"]) == ("running", False, True, True)  # fmt: skip
    assert case in [one["stream"] for one in everywhere["cases"]]
    assert exported.code == 0, exported
    assert proved.code == 0
    assert any("1 run under temporal/: each is the history whose digest stands" in one for one in proved.json["proved"])
    assert [one["purpose"] for one in reads].count("audit_temporal") == 3
    assert offramp("audit", "compare", case).code == 0
    assert "run " in offramp("audit", "replay", case).out


def test_a_changed_or_missing_history_is_named(
    offramp: Offramp, behind: Behind, environment: dict[str, str], stack: Stack
) -> None:
    """Whoever changes a kept history, with the key of the case, or takes it away, is found out; the history is put back afterwards."""
    case = opened(offramp)
    behind(lambda door: end(door, case))
    name = str(conninfo_to_dict(environment["OFFRAMP_DATABASE_URL"])["dbname"])

    async def forged(door: Door) -> bytes:
        async with door.pool.connection() as connection:
            key = await door.keyring.stream_key(connection, case)
            (one,) = await runs.runs_of(connection, case)
        history = json.loads(one.open(key))
        history["events"][0]["workflowExecutionStartedEventAttributes"]["identity"] = "somebody else"
        return runs.seal_run(json.dumps(history).encode(), run_id=one.run.run_id, key=key).sealed

    other = behind(forged)
    faults, everywhere = [], []
    with psycopg.connect(make_conninfo(stack.addresses.dsn_owner, dbname=name), autocommit=True) as owner:
        owner.execute("ALTER TABLE temporal_run DISABLE TRIGGER temporal_run_is_kept")
        owner.execute("CREATE TEMPORARY TABLE kept AS SELECT * FROM temporal_run WHERE stream = %s", (case,))
        for statement in (
            "UPDATE temporal_run SET sealed = %s WHERE stream = %s",
            "UPDATE temporal_run SET sealed = set_byte(%s, 20, 0) WHERE stream = %s",
            "UPDATE temporal_run SET status = CASE WHEN %s IS NULL THEN status ELSE 'completed' END WHERE stream = %s",
            "DELETE FROM temporal_run WHERE %s::bytea IS NOT NULL AND stream = %s",
        ):
            owner.execute(statement.encode(), (other, case))
            told = offramp("audit", "temporal", case, "--json")
            assert told.code == 1, statement
            faults.append(" ".join(told.json["faults"]))
            everywhere.append(offramp("audit", "temporal", "--all"))
            owner.execute("DELETE FROM temporal_run WHERE stream = %s", (case,))
            owner.execute("INSERT INTO temporal_run SELECT * FROM kept")
        owner.execute("ALTER TABLE temporal_run ENABLE ALWAYS TRIGGER temporal_run_is_kept")
        sound = offramp("audit", "temporal", case)

    assert "is not the one whose digest stands at position 2: it was changed" in faults[0]
    assert "cannot be opened with the key of its stream" in faults[1]
    assert "the columns beside its history do not say what it says" in faults[2]
    assert "position 2 says that its history is kept, and it is not there" in faults[3]
    assert [(one.code, case in one.out) for one in everywhere] == [(1, True)] * 4
    assert sound.code == 0, sound


def test_a_case_or_all_of_them_is_named(offramp: Offramp) -> None:
    """Without a case, and with one beside --all, it is said what to give."""
    assert offramp("audit", "temporal").code == 2
    assert offramp("audit", "temporal", "12345678", "--all").code == 2
    assert offramp("audit", "temporal", "12345678").code == 2
