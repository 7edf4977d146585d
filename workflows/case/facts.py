"""What the rooms must know of one another, filled from the case and its program."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from workflows.case import (
    access,
    adverse,
    age,
    appeal,
    care_facts,
    consent,
    custody,
    danger,
    disclosure,
    extension,
    hold,
    lawful_basis,
    legal_hold,
    measure,
    measure_form,
    milestone,
    notice,
    objection,
    partner,
    phase,
    referral,
    retention,
    review,
    service,
    setback,
    sharing,
)
from workflows.case.consent_form import GoesOn
from workflows.case.state import Case
from workflows.core.kinds import Actor, Event
from workflows.core.obligation import Owed, Pause
from workflows.program.model import Program, Transition


def gate_facts(case: Case, program: Program, at: datetime) -> phase.Facts:
    """What a gate asks: the milestones that stand verified at `at`, however late the clock is, and the consents that count then."""
    stood_still = pauses(case, program, of="milestone_renewal", at=at)
    verified = frozenset(
        code
        for code, standing in case.milestone.standing.items()
        if milestone.holds(standing, program.milestones[code], calendar=program.calendar, at=at, pauses=stood_still)
    )
    consented = frozenset(scope for scope in case.consent.given if consent.counts(case.consent, scope, at))
    return phase.Facts(verified=verified, consented=consented)


def gate_unmet(case: Case, program: Program, transition: Transition, at: datetime) -> tuple[phase.Unmet, ...]:
    """The conditions of the transition's gate that do not hold at `at`, apart from the panel's approval."""
    unmet = phase.unmet(
        case.phase, transition.gate, facts=gate_facts(case, program, at), calendar=program.calendar, at=at
    )
    unmet += tuple(
        phase.Unmet(condition=what, subject=subject)
        for what, subject in care_facts.unmet(case, program, transition.gate, at)
    )
    until = case.appeal.refused.get(transition.to)
    refused = until is not None and at < until
    if refused:
        unmet = (*unmet, phase.Unmet(condition="refusal", subject=transition.to, until=until))
    return (*unmet, *_links(case)) if closes(program, transition) else unmet


def closes(program: Program, transition: Transition) -> bool:
    """Whether the transition ends the work with the person: it leaves for good, or for what comes after."""
    return transition.kind == "exit" or program.phases[transition.to].terminal


def _links(case: Case) -> Iterator[phase.Unmet]:
    return (phase.Unmet(condition="possible_link", subject=str(number)) for number in case.link.open)


def involved(
    case: Case, program: Program, transition: Transition, requested_by: str | None, *, barred: Collection[str] = ()
) -> Mapping[str, str]:
    """Who took part in what the panel judges, and how: they may not vote (separation of duties). `barred` voted on it before."""
    people: dict[str, str] = dict.fromkeys(barred, "voted on it before")
    for code in transition.gate.milestones:
        standing = case.milestone.standing.get(code)
        if standing is not None:
            people.setdefault(standing.claimant, f"claimed the milestone {code}")
            if standing.verification is not None:
                people.setdefault(standing.verification.claimant, f"claimed the milestone {code}")
                people.setdefault(standing.verification.verifier, f"verified the milestone {code}")
    if requested_by is not None:
        people.setdefault(requested_by, "asked for this review")
    if case.custody.lead is not None:
        people.setdefault(case.custody.lead, "leads this case")
    for person in case.custody.former:
        people.setdefault(person, "led this case before, or stood in for its lead")
    if transition.gate.assessed_within is not None:
        people |= {who: "assessed the person" for who in case.assessment.assessors.values() if who not in people}
    if transition.gate.concerns_closed:
        people |= {who: "closed a concern of this case" for who in case.concern.closed_by if who not in people}
    if closes(program, transition):
        for other, prior in case.link.confirmed.items():
            for person in prior.by:
                people.setdefault(person, f"led or closed {other}, a case of the same person")
    return people


def involved_in_case(case: Case, *, also: str | None = None) -> Mapping[str, str]:
    """Who took part in the case so far, and how: they decide on no adverse act in it. `also`: who proposed the one in question."""
    people: dict[str, str] = {}
    if also is not None:
        people[also] = "proposed this act"
    if case.custody.lead is not None:
        people.setdefault(case.custody.lead, "leads this case")
    for person in case.custody.former:
        people.setdefault(person, "led this case before, or stood in for its lead")
    for code, standing in case.milestone.standing.items():
        people.setdefault(standing.claimant, f"claimed the milestone {code}")
        if standing.verification is not None:
            people.setdefault(standing.verification.claimant, f"claimed the milestone {code}")
            people.setdefault(standing.verification.verifier, f"verified the milestone {code}")
    for number, asked in case.review.open.items():
        people.setdefault(asked.requested_by, f"asked for review {number}")
        for person in asked.votes:
            people.setdefault(person, f"voted on review {number}")
    return people


def adverse_facts(case: Case, program: Program, *, act: int | None = None) -> adverse.Facts:
    """The program's rule, the upheld acts under way, and who may not decide on the proposal `act`."""
    proposed = case.adverse.open.get(act) if act is not None else None
    return adverse.Facts(
        rule=program.due_process, pending=frozenset((one.kind, one.subject) for one in case.appeal.open.values()),
        involved=involved_in_case(case, also=None if proposed is None else proposed.by),
    )  # fmt: skip


def measure_facts(case: Case, program: Program, at: datetime) -> measure.Facts:
    """Kinds of measure, the measures whose bundle is under way, and what a court ended that was done in danger."""
    subjects = (
        *(act.subject for act in case.adverse.open.values()),
        *(act.subject for act in case.appeal.open.values()),
    )
    under_way = frozenset(int(subject.partition("/")[2]) for subject in subjects if subject.startswith("measure/"))
    return measure.Facts(limits=_limits(program, at), under_way=under_way, barred=case.danger.by_court)


def danger_facts(case: Case, program: Program, at: datetime) -> danger.Facts:
    """Kinds of measure, who judges an imminent danger, and what was proposed or in force as a measure."""
    rule = program.due_process
    return danger.Facts(
        limits=_limits(program, at), danger_by=() if rule is None else rule.danger_by, measures=case.measure.past
    )


def _limits(program: Program, at: datetime) -> measure_form.Limits:
    rule = program.due_process
    return measure_form.Limits({} if rule is None else rule.measures, program.calendar, at)


def review_facts(
    case: Case, program: Program, transition: Transition, *, about: review.OpenReview | None = None, at: datetime
) -> review.Facts:
    """What a review must know; `about` is the open one, None while it is asked for."""
    requested_by, barred = (None, ()) if about is None else (about.requested_by, about.barred)
    return review.Facts(
        panels=program.reviews, panel=transition.gate.review, needs_view=transition.gate.participant_view,
        unmet=tuple(f"{u.condition} {u.subject}" for u in gate_unmet(case, program, transition, at)),
        involved=involved(case, program, transition, requested_by, barred=barred),
    )  # fmt: skip


def consent_facts(case: Case, program: Program, staff: Mapping[str, Actor]) -> consent.Facts:
    """The program's scopes and calendar, whether the participant is a minor or came of age, and the staff named in the command."""
    of_age = case.age.of_age_since is not None
    return consent.Facts.model_construct(
        scopes=program.scopes, calendar=program.calendar, minor=case.phase.age == "child" and not of_age, of_age=of_age, staff=staff
    )  # fmt: skip


def in_force(case: Case, at: datetime) -> frozenset[str]:
    """The scopes of consent whose acts are permitted at `at`."""
    return frozenset(scope for scope in case.consent.given if consent.in_force(case.consent, scope, at))


def partner_facts(case: Case, program: Program) -> partner.Facts:
    """The program's partners, and whether the participant takes part."""
    return partner.Facts(known=frozenset(program.partners), takes_part=consent.PARTICIPATION in case.consent.given)


def hold_facts(program: Program) -> hold.Facts:
    """The kinds of pause, and the calendar."""
    return hold.Facts.model_construct(kinds=program.holds, calendar=program.calendar)


def stands_still(case: Case, program: Program) -> frozenset[str]:
    """The kinds of obligation whose clocks stand still now."""
    return hold.stands_still(case.hold, program.holds)


def pauses(case: Case, program: Program, *, of: str, at: datetime) -> tuple[Pause, ...]:
    """When obligations of the kind `of` stood still in the case, up to `at`."""
    return hold.pauses(case.hold, program.holds, of=of, at=at)


def clocks(case: Case, at: datetime) -> Mapping[str, extension.Clock]:
    """The clocks of the case by key, as of `at`: of what is owed, and the participant's own times to be heard and to appeal."""
    owed = {o.key: extension.Clock(o.kind, o.due, o.silent, o.paused_at is not None) for o in case.obligations.values()}
    times = {f"hearing/{n}": act.hearing_until for n, act in case.adverse.open.items()}
    times |= {f"appeal_window/{n}": act.window for n, act in case.appeal.open.items() if act.stage == "served"}
    own = {key: extension.Clock(key.partition("/")[0], end, end <= at) for key, end in times.items() if end is not None}
    return {**owed, **own}


def overtaken(case: Case, at: datetime) -> Iterator[extension.ExtensionOvertaken]:
    """The requests for more time about which nothing is left to decide."""
    if case.extension.open:
        yield from extension.overtaken(case.extension, clocks(case, at))


def goes_on(case: Case, program: Program) -> tuple[GoesOn, ...]:
    """What goes on in the case, and what it rests on: other consents, and whatever is owed on a lawful basis."""
    policy = program.lawful_basis
    kinds = dict.fromkeys(one.kind for one in case.obligations.values() if one.kind not in care_facts.OWED_TO_RELATIVES)
    otherwise = None if policy is None else policy.otherwise
    scopes = [GoesOn(what=f"scope/{scope}", basis="consent", recorded=True) for scope in case.consent.given]
    resting = [kind for kind in kinds if kind in program.rests_on]
    owed = [GoesOn(what=kind, basis="consent", recorded=True) for kind in resting]
    recorded = otherwise in case.lawful_basis.recorded
    law = ["record", *(kind for kind in kinds if kind not in program.rests_on)]
    return (*scopes, *owed, *(GoesOn(what=what, basis=otherwise, recorded=recorded) for what in law))


def milestone_facts(program: Program) -> milestone.Facts:
    """The program's milestones and kinds of evidence."""
    return milestone.Facts.model_construct(
        milestones=program.milestones, evidence_kinds=program.evidence_kinds, calendar=program.calendar
    )


def disclosure_facts(case: Case, program: Program) -> sharing.Facts:
    """The program's partners, agreements and grounds, who receives at which partner, and the scopes of consent in force."""
    return sharing.Facts.model_construct(
        partners=frozenset(program.partners), agreements=program.agreements, policy=program.disclosure, calendar=program.calendar,
        recipients={code: role.partner for code, role in program.roles.items() if role.partner is not None},
        consented={scope: agreed.purpose for scope, agreed in case.consent.agreed.items() if scope in case.consent.given},
        erased_at=case.retention.erased_at,
    )  # fmt: skip


def legal_hold_facts(case: Case, program: Program) -> legal_hold.Facts:
    """The longest hold that the program permits, and whether there is anything left to hold."""
    policy = program.retention
    return legal_hold.Facts.model_construct(
        longest=None if policy is None else policy.longest_hold,
        calendar=program.calendar,
        erased=case.retention.erased_at is not None,
    )


def retention_facts(case: Case, program: Program) -> retention.Facts:
    """The program's policy, when the case was closed, and what stands against an erasure: holds, open appeals, no copy given."""
    return retention.Facts.model_construct(
        policy=program.retention, calendar=program.calendar, closed_at=case.phase.closed_at, holds=len(case.legal_hold.holds),
        open_appeals=sum(act.stage == "appealed" for act in case.appeal.open.values()), copy_at=case.access.copy_at,
        child=case.phase.age == "child",
    )  # fmt: skip


def follows(case: Case, program: Program, at: datetime) -> Iterator[Event]:
    """What follows of itself from how the case stands: sharing without a basis stops, and a closed case's record has its class."""
    yield from care_facts.follows(case, program, at)
    consented = frozenset(case.consent.given)
    yield from disclosure.without_basis(case.disclosure, consented=consented, closed=case.closed)
    yield from retention.set_class(case.retention, retention_facts(case, program))


def owes(case: Case, program: Program) -> Iterator[Owed]:
    """Everything that is owed in the case now: an obligation is open exactly while a room says so, and the consent it rests on is in force."""
    given = case.consent.given
    keys: set[str] = set()
    for owed in _owes(case, program):
        scope = program.rests_on.get(owed.kind)
        if scope is None or scope in given:
            keys.add(owed.key)
            yield owed
    yield from extension.owes(case.extension, keys)


def _owes(case: Case, program: Program) -> Iterator[Owed]:
    yield from _owes_at_any_time(case, program)
    if case.closed:
        yield from _succession(case, program)
    if case.closed or not case.opened:
        return
    present = program.phases[case.phase.phase or program.first_phase]
    needed = {code for transition in present.transitions for code in transition.gate.milestones}
    yield from phase.owes(case.phase, program.phases)
    yield from consent.owes(case.consent, asked_since=case.phase.opened_at)
    yield from age.owes(case.age, child_since=case.phase.opened_at if case.phase.age == "child" else None)
    yield from care_facts.owes(case, program)
    yield from milestone.owes(case.milestone, milestones=program.milestones, needed=needed)
    yield from review.owes(case.review)
    yield from objection.owes(case.objection)
    yield from hold.owes(case.hold)
    yield from lawful_basis.owes(case.lawful_basis, program.lawful_basis, opened_at=case.phase.opened_at)
    yield from adverse.owes(case.adverse)
    yield from appeal.owes(case.appeal)
    yield from measure.owes(case.measure)
    yield from danger.owes(case.danger)


def _succession(case: Case, program: Program) -> Iterator[Owed]:
    """In a closed case another lead is owed only while the lead still owes something in it."""
    following = tuple(custody.succession(case.custody))
    if following and any(
        (owed.owner or program.silence[owed.kind].owner) == program.lead_role
        for owed in _owes_at_any_time(case, program)
    ):
        yield from following


def _owes_at_any_time(case: Case, program: Program) -> Iterator[Owed]:
    """What is owed before a case is opened, while it is open, and after it was closed."""
    yield from notice.owes(case.notice)
    yield from disclosure.owes(case.disclosure, erased_at=case.retention.erased_at)
    yield from referral.owes_erased(case.referral, case.retention.erased_at)
    yield from access.owes(case.access)
    yield from legal_hold.owes(case.legal_hold)
    yield from retention.owes(case.retention, retention_facts(case, program))
    yield from service.owes(case.service)
    yield from care_facts.owed_to_relatives(case, program)
    if case.retention.erased_at is None:
        # What a team has to learn does not end with the case; after the worst of setbacks it begins there.
        yield from setback.owes(case.setback)


def scope_of(key: str, program: Program) -> str | None:
    """The scope of consent on which a debt rests, by its key: the one whose renewal it is, or as the definition has it; None if it rests on none."""
    kind, _, rest = key.partition("/")
    return (
        rest.partition("/")[0]
        if kind in {"own_consent", "consent_renewal", "sharing_renewal"}
        else program.rests_on.get(kind)
    )
