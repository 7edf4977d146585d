"""What an aggregate brings to a definition: the commands people may send, and the kinds of obligation that its rooms open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Vocabulary(NamedTuple):
    """The engine's words that a definition must speak about.

    commands: stored types of the commands that a person may send.
    obligations: kind of obligation → whether it is due by a schedule of the definition (else by the silence table's own term).
    """

    commands: frozenset[str]
    obligations: Mapping[str, bool]
