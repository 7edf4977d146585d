"""The sentences of referrals out and of circles of preconditions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, plain, sealed
from workflows.case import referral_form as referral
from workflows.core.kinds import Event

_RETURNED = {
    "silence": "nobody replied in time. It returns to its owner, and another way is owed; a late reply still counts",
    "no_consent": "sharing with its provider ended. It returns to its owner, and another way is owed",
}


def _requested(event: referral.ReferralRequested, words: Words) -> str:
    tied = f", for support {event.support}" if event.support is not None else ""
    instead = f", in place of referral {event.replaces}" if event.replaces is not None else ""
    return (
        f'Referral {event.referral}: {words.name("partner", event.provider)} is asked for "{words.name("support", event.kind)}" '
        f'(need "{words.name("need", event.need)}"{tied}{instead}){sealed(event.agreed, "agreed")}.'
    )


def _rejected(event: referral.ReferralRejected, words: Words) -> str:
    first = f'; it wants "{words.name("need", event.needs)}" met first' if event.needs is not None else ""
    return f"Referral {event.referral} is not taken on by its provider{first}{sealed(event.reasons)}."


def _found(event: referral.CircularPreconditionFound, words: Words) -> str:
    first, *rest = (f'"{words.name("need", need)}"' for need in (*event.needs, event.needs[0]))
    around = f"{first} waits for {', and that for '.join(rest)}"
    return f"A circle of preconditions is found (circle {event.circle}): {around}. It is put before the panel's chair."


def _broken(event: referral.CircleBroken, words: Words) -> str:
    how = "it holds no more"
    if event.waived is not None:
        how = f"{words.name('partner', event.waived_by or '')} waives the precondition of referral {event.waived}"
    return f"{event.by} records how circle {event.circle} is broken: {how}{sealed(event.reasons)}."


def _ruled_out(event: referral.AlternativeRuledOut, words: Words) -> str:
    need = words.name("need", event.need)
    return f'{event.by} reasons that no other provider can be found for "{need}" (referral {event.referral}){sealed(event.reasons)}; the need stays open.'


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    referral.ReferralRequested: _requested,
    referral.ReferralAccepted: lambda e, _: f"Referral {e.referral} is taken on by its provider. That is no receipt yet.",
    referral.ReferralRejected: _rejected,
    referral.ReferralBegun: lambda e, w: f"Referral {e.referral} has begun; its provider expects to be done on {w.day(e.expected)}.",
    referral.ReferralCompleted: lambda e, _: f"{e.by} attests for the provider that referral {e.referral} was received{sealed(e.output, 'result')}.",
    referral.ReferralFailed: lambda e, _: f"Referral {e.referral} did not come about, though it was taken on{sealed(e.reasons)}.",
    referral.ReferralCancelled: lambda e, _: f"Referral {e.referral} is taken back from its provider{sealed(e.reasons)}.",
    referral.ReferralReturned: lambda e, _: f"Referral {e.referral} is back: {_RETURNED.get(e.because, plain(e.because))}.",
    referral.AlternativeRuledOut: _ruled_out,
    referral.CircularPreconditionFound: _found,
    referral.CircleBroken: _broken,
    referral.ProviderTold: lambda e, w: f"{w.name('partner', e.provider)} is told that the record is erased{sealed(e.proof, 'proof')}.",
}  # fmt: skip
"""Type of event → its sentence."""
