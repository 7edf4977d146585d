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
    appeal,
    consent,
    contact,
    custody,
    danger,
    disclosure,
    hold,
    lawful_basis,
    legal_hold,
    measure,
    milestone,
    notice,
    partner,
    phase,
    retention,
    review,
    service,
)
from workflows.case.access import State as AccessState
from workflows.case.adverse import State as AdverseState
from workflows.case.appeal import State as AppealState
from workflows.case.consent import State as ConsentState
from workflows.case.contact import State as ContactState
from workflows.case.custody import State as CustodyState
from workflows.case.danger import State as DangerState
from workflows.case.disclosure import State as DisclosureState
from workflows.case.hold import State as HoldState
from workflows.case.lawful_basis import State as LawfulBasisState
from workflows.case.legal_hold import State as LegalHoldState
from workflows.case.measure import State as MeasureState
from workflows.case.milestone import State as MilestoneState
from workflows.case.notice import State as NoticeState
from workflows.case.partner import State as PartnerState
from workflows.case.phase import State as PhaseState
from workflows.case.retention import State as RetentionState
from workflows.case.review import State as ReviewState
from workflows.case.service import State as ServiceState
from workflows.core.entry import GENESIS
from workflows.core.envelope import CommandRefused, RecordedEntry
from workflows.core.kinds import Code, Digest, Event, Frozen, Instant, StreamId, VersionTag
from workflows.core.obligation import (
    Obligation,
    ObligationClosed,
    ObligationEscalated,
    ObligationHandedOver,
    ObligationOpened,
    SilenceFell,
    evolve_obligations,
)
from workflows.core.pause import ObligationPaused, ObligationResumed, evolve_pauses


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
    custody: CustodyState = CustodyState()
    notice: NoticeState = NoticeState()
    hold: HoldState = HoldState()
    lawful_basis: LawfulBasisState = LawfulBasisState()
    partner: PartnerState = PartnerState()
    disclosure: DisclosureState = DisclosureState()
    access: AccessState = AccessState()
    legal_hold: LegalHoldState = LegalHoldState()
    retention: RetentionState = RetentionState()
    adverse: AdverseState = AdverseState()
    appeal: AppealState = AppealState()
    service: ServiceState = ServiceState()
    measure: MeasureState = MeasureState()
    danger: DangerState = DangerState()
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
    phase.CaseOpened | phase.PhaseEntered | phase.ProgressReviewed | phase.CaseClosed
    | milestone.MilestoneClaimed | milestone.MilestoneVerified | milestone.MilestoneReturned
    | milestone.MilestoneContradicted | milestone.MilestoneExpired
    | review.ReviewRequested | review.VoteCast | review.ReviewerRecused | review.ReviewDecided | review.ReviewSuperseded
    | contact.CheckInKept | contact.CheckInMissed | contact.CheckInExcused | contact.SupportLevelSet | contact.ContactScheduleStarted
    | contact.ContactPaused | contact.ContactResumed
    | consent.ConsentGiven | consent.ConsentDeclined | consent.ConsentWithdrawn | consent.ConsentLapsed | consent.ConsentAsked
    | consent.WelfareOfferMade
    | custody.LeadAssigned
    | hold.HoldRequested | hold.HoldBegan | hold.HoldEnded
    | lawful_basis.LawfulBasisRecorded
    | notice.NoticeIssued | notice.NoticeServed | notice.NoticeFailed | notice.NoticeStopped
    | partner.PartnerJoined | partner.PartnerLeft
    | disclosure.DisclosureRequested | disclosure.DisclosureMade | disclosure.DisclosureDeclined
    | disclosure.DisclosureStopped | disclosure.DisclosureTold | disclosure.DisclosureCorrected | disclosure.RecipientTold
    | access.AccessRequested | access.AccessAnswered | access.CopyGiven
    | legal_hold.LegalHoldPlaced | legal_hold.LegalHoldLifted | legal_hold.LegalHoldExpired
    | retention.RecordClassified | retention.RetentionClassSet | retention.RetentionReviewed | retention.RecordSealed
    | retention.ErasureRequested | retention.ErasureApproved | retention.ErasureDeclined
    | adverse.AdverseActProposed | adverse.HearingOpened | adverse.RepresentationRecorded | adverse.AdverseVoteCast
    | adverse.AdverseActDecided | adverse.AdverseActLapsed
    | appeal.AppealRouteOpened | appeal.AppealWindowOpened | appeal.AppealFiled | appeal.AppealVoteCast | appeal.AppealDecided
    | appeal.DismissalServed | appeal.AdverseActTookEffect | appeal.UpheldActLapsed
    | measure.MeasureProposed | measure.MeasureBegan | measure.RenewalProposed | measure.MeasureRenewed | measure.MeasureReviewed
    | measure.MeasureEnded | danger.DangerAsked | danger.DangerConfirmed | danger.DangerEnded
    | service.ParticipantNoticeOwed | service.ParticipantNoticeServed
    | notice.NoticeIssued | notice.NoticeServed | notice.NoticeFailed
    | ObligationOpened | ObligationEscalated | SilenceFell | ObligationHandedOver | ObligationClosed
    | ObligationPaused | ObligationResumed
    | CommandRefused
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
_ROOM: dict[type[Event], tuple[str, _Evolve]] = {
    **dict.fromkeys(
        (phase.CaseOpened, phase.PhaseEntered, phase.ProgressReviewed, phase.CaseClosed), ("phase", phase.evolve)
    ),
    **dict.fromkeys(
        (
            milestone.MilestoneClaimed,
            milestone.MilestoneVerified,
            milestone.MilestoneReturned,
            milestone.MilestoneContradicted,
            milestone.MilestoneExpired,
        ),
        ("milestone", milestone.evolve),
    ),
    **dict.fromkeys(
        (
            review.ReviewRequested,
            review.VoteCast,
            review.ReviewerRecused,
            review.ReviewDecided,
            review.ReviewSuperseded,
        ),
        ("review", review.evolve),
    ),
    **dict.fromkeys(
        (
            contact.CheckInKept,
            contact.CheckInMissed,
            contact.CheckInExcused,
            contact.SupportLevelSet,
            contact.ContactScheduleStarted,
            contact.ContactPaused,
            contact.ContactResumed,
        ),
        ("contact", contact.evolve),
    ),
    **dict.fromkeys(
        (
            consent.ConsentGiven,
            consent.ConsentDeclined,
            consent.ConsentWithdrawn,
            consent.ConsentLapsed,
            consent.ConsentAsked,
            consent.WelfareOfferMade,
        ),
        ("consent", consent.evolve),
    ),
    custody.LeadAssigned: ("custody", custody.evolve),
    **dict.fromkeys((hold.HoldRequested, hold.HoldBegan, hold.HoldEnded), ("hold", hold.evolve)),
    lawful_basis.LawfulBasisRecorded: ("lawful_basis", lawful_basis.evolve),
    **dict.fromkeys(
        (notice.NoticeIssued, notice.NoticeServed, notice.NoticeFailed, notice.NoticeStopped), ("notice", notice.evolve)
    ),
    **dict.fromkeys((partner.PartnerJoined, partner.PartnerLeft), ("partner", partner.evolve)),
    **dict.fromkeys((ObligationPaused, ObligationResumed), ("obligations", evolve_pauses)),
    **dict.fromkeys(get_args(disclosure.DisclosureEvent), ("disclosure", disclosure.evolve)),
    **dict.fromkeys(get_args(access.AccessEvent), ("access", access.evolve)),
    **dict.fromkeys(get_args(legal_hold.HoldEvent), ("legal_hold", legal_hold.evolve)),
    **dict.fromkeys(get_args(retention.RetentionEvent), ("retention", retention.evolve)),
    **dict.fromkeys(get_args(adverse.AdverseEvent), ("adverse", adverse.evolve)),
    **dict.fromkeys(get_args(appeal.AppealEvent), ("appeal", appeal.evolve)),
    **dict.fromkeys(get_args(service.ServiceEvent), ("service", service.evolve)),
    **dict.fromkeys(get_args(measure.MeasureEvent), ("measure", measure.evolve)),
    **dict.fromkeys(get_args(danger.DangerEvent), ("danger", danger.evolve)),
    **dict.fromkeys((notice.NoticeIssued, notice.NoticeServed, notice.NoticeFailed), ("notice", notice.evolve)),
    **dict.fromkeys(
        (ObligationOpened, ObligationEscalated, SilenceFell, ObligationHandedOver, ObligationClosed),
        ("obligations", evolve_obligations),
    ),
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
