"""The state of a case: the fold of its ledger entries.

Small on purpose: it holds what the rules need from now on (open obligations, standings, who took part in what), never the history, which
stands in the ledger. It travels to the recorder with each command, and every run of the workflow begins by restoring it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any, get_args

from pydantic import Field, TypeAdapter

from workflows.case import (
    access,
    adverse,
    age,
    appeal,
    assessment,
    assessment_form,
    celebration,
    concern,
    consent,
    contact,
    contact_form,
    custody,
    custody_form,
    danger,
    disclosure,
    extension,
    follow_up,
    follow_up_form,
    hold,
    lawful_basis,
    legal_hold,
    link,
    measure,
    milestone,
    network,
    network_form,
    notice,
    objection,
    partner,
    phase,
    referral,
    referral_form,
    referrer,
    relative_support,
    retention,
    review,
    run,
    safety,
    safety_form,
    service,
    setback,
    setback_form,
    support,
    support_form,
)
from workflows.case.access import State as AccessState
from workflows.case.adverse import State as AdverseState
from workflows.case.age import State as AgeState
from workflows.case.appeal import State as AppealState
from workflows.case.assessment import State as AssessmentState
from workflows.case.celebration import State as CelebrationState
from workflows.case.concern import State as ConcernState
from workflows.case.consent import State as ConsentState
from workflows.case.contact import State as ContactState
from workflows.case.custody import State as CustodyState
from workflows.case.danger import State as DangerState
from workflows.case.disclosure import State as DisclosureState
from workflows.case.extension import State as ExtensionState
from workflows.case.follow_up import State as FollowUpState
from workflows.case.hold import State as HoldState
from workflows.case.lawful_basis import State as LawfulBasisState
from workflows.case.legal_hold import State as LegalHoldState
from workflows.case.link import State as LinkState
from workflows.case.measure import State as MeasureState
from workflows.case.milestone import State as MilestoneState
from workflows.case.network import State as NetworkState
from workflows.case.notice import State as NoticeState
from workflows.case.objection import State as ObjectionState
from workflows.case.partner import State as PartnerState
from workflows.case.phase import State as PhaseState
from workflows.case.referrer import State as ReferrerState
from workflows.case.referring import State as ReferralState
from workflows.case.relative_support import State as RelativeSupportState
from workflows.case.retention import State as RetentionState
from workflows.case.review import State as ReviewState
from workflows.case.run import State as RunState
from workflows.case.safety import State as SafetyState
from workflows.case.service import State as ServiceState
from workflows.case.setback import State as SetbackState
from workflows.case.support import State as SupportState
from workflows.core.entry import GENESIS
from workflows.core.envelope import CommandRefused, RecordedEntry
from workflows.core.kinds import Code, Digest, Event, Frozen, Instant, StreamId, VersionTag
from workflows.core.obligation import Obligation, ObligationEvent, evolve_obligations
from workflows.core.pause import PauseEvent, evolve_pauses


class ProgramRef(Frozen):
    """The version under which the case runs, pinned by its hash."""

    program: Code
    version: VersionTag
    sha256: Digest


class Case(Frozen):
    """A case as of `position`; `head` is the hash of the entry there, `as_of` its instant. A fresh case stands at position 0 and is not opened."""

    stream: StreamId
    position: int = 0
    head: Digest = GENESIS.hex()
    as_of: Instant | None = None
    program: ProgramRef | None = None
    phase: PhaseState = PhaseState()
    milestone: MilestoneState = MilestoneState()
    review: ReviewState = ReviewState()
    contact: ContactState = ContactState()
    consent: ConsentState = ConsentState()
    age: AgeState = AgeState()
    custody: CustodyState = CustodyState()
    notice: NoticeState = NoticeState()
    hold: HoldState = HoldState()
    extension: ExtensionState = ExtensionState()
    lawful_basis: LawfulBasisState = LawfulBasisState()
    partner: PartnerState = PartnerState()
    disclosure: DisclosureState = DisclosureState()
    access: AccessState = AccessState()
    legal_hold: LegalHoldState = LegalHoldState()
    retention: RetentionState = RetentionState()
    adverse: AdverseState = AdverseState()
    appeal: AppealState = AppealState()
    objection: ObjectionState = ObjectionState()
    service: ServiceState = ServiceState()
    measure: MeasureState = MeasureState()
    danger: DangerState = DangerState()
    support: SupportState = SupportState()
    referral: ReferralState = ReferralState()
    referrer: ReferrerState = ReferrerState()
    celebration: CelebrationState = CelebrationState()
    link: LinkState = LinkState()
    assessment: AssessmentState = AssessmentState()
    concern: ConcernState = ConcernState()
    follow_up: FollowUpState = FollowUpState()
    network: NetworkState = NetworkState()
    relative_support: RelativeSupportState = RelativeSupportState()
    safety: SafetyState = SafetyState()
    setback: SetbackState = SetbackState()
    run: RunState = RunState()
    obligations: dict[str, Obligation] = {}

    @property
    def opened(self) -> bool:
        """Whether the case was opened (a refused opening leaves a stream without a case)."""
        return self.program is not None

    @property
    def closed(self) -> bool:
        """Whether its last phase is reached."""
        return self.phase.closed_at is not None

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be done: never opened, or closed with nothing owed and no notice on its way."""
        return not self.opened or (self.closed and not self.obligations and not self.notice.pending)


CaseEvent = (
    phase.PhaseEvent | milestone.MilestoneEvent | review.ReviewEvent | contact_form.ContactEvent | consent.ConsentEvent | age.AgeEvent | custody_form.CustodyEvent
    | notice.NoticeEvent | hold.HoldEvent | extension.ExtensionEvent | lawful_basis.LawfulBasisRecorded | partner.PartnerEvent
    | disclosure.DisclosureEvent | access.AccessEvent | legal_hold.HoldEvent | retention.RetentionEvent
    | adverse.AdverseEvent | appeal.AppealEvent | objection.ObjectionEvent | service.ServiceEvent | measure.MeasureEvent | danger.DangerEvent
    | support_form.SupportEvent | referral_form.ReferralEvent | referrer.ReferrerFeedbackRecorded | celebration.CelebrationEvent
    | link.LinkEvent | assessment_form.AssessmentEvent | concern.ConcernEvent | follow_up_form.FollowUpEvent | network_form.NetworkEvent | relative_support.RelativeSupportEvent | safety_form.SafetyEvent | setback_form.SetbackEvent
    | run.RunKept | ObligationEvent | PauseEvent | CommandRefused
)  # fmt: skip

_EVENTS: TypeAdapter[tuple[Event, ...]] = TypeAdapter(tuple[Annotated[CaseEvent, Field(discriminator="type")], ...])

# The adapter's own method adds a sixth to the time of a short entry.
_READ = _EVENTS.validator.validate_json


def parse_events(body: bytes | str) -> tuple[Event, ...]:
    """The events of an entry's body (a JSON array).

    Raises:
        pydantic.ValidationError: the body is not an array of known events.
    """
    events: tuple[Event, ...] = _READ(body)
    return events


def dump_events(events: tuple[Event, ...]) -> bytes:
    """The body of an entry: its events as a JSON array."""
    return _EVENTS.dump_json(events, exclude_none=True)


def _pinned(event: phase.CaseOpened) -> ProgramRef:
    return ProgramRef(program=event.program, version=event.version, sha256=event.sha256)


_Evolve = Callable[[Any, Any, datetime], object]
_ROOMS: tuple[tuple[str, Any, _Evolve], ...] = (
    ("phase", phase.PhaseEvent, phase.evolve),
    ("milestone", milestone.MilestoneEvent, milestone.evolve),
    ("review", review.ReviewEvent, review.evolve),
    ("contact", contact_form.ContactEvent, contact.evolve),
    ("consent", consent.ConsentEvent, consent.evolve),
    ("age", age.AgeEvent, age.evolve),
    ("custody", custody_form.CustodyEvent, custody.evolve),
    ("notice", notice.NoticeEvent, notice.evolve),
    ("hold", hold.HoldEvent, hold.evolve),
    ("extension", extension.ExtensionEvent, extension.evolve),
    ("lawful_basis", lawful_basis.LawfulBasisRecorded, lawful_basis.evolve),
    ("partner", partner.PartnerEvent, partner.evolve),
    ("disclosure", disclosure.DisclosureEvent, disclosure.evolve),
    ("access", access.AccessEvent, access.evolve),
    ("legal_hold", legal_hold.HoldEvent, legal_hold.evolve),
    ("retention", retention.RetentionEvent, retention.evolve),
    ("adverse", adverse.AdverseEvent, adverse.evolve),
    ("appeal", appeal.AppealEvent, appeal.evolve),
    ("objection", objection.ObjectionEvent, objection.evolve),
    ("service", service.ServiceEvent, service.evolve),
    ("measure", measure.MeasureEvent, measure.evolve),
    ("danger", danger.DangerEvent, danger.evolve),
    ("support", support_form.SupportEvent, support.evolve),
    ("referral", referral_form.ReferralEvent, referral.evolve),
    ("celebration", celebration.CelebrationEvent, celebration.evolve),
    ("referrer", referrer.ReferrerFeedbackRecorded, referrer.evolve),
    ("link", link.LinkEvent, link.evolve),
    ("assessment", assessment_form.AssessmentEvent, assessment.evolve),
    ("concern", concern.ConcernEvent, concern.evolve),
    ("follow_up", follow_up_form.FollowUpEvent, follow_up.evolve),
    ("network", network_form.NetworkEvent, network.evolve),
    ("relative_support", relative_support.RelativeSupportEvent, relative_support.evolve),
    ("safety", safety_form.SafetyEvent, safety.evolve),
    ("setback", setback_form.SetbackEvent, setback.evolve),
    ("run", run.RunKept, run.evolve),
    ("obligations", ObligationEvent, evolve_obligations),
    ("obligations", PauseEvent, evolve_pauses),
)
"""Each room of the case: where its state stands, its events, and how they change it."""
_ROOM: dict[type[Event], tuple[str, _Evolve]] = {
    kind: (name, step) for name, events, step in _ROOMS for kind in get_args(events) or (events,)
}


class Folding:
    """A case while entries are folded onto it: rooms are replaced in place, and the case itself is built once, at the end."""

    __slots__ = ("_case", "_changes", "_rooms")

    def __init__(self, case: Case) -> None:
        self._case = case
        self._rooms: dict[str, Any] = case.__dict__.copy()
        self._changes: set[str] = set()

    def add(self, events: Iterable[Event], at: datetime) -> None:
        """Take in the events of one entry, recorded at `at`. A refusal changes nothing."""
        rooms = self._rooms
        for event in events:
            kind = type(event)
            if kind is CommandRefused:
                continue
            room, step = _ROOM[kind]
            rooms[room] = step(rooms[room], event, at)
            self._changes.add(room)
            if kind is phase.CaseOpened:
                rooms["program"] = _pinned(event)  # type: ignore[arg-type]  # narrowed by the line above
                self._changes.add("program")

    def case(self, **place: object) -> Case:
        """The case after all that was added; `place` is its position, head and instant where they changed."""
        changes = {room: self._rooms[room] for room in self._changes} | place
        return self._case.model_copy(update=changes) if changes else self._case


def evolve(case: Case, events: Iterable[Event], at: datetime) -> Case:
    """The case after the events of one entry, recorded at `at`. A refusal changes nothing."""
    folding = Folding(case)
    folding.add(events, at)
    return folding.case()


def advance(case: Case, *, position: int, head: str, events: Iterable[Event], at: datetime) -> Case:
    """The case after a whole entry: its events, and its place in the chain."""
    folding = Folding(case)
    folding.add(events, at)
    return folding.case(position=position, head=head, as_of=at)


def take(case: Case, entries: Iterable[RecordedEntry]) -> Case:
    """The case after entries that the recorder returned, in order."""
    for entry in entries:
        case = advance(case, position=entry.position, head=entry.hash, events=parse_events(entry.events), at=entry.at)
    return case
