"""Commands as a story writes them: words where a command carries a reference to sealed text, and instants relative to the step.

The forms are made from the commands themselves, so a command that the case learns can be told in stories at once.
"""

from __future__ import annotations

import types
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, create_model
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from starter.scenario.span import When
from workflows.case.commands import COMMANDS
from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Instant, NoteRef

OPENING = "open_case"
_FROM_THE_STORY = {"program", "version"}
"""Fields of the opening that follow from the story's program, where they are left out."""
_NOTE, _INSTANT = get_args(NoteRef)[1], get_args(Instant)[-1]
_WORDS = 4000


class Words(str):
    """What somebody wrote down. It is sealed before the command is sent, and only a reference travels."""

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """A text that is not empty."""
        text = core_schema.str_schema(min_length=1, max_length=_WORDS, strip_whitespace=True)
        return core_schema.no_info_after_validator_function(cls, text)

    @classmethod
    def __get_pydantic_json_schema__(cls, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For editors."""
        return {"type": "string", "minLength": 1, "maxLength": _WORDS, "description": "words; they are sealed"}


@cache
def story_form(model: type[BaseModel]) -> type[BaseModel]:
    """The model with words in place of references to notes, and instants that may be relative to the step."""
    hints = get_type_hints(model, include_extras=True)
    fields: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        default = ... if info.is_required() else info.default
        form = _told(hints[name])
        if model is COMMANDS[OPENING] and name in _FROM_THE_STORY:
            form, default = Annotated[form | None, Field(description="the story's, if left out")], None
        fields[name] = (form, default)
    config = ConfigDict(extra="forbid", frozen=True)
    made: type[BaseModel] = create_model(model.__name__, __config__=config, __doc__=model.__doc__, **fields)
    return made


def _told(hint: Any) -> Any:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        inner, *marks = args
        for mark, form in ((_NOTE, Words), (_INSTANT, When)):
            if any(known is mark or known == mark for known in marks):
                rest = [known for known in marks if not (known is mark or known == mark)]
                return reduce(lambda made, known: Annotated[made, known], rest, form)
        return reduce(lambda made, known: Annotated[made, known], marks, _told(inner))
    if origin in {Union, types.UnionType}:
        return reduce(or_, map(_told, args))
    if origin in {tuple, list, dict}:
        return origin[tuple(arg if arg is Ellipsis else _told(arg) for arg in args)]
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return story_form(hint)
    return hint


FORMS: dict[str, type[BaseModel]] = {name: story_form(model) for name, model in COMMANDS.items()}
"""Stored type → the command as a story writes it."""
STORY_COMMAND: Any = Annotated[Union[tuple(FORMS.values())], Field(discriminator="type")]  # noqa: UP007 - made at run time
"""Any command, as a story writes it."""


async def wire(
    command: BaseModel, *, calendar: Calendar, now: datetime, seal: Callable[[str], Awaitable[str]]
) -> dict[str, Any]:
    """The command as it is sent at `now`, with its `type`: every text sealed, every instant fixed, nothing that was left out.

    Args:
        command: one of `FORMS`.
        calendar: the program's, on which instants before the step are counted.
        now: the instant of the step.
        seal: seals a text and gives the reference to it.
    """

    async def sent(value: Any) -> Any:
        match value:
            case Words():
                return await seal(str(value))
            case When():
                return value.on(calendar, now).astimezone(UTC).isoformat().replace("+00:00", "Z")
            case BaseModel():
                fields = {name: await sent(getattr(value, name)) for name in type(value).model_fields}
                return {name: found for name, found in fields.items() if found is not None}
            case Term():
                return str(value)  # before tuples, of which it is one
            case tuple() | list():
                return [await sent(item) for item in value]
            case dict():
                return {name: await sent(item) for name, item in value.items()}
            case _:
                return value

    made: dict[str, Any] = await sent(command)
    return made
