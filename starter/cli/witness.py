"""For witnesses: make a key, cosign the checkpoints of a log as long as it goes on from what was seen, and show what was seen last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.log import make_key
from starter.cli.session import DONE, PROBLEM

if TYPE_CHECKING:
    from collections.abc import Sequence

_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)
_key_option = click.option("--key", "key_file", type=_FILE, required=True, help="The witness's own key ('offramp witness key' makes one).")  # fmt: skip
_state_option = click.option("--state", "folder", type=_FOLDER, required=True, help="Where the witness remembers what it saw: on its own disk.")  # fmt: skip
_log_option = click.option("--log", "logs", multiple=True, required=True, metavar="KEY", help="The public key of a log (name+id+key); may be repeated.")  # fmt: skip


@click.group()
def witness() -> None:
    """Bear witness to a log that somebody else runs, with a key and a memory of one's own. A witness whom the log's operator hosts proves little."""


@witness.command("key")
@click.argument("file", type=_FILE)
@click.argument("name")
def new_key(file: Path, name: str) -> int:
    """Make a key in FILE for the witness called NAME (a host name of yours and a path, as in ombud.example/witness)."""
    from activities.store.cosigning import WitnessKey

    make_key(file, name, of="a witness", example="ombud.example/witness")
    click.echo(f"Written: {file}, readable by its owner only. Its public key: {WitnessKey.from_file(file).verifier}")
    return DONE


@witness.command()
@_key_option
@_state_option
@_log_option
@click.option("--listen", default="127.0.0.1:8797", show_default=True, metavar="HOST:PORT", help="Where it answers; TLS is for what stands before it.")  # fmt: skip
def run(key_file: Path, folder: Path, logs: tuple[str, ...], listen: str) -> int:
    """Answer until stopped. A log that forks, or goes back behind what was cosigned, is refused, and its notes are kept as evidence."""
    import signal
    import time

    from activities.store.cosigning import WitnessKey
    from activities.store.signing import Verifier
    from starter.witness.cosign import Witness
    from starter.witness.serve import Server
    from starter.witness.state import opened

    host, _, port = listen.rpartition(":")
    if not host or not port.isdecimal():
        raise click.UsageError("--listen takes HOST:PORT, for example 127.0.0.1:8797.")
    key = WitnessKey.from_file(key_file)
    known = [Verifier.parse(one) for one in logs]
    with opened(folder, key.verifier) as state, Server((host.strip("[]"), int(port)), Witness(key, known, state, time.time)) as server:  # fmt: skip
        for one in known:
            # What was damaged is told before the first question, not at it.
            state.last(one.name)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        click.echo(f"{key.verifier.name} answers at http://{host}:{server.server_port} for {', '.join(one.name for one in known)}.")  # fmt: skip
        click.echo(f"Its public key: {key.verifier}. Ctrl-C stops it.")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("Stopped.")
    return DONE


@witness.command()
@_key_option
@_state_option
@_log_option
def show(key_file: Path, folder: Path, logs: tuple[str, ...]) -> int:
    """Print the last checkpoint that was cosigned of each log, for `offramp audit verify --checkpoint`. Exit code 1: there is evidence against one."""
    from activities.store.cosigning import WitnessKey
    from activities.store.signing import Verifier
    from starter.witness.state import State

    state = State(folder, WitnessKey.from_file(key_file).verifier)
    for one in (Verifier.parse(text) for text in logs):
        last = state.last(one.name)
        click.echo(f"No checkpoint of {one.name} was cosigned yet." if last is None else str(last[1]), nl=last is None)
    return _evidence(state.evidence())


def _evidence(names: Sequence[str]) -> int:
    if not names:
        return DONE
    click.echo(f"Evidence against the log, {len(names)} in all:", err=True)
    for name in names:
        click.echo(f"  {name}", err=True)
    return PROBLEM
