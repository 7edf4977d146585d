"""The part of a definition that says what support the program offers, who attests it, what is due, how people are followed up, and what keeps them safe."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from workflows.core.calendar import Term
from workflows.core.kinds import Code, VersionTag
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


class Domain(Defined):
    """A part of a person's life that an assessor sums up in own words: what is needed there, and what carries."""

    title: Title
    needs: Annotated[Title | None, Field(description="what to look for where something is needed")] = None
    strengths: Annotated[Title | None, Field(description="what to look for that carries")] = None


class Judgement(Defined):
    """A judgement about how much support is right, in words; never a number, and never computed."""

    title: Title


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


class Channel(Defined):
    """A way to reach a person, in words."""

    title: Title


class Instrument(Defined):
    """An instrument of structured professional judgement: its domains and its judgements. Its items stay with whoever owns it."""

    title: Title
    editions: Annotated[tuple[VersionTag, ...], Field(min_length=1, description="editions in use")]
    certificate: Annotated[bool, Field(description="only somebody certified in it may use it")] = False
    domains: Annotated[dict[Code, Domain], Field(min_length=1, description="summed up in words, each of them")]
    judgements: Annotated[dict[Code, Judgement], Field(min_length=1, description="overall judgements about support")]


class AssessmentRule(Defined):
    """When an assessment is due again, and who besides its assessor may correct one."""

    every: Annotated[dict[Code, Term], Field(min_length=1, description="phase → made again so often while it lasts")]
    correct_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles")]


class ConcernKind(Defined):
    """A kind of concern: a worry that somebody must answer."""

    title: Title
    respond_within: Annotated[Term, Field(description="somebody answers it within this time")]


class FollowUps(Defined):
    """After an exit: when somebody asks how the person is, over which channels, and what it takes to say that nobody could be reached."""

    phases: Annotated[
        dict[Code, tuple[Term, ...]],
        Field(min_length=1, description="phase after an exit: terms after entry into it, at each of which one is owed"),
    ]
    channels: Annotated[
        dict[Code, Channel], Field(min_length=1, description="ways to reach the person; no place, ever")
    ]
    window: Annotated[Term, Field(description="a talk or an attempt counts from so long before it is due")] = Term(
        2, "weeks"
    )
    attempts: Annotated[int, Field(ge=2, le=100, description="attempts without which nobody is called unreached")] = 4
    over_channels: Annotated[int, Field(ge=2, le=100, description="distinct channels among them")] = 2
    over_days: Annotated[int, Field(ge=2, le=100, description="distinct days among them")] = 3


class ThreatKind(Defined):
    """A kind of threat, to the person or to others because of them."""

    title: Title


class ProtectiveService(Defined):
    """A channel of de-escalation, or a service that protects."""

    title: Title


class SafetyPolicy(Defined):
    """What safety plans speak of, who may agree to respond, and how often a plan is looked at again."""

    threats: Annotated[dict[Code, ThreatKind], Field(min_length=1)]
    services: Annotated[dict[Code, ProtectiveService], Field(description="de-escalation channels, protective services")] = {}  # fmt: skip
    respond_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles that may agree to respond")]
    review_every: Annotated[Term, Field(description="a plan is reviewed so often while the case is open")]
    review_in: Annotated[dict[Code, Term], Field(description="phases in which it is reviewed at another rhythm")] = {}
    review_within: Annotated[
        Term, Field(description="so soon after a trigger, a setback or the refusal of a service it is reviewed besides")
    ]


class RelativeKind(Defined):
    """How somebody is close to a participant. `trusted`: whom the welfare ladder may call, where both consented."""

    title: Title
    trusted: bool = False


class RelativeSupport(Defined):
    """A support for relatives themselves: how often a session is expected, and who attests that it was held."""

    title: Title
    session_every: Annotated[Term, Field(description="a session is expected at least so often while it lasts")]
    attest_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles of the provider's people who attest sessions")]  # fmt: skip


class Network(Defined):
    """The people close to a participant: which kinds there are, what they may be offered for themselves, and how long their consent to contact lasts."""

    kinds: Annotated[dict[Code, RelativeKind], Field(min_length=1)]
    supports: Annotated[dict[Code, RelativeSupport], Field(description="offered to relatives for themselves")] = {}
    participant_scope: Annotated[Code, Field(description="the participant's consent, without which nobody is contacted about them")]  # fmt: skip
    contact_lasts: Annotated[Term, Field(description="how long a relative's consent to contact counts; silence ends it")]  # fmt: skip
    goals_reviewed_every: Annotated[Term, Field(description="both sides look at a family goal so often")]


class SetbackKind(Defined):
    """A kind of setback, in words that blame nobody."""

    title: Title


class SetbackPolicy(Defined):
    """What the program calls a setback, and who owns what is learned from one."""

    kinds: Annotated[dict[Code, SetbackKind], Field(min_length=1)]
    act_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles that may own an action")]


class Care(Defined):
    """The support catalogue, needs, to whom the program refers, entitlements, assessments, concerns, follow-ups, and the policies of safety plans and of setbacks."""

    needs: Annotated[dict[Code, NeedKind], Field(min_length=1)]
    supports: Annotated[dict[Code, SupportKind], Field(min_length=1)]
    referrals: Annotated[Referrals | None, Field(description="to whom the program refers; without it, to nobody")] = (
        None
    )
    entitlements: dict[Code, Entitlement] = {}
    instruments: Annotated[dict[Code, Instrument], Field(description="instruments of professional judgement")] = {}
    assessment: Annotated[AssessmentRule | None, Field(description="when assessments are due")] = None
    concerns: Annotated[dict[Code, ConcernKind], Field(description="kinds of acute concern")] = {}
    network: Annotated[Network | None, Field(description="people close to the participant")] = None
    follow_up: Annotated[FollowUps | None, Field(description="follow-ups after an exit")] = None
    safety: Annotated[SafetyPolicy | None, Field(description="safety plans; without it, none is owed")] = None
    setbacks: Annotated[SetbackPolicy | None, Field(description="setbacks and what is learned from them")] = None


def followed_up(care: Care | None, phase: str) -> tuple[Term, ...] | None:
    """After which terms from the entry into this phase a follow-up is owed; None if none ever is."""
    return None if care is None or care.follow_up is None else care.follow_up.phases.get(phase)
