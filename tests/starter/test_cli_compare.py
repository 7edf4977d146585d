"""All cases are compared, with the workflow, Temporal's history and the read model; a run that was killed goes on where it stopped."""

import asyncio
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from temporalio import client as temporal
from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest

from starter.stack import Stack
from tests.door.rig import until
from tests.starter.terminal import Offramp, do, opened
from workflows.participant import ParticipantWorkflow

CASES = 9
WAIT_SECONDS = 60.0
STATE = "audit-compare.jsonl"
OFFRAMP = Path(sys.executable).with_name("offramp")


@pytest.fixture
def owner(environment: dict[str, str], stack: Stack) -> Iterator[psycopg.Connection]:
    """A connection of the role that owns the tables."""
    database = str(conninfo_to_dict(environment["OFFRAMP_DATABASE_URL"])["dbname"])
    with psycopg.connect(make_conninfo(stack.addresses.dsn_owner, dbname=database), autocommit=True) as connection:
        yield connection


@contextmanager
def shown_wrongly(owner: psycopg.Connection, case: str) -> Iterator[None]:
    """The read model says that somebody else leads the case."""
    owner.execute("UPDATE case_overview SET lead = 'nobody' WHERE stream = %s", (case,))
    try:
        yield
    finally:
        owner.execute("UPDATE case_overview SET lead = 'lena' WHERE stream = %s", (case,))


def results(path: Path) -> list[Any]:
    """The whole lines behind the first of the file that a run keeps."""
    return [json.loads(line) for line in path.read_bytes().split(b"\n")[1:-1]] if path.exists() else []


def stopped_midway(
    owner: psycopg.Connection, path: Path, environment: dict[str, str], by: signal.Signals
) -> tuple[int, str]:
    """A run over all cases that is stopped by a signal once it has looked at some and not at all; its exit code and what it said."""
    lock = psycopg.connect(owner.info.dsn, password=owner.info.password)
    lock.execute("LOCK TABLE obligation IN ACCESS EXCLUSIVE MODE")
    command = [str(OFFRAMP), "audit", "compare", "--all", "--no-workflow", "--as", "sofia"]
    running = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    deadline = time.monotonic() + WAIT_SECONDS
    # No case is compared without its rows: whoever holds their table lets a few through at a time.
    while not results(path) and time.monotonic() < deadline:
        lock.commit()
        lock.execute("LOCK TABLE obligation IN ACCESS EXCLUSIVE MODE")
        time.sleep(0.05)
    running.send_signal(by)
    said = running.communicate(timeout=WAIT_SECONDS)[1]
    lock.close()
    return running.returncode, said


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_an_interrupted_run_goes_on_where_it_stopped(
    offramp: Offramp, environment: dict[str, str], owner: psycopg.Connection, by: signal.Signals
) -> None:
    """However it was stopped, `--resume` looks at the rest, and what was found before stands in the report beside what is found now."""
    path = Path(environment["OFFRAMP_DATA_DIR"]) / STATE
    while len(offramp("case", "list", "--json").json) < CASES:
        opened(offramp)
    cases = sorted(row[0] for row in owner.execute("SELECT stream FROM case_overview"))
    with shown_wrongly(owner, cases[0]), shown_wrongly(owner, cases[-1]):
        code, said = stopped_midway(owner, path, {**os.environ, **environment}, by)
        kept = results(path)
        (since,) = owner.execute("SELECT clock_timestamp()").fetchone() or (None,)
        other = offramp("audit", "compare", "--all", "--as", "sofia", "--resume")
        resumed = offramp("audit", "compare", "--all", "--no-workflow", "--as", "sofia", "--resume", "--json")
    traces = "SELECT stream FROM access_log WHERE reader = 'sofia' AND purpose = 'audit_compare' AND at > %s"
    looked = {row[0] for row in owner.execute(traces, (since,))}

    assert code == (130 if by is signal.SIGINT else -by)
    assert ("--resume" in said) == (by is signal.SIGINT)
    assert 0 < len(kept) < len(cases)
    assert [one[0] for one in kept] == cases[: len(kept)]
    assert (other.code, "asked something else" in other.err) == (2, True)
    assert (resumed.code, resumed.json["compared"]) == (1, len(cases))
    assert [one["stream"] for one in resumed.json["differences"]] == [cases[0], cases[-1]]
    assert looked == {cases[0], cases[-1]}, "whoever sees a difference is on record, in that case alone"
    assert not path.exists(), "what was told is over"


def test_a_line_that_a_crash_halved_is_looked_at_again(offramp: Offramp, environment: dict[str, str]) -> None:
    """The half line of a crash counts for nothing; a run that begins anew says that another was stopped."""
    path = Path(environment["OFFRAMP_DATA_DIR"]) / STATE
    case = opened(offramp)
    everything = offramp("audit", "compare", "--all", "--no-workflow", "--as", "sofia", "--json").json
    first = min(one["stream"] for one in offramp("case", "list", "--all", "--json").json)
    head = json.dumps({"format": "offramp.compare.v1", "workflow": False, "history": False, "from": ""})
    path.write_text(f'{head}\n["{first}", [["read model", "differs"]]]\n["{case}", [["read mod', encoding="utf-8")
    resumed = offramp("audit", "compare", "--all", "--no-workflow", "--as", "sofia", "--resume", "--json")
    path.write_text(f'{head}\n["{first}", []]\n', encoding="utf-8")
    anew = offramp("audit", "compare", "--all", "--no-workflow", "--as", "sofia", "--json")

    assert everything["same"]
    assert resumed.json["compared"] == everything["compared"]
    assert [one["stream"] for one in resumed.json["differences"]] == [first]
    assert (anew.code, anew.json["compared"], "stopped after 1 case" in anew.err) == (0, everything["compared"], True)


def test_the_way_to_the_cure_is_told_below_the_list(offramp: Offramp, owner: psycopg.Connection) -> None:
    """Where cases differ, it is said where each one's cure is found; and there the cure stands."""
    case = opened(offramp)
    with shown_wrongly(owner, case):
        told = offramp("audit", "compare", "--all", "--no-workflow")
        alone = offramp("audit", "compare", case, "--no-workflow")

    assert told.code == 1
    assert told.out.count("offramp audit compare CASE") == 1
    assert "offramp rebuild" in alone.out


def test_two_runs_do_not_share_their_results(offramp: Offramp, environment: dict[str, str], tmp_path: Path) -> None:
    """A second run over the same file is turned away, and so is a file that cannot be written."""
    path = Path(environment["OFFRAMP_DATA_DIR"]) / STATE
    with path.open("w", encoding="utf-8") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        second = offramp("audit", "compare", "--all", "--no-workflow", "--as", "sofia")
        beside = offramp(
            "audit", "compare", "--all", "--no-workflow", "--as", "sofia", "--state", str(tmp_path / "mine")
        )
    path.unlink()
    nowhere = offramp("audit", "compare", "--all", "--as", "sofia", "--state", str(tmp_path / "none" / "mine"))

    assert (second.code, "Another comparison is under way" in second.err) == (2, True)
    assert beside.code == 0
    assert (nowhere.code, "Name another file with --state" in nowhere.err) == (2, True)
    assert offramp("audit", "compare", "--resume", "--as", "sofia").code == 2
    assert offramp("audit", "compare", "--all", "--resume", "--from", "case/0", "--as", "sofia").code == 2


def test_a_history_that_does_not_replay_is_a_difference(offramp: Offramp, monkeypatch: pytest.MonkeyPatch) -> None:
    """A build whose workflow would do something else than was done is found out by the history, while the workflow and the read model agree."""
    case = opened(offramp)
    do(offramp, case, "lena", "keep_check_in", "--channel", "call")
    sound = offramp("audit", "compare", case, "--as", "sofia", "--json")
    restore = ParticipantWorkflow._restore

    async def otherwise(self: ParticipantWorkflow) -> None:
        await workflow.sleep(1)
        await restore(self)

    monkeypatch.setattr(ParticipantWorkflow, "_restore", otherwise)
    found = offramp("audit", "compare", case, "--as", "sofia", "--json")
    told = offramp("audit", "compare", case, "--as", "sofia")

    assert (sound.code, set(sound.json["differences"])) == (0, {"workflow", "history", "read model"})
    assert (found.code, [one for one, what in found.json["differences"].items() if what]) == (1, ["history"])
    assert "would not have done what was done" in told.out
    assert "Do not serve this case with this build" in told.out
    assert offramp("audit", "compare", case, "--no-history", "--as", "sofia").code == 0


async def test_an_open_case_without_workflow_and_history_differs(offramp: Offramp, environment: dict[str, str]) -> None:
    """A case in which something is still owed and that Temporal does not know is a difference, alone and among all; once it is recovered, no more."""

    def call(*arguments: str) -> Any:
        return offramp(*arguments)

    case = await asyncio.to_thread(call, "case", "list", "--json")
    stream = case.json[0]["stream"]
    client = await temporal.Client.connect(environment["OFFRAMP_TEMPORAL_ADDRESS"])
    execution = WorkflowExecution(workflow_id=stream)
    await client.get_workflow_handle(stream).terminate("a slip of the hand")
    request = DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
    await client.workflow_service.delete_workflow_execution(request)

    async def gone() -> bool:
        return [run async for run in client.list_workflows(f"WorkflowId = '{stream}'")] == []

    await until(gone)
    alone = await asyncio.to_thread(call, "audit", "compare", stream, "--as", "sofia")
    among = await asyncio.to_thread(call, "audit", "compare", "--all", "--as", "sofia", "--json")
    cures = await asyncio.to_thread(call, "audit", "compare", "--all", "--as", "sofia")
    recovered = await asyncio.to_thread(call, "case", "recover", stream)
    after = await asyncio.to_thread(call, "audit", "compare", stream, "--as", "sofia", "--json")

    assert alone.code == 1
    assert "To start its workflow: offramp case recover" in alone.out
    assert [(one["stream"], one["with"]) for one in among.json["differences"]] == [
        (stream, "workflow"),
        (stream, "history"),
    ]
    assert "offramp audit compare CASE" in cures.out
    assert recovered.code == 0
    assert after.json["same"], after.json
