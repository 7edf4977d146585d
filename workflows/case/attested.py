"""Attesting: what somebody received counts once a person of whoever gave it says so, at an instant at which it can have been.

Alike wherever it is, on a support, a referral or a relative's own support: mentoring was "allowed to peter out when it had hardly begun" (F1) while its orders
stood in every file. Who leads the case attests nothing, and each room says why in its own words.
"""

from __future__ import annotations

from datetime import datetime

from workflows.core.kinds import Actor
from workflows.core.refusal import Refused, listed


def require_by_provider(actor: Actor, provider: str, roles: tuple[str, ...] | None, *, what: str) -> None:
    """Check that whoever attests works for the provider, in one of the roles that attest it (None: the catalogue has it no more, so nobody does).

    Args:
        actor: who attests.
        provider: the organization that gave it.
        roles: those of the catalogue's `attest_by`.
        what: what is attested, as the beginning of a sentence: `sessions of support 3 are`.

    Raises:
        Refused: `not_attested_by_provider`.
    """
    if roles is None or actor.organization != provider or not actor.holds(roles):
        may = "nobody" if roles is None else listed(roles)
        raise Refused(
            "not_attested_by_provider",
            f"{what} attested by people of {provider} ({may})",
            "ask whoever gave it, or held the session, to attest it: that it was ordered is no receipt",
        )


def require_in_order(held: datetime, *, since: datetime, at: datetime) -> None:
    """Check that a session was held by now, and no earlier than the support began or the one before it was held (`since`).

    Raises:
        Refused: `observed_in_future`, `session_out_of_order`.
    """
    if held > at:
        raise Refused("observed_in_future", "the session is dated after now", "attest it once it was held")
    if held < since:
        raise Refused(
            "session_out_of_order",
            "it is dated before the support began, or before the session attested last",
            "give the instant at which it was held; attest sessions in order",
        )
