"""What a scenario is: who is in it, what they do and when, and what is to come of it.

A step may let time pass (`after`), send a command (`by`, `do`), and say what holds then. Everything that a step claims is an expectation; a
command without `refused` is expected to be accepted.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from starter.scenario.commands import STORY_COMMAND
from starter.scenario.pattern import EventPattern, OwedPattern
from starter.scenario.span import Span
from workflows.case.appeal import Stage
from workflows.case.consent_form import Scope
from workflows.case.milestone import Status
from workflows.case.referring import Status as ReferralStatus
from workflows.core.kinds import NO_EXPIRY, RESERVED, Code, Instant, PersonId
from workflows.program.model import Program, SupportLevel

if TYPE_CHECKING:
    StoryCommand = BaseModel
else:
    StoryCommand = STORY_COMMAND

Title = Annotated[str, Field(min_length=1, max_length=200)]
Standing = Literal["unclaimed"] | Status
ActStage = Literal["proposed", "hearing"] | Stage
"""`hearing`: the proposal was served. Then as the appeal has it: `upheld`, `served`, `appealed`, `dismissed`, `dismissal_served`."""
SafetyStanding = Literal["in_force", "activated"]
"""`activated`: its trigger occurred, and the response is not on record yet."""
SetbackStanding = Literal["learning_owed", "learned"]
DangerStage = Literal["asked", "in_force"]
DisclosureStage = Literal["asked", "untold", "told"]
ConcernStage = Literal["open", "answered"]
"""`untold`: it was made, and the person does not know of it yet."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Person(_Part):
    """A member of staff, who is synthetic. The people of a story are its whole staff directory."""

    roles: Annotated[tuple[Code, ...], Field(min_length=1, description="roles of the program")]
    organisation: Annotated[Code | None, Field(description="whom the person works for")] = None
    certificates: Annotated[
        dict[Code, date] | None,
        Field(description="what they are certified in: its last valid day; left out: all, without end"),
    ] = None
    until: Annotated[Instant | None, Field(description="when they leave, as far as is known")] = None
    cases: Annotated[int, Field(ge=0, description="other open cases that they lead, or stand in for")] = 0

    def certified(self, program: Program) -> dict[str, date]:
        """Their certificates."""
        return dict.fromkeys(program.certificates, NO_EXPIRY) if self.certificates is None else self.certificates


def _dotted(schema: dict[str, Any]) -> None:
    parts = {
        name: part["additionalProperties"]
        for name, part in schema["properties"].items()
        if "additionalProperties" in part
    }
    schema["patternProperties"] = {rf"^{name}\.": part for name, part in parts.items()}


class View(_Part):
    """Where a case stands, in plain terms. In a step only what is named is compared; a list is compared whole, in any order.

    `milestones.livelihood: verified` says the same as `milestones: {livelihood: verified}`.
    """

    model_config = ConfigDict(json_schema_extra=_dotted)

    opened: bool = False
    closed: bool = False
    phase: Code | None = None
    episode: Annotated[int, Field(description="how often the person came, from one on")] = 1
    lead: PersonId | None = None
    former_leads: tuple[PersonId, ...] = ()
    in_charge: Annotated[
        PersonId | None, Field(description="the lead or their deputy; none while nobody is here who leads")
    ] = None
    absences: Annotated[
        dict[str, Code | None], Field(description="number of a missed check-in: how the absence is classified")
    ] = {}
    support_level: SupportLevel | None = None
    milestones: Annotated[dict[str, Standing], Field(description="milestone: how it stands")] = {}
    consents: Annotated[tuple[Scope, ...], Field(description="scopes in force")] = ()
    asked: Annotated[tuple[Scope, ...], Field(description="scopes that the person is asked for")] = ()
    reviews: Annotated[
        dict[str, Code], Field(description="number of an open review: the phase that it would move to")
    ] = {}
    acts: Annotated[
        dict[str, ActStage], Field(description="number of an adverse act that is not over: how far it came")
    ] = {}
    measures: Annotated[dict[str, Code], Field(description="number of a measure in force: its kind")] = {}
    dangers: Annotated[
        dict[str, DangerStage], Field(description="number of an act in danger that is not over: how it stands")
    ] = {}
    hold: Annotated[Code | None, Field(description="kind of the pause in force")] = None
    partners: Annotated[tuple[Code, ...], Field(description="partners that work on the case")] = ()
    lawful_basis: Annotated[tuple[Code, ...], Field(description="bases on record for processing")] = ()
    disclosures: Annotated[
        dict[str, DisclosureStage], Field(description="number of a disclosure that was not declined: how it stands")
    ] = {}
    assessments: Annotated[int, Field(description="how many assessments are on record")] = 0
    concerns: Annotated[
        dict[str, ConcernStage], Field(description="number of a concern that is not closed: how it stands")
    ] = {}
    needs: Annotated[tuple[Code, ...], Field(description="needs that wait")] = ()
    referrals: Annotated[
        dict[str, ReferralStatus], Field(description="number of an open referral: how it stands; back with its owner is returned")
    ] = {}  # fmt: skip
    circles: Annotated[
        dict[str, tuple[Code, ...]], Field(description="number of a circle of preconditions before the panel: its needs, in order")
    ] = {}  # fmt: skip
    unserved: Annotated[
        dict[str, Code], Field(description="number of a notice that the person has not got yet: what it is about")
    ] = {}
    access_requests: Annotated[tuple[int, ...], Field(description="numbers of requests that wait for an answer")] = ()
    legal_holds: Annotated[tuple[int, ...], Field(description="numbers of the legal holds in force")] = ()
    retention_class: Annotated[Code | None, Field(description="how long the closed record is kept, by its class")] = (
        None
    )
    sealed: Annotated[bool, Field(description="the record is sealed from operators")] = False
    erased: Annotated[bool, Field(description="the erasure is approved")] = False
    relatives: Annotated[dict[str, Code], Field(description="number of a related person: of which kind")] = {}
    family_goals: Annotated[tuple[int, ...], Field(description="numbers of the family goals that are open")] = ()
    relative_supports: Annotated[
        dict[str, Code], Field(description="number of a relative's own support that goes on: its kind")
    ] = {}
    follow_ups: Annotated[tuple[int, ...], Field(description="numbers of the follow-ups that are not settled")] = ()
    safety: Annotated[
        dict[str, SafetyStanding], Field(description="number of an entry of the safety plan: how it stands")
    ] = {}
    services: Annotated[
        dict[str, Code], Field(description="protective service: whether it was reached, or refused")
    ] = {}
    setbacks: Annotated[
        dict[str, SetbackStanding], Field(description="number of a setback: whether the team has learned from it")
    ] = {}
    actions: Annotated[
        tuple[int, ...], Field(description="numbers of the actions of learning reviews that are owed")
    ] = ()
    owed: Annotated[tuple[Code, ...], Field(description="kinds of what is owed now, once for each debt")] = ()

    @model_validator(mode="before")
    @classmethod
    def _nested(cls, given: Any) -> Any:
        """`milestones.livelihood: verified` reads as the nested form."""
        if not isinstance(given, dict):
            return given
        nested: dict[Any, Any] = {}
        for name, found in given.items():
            # Behind a validator pydantic no longer knows that this was JSON, whose lists stand for tuples.
            value = _tuples(found)
            room, dot, part = name.partition(".") if isinstance(name, str) else (name, "", "")
            if dot and isinstance(nested.setdefault(room, {}), dict):
                nested[room][part] = value
            else:
                nested[name] = value
        return nested


def _tuples(found: Any) -> Any:
    """Lists as tuples, one level down too."""
    if isinstance(found, dict):
        return {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}
    return tuple(found) if isinstance(found, list) else found


class Step(_Part):
    """One step of a story."""

    title: Annotated[Title | None, Field(description="what the step is about, in words")] = None
    after: Annotated[Span | None, Field(description="so much time passes first, on the program's calendar")] = None
    by: Annotated[PersonId | None, Field(description="who sends the command, one of the story's people")] = None
    do: Annotated[StoryCommand | None, Field(description="the command, with its type")] = None
    refused: Annotated[Code | None, Field(description="the command is refused, with this code")] = None
    expect: Annotated[
        tuple[EventPattern, ...], Field(description="events recorded in this step: a type, or a type with some fields")
    ] = ()
    never: Annotated[tuple[EventPattern, ...], Field(description="events that did not happen since the beginning")] = ()
    once: Annotated[
        tuple[EventPattern, ...], Field(description="events that happened exactly once since the beginning")
    ] = ()
    owed: Annotated[
        tuple[OwedPattern, ...], Field(description="what is owed now: a kind, or a kind with some fields")
    ] = ()
    not_owed: Annotated[tuple[OwedPattern, ...], Field(description="what is not owed now")] = ()
    why: Annotated[
        dict[str, tuple[str, ...]],
        Field(description="a phase: everything that the way there still waits for, as 'offramp case why' lists it"),
    ] = {}
    state: Annotated[View | None, Field(description="where the case stands after the step")] = None

    @model_validator(mode="after")
    def _whole(self) -> Step:
        if (self.by is None) != (self.do is None):
            msg = "'by' and 'do' together: who sends the command, and the command"
            raise ValueError(msg)
        if self.refused is not None and self.do is None:
            msg = "'refused' beside a command: 'by' and 'do'"
            raise ValueError(msg)
        if self.do is None and self.after is None and not self.claims:
            msg = "at least one of after, do, expect, never, once, owed, not_owed, why, state"
            raise ValueError(msg)
        return self

    @property
    def claims(self) -> bool:
        """Whether anything is to be compared after the step."""
        compared = (self.expect, self.never, self.once, self.owed, self.not_owed, self.why, self.state)
        return self.refused is not None or any(compared)


class Scenario(_Part):
    """A story of one case."""

    scenario: Annotated[Title, Field(description="what the story is called")]
    about: Annotated[str | None, Field(max_length=1000, description="what it proves, in words")] = None
    program: Annotated[
        str, Field(min_length=1, description="file of the definition; looked for from the story's folder upward")
    ]
    starts: Annotated[Instant, Field(description="when it begins, with an offset: 2026-01-05T09:00:00+01:00")]
    people: Annotated[dict[PersonId, Person], Field(min_length=1, description="the staff directory, by id")]
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @field_validator("starts")
    @classmethod
    def _whole_minute(cls, starts: datetime) -> datetime:
        if starts.second or starts.microsecond:
            msg = "a whole minute: what is recorded within one minute is told as one"
            raise ValueError(msg)
        return starts

    @field_validator("people")
    @classmethod
    def _people(cls, people: dict[str, Person]) -> dict[str, Person]:
        if taken := RESERVED & people.keys():
            msg = f"another id than {', '.join(sorted(taken))}: under it the engine itself acts"
            raise ValueError(msg)
        return people
