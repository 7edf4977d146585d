"""On what a disclosure stands: one ground, in force now; no more than it covers; and an end to leaving the person untold.

A ground is a sharing agreement together with the person's consent to share with that partner, or one of the engine's four exceptions. Grounds,
purposes and fields stand in the definition; what is not covered there is shared with nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field

from workflows.core.calendar import Calendar
from workflows.core.kinds import Frozen, Instant
from workflows.core.refusal import Refused, listed
from workflows.program.keeping import Agreement, DisclosureException, DisclosurePolicy

Basis = Annotated[str, Field(pattern=r"^(share:)?[a-z][a-z0-9_]{0,63}$")]
"""`share:<partner>`, the scope of consent, or the code of an exception."""


def share_scope(partner: str) -> str:
    """The scope of consent to share with this partner."""
    return f"share:{partner}"


class Facts(Frozen):
    """The definition's partners, agreements and policy; role → partner whose staff hold it; consents in force with the one purpose each was limited to; since when the record is erased."""

    partners: frozenset[str]
    agreements: Mapping[str, Agreement]
    policy: DisclosurePolicy | None
    recipients: Mapping[str, str]
    consented: Mapping[str, str | None]
    erased_at: Instant | None = None
    calendar: Calendar


def basis_of(
    partner: str, facts: Facts, at: datetime, *, purpose: str, agreement: str | None, exception: str | None
) -> str:
    """What permits a sharing with the partner at `at`: the scope of consent, or the code of the exception.

    Raises:
        Refused: `basis_missing`, `unknown_agreement`, `unknown_exception`, `not_party`, `agreement_not_live`, `no_consent_to_share`,
            `not_consented_purpose`.
    """
    if (agreement is None) == (exception is None):
        raise Refused(
            "basis_missing", "a disclosure stands on an agreement with consent, or on an exception: on exactly one",
            f"name one agreement ({listed(sorted(facts.agreements))}) or one exception ({listed(sorted(_exceptions(facts)))})",
        )  # fmt: skip
    ground = ground_of(agreement, exception, facts)
    parties = ground.parties if isinstance(ground, Agreement) else ground.partners
    if partner not in parties:
        raise Refused("not_party", f"{partner} is no party to {agreement or exception}", f"it covers: {listed(sorted(parties))}")  # fmt: skip
    if not isinstance(ground, Agreement):
        return exception or ""
    if not ground.begins <= facts.calendar.local(at).date() <= ground.ends:
        raise Refused(
            "agreement_not_live", f"{agreement} is in force from {ground.begins} to {ground.ends} only",
            "nothing is shared without a live agreement; have a renewed one published in the definition",
        )  # fmt: skip
    if share_scope(partner) not in facts.consented:
        raise Refused(
            "no_consent_to_share", f"consent to {share_scope(partner)} is not in force",
            "ask the person; give_consent records what they agree to",
        )  # fmt: skip
    limited_to = facts.consented[share_scope(partner)]
    if limited_to not in {None, purpose}:
        raise Refused(
            "not_consented_purpose", f"the person consented to share with {partner} for {limited_to} only",
            "share it for that, or ask the person; give_consent records what they agree to",
        )  # fmt: skip
    return share_scope(partner)


def _exceptions(facts: Facts) -> Mapping[str, DisclosureException]:
    return {} if facts.policy is None else {str(code): ground for code, ground in facts.policy.exceptions.items()}


def ground_of(agreement: str | None, exception: str | None, facts: Facts) -> Agreement | DisclosureException:
    """The agreement or the exception.

    Raises:
        Refused: `unknown_agreement`, `unknown_exception`.
    """
    if agreement is not None:
        if agreement not in facts.agreements:
            raise Refused("unknown_agreement", f"the program has no agreement {agreement}", f"use one of: {listed(sorted(facts.agreements))}")  # fmt: skip
        return facts.agreements[agreement]
    known = _exceptions(facts)
    if exception is None or exception not in known:
        raise Refused("unknown_exception", f"the program knows no exception {exception}", f"use one of: {listed(sorted(known))}")  # fmt: skip
    return known[exception]


def minimum(purpose: str, fields: Collection[str], ground: Agreement | DisclosureException) -> None:
    """Check that the purpose and the fields are covered.

    Raises:
        Refused: `purpose_not_covered`, `more_than_agreed`.
    """
    if purpose not in ground.purposes:
        raise Refused(
            "purpose_not_covered", f"{purpose} is no purpose of it", f"it covers: {listed(sorted(ground.purposes))}"
        )
    beyond = set(fields) - set(ground.fields)
    if beyond:
        raise Refused(
            "more_than_agreed",
            f"it does not cover {listed(sorted(beyond))}",
            f"share at most: {listed(sorted(ground.fields))}",
        )


def delay(tell_from: datetime | None, reasons: str | None, facts: Facts, at: datetime) -> None:
    """Check that telling the person later has reasons and an end.

    Raises:
        Refused: `delay_without_reasons`, `delay_too_long`.
    """
    if (tell_from is None) != (reasons is None):
        raise Refused(
            "delay_without_reasons", "telling the person later takes both reasons and the instant from which they are told",
            "give both, or neither: then the person is told now",
        )  # fmt: skip
    if tell_from is None:
        return
    longest = None if facts.policy is None else facts.policy.longest_delay
    latest = at if longest is None else facts.calendar.after(at, longest).at
    if tell_from > latest:
        raise Refused(
            "delay_too_long", f"the person may be left untold for {longest or 'no time'} at most",
            f"give an instant until {latest:%Y-%m-%d %H:%M} UTC",
        )  # fmt: skip
