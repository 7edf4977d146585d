"""For trying and developing: the whole system on this machine, and the demo."""

from __future__ import annotations

import os
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, UNAVAILABLE, Session, data_dir_option, json_option, settle

if TYPE_CHECKING:
    from starter.stack import Addresses, Stack, Worker

RESTARTS, WITHIN_SECONDS = 5, 300.0
"""A worker that dies is started again; so often within so long, then the stack stops and says so."""
ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ROOT / "programs"


@click.command()
@click.option("--port-base", type=click.INT, help="First of the six ports that are used.  [default: 7400]")
@click.option(
    "--codec",
    is_flag=True,
    help="Also run a codec server: Temporal's UI opens payloads for whoever may read their case.",
)
@data_dir_option
@click.pass_obj
def up(session: Session, port_base: int | None, *, codec: bool) -> int:
    """Run everything on this machine: Temporal with its UI, Postgres, a worker, the shipped programs. Ctrl-C stops all of it.

    A second start on the same data goes on where it stopped.
    """
    from activities.settings import default_data_dir
    from starter.stack import Ports, Stack

    ports = Ports.from_base() if port_base is None else Ports.from_base(port_base)
    stack = Stack(session.data_dir or default_data_dir(), ports=ports, codec=codec)
    with stack.stopping_on_signals():
        click.echo("Starting Postgres and Temporal ...")
        started = False
        try:
            addresses = stack.start()
            started = True
            worker = _prepare(stack, addresses)
            _say_where(addresses, worker, codec=stack.start_codec() if codec else None)
            return _watch(stack)
        except KeyboardInterrupt:
            click.echo("\nStopping ...")
            return DONE
        finally:
            stack.stop()
            if started:
                click.echo("Everything is stopped; the data stays.")


def _prepare(stack: Stack, addresses: Addresses) -> Worker:
    from activities.store.migrate import migrate

    if stack.leftovers:
        click.echo(f"Stopped what an earlier run had left behind: {', '.join(stack.leftovers)}.")
    applied = migrate(addresses.dsn_owner)
    click.echo(f"The database is migrated ({len(applied)} new)." if applied else "The database is up to date.")
    _belong_to(addresses)
    here = Session(data_dir=addresses.data_dir)
    for published in settle(_publish(here)):
        click.echo(f"Published: {published}.")
    worker = stack.spawn_worker(addresses.kept())
    for stream in settle(_recover(here)):
        click.echo(f"Runs again, from the ledger: {stream}.")
    return worker


def _belong_to(addresses: Addresses) -> None:
    """Lead everything in this process to this stack, whatever the environment said before."""
    given = addresses.settings()
    for name in given:
        os.environ.pop(f"{name}_FILE", None)
        os.environ.pop(name.removesuffix("_FILE"), None)
    os.environ.update(given)


async def _publish(session: Session) -> list[str]:
    from activities.store import programs
    from workflows.program.load import load_program

    told = []
    async with session.store() as store:
        for path in sorted(PROGRAMS.glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            done = await programs.publish(store.connection, load_program(text), text)
            told.append(f"{done.code} {done.version}")
    return told


async def _recover(session: Session) -> list[str]:
    from starter.cli.operate import unfinished
    from starter.client import Client

    async with session.store() as store:
        streams = await unfinished(store)
    if not streams:
        return []
    async with Client.connect(session.settings()) as client:
        return await client.recover_all(streams)


def _say_where(addresses: Addresses, worker: Worker, *, codec: str | None) -> None:
    where = (
        ("Temporal's UI", addresses.ui or "(off)"),
        ("Temporal", f"{addresses.temporal}, namespace {addresses.namespace}"),
        ("Postgres", f"{_without_password(addresses.dsn_app)} (with its password in settings.env)"),
        ("Data directory", str(addresses.data_dir)),
        ("Program key", f"{addresses.key_file} (without it nothing here can be read: keep a copy apart)"),
        ("Logs", str(addresses.data_dir / "logs")),
        ("Worker", f"process {worker.pid}, {worker.log}"),
        *((("Codec server", f"{codec}/login (paste what 'offramp codec token' prints; then include cross-origin credentials in the UI's codec settings)"),) if codec else ()),
    )  # fmt: skip
    click.echo("")
    for name, value in where:
        click.echo(f"  {name:<15} {value}")
    named = f'export OFFRAMP_DATA_DIR="{addresses.data_dir}"'
    click.echo(f"""
Type this in another terminal:

  {named}
  offramp staff import {_shown(ROOT / "examples" / "staff.yaml")}
  offramp case open --as sofia --program disengagement --lead lena --support-level high \\
      --eligibility-text "Asked for help herself."
  offramp case list
  offramp queue --as lena

Ctrl-C here stops everything.""")


def _without_password(dsn: str) -> str:
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(dsn)
    return f"{parts.get('host')}:{parts.get('port')}, database {parts.get('dbname')}, role {parts.get('user')}"


def _shown(path: Path) -> str:
    """The path as somebody in the present directory would type it."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _watch(stack: Stack) -> int:
    """Keep a worker running until somebody stops the stack, or a part of it is beyond help."""
    ends: deque[float] = deque(maxlen=RESTARTS)
    while True:
        name = stack.wait()
        if not name.startswith(("worker", "codec")):
            click.echo(f"{name} ended by itself; read its log in {stack.addresses.data_dir / 'logs'}.", err=True)
            return UNAVAILABLE
        if len(ends) == RESTARTS and time.monotonic() - ends[0] < WITHIN_SECONDS:
            click.echo(
                f"{name} ended, as {RESTARTS} before it did within {WITHIN_SECONDS / 60:.0f} minutes; read its log.",
                err=True,
            )
            return UNAVAILABLE
        ends.append(time.monotonic())
        click.echo(
            f"{name} ended by itself; another one is started. Its log: {stack.addresses.data_dir / 'logs' / name}.log",
            err=True,
        )
        if name == "codec":
            stack.start_codec()
        else:
            stack.spawn_worker(stack.addresses.kept())


@click.command()
@click.option("--keep", is_flag=True, help="Leave the stack running afterwards, to look at it.")
@json_option
@click.pass_obj
def demo(session: Session, keep: bool) -> int:
    """Watch a synthetic participant pass through the whole program under skipped time, and see that the record of it holds."""
    from starter.demo import run

    return run(keep=keep, as_json=session.as_json)
