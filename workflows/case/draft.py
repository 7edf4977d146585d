"""An answer while it is put together: what time did, what the command did, what is owed from now on, and who is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from workflows.case import (
    access,
    adverse,
    age,
    appeal,
    care,
    consent,
    danger,
    disclosure,
    due_process,
    extension,
    facts,
    hold,
    lawful_basis,
    legal_hold,
    measure,
    milestone,
    notice,
    objection,
    phase,
    retention,
    review,
    safety_form,
    service,
)
from workflows.case.state import Case, evolve
from workflows.core.kinds import Event
from workflows.core.notice import EffectKind, Notice
from workflows.core.obligation import (
    ObligationClosed,
    ObligationEscalated,
    ObligationHandedOver,
    Owed,
    SilenceFell,
    close_obligation,
    elapse,
    open_obligation,
)
from workflows.core.pause import pause, resume
from workflows.program.model import Program


class Draft:
    """The answer while it is put together: each event is added and at once taken into account by what follows."""

    def __init__(self, case: Case, program: Program, at: datetime) -> None:
        self.case, self.program, self.at = case, program, at
        self.events: list[Event] = []
        self._position = case.position + 1
        self._silenced: frozenset[str] = frozenset()

    def add(self, *events: Event) -> None:
        """Add events, in order."""
        self.case = evolve(self.case, events, self.at)
        self.events.extend(events)

    def begin(self, *, late: bool) -> None:
        """Let everything that fell due by now take its course, in the order in which it fell due (`late`), and know whether whoever is in charge is here.

        It fell due before whoever acts now: a command that overtakes a late timer does not hide the silence before it. The engine's report of a
        delivery judges nothing, and leaves time to the clock.
        """
        if late:
            self.add(*_elapse(self.case, self.program, self.at))
        self.add(*care.left(self.case, self.at))

    def inform(self) -> None:
        """Owe the participant a notice of whatever they must be told of."""
        told = [what for event in self.events for what in due_process.told(event)]
        if any(about == "outcome" for about, _ in told):
            # How the case ended says what the panel decided.
            told = [what for what in told if what[0] != "review_approved"]
        self.add(*service.owe(self.case.service, told), *care.celebrate(self.case, self.events))

    def settle(self) -> None:
        """Open what is owed from now on, close what no longer is: met where an event fulfills it, otherwise released."""
        self.add(*facts.follows(self.case, self.program, self.at), *facts.overtaken(self.case, self.at))
        owed = {item.key: item for item in facts.owes(self.case, self.program)}
        fulfilled = {key for event in self.events for key in _settles(event, self.case.obligations)}
        closing = [obligation for key, obligation in self.case.obligations.items() if key not in owed]
        self.add(*(close_obligation(o, how="met" if o.key in fulfilled else "released", at=self.at) for o in closing))
        self.add(*facts.overtaken(self.case, self.at))
        self._hand_over(owed)
        for one in [one for key, one in owed.items() if key not in self.case.obligations]:
            self._open(one)
        self._stop_clocks()

    def _open(self, one: Owed) -> None:
        """Whatever the lead's role owes is owed by whoever is in charge, from its beginning."""
        holder = None
        if self._of_the_lead(one):
            holder = self.case.custody.in_charge
            one = one.model_copy(update={"owner": self.program.acting_role}) if holder is None else one
        rule, calendar = self.program.silence[one.kind], self.program.calendar
        stood_still = facts.pauses(self.case, self.program, of=one.kind, at=self.at)
        self.add(open_obligation(one, rule=rule, calendar=calendar, at=self.at, holder=holder, pauses=stood_still))

    def _of_the_lead(self, one: Owed) -> bool:
        return (one.owner or self.program.silence[one.kind].owner) == self.program.lead_role

    def _hand_over(self, owed: Mapping[str, Owed]) -> None:
        """Whatever the lead's role owes is owed by whoever is in charge; while nobody is, by those who may assign a lead."""
        lead = self.case.custody.in_charge
        owner = self.program.acting_role if lead is None else self.program.lead_role
        for one in tuple(self.case.obligations.values()):
            if one.holder == lead and one.owner == owner:
                continue
            if self._of_the_lead(owed[one.key]):
                another = None if one.owner == owner else owner
                self.add(ObligationHandedOver(key=one.key, kind=one.kind, holder=lead, owner=another))

    def _stop_clocks(self) -> None:
        """Let the clocks stand still that the hold stops, once what fell due by now has fallen, and let the others go on."""
        still = facts.stands_still(self.case, self.program)
        for one in tuple(self.case.obligations.values()):
            if one.kind in still and one.paused_at is None and (one.next_at is None or one.next_at > self.at):
                self.add(pause(one))
            elif one.kind not in still and one.paused_at is not None:
                self.add(resume(one, calendar=self.program.calendar, at=self.at))

    def withdraw(self) -> None:
        """Where consent was withdrawn: stop the notices about what ended with it, and name in the withdrawal what stops and what goes on."""
        withdrawn = [event.scope for event in self.events if isinstance(event, consent.ConsentWithdrawn)]
        if not withdrawn:
            return
        # A reminder of what was done meanwhile is still on its way, and is about the scope all the same.
        on_the_way = (*self.case.notice.pending.values(), *(one.notice for one in self.case.notice.failed.values()))
        about = {one.about for one in on_the_way if facts.scope_of(one.about, self.program) in withdrawn}
        self._silenced = frozenset((*_released(self.events), *about))
        self.add(*notice.stopped(self.case.notice, self._silenced))
        self.settle()
        silenced = [f"notice/{event.key}" for event in self.events if isinstance(event, notice.NoticeStopped)]
        stops = (*(f"scope/{scope}" for scope in withdrawn), *_released(self.events), *silenced)
        first = next(n for n, event in enumerate(self.events) if isinstance(event, consent.ConsentWithdrawn))
        told = {"stops": stops, "goes_on": facts.goes_on(self.case, self.program)}
        self.events[first] = self.events[first].model_copy(update=told)

    def notify(self) -> None:
        """Issue the notices that the events call for."""
        calls = [
            call
            for event in self.events
            for call in _calls(event, self.case, self.program)
            if call[3] not in self._silenced
        ]
        in_charge, lead_role = self.case.custody.in_charge, self.program.lead_role
        for number, (effect, template, to_role, about, level) in enumerate(calls, start=1):
            person = in_charge if to_role == lead_role else None
            role = self.program.acting_role if to_role == lead_role and in_charge is None else to_role
            key = f"{self._position}/{number}"
            self.add(notice.NoticeIssued(notice=Notice(key=key, effect=effect, template=template, to_role=role, to_person=person, about=about, level=level)))  # fmt: skip


def _elapse(case: Case, program: Program, at: datetime) -> tuple[Event, ...]:
    fell = [event for owed in case.obligations.values() for event in elapse(owed, calendar=program.calendar, at=at)]
    events: list[Event] = []
    # In the order in which it fell due, so that what an outage delayed still reads as it happened.
    for event in sorted(fell, key=lambda event: event.due if isinstance(event, SilenceFell) else event.rung_at):
        events.append(event)
        if isinstance(event, SilenceFell):
            followed = _fall_silent(case, event)
            events += followed
            # What has ended by one silence does not end again by the next.
            case = evolve(case, followed, at)
    return tuple(events)


def _fall_silent(case: Case, event: SilenceFell) -> tuple[Event, ...]:
    """What the rooms add when nobody acted in time."""
    key = event.key
    return (
        *care.fall_silent(case, key), *milestone.fall_silent(case.milestone, key),
        *legal_hold.fall_silent(case.legal_hold, key), *retention.fall_silent(case.retention, key),
        *consent.fall_silent(case.consent, key), *_of_age(case, key, event.due), *hold.fall_silent(case.hold, key),
        *adverse.fall_silent(case.adverse, key), *appeal.fall_silent(case.appeal, key),
        *measure.fall_silent(case.measure, key, event.due), *danger.fall_silent(case.danger, key, event.due),
    )  # fmt: skip


def _of_age(case: Case, key: str, due: datetime) -> tuple[Event, ...]:
    came = age.fall_silent(case.age, key, due)
    return (*came, *(consent.of_age(case.consent) if came else ()))


_SETTLES: tuple[tuple[Any, Any], ...] = (
    *care.SETTLES, (consent.ConsentEvent, consent.settles), (age.AgeEvent, age.settles), (milestone.MilestoneEvent, milestone.settles),
    (hold.HoldEvent, hold.settles), (extension.ExtensionEvent, extension.settles), (lawful_basis.LawfulBasisRecorded, lawful_basis.settles),
    (adverse.AdverseEvent, adverse.settles), (appeal.AppealEvent, appeal.settles), (service.ServiceEvent, service.settles),
    (objection.ObjectionEvent, objection.settles),
    (measure.MeasureEvent, measure.settles), (danger.DangerEvent, danger.settles),
    (notice.NoticeEvent, notice.settles), (phase.PhaseEvent, phase.settles), (review.ReviewEvent, review.settles),
    (disclosure.DisclosureEvent, disclosure.settles), (access.AccessEvent, access.settles), (legal_hold.HoldEvent, legal_hold.settles),
    (retention.RetentionEvent, retention.settles),
)  # fmt: skip


def _released(events: Iterable[Event]) -> dict[str, None]:
    return {event.key: None for event in events if isinstance(event, ObligationClosed) and event.how == "released"}


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
        case adverse.AdverseActDecided():
            return (("review", "act_decided", program.lead_role, f"adverse_act/{event.act}", 0),)
        case safety_form.SafetyActivated():
            about, roles = f"safety_response/{event.activation}", care.responding(case, event.entry, program)
            return tuple(("escalation", "safety_activated", role, about, 0) for role in roles)
        case retention.RetentionStopped() if program.retention is not None:
            return (("escalation", "retention_stopped", program.retention.officer, f"reentry/{event.episode}", 0),)
        case objection.ObjectionFiled():
            deciders = program.due_process.appeal_by if program.due_process is not None else ()
            return tuple(("review", "objection_filed", role, f"review/{event.review}", 0) for role in deciders)
        case appeal.AppealFiled():
            deciders = program.due_process.appeal_by if program.due_process is not None else ()
            return tuple(("review", "appeal_filed", role, f"adverse_act/{event.act}", 0) for role in deciders)
        case _:
            return ()
