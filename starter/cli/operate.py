"""For operators: open a case, send its commands, see where it stands, and why it does not move."""

from __future__ import annotations

from typing import Any

import click

from starter.cli.lazy import Lazy, LazyGroup
from starter.cli.session import Session, Store, reading, settle, submitting


class Commands(click.Group):
    """The commands that a person may send to a case, made from their models when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Their stored names."""
        from workflows.case.commands import COMMANDS

        return [name for name in COMMANDS if name != "open_case"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """The command of that name, with `-` for `_` if somebody likes that better."""
        from workflows.case.commands import COMMANDS

        name = cmd_name.replace("-", "_")
        return None if name not in COMMANDS or name == "open_case" else sending(name)


def sending(name: str, *, without: tuple[str, ...] = ()) -> click.Command:
    """A click command that sends the command `name` to the case that its parent names."""
    from starter.cli.fields import Given, command_from
    from workflows.case.commands import COMMANDS

    def called(fields: list[Given], values: dict[str, Any]) -> int:
        from starter.cli.submit import Draft, send

        context = click.get_current_context()
        session = context.ensure_object(Session)
        parent = context.parent
        named = str(parent.params["case"]) if parent is not None else ""
        session.actor()
        return settle(send(session, named, Draft(COMMANDS[name], fields, values)))

    return submitting(command_from(COMMANDS[name], name=name, callback=called, without=without))


@click.group("do", cls=Commands, subcommand_metavar="COMMAND [OPTIONS]...")
@click.argument("case")
def do(case: str) -> None:
    """Send a command to CASE. Texts are sealed before they are sent: --FIELD-text, --FIELD-file, or your editor.

    A --FIELD-text stays in your shell's history and is seen by whoever lists processes: for what is confidential, use a file, stdin (-) or the editor.

    A text stays sealed also where the command is refused: the refusal is recorded, and refers to it. Where no answer came, repeat the command with the
    --command-id that is printed; it is answered once, and a text that is given again is sealed again.

    CASE is the id of a case, or at least its first six characters.
    """


def _opening() -> click.Command:
    from starter.cli.fields import Given, command_from
    from workflows.case.commands import COMMANDS

    model = COMMANDS["open_case"]

    def called(fields: list[Given], values: dict[str, Any]) -> int:
        from starter.cli import texts
        from starter.cli.submit import Draft, open_case

        session = click.get_current_context().ensure_object(Session)
        session.actor()
        program, version = values.pop("program"), values.pop("version")
        identity = texts.identity(values)
        draft = Draft(model, fields, values)
        if identity is not None:
            draft.identify(identity)
        return settle(open_case(session, draft, program=program, version=version))

    made = command_from(model, name="open", callback=called, without=("program", "version", "identity"))
    made.params[:0] = [
        click.Option(["--program"], required=True, help="A published program, by its code."),
        click.Option(["--version"], help="Its version; else the one published last."),
    ]
    made.params += [
        click.Option(
            ["--name-text"], metavar="NAME", help="The person's name; sealed, and compared with those of cases before."
        ),
        click.Option(["--alias-text"], metavar="NAME", multiple=True, help="Another name; may be repeated."),
        click.Option(["--names-file"], type=click.File(), help="The same as a file, one name a line, or - for stdin."),
        click.Option(
            ["--born"], metavar="DATE|YEAR", help="When the person was born, as far as it is known; sealed too."
        ),
    ]
    return submitting(made)


class _Operators(LazyGroup):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """`open` is made from its model; the others are imported."""
        return _opening() if cmd_name == "open" else super().get_command(ctx, cmd_name)


@click.group(
    "case",
    cls=_Operators,
    lazy={
        "open": Lazy("", "Open a case in a published program."),
        "do": Lazy("starter.cli.operate:do", "Send a command to a case."),
        "show": Lazy("starter.cli.cases:show", "Where a case stands, what is owed in it, and what happened."),
        "read": Lazy("starter.cli.read:read", "Open sealed texts of a case, for a purpose; it is logged first."),
        "why": Lazy("starter.cli.cases:why", "What each way on is waiting for, who holds it, and by when."),
        "coordination": Lazy(
            "starter.cli.coordination:coordination", "Every open need, the worst gap first, and who owes the next step."
        ),
        "draw": Lazy("starter.cli.picture:draw", "Draw a case on one axis of time."),
        "network": Lazy("starter.cli.picture:network", "Who is around the person, told or drawn."),
        "statement": Lazy("starter.cli.statement:statement", "The participant's own statement, in plain language."),
        "contacts": Lazy(
            "starter.cli.contacts:contacts", "Check-ins kept and missed, and how absences were classified."
        ),
        "links": Lazy("starter.cli.links:links", "The cases of the same person, and how each ended."),
        "list": Lazy("starter.cli.cases:list_", "The cases, by when something is next due."),
        "watch": Lazy("starter.cli.cases:watch", "Show what is recorded in a case as it happens."),
        "recover": Lazy("starter.cli.operate:recover", "Start a case's workflow again from the ledger."),
    },
)
def case() -> None:
    """Open cases, send commands to them, see where they stand and why."""


@click.command()
@click.argument("case", required=False)
@click.option("--all", "everything", is_flag=True, help="Every case whose workflow is gone.")
@reading
@click.pass_obj
def recover(session: Session, case: str | None, everything: bool) -> None:
    """Start the workflow of CASE again from the ledger, if none runs. Nothing that was recorded is lost, and nothing is decided anew."""
    if (case is None) != everything:
        raise click.UsageError("Name a CASE, or give --all.")
    settle(_recover(session, case))


async def unfinished(store: Store) -> list[str]:
    """The streams of cases in which something may still happen: open ones, and closed ones in which something is owed or on its way.

    One whose key was lost is not among them: it cannot be read, and would only be tried again for ever.
    """
    from activities.store.fold import fold
    from activities.store.lost import keyless
    from activities.store.queries import caseload

    rows, lost = await caseload(store.connection, closed=True), set(await keyless(store.connection))
    return [
        row.stream
        for row in rows
        if row.stream not in lost
        and (row.closed_at is None or not (await fold(store.connection, store.keyring, row.stream)).finished)
    ]


async def _recover(session: Session, named: str | None) -> None:
    from starter.cli.lookup import find_case
    from starter.cli.show import say_json
    from starter.client import Client

    async with session.store() as store:
        streams = await unfinished(store) if named is None else [await find_case(store.connection, named)]
    async with Client.connect(session.settings()) as client:
        started = await client.recover_all(streams)
    if session.as_json:
        say_json({"started": started})
    elif not started:
        click.echo("Nothing to do: every open case runs." if named is None else "Nothing to do: it runs.")
    for one in started if not session.as_json else ():
        click.echo(f"{one} runs again, from the ledger.")
