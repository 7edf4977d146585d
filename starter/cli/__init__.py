"""The command line, by who uses it: operators, reviewers, auditors, program designers, and whoever runs the system.

Exit codes: 0 done; 1 a check found a problem; 2 wrong usage; 3 refused, with the reason and its cure; 4 unavailable, nothing is known to be decided;
70 a fault of Offramp itself; 130 interrupted; 141 whoever read the output stopped reading.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from typing import Any

import click

from starter.cli.lazy import Lazy, LazyGroup
from starter.cli.session import FAULT, INTERRUPTED, UNHEARD, Session, data_dir_option

_COMMANDS = {
    "case": Lazy("starter.cli.operate:case", "Operators: open cases, send commands, see where they stand and why."),
    "queue": Lazy("starter.cli.queue:queue", "Operators: what I owe, by due date."),
    "inbox": Lazy("starter.cli.inbox:inbox", "Everybody: what I was told, newest first."),
    "review": Lazy("starter.cli.review:review", "Reviewers: read what is to be decided, and vote."),
    "rights": Lazy(
        "starter.cli.rights:rights", "Reviewers, data protection: acts, measures, disclosures, holds, and who must act."
    ),
    "audit": Lazy("starter.cli.audit:audit", "Auditors: replay, verify and compare what was recorded."),
    "codec": Lazy(
        "starter.cli.codec:codec",
        "Auditors, administrators: open what is sealed in Temporal's UI, with every reading logged.",
    ),
    "witness": Lazy(
        "starter.cli.witness:witness", "Witnesses: cosign the log of somebody else, or show where it lied."
    ),
    "program": Lazy("starter.cli.program:group", "Designers: check, draw and publish programs."),
    "scenario": Lazy("starter.cli.scenario:group", "Designers: play stories that prove what a program does."),
    "staff": Lazy("starter.cli.staff:group", "Administrators: who may do what, from when until when."),
    "keys": Lazy("starter.cli.keys:group", "Administrators: which program key wraps what, and rotating it."),
    "migrate": Lazy(
        "starter.cli.migrate:migrate", "Administrators: bring the ledger's database to this build's tables."
    ),
    "recover": Lazy(
        "starter.cli.recover:recover", "Administrators: after a loss, put back exactly what is missing, or name it."
    ),
    "rebuild": Lazy("starter.cli.audit:rebuild", "Administrators: make the read model anew from the ledger."),
    "up": Lazy("starter.cli.stack:up", "Run everything on this machine, to try it or to develop."),
    "demo": Lazy("starter.cli.stack:demo", "Watch a case go from opening to closure in two minutes."),
    "completion": Lazy("starter.cli.complete:completion", "Print the script that completes commands in your shell."),
}


def _version(context: click.Context, _parameter: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"offramp {version('offramp')}")
        context.exit()


class _Root(LazyGroup):
    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; where its reader left (`| head`), stop without a word."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            return UNHEARD


@click.group(
    "offramp",
    cls=_Root,
    lazy=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 done, 1 a check found a problem, 2 wrong usage, 3 refused (with its cure), 4 unavailable (try again).",
)
@data_dir_option
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Print the version."
)
def root() -> None:
    """Phased programs whose every decision is recorded, and whose every silence has a result."""


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; every known error is one message on stderr, never a traceback."""
    session = Session()
    try:
        done: Any = root.main(args=list(arguments), prog_name="offramp", standalone_mode=False, obj=session)
    except click.Abort:
        return _interrupted(session)
    except click.ClickException as error:
        return _misused(error, as_json=session.as_json or "--json" in arguments)
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except Exception as error:  # noqa: BLE001 - the last door: whoever uses the command line never sees a traceback
        return _failed(error, session)
    return done if isinstance(done, int) else 0


def _interrupted(session: Session) -> int:
    if session.under_way is None:
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    from starter.cli.failures import Failure, show

    what = "the command was sent, and may or may not be recorded"
    cure = f"Repeat with --command-id {session.under_way}: it is answered once."
    failure = Failure(INTERRUPTED, "interrupted", what, cure, {"command_id": session.under_way})
    show(failure, as_json=session.as_json)
    return INTERRUPTED


def _misused(error: click.ClickException, *, as_json: bool) -> int:
    if error.message.startswith("Got unexpected extra argument"):
        # Mostly the words of a text that was not put in quotes: they are not repeated.
        context = error.ctx if isinstance(error, click.UsageError) else None
        error = click.UsageError(
            "There are more words than the command takes; a text of several words stands in quotes.", context
        )
    if not as_json:
        error.show()
        return error.exit_code
    from starter.cli.failures import Failure, show

    context = error.ctx if isinstance(error, click.UsageError) else None
    cure = (
        f"'{context.command_path} --help' shows what is allowed."
        if context
        else "'offramp --help' shows what is allowed."
    )
    show(Failure(error.exit_code, "usage", error.format_message(), cure, {}), as_json=True)
    return error.exit_code


def _failed(error: Exception, session: Session) -> int:
    from starter.cli.failures import explain, show

    failure = explain(error)
    if failure is None:
        if os.environ.get("OFFRAMP_DEBUG"):
            raise error
        click.echo(
            f"A fault of Offramp: {type(error).__name__}.\nRun it again with OFFRAMP_DEBUG=1 and report what it prints.",
            err=True,
        )
        return FAULT
    show(failure, as_json=session.as_json)
    return failure.code


def main() -> None:
    """The console script."""
    # Temporal's runtime may abort, and a core file would hold the keys of the cases that were looked at.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = run(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # Temporal's runtime can crash an interpreter that winds down while its threads still run.
    if "temporalio" in sys.modules:
        os._exit(code)
    sys.exit(code)
