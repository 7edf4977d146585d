"""From events to rows: each subject of a case collects its own spans and marks while the entries go by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from starter.audit.words import Words, plain
from starter.picture.timeline import Lane, Mark, MarkLook, Pause, Row, Span, SpanLook
from workflows.case import adverse, appeal, contact_form, hold, measure, milestone, phase, review
from workflows.case import follow_up_form as follow_up
from workflows.core.kinds import Event
from workflows.core.obligation import ObligationClosed, SilenceFell

_LEAST = timedelta(minutes=1)


class Strips:
    """Spans by row: one is begun, and ended by the next or by name."""

    def __init__(self) -> None:
        self._done: dict[str, list[Span]] = {}
        self._open: dict[str, Span] = {}

    def begin(self, row: str, at: datetime, look: SpanLook, label: str = "") -> None:
        """Begin a span in the row; one that was under way there ends."""
        self.end(row, at)
        self._open[row] = Span(at, None, look, label)
        self._done.setdefault(row, [])

    def end(self, row: str, at: datetime, *, look: SpanLook | None = None) -> None:
        """End what is under way in the row, if anything is; `look` says how it turned out to be."""
        span = self._open.pop(row, None)
        if span is not None:
            self._done[row].append(span._replace(end=at, look=look or span.look))

    def look(self, row: str) -> SpanLook | None:
        """How what is under way in the row looks, if anything is."""
        return self._open[row].look if row in self._open else None

    def rows(self) -> dict[str, tuple[Span, ...]]:
        """Every row with its spans, in the order in which they began."""
        return {row: (*spans, *((self._open[row],) if row in self._open else ())) for row, spans in self._done.items()}


class Course:
    """Phases, support level, contacts and milestones: the way of the person."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._phases, self._levels = Strips(), Strips()
        self._contacts: list[Mark] = []
        self._follow_ups: list[Mark] = []
        self._milestones: dict[str, list[Mark]] = {}

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        match event:
            case phase.PhaseEntered():
                look: SpanLook = "phase_back" if event.kind == "step_back" else "phase"
                self._phases.begin("phase", at, look, self._words.name("phase", event.phase))
            case phase.CaseClosed():
                self._phases.end("phase", at)
                self._levels.end("level", at)
            case contact_form.SupportLevelSet():
                self._levels.begin("level", at, "level", event.level)
            case contact_form.CheckInKept():
                self._contacts.append(Mark(event.observed_at or at, "kept"))
            case contact_form.CheckInMissed():
                self._contacts.append(Mark(at, "missed"))
            case contact_form.CheckInExcused():
                self._contacts.append(Mark(at, "excused"))
            case milestone.MilestoneClaimed():
                self._mark(event.milestone, at, "claimed")
            case milestone.MilestoneVerified():
                self._mark(event.milestone, at, "verified")
            case milestone.MilestoneReturned() | milestone.MilestoneContradicted() | milestone.MilestoneExpired():
                self._mark(event.milestone, at, "shaken")
            case _:
                self._follow_up(event, at)

    def _follow_up(self, event: Event, at: datetime) -> None:
        match event:
            case follow_up.FollowUpRecorded():
                self._follow_ups.append(Mark(event.observed_at, "kept"))
            case follow_up.FollowUpUnreached():
                self._follow_ups.append(Mark(at, "unreached"))
            case follow_up.FollowUpDeclined():
                self._follow_ups.append(Mark(at, "declined"))
            case _:
                return

    def _mark(self, code: str, at: datetime, look: MarkLook) -> None:
        self._milestones.setdefault(code, []).append(Mark(at, look))

    def lanes(self) -> Iterator[Lane]:
        """The lanes, those without a row left out."""
        phases = self._phases.rows().get("phase", ())
        levels = self._levels.rows().get("level", ())
        yield Lane("Phase", (Row("", phases),))
        followed = (Row("follow-ups", (), tuple(self._follow_ups)),) if self._follow_ups else ()
        yield Lane("Contact", (Row("level", levels), Row("contacts", (), tuple(self._contacts)), *followed))
        rows = tuple(Row(self._words.name("milestone", code), (), tuple(m)) for code, m in self._milestones.items())
        if rows:
            yield Lane("Milestones", rows)


class DueProcess:
    """Decisions about the person, and what was in force against or with their wish."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._decisions, self._measures = Strips(), Strips()
        self._marks: dict[str, list[Mark]] = {}
        self._names: dict[tuple[str, int], str] = {}

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        match event:
            case review.ReviewRequested():
                self._asked("review", event.review, f"review: {self._words.name('phase', event.to)}", at=at)
            case review.ReviewDecided():
                self._answered("review", event.review, at, "approved" if event.outcome == "approved" else "rejected")
            case review.ReviewSuperseded():
                self._answered("review", event.review, at, "ended")
            case adverse.AdverseActProposed():
                about = plain(event.kind) if event.kind == "measure" else f"{plain(event.kind)}: {plain(event.subject)}"
                self._asked("act", event.act, f"act {event.act}, {about}", at=at)
            case appeal.AdverseActTookEffect():
                self._answered("act", event.act, at, "approved")
            case adverse.AdverseActLapsed() | appeal.UpheldActLapsed():
                self._answered("act", event.act, at, "ended")
            case adverse.AdverseActDecided(outcome="dropped") | appeal.AppealDecided(outcome="allowed"):
                self._answered("act", event.act, at, "rejected")
            case measure.MeasureBegan():
                look: SpanLook = "agreed" if event.mode == "voluntary" else "in_force"
                self._measures.begin(self._measure(event.measure, event.kind), at, look)
            case measure.MeasureEnded() if ("measure", event.measure) in self._names:
                row = self._names["measure", event.measure]
                self._measures.end(row, event.ended_at)
                self._marks.setdefault(row, []).append(Mark(event.ended_at, "ended"))
            case _:
                return

    def _measure(self, number: int, kind: str) -> str:
        return self._names.setdefault(("measure", number), f"{plain(kind)} ({number})")

    def _asked(self, what: str, number: int, name: str, *, at: datetime) -> None:
        self._names[what, number] = name
        self._decisions.begin(name, at, "open")

    def _answered(self, what: str, number: int, at: datetime, look: MarkLook) -> None:
        name = self._names.get((what, number))
        if name is not None:
            self._decisions.end(name, at)
            self._marks.setdefault(name, []).append(Mark(at, look))

    def lanes(self) -> Iterator[Lane]:
        """The lanes, those without a row left out."""
        for title, strips in (("Decisions", self._decisions), ("Measures", self._measures)):
            rows = tuple(Row(name, spans, tuple(self._marks.get(name, ()))) for name, spans in strips.rows().items())
            if rows:
                yield Lane(title, rows)


class Lateness:
    """Whatever fell silent, from its due instant until somebody acted; the kinds that were late longest come first."""

    MOST = 8

    def __init__(self) -> None:
        self._late: dict[str, list[Span]] = {}
        self._open: dict[str, SilenceFell] = {}

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        if isinstance(event, SilenceFell):
            self._open[event.key] = event
            self._late.setdefault(event.kind, [])
        elif isinstance(event, ObligationClosed) and event.key in self._open:
            fell = self._open.pop(event.key)
            # What the silence itself put an end to was over then, and not late.
            if event.how == "met" or at - fell.due >= _LEAST:
                self._late[fell.kind].append(Span(fell.due, at, "late"))

    def lanes(self, until: datetime) -> Iterator[Lane]:
        """One lane, or none where nothing was late."""
        spans = {kind: list(done) for kind, done in self._late.items()}
        for fell in self._open.values():
            spans[fell.kind].append(Span(fell.due, None, "late_open"))
        ranked = sorted(
            (kind for kind, found in spans.items() if found),
            key=lambda kind: -sum(((s.end or until) - s.begin).total_seconds() for s in spans[kind]),
        )
        rows = tuple(Row(plain(kind), tuple(spans[kind])) for kind in ranked[: self.MOST])
        more = len(ranked) - len(rows)
        if rows:
            yield Lane("Late", rows, f"and {more} more kinds, each late for a shorter time" if more > 0 else "")


class Pauses:
    """Times in which the whole case stood still."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self.found: list[Pause] = []

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        match event:
            case hold.HoldBegan():
                self.found.append(Pause(at, None, self._words.name("hold", event.kind)))
            case hold.HoldEnded(how="ran_out" | "ended") if self.found and self.found[-1].end is None:
                self.found[-1] = self.found[-1]._replace(end=at)
            case _:
                return
