"""For program designers: play stories, and see whether a definition does what they say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from starter.cli.session import DONE, PROBLEM, Session, json_option

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("scenario")
def group() -> None:
    """Play stories of a case, and check what is to come of them."""


@group.command()
@click.argument("files", nargs=-1, required=True, type=_FILE)
@click.option("--live", is_flag=True, help="On a real stack of its own under skipped time; slow.")
@click.option(
    "--restart-workers",
    is_flag=True,
    help="With --live: kill the worker between the steps and empty every cache; slower.",
)
@json_option
@click.pass_obj
def run(session: Session, files: tuple[Path, ...], live: bool, restart_workers: bool) -> int:
    """Play stories and print their transcripts. A story has the same transcript on the pure core and live, whatever becomes of its workers.

    Exit code 0: every expectation held. 1: one did not, or a story cannot be read.
    """
    from starter.scenario.report import as_data, as_text, play_file, summary

    if restart_workers and not live:
        raise click.UsageError("--restart-workers goes with --live: the pure core has no workers.")
    outcomes = []
    for file in files:
        outcomes.append(play_file(file, live=live, restart_workers=restart_workers))
        if not session.as_json:
            click.echo(as_text(outcomes[-1]))
    if session.as_json:
        click.echo(json.dumps([as_data(outcome) for outcome in outcomes], indent=2, ensure_ascii=False))
    elif len(outcomes) > 1:
        click.echo(summary(outcomes, live=live, restart_workers=restart_workers))
    return DONE if all(outcome.passed for outcome in outcomes) else PROBLEM


@group.command()
def schema() -> None:
    """Print a JSON Schema of stories, with which an editor completes and validates."""
    from starter.scenario.load import scenario_schema

    click.echo(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))


def play_folder(folder: Path, session: Session) -> int:
    """Play every story of a folder on the pure core: a line for each that passed, the transcript of each that did not.

    Raises:
        click.UsageError: there is no story in it.
    """
    from starter.scenario.report import Outcome, as_data, as_text, one_line, play_file, summary

    files = sorted(path for path in folder.rglob("*") if path.suffix in {".yaml", ".yml"})
    if not files:
        raise click.UsageError(
            f"{folder} holds no story (*.yaml); 'offramp scenario schema' shows what one is made of."
        )
    outcomes: Sequence[Outcome] = [play_file(file, live=False) for file in files]
    if session.as_json:
        click.echo(json.dumps([as_data(outcome) for outcome in outcomes], indent=2, ensure_ascii=False))
    else:
        for outcome in outcomes:
            click.echo(one_line(outcome) if outcome.passed else as_text(outcome))
        click.echo(summary(outcomes, live=False))
    return DONE if all(outcome.passed for outcome in outcomes) else PROBLEM
