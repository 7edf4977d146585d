"""The parsers at the doors, each with what it reads when all is well. A new parser is a row here and a door in `tests/test_doors.py`."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import click
from pydantic import ValidationError

from activities.codec import Form, opened_form
from activities.settings import FILE_NAME, SettingsError, load_settings
from activities.store import names
from activities.store.cosigning import WitnessKey, WitnessVerifier, trusted
from activities.store.erasure_journal import Journal
from activities.store.kept import KeptCheckpoint
from activities.store.keys import ProgramKey
from activities.store.refused import StoreRefused
from activities.store.run_history import read_history
from activities.store.signing import LogKey, Verifier
from activities.store.staff_file import parse_staff_file
from activities.store.stream_key import StreamKey
from activities.store.vault import checked_text
from starter.audit.receipts import Receipt, parse_place
from starter.audit.verify import Asked, report, verify_file
from starter.cli.fields import Given
from starter.cli.lookup import parse_instant
from starter.cli.texts import evidence, identity, notes
from starter.cli.unfinished import FORMAT as RESULTS_FORMAT
from starter.cli.unfinished import Unfinished
from starter.codec.form import parse as parse_form
from starter.codec.form import written as written_form
from starter.codec.token import Token, believed, issued
from starter.recovery.receipts import promises
from starter.scenario.load import StoryError, load_story
from starter.scenario.span import Span, When
from starter.witness.cosign import Witness
from starter.witness.state import State
from tests.case.examples import SHIPPED, Story
from tests.case.starts import STARTS
from tests.fuzz import made
from tests.fuzz.target import Target
from workflows.case.case import Context, answer, next_wake
from workflows.case.commands import COMMANDS, VOCABULARY, parse_command
from workflows.case.state import advance, parse_events
from workflows.core.calendar import Calendar, Term
from workflows.core.checkpoint import BadNote, parse_checkpoint, parse_note
from workflows.core.proof import BadProof, parse_consistency, parse_inclusion
from workflows.core.refusal import Refused
from workflows.program.check import check
from workflows.program.explain import explain
from workflows.program.load import DefinitionError, load_program, outline
from workflows.program.model import Program

ROOT = Path(__file__).resolve().parents[2]
BERLIN = ZoneInfo("Europe/Berlin")
YAML = ("---", "- ", ": ", "? ", "&a ", "*a", "!!int ", "<<: ", "|\n", ">-\n", "{", "}", "[", "]", "# ", "%YAML 1.2", "\\U0001F600", "\\x00", "no", "017", "12:30:00", "~", "0x1F")  # fmt: skip
NOTES = ("\n\n", "\u2014 ", "old ", "index ", "extra ", "c2sp.org/tlog-proof@v1\n", "+")
TIMES = ("2026-03-29T02:30", "2026-10-25T02:30", "2028-02-29", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "+23:59", "-12:00", "2038-01-19T03:14:08Z", "Europe/Berlin", "Pacific/Apia", "working days", "months", "years", "9999")  # fmt: skip
STREAM = f"case/{'0' * 8}-0000-4000-8000-{'0' * 12}"


def text(data: bytes) -> str:
    """As Python gives what somebody typed: what is no UTF-8 becomes half a character."""
    return data.decode("utf-8", "surrogateescape")


def of(*paths: str) -> Callable[[], list[bytes]]:
    """Files of the project, by their names or patterns."""
    return lambda: [path.read_bytes() for pattern in paths for path in sorted(ROOT.glob(pattern))]


def given(*seeds: str) -> Callable[[], list[bytes]]:
    """Seeds as they are written here."""
    return lambda: [seed.encode() for seed in seeds]


@cache
def _folder() -> Path:
    """A folder of this process, with the programs that stories name."""
    folder = Path(tempfile.mkdtemp(prefix="offramp-fuzz-"))
    (folder / "programs").symlink_to(ROOT / "programs")
    return folder


def put(name: str, data: bytes) -> Path:
    """A file that holds the input, closed to others."""
    path = _folder() / name
    path.touch(mode=0o600)
    path.write_bytes(data)
    return path


def definition(data: bytes) -> object:
    """A definition, and all that is proven of it."""
    program = load_program(text(data))
    return check(program, VOCABULARY)


def structure(data: bytes) -> object:
    """A definition whose YAML was read, as the JSON that it is: its model, what is proven of it, and every problem in words."""
    value = as_json(data) or {}
    try:
        return check(Program.model_validate_json(json.dumps(value), strict=True), VOCABULARY)
    except ValidationError as error:
        explain(error, value=value, lines={(): 1})
        raise


def sections() -> list[bytes]:
    """A story, and each part of the definitions by itself."""
    found = of("tests/scenarios/full_caseload.yaml", "examples/*.yaml")()
    for path in sorted(ROOT.glob("programs/*.yaml")):
        found += [part.encode() for part in re.split(r"\n(?=[a-z_]+:)", path.read_text(encoding="utf-8"))]
    return found


def settings(data: bytes) -> object:
    """The settings that a file of the stack holds."""
    put(FILE_NAME, data)
    return load_settings(_folder())


def as_json(data: bytes) -> dict[str, Any] | None:
    """The object that a command arrives as; None if it is none."""
    with suppress(ValueError, RecursionError):
        found = json.loads(text(data))
        return found if isinstance(found, dict) else None
    return None


def command(data: bytes) -> object:
    """A command in JSON."""
    raw = as_json(data)
    if raw is None:
        raise Refused("malformed_command", "no object", "send one")
    return parse_command(raw)


@cache
def _begun(name: str) -> Story:
    return STARTS[name]()


def decision(data: bytes) -> object:
    """Any command in any case by anybody is answered, and the answer folds: the first two bytes choose who and where."""
    if len(data) < 3 or (raw := as_json(data[2:])) is None:
        raise Refused("malformed_command", "no object", "send one")
    story = _begun(sorted(STARTS)[data[0] % len(STARTS)])
    people = list(story.staff)
    entitled = story.holders(*story.program.permissions.get(str(raw.get("type")), ())) or people
    who = entitled[data[1] % len(entitled)]
    context = Context(
        at=story.at, actor=story.staff[who], staff=story.staff, program=story.program, sha256=story.sha256
    )
    events = answer(story.case, raw, context)
    after = advance(story.case, position=story.case.position + 1, head="0" * 64, events=events, at=story.at)
    return next_wake(after)


def decisions() -> list[bytes]:
    """Every command that was accepted on the way to the cases that walks begin from."""
    seeds: list[bytes] = []
    for place, name in enumerate(sorted(STARTS)):
        seeds.extend(bytes([place, 0]) + json.dumps(told.command).encode() for told in _begun(name).told[-4:])
    return seeds


def commands() -> list[bytes]:
    """The same without who and where."""
    return [seed[2:] for seed in decisions()]


def note(data: bytes) -> object:
    """A note and its checkpoint, which are written as they were read."""
    read = parse_note(text(data))
    assert parse_note(str(read)) == read
    found = parse_checkpoint(read.text)
    assert parse_checkpoint(found.text) == found
    return found


def proof(data: bytes) -> object:
    """A proof of either kind, which is written as it was read."""
    try:
        since = parse_consistency(text(data))
    except BadProof:
        place = parse_inclusion(text(data))
        assert parse_inclusion(str(place)) == place
        return place
    assert parse_consistency(str(since)) == since
    return since


def verified(name: str, data: bytes) -> str:
    """What the verifier tells of a file: always something, and always in characters that a terminal takes."""
    asked = Asked(made.LOG.verifier, made.made().trusted, (Receipt(1, "0123456789"),), (made.made().older,))
    told = report(verify_file(put(name, data), asked))
    assert told.encode().decode().isprintable() or all(line.isprintable() for line in told.splitlines()), (
        "a control character is told"
    )
    return told


def bundle(data: bytes) -> object:
    """Any file as a bundle."""
    return verified("case.zip", data)


FILES = ("entries_jsonl", "events_jsonl", "checkpoint_note", "keys_json", "program_json", "consistency/3_txt")


def inside(data: bytes) -> object:
    """A bundle whose manifest fits, one file of which is the input: the first byte says which."""
    name = FILES[(data or b"\0")[0] % len(FILES)]
    return verified("case.zip", made.made().zipped(**{name: data[1:]}))


def insides() -> list[bytes]:
    """Each file of a real bundle."""
    files = {name.replace(".", "_"): content for name, content in made.made().files.items()}
    return [bytes([number]) + files[name] for number, name in enumerate(FILES)]


def bundles() -> list[bytes]:
    """A real bundle, and a bundle without anything in it."""
    return [made.made().zipped(), b"PK\x05\x06" + bytes(18)]


def kept(data: bytes) -> object:
    """The checkpoint that lies outside of the database."""
    return KeptCheckpoint(put("checkpoint", data)).read(made.LOG.verifier)


_requests = count()


def witness(data: bytes) -> object:
    """What a witness answers to a request: always something."""
    folder = _folder() / f"witness-{next(_requests) % 8}"
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.note"):
        path.unlink()
    asked = Witness(made.WITNESS, [made.LOG.verifier], State(folder, made.WITNESS.verifier), lambda: 1_800_000_000.0)
    told = asked.add_checkpoint(data)
    assert told.status in {200, 400, 403, 404, 409, 422}
    return told.body.encode()


def people(data: bytes) -> object:
    """Names from the command line, the codes that they are found by, and how alike they are."""
    first, *others = text(data).split("\n")
    one = identity({
        "name_text": first,
        "alias_text": tuple(others[1:]),
        "born": others[0] if others and others[0] else None,
    })
    if one is None:
        return None
    assert all(code.isascii() for code in names.codes(one))
    assert 0 <= names.likeness(one, one) <= 1
    return one


def texts(data: bytes) -> object:
    """What options and files of the command line hold: evidence, texts by their codes, receipts, and a text for the vault."""
    typed = text(data)
    field = Given("summaries", "notes", False, "summaries")
    file = SimpleNamespace(read=lambda _size=-1: typed)
    for read in (
        lambda: evidence({"evidence": [typed]}), lambda: evidence({"evidence_file": file}), lambda: notes(field, {"summaries_file": file}),
        lambda: notes(field, {"summaries_text": [typed]}),
    ):  # fmt: skip
        with suppress(click.UsageError):
            read()
    parse_place(typed)
    return checked_text(typed)


def times(data: bytes) -> object:
    """An instant, lengths of time from it, and due instants on a calendar: `zone|instant|term|span`."""
    zone, instant, term, span, *_ = [*text(data).split("|"), "", "", "", ""]
    calendar = Calendar(time_zone=zone, working_days=("mon", "tue"), holidays=())
    at = parse_instant(instant, calendar.zone, option="--at")
    length, other = Term.parse(term), Span.parse(span)
    due = calendar.after(at, length)
    assert due.at >= at
    assert due.at.tzinfo is UTC
    assert calendar.before(at, length).at <= at
    with suppress(ValueError):
        When.parse(instant).on(calendar, at)
    return other.before(calendar, other.after(calendar, at))


def keys(data: bytes) -> object:
    """A key in any of the forms in which keys are given."""
    typed, path = text(data), put("a.key", data)
    for read in (lambda: Verifier.parse(typed), lambda: WitnessVerifier.parse(typed), lambda: LogKey.from_file(path), lambda: WitnessKey.from_file(path),
                 lambda: ProgramKey.from_file(path)):  # fmt: skip
        with suppress(StoreRefused):
            read()
    return ProgramKey.from_base64(typed)


def form(data: bytes) -> object:
    """What Temporal's UI sends to a codec server, each payload opened as far as it goes, and written as it was read."""
    read = parse_form(data)
    for one in read:
        with suppress(StoreRefused):
            opened_form(one, _KEY)
    assert parse_form(written_form(read)) == read
    return read


def token(data: bytes) -> object:
    """A token of a codec server."""
    return believed(bytes(32), text(data), now=datetime(2026, 1, 5, tzinfo=UTC))


def results(data: bytes) -> object:
    """What an interrupted comparison kept."""
    with Unfinished(put("compare.jsonl", RESULTS + data), json.loads(RESULTS_HEAD), resume=True) as kept:
        return (kept.done, kept.last, kept.differing)


_KEY = StreamKey(STREAM, bytes(32))
RESULTS_HEAD = '{"workflow": true}'
RESULTS = json.dumps({"format": RESULTS_FORMAT, **json.loads(RESULTS_HEAD)}).encode() + b"\n"
HISTORY = json.dumps({
    "events": [
        {
            "eventTime": "2026-01-05T09:00:00Z",
            "eventType": "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED",
            "workflowExecutionStartedEventAttributes": {"firstExecutionRunId": "r"},
        }
    ]
})
FORM = written_form([
    Form(
        {"encoding": b"binary/encrypted", "encryption-key-id": STREAM.encode()},
        _KEY.seal_record(b"", kind=b"payload", place=STREAM.encode()),
    )
]).decode()
TOKEN = issued(
    bytes(32), Token("lena", "case_work", datetime(2026, 1, 5, 1, tzinfo=UTC)), now=datetime(2026, 1, 5, tzinfo=UTC)
)
ERASED = f'{{"approved_at": "2026-01-05T00:00:00+00:00", "approved_by": "d.1", "position": 7, "requested_by": "o.1", "stream": "{STREAM}"}}\n'
SETTINGS = "OFFRAMP_TEMPORAL_ADDRESS=127.0.0.1:7233\nOFFRAMP_DATABASE_URL=postgresql://app@127.0.0.1/ledger\nOFFRAMP_SMTP_PORT=25\n"
_first = cache(lambda name: list((ROOT / name).read_bytes().splitlines()))
TARGETS: dict[str, Target] = {
    "definition": Target(definition, of("programs/housing_first.yaml", "programs/disengagement.yaml"), (DefinitionError,), YAML),
    "yaml": Target(lambda data: outline(text(data)), sections, (DefinitionError,), YAML),
    "structure": Target(structure, lambda: [json.dumps(outline((ROOT / "programs" / f"{code}.yaml").read_text(encoding="utf-8")).value).encode() for code in SHIPPED], (ValidationError,), TIMES, 0),
    "scenario": Target(lambda data: load_story(put("story.yaml", data)), of("tests/scenarios/missed_check_in.yaml", "tests/scenarios/[a-f]*.yaml"), (StoryError,), YAML),
    "staff": Target(lambda data: parse_staff_file(put("staff.yaml", data)), of("examples/staff.yaml"), (StoreRefused,), YAML),
    "command": Target(command, commands, (Refused,), tuple(COMMANDS), 0),
    "decision": Target(decision, decisions, (Refused,), (*COMMANDS, *TIMES), 2),
    "events": Target(parse_events, lambda: [b"[" + line + b"]" for line in _first("tests/case/stored_events.jsonl")], (ValidationError,), (), 0),
    "note": Target(note, lambda: [made.made().files["checkpoint.note"], made.made().older.encode()], (BadNote,), NOTES),
    "proof": Target(proof, lambda: [made.made().inclusion.encode(), made.made().consistency.encode()], (BadProof,), NOTES),
    "verify": Target(lambda data: verified("a.proof", data), lambda: [made.made().inclusion.encode(), made.made().consistency.encode()], (), NOTES),
    "bundle": Target(bundle, bundles, (), ("PK\x03\x04", "PK\x01\x02", "PK\x05\x06")),
    "inside": Target(inside, insides, (), NOTES),
    "policy": Target(lambda data: trusted(text(data)), given(made.POLICY), (StoreRefused,), ("log ", "witness ", "group ", "quorum ", "any", "all", "none", str(made.WITNESS.verifier))),
    "settings": Target(settings, given(SETTINGS, "export A='b' # c\n\"x\"=${HOME}\n"), (SettingsError,), ("OFFRAMP_", "_FILE=", "${", "export ", "'", '"', "\\x41")),
    "journal": Target(lambda data: Journal(put("erasures.jsonl", data)).read(), given(ERASED * 2, ERASED[:-1]), (StoreRefused,), ('"approved_at": ', "null", "NaN")),
    "kept": Target(kept, lambda: [made.made().older.encode()], (StoreRefused,), NOTES),
    "witness": Target(witness, lambda: [f"old 0\n\n{made.made().older}".encode(), made.made().consistency.encode()], (), NOTES),
    "names": Target(people, given("Jussuf Al-Masri\n1990\nيوسف المصري", "Renée O'Hara\n1990-12-31"), (click.UsageError,), ("\u0627\u0644", "-", "'", "von ")),
    "texts": Target(texts, given("kind=a,source=b,observed_at=2026-01-05,note_text=x, y", "- {kind: a, source: b, observed_at: 2026-01-05}", "housing: a text", "17:02d59121"), (StoreRefused,), YAML),
    "times": Target(times, given("Europe/Berlin|2026-03-29T01:30|20 working days|P1M2D", "UTC|2028-02-29|1 year|PT6H"), (click.UsageError, ValidationError, ValueError), TIMES),
    "keys": Target(keys, given("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", str(made.LOG.verifier), "fuzz.example/log AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), (StoreRefused,)),
    "form": Target(form, given(FORM, '{"payloads": []}'), (Refused,), ('"metadata": ', '"data": ', '"encryption-key-id": '), 0),
    "token": Target(token, given(TOKEN), (Refused,), ("offramp1.", ".")),
    "history": Target(read_history, given(HISTORY), (StoreRefused,), ("eventType", "workflowExecutionContinuedAsNewEventAttributes"), 0),
    "results": Target(results, given('["case/0", [["read model", "differs"]]]\n'), (click.UsageError,), (), 0),
    "promises": Target(lambda data: promises([put("receipts.txt", data)]), given(f"Receipt: {STREAM} position 17 hash {'02' * 32}\n"), (StoreRefused,), ("position ", "hash ", "case/")),
}  # fmt: skip
"""Every parser by the name by which it is fuzzed."""
