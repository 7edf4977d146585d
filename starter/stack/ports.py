"""Which ports of 127.0.0.1 the stack uses, and who is in the way."""

import random
import socket
from contextlib import ExitStack
from dataclasses import asdict, astuple, dataclass
from typing import Self

import psutil

from starter.stack.problem import StackError

LOOPBACK = "127.0.0.1"
DEFAULT_BASE = 7400
# Below the range from which systems take ports for outgoing connections: what was free stays free over a restart.
FREE_FROM, FREE_TO = 20000, 32000
ATTEMPTS = 50


@dataclass(frozen=True, kw_only=True)
class Ports:
    """One port for each thing that listens."""

    temporal: int
    ui: int
    postgres: int
    temporal_http: int
    temporal_metrics: int
    codec: int

    @classmethod
    def from_base(cls, base: int = DEFAULT_BASE) -> Self:
        """Returns the six ports from `base` on, in the order in which they are declared.

        Raises StackError if they are no ports that an ordinary user may open.
        """
        if not 1024 <= base <= 65530:
            raise StackError(
                f"Port base {base} is out of range: the stack uses six ports from there on, between 1024 and 65535.",
                f"Choose one between 1024 and 65530, for example --port-base {DEFAULT_BASE}.",
            )
        return cls(
            temporal=base, ui=base + 1, postgres=base + 2, temporal_http=base + 3, temporal_metrics=base + 4, codec=base + 5
        )  # fmt: skip

    @classmethod
    def free(cls) -> Self:
        """Returns six ports in a row that nobody listens on at this moment."""
        for _ in range(ATTEMPTS):
            ports = cls.from_base(random.SystemRandom().randrange(FREE_FROM, FREE_TO))
            if not any(_taken(port) for port in astuple(ports)):
                return ports
        raise StackError(
            f"No six free ports in a row were found between {FREE_FROM} and {FREE_TO}.",
            "Stop what listens there, or name ports with --port-base N.",
        )

    def check(self) -> None:
        """Raises StackError naming the first port that is in use, by whom, and the way out."""
        for name, port in asdict(self).items():
            if _taken(port):
                raise StackError(
                    f"Port {port} (for {name.replace('_', ' ')}) is in use{_user_of(port)}.",
                    f"Stop what uses it, or choose others: --port-base {self._elsewhere()}.",
                )

    def _elsewhere(self) -> int:
        try:
            return Ports.free().temporal
        except StackError:
            return DEFAULT_BASE


def _taken(port: int) -> bool:
    with ExitStack() as sockets:
        probe = sockets.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        # Else a connection that was just closed there would look like somebody listening.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
    return False


def _user_of(port: int) -> str:
    """Names the process that listens on a port, as far as this user may know it."""
    try:
        listeners = [found for found in psutil.net_connections("tcp") if found.status == psutil.CONN_LISTEN]
        owners = {found.pid for found in listeners if found.pid and found.laddr and found.laddr[1] == port}
        return "".join(f" by process {pid} ({psutil.Process(pid).name()})" for pid in sorted(owners))
    except psutil.Error:
        return ""
