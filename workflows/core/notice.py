"""Effects and what became of them.

An effect is decided with its command and stands in the same entry, so that it can neither be lost nor be made twice: the
workflow performs what was recorded, and reports back through the same door. A notice counts as served only with proof.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Frozen, Instant, PersonId, StreamId

EffectKind = Literal["check_in", "escalation", "review"]


class Notice(Frozen):
    """A message that is to reach somebody: codes and references only, never content of the case.

    `key` is unique in the stream and is the idempotency key of the delivery: a second delivery with it changes nothing.
    """

    key: Annotated[
        str, Field(pattern=r"^[0-9]{1,12}/[0-9]{1,6}$", description="position of its entry / its number there")
    ]
    effect: EffectKind
    template: Code
    to_role: Code
    to_person: PersonId | None = None
    about: Annotated[str, Field(max_length=120, description="key of the obligation or review it is about")]
    level: int = 0


class NoticeOrder(Frozen):
    """What the workflow asks an effect to do. `at` is the workflow's time: whoever holds the role at that instant is told."""

    stream: StreamId
    notice: Notice
    at: Instant


class Delivery(Frozen):
    """What an effect reports: where it was delivered and the proof, or that it finally failed and why, as a code."""

    key: str
    outcome: Literal["delivered", "failed"]
    channel: Code
    proof: Annotated[
        str, Field(max_length=200, description="a channel's own id of the message; no address, no content")
    ] = ""
    reason: Code | None = None
