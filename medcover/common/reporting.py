"""OpenTelemetry and Sentry: by configuration alone. Without it neither library is imported.

Both get what a log line gets: patterns of addresses, kinds of errors and where they came about. No personal data by
construction: spans are made here, and of an error only what is listed below is passed on.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from medcover.common.request_context import current_request, route_of

_tracer: Any = None

#: What of an error goes to Sentry; breadcrumbs, requests, people, messages and values of variables do not.
_KEPT = frozenset({
    "event_id", "timestamp", "level", "platform", "logger", "release", "environment", "server_name", "sdk", "exception",
    "tags", "type",
})  # fmt: skip
_KEPT_OF_FRAMES = frozenset({"filename", "abs_path", "function", "module", "lineno", "in_app"})
_SERVER_ERROR = 500


def set_up() -> None:
    """Begin to report where the settings name somebody to report to; called once in each process."""
    if settings.SENTRY_DSN:
        _set_up_sentry(settings.SENTRY_DSN)
    if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
        _set_up_traces(settings.OTEL_EXPORTER_OTLP_ENDPOINT)


# --- Sentry -------------------------------------------------------------------------------------------------


def _set_up_sentry(dsn: str) -> None:
    import sentry_sdk
    from sentry_sdk.integrations.django import DjangoIntegration
    from sentry_sdk.integrations.logging import LoggingIntegration

    sentry_sdk.init(
        dsn=dsn,
        release=settings.VERSION,
        environment=settings.INSTANCE_NAME or None,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        default_integrations=False,
        integrations=[DjangoIntegration(middleware_spans=False), LoggingIntegration(level=None)],
        before_send=scrubbed,
    )


def scrubbed(event: Any, _hint: Any = None) -> Any:
    """Return of an event what may leave the house: no cookies, headers, bodies, queries, people, messages, values."""
    kept = {name: value for name, value in event.items() if name in _KEPT}
    for value in kept.get("exception", {}).get("values", ()):
        value.pop("value", None)
        value.pop("mechanism", None)
        for frame in (value.get("stacktrace") or {}).get("frames", ()):
            for name in frame.keys() - _KEPT_OF_FRAMES:
                del frame[name]
    if (request := current_request.get()) is not None:
        kept["transaction"] = f"{request.method} {route_of(request)}"
        kept["tags"] = {"request_id": request.request_id}  # type: ignore[attr-defined]
    else:
        kept.pop("tags", None)
    return kept


# --- OpenTelemetry ------------------------------------------------------------------------------------------


def _set_up_traces(endpoint: str) -> None:
    global _tracer
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    about = {"service.name": "medcover", "service.version": settings.VERSION}
    provider = TracerProvider(resource=Resource.create(about))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")))
    _tracer = provider.get_tracer("medcover")


def traces() -> bool:
    """Say whether requests are traced."""
    return _tracer is not None


def begin_span(request: HttpRequest) -> AbstractContextManager[Any]:
    """Open the span of a request, as part of the trace that the proxy has begun, if it has."""
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    parent = TraceContextTextMapPropagator().extract({"traceparent": request.META.get("HTTP_TRACEPARENT", "")})
    context: AbstractContextManager[Any] = _tracer.start_as_current_span(
        request.method, context=parent, kind=SpanKind.SERVER, record_exception=False, set_status_on_exception=False
    )
    return context


def finish_span(span: Any, request: HttpRequest, response: HttpResponseBase) -> None:
    """Say in the span what the request was and how it was answered."""
    if span is None:
        return
    from opentelemetry.trace import Status, StatusCode

    route = route_of(request)
    span.update_name(f"{request.method} {route}")
    span.set_attributes(
        {
            "http.request.method": request.method or "",
            "http.route": route,
            "http.response.status_code": response.status_code,
            "medcover.request_id": request.request_id,  # type: ignore[attr-defined]
        }
    )
    if response.status_code >= _SERVER_ERROR:
        span.set_status(Status(StatusCode.ERROR))
