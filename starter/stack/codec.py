"""The codec server of the stack, as a process of its own: it opens payloads for Temporal's UI and command line."""

import http.client
import signal
import sys
from collections.abc import Mapping

from starter.stack.directory import Directory
from starter.stack.ports import LOOPBACK, Ports
from starter.stack.processes import Child, Keep
from starter.stack.workers import environment

READY_SECONDS = 60.0


def codec_address(ports: Ports) -> str:
    """Returns where it answers."""
    return f"http://{LOOPBACK}:{ports.codec}"


def start_codec(directory: Directory, *, ports: Ports, settings: Mapping[str, str], keep: Keep) -> Child:
    """Starts it for the stack's UI and returns when it answers. Raises StackError."""
    child = Child(
        "codec",
        [
            sys.executable, "-c", "from starter.cli import main; main()", "codec", "serve",
            "--listen", f"{LOOPBACK}:{ports.codec}", "--ui-origin", f"http://{LOOPBACK}:{ports.ui}",
        ],
        log=directory.logs / "codec.log",
        stop_signal=signal.SIGTERM,
        env=environment(settings),
        cwd=directory.path,
        keep=keep,
    )  # fmt: skip
    child.wait_until(lambda: _answers(ports.codec), seconds=READY_SECONDS)
    return child


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
    try:
        connection.request("GET", "/login")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
