"""What every part of a definition shares: strictness, titles and texts."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Title = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class Defined(BaseModel):
    """A part of a definition: immutable, strict, and unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
