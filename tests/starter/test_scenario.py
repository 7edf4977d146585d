"""Stories on the pure core: those that are shipped, the format, its errors, and what a transcript says."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from starter.cli import run
from starter.scenario.commands import FORMS
from starter.scenario.live import CYCLE, cycles_ahead, later
from starter.scenario.load import StoryError, load_story, scenario_schema
from starter.scenario.pattern import EVENTS, matches
from starter.scenario.play import Played, play
from starter.scenario.pure import PureStage
from starter.scenario.span import Span, When
from starter.scenario.transcript import transcript
from tests.case.examples import shipped
from workflows.case.commands import COMMANDS
from workflows.core.calendar import Term
from workflows.program.load import outline

ROOT = Path(__file__).resolve().parents[2]
STORIES = sorted((ROOT / "tests" / "scenarios").glob("*.yaml"))
BERLIN = shipped("disengagement").calendar
TINY = """
scenario: A case is opened
program: programs/disengagement.yaml
starts: 2026-01-05T09:00:00+01:00
people:
  lena: {roles: [lead_practitioner], organisation: exit_counselling}
  omar: {roles: [supervisor]}
steps:
  - by: omar
    do: {type: open_case, lead: lena, support_level: high, eligibility: Asked for help.}
"""
Told = Callable[[str], Path]


@pytest.fixture
def told(tmp_path: Path) -> Told:
    """Writes a story, beside the shipped programs, and gives its path."""
    (tmp_path / "programs").symlink_to(ROOT / "programs")

    def write(text: str) -> Path:
        path = tmp_path / "story.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def played(path: Path) -> Played:
    """The story at `path`, played on the pure core."""
    story = load_story(path)
    return asyncio.run(play(story, PureStage(story)))


def problems(path: Path) -> list[tuple[int, str, str, str]]:
    """Line, path, what was found and the cure, of every problem of a story that cannot be played."""
    with pytest.raises(StoryError) as caught:
        load_story(path)
    return [(problem.line, problem.path, problem.found, problem.cure) for problem in caught.value.problems]


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_a_shipped_story_holds(path: Path) -> None:
    """Every shipped story is played to its end, and every expectation of it holds."""
    went = played(path)

    assert went.stopped == ""
    assert [(step.number, result) for step, result in went.failed] == []
    assert went.held > 5


@pytest.mark.parametrize("path", STORIES, ids=lambda path: path.stem)
def test_the_schema_accepts_the_shipped_stories(path: Path) -> None:
    """What an editor is told of stories agrees with what is played."""
    jsonschema.Draft202012Validator(scenario_schema()).validate(outline(path.read_text(encoding="utf-8")).value)


def test_the_schema_refuses_what_the_reader_refuses(told: Told) -> None:
    """An editor marks an unknown command, an unknown field and an unknown event, as the reader does."""
    schema = jsonschema.Draft202012Validator(scenario_schema())
    for old, new in (
        ("open_case", "close_case"),
        ("    do:", "    does:"),
        ("  - by", "  - expect: [case_ended]\n    by"),
    ):
        text = TINY.replace(old, new)

        assert not schema.is_valid(outline(text).value)
        assert problems(told(text))


def test_every_command_can_be_told() -> None:
    """A story may send whatever command a person may send, and none that only the engine sends."""
    assert FORMS.keys() == COMMANDS.keys()


def test_a_story_is_read_with_its_lines(told: Told) -> None:
    """What a story says later on leads back to a line of its file."""
    story = load_story(told(TINY))

    assert story.line("steps", 0) == 9
    assert story.line("steps", 0, "do") == 10
    assert story.line("steps", 0, "expect", 3) == 9


@pytest.mark.parametrize(
    ("old", "new", "line", "path", "found", "cure"),
    [
        ("do: {type: open_case,", "do: {type: open_cas,", 10, "steps[0].do.type", "'open_cas'", "did you mean 'open_case'?"),
        ("lead: lena,", "leed: lena,", 10, "steps[0].do.leed", "the unknown field 'leed'", "did you mean 'lead'?"),
        ("{type: open_case, ", "{", 10, "steps[0].do.type", "nothing", "add 'type'"),
        ("support_level: high", "support_level: hihg", 10, "steps[0].do.support_level", "'hihg'", "did you mean 'high'?"),
        ("by: omar", "by: umar", 9, "steps[0].by", "'umar'", "did you mean 'omar'?"),
        ("[supervisor]", "[supervisr]", 7, "people.omar.roles[0]", "'supervisr'", "did you mean 'supervisor'?"),
        ("steps:", "stepps:", 8, "stepps", "the unknown field 'stepps'", "did you mean 'steps'?"),
        ("09:00:00+01:00", "09:00:30+01:00", 4, "starts", "'2026-01-05T09:00:30+01:00'", "change it to what is allowed"),
        ("programs/dis", "programs/diss", 3, "program", "'programs/dissengagement.yaml'", "give its path from the story's folder, or from one above it"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_its_cure(
    told: Told, old: str, new: str, line: int, path: str, found: str, cure: str
) -> None:
    """Whoever wrote the story learns where it is wrong, what stands there and what to do."""
    assert (line, path, found, cure) in problems(told(TINY.replace(old, new)))


@pytest.mark.parametrize(
    ("added", "line", "allowed"),
    [
        ("    expect: [{type: obligation_escalted}]", 11, "did you mean 'obligation_escalated'?"),
        ("    never: [{type: obligation_escalated, levl: 1}]", 11, "did you mean 'level'?"),
        ("    never: [{type: obligation_opened, obligation: {kin: x}}]", 11, "did you mean 'kind'?"),
        ("    owed: [check_ins]", 11, "did you mean 'check_in'?"),
        ("    refused: no\n  - after: P1DT", 12, "ISO 8601"),
        ("  - after: next week", 11, "ISO 8601"),
        ("  - by: omar", 11, "'by' and 'do' together"),
        ("  - title: Nothing is said here", 11, "at least one of"),
        ("    state: {phase: stabilisation}", 11, "stabilization"),
        ("    state:\n      milestones.livelyhood: verified", 12, "livelihood"),
        ("    state: {consents: [share:hosing_office]}", 11, "share:housing_office"),
        ("    state: {measures: {'1': curfu}}", 11, "curfew"),
        ("    state: {hold: hospitel}", 11, "hospital"),
        ("    state: {partners: [polize]}", 11, "police"),
        ("    state: {lawful_basis: [public_tusk]}", 11, "public_task"),
        ("    state: {retention_class: unfounded_kid}", 11, "unfounded_child"),
        ("    state: {acts: {'1': upholden}}", 11, "upheld"),
        ("    state: {disclosures: {'1': untolled}}", 11, "untold"),
        ("    state: {dangers: {'1': in_farce}}", 11, "in_force"),
    ],
)
def test_what_could_never_hold_or_always_is_a_mistake(told: Told, added: str, line: int, allowed: str) -> None:
    """A misspelled expectation is found when the story is read: 'never' would hold for ever."""
    with pytest.raises(StoryError) as caught:
        load_story(told(f"{TINY}{added}\n"))
    (problem,) = caught.value.problems

    assert problem.line == line
    assert allowed in problem.allowed


def test_a_story_is_read_as_strictly_as_a_definition(told: Told) -> None:
    """No anchors, no duplicate keys: whoever reads the story and whoever plays it see the same."""
    doubled = TINY.replace("  - by: omar\n", "  - by: &him omar\n    by: lena\n")

    assert {found for _, _, found, _ in problems(told(doubled))} == {
        "an anchor, &him",
        "the key 'by' again (first on line 9)",
    }


def test_a_reason_cannot_be_left_empty(told: Told) -> None:
    """Nobody writes a decision into the record without its reasons: an empty text is no story, as it is no command."""
    empty = TINY.replace("eligibility: Asked for help.", "eligibility: '  '")

    ((line, path, _, _),) = problems(told(empty))
    assert (line, path) == (10, "steps[0].do.eligibility")


def test_a_story_can_send_a_length_of_time(told: Told) -> None:
    """A term, as a measure or a consent has it, reaches the case as it was written."""
    consent = (
        "{type: give_consent, scope: participation, form_version: p3, language: en, explained_by: lena, term: 3 months}"
    )
    went = played(
        told(f"{TINY}  - by: lena\n    do: {consent}\n    expect: [{{type: consent_given, until: 2026-04-05}}]\n")
    )

    assert went.passed, transcript(went)


def test_the_state_of_the_rights_can_be_expected(told: Told) -> None:
    """A story compares measures, acts, pauses and disclosures with what is: a wrong claim about any of them fails, and says what is."""
    wrong = (
        "acts: {'1': appealed}, measures: {'1': curfew}, dangers: {'1': asked}, hold: hospital, partners: [police], sealed: true, erased: true, "
        "disclosures: {'1': told}, unserved: {'1': act_upheld}, access_requests: [1], legal_holds: [1], retention_class: whole_case, "
        "lawful_basis: [public_task], asked: [participation]"
    )
    went = played(told(f"{TINY}    state: {{{wrong}}}\n"))

    assert [result.path[1] for _, result in went.failed] == [
        "asked", "acts", "measures", "dangers", "hold", "partners", "lawful_basis", "disclosures", "unserved", "access_requests", "legal_holds",
        "retention_class", "sealed", "erased",
    ]  # fmt: skip


def test_an_expectation_that_fails_says_what_happened_instead(told: Told) -> None:
    """A failure names what was expected, its line, and what was found in its place."""
    went = played(told(f"{TINY}    expect: [{{type: support_level_set, level: low}}]\n    state: {{lead: omar}}\n"))
    text = transcript(went)

    assert not went.passed
    assert "✗ support_level_set (level low) (line 11)\n      instead: support_level_set (level high)" in text
    assert "✗ lead is omar (line 12)\n      instead: it is lena" in text
    assert text.endswith("0 expectations held, 2 did not.\n")


def test_a_refusal_that_nobody_expected_ends_the_story(told: Told) -> None:
    """What follows would stand on an answer that was not given."""
    wrong = TINY.replace("lead: lena", "lead: omar") + "  - after: P1D\n"
    went = played(told(wrong))

    assert [step.number for step in went.steps] == [1]
    assert (
        "stopped at step 1 (line 10): the command was to be accepted, and is refused as not_eligible_to_lead"
        in transcript(went)
    )


def test_an_acceptance_that_nobody_expected_ends_the_story(told: Told) -> None:
    """A story that is to show a refusal does not go on when there was none."""
    went = played(told(f"{TINY}    refused: not_authorized\n"))

    assert went.stopped == "the command was to be refused, and is accepted"
    assert [result.instead for _, result in went.failed] == ["accepted"]


def test_a_refusal_with_another_code_fails_and_the_story_goes_on(told: Told) -> None:
    """The case stands where it was to stand, so what follows still says something."""
    refused = TINY.replace("lead: lena", "lead: omar") + "    refused: not_authorized\n  - state: {opened: false}\n"
    went = played(told(refused))

    assert len(went.steps) == 2
    assert len(went.failed) == 1


def test_a_transcript_shows_what_was_written_and_no_reference(told: Told) -> None:
    """A practitioner reads the reasons, not the id under which they are sealed."""
    text = transcript(played(told(TINY)))

    assert '(eligibility: "Asked for help.")' in text
    assert "note:" not in text


def test_a_notice_that_nobody_can_read_is_owed(told: Told) -> None:
    """The people of a story are its whole staff directory: a role that nobody holds reaches nobody, and that is seen."""
    alone = (
        TINY
        + "  - after: P8W\n    expect: [{type: notice_failed, reason: no_recipient}]\n    owed: [notice_delivery]\n"
    )

    assert played(told(alone)).passed


def test_a_play_says_the_same_each_time() -> None:
    """Nothing in a transcript hangs on chance or on the clock on the wall."""
    assert {transcript(played(STORIES[0])) for _ in range(2)} == {transcript(played(STORIES[0]))}


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("P21D", [(21, "days")]),
        ("PT6H", [(6, "hours")]),
        ("P1Y2M3W4DT5H", [(1, "years"), (2, "months"), (3, "weeks"), (4, "days"), (5, "hours")]),
        ("20 working days", [(20, "working days")]),
        ("1 month", [(1, "months")]),
    ],
)
def test_a_length_of_time_is_iso_or_a_term(text: str, terms: list[tuple[int, str]]) -> None:
    """Durations are written as ISO 8601 has them, or as definitions do."""
    assert [tuple(term) for term in Span.parse(text).terms] == terms


@pytest.mark.parametrize("text", ["", "P", "PT", "P1.5D", "21D", "P-1D", "PT30M", "three weeks", "P1D2M", 7])
def test_anything_else_is_no_length_of_time(text: object) -> None:
    """A duration that cannot be counted on the program's calendar is refused."""
    with pytest.raises(ValueError, match="ISO 8601"):
        Span.parse(text)


def test_time_passes_on_the_programs_calendar() -> None:
    """Nine in the morning stays nine in the morning when the clocks change, and closed days do not count."""
    friday = datetime(2026, 3, 27, 8, tzinfo=UTC)

    assert BERLIN.local(Span.parse("P3D").after(BERLIN, friday)).hour == 9
    assert BERLIN.local(Span.parse("5 working days").after(BERLIN, friday)).date().isoformat() == "2026-04-07"


def test_an_observation_may_be_dated_from_its_step() -> None:
    """`-P3D` is three days before the step, and a fixed instant stays fixed."""
    monday = datetime(2026, 1, 5, 8, tzinfo=UTC)

    assert When.parse("-P3D").on(BERLIN, monday) == monday - timedelta(days=3)
    assert When.parse("2026-01-02T10:00:00+01:00").on(BERLIN, monday) == datetime(2026, 1, 2, 9, tzinfo=UTC)
    with pytest.raises(ValueError, match="a minus"):
        When.parse("P3D")


@pytest.mark.parametrize(
    ("pattern", "found", "same"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1}, {"b": 2}, False),
        ({"a": {"b": 1}}, {"a": {"b": 1, "c": 2}}, True),
        ([1, 2], [1, 2], True),
        ([1], [1, 2], False),
        ("2026-01-05", "2026-01-04T23:30:00Z", True),
        ("2026-01-05", "2026-01-05T23:30:00Z", False),
        ("2026-01-05T09:00", "2026-01-05T08:00:07.5Z", True),
        ("2026-01-05T09:00", "2026-01-05T09:00:00Z", False),
        ("2026-01-05", "soon", False),
        (True, "true", False),
    ],
)
def test_a_pattern_names_a_part(pattern: object, found: object, same: bool) -> None:
    """What is named must be there; a day or a minute stands for every instant in it, on the program's clock."""
    assert matches(pattern, found, BERLIN.zone) is same


def test_every_event_can_be_expected() -> None:
    """No event of the case is beyond the reach of a story."""
    assert {"case_opened", "command_refused", "obligation_escalated", "notice_failed"} <= EVENTS.keys()


def test_28_years_later_is_the_same_calendar() -> None:
    """A live play of a story of the past is put off by so many years, and no due instant of it changes its day."""
    program = shipped("disengagement")
    moved = later(program, 1).calendar
    for days in range(0, 700, 3):
        start = datetime(2026, 1, 5, 8, tzinfo=UTC) + timedelta(days=days)
        for term in ("20 working days", "3 months", "1 week", "1 year", "6 hours"):
            due = program.calendar.after(start, Term.parse(term)).at

            assert moved.after(start + CYCLE, Term.parse(term)).at == due + CYCLE


def test_a_sharing_agreement_is_in_force_in_a_later_play_too() -> None:
    """Whatever the definition dates moves along: an agreement begins and ends 28 years later, on the same days."""
    program = shipped("disengagement")

    assert {
        code: (agreed.begins.replace(year=agreed.begins.year - 28), agreed.ends.replace(year=agreed.ends.year - 28))
        for code, agreed in later(program, 1).agreements.items()
    } == {code: (agreed.begins, agreed.ends) for code, agreed in program.agreements.items()}


def test_what_falls_due_with_an_answer_happens_in_its_step(told: Told) -> None:
    """A reminder whose instant is that of the answer itself belongs to the step, on the pure core as with the engine's clock."""
    measure = (
        "{type: agree_measure, kind: curfew, agreement: Yes., scope: At night., lasts: 1 week, review_every: 1 week}"
    )
    consent = "{type: give_consent, scope: participation, form_version: p3, language: en, explained_by: lena}"
    steps = f"  - by: lena\n    do: {consent}\n  - by: lena\n    do: {measure}\n"
    went = played(told(f"{TINY}{steps}    expect: [{{type: obligation_escalated, kind: measure_review, level: 1}}]\n"))

    assert went.passed, transcript(went)


def test_a_story_of_the_future_is_played_in_its_own_time() -> None:
    """Only a beginning that has passed is put off."""
    now = datetime(2026, 6, 1, tzinfo=UTC)

    assert cycles_ahead(datetime(2026, 7, 1, tzinfo=UTC), now) == 0
    assert cycles_ahead(datetime(2026, 1, 5, tzinfo=UTC), now) == 1
    assert cycles_ahead(datetime(1990, 1, 5, tzinfo=UTC), now) == 2


def test_workers_are_killed_only_where_there_are_any(capsys: pytest.CaptureFixture[str]) -> None:
    """`--restart-workers` without `--live` would prove nothing, and says so."""
    assert run(["scenario", "run", "--restart-workers", str(STORIES[0])]) == 2
    assert "--restart-workers goes with --live" in capsys.readouterr().err


def test_something_is_done_between_any_two_steps() -> None:
    """What a play does to its stage between the steps it does before each but the first, and nothing of it shows."""
    story, count = load_story(STORIES[0]), [0]

    async def between() -> None:
        count[0] += 1

    went = asyncio.run(play(story, PureStage(story), between=between))

    assert count == [len(story.scenario.steps) - 1]
    assert transcript(went) == transcript(played(STORIES[0]))


def test_the_command_line_prints_a_transcript(capsys: pytest.CaptureFixture[str]) -> None:
    """`scenario run` ends with 0 and with the number of expectations that held."""
    assert run(["scenario", "run", str(STORIES[0])]) == 0
    assert "expectations held." in capsys.readouterr().out


def test_a_story_that_fails_ends_with_one(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    """A program that calls learns by the exit code, and in JSON which expectation of which line it was."""
    path = told(f"{TINY}    state: {{phase: aftercare}}\n")

    assert run(["scenario", "run", "--json", str(path)]) == 1
    (outcome,) = json.loads(capsys.readouterr().out)
    assert outcome["failures"] == [{"step": 1, "line": 11, "expected": "phase is aftercare", "instead": "it is intake"}]
    assert outcome["state"]["phase"] == "intake"


def test_a_story_that_cannot_be_read_ends_with_one(told: Told, capsys: pytest.CaptureFixture[str]) -> None:
    """Every problem is printed with its line and its cure."""
    path = told(TINY.replace("by: omar", "by: umar"))

    assert run(["scenario", "run", str(path)]) == 1
    assert (
        "line 9  steps[0].by\n    found    'umar'\n    allowed  lena, omar\n    cure     did you mean 'omar'?"
        in capsys.readouterr().out
    )


def test_the_schema_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """`scenario schema` prints what an editor needs."""
    assert run(["scenario", "schema"]) == 0
    assert json.loads(capsys.readouterr().out) == scenario_schema()


def test_a_folder_of_stories_is_tested(capsys: pytest.CaptureFixture[str]) -> None:
    """`program test` plays every story of a folder and says how many passed."""
    assert run(["program", "test", str(ROOT / "tests" / "scenarios")]) == 0
    assert f"{len(STORIES)} of {len(STORIES)} stories passed" in capsys.readouterr().out


def test_a_folder_without_stories_is_a_mistake(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing tested is no success."""
    assert run(["program", "test", str(tmp_path)]) == 2
    assert "holds no story" in capsys.readouterr().err
