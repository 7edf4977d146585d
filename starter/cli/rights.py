"""For reviewers and data protection officers: what is done against people or shared about them, and who must do what about it by when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.lazy import Lazy, LazyGroup
from starter.cli.session import Session, entering, settle

if TYPE_CHECKING:
    from activities.store.rights import AccessRow, ActRow, DisclosureRow, HoldRow, MeasureRow
    from starter.audit.words import Words
    from workflows.case.state import Case
_Shown = tuple[str, ...]
_STAGES = {
    "proposed": "proposed; the person is to be told",
    "hearing": "heard until {hearing}",
    "upheld": "upheld; the person is to be told",
    "served": "can be appealed until {appeal}",
    "appealed": "appealed: no effect until that is decided",
    "dismissed": "appeal dismissed; the person is to be told",
    "dismissal_served": "can be carried out",
    "took_effect": "took effect",
}


@click.group(
    "rights",
    cls=LazyGroup,
    lazy={
        "acts": Lazy("starter.cli.rights:acts", "Adverse acts and appeals, and who must do what by when."),
        "measures": Lazy("starter.cli.rights:measures", "Measures in force, their end and their next review."),
        "disclosures": Lazy(
            "starter.cli.rights:disclosures", "What is shared with whom, and whether the person knows."
        ),
        "holds": Lazy("starter.cli.rights:holds", "Pauses and legal holds, and when they end."),
        "requests": Lazy("starter.cli.rights:requests", "Requests to see what is held, and when the answer is due."),
    },
)
def rights() -> None:
    """What is done against people or shared about them, over all cases. Silence on any of it never acts against the person."""


class _List(NamedTuple):
    """A list: how its rows are read, its columns, how a row is shown, and what is said where there is none."""

    read: str
    columns: _Shown
    shown: Callable[[Any, Words, datetime], _Shown]
    empty: str


def _command(name: str, of: _List, says: str) -> click.Command:
    def called(everything: bool, named: str | None) -> None:
        settle(_list(click.get_current_context().ensure_object(Session), of, everything=everything, named=named))

    called.__doc__ = says
    made = click.option("--case", "named", help="Of this case alone.")(entering(called))
    return click.command(name)(click.option("--all", "everything", is_flag=True, help="What is over too.")(made))


async def _list(session: Session, of: _List, *, everything: bool, named: str | None) -> None:
    from activities.store import rights as store
    from starter.audit.words import Words
    from starter.cli.lookup import enter_cases, find_case, program_of_stream
    from starter.cli.show import say_json, table

    async with session.store() as opened:
        stream = None if named is None else await find_case(opened.connection, named)
        rows = await getattr(store, of.read)(opened.connection, open_only=not everything, stream=stream)
        rows = await enter_cases(session, opened, rows, purpose=f"rights_{of.read}")
        words = {one: Words(await program_of_stream(opened.connection, one)) for one in {row.stream for row in rows}}
    if session.as_json:
        say_json(rows)
        return
    now = datetime.now(UTC)
    table(of.columns, [of.shown(row, words[row.stream], now) for row in rows], empty=of.empty)


def _when(due: datetime | None, words: Words, now: datetime) -> tuple[str, str]:
    from starter.cli.lookup import until_text

    return ("", "") if due is None else (words.when(due), until_text(due, now))


def _who(row: Any, words: Words) -> str:
    return row.holder or (words.name("role", row.owner) if row.owner else "")


def act_stands(stage: str, *, hearing: datetime | None, appeal: datetime | None, words: Words) -> str:
    """Where an act stands, in words."""
    from starter.audit.words import plain

    until = {"hearing": hearing, "appeal": appeal}
    shown = {name: words.when(at) if at is not None else "" for name, at in until.items()}
    return _STAGES.get(stage, plain(stage)).format(**shown)


def act_named(kind: str, subject: str, words: Words) -> str:
    """What an act does, in words: `step back to stabilization`, `measure 2`."""
    from starter.audit.words import plain

    what, _, number = subject.partition("/")
    if number:
        return f"{what} {number}" if what == "measure" else f"{what} of measure {number}"
    return f"{plain(kind)}: {subject if kind == 'reduce_support' else words.name('phase', subject)}"


def _act(row: ActRow, words: Words, now: datetime) -> _Shown:
    stands = act_stands(row.stage, hearing=row.hearing_until, appeal=row.appeal_until, words=words)
    following = "" if row.awaits is None else words.owed(row.awaits)
    if row.ended_at is not None:
        stands = f"{stands}, {words.day(row.ended_at)}"
    return (
        *_when(row.due, words, now), _case(row.stream), str(row.id), act_named(row.kind, row.subject, words), stands, following,
        _who(row, words),
    )  # fmt: skip


def _measure(row: MeasureRow, words: Words, now: datetime) -> _Shown:
    from starter.audit.words import plain

    number = str(row.id) if row.source == "measure" else f"danger {row.id}"
    review = "" if row.due is None else words.when(row.due)
    state = "in force" if row.ended_at is None else f"{plain(row.how or 'ended')}, {words.day(row.ended_at)}"
    ends = (words.when(row.until), "") if row.ended_at is not None else _when(row.until, words, now)
    return (*ends, _case(row.stream), number, plain(row.content), row.mode, review, _who(row, words), state)


def _disclosure(row: DisclosureRow, words: Words, now: datetime) -> _Shown:
    from starter.audit.words import plain

    receiver = _receiver(row.partner, row.recipient, words)
    basis = "consent" if row.basis.startswith("share:") else plain(row.basis)
    if row.state != "made":
        person = ""
    elif row.told_at is not None:
        person = f"told {words.day(row.told_at)}"
    else:
        person = _untold(row.tell_from, words, now)
    following = "" if row.owed is None else words.owed(row.owed)
    return (
        *_when(row.due, words, now), _case(row.stream), str(row.id), receiver, basis, row.state, person, following, _who(row, words),
    )  # fmt: skip


def _hold(row: HoldRow, words: Words, now: datetime) -> _Shown:
    from starter.audit.words import plain

    what = (
        f"legal hold {row.id}"
        if row.source == "legal_hold"
        else f"pause {row.id}: {words.name('hold', row.kind or '')}"
    )
    state = "in force" if row.began_at is not None else "asked for"
    if row.ended_at is not None:
        state = f"{plain(row.how or 'ended')}, {words.day(row.ended_at)}"
    ends = (words.when(row.until), "") if row.ended_at is not None else _when(row.until, words, now)
    return (*ends, _case(row.stream), what, row.requested_by or "", state, _who(row, words))


def _request(row: AccessRow, words: Words, now: datetime) -> _Shown:
    from starter.audit.words import plain

    answer = "" if row.answered_at is None else f"{plain(row.answer or '')}, {words.day(row.answered_at)}"
    return (
        *_when(row.due, words, now), _case(row.stream), str(row.id), words.day(row.requested_at), answer, _who(row, words),
    )  # fmt: skip


def say_rights(case: Case, words: Words, now: datetime) -> None:
    """Print what is open in a case, read from the case itself: acts, measures, disclosures, holds; nothing of what there is none."""
    from starter.cli.show import heading, table

    parts = (
        ("Adverse acts", ("ACT", "WHAT", "STANDS", "NEXT"), list(_acts_of(case, words))),
        ("Measures in force", ("MEASURE", "CONTENT", "MODE", "ENDS", "", "REVIEWS"), list(_measures_of(case, words, now))),
        ("Disclosures", ("NUMBER", "WITH", "STATE", "PERSON"), list(_disclosures_of(case, words, now))),
        ("Holds", ("WHAT", "STATE", "ENDS", ""), list(_holds_of(case, words, now))),
    )  # fmt: skip
    for title, columns, rows in parts:
        if rows:
            heading(f"\n{title}")
            table(columns, rows, empty="")


def _acts_of(case: Case, words: Words) -> Iterator[_Shown]:
    from activities.store.rights_rows import awaits, stage

    proposed = ((n, one.kind, one.subject, one.hearing_until, None) for n, one in case.adverse.open.items())
    upheld = ((n, one.kind, one.subject, None, one.window) for n, one in case.appeal.open.items())
    for number, kind, subject, hearing, appeal in (*proposed, *upheld):
        stands = act_stands(stage(case, number) or "", hearing=hearing, appeal=appeal, words=words)
        key = awaits(case, number)
        yield str(number), act_named(kind, subject, words), stands, words.owed(key) if key else ""


def _measures_of(case: Case, words: Words, now: datetime) -> Iterator[_Shown]:
    from starter.audit.words import plain

    for number, one in case.measure.known.items():
        if one.begun is not None and one.until is not None:
            yield str(number), plain(one.content), one.mode, *_when(one.until, words, now), str(one.reviews)
    for number, acted in case.danger.open.items():
        if acted.in_force:
            yield f"danger {number}", plain(acted.content), "danger", *_when(acted.until, words, now), ""


def _disclosures_of(case: Case, words: Words, now: datetime) -> Iterator[_Shown]:
    for number, waiting in case.disclosure.pending.items():
        asked = waiting.request
        yield str(number), _receiver(asked.partner, asked.recipient, words), "requested", ""
    for number, made in case.disclosure.made.items():
        known = "told" if made.tell_from is None else _untold(made.tell_from, words, now)
        yield str(number), _receiver(made.partner, made.recipient, words), "made", known


def _holds_of(case: Case, words: Words, now: datetime) -> Iterator[_Shown]:
    current = case.hold.current
    if current is not None and not case.closed:
        state = "asked for" if current.began is None else "in force"
        yield f"pause {current.number}: {words.name('hold', current.kind)}", state, *_when(current.until, words, now)
    for number, until in case.legal_hold.holds.items():
        yield f"legal hold {number}", "in force", *_when(until, words, now)


def _receiver(partner: str, recipient: str, words: Words) -> str:
    return f"{words.name('partner', partner)} ({words.name('role', recipient)})"


def _untold(tell_from: datetime | None, words: Words, now: datetime) -> str:
    later = tell_from is not None and tell_from > now
    return f"not told, to be told from {words.day(tell_from)}" if later and tell_from is not None else "not told"


def _case(stream: str) -> str:
    from starter.cli.show import short

    return short(stream)


acts = _command(
    "acts",
    _List(
        "acts",
        ("DUE", "", "CASE", "ACT", "WHAT", "STANDS", "NEXT", "WHO"),
        _act,
        "No adverse act is under way.",
    ),
    "Adverse acts and appeals, by when somebody must act.",
)
measures = _command(
    "measures",
    _List(
        "measures",
        ("ENDS", "", "CASE", "MEASURE", "CONTENT", "MODE", "NEXT REVIEW", "WHO", "STATE"),
        _measure,
        "No measure is in force.",
    ),
    "Measures and acts in danger that are in force, by their end.",
)
disclosures = _command(
    "disclosures",
    _List(
        "disclosures",
        ("DUE", "", "CASE", "NUMBER", "WITH", "BASIS", "STATE", "PERSON", "NEXT", "WHO"),
        _disclosure,
        "Nothing is owed about a disclosure.",
    ),
    "Disclosures about which something is owed: a decision, word to the person, word to the recipient.",
)
holds = _command(
    "holds",
    _List(
        "holds",
        ("ENDS", "", "CASE", "WHAT", "ASKED BY", "STATE", "WHO"),
        _hold,
        "No case is on hold, and no record.",
    ),
    "Pauses of cases and legal holds on records, by their end.",
)
requests = _command(
    "requests",
    _List(
        "requests",
        ("DUE", "", "CASE", "REQUEST", "ASKED", "ANSWER", "WHO"),
        _request,
        "No request for access waits.",
    ),
    "People's requests to see what is held about them, by when the answer is due.",
)
