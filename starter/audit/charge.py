"""The sentences of whose case it is (handovers, the absence of its lead, who leaves), and of how absences of the participant are classified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, sealed
from workflows.case import contact_form, custody_form
from workflows.case.fitness import Standing
from workflows.core.kinds import Event


def _assigned(event: custody_form.LeadAssigned, words: Words) -> str:
    former = f", after {event.former}" if event.former else ""
    return f"{event.person} leads the case{former}{sealed(event.reasons)}.{_over(event)}{_known(event.standing, words)}"


def _over(event: custody_form.LeadAssigned | custody_form.AbsenceBegan) -> str:
    return (
        f" That is more than their limit, with {event.cases} other open cases{sealed(event.over_caseload, 'over_caseload')}."
        if event.over_caseload is not None
        else ""
    )


def _known(standing: Standing | None, words: Words) -> str:
    if standing is None:
        return ""
    here = f" They are here until {words.when(standing.leaves)}." if standing.leaves else ""
    until = (
        f" Their certificates are valid until {words.when(standing.certified_until)}."
        if standing.certified_until
        else ""
    )
    return f"{here}{until}"


def _absent(event: custody_form.AbsenceBegan, words: Words) -> str:
    charge = f"{event.person} is absent until {words.when(event.until)}; {event.deputy} is in charge from this instant"
    return f"{charge}{sealed(event.agreed, 'agreement')}.{_over(event)}{_known(event.standing, words)}"


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    custody_form.LeadAssigned: _assigned,
    custody_form.HandoverOffered: lambda e, _: f"{e.by} offers the case to {e.person} (offer {e.offer}){sealed(e.reasons)}. Until it is accepted it stays where it is.",
    custody_form.HandoverAccepted: lambda e, _: f"{e.person} accepts the case (offer {e.offer}).",
    custody_form.HandoverDeclined: lambda e, _: f"{e.person} declines the case (offer {e.offer}){sealed(e.reasons)}. It stays where it is.",
    custody_form.HandoverWithdrawn: lambda e, _: f"{e.by} takes offer {e.offer} back{sealed(e.reasons)}. The case stays where it is.",
    custody_form.AbsenceBegan: _absent,
    custody_form.AbsenceEnded: lambda e, _: f"{e.person} is back in charge, after {e.deputy}.",
    custody_form.LeadConfirmed: lambda e, w: f"The staff directory says of {e.person} what counts from now.{_known(e.standing, w) or ' No end is known.'}",
    custody_form.LeadLeft: lambda e, _: f"{e.person} is no longer here, and nobody leads the case: those who may assign a lead owe what is owed.",
    contact_form.AbsenceClassified: lambda e, _: f"{e.by} classifies the absence from check-in {e.check_in} as {e.absence}{sealed(e.reasons)}.",
    contact_form.AbsenceCorrected: lambda e, _: f"{e.by} corrects how the absence from check-in {e.check_in} is classified, from {e.was} to {e.absence}{sealed(e.reasons)}. What was said before stays.",
}  # fmt: skip
"""Type of event → its sentence."""
