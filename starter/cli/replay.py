"""For auditors: a case as it was known at an instant, as it was true, and why an entry of it was decided as it was."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.session import Session, entering, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starter.audit.compare import Difference
    from starter.audit.decision import Decision
    from starter.audit.effective import Effective
    from starter.audit.replay import Replayed
    from workflows.program.model import Program

_SHOWN = 40


class _Asked(NamedTuple):
    """The dates that were asked for, as they were typed: known by, true at, and the other one of the first."""

    as_of: str | None
    effective: str | None
    against: str | None


@click.command()
@click.argument("case")
@click.option("--as-of", help="As things were known then: an instant, or a date for the end of that day (the program's clock).")  # fmt: skip
@click.option("--effective", "effective_at", help="As things were true then, by the dates at which they were observed, with what was known of it.")  # fmt: skip
@click.option("--against", help="What differs from what was known at this other date, entry by entry; without --as-of, from then until now.")  # fmt: skip
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@entering
@click.pass_obj
def replay(
    session: Session, case: str, *, as_of: str | None, effective_at: str | None, against: str | None, form: str
) -> None:
    """Fold CASE from its first entry, each verified and opened, and show what happened and where that leaves it.

    What was recorded late changes what was true (--effective), and never what was known (--as-of). Together: what was true at the one, as far as it was known
    at the other.

    With --against, two replays are laid side by side: which entries came to be known between the two dates, and which facts each of them changed. With
    --effective too: what they changed in what was true then.
    """
    session.as_json = session.as_json or form == "json"
    settle(_replay(session, case, _Asked(as_of, effective_at, against)))


async def _replay(session: Session, named: str, asked: _Asked) -> None:
    from starter.audit.effective import effective
    from starter.audit.replay import replay as replayed
    from starter.cli.lookup import enter_case, parse_instant, program_of, program_of_stream, zone_of
    from starter.cli.show import say_json

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="audit_replay")
        zone = zone_of(await program_of_stream(store.connection, stream))
        until, at, other = (
            None if text is None else parse_instant(text, zone, option=option, end_of_day=True)
            for option, text in zip(("--as-of", "--effective", "--against"), asked, strict=True)
        )
        last = None if until is None or other is None else max(until, other)
        found = await replayed(store.connection, store.keyring, stream, until=last if other is not None else until)
        program = await program_of(store.connection, found.case)
    if other is not None:
        _say_between(session, found, program, _Span(at, *_in_order(other, until)))
    elif at is not None:
        _say_effective(session, effective(stream, found.told, at), program, at=at)
    elif session.as_json:
        say_json(_as_json(found, program))
    else:
        _say_known(found, program, until=until)


class _Span(NamedTuple):
    """What is laid side by side: what was true at `at` (None: simply what was known), as it was known by `earlier` and by `later` (None: by now)."""

    at: datetime | None
    earlier: datetime
    later: datetime | None


def _in_order(one: datetime, other: datetime | None) -> tuple[datetime, datetime | None]:
    """The two instants in their order; None is the present, which comes last."""
    return (one, other) if other is None or one <= other else (other, one)


def _say_between(session: Session, found: Replayed, program: Program | None, span: _Span) -> None:
    from starter.audit.between import known_between, true_between
    from starter.audit.facts import differences, facts_changed
    from starter.audit.minutes import minutes
    from starter.audit.words import Words, counted
    from starter.cli.show import heading, line, say_json, say_minutes

    stream, words = found.case.stream, Words(program)
    known = span.at is None
    laid = known_between(stream, found.told, span.earlier, span.later) if span.at is None else true_between(stream, found.told, span.at, span[1:])  # fmt: skip
    if session.as_json:
        say_json({
            "stream": stream, "effective": span.at, "earlier": span.earlier, "later": span.later,
            "entries": [
                {
                    "position": one.entry.position, "at": one.entry.at, "minutes": minutes(one.entry, one.events, program),
                    "changed": _before_after(differences(one.before, one.after)),
                }
                for one in laid.steps
            ],
            "changed": _before_after(differences(laid.before, laid.after)),
        })  # fmt: skip
        return
    until = "now" if span.later is None else words.when(span.later)
    what = "What was known" if span.at is None else f"What was true at {words.when(span.at)}, as it was known"
    heading(f"{what} by {words.when(span.earlier)} and by {until}, in {stream}")
    if not laid.steps:
        line("Nothing was recorded between the two." if known else "Nothing that was recorded between the two tells of that time: it is the same.")  # fmt: skip
        return
    line(f"{counted(len(laid.steps), 'entry', 'entries')} between the two{'' if known else ' of what had happened by then'}:")  # fmt: skip
    for one in laid.steps:
        say_minutes(minutes(one.entry, one.events, program))
        for text in facts_changed(one.before, one.after, words) or ["It changed no fact."]:
            line(text, indent=6, hang=2)
    heading("\nIn all")
    for text in facts_changed(laid.before, laid.after, words) or ["The same as before."]:
        line(text, indent=2, hang=2)


def _before_after(found: Sequence[Difference]) -> list[dict[str, Any]]:
    return [{"path": one.path, "before": one.ledger, "after": one.other} for one in found]


def _say_known(found: Replayed, program: Program | None, *, until: datetime | None) -> None:
    from starter.audit.minutes import minutes
    from starter.audit.words import Words, counted
    from starter.cli.cases import standing
    from starter.cli.show import heading, say_minutes

    heading(f"{counted(len(found.told), 'entry', 'entries')} of {found.case.stream}, each verified and opened")
    for entry, events in found.told:
        say_minutes(minutes(entry, events, program))
    heading("\nWhere that leaves it")
    standing(found.case, Words(program), now=until)


def _say_effective(session: Session, found: Effective, program: Program | None, *, at: datetime) -> None:
    from starter.audit.minutes import minutes
    from starter.audit.words import Words, counted
    from starter.cli.cases import standing
    from starter.cli.show import heading, say_json, say_minutes

    if session.as_json:
        entries = [{"position": one.entry.position, "at": one.entry.at, "late": one.late, "events": one.events} for one in found.happened]  # fmt: skip
        say_json({"stream": found.case.stream, "effective": at, "entries": entries, "case": found.case, "known": found.known, "differences": found.differences})  # fmt: skip
        return
    words = Words(program)
    late = sum(one.late for one in found.happened)
    heading(
        f"What had happened in {found.case.stream} by {words.when(at)}; {counted(late, 'entry was', 'entries were')} written down later"
    )
    for one in found.happened:
        lines = minutes(one.entry, one.events, program)
        say_minutes([f"{lines[0]} (recorded later)", *lines[1:]] if one.late else lines)
    heading("\nWhere that leaves it")
    standing(found.case, words, now=at)
    heading("\nWhat was known then was the same." if not found.differences else "\nWhat was known then was otherwise")
    _say_differences(found.differences, "known", "true")


def _say_differences(found: Sequence[Difference], one: str, other: str) -> None:
    from starter.cli.show import line

    for difference in found[:_SHOWN]:
        line(
            f"{difference.path}: {one} {_value(difference.ledger)}, {other} {_value(difference.other)}",
            indent=2,
            hang=4,
        )
    if len(found) > _SHOWN:
        line(f"and {len(found) - _SHOWN} more (--json shows all)", indent=2)


def _value(value: object) -> str:
    return "nothing" if value in (None, "", [], {}) else str(value)


def _as_json(found: Replayed, program: Program | None) -> dict[str, Any]:
    from starter.audit.minutes import minute

    return {
        "stream": found.case.stream,
        "entries": [
            {
                "position": entry.position, "at": entry.at, "recorded_at": entry.recorded_at, "actor": entry.actor, "type": entry.type,
                "command_id": entry.command_id, "prev": entry.prev, "hash": entry.hash, "events": events, "minutes": minute(entry, events, program).what,
            }
            for entry, events in found.told
        ],
        "case": found.case,
    }  # fmt: skip


@click.command()
@click.argument("case")
@click.argument("position", type=click.IntRange(min=1))
@entering
@click.pass_obj
def why(session: Session, case: str, position: int) -> None:
    """Explain the entry at POSITION of CASE: the rule, the facts it saw, the program's version, who sent it, and who else took part."""
    settle(_why(session, case, position))


async def _why(session: Session, named: str, position: int) -> None:
    from activities.store import staff
    from starter.audit.decision import explain
    from starter.audit.replay import replay as replayed
    from starter.cli.lookup import enter_case, program_of
    from starter.cli.show import say_json

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="audit_why")
        found = await replayed(store.connection, store.keyring, stream)
        if position > len(found.told):
            raise click.UsageError(f"{stream} has {len(found.told)} entries: there is no position {position}.")
        program = await program_of(store.connection, found.case)
        entry = found.told[position - 1][0]
        sender = await staff.actor(store.connection, entry.actor, entry.at)
        people = {one.person for one in await staff.list_staff(store.connection)}
    decision = explain(found.told, position, program, actor=sender, people=people)
    if session.as_json:
        say_json({**decision._asdict(), "stream": stream, "hash": entry.hash, "at": entry.at})
        return
    _say_decision(decision)


def _say_decision(found: Decision) -> None:
    from starter.audit.compare import every_difference
    from starter.cli.show import heading, line

    heading(f"Position {found.position}: {found.command.replace('_', ' ')}")
    for sentence in found.what:
        line(sentence, indent=2, hang=2)
    heading("Who")
    held = f", who held {', '.join(found.held)}" if found.held else ""
    line(f"{found.actor}{held}{f' for {found.organization}' if found.organization else ''}", indent=2)
    if found.may:
        line(f"The program lets {', '.join(found.may)} send it.", indent=2)
    if found.took_part:
        line(f"Also named in it: {', '.join(found.took_part)}", indent=2)
    heading("By which rules")
    line(f"Program {found.program or 'none: no case was open'}", indent=2)
    for rule in found.rules:
        line(f"{rule.room}: {rule.law}", indent=2, hang=4)
    if found.refusal is not None:
        line(f"Refused as {found.refusal.code}: {found.refusal.why}. To do: {found.refusal.cure}.", indent=2, hang=4)
    heading("What it saw")
    for difference in every_difference({}, found.saw)[:_SHOWN]:
        if difference.other not in (None, "", [], {}, False):
            line(f"{difference.path}: {difference.other}", indent=2, hang=4)
    heading("What came of it" if found.changed else "Nothing changed")
    _say_differences(found.changed, "before", "after")
