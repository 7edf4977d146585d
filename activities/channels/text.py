"""The words of a notice, in the reader's language: Fluent files beside the code, English for whatever another language lacks.

A program may name actions of its own; one without words of its own is told by the generic text `notice`, with its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fluent.runtime import FluentBundle, FluentResource

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
FALLBACK = "en"
GENERIC = "notice"


@dataclass(frozen=True)
class Rendered:
    """A subject in one line, a text of several, and the language they came out in; `asked` and `where` are the text without its footer."""

    language: str
    subject: str
    text: str
    asked: str
    where: str


def languages() -> tuple[str, ...]:
    """The languages that have a file, e.g. `de`, `en`."""
    return tuple(sorted(path.stem for path in TEMPLATES.glob("*.ftl")))


def render(*, template: str, language: str, kind: str, stream: str, level: int, link: str) -> Rendered:
    """Write the notice. `kind` is the kind of obligation it is about; all arguments are codes, ids or links.

    Language `de-AT` is served by `de`; an unknown one, and any missing words, by English.
    """
    chain = _chain(language)
    values: dict[str, str | int] = {
        "action": template,
        "case": short(stream),
        "stream": stream,
        "level": level,
        "kind": _label(chain, f"kind-{kind}", kind),
        "link": link or "none",
    }
    code = template if any(bundle.has_message(template) for bundle in chain) else GENERIC
    asked = _format(chain, code, values)
    where = _format(chain, "where-with-link" if link else "where", values)
    paragraphs = [asked, where, _format(chain, "footer", values)]
    return Rendered(
        language=chain[0].locales[0],
        subject=_format(chain, code, values, subject=True),
        text="\n\n".join(paragraphs) + "\n",
        asked=asked,
        where=where,
    )


def short(stream: str) -> str:
    """The form of a stream's id that people say to each other: the first eight digits."""
    return stream.rpartition("/")[2][:8]


@cache
def _bundle(language: str) -> FluentBundle | None:
    path = TEMPLATES / f"{language}.ftl"
    if language not in languages():
        return None
    # Without the invisible marks around arguments, which only confuse a terminal and a mail's subject.
    bundle = FluentBundle([language], use_isolating=False)
    bundle.add_resource(FluentResource(path.read_text(encoding="utf-8")))
    return bundle


def _chain(language: str) -> tuple[FluentBundle, ...]:
    wanted = dict.fromkeys((language, language.partition("-")[0], FALLBACK))
    return tuple(bundle for bundle in map(_bundle, wanted) if bundle is not None)


def _label(chain: tuple[FluentBundle, ...], code: str, otherwise: str) -> str:
    return _format(chain, code, {}) if any(bundle.has_message(code) for bundle in chain) else otherwise


def _format(chain: tuple[FluentBundle, ...], code: str, values: dict[str, str | int], *, subject: bool = False) -> str:
    bundle = next(bundle for bundle in chain if bundle.has_message(code))
    message = bundle.get_message(code)
    pattern = message.attributes["subject"] if subject else message.value
    if pattern is None:
        raise LookupError(f"template {code} of language {bundle.locales[0]} has no text")
    written, errors = bundle.format_pattern(pattern, values)
    if errors:
        raise LookupError(
            f"template {code} of language {bundle.locales[0]} asks for a value that notices do not have"
        ) from errors[0]
    return str(written)
