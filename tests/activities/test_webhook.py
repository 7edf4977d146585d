"""The channel for other systems, against a real HTTP server on loopback."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from activities.channels.message import ChannelDown, ChannelRefused
from activities.channels.webhook import WebhookChannel
from tests.activities.examples import SECRET, message, settings


class Hook:
    """A receiver that answers as it is told and keeps what it got."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.release = threading.Event()
        self.release.set()
        self.url = ""


@contextmanager
def serving(hook: Hook) -> Iterator[Hook]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            hook.release.wait(timeout=10)
            hook.calls.append((dict(self.headers), body))
            self.send_response(hook.status)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden method's name
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    hook.url = f"http://127.0.0.1:{server.server_port}/offramp"
    try:
        yield hook
    finally:
        hook.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


def channel(tmp_path: Path, url: str, **values: object) -> WebhookChannel:
    return WebhookChannel(settings(tmp_path, webhook_url=url, webhook_secret=SECRET, **values))


async def test_a_receiver_can_prove_who_sent_the_body(tmp_path: Path) -> None:
    """The signature covers the timestamp and the body as sent, under the shared secret."""
    with serving(Hook()) as hook:
        await channel(tmp_path, hook.url).deliver(message())
    headers, body = hook.calls[0]
    expected = hmac.new(
        SECRET.encode(), headers["Offramp-Timestamp"].encode() + b"." + body, hashlib.sha256
    ).hexdigest()

    assert headers["Offramp-Signature"] == f"v1={expected}"
    assert abs(int(headers["Offramp-Timestamp"]) - time.time()) < 60


async def test_the_body_carries_codes_and_words_and_nothing_else(tmp_path: Path) -> None:
    """What leaves is the list of fields here; a new one is a decision."""
    one = message()
    with serving(Hook()) as hook:
        await channel(tmp_path, hook.url).deliver(one)

    assert json.loads(hook.calls[0][1]) == {
        "address": one.address, "case": one.stream, "key": "7/1", "kind": "check_in", "language": "en", "level": 1, "link": one.link,
        "person": "nadia.k", "subject": one.subject, "template": "remind", "text": one.text,
    }  # fmt: skip


async def test_a_repetition_carries_the_same_key(tmp_path: Path) -> None:
    """A receiver can drop the duplicate of a notice by its Idempotency-Key, which is also the proof."""
    with serving(Hook()) as hook:
        hooked = channel(tmp_path, hook.url)
        proofs = [await hooked.deliver(one) for one in (message(), message(), message(key="7/2"))]

    assert [headers["Idempotency-Key"] for headers, _ in hook.calls] == proofs
    assert proofs[0] == proofs[1] != proofs[2]


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_any_success_is_a_delivery(tmp_path: Path, status: int) -> None:
    """Every 2xx counts as delivered."""
    with serving(Hook(status)) as hook:
        assert await channel(tmp_path, hook.url).deliver(message()) == message().token


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (301, ChannelRefused), (307, ChannelRefused), (400, ChannelRefused), (401, ChannelRefused), (404, ChannelRefused), (410, ChannelRefused),
        (408, ChannelDown), (429, ChannelDown), (500, ChannelDown), (503, ChannelDown),
    ],
)  # fmt: skip
async def test_a_receivers_answer_decides_whether_it_is_tried_again(
    tmp_path: Path, status: int, error: type[Exception]
) -> None:
    """5xx and a request to wait are tried again; redirects are not followed, and what is refused stays refused."""
    with serving(Hook(status)) as hook, pytest.raises(error, match=f"^webhook_{status}$"):
        await channel(tmp_path, hook.url).deliver(message())

    assert len(hook.calls) == 1


async def test_a_receiver_that_is_away_is_down(tmp_path: Path) -> None:
    """A receiver that does not answer is a channel that is down, and its address is not told."""
    with serving(Hook()) as hook:
        gone = hook.url

    with pytest.raises(ChannelDown, match=r"^webhook_unreachable$") as caught:
        await channel(tmp_path, gone).deliver(message())
    assert caught.value.__suppress_context__


async def test_a_slow_receiver_is_given_up_in_time(tmp_path: Path) -> None:
    """A receiver that never finishes holds an attempt no longer than the settings say."""
    with serving(Hook()) as hook:
        hook.release.clear()
        with pytest.raises(ChannelDown, match=r"^webhook_timeout$"):
            await channel(tmp_path, hook.url, webhook_timeout=0.3).deliver(message())
