"""The shipped definitions, and definitions that differ from them in one place."""

import copy
import json
import re
from pathlib import Path
from typing import Any

from workflows.program.load import outline
from workflows.program.model import Program

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "programs").glob("*.yaml"))
TEXT = (ROOT / "programs" / "disengagement.yaml").read_text(encoding="utf-8")
DROP = object()
"""In a change: remove what stands there."""

_VALUE = outline(TEXT).value


def steps(path: str) -> list[str | int]:
    """`phases.intake.transitions[0].to` → its steps."""
    return [int(step[1:-1]) if step.startswith("[") else step for step in re.findall(r"[^.\[\]]+|\[[0-9]+\]", path)]


def changed(changes: dict[str, Any]) -> Program:
    """The shipped program of disengagement with the values at some paths replaced, added or dropped."""
    value: Any = copy.deepcopy(_VALUE)
    for path, new in changes.items():
        *above, last = steps(path)
        place = value
        for step in above:
            place = place[step]
        if new is DROP:
            del place[last]
        else:
            place[last] = copy.deepcopy(new)
    return Program.model_validate_json(json.dumps(value), strict=True)
