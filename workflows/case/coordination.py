"""Coordination: each open need with whoever answers it, and every gap between services, the worst first.

A panel that reads services one by one sees each of them at work, and not that all wait for one another (F5). So a case is read here by need: what answers it and how
that stands, what was tried, what is owed next and by whom, and what is late. The order is an order of kinds of gap, stated below; nothing is weighed or scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Literal, get_args

from workflows.case import referral_form, referring, support, support_form
from workflows.case.state import Case
from workflows.core.kinds import Code, Event, Frozen, Instant, PersonId
from workflows.core.obligation import Obligation
from workflows.program.model import Program

Gap = Literal["circle", "nobody", "ended", "ruled_out", "came_back", "stalled", "late", "waits", "served", "answered"]
"""What stands between a person and an answer to the need, the worst first:

circle: providers wait for each other. nobody: nothing was ever asked or planned. ended: support ended and nothing followed. ruled_out: somebody reasoned that there
is no other provider. came_back: a referral is back and nobody else is asked. stalled: a support without its session. late: something is owed and overdue. waits: planned
or asked, in time, and nothing given yet. served: something was given, and the need is still open. answered: something is being given.
"""
GAPS: tuple[Gap, ...] = get_args(Gap)
How = Literal["gap", "replaced", "delivered", "silence", "no_consent", "rejected", "failed", "cancelled", "waived", "ruled_out", "completed"]  # fmt: skip


class Way(Frozen):
    """A support or referral that is open for the need: how it stands and since when; sessions attested and promised; why it is back, and what its provider wants met first."""

    what: Literal["support", "referral"]
    number: int
    kind: Code
    provider: Code
    status: Literal["planned", "in_force", "stalled", "requested", "accepted", "in_progress", "returned"]
    since: Instant
    asked: Instant
    sessions: tuple[int, int] | None = None
    because: Code | None = None
    precondition: Code | None = None


class Past(Frozen):
    """A support or referral that is over, and how it ended."""

    what: Literal["support", "referral"]
    number: int
    provider: Code
    how: How
    at: Instant


class Next(Frozen):
    """What is owed next, by which person or else which role, and by when."""

    key: str
    role: Code
    holder: PersonId | None
    due: Instant
    late: bool


class Circle(Frozen):
    """A circle that waits for the panel, with its needs in order; whether it still holds."""

    number: int
    needs: tuple[Code, ...]
    since: Instant
    holds: bool


class NeedView(Frozen):
    """A need, since when it is open (None: it is not on record as open, and something is under way all the same), its gap, and everything about it."""

    need: Code
    since: Instant | None
    gap: Gap
    ways: tuple[Way, ...]
    past: tuple[Past, ...]
    circles: tuple[Circle, ...]
    owed: tuple[Next, ...]


def coordination(
    case: Case, program: Program, told: Iterable[tuple[datetime, Iterable[Event]]], at: datetime
) -> tuple[NeedView, ...]:
    """Every need of the case, the worst gap first; among equals what is overdue longest, then what is open longest.

    Args:
        case: as of the end of what was told.
        program: its program; without care in it there is nothing to show.
        told: the instants of the entries with their events, from the first on.
        at: as seen then.
    """
    if program.care is None:
        return ()
    history = _History(program)
    for when, events in told:
        for event in events:
            history.take(event, when)
    found = tuple(ways(case, program))
    circling = {need for one in case.referral.circles.values() for need in one.needs}
    needs = dict.fromkeys((*case.support.needs, *sorted(circling | {of for of, _ in found})))
    views = [_view(case, need, tuple(way for of, way in found if of == need), history=history, at=at) for need in needs]
    return tuple(sorted(views, key=lambda view: _rank(view, at)))


def _rank(view: NeedView, at: datetime) -> tuple[object, ...]:
    overdue = max((at - one.due for one in view.owed if one.late), default=at - at)
    return view.since is None, GAPS.index(view.gap), -overdue, view.since or at


def _view(case: Case, need: str, found: tuple[Way, ...], *, history: _History, at: datetime) -> NeedView:
    circles = tuple(
        Circle(number=number, needs=one.needs, since=one.since, holds=referring.stands(case.referral, number))
        for number, one in case.referral.circles.items()
        if need in one.needs
    )
    owed = tuple(sorted(_owed(case, need, found, circles=circles, at=at), key=lambda one: one.due))
    past = tuple(history.past.get(need, ()))
    since = history.opened.get(need, at) if need in case.support.needs else None
    gap = _gap(found, past, circles, owed)
    return NeedView(need=need, since=since, gap=gap, ways=found, past=past, circles=circles, owed=owed)


def ways(case: Case, program: Program) -> Iterator[tuple[str, Way]]:
    """Every open support and referral, with the need that it is for."""
    kinds = {} if program.care is None else program.care.supports
    for number, one in case.support.active.items():
        if one.kind in kinds:
            yield kinds[one.kind].answers, _support(case, number, one)
    for number, sent in case.referral.open.items():
        yield (
            sent.need,
            Way(
                what="referral", number=number, kind=sent.kind, provider=sent.provider, status=sent.status, since=sent.since, asked=sent.requested_at,
                because=sent.because, precondition=sent.needs,
            ),
        )  # fmt: skip


def _support(case: Case, number: int, one: support.Support) -> Way:
    session = case.obligations.get(f"support_session/{number}/{one.sessions + 1}")
    status: Literal["planned", "in_force", "stalled"] = "in_force" if one.begun else "planned"
    if session is not None and session.silent:
        status = "stalled"
    return Way(
        what="support", number=number, kind=one.kind, provider=one.provider, status=status, since=one.last or one.since, asked=one.since,
        sessions=(one.sessions, one.promised),
    )  # fmt: skip


def _owed(case: Case, need: str, found: Iterable[Way], *, circles: Iterable[Circle], at: datetime) -> Iterator[Next]:
    about = {f"need_answer/{need}"} | {f"circular_precondition/{one.number}" for one in circles}
    for way in found:
        if way.what == "support":
            about |= {f"support_start/{way.number}", f"support_session/{way.number}/{(way.sessions or (0, 0))[0] + 1}"}
        else:
            kinds = ("reply", "progress", "outcome", "alternative")
            about |= {f"referral_{kind}/{way.number}" for kind in kinds}
    for key in about & case.obligations.keys():
        yield _next(case.obligations[key], at)


def _next(owed: Obligation, at: datetime) -> Next:
    still = owed.paused_at is not None
    return Next(
        key=owed.key, role=owed.owner, holder=owed.holder, due=owed.due, late=owed.due < at and not still
    )  # fmt: skip


def _gap(found: tuple[Way, ...], past: tuple[Past, ...], circles: tuple[Circle, ...], owed: tuple[Next, ...]) -> Gap:
    live = [way for way in found if way.status != "returned"]
    if any(one.holds for one in circles):
        return "circle"
    if not live:
        return _nobody(found, past)
    if any(way.status == "stalled" for way in live):
        return "stalled"
    if any(one.late for one in owed):
        return "late"
    given = any(way.status in {"in_force", "in_progress"} for way in live)
    return "answered" if given else "waits"


def _nobody(found: tuple[Way, ...], past: tuple[Past, ...]) -> Gap:
    """Why nothing answers a need."""
    if found:
        return "came_back"
    last = past[-1].how if past else None
    if last in {"delivered", "completed"}:
        return "served"
    return "nobody" if last is None else "ruled_out" if last == "ruled_out" else "ended"


class _History:
    """What the entries say of needs that no state holds any more: since when each is open, and what was tried for it since."""

    def __init__(self, program: Program) -> None:
        self._kinds = {} if program.care is None else program.care.supports
        self.opened: dict[str, datetime] = {}
        self.past: dict[str, list[Past]] = {}
        self._supports: dict[int, support_form.SupportPlanned] = {}
        self._referrals: dict[int, referral_form.ReferralRequested] = {}
        self._back: dict[int, tuple[How, datetime]] = {}

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        match event:
            case support_form.NeedIdentified():
                self.opened[event.need] = at
            case support_form.NeedClosed():
                self.opened.pop(event.need, None)
                self.past.pop(event.need, None)
            case support_form.SupportPlanned():
                self._supports[event.support] = event
            case support_form.SupportCompleted():
                self._ended(event.support, "delivered", at)
            case support_form.SupportEnded():
                self._ended(event.support, "gap" if event.successor is None else "replaced", at)
            case _:
                self._refer(event, at)

    def _ended(self, number: int, how: How, at: datetime) -> None:
        planned = self._supports.pop(number, None)
        if planned is not None and planned.kind in self._kinds:
            need = self._kinds[planned.kind].answers
            done = Past(what="support", number=number, provider=planned.provider, how=how, at=at)
            self.past.setdefault(need, []).append(done)

    def _refer(self, event: Event, at: datetime) -> None:
        match event:
            case referral_form.ReferralRequested():
                if event.replaces is not None:
                    self._over(event.replaces, *self._back.pop(event.replaces, ("cancelled", at)))
                self._referrals[event.referral] = event
            case referral_form.ReferralAccepted():
                self._back.pop(event.referral, None)
            case referral_form.ReferralRejected():
                self._came_back(event.referral, "rejected", at)
            case referral_form.ReferralReturned():
                self._came_back(event.referral, event.because, at)
            case referral_form.ReferralFailed():
                self._came_back(event.referral, "failed", at)
            case referral_form.ReferralCancelled():
                self._came_back(event.referral, "cancelled", at)
            case referral_form.AlternativeRuledOut():
                self._back.pop(event.referral, None)
                self._over(event.referral, "ruled_out", at)
            case referral_form.ReferralCompleted():
                self._over(event.referral, "completed", at)
            case _:
                return

    def _came_back(self, number: int, how: How, at: datetime) -> None:
        """It is back; over at once where another one stands for the same need."""
        sent = self._referrals.get(number)
        others = [one for other, one in self._referrals.items() if other != number and other not in self._back]
        if sent is not None and any(one.need == sent.need for one in others):
            self._over(number, how, at)
        else:
            self._back[number] = (how, at)

    def _over(self, number: int, how: How, at: datetime) -> None:
        sent = self._referrals.pop(number, None)
        if sent is not None:
            over = Past(what="referral", number=number, provider=sent.provider, how=how, at=at)
            self.past.setdefault(sent.need, []).append(over)
