"""One call at the start of a process turns telemetry on; one at its end sends what is left."""

from __future__ import annotations

import logging
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from activities.settings import Settings, SettingsError
from activities.telemetry import metrics, traces

if TYPE_CHECKING:
    from temporalio.plugin import SimplePlugin
    from temporalio.runtime import OpenTelemetryConfig, PrometheusConfig, Runtime

    from activities.telemetry.logs import Handler

Service = Literal["worker", "cli", "stack", "codec"]


class Telemetry:
    """The telemetry of this process. `client_plugins` go to `Client.connect(plugins=)`, `runtime` to `Client.connect(runtime=)`."""

    def __init__(
        self, settings: Settings, *, service: str, handler: Handler, client_plugins: list[SimplePlugin]
    ) -> None:
        self.client_plugins = client_plugins
        self._settings = settings
        self._service = service
        self._handler = handler

    @cached_property
    def runtime(self) -> Runtime:
        """Temporal's runtime: its own metrics and ours go out by it, its log comes into ours. Made when first asked for.

        Raises:
            SettingsError: the address for metrics cannot be served.
        """
        from temporalio.runtime import LogForwardingConfig, LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

        forwarding = LogForwardingConfig(
            logging.getLogger("temporalio.core"),
            append_target_to_name=False,
            prepend_target_on_message=False,
            append_log_fields_to_message=False,
        )
        logs = LoggingConfig(filter=TelemetryFilter(core_level="WARN", other_level="ERROR"), forwarding=forwarding)
        try:
            return Runtime(
                telemetry=TelemetryConfig(
                    logging=logs, metrics=self._metrics(), global_tags={"service": f"offramp-{self._service}"}
                )
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise SettingsError(
                f"Metrics cannot be exported (OFFRAMP_METRICS_ADDRESS or OFFRAMP_OTLP_ENDPOINT): {type(error).__name__}.",
                "Is the address free on this machine and written as host:port? Choose another, or unset it.",
            ) from error

    def _metrics(self) -> PrometheusConfig | OpenTelemetryConfig | None:
        from temporalio.runtime import OpenTelemetryConfig, PrometheusConfig

        if not self.exports_metrics:
            return None
        if self._settings.metrics_address is not None:
            return PrometheusConfig(
                bind_address=self._settings.metrics_address, counters_total_suffix=True, unit_suffix=True,
                durations_as_seconds=True, histogram_bucket_overrides=metrics.BUCKETS,
            )  # fmt: skip
        url = f"{(self._settings.otlp_endpoint or '').rstrip('/')}/v1/metrics"
        return OpenTelemetryConfig(
            url=url, http=True, durations_as_seconds=True, histogram_bucket_overrides=metrics.BUCKETS
        )

    @property
    def exports_metrics(self) -> bool:
        """Whether metrics leave this process: a worker's, to whoever scrapes its address, or else to the collector."""
        return self._service == "worker" and (
            self._settings.metrics_address is not None or self._settings.otlp_endpoint is not None
        )

    def shutdown(self) -> None:
        """Send what is left (waiting a few seconds at most if the collector is down), then be silent."""
        traces.trace_with(None)
        metrics.send_to(None)
        if self._settings.otlp_endpoint is not None:
            from activities.telemetry.export import OUTLET

            OUTLET.close()
        logging.getLogger().removeHandler(self._handler)


def configure(settings: Settings, *, service: Service) -> Telemetry:
    """Set up logs, and where configured traces and metrics, for this process.

    Raises:
        SettingsError: something is configured that cannot work.
    """
    from activities.telemetry.logs import configure_logs

    handler = configure_logs(
        service=service, level=settings.log_level, form=settings.log_format, where=traces.current_ids
    )
    client_plugins: list[SimplePlugin] = []
    if settings.otlp_endpoint is not None:
        from activities.telemetry import export

        export.OUTLET.open(endpoint=settings.otlp_endpoint, service=service, version=_version())
        traces.trace_with(export.provider().get_tracer("offramp"))
        client_plugins = export.plugins()
    telemetry = Telemetry(settings, service=service, handler=handler, client_plugins=client_plugins)
    try:
        if telemetry.exports_metrics:
            metrics.send_to(telemetry.runtime.metric_meter)
    except SettingsError:
        telemetry.shutdown()
        raise
    return telemetry


def _version() -> str:
    try:
        return version("offramp")
    except PackageNotFoundError:
        return "unknown"
