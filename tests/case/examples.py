"""One builder for every noun of a case. Everybody in here is made up.

`Story` plays a case on the pure core, as scenarios do; here it also claims what the answers are.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from starter.scenario.pure import PureCase
from workflows.case.assessment import fresh
from workflows.case.commands import parse_command
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import NO_EXPIRY, Actor, Event
from workflows.core.refusal import Refused
from workflows.program.load import load_program
from workflows.program.model import Gate, Program

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("disengagement", "housing_first")
MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
"""A working day in the calendars of both programs, at the start of office hours."""
E = TypeVar("E", bound=Event)


@cache
def shipped(code: str) -> Program:
    """A shipped definition."""
    return load_program((ROOT / "programs" / f"{code}.yaml").read_text(encoding="utf-8"))


def note(number: int = 1) -> str:
    """A reference to sealed text."""
    return f"note:{uuid.UUID(int=number)}"


def person(role: str, number: int = 1) -> str:
    """The id of a made-up member of staff."""
    return f"{role}.{number}"


LEAD, SUPERVISOR, PROVIDER = person("lead_practitioner"), person("supervisor"), person("intervention_provider")
CHAIR, COMMUNITY, ADVOCATE = person("panel_chair"), person("community_member"), person("advocate")
MEMBERS = tuple(person("panel_member", number) for number in range(1, 5))
"""People of the disengagement program, one each; four members of the panel."""


def staff(program: Program, *, each: int = 4) -> dict[str, Actor]:
    """A directory in which every role is held by `each` people, certified without end, from two organizations in turn, and nobody holds two; the last of those
    who attest sessions is of the first provider to whom the program refers.
    """  # fmt: skip
    certified = dict.fromkeys(program.certificates, NO_EXPIRY)
    people = {
        person(role, number): Actor(
            person=person(role, number),
            roles=(role,),
            organization=("city", "civil")[number % 2],
            certificates=certified,
        )
        for role in program.roles
        for number in range(1, each + 1)
    }
    care = program.care
    for provider in list(care.referrals.providers)[:1] if care is not None and care.referrals is not None else ():
        for role in {role for kind in care.supports.values() for role in kind.attest_by} if care is not None else ():
            last = person(role, each)
            people[last] = people[last].model_copy(update={"organization": provider})
    return people


def evidence(kind: str, *, at: datetime, days_old: float = 3, source: str | None = None) -> dict[str, Any]:
    """One observation; each kind has a source of its own unless one is named."""
    observed = (at - timedelta(days=days_old)).isoformat()
    return {"kind": kind, "source": source or f"{kind}_1", "observed_at": observed, "note": note(7)}


def enough_evidence(program: Program, milestone: str, at: datetime) -> list[dict[str, Any]]:
    """Evidence that carries a claim of the milestone: of each counting kind of source one fresh observation."""
    kinds = {program.evidence_kinds[kind].source: kind for kind in program.milestones[milestone].evidence if program.evidence_kinds[kind].counts}  # fmt: skip
    return [evidence(kind, at=at) for kind in kinds.values()]


class Story(PureCase):
    """A case that is played on the pure core, with its program, its staff and its clock."""

    def __init__(self, code: str = "disengagement", *, program: Program | None = None, at: datetime = MONDAY) -> None:
        program = program or shipped(code)
        super().__init__(program, staff(program), at=at)

    def fork(self) -> Story:
        """The same story so far, to go on another way."""
        other = copy(self)
        other.staff, other.cases, other.told = dict(self.staff), dict(self.cases), list(self.told)
        return other

    def do(self, actor: str, command: str, **fields: Any) -> tuple[Event, ...]:
        """Send a command that is to be accepted; its events."""
        events = self.send(actor, {"type": command, **fields})
        assert not isinstance(events[0], CommandRefused), events[0]
        return events

    def refuse(self, code: str, actor: str, command: str, **fields: Any) -> CommandRefused:
        """Send a command that is to be refused with `code`; the refusal, which changed nothing and names a cure."""
        before = self.case
        (event,) = self.send(actor, {"type": command, **fields})
        assert isinstance(event, CommandRefused), event
        assert event.code == code, event
        assert len(event.cure.split()) > 1
        assert self.case == before.model_copy(
            update={"position": self.case.position, "head": self.case.head, "as_of": self.at}
        )
        return event

    def later(self, **term: float) -> Story:
        """Let time pass, with the clock acting whenever something falls due."""
        return self.until(self.at + timedelta(**term))

    def until(self, at: datetime) -> Story:
        """Let time pass up to `at`, with the clock acting whenever something falls due."""
        self.pass_until(at)
        return self

    def events(self, kind: type[E]) -> list[E]:
        """Every event of a kind, in order."""
        return [event for told in self.told for event in told.events if isinstance(event, kind)]

    def owed(self, kind: str) -> list[str]:
        """The keys of the open obligations of a kind."""
        return [key for key, obligation in self.case.obligations.items() if obligation.kind == kind]

    def due(self, kind: str) -> datetime:
        """When the one open obligation of a kind is due."""
        (key,) = self.owed(kind)
        return self.case.obligations[key].due

    def holders(self, *roles: str) -> list[str]:
        """The staff who hold one of the roles, in the order of the roles."""
        return [who for role in roles for who, actor in self.staff.items() if actor.holds((role,))]


def opened(code: str = "disengagement", *, level: str = "high", consent: bool = True) -> Story:
    """A story in which the case was just opened, the person told why, its lawful basis recorded, with consent to every scope that a gate asks for unless `consent` is False."""
    story = Story(code)
    lead = person(story.program.lead_role)
    (opener, *_) = story.holders(*story.program.permissions["open_case"])
    story.do(
        opener, "open_case", program=story.program.program, version=story.program.version, lead=lead, support_level=level,
        eligibility=note(2),
    )  # fmt: skip
    story.do(lead, "record_service", notice=0, how="in_person", language="en", proof=note(14))
    if story.program.lawful_basis is not None:
        (recorder, *_) = story.holders(*story.program.permissions["record_lawful_basis"])
        story.do(recorder, "record_lawful_basis", basis=story.program.lawful_basis.otherwise, reasons=note(8))
    asked = {scope: None for _, transition in story.program.gates() for scope in transition.gate.consent}
    for scope in asked if consent else ():
        story.do(lead, "give_consent", scope=scope, form_version="form_1", language="en", explained_by=lead)
    return story


def verified(story: Story, milestone: str, *, verifier: str | None = None) -> Story:
    """The story with the milestone claimed and verified now."""
    rule = story.program.milestones[milestone]
    (claimant, *_) = story.holders(*rule.claim_by)
    story.do(
        claimant, "claim_milestone", milestone=milestone, evidence=enough_evidence(story.program, milestone, story.at)
    )
    judge = verifier or next(who for who in story.holders(*rule.verify_by) if who != claimant)
    story.do(judge, "verify_milestone", milestone=milestone, reasons=note(3))
    return story


def judged(program: Program, **changes: Any) -> dict[str, Any]:
    """What an assessor judges with the program's first instrument: a summary of every domain, and judgements in words; changed."""
    assert program.care is not None
    code, instrument = next(iter(program.care.instruments.items()))
    whole = {
        "instrument": code, "edition": instrument.editions[-1], "domains": {domain: note(20) for domain in instrument.domains},
        "judgement": list(instrument.judgements)[1], "likelihood": "unlikely", "severity": "serious", "imminence": "not_foreseen",
        "direction": "easing", "confidence": "fair", **changes,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def assessed(story: Story, trigger: str = "schedule", **changes: Any) -> Story:
    """The story with the person assessed now by the first of those who may."""
    (assessor, *_) = story.holders(*story.program.permissions["record_assessment"])
    story.do(assessor, "record_assessment", trigger=trigger, **judged(story.program, **changes))
    return story


def assess_for(story: Story, gate: Gate) -> Story:
    """The story with the person assessed now, where the gate asks for an assessment and the last is too old."""
    within, made = gate.assessed_within, story.case.assessment
    if within is not None and not fresh(made, within, calendar=story.program.calendar, at=story.at):
        assessed(story, "before_move")
    return story


def asked(story: Story, to: str | None = None) -> int:
    """Ask for a review of the way to `to` (the first way on if None), every other condition being met now; its number."""
    here = story.program.phases[story.case.phase.phase or ""]
    transition = next(t for t in here.transitions if to in {None, t.to})
    for milestone in transition.gate.milestones:
        standing = story.case.milestone.standing.get(milestone)
        if standing is None or standing.status != "verified":
            verified(story, milestone)
    assess_for(story, transition.gate)
    number = story.case.review.next_number
    panel = story.program.reviews[transition.gate.review]
    (asker, *_) = story.holders(*panel.request_by)
    story.do(asker, "request_review", to=transition.to, reasons=note(4), participant_view=note(5))
    return number


def approved(story: Story, number: int, *voters: str) -> tuple[Event, ...]:
    """The events of the last of these approvals."""
    return [story.do(voter, "approve_review", review=number, reasons=note(6)) for voter in voters][-1]


def closed(story: Story) -> Story:
    """The story after its case was closed straight from clearing, in the program of disengagement, and the person told."""
    approved(story, asked(story, "closed"), CHAIR, COMMUNITY, *MEMBERS[:2])
    return all_told(story)


def in_aftercare(story: Story | None = None) -> Story:
    """The story of somebody who left early by own choice, takes part, and is in aftercare, told of it."""
    story = story or opened()
    approved(story, asked(story, "stabilization"), CHAIR, COMMUNITY, *MEMBERS[:2])
    approved(story, asked(story, "aftercare"), CHAIR, COMMUNITY, *MEMBERS[:2])
    return all_told(story)


def shared(story: Story, partner: str = "housing_office", *, fields: Sequence[str] = ("contact_route", "housing_need")) -> int:  # fmt: skip
    """A disclosure under the agreement with the partner and the person's consent, asked for by the lead, approved by the supervisor; its number."""
    agreement = next(code for code, agreed in story.program.agreements.items() if partner in agreed.parties)
    (recipient, *_) = (code for code, role in story.program.roles.items() if role.partner == partner)
    number = story.case.disclosure.number + 1
    story.do(
        LEAD, "request_disclosure", partner=partner, recipient=recipient, purpose="referral", fields=list(fields), agreement=agreement, reasons=note(9),
    )  # fmt: skip
    story.do(SUPERVISOR, "approve_disclosure", disclosure=number, reasons=note(10))
    return number


def erased(story: Story) -> Story:
    """The story after the closed case's record was erased: the person has a copy, the officer asks, the director approves."""
    officer = person("data_protection_officer")
    (director, *_) = (who for who in story.holders(*story.program.permissions["approve_erasure"]) if who != officer)
    story.do(officer, "record_copy_given", how="handed_over", proof=note(11))
    story.do(officer, "request_erasure", reasons=note(12))
    story.do(director, "approve_erasure", reasons=note(13))
    return all_told(story)


def all_told(story: Story) -> Story:
    """The story with every notice that the person is owed served on them now."""
    (server, *_) = story.holders(*story.program.permissions["record_service"])
    for notice in story.case.service.owed:
        story.do(server, "record_service", notice=notice, how="in_person", language="de", proof=note(14))
    return story


def parsed(raw: dict[str, Any]) -> object:
    """The command, or the refusal's code, as it comes out of JSON."""
    try:
        return parse_command(json.loads(json.dumps(raw)))
    except Refused as refused:
        return refused.code
