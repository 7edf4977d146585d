"""Metrics: one short function for each thing worth counting. Silent until `configure` is given somewhere to send them.

They travel the same way as Temporal's own metrics (its runtime exports both), so one setting and one scrape serve all. Names
begin with `offramp_`; labels are codes of the engine and of programs, never an id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from activities.telemetry.allowed import is_word

if TYPE_CHECKING:
    from temporalio.common import MetricMeter

DAY = 86_400.0
BUCKETS: dict[str, tuple[float, ...]] = {
    "offramp_command_seconds": (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0),
    "offramp_ledger_seconds": (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0),
    "offramp_lateness_seconds": (1.0, 10.0, 60.0, 600.0, 3600.0, 6 * 3600.0, DAY, 3 * DAY, 7 * DAY, 30 * DAY),
}
"""Upper bounds of the histograms, in seconds."""


class Instruments:
    """The instruments on one meter."""

    def __init__(self, meter: MetricMeter) -> None:
        self.commands = meter.create_counter("offramp_commands", "Commands answered, by stored type and outcome")
        self.command_seconds = meter.create_histogram_float("offramp_command_seconds", "From the door to the commit")
        self.ledger_seconds = meter.create_histogram_float("offramp_ledger_seconds", "One transaction of the ledger")
        self.forks = meter.create_counter(
            "offramp_ledger_forks", "Times that the ledger and a case disagreed about the past"
        )
        self.escalations = meter.create_counter("offramp_escalations", "Rungs fired, by kind of obligation")
        self.lateness = meter.create_histogram_float(
            "offramp_lateness_seconds", "How long after its instant a rung fired"
        )
        self.due = meter.create_gauge("offramp_obligations_due", "Open obligations past their due instant, by kind")
        self.orphaned = meter.create_gauge(
            "offramp_orphaned_obligations", "Open obligations that nobody who is here owes"
        )
        self.unkept = meter.create_gauge("offramp_runs_unkept", "Workflow runs that have ended and are not kept yet")
        self.unkept_share = meter.create_gauge_float(
            "offramp_runs_unkept_share",
            "How much of Temporal's retention has passed for the oldest of them; 1: it is lost",
        )
        self.begun_again = meter.create_counter(
            "offramp_cases_begun_again",
            "Cases whose workflow run was gone or could not go on, begun again from the ledger",
        )
        self.keyless = meter.create_gauge(
            "offramp_keys_missing", "Streams whose key is gone though nobody had them erased"
        )
        self.deliveries = meter.create_counter("offramp_deliveries", "Notices, by effect, channel and outcome")
        self.dropped = meter.create_counter(
            "offramp_log_fields_dropped", "Fields of log lines and spans that may not be said"
        )


class _Sink:
    """Where the recorders of this process send; None sends nowhere."""

    instruments: Instruments | None = None


def send_to(meter: MetricMeter | None) -> None:
    """Send to this meter from now on; None turns the recorders off."""
    _Sink.instruments = None if meter is None else Instruments(meter)


def command_recorded(command_type: str, outcome: str, seconds: float) -> None:
    """A command was answered: `outcome` is `accepted`, `refused`, `repeated` or the type of an error."""
    if (to := _Sink.instruments) is not None:
        # The type is the sender's word until the command is understood.
        labels = {"command_type": command_type if is_word(command_type) else "other", "outcome": outcome}
        to.commands.add(1, labels)
        to.command_seconds.record(seconds, labels)


def ledger_latency(operation: str, seconds: float) -> None:
    """A transaction of the ledger took so long: `operation` is `record` or `restore`."""
    if (to := _Sink.instruments) is not None:
        to.ledger_seconds.record(seconds, {"operation": operation})


def ledger_forked(operation: str) -> None:
    """The ledger and a case disagree about the past: `operation` is `record` or `restore`. The case is stopped; somebody must look."""
    if (to := _Sink.instruments) is not None:
        to.forks.add(1, {"operation": operation})


def escalated(kind: str, late_seconds: float) -> None:
    """A rung of an obligation of this kind fired, so long after its instant."""
    if (to := _Sink.instruments) is not None:
        to.escalations.add(1, {"kind": kind})
        to.lateness.record(late_seconds, {"kind": kind})


def obligations_due(counts: Mapping[str, int]) -> None:
    """So many obligations are past their due instant now, by kind. Give every kind, also those with none."""
    if (to := _Sink.instruments) is not None:
        for kind, count in counts.items():
            to.due.set(count, {"kind": kind})


def obligations_orphaned(count: int) -> None:
    """So many open obligations are owed by a person who is not here now, or by a role that nobody holds."""
    if (to := _Sink.instruments) is not None:
        to.orphaned.set(count)


def runs_unkept(count: int, share: float) -> None:
    """So many workflow runs have ended and are not kept yet; for the oldest of them this share of Temporal's retention has passed."""
    if (to := _Sink.instruments) is not None:
        to.unkept.set(count)
        to.unkept_share.set(share)


def case_begun_again(reason: str) -> None:
    """A case was begun again from the ledger: its run was `gone`, was `stuck`, or was `displaced` by somebody."""
    if (to := _Sink.instruments) is not None:
        to.begun_again.add(1, {"reason": reason})


def keys_missing(count: int) -> None:
    """How many streams cannot be read, because their key is gone though nobody had them erased."""
    if _Sink.instruments is not None:
        _Sink.instruments.keyless.set(count)


def delivery_finished(effect: str, channel: str, outcome: str) -> None:
    """An effect reported: `outcome` is `delivered`, `down` (will be tried again) or `failed`."""
    if (to := _Sink.instruments) is not None:
        to.deliveries.add(1, {"effect": effect, "channel": channel, "outcome": outcome})


def fields_dropped(count: int) -> None:
    """So many fields were dropped because they may not be said."""
    if (to := _Sink.instruments) is not None:
        to.dropped.add(count)
