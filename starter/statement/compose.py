"""The statement put together: from the entries of the ledger, folded, never from the read model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from activities.store.vault import Access
from starter.audit.replay import Replayed
from starter.statement import record
from starter.statement.document import Statement
from starter.statement.listed import untold
from starter.statement.rights import can
from starter.statement.standing import Now, coming, held, seen
from starter.statement.titles import Titles, translated
from starter.statement.words import Words
from workflows.program.model import Program

_CASE_SHOWN = 8


def compose(
    found: Replayed, program: Program | None, *, accesses: Sequence[Access] = (), at: datetime, language: str
) -> Statement:
    """The statement of a case.

    Args:
        found: the case and every entry with its events, up to `at`.
        program: the version to which the case is pinned; None where it is not in the store.
        accesses: who read which sealed text.
        at: as of when; it decides what is late, what may be told, and which right can still be used.
        language: one of `words.LANGUAGES`.

    Raises:
        LookupError: a stored type has neither a sentence nor an exemption (a test walks all of them).
    """
    words = Words(language, program)
    titles = Titles(program, words)
    later = untold(found.told, at)
    now = Now(found.case, found.told, accesses, at, later, words, titles)
    listed = record.read(found.told, words, titles, later=later)
    return Statement(
        language=language,
        title=words.say("title"),
        made=words.date_of(at),
        lead=tuple(_lead(now, program)),
        contents=words.say("contents"),
        page=words.say("page"),
        sections=(
            held(now), record.decided(listed, words), seen(now), coming(now), can(now, program),
            record.everything_else(listed, words), record.left_out(listed, words),
        ),
    )  # fmt: skip


def _lead(now: Now, program: Program | None) -> list[str]:
    case, say = now.case, now.words.say
    day, number = now.words.day(now.at).text, case.stream.rpartition("/")[2][:_CASE_SHOWN]
    title = "Offramp" if program is None else f"“{translated(program.title, now.words.language)}”"
    lines = [say("for-you", program=_quoted(title, now.words.language)), say("as-of", day=day, case=number)]
    if case.phase.phase is None or case.phase.entered_at is None:
        return [*lines, say("not-opened")]
    since = now.words.day(case.phase.entered_at).text
    phase = now.titles.of("phase", case.phase.phase)
    lines.append(say("now-closed", since=since) if case.closed else say("now-phase", phase=phase, since=since))
    if case.custody.lead is not None and not case.closed:
        lines.append(say("now-lead", lead=case.custody.lead))
    return [*lines, say("help")]


def _quoted(title: str, language: str) -> str:
    return title.translate({0x201C: "„", 0x201D: "“"}) if language == "de" else title
