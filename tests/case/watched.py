"""A story that watches itself: after each answer, everything that always holds is checked."""

from __future__ import annotations

import json
from typing import Any

from tests.case.examples import Story
from workflows.case import consent
from workflows.case.adverse import AdverseActDecided, AdverseActLapsed, AdverseActProposed
from workflows.case.age import CameOfAge
from workflows.case.appeal import AdverseActTookEffect, AppealDecided, UpheldActLapsed
from workflows.case.case import next_wake
from workflows.case.commands import parse_command
from workflows.case.consent import ConsentAsked, ConsentGiven, ConsentLapsed, ConsentWithdrawn
from workflows.case.contact_form import CheckInMissed, ContactResumed, SupportLevelSet
from workflows.case.custody_form import LeadLeft
from workflows.case.danger import DangerConfirmed, DangerEnded
from workflows.case.disclosure import DisclosureMade, DisclosureRequested, DisclosureStopped
from workflows.case.extension import ExtensionOvertaken
from workflows.case.facts import gate_unmet, involved, owes
from workflows.case.hold import HoldBegan, HoldEnded
from workflows.case.legal_hold import LegalHoldExpired
from workflows.case.measure import MeasureBegan, MeasureEnded
from workflows.case.milestone import MilestoneExpired
from workflows.case.notice import NoticeIssued
from workflows.case.phase import PhaseEntered
from workflows.case.referral_form import ReferralReturned
from workflows.case.referring import circle
from workflows.case.retention import ErasureApproved, RecordSealed
from workflows.case.review import ReviewDecided
from workflows.case.service import ParticipantNoticeOwed
from workflows.case.state import Case, advance, dump_events, evolve, parse_events
from workflows.case.support_form import SupportStalled
from workflows.core.envelope import CommandRefused
from workflows.core.kinds import CLOCK, Event
from workflows.core.obligation import (
    Obligation,
    ObligationClosed,
    ObligationEscalated,
    ObligationHandedOver,
    ObligationOpened,
    SilenceFell,
)
from workflows.core.outcomes import PROTECTIVE_OUTCOMES
from workflows.core.pause import ObligationPaused, ObligationResumed

OF_TIME = (
    ObligationEscalated, SilenceFell, CheckInMissed, MilestoneExpired, NoticeIssued, ObligationClosed, ConsentLapsed, HoldEnded,
    DisclosureStopped, LegalHoldExpired, RecordSealed,
    ObligationResumed, ObligationPaused, AdverseActLapsed, MeasureEnded, DangerEnded, UpheldActLapsed,
    ParticipantNoticeOwed, ObligationOpened, ExtensionOvertaken, CameOfAge, ConsentAsked, SupportStalled, ReferralReturned, LeadLeft, ObligationHandedOver,
)  # fmt: skip
"""All that time alone may say. A closing is the release of a debt whose reason went (never a meeting of it)."""


WHOLE_EVERY = 16
"""At so many positions of a walk the whole case is written and read again: it costs more than everything else together."""


LOOKED_AT = frozenset({"record_assessment", "correct_assessment", "raise_concern", "answer_concern", "close_concern"})
AGAINST = (
    AdverseActProposed, AdverseActDecided, AdverseActTookEffect, MeasureBegan, DangerConfirmed, PhaseEntered, SupportLevelSet,
    DisclosureRequested, DisclosureMade,
)  # fmt: skip
"""What never stands in the answer to one of these commands."""
ENDING = frozenset({"lapses", "sharing_stops", "resumes", "returns_to_owner"})
"""Outcomes of silence with which the thing itself is over: nothing goes on being owed."""


def only_sharing_stopped(before: Case, after: Case) -> bool:
    """Whether all that became of the consents is that sharing stopped, and that whoever came of age is asked: support stays as it was."""
    ended = before.consent.given.keys() - after.consent.given.keys()
    left: dict[str, Any] = {"given": after.consent.given, "agreed": after.consent.agreed}
    if after.age.of_age_since is not None and before.age.of_age_since is None:
        own = {scope: asked for scope, asked in after.consent.asked.items() if asked.own}
        assert own.keys() <= before.consent.agreed.keys()
        left |= {"asked": {**before.consent.asked, **own}, "count": after.consent.count}
    return before.consent.model_copy(update=left) == after.consent and all(
        before.consent.agreed[s].shares for s in ended
    )


class Watched(Story):
    """A story that checks every answer as it is given."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.climbed: dict[str, int] = {}
        self.fallen: set[str] = set()
        self.withdrawn: set[str] = set()

    @classmethod
    def after(cls, story: Story) -> Watched:
        """What follows upon that story."""
        watched = cls(story.program.program)
        for told in story.told:
            watched.at = told.at
            watched.check_silence(told.events)
            watched.check_withdrawal(told.events)
        watched.at, watched.case, watched.told = story.at, story.case, list(story.told)
        watched.staff, watched.cases = dict(story.staff), dict(story.cases)
        return watched

    def send(self, actor: str, raw: dict[str, Any]) -> tuple[Event, ...]:
        """The events, after everything that always holds was checked."""
        before = self.case
        events = super().send(actor, raw)
        assert parse_events(dump_events(events)) == events
        self.check_command(raw, events, before)
        if actor == CLOCK:
            self.check_time(before, events)
        if self.case is not before and not isinstance(events[0], CommandRefused):
            self.check_state(before)
            self.check_referrals()
            self.check_decisions(before, events)
            self.check_due_process(before, events)
            self.check_silence(events)
            self.check_withdrawal(events)
            self.check_looked_at(raw, before, events)
        self.check_record(actor, before, events)
        return events

    def check_command(self, raw: dict[str, Any], events: tuple[Event, ...], before: Case) -> None:
        """A command survives JSON; a refusal is one event with a cure, and changes nothing."""
        if any(isinstance(event, CommandRefused) for event in events):
            (refused,) = events
            assert isinstance(refused, CommandRefused)
            assert refused.cure
            assert refused.command == raw
            assert evolve(before, events, self.at) == before
        else:
            command = parse_command(json.loads(json.dumps(raw)))
            assert parse_command(json.loads(command.model_dump_json())) == command

    def check_state(self, before: Case) -> None:
        """The case has a lead, owes what its rooms say, and now and then survives JSON as a whole (at the end of a walk it always must)."""
        case = self.case
        if case.position % WHOLE_EVERY == 0:
            self.check_whole()
        assert case.opened == (case.custody.lead is not None)
        assert case.obligations.keys() == {owed.key for owed in owes(case, self.program)}
        assert before.opened <= case.opened
        assert before.closed <= case.closed or case.phase.episode > before.phase.episode
        assert all(o.next_at is None or o.next_at >= o.opened_at for o in case.obligations.values())
        assert len(self.owed("check_in")) <= 1
        self.check_owners()

    def check_owners(self) -> None:
        """Whatever the lead's role owes is owed at this instant by somebody who is here now and leads or stands in, or by those who may assign a lead (F6)."""
        case, program = self.case, self.program
        here = {person for person, one in self.staff.items() if one.until is None or one.until > self.at}
        in_charge = case.custody.in_charge
        mine = [one for one in case.obligations.values() if one.holder is not None]
        assert not mine or in_charge in here
        assert in_charge is not None or not case.opened or case.custody.vacant
        owner = program.acting_role if in_charge is None else program.lead_role
        for owed in owes(case, program):
            if (owed.owner or program.silence[owed.kind].owner) == program.lead_role:
                one = case.obligations[owed.key]
                assert (one.owner, one.holder) == (owner, in_charge)

    def check_referrals(self) -> None:
        """Every open referral has exactly one next step and somebody who owes it, unless it is back and its need is open no more; no circle is unseen."""
        case = self.case
        kinds = ("referral_reply", "referral_progress", "referral_outcome", "referral_alternative")
        for number, one in {} if case.closed else case.referral.open.items():
            owed = [case.obligations[key] for kind in kinds if (key := f"{kind}/{number}") in case.obligations]
            at_rest = one.status == "returned" and one.need not in case.support.needs
            assert len(owed) == (0 if at_rest else 1), (number, one)
            assert all(each.owner and (each.holder or each.owner != self.program.lead_role) for each in owed)
        for need in () if case.closed else case.support.needs:
            assert f"need_answer/{need}" in case.obligations or self._at_work(need), need
        found = [one.referrals for one in case.referral.circles.values()]
        for around in (circle(case.referral, number) for number in case.referral.open):
            assert not around or any({*around} == {*seen} for seen in found), around
        assert case.closed or {f"circular_precondition/{n}" for n in case.referral.circles} == {*self.owed("circular_precondition")}  # fmt: skip

    def _at_work(self, need: str) -> bool:
        """Whether somebody owes the next step of a support or referral for the need."""
        assert self.program.care is not None
        kinds = self.program.care.supports
        numbers = [n for n, one in self.case.support.active.items() if kinds[one.kind].answers == need]
        owed = [key.split("/") for key in self.case.obligations]
        supports = {int(rest[0]) for kind, *rest in owed if kind in {"support_start", "support_session"}}
        return bool(supports & {*numbers}) or any(one.need == need for one in self.case.referral.open.values())

    def check_whole(self) -> None:
        """The case survives JSON."""
        assert Case.model_validate_json(self.case.model_dump_json()) == self.case

    def check_withdrawal(self, events: tuple[Event, ...]) -> None:
        """After a withdrawal nothing of its scope comes about any more, from the next event on, and nothing of it is left, until consent is given again."""
        for event in events:
            match event:
                case ConsentWithdrawn(scope=scope):
                    self.withdrawn.add(scope)
                case ConsentGiven(scope=scope):
                    self.withdrawn.discard(scope)
                case DisclosureRequested(basis=scope) | DisclosureMade(basis=scope):
                    assert scope not in self.withdrawn
                case ObligationOpened(obligation=Obligation(kind=kind, key=key)):
                    assert not self._rests_on_withdrawn(kind, key)
                case ObligationEscalated(kind=kind, key=key) | SilenceFell(kind=kind, key=key):
                    assert not self._rests_on_withdrawn(kind, key)
                case NoticeIssued(notice=notice):
                    assert not self._rests_on_withdrawn(notice.about.partition("/")[0], notice.about)
                case CheckInMissed() | ContactResumed() | ConsentAsked() | MeasureBegan(mode="voluntary"):
                    assert consent.PARTICIPATION not in self.withdrawn
                case _:
                    pass
        case = self.case
        given = {event.scope for event in events if isinstance(event, ConsentGiven)}
        assert not given & case.consent.asked.keys()
        assert not self.withdrawn & case.consent.given.keys()
        if any(isinstance(event, ConsentWithdrawn) and event.scope == consent.PARTICIPATION for event in events):
            assert not case.consent.given
        assert not any(self._rests_on_withdrawn(owed.kind, owed.key) for owed in case.obligations.values())
        assert not any(
            self._rests_on_withdrawn(n.about.partition("/")[0], n.about) for n in case.notice.pending.values()
        )
        if consent.PARTICIPATION in self.withdrawn:
            assert all(one.mode == "mandated" for one in case.measure.known.values())

    def _rests_on_withdrawn(self, kind: str, key: str) -> bool:
        """Whether a debt is about a withdrawn scope: the renewal of its consent, or what the definition lets rest on it."""
        about = (
            key.split("/")[1]
            if kind in {"own_consent", "consent_renewal", "sharing_renewal"}
            else self.program.rests_on.get(kind)
        )
        return about in self.withdrawn

    def check_time(self, before: Case, events: tuple[Event, ...]) -> None:
        """Time alone moves, closes, withdraws, decides and renews nothing, and always leaves the next instant ahead."""
        wake = next_wake(self.case)
        assert wake is None or wake > self.at or not self.case.opened
        assert {type(event) for event in events} <= {*OF_TIME, CommandRefused}
        assert all(event.how == "released" for event in events if isinstance(event, ObligationClosed))
        for room in ("phase", "review", "partner", "lawful_basis", "access"):
            assert getattr(self.case, room) == getattr(before, room)
        assert self.case.custody.model_copy(update={"vacant": before.custody.vacant}) == before.custody
        assert only_sharing_stopped(before, self.case)
        assert self.case.contact.level == before.contact.level

    def check_decisions(self, before: Case, events: tuple[Event, ...]) -> None:
        """A case moves through an open gate, on approval by enough people who took no part in what they judged."""
        moved = [event for event in events if isinstance(event, PhaseEntered) and event.kind in {"advance", "exit"}]
        against = [event.act for event in events if isinstance(event, PhaseEntered) and event.act is not None]
        assert set(against) <= {event.act for event in events if isinstance(event, AdverseActTookEffect)}
        back = [event.phase for event in events if isinstance(event, PhaseEntered) and event.kind == "re_entry"]
        assert len(back) == self.case.phase.episode - before.phase.episode
        assert set(back) <= set(before.phase.seen)
        decided = [event for event in events if isinstance(event, ReviewDecided)]
        assert [event.phase for event in moved] == [event.to for event in decided if event.outcome == "approved"]
        for event in decided:
            transition = self.program.transition(before.phase.phase or "", event.to)
            assert transition is not None
            panel, review = self.program.reviews[transition.gate.review], before.review.open[event.review]
            people = {*event.approved_by, *event.rejected_by}
            assert people & {*involved(before, self.program, transition, review.requested_by), *review.recused} == set()
            assert len(people) == len(event.approved_by) + len(event.rejected_by) >= panel.quorum
            if event.outcome == "approved":
                assert gate_unmet(before, self.program, transition, self.at) == ()
                assert len(event.approved_by) >= panel.approve_with

    def check_due_process(self, before: Case, events: tuple[Event, ...]) -> None:
        """Nothing is upheld unheard, carried out while it is stayed, or decided again by those who took part; what takes two takes two."""
        for event in events:
            match event:
                case AdverseActDecided(outcome="upheld", act=act):
                    until = before.adverse.open[act].hearing_until
                    assert until is not None
                    assert until <= self.at
                case AppealDecided(act=act):
                    upheld = before.appeal.open[act]
                    assert not {*event.allow, *event.dismiss} & {*upheld.took_part, upheld.appealed_by}
                case AdverseActTookEffect(act=act):
                    upheld = before.appeal.open[act]
                    assert upheld.stage in {"served", "dismissal_served"}
                    assert upheld.window is not None
                    assert upheld.stage == "dismissal_served" or upheld.window <= self.at
                case DangerConfirmed():
                    assert len(set(event.approved_by)) == 2
                case HoldBegan():
                    assert before.hold.current is not None
                    assert event.approved_by != before.hold.current.requested_by
                case _:
                    pass

    def check_looked_at(self, raw: dict[str, Any], before: Case, events: tuple[Event, ...]) -> None:
        """An assessment or a concern does nothing against the person: no act, no move, no restriction, no sharing, no less support."""
        if raw.get("type") not in LOOKED_AT:
            return
        assert not [event for event in events if isinstance(event, AGAINST)]
        assert self.case.contact.level == before.contact.level
        assert self.case.phase == before.phase
        assert self.case.disclosure.made == before.disclosure.made

    def check_record(self, actor: str, before: Case, events: tuple[Event, ...]) -> None:
        """Sharing stands on a ground in force and on two people; so does an erasure, of a closed case, under no hold; staff of a partner do nothing."""
        theirs = [role for role in self.program.roles.values() if role.partner is not None]
        refused = any(isinstance(event, CommandRefused) for event in events)
        held = self.staff.get(actor)
        assert held is None or refused or not any(self.program.roles[role] in theirs for role in held.roles)
        for event in events:
            match event:
                case DisclosureMade():
                    assert event.basis in self.case.consent.given or not event.basis.startswith("share:")
                    assert event.requested_by != event.approved_by == actor
                    assert self.program.roles[event.recipient].partner == event.partner
                case ErasureApproved():
                    assert event.requested_by != event.approved_by == actor
                    assert self.case.closed
                    assert not any(ends > self.at for ends in before.legal_hold.holds.values())
                    assert before.access.copy_at is not None
                case _:
                    pass
        waiting = [one.request for one in self.case.disclosure.pending.values()]
        assert all(request.agreement is None or request.basis in self.case.consent.given for request in waiting)
        assert not (waiting and self.case.closed)

    def check_silence(self, events: tuple[Event, ...]) -> None:
        """Each rung fires once, in order and never before its instant; silence falls once, and never against the person."""
        for event in events:
            match event:
                case ObligationOpened(obligation=opened):
                    assert opened.due >= opened.opened_at == self.at
                    assert opened.outcome in PROTECTIVE_OUTCOMES
                    self.climbed[opened.key] = 0
                    self.fallen.discard(opened.key)
                case ObligationEscalated():
                    assert event.level == self.climbed[event.key] + 1
                    assert event.rung_at <= self.at
                    assert event.late_seconds == int((self.at - event.rung_at).total_seconds())
                    self.climbed[event.key] = event.level
                case SilenceFell():
                    assert event.outcome in PROTECTIVE_OUTCOMES
                    assert event.due <= self.at
                    assert event.key not in self.fallen
                    assert event.outcome not in ENDING or event.key not in self.case.obligations
                    self.fallen.add(event.key)
                case ObligationClosed():
                    del self.climbed[event.key]
                case _:
                    pass

    def check_fold(self) -> None:
        """The fold of every prefix of what was stored is the case that was held then, and the whole of it survives JSON.

        Room by room, and only those that an entry changed: what both sides left alone is equal as it was.
        """
        self.check_whole()
        folded = held = Case(stream=self.case.stream)
        for told in self.told:
            stored = parse_events(dump_events(told.events))
            was, before = folded, held
            folded = advance(folded, position=told.case.position, head=told.case.head, events=stored, at=told.at)
            held = told.case
            for room in Case.model_fields:
                ours, theirs = getattr(folded, room), getattr(held, room)
                if ours is not getattr(was, room) or theirs is not getattr(before, room):
                    assert ours == theirs, room
        assert folded == held == self.case
