"""Options from a command's model: types and choices from its fields, help from their descriptions and its docstring.

A field that holds a reference to sealed text becomes three options: the reference itself (or `-` for stdin), the text, and a file with
it. Nothing here knows a single command by name.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import click

from starter.cli.values import Allowed, Number
from workflows.case.evidence import Evidence
from workflows.core.kinds import Command, Instant, NoteRef

_MARKS: dict[Literal["note", "instant"], object] = {"note": get_args(NoteRef)[1], "instant": get_args(Instant)[-1]}
_PHRASES = {
    "lead": "person who leads the case, by id",
    "person": "person, by id",
    "explained_by": "person who explained it, by id",
    "review": "number of the review in the case",
    "to": "phase",
    "milestone": "milestone, by its code",
    "scope": "consent scope, by its code",
    "language": "language in which it was explained, e.g. en",
    "form_version": "version of the form that was signed",
    "direction": "in which direction it moves",
    "level": "how much support is needed now",
    "support_level": "how much support is needed now",
    "observed_at": "when it was observed",
}
EVIDENCE_FORM = "kind=KIND,source=WHO,observed_at=DATE[,note=note:...][,note_text=...]"

Shape = Literal["note", "notes", "instant", "evidence", "choice", "number", "several", "text"]


class Given(NamedTuple):
    """A field of a command as the command line sees it."""

    name: str
    shape: Shape
    required: bool
    help: str
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        """The option's name."""
        return "--" + self.name.replace("_", "-")


def given_fields(model: type[Command]) -> list[Given]:
    """The fields of a command, without its type."""
    hints = get_type_hints(model, include_extras=True)
    return [_given(model, name, hints[name]) for name in model.model_fields if name != "type"]


def _given(model: type[Command], name: str, hint: Any) -> Given:
    info = model.model_fields[name]
    shape, choices = _shape(hint)
    told = info.description or _PHRASES.get(name, name.replace("_", " "))
    return Given(name, shape, info.is_required(), told, choices)


def _shape(hint: Any) -> tuple[Shape, tuple[str, ...]]:
    if get_origin(hint) is Annotated:
        inner, *marks = get_args(hint)
        for shape, mark in _MARKS.items():
            if any(mark == other or mark is other for other in marks):
                return shape, ()
        return _shape(inner)
    if get_origin(hint) in {Union, types.UnionType}:
        return _shape(next(arg for arg in get_args(hint) if arg is not type(None)))
    if get_origin(hint) is Literal:
        return "choice", tuple(map(str, get_args(hint)))
    if get_origin(hint) is dict:
        return "notes", ()
    if get_origin(hint) is tuple and get_args(hint)[0] is Evidence:
        return "evidence", ()
    if get_origin(hint) is tuple:
        return "several", ()
    return ("number" if hint is int else "text"), ()


def options(fields: list[Given]) -> Iterator[click.Parameter]:
    """The options of these fields. Whatever is missing is asked for by `texts` and by the model, so that the message can say how."""
    for field in fields:
        match field.shape:
            case "note":
                yield from _note_options(field)
            case "notes":
                yield from _notes_options(field)
            case "evidence":
                yield click.Option(
                    ["--evidence"], multiple=True, metavar=EVIDENCE_FORM, help=f"{field.help}; may be repeated."
                )
                yield click.Option(
                    ["--evidence-file"], type=click.File(), help="The same as a list in JSON or YAML, or - for stdin."
                )
            case "choice":
                yield _option(field, type=Allowed(field.choices))
            case "number":
                yield _option(field, type=Number())
            case "instant":
                yield _option(
                    field, metavar="DATE", help=f"{field.help}; ISO, without an offset on the program's clock."
                )
            case "several":
                yield _option(field, multiple=True, help=f"{field.help}; may be repeated.")
            case "text":
                yield _option(field)


def _option(field: Given, **more: Any) -> click.Option:
    return click.Option([field.option, field.name], **{"required": field.required, "help": f"{field.help}.", **more})


def _note_options(field: Given) -> Iterator[click.Option]:
    what = "" if field.required else " (optional)"
    yield click.Option(
        [field.option, field.name],
        metavar="note:...|-",
        help=f"{field.help}{what}: a sealed note, or - to read it from stdin.",
    )
    yield click.Option(
        [f"{field.option}-text", f"{field.name}_text"],
        metavar="TEXT",
        help="The text itself; it is sealed before it is sent.",
    )
    yield click.Option([f"{field.option}-file", f"{field.name}_file"], type=click.File(), help="A file with the text.")


def _notes_options(field: Given) -> Iterator[click.Option]:
    yield click.Option(
        [field.option, field.name],
        metavar="CODE=note:...",
        multiple=True,
        help=f"{field.help}: a sealed note; may be repeated.",
    )
    yield click.Option(
        [f"{field.option}-text", f"{field.name}_text"],
        metavar="CODE=TEXT",
        multiple=True,
        help="The text itself; it is sealed before it is sent. May be repeated.",
    )
    yield click.Option(
        [f"{field.option}-file", f"{field.name}_file"],
        type=click.File(),
        help="All of them in JSON or YAML, a text for each code, or - for stdin.",
    )


def command_from(
    model: type[Command], *, name: str, callback: Callable[..., Any], without: tuple[str, ...] = ()
) -> click.Command:
    """A click command for a model; `callback` gets the options by name and the model's fields as `fields`.

    Args:
        model: the command.
        name: what it is called here.
        callback: called with the fields (positionally) and each option's value.
        without: fields that the caller fills in itself.
    """
    fields = [field for field in given_fields(model) if field.name not in without]

    def called(**values: Any) -> Any:
        return callback(fields, values)

    return click.Command(name, callback=called, params=list(options(fields)), help=model.__doc__)
