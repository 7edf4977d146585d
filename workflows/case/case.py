"""Where the rooms meet: one command in, its events out.

`answer` is the whole of Offramp's judgement. It sees only its arguments (the case, the command, the instant, the actor as the staff directory knows them, the
pinned program), changes nothing, and returns the events that are recorded. A refusal is an answer too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, assert_never, get_args

from pydantic import Field, JsonValue, TypeAdapter, ValidationError

from workflows.case import consent, contact, custody, facts, milestone, notice, phase, review
from workflows.case.state import Case, evolve
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import CLOCK, ENGINE, Actor, Command, Event
from workflows.core.notice import EffectKind, Notice
from workflows.core.obligation import (
    ObligationEscalated,
    ObligationHandedOver,
    SilenceFell,
    close_obligation,
    elapse,
    open_obligation,
)
from workflows.core.refusal import Refused
from workflows.program.model import Program, Transition
from workflows.program.vocabulary import Vocabulary


class Elapsed(Command):
    """Time passed: everything that fell due by now takes its course. Sent by the clock only."""

    type: Literal["elapsed"] = "elapsed"


CaseCommand = (
    phase.OpenCase | phase.ReviewProgress
    | milestone.ClaimMilestone | milestone.VerifyMilestone | milestone.ReturnClaim | milestone.ContradictMilestone
    | review.RequestReview | review.ApproveReview | review.RejectReview | review.RecuseFromReview
    | contact.KeepCheckIn | contact.ExcuseCheckIn | contact.SetSupportLevel
    | consent.GiveConsent | consent.WithdrawConsent | consent.MakeWelfareOffer
    | custody.AssignLead
    | notice.ConfirmNotice | notice.RecordDelivery
    | Elapsed
)  # fmt: skip
_COMMAND: TypeAdapter[CaseCommand] = TypeAdapter(Annotated[CaseCommand, Field(discriminator="type")])
_ALL: tuple[type[Command], ...] = get_args(CaseCommand)
_SYSTEM: dict[type[Command], str] = {Elapsed: CLOCK, notice.RecordDelivery: ENGINE}
COMMANDS: dict[str, type[Command]] = {kind.model_fields["type"].default: kind for kind in _ALL if kind not in _SYSTEM}
"""Stored type → command, for every command that a person may send."""
OBLIGATIONS: dict[str, bool] = {
    "check_in": True, "milestone_verification": False, "milestone_renewal": True, "review_decision": False, "progress_review": True,
    "phase_overstay": True, "consent_request": False, "welfare_offer": False, "notice_delivery": False,
}  # fmt: skip
"""Kind of obligation → whether it is due by a schedule of the definition (else by the silence table's own term)."""
MET_BY: dict[str, frozenset[str]] = {
    "check_in": frozenset({"keep_check_in"}), "milestone_verification": frozenset({"verify_milestone", "return_claim"}),
    "milestone_renewal": frozenset({"claim_milestone"}), "review_decision": frozenset({"approve_review", "reject_review"}),
    "progress_review": frozenset({"review_progress"}), "phase_overstay": frozenset({"request_review"}),
    "consent_request": frozenset({"give_consent"}), "welfare_offer": frozenset({"make_welfare_offer"}),
    "notice_delivery": frozenset({"confirm_notice"}),
}  # fmt: skip
"""Kind of obligation → commands that fulfill it."""
VOCABULARY = Vocabulary(
    commands=frozenset(COMMANDS), obligations=OBLIGATIONS, scopes=frozenset({consent.PARTICIPATION}), met_by=MET_BY
)
AFTER_CLOSURE = (notice.ConfirmNotice, notice.RecordDelivery, Elapsed)
_LONGEST_CAUSE = 200
_FIELD = re.compile(r"[a-z0-9_]{1,64}")


class Context(NamedTuple):
    """What `answer` may know besides the case: the instant, the actor (None: unknown to the staff directory), the people named in the
    command, and the pinned program with its hash (None: no such version is published).
    """  # fmt: skip

    at: datetime
    actor: Actor | None
    staff: Mapping[str, Actor]
    program: Program | None
    sha256: str = ""


def parse_command(raw: Mapping[str, JsonValue]) -> CaseCommand:
    """The command in `raw`.

    Raises:
        Refused: `malformed_command`, naming the field and what is allowed; never the value that was sent.
    """
    try:
        return _COMMAND.validate_python(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        # A field that does not exist was named by the sender, perhaps in words that belong in the vault.
        where = ".".join(str(p) if _FIELD.fullmatch(str(p)) else "(a field)" for p in first["loc"]) or "type"
        cause = str(first["msg"])[:_LONGEST_CAUSE] if first["type"] != "union_tag_invalid" else "no such command"
        cure = "'offramp case do --help' lists the commands and their fields"
        raise Refused("malformed_command", f"{where}: {cause}", cure) from None


def answer(case: Case, raw: dict[str, JsonValue], context: Context) -> tuple[Event, ...]:
    """The events that answer the command; a refusal is answered with `CommandRefused`."""
    try:
        return decide(case, parse_command(raw), context)
    except Refused as refused:
        return (CommandRefused(code=refused.code, why=refused.why, cure=refused.cure, command=raw),)


def decide(case: Case, command: CaseCommand, context: Context) -> tuple[Event, ...]:
    """The events of an accepted command, with the obligations that it opens and closes and the notices that it issues.

    Raises:
        Refused: with the code of the rule that says no: a room's, or `unknown_person`, `case_not_opened`, `program_not_published`,
            `not_authorized`, `case_exists`, `case_closed`, `no_such_transition`.
    """
    actor, program = _admit(case, command, context)
    draft = _Draft(case, program, context.at)
    # What fell due by now fell due before whoever acts now: a command that overtakes a late timer does not hide the silence before it.
    draft.add(*_elapse(case, program, context.at))
    draft.add(*_judge(draft, command, actor, context))
    draft.settle()
    draft.notify()
    return tuple(draft.events)


def _admit(case: Case, command: CaseCommand, context: Context) -> tuple[Actor, Program]:
    if context.actor is None:
        raise Refused(
            "unknown_person",
            "the sender is not in the staff directory, or no longer active",
            "have them imported with 'offramp staff import'",
        )
    if not case.opened and not isinstance(command, phase.OpenCase):
        raise Refused("case_not_opened", "this case was never opened", "open it first with 'offramp case open'")
    program = context.program
    if program is None:
        raise Refused(
            "program_not_published",
            "no such version of the program is published",
            "'offramp program list' shows the published ones",
        )
    _entitled(command, context.actor, program)
    if isinstance(command, phase.OpenCase) and case.opened:
        raise Refused("case_exists", "this case is open already", "use another command, or open another case")
    if case.closed and not isinstance(command, AFTER_CLOSURE):
        raise Refused(
            "case_closed", "the case is closed", "open a new case for a new episode; this one stays on record"
        )
    return context.actor, program


def _entitled(command: CaseCommand, actor: Actor, program: Program) -> None:
    system = _SYSTEM.get(type(command))
    if system is not None and actor.person != system:
        raise Refused(
            "not_authorized",
            f"{command.type} is sent by the engine only",
            "nothing to do: the engine sends it when it is due",
        )
    if system is None:
        roles = program.permissions.get(command.type, ())
        if not actor.holds(roles):
            raise Refused(
                "not_authorized",
                f"{command.type} needs one of: {', '.join(roles) or 'no role may'}",
                "ask somebody who holds such a role",
            )


class _Draft:
    """The answer while it is put together: each event is added and at once taken into account by what follows."""

    def __init__(self, case: Case, program: Program, at: datetime) -> None:
        self.case, self.program, self.at = case, program, at
        self.events: list[Event] = []
        self._position = case.position + 1

    def add(self, *events: Event) -> None:
        """Add events, in order."""
        self.case = evolve(self.case, events, self.at)
        self.events.extend(events)

    def settle(self) -> None:
        """Open what is owed from now on, close what no longer is: met where an event fulfills it, otherwise released."""
        owed = {item.key: item for item in facts.owes(self.case, self.program)}
        fulfilled = {key for event in self.events for key in _settles(event, self.case.obligations)}
        closing = [obligation for key, obligation in self.case.obligations.items() if key not in owed]
        self.add(*(close_obligation(o, how="met" if o.key in fulfilled else "released", at=self.at) for o in closing))
        lead, lead_role = self.case.custody.lead, self.program.lead_role
        for open_one in self.case.obligations.values():
            if open_one.owner == lead_role and lead is not None and open_one.holder != lead:
                self.add(ObligationHandedOver(key=open_one.key, kind=open_one.kind, holder=lead))
        for key in [key for key in owed if key not in self.case.obligations]:
            rule = self.program.silence[owed[key].kind]
            holder = lead if rule.owner == lead_role else None
            self.add(open_obligation(owed[key], rule=rule, calendar=self.program.calendar, at=self.at, holder=holder))

    def notify(self) -> None:
        """Issue the notices that the events call for."""
        calls = [call for event in self.events for call in _calls(event, self.case, self.program)]
        for number, (effect, template, role, about, level) in enumerate(calls, start=1):
            person = self.case.custody.lead if role == self.program.lead_role else None
            key = f"{self._position}/{number}"
            self.add(notice.NoticeIssued(notice=Notice(key=key, effect=effect, template=template, to_role=role, to_person=person, about=about, level=level)))  # fmt: skip


def _judge(draft: _Draft, command: CaseCommand, actor: Actor, context: Context) -> tuple[Event, ...]:
    case, program, at = draft.case, draft.program, context.at
    match command:
        case phase.OpenCase():
            return _open(case, command, program, context)
        case phase.ReviewProgress():
            return phase.decide(case.phase, command)
        case milestone.ClaimMilestone() | milestone.VerifyMilestone() | milestone.ReturnClaim() | milestone.ContradictMilestone():  # fmt: skip
            known_rules = facts.milestone_facts(program)
            return milestone.decide(case.milestone, command, facts=known_rules, actor=actor, at=at)
        case review.RequestReview() | review.ApproveReview() | review.RejectReview() | review.RecuseFromReview():
            return _review(case, command, program, actor=actor, at=at)
        case contact.KeepCheckIn() | contact.ExcuseCheckIn() | contact.SetSupportLevel():
            known = facts.contact_facts(case, program)
            return contact.decide(
                case.contact, command, facts=known, calendar=program.calendar, actor=actor.person, at=at
            )
        case consent.GiveConsent() | consent.WithdrawConsent() | consent.MakeWelfareOffer():
            return _consent(case, command, program, at)
        case custody.AssignLead():
            return custody.decide(case.custody, command, _candidate(command.person, program, context))
        case notice.ConfirmNotice() | notice.RecordDelivery():
            return notice.decide(case.notice, command)
        case Elapsed():
            return ()  # `decide` has let time take its course already
        case _:
            assert_never(command)


def _candidate(person: str, program: Program, context: Context) -> custody.Facts:
    return custody.Facts(candidate=context.staff.get(person), lead_role=program.lead_role)


def _open(case: Case, command: phase.OpenCase, program: Program, context: Context) -> tuple[Event, ...]:
    custody.require_lead(command.lead, _candidate(command.lead, program, context))
    opened = phase.CaseOpened(
        program=program.program, version=program.version, sha256=context.sha256, eligibility=command.eligibility
    )
    return (
        opened,
        custody.LeadAssigned(person=command.lead),
        contact.SupportLevelSet(level=command.support_level),
        *_enter(case, program, to=program.first_phase, kind="open", number=None),
    )


def _enter(
    case: Case, program: Program, *, to: str, kind: Literal["open", "advance", "exit"], number: int | None
) -> tuple[Event, ...]:
    return (
        *phase.enter(case.phase, to=to, kind=kind, review=number, phases=program.phases),
        contact.ContactScheduleStarted(phase=to),
    )


def _consent(case: Case, command: consent.ConsentCommand, program: Program, at: datetime) -> tuple[Event, ...]:
    events = consent.decide(case.consent, command, consent.Facts(scopes=frozenset(program.consent_scopes)))
    if isinstance(command, consent.MakeWelfareOffer) or command.scope != consent.PARTICIPATION:
        return events
    if isinstance(command, consent.WithdrawConsent):
        return (*events, contact.ContactPaused())
    known = facts.contact_facts(case, program)
    return (*events, contact.resume(case.contact, known, calendar=program.calendar, at=at))


def _review(
    case: Case, command: review.ReviewCommand, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    if isinstance(command, review.RequestReview):
        transition = _transition(case, program, command.to)
        known = facts.review_facts(case, program, transition, requested_by=None, at=at)
        return review.request(case.review, command, known, actor=actor)
    open_one = review.find(case.review, command.review)
    transition = _transition(case, program, open_one.to)
    known = facts.review_facts(case, program, transition, requested_by=open_one.requested_by, at=at)
    events: tuple[Event, ...] = review.vote(case.review, command, known, actor=actor)
    decided = events[-1]
    if isinstance(decided, review.ReviewDecided) and decided.outcome == "approved":
        moved = _enter(case, program, to=decided.to, kind=transition.kind, number=decided.review)
        events = (*events, *review.supersede(case.review, by=decided.review), *moved)
    return events


def _transition(case: Case, program: Program, to: str) -> Transition:
    here = case.phase.phase or ""
    found = program.transition(here, to)
    if found is None:
        ways = ", ".join(t.to for t in program.phases[here].transitions) or "none"
        raise Refused("no_such_transition", f"there is no way from {here} to {to}", f"ways on from {here}: {ways}")
    return found


def _elapse(case: Case, program: Program, at: datetime) -> tuple[Event, ...]:
    fell = [event for owed in case.obligations.values() for event in elapse(owed, calendar=program.calendar, at=at)]
    events: list[Event] = []
    # In the order in which it fell due, so that what an outage delayed still reads as it happened.
    for event in sorted(fell, key=lambda event: event.due if isinstance(event, SilenceFell) else event.rung_at):
        events.append(event)
        if isinstance(event, SilenceFell):
            events += [*contact.fall_silent(case.contact, event.key), *milestone.fall_silent(case.milestone, event.key)]
    return tuple(events)


_SETTLES: tuple[tuple[Any, Any], ...] = (
    (consent.ConsentEvent, consent.settles), (contact.ContactEvent, contact.settles), (milestone.MilestoneEvent, milestone.settles),
    (notice.NoticeEvent, notice.settles), (phase.PhaseEvent, phase.settles), (review.ReviewEvent, review.settles),
)  # fmt: skip


def _settles(event: Event, keys: Mapping[str, object]) -> tuple[str, ...]:
    """The open obligations that an event fulfills, as its room says."""
    return next((settles(event, keys.keys()) for kinds, settles in _SETTLES if isinstance(event, kinds)), ())


_Call = tuple[EffectKind, str, str, str, int]
_REMINDERS: dict[str, EffectKind] = {"check_in": "check_in", "review_decision": "review"}


def _calls(event: Event, case: Case, program: Program) -> tuple[_Call, ...]:
    """The notices that an event calls for: (effect, template, role, what it is about, level)."""
    match event:
        case ObligationEscalated():
            obligation = case.obligations.get(event.key)
            reminder = obligation is not None and event.rung_at < obligation.due
            effect = _REMINDERS.get(event.kind, "escalation") if reminder else "escalation"
            return ((effect, event.action, event.tell, event.key, event.level),)
        case review.ReviewRequested():
            seats = program.reviews[event.panel].seats
            return tuple(("review", "review_requested", seat.role, f"review/{event.review}", 0) for seat in seats)
        case review.ReviewDecided():
            return (("review", "review_decided", program.lead_role, f"review/{event.review}", 0),)
        case _:
            return ()


def next_wake(case: Case) -> datetime | None:
    """The next instant at which something happens if nobody acts; None if nothing is owed."""
    return min((o.next_at for o in case.obligations.values() if o.next_at is not None), default=None)
