"""Reading sealed texts, and who read what: no text is shown before its reading is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from starter.cli.session import Session, entering, reading, settle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from activities.store.fold import Told
    from starter.audit.words import Words
    from workflows.case.reading import Permit
    from workflows.case.state import Case


class Opened(NamedTuple):
    """A text that was opened, and the entry that refers to it first."""

    note: str
    position: int
    event: str
    text: str


@click.command()
@click.argument("case")
@click.argument("texts", nargs=-1, metavar="[TEXT]...")
@click.option("--for", "purpose", required=True, help="What for, by the definition's code under 'reading'.")
@click.option("--position", "positions", type=click.IntRange(min=1), multiple=True, help="Texts of the entry at this position; may be repeated.")  # fmt: skip
@entering
@click.pass_obj
def read(session: Session, case: str, texts: tuple[str, ...], *, purpose: str, positions: tuple[int, ...]) -> None:
    """Open the sealed TEXTs of CASE, named as the history and the statement name them ('note:...' or its first 8 characters), for a purpose.

    Who may read for what stands in the program's definition. Each reading is logged before the text is shown, and the person's statement lists it.
    """
    session.actor()
    if not texts and not positions:
        raise click.UsageError("Name the texts, or with --position the entries whose texts you need: no case is read whole.")  # fmt: skip
    settle(_read(session, case, purpose, Wanted(texts, positions)))


class Wanted(NamedTuple):
    """What a reader asked for: texts by their reference or its beginning, and entries by position."""

    texts: tuple[str, ...]
    positions: tuple[int, ...]


async def _read(session: Session, named: str, purpose: str, wanted: Wanted) -> None:
    from activities.store import staff
    from activities.store.vault import read_note
    from starter.audit.replay import replay
    from starter.cli.lookup import case_now, find_case, program_of
    from starter.cli.show import say_json
    from workflows.case.reading import permit

    async with session.store() as store:
        stream = await find_case(store.connection, named)
        case, told = await replay(store.connection, store.keyring, stream)
        program = await program_of(store.connection, case)
        if program is None:
            raise click.UsageError("The case was never opened, or its program is not in this store: there is nothing to read.")  # fmt: skip
        reader = session.actor()
        actor = await staff.actor(store.connection, reader, case_now(case))
        permitted = permit(case, program, actor=actor, purpose=purpose)
        found = list(_chosen(case, told, wanted, permitted))
        opened = []
        for note, position, event in found:
            text = await read_note(store.connection, store.keyring, note=note, reader=reader, purpose=purpose)
            opened.append(Opened(note, position, event, text))
    if session.as_json:
        say_json({"case": stream, "purpose": purpose, "texts": opened})
    else:
        _say(opened)


def _chosen(case: Case, told: Sequence[Told], wanted: Wanted, permitted: Permit) -> Sequence[tuple[str, int, str]]:
    """The texts to open, each with the position and type of the event that refers to it first.

    Raises:
        click.UsageError: a text or a position that the case has not.
        Refused: as `require_opened` says.
    """
    from workflows.case.reading import require_opened, texts

    if strange := next((one for one in wanted.positions if one > len(told)), None):
        raise click.UsageError(f"{case.stream} has no position {strange}; its last is {len(told)}.")
    every = [(note, entry.position, event) for entry, events in told for event in events for note in texts((event,))]
    chosen: dict[str, tuple[str, int, str]] = {}
    asked = [(name, f"note:{name.removeprefix('note:')}") for name in wanted.texts]
    for name, beginning in asked:
        if not any(note.startswith(beginning) for note, _, _ in every):
            raise click.UsageError(f"No entry of {case.stream} refers to a text {name}.")
    for note, position, event in every:
        if position not in wanted.positions and not any(note.startswith(beginning) for _, beginning in asked):
            continue
        require_opened(permitted, note, (other for again, _, other in every if again == note))
        chosen.setdefault(note, (note, position, str(getattr(event, "type", ""))))
    return tuple(chosen.values())


def _say(opened: Sequence[Opened]) -> None:
    from starter.cli.show import harmless, heading, line

    if not opened:
        click.echo("Those entries refer to no sealed text.")
    for one in opened:
        heading(f"{one.note}  (position {one.position}, {one.event.replace('_', ' ')})")
        # What somebody wrote must not steer the terminal of whoever reads it.
        line(harmless(one.text), indent=2)


@click.command()
@click.argument("case")
@entering
@click.pass_obj
def reads(session: Session, case: str) -> None:
    """Who read what of CASE, when and what for: sealed texts, and the case as a whole. Every reading stands here before anything is shown."""
    settle(_reads(session, case))


async def _reads(session: Session, named: str) -> None:
    from activities.store.vault import accesses
    from starter.audit.words import Words
    from starter.cli.lookup import find_case, program_of_stream, require_look
    from starter.cli.show import say_json, table

    async with session.store() as store:
        stream = await find_case(store.connection, named)
        await require_look(session, store, stream)
        found = await accesses(store.connection, stream)
        words = Words(await program_of_stream(store.connection, stream))
    if session.as_json:
        say_json({"case": stream, "reads": found})
        return
    rows = [_row(one, words) for one in found]
    table(("WHEN", "WHO", "WHAT", "FOR"), rows, empty="Nobody has read this case.")


@click.command()
@reading
@click.pass_obj
def erasures(session: Session) -> None:
    """What was erased: who asked, who approved, when the texts went (at once), when the key was destroyed, when Temporal had forgotten its histories, and
    since when no page of the database holds the key any more.
    """  # fmt: skip
    settle(_erasures(session))


async def _erasures(session: Session) -> None:
    from activities.store.erasure import erasures as erased
    from starter.cli.show import say_json, table

    async with session.store() as store:
        found = await erased(store.connection)
    if session.as_json:
        say_json({"erasures": found})
        return
    rows = [
        (one.stream, str(one.position), one.requested_by, one.approved_by, *(f"{at:%Y-%m-%d %H:%M}" if at else "waits" for at in one[4:]))
        for one in found
    ]  # fmt: skip
    columns = (
        "CASE",
        "POSITION",
        "ASKED BY",
        "APPROVED BY",
        "APPROVED",
        "KEY DESTROYED",
        "HISTORIES GONE",
        "PAGES REWRITTEN",
    )
    table(columns, rows, empty="No record was erased.")


def _row(one: Any, words: Words) -> tuple[str, str, str, str]:
    from datetime import datetime

    what = "the case" if one.note is None else one.note
    return words.when(datetime.fromisoformat(one.at)), one.reader, what, one.purpose.replace("_", " ")
