"""A codec server in the process of a test, and what is asked of it."""

from __future__ import annotations

import asyncio
import base64
import json
import ssl
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from activities.codec import Form
from activities.store.keys import ROOT, KeyRing, derived
from activities.store.pool import Pool
from starter.codec.decode import Decoder
from starter.codec.door import Door
from starter.codec.serve import Server
from starter.codec.token import LABEL, Token, issued

UI = "http://127.0.0.1:7401"
"""Where the UI would be served."""


@asynccontextmanager
async def codec_server(pool: Pool, keyring: KeyRing, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The server on a free port; its address."""
    async with pool.connection() as connection:
        key = await keyring.derive(connection, LABEL)
    # A server is a process of its own, with keys of its own in memory.
    own = KeyRing(keyring.program_key)
    door = Door(Decoder(pool, own), key=key, namespace="default", origins=frozenset({UI}), secure=tls is not None)
    with Server(("127.0.0.1", 0), door, asyncio.get_running_loop(), tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{server.server_port}"
        await asyncio.to_thread(server.shutdown)


def token(keyring: KeyRing, person: str, purpose: str = "supervision", *, ago: timedelta = timedelta()) -> str:
    """A token of that person for an hour, issued now or a while ago."""
    then = datetime.now(UTC) - ago
    until = then + timedelta(hours=1)
    root = keyring.held(ROOT)
    # Whoever forges has another secret.
    key = bytes(32) if root is None else derived(root, LABEL)
    return issued(key, Token(person, purpose, until), now=then)


def headers(bearer: str | None = None, **more: str) -> dict[str, str]:
    """What Temporal's command line sends beside the payloads."""
    given = {"Content-Type": "application/json", "X-Namespace": "default"}
    given |= {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    return given | {name.replace("_", "-"): value for name, value in more.items()}


def body(*forms: Form) -> bytes:
    """Payloads as they are sent."""
    payloads = [
        {"metadata": {name: base64.b64encode(value).decode() for name, value in one.metadata.items()}, "data": base64.b64encode(one.data).decode()}
        for one in forms
    ]  # fmt: skip
    return json.dumps({"payloads": payloads}).encode()


def told(answer: bytes) -> list[Any]:
    """What the payloads of an answer say; `sealed` for those that came back as they were."""
    found = []
    for one in json.loads(answer)["payloads"]:
        encoding = base64.b64decode(one["metadata"]["encoding"])
        found.append("sealed" if encoding == b"binary/encrypted" else json.loads(base64.b64decode(one["data"])))
    return found


def codes(answers: Sequence[bytes]) -> list[str]:
    """The codes of refusals; each of them has a reason and a cure."""
    found = [json.loads(one) for one in answers]
    assert all(len(one["why"].split()) > 3 and len(one["cure"].split()) > 1 for one in found)
    return [one["code"] for one in found]
