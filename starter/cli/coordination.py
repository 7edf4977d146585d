"""The care of a case by need: who answers it, where it is stuck, and who owes the next step; for a panel to read in a minute."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from starter.cli.session import Session, entering, settle

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from starter.audit.words import Words
    from workflows.case.coordination import NeedView, Past, Way
    from workflows.case.state import Case

_SAID = {
    "circle": "PROVIDERS WAIT FOR EACH OTHER", "nobody": "NOBODY IS ASKED", "ended": "SUPPORT ENDED, NOTHING FOLLOWED",
    "ruled_out": "NO OTHER PROVIDER FOUND", "came_back": "REFERRAL IS BACK, NOBODY ELSE IS ASKED", "stalled": "STALLED", "late": "OVERDUE",
    "waits": "waits, in time", "served": "was given, and is still open", "answered": "is being answered",
}  # fmt: skip
"""What each kind of gap is called; what takes somebody's hand stands in capitals, since a print knows no colors."""
_HOW = {
    "gap": "ended without a successor", "replaced": "ended, another went on in its place", "delivered": "delivered", "silence": "did not reply",
    "no_consent": "stopped, sharing ended", "rejected": "rejected", "failed": "did not come about", "cancelled": "taken back", "waived": "its precondition was waived",
    "ruled_out": "no alternative, as reasoned", "completed": "received",
}  # fmt: skip


@click.command()
@click.argument("case")
@entering
@click.pass_obj
def coordination(session: Session, case: str) -> None:
    """Every open need of CASE, the worst gap first: who answers it, what waits for what, what is owed next and by whom. Read from the ledger itself."""
    settle(_coordination(session, case))


async def _coordination(session: Session, named: str) -> None:
    from starter.audit.replay import replay
    from starter.audit.words import Words
    from starter.cli.lookup import case_now, enter_case, program_of
    from starter.cli.show import heading, line, say_json
    from workflows.case.coordination import coordination as views_of

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_coordination")
        case, told = await replay(store.connection, store.keyring, stream)
        program = await program_of(store.connection, case)
    now = case_now(case)
    history = [(entry.at, events) for entry, events in told]
    views = () if program is None else views_of(case, program, history, now)
    if session.as_json:
        say_json({"case": case.stream, "at": now, "lead": case.custody.in_charge, "needs": list(views)})
        return
    words = Words(program)
    first, *rest = report(case, views, words, now)
    heading(first)
    for text in rest:
        if text and not text.startswith(" "):
            heading(text)
        else:
            line(text, hang=len(text) - len(text.lstrip()) + 2)


def report(case: Case, views: Sequence[NeedView], words: Words, now: datetime) -> Iterator[str]:
    """The view as lines of text: a title, a sentence that sums it up, and a block for each need."""
    yield f"Coordination of {case.stream}, {words.day(now)}; in charge: {case.custody.in_charge}"
    on_record = [view for view in views if view.since is not None]
    if not views:
        yield "  No need is open, and nothing is under way."
        return
    kinds = Counter(_SAID[view.gap].lower() for view in on_record)
    sums = "".join(f" {said[:1].upper()}{said[1:]}: {number}." for said, number in kinds.items())
    yield f"  {len(on_record)} {'need is' if len(on_record) == 1 else 'needs are'} open.{sums}"
    for place, view in enumerate(views, start=1):
        yield ""
        open_for = "not on record as open" if view.since is None else f"open for {_days(view.since, now)}"
        yield f"{place}. {words.name('need', view.need)}: {_SAID[view.gap]} ({open_for})"
        for text in _block(view, words, now):
            yield f"   {text}"


def _block(view: NeedView, words: Words, now: datetime) -> Iterator[str]:
    from starter.cli.lookup import until_text

    for circle in view.circles:
        around = ", and that for ".join(
            f'"{words.name("need", need)}"' for need in (*circle.needs[1:], circle.needs[0])
        )
        around = f'"{words.name("need", circle.needs[0])}" waits for {around}'
        held = "" if circle.holds else "; it holds no more, and the chair is to record how it was broken"
        yield f"circle {circle.number}, for {_days(circle.since, now)}: {around}{held}"
    for way in view.ways:
        yield stands(way, words, now)
    if view.past:
        yield f"before: {', '.join(_past(one, words) for one in view.past)}"
    for owed in view.owed:
        who = owed.holder or words.name("role", owed.role)
        yield f"next: {who} owes {words.owed(owed.key)}, {until_text(owed.due, now)} ({words.day(owed.due)})"
    if not view.owed:
        yield "next: nobody owes anything for this need"


def stands(way: Way, words: Words, now: datetime) -> str:
    """A support or referral in words: what, by whom, and how it stands."""
    named = f"{way.what} {way.number}: {words.name('support', way.kind)} by {words.name('partner', way.provider)}"
    for_days = f"for {_days(way.since, now)}"
    sessions = "" if way.sessions is None else f"{way.sessions[0]} of {way.sessions[1]} sessions"
    match way.status:
        case "planned":
            how = f"planned {for_days}, not begun"
        case "in_force":
            how = f"in force, {sessions}"
        case "stalled":
            how = f"stalled, {sessions}, the last {_days(way.since, now)} ago" if way.sessions and way.sessions[0] else f"stalled, no session {for_days}"  # fmt: skip
        case "requested":
            how = f"asked {for_days}, no reply yet"
        case "accepted":
            how = f"accepted {for_days}, not begun (asked {_days(way.asked, now)} ago)"
        case "in_progress":
            how = f"begun {for_days}"
        case _:
            how = f"back {for_days}: {_HOW[way.because or 'cancelled']}"
    first = f', wants "{words.name("need", way.precondition)}" met first' if way.precondition else ""
    return f"{named}: {how}{first}"


def _past(one: Past, words: Words) -> str:
    return f"{words.name('partner', one.provider)} ({one.what} {one.number}: {_HOW[one.how]} {words.day(one.at)})"


def _days(since: datetime, now: datetime) -> str:
    days = max(0, (now - since).days)
    return f"{days} day{'' if days == 1 else 's'}"
