"""The log: structlog and the standard library's logging through one chain, with a list of fields.

Our own lines carry a fixed sentence and fields from the list. A line of a library is kept as the template that its author wrote, never
with the arguments filled in (`error connecting in %r: %s` stays so): arguments are where addresses and values stand. Of
an exception only the types and the places in the code are told; its text may quote a row or a message.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, Literal

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from activities.telemetry import metrics
from activities.telemetry.allowed import is_allowed

KEPT = frozenset({
    "event",
    "level",
    "timestamp",
    "logger",
    "service",
    "exc_info",
    "_record",
    "_from_structlog",
    "trace_id",
    "span_id",
})
"""What the chain itself puts into a line."""
QUIET = ("httpx", "httpcore", "asyncio", "opentelemetry", "urllib3", "aiosmtplib")
"""Libraries that report their daily work at the level `info`: heard from `warning` on."""
LONGEST_LINE = 200
INNERMOST_FRAMES = 8


class Handler(logging.Handler):
    """Offramp's one handler of the root logger; a second `configure` replaces it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line to standard error, as it is now: it may have been redirected since."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - what logging itself prescribes: a line that cannot be said never stops the work
            self.handleError(record)


def configure_logs(
    *, service: str, level: str, form: Literal["json", "console"], where: Callable[[], tuple[str, str] | None]
) -> Handler:
    """Route structlog and standard logging to standard error. `where` gives the ids of the current trace and span, if any.

    Standard error, always: standard output belongs to the answer of a command.
    """
    chain = _chain(service, where)
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *chain, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = Handler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[_template_only, structlog.stdlib.ExtraAdder(), _flatten_temporal, *chain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(form)],
        )
    )
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, Handler)]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    _quiet_temporal()
    return handler


def _chain(service: str, where: Callable[[], tuple[str, str] | None]) -> list[Processor]:
    def add_place(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event.pop("trace_id", None), event.pop("span_id", None)
        found = where()
        if found is not None:
            event["trace_id"], event["span_id"] = found
        event["service"] = service
        return event

    return [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_place,
        only_allowed_fields,
        types_and_places,
    ]


def _renderer(form: Literal["json", "console"]) -> Processor:
    if form == "json":
        return structlog.processors.JSONRenderer(sort_keys=True)
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())


def only_allowed_fields(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Keep the fields on the list; drop the others and say how many (a dropped field is a bug to find, not to print)."""
    kept = {name: value for name, value in event.items() if name in KEPT or is_allowed(name, value)}
    if dropped := len(event) - len(kept):
        kept["dropped"] = dropped
        metrics.fields_dropped(dropped)
    return kept


def types_and_places(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its types, outermost first, and the innermost places in the code. Its text is never told."""
    error = _exception(event.pop("exc_info", None))
    if error is not None:
        event["error"] = " <- ".join(_types(error))
        event["places"] = _places(error.__traceback__)
    return event


def _exception(given: object) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    found = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given else None
    return found if isinstance(found, BaseException) else None


def _types(error: BaseException) -> list[str]:
    names: list[str] = []
    link: BaseException | None = error
    while link is not None and len(names) < INNERMOST_FRAMES:
        names.append(f"{type(link).__module__}.{type(link).__qualname__}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return names


def _places(traceback: TracebackType | None) -> list[str]:
    places = []
    while traceback is not None:
        places.append(f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return places[-INNERMOST_FRAMES:]


def _template_only(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    record = event.get("_record")
    if isinstance(record, logging.LogRecord):
        # The first line alone: asyncio and others append the representation of whatever failed.
        event["event"] = (str(record.msg).splitlines() or [""])[0][:LONGEST_LINE]
        if record.exc_info:
            event["exc_info"] = record.exc_info
    event.pop("positional_args", None)
    return event


def _flatten_temporal(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Temporal's loggers attach one mapping of ids; those on our list become fields of their own. Core's own mapping goes."""
    # `message` and `asctime` are what another handler's formatter left on the record: the arguments filled in.
    for name in ("temporal_log", "message", "asctime"):
        event.pop(name, None)
    for name in ("temporal_workflow", "temporal_activity"):
        found = event.pop(name, None)
        if isinstance(found, Mapping):
            _add_ids(event, found)
    return event


def _add_ids(event: MutableMapping[str, Any], ids: Mapping[str, Any]) -> None:
    for name in (
        "workflow_id",
        "workflow_run_id",
        "run_id",
        "workflow_type",
        "activity_type",
        "attempt",
        "task_queue",
        "namespace",
    ):
        if name in ids:
            event.setdefault("run_id" if name == "workflow_run_id" else name, ids[name])


def _quiet_temporal() -> None:
    """Temporal would append the ids to the sentence as well; they are fields already."""
    import temporalio.activity
    import temporalio.workflow

    temporalio.activity.logger.activity_info_on_message = False
    temporalio.workflow.logger.workflow_info_on_message = False
