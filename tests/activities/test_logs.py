"""The log: what may be said comes out, what may not is dropped and counted, whoever says it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from activities import telemetry
from tests.activities.examples import settings

CANARY = "Canary Person"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Configures the log as JSON, and reads what came out."""
    told = telemetry.configure(settings(tmp_path, log_format="json", log_level="info"), service="worker")

    def read() -> list[dict[str, Any]]:
        said = capsys.readouterr().err
        assert said.count("Logging error") == 0, said
        return [json.loads(line) for line in said.splitlines()]

    yield read
    told.shutdown()


def test_our_own_lines_carry_their_fields(lines: Lines) -> None:
    """A line of ours is a sentence, the fields on the list, the time, and who speaks."""
    structlog.get_logger("offramp.record").info(
        "command recorded", command_type="keep_check_in", outcome="accepted", position=7
    )
    (line,) = lines()
    line.pop("timestamp")

    assert line == {
        "event": "command recorded", "level": "info", "logger": "offramp.record", "service": "worker",
        "command_type": "keep_check_in", "outcome": "accepted", "position": 7,
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"name": CANARY},
        {"email": "canary@staff.example"},
        {"body": {"note": CANARY}},
        {"outcome": CANARY},
        {"reason": "canary@staff.example"},
        {"stream": ["case/1", CANARY]},
        {"code": "c" * 129},
        {"trace_id": CANARY},
        {"exception": CANARY},
    ],
)
def test_what_is_not_on_the_list_is_dropped(lines: Lines, fields: dict[str, Any]) -> None:
    """Neither an unknown field nor free text under a known one comes out."""
    structlog.get_logger("offramp").warning("something", **fields, position=1)
    (line,) = lines()

    assert "anary" not in json.dumps(line)
    assert "c" * 129 not in json.dumps(line)
    assert line["position"] == 1


def test_what_is_dropped_is_counted(lines: Lines) -> None:
    """Whoever logs what may not be said can see that it was dropped."""
    structlog.get_logger("offramp").info("something", name=CANARY, address=CANARY, position=1)

    assert lines()[0]["dropped"] == 2


def test_an_exception_is_told_by_types_and_places(lines: Lines) -> None:
    """The chain of types and where in the code, and never the text of an exception, which may quote a row."""
    try:
        try:
            dict[str, str]()[CANARY]
        except KeyError as error:
            raise ValueError(f"no {CANARY}") from error
    except ValueError:
        structlog.get_logger("offramp").exception("failed")
        logging.getLogger("library").exception("failed")
    found = lines()

    assert [line["error"] for line in found] == ["builtins.ValueError <- builtins.KeyError"] * 2
    assert all(place.startswith("tests.activities.test_logs:") for line in found for place in line["places"])
    assert CANARY not in json.dumps(found)


def test_a_librarys_line_is_told_as_its_template(lines: Lines) -> None:
    """The arguments of a library's line are never filled in: there stand addresses and values."""
    logging.getLogger("psycopg.pool").warning("error connecting in %r: %s", CANARY, ValueError(CANARY))
    logging.getLogger("library").error(f"Task failed\nfuture: {CANARY}")  # noqa: G004 - as asyncio does it
    found = lines()

    assert [line["event"] for line in found] == ["error connecting in %r: %s", "Task failed"]
    assert CANARY not in json.dumps(found)


def test_temporals_ids_become_fields(lines: Lines) -> None:
    """A line of Temporal's says which workflow it is about, in fields, and drops what it carries besides."""
    ids = {
        "workflow_id": "case/1",
        "run_id": "r-1",
        "attempt": 2,
        "workflow_type": "ParticipantWorkflow",
        "headers": CANARY,
    }
    logging.getLogger("temporalio.workflow").warning("slow", extra={"temporal_workflow": ids})
    (line,) = lines()

    assert {name: line[name] for name in ("workflow_id", "run_id", "attempt", "workflow_type")} == {
        "workflow_id": "case/1", "run_id": "r-1", "attempt": 2, "workflow_type": "ParticipantWorkflow",
    }  # fmt: skip
    assert CANARY not in json.dumps(line)


def test_extra_fields_of_a_library_pass_the_same_list(lines: Lines) -> None:
    """Standard logging is no side door."""
    logging.getLogger("library").warning("something", extra={"email": "canary@staff.example", "position": 3})
    (line,) = lines()

    assert (line["position"], line["dropped"]) == (3, 1)


def test_the_level_is_kept(lines: Lines) -> None:
    """What is below the configured level is not said."""
    structlog.get_logger("offramp").debug("detail")
    logging.getLogger("library").debug("detail")
    logging.getLogger("httpx").info("HTTP Request")

    assert lines() == []


def test_configuring_twice_says_everything_once(tmp_path: Path, lines: Lines) -> None:
    """A second configuration replaces the first."""
    told = telemetry.configure(settings(tmp_path, log_format="json"), service="cli")
    structlog.get_logger("offramp").info("once")
    found = lines()
    told.shutdown()

    assert [(line["event"], line["service"]) for line in found] == [("once", "cli")]


def test_the_console_is_plain_when_nobody_watches(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Piped console output holds no color codes, and standard output stays free for answers."""
    told = telemetry.configure(settings(tmp_path), service="cli")
    structlog.get_logger("offramp").info("something", position=1)
    told.shutdown()
    out, err = capsys.readouterr()

    assert out == ""
    assert "something" in err
    assert "\x1b" not in err
