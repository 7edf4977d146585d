"""The part of a definition that says what support the program offers, who attests it, and what a participant is entitled to."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workflows.core.calendar import Term
from workflows.core.kinds import Code
from workflows.program.defined import Defined, Title


class SupportKind(Defined):
    """A kind of support: the need that it answers, how often a session is expected, and who attests that it was held."""

    title: Title
    answers: Annotated[Code, Field(description="the need that it answers, from 'needs'")]
    session_every: Annotated[Term, Field(description="a session is expected at least so often while it lasts")]
    attest_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles of the provider's people who attest sessions")]  # fmt: skip


class NeedKind(Defined):
    """A need that a person may have, in words."""

    title: Title


class Entitlement(Defined):
    """What is due to everybody for whom the rule holds: an entitlement, never a favor, and never taken back."""

    title: Title
    support: Annotated[Code, Field(description="from 'supports'")]
    sessions: Annotated[int, Field(ge=1, le=1000, description="attested sessions of it from which on it is due")]


class Referrals(Defined):
    """To whom the program refers a person, for which supports, and on what consent."""

    providers: Annotated[dict[Code, tuple[Code, ...]], Field(min_length=1, description="partner → supports that it is asked for")]  # fmt: skip
    purpose: Annotated[
        Code | None, Field(description="a consent to share that is limited to one purpose covers a referral if it is this one")
    ] = None  # fmt: skip
    without_consent: Annotated[
        tuple[Code, ...], Field(description="partners that learn nothing of the case by a referral, so that no consent to share is asked for")
    ] = ()  # fmt: skip
    longest: Annotated[Term, Field(description="the most that a provider which has begun is given until a result is due")]  # fmt: skip


class Care(Defined):
    """The support catalogue, the needs that it answers, to whom the program refers, and the entitlements."""

    needs: Annotated[dict[Code, NeedKind], Field(min_length=1)]
    supports: Annotated[dict[Code, SupportKind], Field(min_length=1)]
    referrals: Annotated[Referrals | None, Field(description="to whom the program refers; without it, to nobody")] = (
        None
    )
    entitlements: dict[Code, Entitlement] = {}
