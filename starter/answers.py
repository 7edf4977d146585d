"""What whoever sends a command or asks for a case may hear in place of a receipt: each with what happened and what to do."""

from __future__ import annotations

from workflows.core.receipt import Receipt


class RefusedAnswer(Exception):  # noqa: N818 - an answer, with a receipt
    """The recorded answer is no: its code, why, what would cure it, and the receipt of the entry."""

    def __init__(self, *, code: str, why: str, cure: str, receipt: Receipt) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why, self.cure, self.receipt = code, why, cure, receipt


class LedgerUnavailable(Exception):  # noqa: N818 - named for what the caller hears
    """No answer was to be had. It is not a no: repeat with the same command id, and get the one answer."""

    def __init__(self, what: str, *, command_id: str | None = None) -> None:
        super().__init__(what)
        self.what, self.command_id = what, command_id
        self.cure = f"Repeat with --command-id {command_id}: it is answered once." if command_id else "Try again."


class CaseUnknown(Exception):  # noqa: N818 - named for what the caller hears
    """There is no such case: neither a workflow nor an entry in the ledger."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"there is no case {stream}")
        self.what, self.cure = f"There is no case {stream}.", "'offramp case list' shows the cases."


class CaseErased(Exception):  # noqa: N818 - named for what the caller hears
    """The record of the case was erased by decision of two people; nothing can be done in it any more."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"the record of {stream} was erased")
        self.what = f"The record of {stream} was erased."
        self.cure = "'offramp audit erasures' shows who decided that; a new beginning is a new case."


class Malformed(Exception):  # noqa: N818 - named for what the caller hears
    """The command has not the shape of one. It was not sent, or turned away at the door: nothing is recorded, and nothing happened."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = f"This cannot be sent: {what}."
        self.cure = "'offramp case do --help' lists the commands and their fields; whatever is long is text, and belongs in a note."


class LedgerFork(Exception):  # noqa: N818 - named for what the caller hears
    """The case is stopped: the ledger and the workflow disagree about the past."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = f"The case is stopped: {what}."
        self.cure = (
            "Run 'offramp audit verify'; once the ledger is sound, 'offramp case recover' starts the case from it."
        )
