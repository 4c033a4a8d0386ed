"""Traces: a span for each call by OpenTelemetry's own instrumentation, and below it what we know.

    /ocr.v1.OcrService/Recognize    goes on with the caller's traceparent
      reply                         one for each item of a batch and page of a document
        queue, decode, preprocess, recognize, find_entities

This module is imported only where a collector is named. Its address, certificates, headers and the
sampling come from the standard variables: https://opentelemetry.io/docs/specs/otel/configuration/.
"""

import logging
import threading
import time
from collections.abc import MutableMapping, Sequence
from importlib.metadata import version
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.grpc import aio_server_interceptor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from typing_extensions import override

from ocr_service.observation import OTHER, Observation, method_name

_NAME = "ocr-service"
_LAST_SECONDS = 2.0

log = structlog.get_logger()


class Tracing:
    """Makes spans and sends them, in a thread of its own, to a collector."""

    def __init__(self) -> None:
        ours = Resource({"service.name": _NAME, "service.version": version(_NAME)})
        named = Resource.create()
        unnamed = str(named.attributes["service.name"]).startswith("unknown_service")
        self._exporter = _Exporter()
        self._provider = TracerProvider(
            resource=named.merge(ours) if unnamed else ours.merge(named),
            span_limits=SpanLimits(max_events=0),  # they would hold the texts of exceptions
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(self._exporter))
        self._tracer = self._provider.get_tracer(_NAME)
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # `_Exporter` says it once
        structlog.configure(processors=[_add_ids, *structlog.get_config()["processors"]])

    def interceptor(self) -> Any:
        """A server's outermost interceptor."""
        return aio_server_interceptor(self._provider, filter_=_is_ours)  # type: ignore[no-untyped-call]

    def reply(self, seen: Observation, began: float) -> None:
        """Add the spans of a reply to the call of this task.

        How long each stage took is told for all pages together, so the spans stand one after the
        other, as the stages of one page do, and ``ocr.seconds`` is what a stage took. Where several
        workers read pages at once that is more than has passed, and the spans are made to fit.

        Args:
            seen: The reply, made this moment.
            began: When work on it began, by the monotonic clock.
        """
        end = time.time_ns()
        start = end - round((time.monotonic() - began) * 1e9)
        span = self._tracer.start_span("reply", start_time=start)
        for name in ("engine", "pages", "cache"):
            if value := getattr(seen, name):
                span.set_attribute(f"ocr.{name}", value)
        within = trace.set_span_in_context(span)
        shrunk = min(1e9, (end - start) / (sum(seen.stages.values()) or 1))
        for stage, seconds in seen.stages.items():
            stage_span = self._tracer.start_span(stage, within, start_time=start)
            stage_span.set_attribute("ocr.seconds", seconds)
            start += int(seconds * shrunk)
            stage_span.end(start)
        span.end(end)

    def close(self) -> None:
        """Send what is left, if somebody takes it soon: OpenTelemetry would try for 30 seconds."""
        sending = threading.Thread(target=self._provider.shutdown, daemon=True)
        sending.start()
        sending.join(_LAST_SECONDS)
        self._exporter.shutdown()


class _Exporter(SpanExporter):
    """OTLP over gRPC, that says once when the collector is away, and once when it is back."""

    def __init__(self) -> None:
        self._otlp = OTLPSpanExporter()
        self.is_away = False

    @override
    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = self._otlp.export(spans)
        is_away = result is not SpanExportResult.SUCCESS
        if is_away and not self.is_away:
            log.warning("trace collector is away; spans are dropped")
        elif self.is_away and not is_away:
            log.info("trace collector is back")
        self.is_away = is_away
        return result

    @override
    def shutdown(self) -> None:
        self._otlp.shutdown()


def _is_ours(details: Any) -> bool:
    """Whether to trace a call: not health checks, nor methods that anybody makes up."""
    return details.method.startswith("/ocr.v1.") and method_name(details.method) != OTHER


def _add_ids(
    _logger: object, _name: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Tell in each log line of a call which trace it belongs to."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event
