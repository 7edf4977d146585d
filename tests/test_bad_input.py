"""Every parser at a door reads what it is for, or says in its own words that it cannot; nothing else ever comes out of it, whatever goes in.

What is tried begins as something real, so that it reaches far in: it is cut, doubled, swapped, and strewn with what parsers stumble over.
`OFFRAMP_PROPERTIES=deep` tries longer.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from activities.store.cosigning import trusted
from activities.store.erasure_journal import Journal
from activities.store.keys import ProgramKey
from activities.store.refused import StoreRefused
from activities.store.signing import Verifier
from activities.store.staff_file import parse_staff
from activities.store.vault import checked_text
from starter.audit.bundle import BadBundle, as_object
from starter.cli.lookup import parse_instant
from starter.scenario.load import StoryError, load_story
from starter.scenario.span import Span
from workflows.case.commands import COMMANDS, parse_command
from workflows.case.state import parse_events
from workflows.core.calendar import Term
from workflows.core.checkpoint import BadNote, parse_checkpoint, parse_note
from workflows.core.proof import BadProof, parse_consistency, parse_inclusion
from workflows.core.refusal import Refused
from workflows.program.load import DefinitionError, load_program, outline

BERLIN = ZoneInfo("Europe/Berlin")
ROOT = Path(__file__).resolve().parents[1]
HASH = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="
CHECKPOINT = f"offramp.example/log\n7\n{HASH}\n"
NOTE = f"{CHECKPOINT}\n— offramp.example/log {HASH}AAAA\n"
POLICY = f"log offramp.example/log+00000000+{HASH}\nwitness w1 example.org/w+00000000+{HASH} https://example.org/\ngroup g any w1\nquorum g\n"
ERASED = '{"approved_at": "2026-01-05T00:00:00+00:00", "approved_by": "d.1", "position": 7, "requested_by": "o.1", "stream": "case/1"}\n'
STUMBLES = (
    "\x00", "\ud800", "\u202e", "\ufeff", "\x1b[2J", "e\u0301", "\U0001f600", "\x85", "\u2028", "'", '"', "\\", "\t", "\r", "&a *a", "!!python/object:x {}",
    "[" * 50, "{" * 50, "- " * 50, "1e999", "-0", "NaN", "0x10", "9" * 400, "2026-02-30", "24:00:00", "%", "../", "null", "~", "<<: {}", "---", "...", ": ", "|",
)  # fmt: skip


class Door(NamedTuple):
    """A parser, something real that it reads, and the one error in which it says no."""

    read: Callable[[str], object]
    sample: str
    says_no: type[Exception]


def file_of(name: str) -> str:
    """A file of the project."""
    return (ROOT / name).read_text(encoding="utf-8")


def command(text: str) -> object:
    """What a command that arrives as JSON is read as."""
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError):
        return None  # what is no JSON never becomes a command
    return parse_command(raw) if isinstance(raw, dict) else None


def sealed_events(text: str) -> object:
    """The events of a body."""
    return parse_events(text.encode("utf-8", "surrogatepass"))


DOORS: dict[str, Door] = {
    "definition": Door(load_program, file_of("programs/housing_first.yaml"), DefinitionError),
    "YAML": Door(outline, file_of("tests/scenarios/missed_check_in.yaml"), DefinitionError),
    "staff": Door(lambda text: parse_staff(text, where="staff.yaml"), file_of("examples/staff.yaml"), StoreRefused),
    "command": Door(command, json.dumps({"type": "claim_milestone", "milestone": "m", "evidence": [{"kind": "k", "source": "s", "observed_at": "2026-01-05T09:00:00Z"}]}), Refused),
    "events": Door(sealed_events, f"[{file_of('tests/case/stored_events.jsonl').splitlines()[0]}]", ValidationError),
    "note": Door(parse_note, NOTE, BadNote),
    "checkpoint": Door(parse_checkpoint, CHECKPOINT, BadNote),
    "inclusion": Door(parse_inclusion, f"c2sp.org/tlog-proof@v1\nindex 3\n{HASH}\n\n{NOTE}", BadProof),
    "consistency": Door(parse_consistency, f"old 3\n{HASH}\n\n{NOTE}", BadProof),
    "policy": Door(trusted, POLICY, StoreRefused),
    "log key": Door(Verifier.parse, f"offramp.example/log+00000000+{HASH}", StoreRefused),
    "program key": Door(ProgramKey.from_base64, HASH, StoreRefused),
    "text": Door(checked_text, "Came by the office, talked about the apprenticeship.", StoreRefused),
    "bundle": Door(lambda text: as_object(text.encode("utf-8", "surrogatepass"), "manifest.json"), '{"format": "offramp.bundle.v1", "files": {}}', BadBundle),
    "instant": Door(lambda text: parse_instant(text, BERLIN, option="--as-of"), "2026-03-29T02:30", click.UsageError),
    "term": Door(Term.parse, "10 working days", ValueError),
    "span": Door(Span.parse, "P5W2D", ValueError),
}  # fmt: skip


@st.composite
def spoiled(draw: st.DrawFn, text: str) -> str:
    """The text after a few accidents."""
    for _ in range(draw(st.integers(1, 4))):
        begin, end = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
        end = min(end, begin + 200)
        match draw(st.integers(0, 4)):
            case 0:
                text = text[:begin] + text[end:]
            case 1:
                text = text[:end] + text[begin:]
            case 2:
                text = text[:begin] + draw(st.sampled_from(STUMBLES)) + text[begin:]
            case 3:
                text = text[:begin] + draw(st.text(max_size=8)) + text[end:]
            case _:
                text = text[:begin]
    return text


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(DOORS))
def test_what_is_real_is_read_and_what_is_spoiled_is_refused_in_its_own_words(name: str) -> None:
    """Nothing but a value or the parser's own error, for anything that began as something real."""
    door = DOORS[name]
    tries = int(os.environ.get("OFFRAMP_BAD_INPUT", "60"))

    @settings(max_examples=tries, deadline=2000, suppress_health_check=list(HealthCheck), database=None)
    @given(spoiled(door.sample))
    def spoil(text: str) -> None:
        with suppress(door.says_no):
            door.read(text)

    spoil()


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 50_000, '{"a":' * 100_000, "a" * 3_000_000], ids=["lists", "maps", "items", "objects", "long"])  # fmt: skip
@pytest.mark.parametrize("name", sorted(DOORS))
@pytest.mark.timeout(60)
def test_what_is_deep_or_long_is_refused_soon(name: str, text: str) -> None:
    """Depth and length cost no parser more than a moment, and never its stack."""
    door = DOORS[name]

    with suppress(door.says_no):
        door.read(text)


@given(st.dictionaries(st.text(max_size=12), st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=8), max_size=6), st.sampled_from(sorted(COMMANDS)))  # fmt: skip
def test_fields_of_any_shape_are_a_command_or_are_refused(fields: dict[str, Any], kind: str) -> None:
    """Whatever fields somebody sends with a known type, the answer is a command or a refusal, and the refusal repeats none of their values."""
    try:
        parse_command({**fields, "type": kind})
    except Refused as error:
        refused = error
    else:
        return
    words = [value for value in fields.values() if isinstance(value, str) and len(value) > 8]
    assert refused.code == "malformed_command"
    assert not any(word in refused.why for word in words)


@given(spoiled(file_of("tests/scenarios/missed_check_in.yaml")))
@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
def test_a_spoiled_story_is_told_as_such(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A story file is a story, or a list of problems with their lines."""
    path = tmp_path_factory.getbasetemp() / "story.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    with suppress(StoryError):
        load_story(path)


@given(spoiled(ERASED * 3))
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_a_spoiled_journal_is_never_guessed(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """A journal of erasures is read whole, up to where a crash cut it off, or refused."""
    path = tmp_path_factory.getbasetemp() / "erasures.jsonl"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))

    with suppress(StoreRefused):
        assert all(one.stream for one in Journal(path).read())
