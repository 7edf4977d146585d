"""Types of values that say what is allowed, and do not repeat what was typed instead: it may have been a text in the wrong place."""

from __future__ import annotations

from typing import Any, NoReturn

import click


class Allowed(click.Choice[str]):
    """One of a few words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's signature
        """What is allowed."""
        return f"give one of {', '.join(map(str, self.choices))}"


class Number(click.IntRange):
    """A whole number from `min` on."""

    def fail(self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None) -> NoReturn:  # noqa: ARG002 - click's signature
        """Say what is allowed."""
        least = "" if self.min is None else f", {self.min} or more"
        super().fail(f"give a whole number{least}", param, ctx)
