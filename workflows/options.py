"""Every timeout and retry policy of the workflows, by name and with its reason."""

from __future__ import annotations

from datetime import timedelta

from temporalio.common import RetryPolicy

LONGEST_SLEEP = timedelta(days=30)
"""A case wakes at least once a month, whatever it waits for: it then hears of a newer worker build and proves that it is alive."""
SHORTEST_SLEEP = timedelta(milliseconds=1)
"""For an instant that the clock has passed and no timer told of: it too is heard of from a timer, which history holds."""
COMMANDS_PER_RUN = 500
"""A run ends by continue-as-new after so many commands: its history stays small enough to replay in milliseconds.

Running cases replay under this number: it may be raised, but lowering it needs `workflow.patched`, as any change of the shell's course does.
"""
MOST_COMMANDS_PER_RUN = 1000
"""From here on a run no longer waits for deliveries under way: the next one takes them up. Temporal itself refuses the 2,001st update of a run."""
LONGEST_RUN = timedelta(days=365)
"""A run ends by continue-as-new after a year, so that no worker build is needed for longer than that."""

RECORD_AT_ONCE = timedelta(seconds=2)
"""One try inside the workflow task (a local activity): the usual way, one marker instead of six events."""
RECORD_TRY = timedelta(seconds=5)
RECORD_PATIENCE = timedelta(seconds=15)
"""How long a person waits for an answer while the ledger is out of reach, before hearing `LedgerUnavailable`."""
ONE_TRY = RetryPolicy(maximum_attempts=1)
RECORD_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=1.5, maximum_interval=timedelta(seconds=4)
)

RESTORE_AT_ONCE = timedelta(seconds=5)
RESTORE_TRY = timedelta(seconds=60)
FOR_EVER = RetryPolicy(
    initial_interval=timedelta(seconds=1), backoff_coefficient=2.0, maximum_interval=timedelta(minutes=1)
)
"""For what must happen sooner or later: a database outage is then a visible pending activity, never a lost step."""

STUCK_PAUSE = timedelta(minutes=10)
"""Between two tries of the engine's own commands that the ledger hears and does not take: a fault to mend, and no outage to wait out."""

DELIVERY_TRY = timedelta(seconds=60)
DELIVERY_PATIENCE = timedelta(hours=4)
"""How long a channel may stay down before the notice counts as failed and is owed to its reader by hand."""
DELIVERY_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=2), backoff_coefficient=2.0, maximum_interval=timedelta(minutes=10)
)
LEDGER_PROBE = timedelta(seconds=5)
