"""What operators see of cases: the list, one case whole, its gates, and what is being recorded."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from starter.cli.session import Session, entering, settle

if TYPE_CHECKING:
    from datetime import datetime

    from starter.audit.words import Words
    from workflows.case.state import Case
    from workflows.case.why import Need
    from workflows.program.model import Program

_WATCH_SECONDS = 0.5
_SHOWN = 20


@click.command("list")
@click.option("--lead", help="Only cases that this person leads.")
@click.option("--phase", help="Only cases in this phase.")
@click.option("--all", "closed", is_flag=True, help="Closed cases too.")
@entering
@click.pass_obj
def list_(session: Session, lead: str | None, phase: str | None, closed: bool) -> None:
    """The cases, by when something is next due."""
    settle(_list(session, lead, phase, closed))


async def _list(session: Session, lead: str | None, phase: str | None, closed: bool) -> None:
    from activities.store import programs
    from activities.store.queries import caseload
    from starter.audit.words import Words
    from starter.cli.lookup import enter_cases
    from starter.cli.show import say_json, short, table

    async with session.store() as store:
        rows = await caseload(store.connection, lead=lead, phase=phase, closed=closed)
        rows = await enter_cases(session, store, rows, purpose="case_list")
        words = {
            key: Words(await programs.find(store.connection, *key)) for key in {(r.program, r.version) for r in rows}
        }
    if session.as_json:
        say_json(rows)
        return
    shown = []
    for row in rows:
        named = words[row.program, row.version]
        following = "closed" if row.closed_at else named.when(row.next_wake) if row.next_wake else ""
        shown.append((
            short(row.stream),
            row.program,
            named.name("phase", row.phase),
            named.day(row.entered_at),
            row.support_level,
            row.lead,
            following,
        ))
    table(
        ("CASE", "PROGRAM", "PHASE", "SINCE", "SUPPORT", "LEAD", "NEXT"),
        shown,
        empty="There are no cases. Open one: offramp case open --help",
    )


@click.command()
@click.argument("case")
@click.option("--all", "everything", is_flag=True, help=f"The whole history, not only the last {_SHOWN} entries.")
@entering
@click.pass_obj
def show(session: Session, case: str, everything: bool) -> None:
    """Where CASE stands, what is owed in it, and what happened. Read from the ledger itself."""
    settle(_show(session, case, everything))


async def _show(session: Session, named: str, everything: bool) -> None:
    from starter.audit.minutes import minutes
    from starter.audit.replay import replay
    from starter.audit.words import Words
    from starter.cli.lookup import enter_case, program_of
    from starter.cli.show import heading, say_json, say_minutes

    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_show")
        case, told = await replay(store.connection, store.keyring, stream)
        program = await program_of(store.connection, case)
    if session.as_json:
        say_json({
            "case": case,
            "minutes": [text for entry, events in told for text in minutes(entry, events, program)],
        })
        return
    standing(case, Words(program))
    left_out = 0 if everything else max(0, len(told) - _SHOWN)
    heading(f"\nHistory{f' (the last {_SHOWN} of {len(told)}; --all shows the rest)' if left_out else ''}")
    for entry, events in told[left_out:]:
        say_minutes(minutes(entry, events, program))


def standing(case: Case, words: Words, *, now: datetime | None = None) -> None:
    """Print where a case stands: its phase, milestones, what is owed (as seen at `now`, else at present), open reviews, notices that did not arrive."""
    from starter.cli.kin import say_follow_ups, say_network
    from starter.cli.lookup import case_now, until_text
    from starter.cli.rights import say_rights
    from starter.cli.show import heading, line, table

    heading(case.stream)
    if not case.opened or case.phase.phase is None or case.phase.entered_at is None or case.program is None:
        line("Its opening was refused." if case.position else "Nothing was recorded by then.")
        return
    line(
        f"{case.program.program} {case.program.version}   lead: {_charge(case, words)}   support level: {case.contact.level}"
    )
    state = "closed" if case.closed else "since"
    if case.phase.episode > 1:
        line(f"Episode {case.phase.episode}: the person came back.")
    line(f"Phase: {words.name('phase', case.phase.phase)}, {state} {words.day(case.phase.entered_at)}")
    now = now or case_now(case)
    heading("\nMilestones")
    rows = [
        (
            code,
            words.name("milestone", code),
            one.status,
            words.day(one.since),
            one.claimant,
            one.verification.verifier if one.verification else "",
        )
        for code, one in case.milestone.standing.items()
    ]
    table(("CODE", "MILESTONE", "STANDS", "SINCE", "CLAIMED BY", "VERIFIED BY"), rows, empty="None was claimed yet.")
    looked_at(case, words)
    heading("\nOwed")
    owed = sorted(case.obligations.values(), key=lambda one: one.due)
    due = [
        (words.when(o.due), until_text(o.due, now), words.owed(o.key), o.holder or words.name("role", o.owner))
        for o in owed
    ]
    table(("DUE", "", "WHAT", "WHO"), due, empty="Nothing is owed.")
    if case.safety.entries:
        heading("\nSafety plan")
        columns = ("ENTRY", "FOR", "AGAINST", "WHO RESPONDS", "STANDS")
        table(columns, _safety(case, words), empty="No entry is in force.")
    _care(case, words, now)
    say_rights(case, words, now)
    say_follow_ups(case, words)
    say_network(case, words, now)
    for number, one in case.review.open.items():
        line(
            f"\nReview {number} is open: the move to {words.name('phase', one.to)} ({len(one.votes)} voted); offramp review show {case.stream} {number}"
        )
    for key, failed in case.notice.failed.items():
        line(
            f"\nNotice {key} did not arrive (known since {words.day(failed.since)}): serve it by hand, then: offramp case do {case.stream} confirm_notice --notice {key}"
        )


def _charge(case: Case, words: Words) -> str:
    """Who leads the case, and who is in charge where that is somebody else."""
    custody = case.custody
    lead = str(custody.lead)
    if custody.absence is not None:
        lead = f"{lead}, absent until {words.day(custody.absence.until)}; {custody.absence.deputy} stands in"
    if custody.vacant:
        role = words.program.acting_role if words.program is not None else ""
        lead = f"{lead}; {custody.named} is no longer here, and {words.name('role', role)} is in charge"
    return lead


def looked_at(case: Case, words: Words) -> None:
    """Print when the person was assessed last and by whom, and which concerns are open; nothing where there is neither."""
    from starter.cli.show import line

    made = case.assessment
    if made.made_at is not None:
        number, assessor = list(made.assessors.items())[-1]
        line(f"\nAssessed last on {words.day(made.made_at)} by {assessor} (assessment {number}).")
    for number, one in case.concern.open.items():
        answered = "answered by nobody yet" if one.answered_at is None else f"answered on {words.day(one.answered_at)}"
        line(f"\nConcern {number} is open since {words.day(one.since)}: {words.name('concern', one.kind)}; {answered}.")


def _care(case: Case, words: Words, now: datetime) -> None:
    """Print the open needs and what is under way for each; nothing where there is neither."""
    from starter.cli.coordination import stands
    from starter.cli.show import line, table
    from workflows.case.coordination import ways

    found = () if words.program is None or case.closed else tuple(ways(case, words.program))
    rows = [(words.name("need", need), stands(way, words, now)) for need, way in found]
    rows += [(words.name("need", need), "nobody is asked") for need in case.support.needs if need not in {of for of, _ in found}]  # fmt: skip
    if rows and not case.closed:
        line("")
        table(("NEED", "WHAT ANSWERS IT"), rows, empty="")
    if rows or case.referral.circles:
        line(f"Every gap, the worst first: offramp case coordination {case.stream}")


def _safety(case: Case, words: Words) -> list[tuple[str, str, str, str, str]]:
    """The entries of the safety plan in force; what was agreed in each stands in its sealed text."""
    activated = {one.entry for one in case.safety.activations.values()}
    return [
        (
            str(number),
            entry.layer,
            words.name("threat", entry.threat),
            words.responders(entry.responders),
            "set off: respond now" if number in activated else "in force",
        )
        for number, entry in case.safety.entries.items()
    ]


@click.command()
@click.argument("case")
@entering
@click.pass_obj
def why(session: Session, case: str) -> None:
    """What each way on from the present phase is waiting for, who holds it, and by when. Doing what is listed opens the gate."""
    settle(_why(session, case))


async def _why(session: Session, named: str) -> None:
    from activities.store.fold import fold
    from starter.audit.words import Words
    from starter.cli.lookup import case_now, enter_case, program_of
    from starter.cli.show import heading, line, say_json
    from workflows.case.why import why as reports_of

    async with session.store() as store:
        case = await fold(store.connection, store.keyring, await enter_case(session, store, named, purpose="case_why"))
        program = await program_of(store.connection, case)
    reports = () if program is None else reports_of(case, program, case_now(case))
    if session.as_json:
        say_json({"case": case.stream, "gates": list(reports)})
        return
    words = Words(program)
    if not reports:
        line(
            "There is no way on from here: the case is closed. Who wishes to come back is taken back with reenter."
            if case.closed
            else "The case was never opened."
        )
    for report in reports:
        heading(f"To {words.name('phase', report.to)} ({report.kind})")
        for need in report.unmet:
            condition, todo = _need(need, words)
            line(condition, indent=2, hang=4)
            line(todo, indent=6)
        if not report.unmet:
            line("  nothing: it is open")


def _need(need: Need, words: Words) -> tuple[str, str]:
    """What is unmet, and who does what about it by when."""
    held = " or ".join(dict.fromkeys(words.name("role", role) for role in need.held_by))
    steps = ", then ".join(need.do)
    by = f", by {words.day(need.by)}" if need.by else ""
    todo = f"{held}: {steps}{by}" if held else f"nobody needs to act{by}"
    return f"{need.condition.replace('_', ' ')} {need.subject}: {need.why}", todo


@click.command()
@click.argument("case")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=0),
    help="End after so many seconds; else when the case is finished, or with Ctrl-C.",
)
@click.option(
    "--after", type=click.IntRange(min=0), help="Begin behind this position; else with what is recorded from now on."
)
@entering
@click.pass_obj
def watch(session: Session, case: str, seconds: float | None, after: int | None) -> None:
    """Show what is recorded in CASE as it happens."""
    # Ctrl-C is how a watch ends.
    with suppress(KeyboardInterrupt):
        settle(_watch(session, case, seconds, after))


async def _watch(session: Session, named: str, seconds: float | None, after: int | None) -> None:
    from starter.audit.replay import replay
    from starter.cli.lookup import enter_case, program_of

    ends = None if seconds is None else asyncio.get_running_loop().time() + seconds
    async with session.store() as store:
        stream = await enter_case(session, store, named, purpose="case_watch")
        case, told = await replay(store.connection, store.keyring, stream)
        program = await program_of(store.connection, case)
        _say(session, [one for one in told if after is not None and one[0].position > after], program)
        while not case.finished and (ends is None or asyncio.get_running_loop().time() < ends):
            await asyncio.sleep(_WATCH_SECONDS)
            case, told = await replay(store.connection, store.keyring, stream, after=case)
            program = program or await program_of(store.connection, case)
            _say(session, told, program)


def _say(session: Session, told: list[Any], program: Program | None) -> None:
    import json

    from starter.audit.minutes import minutes
    from starter.cli.show import plain_data, say_minutes

    for entry, events in told:
        lines = minutes(entry, events, program)
        if session.as_json:
            click.echo(
                json.dumps(
                    plain_data({
                        "position": entry.position,
                        "at": entry.at,
                        "type": entry.type,
                        "actor": entry.actor,
                        "minutes": lines,
                    })
                )
            )
            continue
        say_minutes(lines)
