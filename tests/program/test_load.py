"""The strict reader: what is refused, and how it is told."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.program.definitions import SHIPPED, TEXT, changed
from workflows.program.explain import Problem
from workflows.program.load import MAX_BYTES, DefinitionError, line_of, load_program, outline, program_sha256


def problems(text: str) -> list[Problem]:
    with pytest.raises(DefinitionError) as raised:
        load_program(text)
    return raised.value.problems


def only(text: str) -> Problem:
    (problem,) = problems(text)
    return problem


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("a: 1\nb: &x [1]\n", 2, "an anchor, &x"),
        ("a: 1\nb: *x\n", 2, "an alias, *x"),
        ("a: 1\nb: !!str 2\n", 2, "a tag, tag:yaml.org,2002:str"),
        (
            "a: 1\nb: !!python/object/apply:os.system [ls]\n",
            2,
            "a tag, tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("a: 1\n<<: {b: 1}\n", 2, "a merge, <<"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' again (first on line 1)"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key that is not a word"),
        ("%YAML 1.1\n---\na: 1\n", 1, "a % directive"),
        ("a: 1\n---\nb: 1\n", 2, "a second document"),
        ("a: 1\nb:\nc: 2\n", 2, "no value"),
        ("a: 1\nb: [1\n", 3, "broken YAML (expected ',' or ']', but got '<stream end>')"),
        ("a: 1\nb: \x07\n", 2, "a character that text may not hold"),
        ('a: 1\nb: "\\ud800"\n', 2, "half of a character (a lone surrogate)"),
        ('a: "\\U99999999"\n', 1, "an escape of no character"),
        ("", 1, "an empty file"),
        ("# only a comment\n", 1, "an empty file"),
    ],
)
def test_yaml_beyond_json_is_refused_with_its_line(text: str, line: int, found: str) -> None:
    """Whatever YAML has beyond JSON with comments is refused, on the line on which it stands."""
    problem = only(text)

    assert (problem.line, problem.found) == (line, found)
    assert problem.allowed
    assert problem.cure


def test_a_bomb_of_aliases_is_refused_without_being_expanded() -> None:
    """Nine levels of nine aliases are refused at once: nothing is ever expanded."""
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    began = time.perf_counter()

    found = problems("\n".join(levels))

    assert time.perf_counter() - began < 2
    assert found[0].found == "an anchor, &a0"


@pytest.mark.parametrize(
    "text", ["[" * 5_000, "{a: " * 5_000, "- " * 5_000, "\n".join(" " * n + "a:" for n in range(300))]
)
def test_deep_nesting_is_refused(text: str) -> None:
    """A definition nests twelve levels at most, however it is written; no recursion limit is ever met."""
    assert "deeper nesting" in [problem.found for problem in problems(text)]


def test_a_definition_beyond_the_size_limit_is_refused() -> None:
    """A text of more than 128 KiB is refused before it is parsed."""
    problem = only("a: " + "x" * MAX_BYTES)

    assert problem.found == f"{MAX_BYTES + 3} bytes"
    assert problem.allowed == "at most 131072 bytes"


def test_scalars_are_those_of_json() -> None:
    """`no`, a time, an octal look-alike and a date stay the text that somebody wrote."""
    text = "[no, yes, on, 12:30:00, 017, 0x1F, 1_000, 2026-01-01, ~, NULL, True, .inf, .5, +1, 12e3, true, null, 7, -3, 1.5]"

    assert outline(text).value == [
        "no", "yes", "on", "12:30:00", "017", "0x1F", "1_000", "2026-01-01", "~", "NULL", "True", ".inf", ".5", "+1", "12e3",
        True, None, 7, -3, 1.5,
    ]  # fmt: skip


def test_an_unknown_field_is_told_with_its_line_and_what_is_allowed() -> None:
    """A misspelt field names its line, its path, the fields that may stand there, and the close match."""
    text = TEXT.replace("    purpose: The program has ended", "    purpos: The program has ended", 1)
    missing, unknown = problems(text)
    line = next(n for n, written in enumerate(text.splitlines(), start=1) if "purpos: The program" in written)

    assert (unknown.line, unknown.path, unknown.found) == (line, "phases.closed.purpos", "the unknown field 'purpos'")
    assert unknown.allowed.startswith("title, purpose, indicators, expected, review_every")
    assert unknown.cure == "did you mean 'purpose'?"
    assert (missing.path, missing.found, missing.allowed) == (
        "phases.closed.purpose",
        "nothing",
        "a value for 'purpose'",
    )


@pytest.mark.parametrize(
    ("old", "new", "path", "found", "allowed", "cure"),
    [
        ('version: "2026.2"', "version: 2026.2", "version", "2026.2", "text", 'put it in quotes: "2026.2"'),
        ("quorum: 4", "quorum: four", "reviews.phase_panel.quorum", "'four'", "input should be a valid integer", "change it"),
        ("quorum: 4", "quorum: 0", "reviews.phase_panel.quorum", "0", "greater than or equal to 1", "change it"),
        ("due: 2 working days", "due: soon", "silence.welfare_offer.due", "'soon'", "a number and a unit", "change it"),
        ("due: 2 working days", "due: soon", "silence.welfare_offer.due", "'soon'", "or 'by_schedule'", "change it"),
        ("kind: exit", "kind: exitt", "phases.intake.transitions[1].kind", "'exitt'", "'advance' or 'exit'", "did you mean 'exit'?"),
        ("to: stabilization", "to: [x]", "phases.intake.transitions[0].to", "a list", "text", "change it"),
        ("terminal: true", "terminal: yes", "phases.closed.terminal", "'yes'", "valid boolean", "change it"),
        ("  closed:\n", "  Fully Closed:\n", "phases.Fully Closed", "the key 'Fully Closed'", "a code", "'fully_closed'"),
        ("2026-01-01", "2026-02-30", "calendar.holidays[0]", "'2026-02-30'", "date", "change it"),
        ("Europe/Berlin", "Europe/Bern", "calendar.time_zone", "'Europe/Bern'", "IANA", "change it"),
        ("[mon, tue,", "[mon, tuesday,", "calendar.working_days[1]", "'tuesday'", "'mon', 'tue'", "did you mean 'tue'?"),
        ("lead_role: lead_practitioner", "lead_role: [a]", "lead_role", "a list", "text", "change it"),
        ("{title: Director of the program}", "Director", "roles.program_director", "'Director'", "a mapping", "write its fields"),
        ("{before: 1 day, tell", "{tell", "silence.check_in.ladder[0]", "a mapping", "exactly one of the two", "change it"),
        ("  intake: {every: {acute: 3 days, high: 1 week, medium: 2 weeks, low: 1 month}}", "  intake: {every: {low: 1 day}}", "contact.intake", "a mapping", "missing: acute", ""),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_in_the_words_of_the_file(
    old: str, new: str, path: str, found: str, allowed: str, cure: str
) -> None:
    """A wrong value names its path, what was found, what is allowed, and a cure; and its line is where it was written."""
    assert old in TEXT
    text = TEXT.replace(old, new, 1)
    problem = next(problem for problem in problems(text) if problem.path == path)

    assert problem.found == found
    assert allowed in problem.allowed
    assert cure in problem.cure
    assert new.strip().split("\n", maxsplit=1)[0] in text.splitlines()[problem.line - 1]


def test_every_problem_is_told_at_once() -> None:
    """Whoever corrects a file hears of all problems, in the order of their lines, not of one at a time."""
    text = TEXT.replace("quorum: 4", "quorum: x").replace('version: "2026.2"', "version: 1")
    found = problems(text)

    assert [problem.path for problem in found] == ["version", "reviews.phase_panel.quorum", "reviews.exit_panel.quorum"]
    assert str(found[0]).startswith("line ")


@given(st.text(max_size=200) | st.text(alphabet="ab:-[]{}&*!<>|'\"%#?, \n\t01\\", max_size=200))
@settings(deadline=None, max_examples=200)
def test_no_text_leads_to_another_error(text: str) -> None:
    """Any text is a definition or is refused with problems; nothing else ever escapes the reader."""
    assert all(problem.line >= 1 for problem in problems(text))


@given(st.recursive(st.none() | st.booleans() | st.integers(-999, 999) | st.text("ab:{ \u00e9", max_size=9), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=3), max_leaves=15))  # fmt: skip
@settings(deadline=None, max_examples=200)
def test_json_reads_as_itself(value: object) -> None:
    """A JSON text means in a definition exactly what it means as JSON."""
    assert outline(json.dumps(value)).value == value


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_hash_follows_the_meaning(path: Path) -> None:
    """Comments and layout do not change a definition's hash, and reading it twice gives the same one."""
    text = path.read_text(encoding="utf-8")
    program = load_program(text)
    as_json = json.dumps(outline(text).value)

    assert program_sha256(load_program(as_json)) == program_sha256(program)
    assert len(program_sha256(program)) == 64


def test_the_hash_sees_every_change_and_the_order_of_phases() -> None:
    """Another value is another hash, a default written out is the same, and other first phase is another program."""
    program = load_program(TEXT)
    phases = dict(reversed(program.phases.items()))

    assert program_sha256(changed({"reviews.phase_panel.quorum": 5})) != program_sha256(program)
    assert program_sha256(changed({"phases.intake.terminal": False})) == program_sha256(program)
    assert program_sha256(program.model_copy(update={"phases": phases})) != program_sha256(program)


def test_the_stored_form_reads_back_the_same() -> None:
    """What a published version is stored as has the hash that it was published under."""
    program = load_program(TEXT)
    again = type(program).model_validate_json(program.model_dump_json(exclude_defaults=True))

    assert (again, program_sha256(again)) == (program, program_sha256(program))


def test_a_finding_is_found_in_the_file() -> None:
    """The path of a finding leads to its line, or to the nearest part above it that is written."""
    lines = outline("a:\n  b:\n    - x\n    - c: 1\n").lines

    assert [line_of(lines, path) for path in ("a.b[1].c", "a.b[1].d", "a.b[7].d.e", "z", "")] == [4, 4, 2, 1, 1]
