"""The codec server's sockets: one request a connection, read within bounds of size and time, and handed to the one loop that asks the database."""

from __future__ import annotations

import asyncio
import socket
import ssl
import sys
import threading
import time
from concurrent.futures import TimeoutError as Late
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import structlog

from starter.codec.door import Answer, Door, Request, refusal
from workflows.core.refusal import Refused

MOST_BYTES = 4 * 1024 * 1024
MOST_CONNECTIONS = 64
CONNECTION_SECONDS = 15.0
"""From the first byte to the last, however it trickles."""
ANSWER_SECONDS = 10.0
_ALWAYS = (("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Connection", "close"))
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\nConnection: close\r\n\r\n"


class Server(ThreadingHTTPServer):
    """Serves a door on a host and port (0: a free one) until it is shut down.

    Args:
        address: host and port.
        door: answers each request.
        loop: runs meanwhile, in another thread; the door's database is used there alone.
        tls: certificate and key; None where something before it does that, or only this machine asks.
    """

    daemon_threads = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(
        self,
        address: tuple[str, int],
        door: Door,
        loop: asyncio.AbstractEventLoop,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.door, self.loop = door, loop
        self._until: dict[socket.socket, float] = {}
        self._counting = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)
        if tls is not None:
            # The handshake is the business of a connection's own thread: at the accept, one silent client would stop everybody.
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def verify_request(self, request: Any, client_address: Any) -> bool:  # noqa: ARG002 - the library's signature
        """Whether there is room; whoever finds none is told so, if they listen before they speak, and else cut off."""
        with self._counting:
            if len(self._until) < MOST_CONNECTIONS:
                self._until[request] = time.monotonic() + CONNECTION_SECONDS
                return True
        request.settimeout(0)
        with suppress(OSError, ValueError):
            request.send(_BUSY)
        return False

    def shutdown_request(self, request: Any) -> None:
        """Close a connection, and forget it."""
        with self._counting:
            self._until.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Cut off whoever takes too long."""
        now = time.monotonic()
        with self._counting:
            overdue = [one for one, until in self._until.items() if until < now]
        for one in overdue:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the library's signature
        """Tell the kind of error alone; whoever asked is not quoted."""
        structlog.get_logger("offramp.codec").info("not answered", error_type=type(sys.exception()).__name__)


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = CONNECTION_SECONDS
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "offramp-codec", ""

    def do_POST(self) -> None:
        lengths = self.headers.get_all("Content-Length", [])
        length = lengths[0] if len(lengths) == 1 and "Transfer-Encoding" not in self.headers else ""
        if not (length.isascii() and length.isdigit() and len(length) < 10) or int(length) > MOST_BYTES:
            what = f"a body has one length, of at most {MOST_BYTES} bytes"
            self._answer(refusal(413, Refused("too_long", what, "send fewer payloads at once")))
            self._drain()
            return
        body = self.rfile.read(int(length))
        if len(body) == int(length):
            self._answered(body)

    def do_GET(self) -> None:
        self._answered(b"")

    def do_HEAD(self) -> None:
        self._answered(b"")

    def do_OPTIONS(self) -> None:
        self._answered(b"")

    def _answered(self, body: bytes) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        question = self.server.door.answer(Request(self.command, self.path, headers, body))
        waiting = asyncio.run_coroutine_threadsafe(question, self.server.loop)
        try:
            self._answer(waiting.result(ANSWER_SECONDS))
        except Late:
            waiting.cancel()
            self._answer(refusal(503, Refused("too_late", "no answer could be had in time", "try again")))

    def _answer(self, answer: Answer) -> None:
        self.close_connection = True
        self.send_response(answer.status)
        for name, value in (*answer.headers, *_ALWAYS):
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def _drain(self) -> None:
        """Read what nobody wants: a connection that is closed before would take the answer with it."""
        self.connection.shutdown(socket.SHUT_WR)
        left = 4 * MOST_BYTES
        while left > 0 and (got := len(self.rfile.read1(1 << 16))):
            left -= got

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - the library's signature
        """What the library itself refuses, in our own form: nothing of what came is repeated."""
        self.command = getattr(self, "command", None) or "GET"
        self.request_version = getattr(self, "request_version", "") or "HTTP/1.0"
        what = "this is no request that the server understands"
        self._answer(refusal(code, Refused("bad_request", what, "see Temporal's protocol of codec servers")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Nothing: the door tells of each answer by the list of what may be said."""
