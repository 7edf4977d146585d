"""The part of a definition that says what whoever works with people must be certified in."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workflows.core.kinds import Code
from workflows.program.defined import Defined, Title


class Certificate(Defined):
    """A training that is certified and expires. A role that leads cases may need it ('roles'), and so may a command."""

    title: Title
    commands: Annotated[
        tuple[Code, ...], Field(description="commands that whoever sends them must be certified for")
    ] = ()
