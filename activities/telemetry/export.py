"""The way out for traces: OTLP over HTTP, filtered; and the one span that is made inside a workflow.

Loaded only when a collector is configured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace import Status
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, ReplaySafeTracerProvider, create_tracer_provider
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    HandleUpdateInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from activities.telemetry.allowed import is_allowed
from activities.telemetry.traces import PREFIX, span

EXPORT_SECONDS = 3.0
"""A collector that is down may cost a closing process no more than about this."""


class Filtered(SpanExporter):
    """Passes spans on with what may be said: attributes on the list, and of events and status no text."""

    def __init__(self, exporter: SpanExporter, resource: Resource) -> None:
        self._exporter = exporter
        self._resource = resource

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Export the filtered spans."""
        return self._exporter.export([self._said(one) for one in spans])

    def shutdown(self) -> None:
        """Close the exporter behind."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter behind."""
        return self._exporter.force_flush(timeout_millis)

    def _said(self, one: ReadableSpan) -> ReadableSpan:
        return ReadableSpan(
            name=one.name,
            context=one.context,
            parent=one.parent,
            resource=self._resource,
            attributes=_allowed(one.attributes or {}),
            events=[Event(event.name, {}, event.timestamp) for event in one.events],
            links=[trace.Link(link.context) for link in one.links],
            kind=one.kind,
            status=Status(one.status.status_code),
            start_time=one.start_time,
            end_time=one.end_time,
            instrumentation_scope=one.instrumentation_scope,
        )


def _allowed(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if is_allowed(name.removeprefix(PREFIX), value)}


class Outlet(SpanProcessor):
    """What the process's one tracer provider feeds. OpenTelemetry lets a provider be set once; this lets it be opened and closed."""

    def __init__(self) -> None:
        self._to: BatchSpanProcessor | None = None

    def open(self, *, endpoint: str, service: str, version: str) -> None:
        """Export to the collector from now on."""
        self.close()
        resource = Resource.create({"service.name": f"offramp-{service}", "service.version": version})
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=EXPORT_SECONDS)
        self._to = BatchSpanProcessor(Filtered(exporter, resource), schedule_delay_millis=1000)

    def close(self) -> None:
        """Send what is left, within `EXPORT_SECONDS`, and stop."""
        last, self._to = self._to, None
        if last is not None:
            last.shutdown()  # type: ignore[no-untyped-call]

    def on_end(self, span: ReadableSpan) -> None:
        """Pass a finished span on."""
        if self._to is not None:
            self._to.on_end(span)

    def on_start(self, span: Span, parent_context: Any = None) -> None:
        """Nothing is told about a span before it ends."""

    def shutdown(self) -> None:
        """The provider's end is the outlet's end."""
        self.close()


OUTLET = Outlet()


def provider() -> ReplaySafeTracerProvider:
    """The process's tracer provider, set once; Temporal's interceptor finds it there and keeps it quiet during replay."""
    found = trace.get_tracer_provider()
    if not isinstance(found, ReplaySafeTracerProvider):
        # The process closes its telemetry itself; a second closing at exit would wait for the collector again.
        found = create_tracer_provider(shutdown_on_exit=False)
        found.add_span_processor(OUTLET)
        trace.set_tracer_provider(found)
    return found


class _UpdateSpan(WorkflowInboundInterceptor):
    async def handle_update_handler(self, input: HandleUpdateInput) -> Any:  # noqa: A002 - the overridden method's name
        with span("update"):
            return await super().handle_update_handler(input)


class UpdateSpans(Interceptor):
    """Makes the span `update` around the handling of a command in the workflow, replay-safe."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002
        """The interceptor of a workflow's inbound calls."""
        return _UpdateSpan


def plugins() -> list[SimplePlugin]:
    """For the client alone: a worker made from it inherits them. First comes what carries the trace over, then our span within it."""
    return [OpenTelemetryPlugin(add_temporal_spans=False), SimplePlugin("offramp-traces", interceptors=[UpdateSpans()])]
