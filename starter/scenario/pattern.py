"""Patterns: what a story names of an event or of something owed. Whatever is named must be there; the rest is left open.

A misspelled type or field would make a claim that something never happened hold for ever, so both are checked when the story is read.
"""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, WithJsonSchema

from workflows.case.commands import OBLIGATIONS
from workflows.case.state import CaseEvent
from workflows.core.kinds import Event
from workflows.core.obligation import Obligation
from workflows.program.explain import suggestion

EVENTS: dict[str, type[Event]] = {kind.model_fields["type"].default: kind for kind in get_args(CaseEvent)}
"""Stored type → event."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TO_THE_MINUTE = len("2026-01-05T09:00")


def _event(given: Any) -> dict[str, Any]:
    named = {"type": given} if isinstance(given, str) else given
    if not isinstance(named, dict) or not isinstance(named.get("type"), str):
        msg = "the type of an event, or a mapping with its type and some of its fields: {type: obligation_escalated, level: 1}"
        raise ValueError(msg)  # noqa: TRY004 - what a validator raises
    if named["type"] not in EVENTS:
        raise ValueError(_one_of("the type of an event", named["type"], list(EVENTS)))
    _known_fields(named, EVENTS[named["type"]], "")
    return named


def _owed(given: Any) -> dict[str, Any]:
    named = {"kind": given} if isinstance(given, str) else given
    if not isinstance(named, dict) or not named:
        msg = "a kind of obligation, or a mapping with some of its fields: {kind: check_in, holder: lena}"
        raise ValueError(msg)
    if "kind" in named and named["kind"] not in OBLIGATIONS:
        raise ValueError(_one_of("a kind of obligation", named["kind"], list(OBLIGATIONS)))
    _known_fields(named, Obligation, "")
    return named


def _known_fields(named: Mapping[str, Any], model: type[BaseModel], where: str) -> None:
    for name, value in named.items():
        if name not in model.model_fields:
            raise ValueError(_one_of(f"a field of {where or model.__name__}", name, list(model.model_fields)))
        inner = _model(model.model_fields[name].annotation)
        if inner is not None and isinstance(value, dict):
            _known_fields(value, inner, f"{where or model.__name__}.{name}")


def _model(hint: Any) -> type[BaseModel] | None:
    if get_origin(hint) in {Union, types.UnionType, Annotated}:
        return next(filter(None, map(_model, get_args(hint))), None)
    return hint if isinstance(hint, type) and issubclass(hint, BaseModel) else None


def _one_of(what: str, found: object, allowed: list[str]) -> str:
    near = suggestion(str(found), allowed)
    return f"{what}, {f'{near} ' if near else ''}one of: {', '.join(allowed)}"


def _schema(field: str, known: list[str]) -> WithJsonSchema:
    names = {"type": "string", "enum": known}
    mapping = {"type": "object", "properties": {field: names}, "minProperties": 1}
    if field == "type":
        mapping["required"] = ["type"]
    return WithJsonSchema({"anyOf": [names, mapping]})


EventPattern = Annotated[dict[str, Any], BeforeValidator(_event), _schema("type", list(EVENTS))]
"""Of an event: its type, and any of its fields."""
OwedPattern = Annotated[dict[str, Any], BeforeValidator(_owed), _schema("kind", list(OBLIGATIONS))]
"""Of an open obligation: its kind, and any of its fields."""


def matches(pattern: Any, found: Any, zone: tzinfo) -> bool:
    """Whether `found`, plain JSON, has all that the pattern names.

    A mapping may name a part of the fields; a list is compared whole; an instant may be given as a day, or to the minute, on the clock
    of `zone` or with an offset.
    """
    if isinstance(pattern, dict):
        return isinstance(found, dict) and all(
            name in found and matches(value, found[name], zone) for name, value in pattern.items()
        )
    if isinstance(pattern, list | tuple):
        return (
            isinstance(found, list)
            and len(pattern) == len(found)
            and all(matches(one, other, zone) for one, other in zip(pattern, found, strict=True))
        )
    return pattern == found or (
        isinstance(pattern, str) and isinstance(found, str) and _same_instant(pattern, found, zone)
    )


def _same_instant(pattern: str, found: str, zone: tzinfo) -> bool:
    try:
        at = datetime.fromisoformat(found)
        if _DAY.fullmatch(pattern):
            return date.fromisoformat(pattern) == at.astimezone(zone).date()
        wanted = datetime.fromisoformat(pattern)
    except ValueError:
        return False
    if at.tzinfo is None:
        return False
    wanted = wanted.replace(tzinfo=zone) if wanted.tzinfo is None else wanted
    return wanted.astimezone(zone).isoformat()[:_TO_THE_MINUTE] == at.astimezone(zone).isoformat()[:_TO_THE_MINUTE]
