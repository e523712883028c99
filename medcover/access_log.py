"""Middleware that names every request, and tells of each answer: one log line, figures for `/metrics`, a span."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from medcover.common import reporting
from medcover.common.request_context import current_request, ids_of, request_id_of, route_of
from medcover.metrics.access import are_on

logger = logging.getLogger("medcover.access")

HEADER = "X-Request-ID"
#: Asked every few seconds by machines; a line each would drown the others.
PROBES = frozenset({"healthz", "readyz", "metrics"})
_GOOD_BELOW = 400

Observe = Callable[[HttpRequest, HttpResponseBase, float], None]


class AccessLog:
    """Middleware around all others; static files pass it by."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.observe = _figures() if are_on() else None
        self.static = settings.STATIC_URL

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as usual, with the name of the request in the head. The duration is until the answer begins."""
        if request.path_info.startswith(self.static):
            return self.get_response(request)
        begun = time.perf_counter()
        request.request_id = request_id_of(request)  # type: ignore[attr-defined]
        token = current_request.set(request)
        try:
            with _span(request) as span:
                response = self.get_response(request)
                response.headers[HEADER] = request.request_id  # type: ignore[attr-defined]
                self._tell(request, response, time.perf_counter() - begun)
                reporting.finish_span(span, request, response)
        finally:
            current_request.reset(token)
        return response

    def _tell(self, request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        if self.observe is not None:
            self.observe(request, response, seconds)
        level = _level(request, response)
        if logger.isEnabledFor(level):
            _write(level, request, response, seconds * 1000)


def _level(request: HttpRequest, response: HttpResponseBase) -> int:
    match = request.resolver_match
    is_probe = match is not None and match.url_name in PROBES and response.status_code < _GOOD_BELOW
    return logging.DEBUG if is_probe else logging.INFO


def _write(level: int, request: HttpRequest, response: HttpResponseBase, milliseconds: float) -> None:
    route, status, duration = route_of(request), response.status_code, round(milliseconds, 1)
    extra: dict[str, Any] = {
        "event": "request",
        "method": request.method,
        "path": route,
        "status": status,
        "duration_ms": duration,
    }
    if ids := ids_of(request):
        extra["ids"] = ids
    logger.log(level, "%s %s %d %.1f ms", request.method, route, status, duration, extra=extra)


def _span(request: HttpRequest) -> AbstractContextManager[Any]:
    return reporting.begin_span(request) if reporting.traces() else nullcontext()


def _figures() -> Observe:
    from medcover.metrics.http import observe

    return observe
