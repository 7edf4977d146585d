"""The one way in which a rule says no."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(Exception):  # noqa: N818 - a refusal is an answer that is recorded, not an error of the program
    """A command that the rules refuse: recorded in the ledger like any other answer, and told to whoever asked.

    Args:
        code: the stable name of the refusal, for programs and for tests.
        why: what was found, in words, with codes only (never free text or names).
        cure: what whoever asked can do now; it names a command or a person, never "contact support".
    """

    def __init__(self, code: str, why: str, cure: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code = code
        self.why = why
        self.cure = cure


def listed(known: Iterable[object]) -> str:
    """The codes or numbers that a cure offers, in the order given; `none` where there are none."""
    return ", ".join(map(str, known)) or "none"
