"""Where the rooms meet: one command in, its events out.

`answer` is the whole of Offramp's judgement. It sees only its arguments (the case, the command, the instant, the actor as the staff directory knows them, the
pinned program), changes nothing, and returns the events that are recorded. A refusal is an answer too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, assert_never, get_args

from pydantic import JsonValue

from workflows.case import (
    access,
    adverse,
    age,
    appeal,
    care,
    care_facts,
    consent,
    contact,
    contact_form,
    custody_form,
    disclosure,
    due_process,
    extension,
    facts,
    fitness,
    follow_up_form,
    hold,
    lawful_basis,
    legal_hold,
    link,
    measure,
    milestone,
    network_form,
    notice,
    objection,
    opening,
    partner,
    phase,
    reentry,
    referral_form,
    relative_support,
    retention,
    review,
    run,
    service,
    setback_form,
)
from workflows.case.commands import SENT_BY, CaseCommand, Elapsed, parse_command, recordable
from workflows.case.consent_form import AskConsent, DeclineConsent, GiveConsent, MakeWelfareOffer, WithdrawConsent
from workflows.case.draft import Draft
from workflows.case.state import Case
from workflows.core.calendar import Term
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import Actor, Event
from workflows.core.pause import extend
from workflows.core.refusal import Refused, listed
from workflows.program.model import Program, Transition

OfTheRecord = disclosure.DisclosureCommand | access.AccessCommand | legal_hold.HoldCommand | retention.RetentionCommand
_Right = (
    hold.HoldCommand
    | extension.ExtensionCommand
    | lawful_basis.RecordLawfulBasis
    | partner.PartnerCommand
    | age.RecordComingOfAgeDue
)
AFTER_CLOSURE = (
    notice.ConfirmNotice, notice.RecordDelivery, service.RecordService, follow_up_form.RecordFollowUp, Elapsed,
    disclosure.RecordTold, disclosure.CorrectDisclosure, disclosure.RecordRecipientTold,
    network_form.GiveRelativeConsent, network_form.WithdrawRelativeConsent, *get_args(relative_support.RelativeSupportCommand),
    phase.Reenter, referral_form.RecordProviderTold, setback_form.RecordLearning, setback_form.CloseLearningAction,
    custody_form.AssignLead, custody_form.ConfirmLead, *get_args(access.AccessCommand), *get_args(legal_hold.HoldCommand), *get_args(retention.RetentionCommand),
)  # fmt: skip
"""What may still be done once the case is closed: what is owed to the person, to recipients, and to the record's end; that they come after all; and support of relatives."""


class Context(NamedTuple):
    """What `answer` may know besides the case: the instant, the actor (None: unknown to the staff directory), the people named in the
    command, the pinned program with its hash (None: no such version is published), the cases whose sealed names match at an opening, and what
    the ledgers of linked cases say of their ends; and how many other open cases whoever is to take this one leads or stands in for.
    """  # fmt: skip

    at: datetime
    actor: Actor | None
    staff: Mapping[str, Actor]
    program: Program | None
    sha256: str = ""
    matches: tuple[str, ...] = ()
    priors: Mapping[str, link.Prior] = MappingProxyType({})
    caseload: int = 0


def answer(case: Case, raw: dict[str, JsonValue], context: Context, *, command: CaseCommand | None = None) -> tuple[Event, ...]:  # fmt: skip
    """The events that answer the command, a refusal's among them. `command`: what `raw` says, where it was read already."""
    try:
        return decide(case, parse_command(raw) if command is None else command, context)
    except Refused as refused:
        return (CommandRefused(code=refused.code, why=refused.why, cure=refused.cure, command=recordable(raw)),)


def decide(case: Case, command: CaseCommand, context: Context) -> tuple[Event, ...]:
    """The events of an accepted command, with the obligations that it opens and closes and the notices that it issues.

    Raises:
        Refused: with the code of the rule that says no: a room's, or `unknown_person`, `case_not_opened`, `program_not_published`,
            `not_authorized`, `case_exists`, `case_closed`, `no_such_transition`.
    """
    if isinstance(command, run.KeepRun):
        # It is about the engine, not about the case: what fell due waits for its own command, and a case that was never opened had a run too.
        _from_engine(command, context.actor)
        return run.decide(command)
    actor, program = _admit(case, command, context)
    draft = Draft(case, program, context.at)
    draft.begin(late=not isinstance(command, notice.RecordDelivery))
    draft.add(*_judge(draft, command, actor, context))
    draft.inform()
    draft.settle()
    draft.withdraw()
    draft.notify()
    return tuple(draft.events)


def _admit(case: Case, command: CaseCommand, context: Context) -> tuple[Actor, Program]:
    if context.actor is None:
        raise Refused(
            "unknown_person", "the sender is not in the staff directory, or no longer active",
            "have them imported with 'offramp staff import'",
        )  # fmt: skip
    if not case.opened and not isinstance(command, phase.OpenCase):
        raise Refused("case_not_opened", "this case was never opened", "open it first with 'offramp case open'")
    program = context.program
    if program is None:
        raise Refused("program_not_published", "no such version of the program is published", "'offramp program list' shows the published ones")  # fmt: skip
    _entitled(command, context.actor, program)
    fitness.require_gated(context.actor, command.type, program, at=context.at)
    if isinstance(command, phase.OpenCase) and case.opened:
        raise Refused("case_exists", "this case is open already", "use another command, or open another case")
    if case.closed and not isinstance(command, AFTER_CLOSURE):
        raise Refused("case_closed", "the case is closed", "if the person wishes to come back, take them back with reenter")  # fmt: skip
    return context.actor, program


def _from_engine(command: CaseCommand, actor: Actor | None) -> None:
    if actor is None or actor.person != SENT_BY[type(command)]:
        raise Refused(
            "not_authorized", f"{command.type} is sent by the engine only",
            "nothing to do: the engine sends it when it is due",
        )  # fmt: skip


def _entitled(command: CaseCommand, actor: Actor, program: Program) -> None:
    if type(command) in SENT_BY:
        _from_engine(command, actor)
        return
    roles = program.permissions.get(command.type, ())
    if not actor.holds(roles):
        raise Refused(
            "not_authorized", f"{command.type} needs one of: {', '.join(roles) or 'no role may'}",
            "ask somebody who holds such a role",
        )  # fmt: skip


def _judge(draft: Draft, command: CaseCommand, actor: Actor, context: Context) -> tuple[Event, ...]:
    case, program, at = draft.case, draft.program, context.at
    if isinstance(command, OfTheRecord):
        return _of_the_record(case, command, program, actor=actor, at=at)
    if isinstance(command, due_process.DueProcessCommand):
        return due_process.decide(case, command, program, actor=actor, at=at)
    sender = care.Sender(actor, at, context.staff, priors=context.priors, caseload=context.caseload)
    if isinstance(command, care.CareCommand):
        return care.decide(case, command, program, sender)
    match command:
        case phase.OpenCase():
            begun = opening.opened(case, command, program, by=sender, sha256=context.sha256)
            return (*begun, *link.found(case.link, context.matches, by=actor.person))
        case phase.Reenter():
            return reentry.decide(case, command, program, sender)
        case phase.ReviewProgress():
            return phase.decide(case.phase, command)
        case milestone.ClaimMilestone() | milestone.VerifyMilestone() | milestone.ReturnClaim() | milestone.ContradictMilestone():  # fmt: skip
            known_rules = facts.milestone_facts(program)
            return milestone.decide(case.milestone, command, facts=known_rules, actor=actor, at=at)
        case review.RequestReview() | review.ApproveReview() | review.RejectReview() | review.RecuseFromReview():
            _closing(case, command, program, context)
            return _review(case, command, program, actor=actor, at=at)
        case AskConsent() | GiveConsent() | DeclineConsent() | WithdrawConsent() | MakeWelfareOffer():
            return _consent(case, command, program, context)
        case notice.ConfirmNotice() | notice.RecordDelivery():
            return notice.decide(case.notice, command)
        case Elapsed() | run.KeepRun():
            return ()  # `Draft.begin` let time take its course already; a run kept never comes here
        case _:
            return _judge_rights(case, command, program, actor=actor, at=at)


def _judge_rights(case: Case, command: _Right, program: Program, *, actor: Actor, at: datetime) -> tuple[Event, ...]:
    match command:
        case hold.HoldCase() | hold.ApproveHold() | hold.EndHold():
            return hold.decide(case.hold, command, facts.hold_facts(program), actor=actor.person, at=at)
        case extension.RequestExtension() | extension.ApproveExtension() | extension.DeclineExtension():
            return _more_time(case, command, program, actor=actor, at=at)
        case lawful_basis.RecordLawfulBasis():
            allowed = lawful_basis.Facts.model_construct(policy=program.lawful_basis, calendar=program.calendar)
            return lawful_basis.decide(case.lawful_basis, command, allowed, at=at)
        case partner.JoinPartner() | partner.LeavePartner():
            return _partner(case, command, program)
        case age.RecordComingOfAgeDue():
            child, calendar = case.phase.age == "child", program.calendar
            return age.decide(case.age, command, child=child, calendar=calendar, at=at)
        case _:
            assert_never(command)


def _more_time(
    case: Case, command: extension.ExtensionCommand, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    """A request for more time; one that is approved moves what is owed, or the time to be heard or to appeal."""
    calendar, clocks = program.calendar, facts.clocks(case, at)
    known = extension.Facts.model_construct(clocks=clocks, longest=program.extensions, calendar=calendar)
    (event,) = extension.decide(case.extension, command, known, actor=actor.person, at=at)
    if not isinstance(event, extension.ExtensionApproved):
        return (event,)
    kind, _, which = event.clock.partition("/")
    why = f"given more time on {calendar.local(at):%Y-%m-%d %H:%M}, from {calendar.local(event.was):%Y-%m-%d %H:%M} (request {event.extension})"
    if kind == "hearing":
        longer = adverse.HearingOpened(act=int(which), until=event.due, derivation=why)
        return event, longer, *_counted_from(case, event, program, key=f"adverse_decision/{which}", at=at)
    if kind == "appeal_window":
        later = appeal.AppealWindowOpened(act=int(which), until=event.due, derivation=why)
        return event, later, *_counted_from(case, event, program, key=f"adverse_effect/{which}", at=at)
    return event, extend(case.obligations[event.clock], by=event.due - event.was, why=why, calendar=calendar, at=at)


def _counted_from(
    case: Case, event: extension.ExtensionApproved, program: Program, *, key: str, at: datetime
) -> tuple[Event, ...]:
    """What is counted from the end of a window moves with it: time that the person is given is taken from nobody who decides or carries out."""
    owed, calendar = case.obligations.get(key), program.calendar
    term = program.silence[key.partition("/")[0]].due
    if owed is None or not isinstance(term, Term):
        return ()
    by = calendar.after(event.due, term).at - calendar.after(event.was, term).at
    why = f"counted from {calendar.local(event.due):%Y-%m-%d %H:%M}, since the person was given more time (request {event.extension})"
    return (extend(owed, by=by, why=why, calendar=calendar, at=at),)


def _of_the_record(
    case: Case, command: OfTheRecord, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    """What is shared from the record, who sees it, and how long it is kept."""
    if isinstance(command, disclosure.DisclosureCommand):
        grounds = facts.disclosure_facts(case, program)
        return disclosure.decide(case.disclosure, command, facts=grounds, actor=actor, at=at)
    if isinstance(command, access.AccessCommand):
        return access.decide(case.access, command)
    if isinstance(command, legal_hold.HoldCommand):
        return legal_hold.decide(case.legal_hold, command, facts.legal_hold_facts(case, program), at)
    kept = facts.retention_facts(case, program)
    return retention.decide(case.retention, command, facts=kept, actor=actor, at=at)


def _consent(case: Case, command: consent.ConsentCommand, program: Program, context: Context) -> tuple[Event, ...]:
    known = facts.consent_facts(case, program, context.staff)
    events = consent.decide(case.consent, command, known, at=context.at)
    if isinstance(command, MakeWelfareOffer) or command.scope != consent.PARTICIPATION:
        return events
    if isinstance(command, WithdrawConsent):
        return (*events, contact_form.ContactPaused(), *measure.withdraw(case.measure, context.at))
    if isinstance(command, GiveConsent) and consent.PARTICIPATION not in case.consent.given:
        owed = care_facts.contact_facts(case, program)
        return (*events, contact.resume(case.contact, owed, calendar=program.calendar, at=context.at))
    return events


def _partner(case: Case, command: partner.PartnerCommand, program: Program) -> tuple[Event, ...]:
    events = partner.decide(case.partner, command, facts.partner_facts(case, program))
    if isinstance(command, partner.JoinPartner):
        return (*events, *consent.with_partner(case.consent, program.scopes, command.partner))
    return (*events, *consent.without_partner(case.consent, command.partner))


def _review(
    case: Case, command: review.ReviewCommand, program: Program, *, actor: Actor, at: datetime
) -> tuple[Event, ...]:
    if isinstance(command, review.RequestReview):
        transition = _transition(case, program, command.to)
        known = facts.review_facts(case, program, transition, at=at)
        return (
            *review.request(case.review, command, known, actor=actor),
            *objection.asked_again(case.objection, command.to),
        )
    open_one = review.find(case.review, command.review)
    transition = _transition(case, program, open_one.to)
    known = facts.review_facts(case, program, transition, about=open_one, at=at)
    events: tuple[Event, ...] = review.vote(case.review, command, known, actor=actor)
    decided = events[-1]
    if isinstance(decided, review.ReviewDecided) and decided.outcome == "approved":
        events = (
            *events,
            *due_process.enter(case, program, to=decided.to, kind=transition.kind, number=decided.review, at=at),
        )
    elif isinstance(decided, review.ReviewDecided) and program.due_process is not None and not known.unmet:
        took_part = tuple(
            dict.fromkeys((open_one.requested_by, *open_one.barred, *decided.approved_by, *decided.rejected_by))
        )
        events = (*events, objection.ObjectionRouteOpened(review=decided.review, to=decided.to, took_part=took_part))
    return events


def _closing(case: Case, command: review.ReviewCommand, program: Program, context: Context) -> None:
    """Who closes a case knows of the person's others, is nobody who closed one of them, and does not close it since the person moved (F5).

    Raises:
        Refused: `moved_is_no_reason`, and as the room of links says.
    """
    if not isinstance(command, review.RequestReview | review.ApproveReview) or context.actor is None:
        return
    to = command.to if isinstance(command, review.RequestReview) else review.find(case.review, command.review).to
    if not facts.closes(program, _transition(case, program, to)):
        return
    if isinstance(command, review.RequestReview) and command.because == "moved":
        raise Refused(
            "moved_is_no_reason",
            "that somebody moved ends nothing: agency after agency closed when a person moved on, and nobody was left",
            "offer the case to somebody there with offer_handover; until they accept, it stays here",
        )
    link.require_resolved(case.link)
    if isinstance(command, review.ApproveReview):
        known = link.Facts(stream=case.stream, priors=context.priors)
        link.require_new_eyes(case.link, known, actor=context.actor.person)


def _transition(case: Case, program: Program, to: str) -> Transition:
    here = case.phase.phase or ""
    found = program.transition(here, to)
    if found is None:
        ways = listed(t.to for t in program.phases[here].transitions)
        raise Refused("no_such_transition", f"there is no way from {here} to {to}", f"ways on from {here}: {ways}")
    return found


def next_wake(case: Case) -> datetime | None:
    """The next instant at which something happens if nobody acts; None if nothing is owed."""
    return min((o.next_at for o in case.obligations.values() if o.next_at is not None), default=None)
