"""What may be said: the names of fields, and the shape of their values. Everything else is content until proven otherwise.

A value is a number, a truth value, or one word (a code, an id, an address of a service): free text has spaces, and an address of a person
has an `@`, so neither passes even under a name that is allowed.
"""

from __future__ import annotations

import re

FIELDS = frozenset({
    "activity_type", "attempt", "build", "channel", "code", "command_type", "component", "count", "effect", "endpoint", "error_type",
    "kind", "late_seconds", "namespace", "outcome", "pid", "position", "program", "reason", "run_id", "seconds", "stream", "task_queue",
    "template", "version", "workflow_id", "workflow_type",
})  # fmt: skip
"""Fields of a line in the log and attributes of a span. To add one, be sure that it can hold nothing about a person."""

Value = str | int | float | bool
_WORD = re.compile(r"[A-Za-z0-9_.:/+\[\]-]{0,128}")


def is_allowed(name: str, value: object) -> bool:
    """Whether the field may be said with this value."""
    return name in FIELDS and is_word(value)


def is_word(value: object) -> bool:
    """Whether the value is a number, a truth value or one short word."""
    return isinstance(value, bool | int | float) or (isinstance(value, str) and _WORD.fullmatch(value) is not None)
