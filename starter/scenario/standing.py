"""Where a case stands, in the plain terms in which a story speaks of it."""

from __future__ import annotations

from starter.scenario.model import ActStage, SafetyStanding, View
from workflows.case.adverse import Act
from workflows.case.disclosure import Made
from workflows.case.state import Case


def view(case: Case) -> View:
    """Where the case stands."""
    return View(
        opened=case.opened,
        closed=case.closed,
        phase=case.phase.phase,
        episode=case.phase.episode,
        lead=case.custody.lead,
        former_leads=case.custody.former,
        in_charge=case.custody.in_charge,
        absences={str(number): one.absence for number, one in case.contact.absences.items()},
        support_level=case.contact.level if case.opened else None,
        milestones={code: standing.status for code, standing in case.milestone.standing.items()},
        consents=tuple(case.consent.given),
        asked=tuple(case.consent.asked),
        reviews={str(number): review.to for number, review in case.review.open.items()},
        acts=_acts(case),
        measures={str(n): measure.kind for n, measure in case.measure.known.items() if measure.begun is not None},
        dangers={str(n): "in_force" if one.in_force else "asked" for n, one in case.danger.open.items()},
        hold=_hold(case),
        partners=tuple(case.partner.joined),
        lawful_basis=tuple(case.lawful_basis.recorded),
        disclosures={
            **{str(number): "asked" for number in case.disclosure.pending},
            **{str(number): _made(made) for number, made in case.disclosure.made.items()},
        },
        assessments=len(case.assessment.assessors),
        concerns={str(n): "open" if one.answered_at is None else "answered" for n, one in case.concern.open.items()},
        needs=case.support.needs,
        referrals={str(number): one.status for number, one in case.referral.open.items()},
        circles={str(number): one.needs for number, one in case.referral.circles.items()},
        unserved={str(number): notice.about for number, notice in case.service.owed.items()},
        access_requests=tuple(case.access.open),
        legal_holds=tuple(case.legal_hold.holds),
        retention_class=case.retention.retention_class,
        sealed=case.retention.sealed_at is not None,
        erased=case.retention.erased_at is not None,
        follow_ups=tuple(case.follow_up.open),
        relatives={str(number): one.kind for number, one in case.network.relatives.items()},
        family_goals=tuple(case.network.goals),
        relative_supports={str(number): one.kind for number, one in case.relative_support.active.items()},
        safety=_safety(case),
        services=dict(case.safety.services),
        setbacks={str(n): "learning_owed" if n in case.setback.reviews else "learned" for n in case.setback.incidents},
        actions=tuple(case.setback.actions),
        owed=tuple(sorted(obligation.kind for obligation in case.obligations.values())),
    )


def _acts(case: Case) -> dict[str, ActStage]:
    """Every adverse act that is not over: proposals first, then what was upheld."""
    proposed = {str(number): _proposed(act) for number, act in case.adverse.open.items()}
    return {**proposed, **{str(number): act.stage for number, act in case.appeal.open.items()}}


def _proposed(act: Act) -> ActStage:
    return "proposed" if act.hearing_until is None else "hearing"


def _safety(case: Case) -> dict[str, SafetyStanding]:
    """Every entry of the safety plan in force."""
    activated = {one.entry for one in case.safety.activations.values()}
    return {str(number): "activated" if number in activated else "in_force" for number in case.safety.entries}


def _hold(case: Case) -> str | None:
    current = case.hold.current
    return None if current is None or current.began is None else current.kind


def _made(made: Made) -> str:
    return "told" if made.tell_from is None else "untold"
