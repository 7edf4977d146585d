"""What codes are called: every title of a definition, wherever in it the code is defined, in the statement's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import yaml
from pydantic import BaseModel

from starter.statement.words import FOLDER, Words
from workflows.program.model import Program

_WHERE = {
    "phase": "phases", "to": "phases", "former": "phases", "milestone": "milestones", "partner": "partners", "recipient": "roles",
    "role": "roles", "scope": "consent_scopes", "purpose": "purposes", "fields": "fields", "basis": "bases", "outcome": "outcomes",
    "retention_class": "classes", "kind": "holds supports", "need": "needs", "needs": "needs", "provider": "partners", "waived_by": "partners", "support": "supports", "entitlement": "entitlements", "content": "measures", "channel": "channels", "instrument": "instruments", "judgement": "judgements", "evidence": "evidence_kinds", "threat": "threats", "service": "services", "subject": "phases",
}  # fmt: skip
"""Field of an event → part of the definition in which its code is looked for first; after that, anywhere."""


class Titles:
    """The titles of one program; a code without one stands in plain form."""

    def __init__(self, program: Program | None, words: Words) -> None:
        self._words, self._found = words, {} if program is None else _gathered(program)

    def of(self, field: str, code: str) -> str:
        """What the code in this field is called."""
        scope, colon, partner = code.partition(":")
        if colon:
            return self._words.say("scope-with", scope=self.of("scope", scope), partner=self.of("partner", partner))
        if "/" in code:
            # The key of something owed is called after its kind.
            return self.of(field, code.partition("/")[0])
        if field == "language":
            return self._words.tongue(code)
        parts = [self._found.get(part, {}) for part in _WHERE.get(field, "").split()]
        title = next((part[code] for part in (*parts, *self._found.values()) if code in part), None)
        if title is None:
            return self._words.owed(code) or code.replace("_", " ")
        return translated(title, self._words.language)


def translated(title: str, language: str) -> str:
    """A title of a shipped program in another language, where there is a translation."""
    return _translations(language).get(title, title)


@cache
def _translations(language: str) -> dict[str, str]:
    path = FOLDER / "words" / f"titles.{language}.yaml"
    return {str(k): str(v) for k, v in yaml.safe_load(path.read_text("utf-8")).items()} if path.exists() else {}


def _gathered(program: Program) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for part, code, title in _titles(program):
        found.setdefault(part, {}).setdefault(code, title)
    return found


def _titles(model: BaseModel) -> Iterator[tuple[str, str, str]]:
    for part in type(model).model_fields:
        value = getattr(model, part)
        if isinstance(value, BaseModel):
            yield from _titles(value)
        elif isinstance(value, Mapping):
            for code, item in value.items():
                if isinstance(item, BaseModel):
                    title = getattr(item, "title", None)
                    if title:
                        yield part, str(code), str(title)
                    yield from _titles(item)
                elif part == "purposes" and isinstance(item, str):
                    yield part, str(code), item
