"""The words of support: what is asked about needs, plans, sessions, ends and entitlements, and what is recorded of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from workflows.core.kinds import Code, Command, Event, Instant, NoteRef, PersonId

SupportNumber = Annotated[int, Field(ge=1, description="number of the support in the case")]


class IdentifyNeed(Command):
    """Put a need on record, in the person's own words too."""

    type: Literal["identify_need"] = "identify_need"
    need: Annotated[Code, Field(description="from the definition")]
    note: NoteRef


class CloseNeed(Command):
    """Close a need: addressed, by a support that was delivered; or judged by another person than the lead to be wanted no more or met elsewhere."""

    type: Literal["close_need"] = "close_need"
    need: Code
    how: Literal["addressed", "not_wanted", "met_elsewhere"]
    reasons: NoteRef


class PlanSupport(Command):
    """Plan a support: of which kind, by which provider, how many sessions are promised, from when, and that the person agreed."""

    type: Literal["plan_support"] = "plan_support"
    kind: Annotated[Code, Field(description="from the definition's catalogue")]
    provider: Annotated[Code, Field(description="organization that provides it")]
    sessions: Annotated[int, Field(ge=1, le=1000, description="sessions promised")]
    starts: Annotated[Instant, Field(description="when it is to begin")]
    agreed: Annotated[NoteRef, Field(description="the person's own agreement")]


class BeginSupport(Command):
    """Record that a planned support has begun."""

    type: Literal["begin_support"] = "begin_support"
    support: SupportNumber


class AttestSession(Command):
    """Attest, as a person of the provider, that a session was held; never by whoever leads or led the case."""

    type: Literal["attest_session"] = "attest_session"
    support: SupportNumber
    observed_at: Annotated[Instant | None, Field(description="when it was held, if not now")] = None
    note: NoteRef | None = None


class CompleteSupport(Command):
    """Complete a support of which every promised session was attested."""

    type: Literal["complete_support"] = "complete_support"
    support: SupportNumber


class EndSupport(Command):
    """End a support before it is complete: its successor has begun, or another person than the lead reasons the gap."""

    type: Literal["end_support"] = "end_support"
    support: SupportNumber
    successor: Annotated[int | None, Field(ge=1, description="the support that goes on in its place")] = None
    gap: Annotated[NoteRef | None, Field(description="why a gap is right, where there is no successor")] = None


class GrantEntitlement(Command):
    """Grant what is due by the definition's rule."""

    type: Literal["grant_entitlement"] = "grant_entitlement"
    entitlement: Code


class NeedIdentified(Event):
    """The need is on record and waits to be addressed."""

    type: Literal["need_identified"] = "need_identified"
    need: Code
    note: NoteRef


class NeedClosed(Event):
    """The need is closed, and how."""

    type: Literal["need_closed"] = "need_closed"
    need: Code
    how: Literal["addressed", "not_wanted", "met_elsewhere"]
    reasons: NoteRef
    by: PersonId


class SupportPlanned(Event):
    """The support is promised, for the need that it answers."""

    type: Literal["support_planned"] = "support_planned"
    support: int
    kind: Code
    provider: Code
    sessions: int
    starts: Instant
    agreed: NoteRef
    answers: Code | None = None


class SupportBegun(Event):
    """The support has begun: its sessions are expected from here on."""

    type: Literal["support_begun"] = "support_begun"
    support: int


class SessionAttested(Event):
    """Session `session` of the support was held, as a person of the provider attests."""

    type: Literal["session_attested"] = "session_attested"
    support: int
    session: int
    by: PersonId
    observed_at: Instant
    note: NoteRef | None = None


class SupportStalled(Event):
    """A session was expected and none was attested. A worry about the support, never a fault of the person; the support goes on."""

    type: Literal["support_stalled"] = "support_stalled"
    support: int
    sessions: int


class SupportCompleted(Event):
    """The support was delivered as promised."""

    type: Literal["support_completed"] = "support_completed"
    support: int
    sessions: int


class SupportEnded(Event):
    """The support ended before it was complete: another goes on in its place, or somebody reasoned the gap."""

    type: Literal["support_ended"] = "support_ended"
    support: int
    sessions: int
    successor: int | None = None
    gap: NoteRef | None = None
    by: PersonId


class EntitlementGranted(Event):
    """What was due is granted, by the definition's rule."""

    type: Literal["entitlement_granted"] = "entitlement_granted"
    entitlement: Code


SupportCommand = (
    IdentifyNeed | CloseNeed | PlanSupport | BeginSupport | AttestSession | CompleteSupport | EndSupport | GrantEntitlement
)  # fmt: skip
SupportEvent = (
    NeedIdentified | NeedClosed | SupportPlanned | SupportBegun | SessionAttested | SupportStalled | SupportCompleted
    | SupportEnded | EntitlementGranted
)  # fmt: skip
