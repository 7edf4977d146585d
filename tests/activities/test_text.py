"""The words of notices: both languages complete, nothing but codes filled in."""

import re
from pathlib import Path

import pytest
import yaml
from fluent.runtime import FluentResource
from fluent.syntax.ast import Message

from activities.channels.text import TEMPLATES, languages, render, short
from tests.activities.examples import BASE_LINK, STREAM

PROGRAMS = sorted((Path(__file__).resolve().parent.parent.parent / "programs").glob("*.yaml"))
ENGINE = {"review_requested", "review_decided", "notice"}
KINDS = {
    "check_in", "milestone_verification", "milestone_renewal", "review_decision", "progress_review", "phase_overstay",
    "consent_request", "welfare_offer", "notice_delivery", "review",
}  # fmt: skip


def messages(language: str) -> set[str]:
    resource = FluentResource((TEMPLATES / f"{language}.ftl").read_text(encoding="utf-8"))
    return {item.id.name for item in resource.body if isinstance(item, Message)}


def actions() -> set[str]:
    rules = [rule for path in PROGRAMS for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["silence"].values()]
    return {rung["action"] for rule in rules for rung in rule["ladder"]}


def said(template: str, language: str = "en", kind: str = "check_in", link: str = "") -> str:
    words = render(template=template, language=language, kind=kind, stream=STREAM, level=1, link=link)
    return f"{words.subject}\n\n{words.text}"


def test_two_languages_are_shipped() -> None:
    """Notices are written in English and in German."""
    assert languages() == ("de", "en")


@pytest.mark.parametrize("language", languages())
def test_every_code_of_the_engine_and_of_the_shipped_programs_has_words(language: str) -> None:
    """Nobody is told a bare code by a program that ships with Offramp."""
    assert {*ENGINE, *actions(), *(f"kind-{kind}" for kind in KINDS)} - messages(language) == set()


def test_both_languages_say_the_same_things() -> None:
    """No message exists in one language alone."""
    assert messages("de") == messages("en")


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("template", sorted(ENGINE | actions()))
def test_every_message_can_be_written(language: str, template: str) -> None:
    """Every template comes out whole: a subject of one line, the case, the command to type, nothing left unfilled."""
    words = render(template=template, language=language, kind="check_in", stream=STREAM, level=1, link=BASE_LINK)

    assert "\n" not in words.subject
    assert short(STREAM) in words.subject
    assert f"offramp case show {STREAM}" in words.text
    assert BASE_LINK in words.text
    assert re.search(r"[{}]|\?\?\?", words.subject + words.text) is None


def test_an_action_of_a_programs_own_is_told_by_the_generic_words() -> None:
    """A program may name an action that Offramp has no words for: its code is told, in the reader's language."""
    assert "visit_at_home" in said("visit_at_home")
    assert "Was zu tun ist: visit_at_home" in said("visit_at_home", "de")


@pytest.mark.parametrize(("language", "expected"), [("de-AT", "de"), ("fr", "en"), ("../../etc", "en")])
def test_an_unknown_language_falls_back(language: str, expected: str) -> None:
    """A variant is served by its language, everything else by English, and the message says which it is."""
    words = render(template="remind", language=language, kind="check_in", stream=STREAM, level=1, link="")

    assert words.language == expected
    assert f"{words.subject}\n\n{words.text}" == said("remind", expected)


def test_without_a_link_the_command_alone_is_told() -> None:
    """Where no address for links is set, nobody is sent to an empty one."""
    assert "none" not in said("remind")
    assert "https" not in said("remind")
