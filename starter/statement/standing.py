"""The sections of how things stand now: what is held, who may see it and who did, what comes next, and what the person can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.store.fold import Told
from activities.store.vault import Access
from starter.statement.arguments import of_others, short_text, texts_of
from starter.statement.document import Block, Day, Heading, Line, Paragraph, Points, Said, Section, Table
from starter.statement.listed import Untold, owed_later, withheld
from starter.statement.titles import Titles
from starter.statement.words import Words
from workflows.case import consent
from workflows.case.disclosure import DisclosureMade
from workflows.case.referral_form import ReferralRequested
from workflows.case.service import OPENING
from workflows.case.state import Case
from workflows.core.kinds import CONSOLE
from workflows.core.obligation import Obligation

_INTERNAL = frozenset({"notice_delivery"})
"""Kinds of obligation among staff alone; each is a reminder that a reminder did not arrive."""


@dataclass(frozen=True)
class Now:
    """The case at an instant, and the words for it."""

    case: Case
    told: Sequence[Told]
    accesses: Sequence[Access]
    at: datetime
    later: Untold
    words: Words
    titles: Titles


def held(now: Now) -> Section:
    """What is held and why, and for how long."""
    say = now.words.say
    texts, _ = _texts(now)
    what = [say(f"held-{part}") for part in ("part", "contact", "consents", "decisions")]
    what += [say("held-texts", number=len(texts)), say("held-name")]
    blocks: list[Block] = [Heading(say("held-what")), _points(what)]
    goals = tuple(
        (now.titles.of("milestone", code), say("standing", status=one.status), now.words.day(one.since))
        for code, one in now.case.milestone.standing.items()
    )
    if goals:
        columns = (say("goal-column"), say("standing-column"), say("since-column"))
        blocks += [Heading(say("held-goals")), Table(say("held-goals"), columns, goals)]
    bases = [
        say("held-basis", basis=now.titles.of("basis", code), since=_day(now, one.since), review=_day(now, one.review_by))
        for code, one in now.case.lawful_basis.recorded.items()
    ]  # fmt: skip
    blocks += [Heading(say("held-why")), _points([*(bases or [say("held-basis-none")]), say("held-consent-apart")])]
    return Section("held", say("held-heading"), (*blocks, Heading(say("held-long")), _points(_kept(now))))


def _kept(now: Now) -> list[str]:
    case, say = now.case, now.words.say
    record, holds = case.retention, case.legal_hold.holds.values()
    if record.erased_at is not None:
        return [say("keep-erased", since=_day(now, record.erased_at))]
    lines = [say("keep-unset" if case.closed else "keep-open")]
    if record.keep_until is not None:
        lines = [say("keep-until", until=_day(now, record.keep_until))]
    if record.sealed_at is not None:
        lines.append(say("keep-sealed", since=_day(now, record.sealed_at)))
    return lines + [say("keep-hold", until=_day(now, until)) for until in holds]


def seen(now: Now) -> Section:
    """Who may see it, and who did."""
    say = now.words.say
    shared = [
        say("seen-consent", scope=now.titles.of("scope", scope), since=_day(now, now.case.consent.given[scope]), until=_until(now, agreed.until))
        for scope, agreed in now.case.consent.agreed.items()
        if agreed.shares and consent.in_force(now.case.consent, scope, now.at)
    ]  # fmt: skip
    partners = [
        say("seen-partner", partner=now.titles.of("partner", partner), since=_day(now, since))
        for partner, since in now.case.partner.joined.items()
    ]
    return Section(
        "seen",
        say("seen-heading"),
        (
            Heading(say("seen-team")), Paragraph(say("seen-team-text")), Paragraph(say("seen-police")),
            Heading(say("seen-consents")), _points(shared or [say("seen-consents-none")]),
            Heading(say("seen-partners")), _points(partners or [say("seen-partners-none")]),
            Heading(say("seen-told")), _disclosed(now), Paragraph(say("seen-delay")),
            Heading(say("seen-read")), _read(now), Heading(say("seen-looked")), _looked(now),
        ),
    )  # fmt: skip


def _disclosed(now: Now) -> Block:
    say, titles = now.words.say, now.titles
    referred = tuple(
        (
            titles.of("partner", event.provider), say("seen-referred", need=titles.of("need", event.need)), say("consent-basis"),
            now.words.day(entry.at),
        )
        for entry, events in now.told
        for event in events
        if isinstance(event, ReferralRequested) and event.shared
    )  # fmt: skip
    rows = tuple(
        (
            titles.of("partner", event.partner), now.words.list(titles.of("fields", one) for one in event.fields),
            say("consent-basis") if event.basis.startswith("share:") else titles.of("basis", event.basis), now.words.day(entry.at),
        )
        for entry, events in now.told
        for event in events
        if isinstance(event, DisclosureMade) and not withheld(event, now.later)
    )  # fmt: skip
    columns = (say("seen-told-whom"), say("seen-told-what"), say("seen-told-why"), say("seen-when"))
    rows = (*rows, *referred)
    return Table(say("seen-told"), columns, rows) if rows else Paragraph(say("seen-told-none"))


def _texts(now: Now) -> tuple[set[str], set[str]]:
    """The sealed texts behind what the person is told, and those behind what they are told only later, or that belong to somebody else."""
    known: set[str] = set()
    later: set[str] = set()
    for _, events in now.told:
        for event in events:
            (later if withheld(event, now.later) else known).update(texts_of(event))
            later.update(of_others(event))
    return known, later - known


def _read(now: Now) -> Block:
    say = now.words.say
    _, later = _texts(now)
    rows = tuple(
        (one.reader, short_text(one.note), now.titles.of("purpose", one.purpose), now.words.day(at))
        for one in now.accesses
        if one.note is not None
        and (at := datetime.fromisoformat(one.at)) <= now.at
        and short_text(one.note) not in later
    )
    columns = (say("seen-read-who"), say("seen-read-text"), say("seen-read-for"), say("seen-when"))
    return Table(say("seen-read"), columns, rows) if rows else Paragraph(say("seen-read-none"))


def _looked(now: Now) -> Block:
    """Who looked at the case without opening a text: how often, and when last."""
    say = now.words.say
    looked: dict[str, list[datetime]] = {}
    for one in now.accesses:
        at = datetime.fromisoformat(one.at)
        if one.note is None and at <= now.at:
            looked.setdefault(one.reader, []).append(at)
    rows = tuple(
        (say("seen-console") if reader == CONSOLE else reader, str(len(at)), now.words.day(max(at)))
        for reader, at in sorted(looked.items())
    )
    columns = (say("seen-read-who"), say("seen-looked-often"), say("seen-looked-last"))
    return Table(say("seen-looked"), columns, rows) if rows else Paragraph(say("seen-looked-none"))


def coming(now: Now) -> Section:
    """What is owed to the person or has to be decided, by when, in words."""
    say = now.words.say
    owed = [
        one
        for one in sorted(now.case.obligations.values(), key=lambda one: one.due)
        if one.kind not in _INTERNAL and not owed_later(one.key, now.later)
    ]
    rows = tuple((_by(one, now), _owed(one, now)) for one in owed)
    columns = (say("next-by"), say("next-what"))
    table = (Paragraph(say("next-lead")), Table(say("next-heading"), columns, rows))
    return Section("next", say("next-heading"), table if rows else (Paragraph(say("next-none")),))


def _by(one: Obligation, now: Now) -> Day | str:
    due = now.words.day(one.due)
    if one.paused_at is not None:
        return now.words.say("next-paused")
    return now.words.say("next-late", day=due.text) if one.due < now.at else due


def _owed(one: Obligation, now: Now) -> str:
    code = one.key.split("/")[1] if "/" in one.key else ""
    field = "milestone" if one.kind.startswith("milestone") else "scope"
    subject = "none" if not code or code.isdigit() else now.titles.of(field, code)
    message = "next-notice_opening" if one.key == f"notice_service/{OPENING}" else f"next-{one.kind}"
    if not now.words.says(message):
        return now.words.say("next-other", what=now.titles.of("owed", one.kind))
    return now.words.say(message, subject=subject)


def _points(lines: Sequence[str]) -> Points:
    return Points(tuple(Line((Said(text),)) for text in lines))


def _day(now: Now, at: datetime) -> str:
    return now.words.day(at).text


def _until(now: Now, at: datetime | None) -> str:
    return "none" if at is None else _day(now, at)
