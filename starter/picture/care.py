"""The care of a case on its axis of time: supports as they were promised, given and stalled, and referrals from asking to receipt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from starter.audit.words import Words, plain
from starter.picture.rows import Strips
from starter.picture.timeline import Lane, Mark, MarkLook, Row
from workflows.case import referral_form as referral
from workflows.case import support_form as support
from workflows.core.kinds import Event


class Care:
    """Supports and referrals by number, and what circles of preconditions hold up."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._supports, self._referrals, self._circles = Strips(), Strips(), Strips()
        self._marks: dict[str, list[Mark]] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._kinds: dict[int, str] = {}

    def take(self, event: Event, at: datetime) -> None:
        """Take in an event."""
        match event:
            case support.SupportPlanned():
                name = self._name("support", event.support, event.kind)
                self._supports.begin(name, at, "planned")
            case support.SupportBegun():
                self._supports.begin(self._name("support", event.support), at, "support")
            case support.SessionAttested():
                self._session(event, at)
            case support.SupportStalled():
                self._supports.begin(self._name("support", event.support), at, "stalled")
            case support.SupportCompleted():
                self._over("support", event.support, at, "verified")
            case support.SupportEnded():
                self._over("support", event.support, at, "ended")
            case _:
                self._refer(event, at)

    def _name(self, what: str, number: int, kind: str = "") -> str:
        """What a row is called: by the support that it is about, and its number."""
        titled = self._words.name("support", kind) if kind else what
        return self._names.setdefault((what, number), f"{number}  {titled}")

    def _session(self, event: support.SessionAttested, at: datetime) -> None:
        name = self._name("support", event.support)
        self._marks.setdefault(name, []).append(Mark(event.observed_at, "session"))
        # A session that was late lets the support go on.
        if self._supports.look(name) == "stalled":
            self._supports.begin(name, at, "support")

    def _over(self, what: str, number: int, at: datetime, look: MarkLook) -> None:
        name = self._name(what, number)
        (self._supports if what == "support" else self._referrals).end(name, at)
        self._marks.setdefault(name, []).append(Mark(at, look))

    def _refer(self, event: Event, at: datetime) -> None:
        match event:
            case referral.ReferralRequested():
                if event.replaces is not None:
                    self._referrals.end(self._name("referral", event.replaces), at)
                name = self._name("referral", event.referral, event.kind)
                self._referrals.begin(name, at, "asked", plain(event.provider))
            case referral.ReferralAccepted():
                self._referrals.begin(self._name("referral", event.referral), at, "taken_on")
            case referral.ReferralBegun():
                self._referrals.begin(self._name("referral", event.referral), at, "support")
            case referral.ReferralCompleted():
                self._over("referral", event.referral, at, "verified")
            case referral.AlternativeRuledOut():
                self._over("referral", event.referral, at, "ended")
            case referral.CircularPreconditionFound():
                name = f"circle {event.circle}: " + ", ".join(self._words.name("need", need) for need in event.needs)
                self._names["circle", event.circle] = name
                self._circles.begin(name, at, "circle")
            case referral.CircleBroken():
                self._circles.end(self._name("circle", event.circle), at)
            case _:
                self._back(event, at)

    def _back(self, event: Event, at: datetime) -> None:
        """A referral that is back with its owner; what was not taken on, or failed, is marked."""
        match event:
            case referral.ReferralRejected() | referral.ReferralFailed():
                look: MarkLook | None = "refused"
            case referral.ReferralCancelled():
                look = "ended"
            case referral.ReferralReturned():
                look = None
            case _:
                return
        name = self._name("referral", event.referral)
        self._referrals.begin(name, at, "back")
        if look is not None:
            self._marks.setdefault(name, []).append(Mark(at, look))

    def lanes(self) -> Iterator[Lane]:
        """The lanes, those without a row left out."""
        for title, strips in (("Supports", self._supports), ("Referrals", self._referrals)):
            rows = [Row(name, spans, tuple(self._marks.get(name, ()))) for name, spans in strips.rows().items()]
            if title == "Referrals":
                rows += [Row(name, spans) for name, spans in self._circles.rows().items()]
            if rows:
                yield Lane(title, tuple(rows))
