"""What an entry changes in the rows about rights: acts against the person, measures, disclosures, pauses and legal holds, requests for access.

A row follows from the entry's events and from the case after it; no row is read. Whoever maintains the read model and whoever rebuilds it come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from workflows.case import access, adverse, appeal, danger, disclosure, hold, legal_hold, measure
from workflows.case.state import Case
from workflows.core.entry import Entry
from workflows.core.kinds import Event

TABLES = ("adverse_act", "measure", "disclosure", "hold", "access_request")
"""The tables; each has a statement `<table>_clear`."""
_ROOMS = ("adverse", "appeal", "measure", "danger", "disclosure", "hold", "legal_hold", "access")


class Change(NamedTuple):
    """One statement of `sql/`, by name, and its parameters."""

    statement: str
    parameters: tuple[Any, ...]


def changes(before: Case, after: Case, *, entry: Entry, events: Sequence[Event]) -> Iterator[Change]:
    """The rows that the entry opened or changed, in order; nothing for the many entries that are about something else."""
    if all(getattr(before, room) is getattr(after, room) for room in _ROOMS):
        return
    yield from _acts(after, entry, events)
    for event in events:
        match event:
            case measure.MeasureBegan() | measure.MeasureRenewed() | measure.MeasureReviewed() | measure.MeasureEnded():
                yield from _measure(before, after, entry.stream, event)
            case danger.DangerConfirmed() | danger.DangerEnded():
                yield from _danger(entry, event)
            case access.AccessRequested():
                yield Change("access_put", (entry.stream, event.request, entry.at))
            case access.AccessAnswered():
                yield Change("access_answer", (entry.stream, event.request, entry.at, event.answer))
            case _:
                yield from _held(before, entry, event)
    yield from _disclosures(after, entry, events)


def awaits(case: Case, number: int) -> str | None:
    """The key of what act `number` waits for now: a notice to be served, a decision, its being carried out; None once it is over."""
    proposed, upheld = case.adverse.open.get(number), case.appeal.open.get(number)
    if proposed is not None:
        return (
            _service(case, "act_proposed", number) if proposed.hearing_until is None else f"adverse_decision/{number}"
        )
    if upheld is None:
        return None
    match upheld.stage:
        case "upheld":
            return _service(case, "act_upheld", number)
        case "appealed":
            return f"appeal_decision/{number}"
        case "dismissed":
            return _service(case, "appeal_dismissed", number)
        case "served" | "dismissal_served":
            return f"adverse_effect/{number}" if upheld.window is not None else _service(case, "act_upheld", number)


def _service(case: Case, about: str, number: int) -> str | None:
    owed = case.service.owed.items()
    return next((f"notice_service/{n}" for n, one in owed if (one.about, one.subject) == (about, str(number))), None)


def stage(case: Case, number: int) -> str | None:
    """Where act `number` stands: `proposed`, `hearing`, or a stage of an upheld act; None once it is over."""
    proposed, upheld = case.adverse.open.get(number), case.appeal.open.get(number)
    if proposed is not None:
        return "proposed" if proposed.hearing_until is None else "hearing"
    return None if upheld is None else upheld.stage


_Ends = adverse.AdverseActDecided | adverse.AdverseActLapsed | appeal.AdverseActTookEffect | appeal.UpheldActLapsed
_OfAnAct = (
    adverse.AdverseActProposed, adverse.HearingOpened, adverse.AdverseVoteCast, adverse.AdverseActDecided, adverse.AdverseActLapsed,
    appeal.AppealWindowOpened, appeal.AppealFiled, appeal.AppealDecided, appeal.DismissalServed, appeal.AdverseActTookEffect,
    appeal.UpheldActLapsed,
)  # fmt: skip


def _acts(after: Case, entry: Entry, events: Sequence[Event]) -> Iterator[Change]:
    ended: dict[int, str] = {}
    touched: dict[int, dict[str, datetime]] = {}
    for event in events:
        if not isinstance(event, _OfAnAct):
            continue
        until = touched.setdefault(event.act, {})
        match event:
            case adverse.AdverseActProposed():
                what = (event.kind, event.subject, event.by, entry.at)
                yield Change("act_put", (entry.stream, event.act, *what))
            case adverse.HearingOpened():
                until["hearing"] = event.until
            case appeal.AppealWindowOpened():
                until["appeal"] = event.until
            case adverse.AdverseActDecided() | adverse.AdverseActLapsed() | appeal.AdverseActTookEffect() | appeal.UpheldActLapsed():  # fmt: skip
                ended[event.act] = _end(event)
            case _:
                continue
    for number, until in touched.items():
        now = stage(after, number)
        windows = (until.get("hearing"), until.get("appeal"))
        how = (now, *windows, awaits(after, number), None) if now else (ended[number], *windows, None, entry.at)
        yield Change("act_move", (entry.stream, number, *how))


def _end(event: _Ends) -> str:
    match event:
        case adverse.AdverseActDecided():
            return event.outcome
        case adverse.AdverseActLapsed() | appeal.UpheldActLapsed():
            return event.because
        case appeal.AdverseActTookEffect():
            return "took_effect"


_OfAMeasure = measure.MeasureBegan | measure.MeasureRenewed | measure.MeasureReviewed | measure.MeasureEnded


def _measure(before: Case, after: Case, stream: str, event: _OfAMeasure) -> Iterator[Change]:
    number = event.measure
    if isinstance(event, measure.MeasureEnded):
        yield Change("measure_end", (stream, "measure", number, event.ended_at, event.how))
        return
    one = after.measure.known.get(number) or before.measure.known.get(number)
    if one is not None and one.begun is not None and one.until is not None:
        standing = (one.content, one.mode, one.begun, one.until, one.renewals, one.reviews)
        yield Change("measure_put", (stream, "measure", number, *standing))


def _danger(entry: Entry, event: danger.DangerConfirmed | danger.DangerEnded) -> Iterator[Change]:
    if isinstance(event, danger.DangerConfirmed):
        standing = (event.content, "danger", entry.at, event.until, 0, 0)
        yield Change("measure_put", (entry.stream, "danger", event.danger, *standing))
    elif event.in_force:
        yield Change("measure_end", (entry.stream, "danger", event.danger, event.ended_at, event.how))


def _held(before: Case, entry: Entry, event: Event) -> Iterator[Change]:
    match event:
        case hold.HoldRequested():
            asked = (event.kind, event.requested_by, entry.at, None, event.until)
            yield Change("hold_put", (entry.stream, "pause", event.hold, *asked))
        case hold.HoldBegan():
            current = before.hold.current
            asked_by, since = (None, entry.at) if current is None else (current.requested_by, current.since)
            yield Change("hold_put", (entry.stream, "pause", event.hold, event.kind, asked_by, since, entry.at, event.until))  # fmt: skip
        case hold.HoldEnded():
            yield Change("hold_end", (entry.stream, "pause", event.hold, entry.at, event.how))
        case legal_hold.LegalHoldPlaced():
            placed = (None, entry.actor, entry.at, entry.at, event.until)
            yield Change("hold_put", (entry.stream, "legal_hold", event.hold, *placed))
        case legal_hold.LegalHoldLifted() | legal_hold.LegalHoldExpired():
            how = "lifted" if isinstance(event, legal_hold.LegalHoldLifted) else "expired"
            yield Change("hold_end", (entry.stream, "legal_hold", event.hold, entry.at, how))
        case _:
            return


def _disclosures(after: Case, entry: Entry, events: Sequence[Event]) -> Iterator[Change]:
    stream, at = entry.stream, entry.at
    for event in events:
        match event:
            case disclosure.DisclosureRequested():
                what = (event.partner, event.recipient, event.purpose, list(event.fields), event.basis)
                yield Change("disclosure_put", (stream, event.disclosure, *what, event.requested_by, at, event.tell_from))  # fmt: skip
            case disclosure.DisclosureMade():
                tell_from = after.disclosure.made[event.disclosure].tell_from or at
                yield Change("disclosure_decide", (stream, event.disclosure, "made", at, event.approved_by, tell_from))
            case disclosure.DisclosureDeclined() | disclosure.DisclosureStopped():
                how = "declined" if isinstance(event, disclosure.DisclosureDeclined) else "stopped"
                yield Change("disclosure_decide", (stream, event.disclosure, how, at, None, None))
            case disclosure.DisclosureTold():
                yield _moved(after, entry, event.disclosure, told_at=at)
            case disclosure.DisclosureCorrected():
                for number in event.disclosures:
                    yield _moved(after, entry, number)
            case disclosure.RecipientTold():
                yield _moved(after, entry, event.disclosure)
            case _:
                continue


def _moved(after: Case, entry: Entry, number: int, *, told_at: datetime | None = None) -> Change:
    return Change("disclosure_move", (entry.stream, number, told_at, list(after.disclosure.made[number].corrections)))
