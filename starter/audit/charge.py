"""The sentences of whose case it is: handovers, and the absence of its lead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, sealed
from workflows.case import custody_form
from workflows.core.kinds import Event


def _assigned(event: custody_form.LeadAssigned, _words: Words) -> str:
    former = f", after {event.former}" if event.former else ""
    return f"{event.person} leads the case{former}{sealed(event.reasons)}."


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    custody_form.LeadAssigned: _assigned,
    custody_form.HandoverOffered: lambda e, _: f"{e.by} offers the case to {e.person} (offer {e.offer}){sealed(e.reasons)}. Until it is accepted it stays where it is.",
    custody_form.HandoverAccepted: lambda e, _: f"{e.person} accepts the case (offer {e.offer}).",
    custody_form.HandoverDeclined: lambda e, _: f"{e.person} declines the case (offer {e.offer}){sealed(e.reasons)}. It stays where it is.",
    custody_form.HandoverWithdrawn: lambda e, _: f"{e.by} takes offer {e.offer} back{sealed(e.reasons)}. The case stays where it is.",
    custody_form.AbsenceBegan: lambda e, w: f"{e.person} is absent until {w.when(e.until)}; {e.deputy} is in charge from this instant{sealed(e.agreed, 'agreement')}.",
    custody_form.AbsenceEnded: lambda e, _: f"{e.person} is back in charge, after {e.deputy}.",
}  # fmt: skip
"""Type of event → its sentence."""
