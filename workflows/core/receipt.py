"""Receipts: what whoever sent a command holds in its hand."""

from __future__ import annotations

from typing import Literal

from workflows.core.kinds import Frozen, StreamId

Stands = Literal["RECORDED", "SEALED", "WITNESSED"]
"""How far an entry can still be denied. RECORDED: it is committed. SEALED: a signed checkpoint of the log covers it. WITNESSED: as many witnesses as
the policy demands have cosigned such a checkpoint, so that rewriting it takes all of them."""


class Receipt(Frozen):
    """What whoever sent a command holds as proof of the answer: the entry's stream, its position (from 1) and its hash."""

    stream: StreamId
    position: int
    hash: str
