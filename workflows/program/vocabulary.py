"""What an aggregate brings to a definition: the commands people may send, and the kinds of obligation that its rooms open."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Vocabulary(NamedTuple):
    """The engine's words that a definition must speak about.

    commands: stored types of the commands that a person may send.
    obligations: kind of obligation → whether it is due by a schedule of the definition (else by the silence table's own term).
    system: commands that only the clock and the engine send.
    scopes: consent scopes that every program defines.
    met_by: kind of obligation → commands that fulfill it; whoever owes it must be permitted one of them.
    pausable: kinds of obligation whose clocks a hold may stop.
    extendable: kinds of obligation, and times of the participant's own, that may be given more time.
    voluntary: kinds of obligation that may rest on consent.
    gateable: commands that a certificate may gate.
    outcomes: kind of obligation → the outcomes that say truly what the engine does when nobody acts; a kind that is absent may have any.
    """

    commands: frozenset[str]
    obligations: Mapping[str, bool]
    system: frozenset[str] = frozenset({"elapsed", "record_delivery", "keep_run"})
    scopes: frozenset[str] = frozenset()
    met_by: Mapping[str, frozenset[str]] = MappingProxyType({})
    pausable: frozenset[str] = frozenset()
    extendable: frozenset[str] = frozenset()
    voluntary: frozenset[str] = frozenset()
    gateable: frozenset[str] = frozenset()
    outcomes: Mapping[str, frozenset[str]] = MappingProxyType({})
