"""The model of a program's definition: policy as data.

Principles (silence never acts against the participant, nobody decides on their own work, reasons are written at the time) stand in the
engine; everything a jurisdiction or a program may set stands here, is published as an immutable version with a hash, and is
pinned by each case. Every field is validated strictly; unknown fields are refused with the line they stand on.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, model_validator

from workflows.core.calendar import Calendar, Term
from workflows.core.kinds import Code, VersionTag
from workflows.core.obligation import SilenceRule
from workflows.program.care import Care
from workflows.program.defined import Defined, Text, Title
from workflows.program.keeping import Agreement, DisclosurePolicy, Reading, RetentionPolicy
from workflows.program.staffing import Certificate

SupportLevel = Literal["acute", "high", "medium", "low"]
"""A judgement about how much support is needed now; never a score, never computed."""
SUPPORT_LEVELS: tuple[SupportLevel, ...] = ("acute", "high", "medium", "low")


class Role(Defined):
    """A role that staff hold. `people` is how many the program undertakes to have in it at any time."""

    title: Title
    people: Annotated[int, Field(ge=1, le=10_000, description="people the program undertakes to have in this role")] = 1
    community: Annotated[bool, Field(description="speaks for the community or civil society, not for an agency")] = (
        False
    )
    partner: Annotated[
        Code | None, Field(description="held by staff of this partner: it receives what is disclosed, and nothing else")
    ] = None
    caseload: Annotated[int | None, Field(ge=1, le=1000, description="most open cases that a holder leads or stands in for")] = None  # fmt: skip
    certificates: Annotated[tuple[Code, ...], Field(description="what it takes to lead a case or to stand in")] = ()


class Indicator(Defined):
    """What is watched in a phase, in words; an indicator informs judgement and never decides."""

    title: Title


class Gate(Defined):
    """What must hold before a transition may be put to a panel, and the panel that decides it."""

    milestones: Annotated[tuple[Code, ...], Field(description="milestones that must stand verified")] = ()
    consent: Annotated[tuple[Code, ...], Field(description="consent scopes that must be in force")] = ()
    minimum_stay: Annotated[Term | None, Field(description="earliest instant after entry into the phase")] = None
    participant_view: Annotated[bool, Field(description="the request must carry the participant's own view")] = False
    support_delivered: Annotated[
        bool, Field(description="every support in force is delivered and attested, and there was one at least")
    ] = False
    needs_addressed: Annotated[bool, Field(description="no identified need is open")] = False
    referrer_feedback: Annotated[bool, Field(description="the referrer was heard, or it is on record why not")] = False
    assessed_within: Annotated[Term | None, Field(description="the last assessment was made within this time")] = None
    concerns_closed: Annotated[bool, Field(description="no concern is open")] = False
    follow_ups_settled: Annotated[bool, Field(description="each follow-up was held, declined, or judged unreached")] = (
        False
    )
    review: Annotated[Code, Field(description="panel that decides, from 'reviews'")]


class Transition(Defined):
    """A way out of a phase."""

    to: Code
    kind: Literal["advance", "exit"] = "advance"
    gate: Gate


class Phase(Defined):
    """A phase: why it exists, what is watched, how long it usually lasts, who answers for it, and the ways out."""

    title: Title
    purpose: Text
    indicators: dict[Code, Indicator] = {}
    expected: Annotated[
        Term | None, Field(description="usual length; overstaying it is made visible, never punished")
    ] = None
    review_every: Annotated[Term | None, Field(description="progress is reviewed so often while the phase lasts")] = (
        None
    )
    longest_review_gap: Annotated[Term | None, Field(description="the most that may lie between two reviews")] = None
    accountable: Annotated[tuple[Code, ...], Field(description="roles and partners that answer for the phase")] = ()
    no_contact_because: Annotated[
        Text | None, Field(description="why no check-in is offered in this phase, where 'contact' has none")
    ] = None
    transitions: tuple[Transition, ...] = ()
    step_back_to: Annotated[
        tuple[Code, ...], Field(description="phases to which an adverse act may step the case back")
    ] = ()
    reentry_to: Annotated[
        tuple[Code, ...],
        Field(description="phases from which a person who comes back may go on, if the case was there"),
    ] = ()
    terminal: Annotated[bool, Field(description="the case is closed here")] = False


class EvidenceKind(Defined):
    """A kind of evidence. `source` is where it comes from: two kinds of one source are one voice."""

    title: Title
    source: Annotated[Code, Field(description="kind of source, e.g. employer, family, participant")]
    counts: Annotated[
        bool, Field(description="false: supports other evidence, never counts as an independent source")
    ] = True


class Milestone(Defined):
    """A milestone, the evidence that it takes, and who may claim and verify it."""

    title: Title
    evidence: Annotated[tuple[Code, ...], Field(min_length=1, description="kinds of evidence accepted")]
    independent_sources: Annotated[int, Field(ge=1, le=10, description="distinct kinds of source that must agree")] = 2
    fresh_within: Annotated[Term, Field(description="oldest observation accepted, at the time of the claim")]
    claim_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles")]
    verify_by: Annotated[
        tuple[Code, ...], Field(min_length=1, description="roles; always another person than the claimant")
    ]
    valid_for: Annotated[Term | None, Field(description="how long a verification counts for a gate")] = None


class Seat(Defined):
    """Seats of a panel for holders of a role."""

    role: Code
    people: Annotated[int, Field(ge=1, le=100)] = 1


class Panel(Defined):
    """A panel and how it decides. Quorum counts people, not roles; a person sits once."""

    title: Title
    seats: Annotated[tuple[Seat, ...], Field(min_length=1)]
    quorum: Annotated[int, Field(ge=1, le=100, description="people who must have voted")]
    must_include: Annotated[tuple[Code, ...], Field(description="roles of which one holder must have voted")] = ()
    approve_with: Annotated[int, Field(ge=1, le=100, description="approvals needed")]
    reject_with: Annotated[int, Field(ge=1, le=100, description="rejections needed")]
    organizations: Annotated[int, Field(ge=1, le=100, description="distinct organizations among those who voted")] = 1
    request_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles that may ask for it")]


class Contact(Defined):
    """How often contact is offered in each phase: by support level, or at fixed terms after entry into the phase."""

    every: Annotated[dict[SupportLevel, Term] | None, Field(description="gap between check-ins, by support level")] = (
        None
    )
    at: Annotated[tuple[Term, ...] | None, Field(description="terms after entry into the phase")] = None
    window: Annotated[
        Term, Field(description="with 'at': a contact counts for the next term from so long before it")
    ] = Term(2, "weeks")

    @model_validator(mode="after")
    def _one_way(self) -> Contact:
        if (self.every is None) == (self.at is None):
            msg = "a contact schedule is either 'every' (a term for each support level) or 'at' (terms after entry): give exactly one"
            raise ValueError(msg)
        missing = [level for level in SUPPORT_LEVELS if self.every is not None and level not in self.every]
        if missing:
            msg = f"'every' needs a term for each support level; missing: {', '.join(missing)}"
            raise ValueError(msg)
        return self


class ConsentScope(Defined):
    """A scope of consent: what the participant agrees to, apart from everything else."""

    title: Title
    purposes: Annotated[dict[Code, Title], Field(description="what for; a person may consent to one of them")] = {}
    lasts: Annotated[Term | None, Field(description="how long a consent counts; it is asked again before it ends")] = (
        None
    )
    ask_again: Annotated[Term, Field(description="with 'lasts': it may be given anew so long before it ends")] = Term(
        4, "weeks"
    )
    shares: Annotated[bool, Field(description="it lets something reach beyond the team; silence ends it")] = False
    partners: Annotated[tuple[Code, ...], Field(description="each takes a consent of its own: <scope>:<partner>")] = ()
    again_with_partner: Annotated[bool, Field(description="asked for anew when a partner joins a case")] = False
    guardian_for_minors: Annotated[bool, Field(description="for a minor it takes the guardian's consent too")] = True
    capacity_within: Annotated[
        Term | None, Field(description="that the person can decide this must have been judged within this time")
    ] = None


class LawfulBasis(Defined):
    """A lawful basis for processing, and how often it is looked at again in a case."""

    title: Title
    review_every: Term


class LawfulBases(Defined):
    """The bases that a case may name, by when it must name one, and what everything rests on that no consent carries."""

    record_within: Annotated[Term, Field(description="after a case is opened its basis is on record")]
    otherwise: Annotated[Code, Field(description="the basis of whatever does not rest on consent, from 'bases'")]
    bases: Annotated[dict[Code, LawfulBasis], Field(min_length=1)]


class Hold(Defined):
    """A kind of pause of a whole case: its longest time, and what stands still meanwhile. Everything else goes on."""

    title: Title
    longest: Term
    stops: Annotated[tuple[Code, ...], Field(min_length=1, description="kinds of obligation whose clocks stand still")]


class Partner(Defined):
    """An agency that answers for a part of the program; being a partner gives no access to any case."""

    title: Title


AdverseKind = Literal["step_back", "exit_for_cause", "refuse_advance", "reduce_support", "measure"]
"""What may be done against the participant's wish, and only through notice, hearing, decision by others, and appeal."""
Ground = Literal["legal_basis", "necessity", "nothing_milder"]


class LegalBasis(Defined):
    """A law, an order or a rule on which an act can rest."""

    title: Title


class AdverseAct(Defined):
    """A kind of adverse act that the program provides for, and what a proposal of it must state besides its reasons."""

    grounds: tuple[Ground, ...] = ()


class MeasureKind(Defined):
    """A kind of measure. Two kinds of one `content` do the same under different names."""

    title: Title
    content: Annotated[
        Code, Field(description="what it does to the person, e.g. curfew; the same for every name of it")
    ]
    longest_term: Annotated[Term, Field(description="the most that it may last without being renewed")]
    review_every: Annotated[Term, Field(description="the most that may lie between two reviews of its necessity")]
    legal_bases: Annotated[tuple[Code, ...], Field(min_length=1, description="bases that carry it")]


class DueProcess(Defined):
    """How the program acts against a participant's wish. That it is served, heard, decided by others and appealable stands in the engine."""

    acts: Annotated[dict[AdverseKind, AdverseAct], Field(description="kinds provided for; others cannot be done")]
    legal_bases: dict[Code, LegalBasis] = {}
    hearing: Annotated[Term, Field(description="time to be heard, from the service of the proposal")]
    decide_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles that decide")]
    deciders: Annotated[int, Field(ge=1, le=100, description="people who decide; more than half must uphold")] = 2
    appeal_window: Annotated[Term, Field(description="time to appeal, from the service of the decision")]
    appeal_by: Annotated[tuple[Code, ...], Field(min_length=1, description="roles that decide on appeals")]
    appeal_deciders: Annotated[int, Field(ge=1, le=100, description="people who decide on an appeal")] = 2
    measures: Annotated[
        dict[Code, MeasureKind], Field(description="kinds of measure; 'measure' in 'acts' provides for them")
    ] = {}
    danger_by: Annotated[
        tuple[Code, ...], Field(description="roles of which two people may act in imminent danger, for 72 hours")
    ] = ()
    refusal_lasts: Annotated[Term, Field(description="how long a refused advance is not put to a panel")] = Term(
        3, "months"
    )


class Program(Defined):
    """A definition, whole. References between its parts are proven by `check`, not here."""

    program: Annotated[Code, Field(description="the program's code; stays the same over versions")]
    version: VersionTag
    title: Title
    summary: Text
    calendar: Calendar
    roles: Annotated[dict[Code, Role], Field(min_length=1)]
    lead_role: Annotated[Code, Field(description="role whose holders lead cases; a case always has one lead")]
    over_caseload_by: Annotated[tuple[Code, ...], Field(description="roles that may give more cases than the limit")] = ()  # fmt: skip
    certificates: Annotated[dict[Code, Certificate], Field(description="trainings that are certified")] = {}
    permissions: Annotated[dict[Code, tuple[Code, ...]], Field(description="command → roles that may send it")]
    partners: dict[Code, Partner] = {}
    agreements: Annotated[dict[Code, Agreement], Field(description="sharing agreements with partners")] = {}
    disclosure: Annotated[DisclosurePolicy | None, Field(description="what may be shared at all, and on which grounds")] = None  # fmt: skip
    reading: Annotated[
        dict[Code, Reading], Field(description="purpose → who may open sealed texts for it; without one, nobody reads")
    ] = {}
    retention: Annotated[RetentionPolicy | None, Field(description="how long the record of a closed case is kept")] = None  # fmt: skip
    consent_scopes: dict[Code, ConsentScope]
    rests_on: Annotated[
        dict[Code, Code], Field(description="kind of obligation → consent scope without which it is not owed")
    ] = {}
    lawful_basis: Annotated[
        LawfulBases | None, Field(description="lawful bases for processing, apart from consent")
    ] = None
    holds: Annotated[dict[Code, Hold], Field(description="kinds of pause of a whole case")] = {}
    extensions: Annotated[
        dict[Code, Term], Field(description="clock that may be given more time → the most, in all")
    ] = {}
    evidence_kinds: dict[Code, EvidenceKind]
    milestones: dict[Code, Milestone]
    reviews: dict[Code, Panel]
    phases: Annotated[dict[Code, Phase], Field(min_length=2, description="in order; a case begins in the first")]
    contact: Annotated[
        dict[Code, Contact], Field(description="phase → contact schedule; a phase without one owes no check-in")
    ]
    care: Annotated[Care | None, Field(description="needs, supports and entitlements")] = None
    due_process: Annotated[
        DueProcess | None, Field(description="how to act against the participant's wish; without it, nobody may")
    ] = None
    silence: Annotated[
        dict[Code, SilenceRule], Field(description="kind of obligation → who owes it, when, and what silence does")
    ]

    @cached_property
    def first_phase(self) -> str:
        """The phase in which a case begins: the first of the definition."""
        return next(iter(self.phases))

    @cached_property
    def acting_role(self) -> str:
        """The role that is in charge of a case while nobody leads it: the first of those that may assign a lead."""
        return next(iter(self.permissions.get("assign_lead", ())), self.lead_role)

    @cached_property
    def gated(self) -> dict[str, tuple[str, ...]]:
        """Command → the certificates that whoever sends it needs."""
        gates = [(command, code) for code, one in self.certificates.items() for command in one.commands]
        return {command: tuple(code for gate, code in gates if gate == command) for command, _ in gates}

    @cached_property
    def scopes(self) -> dict[str, ConsentScope]:
        """Every consent that can be given: a scope that concerns partners stands once for each, as `<scope>:<partner>`."""
        named = {f"{code}:{one}": rule for code, rule in self.consent_scopes.items() for one in rule.partners}
        return {code: rule for code, rule in self.consent_scopes.items() if not rule.partners} | named

    def transition(self, phase: str, to: str) -> Transition | None:
        """The way from `phase` to `to`, if the definition has one."""
        found = self.phases.get(phase)
        return next((t for t in found.transitions if t.to == to), None) if found else None

    def gates(self) -> Iterator[tuple[str, Transition]]:
        """Every transition with the phase that it leaves."""
        for code, phase in self.phases.items():
            for transition in phase.transitions:
                yield code, transition
