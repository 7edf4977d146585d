"""`offramp codec`: tokens for people, and a server that runs until it is stopped."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.starter.codec_rig import headers, told
from tests.starter.terminal import Offramp, opened


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("token", "--for", "supervision"), 2, "Say who acts"),
        (("token", "--as", "nobody", "--for", "supervision"), 3, "unknown_person"),
        (("token", "--as", "sofia", "--for", "To see"), 2, "purpose's code"),
        (("token", "--as", "sofia", "--for", "supervision", "--hours", "13"), 2, "1<=x<=12"),
        (("serve", "--listen", "0.0.0.0:7405"), 2, "in the clear"),
        (("serve", "--listen", "127.0.0.1"), 2, "HOST:PORT"),
        (("serve", "--listen", "127.0.0.1:99999"), 2, "HOST:PORT"),
        (("serve", "--ui-origin", "*"), 2, "scheme, a host"),
        (("serve", "--ui-origin", "http://127.0.0.1:7401/"), 2, "scheme, a host"),
        (("serve", "--tls-cert", __file__), 2, "go together"),
        (("serve", "--tls-cert", __file__, "--tls-key", __file__), 2, "no certificate"),
    ],
)
def test_what_cannot_be_is_told(offramp: Offramp, arguments: tuple[str, ...], code: int, words: str) -> None:
    """Each wrong use is named, with what is allowed."""
    done = offramp("codec", *arguments)

    assert (done.code, words in done.err) == (code, True), done.err


def test_a_taken_port_is_told(offramp: Offramp) -> None:
    """A second server on the port is refused in words."""
    with subprocess.Popen([sys.executable, "-c", LISTEN], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        done = offramp("codec", "serve", "--listen", f"127.0.0.1:{other.stdout.readline().strip()}")
        other.kill()

    assert done.code == 4
    assert "in use" in done.err


LISTEN = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); s.accept()"


def test_it_serves_until_it_is_stopped(offramp: Offramp, environment: dict[str, str], tmp_path: Path) -> None:
    """As a process of its own: a token from the command line opens a request, the log says no more than it may, and SIGTERM ends it well."""
    opened(offramp)
    given = offramp("codec", "token", "--as", "sofia", "--for", "supervision")
    command = [
        sys.executable,
        "-c",
        "from starter.cli import main; main()",
        "codec",
        "serve",
        "--listen",
        "127.0.0.1:0",
    ]
    with (tmp_path / "log").open("wb") as log, subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=log, text=True
    ) as running:  # fmt: skip
        assert running.stdout is not None
        where = re.search(r"http://\S+", running.stdout.readline())
        assert where is not None
        pages = running.stdout.readline()
        answer = httpx.post(f"{where[0]}/decode", content=b'{"payloads":[]}', headers=headers(given.out.strip()))
        running.send_signal(signal.SIGTERM)
        assert running.wait(20) == 0
        assert "Stopped." in running.stdout.read()

    assert (given.code, "sofia reads for supervision until" in given.err) == (0, True)
    assert (answer.status_code, told(answer.content)) == (200, [])
    assert environment["OFFRAMP_TEMPORAL_ADDRESS"].rpartition(":")[0] in pages
    logged = (tmp_path / "log").read_text()
    assert "code=ok" in logged
    assert "sofia" not in logged
