"""Traces that follow one command from the command line to the commit: `cli.submit` → `update` → `record` → `commit`.

Only when a collector is configured is OpenTelemetry's machinery loaded; before that `span` is a plain yield. What leaves
the process is filtered once more, span by span: attributes by the list, of events and errors the type alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from activities.telemetry import metrics
from activities.telemetry.allowed import Value, is_allowed

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

PREFIX = "offramp."


class Told:
    """What is told about the current span; on an unconfigured process it is told to nobody."""

    def __init__(self, span: Span | None) -> None:
        self._span = span

    def tell(self, **attributes: Value | None) -> None:
        """Add attributes. None is left out; what is not on the list is dropped and counted."""
        if self._span is None:
            return
        for name, value in attributes.items():
            if value is not None and is_allowed(name, value):
                self._span.set_attribute(f"{PREFIX}{name}", value)
            elif value is not None:
                metrics.fields_dropped(1)


class _Source:
    """The tracer of this process; None traces nothing."""

    tracer: Tracer | None = None


_NOBODY = Told(None)


def trace_with(tracer: Tracer | None) -> None:
    """Trace with this tracer from now on; None turns `span` off."""
    _Source.tracer = tracer


@contextmanager
def span(name: str, **attributes: Value | None) -> Iterator[Told]:
    """Time a step of a command's way. An exception passes through; the span keeps its type alone, never its text."""
    if _Source.tracer is None:
        yield _NOBODY
        return
    with _Source.tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as current:
        told = Told(current)
        told.tell(**attributes)
        try:
            yield told
        except BaseException as error:
            _mark_failed(current, told, error)
            raise


def finished_span(name: str, *, began_ns: int, **attributes: Value | None) -> None:
    """Tell of a step that ends now and began at `began_ns` (`time.time_ns()`): for what no block of code encloses, as a commit."""
    if _Source.tracer is None:
        return
    current = _Source.tracer.start_span(name, start_time=began_ns)
    Told(current).tell(**attributes)
    current.end()


def _mark_failed(current: Span, told: Told, error: BaseException) -> None:
    from opentelemetry.trace import Status, StatusCode

    told.tell(error_type=getattr(error, "type", None) or type(error).__name__)
    current.set_status(Status(StatusCode.ERROR))


def current_ids() -> tuple[str, str] | None:
    """The ids of the current trace and span in hexadecimal, so that a line of the log can be found from a trace."""
    if _Source.tracer is None:
        return None
    from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

    context = get_current_span().get_span_context()
    return (format_trace_id(context.trace_id), format_span_id(context.span_id)) if context.is_valid else None
