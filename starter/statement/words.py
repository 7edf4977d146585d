"""The statement's words: Fluent files for what entries say and for what stands around them, dates and lists as the language writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from fluent.runtime import FluentBundle, FluentResource

from activities.channels.text import TEMPLATES
from starter.statement.document import Day
from workflows.core.calendar import Term
from workflows.program.model import Program

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "de")


class Words:
    """One language, and the clock of one program."""

    def __init__(self, language: str, program: Program | None) -> None:
        self.language, self._program = language, program
        self._around, self._events = bundle(FOLDER / "words", language), bundle(FOLDER / "events", language)
        self._labels = bundle(TEMPLATES, language)

    def say(self, message: str, **values: Any) -> str:
        """A message of the words around the entries.

        Raises:
            LookupError: the file has no such message, or it wants another argument.
        """
        return _format(self._around, message, values)

    def says(self, message: str) -> bool:
        """Whether there is such a message."""
        return bool(self._around.has_message(message))

    def event(self, kind: str, values: Mapping[str, Any]) -> str:
        """What an entry of this stored type says; raises as `say`."""
        return _format(self._events, kind, values)

    def owed(self, kind: str) -> str | None:
        """What a kind of obligation is called in notices, if it has a name there."""
        label = f"kind-{kind}"
        return _format(self._labels, label, {}) if self._labels.has_message(label) else None

    def date_of(self, at: datetime) -> date:
        """The day of an instant on the program's clock."""
        return (at if self._program is None else self._program.calendar.local(at)).date()

    def day(self, at: datetime | date) -> Day:
        """The day in words, e.g. 5 January 2026."""
        day = self.date_of(at) if isinstance(at, datetime) else at
        return Day(day.isoformat(), _long(day, self.language))

    def month(self, day: date) -> str:
        """The month of a day, e.g. January 2026."""
        return str(format_date(day, "LLLL yyyy", locale=_locale(self.language)))

    def term(self, term: Term) -> str:
        """A length of time, e.g. two months."""
        return self.say(f"term-{term.unit.replace(' ', '-')}", number=term.number)

    def list(self, items: Iterable[str]) -> str:
        """Several things in one sentence, e.g. a, b and c."""
        return str(format_list(list(items), locale=_locale(self.language)))

    def tongue(self, code: str) -> str:
        """What a language is called."""
        return str(_locale(self.language).languages.get(code, code))


def _locale(language: str) -> Locale:
    # "en" alone writes dates as the United States do; participants read "5 January 2026".
    return Locale.parse({"en": "en_GB"}.get(language, language))


@cache
def _long(day: date, language: str) -> str:
    return str(format_date(day, "long", locale=_locale(language)))


@cache
def bundle(folder: Path, language: str) -> FluentBundle:
    """The messages of a folder in one language."""
    made = FluentBundle([language], use_isolating=False)
    made.add_resource(FluentResource((folder / f"{language}.ftl").read_text(encoding="utf-8")))
    return made


def _format(messages: FluentBundle, message: str, values: Mapping[str, Any]) -> str:
    if not messages.has_message(message):
        raise LookupError(f"no message {message} in {messages.locales[0]}")
    pattern = messages.get_message(message).value
    written, errors = messages.format_pattern(pattern, dict(values)) if pattern is not None else ("", ["no text"])
    if errors:
        raise LookupError(f"message {message} in {messages.locales[0]}: {errors}")
    return " ".join(str(written).split())
