"""For whoever looks at cases in Temporal's own UI and command line: a codec server that opens payloads for people, and their tokens."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from starter.cli.session import DONE, Session, entering, reading, settle

if TYPE_CHECKING:
    import ssl

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@click.group()
def codec() -> None:
    """Look at cases in Temporal's UI and command line: what is sealed is opened for whoever may read the case, and each reading is logged."""


@codec.command()
@click.option("--for", "purpose", required=True, help="What for, by the definition's code under 'reading'.")
@click.option("--hours", type=click.IntRange(1, 12), default=4, show_default=True, help="How long it is believed.")
@entering
@click.pass_obj
def token(session: Session, *, purpose: str, hours: int) -> None:
    """Print a token by which the codec server knows who asks and what for. Whoever has it reads as that person until it ends: keep it to yourself."""
    if not _CODE.fullmatch(purpose):
        raise click.UsageError("--for takes a purpose's code of the definition, like supervision.")
    session.actor()
    settle(_token(session, purpose, hours))


async def _token(session: Session, purpose: str, hours: int) -> None:
    from datetime import UTC, datetime, timedelta

    from activities.store import staff
    from starter.cli.show import say_json
    from starter.codec.token import LABEL, Token, issued
    from workflows.core.refusal import Refused

    person, now = session.actor(), datetime.now(UTC)
    async with session.store() as store:
        if await staff.actor(store.connection, person, now) is None:
            raise Refused(
                "unknown_person",
                f"{person} is not in the staff directory, or no longer active",
                "have them imported with 'offramp staff import'",
            )
        until = (now + timedelta(hours=hours)).replace(microsecond=0)
        text = issued(await store.keyring.derive(store.connection, LABEL), Token(person, purpose, until), now=now)
    if session.as_json:
        say_json({"token": text, "person": person, "purpose": purpose, "until": until.isoformat()})
        return
    click.echo(text)
    click.echo(f"{person} reads for {purpose} until {until:%Y-%m-%d %H:%M} UTC.", err=True)


@codec.command()
@click.option("--listen", default="127.0.0.1:7405", show_default=True, metavar="HOST:PORT", help="Where it answers.")
@click.option("--ui-origin", "origins", multiple=True, metavar="ORIGIN", help="Where Temporal's UI is served, as in https://temporal.example; may be repeated.  [default: that of 'offramp up', where Temporal runs on this machine]")  # fmt: skip
@click.option("--tls-cert", type=_FILE, help="Certificate chain, PEM; with --tls-key.")
@click.option("--tls-key", type=_FILE, help="Its private key, PEM.")
@reading
@click.pass_obj
def serve(session: Session, listen: str, origins: tuple[str, ...], *, tls_cert: Path | None, tls_key: Path | None) -> int:  # fmt: skip
    """Answer Temporal's UI and command line until stopped: open payloads for whoever may read their case, once that is in the access log.

    In the UI, sign in at /login here; on the command line give --codec-endpoint and --codec-auth 'Bearer TOKEN'.
    """
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise click.UsageError("--listen takes HOST:PORT, for example 127.0.0.1:7405.")
    if (tls_cert is None) != (tls_key is None):
        raise click.UsageError("--tls-cert and --tls-key go together.")
    if tls_cert is None and host not in _LOOPBACK:
        raise click.UsageError("What is opened would travel in the clear: give --tls-cert and --tls-key, or listen on 127.0.0.1 and put a server with TLS before it.")  # fmt: skip
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise click.UsageError(f"--ui-origin takes a scheme, a host and perhaps a port, in small letters, as in http://127.0.0.1:7401, not {origin}.")  # fmt: skip
    settle(_serve(session, (host, int(port)), origins, _context(tls_cert, tls_key)))
    return DONE


def _context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None or key is None:
        return None
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, OSError) as error:
        raise click.UsageError("--tls-cert and --tls-key hold no certificate with its own, unencrypted key.") from error
    return context


def _no_password() -> str:
    return ""


async def _serve(session: Session, address: tuple[str, int], origins: tuple[str, ...], tls: ssl.SSLContext | None) -> None:  # fmt: skip
    import asyncio
    import signal
    import threading

    from activities import telemetry
    from activities.keyring import open_keyring
    from activities.store.pool import open_pool
    from starter.codec.decode import Decoder
    from starter.codec.door import Door
    from starter.codec.serve import Server
    from starter.codec.token import LABEL

    settings = session.settings()
    keyring = open_keyring(settings)
    asked = frozenset(origins or _ui_of(settings.temporal_address))
    pool = await open_pool(settings.database_url, size=4, timeout_seconds=5.0)
    told = telemetry.configure(settings, service="codec")
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    async with pool.connection() as connection:
        key = await keyring.derive(connection, LABEL)
    door = Door(
        Decoder(pool, keyring), key=key, namespace=settings.temporal_namespace,
        origins=asked, secure=tls is not None,
    )  # fmt: skip
    try:
        with Server(address, door, loop, tls) as server:
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
            thread = threading.Thread(target=server.serve_forever, daemon=True)
            thread.start()
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            click.echo(f"Payloads of namespace {settings.temporal_namespace} are opened at {'http' if tls is None else 'https'}://{host}:{server.server_port}")  # fmt: skip
            click.echo(f"Pages that may ask: {', '.join(sorted(asked)) or 'none, only the command line'}. Ctrl-C stops it.")  # fmt: skip
            await stop.wait()
            await asyncio.to_thread(server.shutdown)
        click.echo("Stopped.")
    finally:
        await pool.close()
        told.shutdown()


def _ui_of(temporal: str) -> tuple[str, ...]:
    """Where `offramp up` serves Temporal's UI: on the port after Temporal's own, if that is on this machine."""
    host, _, port = temporal.rpartition(":")
    return (f"http://{host}:{int(port) + 1}",) if host in _LOOPBACK else ()
