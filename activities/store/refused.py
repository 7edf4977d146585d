"""What the store refuses, and what would cure it."""

from __future__ import annotations


class StoreRefused(Exception):  # noqa: N818 - an answer with a cure, shown to a user as it stands
    """The store cannot or will not do what was asked.

    Args:
        what: what was found, in one sentence without a full stop; no secret, no name, no free text.
        cure: what to do now, as an instruction.
    """

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(f"{what}. {cure}")
        self.what = what
        self.cure = cure
