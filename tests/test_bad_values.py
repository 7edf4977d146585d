"""Values that could be taken for others, and sizes that nobody writes: each is refused where it comes in, in words that help."""

import json
from pathlib import Path
from typing import Any

import click
import pytest
from pydantic import JsonValue

from activities.store.cosigning import trusted
from activities.store.erasure_journal import Journal
from activities.store.refused import StoreRefused
from activities.store.signing import Verifier
from activities.store.staff_file import parse_staff
from starter.audit.proved_runs import Findings
from starter.audit.receipts import kept_note
from starter.cli.texts import identity
from tests.case.examples import LEAD, note, opened
from tests.fuzz.made import LOG, POLICY, STREAM, WITNESS
from workflows.case.commands import parse_command
from workflows.core.calendar import Term
from workflows.core.checkpoint import BadNote, parse_checkpoint
from workflows.core.envelope import MAX_COMMAND_BYTES
from workflows.core.refusal import Refused
from workflows.core.strict_json import MOST_LEVELS, BadJson, read_json
from workflows.core.trust import BadPolicy, parse_policy
from workflows.program.load import MAX_BYTES, DefinitionError, outline

HASH = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"a": 1, "a": 2}', "a key stands twice"), ("NaN", "not finite"), ("[-Infinity]", "not finite"), ("1e999", "not finite"), ('"\\ud800"', "half of a character"),
        ('{"\\udc00": 1}', "half of a character"), ("[" * 33 + "]" * 33, "more than 32 levels"), ("[" * 100_000, "levels"), ('{"a":' * 40 + "1" + "}" * 40, "levels"),
        ("9" * 5000, "no JSON"), ("", "no JSON"), (b"\xff\xfe1\x00", "no JSON"), (b"\xef\xbb\xbf1", "no JSON"), ("{'a': 1}", "no JSON"), ("1 2", "no JSON"),
    ],
)  # fmt: skip
def test_json_that_two_readers_could_take_for_two_things_is_refused(text: str | bytes, told: str) -> None:
    """Keys that stand twice, numbers that are none, halves of characters, other encodings and depth are each told, and quoted never."""
    with pytest.raises(BadJson, match=told):
        read_json(text)


def test_json_that_is_plain_is_read() -> None:
    """Whatever else JSON can say is read as it stands, up to the last level allowed."""
    deep = "[" * MOST_LEVELS + "]" * MOST_LEVELS

    assert read_json('{"a": [1, 1.5, true, null, "\\u00e9\\ud83d\\ude00"]}') == {"a": [1, 1.5, True, None, "é😀"]}
    assert json.dumps(read_json(deep)) == deep


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"review": True}, "review: write a whole number"), ({"review": "1"}, "review: write a whole number"), ({"review": 1.0}, "review: write a whole number"),
        ({"review": 1, "reasons": [[]]}, "reasons"), ({"review": 1, "x": "y" * MAX_COMMAND_BYTES}, "at most 200 fields"),
        ({"review": 1, **{f"f{n}": 1 for n in range(200)}}, "at most 200 fields"), ({"review": 1, "x": json.loads("[" * 40 + "]" * 40)}, "32 levels"),
    ],
)  # fmt: skip
def test_what_is_no_number_counts_for_none(fields: dict[str, Any], where: str) -> None:
    """Nobody's vote is counted for review 1 because they sent true, and no size or depth gets into the record by being refused."""
    command: dict[str, Any] = {"type": "approve_review", "reasons": note(), **fields}

    with pytest.raises(Refused, match=where) as refused:
        parse_command(command)
    assert refused.value.code == "malformed_command"
    kept = opened().refuse(
        "malformed_command", LEAD, **{"command" if name == "type" else name: value for name, value in command.items()}
    )
    assert len(kept.model_dump_json()) < 2 * MAX_COMMAND_BYTES


@pytest.mark.parametrize("at", [20260105, 1.5e9, "20260105", "1700000000", "2026-01-05T09:00:00", "1899-12-31T00:00:00Z", "3000-01-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-01-05T09:00:00+00:00:30", "2026-01-05T24:00:00Z", True, None])  # fmt: skip
def test_what_is_no_instant_is_taken_for_none(at: JsonValue) -> None:
    """A number is no instant of 1970, a local time none at all, and no due date is counted from where there is no calendar."""
    command: dict[str, Any] = {"type": "hold_case", "kind": "hospital", "until": at, "reasons": note()}

    with pytest.raises(Refused, match=r"hold_case\.until"):
        parse_command(command)


@pytest.mark.parametrize("text", ["101 years", "9999 years", "1210 months", "5300 weeks"])
def test_a_term_is_no_longer_than_anybody_promises(text: str) -> None:
    """Longer than a hundred years is a slip of the keyboard, and would end where there is no calendar."""
    with pytest.raises(ValueError, match="at most 100 years"):
        Term.parse(text)


@pytest.mark.parametrize("line", ["valid_from: 20260101", 'valid_from: "20260101"', 'certificates: {first_aid: 20270331}', 'certificates: {first_aid: "20270331"}', "certificates: {first_aid: 0}", 'valid_from: "2026-01-01T00:00:00"'])  # fmt: skip
def test_a_number_in_the_staff_file_is_no_date(line: str) -> None:
    """Nobody's role or certificate ends in 1970 because the dashes were left out; the line is named."""
    whole = {"valid_from": 'valid_from: "2026-01-01T00:00:00Z"'} | {line.partition(":")[0]: line}
    text = "- person: n.k\n  roles: [lead]\n" + "".join(f"  {one}\n" for one in whole.values())

    with pytest.raises(StoreRefused, match=r"line [34]"):
        parse_staff(text, where="staff.yaml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('a: "\\x1b[2J"', "U\\+001B"), ('a: "\\0"', "U\\+0000"), ('"a\\x07": 1', "U\\+0007"), ("a: b\u202ec", "U\\+202E"), ("a: b # \u2066c", "line 1: found a character that turns"),
        ('a: "\\u202e"', "U\\+202E"), ("a: 1\n\n# \u202a\n", "line 3"), ("a: é" * (MAX_BYTES // 4), "at most"),
    ],
)  # fmt: skip
def test_a_definition_reads_as_it_stands(text: str, told: str) -> None:
    """Nothing in it, in its comments neither, steers a terminal or turns what a reviewer reads."""
    with pytest.raises(DefinitionError, match=told):
        outline(text)


def test_a_checkpoint_of_any_size_is_read_or_refused() -> None:
    """Digits without end are no number: whoever sends them gets an answer."""
    with pytest.raises(BadNote, match="decimal number"):
        parse_checkpoint(f"log\n{'9' * 5000}\n{HASH}\n")
    assert parse_checkpoint(f"log\n{10**17}\n{HASH}\n").size == 10**17


def test_a_policy_nests_as_deep_as_it_is_long() -> None:
    """Groups in groups to the last line allowed are counted without a limit of the language in the way; a number without end is none."""
    groups = "".join(f"group g{number} any {'w' if number == 0 else f'g{number - 1}'}\n" for number in range(490))
    policy = parse_policy(f"witness w k+1+A\n{groups}quorum g489")

    assert policy.met({"w"})
    assert not policy.met({"v"})
    with pytest.raises(BadPolicy, match="line 2"):
        parse_policy(f"witness w k+1+A\ngroup g {'9' * 5000} w\nquorum g")
    with pytest.raises(BadPolicy, match="at most"):
        parse_policy("#" * 70_000)


@pytest.mark.parametrize("name", ["lo\udcffg", "lo\u202eg", "lo\x1bg"])
def test_a_name_of_a_key_is_one_that_can_be_read(name: str) -> None:
    """Half of a letter, or what steers a terminal, is in no name of a log or of a witness."""
    with pytest.raises(StoreRefused, match="this is no verifier key"):
        Verifier.parse(str(LOG.verifier).replace("fuzz.example/log", name))
    with pytest.raises(StoreRefused, match="this is no verifier key"):
        trusted(POLICY.replace(str(WITNESS.verifier), str(WITNESS.verifier).replace("fuzz.example/witness", name)))


@pytest.mark.parametrize(
    "changed", [{"position": "7"}, {"position": True}, {"position": 0}, {"stream": None}, {"stream": ""}, {"requested_by": 5}, {"approved_at": "2026-01-05T00:00:00"}, {"more": 1}, {"approved_by": "a\x1b"}],
)  # fmt: skip
def test_a_line_of_the_journal_says_what_it_must(tmp_path: Path, changed: dict[str, Any]) -> None:
    """What somebody wrote into the journal by hand is believed only if it is whole: a restored backup is erased by it."""
    whole = {
        "stream": STREAM,
        "position": 7,
        "requested_by": "o.1",
        "approved_by": "d.1",
        "approved_at": "2026-01-05T00:00:00+00:00",
    }
    path = tmp_path / "erasures.jsonl"
    path.write_text(json.dumps(whole) + "\n", encoding="utf-8")

    assert [one.stream for one in Journal(path).read()] == [STREAM]
    for line in (json.dumps(whole | changed), json.dumps(whole)[:-1] + ', "position": 8}', "[" * 5000, "[]"):
        path.write_text(line + "\n", encoding="utf-8")
        with pytest.raises(StoreRefused, match="line 1 is damaged"):
            Journal(path).read()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"name_text": "Ana \x1b[2J"}, "a control"), ({"name_text": "Ana\u202e"}, "a control"), ({"name_text": "Ana\udc80"}, "half of a letter"), ({"name_text": "a" * 201}, "200 letters"),
        ({"name_text": "Ana", "alias_text": tuple(f"Ana {'b' * n}" for n in range(1, 21))}, "At most 20"), ({"name_text": "Ana", "born": "20261301"}, "--born takes"), ({"name_text": "\u200d"}, "no letter"),
    ],
)  # fmt: skip
def test_a_name_is_one(given: dict[str, Any], told: str) -> None:
    """Names are bounded, and hold letters; the message repeats none of them."""
    with pytest.raises(click.UsageError, match=told) as refused:
        identity(dict(given))
    assert "Ana" not in str(refused.value)


def test_one_name_in_two_forms_is_one_name() -> None:
    """What looks the same is the same, however its accents were typed."""
    found = identity({"name_text": "Rene\u0301e", "alias_text": ("Ren\u00e9e",)})

    assert found is not None
    assert found.names == ("Ren\u00e9e",)


def test_a_finding_steers_no_terminal() -> None:
    """What a file puts into a sentence of the verifier is shown, and does nothing."""
    found = Findings(["a\x1b[2Jb"], ["c\u202ed"], ["e\ud800\nf"]).plainly()

    assert found == Findings(["a\\x1b[2Jb"], ["c\\u202ed"], ["e\\ud800\\nf"])


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"x" * 70_000])
def test_a_file_that_is_no_checkpoint_is_named(tmp_path: Path, content: bytes) -> None:
    """A file of another kind given as a checkpoint is named, and no fault of the program."""
    path = tmp_path / "kept.txt"
    path.write_bytes(content)

    with pytest.raises(StoreRefused, match=r"kept\.txt holds no checkpoint"):
        kept_note(path)
