"""The one way in which a rule says no."""

from __future__ import annotations


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
