"""For everybody whom the engine tells something: the inbox, the channel that works on every machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import click

from starter.cli.session import Session, Store, person_option, reading, settle

if TYPE_CHECKING:
    from activities.channels.text import Rendered
    from activities.store.inbox import Message
    from starter.audit.words import Words

ALL = "all"
_ID_SHOWN = 8


class Waiting(NamedTuple):
    """A message as its reader sees it: its short id, its codes, its words in the reader's language, and when it came, locally."""

    id: str
    message: Message
    words: Rendered
    came: str


@click.command()
@click.option(
    "--done",
    "done",
    multiple=True,
    metavar="ID|all",
    help="Put this message aside (or all that are shown); may be repeated.",
)
@click.option("--all", "everything", is_flag=True, help="Those put aside too.")
@person_option
@reading
@click.pass_obj
def inbox(session: Session, done: tuple[str, ...], everything: bool) -> None:
    """What I was told and have not put aside, newest first, in my language.

    Reading changes nothing: a message stays until it is put aside with --done, and is kept even then (--all). Putting it aside closes nothing
    that is owed; 'offramp queue' shows that.
    """
    session.actor()
    settle(_inbox(session, done, everything))


async def _inbox(session: Session, done: tuple[str, ...], everything: bool) -> None:
    from activities.store.inbox import put_aside
    from starter.cli.lookup import log_list
    from starter.cli.show import say_json

    person = session.actor()
    async with session.store() as store:
        waiting = await _waiting(store, person, everything=everything)
        aside = _named(waiting, done) if done else []
        shown = aside if done else waiting
        await log_list(session, store, (one.message.stream for one in shown), purpose="inbox")
        if aside:
            await put_aside(store.connection, person, [one.message for one in aside])
    if session.as_json:
        say_json([_as_json(one) for one in shown])
        return
    _print(shown, person, put_aside=bool(done))


async def _waiting(store: Store, person: str, *, everything: bool) -> list[Waiting]:
    from activities.store.inbox import read_inbox
    from activities.store.staff import language_of
    from starter.audit.words import Words
    from starter.cli.lookup import program_of_stream

    language = await language_of(store.connection, person, datetime.now(UTC))
    if language is None:
        raise click.UsageError(f"{person} is nobody in the staff directory ('offramp staff list' shows who there is).")
    found = await read_inbox(store.connection, person, everything=everything)
    named = {
        stream: Words(await program_of_stream(store.connection, stream)) for stream in {one.stream for one in found}
    }
    return [_one(message, language, named[message.stream]) for message in reversed(found)]


def _one(message: Message, language: str, words: Words) -> Waiting:
    from activities.channels.message import token
    from activities.channels.text import render

    codes = message.params
    rendered = render(
        template=message.template,
        language=language,
        kind=codes.get("kind", ""),
        stream=message.stream,
        level=int(codes.get("level", "0")),
        link=message.link,
    )
    identity = token(stream=message.stream, key=message.key, person=message.person)[:_ID_SHOWN]
    return Waiting(identity, message, rendered, words.when(message.put_at))


def _named(waiting: list[Waiting], done: tuple[str, ...]) -> list[Waiting]:
    """The messages that are to be put aside.

    Raises:
        click.UsageError: an id is none of those that are shown.
    """
    if ALL in done:
        return waiting
    known = {one.id: one for one in waiting}
    for identity in done:
        if identity not in known:
            raise click.UsageError(
                f"--done {identity}: no message of that id waits; 'offramp inbox' shows the ids, and --done all means every one."
            )
    return [known[identity] for identity in dict.fromkeys(done)]


def _as_json(one: Waiting) -> dict[str, object]:
    return {
        "id": one.id, **one.message._asdict(), "language": one.words.language, "subject": one.words.subject,
        "text": one.words.asked, "where": one.words.where,
    }  # fmt: skip


def _print(shown: list[Waiting], person: str, *, put_aside: bool) -> None:
    from starter.cli.show import heading, line

    if not shown:
        line("Nothing waits to be put aside." if put_aside else "Nothing waits in your inbox.")
        return
    for one in shown:
        aside = " (put aside)" if one.message.done_at else ""
        heading(f"{one.came}  {one.id}  {one.words.subject}{aside}")
        line(one.words.asked, indent=2)
        line(f"{one.words.where}\n", indent=2)
    count = f"{len(shown)} message{'' if len(shown) == 1 else 's'}"
    if put_aside:
        line(f"{count} put aside; they are kept (offramp inbox --all).")
    else:
        line(f"{count}. To put one aside: offramp inbox --as {person} --done {shown[0].id}")
