"""The JSON Schema of a definition, with which an editor completes and validates while somebody writes."""

from __future__ import annotations

from functools import cache
from typing import Any

from workflows.program.model import Program

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


@cache
def program_schema() -> dict[str, Any]:
    """The schema of `Program`; a key that is no code is refused, as the reader refuses it."""
    schema = Program.model_json_schema()
    for part in (schema, *schema["$defs"].values()):
        for field in part.get("properties", {}).values():
            if "patternProperties" in field:
                field["additionalProperties"] = False
    return {"$schema": _DIALECT, **schema}
