"""Every entry about the person is put into words of both languages, or has a stated exemption."""

import re
from pathlib import Path
from typing import get_args

import pytest
import yaml
from fluent.runtime import FluentResource
from fluent.syntax.ast import Junk

from starter.statement.arguments import argument_names, arguments
from starter.statement.listed import DECISIONS, EXEMPT
from starter.statement.titles import Titles, _titles
from starter.statement.words import FOLDER, LANGUAGES, Words, bundle
from tests.case.examples import SHIPPED, shipped
from workflows.case.state import CaseEvent, parse_events
from workflows.core.kinds import Event

SAMPLES = (Path(__file__).parents[2] / "case" / "stored_events.jsonl").read_text(encoding="utf-8").splitlines()
TYPES: dict[str, type[Event]] = {one.model_fields["type"].default: one for one in get_args(CaseEvent)}


def missing(kind: str) -> str | None:
    """What is to be written for a stored type that has neither a sentence nor an exemption."""
    lacking = [
        f"starter/statement/events/{language}.ftl"
        for language in LANGUAGES
        if not bundle(FOLDER / "events", language).has_message(kind)
    ]
    if kind in EXEMPT or not lacking:
        return None
    return (
        f"{kind}: write a message '{kind} = ...' in {' and '.join(lacking)}, a short plain sentence to the participant; its arguments are "
        f"{', '.join(argument_names(TYPES[kind]))}. Or exempt it with its reason in EXEMPT of starter/statement/listed.py."
    )


def test_every_type_of_entry_has_a_sentence_in_both_languages_or_a_stated_exemption() -> None:
    """No type of event is left out of the statement without a reason that the statement gives."""
    untold = [told for kind in TYPES if (told := missing(kind)) is not None]
    assert untold == [], "\n".join(["", *untold])


def test_a_type_without_a_sentence_is_told_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who adds a room reads which files want a message, and with which arguments."""
    monkeypatch.setitem(TYPES, "consent_regiven", TYPES["consent_given"])

    told = missing("consent_regiven")

    assert told is not None
    assert "starter/statement/events/en.ftl and starter/statement/events/de.ftl" in told
    assert "$scope, $scope-title, " in told
    assert "$until, " in told


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_stored_sample_is_told_without_codes(language: str) -> None:
    """Every shape of an event ever stored gives a sentence, with nothing left unfilled and no code in it."""
    program = shipped("disengagement")
    words = Words(language, program)
    titles = Titles(program, words)
    for line in SAMPLES:
        (event,) = parse_events(f"[{line}]")
        kind = event.type  # type: ignore[attr-defined]  # every stored event has one
        if kind not in EXEMPT:
            told = words.event(kind, arguments(event, words, titles))
            assert told.endswith("."), told
            assert re.findall(r"[{}]|None|\b[a-z]+_[a-z]", told.replace("case_manager.2", "")) == [], told
            assert "note:" not in told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("part", ["events", "words"])
def test_every_message_can_be_read(part: str, language: str) -> None:
    """No message is written so that Fluent silently drops it."""
    body = FluentResource((FOLDER / part / f"{language}.ftl").read_text("utf-8")).body
    assert [one.content for one in body if isinstance(one, Junk)] == []


@pytest.mark.parametrize("part", ["events", "words"])
def test_both_languages_have_the_same_messages(part: str) -> None:
    """What is said in one language is said in the other."""
    said = {
        language: {line.partition(" =")[0] for line in (FOLDER / part / f"{language}.ftl").read_text("utf-8").splitlines() if line[:1].isalpha()}
        for language in LANGUAGES
    }  # fmt: skip
    assert said["en"] == said["de"]


def test_an_exempt_type_is_known_and_its_reason_is_in_both_languages() -> None:
    """No exemption is without words, none is for something that is told, and none is for a type that does not exist."""
    assert EXEMPT.keys() | DECISIONS <= TYPES.keys()
    assert not EXEMPT.keys() & DECISIONS
    for language in LANGUAGES:
        words = Words(language, None)
        assert {reason for reason in EXEMPT.values() if not words.says(f"exempt-{reason}")} == set()
        assert {kind for kind in EXEMPT if bundle(FOLDER / "events", language).has_message(kind)} == set()


@pytest.mark.parametrize("code", SHIPPED)
def test_every_title_of_a_shipped_program_is_said_in_german(code: str) -> None:
    """Nobody finds an English word in their German statement because a program learned something new: each title has its translation."""
    said = yaml.safe_load((FOLDER / "words" / "titles.de.yaml").read_text("utf-8"))
    program = shipped(code)

    untranslated = ({title for _, _, title in _titles(program)} | {program.title}) - said.keys()
    assert untranslated == set(), "give each of these a line in starter/statement/words/titles.de.yaml"


def test_a_support_is_called_after_the_catalogue() -> None:
    """What was planned or asked for is called as the catalogue calls the support, also where a need or an indicator has the same code."""
    titles = Titles(shipped("disengagement"), Words("en", shipped("disengagement")))

    assert (titles.of("kind", "housing"), titles.of("need", "housing")) == ("Help to a safe home", "A safe home")
    assert titles.of("kind", "hospital") == "In hospital"


def test_goals_and_steps_of_the_flagship_program_have_german_titles() -> None:
    """No step, goal, consent, need or support of the flagship program stands in English in a German statement."""
    program = shipped("disengagement")
    assert program.care is not None
    codes = {
        "phase": list(program.phases),
        "milestone": list(program.milestones),
        "scope": list(program.consent_scopes),
        "need": list(program.care.needs),
        "kind": list(program.care.supports),
        "entitlement": list(program.care.entitlements),
    }
    english, german = (Titles(program, Words(language, program)) for language in LANGUAGES)
    named = [(english.of(field, code), german.of(field, code)) for field, defined in codes.items() for code in defined]
    assert named
    assert [title for title, other in named if title == other] == []
