"""A witness as a server: two questions over HTTP, answered one after the other, within bounds. TLS is the business of whatever stands before it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

from activities.store.refused import StoreRefused
from starter.witness.cosign import Answer, Witness
from workflows.core.checkpoint import MOST_BYTES

_MOST_BODY = MOST_BYTES + 8 * 1024
_DIGITS = 7
_PATIENCE_SECONDS = 10
_ADD, _LAST = "/add-checkpoint", "/checkpoint/"


class Server(ThreadingHTTPServer):
    """Serves one witness on a host and port (0: a free one) until it is shut down."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        super().__init__(address, _Handler)

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the library's signature
        """Tell the kind of error alone; whoever asked is not quoted."""
        _say(f"not answered: {type(sys.exception()).__name__}")


class _Handler(BaseHTTPRequestHandler):
    server: Server
    timeout = _PATIENCE_SECONDS
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "offramp-witness", ""

    def do_POST(self) -> None:
        length, *others = self.headers.get_all("Content-Length", [""])
        plain = length.isascii() and length.isdigit() and len(length) <= _DIGITS and not others
        if not plain or int(length) > _MOST_BODY or "Transfer-Encoding" in self.headers:
            # What is not read, or is read by somebody before this server to another end, would be taken for the next request.
            self.close_connection = True
            self._answer(Answer(413, f"a body has a length, of at most {_MOST_BODY} bytes\n", "too_long"))
            return
        body = self.rfile.read(int(length))
        if self.path == _ADD:
            self._answer(self._asked(lambda: self.server.witness.add_checkpoint(body)))
        else:
            self._answer(Answer(404, f"POST goes to {_ADD}\n", "unknown_path"))

    def do_GET(self) -> None:
        if self.path.startswith(_LAST):
            origin = unquote(self.path.removeprefix(_LAST))
            self._answer(self._asked(lambda: self.server.witness.last(origin)))
        else:
            self._answer(Answer(404, f"GET goes to {_LAST}NAME-OF-THE-LOG\n", "unknown_path"))

    def _asked(self, question: Callable[[], Answer]) -> Answer:
        try:
            return question()
        except (StoreRefused, OSError) as error:
            _say(
                str(error)
                if isinstance(error, StoreRefused)
                else f"the state cannot be written: {type(error).__name__}"
            )
            return Answer(500, "this witness cannot answer\n", "unable")

    def _answer(self, answer: Answer) -> None:
        body = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        _say(answer.told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Nothing: each answer is told in a word, and who asked is nobody's business."""


def _say(what: str) -> None:
    sys.stderr.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {what}\n")
    sys.stderr.flush()
