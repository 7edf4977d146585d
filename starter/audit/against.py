"""The sentences of what was proposed, decided and done against a participant's wish, and of what the person was told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starter.audit.words import Words, plain, sealed
from workflows.case import adverse, appeal, danger, measure, objection, service
from workflows.core.kinds import Event


def _proposed(event: adverse.AdverseActProposed, words: Words) -> str:
    grounds = "".join(
        f"{sealed(reference, what)}"
        for what, reference in (("necessity", event.necessity), ("nothing milder", event.nothing_milder))
        if reference
    )
    basis = f", on {plain(event.legal_basis)}" if event.legal_basis else ""
    return f"{event.by} proposes a {_act(event, words)} (act {event.act}){basis}{sealed(event.reasons)}{grounds}. Nothing has happened."


def _act(
    event: adverse.AdverseActProposed | appeal.AdverseActTookEffect | appeal.AppealRouteOpened, words: Words
) -> str:
    about = (
        words.name("phase", event.subject) if event.kind not in {"reduce_support", "measure"} else plain(event.subject)
    )
    return f"{plain(event.kind)}: {about}"


def _act_decided(event: adverse.AdverseActDecided, _words: Words) -> str:
    sides = (("for it", event.uphold), ("against it", event.drop))
    votes = "; ".join(f"{side}: {', '.join(people)}" for side, people in sides if people)
    return f"Adverse act {event.act} is {event.outcome} ({votes})."


def _appeal_decided(event: appeal.AppealDecided, _words: Words) -> str:
    sides = (("to allow it", event.allow), ("to dismiss it", event.dismiss))
    votes = "; ".join(f"{side}: {', '.join(people)}" for side, people in sides if people)
    return f"The appeal against act {event.act} is {event.outcome} ({votes})."


def _objection_decided(event: objection.ObjectionDecided, _words: Words) -> str:
    sides = (("to allow it", event.allow), ("to dismiss it", event.dismiss))
    votes = "; ".join(f"{side}: {', '.join(people)}" for side, people in sides if people)
    again = f" The review is held again, by others, as review {event.again}." if event.again else ""
    return f"The objection to review {event.review} is {event.outcome} ({votes}).{again}"


def _effect(event: appeal.AdverseActTookEffect, words: Words) -> str:
    until = f", until {words.day(event.refused_until)}" if event.refused_until else ""
    return f"{event.by} carries out act {event.act}, {_act(event, words)}{until}."


def _began(event: measure.MeasureBegan, words: Words) -> str:
    mode = "agreed to by the person" if event.mode == "voluntary" else f"carried by act {event.act}"
    end = f"{words.when(event.until)} ({event.derivation})"
    return f"Measure {event.measure}, {plain(event.kind)}, begins, {mode}, until {end}{sealed(event.agreement, 'agreement')}."


def _person_told(event: service.ParticipantNoticeServed, _words: Words) -> str:
    interpreted = ", through an interpreter" if event.interpreter else ""
    return (
        f"{event.by} served notice {event.notice} ({_about(event)}) on the person, {plain(event.how)}, "
        f"in {event.language}{interpreted}{sealed(event.proof, 'proof')}."
    )


def _person_owed(event: service.ParticipantNoticeOwed, words: Words) -> str:
    since = (
        f", from {words.day(event.tell_from)} on{sealed(event.delay_reasons, 'why then')}" if event.tell_from else ""
    )
    tongue = f", in {event.language}" if event.language else ""
    what = f": {_about(event)}" if event.notice != service.OPENING else f" why they are here{tongue}{since}"
    return f"The person is to be told{what} (notice {event.notice}){sealed(event.reasons)}."


def _about(event: service.ServiceEvent) -> str:
    """What a notice is about, and which one where there may be several: `act proposed 1`."""
    return f"{plain(event.about)} {event.subject}".strip()


SENTENCES: dict[type[Event], Callable[[Any, Words], str]] = {
    adverse.AdverseActProposed: _proposed,
    adverse.HearingOpened: lambda e, w: f"The person can be heard on act {e.act} until {w.when(e.until)} ({e.derivation}).",
    adverse.RepresentationRecorded: lambda e, _: f"What the person says to act {e.act} is on record{sealed(e.representation, 'representation')}, by {e.by}.",
    adverse.AdverseVoteCast: lambda e, _: f"Adverse act {e.act}: {e.person} votes to {e.choice} it{sealed(e.reasons)}.",
    adverse.AdverseActDecided: _act_decided,
    adverse.AdverseActLapsed: lambda e, _: f"Adverse act {e.act} is over without effect: {plain(e.because)}.",
    appeal.AppealRouteOpened: lambda e, _: f"Act {e.act} can be appealed; nothing happens before the person was told and had the time.",
    appeal.AppealWindowOpened: lambda e, w: f"The person can appeal against act {e.act} until {w.when(e.until)} ({e.derivation}).",
    appeal.AppealFiled: lambda e, _: f"{e.by} files the person's appeal against act {e.act}{' (late)' if e.late else ''}: its effect is stayed{sealed(e.grounds, 'grounds')}.",
    appeal.AppealVoteCast: lambda e, _: f"Appeal against act {e.act}: {e.person} votes to {e.choice} it{sealed(e.reasons)}.",
    appeal.AppealDecided: _appeal_decided,
    appeal.DismissalServed: lambda e, _: f"The person knows that the appeal against act {e.act} is dismissed.",
    appeal.AdverseActTookEffect: _effect,
    appeal.UpheldActLapsed: lambda e, _: f"Adverse act {e.act} is over without effect: {plain(e.because)}.",
    objection.ObjectionRouteOpened: lambda e, w: f"Every condition of the move to {w.name('phase', e.to)} was met: the person can object to review {e.review}.",
    objection.ObjectionFiled: lambda e, _: f"{e.by} files the person's objection to review {e.review}{sealed(e.grounds, 'grounds')}.",
    objection.ObjectionVoteCast: lambda e, _: f"Objection to review {e.review}: {e.person} votes to {e.choice} it{sealed(e.reasons)}.",
    objection.ObjectionDecided: _objection_decided,
    objection.ObjectionRouteClosed: lambda e, _: f"There is nothing left to object to in review {e.review}: {plain(e.because)}.",
    measure.MeasureProposed: lambda e, _: f"Measure {e.measure} is proposed: {plain(e.kind)}, on {plain(e.legal_basis)}, for {e.lasts}{sealed(e.scope, 'scope')}. Nothing has happened.",
    measure.MeasureBegan: _began,
    measure.RenewalProposed: lambda e, w: f"It is proposed that measure {e.measure} lasts {e.lasts} longer, on facts of {w.day(e.observed_at)}.",
    measure.MeasureRenewed: lambda e, w: f"Measure {e.measure} lasts until {w.when(e.until)} ({e.derivation}).",
    measure.MeasureReviewed: lambda e, _: f"Measure {e.measure} is reviewed and still necessary{sealed(e.necessity, 'necessity')}.",
    measure.MeasureEnded: lambda e, w: f"Measure {e.measure} is over since {w.when(e.ended_at)}: {plain(e.how)}{sealed(e.reference)}.",
    danger.DangerAsked: lambda e, w: f"{e.by} asks for a {plain(e.kind)} against an imminent danger (danger {e.danger}), until {w.when(e.until)} at the latest; it waits for another approver{sealed(e.reasons)}.",
    danger.DangerConfirmed: lambda e, w: f"{e.approved_by[1]} confirms with {e.approved_by[0]}: danger act {e.danger} is in force until {w.when(e.until)} ({e.derivation}){sealed(e.reasons)}.",
    danger.DangerEnded: lambda e, w: f"Danger act {e.danger} is over since {w.when(e.ended_at)}: {plain(e.how)}{sealed(e.reference)}.",
    service.ParticipantNoticeOwed: _person_owed,
    service.ParticipantNoticeServed: _person_told,
}  # fmt: skip
"""Type of event → its sentence."""
