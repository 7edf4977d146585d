"""The words of referrals out: what is asked of a provider, what it answers, and how a circle of preconditions is broken."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Instant, NoteRef, PersonId

ReferralNumber = Annotated[int, Field(ge=1, description="number of the referral in the case")]
Because = Literal["silence", "no_consent", "rejected", "failed", "cancelled", "waived"]
"""Why a referral is back with its owner."""


class RequestReferral(Command):
    """Refer the person, who agreed, to a provider for a need. Codes travel and nothing else: whatever more it must know takes a disclosure."""

    type: Literal["request_referral"] = "request_referral"
    need: Annotated[Code, Field(description="open need that it is for")]
    kind: Annotated[Code, Field(description="support asked for, from the definition's catalogue")]
    provider: Annotated[Code, Field(description="partner that is asked")]
    support: Annotated[int | None, Field(ge=1, description="planned support that the provider is to give")] = None
    agreed: Annotated[NoteRef, Field(description="the person's own agreement; it stays sealed here")]


class AcceptReferral(Command):
    """Record that the provider takes it on; late too: an answer after silence counts."""

    type: Literal["accept_referral"] = "accept_referral"
    referral: ReferralNumber


class RejectReferral(Command):
    """Record that the provider does not take it on, and which need it wants met first, if that is why."""

    type: Literal["reject_referral"] = "reject_referral"
    referral: ReferralNumber
    reasons: NoteRef
    needs: Annotated[Code | None, Field(description="need that must be met first, from the definition")] = None


class BeginReferral(Command):
    """Record that the provider has begun, and when it expects to be done."""

    type: Literal["begin_referral"] = "begin_referral"
    referral: ReferralNumber
    expected: Annotated[Instant, Field(description="when the provider expects to be done")]


class CompleteReferral(Command):
    """Attest, as a person of the provider, that the person received it, and with what result; never by whoever leads or led the case."""

    type: Literal["complete_referral"] = "complete_referral"
    referral: ReferralNumber
    output: Annotated[NoteRef, Field(description="what came of it")]


class FailReferral(Command):
    """Record that the provider took it on and it did not come about."""

    type: Literal["fail_referral"] = "fail_referral"
    referral: ReferralNumber
    reasons: NoteRef


class CancelReferral(Command):
    """Take a referral back from the provider; while the need is open, another way is owed."""

    type: Literal["cancel_referral"] = "cancel_referral"
    referral: ReferralNumber
    reasons: NoteRef


class RuleOutAlternative(Command):
    """Reason, as another person than the lead, that no other provider can be found for a referral that came back."""

    type: Literal["rule_out_alternative"] = "rule_out_alternative"
    referral: ReferralNumber
    reasons: NoteRef


class BreakCircle(Command):
    """Record, as a chair of the panel, how a circle of preconditions is broken: who waives which, and why. The person is then referred there again."""

    type: Literal["break_circle"] = "break_circle"
    circle: Annotated[int, Field(ge=1, description="number of the circle in the case")]
    reasons: NoteRef
    waived: Annotated[int | None, Field(ge=1, description="referral whose precondition is waived; none where it holds no more")] = None  # fmt: skip
    waived_by: Annotated[Code | None, Field(description="organization that waives it")] = None


class RecordProviderTold(Command):
    """Record that a provider to whom the person was referred was told of the erasure."""

    type: Literal["record_provider_told"] = "record_provider_told"
    provider: Annotated[Code, Field(description="partner that was asked in a referral")]
    proof: NoteRef


class ReferralRequested(Event):
    """The provider is asked, and owes a reply. `replaces`: the referral that came back and in whose place this one stands. `shared`: it learns that the
    person takes part, with their consent; when the record is erased it is told.
    """  # fmt: skip

    type: Literal["referral_requested"] = "referral_requested"
    referral: int
    need: Code
    kind: Code
    provider: Code
    support: int | None = None
    agreed: NoteRef | None = None
    replaces: int | None = None
    shared: bool = False


class ReferralAccepted(Event):
    """The provider takes it on. That is no receipt yet."""

    type: Literal["referral_accepted"] = "referral_accepted"
    referral: int
    by: PersonId


class ReferralRejected(Event):
    """The provider does not take it on; `needs` is what it wants met first."""

    type: Literal["referral_rejected"] = "referral_rejected"
    referral: int
    reasons: NoteRef
    needs: Code | None = None
    by: PersonId


class ReferralBegun(Event):
    """The provider has begun."""

    type: Literal["referral_begun"] = "referral_begun"
    referral: int
    expected: Instant
    by: PersonId


class ReferralCompleted(Event):
    """The person received it, as a person of the provider attests."""

    type: Literal["referral_completed"] = "referral_completed"
    referral: int
    output: NoteRef
    by: PersonId


class ReferralFailed(Event):
    """It was taken on, and did not come about."""

    type: Literal["referral_failed"] = "referral_failed"
    referral: int
    reasons: NoteRef
    by: PersonId


class ReferralCancelled(Event):
    """It was taken back from the provider."""

    type: Literal["referral_cancelled"] = "referral_cancelled"
    referral: int
    reasons: NoteRef
    by: PersonId


class ReferralReturned(Event):
    """It is back with its owner: nobody replied in time, or sharing with the provider ended. Never a fault of the person."""

    type: Literal["referral_returned"] = "referral_returned"
    referral: int
    because: Literal["silence", "no_consent"]


class AlternativeRuledOut(Event):
    """Somebody else than the lead reasoned that no other provider can be found; the need stays open."""

    type: Literal["alternative_ruled_out"] = "alternative_ruled_out"
    referral: int
    need: Code
    reasons: NoteRef
    by: PersonId


class CircularPreconditionFound(Event):
    """Each of these providers waits for what the next was to give: `needs[n]` waits for `needs[n + 1]`, and the last for the first."""

    type: Literal["circular_precondition_found"] = "circular_precondition_found"
    circle: int
    referrals: tuple[int, ...]
    needs: tuple[Code, ...]


class CircleBroken(Event):
    """A chair of the panel recorded how the circle is broken."""

    type: Literal["circle_broken"] = "circle_broken"
    circle: int
    waived: int | None = None
    waived_by: Code | None = None
    reasons: NoteRef
    by: PersonId


class ProviderTold(Event):
    """The provider knows that the record is erased."""

    type: Literal["provider_told"] = "provider_told"
    provider: Code
    proof: NoteRef


Answering = AcceptReferral | RejectReferral | BeginReferral | CompleteReferral | FailReferral | CancelReferral
ReferralCommand = RequestReferral | Answering | RuleOutAlternative | BreakCircle | RecordProviderTold
ReferralEvent = (
    ReferralRequested | ReferralAccepted | ReferralRejected | ReferralBegun | ReferralCompleted | ReferralFailed | ReferralCancelled
    | ReferralReturned | AlternativeRuledOut | CircularPreconditionFound | CircleBroken | ProviderTold
)  # fmt: skip
