"""A small process beside the stack: when the stack dies without a word, it stops what the stack had started.

It holds the reading end of a pipe whose other end only the stack has. The end of the pipe is the end of the stack, however
that came; this works on every system and from any thread, which a parent-death signal does not. Usage:
`python -m starter.stack.guard SESSION.json`, with the pipe as standard input.
"""

import fcntl
import signal
import sys
from pathlib import Path

from starter.stack.processes import end, read_records

STOP_SECONDS = 10.0


def main(session: Path) -> None:
    """Waits for the stack's end, then stops the processes recorded in its session, in the order of the record."""
    # Ctrl-C and a closed terminal are the stack's business; the guard ends with the stack.
    for ignored in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(ignored, signal.SIG_IGN)
    with (session.parent / "guard.lock").open("a", encoding="utf-8") as lock:
        # Shared: the next stack takes it for itself alone, and so waits until every guard is done.
        fcntl.flock(lock, fcntl.LOCK_SH)
        sys.stdout.write("watching\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
        for record in read_records(session):
            if process := record.process():
                end(process, stop_signal=record.stop_signal, seconds=STOP_SECONDS)
        session.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
