"""What Offramp tells its operators about itself: logs, traces and metrics, by a list of what may be said.

Whatever is not on the lists of `allowed.py` is dropped and counted, so that content of a case cannot leave by this door, not even in the text
of an exception. Nothing is exported unless it is configured; then `span` and the recorders cost next to nothing.

    telemetry = configure(settings, service="worker")
    client = await Client.connect(..., plugins=telemetry.client_plugins, runtime=telemetry.runtime)
    with span("record", command_type="keep_check_in") as told: ...
    telemetry.shutdown()
"""

from activities.telemetry.configure import Telemetry, configure
from activities.telemetry.metrics import (
    case_begun_again,
    command_recorded,
    delivery_finished,
    escalated,
    keys_missing,
    ledger_forked,
    ledger_latency,
    obligations_due,
    obligations_orphaned,
    runs_unkept,
)
from activities.telemetry.traces import Told, finished_span, span

__all__ = [
    "Telemetry",
    "Told",
    "case_begun_again",
    "command_recorded",
    "configure",
    "delivery_finished",
    "escalated",
    "finished_span",
    "keys_missing",
    "ledger_forked",
    "ledger_latency",
    "obligations_due",
    "obligations_orphaned",
    "runs_unkept",
    "span",
]
