"""Free text on its way into the vault: from an option, a file, stdin or the editor. It is sealed before anything is sent."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from datetime import date
from typing import IO, TYPE_CHECKING, Any, NamedTuple
from unicodedata import category, normalize
from uuid import UUID

import click

from starter.cli.fields import EVIDENCE_FORM, Given

if TYPE_CHECKING:
    from activities.store.names import Identity

NO_NOTE = f"note:{UUID(int=0)}"
"""Stands where a text will be sealed, so that the rest of the command can be checked first."""
PIECE_FIELDS = ("kind", "source", "observed_at", "note")
"""What a piece of evidence is made of; `note_text` besides, for the text of a note that is still to be sealed."""
_CODE = r"[a-z][a-z0-9_]{0,63}"
_MOST_LETTERS = 128 * 1024
_MOST_NAMES, _LONGEST_NAME = 20, 200
_MARKER = "# Lines that begin with # are left out."


class Text(NamedTuple):
    """A text that is to be sealed, and where its reference goes: a field, the number of a piece of evidence, or a code in the field."""

    field: str
    piece: int | str | None
    text: str


def note(field: Given, values: dict[str, Any]) -> tuple[str | None, str | None]:
    """What was given for a note: its reference, or its text; both None where it was left out and may be.

    Raises:
        click.UsageError: it is given twice, is missing, or is no reference.
    """
    reference, text, file = values.get(field.name), values.get(f"{field.name}_text"), values.get(f"{field.name}_file")
    if sum(value is not None for value in (reference, text, file)) > 1:
        raise click.UsageError(f"{field.option}, {field.option}-text and {field.option}-file: give one of the three.")
    if text is not None:
        return None, _some(field, str(text))
    if file is not None:
        return None, _some(field, _read(file, field.option))
    if reference == "-":
        return None, _some(field, _read(sys.stdin, field.option))
    if reference is not None:
        if not str(reference).startswith("note:"):
            raise click.UsageError(
                f"{field.option} takes a reference (note:...) or -; for the text itself use {field.option}-text."
            )
        return str(reference), None
    return (None, _edited(field)) if field.required else (None, None)


def notes(field: Given, values: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What was given for several notes by their codes: references, and texts that are still to be sealed.

    Raises:
        click.UsageError: one is given twice, is empty, or not of the form CODE=VALUE; or none is given.
    """
    references, texts = (
        _by_code(field.option, given) for given in (values.get(field.name), values.get(f"{field.name}_text"))
    )
    file = values.get(f"{field.name}_file")
    written = {} if file is None else _mapping(_read(file, f"{field.option}-file"), f"{field.option}-file")
    if len(references) + len(texts) + len(written) > len({**references, **texts, **written}):
        raise click.UsageError(f"{field.option}: a code is given twice.")
    texts = {code: _some(field, text) for code, text in {**texts, **written}.items()}
    if not references and not texts and field.required:
        raise click.UsageError(
            f"Missing {field.option}-text CODE=TEXT (or {field.option}-file, or {field.option} CODE=note:...)."
        )
    return references, texts


def _by_code(option: str, given: Iterable[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, one in enumerate(given or (), start=1):
        code, equals, value = one.partition("=")
        # What was typed is not repeated: it may be a text without its code.
        if not equals or not re.fullmatch(_CODE, code.strip()):
            raise click.UsageError(f"{option}: number {number} is no code, = and what belongs to it.")
        if code.strip() in found:
            raise click.UsageError(f"{option}: a code is given twice.")
        found[code.strip()] = value.strip()
    return found


def _mapping(body: str, option: str) -> dict[str, str]:
    from workflows.program.load import DefinitionError, outline

    try:
        read = outline(body).value
    except DefinitionError as error:
        told = "; ".join(problem.discreet for problem in error.problems)
        raise click.UsageError(f"{option} cannot be read: {told}.") from error
    if not isinstance(read, dict) or not all(
        isinstance(text, str) and re.fullmatch(_CODE, code) for code, text in read.items()
    ):
        raise click.UsageError(f"{option} holds no texts by their codes, one a line as CODE: TEXT.")
    return {code: str(text) for code, text in read.items()}


def _some(field: Given, text: str) -> str:
    if not text.strip():
        raise click.UsageError(f"The text of {field.option} is empty.")
    return text


def _read(file: IO[str], option: str) -> str:
    try:
        found = file.read(_MOST_LETTERS + 1)
    except UnicodeDecodeError as error:
        raise click.UsageError(f"What {option} reads is not UTF-8 text.") from error
    if len(found) > _MOST_LETTERS:
        raise click.UsageError(f"What {option} reads is longer than {_MOST_LETTERS} letters; split it.")
    return found


def _edited(field: Given) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError(
            f"Missing {field.option}: give {field.option}-text TEXT, {field.option}-file FILE, or {field.option} note:..."
        )
    written = click.edit(f"\n# {field.help}\n{_MARKER}\n", extension=".txt") or ""
    return _some(field, "\n".join(line for line in written.splitlines() if not line.startswith("#")).strip())


def identity(values: dict[str, Any]) -> Identity | None:
    """Under which names the person is known, and when they were born; None if no name is given. What was typed is never repeated.

    Raises:
        click.UsageError: a birth date without a name, or one that is none; a name without a letter.
    """
    from activities.store.names import Identity, parts
    from starter.cli.show import harmless

    file, born = values.pop("names_file", None), values.pop("born", None)
    given = [values.pop("name_text", None) or "", *values.pop("alias_text", ())]
    given += _read(file, "--names-file").splitlines() if file is not None else []
    names = tuple(dict.fromkeys(" ".join(normalize("NFC", name).split()) for name in given if name.strip()))
    if not names:
        if born is not None:
            raise click.UsageError("--born says nothing without --name-text or --names-file.")
        return None
    if not all(parts(name) for name in names):
        raise click.UsageError("A name that is given has no letter in it.")
    if len(names) > _MOST_NAMES or any(len(name) > _LONGEST_NAME for name in names):
        raise click.UsageError(f"At most {_MOST_NAMES} names are kept, each of at most {_LONGEST_NAME} letters.")
    if any(name != harmless(name) or "\ufffd" in name or any(category(c) == "Cs" for c in name) for name in names):
        raise click.UsageError("A name that is given holds a character that is none: a control, or half of a letter.")
    return Identity(names, None if born is None else _born(born))


def _born(text: str) -> date | int:
    try:
        return int(text) if re.fullmatch(r"[12][0-9]{3}", text) else date.fromisoformat(text)
    except ValueError as error:
        raise click.UsageError("--born takes a date like 1990-12-31, or a year.") from error


def evidence(values: dict[str, Any]) -> list[dict[str, str]]:
    """The pieces of evidence, from the repeated option and from the file.

    Raises:
        click.UsageError: a piece is not of the form shown in the help, or there is none.
    """
    pieces = [_piece(text) for text in values.get("evidence") or ()]
    if values.get("evidence_file") is not None:
        pieces += _from_file(values["evidence_file"])
    if not pieces:
        raise click.UsageError(f"Missing --evidence {EVIDENCE_FORM} (or --evidence-file).")
    return pieces


def _piece(text: str) -> dict[str, str]:
    body, found, note_text = text.partition(",note_text=")
    piece = {}
    for number, part in enumerate(body.split(","), start=1):
        name, equals, value = part.partition("=")
        # What was typed is not repeated: a note with a comma may stand there.
        if not equals or name.strip() not in PIECE_FIELDS:
            fields = ", ".join(PIECE_FIELDS)
            raise click.UsageError(
                f"--evidence: its part {number} is none of {fields} and a value; write {EVIDENCE_FORM}, and note_text last, since it may hold commas."
            )
        piece[name.strip()] = value.strip()
    return {**piece, "note_text": note_text} if found else piece


def _from_file(file: IO[str]) -> list[dict[str, str]]:
    from workflows.program.load import DefinitionError, outline

    try:
        read = outline(_read(file, "--evidence-file")).value
    except DefinitionError as error:
        told = "; ".join(problem.discreet for problem in error.problems)
        raise click.UsageError(f"--evidence-file cannot be read: {told}.") from error
    if not isinstance(read, list) or not all(isinstance(piece, dict) for piece in read):
        raise click.UsageError("--evidence-file holds no list of pieces, each with kind, source and observed_at.")
    known = {*PIECE_FIELDS, "note_text"}
    for number, piece in enumerate(read, start=1):
        if isinstance(piece, dict) and not known.issuperset(piece):
            raise click.UsageError(
                f"--evidence-file: piece {number} has a field that is none of {', '.join((*PIECE_FIELDS, 'note_text'))}."
            )
    return [{str(name): str(value) for name, value in piece.items()} for piece in read if isinstance(piece, dict)]
