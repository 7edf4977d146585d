"""The section of what the person can do, each right with how it stands now: what can be withdrawn, until when one can be heard or appeal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from starter.statement.document import Block, Heading, Line, Paragraph, Points, Said, Section
from starter.statement.standing import Now
from workflows.case import consent
from workflows.program.model import Program


def can(now: Now, program: Program | None) -> Section:
    """Every right, in the order in which it is most often wanted."""
    say = now.words.say
    blocks: list[Block] = [Paragraph(say("can-free"))]
    for key, lines in (
        ("can-withdraw", _withdraw(now)), ("can-answer", _answer(now)), ("can-heard", _heard(now)), ("can-appeal", _appeal(now)),
        ("can-object", _object(now)), ("can-see", _see(now)), ("can-correct", _correct(now)), ("can-complain", _complain(now, program)),
    ):  # fmt: skip
        if lines:
            blocks += [Heading(say(key)), *_how(now, key, lines), Points(tuple(Line((Said(line),)) for line in lines))]
    return Section("can", say("can-heading"), tuple(blocks))


def _how(now: Now, key: str, lines: Sequence[str]) -> list[Block]:
    """What stands before the withdrawals that are possible."""
    none = now.words.say("can-withdraw-none")
    return [Paragraph(now.words.say("can-withdraw-how"))] if key == "can-withdraw" and none not in lines else []


def _withdraw(now: Now) -> list[str]:
    given = {one: at for one, at in now.case.consent.given.items() if consent.in_force(now.case.consent, one, now.at)}
    agreed = now.case.consent.agreed
    return [
        now.words.say("can-withdraw-one", scope=now.titles.of("scope", scope), since=_day(now, since), until=_day(now, agreed[scope].until if scope in agreed else None))
        for scope, since in given.items()
    ] or [now.words.say("can-withdraw-none")]  # fmt: skip


def _answer(now: Now) -> list[str]:
    return [now.words.say("can-answer-one", scope=now.titles.of("scope", scope)) for scope in now.case.consent.asked]


def _heard(now: Now) -> list[str]:
    return [
        now.words.say("can-heard-one", what=_act(now, act.kind, act.subject), until=_day(now, act.hearing_until))
        for act in now.case.adverse.open.values()
        if act.hearing_until is None or act.hearing_until > now.at
    ]


def _appeal(now: Now) -> list[str]:
    say = now.words.say
    lines = []
    for act in now.case.appeal.open.values():
        what = _act(now, act.kind, act.subject)
        stage = "dismissed" if act.stage == "dismissal_served" else act.stage
        if stage == "served" and act.window is not None and act.window <= now.at:
            continue
        lines.append(say(f"can-appeal-{stage}", what=what, until=_day(now, act.window)))
    for rejected in now.case.objection.open.values():
        way = "objected" if rejected.filed_by is not None else "rejected"
        lines.append(say(f"can-appeal-{way}", what=now.titles.of("to", rejected.to)))
    return lines or [say("can-appeal-none")]


def _act(now: Now, kind: str, subject: str) -> str:
    title = now.titles.of("subject", subject)
    return now.words.event(
        "act-kind", {"kind": kind, "kind-title": now.titles.of("kind", kind), "subject-title": title}
    )


def _object(now: Now) -> list[str]:
    say = now.words.say
    lines = []
    for one in now.case.measure.known.values():
        stage = "proposed" if one.begun is None else one.mode
        lines.append(say(f"can-object-{stage}", what=now.titles.of("content", one.kind), until=_day(now, one.until)))
    for act in now.case.danger.open.values():
        if act.in_force:
            what = now.titles.of("content", act.content)
            lines.append(say("can-object-danger", what=what, until=_day(now, act.until)))
    return lines or [say("can-object-none")]


def _see(now: Now) -> list[str]:
    say, access = now.words.say, now.case.access
    dues = [one.due for one in now.case.obligations.values() if one.kind == "access_request"]
    lines = [say("can-see-open", due=_day(now, due)) for due in dues] or [say("can-see-ask")]
    return lines + ([say("can-see-copy", since=_day(now, access.copy_at))] if access.copy_at is not None else [])


def _correct(now: Now) -> list[str]:
    holds = now.case.legal_hold.holds.values()
    return [
        now.words.say("can-correct-text"),
        *(now.words.say("can-correct-hold", until=_day(now, until)) for until in holds),
    ]


def _complain(now: Now, program: Program | None) -> list[str]:
    lines = [now.words.say("can-complain-text")]
    if program is not None and "advocate" in program.roles:
        lines.append(now.words.say("can-advocate", advocate=now.titles.of("role", "advocate")))
    return lines


def _day(now: Now, at: datetime | None) -> str:
    return "none" if at is None else now.words.day(at).text
