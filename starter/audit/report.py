"""The report of a bundle: the minutes of a case as one page that needs nothing else, for people. It proves nothing; what does stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from starter.audit.minutes import minute
from workflows.core.entry import Entry
from workflows.core.kinds import Event
from workflows.program.model import Program

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-top: 1px solid #bbb }}
td p {{ margin: 0 }}
code {{ font-size: .85em }}
</style></head><body><main>
"""


def report(told: Sequence[tuple[Entry, tuple[Event, ...]]], program: Program | None) -> str:
    """The page, from the entries and their events."""
    stream = told[0][0].stream if told else ""
    title = escape(f"What was recorded in {stream}")
    under = "" if program is None else f"<p>Under {escape(program.title)}, version {escape(program.version)}.</p>"
    rows = "\n".join(_row(entry, events, program) for entry, events in told)
    return (
        f"{_HEAD.format(title=title)}<h1>{title}</h1>{under}"
        "<p>This page is for reading. To check it against the seals: <code>python -m starter.audit.verify BUNDLE --log-key KEY</code></p>"
        '<table><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th><th scope="col">Receipt</th></tr></thead>'
        f"<tbody>\n{rows}\n</tbody></table></main></body></html>\n"
    )


def _row(entry: Entry, events: tuple[Event, ...], program: Program | None) -> str:
    told = minute(entry, events, program)
    what = "".join(f"<p>{escape(sentence)}</p>" for sentence in told.what)
    return f"<tr><td>{escape(told.when)}</td><td>{escape(told.who)}</td><td>{what}</td><td><code>{escape(told.receipt)}</code></td></tr>"
